import { afterEach, describe, expect, it } from "vitest";
import { makeKey, signerOf, verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { encodeEntry, encodeInput } from "../../../src/core/codec/encode.ts";
import { ledgerHeaders } from "../../../src/core/ledger/validity.ts";
import { type LedgerEntry, SEMANTICS } from "../../../src/core/model/entries.ts";
import { compilePolicies } from "../../../src/core/policy/compile.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import type { PolicyCompiler } from "../../../src/ports/policy-compiler.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { signBundle } from "../../../src/reading/bundle-signature.ts";
import { checkLog } from "../../support/checker.ts";
import { intentOf } from "../../support/engine-world.ts";
import { recompute } from "../../support/recompute.ts";
import { LogWorld, over, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const running: Processor[] = [];

async function start(world: LogWorld, of: Parameters<typeof startProcessor>[1] = {}) {
	const started = await startProcessor(world, of);
	running.push(started.processor);
	return started;
}

afterEach(async () => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
});

async function expectSound(world: LogWorld): Promise<void> {
	expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	expect((await recompute(world.log, world.layout)).firstDifference).toBeNull();
}

const kinds = async (world: LogWorld): Promise<string[]> => (await world.entries()).map(({ kind }) => kind);

describe("a partition's life", () => {
	it("claims, decides what lies there in order, answers it, and drains", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await world.submit({ id: "a" });
		await world.submit({ id: "b", tool: "wipe" });
		const { processor } = await start(world);
		await world.consumed();
		await processor.drain();
		expect(await processor.ended).toBeNull();
		expect(await kinds(world)).toEqual(["policy.activated", "decision.made", "decision.made"]);
		const replies = await world.replies();
		expect(replies.map(({ call, verdict }) => [call.id, verdict])).toEqual([
			["a", "allow"],
			["b", "deny"],
		]);
		expect(await world.derived(TOPICS.violations, "violation.detected")).toMatchObject([{ rule: "no-wipe" }]);
		await expectSound(world);
	});

	it("reads control to its end before any intent, however many intents lie there first", async () => {
		const world = new LogWorld();
		for (let at = 0; at < 20; at++) await world.submit({ id: `early-${at}` });
		await world.policies(TEST_POLICY);
		for (let at = 0; at < 600; at++) await world.control({ type: "clock.ticked" });
		await world.control({ type: "halt.set", scope: { tenant: null, agent: null, session: null }, reason: "drill" });
		const { processor } = await start(world);
		await world.consumed();
		await processor.drain();
		const made = (await world.entries()).filter((entry) => entry.kind === "decision.made");
		expect(made.map((entry) => entry.decision.reasons[0]?.rule.code)).toEqual(made.map(() => "agent.halted"));
		expect(made).toHaveLength(20);
	});

	it("takes control that has been received before intents that have been", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await start(world);
		await world.consumed();
		await Promise.all([
			world.submit({ id: "a" }),
			world.control({ type: "halt.set", scope: { tenant: null, agent: null, session: null }, reason: "drill" }),
		]);
		await world.consumed();
		expect(await kinds(world)).toEqual(["policy.activated", "halt.set", "decision.made"]);
	});

	it("cuts appends at 500 entries", async () => {
		const world = new LogWorld();
		const appends: number[] = [];
		const inner = world.handle();
		await world.policies(TEST_POLICY);
		await Promise.all(Array.from({ length: 1_200 }, (_, at) => world.submit({ id: `n-${at}` })));
		const log = over(inner, {
			append: (to, records, options) => {
				if (options?.expected !== undefined) appends.push(records.length);
				return inner.append(to, records, options);
			},
		});
		await start(world, { log });
		await world.consumed();
		expect(Math.max(...appends)).toBe(500);
		expect(appends.reduce((sum, each) => sum + each, 0)).toBe(1_201);
	});

	it("pauses while the bundle of an activation is not on the log, says so, and goes on when it comes", async () => {
		const world = new LogWorld();
		await world.activate(world.digestOf(TEST_POLICY));
		await world.submit({ id: "a" });
		const { heard } = await start(world);
		await until(() => heard.said("partition.paused").length > 0);
		expect(await kinds(world)).toEqual([]);
		await world.bundle(TEST_POLICY);
		await world.consumed();
		expect((await world.entries()).at(-1)).toMatchObject({ kind: "decision.made", verdict: "allow" });
	});

	it("does not wait for the bundle of an activation that would change nothing", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const late = { id: "activation-0", generation: 1, digest: "cd".repeat(32), needsReview: false };
		await world.control({ type: "policy.activated", ...late });
		await start(world);
		await world.consumed();
		expect((await world.entries()).at(-1)).toMatchObject({ kind: "input.rejected", code: "policy.superseded" });
	});

	it("drains while it waits for a bundle", async () => {
		const world = new LogWorld();
		await world.activate("cd".repeat(32));
		const { processor, heard } = await start(world);
		await until(() => heard.said("partition.paused").length > 0);
		await processor.drain();
		expect(await kinds(world)).toEqual([]);
	});

	it("pauses at a control record of a schema that it does not know, for it could be a halt", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const unknown = encodeInput({ type: "clock.ticked", id: "x", issuedBy: "ops", issuedAt: 1 });
		unknown[5] = (unknown[5] as number) ^ 0xff;
		await world.put(TOPICS.control, 0, unknown);
		await world.submit({ id: "a" });
		const { heard } = await start(world);
		await until(() => heard.said("partition.paused").length > 0);
		expect(heard.said("partition.paused")[0]?.["why"]).toContain("upgrade");
		expect(await kinds(world)).toEqual(["policy.activated"]);
	});

	it("denies what it cannot read, answers where the id can be read, and files a dead letter", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const whole = encodeInput(intentOf({ id: "torn", issuedAt: world.clock.now() }));
		const address = { "assent-reply-to": "replies", "assent-reply-id": "r-torn" };
		await world.put(TOPICS.intents, 0, whole.slice(0, whole.length - 3), address);
		await world.put(TOPICS.intents, 0, Uint8Array.of(1, 2, 3));
		await world.put(TOPICS.control, 0, Uint8Array.of(0xc3, 1));
		await world.submit({ id: "after" });
		const { processor } = await start(world);
		await world.consumed();
		await processor.drain();
		const replies = await world.replies();
		expect(replies.find(({ replyId }) => replyId === "r-torn")).toMatchObject({
			verdict: "deny",
			call: { id: "torn" },
			decision: { reasons: [{ rule: { code: "record.unreadable" } }] },
		});
		expect(replies.at(-1)).toMatchObject({ call: { id: "after" }, verdict: "allow" });
		expect(await world.derived(TOPICS.deadLetters, "record.dead")).toHaveLength(3);
		await expectSound(world);
	});

	it("refuses a ledger that was begun with another layout", async () => {
		const world = new LogWorld();
		const { processor: first } = await start(world);
		await until(async () => (await world.fold()).claims === 1);
		await first.drain();
		const { processor } = await start(world, { layout: { ...TEST_LAYOUT, dedupeMs: 1 } });
		const ended = await processor.ended;
		expect(ended?.code).toBe("ASSENT_LAYOUT");
		expect(ended?.message).toContain("layout.dedupe");
	});

	it.each([
		["decides anew", (entry: LedgerEntry) => encodeEntry({ ...entry, seq: 1, semantics: SEMANTICS + 1 })],
		["writes another schema", () => Uint8Array.of(0xc3, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
	])("ends, and does not ask again, on a ledger of another version, which %s", async (_how, written) => {
		const world = new LogWorld();
		await world.submit({ id: "a" });
		const { processor: first } = await start(world);
		await world.consumed();
		await first.drain();
		const { folded, entries } = await world.fold();
		const entry = entries[0];
		if (entry === undefined || folded.head.claim === null) throw new Error("nothing was decided");
		await world.put(
			TOPICS.decisions,
			0,
			written(entry),
			ledgerHeaders({ claim: folded.head.claim, seq: 1, first: 1 }) as Record<string, string>,
		);
		const { processor } = await start(world);
		expect((await processor.ended)?.code).toBe("ASSENT_LEDGER_VERSION");
	});

	it("does not take a policy that it cannot compile for no policy", async () => {
		const world = new LogWorld();
		const digest = await world.policies(TEST_POLICY);
		const { processor: first } = await start(world);
		await world.consumed();
		await first.drain();
		await world.publishBundle({
			type: "policy.bundle",
			digest,
			sources: [{ name: "p.yaml", text: "kind: Newer" }],
			signature: "",
		});
		await world.submit({ id: "a" });
		const { heard } = await start(world);
		await until(() => heard.said("partition.paused").length > 0);
		expect(await kinds(world)).toEqual(["policy.activated"]);
	});
});

