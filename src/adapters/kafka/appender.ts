/**
 * Appends. One append is one record batch; of one partition one batch is under way at a time; nothing is sent twice. What
 * is handed over for several partitions of a broker while it answers goes out together in its next request.
 *
 * A request that found no connection was not sent and is tried again until its time is over. One that was sent is never
 * sent again: without an answer its appends are `unknown`, and so they are as soon as another broker leads their partition.
 */
import { randomUUID } from "node:crypto";
import { AssentError } from "../../core/base/errors.ts";
import type { DurationMs, EpochMs, Offset } from "../../core/model/units.ts";
import { type Appended, type LogRecord, type OutRecord, TOPICS, type TopicPartition } from "../../ports/log/log.ts";
import { noTopic, placeOf } from "../../ports/log/problems.ts";
import { NotSent, type Role } from "./network/brokers.ts";
import { KAFKA, nameOf, refusalOf, unreachable, whyOf } from "./network/faults.ts";
import { LOOK_MS, type Topology } from "./network/topology.ts";
import type { Wire } from "./network/wire.ts";
import { NO_KEY } from "./protocol/fetched-records.ts";
import type { ProducedPartition } from "./protocol/produce-response.ts";
import { RecordBatch } from "./protocol/record-batch.ts";
import { RequestFrame } from "./protocol/request-frame.ts";

/** Appends without an expected offset that wait for the same partition go out as one batch, up to this. */
const BATCH_RECORDS_MAX = 1_000;
const BATCH_BYTES_MAX = 900_000;
const RETRY_PAUSE_MS: DurationMs = 50;
/** Batches whose bytes are kept for others, and how large they may have grown. */
const SPARE_MAX = 24;
const SPARE_BYTES_MAX = 1024 * 1024;

interface Part {
	readonly records: number;
	/** Of performance.now: beyond it nothing is sent any more. */
	readonly deadline: number;
	readonly resolve: (appended: Appended) => void;
	readonly reject: (why: unknown) => void;
}

/** Appends of one partition that go out as one batch. */
interface Parcel {
	readonly batch: RecordBatch;
	/** Of keys and values. */
	bytes: number;
	readonly parts: Part[];
	/** Of an append that goes out alone. */
	readonly expected: Offset | undefined;
	/** The time of its first record, where records have times of their own. */
	readonly datedFrom: EpochMs | undefined;
	/** It was on its way: nothing joins it any more. */
	isClosed: boolean;
}

interface Lane {
	readonly to: TopicPartition;
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly role: Role;
	/** The first is what is on its way, when the lane is busy. */
	readonly parcels: Parcel[];
	/** A batch of it is on its way, or waits for its broker. */
	isBusy: boolean;
}

/**
 * A broker's connection. It answers one request after the other, so that one is under way at a time; what is handed over
 * meanwhile goes out together in the next.
 */
interface Gate {
	readonly node: number;
	readonly role: Role;
	readonly frame: RequestFrame;
	waiting: Lane[];
	/** What goes out with its next request, or is under way in it, and was not given up. */
	readonly sending: Map<Lane, Parcel>;
	isSent: boolean;
	isBusy: boolean;
}

export class Appender {
	readonly #wire: Wire;
	readonly #topology: Topology;
	readonly #timeoutMs: DurationMs;
	readonly #lanes = new Map<string, Map<number, Lane>>();
	readonly #gates = new Map<string, Gate>();
	readonly #spare: RecordBatch[] = [];
	/** Lanes that have something to send and no batch on its way. */
	#ready: Lane[] = [];
	#isFlushDue = false;
	#underWay = 0;
	readonly #settling: (() => void)[] = [];

	constructor(parts: { wire: Wire; topology: Topology; timeoutMs: DurationMs }) {
		this.#wire = parts.wire;
		this.#topology = parts.topology;
		this.#timeoutMs = parts.timeoutMs;
	}

	append(to: TopicPartition, records: readonly OutRecord[], expected: Offset | undefined): Promise<Appended> {
		return this.#append(to, records, { expected });
	}

