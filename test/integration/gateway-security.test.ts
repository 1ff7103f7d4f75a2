/** What a gateway refuses: callers without a credential, other principals, hostile bytes. */
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { issueKey, revokeKey } from "../../src/app/bearer-keys.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { ask, gatewayWorld } from "../support/gateway.ts";
import { until } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all }
`;

const CALL = { tool: "read", args: {} };

const NO_CALLS: readonly (readonly [string, string, string])[] = [
	["a key twice", '{"tool":"read","args":{"a":1,"a":2}}', "RECORD_JSON"],
	["a key twice, once escaped", '{"tool":"read","args":{"a":1,"\\u0061":2}}', "RECORD_JSON"],
	["a lone surrogate", '{"tool":"read","args":{"a":"\\ud800"}}', "RECORD_JSON"],
	["an integer that a double rounds", '{"tool":"read","args":{"a":9007199254740993}}', "RECORD_JSON"],
	["a number beyond doubles", '{"tool":"read","args":{"a":1e999}}', "RECORD_JSON"],
	["text behind the object", '{"tool":"read","args":{}} x', "RECORD_JSON"],
	["a text that ends too early", '{"tool":"read","args":{}', "RECORD_JSON"],
	["NaN", '{"tool":"read","args":{"a":NaN}}', "RECORD_JSON"],
	["a prototype", '{"tool":"read","args":{"__proto__":{"a":1}}}', "RECORD_JSON"],
	["nesting without end", `{"tool":"read","args":{"a":${"[".repeat(200)}${"]".repeat(200)}}}`, "RECORD_DEPTH"],
	["nesting a little too deep", `{"tool":"read","args":{"a":${"[".repeat(64)}${"]".repeat(64)}}}`, "RECORD_DEPTH"],
	["more items than a call may have", `{"tool":"read","args":{"a":[${"0,".repeat(10_000)}0]}}`, "RECORD_MEMBERS"],
	["members without end", `{"tool":"read","args":{"a":[${"0,".repeat(200_000)}0]}}`, "RECORD_MEMBERS"],
	["nothing", "", "GATEWAY_REQUEST"],
	["a list", "[]", "GATEWAY_REQUEST"],
	["a text", '"read"', "GATEWAY_REQUEST"],
	["arguments that are a list", '{"tool":"read","args":[]}', "GATEWAY_REQUEST"],
	["a tool with a control", '{"tool":"re\\u0000ad","args":{}}', "GATEWAY_REQUEST"],
	["an empty tool", '{"tool":"","args":{}}', "GATEWAY_REQUEST"],
	["facts that are no path", '{"tool":"read","args":{},"facts":{"workspace":"x"}}', "GATEWAY_REQUEST"],
	["an estimate below 0", '{"tool":"read","args":{},"estimate":{"tokens":-1}}', "GATEWAY_REQUEST"],
	["an own prototype beside the call", '{"tool":"read","args":{},"__proto__":{}}', "GATEWAY_REQUEST"],
];

/** Sends bytes as they are; resolves with all that comes back until the connection ends. */
function raw(url: string, text: string | readonly string[], { everyMs = 0 } = {}): Promise<string> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve) => {
		const socket = connect({ host: hostname, port: Number(port) });
		let said = "";
		socket.on("data", (chunk) => {
			said += String(chunk);
		});
		socket.on("error", () => {});
		socket.on("close", () => resolve(said));
		const parts = typeof text === "string" ? [text] : [...text];
		const next = (): void => {
			const part = parts.shift();
			if (part === undefined || socket.destroyed) return;
			socket.write(part);
			setTimeout(next, everyMs);
		};
		socket.on("connect", next);
	});
}

describe("credentials", () => {
	it("are needed on every route, and are those of the file", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		expect((await world.post("/v1/intents", key, CALL)).status).toBe(200);
		for (const wrong of [null, "", "x", `${key}x`, key.slice(0, -1), key.replace(/^ak_[a-z0-9]+/, "ak_0000000000")]) {
			const { status, body, headers } = await world.post("/v1/intents", wrong, CALL);
			expect(status, String(wrong)).toBe(401);
			expect(body["code"]).toBe("GATEWAY_UNAUTHENTICATED");
			expect(headers.get("www-authenticate")).toContain("Bearer");
		}
		const basic = await fetch(`${world.url}/v1/intents`, {
			method: "POST",
			headers: { authorization: `Basic ${key}` },
		});
		expect(basic.status).toBe(401);
		// No secret, and nobody else can read what there is.
		expect(readFileSync(world.keysFile, "utf8")).not.toContain(key.slice(14));
		expect(statSync(world.keysFile).mode & 0o777).toBe(0o600);
	});

	it("are refused from the very next request on when they are revoked, and when they expire", async () => {
		const world = await gatewayWorld(POLICY);
		const { id, secret } = await issueKey(
			world.keysFile,
			{ name: "a", roles: ["agent"], tenant: "acme", agents: "coder", tools: ["*"], expiresAt: null },
			Date.now(),
		);
		expect((await world.post("/v1/intents", secret, CALL)).status).toBe(200);
		await revokeKey(world.keysFile, id, Date.now());
		expect((await world.post("/v1/intents", secret, CALL)).status).toBe(401);
		const expired = await world.key({ expiresAt: Date.now() - 1 });
		const { status, body } = await world.post("/v1/intents", expired, CALL);
		expect(status).toBe(401);
		expect(body["detail"]).toContain("expired");
	});

	it("let nobody through while their file cannot be read", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		expect((await world.post("/v1/intents", key, CALL)).status).toBe(200);
		const kept = readFileSync(world.keysFile, "utf8");
		writeFileSync(world.keysFile, "keys: [oops");
		expect((await world.post("/v1/intents", key, CALL)).status).toBe(503);
		writeFileSync(world.keysFile, kept);
		chmodSync(world.keysFile, 0o600);
		expect((await world.post("/v1/intents", key, CALL)).status).toBe(200);
	});

	it("say who asks: no name in a body does", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key({ agents: "coder*", tools: ["read", "web.*"] });
		const asked = (body: object) => world.post("/v1/intents", key, { ...CALL, agent: "coder-1", ...body });
		expect((await asked({})).status).toBe(200);
		expect((await asked({ tenant: "acme", tool: "web.get" })).status).toBe(200);
		expect((await asked({ tenant: "globex" })).body["code"]).toBe("GATEWAY_FORBIDDEN");
		expect((await asked({ agent: "planner" })).status).toBe(403);
		expect((await asked({ agent: "xcoder" })).status).toBe(403);
		expect((await asked({ agent: "Coder-1" })).status).toBe(403);
		expect((await asked({ tool: "shell" })).status).toBe(403);
		const unnamed = await world.post("/v1/intents", key, CALL);
		expect(unnamed.status).toBe(400);
		expect(unnamed.body["help"]).toContain("coder*");
		for (const path of ["/v1/outcomes", "/v1/abandonments"]) {
			const report = { id: "x", ...(path === "/v1/outcomes" ? { status: "ok" } : { reason: "r" }) };
			expect((await world.post(path, key, { ...report, agent: "planner" })).status).toBe(403);
			expect((await world.post(path, key, { ...report, agent: "coder-1", tenant: "globex" })).status).toBe(403);
		}
		expect((await world.get("/v1/decisions/x?tenant=globex", key)).status).toBe(403);
		expect((await world.get("/v1/decisions/x?agent=planner", key)).status).toBe(403);
	});

	it("see no decision of another agent or tenant, unless they are an auditor's of that tenant", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		await world.post("/v1/intents", key, { ...CALL, id: "mine" });
		expect((await world.get("/v1/decisions/mine", key)).status).toBe(200);
		expect((await world.get("/v1/decisions/mine", await world.key({ agents: "planner" }))).status).toBe(404);
		expect((await world.get("/v1/decisions/mine", await world.key({ tenant: "globex", agents: "*" }))).status).toBe(
			404,
		);
		const auditor = await world.key({ roles: ["auditor"], agents: "nobody" });
		expect((await world.get("/v1/decisions/mine", auditor)).status).toBe(200);
		const abroad = await world.key({ roles: ["auditor"], tenant: "globex", agents: "*" });
		expect((await world.get("/v1/decisions/mine", abroad)).status).toBe(404);
	});

	it("entitle to what their roles say", async () => {
		const world = await gatewayWorld(POLICY);
		for (const role of ["approver", "operator", "auditor"] as const) {
			const key = await world.key({ roles: [role] });
			expect((await world.post("/v1/intents", key, CALL)).body["code"], role).toBe("GATEWAY_FORBIDDEN");
			expect((await world.post("/v1/credentials", key, {})).status, role).toBe(403);
		}
	});

	it("have a body counted by its members, before anything is made of it", async () => {
		const world = await gatewayWorld(POLICY, { limits: { rate: { perSecond: 0.01, burst: 4 } } });
		const [key, other] = [await world.key(), await world.key()];
		const items = (count: number) => ({
			...CALL,
			id: undefined,
			args: { items: Array.from({ length: count }, () => 1) },
		});
		// One as a request, two for their members; what is more than is left is lent.
		expect((await world.post("/v1/intents", key, items(290))).status).toBe(200);
		expect((await world.post("/v1/intents", key, items(90))).status).toBe(200);
		const { end } = await world.log.bounds({ topic: TOPICS.intents, partition: 0 });
		expect((await world.post("/v1/intents", key, items(90))).status).toBe(429);
		expect((await world.post("/v1/intents", other, items(9_000))).status).toBe(200);
		const refused = await world.post("/v1/intents", other, items(90));
		expect([refused.status, refused.body["code"]]).toEqual([429, "GATEWAY_RATE"]);
		expect((await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end).toBe(end + 1);
	});

	it("are answered one after the other where many requests come at once", async () => {
		const world = await gatewayWorld(POLICY, { limits: { rate: { perSecond: 100, burst: 1 } } });
		const key = await world.key();
		const all = await Promise.all(
			Array.from({ length: 30 }, (_, at) => world.post("/v1/intents", key, { ...CALL, id: `call-${at}` })),
		);
		expect(all.map(({ status, body }) => [status, body["verdict"]])).toEqual(all.map(() => [200, "allow"]));
	});

	it("have so many requests at a time that wait, and the others' do not count", async () => {
		const world = await gatewayWorld(POLICY, { decides: false, limits: { waiting: 2, working: 1 } });
		const [key, other] = [await world.key(), await world.key({ agents: "other" })];
		const leaving = new AbortController();
		const asked = (secret: string, signal: AbortSignal | null = null) =>
			fetch(`${world.url}/v1/intents?wait=60s`, {
				method: "POST",
				headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
				body: JSON.stringify(CALL),
				signal,
			});
		const waiting = [key, key, other].map((secret) => asked(secret, leaving.signal).catch(() => "gone"));
		await until(async () => (await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end === 3);
		const refused = await asked(key);
		expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, "GATEWAY_RATE"]);
		expect((await world.post("/v1/outcomes", key, { id: "x", status: "ok" })).status).toBe(202);
		leaving.abort();
		expect(await Promise.all(waiting)).toEqual(["gone", "gone", "gone"]);
		// Their calls are abandoned.
		await until(async () => (await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end === 3 + 1 + 3);
		// The places of those who went away are free, and whoever is answered gives theirs back.
		for (let at = 0; at < 4; at++) expect((await world.post("/v1/intents?wait=1ms", key, CALL)).status).toBe(200);
	});

	it("may make so many requests, each for itself", async () => {
		const world = await gatewayWorld(POLICY, { limits: { rate: { perSecond: 0.01, burst: 3 } } });
		const [key, other] = [await world.key(), await world.key()];
		for (let at = 0; at < 3; at++) expect((await world.post("/v1/intents", key, CALL)).status).toBe(200);
		const { status, body, headers } = await world.post("/v1/intents", key, CALL);
		expect(status).toBe(429);
		expect(body["code"]).toBe("GATEWAY_RATE");
		expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
		expect((await world.post("/v1/intents", other, CALL)).status).toBe(200);
	});
});

describe("bodies", () => {
	it("that are no call in strict JSON are refused, and nothing is published", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		for (const [what, body, code] of NO_CALLS) {
			const answer = await world.post("/v1/intents", key, body);
			expect([answer.status, answer.body["code"]], what).toEqual([400, code]);
		}
		expect((await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end).toBe(0);
	});

	it("with unknown keys are refused with a suggestion, all of them at once", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const { status, body } = await world.post("/v1/intents", key, { ...CALL, tol: "x", estimate: { token: 1 } });
		expect(status).toBe(400);
		const all = JSON.stringify(body);
		expect(all).toContain("unknown key `tol` in the body");
		expect(all).toContain("did you mean `tool`?");
		expect(all).toContain("did you mean `tokens`?");
		expect(all).not.toContain("missing");
		expect((await world.post("/v1/intents", key, { args: {} })).body["detail"]).toBe("`tool` is missing in the body");
		const query = await world.post("/v1/intents?wiat=1s", key, CALL);
		expect(query.body["help"]).toBe("did you mean `wait`?");
		for (const wait of ["61s", "5", "x", "-1s"])
			expect((await world.post(`/v1/intents?wait=${wait}`, key, CALL)).status).toBe(400);
		expect((await world.post("/v1/intents?wait=1s&wait=2s", key, CALL)).status).toBe(400);
	});

	it("that are no UTF-8, or no JSON by their type, are refused", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const send = (type: string, body: Uint8Array | string) =>
			fetch(`${world.url}/v1/intents`, {
				method: "POST",
				headers: { authorization: `Bearer ${key}`, "content-type": type },
				body: body as string,
			});
		const latin = Buffer.from('{"tool":"r\xe9ad","args":{}}', "latin1");
		expect((await send("application/json", latin)).status).toBe(400);
		// What a form of a page could send.
		for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
			expect((await send(type, JSON.stringify(CALL))).status, type).toBe(415);
		}
	});

	it("that are too large are not read, whether they say so or not", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const large = JSON.stringify({ tool: "read", args: { text: "x".repeat(1_100_000) } });
		expect((await world.post("/v1/intents", key, large)).status).toBe(413);
		const head = `POST /v1/intents HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n`;
		const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
		const said = await raw(world.url, [
			`${head}transfer-encoding: chunked\r\n\r\n`,
			...Array.from({ length: 20 }, () => chunk),
		]);
		expect(said).toMatch(/^HTTP\/1\.1 413 /);
		// More than a record may hold, and less than a body may.
		const record = { tool: "read", args: { text: "x".repeat(950_000) } };
		const refused = await world.post("/v1/intents", key, record);
		expect(refused.status).toBe(413);
		expect(refused.body["code"]).toBe("RECORD_OVERSIZED");
	});
});

describe("connections", () => {
	it("with too many headers, or too large ones, or bytes that are no request, end", async () => {
		const world = await gatewayWorld(POLICY);
		const large = await raw(world.url, `GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: ${"a".repeat(20_000)}\r\n\r\n`);
		expect(large).toMatch(/^HTTP\/1\.1 431 /);
		expect(large).toContain("GATEWAY_TOO_LARGE");
		const many = Array.from({ length: 5_000 }, (_, at) => `x-${at}: 1\r\n`).join("");
		expect(await raw(world.url, `GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n${many}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
		expect(await raw(world.url, "\x16\x03\x01 nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
		const both =
			"POST /v1/intents HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
		expect(await raw(world.url, both)).toMatch(/^HTTP\/1\.1 400 /);
		expect((await ask(world.url, "GET", "/livez", null)).status).toBe(200);
	});

	it("are told in a problem, as of everything else, that a path is none", async () => {
		const world = await gatewayWorld(POLICY);
		const said = await raw(world.url, "GET /v1/decisions/%ff HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
		expect(said).toMatch(/^HTTP\/1\.1 400 /);
		expect(said).toContain("application/problem+json");
		expect(said).toContain("GATEWAY_REQUEST");
	});

	it("that send their headers, or their body, drop by drop are closed", async () => {
		const limits = { headersWithinMs: 200, requestWithinMs: 400 };
		const world = await gatewayWorld(POLICY, { limits });
		const key = await world.key();
		const drops = Array.from({ length: 1_000 }, (_, at) => `x-${at}: 1\r\n`);
		const slow = await raw(world.url, ["GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n", ...drops], { everyMs: 50 });
		expect(slow).toMatch(/^HTTP\/1\.1 4\d\d |^$/);
		expect(slow).not.toContain("200 OK");
		const head = `POST /v1/intents HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`;
		const body = await raw(world.url, [head, ...Array.from({ length: 1_000 }, () => " ")], { everyMs: 50 });
		expect(body).not.toContain("200 OK");
	});

	it("for another host are refused on loopback, so that no page of a browser gets through", async () => {
		const world = await gatewayWorld(POLICY);
		const { port } = new URL(world.url);
		for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "localhost.evil.example"]) {
			expect(await raw(world.url, `GET /livez HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`), host).toMatch(
				/^HTTP\/1\.1 4/,
			);
		}
		for (const host of ["localhost", `localhost:${port}`, "[::1]", `127.0.0.1:${port}`]) {
			expect(await raw(world.url, `GET /livez HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`), host).toMatch(
				/^HTTP\/1\.1 200 /,
			);
		}
	});

	it("from other machines are taken only with TLS, or behind a proxy that is named", async () => {
		const world = await gatewayWorld(POLICY);
		await expect(world.another({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		const open = await world.another({ host: "0.0.0.0", isBehindProxy: true });
		const { port } = new URL(open.address) as unknown as AddressInfo;
		expect((await ask(`http://127.0.0.1:${port}`, "GET", "/livez", null)).status).toBe(200);
		await expect(world.another({ port: Number(port), isBehindProxy: true })).rejects.toMatchObject({
			code: "ASSENT_USAGE",
		});
	});
});

describe("long bodies", () => {
	it("are limited by their bytes, of each credential and not of the others", async () => {
		const world = await gatewayWorld(POLICY);
		const [busy, other] = [await world.key(), await world.key({ agents: "other" })];
		const args = { text: "x".repeat(700_000) };
		const answers = await Promise.all(
			Array.from({ length: 12 }, () => world.post("/v1/intents", busy, { ...CALL, args })),
		);
		const refused = answers.filter(({ status }) => status === 429);
		expect(refused.length).toBeGreaterThanOrEqual(6);
		expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
		expect((await world.post("/v1/intents", other, { ...CALL, args })).status).toBe(200);
		expect((await world.post("/v1/intents", busy, CALL)).status).toBe(200);
	});
});
