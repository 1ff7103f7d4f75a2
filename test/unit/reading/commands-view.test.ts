/** What control records change, read without the state. */
import { afterEach, describe, expect, it } from "vitest";
import type { Commanded } from "../../../src/core/engine/evolve/commands.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { readCommands } from "../../../src/reading/commands-view.ts";
import { readState } from "../../../src/reading/partition-view.ts";
import { start, stop } from "../../support/running.ts";
import { LogWorld, TEST_POLICY } from "../../support/world.ts";

afterEach(stop);

const OTHER = TEST_POLICY.replaceAll("wipe", "erase");
const AGENT = { tenant: "acme", agent: "coder", session: null };

async function commandedWorld(snapshotEvery: number): Promise<LogWorld> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	await start(world, { snapshotEvery });
	for (let at = 0; at < 150; at++) await world.submit({ id: `a-${at}`, tool: at % 9 === 0 ? "pay.send" : "shell.run" });
	await world.control({ type: "halt.set", scope: AGENT, reason: "drill" });
	await world.control({ type: "halt.set", scope: { ...AGENT, agent: "other" }, reason: "drill" });
	await world.policies(OTHER);
	await world.control({ type: "session.ended", tenant: "acme", agent: "coder", session: "run-1" });
	await world.consumed();
	await world.control({ type: "halt.lifted", scope: AGENT, reason: "over" });
	await world.activate(world.digestOf(TEST_POLICY), { needsReview: true });
	for (let at = 0; at < 20; at++) await world.submit({ id: `b-${at}` });
	await world.consumed();
	await stop();
	return world;
}

const shown = ({ policy, halts, inputs }: Commanded) => ({
	policy,
	halts: [...halts.entries()].sort(),
	control: inputs.control,
});

describe("what control records change", () => {
	it.each([
		["without a snapshot", 1_000_000],
		["behind a snapshot", 100],
	])("is what the whole state says of it, %s", async (_where, snapshotEvery) => {
		const world = await commandedWorld(snapshotEvery);
		const { folded, fromSeq } = await readState(world.log, world.layout, 0);
		expect(fromSeq > 0).toBe(snapshotEvery === 100);
		const commands = shown(await readCommands(world.log, world.layout, 0));
		expect(commands).toEqual(shown(folded.state));
		expect(commands.halts).toHaveLength(1);
		expect(commands.policy).toMatchObject({ digest: world.digestOf(OTHER), proposed: { digest: expect.any(String) } });
	});

	it("is not said of a ledger with an entry that cannot be read", async () => {
		const world = await commandedWorld(1_000_000);
		const { head } = (await world.fold()).folded;
		const headers = { "assent-claim": head.claim ?? "", "assent-kind": "entry" };
		const place = { "assent-seq": String(head.seq + 1), "assent-first": String(head.seq + 1) };
		await world.put(TOPICS.decisions, 0, Uint8Array.of(1, 2, 3), { ...headers, ...place });
		await expect(readCommands(world.log, world.layout, 0)).rejects.toMatchObject({ code: "ASSENT_LEDGER_INVALID" });
	});

	it("is no longer asked for once a signal came", async () => {
		const world = await commandedWorld(1_000_000);
		const reading = { signal: AbortSignal.abort() };
		await expect(readCommands(world.log, world.layout, 0, reading)).rejects.toMatchObject({ code: "ASSENT_STOPPED" });
	});
});
