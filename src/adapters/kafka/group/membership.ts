/**
 * A member of a consumer group, for liveness alone: it learns which partitions are its own and reads nothing through the
 * group. Partitions are kept while the group rebalances, as long as the member's id stays the same: two that believe they
 * own a partition cannot harm it, the claims in the ledger see to that.
 *
 * What moves is given up first and taken up then: a member that loses a partition says so when nothing more of it is under way,
 * and only then does the group give it to another.
 *
 * A group that refuses a member, or is silent for as long as a session, is a fault that the listener is told (group-fault.ts):
 * what the member owns stays its own meanwhile, and it joins again as soon as it may. A member that no broker at all answers in
 * time stands aside: it gives up what it owns at once, rather than keep it for a session from those who are answered.
 *
 * Spoken in single requests (JoinGroup, SyncGroup, Heartbeat, LeaveGroup of the classic protocol) because kafkajs sends
 * heartbeats only between fetches and starts again at every fault.
 */
import { AssentError } from "../../../core/base/errors.ts";
import type { DurationMs } from "../../../core/model/units.ts";
import { type Assignment, type AssignmentListener, TOPICS } from "../../../ports/log/log.ts";
import { CutOff, groupFaultOf, KAFKA, unreachable, whyOf } from "../network/faults.ts";
import type { Topology } from "../network/topology.ts";
import type { Wire } from "../network/wire.ts";
import { Coordinator, LATE_MS } from "./coordinator.ts";
import { GroupFault, isRefusal } from "./group-fault.ts";
import { introduction, ownIn, PROTOCOL, sharesOf } from "./group-protocol.ts";
import { Ownership } from "./ownership.ts";
import { INPUT_TOPICS, ShownOffsets } from "./shown-offsets.ts";

const FAULT_PAUSE_MS: DurationMs = 200;
const LEAVE_MS: DurationMs = 2_000;
/** A heartbeat that is not answered within a third of a session is asked of whoever coordinates by then. */
const BEATS_A_SESSION = 3;
/** Beyond a session, how long the group waits for a member that lives to join again. */
const REBALANCE_MS: DurationMs = 10_000;
/** Beyond that, what the answer to a join may take. */
const NETWORK_MS: DurationMs = 5_000;
const ASK_MS: DurationMs = 10_000;
/** Between two looks whether brokers answer a member that stands aside. */
const ASIDE_PAUSE_MS: DurationMs = 500;

export interface MembershipOptions {
	readonly wire: Pick<Wire, "ask" | "broker" | "metadata" | "request">;
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
	readonly #options: MembershipOptions;
	#memberId = "";
	#generation = -1;
	#isJoined = false;
	#hasLeft = false;
	/** Wakes the loop from its sleep between heartbeats. */
	#wake: () => void = () => {};
	readonly #confirming = new Set<() => void>();
	readonly #fault: GroupFault;
	readonly #coordinator: Coordinator;
	/** It has been answered in time since it joined. */
	#isHeard = false;
	readonly #ownership: Ownership;
	readonly #offsets: ShownOffsets;

