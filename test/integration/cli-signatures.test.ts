/** Policies that are signed, from the key to the processor. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type Config, openConfigured, readConfig } from "../../src/app/config/config.ts";
import { Node, newInstance } from "../../src/app/node.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { scratchFolder } from "../support/cli.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

const policy = (allow: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: ${allow} }\n`;

let folder: string;
const path = (name: string): string => join(folder, name);
const assent = (...args: string[]): Promise<CliOutcome> => runCli(args);
const activate = (file: string, ...more: string[]): Promise<CliOutcome> =>
	assent("policy", "activate", path(file), "--by", "ann", "--wait", "0s", "--config", path("assent.yaml"), ...more);

beforeEach(async () => {
	folder = scratchFolder();
	writeFileSync(path("good.yaml"), policy("all"));
	writeFileSync(path("other.yaml"), policy("[x]"));
	const made = await assent("keys", "create", "ops.example.com", "--out", path("ops.key"));
	expect([made.exit, made.stderr]).toEqual([0, ""]);
	writeFileSync(
		path("assent.yaml"),
		`log: file:log.db\nlayout: { partitions: 1 }\npolicyKeys: ['${made.stdout.trim()}']\n`,
	);
	expect((await assent("topics", "create", "--config", path("assent.yaml"))).exit).toBe(0);
});

describe("a key", () => {
	it("is in a file that its owner alone can read, and overwrites none", async () => {
		expect(statSync(path("ops.key")).mode & 0o777).toBe(0o600);
		const before = readFileSync(path("ops.key"), "utf8");
		const again = await assent("keys", "create", "ops.example.com", "--out", path("ops.key"));
		expect([again.exit, again.stderr]).toEqual([2, expect.stringContaining("already")]);
		expect(readFileSync(path("ops.key"), "utf8")).toBe(before);
		const odd = await assent("keys", "create", "ops team", "--out", path("odd.key"));
		expect([odd.exit, odd.stderr]).toEqual([2, expect.stringContaining("the name of the key has a space")]);
	});

	it("signs into a new file, or over one that is named with --force", async () => {
		const sign = (file: string, ...more: readonly string[]) =>
			assent("policy", "sign", path(file), "--key", path("ops.key"), "--out", path("x.sig"), ...more);
		expect((await sign("good.yaml")).exit).toBe(0);
		const before = readFileSync(path("x.sig"), "utf8");
		const again = await sign("other.yaml");
		expect([again.exit, again.stderr]).toEqual([2, expect.stringContaining("x.sig` already")]);
		expect(readFileSync(path("x.sig"), "utf8")).toBe(before);
		expect((await sign("other.yaml", "--force")).exit).toBe(0);
		expect(readFileSync(path("x.sig"), "utf8")).not.toBe(before);
	});

	it("that is damaged, or public, signs nothing and is not shown", async () => {
		const key = readFileSync(path("ops.key"), "utf8").trim();
		writeFileSync(path("bad.key"), key.replace(/.{8}$/, "AAAAAAA="));
		const signed = await assent("policy", "sign", path("good.yaml"), "--key", path("bad.key"));
		expect([signed.exit, signed.stdout]).toEqual([2, ""]);
		expect(signed.stderr).toContain("holds no private key");
		expect(signed.stderr).not.toContain(key.slice(-30, -8));
	});

	it("of a configuration has the place of its fault", async () => {
		writeFileSync(path("assent.yaml"), "log: file:log.db\npolicyKeys:\n  - ops.example.com+00000000+AAAA\n");
		const refused = await activate("good.yaml");
		expect([refused.exit, refused.stderr]).toEqual([2, expect.stringMatching(/assent\.yaml:3:5 +ASSENT_CONFIG/)]);
	});
});

describe("where keys are configured", () => {
	it("an operator puts nothing into force that is not signed by one of them", async () => {
		const unsigned = await activate("good.yaml");
		expect([unsigned.exit, unsigned.stdout]).toEqual([2, ""]);
		expect(unsigned.stderr).toContain("POLICY_UNSIGNED");
		const other = path("other.sig");
		expect((await assent("policy", "sign", path("other.yaml"), "--key", path("ops.key"), "--out", other)).exit).toBe(0);
		const wrong = await activate("good.yaml", "--signature", other);
		expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining("no key of `policyKeys` has signed it")]);
		const history = await assent("policy", "history", "--config", path("assent.yaml"));
		expect(history.stdout).toContain("no policies were ever activated here");
	});

	it("`dev` and `processor --policy` refuse to put files into force as they are", async () => {
		for (const command of [["dev"], ["processor"]]) {
			const refused = await assent(...command, "--policy", path("good.yaml"), "--config", path("assent.yaml"));
			expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining("POLICY_UNSIGNED")]);
		}
	});

	it("a processor decides by what is signed, goes back to it, and keeps it when what is not comes", async () => {
		const node = await processor(await readConfig({ file: path("assent.yaml"), log: undefined, env: {} }));
		try {
			for (const file of ["good", "other"]) {
				const signature = path(`${file}.sig`);
				await assent("policy", "sign", path(`${file}.yaml`), "--key", path("ops.key"), "--out", signature);
				const done = await activate(`${file}.yaml`, "--signature", signature, "--wait", "10s");
				expect([done.exit, done.stdout]).toEqual([0, expect.stringContaining("is in force")]);
			}
			const back = await assent("policy", "rollback", "--by", "ann", "--config", path("assent.yaml"));
			expect([back.exit, back.stdout]).toEqual([0, expect.stringContaining("is in force as generation 3")]);

			// Somebody whose configuration asks for nothing.
			writeFileSync(path("lax.yaml"), "log: file:log.db\nlayout: { partitions: 1 }\n");
			writeFileSync(path("evil.yaml"), policy("[wipe]"));
			const evil = await assent("policy", "activate", path("evil.yaml"), "--by", "eve", "--config", path("lax.yaml"));
			expect([evil.exit, evil.stderr]).toEqual([1, expect.stringContaining("policy.unsigned")]);
			const decided = await runCli(["submit", "--config", path("lax.yaml")], { stdin: '{"tool":"look","args":{}}\n' });
			expect(JSON.parse(decided.stdout)).toMatchObject({ verdict: "allow" });
			const doctor = await assent("doctor", "--config", path("assent.yaml"));
			expect(doctor.stdout).toContain("is in force; its bundle is on the log and compiles");
		} finally {
			await node.stop();
		}
	});

	it("`doctor` tells of a set in force that no key of its configuration has signed", async () => {
		writeFileSync(path("lax.yaml"), "log: file:log.db\nlayout: { partitions: 1 }\n");
		const node = await processor(await readConfig({ file: path("lax.yaml"), log: undefined, env: {} }));
		try {
			const done = await assent("policy", "activate", path("good.yaml"), "--by", "eve", "--config", path("lax.yaml"));
			expect(done.exit).toBe(0);
		} finally {
			await node.stop();
		}
		const doctor = await assent("doctor", "--config", path("assent.yaml"));
		expect([doctor.exit, doctor.stdout]).toEqual([1, expect.stringContaining("it is not signed")]);
	});
});

async function processor(config: Config): Promise<{ stop(): Promise<void> }> {
	const { layout, snapshotEvery, policyKeys } = config;
	const log = await openConfigured(config, { create: false });
	const of = {
		log,
		layout,
		instance: newInstance(),
		snapshotEvery,
		policyKeys,
		telemetry: silentTelemetry,
		metrics: null,
	};
	const node = await Node.make(of);
	await node.processor.start();
	return {
		stop: async () => {
			await node.stop();
			await log.close();
		},
	};
}
