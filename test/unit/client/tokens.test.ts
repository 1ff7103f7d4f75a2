/** What runs a call checks its token first: forged, missing, used, halted, of a key that was taken back. Tools count their runs. */
import { afterEach, describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { MemoryTokenStore } from "../../../src/adapters/memory/token-store.ts";
import { ToolCallDenied } from "../../../src/client/call-errors.ts";
import { AssentClient } from "../../../src/client/client.ts";
import { TokenGate, type TokenGateParts } from "../../../src/client/token-gate.ts";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import { decodeDerived } from "../../../src/core/codec/decode.ts";
import { encodeDerived, encodeInput } from "../../../src/core/codec/encode.ts";
import { controlMessage, signatureHeader } from "../../../src/core/codec/signed.ts";
import type { ControlRecord } from "../../../src/core/model/inputs.ts";
import type { DecisionReplied } from "../../../src/core/model/records.ts";
import { headerPart, kidOf } from "../../../src/core/token/compact.ts";
import { activatePolicies } from "../../../src/operations/activation.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import type { TokenStore } from "../../../src/ports/token-store.ts";
import { publishTokenKey } from "../../../src/publishing/token-keys.ts";
import { keyCheckInForce } from "../../../src/reading/control-fold.ts";
import { readTokenKeys } from "../../../src/reading/token-keys.ts";
import { type KeyPair, keyPair, trustText } from "../../support/signing.ts";
import { newSigner } from "../../support/token-keys.ts";
import { Heard, LogWorld, over, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const end of ending.splice(0).reverse()) await end();
});

interface Setting {
	/** Of the processor; null: it has none. */
	readonly signer?: Signer | null;
	readonly gate?: Partial<TokenGateParts>;
	/** What becomes of a reply's record on its way. */
	readonly alter?: (reply: DecisionReplied) => DecisionReplied;
	readonly now?: () => number;
	/** Named by the policies; signs the key of tokens. Null: they name nobody. */
	readonly operator?: KeyPair | null;
	/** What reading `policies` throws. */
	readonly isUnreadable?: AssentError;
}

const ANN = keyPair("ann");
const STRANGER = keyPair("stranger");

/** Puts policies into force that name `operator`, who signs. */
async function activateBy(world: LogWorld, operator: KeyPair, named: readonly KeyPair[] = [operator]): Promise<void> {
	const { layout, log, clock } = world;
	const trust = trustText({ operators: named.map((key) => ({ name: key.signer.key.name, key })) });
	const texts = [TEST_POLICY, trust];
	const sources = texts.map((text, at) => ({ name: `p${at}.yaml`, text }));
	const { signer } = operator;
	const by = { by: signer.key.name, signer, now: clock.now() };
	await activatePolicies(log, { layout, sources, digest: world.digestOf(...texts), ...by });
}

async function begin({
	signer = newSigner(),
	gate = {},
	alter,
	now = Date.now,
	isUnreadable,
	operator = null,
}: Setting = {}) {
	const world = new LogWorld();
	if (operator === null) await world.policies(TEST_POLICY);
	else await activateBy(world, operator);
	const signing = operator === null ? {} : { operatorSigner: operator.signer };
	let processor = (await startProcessor(world, signer === null ? {} : { tokenSigner: signer, ...signing })).processor;
	ending.push(() => processor.drain());
	const heard = new Heard();
	let log = alter === undefined ? world.handle() : altering(world.handle(), alter);
	if (isUnreadable !== undefined) log = withoutPolicies(log, isUnreadable);
	const clock = { now };
	const tokens = new TokenGate({
		log,
		layout: world.layout,
		clock,
		telemetry: heard,
		mode: "published",
		pinned: null,
		store: new MemoryTokenStore(now()),
		skewMs: 30_000,
		verifierOf,
		...gate,
	});
	const client = await new AssentClient({
		log,
		layout: world.layout,
		principal: { tenant: "acme", agent: "coder", session: "run-1" },
		telemetry: heard,
		tokens,
	}).start();
	ending.push(() => client.close());
	let runs = 0;
	const tool = client.guard("shell.run", async () => {
		runs += 1;
		return "ran";
	});
	const restart = async (next: Signer): Promise<void> => {
		await processor.drain();
		processor = (await startProcessor(world, { tokenSigner: next, instance: "p2" })).processor;
	};
	/** The code with which the call was refused; null where it ran. */
	const refusal = async (args: object = { command: "ls" }): Promise<string | null> => {
		const before = runs;
		const thrown: unknown = await tool(args).then(
			() => null,
			(why: unknown) => why,
		);
		expect(runs).toBe(before + (thrown === null ? 1 : 0));
		if (thrown === null) return null;
		if (!(thrown instanceof ToolCallDenied)) throw thrown;
		return thrown.decision.reasons[0]?.code ?? "";
	};
	/** Writes to control in the name of ann, with a signature if somebody signs. */
	const say = async (said: Record<string, unknown>, by: KeyPair | null): Promise<void> => {
		const value = encodeInput({ issuedBy: "ann", issuedAt: Date.now(), ...said } as unknown as ControlRecord);
		const message = controlMessage({ partition: 0, key: null, value });
		await world.put(TOPICS.control, 0, value, by === null ? {} : signatureHeader(by.signer.sign(message)));
	};
	return { world, client, heard, signer, tokens, restart, refusal, say, runs: () => runs };
}

