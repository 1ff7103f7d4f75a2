/** How a log on Apache Kafka is reached: addresses, names, security and time limits; and what its URL says of that. */
import { AssentError, problem } from "../../core/base/errors.ts";
import type { DurationMs } from "../../core/model/units.ts";

/** PEM texts, not paths. An empty object means TLS with the system's authorities. */
export interface KafkaTls {
	readonly ca?: string;
	/** Certificate and key of the client (mTLS). */
	readonly cert?: string;
	readonly key?: string;
	/** The name to be found in the broker's certificate, where it is not the host's. */
	readonly serverName?: string;
}

export interface KafkaSasl {
	readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
	readonly username: string;
	readonly password: string;
}

export interface KafkaLogOptions {
	/** `host:port` of some brokers; the others are learned from them. */
	readonly brokers: readonly string[];
	/** Begins every topic's name: `assent.` by default. */
	readonly prefix: string;
	readonly clientId?: string;
	readonly tls?: KafkaTls;
	readonly sasl?: KafkaSasl;
	/** Copies of each topic that `createTopics` makes; default 3, or as many as there are brokers. */
	readonly replication?: number;
	/** `min.insync.replicas` of topics that `createTopics` makes; default one less than the copies, at least 1. */
	readonly minInsync?: number;
	/** How long a silent member of the group keeps its partitions; default 6 s. */
	readonly sessionTimeoutMs?: DurationMs;
	/** How often a member shows that it is alive, and hears of a rebalance; default 250 ms. */
	readonly heartbeatMs?: DurationMs;
	/** After it an append is `unknown` and a read fails; default 10 s. */
	readonly requestTimeoutMs?: DurationMs;
	readonly connectTimeoutMs?: DurationMs;
}

export const KAFKA_DEFAULTS = {
	clientId: "assent",
	prefix: "assent.",
	sessionTimeoutMs: 6_000,
	heartbeatMs: 250,
	requestTimeoutMs: 10_000,
	connectTimeoutMs: 3_000,
} as const;

/** Kafka's own rule for names, without the dot at the end that this adds itself. */
const PREFIX = /^[a-zA-Z0-9._-]{1,100}$/;
const ADDRESS = /^(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):(?:[1-9]\d{0,4})$/;

/** Reads `kafka://host:port,host:port[/prefix]`. Throws ASSENT_USAGE. */
export function parseKafkaUrl(url: string): Pick<KafkaLogOptions, "brokers" | "prefix"> {
	const [, hosts = "", path = ""] = /^kafka:\/\/([^/]*)(?:\/(.*))?$/.exec(url) ?? [];
	const brokers = hosts.split(",").filter((host) => host !== "");
	const wrong = brokers.find(
		(broker) => !ADDRESS.test(broker) || Number(broker.slice(broker.lastIndexOf(":") + 1)) > 65_535,
	);
	const name = path.replace(/\.$/, "");
	if (brokers.length === 0 || wrong !== undefined || (path !== "" && !PREFIX.test(name))) {
		const what = wrong === undefined ? `\`${url}\`` : `\`${wrong}\` in \`${url}\``;
		throw new AssentError(
			problem(
				"ASSENT_USAGE",
				`${what} is not the URL of a log on Kafka`,
				"write `kafka://host:port,host:port/prefix`; the prefix of topic names can be left out (`assent`)",
			),
		);
	}
	return { brokers, prefix: name === "" ? KAFKA_DEFAULTS.prefix : `${name}.` };
}

/** The URL of such a log, as its user wrote it: never with secrets. */
export const kafkaUrl = ({ brokers, prefix }: Pick<KafkaLogOptions, "brokers" | "prefix">): string =>
	`kafka://${brokers.join(",")}${prefix === KAFKA_DEFAULTS.prefix ? "" : `/${prefix.slice(0, -1)}`}`;
