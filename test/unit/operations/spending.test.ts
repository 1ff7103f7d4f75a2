import { describe, expect, it } from "vitest";
import { DEFAULT_LAYOUT, partitionFor } from "../../../src/core/model/layout.ts";
import { isAbout } from "../../../src/operations/spending.ts";
import { partitionsOf } from "../../../src/reading/principal-filter.ts";

describe("budgets of a principal", () => {
	it("are its own, those below it, and the wider ones that it draws from", () => {
		const filter = { tenant: "acme", agent: "coder" };
		expect(isAbout(filter, "acme/coder")).toBe(true);
		expect(isAbout(filter, "acme/coder/run-1")).toBe(true);
		expect(isAbout(filter, "acme")).toBe(true);
		expect(isAbout(filter, "acme/writer")).toBe(false);
		expect(isAbout(filter, "other/coder/run-1")).toBe(false);
	});

	it("leave out wider ones of which nobody says that they are meant", () => {
		expect(isAbout({ session: "run-1" }, "acme/coder/run-1")).toBe(true);
		expect(isAbout({ session: "run-1" }, "acme/coder")).toBe(false);
		expect(isAbout({}, "acme")).toBe(true);
	});

	it("are found under names that were encoded, and without the commitment behind them", () => {
		expect(isAbout({ tenant: "a/b" }, "a%2Fb/coder")).toBe(true);
		expect(isAbout({ session: "run-1" }, "acme/coder/run-1#00ff")).toBe(true);
	});
});

describe("the partitions of a filter", () => {
	it("are one when the whole budget root is named, else all", () => {
		const who = { tenant: "acme", agent: "coder", session: "s" };
		expect(partitionsOf(DEFAULT_LAYOUT, { tenant: "acme", agent: "coder" })).toEqual([
			partitionFor(DEFAULT_LAYOUT, who),
		]);
		expect(partitionsOf(DEFAULT_LAYOUT, { tenant: "acme" })).toHaveLength(DEFAULT_LAYOUT.partitions);
		expect(partitionsOf({ ...DEFAULT_LAYOUT, budgetRoot: "tenant" }, { tenant: "acme" })).toHaveLength(1);
		expect(
			partitionsOf({ ...DEFAULT_LAYOUT, budgetRoot: "tenant/agent/session" }, { tenant: "acme", agent: "coder" }),
		).toHaveLength(DEFAULT_LAYOUT.partitions);
	});
});
