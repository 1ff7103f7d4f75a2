/** Follows the ledgers by the validity rule: who holds which partition, and when somebody else goes on deciding it. */
import { AssentError } from "../../src/core/base/errors.ts";
import { decodeDerived } from "../../src/core/codec/decode.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "../../src/core/ledger/validity.ts";
import { type Log, type LogRecord, TOPICS } from "../../src/ports/log.ts";
import { pause } from "../../src/processor/pause.ts";

const RETRY_MS = 200;

interface Ledger {
	at: number;
	head: LedgerHead;
	/** Instance whose claim is in force. */
	owner: string | null;
	/** The log's time of the last claim and of the last valid entry. */
	claimedAt: number;
	decidedAt: number;
}

interface Wait {
	readonly remaining: Set<number>;
	readonly since: number;
	readonly not: string | null;
	latest: number;
	readonly resolve: (took: number) => void;
}

export class LedgerWatch {
	/** Records that the rule calls void, so far. */
	voids = 0;
	readonly #log: Log;
	readonly #ledgers: readonly Ledger[];
	readonly #waits = new Set<Wait>();
	readonly #stop = new AbortController();
	readonly #loop: Promise<void>;

	constructor(log: Log, partitions: number) {
		this.#log = log;
		this.#ledgers = Array.from({ length: partitions }, () => ({
			at: 0,
			head: emptyHead,
			owner: null,
			claimedAt: 0,
			decidedAt: 0,
		}));
		this.#loop = this.#run();
	}

	/** Partitions whose claim in force is this instance's. */
	ownedBy(instance: string): readonly number[] {
		return this.#ledgers.flatMap(({ owner }, partition) => (owner === instance ? [partition] : []));
	}

	/** Has every partition a holder among these, each of them one, none newer than `ms`, and a decision in that time? */
	isSteady(instances: readonly string[], ms: number): boolean {
		const now = Date.now();
		return (
			instances.every((instance) => this.ownedBy(instance).length > 0) &&
			this.#ledgers.every(
				({ owner, claimedAt, decidedAt }) =>
					owner !== null && instances.includes(owner) && now - claimedAt > ms && now - decidedAt < Math.max(ms, 3_000),
			)
		);
	}

	/** Has nothing at all been written for so long? */
	isQuiet(ms: number): boolean {
		return this.#ledgers.every(({ decidedAt, claimedAt }) => Date.now() - Math.max(decidedAt, claimedAt) > ms);
	}

	/** Who holds what, for people. */
	describe(): string {
		const now = Date.now();
		return this.#ledgers
			.map(({ owner, decidedAt, at }, partition) => `${partition}: ${owner} ${now - decidedAt} ms ago, end ${at}`)
			.join("; ");
	}

	/**
	 * When each of these partitions has a valid entry written after `since`, of somebody else than `not`: how long the last of
	 * them took, by the log's clock, in ms. Null: not within `ms`.
	 */
	async decidedAgain(of: {
		readonly partitions: readonly number[];
		readonly since: number;
		readonly not: string | null;
		readonly ms: number;
	}): Promise<number | null> {
		if (of.partitions.length === 0) return 0;
		const { promise, resolve } = Promise.withResolvers<number>();
		const wait = { remaining: new Set(of.partitions), since: of.since, not: of.not, latest: 0, resolve };
		this.#waits.add(wait);
		const over = new AbortController();
		const took = await Promise.race([promise, pause(of.ms, over.signal).then(() => null)]);
		over.abort();
		this.#waits.delete(wait);
		return took;
	}

	async stop(): Promise<void> {
		this.#stop.abort();
		await this.#loop;
	}

	async #run(): Promise<void> {
		const { signal } = this.#stop;
		while (!signal.aborted) {
			try {
				const positions = this.#ledgers.map(({ at }, partition) => ({ topic: TOPICS.decisions, partition, at }));
				const ready = await this.#log.waitFor(positions, { timeoutMs: 10_000, signal });
				for (const { partition } of ready) await this.#take(partition);
			} catch (thrown) {
				if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_UNAVAILABLE") throw thrown;
				await pause(RETRY_MS, signal);
			}
		}
	}

	async #take(partition: number): Promise<void> {
		const ledger = this.#ledgers[partition] as Ledger;
		for (const record of await this.#log.read({ topic: TOPICS.decisions, partition }, ledger.at)) {
			ledger.at = record.offset + 1;
			this.#judge(ledger, record);
		}
	}

	#judge(ledger: Ledger, record: LogRecord): void {
		const judged = judgeRecord(ledger.head, record.headers);
		ledger.head = judged.head;
		switch (judged.kind) {
			case "void":
				this.voids += 1;
				return;
			case "claim": {
				const claim = decodeDerived(record.value);
				ledger.owner = claim.ok && claim.value.type === "claim" ? claim.value.instance : null;
				ledger.claimedAt = record.timestamp;
				return;
			}
			case "valid":
				ledger.decidedAt = record.timestamp;
				for (const wait of this.#waits) this.#tell(wait, ledger.owner, record);
				return;
		}
	}

	#tell(wait: Wait, owner: string | null, { partition, timestamp }: LogRecord): void {
		if (timestamp < wait.since || owner === wait.not || !wait.remaining.delete(partition)) return;
		wait.latest = Math.max(wait.latest, timestamp - wait.since);
		if (wait.remaining.size === 0) wait.resolve(wait.latest);
	}
}
