/**
 * Which partitions a member owns by the group's word, and which it has lost and still works on: it says that it owns those, so
 * that the group gives them to another only when nothing more of them is under way here.
 */
import type { DurationMs } from "../../../core/model/units.ts";
import { type AssignmentListener, REBALANCED } from "../../../ports/log/log.ts";

export interface OwnershipOptions {
	readonly listener: AssignmentListener;
	/** The group is not kept waiting for longer than this. */
	readonly sessionMs: DurationMs;
}

export class Ownership {
	readonly #options: OwnershipOptions;
	readonly #onFree: () => void;
	#owned: readonly number[] = [];
	/** Lost, and still under way here. */
	readonly #finishing = new Set<number>();
	#hasLetGo = false;

	/** `onFree` is called when something was finished that the group does not know yet. */
	constructor(options: OwnershipOptions, onFree: () => void) {
		this.#options = options;
		this.#onFree = onFree;
	}

	get isEmpty(): boolean {
		return this.#owned.length === 0;
	}

	/** Something was finished since the group was last told. */
	get hasLetGo(): boolean {
		return this.#hasLetGo;
	}

	/** What the group is to be told. */
	tell(): readonly number[] {
		this.#hasLetGo = false;
		return [...new Set([...this.#owned, ...this.#finishing])];
	}

	/** The group has rebalanced, and these are this member's. */
	become(partitions: readonly number[]): void {
		const before = new Set(this.#owned);
		const now = new Set(partitions);
		this.#owned = partitions;
		const lost = [...before].filter((partition) => !now.has(partition));
		const gained = partitions.filter((partition) => !before.has(partition));
		if (lost.length > 0) this.#lose(lost);
		if (gained.length > 0) this.#options.listener.onAssigned(gained);
	}

	/** What is owned is others' at once. */
	giveUp(why: string): void {
		const lost = this.#owned;
		this.#owned = [];
		if (lost.length > 0) void this.#options.listener.onLost(lost, why);
	}

	/** So is what is still under way here. */
	giveUpAll(why: string): void {
		this.#finishing.clear();
		this.giveUp(why);
	}

	#lose(lost: readonly number[]): void {
		const { listener, sessionMs } = this.#options;
		const finished = listener.onLost(lost, REBALANCED);
		for (const partition of lost) this.#finishing.add(partition);
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, sessionMs);
		});
		void Promise.race([finished, late]).then(() => {
			clearTimeout(timer);
			for (const partition of lost) this.#finishing.delete(partition);
			this.#hasLetGo = true;
			this.#onFree();
		});
	}
}
