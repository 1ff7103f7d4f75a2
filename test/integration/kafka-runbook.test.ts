/**
 * What docs/runbook.md tells an operator to run, run on a real Kafka: each `kafka-*.sh` line of the page as it stands there, but
 * for the broker's address and the numbers of partitions and offsets, and the order of an upgrade.
 */
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { assertFit } from "../../src/app/node.ts";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import { encodeEntry } from "../../src/core/codec/encode.ts";
import { SEMANTICS } from "../../src/core/model/entries.ts";
import { type Log, TOPICS } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { checkLog } from "../support/checker.ts";
import { scratchFolder } from "../support/cli.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { Deployment, KAFKA_LAYOUT, type Running } from "../support/kafka/deployment.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { runShell } from "../support/kafka/tools.ts";
import { textOf } from "../support/repository.ts";
import { runCli } from "../support/run-cli.ts";
import { over, until } from "../support/world.ts";

const WAIT_MS = 60_000;
/** Records of a partition, of which the first may be given up. */
const MANY = 1_500;
const page = textOf("docs/runbook.md");

/** The page's lines that run a tool of Kafka: those in a block with what stands before them there, and those in a text. */
const LINES: readonly string[] = [
	...[...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block.trim()),
	...[...page.matchAll(/`(kafka-[a-z-]+\.sh --[^`]*)`/g)].map(([, line = ""]) => line),
];

/** The one line of the page that runs this tool. */
function lineOf(tool: string): string {
	const [line, ...more] = LINES.filter((each) => each.includes(tool));
	if (line === undefined || more.length > 0) throw new Error(`the page has not one line with ${tool}`);
	return line;
}

describeKafka(
	"an operator with the runbook",
	() => {
		let cluster: KafkaCluster;
		beforeAll(async () => {
			cluster = await startKafka();
		});
		afterAll(() => cluster?.stop());

		/** Under the prefix that the page has; the test that makes it is alone with it. */
		async function deployed(prefix: string): Promise<Deployment> {
			const on = await Deployment.make({ cluster, log: { prefix, sessionTimeoutMs: 2_000 } });
			onTestFinished(() => on.close());
			return on;
		}

		it("finds no tool on the page that is not run here", () => {
			const named = LINES.flatMap((line) => line.match(/kafka-[a-z-]+\.sh/g) ?? []);
			expect(named.sort()).toEqual([
				"kafka-configs.sh",
				"kafka-consumer-groups.sh",
				"kafka-delete-records.sh",
				"kafka-topics.sh",
			]);
		});

		it("runs its lines: what the group has consumed is shown and given up, a compacted ledger is fixed, grown topics are refused", async () => {
			const folder = scratchFolder();
			const sh = (line: string): Promise<string> => runShell(line.replaceAll("BROKER", cluster.address), folder);
			const on = await deployed("assent.");
			const running = await on.startProcessor();
			for (const partition of on.partitions) await on.decide(partition);
			await on.put(TOPICS.intents, 0, Array(MANY).fill({ value: "nothing that can be read" }));
			await on.consumed(running);

			// `kafka-consumer-groups.sh`: a display, which follows within seconds.
			let shown = "";
			const isShown = async (): Promise<boolean> => {
				shown = await sh(lineOf("kafka-consumer-groups.sh"));
				const offsets = on.partitions.map((partition) => offsetIn(shown, "assent.intents", partition));
				return offsets.join() === [MANY + 1, 1, 1].join();
			};
			await until(isShown, "the group's offsets to be shown", WAIT_MS);
			expect(shown).toMatch(/GROUP +TOPIC +PARTITION +CURRENT-OFFSET +LOG-END-OFFSET +LAG/);
			expect(offsetIn(shown, "assent.control", 0)).toBe("1");

			// `kafka-delete-records.sh`: up to what was shown, less 1,000.
			const line = lineOf("kafka-delete-records.sh");
			const upTo = line.replace('"partition":3,"offset":120000', `"partition":0,"offset":${MANY + 1 - 1_000}`);
			expect(upTo).not.toBe(line);
			expect(await sh(upTo)).toMatch(/partition: assent\.intents-0\s+low_watermark: 501/);
			expect((await on.log.bounds({ topic: TOPICS.intents, partition: 0 })).begin).toBe(501);
			await on.decide(0);
			await running.processor.drain();
			const next = await on.startProcessor({ instance: "next" });
			await on.decide(0);
			expect(running.heard.said("partition.failed").concat(next.heard.said("partition.failed"))).toEqual([]);

			// `kafka-configs.sh`: as `topics check` prints it, too.
			await on.settings(TOPICS.decisions, { "cleanup.policy": "compact" });
			const startable = (): Promise<void> => assertFit(on.log, on.layout, silentTelemetry);
			await expect(startable()).rejects.toMatchObject({ code: "ASSENT_LOG_SETTINGS" });
			const mending = lineOf("kafka-configs.sh").replace("BROKER", cluster.address);
			const checked = await runCli(["topics", "check", "--log", `kafka://${cluster.address}`]);
			expect([checked.exit, checked.stdout + checked.stderr]).toEqual([1, expect.stringContaining(mending)]);
			const late = on.decide(1);
			await until(() => next.heard.said("partition.reclaimed").length > 0, "the ledger to be refused", WAIT_MS);
			expect(await sh(mending)).toContain("Completed updating config for topic assent.decisions");
			expect(await late).toMatchObject({ verdict: "allow", source: "reply" });
			await startable();
			const { findings } = await checkLog(on.log, { layout: on.layout, inputs: "consumed" });
			expect(findings).toEqual([]);

			// `kafka-topics.sh`: what must not be done.
			await sh(lineOf("kafka-topics.sh"));
			await expect(startable()).rejects.toMatchObject({ code: "ASSENT_LOG_TOPIC" });
		});

		it("upgrades processors one after the other, while calls are decided; the older one has no way back", async () => {
			const on = await deployed("upgraded.");
			const old = await on.startProcessor({ instance: "old-1" });
			const other = await on.startProcessor({ instance: "old-2" });
			const askAll = async (): Promise<void> => {
				const decisions = await Promise.all(on.partitions.map((partition) => on.decide(partition)));
				expect(decisions.map(({ verdict }) => verdict)).toEqual(on.partitions.map(() => "allow"));
			};
			const isShared =
				(...all: Running[]) =>
				() => {
					const owned = all.flatMap(({ processor }) => processor.status().partitions.filter(isDeciding));
					return owned.length === KAFKA_LAYOUT.partitions;
				};
			await until(isShared(old, other), "two to share", WAIT_MS);
			await askAll();

			const newer = await on.startProcessor({ instance: "new-1", log: newerVersion(await on.openLog()) });
			await old.processor.drain();
			await until(isShared(other, newer), "the new one to share", WAIT_MS);
			await askAll();
			await other.processor.drain();
			await until(isShared(newer), "the new one to own all", WAIT_MS);
			await askAll();

			const back = await on.startProcessor({ instance: "old-3" });
			expect(await back.processor.ended).toMatchObject({ code: "ASSENT_LEDGER_VERSION" });
			expect(back.heard.said("processor.failed")).toMatchObject([{ code: "ASSENT_LEDGER_VERSION" }]);
			await back.processor.drain();
			await until(isShared(newer), "the new one to own all again", WAIT_MS);
			await askAll();
		});
	},
	{ needs: "own" },
);

