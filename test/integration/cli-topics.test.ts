/** `assent topics` on log files: through the port, so the shape only; and the commands for rights, which need no log. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { scratchFolder } from "../support/cli.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

let log = "";
let folder = "";

beforeEach(() => {
	folder = scratchFolder();
	log = `file:${join(folder, "log.db")}`;
});

const topics = (...args: string[]): Promise<CliOutcome> => runCli(["topics", ...args], { env: { ASSENT_LOG: log } });

const ALL = [
	"intents",
	"control",
	"decisions",
	"violations",
	"checkpoints",
	"dead-letters",
	"snapshots",
	"policies",
	"replies",
];

describe("topics create", () => {
	it("makes all of the layout, and the second time none", async () => {
		const first = await topics("create", "--partitions", "2", "--json");
		expect(first.exit).toBe(0);
		expect(first.json()).toEqual({ log, created: ALL, existing: [], partitions: 2 });
		expect(first.stderr).toMatch(/write `layout: \{ partitions: 2 \}` into the processors' configuration file/);
		const second = await topics("create", "--json");
		expect(second.json()).toEqual({ log, created: [], existing: ALL, partitions: 2 });
	});

	it("makes what is missing, a gateway's own replies with as many partitions as the others", async () => {
		await topics("create", "--partitions", "2");
		const more = await topics("create", "--replies", "desk-1");
		expect(more.stdout).toMatch(/^created {3}replies\.desk-1 {2}2 partitions$/m);
		expect(more.stdout.match(/^existing/gm)).toHaveLength(9);
		const check = await topics("check", "--config", config("layout: { partitions: 2 }\n"));
		expect([check.exit, check.stdout]).toEqual([0, "ok       topics  10 topics of 2 partitions, 0 records\n"]);
	});

	it("refuses another number of partitions, and options that the log does not have", async () => {
		await topics("create", "--partitions", "2");
		const other = await topics("create", "--partitions", "3");
		expect([other.exit, other.stderr]).toEqual([
			3,
			expect.stringMatching(/ASSENT_LOG_TOPIC .* has 2 partitions, not 3/),
		]);
		expect((await topics("create", "--config", config("layout: { partitions: 3 }\n"))).exit).toBe(3);
		const cases: [string[], RegExp][] = [
			[["--replication", "3"], /ASSENT_USAGE .*has no copies/],
			[["--min-insync", "2"], /ASSENT_USAGE .*has no copies/],
			[["--replies", "Desk"], /`Desk` cannot name a reply topic/],
			[["--partitions", "0"], /from 1 to 1024/],
			[["--partitions", "1025"], /from 1 to 1024/],
			[
				["--log", "kafka://a:1", "--replication", "1", "--min-insync", "2"],
				/2 copies cannot be in sync where there are 1/,
			],
		];
		for (const [args, said] of cases) {
			const refused = await topics("create", ...args);
			expect([args, refused.exit, refused.stderr]).toEqual([args, 2, expect.stringMatching(said)]);
		}
		expect((await topics("check", "--config", config("layout: { partitions: 2 }\n"))).exit).toBe(0);
	});
});

describe("topics check", () => {
	it("has errors where topics are missing or of another shape", async () => {
		expect((await topics("check")).stderr).toMatch(/ASSENT_FILE_MISSING/);
		await topics("create", "--partitions", "2");
		const other = await topics("check", "--json");
		expect(other.exit).toBe(1);
		const { findings } = other.json() as { findings: { level: string; message: string; help: string }[] };
		expect(findings).toHaveLength(9);
		expect(findings[0]).toMatchObject({ level: "error", message: "`intents` has 2 partitions, the layout has 12" });
	});
});

describe("topics acl", () => {
	const KAFKA = ["--log", "kafka://a:9092,b:9092/desk"];

	it("prints a command for each rule, by role", async () => {
		const printed = await topics("acl", "--print", ...KAFKA, "--principal-operator", "ops", "--replies", "gw-1");
		expect(printed.exit).toBe(0);
		const lines = printed.stdout.split("\n");
		expect(lines.filter((line) => line.startsWith("# ")).map((line) => line.split(":")[0])).toEqual([
			expect.stringMatching(/^# rights on Kafka/),
			"# gateway",
			"# processor",
			"# alerting",
			"# notify",
			"# notary",
			"# auditor",
			"# operator",
			"# provisioning",
		]);
		expect(printed.stdout).toContain("is believed about every tenant, agent and person that it names");
		const shared = await topics("acl", "--print", "--role", "gateway", ...KAFKA);
		expect(shared.stdout).toMatch(/# whoever may read `replies` sees the answers of all gateways: .*--replies NAME/);
		expect(printed.stdout).not.toContain("of all gateways");
		const commands = lines.filter((line) => line.startsWith("kafka-acls.sh "));
		for (const command of commands) expect(command).toMatch(/^kafka-acls\.sh --bootstrap-server a:9092,b:9092 --add /);
		expect(commands).toContain(
			"kafka-acls.sh --bootstrap-server a:9092,b:9092 --add --allow-principal User:ops --operation Write --topic desk.control --resource-pattern-type literal",
		);
		expect(commands).toContain(
			"kafka-acls.sh --bootstrap-server a:9092,b:9092 --add --allow-principal User:assent-processor --operation Read --group desk.processor --resource-pattern-type literal",
		);
		expect(printed.stdout).toMatch(/--topic desk\.replies\.gw-1 /);
	});

	it("prints one role's, and rules for programs", async () => {
		const one = await topics("acl", "--json", "--role", "alerting", ...KAFKA);
		expect(one.json()).toEqual({
			rules: [
				{
					role: "alerting",
					principal: "User:assent-alerting",
					resource: { kind: "topic", name: "desk.violations", pattern: "literal" },
					operations: ["Read", "Describe", "DescribeConfigs"],
				},
			],
		});
	});

	it("says that it only prints, and what it cannot print", async () => {
		const cases: [string[], RegExp][] = [
			[KAFKA, /`acl` only prints commands.*\nhelp: run `assent topics acl --print --log kafka:/],
			[["--print"], /has no such rights/],
			[["--print", "--role", "boss", ...KAFKA], /there is no role `boss`/],
			[["--print", "--principal-gateway", " ", ...KAFKA], /`--principal-gateway` is not a valid name/],
		];
		for (const [args, said] of cases) {
			const refused = await topics("acl", ...args);
			expect([args, refused.exit, refused.stderr]).toEqual([args, 2, expect.stringMatching(said)]);
		}
	});
});

function config(text: string): string {
	const file = join(folder, "assent.yaml");
	writeFileSync(file, text);
	return file;
}
