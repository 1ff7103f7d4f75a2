/** One member of a group on this machine: it owns every partition while it is the newest that has not left. */
import type { AssignmentListener } from "../../ports/log/log.ts";

export interface MemberRow {
	readonly id: number;
	readonly member: string;
}

export class Membership {
	readonly group: string;
	readonly number: number;
	readonly #partitions: readonly number[];
	readonly #listener: AssignmentListener;
	#isOwner = false;

	constructor(options: {
		readonly group: string;
		readonly number: number;
		readonly partitions: readonly number[];
		readonly listener: AssignmentListener;
	}) {
		this.group = options.group;
		this.number = options.number;
		this.#partitions = options.partitions;
		this.#listener = options.listener;
	}

	/** Tells the listener what the group's members, the oldest first, mean for this one. */
	observe(members: readonly MemberRow[]): void {
		const newest = members.at(-1);
		const isOwner = newest?.id === this.number;
		if (isOwner === this.#isOwner) return;
		this.#isOwner = isOwner;
		if (isOwner) this.#listener.onAssigned(this.#partitions);
		else {
			const why = newest === undefined ? "its registration was removed" : `superseded by ${newest.member}`;
			void this.#listener.onLost(this.#partitions, why);
			this.#listener.onSuperseded?.(why);
		}
	}
}
