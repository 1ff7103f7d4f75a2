/**
 * Appends. One append is one record batch; of one partition one batch is under way at a time; nothing is sent twice. What
 * is handed over for several partitions of a broker while it answers goes out together in its next request.
 *
 * A request that found no connection was not sent and is tried again until its time is over. One that was sent is never
 * sent again: without an answer its appends are `unknown`.
 */
import { randomUUID } from "node:crypto";
import { AssentError } from "../../core/base/errors.ts";
import type { DurationMs, Offset } from "../../core/model/units.ts";
import { type Appended, type OutRecord, TOPICS, type TopicPartition } from "../../ports/log.ts";
import { noTopic, placeOf } from "../../ports/log-problems.ts";
import { KAFKA, nameOf, refusalOf, unreachable, whyOf } from "./faults.ts";
import { NO_KEY } from "./fetch-response.ts";
import { encodeProduce, type Message } from "./produce-request.ts";
import type { Topology } from "./topology.ts";
import { NotSent, type Role, type Wire } from "./wire.ts";

/** Appends without an expected offset that wait for the same partition go out as one batch, up to this. */
const BATCH_RECORDS_MAX = 1_000;
const BATCH_BYTES_MAX = 900_000;
const RETRY_PAUSE_MS: DurationMs = 50;

interface Waiting {
	messages: readonly Message[];
	readonly bytes: number;
	readonly expected: Offset | undefined;
	/** Of performance.now: beyond it nothing is sent any more. */
	readonly deadline: number;
	readonly resolve: (appended: Appended) => void;
	readonly reject: (why: unknown) => void;
}

interface Lane {
	readonly to: TopicPartition;
	readonly role: Role;
	readonly queue: Waiting[];
	/** A batch of it is on its way, or waits for its broker. */
	isBusy: boolean;
	/** What found no connection and goes out again, as it was. */
	unsent: readonly Waiting[];
}

/** Appends of one partition that go out as one batch. */
interface Batch {
	readonly lane: Lane;
	readonly parts: readonly Waiting[];
}

/**
 * A broker's connection. It answers one request after the other, so that one is under way at a time; what is handed over
 * meanwhile goes out together in the next.
 */
interface Gate {
	readonly node: number;
	readonly role: Role;
	waiting: Lane[];
	isBusy: boolean;
}

export class Appender {
	readonly #wire: Wire;
	readonly #topology: Topology;
	readonly #timeoutMs: DurationMs;
	readonly #lanes = new Map<string, Lane>();
	readonly #gates = new Map<string, Gate>();
	readonly #underWay = new Set<Promise<unknown>>();
	/** Lanes that have something to send and no batch on its way. */
	#ready: Lane[] = [];

	constructor(of: { wire: Wire; topology: Topology; timeoutMs: DurationMs }) {
		this.#wire = of.wire;
		this.#topology = of.topology;
		this.#timeoutMs = of.timeoutMs;
	}

