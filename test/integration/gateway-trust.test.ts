/** A gateway where the policies name whose signatures count: it signs what it publishes, and what is said on `control` in its users' names. */
import { expect, it } from "vitest";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { activatePolicies } from "../../src/operations/activation.ts";
import { answersTo } from "../../src/operations/answers.ts";
import { sentActivation } from "../../src/operations/operators.ts";
import { type GatewayWorld, gatewayWorld } from "../support/gateway.ts";
import { keyPair, trustText } from "../support/signing.ts";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: all, hold: [pay] }
approvals: { default: { approvers: [bo] } }
`;
const GATEWAY = keyPair("gateway-1");
const TRUST = trustText({
	publishers: [{ name: "gateway-1", key: GATEWAY, tenants: ["acme"] }],
	operators: [{ name: "ann", key: GATEWAY }],
	approvers: [{ name: "bo", key: GATEWAY }],
});

async function begun(isSigning: boolean): Promise<GatewayWorld> {
	const publisher = { name: "gateway-1", signer: GATEWAY.signer };
	const world = await gatewayWorld(POLICY, isSigning ? { publisher, operatorSigner: GATEWAY.signer } : {});
	const { log, layout } = world;
	const sources = [POLICY, TRUST].map((text, at) => ({ name: `${at}.yaml`, text }));
	const compiled = compilePolicies(sources, { budgetRoot: layout.budgetRoot });
	if (!compiled.ok) throw new Error(compiled.error[0]?.message);
	const { digest } = compiled.value;
	const by = { by: "ann", signer: GATEWAY.signer, now: Date.now() };
	const activation = await activatePolicies(log, { layout, sources, digest, ...by });
	const waiting = { waitMs: 20_000, signal: new AbortController().signal };
	const answers = await answersTo(log, layout, sentActivation(activation), waiting);
	expect([...answers.values()].map(({ kind }) => kind)).toEqual(["policy.activated"]);
	return world;
}

const intent = (id: string, tool = "ls") => ({ id, session: "s", tool, args: {} });

it("signs intents, votes and halts", async () => {
	const world = await begun(true);
	const [agent, bo, ann] = [
		await world.key(),
		await world.key({ name: "bo", roles: ["approver"], agents: "*" }),
		await world.key({ name: "ann", roles: ["operator"], agents: "*" }),
	];
	expect((await world.post("/v1/intents", agent, intent("a"))).body).toMatchObject({ verdict: "allow" });
	expect((await world.post("/v1/intents", agent, intent("p", "pay"))).body).toMatchObject({ verdict: "hold" });
	const { commitment } = (await world.get("/v1/approvals/p", bo)).body;
	const vote = { commitment };
	expect((await world.post("/v1/approvals/p/grant", bo, vote)).status).toBe(200);
	expect((await world.post("/v1/halts", ann, { agent: "coder", reason: "drill" })).status).toBe(200);
});

it("is refused without a key, and says why", async () => {
	const world = await begun(false);
	const ann = await world.key({ name: "ann", roles: ["operator"], agents: "*" });
	expect((await world.post("/v1/intents", await world.key(), intent("a"))).body).toMatchObject({
		verdict: "deny",
		reasons: [{ code: "publisher.unsigned" }],
	});
	const halted = await world.post("/v1/halts", ann, { agent: "coder", reason: "drill" });
	expect(halted.status).toBe(409);
	expect(JSON.stringify(halted.body)).toContain("control.unsigned");
});
