/** `/v1/halts`: stop agents of the credential's tenant at once, let them go on, see who is stopped. */
import { z } from "zod";
import { MESSAGE_LENGTH_MAX } from "../../../../core/model/bounds.ts";
import { haltsInForce } from "../../../../operations/halts.ts";
import { sendHalt } from "../../../../operations/operators.ts";
import { admitsAgent, type Credential } from "../credential.ts";
import { forbidden } from "../problems.ts";
import { assertTaken, recordedOf } from "../recording.ts";
import { defineRoute, type GatewayRoute } from "../route.ts";
import { name } from "../schemas.ts";

const scope = { tenant: z.string().nullable(), agent: z.string().nullable(), session: z.string().nullable() };

export const listHalts = defineRoute({
	method: "GET",
	path: "/v1/halts",
	name: "listHalts",
	tag: "operators",
	summary: "List the halts in force, the oldest first",
	roles: ["operator", "auditor"],
	answers: {
		200: {
			description: "Those of the credential's tenant, and those of everybody.",
			schema: z.object({
				halts: z.array(z.object({ ...scope, since: z.int(), by: z.string(), reason: z.string(), partitions: z.int() })),
				partitions: z.int(),
			}),
		},
	},
	async handle({ credential, signal }, { log, layout }) {
		const halts = await haltsInForce(log, layout, { signal });
		const seen = halts.filter(({ tenant }) => tenant === null || tenant === credential.tenant);
		return { status: 200, body: { halts: seen, partitions: layout.partitions } };
	},
});

export const setHalt = changeRoute("set");
export const liftHalt = changeRoute("lifted");

function changeRoute(change: "set" | "lifted"): GatewayRoute {
	const changed = z.object({
		change: z.enum(["set", "lifted"]),
		scope: z.object(scope),
		partitions: z.int(),
		recorded: z.int().meta({ description: "Partitions on which it counts." }),
	});
	return defineRoute({
		method: "POST",
		path: change === "set" ? "/v1/halts" : "/v1/halts/lift",
		name: change === "set" ? "setHalt" : "liftHalt",
		tag: "operators",
		summary:
			change === "set" ? "Stop an agent, a session, or the whole tenant" : "End a halt that was set with these names",
		description: "Recorded under the credential's name, on every partition.",
		roles: ["operator"],
		body: z
			.strictObject({
				agent: name.optional(),
				session: name.optional(),
				reason: z.string().max(MESSAGE_LENGTH_MAX).optional(),
			})
			.meta({ id: change === "set" ? "Halt" : "HaltLift" }),
		answers: {
			200: { description: "Recorded on every partition.", schema: changed },
			202: { description: "On the log; some partitions have not recorded it yet.", schema: changed },
			404: { description: "No such halt is in force.", schema: null },
			409: { description: "It has no effect, and the problem says why.", schema: null },
		},
		async handle({ body, credential, signal }, parts) {
			const { agent = null, session = null, reason = "" } = body;
			assertMayHalt(credential, agent);
			const scope = { tenant: credential.tenant, agent, session };
			const by = { by: credential.name, signer: parts.operatorSigner, now: parts.clock.now() };
			const record = { ...by, change, scope, reason };
			const sent = await Promise.all(sendHalt(parts.log, parts.layout, record));
			const entries = [...(await recordedOf(parts, sent, signal)).values()];
			const recorded = entries.filter(({ kind }) => kind === `halt.${change}`).length;
			if (recorded === 0) assertTaken(entries[0]);
			const { partitions } = parts.layout;
			return {
				status: entries.length < partitions ? 202 : 200,
				body: { change, scope, partitions, recorded },
			};
		},
	});
}

/** Throws GATEWAY_FORBIDDEN: who speaks for some agents stops no others, and not everybody. */
function assertMayHalt(credential: Credential, agent: string | null): void {
	const { agents } = credential;
	if (agents === "*" || (agent !== null && admitsAgent(credential, agent))) return;
	throw forbidden("this credential does not stop that agent", `it speaks for \`${agents}\`: name one of them`);
}
