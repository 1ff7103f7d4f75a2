/**
 * Commits on the caller's thread while that is quicker than handing them to another: a commit takes 0.2 ms on a good disk,
 * and two threads that wake each other take as long again. Nobody's event loop pays for a slow disk, though:
 *
 * W1  Of the time that a commit takes here beyond `QUICK_MS`, twenty times as much passes before the next is tried here: a
 *     slow disk, or a busy machine, holds up the loop for a twentieth of the time at most. While the other thread keeps house
 *     (a moment now and then), appends would wait there for longer, and are tried here anyway.
 * W2  Another process's transaction is waited for for `BUSY_MAX_MS` at most.
 * W3  Within one turn of the loop no more is committed here than fits its time (loop-turn.ts): who appends without end lets
 *     signals and timers have their turn.
 */

import type { WritableAppend } from "./frame.ts";
import type { LoopTurn } from "./loop-turn.ts";
import { Poker } from "./poker.ts";
import { openForWriting } from "./sqlite.ts";
import { type GroupAnswer, type Listener, LogWriter } from "./writer.ts";

/** About what the way to another thread and back costs. */
const QUICK_MS = 1;

/** How much longer than it was slow a disk is left alone. */
const REST = 20;

const BUSY_MAX_MS = 1;

/** Larger groups take longer than the way to another thread. */
const GROUP_BYTES_MAX = 128 * 1024;

export interface InlineWriterParts {
	/** Default: a connection of its own. The other thread's has seen whether the file is whole, and moves the write-ahead log into it. */
	readonly writer?: Pick<LogWriter, "commit" | "close">;
	readonly turn: Pick<LoopTurn, "isLong">;
	/** Hears of a listener behind whose socket nobody is left. */
	readonly onDead: (listener: Listener) => void;
	/** Milliseconds from any moment on; default performance.now. */
	readonly now?: () => number;
}

export class InlineWriter {
	readonly #writer: Pick<LogWriter, "commit" | "close">;
	readonly #poker: Poker;
	readonly #turn: InlineWriterParts["turn"];
	readonly #now: () => number;
	/** By `now`. */
	#restsUntil = Number.NEGATIVE_INFINITY;
	/** Where this process itself is woken. */
	ownSocket: string | null = null;

	constructor(path: string, { writer, turn, onDead, now = () => performance.now() }: InlineWriterParts) {
		this.#writer = writer ?? openWriter(path);
		this.#turn = turn;
		this.#now = now;
		this.#poker = new Poker(path, onDead);
	}

	/** Commits the appends as one group and wakes other processes; null: not here, nothing was written. */
	commit(
		appends: readonly WritableAppend[],
		{ bytes, isOtherBusy }: { readonly bytes: number; readonly isOtherBusy: boolean },
	): GroupAnswer | null {
		const startedAt = this.#now();
		if (bytes > GROUP_BYTES_MAX || this.#turn.isLong()) return null;
		if (startedAt < this.#restsUntil && !isOtherBusy) return null;
		const group = this.#writer.commit(appends);
		const endedAt = this.#now();
		const slowMs = endedAt - startedAt - QUICK_MS;
		if (slowMs > 0) this.#restsUntil = endedAt + REST * slowMs;
		if (group.isBusy) return null;
		this.#poker.tell(group, this.ownSocket);
		return group;
	}

	close(): void {
		this.#poker.close();
		this.#writer.close();
	}
}

const openWriter = (path: string): LogWriter =>
	new LogWriter(path, {
		connect: (file) => openForWriting(file, { checkpointPages: 0 }),
		busyMaxMs: BUSY_MAX_MS,
		isWhole: true,
	});