const isDeciding = ({ phase }: { readonly phase: string }): boolean => phase === "deciding";

/** A partition's CURRENT-OFFSET in the table that the tool prints. */
const offsetIn = (table: string, topic: string, partition: number): string | undefined =>
	table
		.split("\n")
		.map((line) => line.trim().split(/ +/))
		.find(([, name, number]) => name === topic && number === String(partition))?.[3];

/** The log as a release sees it that decides differently: its entries have the next semantics, and it knows them. */
function newerVersion(log: Log): Log {
	const entryAs = (value: Uint8Array, by: number): Uint8Array => {
		const read = decodeEntry(value);
		return read.ok ? encodeEntry({ ...read.value, semantics: read.value.semantics + by }) : value;
	};
	return over(log, {
		append: (to, records, options) => {
			if (to.topic !== TOPICS.decisions) return log.append(to, records, options);
			return log.append(
				to,
				records.map((record) => ({ ...record, value: entryAs(record.value, 1) })),
				options,
			);
		},
		read: async (from, at, options) => {
			const records = await log.read(from, at, options);
			if (from.topic !== TOPICS.decisions) return records;
			return records.map((record) => {
				const read = decodeEntry(record.value);
				const isNewer = read.ok && read.value.semantics > SEMANTICS;
				return isNewer ? { ...record, value: entryAs(record.value, -1) } : record;
			});
		},
	});
}
