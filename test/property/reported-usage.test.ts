/** Usage as anybody reports it: no value becomes a refund that nobody meant. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readUsage } from "../../src/core/codec/reported-usage.ts";
import { settlementOf } from "../../src/core/engine/budget.ts";
import type { CounterName, Measure } from "../../src/core/model/counters.ts";

const MEMBERS = ["tokens", "cost", "costMicros", "executionMs"] as const;

const odd = fc.oneof(
	fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true, withNullPrototype: true }),
	fc.double(),
	fc.integer(),
	fc.constantFrom(Number.NaN, -0, -1, 0.1 + 0.2, 2 ** 53, 1e300, "5", null, undefined, true),
);
const reported = fc.oneof(
	odd,
	fc.record(Object.fromEntries(MEMBERS.map((member) => [member, odd])), { requiredKeys: [] }),
	fc.dictionary(fc.constantFrom(...MEMBERS, "costs", "total_tokens", "usd"), fc.oneof(odd, fc.nat())),
);

const counter = (measure: Measure): CounterName => ({
	policy: "p",
	limit: "l",
	measure,
	windowMs: 0,
	scope: "agent",
});

const isCount = (value: number | null): boolean =>
	value === null || (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0));

describe("any value as a report of usage", () => {
	it("is read without an error, into counts or unknowns, and what was given and is unknown is told", () => {
		fc.assert(
			fc.property(reported, (given) => {
				const { usage, faults } = readUsage(given);
				expect([usage.tokens, usage.costMicros, usage.executionMs].every(isCount)).toBe(true);
				if (typeof given !== "object" || given === null || Array.isArray(given)) {
					expect(usage).toEqual({ tokens: null, costMicros: null, executionMs: null });
					expect(faults).toHaveLength(given === undefined || given === null ? 0 : 1);
					return;
				}
				const of = given as Record<string, unknown>;
				const told = new Set(faults.map(({ member }) => member));
				const isGiven = (member: string): boolean => of[member] !== undefined && of[member] !== null;
				if (isGiven("tokens")) expect(usage.tokens === null).toBe(told.has("tokens"));
				if (isGiven("executionMs")) expect(usage.executionMs === null).toBe(told.has("executionMs"));
				if ((isGiven("cost") || isGiven("costMicros")) && usage.costMicros === null) {
					expect(told.has("cost") || told.has("costMicros")).toBe(true);
				}
				for (const key of Object.keys(of)) if (!MEMBERS.some((member) => member === key)) expect(told).toContain(key);
			}),
			{ numRuns: 3_000 },
		);
	});

	it("settles below the reservation only by a count that was reported in time", () => {
		const states = fc.constantFrom("in-time" as const, "overdue" as const, "lapsed" as const);
		const measures = fc.constantFrom("tokens" as const, "cost" as const, "execution_time" as const);
		fc.assert(
			fc.property(reported, states, measures, fc.nat(1_000_000), (given, state, measure, amount) => {
				const { usage } = readUsage(given);
				const known = { tokens: usage.tokens, cost: usage.costMicros, execution_time: usage.executionMs }[measure];
				const part = settlementOf({ counter: counter(measure), amount }, usage, state);
				const cost = part.settled + part.excess + (state === "lapsed" ? amount : 0);
				if (known === null || state !== "in-time") expect(cost).toBeGreaterThanOrEqual(amount);
				else expect(cost).toBe(known);
			}),
			{ numRuns: 3_000 },
		);
	});

	it("of a cost in currency units is exact to the micro-unit, and never rounded down", () => {
		fc.assert(
			fc.property(fc.nat(2_000_000_000), (micros) => {
				expect(readUsage({ cost: micros / 1_000_000 }).usage.costMicros).toBe(micros);
			}),
		);
		fc.assert(
			fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (cost) => {
				const read = readUsage({ cost }).usage.costMicros as number;
				expect(read).toBeGreaterThanOrEqual(cost * 1_000_000 * (1 - 1e-15));
				expect(read - cost * 1_000_000).toBeLessThanOrEqual(1 + cost * 1e-9);
			}),
		);
	});

	it("that throws when it is read is unknown", () => {
		const given = {
			get tokens(): number {
				throw new Error("lazy");
			},
		};
		expect(readUsage(given)).toMatchObject({ usage: { tokens: null }, faults: [{ member: "usage" }] });
	});
});
