/** `POST /v1/policies/compare`: whether what is in force is at least as strict as the policies of a program. */
import { z } from "zod";
import { AssentError, type Problem } from "../../../../core/base/errors.ts";
import { SOURCE_LENGTH_MAX } from "../../../../core/model/bounds.ts";
import type { PolicySourceText } from "../../../../core/model/records.ts";
import { compilePolicies } from "../../../../core/policy/compile.ts";
import { importAgentOs } from "../../../../core/policy/import/agent-os-import.ts";
import { latestActivation } from "../../../../reading/activations.ts";
import { readBundles } from "../../../../reading/bundles.ts";
import { conflict } from "../problems.ts";
import { defineRoute } from "../route.ts";
import { name } from "../schemas.ts";

const source = z.strictObject({ name, text: z.string().max(SOURCE_LENGTH_MAX) });

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
	body: z.strictObject({
		sources: z.array(source).min(1).max(100),
		besides: z
			.array(name)
			.max(20)
			.default([])
			.meta({ description: "Calls of the agent's host that a GovernancePolicy has no word for." }),
	}),
	answers: {
		200: { description: "How they relate.", schema: compared },
		409: { description: "No policies are in force.", schema: null },
	},
	handle: async ({ body }, { log, layout, comparer }) => {
		const { budgetRoot } = layout;
		const translated = body.sources.map((each) => translatedOf(each, body.besides));
		const sources = translated.map(({ source }) => source);
		const wanted = compilePolicies(sources, { budgetRoot });
		if (!wanted.ok) throw faultyPolicies(wanted.error);
		const active = await latestActivation(log);
		const bundle = active === null ? undefined : (await readBundles(log)).get(active.digest);
		if (active === null || bundle === undefined)
			throw conflict("no policies are in force", "activate some: `assent policy activate FILE`");
		const { relation, summary, looser } = await comparer.compare({
			first: bundle.sources,
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
				differences: translated.flatMap(({ differences }) => differences),
			},
		};
	},
});

interface Translated {
	readonly source: PolicySourceText;
	readonly differences: readonly { readonly field: string; readonly admits: string; readonly reason: string }[];
}

/** Throws the problems of a GovernancePolicy that cannot be read. */
function translatedOf({ name, text }: PolicySourceText, besides: readonly string[]): Translated {
	if (/^["']?apiVersion["']?\s*:/m.test(text)) return { source: { name, text }, differences: [] };
	const read = importAgentOs(name, text, { approvers: ["*"], besides });
	if (!read.ok) throw faultyPolicies(read.error);
	const differences = read.value.differences.map(({ field, admits, reason }) => ({ field, admits, reason }));
	return { source: { name, text: read.value.text }, differences };
}

function faultyPolicies([first, ...others]: readonly Problem[]): AssentError {
	if (first === undefined) throw new Error("no problem was given");
	return new AssentError(first, {}, others);
}
