/** Tokens are minted with the reply, the same bytes whenever and by whomever, and are nowhere in the ledger. */
import { describe, expect, it } from "vitest";
import type { DecisionReplied } from "../../../src/core/model/records.ts";
import { MINUTE } from "../../../src/core/model/units.ts";
import { callDigest } from "../../../src/core/token/call-digest.ts";
import { kidOf } from "../../../src/core/token/compact.ts";
import { verifyToken } from "../../../src/core/token/verification.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import { publishTokenKey } from "../../../src/publishing/token-keys.ts";
import { readTokenKeys } from "../../../src/reading/token-keys.ts";
import { keysOf, newSigner } from "../../support/token-keys.ts";
import { LogWorld, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

const START = 1_700_000_000_000;
const mail = { id: "p", tool: "pay.send", args: { amount: 5 } };

class MintingWorld extends LogWorld {
	readonly time: { at: number };
	readonly signer = newSigner();

	constructor(time = { at: START }) {
		super({ clock: { now: () => time.at } });
		this.time = time;
	}

	async answer(replyId: string): Promise<DecisionReplied> {
		const found = async () => (await this.replies()).find((reply) => reply.replyId === replyId);
		await until(async () => (await found()) !== undefined, replyId);
		return (await found()) as DecisionReplied;
	}

	async ask(part: Parameters<LogWorld["submit"]>[0], replyId: string): Promise<DecisionReplied> {
		await this.submit({ issuedAt: START, executor: "one", ...part }, replyId);
		return this.answer(replyId);
	}

	start(tokenSigner: Signer | undefined = this.signer, instance = "p1") {
		return startProcessor(this, { instance, ...(tokenSigner === undefined ? {} : { tokenSigner }) });
	}
}

async function begun(): Promise<MintingWorld> {
	const world = new MintingWorld();
	await world.policies(TEST_POLICY);
	return world;
}

const verified = (world: MintingWorld, token: string, expected: object = {}) =>
	verifyToken(
		token,
		keysOf(world.signer),
		{
			audience: "one",
			tenant: "acme",
			agent: "coder",
			session: "run-1",
			callDigest: callDigest("shell.run", '{"command":"ls"}'),
			...expected,
		},
		{ now: world.time.at, skewMs: 0 },
	);

describe("a reply's token", () => {
	it("is good for the allow that the ledger holds", async () => {
		const world = await begun();
		const { processor } = await world.start();
		const { token, seq } = await world.ask({ id: "a" }, "r1");
		await processor.drain();
		const read = verified(world, token, { id: "a" });
		const { folded } = await world.fold();
		expect(read).toMatchObject({
			ok: true,
			value: {
				jti: `0-${seq}`,
				int: "a",
				iat: START / 1_000,
				exp: START / 1_000 + 120,
				pol: folded.state.policy.digest,
			},
		});
		expect(read.ok && read.value.iss).toBe(folded.origin);
	});

	it("is the same bytes when it is asked for again: later, after a restart, and from another processor with the key", async () => {
		const world = await begun();
		const first = await world.start();
		const { token } = await world.ask({ id: "a" }, "r1");
		world.time.at += 5_000;
		expect(await world.ask({ id: "a" }, "r2")).toMatchObject({ status: "open", token });
		await world.policies(TEST_POLICY.replace("no-wipe", "never"));
		expect(await world.ask({ id: "a" }, "r3")).toMatchObject({ status: "open", token });
		await first.processor.drain();
		const second = await world.start(world.signer, "p2");
		expect(await world.ask({ id: "a" }, "r4")).toMatchObject({ status: "open", token });
		await second.processor.drain();
	});

	it("is empty for whatever may not run, or not by whoever asked", async () => {
		const world = await begun();
		const { processor } = await world.start();
		const { token } = await world.ask({ id: "a" }, "r1");
		expect(token).not.toBe("");
		const scope = { tenant: "acme", agent: "coder", session: null };
		expect(await world.ask({ id: "a", executor: "two" }, "r2")).toMatchObject({ status: "taken", token: "" });
		expect(await world.ask({ id: "d", tool: "wipe" }, "r3")).toMatchObject({ verdict: "deny", token: "" });
		expect(await world.ask(mail, "r4")).toMatchObject({ verdict: "hold", token: "" });
		expect(await world.ask({ id: "n", executor: "" }, "r5")).toMatchObject({ status: "open", token: "" });
		expect(await world.ask({ id: "a", args: { command: "rm" } }, "r6")).toMatchObject({ verdict: "deny", token: "" });
		await world.control({ type: "halt.set", id: "h", scope, reason: "stop" });
		await world.consumed();
		expect(await world.ask({ id: "a" }, "r7")).toMatchObject({ verdict: "allow", status: "halted", token: "" });
		await world.control({ type: "halt.lifted", id: "l", scope, reason: "go" });
		await world.consumed();
		expect(await world.ask({ id: "a" }, "r8")).toMatchObject({ status: "open", token });
		world.time.at += 3 * MINUTE;
		expect(await world.ask({ id: "a" }, "r9")).toMatchObject({ verdict: "allow", status: "closed", token: "" });
		await processor.drain();
	});

	it("of a call that was held comes with the first who asks after the grant, and dates from the grant", async () => {
		const world = await begun();
		const { processor } = await world.start();
		await world.ask(mail, "r1");
		world.time.at += 60_000;
		await world.control({
			type: "approval.granted",
			id: "g",
			issuedBy: "alice",
			call: { tenant: "acme", agent: "coder", id: "p" },
			session: "run-1",
			comment: "",
		});
		await until(async () => (await world.replies()).length === 2);
		expect((await world.replies())[1]).toMatchObject({ status: "granted", token: "" });
		const { token } = await world.ask(mail, "r2");
		await processor.drain();
		const [granted] = (await world.entries()).filter(({ kind }) => kind === "approval.recorded");
		expect(verified(world, token, { id: "p", callDigest: callDigest("pay.send", '{"amount":5}') })).toMatchObject({
			ok: true,
			value: { jti: `0-${granted?.seq}`, iat: (START + 60_000) / 1_000 },
		});
		const again = await world.start();
		expect(await world.ask(mail, "r3")).toMatchObject({ status: "open", token });
		await again.processor.drain();
	});

	it("is bound to the arguments as they run, what is redacted replaced", async () => {
		const world = await begun();
		const { processor } = await world.start();
		const { token } = await world.ask({ id: "l", tool: "login", args: { user: "ann", password: "s3cret" } }, "r1");
		await processor.drain();
		const digestOf = (password: string) => callDigest("login", `{"password":"${password}","user":"ann"}`);
		expect(verified(world, token, { callDigest: digestOf("[redacted]") }).ok).toBe(true);
		expect(verified(world, token, { callDigest: digestOf("s3cret") })).toMatchObject({ error: { code: "TOKEN_CALL" } });
	});

	it("is written nowhere but to its reply topic", async () => {
		const world = await begun();
		const { processor } = await world.start();
		const { token } = await world.ask({ id: "a" }, "r1");
		await processor.drain();
		for (const topic of Object.values(TOPICS).filter((each) => each !== TOPICS.replies)) {
			for (const { value } of await world.records(topic)) expect(Buffer.from(value).includes(token)).toBe(false);
		}
	});

	it("is empty where the processor has no key", async () => {
		const world = await begun();
		const { processor } = await startProcessor(world);
		expect(await world.ask({ id: "a" }, "r1")).toMatchObject({ status: "open", token: "" });
		await processor.drain();
		expect((await readTokenKeys(world.log)).size).toBe(0);
	});
});

describe("the key that tokens are signed with", () => {
	it("is published before it is used, once", async () => {
		const world = await begun();
		for (const instance of ["p1", "p2"]) {
			const { processor } = await world.start(world.signer, instance);
			await processor.drain();
		}
		const records = await world.records(TOPICS.policies);
		expect(records.filter(({ key }) => key === `token-key/${kidOf(world.signer.key)}/active`)).toHaveLength(1);
		expect([...(await readTokenKeys(world.log)).values()]).toMatchObject([{ status: "active", by: "p1" }]);
	});

	it.each(["retired", "revoked"] as const)("is not used once it was %s", async (status) => {
		const world = await begun();
		const { key } = world.signer;
		await publishTokenKey(world.log, key, { status: "active", by: "ann", now: START });
		await publishTokenKey(world.log, key, { status, by: "ann", now: START });
		await expect(world.start()).rejects.toMatchObject({ code: "ASSENT_CONFIG" });
		expect((await readTokenKeys(world.log)).get(kidOf(key))).toMatchObject({ status, by: "ann" });
	});

	it("may be another in each processor while it is changed: each allow is asked for again where it was minted", async () => {
		const world = await begun();
		const next = newSigner("next.example.com");
		const first = await world.start();
		const old = await world.ask({ id: "a" }, "r1");
		await first.processor.drain();
		const second = await world.start(next, "p2");
		const fresh = await world.ask({ id: "b" }, "r2");
		await second.processor.drain();
		const check = (token: string) =>
			verifyToken(token, keysOf(world.signer, next), { ...EXPECTED }, { now: START, skewMs: 0 });
		expect([check(old.token).ok, check(fresh.token).ok]).toEqual([true, true]);
		expect([...(await readTokenKeys(world.log)).keys()].sort()).toEqual(
			[kidOf(next.key), kidOf(world.signer.key)].sort(),
		);
	});
});

const EXPECTED = { audience: "one", tenant: "acme", callDigest: callDigest("shell.run", '{"command":"ls"}') };
