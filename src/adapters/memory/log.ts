/** The log in memory, for tests, simulation and a first try: it keeps every promise of the port except surviving (L4). */

import type { Offset } from "../../core/model/units.ts";
import { type Clock, systemClock } from "../../ports/clock.ts";
import { appendAfter } from "../../ports/log/after.ts";
import {
	type Appended,
	type AppendOptions,
	type Assignment,
	type AssignmentListener,
	type Log,
	type LogAdmin,
	type LogFinding,
	type LogRecord,
	type OutRecord,
	READ_DEFAULTS,
	type ReadOptions,
	TOPICS,
	type TopicPartition,
} from "../../ports/log/log.ts";
import { logClosed, noTopic } from "../../ports/log/problems.ts";
import { type Position, Waiters, type WaitOptions } from "../../ports/log/waiters.ts";
import { noQuestions } from "../../ports/questions.ts";
import { appendUnder, type MemoryFaults } from "./faults.ts";
import { MemoryStore } from "./store.ts";

export interface MemoryLogOptions {
	/** Stamps the records; default the system's clock. */
	readonly clock?: Clock;
	/** Shared by handles that stand for processes on one log; default a store of its own. */
	readonly store?: MemoryStore;
	/** Faults of this handle's appends. */
	readonly faults?: MemoryFaults;
	readonly url?: string;
}

export function openMemoryLog(options: MemoryLogOptions = {}): Log {
	return new MemoryLog(options);
}

class MemoryLog implements Log {
	readonly url: string;
	readonly questions = noQuestions;
	readonly #clock: Clock;
	readonly #store: MemoryStore;
	readonly #faults: MemoryFaults;
	readonly #waiters = new Waiters();
	readonly #memberships = new Set<Assignment>();
	readonly #underWay = new Set<Promise<unknown>>();
	readonly #unwatch: () => void;
	#isClosed = false;

	constructor(options: MemoryLogOptions) {
		this.url = options.url ?? "memory:";
		this.#clock = options.clock ?? systemClock;
		this.#store = options.store ?? new MemoryStore();
		this.#faults = options.faults ?? (() => null);
		this.#unwatch = this.#store.watch((to, end) => this.#waiters.advance(to.topic, to.partition, end));
	}

	async append(to: TopicPartition, records: readonly OutRecord[], options: AppendOptions = {}): Promise<Appended> {
		this.#refuseIfClosed();
		const copies = records.map((each) => ({
			...each,
			value: new Uint8Array(each.value),
			headers: { ...each.headers },
		}));
		const write = () => this.#store.append({ ...to }, copies, options.expected, this.#clock.now());
		const append = () => appendUnder(this.#faults(to, records), write);
		const answer = options.after === undefined ? append() : appendAfter(options.after, append);
		this.#underWay.add(answer);
		try {
			return await answer;
		} finally {
			this.#underWay.delete(answer);
		}
	}

	async read(from: TopicPartition, offset: Offset, options: ReadOptions = {}): Promise<readonly LogRecord[]> {
		this.#refuseIfClosed();
		const { recordsMax, bytesMax } = { ...READ_DEFAULTS, ...options };
		return this.#store.read(from, offset, recordsMax, bytesMax);
	}

	async bounds(of: TopicPartition): Promise<{ readonly begin: Offset; readonly end: Offset }> {
		this.#refuseIfClosed();
		return this.#store.bounds(of);
	}

	async waitFor(any: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		this.#refuseIfClosed();
		for (const position of any) {
			if (this.#waiters.heardOf(position) < 0) {
				this.#waiters.advance(position.topic, position.partition, this.#store.bounds(position).end);
			}
		}
		const rewound = any.filter((position) => position.offset > this.#store.bounds(position).end);
		return rewound.length > 0 ? rewound : this.#waiters.wait(any, options);
	}

	async assign(group: string, member: string, listener: AssignmentListener): Promise<Assignment> {
		this.#refuseIfClosed();
		const inputs = this.#store.topics().find((topic) => topic.name === TOPICS.intents);
		if (inputs === undefined) throw noTopic({ topic: TOPICS.intents, partition: 0 }, null);
		const partitions = Array.from({ length: inputs.partitions }, (_, partition) => partition);
		const membership = this.#store.groups.join(group, { name: member, partitions, listener });
		this.#memberships.add(membership);
		return membership;
	}

	admin(): LogAdmin {
		const store = this.#store;
		const refuse = () => this.#refuseIfClosed();
		return {
			async createTopics(specs) {
				refuse();
				store.createTopics(specs);
				return [];
			},
			async topics() {
				refuse();
				return store.topics();
			},
			async shapes() {
				refuse();
				return store.topics();
			},
			async trim(from, offset) {
				refuse();
				store.trim(from, offset);
			},
			async diagnose(): Promise<readonly LogFinding[]> {
				refuse();
				const message = "the log is in memory: it ends with this process";
				return [{ level: "warning", subject: "log", message, help: "use `--log file:PATH` to keep records" }];
			},
		};
	}

	async close(): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		await Promise.allSettled(this.#underWay);
		for (const membership of this.#memberships) await membership.leave();
		this.#unwatch();
		this.#waiters.wakeAll();
	}

	#refuseIfClosed(): void {
		if (this.#isClosed) throw logClosed(this.url);
	}
}
