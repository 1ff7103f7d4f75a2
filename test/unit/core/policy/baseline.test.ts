/** The baseline policy on the shapes in which calls come: tools by other names, commands in pieces, paths under other keys. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { lintPolicy } from "../../../support/lint.ts";

const source = { name: "baseline.yaml", text: readFileSync("policies/baseline.yaml", "utf8") };
const set = compilePolicies([source], { budgetRoot: "tenant/agent" });

function verdict(tool: string, args: JsonObject): "allow" | "hold" | "deny" {
	if (!set.ok) throw new Error("the baseline does not compile");
	const { fired } = set.value.evaluate({ tenant: "t", agent: "a", tool, args });
	const effects = fired.filter(({ reason }) => reason.rule.mode === "enforce").map(({ reason }) => reason.rule.effect);
	return effects.includes("deny") ? "deny" : effects.includes("hold") ? "hold" : "allow";
}

describe("a destructive command", () => {
	it.each<[JsonObject]>([
		[{ command: "rm", args: ["-rf", "/"] }],
		[{ program: "rm", flags: ["-r", "-f"], target: "/" }],
		[{ program: "rm", flags: "-rf", target: "/home" }],
		[{ executable: "/bin/rm", arguments: ["-rf", "~"] }],
		[{ cmd: ["env", "X=1", "rm", "-rf", "/"] }],
		[{ argv: ["env", "X=1", "rm", "-rf", "/"] }],
		[{ argv: ["sudo", "-n", "rm", "-rf", "/"] }],
		[{ command: "sudo", args: ["rm", "-rf", "/etc"] }],
		[{ command: "bash", args: ["-c", "rm -rf /"] }],
		[{ command: "timeout 5 rm -rf /" }],
		[{ command: "FOO=1 rm -rf /" }],
		[{ steps: [{ command: "rm", args: ["-rf", "/"] }] }],
	])("in pieces is the command it is: %j", (args) => {
		expect(verdict("shell", args)).toBe("deny");
	});

	it.each([
		"run_bash",
		"bash_tool",
		"mcp__x__bash",
		"zsh",
		"pwsh",
		"ssh",
		"mcp__host__sh",
		"functions.bash",
		"bash ",
		"run_process",
		"ssh_exec",
		"execute_command",
	])("is seen in the tool %j", (tool) => {
		expect(verdict(tool, { command: "rm -rf /" })).toBe("deny");
	});

	it.each(["postgres", "snowflake", "execute", "mcp__postgres__query", "run_sql", "bigquery", "oracle_db"])(
		"on tables is seen in the tool %j",
		(tool) => {
			expect(verdict(tool, { sql: "DROP TABLE users" })).toBe("deny");
		},
	);

	it.each<[string, JsonObject]>([
		["write_file", { filePath: "/etc/cron.d/job", content: "" }],
		["write_file", { filename: "/root/.ssh/authorized_keys", content: "" }],
		["create_files", { paths: ["notes.md", "/etc/sudoers.d/x"] }],
		["save", { uri: "file:///home/a/.bashrc" }],
		["copy_file", { source: "x", dest: "/etc/systemd/system/x.service" }],
		["apply_edits", { edits: [{ path: "a.ts" }, { path: "/etc/passwd" }] }],
		["read_file", { filePath: "/home/a/.ssh/id_rsa" }],
		["read_resource", { uri: "file:///home/a/.aws/credentials" }],
		["delete_file", { path: "/" }],
		["delete_file", { path: "/home/ann/" }],
		["remove_dir", { directory: "/usr" }],
		["rmtree", { paths: ["build", "/.."] }],
		["filesystem", { operation: "delete", path: "/", recursive: true }],
	])("by file or verb is seen under other keys: %s %j", (tool, args) => {
		expect(verdict(tool, args)).toBe("deny");
	});
});

describe("a call that may be meant", () => {
	it.each<[string, JsonObject]>([
		["delete_file", { path: "/tmp/x" }],
		["delete_file", { path: "/srv/repo/build/a.o" }],
		["delete_file", { path: "/home/ann/project/old.txt" }],
		["delete_file", { path: "build" }],
		["delete_file", { path: "../../policy/" }],
		["remove_directory", { path: "/var/tmp/cache-1" }],
		["bash", { command: "rm", args: ["-rf", "dist"] }],
		["bash", { argv: ["rm", "-rf", "./node_modules"] }],
		["filesystem", { operation: "delete", path: "/tmp/a" }],
		["service_control", { service: "web", action: "restart" }],
		["service_control", { service: "auditd", action: "stop" }],
	])("waits for a person: %s %j", (tool, args) => {
		expect(verdict(tool, args)).toBe("hold");
	});
});

describe("an ordinary call", () => {
	it.each<[string, JsonObject]>([
		["remove_label", { target: "bug" }],
		["write_file", { path: "/srv/repo/.github/workflows/ci.yaml", content: "rm -rf /" }],
		["write_file", { filePath: "src/etc/passwd.ts", content: "x" }],
		["edit_file", { edits: [{ path: "src/a.ts", text: "y" }] }],
		["read_file", { path: "/usr/share/doc/x" }],
		["read_file", { filePath: "/home/ann/project/id_rsa.md" }],
		["bash", { command: 'grep -rn "rm -rf /" docs' }],
		["process_refund", { order: 7, reason: "box was empty /" }],
		["get_time", {}],
		["login", { user: "ann", password: "x", api_key: "y", headers: { "X-Api-Key": "z" } }],
	])("is let alone: %s %j", (tool, args) => {
		expect(verdict(tool, args)).toBe("allow");
	});

	it("keeps the credentials that its tool needs", () => {
		if (!set.ok) throw new Error("the baseline does not compile");
		const args = { user: "ann", password: "x", api_key: "y", headers: { "X-Api-Key": "z" } };
		const { obligations } = set.value.evaluate({ tenant: "t", agent: "a", tool: "login", args });
		expect(obligations.redact).toEqual([]);
	});
});

it("the baseline says what it does not catch, and nothing of it is doubtful", () => {
	expect(source.text).toContain("# What it does not catch, and what does:");
	expect(lintPolicy(source)).toMatchObject({ ok: true, value: { findings: [] } });
});
