/** The answers to what operators send: ledger entries that name a control record as their cause. */
import { decodeEntry } from "../core/codec/decode.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs, Offset } from "../core/model/units.ts";
import type { Log, LogRecord } from "../ports/log/log.ts";
import { beginReading, ledgerOf } from "../reading/partition-view.ts";
import { snapshotPlace } from "../reading/snapshot-reader.ts";
import type { SentControl } from "./operators.ts";

/**
 * The valid ledger entries whose causes are these control records, by partition, as far as they come within the time given.
 * A record that was written under a superseded claim is no answer, whatever it says.
 */
export async function answersTo(
	log: Log,
	layout: Layout,
	sent: readonly SentControl[],
	options: {
		readonly waitMs: DurationMs;
		readonly signal?: AbortSignal;
		/** Called with how many there are, before each wait for more. */
		readonly onAnswers?: (count: number) => void;
	},
): Promise<ReadonlyMap<number, LedgerEntry>> {
	const { waitMs, signal, onAnswers } = options;
	const answers = new Map<number, LedgerEntry>();
	const deadline = performance.now() + waitMs;
	const isOver = (): boolean => performance.now() >= deadline || signal?.aborted === true;
	if (isOver()) return answers;
	const waiting = await Promise.all(sent.map((each) => AnswerReader.begin(log, layout, each)));
	for (;;) {
		await Promise.all(
			waiting.map(async (reader) => {
				const answer = answers.has(reader.partition) ? null : await reader.readOn(isOver);
				if (answer !== null) answers.set(reader.partition, answer);
			}),
		);
		const open = waiting.filter(({ partition }) => !answers.has(partition));
		if (open.length === 0 || isOver()) return answers;
		onAnswers?.(answers.size);
		await log.waitFor(
			open.map((reader) => reader.position),
			{ timeoutMs: Math.max(1, Math.ceil(deadline - performance.now())), ...(signal ? { signal } : {}) },
		);
	}
}

/**
 * Judges a partition's records in order and looks for one cause. It begins where the validity rule lets a reader begin: at
 * the ledger's beginning, or at a snapshot when that spares many records.
 */
class AnswerReader {
	readonly #log: Log;
	readonly #sent: SentControl;
	#head: LedgerHead;
	#next: Offset;

	private constructor(log: Log, sent: SentControl, head: LedgerHead, next: Offset) {
		this.#log = log;
		this.#sent = sent;
		this.#head = head;
		this.#next = next;
	}

	static async begin(log: Log, layout: Layout, sent: SentControl): Promise<AnswerReader> {
		if (sent.place !== undefined) return new AnswerReader(log, sent, sent.place.head, sent.place.next);
		const { begin, end } = await log.bounds(ledgerOf(sent.partition));
		if (begin === 0 && end < WORTH_A_SNAPSHOT) return new AnswerReader(log, sent, emptyHead, 0);
		const place = await snapshotPlace(log, sent.partition);
		// A snapshot that was made after the answer would hide it.
		if (place !== null && (place.next <= sent.ledgerFrom || begin > 0)) {
			return new AnswerReader(log, sent, place.head, place.next);
		}
		await beginReading(log, layout, sent.partition, { from: "beginning" });
		return new AnswerReader(log, sent, emptyHead, 0);
	}

	get partition(): number {
		return this.#sent.partition;
	}

	get position() {
		return { ...ledgerOf(this.partition), offset: this.#next };
	}

	/** Reads to the end there is now, or until `isOver`. */
	async readOn(isOver: () => boolean): Promise<LedgerEntry | null> {
		for (;;) {
			const records = await this.#log.read(ledgerOf(this.partition), this.#next);
			for (const record of records) {
				const answer = this.#take(record);
				if (answer !== null) return answer;
			}
			if (records.length === 0 || isOver()) return null;
		}
	}

	#take(record: LogRecord): LedgerEntry | null {
		const judged = judgeRecord(this.#head, record.headers);
		this.#head = judged.head;
		this.#next = record.offset + 1;
		if (judged.kind !== "valid" || record.offset < this.#sent.ledgerFrom) return null;
		const entry = decodeEntry(record.value);
		if (!entry.ok) return null;
		const { cause } = entry.value;
		return cause.topic === "control" && cause.offset === this.#sent.offset ? entry.value : null;
	}
}

/** Records of a ledger that are judged faster than a snapshot is read and rebuilt. */
const WORTH_A_SNAPSHOT = 50_000;
