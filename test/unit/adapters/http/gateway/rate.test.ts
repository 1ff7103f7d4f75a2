import { describe, expect, it } from "vitest";
import { Rates } from "../../../../../src/adapters/http/gateway/rate.ts";

describe("the rate of a credential", () => {
	it("lets so many through at once, and then as many as the time that passes", () => {
		const rates = new Rates({ perSecond: 10, burst: 3 });
		expect([0, 0, 0].map((at) => rates.take("a", at))).toEqual([0, 0, 0]);
		expect(rates.take("a", 0)).toBe(100);
		expect(rates.take("a", 40)).toBe(60);
		expect(rates.take("a", 100)).toBe(0);
		expect(rates.take("a", 100)).toBe(100);
		expect(rates.take("b", 100)).toBe(0);
		// A long pause fills the bucket, and no more than that.
		expect([0, 0, 0, 0].map(() => rates.take("a", 1_000_000) === 0)).toEqual([true, true, true, false]);
	});

	it("lends what one asks for at once, and lets nothing more through until it is paid back", () => {
		const rates = new Rates({ perSecond: 1_000, burst: 2_000 });
		expect(rates.take("a", 0, 1_500)).toBe(0);
		expect(rates.take("a", 0, 1_500)).toBe(0);
		expect(rates.take("a", 0, 1)).toBe(1_001);
		expect(rates.take("a", 1_001, 1_500)).toBe(0);
		expect(rates.take("a", 1_500, 1)).toBeGreaterThan(0);
		expect(rates.take("b", 0, 1)).toBe(0);
	});

	it("is kept for credentials that are used up, however many others come", () => {
		const rates = new Rates({ perSecond: 1, burst: 1 });
		expect(rates.take("busy", 0)).toBe(0);
		for (let index = 0; index < 25_000; index++) rates.take(`other-${index}`, 500);
		expect(rates.take("busy", 600)).toBe(400);
	});
});
