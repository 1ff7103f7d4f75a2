/** The small size of `npm run fuzz`: no reader of outside input crashes, hangs or reads a value that was not written. */
import { describe, expect, it } from "vitest";
import { fuzz } from "../fuzz/run.ts";
import { targets } from "../fuzz/targets.ts";
import { testSeed } from "../support/seed.ts";

const CASES = 4_000;

describe.each([...(await targets())])("damaged $name", (target) => {
	it("are refused or mean what they say", async () => {
		expect(await fuzz(target, { cases: CASES, seed: testSeed() })).toBeNull();
	});
});
