/**
 * A member of a consumer group, for liveness alone: it learns which partitions are its own and reads nothing through the
 * group. Partitions are kept while the group shares anew, as long as the member's id stays the same: two that believe they
 * own a partition cannot harm it, the claims in the ledger see to that.
 *
 * Spoken in single requests (JoinGroup, SyncGroup, Heartbeat, LeaveGroup of the classic protocol) because kafkajs sends
 * heartbeats only between fetches and begins anew at every fault.
 */
import kafkajs from "kafkajs";
import { AssentError } from "../../core/base/errors.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { type Assignment, type AssignmentListener, TOPICS } from "../../ports/log.ts";
import { type Member, share } from "./assigner.ts";
import { denied, isPassing, KAFKA, nameOf, unreachable, whyOf } from "./faults.ts";
import type { Topology } from "./topology.ts";
import type { Wire } from "./wire.ts";

/** Members of one group must speak the same: a new rule needs a new name. */
const PROTOCOL = "assent-together";
const FAULT_PAUSE_MS: DurationMs = 200;
/** How often the group is told what was consumed, for those who look at its lag. */
const COMMIT_EVERY_MS: DurationMs = 5_000;
const LEAVE_MS: DurationMs = 2_000;

export interface MembershipOptions {
	readonly wire: Wire;
	readonly topology: Topology;
	/** The group's name with the deployment's prefix. */
	readonly group: string;
	readonly member: string;
	readonly partitions: number;
	readonly listener: AssignmentListener;
	readonly sessionMs: DurationMs;
	readonly heartbeatMs: DurationMs;
}

export class Membership implements Assignment {
	readonly #of: MembershipOptions;
	#memberId = "";
	#generation = -1;
	#isJoined = false;
	#owned: readonly number[] = [];
	#hasLeft = false;
	/** Wakes the loop from its sleep between heartbeats. */
	#wake: () => void = () => {};
	#committedAt = 0;
	readonly #confirming = new Set<() => void>();

	constructor(of: MembershipOptions) {
		this.#of = of;
	}

