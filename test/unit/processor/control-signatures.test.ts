/**
 * What operators and approvers say counts with their signature, where the policies name them: whoever can write to `control` alone
 * halts nobody, grants nothing and puts nothing into force.
 */
import { afterEach, describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import { controlMessage, signatureHeader } from "../../../src/core/codec/signed.ts";
import type { LedgerEntry } from "../../../src/core/model/entries.ts";
import type { ControlHead, ControlRecord } from "../../../src/core/model/inputs.ts";
import { compilePolicies } from "../../../src/core/policy/compile.ts";
import { activatePolicies } from "../../../src/operations/activation.ts";
import { sendHalt, sendSkip, sendVote } from "../../../src/operations/operators.ts";
import { POLICIES_AT, TOPICS } from "../../../src/ports/log/log.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import { Signers } from "../../../src/reading/signers.ts";
import { recompute } from "../../support/recompute.ts";
import { keyPair, trustText } from "../../support/signing.ts";
import { LogWorld, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const ANN = keyPair("ann");
const BOB = keyPair("bob");
const ALICE = keyPair("alice");
const STRANGER = keyPair("stranger");
const TRUST = trustText({
	operators: [{ name: "ann", key: ANN }],
	approvers: [{ name: "alice", key: ALICE }],
});
const EVERYBODY = { tenant: null, agent: null, session: null };

type Said<Of> = Of extends ControlRecord ? Omit<Of, keyof ControlHead> & Partial<ControlHead> : never;

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

/** The first set is signed by an operator that it names. */
async function begun(partitions = 1): Promise<LogWorld> {
	const world = new LogWorld({ layout: { ...TEST_LAYOUT, partitions } });
	await activate(world, [TEST_POLICY, TRUST], "ann", ANN.signer);
	const { processor } = await startProcessor(world);
	open.push(() => processor.drain());
	await world.consumed();
	return world;
}

async function activate(world: LogWorld, texts: readonly string[], by: string, signer: Signer | null): Promise<string> {
	const { layout, log } = world;
	const digest = world.digestOf(...texts);
	const sources = texts.map((text, at) => ({ name: `p${at}.yaml`, text }));
	await activatePolicies(log, { layout, sources, digest, by, signer, now: world.clock.now() });
	return digest;
}

let ids = 0;
/** Writes a record as it is given, with a signature if somebody signs. */
async function say(world: LogWorld, said: Said<ControlRecord>, signer: Signer | null, signedFor = 0, partition = 0) {
	ids += 1;
	const head = { id: `said-${ids}`, issuedBy: "ann", issuedAt: world.clock.now() };
	const value = encodeInput({ ...head, ...said } as ControlRecord);
	const message = controlMessage({ partition: signedFor, key: null, value });
	await world.put(TOPICS.control, partition, value, signer === null ? {} : signatureHeader(signer.sign(message)));
}

async function last(world: LogWorld, partition = 0): Promise<LedgerEntry | undefined> {
	await world.consumed();
	return (await world.entries(partition)).at(-1);
}

const codeOf = (entry: LedgerEntry | undefined): string | undefined =>
	entry?.kind === "input.rejected" ? entry.code : entry?.kind;

async function recomputes(world: LogWorld): Promise<void> {
	await world.consumed();
	const { entries, same, firstDifference } = await recompute(world.log, world.layout);
	expect(firstDifference).toBeNull();
	expect(same).toBe(entries);
}

const CALL = { tenant: "acme", agent: "coder", id: "pay-1" };
const OPERATORS_WORDS: readonly Said<ControlRecord>[] = [
	{ type: "halt.set", scope: EVERYBODY, reason: "" },
	{ type: "halt.lifted", scope: EVERYBODY, reason: "" },
	{ type: "session.ended", tenant: "acme", agent: "coder", session: "run-1" },
	{
		type: "budget.adjusted",
		policy: "guard",
		limit: "calls",
		tenant: "acme",
		agent: "coder",
		session: "",
		change: "reset",
		amount: 0,
	},
	{ type: "inputs.skipped", topic: "intents", from: 0, until: 5, reason: "" },
	{ type: "policy.activated", generation: 99, digest: "ab".repeat(32), needsReview: false },
];

describe("where operators are named", () => {
	it.each(OPERATORS_WORDS.map((said) => [said.type, said] as const))(
		"%s counts with a signature alone",
		async (_, said) => {
			const world = await begun();
			const { state: before } = (await world.fold()).folded;
			for (const signer of [null, STRANGER.signer, ALICE.signer]) {
				await say(world, said, signer);
				expect(codeOf(await last(world))).toBe("control.unsigned");
			}
			const { state } = (await world.fold()).folded;
			expect([state.halts.size, state.sessions.size, state.policy]).toEqual([0, 0, before.policy]);
			if (said.type !== "policy.activated") {
				await say(world, said, ANN.signer);
				expect(codeOf(await last(world))).not.toBe("control.unsigned");
			}
			await recomputes(world);
		},
	);

	it("whoever signs is who is recorded: nobody signs in another's name", async () => {
		const world = await begun();
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "", issuedBy: "bob" }, ANN.signer);
		expect(codeOf(await last(world))).toBe("control.unsigned");
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "" }, ANN.signer);
		expect(await last(world)).toMatchObject({ kind: "halt.set", by: "ann" });
	});

	it("what was said to one partition is not said to another", async () => {
		const world = await begun(2);
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "" }, ANN.signer, 0, 1);
		expect(codeOf(await last(world, 1))).toBe("control.unsigned");
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "" }, ANN.signer, 1, 1);
		expect(codeOf(await last(world, 1))).toBe("halt.set");
	});

	it("`sendHalt` and `sendVote` sign for each partition and key", async () => {
		const world = await begun(3);
		await world.log.bounds({ topic: TOPICS.control, partition: 0 });
		const now = world.clock.now();
		const halt = { by: "ann", signer: ANN.signer, now, change: "set" as const, scope: { ...EVERYBODY, tenant: "x" } };
		await Promise.all(sendHalt(world.log, world.layout, { ...halt, reason: "" }));
		await world.consumed();
		for (const partition of [0, 1, 2]) expect(codeOf((await world.entries(partition)).at(-1))).toBe("halt.set");
		const vote = {
			by: "alice",
			now,
			call: CALL,
			session: "run-1",
			commitment: "ab".repeat(32),
			vote: "granted" as const,
			comment: "",
		};
		const { partition } = await sendVote(world.log, world.layout, { ...vote, signer: ALICE.signer });
		expect(codeOf(await last(world, partition))).toBe("approval.unknown");
		await sendVote(world.log, world.layout, vote);
		expect(codeOf(await last(world, partition))).toBe("control.unsigned");
		await recomputes(world);
	});

	it("a tick needs no signature", async () => {
		const world = await begun();
		await say(world, { type: "clock.ticked", issuedBy: "anybody" }, null);
		expect(codeOf(await last(world))).toBe("clock.ticked");
	});
});

