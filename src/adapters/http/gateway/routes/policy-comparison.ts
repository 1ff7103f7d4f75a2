/** `POST /v1/policies/compare`: whether what is in force is at least as strict as the policies of a program. */
import { z } from "zod";
import { type DurationMs, SECOND } from "../../../../core/model/units.ts";
import type { Credential } from "../credential.ts";
import {
	activePolicies,
	comparedOrThrow,
	SOURCE_EXAMPLE,
	sentPolicies,
	source,
	translateSent,
} from "../policy-sources.ts";
import { tooMany } from "../problems.ts";
import { defineRoute, type GatewayParts } from "../route.ts";

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
	body: sentPolicies.meta({ examples: [{ sources: [SOURCE_EXAMPLE] }] }),
	answers: {
		200: { description: "How they relate.", schema: compared },
		409: { description: "No policies are in force.", schema: null },
	},
	handle: async ({ body, credential }, parts) => {
		const { sources, differences } = translateSent(body);
		const active = await activePolicies(parts.log, parts.layout);
		// Anybody's policies may take long to compile, and agents wait for decisions meanwhile: not on this thread, and one by one.
		const pair = { first: active.sources, second: sources, budgetRoot: parts.layout.budgetRoot };
		const compared = await oneByOne(parts, credential, () => comparedOrThrow(parts.comparer, pair));
		const { relation, summary, looser } = compared;
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

/** Who waits for a comparison, by gateway of this process. */
const WAITING = new WeakMap<GatewayParts, Set<string>>();

const RETRY_MS: DurationMs = SECOND;

/** Throws GATEWAY_RATE while the same credential, or one that descends from it, waits for another. */
async function oneByOne<Out>(parts: GatewayParts, { countedAs }: Credential, ask: () => Promise<Out>): Promise<Out> {
	const waiting = WAITING.get(parts) ?? new Set();
	WAITING.set(parts, waiting);
	if (waiting.has(countedAs)) throw tooMany(RETRY_MS);
	waiting.add(countedAs);
	try {
		return await ask();
	} finally {
		waiting.delete(countedAs);
	}
}
