/** Where a command stands: its input, its neighbours in a pipeline, what goes with it. */
import type { Input } from "./redirects.ts";
import type { Spot } from "./session.ts";

export interface Position {
	readonly input: Input;
	/** Programs before and behind it in its pipeline. */
	readonly from: readonly string[];
	readonly to: readonly string[];
	readonly isBackground: boolean;
}

/** A command as it stands: its words apart. */
export interface Standing extends Position {
	/** `NAME=value` in front of it. */
	readonly env: readonly string[];
	/** Files that its output goes to. */
	readonly outputs: readonly string[];
	/** One of the files is emptied first, not added to. */
	readonly isEmptying: boolean;
	/** Hosts that its redirects lead to. */
	readonly sends: readonly string[];
	readonly spot: Spot;
	/** Another program runs it. */
	readonly isWrapped: boolean;
}
