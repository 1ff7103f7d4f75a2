/**
 * `npm run false-stops -- FILE…`: how many sessions the shipped rules of `sequences` stop that nothing else would have stopped. A FILE
 * has calls with their `session`, or labelled calls as `classify-score` takes them, of which the harmless ones are made sessions of.
 * Without a FILE the demo's sessions. `--policy FILE` for other policies; `--show N` for some of what was stopped. Of sessions that are made:
 * `--sessions N` of each kind, `--seed N`, `--first '{"tool": …, "args": …}'`, which each of them begins with.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { playSession } from "./played.ts";
import { report } from "./report.ts";
import { sessionsOf, type ToolCall } from "./sessions.ts";

const root = join(import.meta.dirname, "../..");

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		policy: { type: "string", multiple: true },
		sessions: { type: "string", default: "200" },
		seed: { type: "string", default: "1" },
		first: { type: "string" },
		show: { type: "string", default: "0" },
	},
});

const shipped = ["baseline", "session-taint"].map((name) => join(root, "policies", `${name}.yaml`));
const compiled = compilePolicies(
	(values.policy ?? shipped).map((name) => ({ name, text: readFileSync(name, "utf8") })),
	{ budgetRoot: "tenant" },
);
if (!compiled.ok) throw compiled.error;
const policies = compiled.value;
const rules = policies.policies.flatMap(({ sequences }) => sequences.map(({ sequence }) => sequence.sequence));

const made = {
	sessions: Number(values.sessions),
	seed: Number(values.seed),
	first: values.first === undefined ? null : (JSON.parse(values.first) as ToolCall),
};
const files = positionals.length === 0 ? [join(root, "examples/demo/calls.jsonl")] : positionals;
for (const file of files) {
	for (const group of sessionsOf(file, made)) {
		const played = group.sessions.map((calls, index) => playSession(policies, `agent-${index}`, calls));
		process.stdout.write(`${file}: ${group.name}\n${report(group, { played, rules, shownMax: Number(values.show) })}`);
	}
}
