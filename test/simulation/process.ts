/** One process of the simulation: a processor on a handle of its own, which can die at any moment. */
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import type { MemoryFault } from "../../src/adapters/memory/faults.ts";
import type {
	Appended,
	Assignment,
	AssignmentListener,
	Log,
	OutRecord,
	TopicPartition,
} from "../../src/ports/log/log.ts";
import { Processor } from "../../src/processor/processor.ts";
import { Heard, type LogWorld } from "../support/world.ts";

/** Makes a faulty log out of a good one: a planted bug of the processor, as its log sees it. */
export type Plant = (log: Log) => Log;

export interface ProcessOptions {
	readonly world: LogWorld;
	readonly name: string;
	readonly clock: { now(): number };
	readonly faults: (to: TopicPartition, records: readonly OutRecord[]) => MemoryFault | null;
	readonly snapshotEvery: number;
	/** `group`: the newest owns all. `believer`: owns all for ever, whoever else does, too. */
	readonly ownership: "group" | "believer";
	/** How long after losing its partitions it hears of it; null: never. */
	readonly hearsAfter: () => Promise<void> | null;
	readonly plant: Plant;
}

export class SimulatedProcess {
	readonly heard = new Heard();
	readonly processor: Processor;
	#isDead = false;

	constructor(of: ProcessOptions) {
		const { world, name, clock, snapshotEvery } = of;
		this.processor = new Processor({
			verifierOf,
			log: of.plant(this.#mortal(of)),
			instance: name,
			layout: world.layout,
			clock,
			telemetry: this.heard,
			snapshotEvery,
			// Nobody needs to know which sets are stricter: it says the same of the same two.
			reviewer: { isAsStrict: ({ inForce, next }) => Promise.resolve(lengthOf(inForce) >= lengthOf(next)) },
		});
	}

	/** From now on nothing that it asks of its log is answered. What is on its way may still arrive. */
	kill(): void {
		this.#isDead = true;
	}

	get restoredFromSnapshot(): number {
		return this.heard.said("partition.restored").filter(({ fromSnapshot }) => Number(fromSnapshot) > 0).length;
	}

	#mortal(of: ProcessOptions): Log {
		const log = of.world.handle({ faults: of.faults });
		const never = new Promise<never>(() => {});
		const whileAlive = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
			if (this.#isDead) return never;
			const answer = await ask();
			return this.#isDead ? never : answer;
		};
		return {
			...log,
			url: log.url,
			questions: log.questions,
			append: (to, records, options) => whileAlive((): Promise<Appended> => log.append(to, records, options)),
			read: (from, at, options) => whileAlive(() => log.read(from, at, options)),
			bounds: (at) => whileAlive(() => log.bounds(at)),
			waitFor: (any, options) => whileAlive(() => log.waitFor(any, options)),
			admin: () => log.admin(),
			close: () => log.close(),
			assign: (group, member, listener) => this.#assign(of, log, { group, member, listener }),
		};
	}

	async #assign(
		of: ProcessOptions,
		log: Log,
		to: { group: string; member: string; listener: AssignmentListener },
	): Promise<Assignment> {
		const all = Array.from({ length: of.world.layout.partitions }, (_, partition) => partition);
		if (of.ownership === "believer") {
			to.listener.onAssigned(all);
			return { confirm: async () => {}, leave: async () => {} };
		}
		return log.assign(to.group, to.member, {
			onAssigned: (partitions) => {
				if (!this.#isDead) to.listener.onAssigned(partitions);
			},
			onLost: (partitions, why) => {
				void of.hearsAfter()?.then(() => {
					if (!this.#isDead) void to.listener.onLost(partitions, why);
				});
			},
		});
	}
}

const lengthOf = (sources: readonly { readonly text: string }[]): number =>
	sources.reduce((sum, { text }) => sum + text.length, 0);
