import { describe, expect, it } from "vitest";
import { HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import {
	abandoned,
	allowed,
	budgetReset,
	counts,
	denied,
	type Expectation,
	effects,
	given,
	granted,
	intent,
	outcome,
	policies,
	policy,
	policyText,
	rejected,
	tick,
	toppedUp,
	wait,
} from "../../../support/engine.ts";
import { START, type World } from "../../../support/engine-world.ts";

const limit = (text: string) => `limits: [{name: cap, ${text}}]`;
const guard = (text: string) => policy(limit(text));
const cap = (expected: { reserved?: number; settled?: number; toppedUp?: number }, scopeKey?: string): Expectation =>
	counts("cap", expected, scopeKey);

describe("what limits count (docs/design/step.md#budgets)", () => {
	it("tool_calls: every admitted call, of the tools that the limit names", () => {
		given(guard("measure: tool_calls, scope: agent, max: 2, tools: [shell.*]"), intent(), intent())
			.when(intent({ tool: "db.query" }))
			.then(allowed(), cap({ reserved: 2 }))
			.when(intent())
			.then(denied("budget.exhausted"), cap({ reserved: 2 }));
	});

	it("tokens and cost: the larger of the estimate and the limit's reserve, then what was used", () => {
		given(guard("measure: tokens, scope: agent, max: 100, reserve: 30"))
			.when(intent({ id: "a", tokens: 10 }), intent({ id: "b", tokens: 50 }))
			.then(cap({ reserved: 80 }))
			.when(outcome("a", { tokens: 7 }), outcome("b", { tokens: 50 }))
			.then(cap({ reserved: 0, settled: 57 }));
		given(guard("measure: cost, scope: agent, max: 50"), intent({ id: "a", cost: 45_000_000 }))
			.when(outcome("a", { cost: 45_000_000 }), intent({ cost: 10_000_000 }))
			.then(denied("budget.exhausted"))
			.when(intent({ cost: 5_000_000 }))
			.then(allowed());
	});

	it("execution_time: what the limit reserves, then how long the call ran", () => {
		given(
			guard("measure: execution_time, scope: agent, max: 60s, reserve: 25s"),
			intent({ id: "a" }),
			intent({ id: "b" }),
		)
			.when(intent())
			.then(denied("budget.exhausted"))
			.when(outcome("a", { ms: 1_000 }), intent())
			.then(allowed(), cap({ reserved: 50_000, settled: 1_000 }));
	});

	it("cost: reserves what the limit says where the estimate says less", () => {
		given(guard("measure: cost, scope: agent, max: 0.0001, reserve: 0.00003"), intent({ cost: 10 }))
			.then(cap({ reserved: 30 }))
			.when(intent({ cost: 50 }))
			.then(cap({ reserved: 80 }))
			.when(intent())
			.then(denied("budget.exhausted"));
	});

	it("top-ups end at the largest integer, and a reset adds nothing", () => {
		const most = Number.MAX_SAFE_INTEGER - 1;
		given(guard("measure: tokens, scope: agent, max: 1"), toppedUp("cap", most), toppedUp("cap", most))
			.then(cap({ toppedUp: most }))
			.when((world) => {
				const what = { policy: "guard", limit: "cap", change: "reset", amount: 7 } as const;
				const head = { id: "r", issuedBy: "ops", issuedAt: world.now };
				world.publish({ type: "budget.adjusted", ...head, tenant: "acme", agent: "coder", session: "", ...what });
			})
			.then(cap({ toppedUp: 0 }), (world) => expect(world.last).toMatchObject({ change: "reset", amount: 0 }));
	});

	it("a maximum of nothing admits nothing, known or unknown", () => {
		for (const measure of ["tokens", "cost", "tool_calls", "concurrent_calls"]) {
			given(guard(`measure: ${measure}, scope: agent, max: 0`))
				.when(intent())
				.then(denied("budget.exhausted"))
				.when(intent({ tokens: 900_000, cost: 900_000 }))
				.then(denied("budget.exhausted"));
		}
	});

	it("what is used up exactly admits no call whose need nobody knows, and says so", () => {
		given(guard("measure: cost, scope: agent, max: 1.00"))
			.when(intent({ id: "a" }), outcome("a", { cost: 500_000 }), intent({ id: "b" }))
			.then(allowed())
			.when(outcome("b", { cost: 500_000 }), intent())
			.then(denied("budget.exhausted"), (world) => {
				expect(world.last).toMatchObject({
					decision: {
						reasons: [
							{ rule: { message: "1.00 of 1.00 currency units are taken, what this call needs is not known" } },
						],
					},
				});
			});
	});

	it("concurrent_calls: calls that run now; an outcome, an abandonment or the end of the lease frees the slot, its deadline does not", () => {
		const slots = guard("measure: concurrent_calls, scope: agent, max: 1");
		given(slots, intent({ id: "a" }))
			.when(intent())
			.then(denied("budget.exhausted"));
		for (const end of [outcome("a"), abandoned("a")]) {
			given(slots, intent({ id: "a" }), end)
				.when(intent())
				.then(allowed(), cap({ reserved: 1, settled: 0 }));
		}
		given(slots, intent({ id: "a" }))
			.when(wait(10 * MINUTE), intent({ issuedAt: START + 10 * MINUTE }))
			.then(effects("reservation.expired a"), denied("budget.exhausted"), cap({ reserved: 1, settled: 0 }))
			.when(wait(50 * MINUTE - 1), intent({ issuedAt: START + 60 * MINUTE }))
			.then(denied("budget.exhausted"))
			.when(wait(1), intent({ issuedAt: START + 60 * MINUTE }))
			.then(effects("slot.expired a"), allowed(), cap({ reserved: 1, settled: 0 }));
	});

	it("frees a slot once, where its lease ends in the very millisecond in which its hold would have", () => {
		const slots = policy(
			`approvals: {default: {approvers: [alice], expires: 30m}}
obligations: [{deadline: 5m, lease: 20m}, {tools: [shell.run], lease: 2h}]
limits: [{name: cap, measure: concurrent_calls, scope: agent, max: 2}]`,
			{ tools: "{allow: all, hold: [mail.*]}" },
		);
		given(slots, intent({ id: "h", tool: "mail.send" }), wait(10 * MINUTE), granted("h"))
			.when(wait(2 * MINUTE), intent({ id: "a" }), wait(3 * MINUTE), tick())
			.then(effects("reservation.expired h"))
			.when(wait(15 * MINUTE), intent({ id: "b" }))
			.then(effects("reservation.expired a", "slot.expired h"), allowed(), counts("cap", { reserved: 2 }))
			.when(intent({ id: "c" }))
			.then(denied("budget.exhausted"));
	});

	it("concurrent_calls: a tool that outruns its deadline frees its slot when it ends", () => {
		given(guard("measure: concurrent_calls, scope: agent, max: 1"), intent({ id: "a" }))
			.when(wait(11 * MINUTE), tick(), outcome("a"))
			.then(cap({ reserved: 0, settled: 0 }))
			.when(intent({ issuedAt: START + 11 * MINUTE }))
			.then(allowed(), cap({ reserved: 1, settled: 0 }));
	});

	it.each([
		["tokens", "measure: tokens, scope: agent, max: 100, reserve: 40", { tokens: null }, 40],
		["cost", "measure: cost, scope: agent, max: 0.0001, reserve: 0.00004", { cost: null }, 40],
		["execution_time", "measure: execution_time, scope: agent, max: 100ms, reserve: 40ms", { ms: null }, 40],
	] as const)("%s that nobody can tell cost what was reserved", (_measure, limit, used, settled) => {
		given(guard(limit), intent({ id: "a" }))
			.when(outcome("a", used))
			.then(cap({ reserved: 0, settled }), (world) => {
				expect(world.last).toMatchObject({ kind: "usage.settled", overshoots: [] });
			});
		// Overdue, not written yet.
		given(guard(limit), intent({ id: "a" }))
			.when(wait(10 * MINUTE), outcome("a", used))
			.then(cap({ reserved: 0, settled }));
		given(guard(limit), intent({ id: "a" }))
			.when(wait(10 * MINUTE), tick(), outcome("a", used))
			.then(cap({ reserved: 0, settled }));
		given(guard(limit), intent({ id: "a", tokens: 60, cost: 60 }))
			.when(outcome("a", used))
			.then(cap({ reserved: 0, settled: limit.includes("time") ? 40 : 60 }));
	});

	it("identical_calls: submissions of the same call in a session, those that were denied as well", () => {
		given(guard("measure: identical_calls, scope: session, max: 2"), intent(), intent())
			.when(intent())
			.then(denied("budget.exhausted"))
			.when(intent({ args: { command: "pwd" } }))
			.then(allowed())
			.when(intent({ session: "run-2" }))
			.then(allowed())
			.when(intent({ agent: "analyst" }))
			.then(allowed());
		given(
			policies(
				policyText("a", "patterns: [{name: no-ls, substring: ls}]"),
				policyText("guard", limit("measure: identical_calls, scope: session, max: 2")),
			),
			intent(),
			intent(),
		)
			.when(intent())
			.then(denied("pattern.matched", "budget.exhausted"));
	});

	it("identical_calls within a window are forgotten with it", () => {
		given(guard("measure: identical_calls, scope: session, max: 1, per: 1m"), intent())
			.when(wait(30_000), intent())
			.then(denied("budget.exhausted"))
			.when(wait(62_000), intent())
			.then(allowed());
	});

	it("identical calls are not counted again when the intent is resent or granted", () => {
		given(guard("measure: identical_calls, scope: session, max: 1"), intent({ id: "a" }))
			.when(intent({ id: "a", issuedAt: START }))
			.then((world) => expect(world.last.kind).toBe("decision.repeated"));
	});
});

describe("whose calls are counted together", () => {
	const cases = [
		{ scope: "session", same: {}, other: { session: "run-2" }, key: "acme/coder/run-1" },
		{ scope: "agent", same: { session: "run-2" }, other: { agent: "analyst" }, key: "acme/coder" },
		{ scope: "tenant", same: { agent: "analyst" }, other: { tenant: "umbra" }, key: "acme" },
	];
	for (const { scope, same, other, key } of cases) {
		it(`per ${scope}`, () => {
			given(guard(`measure: tool_calls, scope: ${scope}, max: 1`), intent())
				.when(intent(same))
				.then(denied("budget.exhausted"), cap({ reserved: 1 }, key))
				.when(intent(other))
				.then(allowed());
		});
	}

	it("parts of a key are encoded: no name can reach into another's budget", () => {
		given(guard("measure: tool_calls, scope: agent, max: 1"), intent({ tenant: "a/b", agent: "c" }))
			.when(intent({ tenant: "a", agent: "b/c" }))
			.then(allowed(), cap({ reserved: 1 }, "a/b%2Fc"), cap({ reserved: 1 }, "a%2Fb/c"));
	});
});

describe("settling", () => {
	const tokens = guard("measure: tokens, scope: agent, max: 100, reserve: 40");

	it("in time replaces the reservation by what was used", () => {
		given(tokens, intent({ id: "a" }))
			.when(wait(10 * MINUTE - 1), outcome("a", { tokens: 5 }))
			.then(cap({ reserved: 0, settled: 5 }), (world) => expect(world.last).toMatchObject({ afterDeadline: false }));
	});

	it("after the deadline it adds, never refunds, whether the reservation's end was written or not", () => {
		for (const written of [[], [tick()]]) {
			given(tokens, intent({ id: "a" }), wait(10 * MINUTE), ...written)
				.when(outcome("a", { tokens: 5 }))
				.then(cap({ reserved: 0, settled: 40 }), (world) => expect(world.last).toMatchObject({ afterDeadline: true }));
			given(tokens, intent({ id: "a" }), wait(10 * MINUTE), ...written)
				.when(outcome("a", { tokens: 55 }))
				.then(cap({ reserved: 0, settled: 55 }));
		}
	});

	it("carries an excess as debt, and reports it once", () => {
		given(tokens, intent({ id: "a" }))
			.when(outcome("a", { tokens: 130 }))
			.then(cap({ settled: 130 }), (world) => {
				expect(world.last).toMatchObject({
					settlements: [{ reserved: 40, settled: 40, excess: 90 }],
					overshoots: [{ counter: { policy: "guard", limit: "cap" }, debt: 30, mode: "enforce" }],
				});
			})
			.when(intent())
			.then(denied("budget.exhausted"));
	});

	it("is that of the settlement that made it: one within its reservation has overshot nothing", () => {
		const none = (world: World) => expect(world.last).toMatchObject({ kind: "usage.settled", overshoots: [] });
		given(
			guard("measure: tokens, scope: agent, max: 100"),
			intent({ id: "a", tokens: 40 }),
			intent({ id: "b", tokens: 40 }),
		)
			.when(outcome("a", { tokens: 90 }))
			.then((world) => expect(world.last).toMatchObject({ overshoots: [{ debt: 30 }] }))
			.when(outcome("b", { tokens: 40 }))
			.then(none);
		// Up to the maximum and not beyond.
		given(guard("measure: tokens, scope: agent, max: 100"), intent({ id: "a", tokens: 40 }))
			.when(outcome("a", { tokens: 100 }))
			.then(none);
	});

	it("is none of a limit that counts something else by now", () => {
		const tokens = guard("measure: tokens, scope: agent, max: 10");
		given(tokens, intent({ id: "a", tokens: 5 }), guard("measure: cost, scope: agent, max: 0"))
			.when(outcome("a", { tokens: 50 }))
			.then((world) => expect(world.last).toMatchObject({ kind: "usage.settled", overshoots: [] }));
	});

	it("an excess that stays below the maximum is no overshoot", () => {
		given(tokens, intent({ id: "a" }))
			.when(outcome("a", { tokens: 90 }))
			.then(cap({ settled: 90 }), (world) => expect(world.last).toMatchObject({ overshoots: [] }));
	});

	it("takes the second outcome of a call for what it is", () => {
		given(tokens, intent({ id: "a" }), outcome("a", { tokens: 5 }))
			.when(outcome("a", { tokens: 90 }))
			.then(rejected("outcome.repeated"), cap({ settled: 5 }));
	});

	it("an outcome without an allow is ungoverned", () => {
		given(tokens).when(outcome("a")).then(rejected("call.ungoverned"));
		given(policy("", { tools: "{allow: none}" }), intent({ id: "a" }))
			.when(outcome("a"))
			.then(rejected("call.ungoverned"));
		given(tokens, intent({ id: "a" }), abandoned("a"))
			.when(outcome("a"))
			.then(rejected("call.ungoverned"));
	});
});

describe("abandonment", () => {
	const calls = guard("measure: tool_calls, scope: agent, max: 1");

	it("gives everything back and closes the id", () => {
		given(calls, intent({ id: "a" }), abandoned("a"))
			.when(intent())
			.then(allowed(), (world) => expect(world.call("a")).toMatchObject({ phase: "abandoned", reserved: [] }));
	});

	it("of a call that is over, unknown or past its deadline changes nothing", () => {
		given(calls, intent({ id: "a" }), outcome("a"))
			.when(abandoned("a"))
			.then(rejected("intent.closed"), cap({ settled: 1 }));
		given(calls).when(abandoned("a")).then(rejected("intent.unknown"));
		given(calls, intent({ id: "a" }), wait(10 * MINUTE))
			.when(abandoned("a"))
			.then(rejected("intent.closed"), cap({ reserved: 1 }))
			.when(tick())
			.then(cap({ reserved: 0, settled: 1 }));
	});
});

describe("operators", () => {
	it("top up a maximum: for life until it is reset", () => {
		given(guard("measure: tool_calls, scope: agent, max: 1"), intent({ id: "a" }), toppedUp("cap", 1))
			.when(intent({ id: "b" }))
			.then(allowed())
			.when(intent())
			.then(denied("budget.exhausted"))
			.when(outcome("a"), budgetReset("cap"))
			.then(cap({ reserved: 1, settled: 0, toppedUp: 0 }))
			.when(intent())
			.then(denied("budget.exhausted"));
	});

	it("a reset keeps what is reserved, and settling never goes below zero", () => {
		given(guard("measure: tokens, scope: agent, max: 100"), intent({ id: "a", tokens: 60 }), budgetReset("cap"))
			.when(intent({ tokens: 60 }))
			.then(denied("budget.exhausted"))
			.when(outcome("a", { tokens: 10 }))
			.then(cap({ reserved: 0, settled: 10 }));
	});

	it("cannot adjust what no policy in force knows, nor a count of identical calls", () => {
		given(guard("measure: identical_calls, scope: session, max: 1"), intent())
			.when(toppedUp("cap", 1))
			.then(rejected("budget.unknown"))
			.when(toppedUp("other", 1))
			.then(rejected("budget.unknown"));
		given().when(toppedUp("cap", 1)).then(rejected("budget.unknown"));
	});

	it("cannot adjust an agent's budget without naming the agent", () => {
		const head = { id: "x", issuedBy: "ops", issuedAt: START };
		const of = {
			policy: "guard",
			limit: "cap",
			tenant: "acme",
			agent: "",
			session: "",
			change: "topup",
			amount: 1,
		} as const;
		given(guard("measure: tool_calls, scope: agent, max: 1"))
			.when((world) => void world.publish({ type: "budget.adjusted", ...head, ...of }))
			.then(rejected("budget.unknown"));
	});
});

describe("a policy that changes", () => {
	it("keeps the history of a limit whose maximum changes", () => {
		given(
			guard("measure: tool_calls, scope: agent, max: 2"),
			intent(),
			intent(),
			guard("measure: tool_calls, scope: agent, max: 3"),
		)
			.when(intent())
			.then(allowed(), cap({ reserved: 3 }))
			.when(intent())
			.then(denied("budget.exhausted"));
	});

	it("starts again where the window or the measure changes", () => {
		const first = guard("measure: tool_calls, scope: agent, max: 1");
		given(first, intent(), guard("measure: tool_calls, scope: agent, max: 1, per: 1h")).when(intent()).then(allowed());
		given(first, intent(), guard("measure: concurrent_calls, scope: agent, max: 1")).when(intent()).then(allowed());
	});

	it("settles a call under the limit that it was admitted under", () => {
		given(guard("measure: tokens, scope: agent, max: 10"), intent({ id: "a", tokens: 5 }), policy())
			.when(outcome("a", { tokens: 50 }))
			.then(cap({ settled: 50 }), (world) => expect(world.last).toMatchObject({ overshoots: [] }));
	});
});

describe("a budget as the decision saw it", () => {
	it("is read before and after, with top-ups in its maximum", () => {
		given(guard("measure: tokens, scope: agent, max: 100"), intent({ tokens: 30 }), toppedUp("cap", 20))
			.when(intent({ tokens: 50 }))
			.then((world) => {
				expect(world.last).toMatchObject({
					decision: {
						uses: [{ counter: { limit: "cap", scope: "agent", windowMs: 0 }, max: 120, before: 30, amount: 50 }],
					},
				});
			})
			.when(intent({ tokens: 50 }))
			.then(denied("budget.exhausted"), (world) => {
				expect(world.last).toMatchObject({ decision: { uses: [{ kind: "none", before: 80, amount: 0 }] } });
			});
	});

	it("says in words what is missing", () => {
		given(policy(limit("measure: tokens, scope: agent, max: 10, message: ask your lead")))
			.when(intent({ tokens: 11 }))
			.then((world) => {
				const message = "ask your lead (0 of 10 tokens are taken, this call needs 11)";
				expect(world.last).toMatchObject({ decision: { reasons: [{ rule: { name: "cap", message } }] } });
			});
	});
});

describe("numbers beyond counting", () => {
	const huge = Number.MAX_SAFE_INTEGER - 1;

	it("are denied by a limit with force, and counted as far as integers go by one without", () => {
		given(guard("measure: tokens, scope: agent, max: 9007199254740991"), intent({ tokens: huge }))
			.when(intent({ tokens: huge }))
			.then(denied("budget.exhausted"));
		given(policy(limit("measure: tokens, scope: agent, max: 1, mode: audit")), intent({ id: "a", tokens: huge }))
			.when(intent({ id: "b", tokens: huge }))
			.then(allowed("budget.exhausted"), cap({ reserved: huge }))
			.when(outcome("b", { tokens: huge }), outcome("a", { tokens: huge }))
			.then(cap({ reserved: 0, settled: huge }));
	});

	it("top-ups end there too", () => {
		given(guard("measure: tokens, scope: agent, max: 5, per: 1h"), toppedUp("cap", huge), toppedUp("cap", huge))
			.when(intent({ tokens: 6 }))
			.then(allowed(), (world) => {
				expect(world.last).toMatchObject({ decision: { uses: [{ max: huge, counter: { windowMs: HOUR } }] } });
			});
	});
});
