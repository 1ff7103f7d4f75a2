/** `GET /v1/calls/unknown`: calls of which nobody knows whether they ran, for a person to look at. */
import { z } from "zod";
import { callKey } from "../../../../core/model/ids.ts";
import { unknownCalls } from "../../../../operations/unknown-calls.ts";
import { defineRoute } from "../route.ts";
import { measure, name } from "../schemas.ts";

const unknown = z
	.object({
		id: z.string().meta({ description: "`tenant/agent/id`, percent-encoded: unique." }),
		partition: z.int(),
		call: z.object({ tenant: z.string(), agent: z.string(), id: z.string() }),
		session: z.string(),
		tool: z.string(),
		commitment: z.string(),
		allowedAt: z.int().meta({ description: "It may have run since." }),
		charged: z.array(
			z.object({
				policy: z.string(),
				limit: z.string(),
				measure,
				windowMs: z.int(),
				scope: z.enum(["tenant", "agent", "session"]),
				amount: z.int(),
			}),
		),
		slotUntil: z.int().nullable().meta({ description: "Until when it takes a slot of calls at the same time." }),
		listedUntil: z.int().nullable().meta({ description: "Until when it is on this list; null: not known yet." }),
	})
	.meta({ id: "UnknownCall" });

export const listUnknownCalls = defineRoute({
	method: "GET",
	path: "/v1/calls/unknown",
	name: "listUnknownCalls",
	tag: "operators",
	summary: "List allowed calls whose end nobody saw, the longest ago allowed first",
	description:
		"They have settled in full and are never run again by themselves. An outcome that tells the end takes a call off the list.",
	roles: ["operator", "auditor"],
	query: z.strictObject({ agent: name.optional(), session: name.optional() }),
	answers: {
		200: {
			description: "Those of the credential's tenant.",
			schema: z.object({
				calls: z.array(unknown),
				isCut: z.boolean().meta({ description: "There are more of them than are listed." }),
			}),
		},
	},
	async handle({ query, credential, signal }, { log, layout, clock }) {
		const { agent, session } = query;
		const filter = {
			tenant: credential.tenant,
			...(agent === undefined ? {} : { agent }),
			...(session === undefined ? {} : { session }),
		};
		const { calls, isCut } = await unknownCalls(log, layout, { filter, now: clock.now(), reading: { signal } });
		return { status: 200, body: { calls: calls.map((each) => ({ id: callKey(each.call), ...each })), isCut } };
	},
});
