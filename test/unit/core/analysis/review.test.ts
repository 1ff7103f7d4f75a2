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

	it.each([
		["the same in another order of words", limit(`${CALLS}, max: 5`), limit(`max: 5, ${CALLS}`)],
		["a lower maximum", limit(`${CALLS}, max: 5`), limit(`${CALLS}, max: 4`)],
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