	append(to: TopicPartition, records: readonly OutRecord[], expected: Offset | undefined): Promise<Appended> {
		const messages = records.map(({ key, value, headers }) => ({
			key: key === null ? null : Buffer.from(key),
			value: Buffer.from(value),
			headers: { ...headers },
		}));
		const bytes = messages.reduce((sum, { key, value }) => sum + value.length + (key?.length ?? 0), 0);
		const lane = this.#laneOf(to);
		const appended = new Promise<Appended>((resolve, reject) => {
			lane.queue.push({ messages, bytes, expected, deadline: performance.now() + this.#timeoutMs, resolve, reject });
		});
		if (!lane.isBusy) this.#begin(lane);
		this.#underWay.add(appended);
		const done = (): void => void this.#underWay.delete(appended);
		appended.then(done, done);
		return appended;
	}

	/** Resolves when nothing is under way. */
	async settled(): Promise<void> {
		await Promise.allSettled(this.#underWay);
	}

	/** One lane for each partition, whatever it is used for: its appends keep their order. */
	#laneOf(to: TopicPartition): Lane {
		const key = placeOf(to);
		const known = this.#lanes.get(key);
		if (known !== undefined) return known;
		const role = to.topic === TOPICS.decisions ? "ledger" : "publish";
		const lane: Lane = { to: { ...to }, role, queue: [], isBusy: false, unsent: [] };
		this.#lanes.set(key, lane);
		return lane;
	}

	/** At the end of the turn, with all the others that begin in it: what one answer of the broker sets off goes out together. */
	#begin(lane: Lane): void {
		lane.isBusy = true;
		this.#ready.push(lane);
		if (this.#ready.length > 1) return;
		setImmediate(() => {
			const lanes = this.#ready;
			this.#ready = [];
			const gates = new Set<Gate>();
			for (const each of lanes) {
				const node = this.#topology.knownLeader(each.to);
				if (node === null) void this.#findLeader(each);
				else gates.add(this.#enter(each, node));
			}
			for (const gate of gates) this.#pump(gate);
		});
	}

	async #findLeader(lane: Lane): Promise<void> {
		try {
			const deadline = lane.unsent[0]?.deadline ?? lane.queue[0]?.deadline ?? 0;
			this.#pump(this.#enter(lane, await this.#topology.leaderOf(lane.to, deadline)));
		} catch (thrown) {
			const batch = { lane, parts: takeBatch(lane) };
			// Certainly not written, and perhaps at the next try: only what is not there at all is thrown.
			if (thrown instanceof AssentError && thrown.code !== "ASSENT_LOG_TOPIC") {
				const { problem } = thrown;
				this.#end(batch, (part) => part.resolve({ kind: "failed", problem }));
			} else this.#end(batch, (part) => part.reject(thrown));
		}
	}

	#enter(lane: Lane, node: number): Gate {
		const key = `${lane.role}@${node}`;
		const gate = this.#gates.get(key) ?? { node, role: lane.role, waiting: [], isBusy: false };
		this.#gates.set(key, gate);
		gate.waiting.push(lane);
		return gate;
	}

	#pump(gate: Gate): void {
		if (gate.isBusy || gate.waiting.length === 0) return;
		const batches = gate.waiting.map((lane) => ({ lane, parts: takeBatch(lane) }));
		gate.waiting = [];
		gate.isBusy = true;
		void this.#send(gate, batches).finally(() => {
			gate.isBusy = false;
			setImmediate(() => this.#pump(gate));
		});
	}

	async #send({ role, node }: Gate, batches: readonly Batch[]): Promise<void> {
		let isSent = false;
		const now = Date.now();
		try {
			const broker = await this.#wire.broker(role, node);
			isSent = true;
			const produced = batches.map(({ lane, parts }) => ({
				topic: this.#topology.nameOf(lane.to.topic),
				partition: lane.to.partition,
				messages: parts.flatMap(({ messages }) => messages),
			}));
			const answer = await this.#wire.produce(broker, encodeProduce(produced, this.#timeoutMs, now));
			const results = new Map<string, (typeof answer.topics)[0]["partitions"][0]>();
			for (const { topicName, partitions } of answer.topics)
				for (const each of partitions) results.set(`${topicName}/${each.partition}`, each);
			for (const batch of batches) {
				const { topic, partition } = batch.lane.to;
				const result = results.get(`${this.#topology.nameOf(topic)}/${partition}`);
				if (result === undefined) this.#unknown(batch, "the broker's answer does not name it");
				else if (result.errorCode === KAFKA.none)
					this.#written(batch, Number(result.baseOffset), Number(result.logAppendTime), now);
				else this.#refused(batch, result.errorCode);
			}
		} catch (thrown) {
			this.#topology.refreshAll();
			for (const batch of batches) {
				if (!isSent || thrown instanceof NotSent) this.#again(batch, thrown);
				else this.#unknown(batch, whyOf(thrown));
			}
		}
	}

	#written(batch: Batch, base: Offset, appendTime: number, sentAt: number): void {
		const timestamp = appendTime >= 0 ? appendTime : sentAt;
		let at = base;
		this.#end(batch, (part) => {
			const isElsewhere = part.expected !== undefined && part.expected !== at;
			part.resolve(isElsewhere ? { kind: "superseded", end: at } : { kind: "appended", base: at, timestamp });
			at += part.messages.length;
		});
	}

	#refused(batch: Batch, code: number): void {
		const { to } = batch.lane;
		this.#topology.refresh(to.topic);
		const refusal = refusalOf(code, placeOf(to));
		// Known a moment ago, so that it may only not be known there yet; the topology says at the next try if it is gone.
		if (code === KAFKA.unknownTopic) this.#again(batch, noTopic(to, null));
		else if (code === KAFKA.invalidRecord && giveKeys(batch)) this.#again(batch, nameOf(code));
		else if (refusal === null) this.#unknown(batch, nameOf(code));
		else this.#end(batch, (part) => part.resolve({ kind: "failed", problem: refusal }));
	}

	#unknown(batch: Batch, why: string): void {
		this.#end(batch, (part) => part.resolve({ kind: "unknown", why }));
	}

	/** Nothing was sent: the same batch goes out a little later, in its place, while it has time left. */
	#again({ lane, parts }: Batch, thrown: unknown): void {
		lane.unsent = parts;
		const { deadline = 0 } = parts[0] ?? {};
		if (performance.now() <= deadline) {
			setTimeout(() => void this.#findLeader(lane), RETRY_PAUSE_MS);
			return;
		}
		const { problem } = unreachable(`\`${placeOf(lane.to)}\``, whyOf(thrown));
		this.#end({ lane, parts: takeBatch(lane) }, (part) => part.resolve({ kind: "failed", problem }));
	}

	#end({ lane, parts }: Batch, tell: (part: Waiting) => void): void {
		for (const part of parts) tell(part);
		lane.isBusy = false;
		if (lane.queue.length > 0) this.#begin(lane);
	}
}

/**
 * A compacted topic of Kafka refuses records without a key; the port keeps them all. They get one of their own, which
 * reading takes off again. Not the ledger and not the inputs: those must not be compacted, and hear that they are.
 */
function giveKeys({ lane, parts }: Batch): boolean {
	if (NEVER_COMPACTED.has(lane.to.topic)) return false;
	const isKeyless = parts.some(({ messages }) => messages.some(({ key }) => key === null));
	for (const part of parts)
		part.messages = part.messages.map((each) =>
			each.key === null ? { ...each, key: Buffer.from(NO_KEY + randomUUID()) } : each,
		);
	return isKeyless;
}

const NEVER_COMPACTED: ReadonlySet<string> = new Set([TOPICS.intents, TOPICS.control, TOPICS.decisions]);

/** What was not sent, as it was; else the next append with those behind it, as long as none expects an offset and they fit. */
function takeBatch(lane: Lane): readonly Waiting[] {
	const { queue, unsent } = lane;
	lane.unsent = [];
	if (unsent.length > 0) return unsent;
	const parts: Waiting[] = [];
	let records = 0;
	let bytes = 0;
	for (;;) {
		const next = queue[0];
		if (next === undefined) return parts;
		const isAlone = next.expected !== undefined || parts[0]?.expected !== undefined;
		const isTooMuch = records + next.messages.length > BATCH_RECORDS_MAX || bytes + next.bytes > BATCH_BYTES_MAX;
		if (parts.length > 0 && (isAlone || isTooMuch)) return parts;
		parts.push(next);
		queue.shift();
		records += next.messages.length;
		bytes += next.bytes;
	}
}
