/**
 * Setup of every test file: what its tests draw, they draw from `ASSENT_SEED`, so that one number gives a run again.
 *
 * `vitest.config.ts` draws the seed of a run where none is given, and a run that fails names it. A test that is repeated
 * (`vitest run --repeats 99`, `npm run fuzz:properties`) draws anew each time, and a failed property prints the seed it had.
 */
import fc from "fast-check";
import { beforeEach } from "vitest";

const RUN_SEED = Number(process.env["ASSENT_SEED"]);
if (!Number.isSafeInteger(RUN_SEED)) throw new Error("ASSENT_SEED is not an integer");

let seed = RUN_SEED;

/** The seed of the test that runs: 32 bits, signed, as fast-check takes it. */
export const testSeed = (): number => seed;

beforeEach(({ task }) => {
	seed = (RUN_SEED + Math.imul(task.result?.repeatCount ?? 0, 0x9e3779b1)) | 0;
	fc.configureGlobal({ seed });
});
