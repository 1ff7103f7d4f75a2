import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DevNode, startDev } from "../../src/app/dev.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { AssentClient } from "../../src/client/client.ts";
import type { Decision } from "../../src/client/decision.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { encodeDerived } from "../../src/core/codec/encode.ts";
import { ledgerHeaders } from "../../src/core/ledger/validity.ts";
import { DEFAULT_LAYOUT, type Layout } from "../../src/core/model/layout.ts";
import { type Log, TOPICS } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

const LAYOUT: Layout = { ...DEFAULT_LAYOUT, partitions: 2 };

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: desk }
tools:
  allow: all
  deny: [drop_table]
  hold:
    - { name: payments, tools: [pay], approval: finance, message: payments need finance }
    - { name: releases, tools: [release], approval: two }
limits:
  - { name: calls, measure: tool_calls, scope: session, max: 2, tools: [look] }
  - { name: tokens, measure: tokens, scope: agent, max: 100, per: 1h, tools: [think] }
  - { name: spend, measure: cost, scope: agent, max: 0.50 USD, reserve: 0.25, tools: [buy] }
  - { name: payments-a-day, measure: tool_calls, scope: agent, max: 50, per: 24h, tools: [pay] }
obligations:
  - { tools: [pay], redact: [args.key] }
approvals:
  finance: { approvers: ["fin-*"], expires: 1h }
  two: { approvers: ["ops-*"], quorum: 2, expires: 1h }
`;

/** Everything is denied. */
const STRICT = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: strict }
tools: { allow: none }
`;

let folder: string;
let log: Log | null = null;
let node: DevNode | null = null;
let client: AssentClient | null = null;

const path = (name: string): string => join(folder, name);

/** A command on the test's log, run by `ops-ann`, whatever else is said. */
const assent = (...args: string[]): Promise<CliOutcome> =>
	runCli(args, { env: { ASSENT_LOG: `file:${path("log.db")}`, USER: "ops-ann" } });

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-operators-"));
	await writeFile(path("desk.yaml"), POLICY);
	await writeFile(path("strict.yaml"), STRICT);
	await writeFile(path("config.yaml"), "layout: { partitions: 2 }\n");
});

afterEach(async () => {
	await client?.close();
	await node?.stop();
	await log?.close();
	[client, node, log] = [null, null, null];
	await rm(folder, { recursive: true, force: true });
});

/** A log with topics and, unless told otherwise, a processor that has `desk` in force. */
async function given(options: { processor: boolean } = { processor: true }): Promise<Log> {
	const opened = await openLog(`file:${path("log.db")}`, { create: true });
	log = opened;
	await opened.admin().createTopics(topicSpecs(LAYOUT));
	if (options.processor) await startProcessor();
	return opened;
}

async function startProcessor(): Promise<void> {
	const policies = await loadPolicies([path("desk.yaml")], LAYOUT.budgetRoot);
	if (!policies.ok || log === null) throw new Error("the test's policies do not compile");
	const of = { log, layout: LAYOUT, policies: policies.value, snapshotEvery: 100_000, telemetry: silentTelemetry };
	node = await startDev(of);
	client = await new AssentClient({ log, layout: LAYOUT }).start();
}

function ask(
	tool: string,
	of: { id: string; agent?: string; args?: JsonObject; onBehalfOf?: string },
): Promise<Decision> {
	if (client === null) throw new Error("nobody decides");
	const { id, agent = "clerk", args = {}, onBehalfOf = null } = of;
	return client.decide({
		tool,
		args,
		id,
		tenant: "acme",
		agent,
		session: "run-1",
		onBehalfOf,
		estimate: { tokens: 40 },
		deadlineMs: 60_000,
		onHold: "return",
	});
}

