/** The gateway's commands: keys that are issued, listed and revoked; a gateway of its own, with TLS and from a configuration. */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assent, jsonLines, scratchFolder, start } from "../support/cli.ts";

async function key(file: string, ...more: string[]): Promise<string> {
	const { code, stdout, stderr } = await assent(["keys", "issue", "--role", "agent", "--keys", file, ...more]);
	expect(code, stderr).toBe(0);
	return stdout.trim();
}

describe("keys", () => {
	it("are issued with a secret that is told once, listed without it, and revoked", async () => {
		const file = join(scratchFolder(), "below", "keys.yaml");
		const secret = await key(
			file,
			"--tenant",
			"acme",
			"--agent",
			"coder*",
			"--tools",
			"fs.*",
			"web.*",
			"--expires",
			"30d",
		);
		expect(secret).toMatch(/^ak_[a-z0-9]{10}_[\w-]{43}$/);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(readFileSync(file, "utf8")).not.toContain(secret.slice(14));
		const listed = await assent(["keys", "list", "--json", "--keys", file]);
		const [found] = (jsonLines(listed.stdout)[0]?.["keys"] ?? []) as Record<string, unknown>[];
		expect(found).toMatchObject({
			roles: ["agent"],
			tenant: "acme",
			agents: "coder*",
			tools: ["fs.*", "web.*"],
			revokedAt: null,
		});
		expect(found).not.toHaveProperty("hash");
		const id = String(found?.["id"]);
		const revoked = await assent(["keys", "revoke", id, "--keys", file, "--json"]);
		expect([revoked.code, JSON.parse(revoked.stdout)]).toEqual([0, { id, revokedAt: expect.any(String) as string }]);
		// Once more changes nothing, not even the time.
		expect((await assent(["keys", "revoke", id, "--keys", file, "--json"])).stdout).toBe(revoked.stdout);
		expect((await assent(["keys", "list", "--keys", file])).stdout).toContain("revoked ");
		expect((await assent(["keys", "revoke", "0000", "--keys", file])).code).toBe(2);
		const made = await assent(["keys", "create", "ops", "--out", `${file}.key`, "--json"]);
		expect(JSON.parse(made.stdout)).toEqual({ key: expect.stringMatching(/^ops\+/) as string, file: `${file}.key` });
	});

	it("are refused where they name no role, no glob or no file of keys", async () => {
		const folder = scratchFolder();
		const file = join(folder, "keys.yaml");
		expect((await assent(["keys", "issue", "--role", "root", "--keys", file])).code).toBe(2);
		expect((await assent(["keys", "issue", "--keys", file])).code).toBe(2);
		expect((await assent(["keys", "issue", "--role", "agent", "--agent", "[a", "--keys", file])).code).toBe(2);
		writeFileSync(file, "keys: [{ id: secret-looking }]\n");
		const other = await assent(["keys", "list", "--keys", file]);
		expect(other.code).toBe(2);
		expect(other.stderr).toContain("ASSENT_CONFIG");
		expect(other.stderr).not.toContain("secret-looking");
		expect((await assent(["keys", "list", "--keys", join(folder, "none.yaml")])).stderr).toContain("assent keys issue");
	});
});