/** A log on which somebody alters replies as they are read. */
const altering = (inner: Log, alter: (reply: DecisionReplied) => DecisionReplied): Log =>
	over(inner, {
		read: async (at, offset, ...more) => {
			const records = await inner.read(at, offset, ...more);
			if (at.topic !== TOPICS.replies) return records;
			return records.map((record) => {
				const read = decodeDerived(record.value);
				if (!read.ok || read.value.type !== "decision.replied") return record;
				return { ...record, value: encodeDerived(alter(read.value)) };
			});
		},
	});

const withoutPolicies = (inner: Log, why: AssentError): Log =>
	over(inner, {
		bounds: (at) => (at.topic === TOPICS.policies ? Promise.reject(why) : inner.bounds(at)),
	});

const kinds = async (world: LogWorld): Promise<string[]> => {
	await world.consumed();
	return (await world.entries()).map(({ kind }) => kind);
};

describe("a guarded tool where a key is published", () => {
	it("runs with the token of its decision", async () => {
		const { refusal, client } = await begin();
		expect(await refusal()).toBeNull();
		expect(await refusal()).toBeNull();
		const decision = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		expect(decision.token.split(".")).toHaveLength(3);
	});

	it("does not run without one, and gives back what the call reserved", async () => {
		const { refusal, world, heard } = await begin({ alter: (reply) => ({ ...reply, token: "" }) });
		expect(await refusal()).toBe("TOKEN_MISSING");
		expect(await kinds(world)).toContain("intent.abandoned");
		expect(heard.said("token.refused")).toMatchObject([{ code: "TOKEN_MISSING" }]);
	});

	it("does not run an allow that somebody else wrote to its reply topic", async () => {
		const { refusal } = await begin({
			alter: (reply) =>
				reply.verdict === "deny" ? { ...reply, verdict: "allow", status: "open", token: "a.b.c" } : reply,
		});
		expect(await refusal()).toBeNull();
		const wiping = await begin({
			alter: (reply) => ({ ...reply, verdict: "allow", status: "open" }),
		});
		let wiped = 0;
		const wipe = wiping.client.guard("wipe", async () => {
			wiped += 1;
		});
		await expect(wipe({})).rejects.toMatchObject({
			decision: { source: "token", reasons: [{ code: "TOKEN_MISSING" }] },
		});
		expect(wiped).toBe(0);
	});

	it.each([
		["a damaged token", (token: string) => `${token.slice(0, -4)}AAAA`, "TOKEN_SIGNATURE"],
		["a text", () => "open sesame", "TOKEN_MALFORMED"],
	])("does not run with %s", async (_, change, code) => {
		const { refusal } = await begin({ alter: (reply) => ({ ...reply, token: change(reply.token) }) });
		expect(await refusal()).toBe(code);
	});

	it("does not run with the token of another call", async () => {
		let first: string | null = null;
		const { refusal } = await begin({
			alter: (reply) => {
				first ??= reply.token;
				return { ...reply, token: first };
			},
		});
		expect(await refusal()).toBeNull();
		expect(await refusal()).toBe("TOKEN_AUDIENCE");
	});

	it("does not run with the key of somebody who is not published", async () => {
		const { refusal } = await begin({ gate: { pinned: [newSigner("other.example.com").key] } });
		expect(await refusal()).toBe("TOKEN_KEY");
	});

	it.each([
		["late", 3 * 60_000, "TOKEN_EXPIRED"],
		["on a clock that is far behind", -40_000, "TOKEN_EARLY"],
	])("does not run %s", async (_, offMs, code) => {
		let isOff = false;
		const { refusal } = await begin({ now: () => Date.now() + (isOff ? offMs : 0) });
		isOff = true;
		expect(await refusal()).toBe(code);
	});

	it("runs where clocks differ by less than the skew", async () => {
		for (const offMs of [20_000, -20_000]) {
			const { refusal } = await begin({ now: () => Date.now() + offMs });
			expect(await refusal()).toBeNull();
		}
	});

	it("does not run where nobody can tell what was used", async () => {
		const store: TokenStore = {
			consume: () => {
				throw new AssentError(problem("TOKEN_STORE", "the disk is gone"));
			},
			close: () => {},
		};
		const { refusal } = await begin({ gate: { store } });
		expect(await refusal()).toBe("TOKEN_STORE");
	});

	it("leaves a call alone whose token was used: it may have run", async () => {
		const store: TokenStore = { consume: () => "used", close: () => {} };
		const { refusal, world } = await begin({ gate: { store } });
		expect(await refusal()).toBe("TOKEN_USED");
		expect(await kinds(world)).not.toContain("intent.abandoned");
	});

	it("goes on through a change of keys, and stops with a key that is revoked", async () => {
		const { refusal, restart, world, signer } = await begin();
		expect(await refusal()).toBeNull();
		const next = newSigner("next.example.com");
		await restart(next);
		expect(await refusal()).toBeNull();
		const say = (key: Signer, status: "retired" | "revoked") =>
			publishTokenKey(world.log, key.key, { status, by: "ann", now: Date.now() });
		await say(signer as Signer, "retired");
		expect(await refusal()).toBeNull();
		await say(next, "revoked");
		await until(async () => (await refusal()) === "TOKEN_KEY", "the revocation is heard of");
	});
});