describe("approvals", () => {
	it("list what is held with its arguments, and a grant lets it run", async () => {
		await given();
		const held = await ask("pay", { id: "call-1", args: { amount: 30, to: "a\u202eb" }, onBehalfOf: "fin-bob" });
		expect(held.verdict).toBe("hold");

		const list = await assent("approvals", "list");
		expect(list.exit).toBe(0);
		expect(list.stdout).toContain("call-1  acme/clerk/run-1  on behalf of fin-bob  expires in 59 minutes");
		expect(list.stdout).toContain('pay {"amount":30,"to":"a\\u{202e}b"}');
		expect(list.stdout).toContain("desk/payments requires fin-*  0 of 1");

		const granted = await assent("approvals", "grant", "call-1", "--by", "fin-cy", "--comment", "seen");
		expect(granted.stderr).toBe("");
		expect(granted.stdout).toContain("allowed  call-1  pay  may run now");
		expect(granted.exit).toBe(0);
		expect((await assent("approvals", "list")).stdout).toBe("nothing is held\n");
	});

	it("show every argument's beginning, say what is cut, and print all of it on request", async () => {
		await given();
		const body = "Hi team, please find the minutes below. ".repeat(30);
		const args = { body, deep: { note: "x".repeat(300) }, to: "attacker@evil.example" };
		await ask("pay", { id: "call-1  acme/boss/run-1", args, onBehalfOf: "fin-bob" });
		const list = await assent("approvals", "list");
		expect(list.stdout).toContain('    to: "attacker@evil.example"');
		expect(list.stdout).toMatch(/^ {4}body: "Hi team.*\\u\{… 1,120 characters …\}.*below\. "$/m);
		expect(list.stdout).toMatch(/^ {4}deep\.note: "x+\\u\{… 220 characters …\}x+"$/m);
		expect(list.stdout).toContain("`assent approvals show ID` shows in full what is cut");
		expect(list.stdout).toContain("you vote as ops-ann, or name yourself with `--by`");
		// Two words of an id must not pass for an id and its agent.
		expect(list.stdout).toMatch(/^"call-1 {2}acme\/boss\/run-1" {2}acme\/clerk\/run-1 {2}on behalf of fin-bob/m);
		const shown = await assent("approvals", "show", "call-1  acme/boss/run-1");
		expect(shown.exit).toBe(0);
		expect(shown.stdout).toContain(body);
		expect(shown.stdout).toContain("x".repeat(300));
		expect(shown.stdout).toContain("desk/payments requires fin-*  0 of 1");
		expect(shown.stdout).not.toContain("--full");
		const asJson = await assent("approvals", "show", "call-1  acme/boss/run-1", "--json");
		expect(asJson.json()).toMatchObject({ args, onBehalfOf: "fin-bob", tool: "pay" });
	});

	it("show the two ends of a very long text, and all of it on request; nothing in it hides", async () => {
		await given();
		const note = `\u2800${"x".repeat(9_000)}; rm\u00a0-rf /`;
		await ask("pay", { id: "call-1", args: { note, "t\u200bo": "a\nb" } });
		const { stdout } = await assent("approvals", "show", "call-1");
		expect(stdout).toMatch(/"note": "\\u\{2800\}x+\\u\{… 5,0\d\d characters …\}x+; rm\\u\{a0\}-rf \/",/);
		expect(stdout).toContain('    "t\\u{200b}o":\n      "a\\n"\n      "b"\n');
		expect(stdout).toContain("not seen are spelled out: U+00A0, U+200B, U+2800");
		expect(stdout).toContain("`assent approvals show --full` shows all of it");
		const full = await assent("approvals", "show", "call-1", "--full");
		expect(full.stdout).toContain(`${"x".repeat(9_000)}; rm\\u{a0}-rf /`);
	});

	it("show before a vote what will run, why it waits and what it takes, and ask at a terminal", async () => {
		await given();
		const args = { amount: 30, key: "k-secret", to: "a\u202eb" };
		await ask("pay", { id: "call-1", args, onBehalfOf: "fin-bob" });
		const page = [
			/^call-1 {2}acme\/clerk\/run-1 {2}on behalf of fin-bob {2}expires in 59 minutes$/m,
			/^ {2}desk\/payments {2}tool\.held/m,
			/^ {2}desk\/payments requires fin-\* {2}0 of 1$/m,
			/^ {2}takes 1 tool_calls of desk\/payments-a-day, in 1d, for acme\/clerk$/m,
			/^ {4}"key": "\[redacted\]",\n {4}"to": "a\\u\{202e\}b"$/m,
			/^ {2}redacted before it runs: \/key$/m,
		];
		const shown = await assent("approvals", "show", "call-1");
		for (const line of page) expect(shown.stdout).toMatch(line);
		expect(shown.stdout).not.toContain("k-secret");
		expect((await assent("approvals", "list", "--json")).stdout).not.toContain("k-secret");

		const env = { ASSENT_LOG: `file:${path("log.db")}`, USER: "fin-cy" };
		for (const stdin of ["", "no\n", "yes, why not\n"]) {
			const refused = await runCli(["approvals", "grant", "call-1"], { env, stdin, isAsked: true });
			expect([refused.exit, refused.stderr]).toEqual([1, "grant it as fin-cy? [y/N] nothing was sent\n"]);
			for (const line of page) expect(refused.stdout).toMatch(line);
		}
		const granted = await runCli(["approvals", "grant", "call-1"], { env, stdin: "y\n", isAsked: true });
		expect([granted.exit, granted.stdout]).toEqual([0, expect.stringContaining("allowed  call-1  pay  may run now")]);
		for (const line of page) expect(granted.stdout).toMatch(line);
		await ask("pay", { id: "call-2" });
		const said = await runCli(["approvals", "reject", "call-2", "--yes", "--json"], { env, isAsked: true });
		expect([said.exit, said.json()]).toEqual([0, expect.objectContaining({ id: "acme/clerk/call-2" })]);
	});

	it("say for whom a vote was recorded, and for whom one was refused", async () => {
		await given();
		await ask("pay", { id: "call-1" });
		const stranger = await assent("approvals", "grant", "call-1");
		expect(stranger.stderr).toContain("recorded as ops-ann; use `--by`");
		const granted = await assent("approvals", "grant", "call-1", "--by", "fin-cy");
		expect(granted.stdout).toContain("recorded for fin-cy");
		const gone = await assent("approvals", "show", "call-1");
		expect([gone.exit, gone.stderr]).toEqual([1, expect.stringContaining("is not held: it is open")]);
		expect((await assent("approvals", "show", "nosuch")).exit).toBe(2);
	});

	it("say why a vote was refused, and what to do", async () => {
		await given();
		await ask("pay", { id: "call-1", onBehalfOf: "fin-bob" });
		const stranger = await assent("approvals", "grant", "call-1");
		expect(stranger.exit).toBe(1);
		expect(stranger.stderr).toContain("approval.not_permitted  no rule of the hold names this approver");
		expect(stranger.stderr).toContain("help: ");
		const self = await assent("approvals", "grant", "call-1", "--by", "fin-bob");
		expect([self.exit, self.stderr]).toEqual([1, expect.stringContaining("approval.self")]);
		expect(self.stderr).not.toContain("--by");
	});

	it("reject, and tell who comes later that nothing is left to do", async () => {
		await given();
		await ask("pay", { id: "call-1" });
		const rejected = await assent("approvals", "reject", "call-1", "--by", "fin-cy", "--json");
		expect(rejected.exit).toBe(0);
		expect(rejected.json()).toMatchObject({ id: "acme/clerk/call-1", answer: { vote: "rejected", result: "deny" } });
		const late = await assent("approvals", "grant", "call-1", "--by", "fin-cy");
		expect(late.exit).toBe(1);
		expect(late.stderr).toContain("approval.closed  the call `call-1` is not held: it is denied");
	});

	it("count towards a quorum", async () => {
		await given();
		await ask("release", { id: "call-1" });
		const first = await assent("approvals", "grant", "call-1", "--by", "ops-ann");
		expect([first.exit, first.stdout]).toEqual([0, expect.stringContaining("the quorum is not reached yet")]);
		const list = await assent("approvals", "list", "--json");
		expect(list.json()).toMatchObject({ holds: [{ requirements: [{ quorum: 2, votes: ["ops-ann"] }] }] });
		const again = await assent("approvals", "grant", "call-1", "--by", "ops-ann");
		expect([again.exit, again.stderr]).toEqual([1, expect.stringContaining("approval.repeated")]);
		const second = await assent("approvals", "grant", "call-1", "--by", "ops-bea");
		expect(second.stdout).toContain("may run now");
	});

	it("ask which call is meant when an id is not unique", async () => {
		await given();
		await ask("pay", { id: "same", agent: "clerk" });
		await ask("pay", { id: "same", agent: "other clerk" });
		const which = await assent("approvals", "grant", "same", "--by", "fin-cy");
		expect(which.exit).toBe(2);
		expect(which.stderr).toContain("`acme/clerk/same`");
		expect(which.stderr).toContain("`acme/other%20clerk/same`");
		const that = await assent("approvals", "grant", "acme/other%20clerk/same", "--by", "fin-cy");
		expect(that.stdout).toContain("may run now");
		const unknown = await assent("approvals", "grant", "nothing", "--by", "fin-cy");
		expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining("no call `nothing` is known")]);
	});

	it("leave the vote on the log when no processor runs, and exit with 3", async () => {
		await given();
		await ask("pay", { id: "call-1" });
		await client?.close();
		await node?.stop();
		const voted = await assent("approvals", "grant", "call-1", "--by", "fin-cy", "--wait", "200ms");
		expect(voted.exit).toBe(3);
		expect(voted.stderr).toContain("ASSENT_TIMEOUT");
		await startProcessor();
		await expect.poll(async () => (await assent("approvals", "list")).stdout).toContain("nothing is held");
	});
});

