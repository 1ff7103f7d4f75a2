import { describe, expect, it } from "vitest";
import { sessionKey } from "../../../../src/core/model/ids.ts";
import { DAY, HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import {
	abandoned,
	allowed,
	counts,
	denied,
	type Expectation,
	effects,
	given,
	givenIn,
	granted,
	halted,
	intent,
	outcome,
	policy,
	rejected,
	resent,
	sessionEnded,
	tick,
	toppedUp,
	wait,
} from "../../../support/engine.ts";
import { LAYOUT, START } from "../../../support/engine-world.ts";

const guard = policy(
	"approvals: {default: {approvers: [alice], expires: 30d}}\nlimits: [{name: calls, measure: tool_calls, scope: session, max: 2}]",
	{ tools: "{allow: all, hold: [mail.*]}" },
);
const key = sessionKey({ tenant: "acme", agent: "coder", session: "run-1" });
/** How long an idle session is kept: its own time, and what the clock that its beginning is told by may be ahead. */
const KEPT = 7 * DAY + 5 * MINUTE;
const isKnown =
	(expected: boolean): Expectation =>
	(world) =>
		expect(world.state.sessions.has(key)).toBe(expected);

describe("a session (docs/design/step.md#sessions)", () => {
	it("that is idle for the session time is forgotten, and its counters with it", () => {
		given(guard, intent({ id: "c" }), outcome("c"))
			.when(wait(KEPT), tick())
			.then(isKnown(true), counts("calls", { settled: 1 }, key))
			.when(wait(1), tick())
			.then(isKnown(false), (world) => expect(world.state.accounts.size).toBe(0));
	});

	it("is kept while something in it is open or held", () => {
		given(guard, intent({ id: "h", tool: "mail.send" }))
			.when(wait(8 * DAY), tick())
			.then(isKnown(true), counts("calls", { reserved: 1 }, key))
			.when(wait(22 * DAY), tick())
			.then(effects("hold.expired h"), isKnown(true), counts("calls", { reserved: 0 }, key))
			.when(wait(KEPT), tick())
			.then(isKnown(true))
			.when(wait(1), tick())
			.then(isKnown(false));
	});

	it("is kept while it is asked in, counted from the last intent", () => {
		given(
			guard,
			intent({ id: "a" }),
			outcome("a"),
			wait(6 * DAY),
			intent({ id: "b", sessionStartedAt: START }),
			outcome("b"),
		)
			.when(wait(KEPT), tick())
			.then(isKnown(true))
			.when(wait(1), tick())
			.then(isKnown(false));
	});

	it("that is unknown and began longer ago than sessions are remembered is stale", () => {
		given(guard, wait(8 * DAY))
			.when(intent({ sessionStartedAt: START + DAY }))
			.then(allowed())
			.when(intent({ sessionStartedAt: START + DAY - 1, session: "run-2" }))
			.then(denied("session.stale"));
	});

	it("that was forgotten does not come back with an empty budget", () => {
		const first = { sessionStartedAt: START };
		given(guard, intent({ id: "a", ...first }), intent({ id: "b", ...first }), outcome("a"), outcome("b"))
			.when(intent(first))
			.then(denied("budget.exhausted"))
			.when(wait(8 * DAY), tick(), intent(first))
			.then(denied("session.stale"), isKnown(false));
	});

	it("that was forgotten does not come back with an empty budget where its agent's clock is ahead", () => {
		const ahead = (): Parameters<typeof intent>[0] => ({ sessionStartedAt: START + 5 * MINUTE });
		given(guard)
			.when(
				intent({ id: "a", issuedAt: START + 5 * MINUTE, ...ahead() }),
				intent({ id: "b", issuedAt: START + 5 * MINUTE, ...ahead() }),
				outcome("a"),
				outcome("b"),
			)
			.when(wait(7 * DAY + 4 * MINUTE), tick(), intent(ahead()))
			.then(denied("budget.exhausted"));
	});

	it("that is stale never becomes known by its own denial", () => {
		const old = { sessionStartedAt: START - 8 * DAY };
		given(guard)
			.when(intent(old), intent(old))
			.then(denied("session.stale"), isKnown(false))
			.when(intent({ ...old, marks: { late: true } }), intent(old))
			.then(denied("session.stale"), isKnown(false))
			.when(halted(), intent(old))
			.then(denied("agent.halted"), isKnown(false))
			.when(intent({ ...old, issuedAt: START - 2 * HOUR }))
			.then(denied("intent.stale"), isKnown(false));
	});

	it("is kept by a call that began when it was idle already", () => {
		given(guard, intent({ id: "c" }), outcome("c"), wait(DAY), intent({ id: "h", tool: "mail.send" }))
			.when(wait(6 * DAY + 1), tick(), wait(DAY), tick(), wait(9 * DAY), tick())
			.then(isKnown(true), counts("calls", { reserved: 1, settled: 1 }, key));
	});

	it("is idle once its call is abandoned, and by each call once", () => {
		given(guard, intent({ id: "c" }), abandoned("c"))
			.when(wait(KEPT + 1), tick())
			.then(isKnown(false));
		given(guard, intent({ id: "a" }), wait(10 * MINUTE), intent({ id: "b" }), outcome("a")).then((world) =>
			expect(world.state.sessions.get(key)).toMatchObject({ openCalls: 1 }),
		);
	});

	it("is idle from the time at which its last call was over, not from its last intent", () => {
		const short = { ...LAYOUT, sessionMs: HOUR };
		const holding = policy(
			"approvals: {default: {approvers: [alice], expires: 4h}}\nlimits: [{name: calls, measure: tool_calls, scope: session, max: 2}]",
			{ tools: "{allow: all, hold: [mail.*]}" },
		);
		const first = { sessionStartedAt: START };
		givenIn(
			short,
			holding,
			intent({ id: "h", tool: "mail.send", ...first }),
			wait(3 * HOUR),
			granted("h"),
			outcome("h"),
		)
			.when(intent({ id: "next", ...first }))
			.then(allowed(), counts("calls", { settled: 1, reserved: 1 }, key))
			.when(outcome("next"), wait(HOUR), intent({ id: "more", ...first }))
			.then(denied("budget.exhausted"))
			.when(wait(HOUR + 5 * MINUTE + 1), tick(), intent(first))
			.then(denied("session.stale"));
		// Without a beginning of its own it would begin anew, with an empty budget.
		givenIn(short, holding, intent({ id: "h", tool: "mail.send" }), wait(3 * HOUR), granted("h"), outcome("h"))
			.when(intent({ id: "next" }))
			.then(counts("calls", { settled: 1, reserved: 1 }, key));
	});

	it("that is known is not stale, however long it lasts", () => {
		const scenario = given(guard);
		for (let day = 0; day < 10; day++) {
			scenario.when(wait(DAY), intent({ id: `c${day}`, sessionStartedAt: START }), outcome(`c${day}`));
		}
		scenario.then((world) => expect(world.state.sessions.get(key)).toMatchObject({ openCalls: 0 }));
	});
});

describe("a session that was ended", () => {
	it("takes no further intents", () => {
		given(guard, intent({ id: "c" }), sessionEnded())
			.when(intent())
			.then(denied("session.ended"))
			.when(intent())
			.then(denied("session.ended"))
			.when(intent({ session: "run-2" }))
			.then(allowed());
	});

	it("is ended even if nothing was known of it", () => {
		given(guard, sessionEnded()).when(intent()).then(denied("session.ended"));
	});

	it("has its holds fall due at once, and they cannot be granted any more", () => {
		given(guard, intent({ id: "h", tool: "mail.send" }), sessionEnded())
			.when(granted("h"))
			.then(rejected("approval.late"), effects("hold.ended h"), counts("calls", { reserved: 0 }, key), (world) => {
				expect(world.call("h")).toMatchObject({ phase: "denied", firstReason: { rule: { code: "session.ended" } } });
			});
		given(guard, intent({ id: "h", tool: "mail.send" }), sessionEnded())
			.when(resent("h"))
			.then((world) =>
				expect(world.last).toMatchObject({ verdict: "deny", firstReason: { rule: { code: "session.ended" } } }),
			);
	});

	it("lets calls that run already report", () => {
		given(guard, intent({ id: "c" }), sessionEnded())
			.when(outcome("c"))
			.then(counts("calls", { reserved: 0, settled: 1 }, key));
	});
});

describe("the size of the state", () => {
	it("a session's budget cannot be adjusted before there is a session: nobody would ever forget the counter", () => {
		given(guard).when(toppedUp("calls", 5)).then(rejected("session.unknown"));
		given(guard, intent())
			.when(toppedUp("calls", 5))
			.then(counts("calls", { toppedUp: 5 }, key));
	});

	it("an outcome that comes after its session was forgotten leaves no counter behind", () => {
		const short = { ...LAYOUT, sessionMs: MINUTE };
		givenIn(short, guard, intent({ id: "c" }))
			.when(wait(10 * MINUTE), tick(), wait(6 * MINUTE + 1), tick())
			.then(isKnown(false), (world) => expect(world.state.accounts.size).toBe(0))
			.when(outcome("c"))
			.then((world) => {
				expect(world.last.kind).toBe("usage.settled");
				expect(world.state.accounts.size).toBe(0);
			});
	});

	it("goes back to nothing when everything in it is over", () => {
		given(guard, intent({ id: "c" }), intent({ id: "h", tool: "mail.send" }), sessionEnded(), tick(), outcome("c"))
			.when(wait(8 * DAY), tick())
			.then((world) => {
				const { calls, sessions, controls, accounts, ...derived } = world.state;
				const { heldBySession, accountsBySession, lapsed, due, forgettable } = derived;
				const indexes = [heldBySession, accountsBySession, lapsed, due, ...Object.values(forgettable)];
				for (const table of [calls, sessions, controls, accounts, ...indexes]) {
					expect(table.size).toBe(0);
				}
			});
	});
});
