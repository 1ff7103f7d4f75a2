/** The main job in one process: `dev`, `submit`, `tail`, `demo`, the configuration file and the library, on real log files. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AssentError, connect, ToolCallDenied } from "../../src/index.ts";
import { jsonLines, scratchFolder } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: team }
tools:
  allow: all
  hold: [deploy]
patterns:
  - { name: no-rm, regex: 'rm\\s+-rf', message: removing trees is not allowed }
  - { name: noted, substring: curious, mode: audit }
limits:
  - { name: calls, measure: tool_calls, scope: session, max: 4 }
approvals:
  default: { approvers: ["*"], quorum: 1, expires: 1h }
`;

function scratch(): { log: string; policy: string; folder: string } {
	const folder = scratchFolder();
	const policy = join(folder, "team.yaml");
	writeFileSync(policy, POLICY);
	return { log: `file:${join(folder, "log.db")}`, policy, folder };
}

/** `assent dev` in this process, ready, until `stop`. */
async function runningDev(args: readonly string[]): Promise<() => Promise<Awaited<ReturnType<typeof runCli>>>> {
	const stop = new AbortController();
	const { promise: ready, resolve } = Promise.withResolvers<void>();
	const onStdout = (soFar: string): void => void (/^ready; submit|"event":"ready"/m.test(soFar) && resolve());
	const ended = runCli(["dev", ...args], { stop: stop.signal, onStdout });
	// One that ends instead says why in what it returns.
	await Promise.race([ready, ended]);
	return () => {
		stop.abort();
		return ended;
	};
}

const call = (id: string, tool: string, args: object, more: object = {}): string =>
	`${JSON.stringify({ id, tenant: "acme", agent: "coder", session: "run-1", tool, args, ...more })}\n`;

