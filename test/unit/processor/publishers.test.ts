/**
 * Publishers are bound to principals where the policies name them: a record that its publisher has not signed, or may not send, spends,
 * settles, ends and answers nothing but itself. Each of what an unbound publisher could do to another tenant is tried here.
 */
import { afterEach, describe, expect, it } from "vitest";
import { AssentClient } from "../../../src/client/client.ts";
import { mayRun } from "../../../src/client/decision.ts";
import { HEADER } from "../../../src/core/codec/headers.ts";
import { publisherMessage } from "../../../src/core/codec/signed.ts";
import type { LedgerEntry } from "../../../src/core/model/entries.ts";
import { callKey } from "../../../src/core/model/ids.ts";
import { type LogRecord, TOPICS } from "../../../src/ports/log/log.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { recompute } from "../../support/recompute.ts";
import { keyPair, trustText } from "../../support/signing.ts";
import { LogWorld, startProcessor, TEST_POLICY } from "../../support/world.ts";

const POLICY = TEST_POLICY.replace("max: 1000}", "max: 5}");
const ACME = keyPair("acme");
const EVIL = keyPair("evil");
const STRANGER = keyPair("stranger");
const TRUST = trustText({
	publishers: [
		{ name: "acme-1", key: ACME, tenants: ["acme"], agents: ["coder*"] },
		{ name: "evil-1", key: EVIL, tenants: ["evil"] },
	],
});
const CODER = { tenant: "acme", agent: "coder", session: "run-1" };

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

async function begun(...policies: readonly string[]): Promise<{ world: LogWorld; processor: Processor }> {
	const world = new LogWorld();
	await world.policies(...policies);
	const { processor } = await startProcessor(world);
	open.push(() => processor.drain());
	return { world, processor };
}

async function clientOf(
	world: LogWorld,
	name: string | null,
	key = ACME,
	{ secret = new Uint8Array(32), deadlineMs = 20_000 } = {},
): Promise<AssentClient> {
	const client = new AssentClient({
		log: world.handle(),
		layout: world.layout,
		clock: world.clock,
		principal: CODER,
		secret,
		deadlineMs,
		...(name === null ? {} : { publisher: { name, signer: key.signer } }),
	});
	open.push(() => client.close());
	return client.start();
}

const rejections = (entries: readonly LedgerEntry[]) =>
	entries.flatMap((entry) => (entry.kind === "input.rejected" ? [[entry.code, entry.call.id]] : []));

const budgetOf = ({ budgets }: { budgets: readonly { limit: string; before: number }[] }) =>
	budgets.find(({ limit }) => limit === "calls")?.before;

/** Everything that the partition remembers of calls, sessions and budgets. */
async function remembered(world: LogWorld) {
	await world.consumed();
	const { state } = (await world.fold()).folded;
	return { calls: [...state.calls.keys()], sessions: [...state.sessions.keys()], accounts: [...state.accounts.keys()] };
}

async function recomputes(world: LogWorld): Promise<void> {
	await world.consumed();
	const { entries, same, firstDifference } = await recompute(world.log, world.layout);
	expect(firstDifference).toBeNull();
	expect(same).toBe(entries);
}

/** The record of `{"command":"a"}` with another command. */
function withArgument(value: Uint8Array, letter: string): Uint8Array {
	const at = Buffer.from(value).indexOf('"a"');
	return value.with(at + 1, letter.charCodeAt(0));
}

