/** `/v1/budgets`: what is spent, reserved and left of the credential's tenant, and its top-ups and resets. */
import { z } from "zod";
import { INTEGER_MAX } from "../../../../core/model/bounds.ts";
import { sendAdjustment } from "../../../../operations/operators.ts";
import { lookAt } from "../../../../operations/questions.ts";
import { limitInForce, spending } from "../../../../operations/spending.ts";
import { partitionsOf } from "../../../../reading/principal-filter.ts";
import { agentOf } from "../credential.ts";
import { notFound, refused } from "../problems.ts";
import { assertTaken, recordedOne } from "../recording.ts";
import { defineRoute } from "../route.ts";
import { measure, name } from "../schemas.ts";

const row = z
	.object({
		policy: z.string(),
		limit: z.string(),
		measure,
		windowMs: z.int().meta({ description: "0 for life." }),
		scope: z.enum(["tenant", "agent", "session"]),
		scopeKey: z.string(),
		settled: z.int(),
		reserved: z.int(),
		max: z.int().nullable(),
		left: z.int().nullable(),
		debt: z.int(),
		mode: z.enum(["enforce", "audit"]).nullable(),
	})
	.meta({
		id: "Budget",
		description: "Amounts in the measure's own unit: calls, tokens, millionths of cost, milliseconds.",
	});

export const listBudgets = defineRoute({
	method: "GET",
	path: "/v1/budgets",
	name: "listBudgets",
	tag: "operators",
	summary: "See what is spent, reserved and left",
	roles: ["operator", "auditor"],
	query: z.strictObject({ agent: name.optional(), session: name.optional() }),
	answers: { 200: { description: "Budgets that count somebody.", schema: z.object({ budgets: z.array(row) }) } },
	async handle({ query, credential, signal }, { log, layout, clock }) {
		const { agent, session } = query;
		const filter = {
			tenant: credential.tenant,
			...(agent === undefined ? {} : { agent }),
			...(session === undefined ? {} : { session }),
		};
		const options = { filter, now: clock.now(), everything: false, reading: { signal } };
		return { status: 200, body: { budgets: (await spending(log, layout, options)).rows } };
	},
});

export const adjustBudget = defineRoute({
	method: "POST",
	path: "/v1/budgets/adjustments",
	name: "adjustBudget",
	tag: "operators",
	summary: "Raise a budget, or set it back to nothing spent",
	description: "Recorded under the credential's name. What is reserved stays reserved.",
	roles: ["operator"],
	body: z
		.strictObject({
			policy: name,
			limit: name,
			agent: name.optional().meta({ description: "For limits per agent and per session." }),
			session: name.optional().meta({ description: "For limits per session." }),
			change: z.enum(["topup", "reset"]),
			amount: z.int().min(1).max(INTEGER_MAX).optional().meta({
				description: "Of a top-up, in the measure's own unit: calls, tokens, millionths of cost, milliseconds.",
			}),
		})
		.meta({
			id: "BudgetAdjustment",
			examples: [{ policy: "baseline", limit: "tokens-per-day", agent: "coder", change: "topup", amount: 100_000 }],
		}),
	answers: {
		200: {
			description: "Recorded.",
			schema: z.object({ policy: z.string(), limit: z.string(), scopeKey: z.string() }),
		},
		202: {
			description: "On the log; nobody has decided on it yet.",
			schema: z.object({ policy: z.string(), limit: z.string() }),
		},
		404: { description: "The policies in force have no such limit.", schema: null },
		409: { description: "It has no effect, and the problem says why.", schema: null },
	},
	async handle({ body, credential, signal }, parts) {
		const { log, layout, clock } = parts;
		const { policy, limit: wanted, change, amount = 0 } = body;
		if ((change === "topup") !== amount > 0) {
			throw refused("`amount` and `change` do not fit", "a top-up needs an `amount`, a reset has none");
		}
		const { tenant } = credential;
		const [partition = 0] = partitionsOf(layout, {
			tenant,
			...(body.agent === undefined ? {} : { agent: body.agent }),
			...(body.session === undefined ? {} : { session: body.session }),
		});
		const state = await lookAt(log, layout, partition, { wanted: {}, reading: { signal } });
		const { limit } = await limitInForce(log, layout, { state, policy, limit: wanted });
		if (limit === null)
			throw notFound("no such limit is in force", "`GET /v1/budgets` lists those that count somebody");
		const agent = limit.scope === "tenant" ? "" : agentOf(credential, body.agent);
		if (limit.scope === "session" && body.session === undefined) {
			throw refused("`session` is missing", "the limit counts per session: say whose");
		}
		const session = limit.scope === "session" ? (body.session ?? "") : "";
		const by = { by: credential.name, signer: parts.operatorSigner, now: clock.now() };
		const adjustment = { ...by, policy, limit: wanted, tenant, agent, session, change, amount };
		const sent = await sendAdjustment(log, layout, adjustment);
		const entry = await recordedOne(parts, sent, signal);
		assertTaken(entry);
		if (entry?.kind !== "budget.adjusted") return { status: 202, body: { policy, limit: wanted } };
		return { status: 200, body: { policy, limit: wanted, scopeKey: entry.scopeKey } };
	},
});
