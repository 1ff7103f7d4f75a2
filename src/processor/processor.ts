/**
 * A processor: a member of the group that shares the partitions. Assignment is for liveness alone; what makes a decision
 * count is the claim in the ledger.
 */
import { AssentError, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/records.ts";
import type { Clock } from "../ports/clock.ts";
import type { Assignment, Log } from "../ports/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { LogCatalogue } from "./catalogue.ts";
import { Partition } from "./partition.ts";

export interface ProcessorOptions {
	readonly log: Log;
	/** Unique name of this process. */
	readonly instance: string;
	readonly layout: Layout;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	readonly snapshotEvery?: number;
}

const GROUP = "assent-processor";

export class Processor {
	readonly #of: ProcessorOptions;
	readonly #catalogue: LogCatalogue;
	readonly #partitions = new Map<number, Partition>();
	#assignment: Promise<Assignment> | null = null;
	#isDraining = false;
	#end: (failure: AssentError | null) => void = () => {};
	/** Resolves with null after `drain`, with the reason when this process cannot go on (superseded, layout, log lost). */
	readonly ended: Promise<AssentError | null>;

	constructor(of: ProcessorOptions) {
		this.#of = of;
		this.#catalogue = new LogCatalogue({ log: of.log, budgetRoot: of.layout.budgetRoot, telemetry: of.telemetry });
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	async start(): Promise<void> {
		const { log, instance } = this.#of;
		this.#assignment = log.assign(GROUP, instance, {
			onAssigned: (partitions) => this.#assigned(partitions),
			onLost: (partitions, why) => this.#lost(partitions, why),
		});
		await this.#assignment;
	}

	/** Finishes what is in flight on every partition, hands them over and leaves. */
	async drain(): Promise<void> {
		// What is assigned from now on, because another member leaves meanwhile, is for who comes after.
		this.#isDraining = true;
		await Promise.all([...this.#partitions.values()].map((partition) => partition.drain()));
		this.#partitions.clear();
		const assignment = await this.#assignment?.catch(() => null);
		await assignment?.leave();
		this.#end(null);
	}

	#assigned(partitions: readonly number[]): void {
		const { log, instance, layout, clock, telemetry, snapshotEvery = 100_000 } = this.#of;
		if (this.#isDraining) return;
		telemetry.info("processor.assigned", { instance, partitions: partitions.length });
		for (const partition of partitions) {
			if (this.#partitions.has(partition)) continue;
			const life = new Partition({
				log,
				partition,
				instance,
				layout,
				catalogue: this.#catalogue,
				clock,
				telemetry,
				snapshotEvery,
			});
			this.#partitions.set(partition, life);
			life.start().catch((thrown: unknown) => this.#fail(asAssentError(thrown)));
		}
	}

	#lost(partitions: readonly number[], why: string): void {
		this.#of.telemetry.warn("processor.lost", { partitions: partitions.length, why });
		const drains: Promise<void>[] = [];
		for (const partition of partitions) {
			const life = this.#partitions.get(partition);
			this.#partitions.delete(partition);
			if (life !== undefined) drains.push(life.drain());
		}
		if (this.#partitions.size > 0) return;
		const help = "only one processor decides on an embedded log, the newest; stop the other one first";
		void Promise.all(drains).then(() => {
			// Given back meanwhile: a group was only sharing anew.
			if (this.#partitions.size > 0) return;
			this.#end(new AssentError(problem("ASSENT_SUPERSEDED", `${why}; nothing is decided here any more`, help)));
		});
	}

	#fail(failure: AssentError): void {
		this.#of.telemetry.error("processor.failed", { code: failure.code, why: failure.message });
		this.#end(failure);
	}
}

function asAssentError(thrown: unknown): AssentError {
	if (thrown instanceof AssentError) return thrown;
	const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
	return new AssentError(problem("ASSENT_INTERNAL", why, "please report this with the log's last lines"));
}
