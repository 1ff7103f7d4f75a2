/** What a model is told: the reason, and what helps against it. */
import { describe, expect, it } from "vitest";
import { ToolCallDenied, ToolCallTimedOut } from "../../../src/client/call-errors.ts";
import { type Decision, undecided } from "../../../src/client/decision.ts";
import { ENGINE_REASONS, type EngineReason, engineReason } from "../../../src/core/engine/reasons.ts";
import type { Measure } from "../../../src/core/model/counters.ts";
import type { IntentSubmitted } from "../../../src/core/model/inputs.ts";
import { type BudgetReading, type ReasonReading, reasonReading } from "../../../src/core/model/readings.ts";
import { HOUR } from "../../../src/core/model/units.ts";

const INTENT = { id: "c", tool: "t" } as IntentSubmitted;
const base: Decision = { ...undecided(INTENT, "timeout"), source: "reply" };

const engineReading = (code: EngineReason): ReasonReading => reasonReading(engineReason(code));

const reason = (of: Partial<ReasonReading>): ReasonReading => ({
	...engineReading("budget.exhausted"),
	policy: "p",
	rule: "l",
	...of,
});

const reading = (measure: Measure, of: Partial<BudgetReading> = {}): BudgetReading => ({
	policy: "p",
	limit: "l",
	measure,
	windowMs: 0,
	scopeKey: "k",
	max: 10,
	before: 10,
	after: 10,
	...of,
});

const denied = (reasons: readonly ReasonReading[], budgets: readonly BudgetReading[] = []): Decision => ({
	...base,
	verdict: "deny",
	reasons,
	budgets,
});
const over = (measure: Measure, of: Partial<BudgetReading> = {}) =>
	denied([reason({ message: "over" })], [reading(measure, of)]);

const CHANGE = "Do not repeat it unchanged; choose another way or ask the user.";

describe("the message for the model", () => {
	it.each<[string, Decision, string]>([
		["a rule", denied([reason({ code: "tool.denied", message: "no" })]), `was denied: no. ${CHANGE}`],
		["concurrency", over("concurrent_calls"), "Wait until a call that is running has ended, then call it again."],
		["a rate", over("tool_calls", { windowMs: HOUR }), "Wait, then call it again: the limit is for each 1 h."],
		[
			"a window of tokens",
			over("tokens", { windowMs: 90_000 }),
			"Wait, then call it again: the limit is for each 90 s.",
		],
		["a budget for life", over("cost"), "Waiting does not help: tell the user"],
		["a budget of nothing", over("cost", { windowMs: HOUR, max: 0 }), "Waiting does not help"],
		["a call larger than its limit", over("tokens", { windowMs: HOUR, before: 0 }), "ask for less at a time"],
		["a repetition", over("identical_calls"), CHANGE],
		["a budget without its reading", denied([reason({ message: "over" })]), "Call it again later, or ask the user."],
		[
			"a rate and a rule",
			denied(
				[reason({ message: "over" }), reason({ code: "tool.denied", message: "no" })],
				[reading("concurrent_calls")],
			),
			`was denied: over; no. ${CHANGE}`,
		],
		[
			"a halt",
			denied([engineReading("agent.halted")]),
			"Stop, and tell the user: every call is refused until the halt is lifted.",
		],
		["lateness", denied([engineReading("intent.late")]), "Call it again."],
		["a refusal", denied([engineReading("approval.rejected")]), "A human has refused it"],
		["an expired hold", denied([engineReading("approval.expired")]), "Ask the user before you call it again."],
		["an ended session", denied([engineReading("session.ended")]), "this session takes no more calls"],
		[
			"an id used before, perhaps for this very call",
			denied([reason({ code: "intent.id_reused", message: "used" })]),
			"was denied: this id was used before, for another call or by a program with another secret. It may be this very call, asked for by another program, and may have run: find out what it did before you do it again.",
		],
		["a call given up before", denied([engineReading("intent.abandoned")]), "call it under a new id"],
		[
			"a hold",
			{ ...base, verdict: "hold", status: "held" },
			"it is waiting for human approval. Ask the user to have it approved",
		],
		["a closed call", { ...base, verdict: "allow" }, "under a new id"],
		["a halted call", { ...base, verdict: "allow", status: "halted" }, "until the halt is lifted"],
		[
			"no answer",
			undecided(INTENT, "timeout"),
			"no decision came in time. It was given up and will not run later. Wait before you call again.",
		],
		["a closed client", undecided(INTENT, "closed"), "before a decision came"],
	])("on %s says what helps", (_what, decision, words) => {
		const { message } = new ToolCallDenied("t", decision);
		expect(message).toContain(words);
		expect(message).toMatch(/^The call to `t` (was denied|did not run): [^.].*\.$/);
		expect(message).not.toMatch(/\.\.|undefined|unchanged.*Wait|Wait.*unchanged/);
	});

	it("has advice of its own for every reason of the engine that is not a rule's", () => {
		const plain = ["decision.oversized", "budget.exhausted"];
		for (const code of Object.keys(ENGINE_REASONS) as (keyof typeof ENGINE_REASONS)[]) {
			const { message } = new ToolCallDenied("t", denied([engineReading(code)]));
			if (code !== "approval.rejected")
				expect(message.includes("another way"), code).toBe(code === "decision.oversized");
			expect(plain.includes(code) || !message.includes(CHANGE), code).toBe(true);
		}
	});

	it("never says of a tool at its deadline that it has stopped", () => {
		const { message } = new ToolCallTimedOut("t", 600_000);
		expect(message).toContain("did not end within 10 min");
		expect(message).toContain("was told to stop and may still be running");
	});
});
