/** A tenant that knows another's ids, and says them wherever a body has room for one, changes nothing there. */
import { expect, it } from "vitest";
import { gatewayWorld } from "../support/gateway.ts";
import { newSigner } from "../support/token-keys.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, hold: [deploy] }
approvals: { default: { approvers: ['*'], expires: 1h } }
limits: [{ name: two, measure: tool_calls, scope: agent, max: 2, tools: [counted] }]
`;

type Body = Readonly<Record<string, unknown>>;

it("another tenant's ids in a body reach nothing of that tenant", async () => {
	const world = await gatewayWorld(POLICY, { tokenSigner: newSigner() });
	const agent = await world.key();
	const operator = await world.key({ roles: ["operator", "approver", "auditor"], agents: "*", name: "olga" });
	// Of every role, for every agent, under the names that the other tenant uses.
	const foreign = await world.key({
		...{ tenant: "globex", agents: "*", name: "olga" },
		roles: ["agent", "approver", "operator", "auditor"],
	});
	const open = { id: "open", tool: "counted", args: { a: 1 }, executor: "executor-number-one" };
	const { token } = (await world.post("/v1/intents", agent, open)).body;
	const held = { id: "held", tool: "deploy", args: {}, executor: "executor-number-one" };
	expect((await world.post("/v1/intents", agent, held)).status).toBe(202);
	const { commitment } = (await world.get("/v1/approvals/held", operator)).body;
	expect((await world.post("/v1/halts", operator, { agent: "writer" })).status).toBe(200);

	const coder = { agent: "coder" };
	const ids = (id: string): readonly string[] => [id, `acme/coder/${id}`];
	for (const id of ids("open")) {
		await world.post("/v1/intents", foreign, { ...open, ...coder, id });
		await world.post("/v1/outcomes", foreign, { ...coder, id, status: "ok", usage: { tokens: 1 } });
		await world.post("/v1/abandonments", foreign, { ...coder, id, reason: "mine", executor: open.executor });
	}
	for (const id of ids("held")) {
		await world.post("/v1/abandonments", foreign, { ...coder, id, reason: "mine", executor: held.executor });
		for (const vote of ["grant", "reject"]) {
			const path = `/v1/approvals/${encodeURIComponent(id)}/${vote}`;
			expect((await world.post(path, foreign, { ...coder, commitment })).status).toBe(404);
		}
	}
	const used = await world.post("/v1/tokens/consume", foreign, { token, tool: "counted", args: open.args });
	expect([used.status, used.body["code"]]).toEqual([409, "TOKEN_SUBJECT"]);
	expect((await world.post("/v1/halts", foreign, {})).status).toBe(200);
	expect((await world.post("/v1/halts/lift", foreign, { agent: "writer" })).status).toBe(404);
	const budget = { policy: "base", limit: "two", ...coder, change: "topup", amount: 5 };
	await world.post("/v1/budgets/adjustments", foreign, budget);
	const bodies: readonly (readonly [string, Body])[] = [
		["/v1/intents", { ...open, ...coder }],
		["/v1/outcomes", { ...coder, id: "open", status: "ok" }],
		["/v1/abandonments", { ...coder, id: "open", reason: "mine" }],
		["/v1/approvals/held/grant", { ...coder, commitment }],
		["/v1/tokens/consume", { token, tool: "counted", args: open.args }],
		["/v1/credentials", { ...coder }],
		["/v1/halts", {}],
		["/v1/halts/lift", { agent: "writer" }],
		["/v1/budgets/adjustments", budget],
	];
	for (const [path, body] of bodies) {
		const { status } = await world.post(path, foreign, { ...body, tenant: "acme" });
		expect([400, 403], `${path}: ${status}`).toContain(status);
	}

	// Its call is open and its token unused, its hold waits, its halt and its budget are as they were.
	expect((await world.post("/v1/intents", agent, open)).body).toMatchObject({ mayRun: true, token });
	const ours = await world.post("/v1/tokens/consume", agent, { token, tool: "counted", args: open.args });
	expect(ours.status).toBe(200);
	expect((await world.get("/v1/approvals/held", operator)).body).toMatchObject({ requirements: [{ votes: [] }] });
	expect((await world.get("/v1/halts", operator)).body["halts"]).toMatchObject([{ by: "olga" }]);
	expect((await world.get("/v1/budgets?agent=coder", operator)).body["budgets"]).toMatchObject([{ max: 2, left: 1 }]);
	expect((await world.post("/v1/intents", agent, { tool: "read", args: {} })).body["verdict"]).toBe("allow");
	const { outcomes } = (await world.get("/v1/decisions/open", agent)).body;
	expect(outcomes).toEqual([]);
});