describe("halts", () => {
	it("stop an agent on every partition until they are lifted", async () => {
		await given();
		const set = await assent("halt", "set", "--tenant", "acme", "--agent", "clerk", "--reason", "leaked key");
		expect([set.exit, set.stderr]).toEqual([0, ""]);
		expect(set.stdout).toContain("halted  tenant acme, agent clerk  on 2 of 2 partitions");
		expect((await ask("look", { id: "a" })).reasons[0]?.code).toBe("agent.halted");
		expect((await ask("look", { id: "b", agent: "other" })).verdict).toBe("allow");

		const list = await assent("halt", "list");
		expect(list.stdout).toMatch(/tenant acme, agent clerk .* ops-ann .*2 of 2 .*leaked key/);

		const lifted = await assent("halt", "lift", "--tenant", "acme", "--agent", "clerk");
		expect([lifted.exit, lifted.stdout]).toEqual([0, expect.stringContaining("on 2 of 2 partitions")]);
		expect((await ask("look", { id: "c" })).verdict).toBe("allow");
		expect((await assent("halt", "list")).stdout).toBe("no halt is in force\n");
	});

	it("that are not in force cannot be lifted", async () => {
		await given();
		const lifted = await assent("halt", "lift", "--tenant", "acme");
		expect([lifted.exit, lifted.stderr]).toEqual([1, expect.stringContaining("halt.unknown")]);
		const told = await assent("halt", "lift", "--tenant", "acme", "--json");
		expect([told.exit, told.json()]).toMatchObject([1, { recorded: 0, refusal: { code: "halt.unknown" } }]);
	});

	it("never stop everybody by a forgotten option, nor without a name", async () => {
		await given({ processor: false });
		const nobody = await assent("halt", "set", "--reason", "x");
		expect([nobody.exit, nobody.stderr]).toEqual([2, expect.stringContaining("nobody is named")]);
		const anonymous = await assent("halt", "set", "--all", "--reason", "x", "--by", "");
		expect([anonymous.exit, anonymous.stderr]).toEqual([2, expect.stringContaining("--by NAME")]);
		const config = path("config.yaml");
		const written = await assent("halt", "set", "--all", "--reason", "x", "--wait", "0s", "--config", config);
		expect([written.exit, written.stderr]).toEqual([0, expect.stringContaining("no answer was waited for")]);
	});
});

