/** The faults, one after the other, each on a deployment that decides everywhere; and how long others took to go on. */
import { setTimeout as sleep } from "node:timers/promises";
import { AssentError } from "../../src/core/base/errors.ts";
import type { Log } from "../../src/ports/log/log.ts";
import type { Agents } from "../kill-loop/agents.ts";
import type { Dice } from "../kill-loop/dice.ts";
import type { KafkaCluster } from "../support/kafka/cluster.ts";
import { type Led, leadersOf } from "../support/kafka/leaders.ts";
import type { Deployment } from "./deployment.ts";
import type { Fleet, Member } from "./fleet.ts";
import type { LedgerWatch } from "./ledger-watch.ts";
import { type Figure, NETWORK_FAULTS, Network } from "./network.ts";

/** `zombie`: SIGSTOP with full queues, SIGCONT after others took over. `crowd`: a zombie, a kill and the broker at once. */
const PROCESS_FAULTS = ["kill", "zombie", "term", "broker", "crowd", "leaders"] as const;
export const FAULTS = [...PROCESS_FAULTS, ...NETWORK_FAULTS] as const;
export type Fault = (typeof FAULTS)[number];

export interface StormOptions {
	readonly cluster: KafkaCluster;
	readonly deployment: Deployment;
	readonly fleet: Fleet;
	readonly watch: LedgerWatch;
	readonly agents: Agents;
	readonly dice: Dice;
	/** For what an operator does meanwhile. */
	readonly log: Log;
	/** For scripts of Kafka's tools. */
	readonly folder: string;
	/** How many brokers are killed or restarted one after the other. */
	readonly brokers: number;
	readonly sessionMs: number;
	/** How long a partition may stay undecided; then the run has failed. */
	readonly patienceMs: number;
	readonly say: (what: string) => void;
}

/** Load on each agent of a process that is about to be stopped. */
const BURST_EACH = 25;
const PROBE_MS = 250;
/** A deployment is steady when nobody has claimed anything for so long. */
const CALM_MS = 1_500;

export class Storm {
	/** From the signal until every partition concerned was decided again, in ms, by what was done. */
	readonly took = new Map<string, number[]>();
	/** What did not go on within the patience. */
	readonly stuck: string[] = [];
	readonly #of: StormOptions;
	readonly #bursts = new Set<Promise<void>>();
	readonly #network: Network;

