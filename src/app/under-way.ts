/** Messages of one target that are under way, in the order of the events, however they end: how far everything before a place is over. */
import type { EpochMs } from "../core/model/units.ts";

/** A message on its way. */
export interface UnderWay {
	/** Behind the message. */
	readonly place: string;
	/** When it happened what the message tells. */
	readonly at: EpochMs | null;
	isOver: boolean;
}

export class UnderWayList {
	#list: readonly UnderWay[] = [];

	add(one: UnderWay): void {
		this.#list = [...this.#list, one];
	}

	/**
	 * The place behind everything that is over without a gap, which is forgotten; null where that has not changed. Of a row that is over
	 * behind a gap, the last place is enough: the list is at most twice as long as what is under way.
	 */
	advance(): string | null {
		const firstOpen = this.#list.findIndex(({ isOver }) => !isOver);
		const over = firstOpen < 0 ? this.#list : this.#list.slice(0, firstOpen);
		this.#list = this.#list.slice(over.length).filter(({ isOver }, at, all) => !isOver || all[at + 1]?.isOver !== true);
		return over.at(-1)?.place ?? null;
	}

	get length(): number {
		return this.#list.length;
	}

	/** Those that are not over, the oldest first. */
	get open(): readonly UnderWay[] {
		return this.#list.filter(({ isOver }) => !isOver);
	}
}
