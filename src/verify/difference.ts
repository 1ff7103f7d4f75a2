/** How an entry differs from the one that its input gives, for whoever looks for why: field by field, the first of them. */
import type { LedgerEntry } from "../core/model/entries.ts";

const TOLD_MAX = 3;
const LENGTH_MAX = 80;

/** The end of a sentence that begins with the entry. */
export function differenceOf(recorded: LedgerEntry, again: LedgerEntry): string {
	const differing = [...fieldsThatDiffer(recorded, again, "")];
	if (differing.length === 0) return "is written otherwise than it comes out";
	const told = differing
		.slice(0, TOLD_MAX)
		.map(({ path, is, due }) => `has \`${path}\` ${shown(is)} where ${shown(due)} comes out`);
	const more = differing.length - told.length;
	return `${told.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

interface Differing {
	readonly path: string;
	readonly is: unknown;
	readonly due: unknown;
}

function* fieldsThatDiffer(is: unknown, due: unknown, path: string): Generator<Differing> {
	if (JSON.stringify(is) === JSON.stringify(due)) return;
	if (!isObject(is) || !isObject(due)) {
		yield { path, is, due };
		return;
	}
	for (const name of new Set([...Object.keys(is), ...Object.keys(due)]))
		yield* fieldsThatDiffer(is[name], due[name], path === "" ? name : `${path}.${name}`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
	const text = value === undefined ? "nothing" : JSON.stringify(value);
	return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
}
