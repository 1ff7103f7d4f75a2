/** What a rule of `policy lint` is, and what it finds: a policy that loads and may not mean what it says. */
import type { Place } from "../../base/errors.ts";
import type { LintedPolicy } from "./linted-policy.ts";

/** `proven`: it follows from what the policy says. `likely`: it takes what the author meant, which nobody can prove. */
export type Certainty = "proven" | "likely";

export interface LintRule {
	/** Stable: comments accept findings by it. */
	readonly id: string;
	readonly certainty: Certainty;
	/** What it finds, as a noun phrase that begins a sentence. */
	readonly about: string;
	readonly find: (policy: LintedPolicy) => readonly Slip[];
}

/** One thing that a rule has found. */
export interface Slip {
	readonly place: Place;
	/** A sentence without capital and full stop. */
	readonly message: string;
	/** What to do. */
	readonly help: string;
}

export interface Finding extends Slip {
	/** The rule's id. */
	readonly id: string;
	readonly certainty: Certainty;
}
