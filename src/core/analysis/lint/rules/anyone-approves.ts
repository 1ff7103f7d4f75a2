/** Approvals that anybody may give. */

import { readNameGlob } from "../../../match/name-globs.ts";
import type { LintRule } from "../finding.ts";
import { isEverything, namesOf } from "../proofs.ts";

export const anyoneApproves: LintRule = {
	id: "anyone-approves",
	certainty: "proven",
	about: "`approvers` that name everybody who can reach the log",
	find: (policy) =>
		Object.entries(policy.document.approvals).flatMap(([name, { approvers }]) => {
			const at = approvers.findIndex((text) => {
				const glob = readNameGlob(text, false);
				return glob !== null && isEverything(namesOf({ caseSensitive: true, globs: [glob] }));
			});
			if (at < 0) return [];
			return [
				{
					place: policy.placeOf(["approvals", name, "approvers", at]),
					message: `\`${approvers[at]}\` lets anybody approve who can send a vote`,
					help: "name the people, or what their names have in common, such as `'*@example.com'`",
				},
			];
		}),
};
