/**
 * The log's own side of the threads: takes everything that is queued, commits it as one group, answers each append, and
 * wakes other processes. What arrives while a commit is under way forms the next group.
 */

import { unpackFrame, type WritableAppend } from "./frame.ts";
import { Housekeeping } from "./housekeeping.ts";
import { type Answer, type Call, type CallResult, type Request, type ThrownError, thrownError } from "./messages.ts";
import { MEMBERS_LINE, Poker } from "./poker.ts";
import { Registry } from "./registry.ts";
import type { AppendAnswer, LogWriter } from "./writer.ts";

/** Least time between two looks for records that retention may remove; while more are left, the shorter one. */
const RETAIN_MS = 5_000;
const RETAIN_AGAIN_MS = 200;

/** Commits between two steps of growing the write-ahead log: a command that writes a few records never pays for it. */
export const GROW_EVERY = 16;

/** The same between two rounds of housekeeping after commits on the caller's thread, once the write-ahead log has grown. */
export const TIDY_EVERY = 256;

export class Engine {
	readonly #writer: LogWriter;
	readonly #registry: Registry;
	readonly #housekeeping: Housekeeping;
	readonly #poker: Poker;
	readonly #answer: (answer: Answer) => void;
	#ownSocket: string | null = null;
	#broken: string | null = null;
	#isClosed = false;
	#commits = 0;
	#mayGrow = true;
	#retainAt = performance.now() + RETAIN_MS;

	constructor(path: string, writer: LogWriter, answer: (answer: Answer) => void) {
		this.#writer = writer;
		this.#registry = new Registry(writer);
		this.#housekeeping = new Housekeeping(writer);
		this.#answer = answer;
		this.#poker = new Poker(path, (listener) => this.#forgetListener(listener.path));
	}

	/** Carries the requests out in order; neighbouring appends share a transaction. */
	handle(requests: readonly Request[]): void {
		let group: WritableAppend[] = [];
		for (const request of requests) {
			if (request.kind === "append") {
				group.push(...unpackFrame(request.frame));
				continue;
			}
			this.#commit(group);
			group = [];
			this.#call(request.id, request.call);
		}
		this.#commit(group);
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#poker.close();
		this.#writer.close();
	}

	#commit(group: readonly WritableAppend[]): void {
		if (group.length === 0) return;
		if (this.#broken !== null || this.#isClosed) {
			this.#refuse(group, this.#broken ?? "the log was closed");
			return;
		}
		const written = this.#writer.commit(group);
		const { answers, touched, failure } = written;
		this.#poker.tell(written, this.#ownSocket);
		this.#answer({ kind: "appended", answers: answers.map(answered), touched });
		if (failure !== null) this.#break(failure);
		else {
			this.#retain(group[0]?.now ?? Date.now());
			this.#grow();
		}
	}

	#call(id: number, call: Call): void {
		try {
			this.#answer({ kind: "returned", id, value: this.#carryOut(call) });
		} catch (thrown) {
			this.#answer({ kind: "threw", id, thrown: thrownError(thrown) });
		}
	}

	#carryOut(call: Call): CallResult {
		switch (call.kind) {
			case "create-topics":
				this.#writer.createTopics(call.topics);
				return null;
			case "trim":
				this.#housekeeping.trim(call.from, call.offset);
				return null;
			case "listen":
				this.#registry.listen(call.path);
				this.#ownSocket = call.path;
				return null;
			case "join": {
				const number = this.#registry.join(call);
				this.#poker.poke(this.#registry.listeners(), MEMBERS_LINE, this.#ownSocket);
				return number;
			}
			case "leave":
				this.#registry.leave(call.number);
				this.#poker.poke(this.#registry.listeners(), MEMBERS_LINE, this.#ownSocket);
				return null;
			case "tidy":
				this.#retain(call.now ?? Date.now());
				this.#growStep();
				this.#housekeeping.checkpoint();
				return this.#mayGrow ? GROW_EVERY : TIDY_EVERY;
			case "unlisten":
				this.#forgetListener(call.path);
				return null;
			case "settings":
				return this.#writer.settings();
			case "close":
				this.#withdraw();
				this.close();
				return null;
		}
	}

	/** A registration that cannot be removed (a full disk) is found dead by whoever pokes it next. */
	#withdraw(): void {
		if (this.#ownSocket === null || this.#broken !== null) return;
		try {
			this.#registry.unlisten(this.#ownSocket);
		} catch {
			// See above.
		}
	}

	#refuse(group: readonly WritableAppend[], why: string): void {
		const problem = { code: "ASSENT_LOG_CLOSED", message: why, help: "open the log again", place: null } as const;
		this.#answer({
			kind: "appended",
			answers: group.map(({ id }) => ({ id, appended: { kind: "failed", problem } })),
			touched: [],
		});
	}

	/** After a failed fsync nobody knows what the disk holds: trying again would only hide it. */
	#break(why: string): void {
		this.#broken = why;
		this.#answer({ kind: "broken", why });
	}

	/** Retention is housekeeping: what hinders it (a full disk, another writer) is met by the next append. */
	#retain(now: number): void {
		if (performance.now() < this.#retainAt) return;
		let isMoreLeft = false;
		try {
			isMoreLeft = this.#housekeeping.retain(now);
		} catch {
			isMoreLeft = false;
		}
		this.#retainAt = performance.now() + (isMoreLeft ? RETAIN_AGAIN_MS : RETAIN_MS);
	}

	/** Only a comfort: what hinders it ends it. */
	#grow(): void {
		this.#commits += 1;
		if (this.#commits % GROW_EVERY === 0) this.#growStep();
	}

	#growStep(): void {
		if (!this.#mayGrow) return;
		try {
			this.#mayGrow = this.#housekeeping.growWal();
		} catch {
			this.#mayGrow = false;
		}
	}

	#forgetListener(path: string): void {
		if (this.#isClosed || this.#broken !== null) return;
		try {
			this.#registry.unlisten(path);
			this.#poker.poke(this.#registry.listeners(), MEMBERS_LINE, this.#ownSocket);
		} catch {
			// It is found dead again at the next commit.
		}
	}
}

const answered = (
	answer: AppendAnswer,
): { id: number; thrown: ThrownError } | Exclude<AppendAnswer, { error: unknown }> =>
	"error" in answer ? { id: answer.id, thrown: thrownError(answer.error) } : answer;