describe("where publishers are named", () => {
	it("a signed call of their own tenants and agents is decided, run and settled", async () => {
		const { world } = await begun(POLICY, TRUST);
		const client = await clientOf(world, "acme-1");
		const run = client.guard("shell", async () => "done");
		expect(await run({ command: "ls" })).toBe("done");
		await client.close();
		await world.consumed();
		expect((await world.entries()).map(({ kind }) => kind)).toEqual([
			"policy.activated",
			"decision.made",
			"usage.settled",
		]);
		await recomputes(world);
	});

	it("another publisher spends no budget of a tenant that is not its own", async () => {
		const { world } = await begun(POLICY, TRUST);
		const owner = await clientOf(world, "acme-1");
		const other = await clientOf(world, "evil-1", EVIL, { deadlineMs: 300 });
		expect(budgetOf(await owner.decide({ tool: "shell", args: { command: "a" } }))).toBe(0);
		const before = await remembered(world);
		for (let each = 0; each < 4; each++) {
			const denied = await other.decide({ id: `evil-${each}`, tool: "shell", args: { command: "x" } });
			expect([denied.verdict, denied.reasons[0]?.code]).toEqual(["deny", "publisher.unbound"]);
		}
		expect(await remembered(world)).toEqual(before);
		expect(budgetOf(await owner.decide({ tool: "shell", args: { command: "b" } }))).toBe(1);
		await recomputes(world);
	});

	it("without them it does, as it always could", async () => {
		const { world } = await begun(POLICY);
		const owner = await clientOf(world, "acme-1");
		const other = await clientOf(world, null, EVIL, { secret: new Uint8Array(32).fill(1) });
		await owner.decide({ tool: "shell", args: { command: "a" } });
		for (let each = 0; each < 4; each++) await other.decide({ tool: "shell", args: { command: "x" } });
		const denied = await owner.decide({ tool: "shell", args: { command: "b" } });
		expect(denied.reasons.map(({ code }) => code)).toEqual(["budget.exhausted"]);
	});

	it("another publisher neither abandons nor settles another's open call", async () => {
		const { world } = await begun(POLICY, TRUST);
		const owner = await clientOf(world, "acme-1");
		const other = await clientOf(world, "evil-1", EVIL);
		const asked = { id: "mine", tool: "shell", args: { command: "a" } };
		const decision = await owner.decide(asked);
		await other.abandon({ ...CODER, id: "mine" }, "not yours");
		await other.report({ ...CODER, id: "mine" }, "ok", { tokens: 90_000 });
		await world.consumed();
		expect(rejections(await world.entries())).toEqual([
			["publisher.unbound", "mine"],
			["publisher.unbound", "mine"],
		]);
		expect((await world.fold()).folded.state.calls.get(callKey({ ...CODER, id: "mine" }))?.phase).toBe("open");
		await owner.report({ ...CODER, id: "mine" }, "ok", { tokens: 1 });
		await world.consumed();
		expect((await world.entries()).at(-1)).toMatchObject({ kind: "usage.settled", usage: { tokens: 1 } });
		expect(mayRun(decision)).toBe(true);
		await recomputes(world);
	});

	it("a held call is not touched by the same id with other arguments", async () => {
		const { world } = await begun(POLICY, TRUST);
		const owner = await clientOf(world, "acme-1");
		const other = await clientOf(world, "evil-1", EVIL, { secret: new Uint8Array(32).fill(1), deadlineMs: 300 });
		const asked = { id: "pay-1", tool: "pay.invoice", args: { amount: 1 } };
		const waiting = owner.decide(asked);
		await expect.poll(async () => (await world.entries()).at(-1)?.kind).toBe("decision.held");
		const denied = await other.decide({ ...asked, args: { amount: 1_000 } });
		expect(denied.reasons[0]?.code).toBe("publisher.unbound");
		const call = { tenant: "acme", agent: "coder", id: "pay-1" };
		await world.control({ type: "approval.granted", call, session: "run-1", comment: "", issuedBy: "alice" });
		expect(mayRun(await waiting)).toBe(true);
		expect(rejections(await world.entries()).map(([code]) => code)).not.toContain("intent.id_reused");
		await recomputes(world);
	});

	it("who signed a call approves it as little as whoever it says has asked", async () => {
		const anybody = POLICY.replace(/approvers: \[[^\]]*\]/, "approvers: ['*']");
		const { world } = await begun(anybody, TRUST);
		const client = await clientOf(world, "acme-1");
		const waiting = client.decide({ id: "pay-1", tool: "pay.invoice", args: { amount: 1 }, askedBy: "zed" });
		await expect.poll(async () => (await world.entries()).at(-1)?.kind).toBe("decision.held");
		const call = { tenant: "acme", agent: "coder", id: "pay-1" };
		for (const issuedBy of ["ACME-1", "Zed", "alice"]) {
			await world.control({ type: "approval.granted", call, session: "run-1", comment: "", issuedBy });
		}
		expect(mayRun(await waiting)).toBe(true);
		const entries = await world.entries();
		expect(rejections(entries)).toEqual(["approval.self", "approval.self"].map((code) => [code, "pay-1"]));
		expect(entries.find(({ kind }) => kind === "approval.recorded")).toMatchObject({
			by: "alice",
			call: { askedBy: "zed", publisher: "acme-1" },
		});
		await recomputes(world);
	});

	it.each([
		["nobody's signature", null, ACME, "publisher.unsigned"],
		["the signature of a stranger's key", "acme-1", STRANGER, "publisher.unsigned"],
		["a name that nobody has", "acme-2", ACME, "publisher.unsigned"],
		["the name of another key", "evil-1", ACME, "publisher.unsigned"],
		["a tenant of others", "evil-1", EVIL, "publisher.unbound"],
	])("a call with %s is denied, and leaves nothing behind", async (_, name, key, code) => {
		const { world } = await begun(POLICY, TRUST);
		const before = await remembered(world);
		const client = await clientOf(world, name, key, { deadlineMs: 300 });
		const denied = await client.decide({ id: "c", tool: "shell", args: { command: "a" } });
		expect([denied.verdict, denied.source, denied.reasons[0]?.code]).toEqual(["deny", "reply", code]);
		expect(await remembered(world)).toEqual(before);
		const violations = await world.derived(TOPICS.violations, "violation.detected");
		expect(violations[0]).toMatchObject({ code, severity: "high", call: { id: "c" } });
		await recomputes(world);
	});

	it("an agent that the publisher may not speak for is as another's tenant", async () => {
		const { world } = await begun(POLICY, TRUST);
		const client = await clientOf(world, "acme-1", ACME, { deadlineMs: 300 });
		const codes = [];
		for (const agent of ["coder-2", "payer"]) {
			const { reasons } = await client.decide({ agent, tool: "shell", args: { command: "a" } });
			codes.push(reasons[0]?.code ?? "none");
		}
		expect(codes).toEqual(["none", "publisher.unbound"]);
	});

	it.each<[string, (record: LogRecord) => Pick<LogRecord, "key" | "value" | "headers">]>([
		[
			"another reply address",
			(record) => ({ ...record, headers: { ...record.headers, [HEADER.replyTo]: "replies.evil" } }),
		],
		["another reply id", (record) => ({ ...record, headers: { ...record.headers, [HEADER.replyId]: "evil" } })],
		["another key", (record) => ({ ...record, key: "acme/other" })],
		["other arguments", (record) => ({ ...record, value: withArgument(record.value, "b") })],
		[
			"a reply address that is taken out of the key",
			({ headers, key, ...record }) => ({ ...record, key: `${key}7:replies`, headers }),
		],
	])("a copy of a signed call with %s is not signed", async (_, changed) => {
		const { world } = await begun(POLICY, TRUST);
		const owner = await clientOf(world, "acme-1");
		await owner.decide({ id: "mine", tool: "shell", args: { command: "a" } });
		const [record] = await world.records(TOPICS.intents);
		if (record === undefined) throw new Error("nothing was published");
		const { key, value, headers } = changed(record);
		await world.log.append({ topic: TOPICS.intents, partition: 0 }, [{ key, value, headers }]);
		await world.consumed();
		expect((await world.entries()).at(-1)).toMatchObject({ kind: "input.rejected", code: "publisher.unsigned" });
		await recomputes(world);
	});

	it("a copy of a call that is not signed, sent first, does not deny the call", async () => {
		const { world, processor } = await begun(POLICY, TRUST);
		await world.consumed();
		await processor.drain();
		const owner = await clientOf(world, "acme-1");
		const deciding = owner.decide({ id: "mine", tool: "shell", args: { command: "a" } });
		await expect.poll(async () => (await world.records(TOPICS.intents)).length).toBe(1);
		const [record] = await world.records(TOPICS.intents);
		if (record === undefined) throw new Error("nothing was published");
		// The broker's order is not the attacker's: here both lie on the log before anything is decided, the copy in front.
		const copied = new LogWorld();
		await copied.policies(POLICY, TRUST);
		const { [HEADER.signature]: _, ...unsigned } = record.headers;
		for (const headers of [unsigned, record.headers])
			await copied.log.append({ topic: TOPICS.intents, partition: 0 }, [{ ...record, headers }]);
		const { processor: other } = await startProcessor(copied);
		open.push(() => other.drain());
		await copied.consumed();
		const replies = await copied.derived(TOPICS.replies, "decision.replied");
		expect(replies.map(({ verdict }) => verdict)).toEqual(["deny", "allow"]);
		// The owner's client hears both, in this order.
		for (const reply of await copied.records(TOPICS.replies))
			await world.log.append({ topic: TOPICS.replies, partition: 0 }, [reply]);
		expect(mayRun(await deciding)).toBe(true);
	});

	it("a signed call that is sent again counts once", async () => {
		const { world } = await begun(POLICY, TRUST);
		const owner = await clientOf(world, "acme-1");
		await owner.decide({ id: "mine", tool: "shell", args: { command: "a" } });
		const [record] = await world.records(TOPICS.intents);
		if (record === undefined) throw new Error("nothing was published");
		await world.log.append({ topic: TOPICS.intents, partition: 0 }, [record]);
		await world.consumed();
		expect((await world.entries()).at(-1)?.kind).toBe("decision.repeated");
		expect(budgetOf(await owner.decide({ tool: "shell", args: { command: "b" } }))).toBe(1);
		await recomputes(world);
	});

	it("each record is checked by the keys of the policies in force when it is decided", async () => {
		const { world } = await begun(POLICY, TRUST);
		const next = keyPair("acme-next");
		const both = trustText({ publishers: [ACME, next].map((key) => ({ name: "acme-1", key, tenants: ["acme"] })) });
		const owner = await clientOf(world, "acme-1", ACME, { deadlineMs: 300 });
		const successor = await clientOf(world, "acme-1", next, { deadlineMs: 300 });
		const codes = async () => {
			const decisions = [];
			for (const client of [owner, successor])
				decisions.push(await client.decide({ tool: "shell", args: { command: "a" } }));
			return decisions.map(({ reasons }) => reasons[0]?.code ?? "none");
		};
		expect(await codes()).toEqual(["none", "publisher.unsigned"]);
		await world.policies(POLICY, both);
		await world.consumed();
		expect(await codes()).toEqual(["none", "none"]);
		await world.policies(POLICY, trustText({ publishers: [{ name: "acme-1", key: next, tenants: ["acme"] }] }));
		await world.consumed();
		expect(await codes()).toEqual(["publisher.unsigned", "none"]);
		await recomputes(world);
	});

	it("what cannot be read is told as such, whoever sent it", async () => {
		const { world } = await begun(POLICY, TRUST);
		const value = new Uint8Array([1, 2, 3]);
		const parts = { partition: 0, key: null, value, headers: {} };
		const signature = Buffer.from(EVIL.signer.sign(publisherMessage(parts))).toString("base64");
		await world.put("intents", 0, value, { [HEADER.publisher]: "evil-1", [HEADER.signature]: signature });
		await world.put("intents", 0, value, { [HEADER.publisher]: "constructor", [HEADER.signature]: "nonsense" });
		await world.consumed();
		expect(rejections(await world.entries()).map(([code]) => code)).toEqual(["record.unreadable", "record.unreadable"]);
		await recomputes(world);
	});
});
