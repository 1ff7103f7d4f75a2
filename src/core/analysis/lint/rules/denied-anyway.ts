/** Entries of `deny` about tools that `allow` or `default` never lets through. */

import { complement } from "../../../language/language.ts";
import type { LintRule } from "../finding.ts";
import { haveNoName, toolsOf } from "../proofs.ts";

export const deniedAnyway: LintRule = {
	id: "denied-anyway",
	certainty: "proven",
	about: "an entry of `deny` about tools that no list lets through",
	find: (policy) =>
		policy.rules.toolRules.flatMap(({ firesOn, fired, place, tools }) => {
			const [set] = tools;
			if (firesOn !== "listed" || fired.requirement !== null || set === undefined) return [];
			// It keeps its tools from `default`: where it is lifted, nothing denies them.
			if (policy.isLifted(fired.reason.rule.name)) return [];
			if (!haveNoName([toolsOf(set), complement(policy.unadmitted())])) return [];
			return [
				{
					place,
					message: "this denies what may not be called anyway: no list lets these tools through",
					help: "remove the entry, or correct its names: `allow` means names exactly, `deny` ignores case",
				},
			];
		}),
};
