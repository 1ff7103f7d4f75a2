/** Child credentials in hostile hands: what a child could be more than what it came from. */
import { describe, expect, it } from "vitest";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import { readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { type GatewayWorld, gatewayWorld } from "../support/gateway.ts";
import { readEvents } from "../support/server-sent.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all }
`;
const HOLDING = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, hold: [deploy] }
approvals: { default: { approvers: [bo] } }
`;
const CALL = { tool: "read", args: {} };

describe("a child credential", () => {
	it("is for one agent by its whole name, and no glob that its parent's would admit as a name", async () => {
		const world = await gatewayWorld(POLICY);
		const parent = await world.key({ agents: "agent-?" });
		for (const agent of ["agent-*", "agent-?", "agent-[", "agent-{"]) {
			const { status } = await world.post("/v1/credentials", parent, { agent });
			expect(status, agent).toBeGreaterThanOrEqual(400);
		}
		const { status, body } = await world.post("/v1/credentials", parent, { agent: "agent-1" });
		expect(status).toBe(201);
		const child = body["token"] as string;
		expect((await world.post("/v1/intents", child, { ...CALL, agent: "agent-1" })).status).toBe(200);
		expect((await world.post("/v1/intents", child, { ...CALL, agent: "agent-2" })).status).toBe(403);
		expect((await world.post("/v1/intents", child, { ...CALL, agent: "agent-admin" })).status).toBe(403);
	});

	it("reads nothing of its parent and its siblings, whose parent reads all", async () => {
		const world = await gatewayWorld(POLICY);
		const parent = await world.key();
		const issue = async (name: string) =>
			(await world.post("/v1/credentials", parent, { name })).body["token"] as string;
		const [one, other] = [await issue("one"), await issue("other")];
		const heard = await readEvents(world.url, "/v1/events?type=policy_check", one);
		for (const [id, key] of [
			["p", parent],
			["o", other],
			["c", one],
		] as const)
			expect((await world.post("/v1/intents", key, { ...CALL, id })).status, id).toBe(200);
		const seen = async (key: string) =>
			Promise.all(["p", "o", "c"].map(async (id) => (await world.get(`/v1/decisions/${id}`, key)).status));
		expect(await seen(one)).toEqual([404, 404, 200]);
		expect(await seen(parent)).toEqual([200, 200, 200]);
		// The parent's and the sibling's came before.
		expect((await heard.take(1)).map(({ data }) => data["intent"])).toEqual(["c"]);
	});

	it("reports and abandons its own calls, and no other", async () => {
		const world = await gatewayWorld(POLICY);
		const parent = await world.key();
		const issue = async (name: string, of = parent) =>
			(await world.post("/v1/credentials", of, { name })).body["token"] as string;
		const [one, other] = [await issue("one"), await issue("other")];
		const below = await issue("below", one);
		const asking = { p: parent, o: other, c: one, b: below };
		for (const [id, key] of Object.entries(asking)) {
			for (const each of [`${id}1`, `${id}2`]) await world.post("/v1/intents", key, { ...CALL, id: each });
		}
		const told = async (key: string, ids: readonly string[]) => {
			for (const id of ids) {
				const said = [
					await world.post("/v1/outcomes", key, { id: `${id}1`, status: "ok" }),
					await world.post("/v1/abandonments", key, { id: `${id}2`, reason: "it never ran" }),
				];
				expect(said.map(({ status }) => status)).toEqual([202, 202]);
			}
		};
		await told(one, ["p", "o", "c", "b"]);
		await told(parent, ["o", "p"]);
		await told(below, ["c"]);
		const ended = (...ids: string[]) => ids.flatMap((id) => [`usage.settled ${id}1`, `intent.abandoned ${id}2`]);
		const refused = (...ids: string[]) => ids.flatMap((id) => [`call.foreign ${id}1`, `call.foreign ${id}2`]);
		await expect
			.poll(() => endsOf(world))
			.toEqual([...refused("p", "o"), ...ended("c", "b"), ...ended("o", "p"), ...refused("c")]);
	});

	it("has a budget of calls once, and not again by saying that they never ran", async () => {
		const world = await gatewayWorld(POLICY);
		const parent = await world.key();
		const wanted = { name: "one", budget: { calls: 2 } };
		const child = (await world.post("/v1/credentials", parent, wanted)).body["token"] as string;
		for (const id of ["a", "b"]) {
			expect((await world.post("/v1/intents", child, { ...CALL, id })).body["mayRun"]).toBe(true);
			expect((await world.post("/v1/abandonments", child, { id, reason: "it never ran" })).status).toBe(202);
		}
		const third = await world.post("/v1/intents", child, { ...CALL, id: "c" });
		expect(third.body).toMatchObject({ mayRun: false, reasons: [{ code: "credential.budget" }] });
		expect(await endsOf(world)).toEqual(["intent.abandoned a", "intent.abandoned b"]);
		// Nor by what its parent says of its calls.
		await world.post("/v1/abandonments", parent, { id: "a", reason: "it never ran" });
		const fourth = await world.post("/v1/intents", child, { ...CALL, id: "d" });
		expect(fourth.body).toMatchObject({ reasons: [{ code: "credential.budget" }] });
	});

	it("is told nothing, and gets nothing, of a call that its parent or a sibling asked for", async () => {
		const world = await gatewayWorld(HOLDING);
		const parent = await world.key();
		const bo = await world.key({ name: "bo", roles: ["approver"], agents: "*" });
		const child = (await world.post("/v1/credentials", parent, { name: "one" })).body["token"] as string;
		const call = { id: "h", tool: "deploy", args: { to: "eu" }, executor: "parent-executor" };
		expect((await world.post("/v1/intents", parent, call)).body["verdict"]).toBe("hold");
		// Nobody decides at once: the gateway gives the child's wait up, and the parent's hold stays.
		await world.post("/v1/intents?wait=0s", child, { ...call, executor: "child-executor" });
		const held = await world.get("/v1/approvals/h", bo);
		expect(held.status).toBe(200);
		const { commitment } = held.body;
		expect((await world.post("/v1/approvals/h/grant", bo, { commitment })).body["result"]).toBe("allow");
		const taken = await world.post("/v1/intents", child, { ...call, executor: "child-executor" });
		expect(taken.body).toMatchObject({ mayRun: false, reasons: [{ code: "intent.id_reused" }] });
		expect((await world.post("/v1/intents", parent, call)).body["mayRun"]).toBe(true);
	});

	it("of a credential is no way to more requests: all that descends from it is counted with it", async () => {
		const world = await gatewayWorld(POLICY, { limits: { rate: { perSecond: 0.01, burst: 4 } } });
		const [parent, other] = [await world.key(), await world.key()];
		const child = (await world.post("/v1/credentials", parent, {})).body["token"] as string;
		const grandchild = (await world.post("/v1/credentials", child, {})).body["token"] as string;
		expect((await world.post("/v1/intents", grandchild, CALL)).status).toBe(200);
		expect((await world.post("/v1/intents", child, CALL)).status).toBe(200);
		for (const key of [grandchild, child, parent]) {
			const { status, body } = await world.post("/v1/intents", key, CALL);
			expect([status, body["code"]]).toEqual([429, "GATEWAY_RATE"]);
		}
		expect((await world.post("/v1/intents", other, CALL)).status).toBe(200);
	});
});

/** What became of reports, in the order in which they came: the entry's kind, or why it was rejected, and the call's id. */
async function endsOf({ log, layout }: GatewayWorld): Promise<string[]> {
	const ends: string[] = [];
	for (let partition = 0; partition < layout.partitions; partition++) {
		for await (const records of readToEnd(log, { topic: TOPICS.decisions, partition }, 0)) {
			for (const { value } of records) {
				const read = decodeEntry(value);
				if (!read.ok) continue;
				const { value: entry } = read;
				if (entry.kind === "usage.settled" || entry.kind === "intent.abandoned")
					ends.push(`${entry.kind} ${entry.call.id}`);
				if (entry.kind === "input.rejected") ends.push(`${entry.code} ${entry.call.id}`);
			}
		}
	}
	return ends;
}
