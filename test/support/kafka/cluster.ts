/** A real Apache Kafka for tests: one broker or three, in a folder of their own, gone when they are stopped. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Access, askBroker, type User } from "./access.ts";
import { type BrokerHandle, startBroker } from "./broker.ts";
import { makeCertificates } from "./certificates.ts";
import { runJava } from "./installation.ts";
import { freePorts } from "./ports.ts";
import { TcpProxy } from "./proxy.ts";
import { type Guarding, linesOf, type NodePlace, nodeProperties } from "./settings.ts";

/** A cluster that answers. */
export interface KafkaCluster {
	/** Each `host:port`. */
	readonly brokers: readonly string[];
	/** `host:port,host:port` */
	readonly address: string;
	/** How its administrator gets in. */
	readonly access: Access;
	/** Empty when the cluster is not the caller's to break. */
	readonly nodes: readonly BrokerHandle[];
	/** By name, as asked for. */
	readonly doors: ReadonlyMap<string, Door>;
	/** Kills what was started for the caller and removes its folder. */
	stop(): Promise<void>;
}

/** A way in through proxies, one before each node, in the nodes' order. */
export interface Door {
	/** Each `host:port`. */
	readonly brokers: readonly string[];
	readonly proxies: readonly TcpProxy[];
}

export interface KafkaOptions {
	/** 1 unless said. Three keep three copies of everything and need two to take a record. */
	readonly nodes?: 1 | 3;
	/** More lines for every `server.properties`; they win. */
	readonly properties?: Readonly<Record<string, string>>;
	/**
	 * `plaintext` unless said. `scram`: passwords (SCRAM-SHA-512 and -256), and nobody but the user `admin` may do anything
	 * until ACLs allow it. `tls`: only clients with a certificate of the cluster's authority, who may do everything.
	 */
	readonly security?: "plaintext" | "scram" | "tls";
	/** With `scram`: more users. One called `admin` replaces the administrator's drawn password. */
	readonly users?: readonly User[];
	/** An empty folder, or one to be made, which stays after the stop. A scratch folder unless said. */
	readonly folder?: string;
	/** A folder of classes that every broker finds beside its own. */
	readonly classes?: string;
	/** The first brokers' ports; free ones unless said. */
	readonly ports?: readonly number[];
	/** Names of ways in that lead through proxies; each kind of client that is to be cut off for itself needs its own. */
	readonly doors?: readonly string[];
}

/** Where one node lives. */
interface Home {
	readonly node: NodePlace;
	readonly home: string;
	readonly properties: string;
}

const REGISTERED_MS = 60_000;

/** Those of clusters that nobody stopped; their brokers are killed on `exit` just before. */
const scratchFolders = new Set<string>();
process.on("exit", () => scratchFolders.forEach(remove));

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

/** Starts a cluster. Resolves when all its brokers answer; throws with the last lines of a log, which it keeps, when not. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
	const folder = folderOf(options.folder);
	const scratch = options.folder === undefined ? folder : null;
	if (scratch !== null) scratchFolders.add(scratch);
	const removeScratch = (): void => {
		if (scratch === null) return;
		remove(scratch);
		scratchFolders.delete(scratch);
	};
	const { access, clusterId, homes } = await format(options, folder).catch((thrown: unknown) => {
		removeScratch();
		throw thrown;
	});
	const started = await Promise.all(
		homes.map(({ node, home }) =>
			startBroker({
				...{ id: node.id, address: `127.0.0.1:${node.port}`, clusterId, folder: home, scratch, access },
				...(options.classes === undefined ? {} : { classes: options.classes }),
			}),
		),
	);
	const nodes = started.map(({ broker }) => broker);
	const brokers = nodes.map(({ address }) => address);
	let doors: KafkaCluster["doors"] = new Map();
	const kill = (): Promise<unknown> => Promise.all(nodes.map((node) => node.kill()));
	try {
		await Promise.all(started.map(({ ready }) => ready()));
		await Promise.all(brokers.map((address) => knowsAll(address, access, nodes.length)));
		doors = await openDoors(homes.map(({ node }) => node));
	} catch (thrown) {
		await kill();
		// The message names log files in it.
		scratchFolders.delete(folder);
		throw thrown;
	}
	return {
		brokers,
		address: brokers.join(","),
		access,
		nodes,
		doors,
		stop: async () => {
			await Promise.all([...doors.values()].flatMap(({ proxies }) => proxies.map((proxy) => proxy.close())));
			// Nothing is left to keep in a scratch folder; in one that stays, the brokers close what they wrote.
			if (scratch === null) await Promise.all(nodes.map((node) => node.stop()));
			await kill();
			removeScratch();
		},
	};
}

/** Makes the nodes' folders, ready for their brokers. */
async function format(
	options: KafkaOptions,
	folder: string,
): Promise<{ readonly access: Access; readonly clusterId: string; readonly homes: readonly Home[] }> {
	const { guarding, access } = guard(options, folder);
	const nodes = await placesOf(options);
	const more = options.properties ?? {};
	const homes = nodes.map((node) => prepare({ folder, node, nodes, guarding, more }));
	const users = guarding.kind === "scram" ? scramArguments(guarding.users) : [];
	const clusterId = drawId();
	await Promise.all(
		homes.map(({ properties }) =>
			runJava(
				"kafka.tools.StorageTool",
				["format", "-t", clusterId, "-c", properties, ...users],
				options.classes ?? null,
			),
		),
	);
	return { access, clusterId, homes };
}

