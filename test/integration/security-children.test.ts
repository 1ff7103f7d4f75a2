/** Child credentials in hostile hands: what a child could be more than what it came from. */
import { describe, expect, it } from "vitest";
import { gatewayWorld } from "../support/gateway.ts";
import { readEvents } from "../support/server-sent.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all }
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
