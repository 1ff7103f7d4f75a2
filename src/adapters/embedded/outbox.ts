/**
 * What was handed over to be written and is not answered yet. Appends of one turn of the event loop go out together, on
 * this thread while that is quick (inline-writer.ts), else on the log's own.
 *
 * O1  Appends are carried out in the order in which they were called: while one is under way on the log's own thread, none
 *     overtakes it on this one.
 *     One that follows from another of the same group goes with it; else it is carried out once that one was answered.
 * O2  Each is answered once. When the disk or the thread has failed, what was under way is in doubt and nothing more is tried.
 */
import type { AssentError } from "../../core/base/errors.ts";
import type { Offset } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import { appendAfter } from "../../ports/log/after.ts";
import type { Appended, Followed, OutRecord, TopicPartition } from "../../ports/log/log.ts";
import { logClosed } from "../../ports/log/problems.ts";
import { GROW_EVERY, TIDY_EVERY } from "./engine.ts";
import { FrameWriter, type WritableRecord, writable } from "./frame.ts";
import type { InlineWriter } from "./inline-writer.ts";
import { type Answer, type AppendAnswered, asError, type Call, type CallResult, type Touched } from "./messages.ts";
import type { EngineThread, ThreadListener } from "./thread.ts";

/** Records of this size are sent at once instead of at the end of the turn. */
const QUEUE_BYTES_MAX = 1024 * 1024;

interface Pending<T> {
	resolve(value: T): void;
	reject(error: AssentError): void;
}

interface Queued extends Pending<Appended> {
	readonly to: TopicPartition;
	readonly records: readonly WritableRecord<string>[];
	readonly expected: Offset | null;
	readonly isDurable: boolean;
	/** The place in the queue of what it follows from. */
	readonly after: number | null;
	readonly answer: Promise<Appended>;
}

export interface OutboxParts {
	readonly url: string;
	readonly clock: Clock | null;
	readonly start: (listener: ThreadListener) => Promise<EngineThread>;
	readonly onTouched: (touched: Touched) => void;
	readonly onBroken: (why: string) => void;
}

export class Outbox {
	/** Null: everything is written on the log's own thread. */
	inline: InlineWriter | null = null;
	readonly #parts: OutboxParts;
	#queue: Queued[] = [];
	#queuedBytes = 0;
	readonly #frame = new FrameWriter();
	/** Under way on the log's own thread. */
	readonly #appends = new Map<number, Pending<Appended>>();
	readonly #calls = new Map<number, Pending<CallResult>>();
	/** Appends that wait for another one's answer. */
	#following = 0;
	#thread: EngineThread | null = null;
	#nextId = 0;
	/** Commits on this thread until housekeeping is due on the other. */
	#untilTidy = GROW_EVERY;
	#broken: string | null = null;

	private constructor(parts: OutboxParts) {
		this.#parts = parts;
	}

