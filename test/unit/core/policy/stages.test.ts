/** Stages: who is in, that it does not change, and that everything else is as in audit mode. */
import { describe, expect, it } from "vitest";
import { formatProblem } from "../../../../src/core/base/errors.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { readPolicy } from "../../../../src/core/policy/parse.ts";
import { shareOfSession, shareOfStage } from "../../../../src/core/policy/stages.ts";
import { lintPolicy } from "../../../support/lint.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";
const session = (number: number) => ({ tenant: "acme", agent: "coder", session: `run-${number}` });
const SESSIONS = Array.from({ length: 20_000 }, (_, number) => session(number));

function compile(text: string) {
	const compiled = compilePolicies([{ name: "p.yaml", text: HEAD + text }], { budgetRoot: "tenant/agent" });
	if (!compiled.ok) throw new Error(compiled.error.map(formatProblem).join("\n"));
	return compiled.value;
}

describe("where a session is", () => {
	it("is what the documented hash says, for ever", () => {
		expect([0, 1, 2, 3].map((number) => shareOfSession(session(number)))).toEqual(GOLDEN);
		expect(shareOfSession({ tenant: "a/b", agent: "ä", session: "" })).toBe(ODD);
	});

	it("is spread evenly: each tenth of the scale has a tenth of the sessions", () => {
		const tenths = new Array<number>(10).fill(0);
		for (const one of SESSIONS) {
			const tenth = Math.floor(shareOfSession(one) / 1_000);
			tenths[tenth] = (tenths[tenth] ?? 0) + 1;
		}
		// Five standard deviations of 20,000 draws with a chance of a tenth.
		for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(213);
	});
});

describe("a staged rule", () => {
	const text = (stage: string) => `tools: { allow: [bash, mail], deny: [{ name: d, tools: [mail], stage: ${stage} }] }
patterns: [{ name: r, substring: rm, stage: ${stage} }, { name: always, substring: dd }]
conditions: [{ name: c, when: { in: args.n, number: '> 5' }, stage: ${stage} }]
sequences: [{ name: s, after: { tools: [bash] }, then: { tools: [mail] }, stage: ${stage} }]
limits: [{ name: l, measure: tool_calls, scope: agent, max: 1, stage: ${stage} }]
`;

	it("has force for its share of the sessions and records for the others, of whatever kind it is", () => {
		const set = compile(text("12.5%"));
		let enforced = 0;
		for (const one of SESSIONS.slice(0, 4_000)) {
			const isIn = shareOfSession(one) < 1_250;
			const mode = isIn ? "enforce" : "audit";
			const { fired, limits, isEnforced, completes } = set.evaluate({
				...one,
				tool: "mail",
				args: { n: 9, a: "rm dd" },
			});
			expect(fired.map(({ reason }) => `${reason.rule.name} ${reason.rule.mode}`)).toEqual([
				`d ${mode}`,
				`r ${mode}`,
				"always enforce",
				`c ${mode}`,
			]);
			expect(limits.map((limit) => limit.mode)).toEqual([mode]);
			expect(completes.map((each) => each.fired.reason.rule.mode)).toEqual([mode]);
			expect(set.limit("p", "l", one)?.mode).toBe(mode);
			expect(isEnforced).toBe(true);
			enforced += isIn ? 1 : 0;
		}
		expect(Math.abs(enforced - 500)).toBeLessThan(105);
	});

	it("keeps the sessions that it has when its share grows", () => {
		const [few, more] = [compile(text("5%")), compile(text("50%"))];
		const denies = (set: typeof few, one: (typeof SESSIONS)[number]): boolean =>
			set.evaluate({ ...one, tool: "bash", args: { a: "rm" } }).fired[0]?.reason.rule.mode === "enforce";
		for (const one of SESSIONS.slice(0, 2_000)) if (denies(few, one)) expect(denies(more, one)).toBe(true);
	});

	it("has force where nobody knows the session, at 100 % for all, and at 0 % for none", () => {
		const modeOf = (stage: string, of: object) =>
			compile(text(stage)).evaluate({ tenant: "a", agent: "b", ...of, tool: "bash", args: { a: "rm" } }).fired[0]
				?.reason.rule.mode;
		expect(modeOf("0.01%", {})).toBe("enforce");
		for (const { session } of SESSIONS.slice(0, 50)) {
			expect([modeOf("100%", { session }), modeOf("0%", { session })]).toEqual(["enforce", "audit"]);
		}
	});

	it("does not keep a tool from the default", () => {
		const set = compile(
			"tools: { default: deny, hold: [{ name: h, tools: [a], stage: 50% }] }\napprovals: { default: { approvers: [x] } }\n",
		);
		for (const one of SESSIONS.slice(0, 20)) {
			const [first] = set.evaluate({ ...one, tool: "a", args: {} }).fired;
			expect(first?.reason.rule).toMatchObject({ name: "tools.default", mode: "enforce" });
		}
	});
});

