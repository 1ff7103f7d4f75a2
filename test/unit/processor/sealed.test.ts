/** Sealed intents: decided like plain ones where their key is, denied without it, and told apart when they are decided again. */
import { describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { MemoryPayloadKeys } from "../../../src/adapters/memory/payload-keys.ts";
import { AssentClient } from "../../../src/client/client.ts";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import type { LedgerEntry } from "../../../src/core/model/entries.ts";
import type { ErasureScope } from "../../../src/core/model/inputs.ts";
import { argumentsOf, heldCalls } from "../../../src/operations/holds.ts";
import type { Log } from "../../../src/ports/log/log.ts";
import type { PayloadKeys } from "../../../src/ports/payload-keys.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { LogCatalogue } from "../../../src/reading/catalogue.ts";
import { recomputed } from "../../../src/replay/recompute.ts";
import { walk } from "../../../src/replay/walk.ts";
import { LogWorld, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

const WHO = { tenant: "acme", agent: "coder", session: "run-1" };
const ALL: ErasureScope = { tenant: "acme", agent: "coder", session: null, intent: null };

const withKeys = (world: LogWorld, payloads?: PayloadKeys): Log =>
	payloads === undefined ? world.handle() : Object.assign(world.handle(), { payloads });

async function begun(keysOfProcessor?: PayloadKeys) {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const keys = new MemoryPayloadKeys();
	const decider = keysOfProcessor ?? keys;
	const { heard, processor } = await startProcessor(world, { log: withKeys(world, decider) });
	const client = async (): Promise<AssentClient> =>
		new AssentClient({ log: world.handle(), layout: world.layout, principal: WHO, sealing: keys }).start();
	return { world, keys, heard, client, processor };
}

/** What becomes of each entry that is decided again with these keys: its kind, and what came out. */
async function again(world: LogWorld, keys?: PayloadKeys): Promise<readonly string[]> {
	const log = withKeys(world, keys);
	const catalogue = new LogCatalogue({ log, budgetRoot: world.layout.budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	const found: string[] = [];
	await walk(log, 0, { layout: world.layout, catalogue, verifierOf }, (walked) => {
		const result = recomputed(walked, catalogue);
		found.push(`${walked.entry.kind} ${result.kind === "unverifiable" ? result.why : result.kind}`);
		return true;
	});
	return found.filter((each) => !each.startsWith("clock.ticked"));
}

const rejections = (entries: readonly LedgerEntry[]): readonly string[] =>
	entries.flatMap((entry) => (entry.kind === "input.rejected" ? [entry.code] : []));

describe("a sealed intent", () => {
	it("is decided by its arguments, charged once for all who ask under its id, and is not on the log in the clear", async () => {
		const { world, client } = await begun();
		const [one, other] = [await client(), await client()];
		const asked = { tool: "shell.run", args: { command: "cat secret-of-ann" }, id: "c-1" };
		expect(await one.decide(asked)).toMatchObject({ verdict: "allow", status: "open" });
		expect(await other.decide(asked)).toMatchObject({ verdict: "allow", status: "taken" });
		expect(await one.decide({ ...asked, args: { command: "ls" } })).toMatchObject({ verdict: "deny" });
		expect(await one.decide({ tool: "wipe", args: {} })).toMatchObject({ verdict: "deny" });
		const stored = Buffer.concat((await world.records("intents")).map(({ value }) => value));
		expect(stored.includes("secret-of-ann")).toBe(false);
		expect(rejections(await world.entries())).toEqual(["intent.id_reused"]);
		await Promise.all([one.close(), other.close()]);
	});

	it("is denied where the processor has no key, by an answer that reaches its asker, and stops nothing", async () => {
		const { world, heard, client, processor } = await begun(new MemoryPayloadKeys());
		expect(processor.status().partitions[0]?.withoutKey).toBeUndefined();
		const asking = await client();
		const asked = { tool: "shell.run", args: { command: "ls" }, id: "c-1" };
		expect(await asking.decide(asked)).toMatchObject({ verdict: "deny", source: "reply" });
		await world.submit({ id: "plain", tool: "shell.run" });
		await world.consumed();
		expect((await world.entries()).map(({ kind }) => kind)).toContain("decision.made");
		expect(rejections(await world.entries())).toEqual(["record.sealed"]);
		expect(heard.said("payload.sealed")).toMatchObject([{ partition: 0, offset: 0, intents: 1 }]);
		// It decides, and is ready: whoever asks how it stands is told.
		expect(processor.status().partitions[0]).toMatchObject({ phase: "deciding", withoutKey: 1 });
		const [dead] = await world.derived("dead-letters", "record.dead");
		expect(dead).toMatchObject({ code: "record.sealed", topic: "intents", offset: 0 });
		await asking.close();
	});

	it("was refused for want of its key, whoever has it when that is decided again", async () => {
		const { world, keys, client } = await begun(new MemoryPayloadKeys());
		const asking = await client();
		await asking.decide({ tool: "shell.run", args: { command: "ls" } });
		await asking.close();
		const expected = ["policy.activated same", "input.rejected same"];
		expect(await again(world, keys)).toEqual(expected);
		expect(await again(world)).toEqual(expected);
		keys.erase(ALL);
		expect(await again(world, keys)).toEqual(expected);
	});

	it("is locked where its key cannot be read at the moment", async () => {
		const broken = Object.assign(new MemoryPayloadKeys(), {
			find: () => {
				throw new AssentError(problem("ASSENT_PAYLOAD_KEYS", "the disk is gone"));
			},
		});
		const { world, client } = await begun();
		const asking = await client();
		await asking.decide({ tool: "shell.run", args: {} });
		expect(await again(world, broken)).toEqual(["policy.activated same", "decision.made sealed"]);
		await asking.close();
	});

	it("recomputes with its key, and says of what was decided before whether it is locked or erased", async () => {
		const { world, keys, client } = await begun();
		const asking = await client();
		for (const id of ["c-1", "c-2"]) await asking.decide({ tool: "shell.run", args: { command: id }, id });
		await asking.close();
		const same = ["policy.activated same", "decision.made same", "decision.made same"];
		const rest = (await again(world, keys)).slice(3);
		expect((await again(world, keys)).slice(0, 3)).toEqual(same);
		expect((await again(world)).slice(0, 3)).toEqual([same[0], "decision.made sealed", "decision.made sealed"]);
		await world.control({
			type: "payload.erased",
			scope: { ...ALL, session: "run-1", intent: "c-1" },
			intents: 1,
			reason: "asked for",
		});
		await world.consumed();
		keys.erase({ ...ALL, session: "run-1", intent: "c-1" });
		const erased = [same[0], "decision.made erased", "decision.made same", ...rest, "payload.erased same"];
		expect(await again(world, keys)).toEqual(erased);
		// Who has no keys knows it by the ledger, and not by what was refused.
		const refused = { scope: ALL, intents: 1, reason: "" } as const;
		await world.control({ type: "payload.erased", ...refused, issuedAt: Date.now() - 86_400_000 });
		await world.consumed();
		expect(rejections(await world.entries())).toEqual(["control.stale"]);
		expect((await again(world)).slice(1, 3)).toEqual(["decision.made erased", "decision.made sealed"]);
		const [entry] = (await world.entries()).filter(({ kind }) => kind === "payload.erased");
		expect(entry).toMatchObject({ by: "ops", scope: { intent: "c-1" }, intents: 1, reason: "asked for" });
	});

	it("does not open where another key has its name now, and nobody calls that another decision", async () => {
		const { world, client } = await begun();
		const asking = await client();
		await asking.decide({ tool: "shell.run", args: { command: "ls" }, id: "c-1" });
		await asking.close();
		const anew = new MemoryPayloadKeys();
		await anew.draw({ ...WHO, id: "c-1" });
		expect(await again(world, anew)).toEqual(["policy.activated same", "decision.made seal"]);
		await world.control({ type: "payload.erased", scope: ALL, intents: 1, reason: "" });
		await world.consumed();
		expect((await again(world, anew))[1]).toBe("decision.made erased");
	});

	it("was refused for want of the right key, whoever has it when that is decided again", async () => {
		const wrong = new MemoryPayloadKeys();
		await wrong.draw({ ...WHO, id: "c-1" });
		const { world, keys, client } = await begun(wrong);
		const asking = await client();
		expect(await asking.decide({ tool: "shell.run", args: {}, id: "c-1" })).toMatchObject({ verdict: "deny" });
		await asking.close();
		expect(rejections(await world.entries())).toEqual(["record.unreadable"]);
		for (const theirs of [wrong, keys])
			expect(await again(world, theirs)).toEqual(["policy.activated same", "input.rejected same"]);
		expect(await again(world)).toEqual(["policy.activated same", "input.rejected sealed"]);
	});

	it("is denied as erased where it comes after its erasure", async () => {
		const { world, keys, client, processor } = await begun();
		const asking = await client();
		await processor.drain();
		const waiting = asking.decide({ tool: "shell.run", args: {}, id: "c-1", deadlineMs: 20_000 });
		await until(async () => (await world.records("intents")).length > 0, "the intent");
		keys.erase(ALL);
		await startProcessor(world, { log: withKeys(world, keys), instance: "p2" });
		await until(async () => rejections(await world.entries()).length > 0, "the denial");
		expect(rejections(await world.entries())).toEqual(["record.erased"]);
		await expect(asking.decide({ tool: "shell.run", args: {}, id: "c-1" })).rejects.toMatchObject({
			code: "RECORD_ERASED",
		});
		// Whoever waited is told so, and not at the deadline.
		expect(await waiting).toMatchObject({ verdict: "deny", source: "reply", reasons: [{ code: "record.erased" }] });
		await asking.close();
		expect(new Set(await again(world, keys))).toEqual(new Set(["policy.activated same", "input.rejected same"]));
	});

	it("is shown to its approvers, and is denied as unreadable where it was erased before its grant", async () => {
		const { world, keys, client } = await begun();
		const asking = await client();
		const held = await asking.decide({ tool: "pay.send", args: { to: "ann" }, id: "p", onHold: "return" });
		expect(held).toMatchObject({ verdict: "hold" });
		const [hold] = await heldCalls(world.log, world.layout, { filter: {}, now: Date.now() });
		if (hold === undefined) throw new Error("nothing is held");
		expect(await argumentsOf(withKeys(world, keys), hold)).toEqual({ to: "ann" });
		expect(await argumentsOf(world.handle(), hold)).toBe("sealed");
		keys.erase(ALL);
		expect(await argumentsOf(withKeys(world, keys), hold)).toBe("erased");
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		await world.consumed();
		const voted = (await world.entries()).find(({ kind }) => kind === "approval.recorded");
		expect(voted).toMatchObject({ result: "deny", decision: { reasons: [{ rule: { code: "intent.unreadable" } }] } });
		expect(await again(world, keys)).toEqual([
			"policy.activated same",
			"decision.held erased",
			"approval.recorded same",
		]);
		await asking.close();
	});

	it("whose grant was decided is neither right nor wrong once it is erased", async () => {
		const { world, keys, client } = await begun();
		const asking = await client();
		await asking.decide({ tool: "pay.send", args: { to: "ann" }, id: "p", onHold: "return" });
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		await world.consumed();
		expect(await again(world, keys)).toEqual(["policy.activated same", "decision.held same", "approval.recorded same"]);
		keys.erase(ALL);
		expect(await again(world, keys)).toEqual([
			"policy.activated same",
			"decision.held erased",
			"approval.recorded erased",
		]);
		await asking.close();
	});
});
