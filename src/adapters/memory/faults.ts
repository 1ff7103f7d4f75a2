/**
 * What can go wrong with one append, as a simulation asks for it. Each is something that a real log does: lose the
 * answer, write late, write twice, run out of space.
 */
import type { Appended, OutRecord, TopicPartition } from "../../ports/log/log.ts";

export type MemoryFault =
	/** Nothing is written and nobody can tell: answers `unknown`. */
	| { readonly kind: "lost" }
	/** It is written but the answer is lost: answers `unknown`. */
	| { readonly kind: "unanswered" }
	/** Answers `unknown` at once and writes when `until` resolves, as a request does that was stuck on its way. */
	| { readonly kind: "late"; readonly until: Promise<unknown> }
	/** Writes and answers only when `until` resolves. */
	| { readonly kind: "delayed"; readonly until: Promise<unknown> }
	/** Written at once, answered when `until` resolves. */
	| { readonly kind: "answered-late"; readonly until: Promise<unknown> }
	/** Written twice, one copy after the other; answers for the first. */
	| { readonly kind: "doubled" }
	/** Certainly not written: answers `failed` with ASSENT_LOG_FULL. */
	| { readonly kind: "full" };

/** Asked before every append of a handle; null lets it pass. */
export type MemoryFaults = (to: TopicPartition, records: readonly OutRecord[]) => MemoryFault | null;

/** Carries an append out under a fault; `write` writes once and answers. */
export async function appendUnder(fault: MemoryFault | null, write: () => Appended): Promise<Appended> {
	if (fault === null) return write();
	switch (fault.kind) {
		case "lost":
			return { kind: "unknown", why: "the request was lost" };
		case "unanswered":
			write();
			return { kind: "unknown", why: "the answer was lost" };
		case "late":
			void fault.until.then(write, write);
			return { kind: "unknown", why: "no answer came in time" };
		case "delayed":
			await fault.until;
			return write();
		case "answered-late": {
			const answer = write();
			await fault.until;
			return answer;
		}
		case "doubled": {
			const answer = write();
			write();
			return answer;
		}
		case "full":
			return {
				kind: "failed",
				problem: {
					code: "ASSENT_LOG_FULL",
					message: "the memory log was told to be full",
					help: "lift the fault",
					place: null,
				},
			};
	}
}
