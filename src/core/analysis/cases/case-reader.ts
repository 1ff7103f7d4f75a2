/** From the text of a file of test cases to the cases, or to everything that is wrong with it, each with its place. */
import { type Problem, problem } from "../../base/errors.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { inOrder } from "../../policy/parse.ts";
import { schemaProblems } from "../../policy/schema-problems.ts";
import { readYaml, type YamlKind, type YamlPath, type YamlSource } from "../../policy/yaml-source.ts";
import { nameOfCall, readCall } from "./call-reader.ts";
import { CASES_FORM, type CasesDocument, casesSchema } from "./case-form.ts";
import type { PolicyCases, TestCase } from "./cases.ts";
import { type Layer, layerAt } from "./layers.ts";
import { CaseProblems } from "./problems.ts";
import { readRow } from "./row-reader.ts";
import { readSteps } from "./step-reader.ts";

const KIND: YamlKind = {
	noun: "test of policies",
	begin: "begin with `apiVersion: assent.dev/v1` and `kind: PolicyTest`",
};

/** Policies are those beside it: `pay.test.yaml` is about `pay.yaml`, where it names none. */
export function readCases(source: { readonly name: string; readonly text: string }): Result<PolicyCases, Problem[]> {
	const read = readYaml(source.name, source.text, KIND);
	if (!read.ok) return err(inOrder(read.error));
	const parsed = casesSchema.safeParse(read.value.data);
	if (!parsed.success) return err(inOrder(schemaProblems(parsed.error.issues, read.value, CASES_FORM)));
	const problems = new CaseProblems(read.value);
	const cases = casesOf(parsed.data, read.value, problems);
	if (cases.length === 0 && problems.found.length === 0) {
		const help = "write for instance `calls: [{ tool: bash, args: { command: ls }, expect: allow }]`";
		problems.found.push(
			problem("POLICY_SCHEMA", "the file has no case", help, { file: source.name, line: 1, column: 1 }),
		);
	}
	if (problems.found.length > 0) return err(inOrder(problems.found));
	const policies = (parsed.data.policies ?? [policyBeside(source.name)]).map((path, index) => ({
		path,
		place: read.value.placeOf(["policies", index]),
	}));
	return ok({ file: source.name, policies, cases });
}

const policyBeside = (file: string): string => (file.split("/").at(-1) ?? "").replace(/\.test(\.ya?ml)$/i, "$1");

function casesOf(document: CasesDocument, yaml: YamlSource, problems: CaseProblems): readonly TestCase[] {
	const common = layersOf(document.defaults, ["defaults"], yaml);
	const calls = document.calls.map((call, index): TestCase => {
		const path: YamlPath = ["calls", index];
		const layers = [layerAt(call, path, yaml), ...common];
		return single(layers, { name: call.name, problems });
	});
	const rows = document.tables.flatMap((table, at) => {
		const path: YamlPath = ["tables", at];
		const shared = [...layersOf(table.defaults, [...path, "defaults"], yaml), ...common];
		return table.rows.flatMap((_, index): TestCase[] => {
			const own = readRow(table, { path, index, yaml, problems });
			if (own === null) return [];
			const name = own.value.name ?? (table.name === undefined ? undefined : `${table.name}, row ${index + 1}`);
			return [single([own, ...shared], { name, problems })];
		});
	});
	const histories = document.histories.map((history, index): TestCase => {
		const path: YamlPath = ["histories", index];
		const shared = [...layersOf(history.defaults, [...path, "defaults"], yaml), ...common];
		const steps = readSteps(history.steps, { path: [...path, "steps"], shared, yaml, problems });
		return { name: history.name ?? `history ${index + 1}`, place: yaml.placeOf(path), steps };
	});
	return [...calls, ...rows, ...histories];
}

const layersOf = (defaults: CasesDocument["defaults"], path: YamlPath, yaml: YamlSource): readonly Layer[] =>
	defaults === undefined ? [] : [layerAt(defaults, path, yaml)];

/** A call that is a case of its own. */
function single(
	layers: readonly Layer[],
	{ name, problems }: { readonly name: string | undefined; readonly problems: CaseProblems },
): TestCase {
	const step = readCall(layers, { id: "1", start: null, isVerdictNeeded: true, problems });
	const [own] = layers;
	const place = own?.placeOf([]) ?? problems.placeOf([]);
	return {
		name: name ?? nameOfCall(step.call),
		place,
		steps: [{ kind: "call", place, isOpen: false, ...step }],
	};
}
