/** What agents are answered over HTTP: decisions, reports, what the ledger says, and the documentation of it all. */
import { describe, expect, it } from "vitest";
import { ROUTES } from "../../src/adapters/http/gateway/routes.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { ask, gatewayWorld } from "../support/gateway.ts";
import { until } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, deny: [rm], hold: [deploy] }
approvals: { default: { approvers: ['*'], expires: 1h } }
limits: [{ name: calls, measure: tool_calls, scope: agent, max: 5, tools: [counted] }]
`;

describe("an agent that asks over HTTP", () => {
	it("is answered with the decision, and what it reports is in the ledger", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const allowed = await world.post("/v1/intents", key, { id: "a", tool: "read", args: { path: "/x" } });
		expect(allowed.status).toBe(200);
		expect(allowed.body).toMatchObject({
			id: "a",
			verdict: "allow",
			status: "open",
			mayRun: true,
			args: { path: "/x" },
		});
		const denied = await world.post("/v1/intents", key, { id: "b", tool: "rm", args: {} });
		expect(denied.status).toBe(200);
		expect(denied.body).toMatchObject({ verdict: "deny", mayRun: false, args: null });

		const usage = { tokens: 3, cost: 0.5, durationMs: 20 };
		expect((await world.post("/v1/outcomes", key, { id: "a", status: "ok", usage })).status).toBe(202);
		await until(async () => {
			const { body } = await world.get("/v1/decisions/a?explain=true", key);
			return (body["outcomes"] as unknown[]).length === 1;
		});
		const recorded = await world.get("/v1/decisions/a?explain=true", key);
		expect(recorded.body).toMatchObject({
			...{ id: "a", tenant: "acme", agent: "coder", session: "default", tool: "read", verdict: "allow" },
			outcomes: [{ status: "ok", usage: { tokens: 3, costMicros: 500_000, executionMs: 20 } }],
		});
		expect(recorded.body["explanation"]).toContainEqual(expect.stringContaining("allow"));
		expect((await world.get("/v1/decisions/nobody", key)).status).toBe(404);
	});

	it("gets the same decision when it asks again with the same id and executor, and another executor is told that it is taken", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const call = { id: "a", tool: "counted", args: { n: 1 }, executor: "one-executor-of-many" };
		const first = await world.post("/v1/intents", key, call);
		// Through another gateway: what it needs to know is on the log, and in the secret that they share.
		const second = await world.another();
		const again = await ask(second.address, "POST", "/v1/intents", key, call);
		expect(again.body).toMatchObject({ verdict: "allow", status: "open", mayRun: true, executor: call.executor });
		expect(again.body["seq"]).not.toBe(first.body["seq"]);
		const other = await ask(second.address, "POST", "/v1/intents", key, { ...call, executor: "another" });
		expect(other.body).toMatchObject({ verdict: "allow", status: "taken", mayRun: false, args: null });
		const edited = await world.post("/v1/intents", key, { ...call, args: { n: 2 } });
		expect(edited.body).toMatchObject({ verdict: "deny", mayRun: false });
		// Asked three times, and charged once.
		const next = await world.post("/v1/intents", key, { tool: "counted", args: {} });
		expect(next.body["budgets"]).toMatchObject([{ limit: "calls", before: 1, after: 2 }]);
	});

	it("is denied where nobody decides in time, and its call is abandoned", async () => {
		const world = await gatewayWorld(POLICY, { decides: false });
		const key = await world.key();
		const { status, body } = await world.post("/v1/intents?wait=50ms", key, { id: "a", tool: "read", args: {} });
		expect(status).toBe(200);
		expect(body).toMatchObject({ verdict: "deny", source: "timeout", mayRun: false });
		await until(async () => (await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end >= 2);
	});
});

describe("the documentation", () => {
	it("is of exactly the routes that there are", async () => {
		const world = await gatewayWorld(POLICY);
		const document = (await world.get("/openapi.json", null)).body as unknown as {
			readonly openapi: string;
			readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
		};
		expect(document.openapi).toMatch(/^3\.1\./);
		const documented = Object.entries(document.paths).flatMap(([path, of]) =>
			Object.keys(of).map((method) => `${method.toUpperCase()} ${path}`),
		);
		const probes = ["GET /livez", "GET /readyz", "GET /metrics", "GET /openapi.json"];
		expect(documented.sort()).toEqual([...ROUTES.map(({ method, path }) => `${method} ${path}`), ...probes].sort());
		for (const { method, path } of ROUTES) {
			// A route that is documented and not registered would be 404, or 405.
			const url = path.replace(/\{\w+\}/g, "x");
			expect((await ask(world.url, method, url, null)).status, path).toBe(401);
		}
		expect((await world.get("/v1/intents", null)).status).toBe(405);
		expect((await world.get("/v1/nothing", null)).status).toBe(404);
		for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "QUERY"]) {
			const one = await fetch(`${world.url}/v1/decisions/x`, { method });
			expect([one.status, one.headers.get("allow")], method).toEqual([405, "GET"]);
			expect((await fetch(`${world.url}/livez`, { method })).status, method).toBe(405);
			expect((await fetch(`${world.url}/v1/nothing`, { method })).status, method).toBe(404);
		}
	});
});