describe("assent gateway", () => {
	it("is told before it begins what it lacks: keys, a log, both files of TLS, a safe address", async () => {
		const folder = scratchFolder();
		const [log, keys] = [`file:${join(folder, "log.db")}`, join(folder, "keys.yaml")];
		const refused = async (...args: string[]) => {
			const { code, stderr } = await assent(["gateway", "--port", "0", "--log", log, "--keys", keys, ...args]);
			expect(code, args.join(" ")).toBe(2);
			return stderr;
		};
		expect(await refused()).toContain("there is no file of keys");
		await key(keys);
		expect(await refused()).toContain("ASSENT_FILE_MISSING");
		expect((await assent(["topics", "create", "--log", log])).code).toBe(0);
		expect(await refused("--tls-cert", keys)).toContain("need each other");
		expect(await refused("--host", "0.0.0.0")).toContain("in the clear");
	});

	it("says how to make the topic of its own on which its answers come", async () => {
		const folder = scratchFolder();
		const log = `file:${join(folder, "log.db")}`;
		await key(join(folder, "keys.yaml"));
		const config = join(folder, "assent.yaml");
		writeFileSync(config, "gateway: { port: 0, keys: keys.yaml, replyTopic: replies.desk-1 }\n");
		expect((await assent(["topics", "create", "--log", log])).code).toBe(0);
		const { code, stderr } = await assent(["gateway", "--log", log, "--config", config]);
		expect([code, stderr]).toEqual([3, expect.stringContaining("`assent topics create --replies desk-1`")]);
		expect((await assent(["topics", "create", "--log", log, "--replies", "desk-1"])).code).toBe(0);
		const gateway = start(["gateway", "--json", "--log", log, "--config", config]);
		await gateway.said(/"event":"ready"/);
		expect((await gateway.stop()).code).toBe(0);
	});

	it("logs each request with its route, status and credential, and no secret, name or argument of it", async () => {
		const folder = scratchFolder();
		const [log, keys] = [`file:${join(folder, "log.db")}`, join(folder, "keys.yaml")];
		const secret = await key(keys);
		expect((await assent(["topics", "create", "--log", log])).code).toBe(0);
		const gateway = start(["gateway", "--json", "--port", "0", "--log", log, "--keys", keys, "--log-level", "info"]);
		await gateway.said(/"event":"ready"/);
		const url = String(jsonLines(gateway.printed())[0]?.["gateway"]);
		const canary = "canary-that-nobody-logs";
		const asked = async (path: string, authorization: string, body?: unknown): Promise<number> => {
			const headers = { authorization, "x-note": canary, "content-type": "application/json", cookie: canary };
			const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
			return (await fetch(`${url}${path}`, { headers, ...posted })).status;
		};
		const own = `Bearer ${secret}`;
		const call = { id: canary, session: canary, tool: canary, args: { [canary]: canary } };
		expect(await asked("/v1/intents?wait=1ms", own, call)).toBe(200);
		expect(await asked(`/v1/intents?${canary}=${canary}`, own, call)).toBe(400);
		expect(await asked(`/v1/decisions/${canary}?agent=default&session=${canary}`, own)).toBe(404);
		expect(await asked(`/${canary}`, own)).toBe(404);
		expect(await asked("/v1/intents", `Bearer ${canary}`, call)).toBe(401);
		expect(await asked("/livez", own)).toBe(200);
		const { code, stderr } = await gateway.stop();
		expect(code, stderr).toBe(0);
		const lines = jsonLines(stderr);
		const answered = lines.filter(({ event }) => event === "request.answered");
		const credential = secret.split("_")[1];
		expect(answered.map(({ method, route, status, ...more }) => [method, route, status, more["credential"]])).toEqual([
			["POST", "/v1/intents", 200, credential],
			["POST", "/v1/intents", 400, credential],
			["GET", "/v1/decisions/:id", 404, credential],
			["GET", "none", 404, undefined],
			["POST", "/v1/intents", 401, undefined],
		]);
		// Fastify's own, in the same form.
		expect(lines.map(({ msg }) => String(msg)).filter((text) => text.includes("listening at"))).toHaveLength(1);
		expect(stderr).not.toContain(canary);
		expect(stderr).not.toContain(secret.slice(14));
	});

	it("answers over TLS with what processors decide on the same log, and ends in order", async () => {
		const folder = scratchFolder();
		const log = `file:${join(folder, "log.db")}`;
		const secret = await key(join(folder, "keys.yaml"));
		const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
		const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
		execFileSync("openssl", ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", ...subject, ...files], {
			stdio: "ignore",
		});
		const tls = "tls: { cert: cert.pem, key: key.pem }";
		writeFileSync(
			join(folder, "assent.yaml"),
			`gateway: { host: 0.0.0.0, port: 0, keys: keys.yaml, ${tls}, drain: 1s }\n`,
		);
		const dev = start(["dev", "--json", "--gateway-port", "off", "--log", log, "--policy", "policies/baseline.yaml"]);
		await dev.said(/"event":"ready"/);
		expect(jsonLines(dev.printed())[0]).toMatchObject({ gateway: null });
		const gateway = start(["gateway", "--json", "--log", log, "--config", join(folder, "assent.yaml")]);
		await gateway.said(/"event":"ready"/);
		const url = String(jsonLines(gateway.printed())[0]?.["gateway"]).replace("0.0.0.0", "localhost");
		expect(url).toMatch(/^https:/);
		const answer = await post(`${url}/v1/intents`, secret, readFileSync(join(folder, "cert.pem"), "utf8"));
		expect(answer).toMatchObject({ verdict: "allow", mayRun: true });
		const ended = await gateway.stop();
		expect(ended.code, ended.stderr).toBe(0);
		expect(ended.stdout).toContain('"event":"stopped"');
		expect(ended.stdout + ended.stderr).not.toContain(secret.slice(14));
		expect((await dev.stop()).code).toBe(0);
	});
});

function post(url: string, secret: string, ca: string): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
		const sent = request(url, { method: "POST", headers, agent: new Agent({ ca }) }, (answer) => {
			let text = "";
			answer.on("data", (part) => {
				text += String(part);
			});
			answer.on("end", () => resolve(JSON.parse(text)));
		});
		sent.on("error", reject);
		sent.end(JSON.stringify({ tool: "fs.read", args: { path: "/srv/x" } }));
	});
}
