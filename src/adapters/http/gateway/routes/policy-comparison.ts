/** `POST /v1/policies/compare`: whether what is in force is at least as strict as the policies of a program. */
import { z } from "zod";
import { activePolicies, readSent, sentPolicies, source } from "../policy-sources.ts";
import { defineRoute } from "../route.ts";

const relation = z.enum(["equal", "stricter", "looser", "incomparable", "not-as-strict", "unknown"]);

const compared = z
	.object({
		relation: relation.meta({ description: "What is in force is this, seen from what was sent." }),
		isAsStrict: z.boolean().meta({ description: "Proven: whatever was sent stops, is stopped." }),
		summary: z.string(),
		looser: z
			.array(z.object({ dimension: z.string(), rule: z.string(), why: z.string() }))
			.meta({ description: "What was sent and is not, or may not be, in force; the first 20." }),
		activeDigest: z.string(),
		sources: z.array(source).meta({ description: "What was sent, as Assent's policies." }),
		differences: z
			.array(z.object({ field: z.string(), admits: z.enum(["more", "fewer", "the same"]), reason: z.string() }))
			.meta({ description: "What was said otherwise where a GovernancePolicy was translated." }),
	})
	.meta({ id: "PolicyComparison" });

const LOOSER_MAX = 20;

export const comparePolicies = defineRoute({
	method: "POST",
	path: "/v1/policies/compare",
	name: "comparePolicies",
	tag: "policies",
	summary: "Compare what is in force with policies",
	description:
		"Says whether the active policies are at least as strict as those that are sent: Assent's own, or a GovernancePolicy of Agent-OS, which has no `apiVersion`. Changes nothing.",
	roles: ["agent", "operator", "auditor"],
	body: sentPolicies,
	answers: {
		200: { description: "How they relate.", schema: compared },
		409: { description: "No policies are in force.", schema: null },
	},
	handle: async ({ body }, { log, layout, comparer }) => {
		const { budgetRoot } = layout;
		const { sources, differences } = readSent(body, layout);
		const active = await activePolicies(log);
		const { relation, summary, looser } = await comparer.compare({
			first: active.sources,
			second: sources,
			budgetRoot,
		});
		return {
			status: 200,
			body: {
				relation,
				isAsStrict: relation === "equal" || relation === "stricter",
				summary,
				looser: looser.slice(0, LOOSER_MAX),
				activeDigest: active.digest,
				sources,
				differences,
			},
		};
	},
});
