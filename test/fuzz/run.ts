/** Feeds a target with damaged input; a failure names the seed and the case, so that it can be drawn again. */
import { Dice } from "../kill-loop/dice.ts";
import { cpuMs } from "../support/cpu.ts";
import type { Target } from "./target.ts";

export interface FuzzFailure {
	readonly why: string;
	readonly seed: number;
	readonly input: string;
}

/** `onProgress` hears of every thousandth case. Stops at the first failure. */
export async function fuzz(
	target: Target,
	of: { readonly cases: number; readonly seed: number },
	onProgress: (done: number) => void = () => {},
): Promise<FuzzFailure | null> {
	for (let index = 0; index < of.cases; index++) {
		// A seed for each case: the one that fails is drawn again alone.
		const seed = (of.seed + Math.imul(index, 0x9e3779b1)) >>> 0;
		const { input, read } = target.draw(new Dice(seed));
		const began = cpuMs();
		let why: string | null = null;
		try {
			const reading = read();
			if (reading !== undefined) await reading;
		} catch (thrown) {
			why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
		}
		const took = cpuMs() - began;
		if (why === null && took > target.longestMs) why = `took ${Math.round(took)} ms`;
		if (why !== null) return { why, seed, input: shown(input) };
		if (index % 1_000 === 999) onProgress(index + 1);
	}
	return null;
}

const shown = (input: unknown): string =>
	input instanceof Uint8Array ? Buffer.from(input).toString("hex") : JSON.stringify(input);