describe("where approvers are named", () => {
	it("a vote counts with the approver's signature, and not with an operator's", async () => {
		const world = await begun();
		const intent = await world.submit({ id: "pay-1", tool: "pay.invoice" });
		expect(codeOf(await last(world))).toBe("decision.held");
		const { commitment } = (await last(world)) as { readonly commitment?: string } & LedgerEntry;
		const held = (await world.entries()).find((entry) => entry.kind === "decision.held");
		const vote = {
			type: "approval.granted",
			call: { tenant: intent.principal.tenant, agent: intent.principal.agent, id: intent.id },
			session: intent.principal.session,
			commitment: commitment ?? held?.call.commitment ?? "",
			comment: "",
			issuedBy: "alice",
		} as const;
		for (const signer of [null, STRANGER.signer, ANN.signer]) {
			await say(world, vote, signer);
			expect(codeOf(await last(world))).toBe("control.unsigned");
		}
		await say(world, vote, ALICE.signer);
		expect(await last(world)).toMatchObject({ kind: "approval.recorded", by: "alice", result: "allow" });
		await recomputes(world);
	});
});

describe("keys are changed", () => {
	it("by whoever has one: the old one signs what names both, the new one what names it alone", async () => {
		const world = await begun();
		const both = trustText({
			operators: [
				{ name: "ann", key: ANN },
				{ name: "bob", key: BOB },
			],
		});
		const alone = trustText({ operators: [{ name: "bob", key: BOB }] });
		await activate(world, [TEST_POLICY, both], "bob", BOB.signer);
		expect(codeOf(await last(world))).toBe("control.unsigned");
		await activate(world, [TEST_POLICY, alone], "ann", ANN.signer);
		expect(codeOf(await last(world))).toBe("policy.lockout");
		const first = await activate(world, [TEST_POLICY, both], "ann", ANN.signer);
		expect(await last(world)).toMatchObject({ kind: "policy.activated", digest: first, by: "ann", signed: true });
		const second = await activate(world, [TEST_POLICY, alone], "bob", BOB.signer);
		expect(await last(world)).toMatchObject({ kind: "policy.activated", digest: second, by: "bob" });
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "" }, ANN.signer);
		expect(codeOf(await last(world))).toBe("control.unsigned");
		const dropped = await activate(world, [TEST_POLICY], "bob", BOB.signer);
		expect(await last(world)).toMatchObject({ kind: "policy.activated", digest: dropped, signed: false });
		await recomputes(world);
	});

	it("a first set that nobody signs whom it names does not come into force", async () => {
		const world = new LogWorld();
		const { processor } = await startProcessor(world);
		open.push(() => processor.drain());
		for (const [by, signer] of [
			["ann", null],
			["ann", BOB.signer],
			["bob", ANN.signer],
		] as const) {
			await activate(world, [TEST_POLICY, TRUST], by, signer);
			expect(codeOf(await last(world))).toBe("policy.lockout");
		}
		const digest = await activate(world, [TEST_POLICY, TRUST], "ann", ANN.signer);
		expect(await last(world)).toMatchObject({ kind: "policy.activated", digest });
		await recomputes(world);
	});
});

