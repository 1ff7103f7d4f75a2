/** What members of the group say to one another, as bytes: which partitions each owns, and which are to be its own. */
import kafkajs from "kafkajs";
import { freeOf, type Member, share } from "./assigner.ts";

/** Members of one group must speak the same: a new rule needs a new name. */
export const PROTOCOL = "assent-in-turn";

/** A member as the group lists it to its leader. */
export interface Listed {
	readonly memberId: string;
	readonly memberMetadata: Buffer;
}

/** What a member says of itself when it joins. */
export const introduction = (options: {
	readonly topics: readonly string[];
	readonly member: string;
	readonly owned: readonly number[];
}): Buffer =>
	kafkajs.AssignerProtocol.MemberMetadata.encode({
		version: 1,
		topics: [...options.topics],
		userData: Buffer.from(JSON.stringify({ member: options.member, owned: options.owned })),
	});

/** As the group's leader: what everybody may take up of their share, the same of every topic. */
export function sharesOf(
	listed: readonly Listed[],
	group: { readonly topics: readonly string[]; readonly partitions: number },
): object[] {
	const members = listed.map(memberOf);
	return [...freeOf(share(members, group.partitions), members)].map(([memberId, own]) => ({
		memberId,
		memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
			version: 1,
			assignment: Object.fromEntries(group.topics.map((topic) => [topic, [...own]])),
			userData: Buffer.alloc(0),
		}),
	}));
}

/** The partitions of a topic that fall to the owner of this share. */
export const ownIn = (memberAssignment: Buffer, topic: string): readonly number[] =>
	kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];

/** One that says nothing readable of itself owns nothing. */
function memberOf({ memberId, memberMetadata }: Listed): Member {
	try {
		const { userData } = kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata) ?? {};
		const said: unknown = JSON.parse(userData?.toString("utf8") ?? "{}");
		const owned = typeof said === "object" && said !== null && "owned" in said ? said.owned : [];
		const isList = Array.isArray(owned) && owned.every((each) => Number.isSafeInteger(each));
		return { id: memberId, owned: isList ? (owned as number[]) : [] };
	} catch {
		return { id: memberId, owned: [] };
	}
}
