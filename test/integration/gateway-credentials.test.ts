/** Credentials that a gateway did not find in its file: children of others, and tokens of issuers. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type Issuer, keysOfSet } from "../../src/adapters/http/gateway/issuers.ts";
import { issueKey, revokeKey } from "../../src/app/bearer-keys.ts";
import { decodeInput } from "../../src/core/codec/decode.ts";
import type { IntentSubmitted } from "../../src/core/model/inputs.ts";
import { readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { type GatewayWorld, gatewayWorld } from "../support/gateway.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all }
`;

async function intents({ log }: GatewayWorld): Promise<IntentSubmitted[]> {
	const found: IntentSubmitted[] = [];
	for await (const records of readToEnd(log, { topic: TOPICS.intents, partition: 0 }, 0)) {
		for (const record of records) {
			const read = decodeInput(record.value, "intents");
			if (read.ok && read.value.type === "intent.submitted") found.push(read.value);
		}
	}
	return found;
}

async function child(world: GatewayWorld, parent: string, wanted: object): Promise<string> {
	const { status, body } = await world.post("/v1/credentials", parent, wanted);
	expect(status, JSON.stringify(body)).toBe(201);
	return body["token"] as string;
}

describe("a child credential", () => {
	it("speaks for a sub-agent of the same agent, and for fewer tools", async () => {
		const world = await gatewayWorld(POLICY);
		const parent = await world.key({ tools: ["read", "web.*"] });
		const token = await child(world, parent, { actor: "researcher", tools: ["web.get"] });
		expect((await world.post("/v1/intents", token, { tool: "web.get", args: {} })).body["mayRun"]).toBe(true);
		expect((await world.post("/v1/intents", token, { tool: "read", args: {} })).status).toBe(403);
		expect((await world.post("/v1/intents", token, { tool: "web.get", args: {}, agent: "other" })).status).toBe(403);
		const below = await world.post("/v1/intents", token, { tool: "web.get", args: {}, actor: ["helper"] });
		expect(below.status).toBe(200);
		const grandchild = await child(world, token, { actor: "reader" });
		await world.post("/v1/intents", grandchild, { tool: "web.get", args: {} });
		expect((await intents(world)).map(({ principal: { tenant, agent, actor } }) => [tenant, agent, ...actor])).toEqual([
			["acme", "coder", "researcher"],
			["acme", "coder", "researcher", "helper"],
			["acme", "coder", "researcher", "reader"],
		]);
		// It does what agents do, and nothing else: not even with a parent of all roles.
		const all = await world.key({ roles: ["agent", "auditor", "operator"] });
		const own = await child(world, all, {});
		expect((await world.get("/v1/decisions/x", own)).status).toBe(404);
	});

	it("that widens is refused, in every way", async () => {
		const world = await gatewayWorld(POLICY);
		const parent = await world.key({ agents: "coder*", tools: ["read", "web.*"], expiresAt: Date.now() + 600_000 });
		const narrow = await child(world, parent, {
			agent: "coder-1",
			budget: { calls: 2 },
			tools: ["web.get"],
			expiresIn: "5m",
		});
		const refused = [
			[parent, { agent: "coder-1", tools: ["*"] }],
			[parent, { agent: "coder-1", tools: ["read", "write"] }],
			[parent, { agent: "coder-1", tools: ["w*"] }],
			[parent, { agent: "planner" }],
			[parent, { agent: "coder-1", expiresIn: "11m" }],
			[narrow, { agent: "coder-2" }],
			[narrow, { tools: ["web.*"] }],
			[narrow, { budget: { calls: 3 } }],
			[narrow, { expiresIn: "6m" }],
		] as const;
		for (const [with_, wanted] of refused) {
			const { status, body } = await world.post("/v1/credentials", with_, wanted);
			expect([status, body["code"]], JSON.stringify(wanted)).toEqual([403, "GATEWAY_FORBIDDEN"]);
		}
		for (const wanted of [{ tenant: "globex" }, { roles: ["operator"] }, { agents: "*" }, { caps: [] }, { exp: 1 }]) {
			expect((await world.post("/v1/credentials", narrow, wanted)).status, JSON.stringify(wanted)).toBe(400);
		}
	});

	it("spends its own budget and that of those above it, and no more, across gateways", async () => {
		const world = await gatewayWorld(POLICY);
		const parent = await world.key();
		const middle = await child(world, parent, { actor: "m", budget: { calls: 3 } });
		const [one, two] = [
			await child(world, middle, { actor: "one", budget: { calls: 2 } }),
			await child(world, middle, { actor: "two" }),
		];
		const ran = async (token: string): Promise<boolean> =>
			(await world.post("/v1/intents", token, { tool: "read", args: {} })).body["mayRun"] === true;
		expect([await ran(one), await ran(one), await ran(one)]).toEqual([true, true, false]);
		expect([await ran(two), await ran(two), await ran(middle)]).toEqual([true, false, false]);
		const over = await world.post("/v1/intents", two, { tool: "read", args: {} });
		expect(over.status).toBe(200);
		expect(over.body["reasons"]).toMatchObject([{ code: "credential.budget" }]);
		expect(await ran(parent)).toBe(true);
	});

	it("dies with the key that it descends from, and with nothing else", async () => {
		const world = await gatewayWorld(POLICY);
		const key = {
			name: "a",
			roles: ["agent" as const],
			tenant: "acme",
			agents: "coder",
			tools: ["*"],
			expiresAt: null,
		};
		const { id, secret } = await issueKey(world.keysFile, key, Date.now());
		const other = await child(world, await world.key(), {});
		const grandchild = await child(world, await child(world, secret, {}), {});
		const status = async (token: string) => (await world.post("/v1/intents", token, { tool: "read", args: {} })).status;
		expect(await status(grandchild)).toBe(200);
		await revokeKey(world.keysFile, id, Date.now());
		expect(await status(grandchild)).toBe(401);
		expect(await status(other)).toBe(200);
	});

	it("that was edited, or signed by another deployment, is none", async () => {
		const world = await gatewayWorld(POLICY);
		const token = await child(world, await world.key(), { tools: ["read"] });
		const [head = "", payload = "", signature = ""] = token.split(".");
		const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as JWTPayload;
		const packed = (of: object) => Buffer.from(JSON.stringify(of)).toString("base64url");
		const other = await gatewayWorld(POLICY, { secret: new Uint8Array(32).fill(8) });
		const forged = [
			`${head}.${packed({ ...claims, tools: ["*"] })}.${signature}`,
			`${packed({ alg: "none" })}.${payload}.`,
			new UnsecuredJWT(claims).encode(),
			await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32)),
			await child(other, await other.key(), {}),
			`${token}x`,
		];
		for (const each of forged) {
			expect((await world.post("/v1/intents", each, { tool: "read", args: {} })).status, each.slice(0, 40)).toBe(401);
		}
	});
});

describe("a token of an issuer", () => {
	const ISSUER = "https://id.example.com";

	async function issuing(part: Partial<Issuer> = {}) {
		const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
		const set = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "EdDSA" }] };
		const issuer: Issuer = {
			...{ issuer: ISSUER, audience: "assent", algorithms: ["EdDSA"], keys: keysOfSet(set) },
			...{ roles: { claim: "roles" }, tenant: { claim: "org" }, agents: { claim: "agent" }, tools: { fixed: ["*"] } },
			...part,
		};
		const token = (claims: JWTPayload, sign = privateKey): Promise<string> =>
			new SignJWT({ iss: ISSUER, aud: "assent", exp: nowS() + 60, ...claims })
				.setProtectedHeader({ alg: "EdDSA", kid: "1" })
				.sign(sign);
		return { issuer, token };
	}

	const nowS = () => Math.floor(Date.now() / 1_000);
	const CLAIMS = { sub: "coder-svc", roles: ["agent"], org: "acme", agent: "coder" };

	it("is a credential of the principal that its claims name, and who acts for whom is in the intent", async () => {
		const { issuer, token } = await issuing();
		const world = await gatewayWorld(POLICY, { issuers: [issuer] });
		const asked = async (secret: string, body: object = {}) =>
			world.post("/v1/intents", secret, { tool: "read", args: {}, ...body });
		expect((await asked(await token(CLAIMS))).body["mayRun"]).toBe(true);
		const act = { sub: "coder-svc", act: { sub: "planner-svc" } };
		const delegated = await token({ ...CLAIMS, sub: "ann@example.com", act });
		expect((await asked(delegated)).status).toBe(200);
		expect((await asked(delegated, { onBehalfOf: "bo@example.com" })).status).toBe(403);
		expect((await asked(delegated, { agent: "other" })).status).toBe(403);
		const child_ = await child(world, delegated, { actor: "helper" });
		expect((await asked(child_)).status).toBe(200);
		expect((await intents(world)).map(({ principal: { actor, onBehalfOf } }) => [onBehalfOf, ...actor])).toEqual([
			[null, "coder-svc"],
			["ann@example.com", "planner-svc", "coder-svc"],
			["ann@example.com", "planner-svc", "coder-svc", "helper"],
		]);
	});

	it("that is forged, expired, for others, or says too little, is none", async () => {
		const { issuer, token } = await issuing();
		const stranger = await generateKeyPair("EdDSA");
		const world = await gatewayWorld(POLICY, { issuers: [issuer] });
		const bad: readonly (readonly [string, string])[] = [
			["signed with another key", await token(CLAIMS, stranger.privateKey)],
			["expired", await token({ ...CLAIMS, exp: nowS() - 1 })],
			["without expiry", await token({ ...CLAIMS, exp: undefined as unknown as number })],
			["not yet in force", await token({ ...CLAIMS, nbf: nowS() + 600 })],
			["for another audience", await token({ ...CLAIMS, aud: "else" })],
			["of another issuer", await token({ ...CLAIMS, iss: "https://evil.example" })],
			["that says it is the gateway's", await token({ ...CLAIMS, iss: "assent-gateway" })],
			["without roles", await token({ ...CLAIMS, roles: [] })],
			["with roles that are none", await token({ ...CLAIMS, roles: ["root"] })],
			["without a tenant", await token({ ...CLAIMS, org: undefined })],
			["with an agent of another form", await token({ ...CLAIMS, agent: ["coder"] })],
			["without a subject", await token({ ...CLAIMS, sub: undefined as unknown as string })],
			["with an actor of another form", await token({ ...CLAIMS, act: { act: { sub: "x" } } })],
			["unsigned", new UnsecuredJWT({ iss: ISSUER, aud: "assent", exp: nowS() + 60, ...CLAIMS }).encode()],
		];
		for (const [what, secret] of bad) {
			const { status } = await world.post("/v1/intents", secret, { tool: "read", args: {} });
			expect(status, what).toBe(401);
		}
		expect(await intents(world)).toEqual([]);
	});

	it("is signed with an algorithm that the issuer is known to use", async () => {
		const { issuer, token } = await issuing({ algorithms: ["ES256"] });
		const world = await gatewayWorld(POLICY, { issuers: [issuer] });
		expect((await world.post("/v1/intents", await token(CLAIMS), { tool: "read", args: {} })).status).toBe(401);
	});

	it("lets nobody through where the issuer's keys cannot be had, and says so", async () => {
		const { issuer, token } = await issuing({
			keys: async () => {
				throw new TypeError("fetch failed");
			},
		});
		const world = await gatewayWorld(POLICY, { issuers: [issuer] });
		expect((await world.post("/v1/intents", await token(CLAIMS), { tool: "read", args: {} })).status).toBe(503);
	});
});
