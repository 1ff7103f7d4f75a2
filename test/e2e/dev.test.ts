/** `assent dev` with clients in other processes, as a new user meets it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { assent, jsonLines, type Running, scratchFolder, start } from "../support/cli.ts";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: team }
tools:
  allow: all
  hold: [{ name: deploys, tools: [deploy] }]
patterns:
  - { name: no-rm, regex: 'rm\\s+-rf' }
approvals:
  default: { approvers: ["*"], quorum: 1, expires: 1h }
`;

interface World {
	readonly log: string;
	readonly policy: string;
	readonly dev: Running;
}

async function running(): Promise<World> {
	const folder = scratchFolder();
	const policy = join(folder, "team.yaml");
	writeFileSync(policy, POLICY);
	const log = `file:${join(folder, "log.db")}`;
	const dev = start(["dev", "--log", log, "--policy", policy]);
	await dev.said(/ready/);
	return { log, policy, dev };
}

const call = (id: string, tool: string, args: object): string =>
	`${JSON.stringify({ id, tenant: "acme", agent: "coder", session: "run-1", tool, args })}\n`;

describe("assent dev", () => {
	it("decides what another process submits, and gives a repeated id the recorded decision", async () => {
		const { log, dev } = await running();
		const input = call("a", "shell", { command: "ls" }) + call("b", "shell", { command: "rm -rf /" });
		const first = jsonLines((await assent(["submit", "--log", log], input)).stdout);
		const again = jsonLines((await assent(["submit", "--log", log], input)).stdout);
		const verdicts = (lines: Record<string, unknown>[]) =>
			Object.fromEntries(lines.map((line) => [line["id"], line["verdict"]]));
		expect(verdicts(first)).toEqual({ a: "allow", b: "deny" });
		expect(verdicts(again)).toEqual({ a: "allow", b: "deny" });
		const entries = jsonLines((await assent(["tail", "decisions", "--jsonl", "--log", log])).stdout);
		const kinds = entries.map((entry) => (entry["value"] as { kind?: string }).kind);
		expect(kinds.filter((kind) => kind === "decision.made")).toHaveLength(2);
		expect(kinds.filter((kind) => kind === "decision.repeated")).toHaveLength(2);
		expect(entries.every((entry) => entry["valid"] === true)).toBe(true);
		expect((await dev.stop()).code).toBe(0);
	});

	it("keeps the last good policy when an edit has a typo, and says line and column", async () => {
		const { log, policy, dev } = await running();
		writeFileSync(policy, POLICY.replace("patterns:", "paterns:"));
		await dev.said(/team\.yaml:7:1 {2}POLICY_UNKNOWN_KEY/);
		await dev.said(/did you mean `patterns`/);
		const denied = jsonLines(
			(await assent(["submit", "--log", log], call("x", "shell", { command: "rm -rf /" }))).stdout,
		);
		expect(denied[0]?.["verdict"]).toBe("deny");
		writeFileSync(policy, POLICY.replace("rm\\s+-rf", "shred"));
		await dev.said(/policies \w{12} put into force.*policies \w{12} put into force/s);
		// A record of the new policies on every partition comes before the next intent: control goes first.
		const allowed = jsonLines(
			(await assent(["submit", "--log", log], call("y", "shell", { command: "rm -rf /" }))).stdout,
		);
		expect(allowed[0]?.["verdict"]).toBe("allow");
	});

	it("stops deciding with exit code 3 when a newer processor takes over, and nothing is decided twice", async () => {
		const { log, policy, dev } = await running();
		const newer = start(["dev", "--log", log, "--policy", policy]);
		await newer.said(/ready/);
		const older = await dev.ended;
		expect(older.code).toBe(3);
		expect(older.stderr).toMatch(/ASSENT_SUPERSEDED/);
		const [decided] = jsonLines((await assent(["submit", "--log", log], call("a", "shell", { command: "ls" }))).stdout);
		expect(decided?.["verdict"]).toBe("allow");
		expect((await newer.stop()).code).toBe(0);
	});

	it("does not put the same policies into force twice", async () => {
		const { log, policy, dev } = await running();
		await dev.stop();
		const again = start(["dev", "--log", log, "--policy", policy]);
		await again.said(/in force already/);
		await again.stop();
		const control = jsonLines((await assent(["tail", "control", "--jsonl", "--log", log])).stdout);
		expect(control.filter((record) => (record["value"] as { type: string }).type === "policy.activated")).toHaveLength(
			12,
		);
	});

	it("goes on where a killed processor stopped", async () => {
		const { log, policy, dev } = await running();
		await assent(["submit", "--log", log], call("a", "shell", { command: "ls" }));
		dev.child.kill("SIGKILL");
		await dev.ended;
		const waiting = assent(["submit", "--log", log, "--deadline", "20000"], call("b", "shell", { command: "ls" }));
		const next = start(["dev", "--log", log, "--policy", policy]);
		await next.said(/ready/);
		expect(jsonLines((await waiting).stdout)[0]?.["verdict"]).toBe("allow");
		await next.stop();
		const doctor = await assent(["doctor", "--log", log]);
		expect(doctor.stdout).not.toMatch(/^error/m);
	});

	it("refuses a log with another layout and says what differs", async () => {
		const { log, policy, dev } = await running();
		await dev.stop();
		const config = join(scratchFolder(), "assent.yaml");
		writeFileSync(config, "layout: { budgetRoot: tenant }\n");
		const refused = await assent(["dev", "--log", log, "--policy", policy, "--config", config]);
		expect(refused.code).toBe(3);
		expect(refused.stderr).toMatch(/ASSENT_LAYOUT.*layout\.budgetRoot is tenant\/agent in the ledger and tenant here/);
	});

	it("leaves the database of another program alone", async () => {
		const folder = scratchFolder();
		const path = join(folder, "notes.db");
		const foreign = new DatabaseSync(path);
		foreign.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')");
		foreign.close();
		const before = readFileSync(path);
		const policy = join(folder, "team.yaml");
		writeFileSync(policy, POLICY);
		const refused = await assent(["dev", "--log", `file:${path}`, "--policy", policy]);
		expect(refused.code).toBe(3);
		expect(refused.stderr).toMatch(/ASSENT_LOG_FOREIGN/);
		expect(readFileSync(path).equals(before)).toBe(true);
	});

	it("refuses to start without a policy, with a missing one, and with an empty folder of them", async () => {
		const folder = scratchFolder();
		const log = `file:${join(folder, "log.db")}`;
		mkdirSync(join(folder, "empty"));
		const cases = [
			[["dev", "--log", log], /POLICY_EMPTY/],
			[["dev", "--log", log, "--policy", join(folder, "none.yaml")], /ASSENT_FILE_MISSING/],
			[["dev", "--log", log, "--policy", join(folder, "empty")], /POLICY_EMPTY/],
		] as const;
		for (const [args, message] of cases) {
			const refused = await assent(args);
			expect(refused.code).toBe(2);
			expect(refused.stderr).toMatch(message);
			expect(refused.stderr).toMatch(/help: /);
		}
	});
});
