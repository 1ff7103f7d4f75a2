/** A row of a table of calls: its cells become the keys that the columns name, and what is wrong with one is told at its cell. */
import type { Place } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { suggest } from "../../base/suggestion.ts";
import { schemaProblems } from "../../policy/schema-problems.ts";
import type { YamlPath, YamlSource } from "../../policy/yaml-source.ts";
import { CALL_KEYS, CASES_FORM, type CasesDocument, callSchema } from "./case-form.ts";
import type { Layer } from "./layers.ts";
import type { CaseProblems } from "./problems.ts";

export interface RowReading {
	/** Of the table. */
	readonly path: YamlPath;
	readonly index: number;
	readonly yaml: YamlSource;
	readonly problems: CaseProblems;
}

const ROW_FORM = { ...CASES_FORM, schema: callSchema };

/** Null where something is wrong, which is told to `problems`. */
export function readRow(
	{ columns, rows }: CasesDocument["tables"][number],
	{ path, index, yaml, problems }: RowReading,
): Layer | null {
	const cells = rows[index] ?? [];
	if (!checkColumns(columns, { path, yaml, problems })) return null;
	const rowPath = [...path, "rows", index];
	if (cells.length > columns.length) {
		const message = `the row has ${cells.length} cells, and the table ${columns.length} columns`;
		problems.add(
			message,
			"put quotes around a cell with a comma, or add a column",
			yaml.placeOf([...rowPath, columns.length]),
		);
		return null;
	}
	const steps = columns.map((column, at) => stepsOf(column, cells[at]));
	const data: Record<string, Json> = {};
	for (const [at, to] of steps.entries()) {
		const cell = cells[at];
		if (cell !== undefined && cell !== null) put(data, to, cell);
	}
	const placeOf = (below: YamlPath): Place => {
		const at = steps.findIndex((to) => to.every((step, depth) => below[depth] === step));
		return yaml.placeOf(at < 0 || cells[at] === undefined ? rowPath : [...rowPath, at]);
	};
	const parsed = callSchema.safeParse(data);
	if (parsed.success) return { value: parsed.data, placeOf };
	problems.found.push(...schemaProblems(parsed.error.issues, { data, placeOf, placeOfKey: placeOf }, ROW_FORM));
	return null;
}

/** A verdict alone stands in a column `expect`. */
const stepsOf = (column: string, cell: Json | undefined): readonly string[] =>
	column === "expect" && typeof cell === "string" ? ["expect", "verdict"] : column.split(".");

function checkColumns(
	columns: readonly string[],
	{ path, yaml, problems }: Pick<RowReading, "path" | "yaml" | "problems">,
): boolean {
	let areGood = true;
	const add = (at: number, message: string, help: string): void => {
		areGood = false;
		problems.add(message, help, yaml.placeOf([...path, "columns", at]));
	};
	for (const [at, column] of columns.entries()) {
		const [key = "", ...below] = column.split(".");
		const before = columns
			.slice(0, at)
			.find((other) => other === column || isBelow(other, column) || isBelow(column, other));
		if (!CALL_KEYS.includes(key)) add(at, `no call has a key \`${key}\``, suggest(key, CALL_KEYS));
		else if (below.some((step) => step === "" || step === "__proto__"))
			add(at, `\`${column}\` names no key`, "write for instance `args.command`");
		else if (before !== undefined && key !== "expect")
			add(at, `the columns \`${before}\` and \`${column}\` say the same`, "keep one of them");
		else if (before === column) add(at, `two columns are \`${column}\``, "keep one of them");
	}
	return areGood;
}

const isBelow = (path: string, above: string): boolean => path.startsWith(`${above}.`);

function put(data: Record<string, Json>, [step = "", ...below]: readonly string[], cell: Json): void {
	if (below.length === 0) {
		data[step] = cell;
		return;
	}
	const next = Object.hasOwn(data, step) ? data[step] : undefined;
	const map = next !== null && typeof next === "object" && !Array.isArray(next) ? (next as Record<string, Json>) : {};
	data[step] = map;
	put(map, below, cell);
}