describe("what is read ahead of its turn", () => {
	it("is a halt that an operator has signed, where a record of an unknown schema waits for one", async () => {
		const world = await begun();
		const unknown = encodeInput({ type: "clock.ticked", id: "u", issuedBy: "u", issuedAt: 1 }).with(3, 99);
		await world.put(TOPICS.control, 0, unknown);
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "" }, null);
		await world.submit({ id: "after" });
		const before = (await world.entries()).length;
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect((await world.entries()).length).toBe(before);
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "" }, ANN.signer);
		await world.consumed();
		const codes = (await world.entries()).slice(before).map(codeOf);
		expect(codes).toEqual(["record.unreadable", "policy.unavailable", "halt.set", "decision.made"]);
		await recomputes(world);
	});

	it("is a skip that an operator has signed, where control records are gone", async () => {
		const world = new LogWorld();
		await activate(world, [TEST_POLICY, TRUST], "ann", ANN.signer);
		const first = await startProcessor(world);
		await world.consumed();
		await first.processor.drain();
		for (const tenant of ["gone", "left"])
			await say(world, { type: "halt.set", scope: { ...EVERYBODY, tenant }, reason: "" }, ANN.signer);
		await world.log.admin().trim({ topic: TOPICS.control, partition: 0 }, 2);
		const { processor, heard } = await startProcessor(world, { instance: "p2" });
		open.push(() => processor.drain());
		const isFailedAgain = (times: number) => () => heard.said("partition.failed").length >= times;
		await until(isFailedAgain(1));
		const skip = { by: "ann", now: world.clock.now(), partition: 0, topic: "control", from: 1, until: 2 } as const;
		await sendSkip(world.log, { ...skip, reason: "" });
		const failures = heard.said("partition.failed").length;
		await until(isFailedAgain(failures + 2));
		expect((await world.entries()).map(codeOf)).toEqual(["policy.activated"]);
		await sendSkip(world.log, { ...skip, reason: "", signer: ANN.signer });
		await world.consumed();
		const codes = ["policy.activated", "inputs.skipped", "halt.set", "control.unsigned", "control.repeated"];
		expect((await world.entries()).map(codeOf)).toEqual(codes);
	});
});

describe("where nobody can tell the policies in force", () => {
	it("and they ask for signatures, nothing is believed until they are there again", async () => {
		const world = new LogWorld();
		const digest = await activate(world, [TEST_POLICY, TRUST], "ann", ANN.signer);
		const first = await startProcessor(world);
		await world.consumed();
		await first.processor.drain();
		// The bundle is taken away; whoever comes later never sees it.
		const gone = { key: digest, value: Uint8Array.of(1, 2, 3), headers: {} };
		await world.log.append(POLICIES_AT, [gone]);
		const { processor, heard } = await startProcessor(world, { instance: "p2" });
		open.push(() => processor.drain());
		await until(() => heard.said("partition.paused").length > 0);
		const next = await world.bundle(TEST_POLICY);
		const halt = { type: "halt.set", scope: EVERYBODY, reason: "" } as const;
		await say(world, halt, null);
		await say(world, { type: "policy.activated", generation: 50, digest: next, needsReview: false }, null);
		await say(world, halt, ANN.signer);
		await world.consumed();
		expect((await world.entries()).slice(1).map(codeOf)).toEqual(Array(3).fill("policy.unavailable"));
		await world.bundle(TEST_POLICY, TRUST);
		await say(world, halt, ANN.signer);
		expect(codeOf(await last(world))).toBe("halt.set");
		expect((await world.fold()).folded.state.policy.digest).toBe(digest);
		await recomputes(world);
	});
});

describe("who has signed", () => {
	it("is asked of few keys: those of the name that the record gives", async () => {
		const world = await begun();
		let asked = 0;
		const counting = new Signers((key) => {
			const verifier = verifierOf(key);
			return { ...verifier, verify: (...of) => ++asked > 0 && verifier.verify(...of) };
		});
		const digest = world.digestOf(TEST_POLICY, TRUST);
		const sources = [TEST_POLICY, TRUST].map((text, at) => ({ name: `p${at}.yaml`, text }));
		const compiled = compilePolicies(sources, { budgetRoot: world.layout.budgetRoot });
		const catalogue = { get: () => (compiled.ok ? compiled.value : null) };
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "", issuedBy: "nobody" }, STRANGER.signer);
		await say(world, { type: "halt.set", scope: EVERYBODY, reason: "" }, ANN.signer);
		const [other, own] = (await world.records(TOPICS.control)).slice(-2);
		const record = (issuedBy: string) => ({ type: "clock.ticked", id: "x", issuedBy, issuedAt: 0 }) as const;
		if (other === undefined || own === undefined) throw new Error("nothing was said");
		expect(counting.issuerOf(other, record("nobody"), { catalogue, inForce: digest })).toBeNull();
		expect(asked).toBe(0);
		expect(counting.issuerOf(own, record("ann"), { catalogue, inForce: digest })?.name).toBe("ann");
		expect(asked).toBe(1);
	});
});
