/** Nobody approves what was asked for with a credential of their own, whatever the call says of itself: who asked comes from the credential. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type Issuer, keysOfSet } from "../../src/adapters/http/gateway/issuers.ts";
import { type GatewayWorld, gatewayWorld } from "../support/gateway.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, hold: [deploy, { name: mine, tools: [confirm], approval: mine }] }
approvals:
  default: { approvers: ['*'] }
  mine: { approvers: ['*'], self: allowed }
`;
const ANN = "ann@example.com";
const ISSUER = "https://id.example.com";

/** Asks for a held call. */
async function ask(world: GatewayWorld, key: string, id: string, more: object = {}): Promise<void> {
	const { status, body } = await world.post("/v1/intents", key, { id, tool: "deploy", args: {}, ...more });
	expect([status, body["verdict"]], JSON.stringify(body)).toEqual([202, "hold"]);
}

/** What comes of a vote on it: the problem's detail, or the result. */
async function grant(world: GatewayWorld, key: string, id: string): Promise<string> {
	const { commitment } = (await world.get(`/v1/approvals/${id}`, key)).body;
	const { status, body } = await world.post(`/v1/approvals/${id}/grant`, key, { commitment });
	return status === 200 ? String(body["result"]) : `${status} ${String(body["detail"])}`;
}

const SELF = expect.stringMatching(/^403 approval\.self/);

describe("what was asked for with a credential", () => {
	it("is not approved with the same one, whatever names the call gives", async () => {
		const world = await gatewayWorld(POLICY);
		const both = await world.key({ name: ANN, roles: ["agent", "approver"], agents: "*" });
		const bo = await world.key({ name: "bo@example.com", roles: ["approver"], agents: "*" });
		await ask(world, both, "one", { agent: "coder", actor: ["planner"], onBehalfOf: "zed@example.com" });
		expect(await grant(world, both, "one")).toEqual(SELF);
		expect((await world.get("/v1/approvals/one", bo)).body).toMatchObject({ askedBy: ANN, publisher: null });
		expect(await grant(world, bo, "one")).toBe("allow");
		expect((await world.get("/v1/decisions/one?agent=coder", both)).body).toMatchObject({ askedBy: ANN });
	});

	it("is not approved with another one of the same name, under any spelling", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key({ name: ANN });
		for (const [at, name] of [ANN, "Ann@Example.com", " ＡNN@example.com\u2800", "ann@example.com."].entries()) {
			const approver = await world.key({ name, roles: ["approver"], agents: "*" });
			await ask(world, agent, `two-${at}`);
			expect(await grant(world, approver, `two-${at}`), name).toEqual(SELF);
		}
	});

	it("is not approved by its issuer's subject, with a token or a key", async () => {
		const { issuer, token } = await issuing();
		const world = await gatewayWorld(POLICY, { issuers: [issuer] });
		const svc = { sub: "svc", roles: ["agent", "approver"] };
		const [own, delegated] = [
			await token({ ...svc, sub: ANN }),
			await token({ ...svc, sub: "zed", act: { sub: ANN } }),
		];
		const key = await world.key({ name: "Ann@example.com", roles: ["approver"], agents: "*" });
		for (const [id, asking] of Object.entries({ own, delegated })) {
			await ask(world, asking, id);
			for (const voting of [own, key]) expect(await grant(world, voting, id)).toEqual(SELF);
			expect(await grant(world, await token(svc), id)).toBe("allow");
		}
	});

	it("is not voted on with a token that acts for somebody: one person would have the votes of two", async () => {
		const { issuer, token } = await issuing();
		const world = await gatewayWorld(POLICY, { issuers: [issuer] });
		const own = await token({ sub: ANN, roles: ["agent", "approver"] });
		await ask(world, own, "own");
		for (const act of [{ sub: "z" }, { sub: ANN }, { sub: "z", act: { sub: "y" } }]) {
			const acting = await token({ sub: ANN, act, roles: ["approver"] });
			expect(await grant(world, acting, "own")).toMatch(/^403 .*a vote is one's own word/);
		}
		expect((await world.get("/v1/approvals/own", own)).body).toMatchObject({ requirements: [{ votes: [] }] });
	});

	it("is not approved with what its child descends from, under whatever name the child has", async () => {
		const world = await gatewayWorld(POLICY);
		const both = await world.key({ name: ANN, roles: ["agent", "approver"], agents: "*" });
		const issued = async (parent: string, name: string) =>
			(await world.post("/v1/credentials", parent, { agent: "coder", name })).body["token"] as string;
		const child = await issued(both, "helper");
		for (const [id, asking] of Object.entries({ child, grandchild: await issued(child, "bo") })) {
			await ask(world, asking, id);
			expect(await grant(world, both, id)).toEqual(SELF);
			expect((await world.get("/v1/approvals", both)).body["holds"]).toMatchObject([{ askedBy: ANN }]);
			expect(await grant(world, await world.key({ name: "zed", roles: ["approver"], agents: "*" }), id)).toBe("allow");
		}
	});

	it("takes no name of an asker from a body", async () => {
		const world = await gatewayWorld(POLICY);
		const agent = await world.key({ name: ANN });
		const named = { id: "x", tool: "deploy", args: {}, askedBy: "zed" };
		expect((await world.post("/v1/intents", agent, named)).status).toBe(400);
	});

	it("is approved by whoever asked where the rule says so", async () => {
		const world = await gatewayWorld(POLICY);
		const both = await world.key({ name: ANN, roles: ["agent", "approver"], agents: "*" });
		await ask(world, both, "mine", { agent: "coder", tool: "confirm" });
		expect(await grant(world, both, "mine")).toBe("allow");
	});
});

async function issuing(): Promise<{ issuer: Issuer; token: (claims: JWTPayload) => Promise<string> }> {
	const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
	const set = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "EdDSA" }] };
	return {
		issuer: {
			...{ issuer: ISSUER, audience: "assent", algorithms: ["EdDSA"], keys: keysOfSet(set) },
			...{ roles: { claim: "roles" }, tenant: { fixed: "acme" }, agents: { fixed: "coder" }, tools: { fixed: ["*"] } },
		},
		token: (claims) =>
			new SignJWT({ iss: ISSUER, aud: "assent", exp: Math.floor(Date.now() / 1_000) + 60, ...claims })
				.setProtectedHeader({ alg: "EdDSA", kid: "1" })
				.sign(privateKey),
	};
}
