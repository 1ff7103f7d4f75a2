/** `GET /v1/policies` and `POST /v1/policies/activations`: what is in force, and putting something else into force. */
import { z } from "zod";
import { activatePolicies } from "../../../../operations/activation.ts";
import { sentActivation } from "../../../../operations/operators.ts";
import { policyStanding } from "../../../../operations/policy-standing.ts";
import { readBundles } from "../../../../reading/bundles.ts";
import { partitionsOf } from "../../../../reading/principal-filter.ts";
import { digestOf, sentPolicies, source, translateSent } from "../policy-sources.ts";
import { forbidden } from "../problems.ts";
import { assertTaken, recordedOf } from "../recording.ts";
import { defineRoute } from "../route.ts";

const digest = z.string().meta({ description: "64 hex digits; empty where nothing is in force." });

export const readPolicies = defineRoute({
	method: "GET",
	path: "/v1/policies",
	name: "readPolicies",
	tag: "policies",
	summary: "Read the policies in force",
	roles: ["operator", "auditor"],
	answers: {
		200: {
			description: "By partition, and the sources of each set.",
			schema: z.object({
				partitions: z.array(
					z.object({
						partition: z.int(),
						digest,
						generation: z.int(),
						before: digest,
						proposed: z
							.object({ digest: z.string(), generation: z.int(), by: z.string() })
							.nullable()
							.meta({ description: "What waits for a second operator." }),
						waiting: z.int().meta({ description: "Activations that the partition has not read yet." }),
					}),
				),
				sets: z.array(z.object({ digest: z.string(), sources: z.array(source) })),
			}),
		},
	},
	async handle({ signal }, { log, layout }) {
		const standings = await Promise.all(
			partitionsOf(layout).map(async (partition) => ({
				partition,
				...(await policyStanding(log, layout, partition, { signal })),
			})),
		);
		const bundles = await readBundles(log);
		const partitions = standings.map(({ partition, policy, waiting }) => ({
			partition,
			digest: policy.digest,
			generation: policy.generation,
			before: policy.before,
			proposed: policy.proposed === null ? null : proposedOf(policy.proposed),
			waiting: waiting.length,
		}));
		const sets = [...new Set(partitions.map((each) => each.digest))].flatMap((each) => {
			const bundle = bundles.get(each);
			return bundle === undefined ? [] : [{ digest: each, sources: bundle.sources }];
		});
		return { status: 200, body: { partitions, sets } };
	},
});

const proposedOf = ({ digest, generation, by }: { digest: string; generation: number; by: string }) => ({
	digest,
	generation,
	by,
});

export const activate = defineRoute({
	method: "POST",
	path: "/v1/policies/activations",
	name: "activatePolicies",
	tag: "policies",
	summary: "Put a set of policies into force in the place of what is",
	description:
		"For the whole deployment, whatever the credential's tenant: only a credential for all agents may. Recorded under its name. Deployments that ask for signatures or for a second operator ask here, too.",
	roles: ["operator"],
	body: sentPolicies.meta({ id: "PolicyActivation" }),
	answers: {
		200: {
			description: "Recorded on every partition.",
			schema: z.object({
				digest: z.string(),
				generation: z.int(),
				partitions: z.int(),
				inForce: z.int().meta({ description: "Partitions where it is in force; on others it is proposed." }),
			}),
		},
		202: {
			description: "On the log; some partitions have not recorded it yet.",
			schema: z.object({ digest: z.string(), generation: z.int(), partitions: z.int(), inForce: z.int() }),
		},
		409: { description: "It has no effect, and the problem says why.", schema: null },
	},
	async handle({ body, credential, signal }, parts) {
		const { log, layout, clock } = parts;
		if (credential.agents !== "*") {
			const help = "policies are everybody's: use an operator's credential for all agents (`--agent '*'`)";
			throw forbidden("this credential speaks for some agents only", help);
		}
		const { sources } = translateSent(body);
		const digest = await digestOf(sources, parts);
		const by = { by: credential.name, signer: parts.operatorSigner, now: clock.now() };
		const activation = await activatePolicies(log, { layout, sources, digest, ...by });
		const entries = [...(await recordedOf(parts, sentActivation(activation), signal)).values()];
		const inForce = entries.filter(({ kind }) => kind === "policy.activated").length;
		if (inForce === 0) assertTaken(entries.find(({ kind }) => kind === "input.rejected"));
		const { partitions } = layout;
		const answered = { digest, generation: activation.generation, partitions, inForce };
		return { status: entries.length < partitions ? 202 : 200, body: answered };
	},
});
