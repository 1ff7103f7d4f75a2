/** A member and a group that answers what the test says, on time that the test moves. */
import kafkajs from "kafkajs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Membership } from "../../../../../src/adapters/kafka/group/membership.ts";
import type { AssentError } from "../../../../../src/core/base/errors.ts";
import type { AssignmentListener } from "../../../../../src/ports/log/log.ts";
import {
	type Answer,
	type Args,
	CODE,
	failing,
	given,
	lost,
	ME,
	type Name,
	never,
	ScriptedGroup,
	shareOf,
} from "../../../../support/kafka/scripted-group.ts";

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

const HEARTBEAT_MS = 250;
const SESSION_MS = 6_000;
/** After a try that failed. */
const PAUSE_MS = 200;
/** Writes down what it hears. */
class Heard implements AssignmentListener {
	readonly told: string[] = [];
	readonly faults: (AssentError | null)[] = [];
	offsets: ReturnType<NonNullable<AssignmentListener["consumed"]>> = [];
	onAssigned(partitions: readonly number[]): void {
		this.told.push(`+${partitions}`);
	}
	/** What is under way on what was lost. */
	finishing: Promise<void> = Promise.resolve();
	onLost(partitions: readonly number[]): Promise<void> {
		this.told.push(`-${partitions}`);
		return this.finishing;
	}
	onFault(fault: AssentError | null): void {
		this.faults.push(fault);
	}
	consumed() {
		return this.offsets;
	}
	get codes(): (string | null)[] {
		return this.faults.map((fault) => fault?.code ?? null);
	}
}

let group: ScriptedGroup;
let heard: Heard;
let member: Membership;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
	group = new ScriptedGroup();
	heard = new Heard();
	member = new Membership({
		wire: group.wire,
		topology: { nameOf: (topic) => `t.${topic}` },
		group: "t.processor",
		member: "p1",
		partitions: 4,
		listener: heard,
		sessionMs: SESSION_MS,
		heartbeatMs: HEARTBEAT_MS,
	});
});

afterEach(async () => {
	const left = member.leave();
	await pass(SESSION_MS);
	await left;
	vi.useRealTimers();
});

const pass = async (ms: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms));
const aHeartbeat = (): Promise<void> => pass(HEARTBEAT_MS);
const isOver = async (promise: Promise<unknown>): Promise<boolean> => {
	let over = false;
	promise.then(
		() => {
			over = true;
		},
		() => {
			over = true;
		},
	);
	await pass(0);
	return over;
};

/** What it says of itself when it joins. */
const saidAt = (join: Args): unknown =>
	JSON.parse(String(MemberMetadata.decode(join.groupProtocols[0].metadata)?.userData));

const metadataOf = (said: string): Buffer =>
	MemberMetadata.encode({ version: 1, topics: ["t.intents"], userData: Buffer.from(said) });

