/** What stands in a test broker's `server.properties`. */
import type { User } from "./access.ts";
import type { Certificates } from "./certificates.ts";

/** One node, broker and controller at once. */
export interface NodePlace {
	readonly id: number;
	readonly port: number;
	readonly controllerPort: number;
	/** More listeners, each named by its door. */
	readonly doors: readonly DoorPlace[];
}

/** A listener that clients reach through a proxy: metadata that is asked there names the proxies of that door. */
export interface DoorPlace {
	readonly name: string;
	readonly port: number;
	readonly proxyPort: number;
}

/** Who gets in, with what the brokers need for it. `users` begins with the administrator. */
export type Guarding =
	| { readonly kind: "plaintext" }
	| { readonly kind: "scram"; readonly users: readonly [User, ...User[]]; readonly controllerPassword: string }
	| { readonly kind: "tls"; readonly certificates: Certificates };

/** The properties of one node; `more` wins over everything else. */
export function nodeProperties(of: {
	readonly node: NodePlace;
	readonly nodes: readonly NodePlace[];
	readonly logFolder: string;
	readonly guarding: Guarding;
	readonly more: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> {
	const { node, nodes } = of;
	const copies = String(nodes.length);
	const inSync = nodes.length > 1 ? "2" : "1";
	const protocol = { plaintext: "PLAINTEXT", scram: "SASL_PLAINTEXT", tls: "SSL" }[of.guarding.kind];
	return {
		"process.roles": "broker,controller",
		"node.id": String(node.id),
		"controller.quorum.voters": nodes.map((each) => `${each.id}@127.0.0.1:${each.controllerPort}`).join(","),
		"controller.listener.names": "CONTROLLER",
		listeners: [
			`CLIENTS://127.0.0.1:${node.port}`,
			`CONTROLLER://127.0.0.1:${node.controllerPort}`,
			...node.doors.map(({ name, port }) => `${listenerOf(name)}://127.0.0.1:${port}`),
		].join(","),
		"advertised.listeners": [
			`CLIENTS://127.0.0.1:${node.port}`,
			...node.doors.map(({ name, proxyPort }) => `${listenerOf(name)}://127.0.0.1:${proxyPort}`),
		].join(","),
		"inter.broker.listener.name": "CLIENTS",
		"listener.security.protocol.map": [
			`CLIENTS:${protocol}`,
			`CONTROLLER:${controllerProtocol(of.guarding)}`,
			...node.doors.map(({ name }) => `${listenerOf(name)}:${protocol}`),
		].join(","),
		"log.dirs": of.logFolder,
		"default.replication.factor": copies,
		"min.insync.replicas": inSync,
		"offsets.topic.replication.factor": copies,
		"offsets.topic.num.partitions": "5",
		"transaction.state.log.replication.factor": copies,
		"transaction.state.log.min.isr": inSync,
		"transaction.state.log.num.partitions": "5",
		"share.coordinator.state.topic.replication.factor": copies,
		"share.coordinator.state.topic.min.isr": inSync,
		"share.coordinator.state.topic.num.partitions": "1",
		"group.initial.rebalance.delay.ms": "0",
		"group.min.session.timeout.ms": "1000",
		"auto.create.topics.enable": "false",
		// A killed leader is replaced when its session ends.
		"broker.session.timeout.ms": "3000",
		"broker.heartbeat.interval.ms": "500",
		...guardingProperties(of.guarding),
		...of.more,
	};
}

const listenerOf = (door: string): string => `DOOR_${door.toUpperCase()}`;

/** As lines of a file. */
export const linesOf = (properties: Readonly<Record<string, string>>): string =>
	Object.entries(properties)
		.map(([name, value]) => `${name}=${value.replaceAll("\\", "\\\\")}\n`)
		.join("");

/**
 * With SCRAM the controllers are asked with a password too: users made by the log that the controllers keep could not let
 * in those who keep it, so theirs is in the properties. Anonymous connections then have no rights anywhere.
 */
const controllerProtocol = (guarding: Guarding): string =>
	guarding.kind === "scram" ? "SASL_PLAINTEXT" : guarding.kind === "tls" ? "SSL" : "PLAINTEXT";

function guardingProperties(guarding: Guarding): Readonly<Record<string, string>> {
	switch (guarding.kind) {
		case "plaintext":
			return {};
		case "scram": {
			const [admin] = guarding.users;
			const scram = login("org.apache.kafka.common.security.scram.ScramLoginModule", admin);
			const controller = { name: "controller", password: guarding.controllerPassword };
			const plain = login("org.apache.kafka.common.security.plain.PlainLoginModule", controller);
			const accepted = ` user_controller="${guarding.controllerPassword}"`;
			return {
				"sasl.enabled.mechanisms": "SCRAM-SHA-512,SCRAM-SHA-256",
				"sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
				"listener.name.clients.scram-sha-512.sasl.jaas.config": `${scram};`,
				"listener.name.clients.scram-sha-256.sasl.jaas.config": `${scram};`,
				"sasl.mechanism.controller.protocol": "PLAIN",
				"listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
				"listener.name.controller.plain.sasl.jaas.config": `${plain}${accepted};`,
				"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
				"allow.everyone.if.no.acl.found": "false",
				"super.users": `User:${admin.name};User:controller`,
			};
		}
		case "tls":
			return {
				"ssl.keystore.type": "PEM",
				"ssl.keystore.location": guarding.certificates.brokerPath,
				"ssl.truststore.type": "PEM",
				"ssl.truststore.location": guarding.certificates.caPath,
				"ssl.client.auth": "required",
			};
	}
}

const login = (module: string, user: User): string =>
	`${module} required username="${user.name}" password="${user.password}"`;