function folderOf(asked: string | undefined): string {
	if (asked === undefined) return mkdtempSync(join(tmpdir(), "assent-kafka-"));
	const folder = resolve(asked);
	mkdirSync(folder, { recursive: true });
	if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty; a new cluster needs an empty folder`);
	return folder;
}

function guard(options: KafkaOptions, folder: string): { readonly guarding: Guarding; readonly access: Access } {
	const kind = options.security ?? "plaintext";
	const users = options.users ?? [];
	if (users.length > 0 && kind !== "scram") throw new Error(`users are for \`scram\`, not for \`${kind}\``);
	switch (kind) {
		case "plaintext":
			return { guarding: { kind }, access: { kind } };
		case "scram": {
			const user = users.find(({ name }) => name === "admin") ?? { name: "admin", password: drawId() };
			const others = users.filter(({ name }) => name !== "admin");
			return {
				guarding: { kind, users: [user, ...others], controllerPassword: drawId() },
				access: { kind, mechanism: "scram-sha-512", user },
			};
		}
		case "tls": {
			const certificates = makeCertificates(folder);
			return {
				guarding: { kind, certificates },
				access: { kind, ca: certificates.client.ca, client: certificates.client },
			};
		}
	}
}

async function placesOf(options: KafkaOptions): Promise<readonly NodePlace[]> {
	const count = options.nodes ?? 1;
	const names = options.doors ?? [];
	const free = [...(await freePorts((2 + 2 * names.length) * count))];
	const next = (): number => Number(free.pop());
	return Array.from({ length: count }, (_, at) => ({
		id: at + 1,
		port: options.ports?.[at] ?? next(),
		controllerPort: next(),
		doors: names.map((name) => ({ name, port: next(), proxyPort: next() })),
	}));
}

async function openDoors(nodes: readonly NodePlace[]): Promise<ReadonlyMap<string, Door>> {
	const names = nodes[0]?.doors.map(({ name }) => name) ?? [];
	const opened = names.map(async (name): Promise<[string, Door]> => {
		const places = nodes.flatMap(({ doors }) => doors.filter((door) => door.name === name));
		const proxies = await Promise.all(
			places.map(({ port, proxyPort }) => TcpProxy.open({ port: proxyPort, to: port })),
		);
		return [name, { brokers: places.map(({ proxyPort }) => `127.0.0.1:${proxyPort}`), proxies }];
	});
	return new Map(await Promise.all(opened));
}

/** Makes a node's folder and its properties. */
function prepare(of: {
	readonly folder: string;
	readonly node: NodePlace;
	readonly nodes: readonly NodePlace[];
	readonly guarding: Guarding;
	readonly more: Readonly<Record<string, string>>;
}): Home {
	const home = join(of.folder, `node-${of.node.id}`);
	const properties = join(home, "server.properties");
	mkdirSync(home);
	writeFileSync(properties, linesOf(nodeProperties({ ...of, logFolder: join(home, "data") })), { mode: 0o600 });
	return { node: of.node, home, properties };
}

/** Both mechanisms for every user, in the first records of the cluster's log. */
const scramArguments = (users: readonly User[]): readonly string[] =>
	users.flatMap(({ name, password }) =>
		["SCRAM-SHA-512", "SCRAM-SHA-256"].flatMap((mechanism) => [
			"--add-scram",
			`${mechanism}=[name=${name},password=${password}]`,
		]),
	);

/** A UUID as Kafka writes it. The first bit is cleared: the tool would take a leading `-` for an option. */
function drawId(): string {
	const bytes = randomBytes(16);
	bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
	return bytes.toString("base64url");
}

async function knowsAll(address: string, access: Access, count: number): Promise<void> {
	const deadline = Date.now() + REGISTERED_MS;
	for (;;) {
		const { alive } = await askBroker(address, access);
		if (alive.length === count) return;
		if (Date.now() > deadline) throw new Error(`broker ${address} knows ${alive.length} brokers of ${count}`);
		await delay(100);
	}
}
