import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { Context } from "../../../../src/cli/context.ts";
import { durationOf, filterOf, nameOf, operatorOf } from "../../../../src/cli/options/operator-options.ts";
import { relative } from "../../../../src/cli/output/relative-time.ts";

const contextWith = (env: Record<string, string>): Context =>
	new Context({ env } as unknown as ConstructorParameters<typeof Context>[0], new AbortController().signal);

describe("who acts", () => {
	it("is named by --by, else by the environment", async () => {
		expect((await operatorOf(contextWith({ USER: "ann" }), { by: "ops-bob" })).by).toBe("ops-bob");
		expect((await operatorOf(contextWith({ USER: "ann" }), {})).by).toBe("ann");
		expect((await operatorOf(contextWith({ LOGNAME: "cid" }), {})).by).toBe("cid");
	});

	it("is never nobody", async () => {
		await expect(operatorOf(contextWith({}), {})).rejects.toThrow(/no operator is named/);
		await expect(operatorOf(contextWith({ USER: "ann" }), { by: "" })).rejects.toThrow(/no operator is named/);
		await expect(operatorOf(contextWith({ USER: "  " }), {})).rejects.toThrow(/no operator is named/);
	});

	it("has a name that a record can hold", () => {
		expect(nameOf("--by", "ann")).toBe("ann");
		for (const name of ["", "a\u0007", "x".repeat(257), "\ud800"]) expect(() => nameOf("--by", name)).toThrow(/--by/);
	});
});

describe("a filter", () => {
	it("holds only what was given", () => {
		expect(filterOf({})).toEqual({});
		expect(filterOf({ agent: "coder" })).toEqual({ agent: "coder" });
		expect(() => filterOf({ tenant: "" })).toThrow(/--tenant/);
	});
});

describe("time in words", () => {
	it("takes the largest unit and rounds down", () => {
		const now = 1_000_000_000;
		expect(relative(now + 59_999, now)).toBe("in 59 seconds");
		expect(relative(now + 60_000, now)).toBe("in 1 minute");
		expect(relative(now - 7_300_000, now)).toBe("2 hours ago");
		expect(relative(now - 86_400_000, now)).toBe("1 day ago");
		expect(relative(now + 999, now)).toBe("now");
	});

	it("reads durations as policies write them", () => {
		expect(durationOf("5s")).toBe(5_000);
		expect(durationOf("0s")).toBe(0);
		expect(() => durationOf("5")).toThrow(InvalidArgumentError);
	});
});