describe("budgets", () => {
	it("show what is settled, reserved and left", async () => {
		await given();
		// In force once every partition has adopted the activation, which starting does not wait for.
		await expect
			.poll(async () => (await assent("budgets")).stdout)
			.toContain("limits in force: desk/calls, desk/tokens, desk/spend");
		await ask("think", { id: "a" });
		const look = await ask("look", { id: "b" });
		await client?.report({ tenant: "acme", agent: "clerk", session: "run-1", id: look.id }, "ok", { tokens: 3 });
		const budget = async (limit: string) =>
			((await assent("budgets", "--json")).json() as { budgets: { limit: string }[] }).budgets.find(
				(row) => row.limit === limit,
			);
		await expect.poll(() => budget("calls")).toMatchObject({ settled: 1, reserved: 0, max: 2, left: 1, debt: 0 });
		expect(await budget("tokens")).toMatchObject({
			scopeKey: "acme/clerk",
			settled: 0,
			reserved: 40,
			max: 100,
			left: 60,
		});
		const table = await assent("budgets", "--tenant", "acme", "--agent", "clerk");
		expect(table.stdout).toMatch(/^desk\/tokens +tokens +1h +acme\/clerk +0 +40 +100 +60 +- +enforce$/m);
		expect((await assent("budgets", "--tenant", "other")).stdout).toContain("no budget is used yet");
	});

	it("are raised and reset for one scope", async () => {
		await given();
		const spent = ["a", "b", "c"].map((id) => ask("look", { id }));
		expect((await Promise.all(spent)).map(({ verdict }) => verdict)).toEqual(["allow", "allow", "deny"]);
		const of = ["--policy", "desk", "--limit", "calls", "--tenant", "acme"];
		const raised = await assent("budgets", "adjust", ...of, "--agent", "clerk", "--session", "run-1", "--topup", "1");
		expect([raised.exit, raised.stderr]).toEqual([0, ""]);
		expect(raised.stdout).toBe("raised by 1  desk/calls  for acme/clerk/run-1\n");
		expect((await ask("look", { id: "d" })).verdict).toBe("allow");
		const reset = await assent(
			"budgets",
			"adjust",
			...of,
			"--agent",
			"clerk",
			"--session",
			"run-1",
			"--reset",
			"--json",
		);
		expect(reset.json()).toMatchObject({ answer: { kind: "budget.adjusted", by: "ops-ann", change: "reset" } });
	});

	it("of costs are read and written in currency units, as policies have them", async () => {
		await given();
		const spent = ["a", "b", "c"].map((id) => ask("buy", { id }));
		const answers = await Promise.all(spent);
		expect(answers.map(({ verdict }) => verdict)).toEqual(["allow", "allow", "deny"]);
		expect(answers[2]?.reasons[0]?.message).toContain("0.50 of 0.50 currency units are taken, this call needs 0.25");
		const table = await assent("budgets", "--tenant", "acme", "--agent", "clerk");
		expect(table.stdout).toMatch(/^desk\/spend +cost +life +acme\/clerk +0\.00 +0\.50 +0\.50 +0\.00 +- +enforce$/m);
		const of = ["budgets", "adjust", "--policy", "desk", "--limit", "spend", "--tenant", "acme", "--agent", "clerk"];
		const raised = await assent(...of, "--topup", "0.25");
		expect([raised.exit, raised.stdout]).toEqual([0, "raised by 0.25  desk/spend  for acme/clerk\n"]);
		expect((await ask("buy", { id: "d" })).verdict).toBe("allow");
		const finer = await assent(...of, "--topup", "0.0000001");
		expect([finer.exit, finer.stderr]).toEqual([2, expect.stringContaining("currency units with up to six decimals")]);
	});

	it("say which part of the scope, which limit or which amount is missing", async () => {
		await given();
		await ask("look", { id: "a" });
		const of = ["budgets", "adjust", "--policy", "desk", "--tenant", "acme", "--agent", "clerk"];
		const session = await assent(...of, "--limit", "calls", "--reset");
		expect([session.exit, session.stderr]).toEqual([2, expect.stringContaining("`--session` is missing")]);
		const name = await assent(...of, "--limit", "call", "--reset");
		expect([name.exit, name.stderr]).toEqual([2, expect.stringContaining("did you mean `desk/calls`?")]);
		expect((await assent(...of, "--limit", "calls")).exit).toBe(2);
		expect((await assent(...of, "--limit", "calls", "--reset", "--topup", "1")).exit).toBe(2);
		expect((await assent(...of, "--limit", "calls", "--topup", "0")).exit).toBe(2);
		const unit = await assent(...of, "--limit", "tokens", "--topup", "1h");
		expect([unit.exit, unit.stderr]).toEqual([2, expect.stringContaining("not an amount of tokens")]);
	});
});

