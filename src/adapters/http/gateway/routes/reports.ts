/** `POST /v1/outcomes` and `POST /v1/abandonments`: what came of a call. */
import { z } from "zod";
import type { RoutedCall } from "../../../../client/outcomes.ts";
import {
	EXECUTOR_LENGTH_MAX,
	SKETCH_LENGTH_MAX,
	TEXT_LENGTH_MAX,
	TOKEN_LENGTH_MAX,
} from "../../../../core/model/bounds.ts";
import { principalOf } from "../credential.ts";
import { defineRoute } from "../route.ts";
import { cost, count, name } from "../schemas.ts";

const published = { description: "It is on the log.", schema: z.object({ id: z.string() }) };

/** Whose call it is: names as they were given when it was asked for. */
const call = {
	id: name,
	tenant: name.optional().meta({ description: "The credential's; another is refused." }),
	agent: name.optional(),
	session: name.optional().meta({ description: "The run; `default` where it is left out." }),
};

export const reportOutcome = defineRoute({
	method: "POST",
	path: "/v1/outcomes",
	name: "reportOutcome",
	tag: "agents",
	summary: "Report what came of an allowed call",
	description: "What is not reported, or left out, costs what was reserved.",
	roles: ["agent"],
	body: z
		.strictObject({
			...call,
			status: z
				.enum(["ok", "error", "unknown"])
				.meta({ description: "`unknown`: nobody saw how it ended. It settles in full." }),
			usage: z
				.strictObject({ tokens: count.optional(), cost: cost.optional(), durationMs: count.optional() })
				.optional(),
			sketch: z
				.string()
				.max(SKETCH_LENGTH_MAX)
				.regex(/^[A-Za-z0-9_-]*$/)
				.optional()
				.meta({ description: "A sketch of the tool's output, by which drift is told; never the output itself." }),
		})
		.meta({
			id: "Outcome",
			examples: [
				{ id: "run-7/1", session: "run-7", agent: "coder", status: "ok", usage: { tokens: 120, cost: 0.002 } },
			],
		}),
	answers: { 202: published },
	async handle({ body, credential }, { client }) {
		const { id, status, usage = {}, sketch = "" } = body;
		const { tokens, cost, durationMs } = usage;
		const used = { tokens, cost, executionMs: durationMs };
		await client.report({ ...callerOf(credential, body), id }, status, used, { sketch });
		return { status: 202, body: { id } };
	},
});

export const abandonIntent = defineRoute({
	method: "POST",
	path: "/v1/abandonments",
	name: "abandonIntent",
	tag: "agents",
	summary: "Say that a call never ran and never will",
	description:
		"What it reserved comes back, and its id is closed. Where decisions come with tokens, an allowed call is given up with its token, which is used up: without it the call stays as it is, and costs what was reserved.",
	roles: ["agent"],
	body: z
		.strictObject({
			...call,
			reason: z.string().min(1).max(TEXT_LENGTH_MAX),
			executor: name
				.refine((text) => text.length <= EXECUTOR_LENGTH_MAX, `at most ${EXECUTOR_LENGTH_MAX} characters are accepted`)
				.optional()
				.meta({
					maxLength: EXECUTOR_LENGTH_MAX,
					description: "Of the decision: without effect where another executor has the call by now.",
				}),
			token: z
				.string()
				.max(TOKEN_LENGTH_MAX)
				.optional()
				.meta({ description: "Of the decision: used up, so that nobody runs the call any more." }),
		})
		.meta({ id: "Abandonment" }),
	answers: {
		202: published,
		409: { description: "The token was used, so that the call may have run, or is not this call's.", schema: null },
	},
	async handle({ body, credential }, { client }) {
		const { id, reason, executor, token = "" } = body;
		const abandoned = { ...callerOf(credential, body), id, ...(executor === undefined ? {} : { executor }) };
		await client.giveUp(abandoned, token, reason);
		return { status: 202, body: { id } };
	},
});

/** A child speaks for its own calls and those below it: whether this is one of them the processor sees. */
function callerOf(...of: Parameters<typeof principalOf>): Omit<RoutedCall, "id"> {
	const { tenant, agent, session, actor } = principalOf(...of);
	return { tenant, agent, session, actor };
}
