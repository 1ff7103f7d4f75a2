/**
 * The state's digest, and the one that an entry carries: entry n, with n divisible by 64, carries the digest of the state
 * before entry n - 64; entry 0 that of the empty state. So the rows that 64 entries have changed are hashed once, a few at
 * each of the steps that follow, and no step pays for all of them.
 */
import { taggedDigest } from "../base/digest.ts";
import { headOf, type StateHead } from "./head.ts";

/** How often an entry carries a digest, and of how many entries before it. */
export const DIGEST_EVERY = 64;

/** What of a table is asked for here: see base/table/table.ts. */
interface DigestedTable {
	readonly waiting: number;
	digest(): Uint8Array;
	settle(rows: number): void;
	settled(): Uint8Array;
	turn(): void;
}

export class StateDigests {
	/** In the order in which they are hashed. */
	readonly #tables: readonly DigestedTable[];
	/** False: for a state without a ledger behind it; all digests are empty texts. */
	readonly isKept: boolean;
	/** The state's head at the last turn, and its digest once it was asked for. */
	#turned: StateHead;
	#turnedDigest: string | null;
	/** At a turn, what the entry that comes next carries. */
	#due: string;

	constructor(tables: readonly DigestedTable[], head: StateHead, isKept: boolean) {
		this.#tables = tables;
		this.isKept = isKept;
		this.#turned = headOf(head);
		this.#turnedDigest = null;
		this.#due = this.now(head);
	}

	/**
	 * SHA-256(`assent.state.v2\0` ‖ head ‖ sum of each table), 64 hex digits. Claims and ledger offsets are no part of it, so
	 * that it is the same on every adapter and after an import. Empty for a state that keeps no digest.
	 */
	now(head: StateHead): string {
		return this.isKept ? digestOf(head, (table) => table.digest(), this.#tables) : "";
	}

	/** What the next entry that carries a digest will carry. */
	next({ nextSeq }: StateHead): string {
		return nextSeq % DIGEST_EVERY === 0 ? this.#due : this.#digestAtTurn();
	}

	/** Begins at a state that was restored, rows and all, where the next entry that carries a digest will carry this one. */
	restore(head: StateHead, next: string): void {
		this.#turned = headOf(head);
		const isTurn = head.nextSeq % DIGEST_EVERY === 0;
		this.#due = isTurn ? next : "";
		this.#turnedDigest = isTurn ? null : next;
	}

	/** An entry was folded. Rows of a state that keeps no digest are packed as often: what waits longer outlives young generations. */
	step(head: StateHead): void {
		const left = DIGEST_EVERY - (head.nextSeq % DIGEST_EVERY);
		if (left < DIGEST_EVERY) {
			for (const table of this.#tables) if (table.waiting > 0) table.settle(Math.ceil(table.waiting / left));
			return;
		}
		this.#due = this.#digestAtTurn();
		for (const table of this.#tables) table.turn();
		this.#turned = headOf(head);
		this.#turnedDigest = null;
	}

	#digestAtTurn(): string {
		if (!this.isKept) return "";
		this.#turnedDigest ??= digestOf(this.#turned, (table) => table.settled(), this.#tables);
		return this.#turnedDigest;
	}
}

/** The digest of a state as it is now. */
export const stateDigest = (state: StateHead & { readonly digests: StateDigests }): string => state.digests.now(state);

function digestOf(
	{ partition, streamTime, forgotten, nextSeq, inputs, policy }: StateHead,
	sumOf: (table: DigestedTable) => Uint8Array,
	tables: readonly DigestedTable[],
): string {
	const { proposed } = policy;
	const head = JSON.stringify([
		partition,
		streamTime,
		forgotten.calls,
		forgotten.controls,
		forgotten.sessions,
		nextSeq,
		inputs.intents,
		inputs.control,
		policy.digest,
		policy.generation,
		policy.activationId,
		policy.before,
		policy.signed,
		proposed === null ? null : [proposed.digest, proposed.generation, proposed.activationId, proposed.by],
	]);
	return taggedDigest("assent.state.v2", head, ...tables.map(sumOf));
}
