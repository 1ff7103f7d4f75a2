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
