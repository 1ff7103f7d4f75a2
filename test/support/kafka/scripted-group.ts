/** A consumer group that answers a member what a test says, instead of brokers. Topics have the prefix `t.`. */
import kafkajs from "kafkajs";
import type { Metadata } from "../../../src/adapters/kafka/network/answers.ts";
import type { Wire } from "../../../src/adapters/kafka/network/wire.ts";

const { MemberAssignment } = kafkajs.AssignerProtocol;

export const ME = "me-1";
export const CODE = {
	coordinatorNotAvailable: 15,
	notCoordinator: 16,
	illegalGeneration: 22,
	inconsistentProtocol: 23,
	unknownMember: 25,
	invalidSession: 26,
	rebalance: 27,
	denied: 30,
	memberIdRequired: 79,
	full: 81,
} as const;

export type Name =
	| "GroupCoordinator"
	| "JoinGroup"
	| "SyncGroup"
	| "Heartbeat"
	| "OffsetCommit"
	| "LeaveGroup"
	| "DescribeGroups";
// biome-ignore lint/suspicious/noExplicitAny: what was sent is read as the protocol has it.
export type Args = any;
export type Answer = (args: Args) => unknown;

export const failing =
	(errorCode: number): Answer =>
	() => ({ errorCode });
export const never: Answer = () => new Promise(() => {});
export const lost: Answer = () => {
	throw new Error("connection lost");
};

/** The brokers. Everything succeeds, with the member alone in its group, unless told otherwise. */
export class ScriptedGroup {
	readonly asked: { readonly name: Name; readonly args: Args; readonly node: number; readonly role: string }[] = [];
	/** Where the group is coordinated. */
	coordinator = 1;
	metadataAsked = 0;
	readonly unknownNodes = new Set<number>();
	readonly #once = new Map<Name, Answer[]>();
	readonly #always = new Map<Name, Answer>();
	#shared: { readonly memberId: string; readonly memberAssignment: Buffer }[] = [];
	#generation = 0;

	readonly wire = {
		ask: async (name: Name, args: Args) => {
			const broker = { node: 0, role: "any" };
			return { answer: await this.#answer(broker, name, args), broker };
		},
		broker: async (role: string, node: number) => {
			if (this.unknownNodes.has(node)) throw new Error(`broker ${node} is not known`);
			return { node, role };
		},
		metadata: async () => {
			this.metadataAsked += 1;
			this.unknownNodes.clear();
			return {} as Metadata;
		},
		request: (broker: { node: number; role: string }, name: Name, args: Args) => this.#answer(broker, name, args),
	} as unknown as Pick<Wire, "ask" | "broker" | "metadata" | "request">;

	async #answer(broker: { node: number; role: string }, name: Name, args: Args): Promise<unknown> {
		this.asked.push({ name, args, ...broker });
		const answer = this.#once.get(name)?.shift() ?? this.#always.get(name) ?? this.#usual[name];
		return answer(args);
	}

	/** The next answers to a request. */
	next(name: Name, ...answers: readonly Answer[]): void {
		this.#once.set(name, [...(this.#once.get(name) ?? []), ...answers]);
	}

	/** Every answer from now on; null: as usual again. */
	always(name: Name, answer: Answer | null): void {
		if (answer === null) this.#always.delete(name);
		else this.#always.set(name, answer);
	}

	sent(name: Name): Args[] {
		return this.asked.filter((each) => each.name === name).map(({ args }) => args);
	}

	readonly #usual: Readonly<Record<Name, Answer>> = {
		GroupCoordinator: () => ({ errorCode: 0, coordinator: { nodeId: this.coordinator } }),
		JoinGroup: ({ memberId, groupProtocols }) => {
			if (memberId === "") return { errorCode: CODE.memberIdRequired, memberId: ME };
			return this.joined([{ memberId, memberMetadata: groupProtocols[0].metadata }], memberId, memberId);
		},
		SyncGroup: ({ memberId, groupAssignment }) => {
			this.#shared = groupAssignment;
			const own = this.#shared.find((each) => each.memberId === memberId);
			return { errorCode: 0, memberAssignment: own?.memberAssignment ?? Buffer.alloc(0) };
		},
		Heartbeat: failing(0),
		OffsetCommit: () => ({}),
		LeaveGroup: failing(0),
		DescribeGroups: () => ({ groups: [{ errorCode: 0, members: [{}] }] }),
	};

	joined(members: readonly object[], leaderId: string, memberId = ME) {
		this.#generation += 1;
		return { errorCode: 0, generationId: this.#generation, leaderId, memberId, members };
	}
}

export const shareOf = (intents: number[], control = intents): Buffer =>
	MemberAssignment.encode({
		version: 1,
		assignment: { "t.intents": intents, "t.control": control },
		userData: Buffer.alloc(0),
	});

/** An answer to SyncGroup: what another member, the leader, has given to this one. */
export const given =
	(...partitions: number[]): Answer =>
	() => ({ errorCode: 0, memberAssignment: shareOf(partitions) });
