/** Whatever keeps a partition from deciding, the record that ends it gets through. */
import { describe, expect, it } from "vitest";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { checkLog } from "../../support/checker.ts";
import { recompute } from "../../support/recompute.ts";
import { start, stop } from "../../support/running.ts";
import { LogWorld, TEST_POLICY, until } from "../../support/world.ts";

const ALL = { tenant: null, agent: null, session: null };
const CALL = { tenant: "acme", agent: "coder", id: "held" };
const OTHER = TEST_POLICY.replace("name: guard", "name: other");

const kinds = async (world: LogWorld): Promise<string[]> => (await world.entries()).map(({ kind }) => kind);

const lastOf = async (world: LogWorld) => (await world.entries()).at(-1);

async function expectSound(world: LogWorld): Promise<void> {
	expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	expect((await recompute(world.log, world.layout)).firstDifference).toBeNull();
}

/** A deployment with a held call whose policy in force no processor can compile any more. */
async function unreadable(): Promise<{ world: LogWorld; mend: () => Promise<void> }> {
	const world = new LogWorld();
	// Compiled by the processor that put it into force, and never there for who comes later.
	const digest = await world.policies(TEST_POLICY);
	await start(world);
	await world.submit({ id: "held", tool: "pay.send" });
	await world.consumed();
	await stop();
	const kept = await world.records(TOPICS.policies);
	await world.log.append({ topic: TOPICS.policies, partition: 0 }, [
		{ key: digest, value: Uint8Array.of(1, 2, 3), headers: {} },
	]);
	const mend = async (): Promise<void> => {
		await world.log.append({ topic: TOPICS.policies, partition: 0 }, kept);
	};
	return { world, mend };
}

const grant = (world: LogWorld) =>
	world.control({ type: "approval.granted", issuedBy: "alice", call: CALL, session: "run-1", comment: "" });

describe("a partition whose policy in force is not there", () => {
	it("takes a halt and a later activation, and goes on by that", async () => {
		const { world, mend } = await unreadable();
		const { processor, heard } = await start(world);
		await world.submit({ id: "waits" });
		await until(() => heard.said("partition.paused").length > 0);
		expect(processor.status().partitions).toMatchObject([{ phase: "paused" }]);
		await world.control({ type: "halt.set", scope: ALL, reason: "drill" });
		await until(async () => (await lastOf(world))?.kind === "halt.set", "the halt");
		expect(processor.status().partitions).toMatchObject([{ phase: "paused" }]);
		await world.policies(OTHER);
		await world.consumed();
		expect((await kinds(world)).slice(-3)).toEqual(["halt.set", "policy.activated", "decision.made"]);
		expect(await lastOf(world)).toMatchObject({ decision: { reasons: [{ rule: { code: "agent.halted" } }] } });
		expect(processor.status().partitions).toMatchObject([{ phase: "deciding" }]);
		await stop();
		// For the checker, which reads the ledger from its beginning.
		await mend();
		await expectSound(world);
	});

	it("refuses a grant without denying the held call, and takes it once the bundle is there again", async () => {
		const { world, mend } = await unreadable();
		const { processor } = await start(world);
		await grant(world);
		await world.control({
			type: "budget.adjusted",
			policy: "guard",
			limit: "calls",
			...CALL,
			session: "",
			change: "topup",
			amount: 5,
		});
		await until(async () => (await kinds(world)).length === 4, "the answers");
		expect((await world.entries()).slice(-2)).toMatchObject([
			{ kind: "input.rejected", code: "policy.unavailable" },
			{ kind: "input.rejected", code: "policy.unavailable" },
		]);
		await mend();
		await until(() => processor.status().partitions[0]?.phase === "deciding");
		await grant(world);
		await world.consumed();
		expect(await lastOf(world)).toMatchObject({ kind: "approval.recorded", result: "allow" });
		await stop();
		await expectSound(world);
	});

	it("reads control that came during the pause before any intent", async () => {
		const { world, mend } = await unreadable();
		const { heard } = await start(world);
		await world.submit({ id: "waits" });
		await until(() => heard.said("partition.paused").length > 0);
		await Promise.all([mend(), world.control({ type: "halt.set", scope: ALL, reason: "drill" })]);
		await world.consumed();
		expect((await kinds(world)).slice(-2)).toEqual(["halt.set", "decision.made"]);
	});
});

describe("an activation whose bundle is not there", () => {
	it("is told at once also soon after another one whose bundle came", async () => {
		const world = new LogWorld();
		const { heard } = await start(world);
		await world.activate(world.digestOf(OTHER));
		await until(() => heard.said("partition.paused").length === 1);
		await world.bundle(OTHER);
		await world.consumed();
		await world.activate("cd".repeat(32));
		await until(() => heard.said("partition.paused").length === 2);
	});

	it("stands in the way of no halt and of no later activation", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor, heard } = await start(world);
		await world.consumed();
		await world.activate("cd".repeat(32));
		await world.submit({ id: "waits" });
		await until(() => heard.said("partition.paused").length > 0);
		expect(await kinds(world)).toEqual(["policy.activated"]);
		await world.control({ type: "halt.set", scope: ALL, reason: "drill" });
		await until(async () => (await lastOf(world))?.kind === "halt.set", "the halt");
		expect(processor.status().partitions[0]).toMatchObject({ phase: "paused" });
		await world.control({ type: "halt.lifted", scope: ALL, reason: "over" });
		await world.policies(OTHER);
		await world.consumed();
		expect(await lastOf(world)).toMatchObject({ kind: "decision.made", verdict: "allow" });
		await stop();
		await expectSound(world);
	});
});

describe("a control record that no version knows", () => {
	const unknown = (): Uint8Array => {
		const value = encodeInput({ type: "clock.ticked", id: "x", issuedBy: "ops", issuedAt: 1 });
		value[5] = (value[5] as number) ^ 0xff;
		return value;
	};

	it("is passed over behind a halt of everything, and of nothing less", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await start(world);
		await world.submit({ id: "held", tool: "pay.send" });
		await world.consumed();
		await stop();
		await world.put(TOPICS.control, 0, unknown());
		const { processor, heard } = await start(world);
		await world.submit({ id: "waits" });
		await until(() => heard.said("partition.paused").length > 0);
		expect(heard.said("partition.paused")[0]?.["why"]).toContain("upgrade");
		// It may have been a halt: what was granted behind it must not run.
		await grant(world);
		await world.control({ type: "halt.set", scope: { ...ALL, tenant: "acme" }, reason: "not enough" });
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(await kinds(world)).toEqual(["policy.activated", "decision.held"]);
		await world.control({ type: "halt.set", scope: ALL, reason: "passing over" });
		await world.consumed();
		expect((await world.entries()).slice(2)).toMatchObject([
			{ kind: "input.rejected", code: "record.unreadable" },
			{ kind: "input.rejected", code: "policy.unavailable" },
			{ kind: "halt.set" },
			{ kind: "halt.set" },
			{ kind: "decision.made", decision: { reasons: [{ rule: { code: "agent.halted" } }] } },
		]);
		expect(processor.status().partitions).toMatchObject([{ phase: "deciding" }]);
		await stop();
		expect(await world.derived(TOPICS.deadLetters, "record.dead")).toHaveLength(1);
		await expectSound(world);
	});
});