describe("a staged policy", () => {
	it("is in audit mode for the others, with all that it says: it admits nobody and owes nothing", () => {
		const set = compile(
			"stage: 30%\ntools: { allow: [a] }\npatterns: [{ name: r, substring: rm, stage: 10% }]\nobligations: [{ message: m }]\n",
		);
		for (const one of SESSIONS.slice(0, 500)) {
			const share = shareOfSession(one);
			const { isEnforced, fired, obligations } = set.evaluate({ ...one, tool: "b", args: { a: "rm" } });
			expect(isEnforced).toBe(share < 3_000);
			expect(fired.map(({ reason }) => reason.rule.mode)).toEqual([
				share < 3_000 ? "enforce" : "audit",
				share < 1_000 ? "enforce" : "audit",
			]);
			expect(obligations.messages).toEqual(share < 3_000 ? ["m"] : []);
		}
		expect(set.policies[0]?.stages).toEqual([
			{ rule: null, below: 3_000 },
			{ rule: "r", below: 1_000 },
		]);
	});
});

describe("an exception of a staged policy", () => {
	it("lifts rules of other policies for its share of the sessions alone", () => {
		const other = "tools: { allow: all }\npatterns: [{ name: no-rm, substring: rm }]\n";
		const lifting = `stage: 30%
tools: { allow: all }
patterns: [{ name: own, substring: rm }]
exceptions: [{ name: e, rules: [own, o/no-rm], owner: ann, reason: needed, expires: 2099-01-01T00:00:00Z }]
`;
		const compiled = compilePolicies(
			[
				{ name: "o.yaml", text: HEAD.replace("name: p", "name: o") + other },
				{ name: "p.yaml", text: HEAD + lifting },
			],
			{ budgetRoot: "tenant/agent" },
		);
		if (!compiled.ok) throw new Error(compiled.error.map(formatProblem).join("\n"));
		for (const one of SESSIONS.slice(0, 500)) {
			const { fired } = compiled.value.evaluate({ ...one, tool: "sh", args: { a: "rm" }, at: 1 });
			const forces = fired.filter(({ reason }) => reason.rule.mode === "enforce").map(({ reason }) => reason.rule.name);
			expect(forces).toEqual(shareOfSession(one) < 3_000 ? [] : ["no-rm"]);
		}
	});
});

describe("a stage", () => {
	it.each([
		["0%", 0],
		["0.05%", 5],
		["33.3%", 3_330],
		["99.99%", 9_999],
		["100%", 10_000],
	])("%s is %d hundredths of a percent", (text, share) => {
		expect(shareOfStage(text)).toBe(share);
	});

	const said = (text: string): string[] => {
		const read = readPolicy({ name: "p.yaml", text: HEAD + text });
		return read.ok
			? []
			: read.error.map(({ message, help, place }) => `${place?.line}:${place?.column} ${message}; ${help}`);
	};

	it.each([
		["10", "4:8 `stage` must be a text, not `10`; write a share of the sessions, such as `stage: 10%`"],
		[
			"101%",
			"4:8 `stage` cannot be `101%`: a stage is a share of the sessions, such as `10%` or `0.5%`; write a share of the sessions, such as `stage: 10%`",
		],
		["0.1", "4:8 `stage` must be a text, not `0.1`; write a share of the sessions, such as `stage: 10%`"],
	])("cannot be %s", (stage, expected) => {
		expect(said(`stage: ${stage}\ntools: { allow: [a] }\n`)).toEqual([expected]);
	});

	it("has no meaning in audit mode, and there are at most eight of them", () => {
		const idle = "`stage` has no meaning in audit mode";
		expect(said("mode: audit\nstage: 5%\ntools: { allow: [a] }\n")[0]).toContain(`5:1 ${idle}`);
		expect(said("tools: { allow: [a], deny: [{ name: d, tools: [a*], mode: audit, stage: 5% }] }\n")[0]).toContain(
			`4:66 ${idle}`,
		);
		const many = Array.from({ length: 9 }, (_, at) => `  - { name: r${at}, substring: x${at}, stage: ${at + 1}% }\n`);
		const compiled = compilePolicies(
			[{ name: "p.yaml", text: `${HEAD}tools: { allow: [a] }\npatterns:\n${many.join("")}` }],
			{ budgetRoot: "tenant" },
		);
		expect(compiled.ok ? [] : compiled.error).toMatchObject([{ code: "POLICY_LIMITS", place: { line: 3 } }]);
		expect(lintPolicy({ name: "p.yaml", text: `${HEAD}stage: 5%\ntools: { allow: [a] }\n` }).ok).toBe(true);
	});
});

const GOLDEN: readonly number[] = [4032, 7952, 190, 4945];
const ODD = 7652;
