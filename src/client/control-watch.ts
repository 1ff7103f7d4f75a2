/**
 * What operators say while a program runs: a token that was good when it was minted is not while its agent is halted, and keys of tokens
 * are believed as the policies in force say.
 */
import { isHalted } from "../core/engine/decide/admission.ts";
import type { Subject } from "../core/model/ids.ts";
import { type Layout, partitionFor } from "../core/model/layout.ts";
import type { Clock } from "../ports/clock.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { VerifierOf } from "../ports/signer.ts";
import { ControlFold, controlCatalogue } from "../reading/control-fold.ts";
import { TailReader } from "../reading/tail.ts";
import type { KeyCheck } from "../reading/token-keys.ts";

export interface ControlWatchParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly clock: Clock;
	readonly verifierOf: VerifierOf;
}

export class ControlWatch {
	readonly #parts: ControlWatchParts;
	/** By partition; each is read from its beginning when it is first asked. */
	readonly #folds: readonly ControlFold[];
	/** By partition, how often something was said, and how much of that is read; once, before anything is. */
	readonly #said: number[];
	readonly #read: number[];
	readonly #reading: (Promise<void> | null)[];
	readonly #tail: TailReader;
	/** Why nothing more is heard. */
	#lost: unknown = null;

	private constructor(parts: ControlWatchParts) {
		const { log, layout, verifierOf } = parts;
		this.#parts = parts;
		const catalogue = controlCatalogue(parts);
		const partitions = Array.from({ length: layout.partitions }, (_, partition) => partition);
		this.#folds = partitions.map((partition) => new ControlFold({ log, layout, partition, verifierOf, catalogue }));
		this.#said = partitions.map(() => 1);
		this.#read = partitions.map(() => 0);
		this.#reading = partitions.map(() => null);
		this.#tail = new TailReader({
			log,
			topic: TOPICS.control,
			onRecord: ({ partition }) => {
				this.#said[partition] = (this.#said[partition] ?? 0) + 1;
			},
			onLost: (why) => {
				this.#lost = why;
			},
		});
	}

	/** Throws what the log throws. */
	static async begin(parts: ControlWatchParts): Promise<ControlWatch> {
		const watch = new ControlWatch(parts);
		await watch.#tail.start(parts.layout.partitions);
		return watch;
	}

	/** As its partition has it. Throws as `ControlFold.readOn`. */
	async isHalted(subject: Subject): Promise<boolean> {
		const fold = await this.#readOn(partitionFor(this.#parts.layout, subject));
		return isHalted(fold.state, subject);
	}

	/** The policies in force, and whom they believe on keys. Throws as `ControlFold.readOn`. */
	async inForce(): Promise<{ readonly digest: string; readonly keyCheck: KeyCheck | null }> {
		// Policies are put into force in all partitions.
		const { state, keyCheck } = await this.#readOn(0);
		return { digest: state.policy.digest, keyCheck };
	}

	stop(): Promise<void> {
		return this.#tail.stop();
	}

	/** All who ask meanwhile wait for one reading, and for the next where something was said during it. */
	async #readOn(partition: number): Promise<ControlFold> {
		const fold = this.#folds[partition] as ControlFold;
		for (;;) {
			if (this.#lost !== null) throw this.#lost;
			if (this.#read[partition] === this.#said[partition]) return fold;
			this.#reading[partition] ??= this.#readOnce(partition, fold).finally(() => {
				this.#reading[partition] = null;
			});
			await this.#reading[partition];
		}
	}

	async #readOnce(partition: number, fold: ControlFold): Promise<void> {
		const said = this.#said[partition] as number;
		await fold.readOn(this.#parts.clock.now());
		this.#read[partition] = said;
	}
}
