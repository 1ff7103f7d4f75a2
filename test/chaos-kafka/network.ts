/**
 * Faults between brokers and clients, on a cluster with doors: leaders that move while every broker lives, brokers that restart,
 * freeze or cannot be reached, and a processor or the agents cut off. What each cost is a figure: how long partitions went
 * without a decision, and how long an operator's halt took.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerHandle } from "../support/kafka/broker.ts";
import type { Door, KafkaCluster } from "../support/kafka/cluster.ts";
import { electPreferred, leadersOf, moveLeaders } from "../support/kafka/leaders.ts";
import { FAIR, type Weather } from "../support/kafka/proxy.ts";
import type { Deployment } from "./deployment.ts";
import { COMMAND, type Fleet, type Member } from "./fleet.ts";
import type { LedgerWatch } from "./ledger-watch.ts";

/** Who comes in by which door. `victim` is one processor. */
export const DOORS = ["agents", "victim", "others"] as const;

export const NETWORK_FAULTS = ["move", "rolling", "freeze", "unreachable", "late", "mute", "cut", "reset"] as const;
export type NetworkFault = (typeof NETWORK_FAULTS)[number];

/** What a fault cost, and what it may cost at most on a machine that has nothing else to do. */
export interface Figure {
	readonly what: string;
	readonly value: number;
	readonly unit: "ms" | "%";
	readonly limit: number;
}

export interface NetworkOptions {
	readonly cluster: KafkaCluster;
	readonly deployment: Deployment;
	readonly fleet: Fleet;
	readonly watch: LedgerWatch;
	/** For scripts of Kafka's tools. */
	readonly folder: string;
	readonly sessionMs: number;
	/** How many of the brokers a rolling restart restarts. */
	readonly restarts: number;
	readonly say: (what: string) => void;
	/** Resolves when every process holds partitions and every partition is decided. */
	readonly steady: () => Promise<void>;
	/** Asks on every partition, without waiting for answers, until it resolves. */
	readonly probing: <Out>(until: Promise<Out>) => Promise<Out>;
	/** Until others have decided all that is the victim's, or everything is decided; null: never. */
	readonly decidedAgain: (what: string, victim: Member | null) => Promise<number | null>;
	/** Until every copy is in sync. */
	readonly inSync: () => Promise<void>;
}

/** A partition is decided with these topics' leaders; what else is published can wait. */
const NEEDED = ["intents", "control", "decisions"];
const FAILOVER_LOOK_MS = 100;
const FAILOVER_MS = 30_000;
const UNREACHABLE_MS = 10_000;
const AFTERWARDS_MS = 4_000;
const WEATHER_MS = 2_500;
const LATE_MS = 5_000;
const HALT_MS = 20_000;

export class Network {
	readonly figures: Figure[] = [];
	readonly #of: NetworkOptions;
	#halts = 0;

	constructor(of: NetworkOptions) {
		this.#of = of;
	}

	strike(fault: NetworkFault): Promise<void> {
		const { sessionMs } = this.#of;
		switch (fault) {
			case "move":
				return this.#move();
			case "rolling":
				return this.#rolling();
			case "freeze":
				return this.#freeze();
			case "unreachable":
				return this.#unreachable();
			case "late":
				return this.#cutOff(`answers ${LATE_MS} ms late`, { kind: "late", ms: LATE_MS }, 3_000);
			case "mute":
				return this.#cutOff("no answers", { kind: "mute" }, 3_000);
			case "cut":
				return this.#cutOff("no requests either", { kind: "cut" }, sessionMs + 2_000);
			case "reset":
				return this.#reset();
		}
	}

