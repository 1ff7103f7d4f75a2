/** `POST /v1/intents`: asks for a decision and waits for it. */
import { z } from "zod";
import type { CallRequest } from "../../../../client/composer.ts";
import { type Decision, mayRun } from "../../../../client/decision.ts";
import { ACTOR_PARTS_MAX, EXECUTOR_LENGTH_MAX } from "../../../../core/model/bounds.ts";
import { MINUTE, SECOND } from "../../../../core/model/units.ts";
import { assertTool, principalOf } from "../credential.ts";
import { draining } from "../problems.ts";
import { defineRoute } from "../route.ts";
import { args, cost, count, decision, duration, facts, name } from "../schemas.ts";

/** The client waits for something: at once is as soon as possible. */
const WAIT_MIN_MS = 1;
const WAIT_MAX_MS = MINUTE;

const query = z.strictObject({
	wait: duration({ min: 0, max: WAIT_MAX_MS })
		.optional()
		.meta({ description: "How long to wait for the decision: `0s` to `60s`, by default `5s`." }),
	hold: z
		.enum(["wait", "return"])
		.optional()
		.meta({ description: "Whether a hold is waited on, for `wait` again, or answered at once (the default)." }),
});

const body = z
	.strictObject({
		id: name
			.optional()
			.meta({ description: "Unique per agent; drawn where it is left out. Decided, charged and run once." }),
		tenant: name.optional().meta({ description: "The credential's; another is refused." }),
		agent: name.optional(),
		session: name.optional().meta({ description: "The run; `default` where it is left out." }),
		actor: z.array(name).max(ACTOR_PARTS_MAX).optional(),
		onBehalfOf: name.nullish(),
		tool: name,
		args,
		estimate: z.strictObject({ tokens: count.optional(), cost: cost.optional() }).optional(),
		facts: facts.optional(),
		executor: name
			.refine((text) => text.length <= EXECUTOR_LENGTH_MAX, `at most ${EXECUTOR_LENGTH_MAX} characters are accepted`)
			.optional()
			.meta({
				maxLength: EXECUTOR_LENGTH_MAX,
				description: "A random text of the asker. Asking again with the same id and executor gives the same decision.",
			}),
		deadlineMs: z
			.int()
			.min(1)
			.max(WAIT_MAX_MS)
			.optional()
			.meta({ description: "How long the caller can use a decision, where that is less than `wait`." }),
	})
	.meta({
		id: "Intent",
		examples: [{ id: "run-7/1", session: "run-7", agent: "coder", tool: "shell", args: { command: "ls docs" } }],
	});

export const submitIntent = defineRoute({
	method: "POST",
	path: "/v1/intents",
	name: "submitIntent",
	tag: "agents",
	summary: "Ask whether a tool call may run",
	description:
		"Publishes the call and waits for its decision. No decision in time is a denial (`source: timeout`), and the call is abandoned; so is one whose caller goes away while nobody has decided. A call that waits for a human stays held: ask again with the same `id` and `executor`.",
	waits: true,
	roles: ["agent"],
	query,
	body,
	answers: {
		200: { description: "Decided: `allow` or `deny`.", schema: decision },
		202: { description: "Held: a human is asked.", schema: decision },
	},
	async handle({ query, body, credential, headers, signal }, { client }) {
		const { tool, deadlineMs = Number.POSITIVE_INFINITY } = body;
		const principal = principalOf(credential, body);
		assertTool(credential, tool);
		const waitMs = query.wait ?? 5 * SECOND;
		const request: CallRequest = {
			...principal,
			tool,
			args: body.args,
			facts: body.facts ?? null,
			caps: credential.caps,
			deadlineMs: Math.max(WAIT_MIN_MS, Math.min(waitMs, deadlineMs)),
			...given(body, ["id", "estimate", "executor"]),
			...traceOf(headers),
			...(query.hold === "wait" ? { onHold: "wait", holdMs: waitMs } : { onHold: "return" }),
			signal,
		};
		const decided = await client.decide(request);
		if (decided.source === "closed") throw draining();
		return { status: decided.verdict === "hold" ? 202 : 200, body: decisionBody(decided) };
	},
});

/** Those of the members that are there. */
function given<Of extends object, Key extends keyof Of>(
	members: Of,
	keys: readonly Key[],
): { [Each in Key]?: Exclude<Of[Each], undefined> } {
	const found: { [Each in Key]?: Exclude<Of[Each], undefined> } = {};
	for (const key of keys) {
		const value = members[key];
		if (value !== undefined) found[key] = value as Exclude<Of[Key], undefined>;
	}
	return found;
}

/** What is no trace context is left out by the client itself. */
function traceOf({ traceparent, tracestate }: Readonly<Record<string, unknown>>): Pick<CallRequest, "trace"> {
	if (typeof traceparent !== "string") return {};
	return { trace: { traceparent, ...(typeof tracestate === "string" ? { tracestate } : {}) } };
}

const decisionBody = (decided: Decision): object => ({ ...decided, mayRun: mayRun(decided) });
