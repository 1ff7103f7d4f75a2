/** Follows the ledgers by the validity rule: who holds which partition, and when somebody else goes on deciding it. */
import { AssentError } from "../../src/core/base/errors.ts";
import { decodeDerived, decodeEntry } from "../../src/core/codec/decode.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "../../src/core/ledger/validity.ts";
import { type Log, type LogRecord, TOPICS } from "../../src/ports/log/log.ts";
import { pause } from "../../src/ports/pause.ts";

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

/** By partition, by the log's clock: the last decision, and the longest time without one. */
interface Gaps {
	readonly last: number[];
	readonly longest: number[];
}

interface Wait {
	readonly remaining: Set<number>;
	readonly since: number;
	readonly not: string | null;
	latest: number;
	readonly resolve: (took: number) => void;
}

export class LedgerWatch {
	/** Records that the rule calls void, and valid entries, so far. */
	voids = 0;
	entries = 0;
	readonly #log: Log;
	readonly #ledgers: readonly Ledger[];
	readonly #waits = new Set<Wait>();
	readonly #gaps = new Set<Gaps>();
	readonly #halts = new Set<(partition: number, at: number) => void>();
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

	get partitions(): readonly number[] {
		return [...this.#ledgers.keys()];
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

	/** How long each partition goes without a decision, from now on. */
	measureGaps(): { readonly end: () => readonly number[] } {
		const now = Date.now();
		const gaps: Gaps = { last: this.#ledgers.map(() => now), longest: this.#ledgers.map(() => 0) };
		this.#gaps.add(gaps);
		return {
			end: () => {
				this.#gaps.delete(gaps);
				const end = Date.now();
				return gaps.longest.map((ms, partition) => Math.max(ms, end - (gaps.last[partition] ?? end)));
			},
		};
	}

	/** When the last of these partitions has recorded a halt from now on, by the log's clock; null: not within `ms`. */
	async halted(of: { readonly partitions: readonly number[]; readonly ms: number }): Promise<number | null> {
		const remaining = new Set(of.partitions);
		const { promise, resolve } = Promise.withResolvers<number>();
		let latest = 0;
		const hear = (partition: number, at: number): void => {
			if (!remaining.delete(partition)) return;
			latest = Math.max(latest, at);
			if (remaining.size === 0) resolve(latest);
		};
		this.#halts.add(hear);
		const over = new AbortController();
		const at = await Promise.race([promise, pause(of.ms, over.signal).then(() => null)]);
		over.abort();
		this.#halts.delete(hear);
		return at;
	}

	async stop(): Promise<void> {
		this.#stop.abort();
		await this.#loop;
	}

	async #run(): Promise<void> {
		const { signal } = this.#stop;
		while (!signal.aborted) {
			try {
				const positions = this.#ledgers.map(({ at }, partition) => ({
					topic: TOPICS.decisions,
					partition,
					offset: at,
				}));
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
				this.entries += 1;
				ledger.decidedAt = record.timestamp;
				for (const wait of this.#waits) this.#tell(wait, ledger.owner, record);
				for (const gaps of this.#gaps) widen(gaps, record);
				if (this.#halts.size > 0 && isHalt(record))
					for (const hear of this.#halts) hear(record.partition, record.timestamp);
				return;
		}
	}

	#tell(wait: Wait, owner: string | null, { partition, timestamp }: LogRecord): void {
		if (timestamp < wait.since || owner === wait.not || !wait.remaining.delete(partition)) return;
		wait.latest = Math.max(wait.latest, timestamp - wait.since);
		if (wait.remaining.size === 0) wait.resolve(wait.latest);
	}
}

function widen({ last, longest }: Gaps, { partition, timestamp }: LogRecord): void {
	longest[partition] = Math.max(longest[partition] ?? 0, timestamp - (last[partition] ?? timestamp));
	last[partition] = Math.max(timestamp, last[partition] ?? 0);
}

function isHalt({ value }: LogRecord): boolean {
	const entry = decodeEntry(value);
	return entry.ok && entry.value.kind === "halt.set";
}
