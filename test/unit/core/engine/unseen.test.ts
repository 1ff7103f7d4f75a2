import { describe, expect, it } from "vitest";
import { HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import {
	abandoned,
	allowed,
	counts,
	denied,
	type Expectation,
	effects,
	given,
	granted,
	halted,
	intent,
	outcome,
	policy,
	rejected,
	repeated,
	resent,
	sessionEnded,
	tick,
	wait,
} from "../../../support/engine.ts";

const tokens = policy("limits: [{name: cap, measure: tokens, scope: agent, max: 1000, reserve: 100}]");
const slots = policy(`limits: [{name: cap, measure: concurrent_calls, scope: agent, max: 1}]
obligations: [{deadline: 1m, lease: 5m}]`);
const unknown = { tokens: null, cost: null, ms: null, status: "unknown" } as const;
const cap = (expected: { reserved?: number; settled?: number }): Expectation => counts("cap", expected);

const settled =
	(expected: object): Expectation =>
	(world) =>
		expect(world.last).toMatchObject({ kind: "usage.settled", ...expected });

const lapsed =
	(...ids: readonly string[]): Expectation =>
	(world) =>
		expect([...world.state.lapsed]).toEqual(ids.map((id) => `acme/coder/${id}`));

describe("an end that nobody saw (docs/design/step.md#unknown-ends)", () => {
	it("settles in full, is never run again, and is remembered as unknown", () => {
		given(tokens, intent({ id: "a" }))
			.when(outcome("a", unknown))
			.then(settled({ status: "unknown", afterDeadline: false }), cap({ reserved: 0, settled: 100 }), lapsed("a"))
			.when(resent("a"))
			.then(repeated("allow", "closed"));
	});

	it("gives nothing back, whatever it says was used, and costs what is over", () => {
		given(tokens, intent({ id: "a" }), intent({ id: "b" }))
			.when(outcome("a", { tokens: 1, status: "unknown" }))
			.then(cap({ reserved: 100, settled: 100 }))
			.when(outcome("b", { tokens: 250, status: "unknown" }))
			.then(cap({ reserved: 0, settled: 350 }));
	});

	it("said again costs nothing more; what was seen after all adds only to what it has cost", () => {
		given(tokens, intent({ id: "a" }), outcome("a", { tokens: 250, status: "unknown" }))
			.when(outcome("a", { tokens: 250, status: "unknown" }), outcome("a", unknown))
			.then(cap({ settled: 250 }), lapsed("a"))
			.when(outcome("a", { tokens: 10 }))
			.then(settled({ status: "ok", afterDeadline: true }), cap({ settled: 250 }), lapsed())
			.when(outcome("a", { tokens: 900 }))
			.then(rejected("outcome.repeated"), cap({ settled: 250 }));
		given(tokens, intent({ id: "a" }), outcome("a", { tokens: 250, status: "unknown" }))
			.when(outcome("a", { tokens: 400 }))
			.then(cap({ settled: 400 }));
	});

	it("is what becomes of a call whose deadline passes, and an outcome that comes late tells its end", () => {
		given(tokens, intent({ id: "a" }), wait(11 * MINUTE), tick())
			.then(effects("reservation.expired a"), lapsed("a"))
			.when(outcome("a", unknown))
			.then(settled({ status: "unknown", afterDeadline: true }), cap({ settled: 100 }), lapsed("a"))
			.when(outcome("a", { tokens: 7 }))
			.then(settled({ status: "ok" }), cap({ settled: 100 }), lapsed());
	});

	it("keeps its slot until its lease has run out, for its tool may still run", () => {
		given(slots, intent({ id: "a" }), outcome("a", unknown))
			.when(intent())
			.then(denied("budget.exhausted"), cap({ reserved: 1 }))
			.when(wait(4 * MINUTE), tick(), intent())
			.then(denied("budget.exhausted"))
			.when(wait(MINUTE + 1), tick())
			.then(effects("slot.expired a"), cap({ reserved: 0 }), lapsed("a"))
			.when(intent())
			.then(allowed());
		given(slots, intent({ id: "a" }), outcome("a", unknown), outcome("a"))
			.then(cap({ reserved: 0 }), lapsed())
			.when(wait(HOUR), tick())
			.then(effects());
	});

	it("is forgotten with its id", () => {
		given(tokens, intent({ id: "a" }), outcome("a", unknown))
			.when(wait(HOUR), tick())
			.then(lapsed("a"))
			.when(wait(1), tick(), tick())
			.then(lapsed());
	});
});

describe("what ran although it was not allowed (docs/design/step.md#unknown-ends)", () => {
	const holding = policy("approvals: {default: {approvers: [alice], expires: 20m}}", {
		tools: "{allow: all, deny: [db.drop], hold: [mail.*]}",
	});
	const drop = intent({ id: "a", tool: "db.drop" });
	const mail = intent({ id: "a", tool: "mail.send" });

	it("is an outcome of a call that was denied, held, refused in time, abandoned, or never asked for", () => {
		for (const acts of [
			[drop],
			[mail],
			[mail, wait(21 * MINUTE), tick()],
			[intent({ id: "a" }), abandoned("a")],
			[halted(), intent({ id: "a" })],
			[],
		]) {
			for (const status of ["ok", "error", "unknown"] as const) {
				given(holding, ...acts)
					.when(outcome("a", { status }))
					.then(rejected("call.ungoverned"), (world) => expect(world.last).toMatchObject({ severity: "critical" }));
			}
		}
	});

	it("costs nobody anything", () => {
		const limited = policy("limits: [{name: cap, measure: tokens, scope: agent, max: 1000}]", {
			tools: "{allow: all, deny: [db.drop]}",
		});
		given(limited, drop)
			.when(outcome("a", { tokens: 900 }))
			.then(rejected("call.ungoverned"), cap({ reserved: 0, settled: 0 }));
	});

	it("is no outcome that comes twice, too late, after a halt or after the end of its session", () => {
		given(tokens, intent({ id: "a" }), outcome("a"))
			.when(outcome("a"))
			.then(rejected("outcome.repeated"));
		given(tokens, intent({ id: "a" }), wait(11 * MINUTE), tick())
			.when(outcome("a"))
			.then(settled({ status: "ok", afterDeadline: true }));
		for (const act of [halted(), sessionEnded()]) {
			given(tokens, intent({ id: "a" }), act)
				.when(outcome("a"))
				.then(settled({ status: "ok", afterDeadline: false }));
		}
		given(holding, mail, granted("a"))
			.when(outcome("a"))
			.then(settled({ status: "ok" }));
	});
});
