/** Executors that were handed a token ask the gateway whether its call may run: once, as it was decided, and for whom. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readClaims } from "../../src/core/token/claims.ts";
import { compactToken, headerPart, kidOf } from "../../src/core/token/compact.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { ask, type GatewayWorld, gatewayWorld } from "../support/gateway.ts";
import { newSigner } from "../support/token-keys.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, deny: [wipe], hold: [deploy] }
approvals: { default: { approvers: [bo] } }
obligations: [{ tools: [login], redact: [args.password] }]
`;

const world = (options: Parameters<typeof gatewayWorld>[1] = {}) =>
	gatewayWorld(POLICY, { tokenSigner: newSigner(), ...options });

async function allowed({ post }: GatewayWorld, key: string, part: object = {}): Promise<Record<string, unknown>> {
	const { status, body } = await post("/v1/intents", key, { tool: "shell.run", args: { command: "ls" }, ...part });
	expect([status, body["mayRun"]]).toEqual([200, true]);
	expect(body["token"]).not.toBe("");
	return body;
}

it("lets a call run once, exactly as it was decided", async () => {
	const gateway = await world();
	const key = await gateway.key();
	const { token, id, executor, args } = await allowed(gateway, key);
	const consume = async (part: object = {}) => {
		const body = { token, tool: "shell.run", args, ...part };
		const answer = await gateway.post("/v1/tokens/consume", key, body);
		return [answer.status, answer.body["code"] ?? null];
	};
	expect(await consume({ args: { command: "rm -r /" } })).toEqual([409, "TOKEN_CALL"]);
	expect(await consume({ tool: "shell.sudo" })).toEqual([409, "TOKEN_CALL"]);
	expect(await consume({ executor: "somebody" })).toEqual([409, "TOKEN_AUDIENCE"]);
	expect(await consume({ token: "a.b.c" })).toEqual([409, "TOKEN_MALFORMED"]);
	expect(await consume({ token: `${String(token).slice(0, -4)}AAAA` })).toEqual([409, "TOKEN_SIGNATURE"]);
	expect(await consume({ token: "" })).toEqual([409, "TOKEN_MISSING"]);
	expect(await consume({ token: "x".repeat(20_000) })).toEqual([400, "GATEWAY_REQUEST"]);
	const { status, body } = await gateway.post("/v1/tokens/consume", key, { token, tool: "shell.run", args, executor });
	expect(status).toBe(200);
	expect(body).toMatchObject({ intent: id, tenant: "acme", agent: "coder", session: "default", executor });
	expect(await consume()).toEqual([409, "TOKEN_USED"]);
});

it("refuses one that has expired, is from the future, or was signed by a key that nobody published", async () => {
	const signer = newSigner();
	const gateway = await world({ tokenSigner: signer });
	const key = await gateway.key();
	const { token, args } = await allowed(gateway, key);
	const claims = readClaims(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString());
	if (claims === null) throw new Error("the token has no claims");
	const consume = async (given: string) => {
		const { status, body } = await gateway.post("/v1/tokens/consume", key, { token: given, tool: "shell.run", args });
		return [status, body["code"] ?? null];
	};
	const signed = (by: Signer, seconds: number) => {
		const { iat, exp } = claims;
		return compactToken(headerPart(kidOf(by.key)), { ...claims, iat: iat + seconds, exp: exp + seconds }, by.sign);
	};
	expect(signed(signer, 0)).toBe(token);
	expect(await consume(signed(signer, -86_400))).toEqual([409, "TOKEN_EXPIRED"]);
	expect(await consume(signed(signer, 86_400))).toEqual([409, "TOKEN_EARLY"]);
	expect(await consume(signed(newSigner("elsewhere.example.com"), 0))).toEqual([409, "TOKEN_KEY"]);
	expect(await consume(signed(newSigner(), 0))).toEqual([409, "TOKEN_KEY"]);
	const [head, , signature] = String(token).split(".");
	const longer = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 86_400 })).toString("base64url");
	expect(await consume([head, longer, signature].join("."))).toEqual([409, "TOKEN_SIGNATURE"]);
	const none = Buffer.from(JSON.stringify({ alg: "none", typ: "decision+jwt" })).toString("base64url");
	expect(await consume([none, String(token).split(".")[1], signature].join("."))).toEqual([409, "TOKEN_MALFORMED"]);
	expect(await consume(String(token))).toEqual([200, null]);
});

it("asks whose credential it is", async () => {
	const gateway = await world();
	const key = await gateway.key();
	const { token, args } = await allowed(gateway, key);
	const consume = async (part: Parameters<GatewayWorld["key"]>[0]) => {
		const answer = await gateway.post("/v1/tokens/consume", await gateway.key(part), {
			token,
			tool: "shell.run",
			args,
		});
		return [answer.status, answer.body["code"] ?? null];
	};
	expect(await consume({ tenant: "globex" })).toEqual([409, "TOKEN_SUBJECT"]);
	expect(await consume({ agents: "mailer" })).toEqual([409, "TOKEN_SUBJECT"]);
	expect(await consume({ tools: ["web.*"] })).toEqual([403, "GATEWAY_FORBIDDEN"]);
	expect(await consume({ roles: ["auditor"] })).toEqual([403, "GATEWAY_FORBIDDEN"]);
	expect(await consume({ agents: "cod*" })).toEqual([200, null]);
});

it("gives the same token when it is asked again, and none for what may not run", async () => {
	const gateway = await world();
	const key = await gateway.key();
	const first = await allowed(gateway, key, { id: "c-1", executor: "one" });
	expect(await allowed(gateway, key, { id: "c-1", executor: "one" })).toMatchObject({ token: first["token"] });
	const taken = await gateway.post("/v1/intents", key, {
		tool: "shell.run",
		args: { command: "ls" },
		id: "c-1",
		executor: "two",
	});
	expect(taken.body).toMatchObject({ status: "taken", mayRun: false, token: "" });
	const denied = await gateway.post("/v1/intents", key, { tool: "wipe", args: {} });
	expect(denied.body).toMatchObject({ verdict: "deny", token: "" });
});

it("is bound to what runs, not to what was asked with", async () => {
	const gateway = await world();
	const key = await gateway.key();
	const asked = { user: "ann", password: "s3cret" };
	const { token, args } = await allowed(gateway, key, { tool: "login", args: asked });
	expect((await gateway.post("/v1/tokens/consume", key, { token, tool: "login", args: asked })).status).toBe(409);
	expect(args).toEqual({ user: "ann", password: "[redacted]" });
	expect((await gateway.post("/v1/tokens/consume", key, { token, tool: "login", args })).status).toBe(200);
});

it("is used once through several gateways that share the file of used tokens, and after a restart", async () => {
	const folder = mkdtempSync(join(tmpdir(), "assent-tokens-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const tokenStore = join(folder, "tokens.db");
	const gateway = await world({ tokenStore });
	const other = await gateway.another();
	const key = await gateway.key();
	const tokens = await Promise.all(Array.from({ length: 8 }, () => allowed(gateway, key)));
	const won = await Promise.all(
		tokens.map(async ({ token, args }) => {
			const asking = [gateway.url, other.address, gateway.url, other.address].map((url) =>
				ask(url, "POST", "/v1/tokens/consume", key, { token, tool: "shell.run", args }),
			);
			return (await Promise.all(asking)).filter(({ status }) => status === 200).length;
		}),
	);
	expect(won).toEqual(tokens.map(() => 1));
	await other.stop(0);
	const next = await gateway.another();
	for (const { token, args } of tokens) {
		const { body } = await ask(next.address, "POST", "/v1/tokens/consume", key, { token, tool: "shell.run", args });
		expect(body["code"]).toBe("TOKEN_USED");
	}
});

it("is used up where its call is given up: a call runs or is given up, and not both", async () => {
	const folder = mkdtempSync(join(tmpdir(), "assent-tokens-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const gateway = await world({ tokenStore: join(folder, "tokens.db") });
	const other = await gateway.another();
	const key = await gateway.key();
	const consume = async ({ token, args }: Record<string, unknown>, url = gateway.url) =>
		(await ask(url, "POST", "/v1/tokens/consume", key, { token, tool: "shell.run", args })).body["code"] ?? "used up";
	const abandon = async (body: object, url = other.address) => {
		const { status, body: said } = await ask(url, "POST", "/v1/abandonments", key, { reason: "not needed", ...body });
		return said["code"] ?? status;
	};
	const asked = { tool: "shell.run", args: { command: "ls" } };
	const again = async (call: Record<string, unknown>) =>
		(await gateway.post("/v1/intents", key, { ...asked, id: call["id"], executor: call["executor"] })).body;

	const run = await allowed(gateway, key);
	expect(await consume(run)).toBe("used up");
	const { id, executor, token } = run;
	expect(await abandon({ id, executor, token })).toBe("TOKEN_USED");
	expect(await abandon({ id, executor })).toBe(202);
	expect(await abandon({ id })).toBe(202);
	expect(await again(run)).toMatchObject({ verdict: "allow", status: "open" });

	const left = await allowed(gateway, key);
	expect(await abandon({ id: left["id"], token })).toBe("TOKEN_CALL");
	expect(await abandon({ id: left["id"], token: left["token"], executor })).toBe("TOKEN_AUDIENCE");
	expect(await abandon({ id: left["id"], token: left["token"], session: "another" })).toBe("TOKEN_SUBJECT");
	expect(await abandon({ id: left["id"], token: left["token"] })).toBe(202);
	expect(await consume(left)).toBe("TOKEN_USED");
	await expect.poll(() => again(left)).toMatchObject({ verdict: "deny", reasons: [{ code: "intent.abandoned" }] });
});

it("is not needed to give up a call that waits for a human", async () => {
	const gateway = await world();
	const key = await gateway.key();
	const call = { id: "h", tool: "deploy", args: {}, executor: "one" };
	expect((await gateway.post("/v1/intents", key, call)).body).toMatchObject({ verdict: "hold", token: "" });
	expect((await gateway.post("/v1/abandonments", key, { id: "h", reason: "not needed" })).status).toBe(202);
	const over = async () => (await gateway.post("/v1/intents", key, call)).body;
	await expect.poll(over).toMatchObject({ verdict: "deny", reasons: [{ code: "intent.abandoned" }] });
});