describe("a processor that asks for signatures", () => {
	const signer = signerOf(makeKey("ops")) as Signer;
	const policyKeys = [verifierOf(signer.key)];
	const strict = TEST_POLICY.replace("allow: all", "allow: none");

	it("keeps the last good set when one comes that is not signed, and its ledger recomputes without the key", async () => {
		const world = new LogWorld();
		const digest = world.digestOf(TEST_POLICY);
		const sources = [{ name: "p.yaml", text: TEST_POLICY }];
		await world.publishBundle({ type: "policy.bundle", digest, sources, signature: signBundle(digest, signer) });
		await world.activate(digest);
		await world.policies(strict);
		await world.submit({ id: "a" });
		const { processor, heard } = await start(world, { policyKeys });
		await world.consumed();
		await processor.drain();
		const entries = await world.entries();
		expect(entries).toMatchObject([
			{ kind: "policy.activated", digest },
			{ kind: "input.rejected", code: "policy.unsigned" },
			{ kind: "decision.made", verdict: "allow" },
		]);
		expect(heard.said("policy.bundle.unsigned")).toHaveLength(1);
		await expectSound(world);
	});

	it("does not decide by a set in force that is not signed, and says so", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor: first } = await start(world);
		await world.consumed();
		await first.drain();
		await world.submit({ id: "a" });
		const { heard } = await start(world, { policyKeys });
		await until(() => heard.said("partition.paused").length > 0);
		expect(heard.said("partition.paused")[0]?.["why"]).toContain("is not signed by a key of `policyKeys`");
		expect(await kinds(world)).toEqual(["policy.activated"]);
	});
});

