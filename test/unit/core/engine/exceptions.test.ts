/** Rules that exceptions lift, as the ledger tells of them. */
import { describe, expect, it } from "vitest";
import { explain } from "../../../../src/core/engine/explain.ts";
import { violationsOf } from "../../../../src/core/ledger/projections/violations.ts";
import { instantText } from "../../../../src/core/model/instant.ts";
import { decisionReading } from "../../../../src/core/model/readings.ts";
import { HOUR } from "../../../../src/core/model/units.ts";
import { type Act, given, granted, intent, policies, policyText, wait } from "../../../support/engine.ts";
import { START } from "../../../support/engine-world.ts";

const guard = policies(
	policyText(
		"guard",
		`approvals: {default: {approvers: [alice, bob], quorum: 2, expires: 1d}}
patterns: [{name: no-rm, substring: rm, severity: critical}, {name: ask, substring: mv, effect: hold}]
exceptions: [{name: trial, rules: [no-rm, ask], owner: ann, reason: a trial, expires: '${instantText(START + HOUR)}'}]`,
	),
);
const rm = { args: { command: "rm x" } };

const lastOf = (...acts: Act[]) => given(...acts).world.last;

describe("a rule that is lifted", () => {
	it("does not count, breaks nothing, and is told with its place in the entry and in words", () => {
		const last = lastOf(guard, intent(rm));
		if (last.kind !== "decision.made") throw new Error(last.kind);
		expect(last.verdict).toBe("allow");
		expect(last.decision.reasons).toMatchObject([
			{
				rule: {
					code: "exception.used",
					policy: "guard",
					name: "trial",
					effect: "deny",
					mode: "audit",
					severity: "critical",
				},
				span: { pointer: "/command", start: 0, end: 2 },
			},
		]);
		expect(violationsOf(last)).toEqual([]);
		expect(explain({ ...decisionReading(last.decision, last.call), verdict: last.verdict }).slice(0, 2)).toEqual([
			"allow: the tool is admitted and no rule forbids the call",
			`  not denied (exception)  guard/trial  exception.used  at /command[0..2]  lifts \`no-rm\` until ${instantText(START + HOUR)} for ann: a trial`,
		]);
	});

	it("counts again once the exception has expired by the log's own time", () => {
		expect(lastOf(guard, wait(HOUR - 1), intent(rm))).toMatchObject({ verdict: "allow" });
		expect(lastOf(guard, wait(HOUR), intent(rm))).toMatchObject({ verdict: "deny" });
	});

	it("of a hold waits for nobody, and does again in what is decided after the end", () => {
		expect(lastOf(guard, intent({ args: { command: "mv" } }))).toMatchObject({
			kind: "decision.made",
			verdict: "allow",
		});
		const held = policies(
			policyText("guard", "approvals: {default: {approvers: [alice], expires: 1d}}", {
				tools: "{allow: all, hold: [x]}",
			}),
			policyText(
				"other",
				`approvals: {default: {approvers: [alice], expires: 1d}}
patterns: [{name: no-rm, substring: rm}]
exceptions: [{name: trial, rules: [no-rm], owner: ann, reason: a trial, expires: '${instantText(START + HOUR)}'}]`,
			),
		);
		const asked = [held, intent({ id: "h", tool: "x", ...rm })];
		expect(lastOf(...asked)).toMatchObject({
			kind: "decision.held",
			requirements: [{ policy: "guard" }],
			decision: { reasons: [{ rule: { code: "tool.held" } }, { rule: { code: "exception.used" } }] },
		});
		expect(lastOf(...asked, granted("h", "alice"))).toMatchObject({
			result: "allow",
			decision: { reasons: [{ rule: { code: "exception.used" } }] },
		});
		expect(lastOf(...asked, wait(HOUR), granted("h", "alice"))).toMatchObject({
			result: "deny",
			decision: { reasons: [{ rule: { code: "pattern.matched" } }] },
		});
	});
});
