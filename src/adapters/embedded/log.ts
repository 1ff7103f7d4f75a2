/**
 * The log on one machine: appends go to a thread that writes in groups, reads are made here, and waits end by a poke
 * from the writing process, with a poll behind it.
 */

import type { AssentError } from "../../core/base/errors.ts";
import type { Offset } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import {
	type Appended,
	type AppendOptions,
	type Assignment,
	type AssignmentListener,
	type Log,
	type LogAdmin,
	type LogRecord,
	type OutRecord,
	READ_DEFAULTS,
	type ReadOptions,
	TOPICS,
	type TopicPartition,
} from "../../ports/log/log.ts";
import { logClosed, noTopic } from "../../ports/log/problems.ts";
import { type Position, Waiters, type WaitOptions } from "../../ports/log/waiters.ts";
import type { Questions } from "../../ports/questions.ts";
import { diagnoseFile } from "./diagnose.ts";
import { Doorbell } from "./doorbell.ts";
import { identityOf } from "./file.ts";
import { FrameWriter } from "./frame.ts";
import { LoopTurn } from "./loop-turn.ts";
import { Membership } from "./membership.ts";
import { type Answer, type AppendAnswered, asError, type Call, type CallResult, type Settings } from "./messages.ts";
import { questionsBeside } from "./questions.ts";
import { LogReader } from "./reader.ts";
import { wakeSocketPath } from "./sockets.ts";
import type { EngineThread, ThreadListener } from "./thread.ts";

/** How long a waiting process can miss a commit whose poke did not arrive. */
const POLL_MS = 20;

/** How often a waiting process looks whether its file still lies there. */
const FILE_LOOK_MS = 1_000;

/** A frame of this size is sent at once instead of at the end of the turn. */
const FRAME_BYTES_MAX = 1024 * 1024;

interface Pending<T> {
	resolve(value: T): void;
	reject(error: AssentError): void;
}

export interface EmbeddedParts {
	readonly path: string;
	readonly clock: Clock | null;
	/** Starts the thread that writes; null for a log that only reads. */
	readonly start: ((listener: ThreadListener) => Promise<EngineThread>) | null;
	/** Called once the file is no longer open, also when opening fails. */
	readonly onClosed: () => void;
}

