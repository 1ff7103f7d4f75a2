import { describe, expect, it } from "vitest";
import { sessionKey } from "../../../../src/core/model/ids.ts";
import { DAY, HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import { stateDigest } from "../../../../src/core/state/digest.ts";
import { counts, denied, given, intent, outcome, policy, tick, toppedUp, wait } from "../../../support/engine.ts";
import { LAYOUT, START, type World } from "../../../support/engine-world.ts";
import { imageOf, stateOf } from "../../../support/state-image.ts";

const limits = (...rows: readonly string[]) =>
	policy(`obligations: [{deadline: 1m}]\nlimits: [${rows.map((row) => `{${row}}`).join(", ")}]`);

const accounts = (world: World): string[] => [...world.state.accounts.entries()].map(([key]) => key).sort();

/** Lets the deadlines of all calls pass. */
function lapsed(world: World): void {
	world.now += 2 * MINUTE;
	while ([...world.state.calls.entries()].some(([, { phase }]) => phase === "open")) tick()(world);
}

describe("accounts", () => {
	it("of agents that came once are forgotten when nothing is open and their windows have passed", () => {
		const guard = limits(
			"name: hour, measure: tool_calls, scope: agent, max: 9, per: 1h",
			"name: slots, measure: concurrent_calls, scope: agent, max: 9",
		);
		const once = Array.from({ length: 100 }, (_, at) => intent({ id: `c${at}`, agent: `agent-${at}` }));
		given(guard, ...once)
			.when(wait(HOUR), tick(), tick(), tick(), tick())
			.then((world) => expect(world.state.accounts.size).toBe(100))
			.when(wait(DAY), ...Array.from({ length: 8 }, tick))
			.then((world) => expect(world.state.accounts.size).toBe(0));
	});

	it("are kept as long as a window can see what they have counted, to the bucket", () => {
		given(limits("name: hour, measure: tool_calls, scope: agent, max: 1, per: 1h"), intent({ id: "c" }), outcome("c"))
			.when(wait(HOUR), intent())
			.then(denied("budget.exhausted"))
			.when(wait(2 * MINUTE), tick())
			.then((world) => expect(accounts(world)).toEqual([]));
	});

	it("are kept for life where something was counted for life", () => {
		given(limits("name: life, measure: tool_calls, scope: agent, max: 1"), intent({ id: "c" }), outcome("c"))
			.when(wait(400 * DAY), tick(), intent())
			.then(denied("budget.exhausted"));
		given(limits("name: life, measure: tokens, scope: agent, max: 9"), toppedUp("life", 3))
			.when(wait(400 * DAY), tick())
			.then(counts("life", { toppedUp: 3 }));
	});

	it("of calls that are repeated go with the window, not with the session", () => {
		const same = "name: same, measure: identical_calls, scope: session, max: 6, per: 10m";
		given(limits(same), ...Array.from({ length: 20 }, (_, at) => intent({ args: { n: at } })))
			.then((world) => expect(world.state.accounts.size).toBe(20))
			.when(wait(11 * MINUTE), tick(), tick())
			.then((world) => {
				expect(world.state.accounts.size).toBe(0);
				expect(world.state.sessions.size).toBe(1);
			});
	});

	it("that were forgotten count the excess of a late outcome too", () => {
		given(limits("name: cost, measure: cost, scope: agent, max: 0.0001, per: 1m"), intent({ id: "c" }))
			.when(wait(10 * MINUTE), tick(), tick())
			.then((world) => expect(accounts(world)).toEqual([]))
			.when(outcome("c", { cost: 500 }), intent({ cost: 1 }))
			.then(denied("budget.exhausted"));
	});
});

describe("a session of very many accounts", () => {
	const many = 1_000;
	const guard = limits("name: same, measure: identical_calls, scope: session, max: 6");
	const { world } = given(guard);
	for (let at = 0; at < many; at++) intent({ id: `c${at}`, args: { n: at } })(world);
	lapsed(world);
	world.now += 8 * DAY;
	for (let step = 0; world.state.sessions.size > 0 && step < 40; step++) tick()(world);

	it("is forgotten at once, and its accounts little by little, the same in a state restored amidst it", () => {
		expect(world.state.calls.size).toBe(0);
		expect(world.state.sessions.size).toBe(0);
		const left = world.state.accounts.size;
		expect(left).toBeGreaterThan(200);
		const restored = stateOf(LAYOUT, imageOf(world.state));
		expect(stateDigest(restored)).toBe(stateDigest(world.state));
		let before = left;
		while (before > 0) {
			tick()(world);
			const { size } = world.state.accounts;
			expect(before - size).toBe(Math.min(64, before));
			before = size;
		}
		expect(world.state.accountsBySession.size).toBe(0);
	});

	it("leaves what is left to a session of the same name that has begun meanwhile", () => {
		const again = given(guard).world;
		for (let at = 0; at < 200; at++) intent({ id: `c${at}`, args: { n: at } })(again);
		lapsed(again);
		again.now += 8 * DAY;
		for (let step = 0; again.state.sessions.size > 0 && step < 40; step++) tick()(again);
		const left = again.state.accounts.size;
		expect(left).toBeGreaterThan(64);
		intent({ id: "new", args: { n: "new" } })(again);
		const name = sessionKey({ tenant: "acme", agent: "coder", session: "run-1" });
		expect(again.state.sessions.has(name)).toBe(true);
		const kept = again.state.accounts.size;
		for (let step = 0; step < 9; step++) tick()(again);
		expect(again.state.accounts.size).toBe(kept);
		expect(kept).toBeGreaterThan(left - 64);
		lapsed(again);
		again.now += 8 * DAY;
		for (let step = 0; step < 12; step++) tick()(again);
		expect(again.state.accounts.size).toBe(0);
	});
});

describe("control records", () => {
	it("that are repeated after their ids were forgotten are stale, and change nothing", () => {
		const guard = limits("name: calls, measure: tool_calls, scope: agent, max: 100");
		const topUp = (world: World): void => {
			const who = { tenant: "acme", agent: "coder", session: "" };
			const head = { id: "t", issuedBy: "ops", issuedAt: START };
			const what = { policy: "guard", limit: "calls", change: "topup", amount: 1_000 } as const;
			world.publish({ type: "budget.adjusted", ...head, ...who, ...what });
		};
		const code = (expected: string) => (world: World) => expect(world.last).toMatchObject({ code: expected });
		given(guard, topUp)
			.when(wait(HOUR), topUp)
			.then(code("control.repeated"))
			.when(wait(6 * MINUTE), tick(), topUp)
			.then(code("control.stale"), counts("calls", { toppedUp: 1_000 }));
	});

	it("from the future are refused, for they could be repeated until then; a halt never is", () => {
		const at = (issuedAt: number) => (world: World) => {
			const head = { id: `l${issuedAt}`, issuedBy: "ops", issuedAt };
			const scope = { tenant: null, agent: null, session: null };
			world.publish({ type: "halt.set", ...head, id: `s${issuedAt}`, scope, reason: "" });
			expect(world.last.kind).toBe("halt.set");
			world.publish({ type: "halt.lifted", ...head, scope, reason: "" });
		};
		const last = (expected: object) => (world: World) => expect(world.last).toMatchObject(expected);
		given()
			.when(at(START + 5 * MINUTE))
			.then(last({ kind: "halt.lifted" }))
			.when(at(START + 5 * MINUTE + 1))
			.then(last({ code: "control.ahead" }))
			.when(at(START - HOUR - 1))
			.then(last({ code: "control.stale" }))
			.when(at(START - HOUR))
			.then(last({ kind: "halt.lifted" }));
	});
});
