/** Keys of tokens on the command line, from their making to their end, with a processor that signs and a client that asks. */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { connectClient } from "../../src/app/client-connection.ts";
import { readConfig } from "../../src/app/config/config.ts";
import { devSigner, startDev } from "../../src/app/dev.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { ToolCallDenied } from "../../src/client/call-errors.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { scratchFolder } from "../support/cli.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { until } from "../support/world.ts";

let folder: string;
const path = (name: string): string => join(folder, name);
const assent = (...args: string[]): Promise<CliOutcome> => runCli([...args]);
const tokens = (...args: string[]): Promise<CliOutcome> =>
	assent("tokens", ...args, ...(args[0] === "keys" ? [] : ["--by", "ann"]), "--config", path("assent.yaml"));
const config = (more = ""): void =>
	writeFileSync(path("assent.yaml"), `log: file:log.db\nlayout: { partitions: 1 }\n${more}`);

beforeEach(async () => {
	folder = scratchFolder();
	writeFileSync(
		path("p.yaml"),
		"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n",
	);
	config();
	expect((await assent("topics", "create", "--config", path("assent.yaml"))).exit).toBe(0);
	for (const name of ["one", "two"]) {
		expect((await assent("keys", "create", `${name}.example.com`, "--out", path(`${name}.key`))).exit).toBe(0);
	}
});

async function decidingWith(tokenSigner: Signer | null): Promise<() => Promise<void>> {
	const log = await openLog(`file:${path("log.db")}`, { create: false });
	const { layout } = await readConfig({ file: path("assent.yaml"), log: undefined, env: {} });
	const policies = await loadPolicies([path("p.yaml")], layout.budgetRoot);
	if (!policies.ok) throw new Error("the policy");
	const parts = { log, layout, policies: policies.value, snapshotEvery: 100_000, telemetry: silentTelemetry };
	const node = await startDev({ ...parts, tokenSigner });
	let isStopped = false;
	const stop = async () => {
		if (isStopped) return;
		isStopped = true;
		await node.stop();
		await log.close();
	};
	onTestFinished(stop);
	return stop;
}

const signerOf = async (name: string): Promise<Signer | null> => {
	config(`tokenKey: ${name}.key\n`);
	return (await readConfig({ file: path("assent.yaml"), log: undefined, env: {} })).tokenSigner();
};

it("publishes, lists, retires and revokes keys, and takes none back to life", async () => {
	expect((await tokens("keys")).stdout).toContain("no key is published");
	const published = await tokens("publish", path("one.key"), "--json");
	const { kid } = JSON.parse(published.stdout) as { kid: string };
	expect(kid).toMatch(/^one\.example\.com\+[0-9a-f]{8}$/);
	const listed = async () =>
		(JSON.parse((await tokens("keys", "--json")).stdout) as { keys: { kid: string; status: string; by: string }[] })
			.keys;
	expect(await listed()).toMatchObject([{ kid, status: "active", by: "ann" }]);
	expect((await tokens("publish", path("one.key"))).exit).toBe(0);
	expect((await tokens("retire", kid)).exit).toBe(0);
	expect(await listed()).toMatchObject([{ kid, status: "retired" }]);
	const again = await tokens("publish", path("one.key"));
	expect([again.exit, again.stderr]).toEqual([2, expect.stringContaining("retired")]);
	expect((await tokens("revoke", kid)).exit).toBe(0);
	expect((await tokens("retire", kid)).stdout).toContain("revoked");
	expect(await listed()).toMatchObject([{ kid, status: "revoked" }]);
	const unknown = await tokens("retire", "nobody+00000000");
	expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining("no key")]);
});

it("lets guarded tools run with the key of the configuration, and stops them when it is revoked", async () => {
	await decidingWith(await signerOf("one"));
	await using client = await connectClient({
		log: `file:${path("log.db")}`,
		telemetry: "silent",
		tokens: "required",
		tokenStore: path("used.db"),
	});
	let runs = 0;
	const tool = client.guard("shell.run", async () => {
		runs += 1;
	});
	await tool({ command: "ls" });
	expect(runs).toBe(1);
	const { keys } = JSON.parse((await tokens("keys", "--json")).stdout) as { keys: { kid: string }[] };
	expect((await tokens("revoke", keys[0]?.kid ?? "")).exit).toBe(0);
	await until(async () => {
		const before = runs;
		const thrown: unknown = await tool({ command: "ls" }).catch((why: unknown) => why);
		if (!(thrown instanceof ToolCallDenied)) return false;
		expect([thrown.decision.source, thrown.decision.reasons[0]?.code]).toEqual(["token", "TOKEN_KEY"]);
		expect(thrown.message).toContain("did not run");
		expect(runs).toBe(before);
		return true;
	});
});

it("runs nothing without a key where tokens are required, and everything where they are off", async () => {
	await decidingWith(null);
	const log = `file:${path("log.db")}`;
	await using strict = await connectClient({ log, telemetry: "silent", tokens: "required" });
	await expect(strict.guard("shell.run", async () => "ran")({})).rejects.toMatchObject({
		decision: { source: "token", reasons: [{ code: "TOKEN_MISSING" }] },
	});
	for (const more of [{}, { tokens: "accepted" }, { tokens: "off" }] as const) {
		await using client = await connectClient({ log, telemetry: "silent", ...more });
		expect(await client.guard("shell.run", async () => "ran")({})).toBe("ran");
	}
	await using off = await connectClient({ log, telemetry: "silent", tokens: "off" });
	await expect(off.consumeToken("a.b.c", { executor: "x", tenant: "t", tool: "x", args: {} })).rejects.toMatchObject({
		code: "ASSENT_USAGE",
	});
	for (const wrong of [
		{ tokens: "always" },
		{ tokenKeys: [] },
		{ tokenKeys: ["x"] },
		{ tokenSkewMs: -1 },
		{ tokenSkewMs: 1e9 },
	]) {
		await expect(connectClient({ log, telemetry: "silent", ...(wrong as object) })).rejects.toMatchObject({
			code: "ASSENT_USAGE",
		});
	}
	await expect(connectClient({ log, tokenStore: path("no/where.db") })).rejects.toMatchObject({ code: "TOKEN_STORE" });
});

it("refuses a processor a key that was taken back", async () => {
	const kid = (JSON.parse((await tokens("publish", path("two.key"), "--json")).stdout) as { kid: string }).kid;
	const out = await tokens("retire", kid);
	expect([out.exit, out.stderr]).toEqual([0, ""]);
	config("tokenKey: two.key\n");
	const refused = await assent("processor", "--config", path("assent.yaml"));
	expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining("retired")]);
	config("tokenKey: none.key\n");
	expect((await assent("processor", "--config", path("assent.yaml"))).exit).toBe(2);
});

it("keeps a key for `dev`, the same at each start, readable by its owner alone", async () => {
	const first = await devSigner(`file:${path("log.db")}`);
	const second = await devSigner(`file:${path("log.db")}`);
	expect(second?.key).toEqual(first?.key);
	expect(statSync(path("token.key")).mode & 0o777).toBe(0o600);
	expect(await devSigner("memory:")).toBeNull();
});