export class EmbeddedLog implements Log {
	readonly url: string;
	readonly questions: Questions;
	readonly #path: string;
	readonly #clock: Clock | null;
	readonly #onClosed: () => void;
	readonly #frame = new FrameWriter();
	readonly #appends = new Map<number, Pending<Appended>>();
	readonly #calls = new Map<number, Pending<CallResult>>();
	readonly #memberships = new Set<Membership>();
	readonly #waiters = new Waiters((waiting) => this.#pollWhile(waiting > 0 || this.#memberships.size > 0));
	readonly #doorbell = new Doorbell({
		onTouched: ({ topic, partition, end }) => this.#waiters.advance(topic, partition, end),
		onMembers: () => this.#observeMembers(),
	});
	readonly #turn = new LoopTurn();
	#reader: LogReader | null = null;
	#thread: EngineThread | null = null;
	#nextId = 0;
	#isFlushDue = false;
	#poll: NodeJS.Timeout | null = null;
	#version = -1;
	/** Which file was opened, and when (performance.now) it was last seen at its path. */
	#file: string | null = null;
	#fileSeenAt = 0;
	#listening: Promise<string | null> | null = null;
	#closing: Promise<void> | null = null;
	#broken: string | null = null;

	private constructor({ path, clock, onClosed }: EmbeddedParts) {
		this.#onClosed = onClosed;
		this.url = `file:${path}`;
		this.questions = questionsBeside(path);
		this.#path = path;
		this.#clock = clock;
	}

	/** Throws what opening the file throws. */
	static async open(parts: EmbeddedParts): Promise<EmbeddedLog> {
		const log = new EmbeddedLog(parts);
		try {
			const listener = { onAnswer: (answer: Answer) => log.#hear(answer), onDied: (why: string) => log.#break(why) };
			log.#thread = (await parts.start?.(listener)) ?? null;
			log.#reader = new LogReader(parts.path);
			log.#file = identityOf(parts.path);
			return log;
		} catch (thrown) {
			await log.close();
			throw thrown;
		}
	}

	async append(to: TopicPartition, records: readonly OutRecord[], options: AppendOptions = {}): Promise<Appended> {
		this.#refuseIfClosed();
		const thread = this.#writing();
		return new Promise((resolve, reject) => {
			const id = this.#expect(this.#appends, { resolve, reject });
			const isDurable = options.durability !== "ordered";
			this.#frame.add({ id, to, records, expected: options.expected ?? null, isDurable });
			if (this.#frame.bytes >= FRAME_BYTES_MAX) this.#flush(thread);
			else if (!this.#isFlushDue) {
				this.#isFlushDue = true;
				queueMicrotask(() => this.#flush(thread));
			}
		});
	}

	async read(from: TopicPartition, at: Offset, options: ReadOptions = {}): Promise<readonly LogRecord[]> {
		await this.#turn.mayEnd();
		return this.#reading().read(from, at, { ...READ_DEFAULTS, ...options });
	}

	async bounds(of: TopicPartition): Promise<{ readonly begin: Offset; readonly end: Offset }> {
		return this.#reading().bounds(of);
	}

	async waitFor(any: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		const reader = this.#reading();
		// The file is asked for what was not heard of yet; from then on pokes tell, and the poll tells what they missed.
		const beyond: Position[] = [];
		for (const position of any) {
			if (this.#waiters.heardOf(position) >= position.at) continue;
			const { end } = reader.bounds(position);
			this.#waiters.advance(position.topic, position.partition, end);
			if (position.at > end) beyond.push(position);
		}
		if (beyond.length > 0) return beyond;
		void this.#listen();
		return this.#waiters.wait(any, options);
	}

	async assign(group: string, member: string, listener: AssignmentListener): Promise<Assignment> {
		const inputs = this.#reading()
			.topics()
			.find((topic) => topic.name === TOPICS.intents);
		if (inputs === undefined) throw noTopic({ topic: TOPICS.intents, partition: 0 }, null);
		const partitions = Array.from({ length: inputs.partitions }, (_, partition) => partition);
		const socket = (await this.#listen()) ?? "";
		const number = Number(await this.#call({ kind: "join", group, member, socket }));
		const membership = new Membership({ group, number, partitions, listener });
		this.#memberships.add(membership);
		this.#pollWhile(true);
		this.#observeMembers();
		return { confirm: async () => this.#observeMembers(), leave: () => this.#leave(membership) };
	}

	admin(): LogAdmin {
		return {
			createTopics: async (topics) => {
				this.#refuseIfClosed();
				await this.#call({ kind: "create-topics", topics });
				return [];
			},
			topics: async () => this.#reading().topics(),
			shapes: async () => this.#reading().topics(),
			trim: async (from, offset) => {
				this.#refuseIfClosed();
				await this.#call({ kind: "trim", from, offset });
			},
			diagnose: async () => {
				const reader = this.#reading();
				const settings = this.#thread === null ? null : await this.#call({ kind: "settings" });
				return diagnoseFile(this.#path, reader, settings as Settings | null);
			},
		};
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		const thread = this.#thread;
		if (thread !== null) this.#flush(thread);
		await this.#settled();
		await this.#listening;
		// A member that cannot be taken out (a full disk, a broken thread) goes with its socket.
		for (const membership of [...this.#memberships]) await this.#leave(membership).catch(() => {});
		this.#pollWhile(false);
		this.#waiters.wakeAll();
		// The writer goes last: the last connection to leave moves the write-ahead log into the file.
		this.#reader?.close();
		if (thread !== null && this.#broken === null) await this.#call({ kind: "close" }).catch(() => null);
		await this.#doorbell.close();
		await thread?.stop();
		this.#onClosed();
	}

	/** Appends under way have been answered. */
	async #settled(): Promise<void> {
		while (this.#appends.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
	}

	#flush(thread: EngineThread): void {
		this.#isFlushDue = false;
		if (this.#frame.isEmpty) return;
		thread.post({ kind: "append", frame: this.#frame.take(this.#clock?.now() ?? null) });
	}

	#call(call: Call): Promise<CallResult> {
		const thread = this.#writing();
		this.#flush(thread);
		return new Promise((resolve, reject) => {
			thread.post({ kind: "call", id: this.#expect(this.#calls, { resolve, reject }), call });
		});
	}

	#expect<T>(table: Map<number, Pending<T>>, pending: Pending<T>): number {
		if (this.#appends.size + this.#calls.size === 0) this.#thread?.keepAlive(true);
		const id = this.#nextId++;
		table.set(id, pending);
		return id;
	}

	#take<T>(table: Map<number, Pending<T>>, id: number): Pending<T> | undefined {
		const pending = table.get(id);
		table.delete(id);
		if (this.#appends.size + this.#calls.size === 0) this.#thread?.keepAlive(false);
		return pending;
	}

	#hear(answer: Answer): void {
		switch (answer.kind) {
			case "appended":
				for (const each of answer.answers) this.#settle(each);
				for (const { topic, partition, end } of answer.touched) this.#waiters.advance(topic, partition, end);
				break;
			case "returned":
				this.#take(this.#calls, answer.id)?.resolve(answer.value);
				break;
			case "threw":
				this.#take(this.#calls, answer.id)?.reject(asError(answer.thrown));
				break;
			case "broken":
				this.#break(answer.why);
				break;
			case "ready":
			case "refused":
				break;
		}
	}

	#settle(answer: AppendAnswered): void {
		const pending = this.#take(this.#appends, answer.id);
		if ("thrown" in answer) pending?.reject(asError(answer.thrown));
		else pending?.resolve(answer.appended);
	}

	/** The disk or the thread failed: what was on its way is in doubt, and nothing more is tried. */
	#break(why: string): void {
		this.#broken ??= why;
		for (const id of [...this.#appends.keys()]) this.#take(this.#appends, id)?.resolve({ kind: "unknown", why });
		for (const id of [...this.#calls.keys()]) this.#take(this.#calls, id)?.reject(logClosed(this.url, why));
		this.#pollWhile(false);
		this.#waiters.wakeAll();
	}

	async #leave(membership: Membership): Promise<void> {
		if (!this.#memberships.delete(membership)) return;
		if (this.#broken === null) await this.#call({ kind: "leave", number: membership.number });
		this.#observeMembers();
	}

	#observeMembers(): void {
		if (this.#reader === null || this.#broken !== null) return;
		for (const membership of [...this.#memberships]) membership.observe(this.#reader.members(membership.group));
	}

	/** Opens the socket on which writers poke this process, once; its path, or null where only polling works. */
	#listen(): Promise<string | null> {
		this.#listening ??= this.#openDoorbell();
		return this.#listening;
	}

	async #openDoorbell(): Promise<string | null> {
		const path = this.#thread === null ? null : wakeSocketPath(this.#path);
		if (path === null || !(await this.#doorbell.open(path))) return null;
		try {
			await this.#call({ kind: "listen", path });
			return path;
		} catch {
			return null;
		}
	}

	#pollWhile(isNeeded: boolean): void {
		if (!isNeeded || this.#broken !== null) {
			if (this.#poll !== null) clearInterval(this.#poll);
			this.#poll = null;
		} else if (this.#poll === null) {
			this.#poll = setInterval(() => this.#look(), POLL_MS);
			this.#poll.unref();
		}
	}

	/** Looks for what no poke has told. A reader in trouble wakes everybody: their next read says what is wrong. */
	#look(): void {
		const reader = this.#reader;
		if (reader === null) return;
		this.#lookAtFile();
		if (this.#broken !== null) return;
		try {
			const version = reader.version();
			if (version === this.#version) return;
			this.#version = version;
			for (const position of this.#waiters.positions())
				this.#waiters.advance(position.topic, position.partition, reader.bounds(position).end);
			this.#observeMembers();
		} catch {
			this.#waiters.wakeAll();
		}
	}

	/** What is written to a file without a name is lost with the last process that has it open. */
	#lookAtFile(): void {
		const now = performance.now();
		if (now - this.#fileSeenAt < FILE_LOOK_MS) return;
		this.#fileSeenAt = now;
		const there = identityOf(this.#path);
		if (there !== this.#file) this.#break(`its file was ${there === null ? "removed" : "replaced"} while it was open`);
	}

	#reading(): LogReader {
		this.#refuseIfClosed();
		if (this.#reader === null) throw logClosed(this.url);
		return this.#reader;
	}

	#writing(): EngineThread {
		if (this.#thread === null) throw logClosed(this.url, "it was opened for reading only");
		return this.#thread;
	}

	#refuseIfClosed(): void {
		if (this.#broken !== null) throw logClosed(this.url, this.#broken);
		if (this.#closing !== null) throw logClosed(this.url);
	}
}