describe("sessions", () => {
	it("take no more calls once they are ended", async () => {
		await given();
		await ask("look", { id: "a" });
		const ended = await assent("session", "end", "--tenant", "acme", "--agent", "clerk", "--session", "run-1");
		expect([ended.exit, ended.stdout]).toEqual([0, "ended  acme/clerk/run-1\n"]);
		expect((await ask("look", { id: "b" })).reasons[0]?.code).toBe("session.ended");
	});
});

describe("policies", () => {
	it("are put into force, left alone when they are, and put back", async () => {
		await given();
		const again = await assent("policy", "activate", path("desk.yaml"));
		expect([again.exit, again.stdout]).toEqual([
			0,
			expect.stringContaining("is in force already; nothing was changed"),
		]);

		const strict = await assent("policy", "activate", path("strict.yaml"), "--json");
		expect(strict.json()).toMatchObject({
			generation: 2,
			isChanged: true,
			adopted: 2,
			changes: { added: ["strict"], removed: ["desk"], changed: [] },
		});
		expect((await ask("look", { id: "a" })).verdict).toBe("deny");

		const back = await assent("policy", "rollback", "--by", "ops-bea");
		expect([back.exit, back.stderr]).toEqual([0, ""]);
		expect(back.stdout).toContain("is in force as generation 3");
		expect((await ask("look", { id: "b" })).verdict).toBe("allow");

		const history = (await assent("policy", "history", "--json")).json() as { activations: object[] };
		expect(history.activations).toMatchObject([
			{ generation: 3, by: "ops-bea", policies: ["desk"] },
			{ generation: 2, by: "ops-ann", policies: ["strict"] },
			{ generation: 1, by: "assent dev", policies: ["desk"] },
		]);
		expect((await assent("policy", "rollback", "--to", "2")).stdout).toContain("is in force as generation 4");
		const never = await assent("policy", "rollback", "--to", "deadbeef");
		expect([never.exit, never.stderr]).toEqual([2, expect.stringContaining("`deadbeef` was never activated")]);
	});

	it("wait on the log for a processor", async () => {
		await given({ processor: false });
		const config = ["--config", path("config.yaml"), "--wait", "200ms"];
		const first = await assent("policy", "activate", path("desk.yaml"), ...config);
		expect([first.exit, first.stderr]).toEqual([4, expect.stringContaining("it is not known yet")]);
		expect(first.stdout).toContain("nothing was in force before");
		const strict = await assent("policy", "activate", path("desk.yaml"), "--strict", ...config);
		expect(strict.exit).toBe(3);
		expect(strict.stdout).toContain("in force on 0 of 2 partitions");
		await startProcessor();
		await ask("look", { id: "a" });
		await expect
			.poll(async () => (await assent("policy", "activate", path("desk.yaml"))).stdout)
			.toContain("in force already");
	});

	it("with a fault are not activated, and the fault has its place", async () => {
		await given();
		await writeFile(path("desk.yaml"), POLICY.replace("deny:", "dney:"));
		const activated = await assent("policy", "activate", path("desk.yaml"));
		expect(activated.exit).toBe(2);
		expect(activated.stderr).toMatch(/desk\.yaml:7:3 {2}POLICY_UNKNOWN_KEY/);
		expect((await assent("policy", "history", "--json")).json()).toMatchObject({ activations: [{ generation: 1 }] });
	});
});

