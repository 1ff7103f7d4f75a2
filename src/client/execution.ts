/**
 * One allowed call as it runs: the deadline tells the tool to stop, and the end is told when the tool has really ended.
 *
 * X1  The caller hears of a deadline at once, and nobody says that a tool has stopped before it has: it may still be running,
 *     and its outcome, with the slot that it takes, waits for its end.
 * X2  A generator has ended when it was read to its end, was left, or threw; not when it was handed out.
 */

import type { AssentError } from "../core/base/errors.ts";
import type { OutcomeStatus } from "../core/model/inputs.ts";
import type { DurationMs } from "../core/model/units.ts";
import { ToolCallTimedOut } from "./call-errors.ts";
import { misuse } from "./misuse.ts";

/** How a tool ended. */
export interface ToolEnd {
	/** `unknown`: what it returned may still be running, and its end cannot be seen. */
	readonly status: OutcomeStatus;
	/** From its start. */
	readonly ms: DurationMs;
	/** Its deadline had passed: the caller has been told so, and hears nothing of this end. */
	readonly isLate: boolean;
	/** What it returned, a generator at its end; null when it threw, or was left before its end. */
	readonly result: { readonly value: unknown } | null;
}

export interface ToolRun<Out> {
	readonly tool: string;
	readonly deadlineMs: DurationMs;
	/** The caller's own: the tool is told to stop when it aborts. */
	readonly signal: AbortSignal | undefined;
	readonly run: (signal: AbortSignal) => Out;
	/** Called once. May not reject. */
	readonly onEnd: (end: ToolEnd) => Promise<void>;
}

/** Resolves with what the tool returns; rejects with what it throws, or with ToolCallTimedOut at its deadline. */
export function execute<Out>({ tool, deadlineMs, signal, run, onEnd }: ToolRun<Out>): Promise<Awaited<Out>> {
	const startedAt = performance.now();
	const deadline = new Deadline(tool, deadlineMs, signal);
	const end: End = (status, result) => {
		const { isPassed } = deadline;
		deadline.clear();
		const ms = Math.max(0, Math.round(performance.now() - startedAt));
		return onEnd({ status, ms, isLate: isPassed, result });
	};
	const running = (async () => run(deadline.signal))().then(
		async (out) => {
			if (isAsyncGenerator(out)) return followed(out, deadline, end) as Awaited<Out>;
			if (isUnfinished(out)) {
				await end("unknown", null);
				throw unfinished(tool);
			}
			await end("ok", { value: out });
			return out;
		},
		async (thrown: unknown) => {
			await end("error", null);
			throw thrown;
		},
	);
	return deadline.race<Awaited<Out>>(running as Promise<Awaited<Out>>);
}

type End = (status: OutcomeStatus, result: ToolEnd["result"]) => Promise<void>;

export function isAsyncGenerator(value: unknown): value is AsyncGenerator<unknown, unknown, unknown> {
	if (typeof value !== "object" || value === null) return false;
	const { next, return: leave } = value as Partial<AsyncGenerator>;
	return typeof next === "function" && typeof leave === "function" && Symbol.asyncIterator in value;
}

/** An iterator or a stream whose items are made as it is read: its end would be reported before it has begun. */
function isUnfinished(value: unknown): boolean {
	if (typeof value !== "object" || value === null) return false;
	if (Symbol.asyncIterator in value) return true;
	return Symbol.iterator in value && typeof (value as Partial<Iterator<unknown>>).next === "function";
}

const unfinished = (tool: string): AssentError =>
	misuse(
		`\`${tool}\` has returned an iterator or a stream that is not an async generator: its end cannot be known`,
		"write it as `async function*` with `yield* stream`, or return what it gives as a list",
	);

/** The same items as they come, up to the deadline. */
async function* followed(
	source: AsyncGenerator<unknown, unknown, unknown>,
	deadline: Deadline,
	end: End,
): AsyncGenerator<unknown, unknown, unknown> {
	let isOver = false;
	const pull = (sent?: unknown) =>
		deadline.race(
			source.next(sent).then(
				async (step) => {
					if (step.done !== true) return step;
					isOver = true;
					await end("ok", { value: step.value });
					return step;
				},
				async (thrown: unknown) => {
					isOver = true;
					await end("error", null);
					throw thrown;
				},
			),
		);
	try {
		let step = await pull();
		while (step.done !== true) step = await pull(yield step.value);
		return step.value;
	} finally {
		if (!isOver) {
			const isStopped = deadline.isPassed;
			const closing = source.return(undefined).then(
				() => (isOver ? undefined : end(isStopped ? "error" : "ok", null)),
				() => (isOver ? undefined : end("error", null)),
			);
			// Left by its reader: it tidies up before the reader goes on. At its deadline nobody waits for it.
			if (!isStopped) await deadline.race(closing);
		}
	}
}

/** Timers of the platform hold 31 bits. */
const TIMER_MAX_MS = 2_147_483_647;

class Deadline {
	readonly signal: AbortSignal;
	/** Of those who wait for something that may come too late. */
	readonly #waiting = new Set<(timedOut: ToolCallTimedOut) => void>();
	readonly #timer: NodeJS.Timeout;
	#timedOut: ToolCallTimedOut | null = null;

	constructor(tool: string, ms: DurationMs, outer: AbortSignal | undefined) {
		const abort = new AbortController();
		this.signal = outer === undefined ? abort.signal : AbortSignal.any([abort.signal, outer]);
		this.#timer = setTimeout(
			() => {
				const timedOut = new ToolCallTimedOut(tool, ms);
				this.#timedOut = timedOut;
				// First, so that what the tool throws on its signal does not take this one's place.
				for (const reject of this.#waiting) reject(timedOut);
				abort.abort(timedOut);
			},
			Math.min(ms, TIMER_MAX_MS),
		);
	}

	get isPassed(): boolean {
		return this.#timedOut !== null;
	}

	/**
	 * Rejects at the deadline, whether or not the tool listens to its signal. Keeps nothing of what came: a generator may hand
	 * out many items before its deadline.
	 */
	async race<Out>(running: Promise<Out>): Promise<Out> {
		running.catch(() => {});
		if (this.#timedOut !== null) throw this.#timedOut;
		const { promise: passed, reject } = Promise.withResolvers<never>();
		this.#waiting.add(reject);
		try {
			return await Promise.race([running, passed]);
		} finally {
			this.#waiting.delete(reject);
		}
	}

	clear(): void {
		clearTimeout(this.#timer);
	}
}
