/**
 * Who may do what on a real Kafka: SCRAM and ACLs as `assent topics acl --print` gives them, and certificates (mTLS). Every
 * right is measured at the broker, not read from the list.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openKafkaLog } from "../../src/adapters/kafka/open.ts";
import { AssentError } from "../../src/core/base/errors.ts";
import { type AssentClient, connect } from "../../src/index.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { assent, jsonLines } from "../support/cli.ts";
import type { User } from "../support/kafka/access.ts";
import { makeCertificates } from "../support/kafka/certificates.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { startReceiver } from "../support/receiver.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { TEST_POLICY, until } from "../support/world.ts";
import { grantPrinted } from "./kafka-acls.ts";

const WAIT_MS = 60_000;
/** The broker hangs up on who has not logged in anew for so long; clients do so ten seconds before. */
const LOGIN_MS = 12_000;
const BY_ANN = ["--by", "ann", "--wait", "30s"] as const;
const LAYOUT = { partitions: 2, budgetRoot: "tenant/agent", dedupeMs: 3_600_000, sessionMs: 604_800_000 } as const;
const ROLES = ["gateway", "processor", "alerting", "notify", "notary", "auditor", "operator", "provisioning"] as const;
type Role = (typeof ROLES)[number];

const admin: User = { name: "admin", password: "of-the-admin-7f3a" };
const userOf = (role: Role): User => ({ name: `assent-${role}`, password: `of-${role}-91c2` });

/** A processor that runs in this process until it is told to stop. */
interface InProcess {
	readonly stop: AbortController;
	readonly ended: Promise<CliOutcome>;
}

function startProcessor(config: string): InProcess {
	const stop = new AbortController();
	return {
		stop,
		ended: runCli(["processor", "--json", "--log-level", "error", "--config", config], { stop: stop.signal }),
	};
}

async function stopped({ stop, ended }: InProcess): Promise<CliOutcome> {
	stop.abort();
	return ended;
}

const callLine = (id: string, tool: string): string =>
	`${JSON.stringify({ id, tenant: "acme", agent: "coder", session: "run-1", tool, args: {} })}\n`;

