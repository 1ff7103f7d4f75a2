/** Keys that policies believe, from `assent keys create` to what counts. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/app/connect.ts";
import { AssentError } from "../../src/core/base/errors.ts";
import { jsonLines, scratchFolder } from "../support/cli.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

const POLICY = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n";
const TRUST = "apiVersion: assent.dev/v1\nkind: Trust\nmetadata: { name: acme }\n";

let folder: string;
const path = (name: string): string => join(folder, name);
const assent = (...args: string[]): Promise<CliOutcome> => runCli(args);

async function makeKey(name: string): Promise<string> {
	const made = await assent("keys", "create", name, "--out", path(`${name}.key`));
	expect([made.exit, made.stderr]).toEqual([0, ""]);
	return made.stdout.trim();
}

beforeEach(() => {
	folder = scratchFolder();
	writeFileSync(path("p.yaml"), POLICY);
});

describe("a publisher", () => {
	beforeEach(async () => {
		const key = await makeKey("gateway-1");
		writeFileSync(
			path("trust.yaml"),
			`${TRUST}publishers: [{ name: gateway-1, key: '${key}', tenants: [default], agents: [coder] }]\n`,
		);
	});

	const decide = async (agent: string, publisher?: { name: string; key: string }) => {
		await using client = await connect({
			log: "memory:",
			policies: [path("p.yaml"), path("trust.yaml")],
			deadlineMs: 400,
			telemetry: "silent",
			...(publisher === undefined ? {} : { publisher }),
		});
		const { verdict, reasons } = await client.decide({ agent, tool: "shell", args: {} });
		return [verdict, reasons[0]?.code];
	};

	it("signs what `connect` asks, with the key of its file", async () => {
		const key = readFileSync(path("gateway-1.key"), "utf8");
		expect(await decide("coder", { name: "gateway-1", key })).toEqual(["allow", undefined]);
		expect(await decide("payer", { name: "gateway-1", key })).toEqual(["deny", "publisher.unbound"]);
		expect(await decide("coder")).toEqual(["deny", "publisher.unsigned"]);
	});

	it("whose key is none is refused before anything is opened, and the key is not told", async () => {
		const key = readFileSync(path("gateway-1.key"), "utf8").trim();
		const wrong = [
			{ name: "gateway-1", key: `${key.slice(0, -8)}AAAAAAA=` },
			{ name: "", key },
			{ name: "gateway-1", key, keyFile: "x" },
		];
		for (const publisher of wrong) {
			const refused = await decide("coder", publisher).catch((thrown: unknown) => thrown);
			expect(refused).toBeInstanceOf(AssentError);
			expect((refused as AssentError).code).toBe("ASSENT_USAGE");
			expect(String(refused)).not.toContain(key.slice(-44, -9));
		}
	});

	it("is named in the configuration of `submit`", async () => {
		writeFileSync(path("signing.yaml"), "log: file:log.db\npublisher: { name: gateway-1, keyFile: gateway-1.key }\n");
		writeFileSync(path("plain.yaml"), "log: file:log.db\n");
		const stop = new AbortController();
		const policies = ["--policy", path("p.yaml"), path("trust.yaml")];
		const dev = runCli(["dev", "--config", path("plain.yaml"), ...policies, "--json"], { stop: stop.signal });
		const submit = async (config: string, agent: string) => {
			const options = ["--config", path(config), "--jsonl", "--deadline", "2s"];
			const { stdout } = await runCli(["submit", ...options], {
				stdin: `{"agent":"${agent}","tool":"ls","args":{}}\n`,
			});
			const [line] = jsonLines(stdout);
			return [line?.["verdict"], String(line?.["reason"] ?? "none").split(":")[0]];
		};
		await expect.poll(() => submit("signing.yaml", "coder"), { timeout: 20_000 }).toEqual(["allow", "none"]);
		expect(await submit("plain.yaml", "coder")).toEqual(["deny", "publisher.unsigned"]);
		expect(await submit("signing.yaml", "payer")).toEqual(["deny", "publisher.unbound"]);
		stop.abort();
		await dev;
	});
});

describe("an operator", () => {
	const halt = (verb: "set" | "lift", ...more: string[]): Promise<CliOutcome> =>
		assent("halt", verb, "--all", "--reason", "drill", "--config", path("assent.yaml"), ...more);
	const activate = (...more: string[]): Promise<CliOutcome> =>
		assent("policy", "activate", path("p.yaml"), path("trust.yaml"), "--config", path("assent.yaml"), ...more);

	beforeEach(async () => {
		const [ann, bob] = [await makeKey("ann"), await makeKey("bob")];
		await makeKey("eve");
		const operators = `operators: [{ name: ann, key: '${ann}' }, { name: bob, key: '${bob}' }]\n`;
		writeFileSync(path("trust.yaml"), `${TRUST}${operators}approvers: [{ name: bob, key: '${bob}' }]\n`);
		writeFileSync(path("assent.yaml"), "log: file:log.db\nlayout: { partitions: 2 }\n");
		writeFileSync(path("signing.yaml"), "log: file:log.db\nlayout: { partitions: 2 }\noperatorKey: bob.key\n");
		expect((await assent("topics", "create", "--config", path("assent.yaml"))).exit).toBe(0);
	});

	it("puts policies into force that name it, and is asked to sign from then on", async () => {
		const stop = new AbortController();
		const processor = runCli(["processor", "--config", path("assent.yaml"), "--json"], { stop: stop.signal });
		const unsigned = await activate("--by", "ann");
		expect([unsigned.exit, unsigned.stderr]).toEqual([
			2,
			expect.stringContaining("POLICY_UNSIGNED  the set names operators"),
		]);
		const other = await activate("--key", path("eve.key"));
		expect([other.exit, other.stderr]).toEqual([
			2,
			expect.stringContaining("`eve` with this key is none of the operators"),
		]);
		const activated = await activate("--key", path("ann.key"));
		expect([activated.exit, activated.stderr]).toEqual([0, expect.not.stringContaining("POLICY_UNSIGNED")]);

		const doctor = (await assent("doctor", "--config", path("assent.yaml"))).stdout;
		expect(doctor).toMatch(/^ok +trust +every publisher is trusted: the policies name none/m);
		expect(doctor).toMatch(
			/^ok +trust +what is said on `control` must be signed: 2 keys of operators, 1 key of approvers/m,
		);

		const refusals = [await halt("set", "--by", "ann"), await halt("set", "--key", path("eve.key"), "--by", "ann")];
		for (const { exit, stdout, stderr } of refusals) {
			expect([exit, stdout]).toEqual([1, ""]);
			expect(stderr).toContain("control.unsigned");
		}
		expect((await halt("set", "--key", path("ann.key"))).stdout).toContain("halted  everybody  on 2 of 2 partitions");
		const listed = await assent("halt", "list", "--config", path("assent.yaml"), "--json");
		expect(JSON.parse(listed.stdout)).toMatchObject({ halts: [{ by: "ann" }] });

		const signing = ["halt", "lift", "--all", "--config", path("signing.yaml")];
		expect((await assent(...signing)).stdout).toContain("lifted  everybody");
		expect((await halt("set", "--key", path("ann.key"))).exit).toBe(0);
		const byEnvironment = await runCli(["halt", "lift", "--all", "--config", path("assent.yaml")], {
			env: { ASSENT_OPERATOR_KEY: path("ann.key") },
		});
		expect(byEnvironment.stdout).toContain("lifted  everybody");
		stop.abort();
		await processor;
	});

	it("is told at its processor's start where nobody is asked to sign", async () => {
		const stop = new AbortController();
		const { stdout } = await runCli(["processor", "--config", path("assent.yaml"), "--policy", path("p.yaml")], {
			stop: stop.signal,
			onStdout: (soFar) => void (soFar.includes("ready as") && stop.abort()),
		});
		expect(stdout).toContain("\nevery publisher is trusted: the policies name none");
		expect(stdout).toContain("\nevery operator is trusted: the policies name none");
	});

	it("whose key file is none is told so", async () => {
		writeFileSync(path("bad.key"), "nothing");
		const { exit, stderr } = await halt("set", "--key", path("bad.key"));
		expect([exit, stderr]).toEqual([2, expect.stringContaining("holds no private key")]);
	});

	it("signs what `dev` puts into force, which does not start otherwise", async () => {
		const dev = (config: string, signal?: AbortSignal) =>
			runCli(["dev", "--config", path(config), "--policy", path("p.yaml"), path("trust.yaml"), "--json"], {
				...(signal === undefined ? {} : { stop: signal }),
			});
		const { exit, stderr } = await dev("assent.yaml");
		expect([exit, stderr]).toEqual([2, expect.stringContaining("POLICY_UNSIGNED  the set names operators")]);
		const stop = new AbortController();
		const running = dev("signing.yaml", stop.signal);
		const history = () => assent("policy", "history", "--config", path("assent.yaml"), "--json");
		await expect.poll(async () => (await history()).stdout, { timeout: 20_000 }).toContain('"by":"bob"');
		stop.abort();
		await running;
	});
});
