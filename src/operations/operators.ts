/** What operators say to a running deployment: control records, and the ledger entries that answer them. */
import { randomUUID } from "node:crypto";
import { decodeEntry } from "../core/codec/decode.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import type { CallId } from "../core/model/ids.ts";
import {
	type ControlHead,
	type ControlRecord,
	type HaltScope,
	type InputTopic,
	type RoutedRecord,
	subjectOf,
} from "../core/model/inputs.ts";
import { type Layout, routeOf } from "../core/model/layout.ts";
import type { DurationMs, EpochMs, Offset } from "../core/model/units.ts";
import type { Log, LogRecord } from "../ports/log/log.ts";
import { appendControl } from "../publishing/control.ts";
import { beginReading, ledgerOf, partitionsOf } from "../reading/partition-view.ts";
import { snapshotPlace } from "../reading/snapshot-reader.ts";
import type { Activation } from "./activation.ts";
import { type LedgerPlace, placeOfLedger } from "./questions.ts";

/** Who acts, and when by the machine's clock. */
export interface Operator {
	readonly by: string;
	readonly now: EpochMs;
}

/** A control record on the log, and from where on its answer can lie. */
export interface SentControl {
	readonly partition: number;
	/** In `control/p`: the cause that the answer names. */
	readonly offset: Offset;
	/** The end that `decisions/p` had before it was sent. */
	readonly ledgerFrom: Offset;
	/** Where the ledger stood before it was sent, if somebody who decides there has said so. */
	readonly place?: LedgerPlace;
}

type Session = { readonly tenant: string; readonly agent: string; readonly session: string };

/** A vote on a held call. Safe to repeat: an approver counts once. */
export const sendVote = (
	log: Log,
	layout: Layout,
	of: Operator & { call: CallId; session: string; vote: "granted" | "rejected"; comment: string },
): Promise<SentControl> =>
	sendTo(log, layout, {
		type: of.vote === "granted" ? "approval.granted" : "approval.rejected",
		...headOf(of),
		call: of.call,
		session: of.session,
		comment: of.comment,
	});

/** A top-up or a reset of one limit for one scope key; parts that the scope does not have are empty. */
export const sendAdjustment = (
	log: Log,
	layout: Layout,
	of: Operator & Session & { policy: string; limit: string; change: "topup" | "reset"; amount: number },
): Promise<SentControl> => {
	const { policy, limit, tenant, agent, session, change, amount } = of;
	return sendTo(log, layout, {
		type: "budget.adjusted",
		...headOf(of),
		policy,
		limit,
		tenant,
		agent,
		session,
		change,
		amount,
	});
};

export const sendSessionEnd = (log: Log, layout: Layout, of: Operator & Session): Promise<SentControl> =>
	sendTo(log, layout, {
		type: "session.ended",
		...headOf(of),
		tenant: of.tenant,
		agent: of.agent,
		session: of.session,
	});

/** Lets a partition go on behind inputs that are gone: from where it stands to the first that is left. */
export async function sendSkip(
	log: Log,
	of: Operator & { partition: number; topic: InputTopic; from: Offset; until: Offset; reason: string },
): Promise<SentControl> {
	const { partition, topic, from, until, reason } = of;
	return put(log, { partition, key: null }, { type: "inputs.skipped", ...headOf(of), topic, from, until, reason });
}

/**
 * A halt, or its end, on every partition: the scope may have calls in any of them. Each is sent for itself, so that none waits
 * for another whose broker does not answer.
 */
export function sendHalt(
	log: Log,
	layout: Layout,
	of: Operator & { change: "set" | "lifted"; scope: HaltScope; reason: string },
): readonly Promise<SentControl>[] {
	const type = of.change === "set" ? "halt.set" : "halt.lifted";
	const record = { type, ...headOf(of), scope: of.scope, reason: of.reason } as const;
	return partitionsOf(layout).map((partition) => put(log, { partition, key: null }, record));
}

export const sentActivation = (
	{ controlAt, ledgerFrom }: Activation,
	places: readonly (LedgerPlace | null)[] = [],
): readonly SentControl[] => sentAt(controlAt, ledgerFrom, places);

const sentAt = (
	offsets: readonly Offset[],
	ends: readonly Offset[],
	places: readonly (LedgerPlace | null)[],
): SentControl[] =>
	offsets.map((offset, partition) => ({
		partition,
		offset,
		ledgerFrom: ends[partition] ?? 0,
		...placed(places[partition] ?? null),
	}));

const placed = (place: LedgerPlace | null): { readonly place?: LedgerPlace } => (place === null ? {} : { place });

/** Where each ledger stands: to be asked before something is sent, so that its answer lies behind. */
export const placesOf = (log: Log, layout: Layout): Promise<(LedgerPlace | null)[]> =>
	Promise.all(partitionsOf(layout).map((partition) => placeOfLedger(log, partition)));

const headOf = ({ by, now }: Operator): ControlHead => ({ id: randomUUID(), issuedBy: by, issuedAt: now });

const sendTo = (log: Log, layout: Layout, record: RoutedControl): Promise<SentControl> =>
	put(log, routeOf(layout, subjectOf(record)), record);

type RoutedControl = Extract<ControlRecord, RoutedRecord>;

async function put(
	log: Log,
	to: { partition: number; key: string | null },
	record: ControlRecord,
): Promise<SentControl> {
	const { partition } = to;
	const { end: ledgerFrom } = await log.bounds(ledgerOf(partition));
	const place = await placeOfLedger(log, partition);
	const offset = await appendControl(log, to, record);
	return { partition, offset, ledgerFrom, ...placed(place) };
}

/**
 * The valid ledger entries whose causes are these control records, by partition, as far as they come within the time given.
 * A record that was written under a superseded claim is no answer, whatever it says.
 */
export async function answersTo(
	log: Log,
	layout: Layout,
	sent: readonly SentControl[],
	of: { readonly waitMs: DurationMs; readonly signal?: AbortSignal },
): Promise<ReadonlyMap<number, LedgerEntry>> {
	const answers = new Map<number, LedgerEntry>();
	const deadline = performance.now() + of.waitMs;
	const isOver = (): boolean => performance.now() >= deadline || of.signal?.aborted === true;
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
		await log.waitFor(
			open.map((reader) => reader.position),
			{ timeoutMs: Math.max(1, Math.ceil(deadline - performance.now())), ...(of.signal ? { signal: of.signal } : {}) },
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
		return { ...ledgerOf(this.partition), at: this.#next };
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