	/** Resolves when the group has said what is this member's. Throws ASSENT_LOG_DENIED. */
	async start(): Promise<void> {
		await this.#rejoined((thrown) => {
			throw thrown;
		});
		void this.#live();
	}

	confirm(): Promise<void> {
		if (this.#hasLeft) return Promise.resolve();
		return new Promise((resolve) => {
			this.#confirming.add(resolve);
			this.#wake();
		});
	}

	async leave(): Promise<void> {
		if (this.#hasLeft) return;
		this.#hasLeft = true;
		this.#wake();
		this.#confirmed();
		const memberId = this.#memberId;
		if (memberId === "") return;
		// The loop may wait in a join, which the broker answers late: leaving takes another connection.
		const left = this.#coordinator("ask")
			.then((broker) =>
				this.#of.wire.request(broker, "LeaveGroup", {
					groupId: this.#of.group,
					memberId,
					members: [{ memberId }],
				}),
			)
			.catch(() => {});
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, LEAVE_MS);
		});
		await Promise.race([left, late]);
		clearTimeout(timer);
	}

	async #live(): Promise<void> {
		while (!this.#hasLeft) {
			await this.#sleep(this.#of.heartbeatMs);
			if (this.#hasLeft) return;
			try {
				await this.#beat();
				if (this.#hasLeft) return;
			} catch {
				await this.#sleep(FAULT_PAUSE_MS);
				continue;
			}
			if (this.#isJoined) {
				this.#confirmed();
				await this.#commit().catch(() => {});
			} else await this.#rejoined(() => {});
		}
	}

	#sleep(ms: DurationMs): Promise<void> {
		if (this.#hasLeft) return Promise.resolve();
		return new Promise((resolve) => {
			const end = (): void => {
				clearTimeout(timer);
				this.#wake = () => {};
				resolve();
			};
			const timer = setTimeout(end, ms);
			this.#wake = end;
		});
	}

	async #beat(): Promise<void> {
		const { wire, group } = this.#of;
		const broker = await this.#coordinator("group");
		const { errorCode } = await wire.request(broker, "Heartbeat", {
			groupId: group,
			groupGenerationId: this.#generation,
			memberId: this.#memberId,
		});
		switch (errorCode) {
			case KAFKA.none:
				return;
			case KAFKA.unknownMember:
				this.#expelled();
				return;
			case KAFKA.rebalanceInProgress:
			case KAFKA.illegalGeneration:
				this.#isJoined = false;
				return;
			default:
				throw unreachable("the group's coordinator", nameOf(errorCode));
		}
	}

	/** Offsets for lag displays: where a partition is taken up again stands in its ledger. */
	async #commit(): Promise<void> {
		const { wire, topology, group, listener } = this.#of;
		const now = performance.now();
		const consumed = listener.consumed?.() ?? [];
		if (consumed.length === 0 || now - this.#committedAt < COMMIT_EVERY_MS) return;
		this.#committedAt = now;
		const topics = INPUTS.map((name) => ({
			topic: topology.nameOf(name),
			partitions: consumed
				.filter(({ topic }) => topic === name)
				.map(({ partition, at }) => ({ partition, offset: String(at) })),
		}));
		const broker = await this.#coordinator("group");
		await wire.request(broker, "OffsetCommit", {
			groupId: group,
			groupGenerationId: this.#generation,
			memberId: this.#memberId,
			topics: topics.filter(({ partitions }) => partitions.length > 0),
		});
	}

	/** The group went on without this member: others may own what it owned. */
	#expelled(): void {
		if (this.#hasLeft) return;
		this.#isJoined = false;
		this.#memberId = "";
		const lost = this.#owned;
		this.#owned = [];
		if (lost.length > 0) this.#of.listener.onLost(lost, "the group heard nothing from this member for too long");
	}

	#confirmed(): void {
		for (const resolve of this.#confirming) resolve();
		this.#confirming.clear();
	}

	/** Joins until it is joined, or has left. What no second try can mend goes to `refused`, and is tried again if that returns. */
	async #rejoined(refused: (thrown: AssentError) => void): Promise<void> {
		while (!this.#hasLeft) {
			try {
				if (await this.#join()) {
					this.#confirmed();
					return;
				}
			} catch (thrown) {
				const isRefused =
					thrown instanceof AssentError && (thrown.code === "ASSENT_LOG_DENIED" || thrown.code === "ASSENT_LOG_TOPIC");
				if (isRefused) refused(thrown);
			}
			await this.#sleep(FAULT_PAUSE_MS);
		}
	}

	/** One round of joining; false: the group asks for another. */
	async #join(): Promise<boolean> {
		const { wire, topology, group, member, sessionMs } = this.#of;
		const broker = await this.#coordinator("group");
		// Who has left must not come back by an answer that was late.
		if (this.#hasLeft) return true;
		const userData = Buffer.from(JSON.stringify({ member, owned: this.#owned }));
		const topics = INPUTS.map((topic) => topology.nameOf(topic));
		const joined = await wire.request(broker, "JoinGroup", {
			groupId: group,
			sessionTimeout: sessionMs,
			rebalanceTimeout: sessionMs,
			memberId: this.#memberId,
			protocolType: "consumer",
			groupProtocols: [
				{ name: PROTOCOL, metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData }) },
			],
		});
		if (this.#hasLeft) return true;
		if (joined.errorCode === KAFKA.memberIdRequired) {
			this.#memberId = joined.memberId;
			return this.#join();
		}
		if (joined.errorCode === KAFKA.unknownMember) {
			this.#expelled();
			return this.#join();
		}
		if (joined.errorCode !== KAFKA.none) return this.#mustJoinAgain(joined.errorCode);
		this.#memberId = joined.memberId;
		this.#generation = joined.generationId;
		const synced = await wire.request(broker, "SyncGroup", {
			groupId: group,
			generationId: joined.generationId,
			memberId: joined.memberId,
			groupAssignment: joined.leaderId === joined.memberId ? this.#shared(joined.members) : [],
		});
		if (this.#hasLeft) return true;
		if (synced.errorCode === KAFKA.unknownMember) this.#expelled();
		if (synced.errorCode !== KAFKA.none) return this.#mustJoinAgain(synced.errorCode);
		this.#isJoined = true;
		const decoded = kafkajs.AssignerProtocol.MemberAssignment.decode(synced.memberAssignment);
		this.#own(decoded?.assignment[topology.nameOf(TOPICS.intents)] ?? []);
		return true;
	}

	#mustJoinAgain(code: number): false {
		if (code === KAFKA.groupDenied) throw new AssentError(denied(`joining the group \`${this.#of.group}\``));
		if (code === KAFKA.topicDenied) throw new AssentError(denied("reading the group's topics"));
		if (!isPassing(code) && code !== KAFKA.rebalanceInProgress && code !== KAFKA.unknownMember)
			throw unreachable(`the group \`${this.#of.group}\``, nameOf(code));
		return false;
	}

	/** As the group's leader: everybody's share. */
	#shared(members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]): object[] {
		const { topology, partitions } = this.#of;
		const shares = share(members.map(memberOf), partitions);
		return [...shares].map(([memberId, own]) => ({
			memberId,
			memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
				version: 1,
				assignment: Object.fromEntries(INPUTS.map((topic) => [topology.nameOf(topic), [...own]])),
				userData: Buffer.alloc(0),
			}),
		}));
	}

	#own(partitions: readonly number[]): void {
		const before = new Set(this.#owned);
		const now = new Set(partitions);
		this.#owned = partitions;
		const lost = [...before].filter((partition) => !now.has(partition));
		const gained = partitions.filter((partition) => !before.has(partition));
		if (lost.length > 0) this.#of.listener.onLost(lost, "the group shared the partitions anew");
		if (gained.length > 0) this.#of.listener.onAssigned(gained);
	}

	/** A connection to the broker that coordinates the group. */
	async #coordinator(role: "group" | "ask") {
		const { wire, group } = this.#of;
		try {
			const { errorCode, coordinator } = await wire.request(await wire.anyBroker(), "GroupCoordinator", {
				coordinatorKey: group,
				groupId: group,
				coordinatorType: 0,
			});
			if (errorCode === KAFKA.groupDenied) throw new AssentError(denied(`seeing the group \`${group}\``));
			if (errorCode !== KAFKA.none) throw unreachable(`the coordinator of \`${group}\``, nameOf(errorCode));
			return await wire.broker(role, coordinator.nodeId);
		} catch (thrown) {
			if (thrown instanceof AssentError) throw thrown;
			throw unreachable(`the coordinator of \`${group}\``, whyOf(thrown));
		}
	}
}

/** One assignment counts for both: see the assigner. */
const INPUTS = [TOPICS.intents, TOPICS.control];

/** What a member says of itself; one that says nothing readable owns nothing. */
function memberOf({ memberId, memberMetadata }: { memberId: string; memberMetadata: Buffer }): Member {
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
