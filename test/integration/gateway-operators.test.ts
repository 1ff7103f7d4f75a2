/** What people do over HTTP: approve, halt, top up, put policies into force. Each under the credential's own name. */
import { describe, expect, it } from "vitest";
import { INTEGER_MAX } from "../../src/core/model/bounds.ts";
import { gatewayWorld } from "../support/gateway.ts";
import { until } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, deny: [rm], hold: [deploy, { name: two, tools: [launch], approval: two }] }
obligations: [{ tools: [deploy], redact: [args.key] }]
approvals:
  default: { approvers: ['*@example.com', coder], expires: 1h }
  two: { approvers: ['*@example.com'], quorum: 2, expires: 1h }
limits:
  - { name: calls, measure: tool_calls, scope: agent, max: 2, tools: [counted] }
`;

const STRICT = POLICY.replace("deny: [rm]", "deny: [rm, read]");

const approver = (name: string) => ({ name, roles: ["approver" as const], agents: "*" });
const operator = { name: "olga", roles: ["operator" as const], agents: "*" };

type Body = Readonly<Record<string, unknown>>;

describe("approvals", () => {
	it("show what will run, and a grant lets exactly that run", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key();
		const ann = await world.key(approver("ann@example.com"));
		const args = { key: "k-secret", to: "a\u202eb", zone: "eu" };
		const call = { id: "d", tool: "deploy", args, onBehalfOf: "bo@example.com", executor: "executor-number-one" };
		expect((await world.post("/v1/intents", agent, call)).status).toBe(202);

		const { holds } = (await world.get("/v1/approvals", ann)).body as { holds: Body[] };
		expect(holds).toMatchObject([{ id: "acme/coder/d", tool: "deploy", onBehalfOf: "bo@example.com" }]);
		const one = await world.get("/v1/approvals/d", ann);
		expect(one.body).toMatchObject({
			args: { key: "[redacted]", to: "a\u202eb", zone: "eu" },
			visible: { isCut: false, unseen: ["U+202E"] },
			reasons: [{ code: "tool.held" }],
			requirements: [{ quorum: 1, votes: [] }],
		});
		expect((one.body["visible"] as { lines: string[] }).lines).toContain('  "to": "a\\u{202e}b",');
		expect(JSON.stringify([holds, one.body])).not.toContain("k-secret");

		const { commitment } = one.body;
		const edited = await world.post("/v1/approvals/d/grant", ann, { commitment: "0".repeat(64) });
		expect([edited.status, edited.body["detail"]]).toEqual([409, expect.stringContaining("approval.other_call")]);
		const granted = await world.post("/v1/approvals/d/grant", ann, { commitment, comment: "seen" });
		expect(granted.body).toEqual({
			...{ id: "acme/coder/d", by: "ann@example.com", vote: "granted", result: "allow", reasons: [] },
		});
		const run = await world.post("/v1/intents", agent, call);
		expect(run.body).toMatchObject({ mayRun: true, args: { key: "[redacted]", zone: "eu" } });
		const late = await world.post("/v1/approvals/d/reject", ann, { commitment });
		expect([late.status, late.body["detail"]]).toEqual([409, expect.stringContaining("approval.closed")]);
	});

	it("take the approver's name from the credential: nobody approves their own call, nor twice", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key();
		const [ann, Ann, bo, coder] = [
			await world.key(approver("ann@example.com")),
			await world.key(approver(" ＡNN@example.com\u2800")),
			await world.key(approver("bo@example.com")),
			await world.key({ ...approver("Coder"), roles: ["approver", "agent"] }),
		];
		await world.post("/v1/intents", agent, { id: "d", tool: "deploy", args: {}, onBehalfOf: "Ann@Example.com" });
		await world.post("/v1/intents", agent, { id: "l", tool: "launch", args: {} });
		const commitmentOf = async (id: string) => (await world.get(`/v1/approvals/${id}`, bo)).body["commitment"];
		const vote = async (id: string, key: string, more: Body = {}) =>
			world.post(`/v1/approvals/${id}/grant`, key, { commitment: await commitmentOf(id), ...more });
		for (const own of [ann, Ann, coder]) {
			const refused = await vote("d", own);
			expect([refused.status, refused.body["detail"]]).toEqual([403, expect.stringContaining("approval.self")]);
		}
		expect((await vote("d", agent)).status).toBe(403);
		expect((await vote("d", bo, { by: "carol@example.com" })).status).toBe(400);

		expect((await vote("l", ann)).body).toMatchObject({ result: "pending", by: "ann@example.com" });
		const again = await vote("l", Ann);
		expect([again.status, again.body["detail"]]).toEqual([409, expect.stringContaining("approval.repeated")]);
		expect((await vote("l", bo)).body).toMatchObject({ result: "allow", by: "bo@example.com" });
		expect((await vote("d", bo)).body).toMatchObject({ result: "allow" });
	});

	it("of other tenants, and of agents that are not the approver's, are not there", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key();
		const foreign = await world.key({ ...approver("eve@example.com"), tenant: "other" });
		const writers = await world.key({ ...approver("will@example.com"), agents: "writer*" });
		const auditor = await world.key({ name: "aud", roles: ["auditor"], agents: "*" });
		await world.post("/v1/intents", agent, { id: "d", tool: "deploy", args: {} });
		const { commitment } = (await world.get("/v1/approvals/d", auditor)).body;
		for (const key of [foreign, writers]) {
			expect((await world.get("/v1/approvals", key)).body).toEqual({ holds: [] });
			for (const id of ["d", "acme%2Fcoder%2Fd"]) {
				expect((await world.get(`/v1/approvals/${id}`, key)).status).toBe(404);
				expect((await world.post(`/v1/approvals/${id}/grant`, key, { commitment })).status).toBe(404);
			}
		}
		expect((await world.post("/v1/approvals/d/grant", auditor, { commitment })).status).toBe(403);
		expect((await world.post("/v1/approvals/d/grant", writers, { commitment, agent: "coder" })).status).toBe(404);
	});
});

describe("halts", () => {
	it("stop agents of the credential's tenant alone, and are lifted under the same names", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key();
		const other = await world.key({ tenant: "other" });
		const olga = await world.key(operator);
		const some = await world.key({ ...operator, agents: "writer" });
		expect((await world.post("/v1/halts", some, { reason: "x" })).status).toBe(403);
		expect((await world.post("/v1/halts", some, { agent: "coder" })).status).toBe(403);
		const set = await world.post("/v1/halts", olga, { agent: "coder", reason: "leaked key" });
		expect(set.body).toMatchObject({ change: "set", scope: { tenant: "acme", agent: "coder" } });
		expect(set.body["recorded"]).toBe(world.layout.partitions);
		const asked = await world.post("/v1/intents", agent, { tool: "read", args: {} });
		expect(asked.body["reasons"]).toMatchObject([{ code: "agent.halted" }]);
		expect((await world.post("/v1/intents", other, { tool: "read", args: {} })).body["verdict"]).toBe("allow");
		expect((await world.get("/v1/halts", olga)).body["halts"]).toMatchObject([{ by: "olga", reason: "leaked key" }]);
		const unknown = await world.post("/v1/halts/lift", olga, {});
		expect([unknown.status, unknown.body["detail"]]).toEqual([404, expect.stringContaining("halt.unknown")]);
		expect((await world.post("/v1/halts/lift", olga, { agent: "coder" })).status).toBe(200);
		expect((await world.get("/v1/halts", olga)).body["halts"]).toEqual([]);
		expect((await world.get("/v1/halts", agent)).status).toBe(403);
	});
});

describe("budgets", () => {
	it("are read, raised and reset", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key();
		const olga = await world.key(operator);
		const count = () => world.post("/v1/intents", agent, { tool: "counted", args: {} });
		for (const verdict of ["allow", "allow", "deny"]) expect((await count()).body["verdict"]).toBe(verdict);
		const limit = { policy: "base", limit: "calls", agent: "coder" };
		const raised = await world.post("/v1/budgets/adjustments", olga, { ...limit, change: "topup", amount: 1 });
		expect(raised.body).toEqual({ policy: "base", limit: "calls", scopeKey: "acme/coder" });
		expect((await count()).body["verdict"]).toBe("allow");
		expect((await world.get("/v1/budgets?agent=coder", olga)).body["budgets"]).toMatchObject([
			{ limit: "calls", scopeKey: "acme/coder", max: 3, left: 0 },
		]);
		const adjust = (body: Body) => world.post("/v1/budgets/adjustments", olga, { ...limit, ...body });
		expect((await adjust({ change: "topup" })).status).toBe(400);
		expect((await adjust({ change: "reset", amount: 1 })).status).toBe(400);
		expect((await adjust({ change: "reset", limit: "nosuch" })).status).toBe(404);
		expect((await adjust({ change: "reset", tenant: "other" })).status).toBe(400);
		expect((await adjust({ change: "reset" })).status).toBe(200);
		const foreign = await world.key({ ...operator, tenant: "other" });
		expect((await world.get("/v1/budgets", foreign)).body).toEqual({ budgets: [] });
	});
});

describe("a budget that is raised beyond all bounds", () => {
	it("is shown as it is counted: at the largest integer, to the last digit", async () => {
		const world = await gatewayWorld(POLICY);
		const [agent, olga] = [await world.key(), await world.key(operator)];
		await world.post("/v1/intents", agent, { tool: "counted", args: {} });
		const raise = { policy: "base", limit: "calls", agent: "coder", change: "topup", amount: INTEGER_MAX };
		expect((await world.post("/v1/budgets/adjustments", olga, raise)).status).toBe(200);
		expect((await world.get("/v1/budgets?agent=coder", olga)).body["budgets"]).toMatchObject([
			{ max: INTEGER_MAX, left: INTEGER_MAX - 1 },
		]);
	});
});

describe("calls whose end nobody saw", () => {
	it("are listed for operators of their tenant", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key();
		await world.post("/v1/intents", agent, { id: "u", tool: "counted", args: {} });
		await world.post("/v1/outcomes", agent, { id: "u", status: "unknown" });
		const olga = await world.key(operator);
		await until(async () => {
			const { calls } = (await world.get("/v1/calls/unknown", olga)).body as { calls: Body[] };
			return calls.length === 1;
		});
		expect((await world.get("/v1/calls/unknown", olga)).body).toMatchObject({
			calls: [{ id: "acme/coder/u", tool: "counted", charged: [{ limit: "calls", amount: 1 }] }],
			isCut: false,
		});
		const foreign = await world.key({ ...operator, tenant: "other" });
		expect((await world.get("/v1/calls/unknown", foreign)).body).toEqual({ calls: [], isCut: false });
		expect((await world.get("/v1/calls/unknown", agent)).status).toBe(403);
	});
});

describe("policies", () => {
	it("are read and put into force, by an operator for all agents", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key();
		const olga = await world.key(operator);
		const sources = [{ name: "policy.yaml", text: STRICT }];
		expect((await world.post("/v1/policies/activations", agent, { sources })).status).toBe(403);
		const some = await world.key({ ...operator, agents: "coder" });
		expect((await world.post("/v1/policies/activations", some, { sources })).status).toBe(403);
		const broken = [{ name: "policy.yaml", text: POLICY.replace("allow: all", "alow: all") }];
		const refused = await world.post("/v1/policies/activations", olga, { sources: broken });
		expect([refused.status, JSON.stringify(refused.body)]).toEqual([400, expect.stringContaining("alow")]);

		const activated = await world.post("/v1/policies/activations", olga, { sources });
		expect(activated.body).toMatchObject({ inForce: world.layout.partitions, partitions: world.layout.partitions });
		const { digest } = activated.body;
		const read = (await world.get("/v1/policies", olga)).body as { partitions: Body[]; sets: Body[] };
		expect(read.sets).toEqual([{ digest, sources }]);
		expect(read.partitions[0]).toMatchObject({ digest, proposed: null, waiting: 0 });
		await until(async () => {
			const { body } = await world.post("/v1/intents", agent, { tool: "read", args: {} });
			return body["verdict"] === "deny";
		});
	});
});
