/** How often the shipped rules of sequences stop sessions in which nothing is wrong, as `npm run false-stops` counts it. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { playSession } from "../../tools/false-stops/played.ts";
import { sessionsOf } from "../../tools/false-stops/sessions.ts";

const DEMO = "examples/demo/calls.jsonl";
const LABELLED = "../shared/data/tool-calls-dev.jsonl";
/** Of a hundred sessions, two. */
const SHARE_MAX = 0.02;

const NAIVE = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: naive }
tools: { allow: all }
sequences:
  - name: web-then-command
    after: { intents: { categories: [network_access] } }
    then: { tools: ['*{bash,shell,command,terminal,python,code}*'] }
`;

const shipped = (name: string) => readFileSync(`policies/${name}.yaml`, "utf8");

/** By group of sessions, the share of those in which nothing but a sequence stopped a call. */
function shares(file: string, policies: readonly string[]): readonly (readonly [group: string, share: number])[] {
	const compiled = compilePolicies(
		policies.map((text, index) => ({ name: `${index}.yaml`, text })),
		{ budgetRoot: "tenant" },
	);
	if (!compiled.ok) throw compiled.error;
	return sessionsOf(file, { sessions: 25, seed: 7, first: null }).map(({ name, sessions }) => {
		const stopped = sessions.filter((calls) => playSession(compiled.value, "worker", calls).stopped.size > 0);
		return [name, stopped.length / sessions.length] as const;
	});
}

const both = [shipped("baseline"), shipped("session-taint")];
const isOver = ([, share]: readonly [string, number]) => share > SHARE_MAX;

it("is at most two of a hundred of the demo's sessions", () => {
	expect(shares(DEMO, both).filter(isOver)).toEqual([]);
});

it("is more than that where a rule stops every command behind a download", () => {
	expect(shares(DEMO, [shipped("baseline"), NAIVE])[0]?.[1]).toBeGreaterThan(0.1);
});

it.runIf(existsSync(LABELLED))("is at most two of a hundred sessions of harmless calls", () => {
	expect(shares(LABELLED, both).filter(isOver)).toEqual([]);
});
