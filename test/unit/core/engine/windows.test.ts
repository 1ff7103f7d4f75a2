import { describe, expect, it } from "vitest";
import { emptyCounter, raise, reset, settle, take, toppedUp, used } from "../../../../src/core/engine/budget.ts";
import type { CounterName } from "../../../../src/core/model/counters.ts";
import { HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import {
	allowed,
	denied,
	given,
	intent,
	outcome,
	policy,
	tick,
	toppedUp as topUp,
	wait,
} from "../../../support/engine.ts";

const name: CounterName = {
	policy: "p",
	limit: "l",
	measure: "tokens",
	windowMs: HOUR,
	scope: "agent",
};
const T = 1_000 * HOUR;
const booked = (amount: number, at: number) => take(emptyCounter(name), { amount, kind: "settled" }, at);

describe("a sliding window (docs/design/step.md#budgets)", () => {
	it("counts what was settled within it, and a little longer: never over-admitted", () => {
		const counter = booked(7, T + 30_000);
		expect(used(counter, T + 30_000)).toBe(7);
		expect(used(counter, T + 30_000 + HOUR)).toBe(7);
		expect(used(counter, T + HOUR + MINUTE - 1)).toBe(7);
		expect(used(counter, T + HOUR + MINUTE)).toBe(0);
	});

	it("over-denies by at most one sixtieth", () => {
		for (const offset of [0, 1, 30_000, MINUTE - 1]) {
			expect(used(booked(1, T + offset), T + offset + HOUR + MINUTE)).toBe(0);
		}
	});

	it("over-denies by at most one bucket, also where 60 does not divide its length", () => {
		for (const windowMs of [60, 61, 119, 1_000, 3_601, HOUR + 1]) {
			const width = Math.ceil(windowMs / 60);
			const odd = { ...name, windowMs };
			for (const at of [T, T + 1, T + width - 1]) {
				const counter = take(emptyCounter(odd), { amount: 1, kind: "settled" }, at);
				expect(used(counter, at + windowMs)).toBe(1);
				expect(used(counter, at + windowMs + width)).toBe(0);
			}
		}
	});

	it("keeps at most 61 buckets", () => {
		let counter = emptyCounter(name);
		for (let minute = 0; minute < 500; minute++) {
			counter = take(counter, { amount: 1, kind: "settled" }, T + minute * MINUTE);
			expect(counter.buckets.length).toBeLessThanOrEqual(61);
			expect(used(counter, T + minute * MINUTE)).toBe(Math.min(61, minute + 1));
		}
	});

	it("counts open reservations whatever their age", () => {
		const counter = take(emptyCounter(name), { amount: 5, kind: "reserved" }, T);
		expect(used(counter, T + 100 * HOUR)).toBe(5);
	});

	it("books what was used at the admission and an excess at the settlement", () => {
		const open = take(emptyCounter(name), { amount: 5, kind: "reserved" }, T);
		const after = settle(open, { counter: name, reserved: 5, settled: 5, excess: 3 }, T, T + 30 * MINUTE);
		expect(used(after, T + HOUR)).toBe(8);
		expect(used(after, T + HOUR + 2 * MINUTE)).toBe(3);
		expect(used(after, T + HOUR + 40 * MINUTE)).toBe(0);
	});

	it("what was admitted before the window began is gone when it is settled", () => {
		const open = take(emptyCounter(name), { amount: 5, kind: "reserved" }, T);
		const after = settle(open, { counter: name, reserved: 5, settled: 5, excess: 0 }, T, T + 3 * HOUR);
		expect(after).toMatchObject({ reserved: 0, buckets: [] });
	});

	it("takes bookings in any order of time", () => {
		let counter = booked(1, T + 10 * MINUTE);
		counter = settle(counter, { counter: name, reserved: 0, settled: 2, excess: 4 }, T, T + 20 * MINUTE);
		expect(counter.buckets.map(([, amount]) => amount)).toEqual([2, 1, 4]);
		expect(used(counter, T + 20 * MINUTE)).toBe(7);
	});

	it("is no shorter for a length that sixty does not divide", () => {
		const odd = { ...name, windowMs: 100 };
		for (let offset = 0; offset < 10; offset++) {
			const counter = take(emptyCounter(odd), { amount: 1, kind: "settled" }, T + offset);
			expect(used(counter, T + offset + 100)).toBe(1);
		}
	});

	it("has top-ups for one window, never longer", () => {
		for (const windowMs of [HOUR, 100, 60]) {
			const counter = raise(emptyCounter({ ...name, windowMs }), 9, T + 7);
			expect(toppedUp(counter, T + 7)).toBe(9);
			expect(toppedUp(counter, T + 7 + Math.floor(windowMs * 0.9))).toBe(9);
			expect(toppedUp(counter, T + 7 + windowMs)).toBe(0);
		}
	});

	it("is emptied by a reset, but for what is reserved", () => {
		const counter = take(raise(booked(3, T), 4, T), { amount: 2, kind: "reserved" }, T);
		expect(used(reset(counter), T)).toBe(2);
		expect(toppedUp(reset(counter), T)).toBe(0);
	});
});

describe("a limit per window", () => {
	const perHour = policy("limits: [{name: cap, measure: tool_calls, scope: agent, max: 1, per: 1h}]");

	it("admits again once the window has passed", () => {
		given(perHour, intent({ id: "a" }), outcome("a"))
			.when(wait(HOUR), intent())
			.then(denied("budget.exhausted"))
			.when(wait(MINUTE), intent())
			.then(allowed());
	});

	it("counts a call from its admission, not from its outcome", () => {
		given(perHour, intent({ id: "a" }), wait(9 * MINUTE), outcome("a"))
			.when(wait(52 * MINUTE), intent())
			.then(allowed());
	});

	it("counts a call that lapsed from its admission as well", () => {
		given(perHour, intent({ id: "a" }), wait(50 * MINUTE), tick())
			.when(wait(11 * MINUTE), intent())
			.then(allowed());
	});

	it("can be topped up for one window", () => {
		given(perHour, intent({ id: "a" }), outcome("a"), topUp("cap", 1))
			.when(wait(30 * MINUTE), intent({ id: "b" }))
			.then(allowed())
			.when(outcome("b"), wait(31 * MINUTE), intent())
			.then(denied("budget.exhausted"));
	});
});
