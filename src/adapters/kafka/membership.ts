/**
 * A member of a consumer group, for liveness alone: it learns which partitions are its own and reads nothing through the
 * group. Partitions are kept while the group shares anew, as long as the member's id stays the same: two that believe they
 * own a partition cannot harm it, the claims in the ledger see to that.
 *
 * A group that refuses a member, or is silent for as long as a session, is a fault that the listener is told (group-fault.ts):
 * what the member owns stays its own meanwhile, and it joins again as soon as it may.
 *
 * Spoken in single requests (JoinGroup, SyncGroup, Heartbeat, LeaveGroup of the classic protocol) because kafkajs sends
 * heartbeats only between fetches and begins anew at every fault.
 */
import { AssentError } from "../../core/base/errors.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { type Assignment, type AssignmentListener, TOPICS } from "../../ports/log.ts";
import { groupFaultOf, KAFKA, unreachable, whyOf } from "./faults.ts";
import { GroupFault, isRefusal } from "./group-fault.ts";
import { introduction, ownIn, PROTOCOL, sharesOf } from "./group-protocol.ts";
import type { Topology } from "./topology.ts";
import type { Wire } from "./wire.ts";

const FAULT_PAUSE_MS: DurationMs = 200;
/** How often the group is told what was consumed, for those who look at its lag. */
const COMMIT_EVERY_MS: DurationMs = 5_000;
const LEAVE_MS: DurationMs = 2_000;

export interface MembershipOptions {
	readonly wire: Pick<Wire, "anyBroker" | "broker" | "metadata" | "request">;
	readonly topology: Pick<Topology, "nameOf">;
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
	readonly #fault: GroupFault;

	constructor(of: MembershipOptions) {
		this.#of = of;
		const tell = (fault: AssentError | null): void => of.listener.onFault?.(fault);
		this.#fault = new GroupFault({ tell, patienceMs: of.sessionMs });
	}

	/** Resolves when the group has said what is this member's. Throws ASSENT_LOG_DENIED and ASSENT_LOG_SETTINGS. */
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
			} catch (thrown) {
				this.#failed(thrown);
				await this.#sleep(FAULT_PAUSE_MS);
				continue;
			}
			if (this.#hasLeft) return;
			if (this.#isJoined) {
				this.#counted();
				await this.#commit().catch(() => {});
			} else await this.#rejoined((refusal) => this.#fault.met(refusal));
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
				throw groupFaultOf(errorCode, this.#of);
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

	/** The group has said that this member is one of it, or who is. */
	#counted(): void {
		this.#fault.over();
		this.#confirmed();
	}

	#failed(thrown: unknown): void {
		if (this.#hasLeft) return;
		this.#fault.met(
			thrown instanceof AssentError ? thrown : unreachable(`the group \`${this.#of.group}\``, whyOf(thrown)),
		);
	}

	#confirmed(): void {
		for (const resolve of this.#confirming) resolve();
		this.#confirming.clear();
	}

	/** Joins until it is joined, or has left. What no second try can mend goes to `refused`, and is tried again if that returns. */
	async #rejoined(refused: (refusal: AssentError) => void): Promise<void> {
		while (!this.#hasLeft) {
			try {
				if (await this.#join()) {
					if (!this.#hasLeft) this.#counted();
					return;
				}
			} catch (thrown) {
				if (isRefusal(thrown) && !this.#hasLeft) refused(thrown);
				else this.#failed(thrown);
			}
			await this.#sleep(FAULT_PAUSE_MS);
		}
	}

	/** One round of joining; false: the group asks for another. */
	async #join(): Promise<boolean> {
		const { wire, topology, group, member, partitions, sessionMs } = this.#of;
		const broker = await this.#coordinator("group");
		// Who has left must not come back by an answer that was late.
		if (this.#hasLeft) return true;
		const metadata = introduction({ topics: this.#inputs(), member, owned: this.#owned });
		const joined = await wire.request(broker, "JoinGroup", {
			groupId: group,
			sessionTimeout: sessionMs,
			rebalanceTimeout: sessionMs,
			memberId: this.#memberId,
			protocolType: "consumer",
			groupProtocols: [{ name: PROTOCOL, metadata }],
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
		const isLeader = joined.leaderId === joined.memberId;
		const synced = await wire.request(broker, "SyncGroup", {
			groupId: group,
			generationId: joined.generationId,
			memberId: joined.memberId,
			groupAssignment: isLeader ? sharesOf(joined.members, { topics: this.#inputs(), partitions }) : [],
		});
		if (this.#hasLeft) return true;
		if (synced.errorCode === KAFKA.unknownMember) this.#expelled();
		if (synced.errorCode !== KAFKA.none) return this.#mustJoinAgain(synced.errorCode);
		this.#isJoined = true;
		this.#own(ownIn(synced.memberAssignment, topology.nameOf(TOPICS.intents)));
		return true;
	}

	/** False: the group asks for another round. */
	#mustJoinAgain(code: number): false {
		if (JOIN_AGAIN.has(code)) return false;
		throw groupFaultOf(code, this.#of);
	}

	#inputs(): readonly string[] {
		return INPUTS.map((topic) => this.#of.topology.nameOf(topic));
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
		const { errorCode, coordinator } = await wire.request(await wire.anyBroker(), "GroupCoordinator", {
			coordinatorKey: group,
			groupId: group,
			coordinatorType: 0,
		});
		if (errorCode !== KAFKA.none) throw groupFaultOf(errorCode, this.#of);
		try {
			return await wire.broker(role, coordinator.nodeId);
		} catch (thrown) {
			// It may be new, or have another address: the next try finds it where metadata says.
			await wire.metadata([]).catch(() => {});
			throw thrown;
		}
	}
}

/** What is no fault: the group went on meanwhile. */
const JOIN_AGAIN: ReadonlySet<number> = new Set<number>([
	KAFKA.rebalanceInProgress,
	KAFKA.illegalGeneration,
	KAFKA.unknownMember,
]);

/** One assignment counts for both: see the assigner. */
const INPUTS = [TOPICS.intents, TOPICS.control];