describe("a set of policies that takes long to compile", () => {
	const strict = TEST_POLICY.replace("allow: all", "allow: none");
	/** Compiles the first set at once, and the next when told to, or not at all. */
	function slowly(outcome: "compiles" | "fails") {
		const asked = Promise.withResolvers<void>();
		const told = Promise.withResolvers<void>();
		let sets = 0;
		const compile: PolicyCompiler["compile"] = async (sources, budgetRoot) => {
			sets += 1;
			if (sets > 1) {
				asked.resolve();
				await told.promise;
				if (outcome === "fails") throw new Error("no thread can be had");
			}
			return compilePolicies(sources, { budgetRoot });
		};
		return { compiler: { compile }, asked: asked.promise, tell: () => told.resolve(), sets: () => sets };
	}

	it.each(["compiles", "fails"] as const)(
		"and %s holds up no decision: intents go on under the one in force",
		async (outcome) => {
			const world = new LogWorld();
			await world.policies(TEST_POLICY);
			const { compiler, asked, tell, sets } = slowly(outcome);
			const { processor, heard } = await start(world, { compiler });
			await world.submit({ id: "a" });
			await world.consumed();
			await world.policies(strict);
			await asked;
			await world.submit({ id: "b" });
			await until(async () => (await kinds(world)).length === 3);
			await world.control({
				type: "halt.set",
				scope: { tenant: "other", agent: null, session: null },
				reason: "drill",
			});
			await world.submit({ id: "c" });
			await until(async () => (await kinds(world)).length === 4);
			tell();
			await until(async () => (await kinds(world)).length === 6);
			await world.submit({ id: "d" });
			await world.consumed();
			await processor.drain();
			expect((await world.entries()).map((entry) => ("verdict" in entry ? entry.verdict : entry.kind))).toEqual([
				"policy.activated",
				"allow",
				"allow",
				"allow",
				"policy.activated",
				"halt.set",
				"deny",
			]);
			expect(sets()).toBe(2);
			expect(heard.said("policy.compiler.failed")).toHaveLength(outcome === "fails" ? 1 : 0);
			await expectSound(world);
		},
	);

	it("is waited for where none is in force: no intent is denied for want of it", async () => {
		const world = new LogWorld();
		await world.submit({ id: "a" });
		await world.policies(TEST_POLICY);
		const asked = Promise.withResolvers<void>();
		const told = Promise.withResolvers<void>();
		const compile: PolicyCompiler["compile"] = async (sources, budgetRoot) => {
			asked.resolve();
			await told.promise;
			return compilePolicies(sources, { budgetRoot });
		};
		const { processor } = await start(world, { compiler: { compile } });
		await asked.promise;
		expect(await kinds(world)).toEqual([]);
		told.resolve();
		await world.consumed();
		await processor.drain();
		expect(await world.entries()).toMatchObject([{ kind: "policy.activated" }, { verdict: "allow" }]);
	});

	it("is compiled after a takeover before anything is decided", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor: first } = await start(world);
		await world.consumed();
		await first.drain();
		await world.submit({ id: "a" });
		let asked = 0;
		const compile: PolicyCompiler["compile"] = (sources, budgetRoot) => {
			asked += 1;
			return Promise.resolve(compilePolicies(sources, { budgetRoot }));
		};
		const { processor } = await start(world, { compiler: { compile } });
		await world.consumed();
		await processor.drain();
		expect((await world.entries()).at(-1)).toMatchObject({ verdict: "allow" });
		expect(asked).toBe(1);
	});
});

