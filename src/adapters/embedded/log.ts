/**
 * The log on one machine: appends go out together (outbox.ts), reads are made here, and waits end by a poke from the
 * writing process, with a poll behind it.
 */
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
import { noQuestions, type Questions } from "../../ports/questions.ts";
import { Carried } from "./carried.ts";
import { diagnoseFile } from "./diagnose.ts";
import { Doorbell } from "./doorbell.ts";
import { FileWatch } from "./file-watch.ts";
import type { InlineWriter, InlineWriterParts } from "./inline-writer.ts";
import { LoopTurn } from "./loop-turn.ts";
import { Membership } from "./membership.ts";
import type { Settings } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { questionsBeside } from "./questions.ts";
import { LogReader } from "./reader.ts";
import { wakeSocketPath } from "./sockets.ts";
import type { EngineThread, ThreadListener } from "./thread.ts";

/** How long a waiting process can miss a commit whose poke did not arrive. */
const POLL_MS = 20;

type Start = (listener: ThreadListener) => Promise<EngineThread>;

export interface EmbeddedParts {
	readonly path: string;
	readonly clock: Clock | null;
	/** The name of a log that is never written any more. */
	readonly frozenAs?: string;
	/** Starts the thread that writes; null for a log that only reads. */
	readonly start: Start | null;
	/** Opens what appends on the caller's thread while that is quick; null: nothing is appended there. */
	readonly openInline: ((parts: Pick<InlineWriterParts, "turn" | "onDead">) => InlineWriter) | null;
	/** Called once the file is no longer open, also when opening fails. */
	readonly onClosed: () => void;
}

