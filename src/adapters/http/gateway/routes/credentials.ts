/** `POST /v1/credentials`: a credential for a sub-agent, narrower than the one that it is asked for with. */
import { z } from "zod";
import type { SpendingCap } from "../../../../core/model/inputs.ts";
import { DAY, SECOND } from "../../../../core/model/units.ts";
import { agentOf } from "../credential.ts";
import { defineRoute } from "../route.ts";
import { cost, count, duration, glob, name } from "../schemas.ts";

const MICROS = 1_000_000;
const TOOLS_MAX = 64;

export const issueChild = defineRoute({
	method: "POST",
	path: "/v1/credentials",
	name: "issueChild",
	tag: "agents",
	summary: "Issue a credential for a sub-agent",
	description:
		"It admits less than the caller's own and ends no later, is refused once the caller's key is revoked, and its calls carry its `actor` below the caller's. What it spends counts against its own budget and against all above it.",
	roles: ["agent"],
	body: z
		.strictObject({
			agent: name.optional().meta({ description: "The root agent that it speaks for: one of the caller's." }),
			actor: name
				.optional()
				.meta({ description: "The sub-agent, below the caller's own actor; `name` where it is left out." }),
			name: name.optional(),
			tools: z
				.array(glob)
				.min(1)
				.max(TOOLS_MAX)
				.optional()
				.meta({ description: "Among the caller's; the same where it is left out." }),
			budget: z
				.strictObject({ calls: count.optional(), tokens: count.optional(), cost: cost.optional() })
				.optional()
				.meta({ description: "What it may spend in its life." }),
			expiresIn: duration({ min: SECOND, max: 30 * DAY })
				.optional()
				.meta({ description: "By default `1h`, or as long as the caller's own." }),
		})
		.meta({
			id: "ChildWanted",
			examples: [{ agent: "coder", actor: "researcher", tools: ["web.*"], budget: { calls: 20 }, expiresIn: "10m" }],
		}),
	answers: {
		201: {
			description: "Issued. The token is told here, and never again.",
			schema: z
				.object({
					token: z.string(),
					id: z.string(),
					name: z.string(),
					tenant: z.string(),
					agent: z.string(),
					actor: z.array(z.string()),
					tools: z.array(z.string()),
					expiresAt: z.int(),
				})
				.meta({ id: "Child" }),
		},
	},
	async handle({ body, credential: parent }, { children }) {
		const { budget = {}, expiresIn: expiresMs, actor, tools } = body;
		const agent = agentOf(parent, body.agent);
		const { token, credential } = await children.issue(parent, {
			...{ name: body.name, agent, actor, tools, expiresMs },
			caps: capsOf(budget),
		});
		const { id, name, tenant, expiresAt } = credential;
		const made = { id, name, tenant, agent, actor: credential.actor, tools: credential.tools, expiresAt };
		return { status: 201, body: { token, ...made } };
	},
});

function capsOf(budget: {
	readonly calls?: number | undefined;
	readonly tokens?: number | undefined;
	readonly cost?: number | undefined;
}): Pick<SpendingCap, "measure" | "max">[] {
	const { calls, tokens, cost } = budget;
	return [
		...(calls === undefined ? [] : [{ measure: "tool_calls" as const, max: calls }]),
		...(tokens === undefined ? [] : [{ measure: "tokens" as const, max: tokens }]),
		...(cost === undefined ? [] : [{ measure: "cost" as const, max: Math.floor(cost * MICROS + 1e-6) }]),
	];
}
