/**
 * `npm run classify-score FILE`: how well the classifier does on labelled calls, one JSON object a line with `{id, tool,
 * args, label, also?, kind?, half?, dangerous?}`. `--errors N` lists misses, `--kind NAME` and `--half NAME` take only those lines.
 * `--policy FILE` counts as dangerous what the policy denies or holds: each call alone, without budgets.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { JsonObject } from "../../src/core/base/json.ts";
import { type Category, isDangerous } from "../../src/core/classify/category.ts";
import { classify } from "../../src/core/classify/classify.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { type Labelled, report, type Scored } from "./report.ts";

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		errors: { type: "string", default: "0" },
		kind: { type: "string" },
		half: { type: "string" },
		policy: { type: "string" },
	},
});
const [path] = positionals;
if (path === undefined) {
	process.stderr.write("classify-score: name a file of labelled calls\n");
	process.exit(2);
}
const lines = readFileSync(path, "utf8")
	.split("\n")
	.filter((line) => line !== "")
	.map((line) => JSON.parse(line) as Labelled & { readonly tool: string; readonly args: JsonObject })
	.filter(({ kind }) => values.kind === undefined || kind?.startsWith(values.kind) === true)
	.filter(({ half }) => values.half === undefined || half === values.half);
const policy = values.policy === undefined ? null : stopsOf(values.policy);
const began = performance.now();
const scored = lines.map((line): Scored => {
	const { category, dangerous, categories } = classify({ tool: line.tool, args: line.args });
	const stops = policy?.(line.tool, line.args) ?? null;
	return {
		line,
		text: `${line.tool} ${JSON.stringify(line.args)}`,
		said: category,
		isSaidDangerous: stops === null ? dangerous : stops.length > 0,
		isDangerous: line.dangerous ?? [line.label, ...(line.also ?? [])].some((one) => isDangerous(one as Category)),
		why: stops ?? categories.map((one) => `${one.category} ${one.confidence} (${one.rules.slice(0, 3).join(", ")})`),
	};
});
const micros = ((performance.now() - began) * 1_000) / Math.max(1, lines.length);
process.stdout.write(report(scored, { errorsMax: Number(values.errors), micros }));

/** The names of the rules of a policy file that stop a call. */
function stopsOf(file: string): (tool: string, args: JsonObject) => readonly string[] {
	const compiled = compilePolicies([{ name: file, text: readFileSync(file, "utf8") }], { budgetRoot: "tenant/agent" });
	if (!compiled.ok) throw compiled.error;
	return (tool, args) =>
		compiled.value
			.evaluate({ tenant: "acme", agent: "worker", session: "s", facts: null, tool, args, at: 0 })
			.fired.filter(({ reason }) => reason.rule.mode === "enforce")
			.map(({ reason }) => `${reason.rule.effect} ${reason.rule.name}`);
}
