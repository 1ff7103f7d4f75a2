/** Entries of `allow` that `deny` takes back entirely. */
import type { LintRule } from "../finding.ts";
import { areAmong } from "../proofs.ts";

export const allowedThenDenied: LintRule = {
	id: "allowed-then-denied",
	certainty: "proven",
	about: "an entry of `allow` of which `deny` refuses every tool",
	find: (policy) =>
		policy.allowed().flatMap(({ place, language }) =>
			areAmong(language, policy.denied())
				? [
						{
							place,
							message: "`deny` refuses every tool that this entry of `allow` admits",
							help: "remove the entry, or the one of `deny`",
						},
					]
				: [],
		),
};
