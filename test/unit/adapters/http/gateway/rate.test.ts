import { describe, expect, it } from "vitest";
import { Rates } from "../../../../../src/adapters/http/gateway/rate.ts";

describe("the rate of a credential", () => {
	it("lets so many through at once, and then each at its time", () => {
		const rates = new Rates({ perSecond: 10, burst: 3 });
		expect([0, 0, 0].map((at) => rates.take("a", at))).toEqual([0, 0, 0]);
		expect([0, 0, 40].map((at) => rates.take("a", at))).toEqual([100, 200, 260]);
		expect(rates.take("a", 400)).toBe(0);
		expect(rates.take("b", 400)).toBe(0);
		// A long pause fills the bucket, and no more than that.
		expect([0, 0, 0, 0].map(() => rates.take("a", 1_000_000) === 0)).toEqual([true, true, true, false]);
	});

	it("refuses who would wait for longer than a second, and takes nothing of them", () => {
		const rates = new Rates({ perSecond: 10, burst: 1 });
		expect(Array.from({ length: 11 }, () => rates.take("a", 0))).toEqual([
			0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000,
		]);
		expect([0, 0, 0].map((at) => rates.take("a", at))).toEqual([1_100, 1_100, 1_100]);
		expect([100, 100].map((at) => rates.take("a", at))).toEqual([1_000, 1_100]);
	});

	it("lends what one asks for at once, and lets nothing more through until it is paid back", () => {
		const rates = new Rates({ perSecond: 1_000, burst: 2_000 });
		expect(rates.take("a", 0, 1_500)).toBe(0);
		expect(rates.take("a", 0, 3_500)).toBe(0);
		expect(rates.take("a", 0, 1)).toBe(3_001);
		expect(rates.take("a", 2_500, 1_500)).toBe(501);
		expect(rates.take("a", 2_500, 1)).toBeGreaterThan(1_000);
		expect(rates.take("b", 0, 1)).toBe(0);
	});

	it("is kept for credentials that are used up, however many others come", () => {
		const rates = new Rates({ perSecond: 1, burst: 1 });
		expect(rates.take("busy", 0)).toBe(0);
		for (let index = 0; index < 25_000; index++) rates.take(`other-${index}`, 500);
		expect(rates.take("busy", 600)).toBe(400);
	});
});
