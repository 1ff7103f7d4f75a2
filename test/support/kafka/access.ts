/** How a client gets in to a test cluster, and whether brokers answer. */
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";

/** A user who logs in with a password. */
export interface User {
	readonly name: string;
	readonly password: string;
}

/** A client's certificate and key, and the authority that it trusts: PEM texts. */
export interface ClientIdentity {
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
}

/** How one gets in. The user and the certificate that a cluster hands out are its administrator's. */
export type Access =
	| { readonly kind: "plaintext" }
	| { readonly kind: "scram"; readonly mechanism: "scram-sha-256" | "scram-sha-512"; readonly user: User }
	| { readonly kind: "tls"; readonly ca: string; readonly client: ClientIdentity | null };

/** Where the next client begins. kafkajs always begins with the first broker, and one that tries once would never get past a dead one. */
let begin = 0;

/** A silent kafkajs client that tries everything once; each begins with the broker after the last one's. */
export function kafkaClient(
	at: { readonly brokers: readonly string[]; readonly access: Access },
	more: Partial<KafkaConfig> = {},
): Kafka {
	process.env["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
	begin = (begin + 1) % at.brokers.length;
	return new Kafka({
		brokers: [...at.brokers.slice(begin), ...at.brokers.slice(0, begin)],
		logLevel: logLevel.NOTHING,
		connectionTimeout: 2_000,
		requestTimeout: 5_000,
		retry: { retries: 0 },
		...securityOf(at.access),
		...more,
	});
}

/** What one broker says of its cluster: the cluster's id, and the ids of the brokers that are alive. */
export interface Answer {
	readonly clusterId: string;
	readonly alive: readonly number[];
}

/** Asks one broker. Throws when it does not answer. */
export async function askBroker(address: string, access: Access): Promise<Answer> {
	const admin = kafkaClient({ brokers: [address], access }).admin();
	try {
		await admin.connect();
		const { clusterId, brokers } = await admin.describeCluster();
		return { clusterId, alive: brokers.map((broker) => broker.nodeId) };
	} finally {
		await admin.disconnect();
	}
}

function securityOf(access: Access): Partial<KafkaConfig> {
	switch (access.kind) {
		case "plaintext":
			return {};
		case "scram": {
			const login = { username: access.user.name, password: access.user.password };
			return access.mechanism === "scram-sha-256"
				? { sasl: { mechanism: access.mechanism, ...login } }
				: { sasl: { mechanism: access.mechanism, ...login } };
		}
		case "tls": {
			const own = access.client === null ? {} : { cert: access.client.cert, key: access.client.key };
			return { ssl: { ca: [access.ca], ...own } };
		}
	}
}
