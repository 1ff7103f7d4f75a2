/** The pattern rules that look at the arguments of one call, and what of them they look at. */
import { ANY_STEP } from "../arguments/path.ts";
import type { IndexedRule, RuleIndex } from "./rule-index.ts";

/** As the principal and the tool of a call decide. */
export class LookingRules {
	/** By the rule's place in the index: does it look? */
	readonly isLooking: Uint8Array;
	/** Their patterns that every text may match. */
	readonly always: readonly number[];
	/** Those that fire on what is missing. */
	readonly doubting: readonly IndexedRule[];
	/** Does one look at the arguments as a whole? */
	readonly lookAtAll: boolean;
	/** Does one of them look for paths, however they are written? */
	readonly lookForPaths: boolean;
	/** Members that one of them looks at; null: all. */
	readonly members: ReadonlySet<string> | null;

	constructor(index: RuleIndex, rules: readonly IndexedRule[]) {
		this.isLooking = new Uint8Array(index.rules.length);
		for (const rule of rules) this.isLooking[rule.index] = 1;
		this.always = index.patterns.always.filter((id) => {
			const rule = index.firing(id);
			return rule !== undefined && this.isLooking[rule.index] === 1;
		});
		this.doubting = rules.filter(({ rule }) => rule.doubts !== null);
		const paths = rules.flatMap((rule) => rule.paths);
		const steps = new Set(paths.map(([step]) => step));
		this.lookAtAll = paths.some((path) => path.length === 0);
		this.lookForPaths = rules.some(({ patterns }) => index.hasPathGlob(patterns));
		this.members =
			this.lookAtAll || steps.has(ANY_STEP) ? null : new Set([...steps].filter((step) => typeof step === "string"));
	}
}