	/** All leaders move, and every broker lives. */
	async #move(): Promise<void> {
		const { cluster, deployment, folder, decidedAgain } = this.#of;
		await this.#measured(async () => {
			await moveLeaders(cluster, deployment.prefix, folder);
			await decidedAgain("leaders moved", null);
			await sleep(AFTERWARDS_MS);
		}).then((gaps) => this.#figure("leaders moved: longest time without a decision", longest(gaps), 5_000));
	}

	async #rolling(): Promise<void> {
		const { cluster, deployment, folder, restarts, decidedAgain, inSync, steady } = this.#of;
		for (const node of cluster.nodes.slice(0, restarts)) {
			await inSync();
			await steady();
			const gaps = await this.#measured(async () => {
				await node.restart();
				await sleep(AFTERWARDS_MS);
			});
			this.#figure(`broker ${node.id} restarted: longest time without a decision`, longest(gaps), 5_000);
		}
		await inSync();
		const gaps = await this.#measured(async () => {
			await electPreferred(cluster, deployment.prefix, folder);
			await decidedAgain("preferred leaders elected", null);
			await sleep(AFTERWARDS_MS);
		});
		this.#figure("preferred leaders elected: longest time without a decision", longest(gaps), 5_000);
	}

	/**
	 * The first broker of the URL stops answering everybody, the other brokers as well: until Kafka has replaced it, no record
	 * that it has to copy is acknowledged on any partition.
	 */
	async #freeze(): Promise<void> {
		const { cluster, decidedAgain, say, watch } = this.#of;
		const node = first(cluster);
		const led = await this.#ledBy(node);
		const fair = await this.#measured(async () => {
			this.#figure("halt set while all is well", (await this.#halt(watch.partitions)).ms, 2_000);
			await sleep(AFTERWARDS_MS);
		});
		// What the machine itself costs: the other figures are to be read beside it.
		this.#figure("longest time without a decision while all is well", longest(fair), 1_000);
		let kafkaMs = 0;
		const gaps = await this.#measured(async () => {
			const began = Date.now();
			node.pause();
			kafkaMs = await this.#failedOver(node, began);
			say(`broker ${node.id} frozen: Kafka has replaced it after ${kafkaMs} ms`);
			await sleep(AFTERWARDS_MS);
			const { ms } = await this.#halt(watch.partitions);
			this.#figure("halt set while the first broker is frozen", ms, 2_000);
		});
		this.#figure(
			"frozen broker: time without a decision where others lead, beyond Kafka's own",
			longest(gaps, (partition) => !led.has(partition)) - kafkaMs,
			2_000,
		);
		this.#figure(
			"frozen broker: time without a decision where it led, beyond Kafka's own",
			longest(gaps, (partition) => led.has(partition)) - kafkaMs,
			3_000,
		);
		node.resume();
		await decidedAgain("frozen broker let go", null);
	}

	/** Brokers reach the first one of the URL, and no client does: what it leads waits, and nothing else. */
	async #unreachable(): Promise<void> {
		const { cluster, decidedAgain, watch } = this.#of;
		const node = first(cluster);
		const led = await this.#ledBy(node);
		const others = watch.partitions.filter((partition) => !led.has(partition));
		const gaps = await this.#measured(async () => {
			this.#atNode(node, { kind: "cut" });
			const began = performance.now();
			const { recordedMs } = await this.#halt(others);
			this.#figure("halt set where others lead while the first broker cannot be reached", recordedMs, 2_000);
			await sleep(Math.max(0, UNREACHABLE_MS - (performance.now() - began)));
		});
		this.#figure(
			`unreachable broker: longest time without a decision on the ${others.length} partitions where others lead`,
			longest(gaps, (partition) => !led.has(partition)),
			2_000,
		);
		this.#atNode(node, FAIR);
		await decidedAgain("unreachable broker reached again", null);
	}

	/** One processor and every broker. */
	async #cutOff(what: string, weather: Weather, limit: number): Promise<void> {
		const { cluster, fleet, decidedAgain, steady } = this.#of;
		const victim = fleet.members.find(({ door }) => door === "victim");
		const door = cluster.doors.get("victim");
		if (victim === undefined || door === undefined) throw new Error("no processor comes in by the victim's door");
		const again = decidedAgain(`a processor with ${what}`, victim);
		at(door, weather);
		const took = await again;
		this.#figure(`a processor with ${what}: until others have decided`, took ?? HALT_MS, limit);
		await sleep(WEATHER_MS);
		at(door, FAIR);
		await steady();
	}

	/** Connections are reset in the midst of an answer: a processor's, the agents', and everybody's to one broker. */
	async #reset(): Promise<void> {
		const { cluster, decidedAgain } = this.#of;
		const door = (name: string): Door => cluster.doors.get(name) ?? { brokers: [], proxies: [] };
		const node = first(cluster);
		const spells: readonly (readonly [string, (weather: Weather) => void, Weather])[] = [
			["a processor's connections reset", (weather) => at(door("victim"), weather), { kind: "reset" }],
			["the agents' connections reset", (weather) => at(door("agents"), weather), { kind: "reset" }],
			["the agents' answers late", (weather) => at(door("agents"), weather), { kind: "late", ms: WEATHER_MS }],
			["the agents cut off", (weather) => at(door("agents"), weather), { kind: "cut" }],
			["a broker's connections reset", (weather) => this.#atNode(node, weather), { kind: "reset" }],
		];
		for (const [what, change, weather] of spells) {
			change(weather);
			await sleep(WEATHER_MS);
			change(FAIR);
			const took = await decidedAgain(`${what}, and fair again`, null);
			this.#figure(`${what}: until everything is decided after it`, took ?? HALT_MS, 4_000);
		}
	}

	async #measured(run: () => Promise<void>): Promise<readonly number[]> {
		const gaps = this.#of.watch.measureGaps();
		await this.#of.probing(run());
		return gaps.end();
	}

	#figure(what: string, value: number, limit: number): void {
		this.figures.push({ what, value, unit: "ms", limit });
		this.#of.say(`${what}: ${value} ms (at most ${limit})`);
	}

	#atNode(node: BrokerHandle, weather: Weather): void {
		const { nodes, doors } = this.#of.cluster;
		for (const { proxies } of doors.values()) {
			const proxy = proxies[nodes.indexOf(node)];
			if (proxy !== undefined) proxy.weather = weather;
		}
	}

	/** Partitions that cannot be decided without this broker, as long as nobody replaces it; after it leads its share again. */
	async #ledBy(node: BrokerHandle): Promise<ReadonlySet<number>> {
		const { cluster, deployment, folder, inSync, steady } = this.#of;
		await inSync();
		await electPreferred(cluster, deployment.prefix, folder);
		await steady();
		const needed = new Set(NEEDED.map((name) => deployment.prefix + name));
		const led = (await leadersOf(cluster, deployment.prefix)).filter(
			({ topic, leader }) => needed.has(topic) && leader === node.id,
		);
		return new Set(led.map(({ partition }) => partition));
	}

	/** Until the others lead everything and wait for no copy of its, in ms: what no client can hasten. */
	async #failedOver(node: BrokerHandle, began: number): Promise<number> {
		const { cluster, deployment } = this.#of;
		const others = { ...cluster, brokers: cluster.brokers.filter((broker) => broker !== node.address) };
		while (Date.now() - began < FAILOVER_MS) {
			const now = await leadersOf(others, deployment.prefix).catch(() => []);
			const isReplaced = now.every(({ leader, inSync }) => leader !== node.id && !inSync.includes(node.id));
			if (now.length > 0 && isReplaced) return Date.now() - began;
			await sleep(FAILOVER_LOOK_MS);
		}
		throw new Error(`Kafka has not replaced broker ${node.id} within ${FAILOVER_MS} ms`);
	}

	/** As an operator's command: how long it takes, and until these partitions have recorded it. */
	async #halt(partitions: readonly number[]): Promise<{ readonly ms: number; readonly recordedMs: number }> {
		const { deployment, watch } = this.#of;
		this.#halts += 1;
		const who = ["--tenant", "nobody", "--agent", `nobody-${this.#halts}`, "--by", "chaos", "--reason", "chaos"];
		const began = Date.now();
		const recorded = watch.halted({ partitions, ms: HALT_MS });
		const args = [COMMAND, "halt", "set", ...who, "--config", deployment.config("others")];
		const command = spawn(process.execPath, args, { stdio: "ignore" });
		await once(command, "exit");
		const ms = Date.now() - began;
		const recordedAt = await recorded;
		return { ms, recordedMs: recordedAt === null ? HALT_MS : recordedAt - began };
	}
}

const longest = (gaps: readonly number[], counts: (partition: number) => boolean = () => true): number =>
	Math.max(0, ...gaps.filter((_, partition) => counts(partition)));

function at({ proxies }: Door, weather: Weather): void {
	for (const proxy of proxies) proxy.weather = weather;
}

function first({ nodes }: KafkaCluster): BrokerHandle {
	const [node] = nodes;
	if (node === undefined) throw new Error("the cluster is not this run's to break");
	return node;
}
