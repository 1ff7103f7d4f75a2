/** `GET /v1/decisions/{id}`: what the ledger says of a call. */
import { z } from "zod";
import type { RecordedCall } from "../../../../core/analysis/cases/recorded.ts";
import { explain } from "../../../../core/engine/explain.ts";
import { isPlainName } from "../../../../core/language/glob-reader.ts";
import { callKey } from "../../../../core/model/ids.ts";
import { recordedSteps } from "../../../../operations/recorded.ts";
import { admitsAgent, admitsCall, agentOf, assertTenant } from "../credential.ts";
import { conflict, notFound } from "../problems.ts";
import { defineRoute } from "../route.ts";
import { budget, name, obligations, reason, sequence } from "../schemas.ts";

const recorded = z
	.object({
		id: z.string(),
		tenant: z.string(),
		agent: z.string(),
		session: z.string(),
		actor: z.array(z.string()),
		onBehalfOf: z.string().nullable(),
		askedBy: z.string().nullable().meta({ description: "The name of the credential that asked." }),
		publisher: z.string().nullable().meta({ description: "Who signed the call, where the policies name publishers." }),
		tool: z.string(),
		at: z.int().meta({ description: "The ledger's time, ms since 1970." }),
		verdict: z.enum(["allow", "deny", "hold"]),
		reasons: z.array(reason),
		obligations,
		budgets: z.array(budget),
		begins: z.array(sequence),
		policyDigest: z.string(),
		outcomes: z.array(
			z.object({
				at: z.int(),
				status: z.enum(["ok", "error", "unknown"]),
				usage: z.object({
					tokens: z.int().nullable(),
					costMicros: z.int().nullable(),
					executionMs: z.int().nullable(),
				}),
			}),
		),
		votes: z.array(
			z.object({ at: z.int(), vote: z.enum(["granted", "rejected"]), by: z.string(), result: z.string() }),
		),
		explanation: z.array(z.string()).optional(),
	})
	.meta({ id: "RecordedDecision" });

export const readDecision = defineRoute({
	method: "GET",
	path: "/v1/decisions/{id}",
	name: "readDecision",
	tag: "agents",
	summary: "Read a recorded decision",
	description: "From the ledger, with what came of the call. Arguments are never part of it.",
	roles: ["agent", "auditor"],
	params: z.strictObject({ id: name }),
	query: z.strictObject({
		tenant: name.optional().meta({ description: "The credential's; another is refused." }),
		agent: name.optional(),
		session: name.optional(),
		explain: z.enum(["true", "false"]).optional().meta({ description: "With the decision in words." }),
	}),
	answers: {
		200: { description: "The decision.", schema: recorded },
		404: { description: "No call that this credential may see has the id.", schema: null },
		409: { description: "Several agents have a call with the id: say whose.", schema: null },
	},
	async handle({ params, query, credential, signal }, { log, layout, turns }) {
		assertTenant(credential, query.tenant);
		const isAuditor = credential.roles.includes("auditor");
		const agent =
			query.agent === undefined
				? isAuditor || !isPlainName(credential.agents)
					? undefined
					: credential.agents
				: isAuditor
					? query.agent
					: agentOf(credential, query.agent);
		const filter = {
			tenant: credential.tenant,
			...(agent === undefined ? {} : { agent }),
			...(query.session === undefined ? {} : { session: query.session }),
		};
		const wanted = { filter, id: params.id, from: null, to: null, limit: DECISIONS_MAX, reading: { signal } };
		const read = await turns.take(credential, () => recordedSteps(log, layout, wanted), signal);
		const isAdmitted = (step: (typeof read)[number]): boolean =>
			step.kind === "call" ? admitsCall(credential, step.call) : admitsAgent(credential, step.call.agent);
		const steps = read.filter((step) => isAuditor || isAdmitted(step));
		const [first, ...others] = steps.filter((step) => step.kind === "call");
		if (first === undefined) {
			const help = "an answer may come before the ledger is read: ask again; or it is another agent's";
			throw notFound("no decision of yours has that id", help);
		}
		if (others.some(({ call }) => callKey(call) !== callKey(first.call))) {
			throw conflict("several agents have a call with that id", "say whose: `?agent=NAME`");
		}
		// A call that was held is decided again at its grant.
		const last = others.at(-1) ?? first;
		return { status: 200, body: bodyOf(last, steps, query.explain === "true") };
	},
});

/** Of one id: each agent's, and each held call's second decision. */
const DECISIONS_MAX = 16;

function bodyOf(decided: RecordedCall, steps: Awaited<ReturnType<typeof recordedSteps>>, isExplained: boolean): object {
	const { call, at, verdict, reasons, obligations: owed, budgets, begins, policyDigest } = decided;
	const { id, tenant, agent, session, actor, onBehalfOf, askedBy, publisher, tool } = call;
	return {
		...{ id, tenant, agent, session, actor, onBehalfOf, askedBy, publisher, tool, at, verdict },
		...{ reasons, obligations: owed, budgets, begins, policyDigest },
		outcomes: steps.flatMap((step) =>
			step.kind === "outcome" ? [{ at: step.at, status: step.status, usage: step.usage }] : [],
		),
		votes: steps.flatMap((step) =>
			step.kind === "vote" ? [{ at: step.at, vote: step.vote, by: step.by, result: step.result }] : [],
		),
		...(isExplained ? { explanation: explain(decided) } : {}),
	};
}
