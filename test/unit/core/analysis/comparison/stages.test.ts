/** Stages: part by part where rules are about one session, and left out where both sets say the same. */
import { describe, expect, it } from "vitest";
import { compare, type Relation } from "../../../../../src/core/analysis/comparison/compare.ts";
import { DecideLoop } from "../../../../../src/core/analysis/trial.ts";
import { MIRRORED, policies } from "../../../../support/compared-policies.ts";

const HEAD = "tools: { allow: all }\n";
const words = (...stages: readonly string[]): string =>
	`${HEAD}patterns:\n${stages.map((stage, index) => `  - { name: r${index}, substring: word${index}${stage} }\n`).join("")}`;
const calls = (max: number, scope: string, stage: string): string =>
	`${HEAD}limits: [{ name: l, measure: tool_calls, scope: ${scope}, max: ${max}${stage} }]\n`;
const taint = (scope: string, stage: string): string =>
	`${HEAD}sequences: [{ name: s, after: { tools: [a] }, then: { tools: [b] }, scope: ${scope}${stage} }]\n`;
const [TENTH, HALF, ALL] = [", stage: 10%", ", stage: 50%", ", stage: 100%"];

const ROWS: readonly (readonly [string, Relation, string, string])[] = [
	["a smaller share", "looser", words(TENTH), words(HALF)],
	["a share of what is in force for all", "looser", words(TENTH), words("")],
	["all sessions, in two spellings", "equal", words(ALL), words("")],
	["the same share, and another rule", "stricter", words(TENTH, ""), words(TENTH)],
	["shares that cross", "incomparable", words(TENTH, HALF), words(HALF, TENTH)],
	["a staged policy alone, without which nobody decides", "stricter", `stage: 10%\n${words("")}`, words("")],
	["a limit of sessions", "looser", calls(3, "session", TENTH), calls(3, "session", "")],
	["a lower limit for a share, of sessions", "stricter", calls(2, "session", HALF), calls(3, "session", HALF)],
	[
		"a limit of agents that is the same",
		"stricter",
		`${calls(3, "agent", HALF)}patterns: [{ name: r, substring: x }]\n`,
		calls(3, "agent", HALF),
	],
	["a sequence of sessions", "looser", taint("session", TENTH), taint("session", HALF)],
];

describe("sets with stages", () => {
	it.each(ROWS)("%s: %s", (_, relation, first, second) => {
		const [a, b] = [policies(first), policies(second)];
		expect(compare(a, b).relation).toBe(relation);
		expect(MIRRORED[relation]).toContain(compare(b, a).relation);
	});

	it.each([
		["a limit of agents", calls(3, "agent", TENTH), calls(3, "agent", HALF)],
		["a sequence of agents", taint("agent", TENTH), taint("agent", HALF)],
	])("%s counts calls of all parts, and is proven of none", (_, first, second) => {
		const [a, b] = [policies(first), policies(second)];
		expect(compare(a, b).isAtLeastAsStrict).not.toBe("yes");
		expect(compare(b, a).isAtLeastAsStrict).not.toBe("yes");
	});

	it("are looser where a policy beside another one is for a share", () => {
		const [a, b] = [policies(HEAD, `stage: 10%\n${words("")}`), policies(HEAD, words(""))];
		expect([compare(a, b).relation, compare(b, a).relation]).toEqual(["looser", "stricter"]);
	});

	it("tell of an exception of a staged policy in its sessions", () => {
		const lifting = (stage: string): string =>
			`${stage}${HEAD}exceptions: [{ name: e, rules: [p0/r0], owner: o, reason: r, expires: 2099-01-01T00:00:00Z }]\n`;
		const [a, b] = [policies(words(""), lifting("stage: 10%\n")), policies(words(""), lifting("stage: 50%\n"))];
		expect([compare(a, b).relation, compare(b, a).relation]).toEqual(["stricter", "looser"]);
	});

	it("shows a call of a session in which they differ", () => {
		const [a, b] = [policies(words(TENTH)), policies(words(HALF))];
		const [witness] = compare(a, b).witnesses;
		const call = witness?.calls[0];
		if (call === undefined) throw new Error("no witness");
		expect([a, b].map((set) => new DecideLoop(set).decide(call).verdict)).toEqual(["allow", "deny"]);
	});

	it("says of no rule that it is equal whose stage differs", () => {
		const { dimensions } = compare(policies(words(TENTH)), policies(words("")));
		expect(dimensions.find(({ dimension }) => dimension === "arguments")?.relation).toBe("looser");
	});
});
