/** `assent notify` beside a deployment: what it is told by its configuration and its options, and what it says at its end. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { parseSecret, webhookHeaders } from "../../src/adapters/http/webhooks/signature.ts";
import { type DevNode, startDev } from "../../src/app/dev.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { AssentClient } from "../../src/client/client.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { startReceiver } from "../support/receiver.ts";
import { textOf } from "../support/repository.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { TEST_LAYOUT, TEST_POLICY, until } from "../support/world.ts";

let folder: string;
let log: Log;
let node: DevNode;
let client: AssentClient;

const path = (name: string): string => join(folder, name);

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-cli-notify-"));
	await writeFile(path("policy.yaml"), TEST_POLICY);
	const policies = await loadPolicies([path("policy.yaml")], TEST_LAYOUT.budgetRoot);
	if (!policies.ok) throw new Error(JSON.stringify(policies.error));
	log = await openLog(`file:${path("log.db")}`, { create: true });
	const parts = { layout: TEST_LAYOUT, policies: policies.value, snapshotEvery: 100_000, telemetry: silentTelemetry };
	node = await startDev({ log, ...parts });
	client = await new AssentClient({
		log,
		layout: TEST_LAYOUT,
		principal: { tenant: "acme", agent: "coder", session: "run-1" },
	}).start();
});

afterEach(async () => {
	await client.close();
	await node.stop();
	await log.close();
	await rm(folder, { recursive: true, force: true });
});

/** Runs until it is stopped; `ready`: what it says then. */
function notifying(...args: string[]): { ready: Promise<string>; stop: () => Promise<CliOutcome> } {
	const end = new AbortController();
	let onReady: (said: string) => void = () => {};
	const ready = new Promise<string>((resolve) => {
		onReady = resolve;
	});
	const env = { ASSENT_LOG: `file:${path("log.db")}` };
	const ended = runCli(["notify", ...args], { env, stop: end.signal, onStdout: (said) => onReady(said) });
	return {
		ready,
		stop: () => {
			end.abort("SIGTERM");
			return ended;
		},
	};
}

