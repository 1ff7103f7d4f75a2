/** What becomes of a request that waits: for a human, for a decision that does not come, for a gateway that ends. */
import { describe, expect, it } from "vitest";
import { decodeInput } from "../../src/core/codec/decode.ts";
import { heldCalls } from "../../src/operations/holds.ts";
import { sendVote } from "../../src/operations/operators.ts";
import { readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { type Answer, ask, type GatewayWorld, gatewayWorld } from "../support/gateway.ts";
import { until } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, hold: [deploy] }
approvals: { default: { approvers: ['*'], expires: 1h } }
`;

const CALL = { id: "d", tool: "deploy", args: { to: "prod" }, executor: "an-executor-of-its-own" };

async function vote(world: GatewayWorld, vote: "granted" | "rejected"): Promise<void> {
	const now = Date.now();
	const [held] = await heldCalls(world.log, world.layout, { filter: { tenant: "acme" }, now });
	if (held === undefined) throw new Error("nothing is held");
	const { call, session, commitment } = held;
	await sendVote(world.log, world.layout, { by: "bo", now, call, session, commitment, vote, comment: "" });
}

async function isHeld(world: GatewayWorld, key: string): Promise<boolean> {
	const { status, body } = await world.get("/v1/decisions/d", key);
	return status === 200 && body["verdict"] === "hold";
}

const abandoned = async (world: GatewayWorld): Promise<string[]> => {
	const reasons: string[] = [];
	for await (const records of readToEnd(world.log, { topic: TOPICS.intents, partition: 0 }, 0)) {
		for (const record of records) {
			const read = decodeInput(record.value, "intents");
			if (read.ok && read.value.type === "intent.abandoned") reasons.push(read.value.reason);
		}
	}
	return reasons;
};

/** A request whose caller goes away when told to. */
function leavable(
	url: string,
	path: string,
	key: string,
	body: unknown,
): { leave: () => void; gone: Promise<unknown> } {
	const leaving = new AbortController();
	const gone = fetch(`${url}${path}`, {
		method: "POST",
		headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
		body: JSON.stringify(body),
		signal: leaving.signal,
	}).catch((thrown: unknown) => thrown);
	return { leave: () => leaving.abort(), gone };
}

describe("a held call", () => {
	it("is answered at once with 202, and after the grant the same id and executor may run it", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const held = await world.post("/v1/intents", key, CALL);
		expect(held.status).toBe(202);
		expect(held.body).toMatchObject({ verdict: "hold", status: "held", mayRun: false, args: null });
		expect(held.body["expiresAt"]).toBeGreaterThan(Date.now());
		await vote(world, "granted");
		let answer: Answer = held;
		await until(async () => {
			answer = await world.post("/v1/intents", key, CALL);
			return answer.status === 200;
		});
		expect(answer.body).toMatchObject({ verdict: "allow", status: "open", mayRun: true, args: CALL.args });
		const late = await world.post("/v1/intents", key, { ...CALL, executor: "somebody-else" });
		expect(late.body).toMatchObject({ status: "taken", mayRun: false });
	});

	it("is waited on where that is asked for, and answered when the human has decided", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const waiting = world.post("/v1/intents?wait=30s&hold=wait", key, CALL);
		await until(() => isHeld(world, key));
		await vote(world, "rejected");
		const { status, body } = await waiting;
		expect(status).toBe(200);
		expect(body).toMatchObject({ verdict: "deny", mayRun: false, source: "reply" });
	});

	it("stays held when the time to wait has passed, and when its caller has gone away", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const passed = await world.post("/v1/intents?wait=300ms&hold=wait", key, CALL);
		expect(passed.status).toBe(202);
		const { leave, gone } = leavable(world.url, "/v1/intents?wait=30s&hold=wait", key, CALL);
		await until(
			async () =>
				(await world.get("/metrics", null)).body["text"]?.toString().includes("assent_gateway_waiting 1") === true,
		);
		await until(async () => (await world.log.bounds({ topic: TOPICS.decisions, partition: 0 })).end >= 4);
		leave();
		await gone;
		await until(
			async () =>
				(await world.get("/metrics", null)).body["text"]?.toString().includes("assent_gateway_waiting 0") === true,
		);
		expect(await abandoned(world)).toEqual([]);
		await vote(world, "granted");
		await until(async () => (await world.post("/v1/intents", key, CALL)).body["mayRun"] === true);
	});
});

describe("a call that nobody decides", () => {
	it("is abandoned when its caller goes away", async () => {
		const world = await gatewayWorld(POLICY, { decides: false });
		const key = await world.key();
		const { leave, gone } = leavable(world.url, "/v1/intents?wait=30s", key, { id: "a", tool: "read", args: {} });
		await until(async () => (await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end === 1);
		leave();
		await gone;
		await until(async () => (await abandoned(world)).length === 1);
		expect(await abandoned(world)).toEqual(["the caller stopped waiting"]);
	});

	it("is given 503 and abandoned when the gateway ends, which takes nothing new meanwhile", async () => {
		const world = await gatewayWorld(POLICY, { decides: false });
		const key = await world.key();
		const ending = await world.another();
		const waiting = ask(ending.address, "POST", "/v1/intents?wait=30s", key, { id: "a", tool: "read", args: {} });
		await until(async () => (await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end === 1);
		const stopped = ending.stop(1_500);
		await until(async () => (await ask(ending.address, "GET", "/readyz", null)).status === 503);
		expect((await ask(ending.address, "GET", "/livez", null)).status).toBe(200);
		const refused = await ask(ending.address, "POST", "/v1/intents", key, { id: "b", tool: "read", args: {} });
		expect(refused.status).toBe(503);
		expect(refused.body["code"]).toBe("GATEWAY_DRAINING");
		expect(refused.headers.get("retry-after")).toBe("1");
		const { status, body } = await waiting;
		expect(status).toBe(503);
		expect(body["code"]).toBe("GATEWAY_DRAINING");
		await stopped;
		expect(await abandoned(world)).toEqual(["the client was closed"]);
		await expect(ask(ending.address, "GET", "/livez", null)).rejects.toThrow();
	});

	it("is answered by a gateway that ends, where the decision comes in time", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const ending = await world.another();
		const waiting = ask(ending.address, "POST", "/v1/intents?wait=30s&hold=wait", key, CALL);
		await until(() => isHeld(world, key));
		const stopped = ending.stop(20_000);
		await vote(world, "granted");
		expect((await waiting).body).toMatchObject({ verdict: "allow", mayRun: true });
		await stopped;
	});
});