describe("joining", () => {
	it("takes the id that the group gives, and alone in it owns everything", async () => {
		await member.start();
		expect(group.sent("JoinGroup").map(({ memberId }) => memberId)).toEqual(["", ME]);
		expect(group.sent("JoinGroup")[1]).toMatchObject({
			groupId: "t.processor",
			sessionTimeout: SESSION_MS,
			protocolType: "consumer",
		});
		expect(heard.told).toEqual(["+0,1,2,3"]);
	});

	it("as the leader shares out every partition, of both inputs alike, and leaves to others what they own", async () => {
		group.next("JoinGroup", failing(CODE.coordinatorNotAvailable), ({ groupProtocols }) =>
			group.joined(
				[
					{ memberId: ME, memberMetadata: groupProtocols[0].metadata },
					{ memberId: "other", memberMetadata: metadataOf('{"member":"p2","owned":[0,3]}') },
				],
				ME,
			),
		);
		const started = member.start();
		await pass(PAUSE_MS);
		await started;
		const [sync] = group.sent("SyncGroup");
		const shares = sync.groupAssignment.map((each: { memberId: string; memberAssignment: Buffer }) => [
			each.memberId,
			MemberAssignment.decode(each.memberAssignment)?.assignment,
		]);
		expect(Object.fromEntries(shares)).toEqual({
			[ME]: { "t.intents": [1, 2], "t.control": [1, 2] },
			other: { "t.intents": [0, 3], "t.control": [0, 3] },
		});
		expect(heard.told).toEqual(["+1,2"]);
	});

	it.each(["not json", "null", '"text"', '{"owned":"0"}', '{"owned":7}', '{"owned":[0.5]}'])(
		"as the leader gives a share to a member that says of itself only %s",
		async (said) => {
			group.next("JoinGroup", ({ groupProtocols }) =>
				group.joined(
					[
						{ memberId: ME, memberMetadata: groupProtocols[0].metadata },
						{ memberId: "odd", memberMetadata: metadataOf(said) },
						{ memberId: "odder", memberMetadata: Buffer.from([0, 9]) },
					],
					ME,
				),
			);
			await member.start();
			expect(group.sent("SyncGroup")[0].groupAssignment).toHaveLength(3);
			expect(heard.told).toHaveLength(1);
		},
	);

	it("as a follower takes what the leader gives, and shares out nothing", async () => {
		group.next("JoinGroup", () => group.joined([], "other"));
		group.next("SyncGroup", given(1, 3));
		await member.start();
		expect(group.sent("SyncGroup")[0]).toMatchObject({ memberId: ME, generationId: 1, groupAssignment: [] });
		expect(heard.told).toEqual(["+1,3"]);
		await aHeartbeat();
		expect(group.sent("Heartbeat")).toMatchObject([{ memberId: ME, groupGenerationId: 1 }]);
	});

	it("is a member without partitions where the leader gives none", async () => {
		group.next("JoinGroup", () => group.joined([], "other"));
		group.next("SyncGroup", () => ({ errorCode: 0, memberAssignment: Buffer.alloc(0) }));
		await member.start();
		expect(heard.told).toEqual([]);
	});

	it("goes on until the group answers: coordinators that load, connections that break, rounds that start again", async () => {
		group.next("GroupCoordinator", lost, failing(CODE.coordinatorNotAvailable));
		group.next("JoinGroup", lost, failing(CODE.notCoordinator), failing(CODE.rebalance));
		group.next(
			"SyncGroup",
			failing(CODE.rebalance),
			failing(CODE.illegalGeneration),
			failing(CODE.unknownMember),
			lost,
		);
		const started = member.start();
		await pass(8 * PAUSE_MS);
		expect(await isOver(started)).toBe(false);
		await pass(PAUSE_MS);
		await started;
		expect(heard.told).toEqual(["+0,1,2,3"]);
		expect(heard.faults).toEqual([]);
	});

	it("starts again with an id that the group has forgotten", async () => {
		group.next("JoinGroup", () => ({ errorCode: CODE.memberIdRequired, memberId: "old" }), failing(CODE.unknownMember));
		await member.start();
		expect(group.sent("JoinGroup").map(({ memberId }) => memberId)).toEqual(["", "old", "", ME]);
	});

	it.each([
		["GroupCoordinator", CODE.denied, "ASSENT_LOG_DENIED", /the group `t\.processor` \(.*topics acl --print/],
		["JoinGroup", CODE.denied, "ASSENT_LOG_DENIED", /topics acl --print/],
		["SyncGroup", CODE.denied, "ASSENT_LOG_DENIED", /topics acl --print/],
		["JoinGroup", CODE.invalidSession, "ASSENT_LOG_SETTINGS", /6000 ms .*kafka\.sessionTimeout/],
		["JoinGroup", CODE.full, "ASSENT_LOG_SETTINGS", /is full .*group\.max\.size/],
		["JoinGroup", CODE.inconsistentProtocol, "ASSENT_LOG_SETTINGS", /by another rule/],
	] as const)("is refused by %s with %i: %s, which is thrown", async (name, errorCode, code, message) => {
		group.always(name, failing(errorCode));
		await expect(member.start()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
		expect(heard.told).toEqual([]);
	});

	it("says that the group does not answer once a session has passed, and that it does", async () => {
		group.always("GroupCoordinator", failing(CODE.coordinatorNotAvailable));
		const started = member.start();
		await pass(SESSION_MS - PAUSE_MS);
		expect(heard.faults).toEqual([]);
		await pass(2 * PAUSE_MS);
		expect(heard.codes).toEqual(["ASSENT_LOG_UNAVAILABLE"]);
		group.always("GroupCoordinator", null);
		await pass(PAUSE_MS);
		await started;
		expect(heard.codes).toEqual(["ASSENT_LOG_UNAVAILABLE", null]);
	});
});

describe("a member", () => {
	beforeEach(() => member.start());

	it("shows at every heartbeat that it is alive, on the connection for what may wait", async () => {
		await pass(4 * HEARTBEAT_MS);
		const beats = group.asked.filter(({ name }) => name === "Heartbeat");
		expect(beats).toHaveLength(4);
		expect(beats[0]).toMatchObject({
			node: 1,
			role: "group",
			args: { groupId: "t.processor", groupGenerationId: 1, memberId: ME },
		});
	});

	it.each([CODE.rebalance, CODE.illegalGeneration])(
		"joins again under its id when the group rebalances (%i), and hears only of what changed",
		async (code) => {
			group.next("Heartbeat", failing(code));
			group.always("JoinGroup", () => group.joined([], "other"));
			group.always("SyncGroup", given(0, 2, 5));
			await aHeartbeat();
			const join = group.sent("JoinGroup")[2];
			expect(join.memberId).toBe(ME);
			expect(saidAt(join)).toEqual({ member: "p1", owned: [0, 1, 2, 3] });
			expect(heard.told).toEqual(["+0,1,2,3", "-1,3", "+5"]);
			await pass(HEARTBEAT_MS + 10);
			expect(group.sent("Heartbeat").at(-1)).toMatchObject({ groupGenerationId: 3, memberId: ME });
		},
	);

	it("that the group has given up loses all that it owned at once, and joins as a new one that owns nothing", async () => {
		group.next("Heartbeat", failing(CODE.unknownMember));
		group.next("JoinGroup", never);
		await aHeartbeat();
		expect(heard.told).toEqual(["+0,1,2,3", "-0,1,2,3"]);
		const join = group.sent("JoinGroup").at(-1);
		expect(join.memberId).toBe("");
		expect(saidAt(join)).toEqual({ member: "p1", owned: [] });
	});

	it("that the group gives up while it joins again loses what it owned", async () => {
		group.next("Heartbeat", failing(CODE.rebalance));
		group.next("JoinGroup", failing(CODE.unknownMember));
		await aHeartbeat();
		expect(heard.told).toEqual(["+0,1,2,3", "-0,1,2,3", "+0,1,2,3"]);
	});

	it("that the group gives up between joining and its share loses what it owned", async () => {
		group.next("Heartbeat", failing(CODE.rebalance));
		group.next("SyncGroup", failing(CODE.unknownMember));
		await aHeartbeat();
		expect(heard.told).toEqual(["+0,1,2,3", "-0,1,2,3"]);
		await pass(PAUSE_MS);
		expect(heard.told).toEqual(["+0,1,2,3", "-0,1,2,3", "+0,1,2,3"]);
	});

	it("follows its group to another broker, and loses nothing", async () => {
		group.next("Heartbeat", failing(CODE.notCoordinator));
		await aHeartbeat();
		group.coordinator = 2;
		await pass(PAUSE_MS + HEARTBEAT_MS);
		expect(group.asked.filter(({ name }) => name === "Heartbeat").map(({ node }) => node)).toEqual([1, 2]);
		expect(heard.told).toEqual(["+0,1,2,3"]);
	});

	it("asks where brokers are when its group moves to one that is not known", async () => {
		group.next("Heartbeat", failing(CODE.notCoordinator));
		await aHeartbeat();
		group.coordinator = 3;
		group.unknownNodes.add(3);
		await pass(PAUSE_MS + HEARTBEAT_MS);
		expect([group.metadataAsked, group.sent("Heartbeat").length]).toEqual([1, 1]);
		await pass(PAUSE_MS + HEARTBEAT_MS);
		expect(group.asked.filter(({ name }) => name === "Heartbeat").map(({ node }) => node)).toEqual([1, 3]);
	});

	it("keeps what it owns while connections break, and tries again after a pause", async () => {
		group.always("Heartbeat", lost);
		await pass(5 * (HEARTBEAT_MS + PAUSE_MS));
		expect(group.sent("Heartbeat")).toHaveLength(5);
		group.always("Heartbeat", null);
		await pass(HEARTBEAT_MS + PAUSE_MS);
		expect(heard).toMatchObject({ told: ["+0,1,2,3"], faults: [] });
		expect(group.sent("JoinGroup")).toHaveLength(2);
	});

	it("tells the group now and then what was consumed, by the broker's names, and bears that nobody listens", async () => {
		heard.offsets = [
			{ topic: "intents", partition: 2, offset: 7 },
			{ topic: "intents", partition: 0, offset: 5 },
		];
		group.next("OffsetCommit", lost);
		await pass(10_000);
		const committed = group.sent("OffsetCommit");
		expect(committed.length).toBeGreaterThanOrEqual(2);
		expect(committed.length).toBeLessThanOrEqual(3);
		expect(committed[0]).toMatchObject({
			memberId: ME,
			topics: [
				{
					topic: "t.intents",
					partitions: [
						{ partition: 2, offset: "7" },
						{ partition: 0, offset: "5" },
					],
				},
			],
		});
		expect(heard).toMatchObject({ told: ["+0,1,2,3"], faults: [] });
	});
});

describe("a partition that moves", () => {
	const other = (owned: number[]) => ({
		memberId: "other",
		memberMetadata: metadataOf(JSON.stringify({ member: "p2", owned })),
	});
	const sharesOf = (sync: Args): Record<string, unknown> =>
		Object.fromEntries(
			sync.groupAssignment.map((each: { memberId: string; memberAssignment: Buffer }) => [
				each.memberId,
				MemberAssignment.decode(each.memberAssignment)?.assignment["t.intents"],
			]),
		);

	it("is given to nobody until its owner has let it go, and to the other one then", async () => {
		await member.start();
		const { promise, resolve } = Promise.withResolvers<void>();
		heard.finishing = promise;
		group.next("Heartbeat", failing(CODE.rebalance));
		group.always("JoinGroup", ({ groupProtocols }) =>
			group.joined([{ memberId: ME, memberMetadata: groupProtocols[0].metadata }, other([])], ME),
		);
		await aHeartbeat();
		expect(heard.told).toEqual(["+0,1,2,3", "-2,3"]);
		expect(sharesOf(group.sent("SyncGroup").at(-1))).toEqual({ [ME]: [0, 1], other: [] });
		const joins = group.sent("JoinGroup").length;
		await pass(2 * HEARTBEAT_MS);
		expect(group.sent("JoinGroup")).toHaveLength(joins);
		resolve();
		await pass(0);
		expect(saidAt(group.sent("JoinGroup").at(-1))).toEqual({ member: "p1", owned: [0, 1] });
		expect(sharesOf(group.sent("SyncGroup").at(-1))).toEqual({ [ME]: [0, 1], other: [2, 3] });
		expect(heard.told).toEqual(["+0,1,2,3", "-2,3"]);
	});

	it("is not kept from the other one by an owner that does not finish within a session", async () => {
		await member.start();
		heard.finishing = new Promise(() => {});
		group.next("Heartbeat", failing(CODE.rebalance));
		group.always("JoinGroup", ({ groupProtocols }) =>
			group.joined([{ memberId: ME, memberMetadata: groupProtocols[0].metadata }, other([])], ME),
		);
		await pass(HEARTBEAT_MS + SESSION_MS);
		expect(sharesOf(group.sent("SyncGroup").at(-1))).toEqual({ [ME]: [0, 1], other: [2, 3] });
	});

	it("goes at once to another member when nobody in the group says that it has it", async () => {
		group.always("JoinGroup", ({ groupProtocols }) =>
			group.joined([{ memberId: ME, memberMetadata: groupProtocols[0].metadata }, other([0, 1])], ME),
		);
		await member.start();
		expect(sharesOf(group.sent("SyncGroup").at(-1))).toEqual({ [ME]: [2, 3], other: [0, 1] });
	});
});

describe("a coordinator that owes an answer", () => {
	const LATE_MS = 1_000;
	beforeEach(async () => {
		await member.start();
		await aHeartbeat();
	});

	it("is left as soon as others say that another broker coordinates, and nothing is lost", async () => {
		group.next("Heartbeat", never);
		await aHeartbeat();
		group.coordinator = 2;
		await pass(LATE_MS + PAUSE_MS + HEARTBEAT_MS);
		expect(group.asked.filter(({ name }) => name === "Heartbeat").at(-1)?.node).toBe(2);
		expect(heard.told).toEqual(["+0,1,2,3"]);
	});

	it("is waited for as long as others say that it is the one", async () => {
		group.always("Heartbeat", never);
		await pass(HEARTBEAT_MS + SESSION_MS);
		expect(heard.told).toEqual(["+0,1,2,3"]);
		expect(group.sent("LeaveGroup")).toEqual([]);
	});
});

describe("a member whom no broker answers in time", () => {
	/** From the heartbeat that nobody answers until it is certain. */
	const ASIDE_MS = 1_600;
	const silent = (): void => {
		for (const name of ["Heartbeat", "GroupCoordinator", "DescribeGroups"] as const) group.always(name, never);
	};
	const answering = (): void => {
		for (const name of ["Heartbeat", "GroupCoordinator", "DescribeGroups"] as const) group.always(name, null);
	};

	it("gives up what it owns long before its session ends, and tells the group", async () => {
		await member.start();
		await aHeartbeat();
		silent();
		await pass(HEARTBEAT_MS + ASIDE_MS);
		expect(heard.told).toEqual(["+0,1,2,3", "-0,1,2,3"]);
		expect(group.sent("LeaveGroup").map(({ memberId }) => memberId)).toEqual([ME, ME]);
	});

	it("comes back when it is answered in time, and not before", async () => {
		await member.start();
		await aHeartbeat();
		silent();
		const joins = group.sent("JoinGroup").length;
		group.always("DescribeGroups", async () => {
			await new Promise((resolve) => setTimeout(resolve, 5_000));
			return { groups: [{ errorCode: 0, members: [{}] }] };
		});
		await pass(30_000);
		expect(group.sent("JoinGroup")).toHaveLength(joins);
		answering();
		await pass(6_000);
		expect(heard.told).toEqual(["+0,1,2,3", "-0,1,2,3", "+0,1,2,3"]);
	});

	it("comes back late as the answers are when nobody else is in the group", async () => {
		await member.start();
		await aHeartbeat();
		silent();
		group.always("DescribeGroups", async () => {
			await new Promise((resolve) => setTimeout(resolve, 5_000));
			return { groups: [{ errorCode: 0, members: [] }] };
		});
		await pass(HEARTBEAT_MS + ASIDE_MS + 6_000);
		expect(heard.told).toEqual(["+0,1,2,3", "-0,1,2,3", "+0,1,2,3"]);
		// Slow answers are better than none: it stays.
		await pass(30_000);
		expect(heard.told).toHaveLength(3);
	});

	it("and that owns nothing says so once a session has passed, and that it is answered again", async () => {
		group.always("SyncGroup", given());
		await member.start();
		await aHeartbeat();
		silent();
		await pass(2 * SESSION_MS);
		expect(heard.codes).toEqual(["ASSENT_LOG_UNAVAILABLE"]);
		answering();
		await pass(PAUSE_MS + HEARTBEAT_MS + ASIDE_MS);
		expect(heard.codes).toEqual(["ASSENT_LOG_UNAVAILABLE", null]);
	});

	it("and that has joined is not kept from claiming again what it owns", async () => {
		await member.start();
		silent();
		let isConfirmed = false;
		void member.confirm().then(() => {
			isConfirmed = true;
		});
		await pass(HEARTBEAT_MS + ASIDE_MS);
		expect(isConfirmed).toBe(true);
		expect(heard.told).toEqual(["+0,1,2,3"]);
	});

	it("keeps what it owns where it is refused at once: brokers that are gone can tell nobody", async () => {
		await member.start();
		await aHeartbeat();
		for (const name of ["Heartbeat", "GroupCoordinator"] as const) group.always(name, lost);
		await pass(SESSION_MS);
		expect(heard.told).toEqual(["+0,1,2,3"]);
	});
});

describe("what a member tells of its offsets", () => {
	it("keeps no heartbeat waiting, however long the broker takes to copy it", async () => {
		await member.start();
		heard.offsets = [{ topic: "intents", partition: 2, offset: 7 }];
		group.always("OffsetCommit", never);
		await pass(5_000 + HEARTBEAT_MS);
		expect(group.sent("OffsetCommit")).toHaveLength(1);
		const beats = group.sent("Heartbeat").length;
		await pass(4 * HEARTBEAT_MS);
		expect(group.sent("Heartbeat")).toHaveLength(beats + 4);
	});
});

describe("a member whose rights are taken away", () => {
	beforeEach(() => member.start());

	it("says so once with the way out, again each half minute and never at each try, and goes on once it may", async () => {
		group.always("Heartbeat", failing(CODE.denied));
		await aHeartbeat();
		expect(heard.codes).toEqual(["ASSENT_LOG_DENIED"]);
		expect(heard.faults[0]?.message).toMatch(/the group `t\.processor`.*assent topics acl --print/);
		const tries = group.sent("Heartbeat").length;
		await pass(29_000);
		expect(heard.codes).toHaveLength(1);
		expect(group.sent("Heartbeat").length).toBeGreaterThan(tries + 50);
		await pass(2_000);
		expect(heard.codes).toHaveLength(2);
		await pass(30_000);
		expect(heard.codes).toHaveLength(3);
		expect(heard.told).toEqual(["+0,1,2,3"]);
		group.always("Heartbeat", null);
		await pass(PAUSE_MS + HEARTBEAT_MS);
		expect(heard.codes.at(-1)).toBeNull();
		await pass(60_000);
		expect(heard.codes).toHaveLength(4);
		expect(heard.told).toEqual(["+0,1,2,3"]);
	});

	it.each(["JoinGroup", "SyncGroup"] as const)(
		"says so when it joins again (%s), and joins once it may",
		async (name) => {
			group.next("Heartbeat", failing(CODE.rebalance));
			group.always(name, failing(CODE.denied));
			await pass(HEARTBEAT_MS + 10 * PAUSE_MS);
			expect(heard.codes).toEqual(["ASSENT_LOG_DENIED"]);
			group.always(name, null);
			await pass(PAUSE_MS);
			expect(heard.codes).toEqual(["ASSENT_LOG_DENIED", null]);
			expect(heard.told).toEqual(["+0,1,2,3"]);
		},
	);

	it("says at once that it is refused when until then nobody answered", async () => {
		group.always("Heartbeat", lost);
		await pass(SESSION_MS + 2 * (HEARTBEAT_MS + PAUSE_MS));
		expect(heard.codes).toEqual(["ASSENT_LOG_UNAVAILABLE"]);
		expect(heard.faults[0]?.message).toContain("connection lost");
		group.always("Heartbeat", failing(CODE.denied));
		await pass(HEARTBEAT_MS + PAUSE_MS);
		expect(heard.codes).toEqual(["ASSENT_LOG_UNAVAILABLE", "ASSENT_LOG_DENIED"]);
	});

	it("does not add up short silences with answers between them", async () => {
		for (let at = 0; at < 10; at++) {
			group.next("Heartbeat", lost, lost, lost, failing(0));
			await pass(SESSION_MS / 2);
		}
		expect(heard.faults).toEqual([]);
	});
});

describe("who asks whether it is a member", () => {
	beforeEach(() => member.start());

	it("is answered by a heartbeat that is sent at once", async () => {
		expect(await isOver(member.confirm())).toBe(true);
		expect(group.sent("Heartbeat")).toHaveLength(1);
	});

	it("is answered after what was lost was told, not before", async () => {
		group.next("Heartbeat", failing(CODE.rebalance));
		const { promise, resolve } = Promise.withResolvers<unknown>();
		group.next("JoinGroup", () => group.joined([], "other"));
		group.next("SyncGroup", () => promise);
		const asked = member.confirm();
		expect(await isOver(asked)).toBe(false);
		resolve({ errorCode: 0, memberAssignment: shareOf([0]) });
		await asked;
		expect(heard.told).toEqual(["+0,1,2,3", "-1,2,3"]);
	});

	it("waits while the group does not answer, or refuses", async () => {
		group.always("Heartbeat", failing(CODE.denied));
		const asked = member.confirm();
		await pass(60_000);
		expect(await isOver(asked)).toBe(false);
		group.always("Heartbeat", null);
		await pass(HEARTBEAT_MS + PAUSE_MS);
		await asked;
	});

	it("is answered when the member leaves, and afterwards", async () => {
		group.always("Heartbeat", never);
		const asked = member.confirm();
		await pass(0);
		await member.leave();
		await asked;
		await member.confirm();
	});
});

describe("leaving", () => {
	it("tells the group, on a connection where nothing waits, once", async () => {
		await member.start();
		await Promise.all([member.leave(), member.leave()]);
		await member.leave();
		const left = group.asked.filter(({ name }) => name === "LeaveGroup");
		expect(left).toMatchObject([{ role: "ask", args: { groupId: "t.processor", memberId: ME } }]);
		const beats = group.sent("Heartbeat").length;
		await pass(10 * HEARTBEAT_MS);
		expect(group.sent("Heartbeat")).toHaveLength(beats);
	});

	it("does not wait long for a group that does not answer", async () => {
		await member.start();
		group.always("LeaveGroup", never);
		const left = member.leave();
		expect(await isOver(left)).toBe(false);
		await pass(2_000);
		await left;
	});

	it("goes on when nobody can be told", async () => {
		await member.start();
		group.always("GroupCoordinator", lost);
		await expect(member.leave()).resolves.toBeUndefined();
	});

	it("has nobody to tell before the group gave an id", async () => {
		group.always("JoinGroup", lost);
		const started = member.start();
		await pass(0);
		await member.leave();
		await started;
		expect(group.sent("LeaveGroup")).toEqual([]);
	});

	it.each<[Name, Answer]>([
		["GroupCoordinator", () => ({ errorCode: 0, coordinator: { nodeId: 1 } })],
		["GroupCoordinator", failing(CODE.denied)],
		["JoinGroup", () => group.joined([], ME)],
		["JoinGroup", failing(CODE.memberIdRequired)],
		["JoinGroup", failing(CODE.unknownMember)],
		["JoinGroup", failing(CODE.denied)],
		["SyncGroup", given(0, 1)],
		["SyncGroup", failing(CODE.unknownMember)],
		["SyncGroup", failing(CODE.denied)],
	])("while it joins: a late answer to %s (%#) brings nothing and sends nothing more", async (name, answer) => {
		const { promise, resolve } = Promise.withResolvers<void>();
		const late: Answer = async (args) => {
			await promise;
			return answer(args);
		};
		group.next(name, late);
		const started = member.start();
		await pass(0);
		await member.leave();
		const sent = group.asked.length;
		resolve();
		await pass(SESSION_MS);
		await started;
		expect(heard).toMatchObject({ told: [], faults: [] });
		expect(group.asked).toHaveLength(sent);
	});

	it.each([CODE.unknownMember, CODE.rebalance, CODE.denied, 0])(
		"a heartbeat that is answered late (%i) takes nothing away, says nothing and joins nothing",
		async (code) => {
			await member.start();
			const { promise, resolve } = Promise.withResolvers<object>();
			// So long that something is to be told of what was consumed.
			await pass(SESSION_MS);
			group.next("Heartbeat", () => promise);
			heard.offsets = [{ topic: "intents", partition: 0, offset: 1 }];
			await aHeartbeat();
			await member.leave();
			const sent = group.asked.length;
			resolve({ errorCode: code });
			await pass(SESSION_MS);
			expect(heard).toMatchObject({ told: ["+0,1,2,3"], faults: [] });
			expect(group.asked).toHaveLength(sent);
		},
	);
});