export class EmbeddedLog implements Log {
	readonly url: string;
	readonly questions: Questions;
	readonly #path: string;
	readonly #onClosed: () => void;
	readonly #memberships = new Set<Membership>();
	readonly #waiters = new Waiters((waiting) => this.#pollWhile(waiting > 0 || this.#memberships.size > 0));
	readonly #carried = new Carried();
	readonly #doorbell = new Doorbell({
		onTouched: ({ topic, partition, end }) => this.#waiters.advance(topic, partition, end),
		onCarried: ({ topic, partition, end }, base, carried) => {
			if (this.#waiters.awaits({ topic, partition })) this.#carried.keep({ topic, partition }, base, carried);
			this.#waiters.advance(topic, partition, end);
		},
		onMembers: () => this.#observeMembers(),
	});
	readonly #turn = new LoopTurn();
	#reader: LogReader | null = null;
	#outbox: Outbox | null = null;
	#poll: NodeJS.Timeout | null = null;
	#version = -1;
	#fileWatch: FileWatch | null = null;
	#listening: Promise<string | null> | null = null;
	#closing: Promise<void> | null = null;
	#broken: string | null = null;

	private constructor({ path, frozenAs, onClosed }: EmbeddedParts) {
		this.#onClosed = onClosed;
		this.url = frozenAs ?? `file:${path}`;
		this.questions = frozenAs === undefined ? questionsBeside(path) : noQuestions;
		this.#path = path;
	}

	/** Throws what opening the file throws. */
	static async open(parts: EmbeddedParts): Promise<EmbeddedLog> {
		const log = new EmbeddedLog(parts);
		try {
			if (parts.start !== null) await log.#openOutbox(parts, parts.start);
			log.#reader = new LogReader(parts.path, { isFrozen: parts.frozenAs !== undefined });
			log.#fileWatch = new FileWatch(parts.path);
			return log;
		} catch (thrown) {
			await log.close();
			throw thrown;
		}
	}

	/** The promise is the outbox's own, which knows it by that when another append is to follow (`after`). */
	append(
		to: TopicPartition,
		records: readonly OutRecord[],
		{ expected, durability, after }: AppendOptions = {},
	): Promise<Appended> {
		try {
			this.#refuseIfClosed();
			const isDurable = durability !== "ordered";
			return this.#writing().append(to, records, { expected: expected ?? null, isDurable, after: after ?? null });
		} catch (thrown) {
			return Promise.reject(thrown);
		}
	}

	async read(from: TopicPartition, offset: Offset, options: ReadOptions = {}): Promise<readonly LogRecord[]> {
		await this.#turn.mayEnd();
		const reader = this.#reading();
		const max = { ...READ_DEFAULTS, ...options };
		return this.#carried.take(from, offset, max) ?? reader.read(from, offset, max);
	}

	async bounds(of: TopicPartition): Promise<{ readonly begin: Offset; readonly end: Offset }> {
		return this.#reading().bounds(of);
	}

	async waitFor(any: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		const reader = this.#reading();
		// The file is asked for what was not heard of yet; from then on pokes tell, and the poll tells what they missed.
		const beyond: Position[] = [];
		for (const position of any) {
			if (this.#waiters.heardOf(position) >= position.offset) continue;
			const { end } = reader.bounds(position);
			this.#waiters.advance(position.topic, position.partition, end);
			if (position.offset > end) beyond.push(position);
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
		const number = Number(await this.#writing().call({ kind: "join", group, member, socket }));
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
				await this.#writing().call({ kind: "create-topics", topics });
				return [];
			},
			topics: async () => this.#reading().topics(),
			shapes: async () => this.#reading().topics(),
			trim: async (from, offset) => {
				this.#refuseIfClosed();
				await this.#writing().call({ kind: "trim", from, offset });
			},
			diagnose: async () => {
				const reader = this.#reading();
				const settings = this.#outbox === null ? null : await this.#outbox.call({ kind: "settings" });
				return diagnoseFile(this.#path, reader, settings as Settings | null);
			},
		};
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #openOutbox({ clock, openInline }: EmbeddedParts, start: Start): Promise<void> {
		const outbox = await Outbox.open({
			url: this.url,
			clock,
			start,
			onTouched: ({ topic, partition, end }) => this.#waiters.advance(topic, partition, end),
			onBroken: (why) => this.#break(why),
		});
		this.#outbox = outbox;
		if (openInline === null) return;
		outbox.inline = openInline({
			turn: this.#turn,
			onDead: ({ path }) => void outbox.call({ kind: "unlisten", path }).catch(() => {}),
		});
	}

	async #close(): Promise<void> {
		await this.#outbox?.settled();
		await this.#listening;
		// A member that cannot be taken out (a full disk, a broken thread) goes with its socket.
		for (const membership of [...this.#memberships]) await this.#leave(membership).catch(() => {});
		this.#pollWhile(false);
		this.#waiters.wakeAll();
		// The writer goes last: the last connection to leave moves the write-ahead log into the file.
		this.#reader?.close();
		await this.#outbox?.close();
		await this.#doorbell.close();
		this.#onClosed();
	}

	/** The disk or the thread failed, or the file is gone: nothing more is tried. */
	#break(why: string): void {
		this.#broken ??= why;
		this.#pollWhile(false);
		this.#waiters.wakeAll();
	}

	async #leave(membership: Membership): Promise<void> {
		if (!this.#memberships.delete(membership)) return;
		if (this.#broken === null) await this.#outbox?.call({ kind: "leave", number: membership.number });
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
		const outbox = this.#outbox;
		const path = outbox === null ? null : wakeSocketPath(this.#path);
		if (outbox === null || path === null || !(await this.#doorbell.open(path))) return null;
		try {
			await outbox.call({ kind: "listen", path });
			outbox.ownSocket = path;
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
		const trouble = this.#fileWatch?.trouble() ?? null;
		if (trouble !== null) {
			if (this.#outbox === null) this.#break(trouble);
			else this.#outbox.break(trouble);
			return;
		}
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

	#reading(): LogReader {
		this.#refuseIfClosed();
		if (this.#reader === null) throw logClosed(this.url);
		return this.#reader;
	}

	#writing(): Outbox {
		if (this.#outbox === null) throw logClosed(this.url, "it was opened for reading only");
		return this.#outbox;
	}

	#refuseIfClosed(): void {
		if (this.#broken !== null) throw logClosed(this.url, this.#broken);
		if (this.#closing !== null) throw logClosed(this.url);
	}
}
