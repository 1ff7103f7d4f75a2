/** What has no force in a policy that only records. */
import type { LintRule } from "../finding.ts";

export const noForce: LintRule = {
	id: "no-force",
	certainty: "proven",
	about: "obligations, and rules that say `mode: enforce`, in a policy with `mode: audit`",
	find: (policy) => {
		if (policy.document.mode !== "audit") return [];
		const { obligations } = policy.document;
		const owed = obligations.map((_, index) => ({
			place: policy.placeOf(["obligations", index]),
			message: "a policy that only records (`mode: audit`) asks nothing of the calls: the obligation has no force",
			help: "put it into a policy of its own with `mode: enforce`, or remove it until this one is enforced",
		}));
		const enforced = policy.yaml
			.texts()
			.filter(({ path, value }) => path.length > 1 && path.at(-1) === "mode" && value === "enforce")
			.map(({ place }) => ({
				place,
				message: "a rule cannot enforce what its policy only records (`mode: audit`)",
				help: "set the policy to `enforce` and its other rules to `mode: audit`, or remove the line",
			}));
		return [...owed, ...enforced];
	},
};