describe("a key of tokens, where the policies name operators", () => {
	const publish = (world: LogWorld, key: Signer, signer: KeyPair | null, by = "ann") =>
		publishTokenKey(world.log, key.key, { status: "active", by, now: Date.now(), signer: signer?.signer ?? null });

	it("is believed if one of them has signed it, and from then on", async () => {
		const next = newSigner("next.example.com");
		const { refusal, restart, world } = await begin({ operator: ANN });
		expect(await refusal()).toBeNull();
		await publish(world, next, null);
		await publish(world, next, STRANGER);
		await publish(world, next, STRANGER, "stranger");
		await expect(restart(next)).rejects.toMatchObject({ code: "ASSENT_CONFIG" });
		const forged = await begin({ operator: ANN, alter: (reply) => ({ ...reply, token: resigned(reply.token, next) }) });
		for (const by of [null, STRANGER]) await publish(forged.world, next, by);
		expect(await forged.refusal()).toBe("TOKEN_KEY");
		await publish(forged.world, next, ANN);
		await until(async () => (await forged.refusal()) === null, "the key is believed");
	});

	it("is believed no more when policies come into force whose operators have not signed it", async () => {
		const { refusal, world, signer } = await begin();
		expect(await refusal()).toBeNull();
		await activateBy(world, ANN);
		await until(async () => (await refusal()) === "TOKEN_KEY", "the policies are in force");
		await publish(world, signer as Signer, ANN);
		await until(async () => (await refusal()) === null, "the key is signed");
	});

	it("stays taken back, whoever said so, and whatever is said again", async () => {
		const { refusal, world, signer } = await begin({ operator: ANN });
		const { key } = signer as Signer;
		await publishTokenKey(world.log, key, { status: "revoked", by: "nobody", now: Date.now() });
		await publish(world, signer as Signer, ANN);
		await until(async () => (await refusal()) === "TOKEN_KEY", "the revocation is heard of");
		const check = () => keyCheckInForce({ log: world.log, layout: world.layout, verifierOf, now: Date.now() });
		expect([...(await readTokenKeys(world.log, check)).values()]).toMatchObject([{ status: "revoked" }]);
	});
});

