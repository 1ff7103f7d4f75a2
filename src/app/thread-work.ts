/** What a thread does that works on partitions: it takes those that it is handed, one after the other, and tells how far it is. */
import { parentPort, workerData } from "node:worker_threads";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";

/** What a thread begins with. */
export interface ThreadStart {
	/** Plain data. */
	readonly job: unknown;
	/** What was told and not taken in yet: a thread that is too far ahead waits on it. */
	readonly ahead: Int32Array;
}

/** What a thread says of the partition that it was handed last. */
export type ThreadNews<Result, More = never> =
	| { readonly kind: "progress"; readonly records: number }
	| { readonly kind: "more"; readonly more: readonly More[] }
	| { readonly kind: "done"; readonly result: Result }
	| { readonly kind: "failed"; readonly problem: Problem };

export interface Telling<More> {
	progress(records: number): void;
	/** Told before the result, many at a time. */
	more(what: More): void;
}

/** What is handed over at once. */
const TOLD_AT_ONCE = 500;

/** From here on a thread waits until some is taken in: what is to be published must not pile up. */
const AHEAD_MAX = 5_000;

/** What the thread was begun for. */
export const jobOf = <Job>(): Job => (workerData as ThreadStart).job as Job;

/** Does the work for each partition that it is handed. */
export function takePartitions<Result, More = never>(
	work: (partition: number, telling: Telling<More>) => Promise<Result>,
): void {
	const say = (news: ThreadNews<Result, More>): void => parentPort?.postMessage(news);
	const told = new ToldMore<More>((more) => say({ kind: "more", more }));
	const telling: Telling<More> = {
		progress: (records) => say({ kind: "progress", records }),
		more: (what) => told.add(what),
	};
	parentPort?.on("message", (partition: number) => {
		work(partition, telling).then(
			(result) => {
				told.send();
				say({ kind: "done", result });
			},
			(thrown: unknown) => say({ kind: "failed", problem: problemOf(thrown) }),
		);
	});
}

class ToldMore<More> {
	readonly #say: (more: readonly More[]) => void;
	#more: More[] = [];

	constructor(say: (more: readonly More[]) => void) {
		this.#say = say;
	}

	add(what: More): void {
		this.#more.push(what);
		if (this.#more.length >= TOLD_AT_ONCE) this.send();
	}

	send(): void {
		if (this.#more.length === 0) return;
		const { ahead } = workerData as ThreadStart;
		Atomics.add(ahead, 0, this.#more.length);
		this.#say(this.#more);
		this.#more = [];
		for (let count = Atomics.load(ahead, 0); count > AHEAD_MAX; count = Atomics.load(ahead, 0))
			Atomics.wait(ahead, 0, count);
	}
}

const problemOf = (thrown: unknown): Problem =>
	thrown instanceof AssentError
		? thrown.problem
		: problem("ASSENT_INTERNAL", thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
