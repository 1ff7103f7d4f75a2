/**
 * The processors' group on a real Kafka with ACLs: what it refuses is said by the member that is refused, at the start and while it works,
 * and mended by what the message names.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openKafkaLog } from "../../src/adapters/kafka/open.ts";
import { type AssentClient, connect } from "../../src/index.ts";
import { checkLog } from "../support/checker.ts";
import { jsonLines, start } from "../support/cli.ts";
import type { User } from "../support/kafka/access.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { KAFKA_LAYOUT, WHO } from "../support/kafka/deployment.ts";
import { freePorts } from "../support/kafka/ports.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { TEST_POLICY, until } from "../support/world.ts";
import { grantPrinted } from "./kafka-acls.ts";

const WAIT_MS = 60_000;
const SESSION_MS = 2_000;

const admin: User = { name: "admin", password: "of-the-admin-7f3a" };
const decider: User = { name: "assent-processor", password: "of-processor-91c2" };

describeKafka(
	"the group of the processors",
	() => {
		let cluster: KafkaCluster;
		let folder = "";
		/** What `topics acl --print` prints for a processor: all of it, and the line with the group's right. */
		let rights = "";
		let groupRight = "";

		beforeAll(async () => {
			folder = mkdtempSync(join(tmpdir(), "assent-group-"));
			cluster = await startKafka({
				security: "scram",
				users: [admin, decider],
				properties: { "group.max.size": "1" },
			});
			await done(["topics", "create"]);
			rights = (await done(["topics", "acl", "--print", "--role", "processor"])).stdout;
			groupRight = rights.split("\n").find((line) => line.includes("--group ")) ?? "";
			await grantPrinted(rights.replace(groupRight, ""), { admin, folder });
			writeFileSync(join(folder, "policy.yaml"), TEST_POLICY);
		});

		afterAll(async () => {
			await cluster?.stop();
			rmSync(folder, { recursive: true, force: true });
		});

		const urlOf = (): string => `kafka://${cluster.address}/desk`;
		const saslOf = ({ name, password }: User) => ({ mechanism: "scram-sha-512", username: name, password }) as const;

		function configOf(user: User, sessionMs = SESSION_MS): string {
			const file = join(folder, `${user.name}-${sessionMs}.yaml`);
			const sasl = `{ mechanism: scram-sha-512, username: ${user.name}, password: ${user.password} }`;
			const kafka = `{ sasl: ${sasl}, sessionTimeout: ${sessionMs}ms, heartbeat: 100ms }`;
			writeFileSync(file, `log: ${urlOf()}\nlayout: { partitions: ${KAFKA_LAYOUT.partitions} }\nkafka: ${kafka}\n`);
			return file;
		}

		/** As the administrator, who may do everything. */
		async function done(args: string[]): Promise<CliOutcome> {
			const outcome = await runCli([...args, "--config", configOf(admin)]);
			expect([args, outcome.exit, outcome.stderr]).toEqual([args, 0, ""]);
			return outcome;
		}

		const processor = (config: string): Promise<CliOutcome> =>
			runCli(["processor", "--log-level", "silent", "--config", config], { stop: AbortSignal.timeout(WAIT_MS) });

		it("refuses who has no right to it at the start, and says what gives it", async () => {
			const { exit, stderr } = await processor(configOf(decider));
			expect([exit, stderr]).toEqual([
				3,
				expect.stringMatching(/^ASSENT_LOG_DENIED .*the group `desk\.processor`\nhelp: .*assent topics acl --print/),
			]);
		});

		it("refuses at the start a session that the broker does not take, and a member too many", async () => {
			const short = await processor(configOf(admin, 500));
			expect([short.exit, short.stderr]).toEqual([
				3,
				expect.stringMatching(/^ASSENT_LOG_SETTINGS .*500 ms\nhelp: .*`kafka\.sessionTimeout`.*group\.min\.session/),
			]);
			const first = await openKafkaLog({ brokers: cluster.brokers, prefix: "desk.", sasl: saslOf(admin) });
			await first.assign("processor", "first", { onAssigned: () => {}, onLost: () => {} });
			const second = await processor(configOf(admin));
			await first.close();
			expect([second.exit, second.stderr]).toEqual([
				3,
				expect.stringMatching(/^ASSENT_LOG_SETTINGS .*is full\nhelp: .*group\.max\.size/),
			]);
		});

		it("that takes away the right of a processor at work is said, once, on its pages too, and fixed by what was printed", async () => {
			await grantPrinted(groupRight, { admin, folder });
			const [port = 0] = await freePorts(1);
			const running = start([
				"processor",
				"--json",
				"--log-level",
				"info",
				"--metrics-port",
				String(port),
				"--config",
				configOf(decider),
			]);
			await running.said(/"ready"/);
			await done(["policy", "activate", join(folder, "policy.yaml"), "--by", "ann", "--wait", "30s"]);
			const client = await clientOf();
			const page = async (name: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}/${name}`)).text();
			const readiness = async () => JSON.parse(await page("readyz")) as Record<string, unknown>;
			await until(async () => (await readiness())["isReady"] === true, "the processor to be ready", WAIT_MS);

			await grantPrinted(groupRight.replace("--add", "--remove --force"), { admin, folder });
			await running.said(/"event":"group\.failed"/);
			// Past the session: the broker has given the member up.
			await delay(2 * SESSION_MS);
			expect(await readiness()).toMatchObject({
				isReady: false,
				isMember: false,
				why: expect.stringMatching(/^ASSENT_LOG_DENIED: .*the group `desk\.processor` .*assent topics acl --print/),
				partitions: Array(KAFKA_LAYOUT.partitions).fill({ phase: "deciding" }),
			});
			expect(await page("metrics")).toMatch(/^assent_member 0$/m);
			// The claim counts, not the group: what is owned is decided.
			expect(await client.decide({ tool: "shell.run", args: {} })).toMatchObject({ verdict: "allow", source: "reply" });

			await grantPrinted(groupRight, { admin, folder });
			await running.said(/"event":"group\.recovered"/);
			await until(async () => (await readiness())["isReady"] === true, "the processor to be ready again", WAIT_MS);
			expect(await readiness()).not.toHaveProperty("why");
			expect(await client.decide({ tool: "wipe", args: {} })).toMatchObject({ verdict: "deny", source: "reply" });

			const { code, stderr } = await running.stop();
			expect(code).toBe(0);
			const said = jsonLines(stderr).filter(({ event }) => String(event).startsWith("group."));
			expect(said).toMatchObject([
				{ event: "group.failed", code: "ASSENT_LOG_DENIED", why: expect.stringContaining("assent topics acl --print") },
				{ event: "group.recovered" },
			]);
			const log = await openKafkaLog({ brokers: cluster.brokers, prefix: "desk.", sasl: saslOf(admin) });
			onTestFinished(() => log.close());
			const { findings, counts } = await checkLog(log, { layout: KAFKA_LAYOUT });
			expect([findings, counts.decisions]).toEqual([[], 2]);
		});

		async function clientOf(): Promise<AssentClient> {
			const client = await connect({
				log: urlOf(),
				kafka: { sasl: saslOf(admin) },
				layout: KAFKA_LAYOUT,
				principal: { ...WHO, agent: "coder" },
				deadlineMs: WAIT_MS,
			});
			onTestFinished(() => client.close());
			return client;
		}
	},
	{ needs: "own" },
);
