/** The keys of the configuration file, with their defaults and what they mean; docs/reference/configuration.md shows them. */
import { z } from "zod";
import { KAFKA_DEFAULTS } from "../../adapters/kafka/options.ts";
import { parseDuration } from "../../core/model/duration.ts";
import { DEFAULT_LAYOUT, PARTITIONS_MAX } from "../../core/model/layout.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { DEFAULT_LOG_URL } from "../../operations/log-url.ts";
import { duration, text } from "./forms.ts";
import { gateway } from "./gateway-schema.ts";
import { metricsSection } from "./metrics-address.ts";
import { notary } from "./notary-schema.ts";
import { notify } from "./notify-schema.ts";

export const SNAPSHOT_EVERY = 100_000;

// `absent` is what a key that is left out means: zod keeps no `default` of a text that is read as a number.

/** A default as it would be written in the file, in the largest unit that divides it. */
function written(ms: DurationMs): string {
	const unit = (["d", "h", "m", "s"] as const).find((each) => ms % (parseDuration(`1${each}`) ?? 0) === 0);
	return unit === undefined ? `${ms}ms` : `${ms / (parseDuration(`1${unit}`) ?? 1)}${unit}`;
}

const layout = z.strictObject({
	partitions: z
		.int()
		.min(1)
		.max(PARTITIONS_MAX)
		.optional()
		.meta({ description: "Partitions of every topic.", absent: DEFAULT_LAYOUT.partitions }),
	budgetRoot: z.enum(["tenant", "tenant/agent", "tenant/agent/session"]).optional().meta({
		description: "The widest scope whose budgets are exact; the partition key.",
		absent: DEFAULT_LAYOUT.budgetRoot,
	}),
	dedupe: duration.optional().meta({
		description: "How long an id is remembered after its call is over.",
		absent: written(DEFAULT_LAYOUT.dedupeMs),
	}),
	session: duration.optional().meta({
		description: "How long a session is remembered after its last call is over.",
		absent: written(DEFAULT_LAYOUT.sessionMs),
	}),
});

const tls = z.strictObject({
	ca: text.optional().meta({ description: "Path of a PEM file: the authorities to trust." }),
	cert: text.optional().meta({ description: "Path of a PEM file: the client's certificate; with `key`." }),
	key: text.optional().meta({ description: "Path of a PEM file: the client's key; with `cert`." }),
	serverName: text
		.optional()
		.meta({ description: "The name to be found in the broker's certificate, where it is not the host's." }),
});

const sasl = z.strictObject({
	mechanism: z.enum(["plain", "scram-sha-256", "scram-sha-512"]).meta({ description: "How to log in." }),
	username: text.meta({ description: "The user that brokers know." }),
	password: text.optional().meta({ description: "Exactly one of the three is given." }),
	passwordFile: text.optional().meta({ description: "Path of a file that holds the password." }),
	passwordEnv: text.optional().meta({ description: "Name of the environment variable that holds the password." }),
});

const kafka = z.strictObject({
	// `true` stands for TLS with the system's authorities.
	tls: z
		.preprocess((value) => (value === true ? {} : value), tls)
		.optional()
		.meta({ description: "Off where it is left out; `true` for TLS with the system's authorities." }),
	sasl: sasl.optional().meta({ description: "Off where it is left out." }),
	replication: z.int().min(1).max(32_767).optional().meta({
		description: "Copies of the topics that `topics create` makes; 3, or as many as there are brokers.",
	}),
	minInsync: z
		.int()
		.min(1)
		.max(32_767)
		.optional()
		.meta({ description: "`min.insync.replicas` of those topics; one less than the copies." }),
	sessionTimeout: duration.optional().meta({
		description: "How long a silent processor keeps its partitions.",
		absent: written(KAFKA_DEFAULTS.sessionTimeoutMs),
	}),
	heartbeat: duration.optional().meta({
		description: "How often a processor shows that it is alive; at most a third of `sessionTimeout`.",
		absent: written(KAFKA_DEFAULTS.heartbeatMs),
	}),
	requestTimeout: duration.optional().meta({
		description: "After it an append counts as unknown, and the partition is claimed again.",
		absent: written(KAFKA_DEFAULTS.requestTimeoutMs),
	}),
	clientId: text.optional().meta({ description: "As brokers log it.", absent: KAFKA_DEFAULTS.clientId }),
});

export const configSchema = z.strictObject({
	log: z
		.string()
		.optional()
		.meta({ description: "`file:PATH`, or `kafka://HOST:PORT,…/PREFIX`.", absent: DEFAULT_LOG_URL }),
	policies: z
		.array(z.string())
		.optional()
		.meta({ description: "Files and folders that `assent dev` puts into force when none are named." }),
	policyKeys: z.array(text).min(1).optional().meta({
		description:
			"Public keys, as `assent keys create` prints them. Where they are given, processors and `policy activate` refuse a bundle of policies that none of them has signed.",
	}),
	tokenKey: text.optional().meta({
		description:
			"Path of a private key, as `assent keys create` makes it, with which processors sign the token of each allow. Where it is left out, decisions carry none, but for those of `assent dev`, which makes a key of its own.",
	}),
	publisher: z
		.strictObject({
			name: text.meta({ description: "As the policies name it." }),
			keyFile: text.meta({ description: "Path of its private key, as `assent keys create` wrote it." }),
		})
		.optional()
		.meta({
			description: "Who signs what `submit` and the gateway publish, where the policies name publishers.",
		}),
	operatorKey: text.optional().meta({
		description:
			"Path of a private key that signs what operators and approvers say, where the policies name them; `--key` and `ASSENT_OPERATOR_KEY` win over it.",
	}),
	requireReview: z.boolean().optional().meta({
		description:
			"Processors and `policy activate` ask for a second operator where policies are not proven to be as strict as those in force.",
		absent: false,
	}),
	privacy: z
		.strictObject({
			mode: z.enum(["clear", "sealed"]).optional().meta({
				description:
					"`sealed`: what `submit`, `dev` and the gateway publish has its arguments under keys outside the log, so that `audit erase` can destroy them.",
				absent: "clear",
			}),
			keys: text.optional().meta({
				description:
					"Path of the file of those keys, which publishers and processors share. By default `payload-keys.db` beside the log file; on Kafka none.",
			}),
		})
		.optional()
		.meta({ description: "Whether arguments are sealed." }),
	layout: layout.optional().meta({ description: "Part of every claim; cannot change without a new log." }),
	snapshotEvery: z.int().min(100).optional().meta({
		description: "At most this many entries between snapshots of a partition.",
		absent: SNAPSHOT_EVERY,
	}),
	kafka: kafka.optional().meta({ description: "For logs on Kafka." }),
	gateway: gateway.optional().meta({ description: "For `assent gateway`." }),
	notary: notary.optional().meta({ description: "For `assent notary`, and for `assent dev`." }),
	notify: notify.optional().meta({ description: "For `assent notify`." }),
	metrics: metricsSection.optional().meta({ description: "Nothing is measured or served where it is left out." }),
});
