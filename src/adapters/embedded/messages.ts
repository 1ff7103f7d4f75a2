/** What the caller's thread and the log's own thread say to each other. */
import { AssentError, type Problem } from "../../core/base/errors.ts";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { Appended, TopicPartition, TopicSpec } from "../../ports/log/log.ts";

/** A partition that an append touched and the offset at which it now ends. */
export interface Touched extends TopicPartition {
	readonly end: Offset;
}

export type Call =
	| { readonly kind: "create-topics"; readonly topics: readonly TopicSpec[] }
	| { readonly kind: "trim"; readonly from: TopicPartition; readonly offset: Offset }
	/** Registers the socket on which this process wants to be woken. */
	| { readonly kind: "listen"; readonly path: string }
	/** A socket behind which nobody is left. */
	| { readonly kind: "unlisten"; readonly path: string }
	/** Housekeeping after commits on the caller's thread; answers with the commits after which it is due again. `now` null: the system's clock. */
	| { readonly kind: "tidy"; readonly now: EpochMs | null }
	/** Answers with the member's number. */
	| { readonly kind: "join"; readonly group: string; readonly member: string; readonly socket: string }
	| { readonly kind: "leave"; readonly number: number }
	/** Answers with the write connection's settings, for `doctor`. */
	| { readonly kind: "settings" }
	| { readonly kind: "close" };

export type Request =
	/** Packed appends (frame.ts). */
	| { readonly kind: "append"; readonly frame: Uint8Array }
	| { readonly kind: "call"; readonly id: number; readonly call: Call };

/** An AssentError as it travels between threads, where errors lose their class. */
export interface ThrownError {
	readonly problem: Problem;
	readonly facts: Readonly<Record<string, string | number>>;
}

export type AppendAnswered =
	| { readonly id: number; readonly appended: Appended }
	| { readonly id: number; readonly thrown: ThrownError };

export type Answer =
	| { readonly kind: "ready" }
	| { readonly kind: "refused"; readonly thrown: ThrownError }
	| { readonly kind: "appended"; readonly answers: readonly AppendAnswered[]; readonly touched: readonly Touched[] }
	| { readonly kind: "returned"; readonly id: number; readonly value: CallResult }
	| { readonly kind: "threw"; readonly id: number; readonly thrown: ThrownError }
	/** The log has closed itself. */
	| { readonly kind: "broken"; readonly why: string };

export type CallResult = number | Settings | null;

export interface Settings {
	readonly sqlite: string;
	readonly journalMode: string;
	/** The connection's usual `synchronous`: 2 is FULL. */
	readonly synchronous: number;
}

export function thrownError(thrown: unknown): ThrownError {
	if (thrown instanceof AssentError) return { problem: thrown.problem, facts: thrown.facts };
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	return { problem: { code: "ASSENT_INTERNAL", message, help: "report this as a defect", place: null }, facts: {} };
}

export const asError = ({ problem, facts }: ThrownError): AssentError => new AssentError(problem, facts);