describe("two processors on one log", () => {
	it("the older is superseded, says so, and nothing that it writes afterwards counts", async () => {
		const world = new LogWorld({ store: { mismatched: "written" } });
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		// It never hears that it lost its partitions: a zombie.
		const deaf = over(inner, {
			assign: async (_group, _member, listener) => {
				listener.onAssigned([0]);
				return { confirm: async () => {}, leave: async () => {} };
			},
		});
		const { heard: old } = await start(world, { log: deaf, instance: "old" });
		await world.consumed();
		const { processor: young } = await start(world, { instance: "young" });
		await until(async () => (await world.fold()).claims === 2);
		for (let at = 0; at < 20; at++) await world.submit({ id: `n-${at}` });
		await world.consumed();
		await until(() => old.said("partition.reclaimed").length > 0);
		await Promise.all(running.splice(0).map((processor) => processor.drain()));
		expect(await young.ended).toBeNull();
		expect((await kinds(world)).filter((kind) => kind === "decision.made")).toHaveLength(20);
		await expectSound(world);
	});

	it("one that hears of it ends with ASSENT_SUPERSEDED", async () => {
		const world = new LogWorld();
		const { processor: old } = await start(world, { instance: "old" });
		await start(world, { instance: "young" });
		const ended = await old.ended;
		expect(ended?.code).toBe("ASSENT_SUPERSEDED");
		expect(ended?.message).toContain("superseded by young");
	});

	it("one that drains takes no partitions that another gives up meanwhile", async () => {
		const world = new LogWorld();
		const inner = world.handle();
		const slow = over(inner, {
			assign: async (group, member, listener) => {
				const assignment = await inner.assign(group, member, listener);
				const leave = async (): Promise<void> => {
					await new Promise((resolve) => setTimeout(resolve, 30));
					await assignment.leave();
				};
				return { confirm: assignment.confirm, leave };
			},
		});
		const { processor: old } = await start(world, { log: slow, instance: "old" });
		const { processor: young } = await start(world, { instance: "young" });
		await until(async () => (await world.fold()).claims > 0);
		await Promise.all([old.drain(), young.drain()]);
		const { claims } = await world.fold();
		await world.submit({ id: "a" });
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect((await world.fold()).claims).toBe(claims);
		expect(await kinds(world)).toEqual([]);
	});
});

describe("a full disk", () => {
	it("drops no input: the partition goes on when there is space again", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let isFull = false;
		const log = world.handle({ faults: () => (isFull ? { kind: "full" } : null) });
		const { heard } = await start(world, { log });
		await world.consumed();
		isFull = true;
		for (let at = 0; at < 10; at++) await world.submit({ id: `n-${at}` });
		await until(() => heard.said("partition.reclaimed").length >= 2);
		expect(heard.said("partition.reclaimed").at(-1)?.["why"]).toContain("ASSENT_LOG_FULL");
		isFull = false;
		await world.consumed();
		await Promise.all(running.splice(0).map((processor) => processor.drain()));
		await expectSound(world);
	});
});