describeKafka(
	"on a broker with SCRAM and ACLs",
	() => {
		let cluster: KafkaCluster;
		let folder = "";
		let processor: InProcess;

		beforeAll(async () => {
			folder = mkdtempSync(join(tmpdir(), "assent-security-"));
			const properties = { "connections.max.reauth.ms": String(LOGIN_MS) };
			cluster = await startKafka({ security: "scram", users: [admin, ...ROLES.map(userOf)], properties });
			writeFileSync(join(folder, "policy.yaml"), TEST_POLICY);
			const asAdmin = configOf(admin);
			// The deployment at work, and one without a processor, on which rights are tried out.
			let printed = "";
			for (const name of ["desk", "probe"]) {
				const log = ["--config", asAdmin, "--log", urlOf(name)];
				for (const replies of ["desk-1", "desk-2"])
					expectDone(await runCli(["topics", "create", "--replies", replies, ...log]));
				const acls = await runCli(["topics", "acl", "--print", "--replies", "desk-1", ...log]);
				expectDone(acls);
				printed += acls.stdout;
			}
			await grantPrinted(printed, { admin, folder });
			processor = startProcessor(configOf(userOf("processor")));
			const activated = await as("operator", "policy", "activate", join(folder, "policy.yaml"), ...BY_ANN);
			expectDone(activated);
		});

		afterAll(async () => {
			processor?.stop.abort();
			await processor?.ended;
			await cluster?.stop();
			rmSync(folder, { recursive: true, force: true });
		});

		const urlOf = (name: string): string => `kafka://${cluster.address}/${name}`;

		/** A configuration file for a user, with the password in a file of its own. */
		function configOf(user: User, more: { readonly file?: string; readonly lines?: string } = {}): string {
			const file = join(folder, `${more.file ?? user.name}.yaml`);
			writeFileSync(`${file}.password`, `${user.password}\n`, { mode: 0o600 });
			const sasl = `{ mechanism: scram-sha-512, username: ${user.name}, passwordFile: ${file}.password }`;
			const lines = `log: ${urlOf("desk")}\nlayout: { partitions: 2 }\nkafka: { sasl: ${sasl} }\n`;
			writeFileSync(file, `${lines}${more.lines ?? ""}`);
			return file;
		}

		const as = (role: Role, ...args: string[]): Promise<CliOutcome> =>
			runCli([...args, "--config", configOf(userOf(role))]);

		function saslOf({ name, password }: User) {
			return { mechanism: "scram-sha-512", username: name, password } as const;
		}

		const gateway = (of: { user?: User; replyTopic?: string } = {}): Promise<AssentClient> =>
			connect({
				log: urlOf("desk"),
				kafka: { sasl: saslOf(of.user ?? userOf("gateway")) },
				layout: LAYOUT,
				principal: { tenant: "acme", agent: "coder", session: "run-1" },
				replyTopic: of.replyTopic ?? "replies.desk-1",
				deadlineMs: WAIT_MS,
			});

		/** A handle of a role on the deployment without a processor. */
		async function probing<Out>(role: Role, use: (log: Log) => Promise<Out>): Promise<Out> {
			const { brokers } = cluster;
			const log = await openKafkaLog({
				brokers,
				prefix: "probe.",
				sasl: saslOf(userOf(role)),
				requestTimeoutMs: 5_000,
			});
			try {
				return await use(log);
			} finally {
				await log.close();
			}
		}

		it("every role does its work with the rights that were printed for it", async () => {
			const client = await gateway();
			try {
				const decided = await Promise.all(["shell.run", "wipe"].map((tool) => client.decide({ tool, args: {} })));
				expect(decided.map(({ verdict, source }) => [verdict, source])).toEqual([
					["allow", "reply"],
					["deny", "reply"],
				]);
				const ran = client.guard("shell.run", async ({ command }: { command: string }) => `ran ${command}`);
				expect(await ran({ command: "ls" })).toBe("ran ls");

				const held = await client.decide({ id: "held-1", tool: "pay.bill", args: {}, onHold: "return" });
				expect(held.verdict).toBe("hold");
				const granted = await as("operator", "approvals", "grant", "held-1", "--by", "alice", "--comment", "seen");
				expectDone(granted);
				const after = await client.decide({ id: "held-1", tool: "pay.bill", args: {} });
				expect([after.verdict, after.status]).toEqual(["allow", "open"]);
			} finally {
				await client.close();
			}

			const violations = await as("alerting", "tail", "violations", "--jsonl");
			expectDone(violations);
			expect(jsonLines(violations.stdout).map(({ value }) => value)).toMatchObject([
				{ type: "violation.detected", rule: "no-wipe" },
			]);
			for (const topic of ["intents", "decisions", "control", "policies", "replies.desk-1"]) {
				const read = await as("auditor", "tail", topic, "--jsonl");
				expectDone(read);
				expect([topic, jsonLines(read.stdout).length]).not.toEqual([topic, 0]);
			}
			const doctor = await as("auditor", "doctor");
			expect(doctor.stdout).toMatch(/^ok +ledger +folds to its end/m);
			expectDone(await as("provisioning", "topics", "create", "--replies", "desk-3"));
		});

		it("another processor goes on where the first has published, with a key of tokens that a gateway reads", async () => {
			const key = join(folder, "token.key");
			expectDone(await runCli(["keys", "create", "tokens.example.com", "--out", key]));
			const published = await as("operator", "tokens", "publish", key, "--by", "ann", "--json");
			expectDone(published);
			expectDone(await stopped(processor));
			processor = startProcessor(configOf(userOf("processor"), { file: "minting", lines: `tokenKey: ${key}\n` }));
			const client = await gateway();
			try {
				const consumed = async () => {
					const args = { command: "ls" };
					const { token, executor } = await client.decide({ tool: "shell.run", args });
					expect(token.split(".")).toHaveLength(3);
					return {
						token,
						consume: () => client.consumeToken(token, { executor, tenant: "acme", tool: "shell.run", args }),
					};
				};
				const [first, second] = [await consumed(), await consumed()];
				expect(await first.consume()).toMatchObject({ ok: true });
				expect(await first.consume()).toMatchObject({ error: { code: "TOKEN_USED" } });
				const scope = ["--tenant", "acme", "--agent", "coder"];
				expectDone(await as("operator", "halt", "set", ...scope, "--reason", "a try", ...BY_ANN));
				await until(async () => (await second.consume()).ok === false, "the halt is heard of");
				expect(await second.consume()).toMatchObject({ error: { code: "TOKEN_HALTED" } });
				expectDone(await as("operator", "halt", "lift", ...scope, "--reason", "it is over", ...BY_ANN));
				await until(async () => (await second.consume()).ok, "the lift is heard of");
			} finally {
				await client.close();
			}
		});

		it("whoever notifies follows what it may read", async () => {
			const hooks = await startReceiver();
			const stop = new AbortController();
			const files = ["--places", join(folder, "places.json"), "--dead-letters", join(folder, "dead.jsonl")];
			const types = ["hold", "policy_violation", "tool_call_blocked", "checkpoint_created", "drift_detected"];
			const args = ["notify", "--url", hooks.url, "--type", ...types, "--from", "start", ...files];
			const ended = runCli([...args, "--log-level", "silent", "--config", configOf(userOf("notify"))], {
				stop: stop.signal,
			});
			const told = (type: string): boolean => hooks.received.some(({ body }) => body.includes(type));
			await until(() => told("tool_call_blocked") && told("held-1"), "what happened");
			stop.abort("SIGTERM");
			expectDone(await ended);
		});

		it("a notary signs what it may read, and an auditor has a receipt of it", async () => {
			const stop = new AbortController();
			const [key, out] = [join(folder, "notary.key"), join(folder, "audit")];
			expectDone(await runCli(["keys", "create", "log.example.com", "--out", key]));
			const args = ["notary", "--key", key, "--out", out, "--log-level", "silent"];
			const ended = runCli([...args, "--config", configOf(userOf("notary"))], { stop: stop.signal });
			await until(() => existsSync(join(out, "anchor", "checkpoint")), "the anchor");
			const receipt = join(folder, "held-1.tlog-proof");
			const vkey = join(out, "log.vkey");
			const proven = ["audit", "prove", "held-1", "--key", vkey, "--out", receipt, "--wait", "10s"];
			expectDone(await as("auditor", ...proven));
			stop.abort("SIGTERM");
			expectDone(await ended);
			expectDone(await runCli(["audit", "prove", "--check", receipt, "--key", vkey]));
		});

		it("each role reads and writes its own topics and no other", async () => {
			const topics = [
				"intents",
				"control",
				"decisions",
				"violations",
				"checkpoints",
				"dead-letters",
				"snapshots",
				"policies",
				"replies",
				"replies.desk-1",
				"replies.desk-2",
			];
			const rights = await Promise.all(
				ROLES.map((role) =>
					probing(role, async (log) => {
						const cells = await Promise.all(
							topics.map(async (topic) => {
								const [reads, writes] = await Promise.all([mayRead(log, topic), mayWrite(log, topic)]);
								return `${reads ? "r" : "-"}${writes ? "w" : "-"}`;
							}),
						);
						return [role, cells.join(" ")];
					}),
				),
			);
			// Columns in the order of `topics`.
			expect(Object.fromEntries(rights)).toEqual({
				gateway: "-w r- -- -- -- -- -- r- -- r- --",
				processor: "r- rw rw rw rw rw rw r- -w -w -w",
				alerting: "-- -- -- r- -- -- -- -- -- -- --",
				notify: "r- -- r- -- r- -- -- -- -- -- --",
				notary: "-- -- r- -- rw -- -- -- -- -- --",
				auditor: "r- r- r- r- r- r- r- r- r- r- r-",
				operator: "r- rw r- r- r- r- r- rw r- r- r-",
				provisioning: "-- -- -- -- -- -- -- -- -- -- --",
			});
		});

		it("and nobody but a processor joins the processors", async () => {
			const join = (role: Role): Promise<unknown> =>
				probing(role, (log) => log.assign("processor", role, { onAssigned: () => {}, onLost: () => {} }));
			for (const role of ["gateway", "auditor", "operator"] as const) {
				const thrown = await join(role).catch((each: unknown) => each);
				expect([role, thrown]).toEqual([
					role,
					expect.objectContaining({ code: "ASSENT_LOG_DENIED", message: expect.stringMatching(/the group `probe\./) }),
				]);
			}
			await expect(join("processor")).resolves.toBeDefined();
		});

		it("a gateway cannot wait for answers where another gateway's come", async () => {
			for (const replyTopic of ["replies", "replies.desk-2"]) {
				await expect(gateway({ replyTopic })).rejects.toMatchObject({ code: "ASSENT_LOG_DENIED" });
			}
		});

		it("commands say what is denied, and exit with 3", async () => {
			const other = join(folder, "other.yaml");
			writeFileSync(other, TEST_POLICY.replace("wiped here", "wiped"));
			const activation = ["policy", "activate", other, ...BY_ANN];
			const cases: [Role, string[]][] = [
				["auditor", ["processor", "--log-level", "error"]],
				["auditor", ["halt", "set", "--tenant", "acme", "--agent", "coder", "--reason", "a try", ...BY_ANN]],
				["auditor", activation],
				["processor", activation],
			];
			for (const [role, args] of cases) {
				const refused = await as(role, ...args);
				expect([role, args[0], refused.exit, refused.stderr]).toEqual([
					role,
					args[0],
					3,
					expect.stringMatching(/^ASSENT_LOG_DENIED .*\nhelp: .*topics acl --print/),
				]);
			}
			// What one may not see is not there.
			const maker = await as("gateway", "topics", "create", "--replies", "desk-9");
			expect([maker.exit, maker.stderr]).toEqual([3, expect.stringMatching(/or this user may not see them/)]);
			const unseen = await as("alerting", "tail", "decisions");
			expect([unseen.exit, unseen.stderr]).toEqual([3, expect.stringMatching(/there are: violations\n/)]);
			const blind = await as("gateway", "processor", "--log-level", "error");
			expect([blind.exit, blind.stderr]).toEqual([3, expect.stringMatching(/or this user may not see it/)]);
		});

		it("a wrong password is refused with a code, and stands in no output", async () => {
			const wrong = { ...userOf("processor"), password: "not-the-password-55e1" };
			const config = configOf(wrong, { file: "wrong" });
			const stdin = callLine("a", "look");
			const refusals = await Promise.all([
				// A process of its own: its log lines belong to its output.
				assent(["processor", "--log-level", "info", "--config", config]),
				...[["topics", "check"], ["tail", "intents"], ["submit"]].map(async (args) => {
					const { exit: code, stdout, stderr } = await runCli([...args, "--config", config], { stdin });
					return { code, stdout, stderr };
				}),
			]);
			for (const { code, stdout, stderr } of refusals) {
				expect([code, stderr]).toEqual([3, expect.stringMatching(/ASSENT_LOG_DENIED .*\nhelp: check `kafka\.sasl`/)]);
				expect(stdout + stderr).not.toContain(wrong.password);
			}
			const thrown: unknown = await gateway({ user: wrong }).catch((each: unknown) => each);
			expect(thrown).toMatchObject({ code: "ASSENT_LOG_DENIED" });
			expect(inspect(thrown, { depth: 20, showHidden: true })).not.toContain(wrong.password);
		});

		it("everybody logs in again before the broker hangs up, and nobody notices", async () => {
			const client = await gateway();
			const claims = async (): Promise<number> => {
				const { stdout } = await as("auditor", "tail", "decisions", "--jsonl");
				return jsonLines(stdout).filter(({ headers }) => Object.values(headers as object).includes("claim")).length;
			};
			try {
				const before = await claims();
				const until = performance.now() + LOGIN_MS + 4_000;
				while (performance.now() < until) {
					const { source } = await client.decide({ tool: "shell.run", args: {}, deadlineMs: 5_000 });
					expect(source).toBe("reply");
					await delay(250);
				}
				// One connection that was lost would have cost its partitions a claim each.
				expect(before).toBeGreaterThan(0);
				expect(await claims()).toBe(before);
			} finally {
				await client.close();
			}
		});

		it("the processor that had no more than its rights ends well", async () => {
			const { exit, stdout, stderr } = await stopped(processor);
			expect([exit, stderr]).toEqual([0, ""]);
			expect(jsonLines(stdout).map(({ event }) => event)).toEqual(expect.arrayContaining(["ready", "stopped"]));
			for (const { password } of [admin, ...ROLES.map(userOf)]) expect(stdout + stderr).not.toContain(password);
		});
	},
	{ needs: "own" },
);

describeKafka(
	"on a broker that asks for certificates",
	() => {
		let cluster: KafkaCluster;
		let folder = "";

		beforeAll(async () => {
			folder = mkdtempSync(join(tmpdir(), "assent-tls-"));
			cluster = await startKafka({ security: "tls" });
			const { access } = cluster;
			if (access.kind !== "tls" || access.client === null) throw new Error(`the cluster hands out ${access.kind}`);
			const files = { "ca.pem": access.ca, "client.pem": access.client.cert, "client.key": access.client.key };
			const strangers = join(folder, "strangers");
			mkdirSync(strangers);
			const { client } = makeCertificates(strangers);
			const foreign = { "strange-ca.pem": client.ca, "strange.pem": client.cert, "strange.key": client.key };
			for (const [name, text] of Object.entries({ ...files, ...foreign }))
				writeFileSync(join(folder, name), text, { mode: 0o600 });
		});

		afterAll(async () => {
			await cluster?.stop();
			rmSync(folder, { recursive: true, force: true });
		});

		/** Paths in it begin at its own folder. */
		function configOf(tls: string): string {
			const file = join(folder, "assent.yaml");
			writeFileSync(file, `log: kafka://${cluster.address}/desk\nlayout: { partitions: 2 }\nkafka: { tls: ${tls} }\n`);
			return file;
		}

		it("everything runs with a certificate of its authority", async () => {
			const config = configOf("{ ca: ca.pem, cert: client.pem, key: client.key }");
			writeFileSync(join(folder, "policy.yaml"), TEST_POLICY);
			expectDone(await runCli(["topics", "create", "--config", config]));
			const processor = startProcessor(config);
			try {
				const policy = join(folder, "policy.yaml");
				expectDone(await runCli(["policy", "activate", policy, ...BY_ANN, "--config", config]));
				const stdin = callLine("a", "shell.run") + callLine("b", "wipe");
				const submitted = await runCli(["submit", "--settle", "--deadline", String(WAIT_MS), "--config", config], {
					stdin,
				});
				expectDone(submitted);
				const verdicts = jsonLines(submitted.stdout).map(({ id, verdict }) => [id, verdict]);
				expect(Object.fromEntries(verdicts)).toEqual({ a: "allow", b: "deny" });
			} finally {
				expectDone(await stopped(processor));
			}
		});

		it("nothing without one, with a stranger's, or where the broker's is of an unknown authority", async () => {
			const cases = [
				"{ ca: ca.pem }",
				"{ ca: ca.pem, cert: strange.pem, key: strange.key }",
				"{ ca: strange-ca.pem, cert: client.pem, key: client.key }",
				"true",
			];
			for (const tls of cases) {
				for (const command of ["processor", "submit"]) {
					const stdin = callLine("a", "shell.run");
					const refused = await runCli([command, "--config", configOf(tls)], { stdin });
					const message = refused.stderr.split("\n")[0] ?? "";
					expect([tls, command, refused.exit, message]).toEqual([
						tls,
						command,
						3,
						expect.stringMatching(/certificate/),
					]);
					expect(message).toMatch(/^ASSENT_LOG_DENIED /);
				}
			}
		});

		it("nothing in plain text", async () => {
			const refused = await runCli(["topics", "check", "--log", `kafka://${cluster.address}/desk`]);
			expect([refused.exit, refused.stderr]).toEqual([
				3,
				expect.stringMatching(/^ASSENT_LOG_UNAVAILABLE .*\nhelp: .*security/),
			]);
		});
	},
	{ needs: "own" },
);

function expectDone({ exit, stderr }: CliOutcome): void {
	expect([exit, stderr.replace(/^write `layout.*\n/m, "")]).toEqual([0, ""]);
}

/** Everything but a denial is a fault of the test. */
async function mayRead(log: Log, topic: string): Promise<boolean> {
	return log.read({ topic, partition: 0 }, 0).then(() => true, unlessDenied);
}

/** Who may write may also describe a topic, so that who is not even shown it may not write it. */
async function mayWrite(log: Log, topic: string): Promise<boolean> {
	const record = { key: "probe", value: Buffer.from("{}"), headers: {} };
	try {
		const appended = await log.append({ topic, partition: 1 }, [record]);
		if (appended.kind === "appended") return true;
		if (appended.kind === "failed") throw new AssentError(appended.problem);
		throw new Error(`an append to ${topic} is ${appended.kind}`);
	} catch (thrown) {
		return unlessDenied(thrown);
	}
}

function unlessDenied(thrown: unknown): false {
	if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_DENIED") return false;
	throw thrown;
}