	/** With times of their own, at most TIMES_MAX_MS apart. `timestamp` of the answer is the first one, unless the topic replaces it. */
	appendDated(to: TopicPartition, records: readonly LogRecord[], expected: Offset | undefined): Promise<Appended> {
		return this.#append(to, records, { expected, datedFrom: records[0]?.timestamp });
	}

	#append(
		to: TopicPartition,
		records: readonly (OutRecord | LogRecord)[],
		{ expected, datedFrom }: { readonly expected: Offset | undefined; readonly datedFrom?: EpochMs | undefined },
	): Promise<Appended> {
		const lane = this.#laneOf(to);
		const bytes = records.reduce((sum, { key, value }) => sum + value.length + (key?.length ?? 0), 0);
		const parcel = this.#parcelFor(lane, { records: records.length, bytes, expected, datedFrom });
		for (const record of records)
			if (datedFrom !== undefined && "timestamp" in record) parcel.batch.add(record, record.timestamp);
			else parcel.batch.add(record);
		parcel.bytes += bytes;
		this.#underWay += 1;
		const { promise, resolve, reject } = Promise.withResolvers<Appended>();
		parcel.parts.push({ records: records.length, deadline: performance.now() + this.#timeoutMs, resolve, reject });
		if (!lane.isBusy) this.#begin(lane);
		return promise;
	}

	/** Sends what was handed over in this turn, so that it does not wait for what is done next. */
	flush(): void {
		for (const lane of this.#ready.splice(0)) {
			const node = this.#topology.knownLeader(lane.to);
			if (node === null) void this.#findLeader(lane);
			else this.#gateOf(lane.role, node).waiting.push(lane);
		}
		for (const gate of this.#gates.values()) if (!gate.isBusy && gate.waiting.length > 0) void this.#send(gate);
	}

	/** Resolves when nothing is under way. */
	async settled(): Promise<void> {
		if (this.#underWay > 0) await new Promise<void>((resolve) => this.#settling.push(resolve));
	}

	/** Partitions that something is under way to. */
	get lanes(): number {
		return [...this.#lanes.values()].reduce((sum, { size }) => sum + size, 0);
	}

	/** One lane for each partition, whatever it is used for: its appends keep their order. */
	#laneOf({ topic, partition }: TopicPartition): Lane {
		const lanes = this.#lanes.get(topic) ?? new Map<number, Lane>();
		const known = lanes.get(partition);
		if (known !== undefined) return known;
		const role = topic === TOPICS.decisions ? "ledger" : "publish";
		const to = { topic, partition };
		const lane: Lane = { to, topic: this.#topology.nameOf(topic), role, parcels: [], isBusy: false };
		this.#lanes.set(topic, lanes.set(partition, lane));
		return lane;
	}

	/** One that has nothing to send: reply topics are named by whoever asks, and are not kept for good. */
	#forget({ topic, partition }: TopicPartition): void {
		const lanes = this.#lanes.get(topic);
		lanes?.delete(partition);
		if (lanes?.size === 0) this.#lanes.delete(topic);
	}

	/** The last one that waits, if neither expects an offset and both fit together; else a new one behind it. */
	#parcelFor(
		lane: Lane,
		load: { records: number; bytes: number; expected: Offset | undefined; datedFrom: EpochMs | undefined },
	): Parcel {
		const last = lane.parcels.at(-1);
		const isJoined =
			last !== undefined &&
			!last.isClosed &&
			last.expected === undefined &&
			load.expected === undefined &&
			last.datedFrom === undefined &&
			load.datedFrom === undefined &&
			last.batch.count + load.records <= BATCH_RECORDS_MAX &&
			last.bytes + load.bytes <= BATCH_BYTES_MAX;
		if (isJoined) return last;
		const batch = this.#spare.pop() ?? new RecordBatch();
		const { expected, datedFrom } = load;
		const parcel: Parcel = { batch, bytes: 0, parts: [], expected, datedFrom, isClosed: false };
		lane.parcels.push(parcel);
		return parcel;
	}

	/** At the latest at the end of the turn, with all the others that begin in it: what one answer of the broker sets off goes out together. */
	#begin(lane: Lane): void {
		lane.isBusy = true;
		this.#ready.push(lane);
		this.#flushSoon();
	}

	#flushSoon(): void {
		if (this.#isFlushDue) return;
		this.#isFlushDue = true;
		setImmediate(() => {
			this.#isFlushDue = false;
			this.flush();
		});
	}

	async #findLeader(lane: Lane): Promise<void> {
		try {
			const leader = await this.#topology.leaderOf(lane.to, deadlineOf(lane));
			this.#gateOf(lane.role, leader).waiting.push(lane);
			this.flush();
		} catch (thrown) {
			// Certainly not written, and perhaps at the next try: only what is not there at all is thrown.
			if (thrown instanceof AssentError && thrown.code !== "ASSENT_LOG_TOPIC") {
				const { problem } = thrown;
				this.#end(lane, (part) => part.resolve({ kind: "failed", problem }));
			} else this.#end(lane, (part) => part.reject(thrown));
		}
	}

	#gateOf(role: Role, node: number): Gate {
		const key = `${role}@${node}`;
		let gate = this.#gates.get(key);
		if (gate === undefined) {
			gate = { node, role, frame: new RequestFrame(), waiting: [], sending: new Map(), isSent: false, isBusy: false };
			this.#gates.set(key, gate);
		}
		return gate;
	}

	async #send(gate: Gate): Promise<void> {
		const { sending } = gate;
		for (const lane of gate.waiting) sending.set(lane, lane.parcels[0] as Parcel);
		gate.waiting = [];
		gate.isBusy = true;
		const looking = setInterval(() => void this.#look(gate), LOOK_MS);
		const now = Date.now();
		try {
			// Not waited for without need: what is written in this turn goes out before anything else is done.
			const broker = this.#wire.connected(gate.role, gate.node) ?? (await this.#wire.broker(gate.role, gate.node));
			gate.isSent = true;
			const batches = [...sending].map(([{ topic, to }, parcel]) => {
				parcel.isClosed = true;
				return { topic, partition: to.partition, bytes: parcel.batch.bytes(now) };
			});
			const { partitions } =
				batches.length === 0
					? { partitions: [] }
					: await this.#wire.produce(broker, gate.frame, batches, this.#timeoutMs);
			gate.isBusy = false;
			for (const lane of sent(gate)) this.#answered(lane, partitions, now);
		} catch (thrown) {
			const isUnsent = !gate.isSent || thrown instanceof NotSent;
			gate.isBusy = false;
			this.#topology.doubtNode(gate.node);
			for (const lane of sent(gate)) {
				if (isUnsent) this.#again(lane, thrown);
				else this.#unknown(lane, whyOf(thrown));
			}
		} finally {
			clearInterval(looking);
		}
		// Not at once: what this answer sets off goes out together with what waited for it.
		this.#flushSoon();
	}

	/** A broker owes an answer: nobody waits for it longer than it leads, nor for its turn longer than there is time. */
	async #look(gate: Gate): Promise<void> {
		const { node, sending } = gate;
		const lanes = [...sending.keys(), ...gate.waiting];
		const leaders = await Promise.all(lanes.map(({ to }) => this.#topology.leaderAfterSilence(to, node)));
		for (const [index, lane] of lanes.entries()) {
			const leader = leaders[index] ?? null;
			const why = `broker ${leader} leads it now`;
			if (leader === null || leader === node) continue;
			if (sending.delete(lane)) {
				if (gate.isSent) this.#unknown(lane, why);
				else this.#again(lane, unreachable(`\`${placeOf(lane.to)}\``, why));
			} else if (gate.waiting.includes(lane)) {
				gate.waiting = gate.waiting.filter((each) => each !== lane);
				void this.#findLeader(lane);
			}
		}
		const now = performance.now();
		for (const lane of gate.waiting.filter((each) => deadlineOf(each) < now)) {
			gate.waiting = gate.waiting.filter((each) => each !== lane);
			this.#again(lane, unreachable(`broker ${node}`, "it does not answer"));
		}
	}

	#answered(lane: Lane, partitions: readonly ProducedPartition[], sentAt: number): void {
		const result = partitions.find(({ topic, partition }) => partition === lane.to.partition && topic === lane.topic);
		if (result === undefined) this.#unknown(lane, "the broker's answer does not name it");
		else if (result.errorCode !== KAFKA.none) this.#refused(lane, result.errorCode);
		else
			this.#written(
				lane,
				result.base,
				result.appendTime >= 0 ? result.appendTime : (lane.parcels[0]?.datedFrom ?? sentAt),
			);
	}

	#written(lane: Lane, base: Offset, timestamp: number): void {
		const { expected } = lane.parcels[0] as Parcel;
		const isElsewhere = expected !== undefined && expected !== base;
		let offset = base;
		this.#end(lane, (part) => {
			part.resolve(isElsewhere ? { kind: "superseded", end: offset } : { kind: "appended", base: offset, timestamp });
			offset += part.records;
		});
	}

	#refused(lane: Lane, code: number): void {
		const { to } = lane;
		this.#topology.doubt(to);
		const refusal = refusalOf(code, placeOf(to));
		// Known a moment ago, so that it may only not be known there yet; the topology says at the next try if it is gone.
		if (code === KAFKA.unknownTopic) this.#again(lane, noTopic(to, null));
		else if (code === KAFKA.invalidRecord && giveKeys(lane)) this.#again(lane, nameOf(code));
		else if (refusal === null) this.#unknown(lane, nameOf(code));
		else this.#end(lane, (part) => part.resolve({ kind: "failed", problem: refusal }));
	}

	#unknown(lane: Lane, why: string): void {
		this.#end(lane, (part) => part.resolve({ kind: "unknown", why }));
	}

	/** Nothing was sent: the same batch goes out a little later, in its place, while it has time left. */
	#again(lane: Lane, thrown: unknown): void {
		if (performance.now() <= deadlineOf(lane)) {
			setTimeout(() => void this.#findLeader(lane), RETRY_PAUSE_MS);
			return;
		}
		const { problem } = unreachable(`\`${placeOf(lane.to)}\``, whyOf(thrown));
		this.#end(lane, (part) => part.resolve({ kind: "failed", problem }));
	}

	/** The lane's first batch is done with: the next goes out. */
	#end(lane: Lane, tell: (part: Part) => void): void {
		const { parts, batch } = lane.parcels.shift() as Parcel;
		for (const part of parts) tell(part);
		if (this.#spare.length < SPARE_MAX && batch.capacity <= SPARE_BYTES_MAX) {
			batch.clear();
			this.#spare.push(batch);
		}
		lane.isBusy = false;
		if (lane.parcels.length > 0) this.#begin(lane);
		else this.#forget(lane.to);
		this.#underWay -= parts.length;
		if (this.#underWay === 0) for (const settle of this.#settling.splice(0)) settle();
	}
}

/** What was sent and is not given up; nothing is sent any more. */
function sent(gate: Gate): readonly Lane[] {
	const lanes = [...gate.sending.keys()];
	gate.sending.clear();
	gate.isSent = false;
	return lanes;
}

/** Of what goes out next, by performance.now. */
const deadlineOf = (lane: Lane): number => lane.parcels[0]?.parts[0]?.deadline ?? 0;

/**
 * A compacted topic of Kafka refuses records without a key; the port keeps them all. They get one of their own, which
 * reading takes off again. Not the ledger and not the inputs: those must not be compacted, and hear that they are.
 */
function giveKeys({ to, parcels }: Lane): boolean {
	if (NEVER_COMPACTED.has(to.topic)) return false;
	const { batch } = parcels[0] as Parcel;
	return batch.giveKeys(() => NO_KEY + randomUUID());
}

const NEVER_COMPACTED: ReadonlySet<string> = new Set([TOPICS.intents, TOPICS.control, TOPICS.decisions]);
