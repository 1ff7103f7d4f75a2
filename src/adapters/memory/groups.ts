/** Members of groups on one store: the newest owns every partition, the others hear that they lost theirs. */
import type { Assignment, AssignmentListener } from "../../ports/log/log.ts";

interface Member {
	readonly name: string;
	readonly partitions: readonly number[];
	readonly listener: AssignmentListener;
}

export class MemoryGroups {
	readonly #groups = new Map<string, Member[]>();

	join(group: string, member: Member): Assignment {
		const members = this.#groups.get(group) ?? [];
		this.#groups.set(group, members);
		const before = members.at(-1);
		members.push(member);
		const why = `superseded by ${member.name}`;
		void before?.listener.onLost(before.partitions, why);
		before?.listener.onSuperseded?.(why);
		member.listener.onAssigned(member.partitions);
		return {
			confirm: async () => {},
			leave: async () => {
				const index = members.indexOf(member);
				if (index === -1) return;
				members.splice(index, 1);
				const heir = members.at(-1);
				if (index === members.length) heir?.listener.onAssigned(heir.partitions);
			},
		};
	}
}
