/** `POST /v1/tokens/consume`: for executors that do not speak to the log themselves. */
import { z } from "zod";
import { AssentError } from "../../../../core/base/errors.ts";
import { TOKEN_LENGTH_MAX } from "../../../../core/model/bounds.ts";
import { namesOf } from "../../../../core/token/claims.ts";
import { admitsAgent, assertTool } from "../credential.ts";
import { defineRoute } from "../route.ts";
import { args, name } from "../schemas.ts";

const consumed = z
	.object({
		jti: z.string().meta({ description: "The allow: `<partition>-<seq>` of its entry." }),
		intent: name.meta({ description: "The id of the call that may run now." }),
		tenant: name,
		agent: name,
		session: name,
		executor: name,
		expiresAt: z.int().meta({ description: "Until when the call may begin, in milliseconds since 1970." }),
	})
	.meta({ id: "ConsumedToken" });

export const consumeToken = defineRoute({
	method: "POST",
	path: "/v1/tokens/consume",
	name: "consumeToken",
	tag: "agents",
	summary: "Use up a call's token, before the call runs",
	description:
		"For an executor that was handed a token with a call. 200: the call may run, now and once. The token must be for this tool and these arguments as they are about to run, and for an agent that the credential speaks for.",
	roles: ["agent"],
	body: z
		.strictObject({
			token: z.string().max(TOKEN_LENGTH_MAX),
			tool: name,
			args,
			executor: name
				.optional()
				.meta({ description: "This executor's own name, where it has one: a token for another is refused." }),
		})
		.meta({ id: "TokenUse" }),
	answers: {
		200: { description: "It is used up: run the call.", schema: consumed },
		409: {
			description: "The call must not run: the token was used, is late, or is for something else.",
			schema: null,
		},
	},
	async handle({ body, credential }, { client }) {
		const { token, tool, executor = null } = body;
		assertTool(credential, tool);
		const { tenant } = credential;
		const agent = (of: string): boolean => admitsAgent(credential, of);
		const used = await client.consumeToken(token, { executor, tenant, agent, tool, args: body.args });
		if (!used.ok) throw new AssentError(used.error);
		const { jti, int: intent, sid: session, aud, sub, exp } = used.value;
		const names = { tenant, agent: namesOf(sub)?.agent };
		return { status: 200, body: { jti, intent, ...names, session, executor: aud, expiresAt: exp * 1_000 } };
	},
});