	constructor(of: StormOptions) {
		this.#of = of;
		this.#network = new Network({
			...of,
			restarts: of.brokers,
			steady: () => this.steady(),
			probing: (until) => this.#probing(of.watch.partitions, until),
			decidedAgain: (what, victim) => this.#decidedAgain(what, victim),
			inSync: () => this.#inSync(),
		});
	}

	/** What network faults cost. */
	get figures(): readonly Figure[] {
		return this.#network.figures;
	}

	async strike(fault: Fault): Promise<void> {
		await this.steady();
		switch (fault) {
			case "kill":
				return this.#end("SIGKILL");
			case "term":
				return this.#end("SIGTERM");
			case "zombie":
				return this.#zombie();
			case "broker":
				return this.#broker();
			case "crowd":
				return this.#crowd();
			case "leaders":
				return this.#leaders();
			case "move":
			case "rolling":
			case "freeze":
			case "unreachable":
			case "late":
			case "mute":
			case "cut":
			case "reset":
				return this.#network.strike(fault);
		}
	}

	/** Waits until every process that is to run holds partitions, and every partition is decided. */
	async steady(): Promise<void> {
		const { watch, fleet, patienceMs } = this.#of;
		const deadline = performance.now() + patienceMs;
		while (!watch.isSteady(names(fleet.members), CALM_MS)) {
			if (performance.now() > deadline) {
				this.stuck.push(`not every partition is decided by ${names(fleet.members)}: ${watch.describe()}`);
				return;
			}
			await sleep(50);
		}
	}

	/** Resolves when every burst has its answers. */
	async settled(): Promise<void> {
		await Promise.all(this.#bursts);
	}

	async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
		const { fleet } = this.#of;
		const victim = this.#pick();
		const again = this.#decidedAgain(signal, victim);
		const gone = fleet.end(victim, signal);
		await again;
		await gone;
		await fleet.start(victim.door);
	}

	async #zombie(): Promise<void> {
		const { deployment, log } = this.#of;
		const victim = this.#pick();
		await this.#fillQueues(victim);
		const stoppedAt = performance.now();
		const again = this.#decidedAgain("SIGSTOP", victim);
		victim.child.kill("SIGSTOP");
		// Comes before what lies in the queues of the process that sleeps, for whoever takes over: its own order is void.
		await unlessUnavailable(deployment.activate(log));
		await again;
		await this.#letGo(victim, stoppedAt);
	}

	async #letGo(victim: Member, stoppedAt: number): Promise<void> {
		const { sessionMs, watch, say } = this.#of;
		await sleep(Math.max(0, sessionMs + 2_000 - (performance.now() - stoppedAt)));
		const before = watch.voids;
		victim.child.kill("SIGCONT");
		await sleep(500);
		say(`${victim.instance} let go: ${watch.voids - before} void entries`);
	}

	async #fillQueues(victim: Member): Promise<void> {
		const { deployment, dice, watch } = this.#of;
		this.#burst(
			watch.ownedBy(victim.instance).flatMap((partition) => deployment.agents[partition] ?? []),
			BURST_EACH,
		);
		await sleep(dice.upTo(40));
	}

	async #broker(): Promise<void> {
		const { cluster, dice, say } = this.#of;
		const node = dice.upTo(cluster.nodes.length);
		await cluster.nodes[node]?.kill();
		const killedAt = performance.now();
		const again = this.#decidedAgain("broker killed and restarted", null);
		await sleep(dice.upTo(1_500));
		await cluster.nodes[node]?.restart();
		say(`the broker answers again ${Math.round(performance.now() - killedAt)} ms after it was killed`);
		await again;
	}

	async #crowd(): Promise<void> {
		const { cluster, fleet, dice } = this.#of;
		const zombie = this.#pick();
		await this.#fillQueues(zombie);
		const stoppedAt = performance.now();
		zombie.child.kill("SIGSTOP");
		const [killed] = fleet.members.filter((member) => member !== zombie);
		if (killed !== undefined) await fleet.end(killed, "SIGKILL");
		const door = killed?.door ?? null;
		await sleep(dice.upTo(1_000));
		const [node] = cluster.nodes;
		await node?.kill();
		await node?.restart();
		const again = this.#decidedAgain("zombie, kill and broker at once", null);
		await fleet.start(door);
		await again;
		await this.#letGo(zombie, stoppedAt);
	}

	/** One node after the other is killed, with the leaders that it has, and comes back when others lead. */
	async #leaders(): Promise<void> {
		const { cluster, brokers, say } = this.#of;
		for (const node of cluster.nodes.slice(0, brokers)) {
			await this.#inSync();
			await this.steady();
			const led = await this.#ledBy(node.id);
			await node.kill();
			const took = await this.#decidedAgain("leaders killed", null);
			say(`node ${node.id}, leader of ${led} partitions, killed: all decided again after ${took} ms`);
			await node.restart();
		}
	}

	/** Of the inputs and the ledger, until every copy is in sync. */
	async #inSync(): Promise<void> {
		const deadline = performance.now() + this.#of.patienceMs;
		while ((await this.#partitions()).some(({ inSync, replicas }) => inSync.length < replicas.length)) {
			if (performance.now() > deadline) {
				this.stuck.push("not every copy is in sync");
				return;
			}
			await sleep(200);
		}
	}

	async #ledBy(node: number): Promise<number> {
		return (await this.#partitions()).filter(({ leader }) => leader === node).length;
	}

	/** Of every topic that is there, and Kafka's own. */
	#partitions(): Promise<readonly Led[]> {
		return leadersOf(this.#of.cluster, "");
	}

	/** Counts from now on. `victim`: until others have decided all that is its own; null: until everything is decided. */
	async #decidedAgain(what: string, victim: Member | null): Promise<number | null> {
		const { watch, deployment, patienceMs, say } = this.#of;
		const all = Array.from({ length: deployment.layout.partitions }, (_, partition) => partition);
		const partitions = victim === null ? all : watch.ownedBy(victim.instance);
		const not = victim?.instance ?? null;
		const decided = watch.decidedAgain({ partitions, since: Date.now(), not, ms: patienceMs });
		const took = await this.#probing(partitions, decided);
		const whose = victim === null ? "" : ` ${not}`;
		if (took === null) {
			this.stuck.push(
				`${what}${whose}: not every one of the partitions ${partitions} was decided again: ${watch.describe()}`,
			);
			return null;
		}
		say(`${what}${whose}: ${partitions.length} partitions decided again after ${took} ms`);
		this.took.set(what, [...(this.took.get(what) ?? []), took]);
		return took;
	}

	/** Load that does not wait for answers, so that a partition whose agents all wait has something to decide. */
	async #probing<Out>(partitions: readonly number[], until: Promise<Out>): Promise<Out> {
		const { deployment } = this.#of;
		const asked = partitions.map((partition) => deployment.agents[partition]?.[0] as string);
		const probes = setInterval(() => this.#burst(asked, 1), PROBE_MS);
		try {
			return await until;
		} finally {
			clearInterval(probes);
		}
	}

	/** Not awaited: it is answered by whoever takes over. */
	#burst(names: readonly string[], each: number): void {
		const burst = this.#of.agents.burst(names, each).finally(() => this.#bursts.delete(burst));
		burst.catch(() => {});
		this.#bursts.add(burst);
	}

	/** One that holds partitions; any, when the ledger says of none that it does. */
	#pick(): Member {
		const { fleet, watch, dice } = this.#of;
		const holders = fleet.members.filter(({ instance }) => watch.ownedBy(instance).length > 0);
		const from = holders.length > 0 ? holders : fleet.members;
		const member = from[dice.upTo(from.length)];
		if (member === undefined) throw new Error("no processor is left");
		return member;
	}
}

const names = (members: readonly Member[]): string[] => members.map(({ instance }) => instance);

async function unlessUnavailable(asked: Promise<void>): Promise<void> {
	try {
		await asked;
	} catch (thrown) {
		if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_UNAVAILABLE") throw thrown;
	}
}
