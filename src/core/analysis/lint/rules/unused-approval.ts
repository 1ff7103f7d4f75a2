/** Entries of `approvals` that no rule refers to. */
import type { LintRule } from "../finding.ts";

export const unusedApproval: LintRule = {
	id: "unused-approval",
	certainty: "proven",
	about: "an entry of `approvals` that no rule asks for",
	find: (policy) => {
		const used = policy.approvalsUsed();
		return Object.keys(policy.document.approvals)
			.filter((name) => !used.has(name))
			.map((name) => ({
				place: policy.yaml.placeOfKey(["approvals", name]),
				message: `no rule asks for the approval \`${name}\``,
				help:
					name === "default"
						? "it is asked for by rules with `effect: hold` and entries of `hold` that name none: remove it, or hold something"
						: `write \`approval: ${name}\` in the rule that it is for, or remove it`,
			}));
	},
};
