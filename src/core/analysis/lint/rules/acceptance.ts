/** Comments that accept findings and do not do so: found where findings are sorted (acceptances.ts). */
import { ACCEPTANCE } from "../acceptances.ts";
import type { LintRule } from "../finding.ts";

export const acceptance: LintRule = {
	id: ACCEPTANCE,
	certainty: "proven",
	about: "a comment `assent-lint` that accepts nothing, or gives no reason",
	find: () => [],
};