/** What a token says, signed by somebody else. */
function resigned(token: string, signer: Signer): string {
	const claims = token.split(".")[1] as string;
	const head = headerPart(kidOf(signer.key));
	const signature = Buffer.from(signer.sign(Buffer.from(`${head}.${claims}`))).toString("base64url");
	return `${head}.${claims}.${signature}`;
}

describe("a guarded tool where no key is published", () => {
	it("runs without a token, unless one is required", async () => {
		expect(await (await begin({ signer: null })).refusal()).toBeNull();
		const required = await begin({ signer: null, gate: { mode: "required" } });
		expect(await required.refusal()).toBe("TOKEN_MISSING");
	});

	it("does not run with one that nobody has signed, once its reply has one", async () => {
		const forged = await begin({ signer: null, alter: (reply) => ({ ...reply, token: "a.b.c" }) });
		expect(await forged.refusal()).toBe("TOKEN_MALFORMED");
	});

	it("runs where what is published cannot be read, and says so, unless a token is required", async () => {
		const denied = new AssentError(problem("ASSENT_LOG_DENIED", "not for you"));
		const unread = async (mode: "published" | "required", keys: "with a key" | "without") => {
			const world = await begin({
				signer: keys === "without" ? null : newSigner(),
				gate: { mode },
				isUnreadable: denied,
			});
			expect(await world.refusal()).toBe(
				mode === "required" ? (keys === "without" ? "TOKEN_MISSING" : "TOKEN_STORE") : null,
			);
			const isTold = mode === "published" && keys === "with a key";
			expect(world.heard.said("token.keys.unread")).toHaveLength(isTold ? 1 : 0);
		};
		await unread("published", "with a key");
		await unread("published", "without");
		await unread("required", "with a key");
		await unread("required", "without");
	});

	it("requires one from the first that comes with a published key on", async () => {
		const { refusal, restart } = await begin({ signer: null });
		expect(await refusal()).toBeNull();
		await restart(newSigner());
		expect(await refusal()).toBeNull();
	});
});

