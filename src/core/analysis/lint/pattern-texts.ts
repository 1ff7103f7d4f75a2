/** Looks for slips in the spelling of patterns, one by one. */

import type { Pattern } from "../../match/pattern.ts";
import type { Placed } from "../../policy/rules.ts";
import type { Slip } from "./finding.ts";
import type { LintedPolicy, PatternUse } from "./linted-policy.ts";

/** A slip in a pattern, and the code units before it. */
export interface TextSlip {
	readonly offset: number;
	readonly message: string;
	readonly help: string;
}

export const inPatterns =
	(find: (pattern: Placed<Pattern>, use: PatternUse) => TextSlip | null) =>
	(policy: LintedPolicy): readonly Slip[] =>
		policy.patterns().flatMap(({ pattern, use }) => {
			const slip = find(pattern, use);
			if (slip === null) return [];
			const { offset, message, help } = slip;
			return [{ place: policy.placeInText(pattern.place, offset), message, help }];
		});