describe("notify", () => {
	it("posts what its configuration names, from where it was, and says at the end what was sent", async () => {
		const [hooks, slack] = [await startReceiver(), await startReceiver()];
		await writeFile(path("webhook.secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
		await writeFile(path("slack.url"), `${slack.url}/services/T0/B0/xyz\n`);
		await writeFile(
			path("assent.yaml"),
			[
				"notify:",
				"  places: places.json",
				"  targets:",
				`    - { name: hooks, url: "${hooks.url}/a", body: assent, secretFile: webhook.secret }`,
				"    - { name: slack, urlFile: slack.url, body: slack, types: [hold], agents: ['cod*'] }",
			].join("\n"),
		);
		const config = ["--config", path("assent.yaml"), "--json", "--log-level", "silent"];
		const first = notifying(...config);
		await first.ready;
		await client.decide({ id: "w", tool: "wipe", args: {} });
		await client.decide({ id: "p", tool: "pay.send", args: { amount: 5 }, onHold: "return" });
		await until(() => hooks.received.length === 2 && slack.received.length === 1);
		expect(slack.received[0]?.path).toBe("/services/T0/B0/xyz");
		expect(slack.received[0]?.body).toContain("Waiting for approval: pay.send");
		expect(hooks.received.every(({ headers }) => String(headers["webhook-signature"]).startsWith("v1,"))).toBe(true);
		const stopped = await first.stop();
		expect([stopped.exit, stopped.stderr]).toEqual([0, ""]);
		expect(
			stopped.stdout
				.trimEnd()
				.split("\n")
				.map((line) => JSON.parse(line) as object),
		).toMatchObject([
			{ event: "ready", targets: ["hooks", "slack"] },
			{ event: "stopped", sent: 3, retried: 0, dead: 0 },
		]);
		await client.decide({ id: "v", tool: "wipe", args: {} });
		const second = notifying(...config);
		await until(() => hooks.received.length === 3);
		expect((await second.stop()).exit).toBe(0);
		expect(hooks.received[2]?.body).toContain('"intent":"v"');
		expect(Object.keys((JSON.parse(await readFile(path("places.json"), "utf8")) as { places: object }).places)).toEqual(
			["hooks", "slack"],
		);
	});

	it("is received as docs/notify.md shows: what is genuine once, and nothing else", async () => {
		const [, script = ""] = /^```js\n(\/\/ receiver\.mjs\n[\s\S]*?)^```$/m.exec(textOf("docs/notify.md")) ?? [];
		await writeFile(
			path("receiver.mjs"),
			script.replace(".listen(", ".on('listening', function () { console.log(this.address().port); }).listen("),
		);
		const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
		await writeFile(path("webhook.secret"), `${secret}\n`);
		const env = { ...process.env, PORT: "0", WEBHOOK_SECRET: secret };
		const receiver = spawn(process.execPath, [path("receiver.mjs")], { env });
		onTestFinished(() => void receiver.kill());
		let printed = "";
		receiver.stdout.on("data", (chunk) => {
			printed += String(chunk);
		});
		await until(() => /^\d+\n/.test(printed));
		const url = `http://127.0.0.1:${printed.trim()}`;
		await client.decide({ id: "w", tool: "wipe", args: {} });
		for (const places of ["1.json", "2.json"]) {
			const args = [
				"--url",
				url,
				"--secret-file",
				path("webhook.secret"),
				"--from",
				"start",
				"--metrics-port",
				"0",
				"--json",
			];
			const files = ["--places", path(places), "--dead-letters", path("d.jsonl"), "--type", "policy_violation"];
			const some = notifying(...args, ...files);
			const { metrics } = JSON.parse(await some.ready) as { metrics: string };
			const figures = async () => (await fetch(`${metrics}/metrics`)).text();
			await until(async () => (await figures()).includes('assent_notify_messages_total{target="cli",result="sent"} 1'));
			expect((await fetch(`${metrics}/readyz`)).status).toBe(200);
			expect((await fetch(`${metrics}/livez`)).status).toBe(200);
			expect((await some.stop()).exit).toBe(0);
			await expect(fetch(`${metrics}/livez`)).rejects.toThrow();
		}
		// It came twice, and was seen once.
		expect(printed.trim().split("\n").slice(1)).toEqual(['policy_violation coder "wipe"']);
		const body = JSON.stringify({ type: "hold", data: { agent: "coder", tool: "forged" } });
		const key = parseSecret(secret);
		const message = { id: "hold_x", atSeconds: Math.floor(Date.now() / 1_000), body };
		const genuine = webhookHeaders(key, message);
		const edited = { ...genuine, "webhook-id": "hold_y" };
		const old = webhookHeaders(key, { ...message, atSeconds: message.atSeconds - 3_600 });
		const wrong = webhookHeaders(Buffer.alloc(32), message);
		const none = webhookHeaders(null, message);
		const bare = {};
		for (const headers of [edited, old, wrong, none, bare, { ...genuine, "webhook-timestamp": "soon" }]) {
			expect((await fetch(url, { method: "POST", headers, body })).status).toBe(401);
		}
		expect((await fetch(url, { method: "POST", headers: genuine, body: `${body} ` })).status).toBe(401);
		expect((await fetch(url, { method: "POST", headers: genuine, body })).status).toBe(204);
		expect(printed.trim().split("\n").slice(2)).toEqual(['hold coder "forged"']);
	});

	it("takes a target from its options, and begins where it is told", async () => {
		const hooks = await startReceiver();
		await client.decide({ id: "w", tool: "wipe", args: {} });
		const files = ["--places", path("p.json"), "--dead-letters", path("d.jsonl")];
		const some = notifying(
			"--url",
			hooks.url,
			"--body",
			"alertmanager",
			"--severity",
			"high",
			"--from",
			"start",
			...files,
		);
		await until(() => hooks.received.length === 1);
		expect(JSON.parse(hooks.received[0]?.body ?? "")).toMatchObject([
			{ labels: { alertname: "AssentPolicyViolation" } },
		]);
		const { exit, stdout } = await some.stop();
		expect([exit, stdout]).toEqual([0, expect.stringContaining("stopped: 1 message sent, 0 tried again\n")]);
	});

	it.each([
		["nobody", [], "nobody is to be told"],
		["no web server", ["--url", "ftp://x/y"], "it is no address of a web server"],
		["a password in the address", ["--url", "https://u:topsecret@x/y"], "it holds a user or a password"],
		["a secret without an address", ["--secret-file", "x"], "give `--url URL`"],
		[
			"a folder that cannot be",
			["--url", "http://x", "--places", "/dev/null/p.json"],
			"`/dev/null/p.json` cannot be written",
		],
		["dead letters nowhere", ["--url", "http://x", "--dead-letters", "/dev/null/d"], "cannot be kept in `/dev/null/d`"],
	])("refuses %s", async (_, args, message) => {
		const refused = await runCli(["notify", ...args], { env: { ASSENT_LOG: `file:${path("log.db")}` } });
		expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining(message)]);
		expect(refused.stderr).not.toMatch(/topsecret|--log/);
	});

	it.each([
		[
			"two of one name",
			"[{ name: a, url: 'https://x', body: slack }, { name: a, url: 'https://y', body: slack }]",
			"notify.targets.1.name",
		],
		["none and two addresses", "[{ name: a, body: slack }]", "it needs one address"],
		["a secret that is none", "[{ name: a, url: 'https://x', body: assent, secretFile: policy.yaml }]", "secretFile"],
		["a misspelled key", "[{ name: a, url: 'https://x', body: slack, severty: high }]", "severity"],
	])("refuses a configuration with %s", async (_, targets, message) => {
		await writeFile(path("bad.yaml"), `notify:\n  targets: ${targets}\n`);
		const refused = await runCli(["notify", "--config", path("bad.yaml")], {
			env: { ASSENT_LOG: `file:${path("log.db")}` },
		});
		expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining(message)]);
	});
});
