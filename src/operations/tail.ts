/** Reading a topic as a person does: every partition, merged by time, decoded, with the ledger's validity judged. */
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeDerived, decodeEntry, decodeInput, identify } from "../core/codec/decode.ts";
import { adopted, emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { IntentSealed } from "../core/model/inputs.ts";
import { entryReading, replyReading } from "../core/model/readings.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, TOPICS } from "../ports/log/log.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";
import { missingBy } from "../reading/intent-at.ts";
import { headBefore } from "../reading/ledger-head.ts";
import { unsealed } from "../reading/unsealed.ts";
import { createHelp } from "./log-url.ts";

export interface TailedRecord {
	readonly topic: string;
	readonly partition: number;
	readonly offset: Offset;
	readonly time: number;
	readonly headers: Readonly<Record<string, string>>;
	/** The decoded record, or `{unreadable: why}`. */
	readonly value: unknown;
	/** For `decisions`: does the record count? */
	readonly valid?: boolean;
}

export interface TailOptions {
	readonly topic: string;
	/** Only this partition; all of them by default. */
	readonly partition?: number;
	readonly from: "start" | "end" | Offset;
	readonly follow: boolean;
	readonly signal: AbortSignal;
}

interface Lane {
	readonly partition: number;
	/** To be read next. */
	next: Offset;
	/** What is read and not handed out yet. */
	buffer: LogRecord[];
	/** First offset to hand out: a ledger is read from its beginning to judge what follows. */
	readonly shownFrom: Offset;
	head: LedgerHead;
	/** The ledger before was not read: the first append that can be valid is taken to be so. */
	readonly isAssumed: boolean;
}

/** Records up to the end that the topic has now, merged by time; with `follow` goes on until the signal aborts. */
export async function* tail(log: Log, options: TailOptions): AsyncGenerator<TailedRecord> {
	const lanes = await lanesOf(log, options);
	for (;;) {
		for (;;) {
			const lane = await earliest(log, options.topic, lanes);
			const record = lane?.buffer.shift();
			if (lane === null || record === undefined) break;
			const tailed = read(record, lane, log.payloads);
			if (record.offset >= lane.shownFrom) yield tailed;
			if (options.signal.aborted) return;
		}
		if (!options.follow || options.signal.aborted) return;
		const positions = lanes.map(({ partition, next }) => ({ topic: options.topic, partition, offset: next }));
		await log.waitFor(positions, { timeoutMs: 60_000, signal: options.signal });
	}
}

async function lanesOf(log: Log, options: TailOptions): Promise<Lane[]> {
	const topics = await log.admin().topics();
	const topic = topics.find(({ name }) => name === options.topic);
	if (topic === undefined) {
		const known = topics.map(({ name }) => name).join(", ");
		throw new AssentError(
			problem(
				"ASSENT_LOG_TOPIC",
				`there is no topic \`${options.topic}\``,
				known === "" ? `the log is empty: ${createHelp(log.url)}` : `there are: ${known}`,
			),
		);
	}
	const partitions = options.partition === undefined ? [...topic.begin.keys()] : [options.partition];
	const lane = async (partition: number): Promise<Lane> => {
		const begin = topic.begin[partition];
		const end = topic.end[partition];
		if (begin === undefined || end === undefined) {
			throw new AssentError(
				problem(
					"ASSENT_LOG_TOPIC",
					`\`${options.topic}\` has no partition ${partition}`,
					`it has partitions 0 to ${topic.partitions - 1}`,
				),
			);
		}
		const shownFrom = options.from === "start" ? begin : options.from === "end" ? end : Math.max(begin, options.from);
		const isLedger = options.topic === TOPICS.decisions;
		if (isLedger && options.from === "end") {
			const head = await headBefore(log, partition, { begin, end });
			return { partition, next: end, buffer: [], shownFrom, head, isAssumed: true };
		}
		return {
			partition,
			next: isLedger ? begin : Math.min(shownFrom, end),
			buffer: [],
			shownFrom,
			head: emptyHead,
			isAssumed: false,
		};
	};
	return Promise.all(partitions.map(lane));
}

/** The lane whose next record is the oldest; null when all are read. */
async function earliest(log: Log, topic: string, lanes: readonly Lane[]): Promise<Lane | null> {
	let first: Lane | null = null;
	for (const lane of lanes) {
		if (lane.buffer.length === 0) {
			lane.buffer = [...(await log.read({ topic, partition: lane.partition }, lane.next))];
			lane.next = (lane.buffer.at(-1)?.offset ?? lane.next - 1) + 1;
		}
		const [next] = lane.buffer;
		if (next !== undefined && (first === null || next.timestamp < (first.buffer[0] as LogRecord).timestamp))
			first = lane;
	}
	return first;
}

function read(record: LogRecord, lane: Lane, keys: PayloadKeys | undefined): TailedRecord {
	const base = {
		topic: record.topic,
		partition: record.partition,
		offset: record.offset,
		time: record.timestamp,
		headers: record.headers,
		value: decoded(record.value, keys),
	};
	if (record.topic !== TOPICS.decisions) return base;
	const head = lane.isAssumed ? adopted(lane.head, record.headers) : lane.head;
	const judged = judgeRecord(head, record.headers);
	lane.head = judged.head;
	return { ...base, valid: judged.kind !== "void" };
}

function decoded(value: Uint8Array, keys: PayloadKeys | undefined): unknown {
	const identity = identify(value);
	const read =
		identity === null || identity.family === "derived"
			? decodeDerived(value)
			: identity.family === "entry"
				? decodeEntry(value)
				: decodeInput(value, identity.family);
	if (!read.ok) return { unreadable: read.error.message };
	if ("kind" in read.value) return entryReading(read.value);
	if (read.value.type === "intent.sealed") return opened(read.value, keys);
	return read.value.type === "decision.replied" ? replyReading(read.value) : read.value;
}

/** A sealed intent as whoever reads it can: its arguments where their key is, else why not. */
function opened(record: IntentSealed, keys: PayloadKeys | undefined): object {
	const read = unsealed(record, keys);
	const { nonce: _, sealed: _1, ...clear } = record;
	if (!read.ok) return { ...clear, args: `(${missingBy(read.error.code) ?? read.error.message})` };
	return { ...clear, args: read.value.args };
}

/** JSON of a tailed record: bytes as base64, the parsed arguments once and not their text as well. */
export function tailedJson(record: TailedRecord): string {
	return JSON.stringify(record, (key, value: unknown) => {
		if (key === "argsText") return undefined;
		return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
	});
}