describe("a token that is consumed by itself", () => {
	const call = (executor: string, args: object = { command: "ls" }) => ({
		executor,
		tenant: "acme",
		tool: "shell.run",
		args,
	});

	it("is good once, for what it says", async () => {
		const { client } = await begin();
		const { token, executor, id } = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		const codeOf = async (other: object) => {
			const read = await client.consumeToken(token, { ...call(executor), ...other });
			return read.ok ? null : read.error.code;
		};
		expect(await codeOf({ executor: "somebody" })).toBe("TOKEN_AUDIENCE");
		expect(await codeOf({ tenant: "globex" })).toBe("TOKEN_SUBJECT");
		expect(await codeOf({ agent: "mailer" })).toBe("TOKEN_SUBJECT");
		expect(await codeOf({ tool: "shell.sudo" })).toBe("TOKEN_CALL");
		expect(await codeOf({ args: { command: "ls", more: 1 } })).toBe("TOKEN_CALL");
		expect(await codeOf({ args: { command: "l\u0455" } })).toBe("TOKEN_CALL");
		expect(await codeOf({ args: { at: new Date() } })).toMatch(/^RECORD_/);
		expect(await codeOf({ id })).toBeNull();
		expect(await codeOf({ id })).toBe("TOKEN_USED");
	});

	it("is used by one of many that consume it at once", async () => {
		const { client } = await begin();
		const { token, executor } = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		const all = await Promise.all(Array.from({ length: 50 }, () => client.consumeToken(token, call(executor))));
		expect(all.filter((read) => read.ok)).toHaveLength(1);
	});

	it("is refused while its agent is halted", async () => {
		const { client, world } = await begin();
		const { token, executor } = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		const halted = { tenant: "acme", agent: "coder", session: null };
		const codes: (string | null)[] = [];
		const consume = async () => {
			const read = await client.consumeToken(token, call(executor));
			codes.push(read.ok ? null : read.error.code);
			return codes.at(-1);
		};
		// Halts are followed from the first token on.
		const other = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		expect(await client.consumeToken(other.token, call(other.executor))).toMatchObject({ ok: true });
		await world.control({ type: "halt.set", id: "other", scope: { ...halted, agent: "mailer" }, reason: "stop" });
		await world.control({ type: "halt.set", id: "h", scope: halted, reason: "stop" });
		await world.consumed();
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await consume()).toBe("TOKEN_HALTED");
		await world.control({ type: "halt.lifted", id: "l", scope: halted, reason: "go" });
		await until(async () => (await consume()) === null, "the halt is lifted");
		expect(codes.at(-1)).toBeNull();
	});

	it("is refused by a client that begins later, if its agent was halted meanwhile", async () => {
		const { client, world, signer } = await begin();
		const { token, executor } = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		await world.control({
			type: "halt.set",
			id: "h",
			scope: { tenant: null, agent: null, session: "run-1" },
			reason: "stop",
		});
		const gate = new TokenGate({
			log: world.handle(),
			layout: world.layout,
			clock: world.clock,
			telemetry: new Heard(),
			mode: "required",
			pinned: [(signer as Signer).key],
			store: new MemoryTokenStore(0),
			skewMs: 0,
			verifierOf,
		});
		const later = await new AssentClient({ log: world.handle(), layout: world.layout, tokens: gate }).start();
		ending.push(() => later.close());
		expect(await later.consumeToken(token, call(executor))).toMatchObject({ error: { code: "TOKEN_HALTED" } });
	});

	it("is refused until an operator lifts the halt, where the policies name operators: nobody else does, nor an old word again", async () => {
		const { client, world, say } = await begin({ operator: ANN });
		const { token, executor } = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		const scope = { tenant: "acme", agent: "coder", session: null };
		/** What the processor makes of it, and the executor, once it has heard of it. */
		const codesAfter = async (type: "halt.set" | "halt.lifted", signer: KeyPair | null, id: string) => {
			await say({ type, scope, reason: "", id }, signer);
			await world.consumed();
			const [entry] = (await world.entries()).slice(-1);
			await new Promise((resolve) => setTimeout(resolve, 50));
			return entry?.kind === "input.rejected" ? entry.code : entry?.kind;
		};
		const consumes = async () => {
			const read = await client.consumeToken(token, call(executor));
			return read.ok ? null : read.error.code;
		};
		expect(await codesAfter("halt.set", ANN, "h1")).toBe("halt.set");
		expect(await consumes()).toBe("TOKEN_HALTED");
		for (const signer of [null, STRANGER]) {
			expect(await codesAfter("halt.lifted", signer, "l1")).toBe("control.unsigned");
			expect(await consumes()).toBe("TOKEN_HALTED");
		}
		expect(await codesAfter("halt.lifted", ANN, "l1")).toBe("halt.lifted");
		expect(await codesAfter("halt.set", ANN, "h2")).toBe("halt.set");
		expect(await codesAfter("halt.lifted", ANN, "l1")).toBe("control.repeated");
		expect(await consumes()).toBe("TOKEN_HALTED");
		expect(await codesAfter("halt.lifted", ANN, "l2")).toBe("halt.lifted");
		// A halt that nobody has signed stops nothing.
		expect(await codesAfter("halt.set", null, "h3")).toBe("control.unsigned");
		expect(await consumes()).toBeNull();
	});

	it("is refused by a client whose memory is younger than it", async () => {
		const { client, world, signer } = await begin();
		const { token, executor } = await client.decide({ tool: "shell.run", args: { command: "ls" } });
		const gate = new TokenGate({
			log: world.handle(),
			layout: world.layout,
			clock: world.clock,
			telemetry: new Heard(),
			mode: "required",
			pinned: [(signer as Signer).key],
			store: new MemoryTokenStore(Date.now() + 2_000),
			skewMs: 0,
			verifierOf,
		});
		const later = await new AssentClient({ log: world.handle(), layout: world.layout, tokens: gate }).start();
		ending.push(() => later.close());
		expect(await later.consumeToken(token, call(executor))).toMatchObject({ error: { code: "TOKEN_STORE" } });
	});
});
