import { describe, expect, it } from "vitest";
import { err, ok, type Result } from "../../../../src/core/base/result.ts";

describe("a result", () => {
	const half = (n: number): Result<number, string> => (n % 2 === 0 ? ok(n / 2) : err("odd"));

	it("is a value or a reason, told apart by `ok`", () => {
		expect(half(4)).toEqual({ ok: true, value: 2 });
		expect(half(3)).toEqual({ ok: false, error: "odd" });
	});
});
