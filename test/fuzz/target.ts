/** One reader that is fed with damaged input. */
import type { Dice } from "../kill-loop/dice.ts";

export interface Target {
	readonly name: string;
	/** CPU time that one case may take, ms: a reader that hangs is found by it. Far above what any case takes. */
	readonly longestMs: number;
	/** Draws a damaged input; the function that comes back reads it and throws when the reader breaks its promise. */
	draw(dice: Dice): { readonly input: unknown; read(): void | Promise<void> };
}
