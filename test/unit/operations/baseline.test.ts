import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { baselinePath, inPackage } from "../../../src/operations/baseline.ts";

describe("the baseline policy that helps name", () => {
	it.each([inPackage(), dirname(inPackage()), "/", inPackage("src"), join(inPackage(), "..", "..", "..")])(
		"is a file that is there, named from %s",
		(cwd) => {
			const path = baselinePath(cwd);
			expect(existsSync(path.startsWith("/") ? path : join(cwd, path))).toBe(true);
		},
	);

	it("is named below the folder where it lies below it", () => {
		expect(baselinePath(inPackage())).toBe(join("policies", "baseline.yaml"));
	});
});
