/** The keys of the `gateway` section. */
import { z } from "zod";
import { ROLES } from "../../adapters/http/gateway/credential.ts";
import { ISSUER_ALGORITHMS } from "../../adapters/http/gateway/issuers.ts";
import { DEFAULT_LIMITS } from "../../adapters/http/gateway/limits.ts";
import { duration, text } from "./forms.ts";

const claim = text.optional();

const issuer = z.strictObject({
	issuer: text.meta({ description: "The tokens' `iss`." }),
	audience: text.meta({ description: "What their `aud` must have." }),
	jwks: text.meta({ description: "Path of a JWK set, or its URL." }),
	algorithms: z
		.array(z.enum(ISSUER_ALGORITHMS))
		.min(1)
		.optional()
		.meta({ description: "How they may be signed.", absent: "EdDSA, ES256" }),
	roles: z.array(z.enum(ROLES)).min(1).optional().meta({ description: "The same for all of its tokens." }),
	tenant: text.optional().meta({ description: "The same for all of its tokens." }),
	agents: text.optional().meta({ description: "The same for all of its tokens: a name, or a glob." }),
	tools: z
		.array(text)
		.min(1)
		.optional()
		.meta({ description: "The same for all of its tokens; `*` where neither is given." }),
	claims: z
		.strictObject({
			roles: claim.meta({ description: "The claim with the roles: a list, or words." }),
			tenant: claim.meta({ description: "The claim with the tenant." }),
			agents: claim.meta({ description: "The claim with the agent, or a glob." }),
			tools: claim.meta({ description: "The claim with the tools: a list of globs, or words." }),
		})
		.optional()
		.meta({ description: "What each token says of itself." }),
});

export const gateway = z.strictObject({
	host: text.optional().meta({ description: "The address to listen at. `--host` wins.", absent: "127.0.0.1" }),
	port: z
		.int()
		.min(0)
		.max(65_535)
		.optional()
		.meta({ description: "0 takes any that is free. `--port` wins.", absent: 8_722 }),
	keys: text.optional().meta({ description: "Path of the file of keys. `--keys` wins.", absent: ".assent/keys.yaml" }),
	secret: text.optional().meta({
		description:
			"Path of the publisher's secret, 64 hex digits: the same for all gateways that may be asked under one id. By default the one beside the log file, or in `.assent`.",
	}),
	tokenStore: text.optional().meta({
		description:
			"Path of the file of used tokens (`/v1/tokens/consume`), one for all gateways that executors may ask. By default `tokens.db` beside the log file; in memory for another log, where after a restart tokens of before it are refused.",
	}),
	tls: z
		.strictObject({
			cert: text.meta({ description: "Path of a PEM file: the certificate chain. `--tls-cert` wins." }),
			key: text.meta({ description: "Path of a PEM file: its private key. `--tls-key` wins." }),
		})
		.optional()
		.meta({ description: "Off where it is left out." }),
	behindProxy: z.boolean().optional().meta({ description: "A proxy in front ends TLS.", absent: false }),
	drain: duration
		.optional()
		.meta({ description: "How long requests that wait may be answered at the end. `--drain` wins.", absent: "10s" }),
	replyTopic: text.optional().meta({
		description:
			"Where its answers come: `replies`, or `replies.<name>` of its own, which `assent topics create --replies <name>` makes.",
		absent: "replies",
	}),
	rate: z
		.strictObject({
			perSecond: z.number().min(0.001).max(1_000_000).optional().meta({
				description:
					"Requests of one credential, its children included; one counts as one more for each hundred members of its body.",
				absent: DEFAULT_LIMITS.rate.perSecond,
			}),
			burst: z.int().min(1).max(10_000_000).optional().meta({
				description:
					"Requests at once, after a pause; those beyond it wait for their time, up to a second. A fifth as many by default.",
			}),
		})
		.optional()
		.meta({ description: "Beyond it: 429." }),
	waiting: z.int().min(1).max(1_000_000).optional().meta({
		description: "Requests of one credential that wait for decisions at a time. Beyond it: 429.",
		absent: DEFAULT_LIMITS.waiting,
	}),
	connections: z
		.int()
		.min(1)
		.max(1_000_000)
		.optional()
		.meta({ description: "At a time.", absent: DEFAULT_LIMITS.connections }),
	issuers: z
		.array(issuer)
		.min(1)
		.optional()
		.meta({ description: "Whose tokens (JWT) are credentials, beside the keys of the file." }),
});

export type GatewaySection = z.output<typeof gateway>;
export type IssuerSection = z.output<typeof issuer>;
