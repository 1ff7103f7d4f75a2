import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AssentClient } from "../../../src/client/client.ts";
import { type Decision, mayRun } from "../../../src/client/decision.ts";
import { sha256Hex } from "../../../src/core/base/digest.ts";
import { encodeDerived, encodeInput } from "../../../src/core/codec/encode.ts";
import { HEADER, replyHeaders } from "../../../src/core/codec/headers.ts";
import { NO_OBLIGATIONS } from "../../../src/core/model/obligations.ts";
import type { DecisionReplied } from "../../../src/core/model/records.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { randomOf, VirtualTime } from "../../simulation/virtual-time.ts";
import { intentOf } from "../../support/engine-world.ts";
import { Heard, LogWorld, startProcessor, TEST_POLICY } from "../../support/world.ts";

const EPOCH = 1_700_000_000_000;
const WHO = { tenant: "acme", agent: "coder", session: "run-1" };
const PAY = { tool: "pay.send", args: { amount: 5 }, id: "p" };
const CALL = { tenant: "acme", agent: "coder", id: "p" };
let time: VirtualTime;

beforeEach(() => {
	time = new VirtualTime();
	time.install(randomOf(1));
});
afterEach(() => time.uninstall());

/** A gateway whose call is held, and what another publisher can know of it: the address on the shared reply topic. */
async function held() {
	const world = new LogWorld({ clock: { now: () => EPOCH + Math.floor(time.now) } });
	await world.policies(TEST_POLICY);
	await startProcessor(world);
	const heard = new Heard();
	const client = await new AssentClient({
		log: world.handle(),
		layout: world.layout,
		principal: WHO,
		clock: world.clock,
		telemetry: heard,
	}).start();
	await time.advance(100);
	let decision: Decision | null = null;
	const deciding = client.decide(PAY).then((made) => {
		decision = made;
		return made;
	});
	await time.advance(500);
	const [reply] = await world.replies();
	expect(reply).toMatchObject({ verdict: "hold" });
	const replyId = reply?.replyId as string;
	return { world, client, heard, replyId, deciding, decision: () => decision };
}

describe("an answer that comes to a held call's address", () => {
	it.each([
		["another call that is allowed", { id: "harmless", tool: "shell.run", args: { command: "ls" } }],
		["another tenant's call under the same id", { id: "p", tenant: "evil", tool: "shell.run" }],
		["another agent's call under the same id", { id: "p", agent: "other", tool: "shell.run" }],
		["another call under the very same names", { id: "p", tool: "shell.run" }],
	])("is not believed when it is about %s", async (_what, part) => {
		const { world, client, heard, replyId, deciding, decision } = await held();
		await world.submit(part, replyId);
		await time.advance(1_000);
		expect((await world.replies()).filter((reply) => reply.replyId === replyId)).toHaveLength(2);
		expect(decision()).toBeNull();
		expect(heard.said("answer.foreign")).toMatchObject([{ id: "p" }]);
		// The wait goes on, and ends with the answer of the one who may give it.
		await world.control({ type: "approval.granted", issuedBy: "alice", call: CALL, session: "run-1", comment: "" });
		expect(await time.until(deciding, 1_000)).toMatchObject({ verdict: "allow", status: "open" });
		await client.close();
	});

	it("is not believed when it is a refusal of a record that names the call and cannot be read", async () => {
		const { world, client, heard, replyId, decision } = await held();
		const bytes = encodeInput(intentOf({ id: "p", issuedAt: world.clock.now() }));
		const headers = { [HEADER.replyTo]: TOPICS.replies, [HEADER.replyId]: replyId };
		await world.put(TOPICS.intents, 0, bytes.slice(0, -3), headers);
		const call = { ...CALL, id: "p" };
		const outcome = { type: "outcome.reported", actor: [], call, session: "run-1", status: "ok", sketch: "" } as const;
		const usage = { tokens: 0, costMicros: 0, executionMs: 0 };
		await world.put(TOPICS.intents, 0, encodeInput({ ...outcome, usage }), headers);
		await time.advance(1_000);
		expect((await world.replies()).filter(({ verdict }) => verdict === "deny")).toHaveLength(2);
		expect(heard.said("answer.foreign")).toHaveLength(2);
		expect(decision()).toBeNull();
		await client.close();
	});
});

describe("an answer to a first question", () => {
	it("is not believed when it is about another call", async () => {
		const world = new LogWorld({ clock: { now: () => EPOCH + Math.floor(time.now) } });
		await world.policies(TEST_POLICY);
		const client = await new AssentClient({
			log: world.handle(),
			layout: world.layout,
			principal: WHO,
			clock: world.clock,
		}).start();
		const deciding = client.decide({ tool: "wipe", args: {}, id: "w" });
		await time.advance(1);
		const [asked] = await world.records(TOPICS.intents);
		// Before its own answer comes there is another, which allows something.
		await world.put(
			TOPICS.intents,
			0,
			encodeInput(intentOf({ id: "w2", issuedAt: world.clock.now() })),
			asked?.headers,
		);
		const trimmed = await world.records(TOPICS.intents);
		expect(trimmed).toHaveLength(2);
		await startProcessor(world);
		const decision = await time.until(deciding, 2_000);
		expect(decision).toMatchObject({ verdict: "deny", reasons: [{ rule: "no-wipe" }] });
		expect(mayRun(decision)).toBe(false);
		await client.close();
	});

	it("is believed when the record itself could not be read, by the digest of its bytes", async () => {
		const world = new LogWorld({ clock: { now: () => EPOCH + Math.floor(time.now) } });
		const client = await new AssentClient({
			log: world.handle(),
			layout: world.layout,
			principal: WHO,
			clock: world.clock,
		}).start();
		const deciding = client.decide({ tool: "shell.run", args: {}, id: "r" });
		await time.advance(1);
		// A processor that is older than the client knows the names at most, and the bytes.
		const [asked] = await world.records(TOPICS.intents);
		const reply: DecisionReplied = {
			type: "decision.replied",
			replyId: asked?.headers[HEADER.replyId] ?? "",
			partition: 0,
			seq: 0,
			call: { tenant: "acme", agent: "coder", id: "r" },
			session: "",
			commitment: sha256Hex(asked?.value ?? ""),
			verdict: "deny",
			status: "closed",
			decision: { reasons: [], obligations: NO_OBLIGATIONS, uses: [], begins: [], policyDigest: "", classifier: "" },
			expiresAt: 0,
			at: EPOCH,
			token: "",
		};
		await world.put(TOPICS.replies, 0, encodeDerived(reply), replyHeaders(reply.replyId, "r"));
		expect(await time.until(deciding, 100)).toMatchObject({ verdict: "deny", source: "reply" });
		await client.close();
	});
});