	constructor(options: MembershipOptions) {
		this.#options = options;
		this.#ownership = new Ownership(options, () => this.#wake());
		this.#coordinator = new Coordinator({ ...options, hasLeft: () => this.#hasLeft });
		this.#offsets = new ShownOffsets(options, this.#coordinator);
		const tell = (fault: AssentError | null): void => options.listener.onFault?.(fault);
		this.#fault = new GroupFault({ tell, patienceMs: options.sessionMs });
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
		const left = this.#tellLeaving(memberId, "ask");
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, LEAVE_MS);
		});
		await Promise.race([left, late]);
		clearTimeout(timer);
	}

	/** The loop may wait in a join, which the broker answers late: leaving takes another connection. */
	async #tellLeaving(memberId: string, role: "ask" | "group"): Promise<void> {
		const args = { groupId: this.#options.group, memberId, members: [{ memberId }] };
		await this.#coordinator.requestPatiently(role, "LeaveGroup", args, ASK_MS).catch(() => {});
	}

	async #live(): Promise<void> {
		while (!this.#hasLeft) {
			await this.#sleep(this.#ownership.hasLetGo ? 0 : this.#options.heartbeatMs);
			if (this.#hasLeft) return;
			try {
				if (this.#ownership.hasLetGo) this.#isJoined = false;
				else await this.#beat();
			} catch (thrown) {
				this.#failed(thrown);
				const isAside = thrown instanceof CutOff && (await this.#standAside());
				if (!isAside) {
					// What it keeps though nobody answers it in time it may claim again, for there is nobody to ask.
					if (thrown instanceof CutOff) this.#confirmed();
					await this.#sleep(FAULT_PAUSE_MS);
					continue;
				}
			}
			if (this.#hasLeft) return;
			if (this.#isJoined) {
				this.#counted();
				// Not waited for: it waits for copies of the offsets, and no heartbeat may be behind it.
				this.#offsets.commit({ generation: this.#generation, memberId: this.#memberId }).catch(() => {});
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
		const { group, sessionMs } = this.#options;
		const args = { groupId: group, groupGenerationId: this.#generation, memberId: this.#memberId };
		const limitMs = Math.max(sessionMs / BEATS_A_SESSION, 2 * LATE_MS);
		const { errorCode } = await this.#coordinator.request("group", "Heartbeat", args, limitMs);
		switch (errorCode) {
			case KAFKA.none:
				this.#isHeard = true;
				return;
			case KAFKA.unknownMember:
				this.#expelled();
				return;
			case KAFKA.rebalanceInProgress:
			case KAFKA.illegalGeneration:
				this.#isJoined = false;
				return;
			default:
				throw groupFaultOf(errorCode, this.#options);
		}
	}

	/**
	 * What it owns is others' as soon as they hear that it leaves. Resolves when somebody answers it again, or nobody else is
	 * there: then slow answers are better than none. False: it has stayed, for a cluster that never answered it in time is not
	 * left, nor is one by a member that owns nothing.
	 */
	async #standAside(): Promise<boolean> {
		if (!this.#isHeard || this.#ownership.isEmpty) return false;
		this.#isHeard = false;
		this.#isJoined = false;
		// Whichever of the two connections is there.
		for (const role of ["group", "ask"] as const) void this.#tellLeaving(this.#memberId, role);
		this.#ownership.giveUp("no broker answers this member in time");
		while (!this.#hasLeft && !(await this.#isToReturn())) await this.#sleep(ASIDE_PAUSE_MS);
		return true;
	}

	async #isToReturn(): Promise<boolean> {
		const askedAt = performance.now();
		try {
			const args = { groupIds: [this.#options.group] };
			const { groups } = await this.#coordinator.requestPatiently("ask", "DescribeGroups", args, ASK_MS);
			if (performance.now() - askedAt < LATE_MS) return true;
			return groups[0]?.errorCode === KAFKA.none && groups[0].members.length === 0;
		} catch (thrown) {
			this.#coordinator.forget();
			this.#failed(thrown);
			return false;
		}
	}

	/** The group went on without this member: others may own what it owned. */
	#expelled(): void {
		if (this.#hasLeft) return;
		this.#isJoined = false;
		this.#memberId = "";
		this.#ownership.giveUpAll("the group heard nothing from this member for too long");
	}

	/** The group has said that this member is one of it, or who is. */
	#counted(): void {
		this.#fault.over();
		this.#confirmed();
	}

	#failed(thrown: unknown): void {
		// A member that is cut off still has something to report.
		if (!(thrown instanceof CutOff)) this.#coordinator.forget();
		if (this.#hasLeft) return;
		this.#fault.met(
			thrown instanceof AssentError ? thrown : unreachable(`the group \`${this.#options.group}\``, whyOf(thrown)),
		);
	}

	#confirmed(): void {
		for (const resolve of this.#confirming) resolve();
		this.#confirming.clear();
	}

	/** Joins until it is joined, or has left. What no second try can fix goes to `refused`, and is tried again if that returns. */
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
				if (thrown instanceof CutOff) await this.#standAside();
			}
			await this.#sleep(FAULT_PAUSE_MS);
		}
	}

	/** One round of joining; false: the group asks for another. */
	async #join(): Promise<boolean> {
		const { topology, group, member, partitions, sessionMs } = this.#options;
		const metadata = introduction({ topics: this.#inputs(), member, owned: this.#ownership.tell() });
		// A busy member rejoins late and is no less alive for it: a dead one is found out by its heartbeats.
		const rebalanceMs = sessionMs + REBALANCE_MS;
		const limitMs = rebalanceMs + NETWORK_MS;
		const joining = {
			groupId: group,
			sessionTimeout: sessionMs,
			rebalanceTimeout: rebalanceMs,
			memberId: this.#memberId,
			protocolType: "consumer",
			groupProtocols: [{ name: PROTOCOL, metadata }],
		};
		const joined = await this.#coordinator.request("group", "JoinGroup", joining, limitMs);
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
		const sharing = {
			groupId: group,
			generationId: joined.generationId,
			memberId: joined.memberId,
			groupAssignment: isLeader ? sharesOf(joined.members, { topics: this.#inputs(), partitions }) : [],
		};
		const synced = await this.#coordinator.request("group", "SyncGroup", sharing, limitMs);
		if (this.#hasLeft) return true;
		if (synced.errorCode === KAFKA.unknownMember) this.#expelled();
		if (synced.errorCode !== KAFKA.none) return this.#mustJoinAgain(synced.errorCode);
		this.#isJoined = true;
		this.#ownership.become(ownIn(synced.memberAssignment, topology.nameOf(TOPICS.intents)));
		return true;
	}

	/** False: the group asks for another round. */
	#mustJoinAgain(code: number): false {
		if (JOIN_AGAIN.has(code)) return false;
		throw groupFaultOf(code, this.#options);
	}

	#inputs(): readonly string[] {
		return INPUT_TOPICS.map((topic) => this.#options.topology.nameOf(topic));
	}
}

/** What is no fault: the group went on meanwhile. */
const JOIN_AGAIN: ReadonlySet<number> = new Set<number>([
	KAFKA.rebalanceInProgress,
	KAFKA.illegalGeneration,
	KAFKA.unknownMember,
]);
