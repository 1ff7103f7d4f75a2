/**
 * The tree of a partition's ledger, read from the log: leaf i is the valid entry with `seq` i, as stored.
 *
 * L1  Only valid entries are leaves, by the one rule (core/ledger/validity.ts), from the first record of the ledger on.
 * L2  What was read once and is something else now ends the reading: each read begins with the last record of the one before.
 * L3  Reading changes nothing: what follows from it is not signed yet.
 */
import { TileTree } from "../core/audit/tile-tree.ts";
import { LEAF_BYTES_MAX, treePrefix } from "../core/audit/tiles.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { Offset } from "../core/model/units.ts";
import { Breath } from "../ports/breath.ts";
import { type Log, type LogRecord, TOPICS, type TopicPartition } from "../ports/log/log.ts";
import { assertDense } from "../reading/dense.ts";
import { historyChanged } from "./refusal.ts";

export class LedgerTree {
	readonly tree = new TileTree();
	/** Of the tree's static files. */
	readonly prefix: string;
	readonly at: TopicPartition;
	readonly #log: Log;
	#head: LedgerHead = emptyHead;
	#last: LogRecord | null = null;
	/** Records that were read and are behind `until`. */
	#ahead: readonly LogRecord[] = [];

	constructor(log: Log, partition: number) {
		this.#log = log;
		this.at = { topic: TOPICS.decisions, partition };
		this.prefix = treePrefix(partition);
	}

	/** Offset of the record to be read next. */
	get next(): Offset {
		return (this.#last?.offset ?? -1) + 1;
	}

	/**
	 * Reads to the log's end, or until the tree has `until` leaves: false where it has fewer. `onPage` is called after each page. Throws
	 * ASSENT_NOTARY_HISTORY, and what the log throws where it cannot be read.
	 */
	async read(until: number, onPage: () => Promise<void> = async () => {}): Promise<boolean> {
		const breath = new Breath();
		while (this.tree.size < until) {
			const records = this.#ahead.length > 0 ? this.#ahead : await this.#page();
			if (records.length === 0) return false;
			const taken = this.#take(records, until);
			this.#ahead = records.slice(taken);
			await onPage();
			await breath.next();
		}
		return true;
	}

	async #page(): Promise<readonly LogRecord[]> {
		const last = this.#last;
		const from = Math.max(0, this.next - 1);
		const records = await this.#pageFrom(from);
		if (last === null) return records;
		const [again, ...news] = records;
		if (again === undefined || !isSame(again, last))
			throw historyChanged(`${this.#name} has another record at offset ${last.offset} than when it was read`);
		return news;
	}

	async #pageFrom(from: Offset): Promise<readonly LogRecord[]> {
		try {
			const records = await this.#log.read(this.at, from);
			assertDense(records, from);
			return records;
		} catch (thrown) {
			const code = thrown instanceof AssentError ? thrown.code : null;
			if (code !== "ASSENT_LOG_REWOUND" && code !== "ASSENT_LOG_OFFSET_GONE") throw thrown;
			throw historyChanged((thrown as AssentError).problem.message);
		}
	}

	/** How many were taken. */
	#take(records: readonly LogRecord[], until: number): number {
		for (const [index, record] of records.entries()) {
			if (this.tree.size >= until) return index;
			if (record.unreadable !== undefined)
				throw historyChanged(`${this.#name} cannot be read at offset ${record.offset}: ${record.unreadable}`);
			const { kind, head } = judgeRecord(this.#head, record.headers);
			this.#head = head;
			this.#last = record;
			if (kind !== "valid") continue;
			if (record.value.length > LEAF_BYTES_MAX) throw tooLong(this.#name, record);
			this.tree.append(record.value);
		}
		return records.length;
	}

	get #name(): string {
		return `${this.at.topic}/${this.at.partition}`;
	}
}

const isSame = (one: LogRecord, other: LogRecord): boolean =>
	Buffer.compare(one.value, other.value) === 0 && JSON.stringify(one.headers) === JSON.stringify(other.headers);

const tooLong = (name: string, { offset, value }: LogRecord): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LEDGER_INVALID",
			`the entry at offset ${offset} of ${name} has ${value.length} bytes, and a leaf has ${LEAF_BYTES_MAX} at most`,
			"no entry that a processor writes is that long: find out who wrote it",
		),
	);