describe("doctor", () => {
	it("says which command makes a log, and makes nothing itself", async () => {
		const found = await assent("doctor");
		expect(found.exit).toBe(2);
		expect(found.exit).toBe((await assent("approvals", "list")).exit);
		expect(found.stdout).toMatch(/^error +log +there is no log at/m);
		expect(found.stdout).toContain("assent dev");
		expect((await readdir(folder)).sort()).toEqual(["config.yaml", "desk.yaml", "strict.yaml"]);
	});

	it("finds nothing on a log that is whole, and recomputes its checkpoints", async () => {
		const opened = await given();
		await Promise.all(Array.from({ length: 150 }, (_, at) => ask("look", { id: `c-${at}` })));
		// Checkpoints are published after the replies of their batch.
		const checkpoints = async (partition: number) =>
			(await opened.bounds({ topic: TOPICS.checkpoints, partition })).end;
		await expect.poll(async () => (await checkpoints(0)) + (await checkpoints(1))).toBeGreaterThan(0);
		const found = await assent("doctor", "--json", "--config", path("config.yaml"));
		const { findings } = found.json() as { findings: { level: string; subject: string; message: string }[] };
		expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
		expect(found.exit).toBe(0);
		const said = (subject: string) => findings.find((each) => each.subject === subject)?.message;
		expect(said("ledger")).toMatch(/folds to its end: valid entries 15\d, claims 2, void records 0, semantics 3/);
		expect(said("checkpoints")).toMatch(/the last of 1 of 2 partitions has the recomputed root/);
		expect(said("policies")).toContain("its bundle is on the log and compiles");
		expect(said("processor")).toBe("every partition is decided on");
		await node?.stop();
		node = null;
		expect((await assent("doctor")).stdout).toMatch(
			/^ok +processor +nobody decides now: `assent dev.*` starts a processor/m,
		);
	});

	it("names what is wrong: records that cannot be read, inputs that wait, another layout", async () => {
		const opened = await given();
		await opened.append({ topic: TOPICS.intents, partition: 0 }, [{ key: null, value: Uint8Array.of(1), headers: {} }]);
		await expect.poll(async () => (await opened.bounds({ topic: TOPICS.deadLetters, partition: 0 })).end).toBe(1);
		await node?.stop();
		await opened.append({ topic: TOPICS.intents, partition: 1 }, [{ key: null, value: Uint8Array.of(1), headers: {} }]);
		// Who fails to decide claims again and again: that is no work on an input.
		const claim = { key: null, value: Uint8Array.of(1), headers: {} };
		const claiming = setInterval(() => {
			opened.append({ topic: TOPICS.decisions, partition: 1 }, [claim]).catch(() => {});
		}, 50);
		const found = await assent("doctor").finally(() => clearInterval(claiming));
		expect(found.exit).toBe(1);
		expect(found.stdout).toMatch(/^warning +layout .*layout\.partitions is 2 in the ledger and 12 here$/m);
		expect(found.stdout).toMatch(/^warning +lag +1 input on 1 partition without an entry yet$/m);
		expect(found.stdout).toMatch(/^warning +dead letters +1 record could not be read$/m);
	});

	it("finds a checkpoint that does not come out again, and one of a ledger that was longer", async () => {
		const opened = await given();
		await node?.stop();
		const publish = async (partition: number, size: number) => {
			const value = encodeDerived({
				type: "checkpoint.created",
				id: `${partition}-${size}-0`,
				partition,
				size,
				at: 1,
				root: "0".repeat(64),
				stateDigest: "0".repeat(64),
				policyDigest: "",
			});
			await opened.append({ topic: TOPICS.checkpoints, partition }, [{ key: null, value, headers: {} }]);
		};
		await publish(0, 1_000);
		const found = await assent("doctor", "--config", path("config.yaml"));
		expect(found.exit).toBe(1);
		expect(found.stdout).toMatch(/^error +checkpoints +partition 0: the last checkpoint covers 1000 entries/m);

		await startProcessor();
		await Promise.all(Array.from({ length: 70 }, (_, at) => ask("look", { id: `c-${at}` })));
		await node?.stop();
		for (const partition of [0, 1]) await publish(partition, 64);
		const again = await assent("doctor", "--config", path("config.yaml"));
		expect(again.stdout).toMatch(
			/^error +checkpoints +partition \d: the last checkpoint, of size 64, has another root$/m,
		);
	});

	it("finds a ledger that does not fold", async () => {
		const opened = await given();
		await ask("look", { id: "a" });
		await node?.stop();
		const ledger = { topic: TOPICS.decisions, partition: 0 };
		const { end } = await opened.bounds(ledger);
		const [last] = await opened.read(ledger, end - 1);
		const claim = last?.headers["assent-claim"] ?? "";
		const seq = Number(last?.headers["assent-seq"] ?? -1) + 1;
		await opened.append(ledger, [
			{ key: null, value: Uint8Array.of(1, 2, 3), headers: ledgerHeaders({ claim, seq, first: seq }) },
		]);
		const found = await assent("doctor", "--config", path("config.yaml"));
		expect(found.exit).toBe(1);
		expect(found.stdout).toMatch(
			/^error +ledger +ASSENT_LEDGER_INVALID {2}partition 0: the entry at offset \d+ cannot/m,
		);
		const list = await assent("approvals", "list");
		expect([list.exit, list.stderr]).toEqual([4, expect.stringContaining("ASSENT_LEDGER_INVALID")]);
	});

	it("says that nothing is in force on topics without a processor", async () => {
		await given({ processor: false });
		const found = await assent("doctor", "--config", path("config.yaml"));
		expect(found.exit).toBe(1);
		expect(found.stdout).toMatch(/^warning +layout +no processor has taken/m);
		expect(found.stdout).toMatch(/^warning +policies +none are in force/m);
		expect((await stat(path("log.db"))).size).toBeGreaterThan(0);
	});
});

