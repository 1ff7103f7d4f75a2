import { describe, expect, it } from "vitest";
import { compare } from "../../../../src/core/analysis/comparison/compare.ts";
import { restartsOf } from "../../../../src/core/analysis/comparison/restarts.ts";
import { reviewOf } from "../../../../src/core/analysis/review.ts";
import { ALL, policies } from "../../../support/compared-policies.ts";

const limit = (more: string): string => `${ALL}limits: [{ ${more} }]\n`;
const sequence = (more: string): string =>
	`${ALL}sequences: [{ after: { tools: [read_secret] }, then: { tools: ['http.*'] }, ${more} }]\n`;

const CALLS = "name: calls, measure: tool_calls, scope: agent";
const TAINT = "name: taint, scope: agent, within: 1h";

describe("one set in place of another", () => {
	it.each([
		[
			"a limit of another name",
			limit(`${CALLS}, max: 5`),
			limit(`${CALLS.replace("calls", "c")}, max: 5`),
			"limit p0/calls",
		],
		["a limit of another window", limit(`${CALLS}, max: 5, per: 1h`), limit(`${CALLS}, max: 5`), "limit p0/calls"],
		["no limit, and no tools", limit(`${CALLS}, max: 5`), "tools: { allow: none }", "limit p0/calls"],
		["a sequence of another name", sequence(TAINT), sequence(TAINT.replace("taint", "t")), "sequence p0/taint"],
		["a sequence of wider scope", sequence(TAINT.replace("agent", "session")), sequence(TAINT), "sequence p0/taint"],
	])("starts counts again where there is %s, and needs a second operator", (_what, inForce, next, restarted) => {
		const [before, after] = [policies(inForce), policies(next)];
		expect(["equal", "stricter"]).toContain(compare(after, before).relation);
		expect(restartsOf(before, after).map(({ kind, policy, name }) => `${kind} ${policy}/${name}`)).toEqual([restarted]);
		expect(reviewOf(before, after).isNeeded).toBe(true);
	});

	const EMPTIED_LIMIT = "name: calls, measure: tool_calls, scope: agent, max: 5";
	const BESIDE = "name: beside, measure: tool_calls, scope: agent, max: 5";
	it.each([
		["tools", `${EMPTIED_LIMIT}, tools: [nothing]`, ""],
		["its maximum", EMPTIED_LIMIT.replace("5", "500"), ""],
		["its mode", `${EMPTIED_LIMIT}, mode: audit`, ""],
		["its effect", `${EMPTIED_LIMIT}, effect: hold`, "approvals: { default: { approvers: ['*'], expires: 1h } }\n"],
	])("does not go on where a limit is kept with %s changed, beside a new one", (_what, kept, more) => {
		const before = policies(limit(EMPTIED_LIMIT));
		const after = policies(`${more}${ALL}limits: [{ ${kept} }, { ${BESIDE} }]\n`);
		expect(compare(after, before).isAtLeastAsStrict).toBe("yes");
		expect(restartsOf(before, after)).toEqual([{ kind: "limit", policy: "p0", name: "calls", next: "less" }]);
		expect(reviewOf(before, after).isNeeded).toBe(true);
	});

	it("does not go on where a limit is kept for a share of the sessions, beside a new one", () => {
		const ofSession = (text: string): string => text.replace("scope: agent", "scope: session");
		const before = policies(limit(ofSession(EMPTIED_LIMIT)));
		const after = policies(`${ALL}limits: [{ ${ofSession(EMPTIED_LIMIT)}, stage: 10% }, { ${ofSession(BESIDE)} }]\n`);
		expect(compare(after, before).isAtLeastAsStrict).toBe("yes");
		expect(reviewOf(before, after)).toMatchObject({ isNeeded: true, restarts: [{ name: "calls", next: "less" }] });
	});

	it("does not go on where the policy of a limit is for fewer agents, beside a new policy", () => {
		const before = policies(limit(EMPTIED_LIMIT));
		const after = policies(`appliesTo: { agents: [nobody] }\n${limit(EMPTIED_LIMIT)}`, limit(BESIDE));
		expect(compare(after, before).isAtLeastAsStrict).toBe("yes");
		expect(reviewOf(before, after)).toMatchObject({ isNeeded: true, restarts: [{ name: "calls", next: "less" }] });
	});

	const HTTP = "then: { tools: ['http.*'] }";
	it.each([
		["after", `after: { tools: [nothing] }, ${HTTP}, ${TAINT}`, ""],
		["then", `after: { tools: [read_secret] }, then: { tools: [nothing] }, ${TAINT}`, ""],
		["its time", `after: { tools: [read_secret] }, ${HTTP}, ${TAINT.replace("1h", "1s")}`, ""],
		["its mode", `after: { tools: [read_secret] }, ${HTTP}, ${TAINT}, mode: audit`, ""],
		["a test", `after: { tools: [read_secret], when: [{ in: args.x, oneOf: [y] }] }, ${HTTP}, ${TAINT}`, ""],
		[
			"an exception",
			`after: { tools: [read_secret] }, ${HTTP}, ${TAINT}`,
			"exceptions: [{ name: e, rules: [taint], owner: o, reason: r, expires: 2099-01-01T00:00:00Z }]\n",
		],
	])("does not go on where a sequence is kept with %s changed, beside a new one", (_what, kept, more) => {
		const before = policies(sequence(TAINT));
		const beside = `after: { tools: [read_secret] }, ${HTTP}, ${TAINT.replace("taint", "beside")}`;
		const after = policies(`${more}${ALL}sequences: [{ ${kept} }, { ${beside} }]\n`);
		expect(compare(after, before).isAtLeastAsStrict).toBe("yes");
		expect(restartsOf(before, after)).toEqual([{ kind: "sequence", policy: "p0", name: "taint", next: "less" }]);
		expect(reviewOf(before, after).isNeeded).toBe(true);
	});

	it.each([
		["the same in another order of words", limit(`${CALLS}, max: 5`), limit(`max: 5, ${CALLS}`)],
		["a lower maximum", limit(`${CALLS}, max: 5`), limit(`${CALLS}, max: 4`)],
		["more tools", limit(`${CALLS}, max: 5, tools: ['http.*']`), limit(`${CALLS}, max: 5, tools: ['http*', mail]`)],
		["a longer time", sequence(TAINT), sequence(TAINT.replace("1h", "2h"))],
		["another limit beside", ALL, limit(`${CALLS}, max: 5`)],
		["no more records of a limit without force", limit(`${CALLS}, max: 5, mode: audit`), ALL],
		["no more records of a sequence without force", sequence(`${TAINT}, mode: audit`), ALL],
	])("goes on counting under %s, by the word of one operator", (_what, inForce, next) => {
		const [before, after] = [policies(inForce), policies(next)];
		expect(restartsOf(before, after)).toEqual([]);
		expect(reviewOf(before, after)).toMatchObject({ isNeeded: false });
	});

	it("needs a second operator where it is looser", () => {
		expect(reviewOf(policies("tools: { allow: none }"), policies(ALL))).toMatchObject({
			isNeeded: true,
			restarts: [],
		});
	});
});