describe("the main job on one machine", () => {
	it("decides, counts, repeats, settles and shows all of it", async () => {
		const { log, policy } = scratch();
		const stop = await runningDev(["--log", log, "--policy", policy]);
		const lines =
			call("a", "shell", { command: "ls" }, { usage: { tokens: 5 }, estimate: { tokens: 9 } }) +
			call("b", "shell", { command: "rm -rf /" }) +
			call("c", "deploy", { to: "production" }) +
			call("d", "shell", { command: "curious" }) +
			'{"outcome":{"id":"a","status":"ok","usage":{"tokens":7}}}\n' +
			'{"outcome":{}}\n{"outcome":{"id":"a","status":"great"}}\n{"outcome":{"id":"a","usage":{"tokens":-1}}}\n' +
			'not json\n{"tool":7}\n';
		const submitted = await runCli(["submit", "--log", log, "--fail-on", "deny"], { stdin: lines });
		const verdicts = Object.fromEntries(jsonLines(submitted.stdout).map((line) => [line["id"], line["verdict"]]));
		expect(verdicts).toMatchObject({ a: "allow", b: "deny", c: "hold", d: "allow", "6": "deny", "9": "deny" });
		expect(submitted.exit).toBe(1);

		const played = await runCli(["submit", "--settle", "--log", log], {
			stdin: Array.from({ length: 6 }, (_, index) =>
				call(`s-${index}`, "fs.read", { path: `/${index}` }, { session: "run-2" }),
			).join(""),
		});
		const counted = jsonLines(played.stdout).map((line) => line["verdict"]);
		expect(counted.filter((verdict) => verdict === "allow")).toHaveLength(4);
		expect(counted.filter((verdict) => verdict === "deny")).toHaveLength(2);

		const decisions = await runCli(["tail", "decisions", "--jsonl", "--log", log]);
		const kinds = jsonLines(decisions.stdout).map((record) => (record["value"] as { kind?: string }).kind);
		expect(kinds).toEqual(
			expect.arrayContaining(["policy.activated", "decision.made", "decision.held", "usage.settled"]),
		);
		const violations = await runCli(["tail", "violations", "--log", log]);
		expect(violations.stdout).toMatch(
			/violation\.detected {2}deny {2}pattern\.matched {2}team\/no-rm {2}acme\/coder\/run-1 {2}shell/,
		);
		const intents = jsonLines((await runCli(["tail", "intents", "--jsonl", "--from", "0", "--log", log])).stdout);
		expect(JSON.stringify(intents)).not.toContain("argsText");
		const ended = await stop();
		expect(ended.exit).toBe(0);
		expect(ended.stdout).toMatch(/ready; submit calls/);
		expect(ended.stdout).toMatch(/deny {2}acme\/coder\/run-1 {2}shell {2}team\/no-rm/);
		expect(ended.stdout).toMatch(/stopped: what was in flight is finished/);
	});

	it("follows a topic until it is told to stop, and one partition of it", async () => {
		const { log, policy } = scratch();
		const stop = await runningDev(["--log", log, "--policy", policy, "--json"]);
		const end = new AbortController();
		let isFollowing = false;
		const following = runCli(["tail", "decisions", "--follow", "--from", "end", "--jsonl", "--log", log], {
			stop: end.signal,
			onStdout: () => {
				isFollowing = true;
			},
		});
		// It says nothing before there is something to say: calls are made until it sees one.
		for (let tries = 0; !isFollowing && tries < 50; tries++) {
			await runCli(["submit", "--log", log], { stdin: call(`a-${tries}`, "shell", { command: "ls" }) });
			await sleep(100);
		}
		end.abort();
		const seen = jsonLines((await following).stdout);
		const kinds = new Set(seen.map(({ value }) => (value as { kind: string }).kind));
		expect(kinds, "and nothing that was there before").toEqual(new Set(["decision.made"]));
		const partition = String(seen[0]?.["partition"]);
		const one = await runCli(["tail", "decisions", "--partition", partition, "--jsonl", "--log", log]);
		expect(jsonLines(one.stdout).every((record) => String(record["partition"]) === partition)).toBe(true);
		const ended = await stop();
		expect(jsonLines(ended.stdout).map((event) => event["event"])).toEqual(["ready", "stopped"]);
	});

	it("says what is wrong with a topic, an offset, a deadline and a log's URL", async () => {
		const { log, policy } = scratch();
		await (await runningDev(["--log", log, "--policy", policy, "--quiet"]))();
		const cases: [string[], number, RegExp][] = [
			[["tail", "nothing", "--log", log], 2, /there is no topic `nothing`\nhelp: known here: `intents`/],
			[["tail", "replies.none", "--log", log], 3, /ASSENT_LOG_TOPIC.*\nhelp: there are: intents/],
			[["tail", "intents", "--partition", "99", "--log", log], 3, /has no partition 99/],
			[["tail", "intents", "--from", "later", "--log", log], 2, /whole number/],
			[["submit", "--deadline", "0", "--log", log], 2, /from 1ms to 1d/],
			[["tail", "intents", "--log", "kafka://localhost"], 2, /not the URL of a log on Kafka|in `kafka:/],
			[["dev", "--log", "kafka://localhost:9092"], 2, /runs on an embedded log.*\nhelp: .*`assent processor/],
			[["tail", "intents", "--log", "log.db"], 2, /not the URL of a log/],
			[["tail", "intents", "--log", "file:/nowhere/log.db"], 2, /ASSENT_FILE_MISSING/],
			[["nonsense"], 2, /unknown command/],
		];
		for (const [args, exit, message] of cases) {
			const refused = await runCli(args);
			expect([args.join(" "), refused.exit]).toEqual([args.join(" "), exit]);
			expect(refused.stderr).toMatch(message);
		}
		expect((await runCli(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+/);
		expect((await runCli(["dev", "--help"])).stdout).toMatch(/Example:/);
	});

	it("takes its policies, layout and log from a configuration file, strictly", async () => {
		const { log, policy, folder } = scratch();
		const config = join(folder, "assent.yaml");
		writeFileSync(
			config,
			`log: ${log}\npolicies: [${policy}]\nlayout: { partitions: 3, dedupe: 10m, session: 1d }\nsnapshotEvery: 1000\n`,
		);
		await (await runningDev(["--config", config]))();
		const topics = await runCli(["tail", "control", "--jsonl", "--config", config]);
		expect(jsonLines(topics.stdout)).toHaveLength(3);
		const cases: [string, RegExp][] = [
			["lgo: x\n", /assent\.yaml:1:1 {2}ASSENT_CONFIG {2}unknown key `lgo`\nhelp: .*`log`/],
			["layout: { partitons: 3 }\n", /ASSENT_CONFIG {2}unknown key `partitons` in `layout`\nhelp: .*`partitions`/],
			[
				"layout: { dedupe: soon }\n",
				/ASSENT_CONFIG {2}`layout\.dedupe` cannot be `soon`: it is not a duration\nhelp: write a whole number/,
			],
			["layout: { partitions: 0 }\n", /ASSENT_CONFIG {2}`layout\.partitions`/],
			["log: [\n", /ASSENT_CONFIG/],
		];
		for (const [text, message] of cases) {
			writeFileSync(config, text);
			const refused = await runCli(["doctor", "--config", config]);
			expect(refused.exit).toBe(2);
			expect(refused.stderr).toMatch(message);
		}
		expect((await runCli(["doctor", "--config", join(folder, "none.yaml")])).stderr).toMatch(/ASSENT_FILE_MISSING/);
	});

	it("plays the demo", async () => {
		const demo = await runCli(["demo"]);
		expect(demo.exit).toBe(0);
		expect(demo.stdout).toMatch(/1,264 calls {2}allow 1,\d{3} {2}deny \d+ {2}hold \d+/);
		expect(demo.stdout).toMatch(/baseline\/identical-calls +budget\.exhausted/);
		expect(demo.stdout).toMatch(/first violations of \d+:\n {2}deny/);
		expect(demo.stdout).toMatch(/look further:/);
	});

	it("guards a tool in one line, in this process or on another's log", async () => {
		const { log, policy } = scratch();
		const own = await connect({ log: "memory:", policies: [policy], principal: { tenant: "acme", agent: "coder" } });
		const ran: string[] = [];
		const shell = own.guard("shell", async ({ command }: { command: string }) => {
			ran.push(command);
			return command.length;
		});
		expect(await shell({ command: "ls" })).toBe(2);
		await expect(shell({ command: "rm -rf /" })).rejects.toThrow(ToolCallDenied);
		await expect(shell({ command: "rm -rf /" })).rejects.toThrow(/removing trees is not allowed/);
		expect(ran).toEqual(["ls"]);
		await own.close();

		await expect(connect({ log })).rejects.toThrow(AssentError);
		await expect(connect({ log: "kafka://localhost:9092", policies: [policy] })).rejects.toThrow(/is shared/);
		await expect(connect({ log: "memory:", policies: [join(policy, "none")] })).rejects.toThrow(/there is no file/);
		const stop = await runningDev(["--log", log, "--policy", policy, "--quiet"]);
		const other = await connect({ log, principal: { tenant: "acme", agent: "coder" } });
		const decision = await other.decide({ tool: "deploy", args: {}, onHold: "return" });
		expect(decision).toMatchObject({ verdict: "hold", status: "held", source: "reply" });
		await other.close();
		await stop();
	});
});