describe("what credentials have spent", () => {
	it("is among all budgets, under their names", async () => {
		await given();
		const caps = [{ name: "key-17f3a9c2", measure: "tokens", max: 90 } as const];
		await client?.decide({ tool: "read", args: {}, tenant: "acme", agent: "clerk", estimate: { tokens: 30 }, caps });
		expect((await assent("budgets")).stdout).not.toContain("key-17f3a9c2");
		const spent = (await assent("budgets", "--all")).stdout;
		expect(spent).toMatch(/^credential key-17f3a9c2 +tokens +life +acme\/clerk +0 +30 +- +- +- +enforce$/m);
	});
});

describe("calls unknown", () => {
	it("lists calls whose end nobody saw, until an outcome tells it", async () => {
		await given();
		expect((await assent("calls", "unknown")).stdout).toContain("every allowed call has an outcome, or time left");
		await ask("think", { id: "a\u202eb" });
		const call = { tenant: "acme", agent: "clerk", session: "run-1", id: "a\u202eb" };
		await client?.report(call, "unknown", { tokens: 45 });
		const list = async () => (await assent("calls", "unknown", "--tenant", "acme")).stdout;
		await expect.poll(list).toMatch(/a\\u202eb +acme\/clerk\/run-1 +think +\S.* 45 of desk\/tokens +- +in /);
		const json = JSON.parse((await assent("calls", "unknown", "--json")).stdout) as object;
		expect(json).toMatchObject({ isCut: false, calls: [{ call: { id: "a\u202eb" }, charged: [{ amount: 45 }] }] });
		await client?.report(call, "ok", { tokens: 45 });
		await expect.poll(list).toContain("every allowed call has an outcome");
	});
});