	/** Throws what opening the file throws. */
	static async open(parts: OutboxParts): Promise<Outbox> {
		const outbox = new Outbox(parts);
		outbox.#thread = await parts.start({
			onAnswer: (answer) => outbox.#hear(answer),
			onDied: (why) => outbox.break(why),
		});
		return outbox;
	}

	append(
		to: TopicPartition,
		records: readonly OutRecord[],
		{
			expected,
			isDurable,
			after,
		}: { readonly expected: Offset | null; readonly isDurable: boolean; readonly after: Followed | null },
	): Promise<Appended> {
		const place = after === null ? null : this.#placeOf(after);
		if (after !== null && place === null)
			return this.#follow(after, () => this.append(to, records, { expected, isDurable, after: null }));
		const { promise: answer, resolve, reject } = Promise.withResolvers<Appended>();
		this.#queue.push({
			to,
			records: records.map(writable),
			expected,
			isDurable,
			after: place,
			answer,
			resolve,
			reject,
		});
		for (const { value } of records) this.#queuedBytes += value.length;
		if (this.#queuedBytes >= QUEUE_BYTES_MAX) this.#flush();
		// After the microtasks that are due: what was woken together is written together.
		else if (this.#queue.length === 1) process.nextTick(() => this.#flush());
		return answer;
	}

	call(call: Call): Promise<CallResult> {
		this.#flush();
		return new Promise((resolve, reject) => {
			this.#thread?.post({ kind: "call", id: this.#expect(this.#calls, { resolve, reject }), call });
		});
	}

	/** From now on the process does not poke itself. */
	set ownSocket(path: string) {
		if (this.inline !== null) this.inline.ownSocket = path;
	}

	/** Appends under way have been answered. */
	async settled(): Promise<void> {
		this.#flush();
		while (this.#appends.size + this.#following > 0) await new Promise((resolve) => setTimeout(resolve, 1));
	}

	/** Nothing may be handed over any more. The connection that goes last moves the write-ahead log into the file. */
	async close(): Promise<void> {
		this.inline?.close();
		if (this.#broken === null) await this.call({ kind: "close" }).catch(() => null);
		await this.#thread?.stop();
	}

	/** The disk or the thread failed (O2). */
	break(why: string): void {
		this.#broken ??= why;
		for (const { resolve } of this.#queue.splice(0)) resolve({ kind: "unknown", why });
		for (const id of [...this.#appends.keys()]) this.#take(this.#appends, id)?.resolve({ kind: "unknown", why });
		for (const id of [...this.#calls.keys()]) this.#take(this.#calls, id)?.reject(logClosed(this.#parts.url, why));
		this.#parts.onBroken(why);
	}

	/** Null: what is followed has gone out, or may be written elsewhere than it must be. */
	#placeOf({ append, base }: Followed): number | null {
		const place = this.#queue.findLastIndex(({ answer, expected }) => answer === append && expected === base);
		return place === -1 ? null : place;
	}

	async #follow(after: Followed, append: () => Promise<Appended>): Promise<Appended> {
		this.#following += 1;
		try {
			return await appendAfter(after, append);
		} finally {
			this.#following -= 1;
		}
	}

	#flush(): void {
		if (this.#queue.length === 0) return;
		const [queue, bytes] = [this.#queue, this.#queuedBytes];
		this.#queue = [];
		this.#queuedBytes = 0;
		if (!this.#isWrittenHere(queue, bytes)) this.#handOver(queue);
	}

	#isWrittenHere(queue: readonly Queued[], bytes: number): boolean {
		const { clock, onTouched } = this.#parts;
		const { inline } = this;
		if (inline === null || this.#appends.size > 0) return false;
		const now = clock?.now() ?? null;
		const group = inline.commit(
			queue.map(({ to, records, expected, isDurable, after }, id) => ({
				id,
				to,
				records,
				expected,
				isDurable,
				after,
				now,
			})),
			{ bytes, isOtherBusy: this.#untilTidy === Number.POSITIVE_INFINITY },
		);
		if (group === null) return false;
		for (const answer of group.answers) {
			const pending = queue[answer.id] as Queued;
			if ("error" in answer) pending.reject(answer.error);
			else pending.resolve(answer.appended);
		}
		for (const touched of group.touched) onTouched(touched);
		if (group.failure !== null) this.break(group.failure);
		else this.#tidyNowAndThen();
		return true;
	}

	/** What may take long is never done on this thread: retention, room in the write-ahead log, moving it into the file. */
	#tidyNowAndThen(): void {
		this.#untilTidy -= 1;
		if (this.#untilTidy > 0) return;
		this.#untilTidy = Number.POSITIVE_INFINITY;
		const dueIn = (commits: unknown) => {
			this.#untilTidy = typeof commits === "number" ? commits : TIDY_EVERY;
		};
		this.call({ kind: "tidy", now: this.#parts.clock?.now() ?? null }).then(dueIn, dueIn);
	}

	#handOver(queue: readonly Queued[]): void {
		const ids: number[] = [];
		for (const { to, records, expected, isDurable, after, resolve, reject } of queue) {
			const id = this.#expect(this.#appends, { resolve, reject });
			this.#frame.add({ id, to, records, expected, isDurable, after: after === null ? null : (ids[after] ?? null) });
			ids.push(id);
		}
		this.#thread?.post({ kind: "append", frame: this.#frame.take(this.#parts.clock?.now() ?? null) });
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
				for (const touched of answer.touched) this.#parts.onTouched(touched);
				break;
			case "returned":
				this.#take(this.#calls, answer.id)?.resolve(answer.value);
				break;
			case "threw":
				this.#take(this.#calls, answer.id)?.reject(asError(answer.thrown));
				break;
			case "broken":
				this.break(answer.why);
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
}