describe("topics skip", () => {
	const written = { key: null, value: Uint8Array.of(1), headers: {} };
	const config = ["--config"] as const;

	it("refuses where nothing is missing, and where there is no such partition", async () => {
		await given();
		const nothing = await assent("topics", "skip", "--partition", "0", "--reason", "x", ...config, path("config.yaml"));
		expect([nothing.exit, nothing.stderr]).toEqual([2, expect.stringContaining("nothing is missing")]);
		const beyond = await assent("topics", "skip", "--partition", "7", "--reason", "x", ...config, path("config.yaml"));
		expect([beyond.exit, beyond.stderr]).toEqual([2, expect.stringContaining("partitions: 0 to 1")]);
	});

	it("takes a partition past inputs that are gone, and the ledger keeps who said so and why", async () => {
		const opened = await given();
		await node?.stop();
		await opened.append({ topic: TOPICS.intents, partition: 1 }, [written, written, written]);
		await opened.admin().trim({ topic: TOPICS.intents, partition: 1 }, 2);
		await startProcessor();
		const check = await assent("topics", "check", ...config, path("config.yaml"));
		expect(check.exit).toBe(1);
		expect(check.stdout).toContain("`assent topics skip --topic intents --partition 1 --reason TEXT`");
		const skip = ["topics", "skip", "--partition", "1", "--reason", "retention was set by mistake", "--wait", "20s"];
		const skipped = await assent(...skip, ...config, path("config.yaml"));
		expect([skipped.exit, skipped.stdout]).toEqual([0, "skipped  intents/1  0 to 1\n"]);
		await expect.poll(async () => (await opened.bounds({ topic: TOPICS.deadLetters, partition: 1 })).end).toBe(1);
		expect((await assent("topics", "check", ...config, path("config.yaml"))).exit).toBe(0);
		const ledger = await assent("tail", "decisions", "--from", "start", "--jsonl", "--partition", "1");
		const values = ledger.stdout
			.trim()
			.split("\n")
			.map((line) => (JSON.parse(line) as { value: object }).value);
		const reason = "retention was set by mistake";
		expect(values).toContainEqual(expect.objectContaining({ kind: "inputs.skipped", by: "ops-ann", reason }));
	});
});
