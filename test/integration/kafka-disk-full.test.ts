/**
 * A broker whose disk really runs full while processors decide: what docs/runbook.md says of it. Needs a small file system,
 * which only some machines let a test mount.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { AssentError } from "../../src/core/base/errors.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { type CheckReport, checkLog } from "../support/checker.ts";
import type { BrokerHandle } from "../support/kafka/broker.ts";
import { startKafka } from "../support/kafka/cluster.ts";
import { Deployment, KAFKA_LAYOUT, type Running } from "../support/kafka/deployment.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { over, until } from "../support/world.ts";

const WAIT_MS = 60_000;
/** So many that of two folders each has some. */
const LAYOUT = { ...KAFKA_LAYOUT, partitions: 6 };
/** Of each partition, in one append: more than fits into the last page that a file already has. */
const CALLS = 20;

const disk = mountSmallDisk(64);
afterAll(() => disk?.remove());

describe.skipIf(disk === null)("a full disk", () => {
	describeKafka(
		"of a broker",
		() => {
			it.each(["alone", "beside another"] as const)(
				"that has its folder there, %s, releases nothing, is said, and when there is space again everything is decided",
				async (kind) => {
					const small = disk as SmallDisk;
					const other = mkdtempSync(join(tmpdir(), "assent-other-"));
					const here = join(small.folder, kind === "alone" ? "alone" : "beside");
					const folders: Record<string, string> =
						kind === "alone"
							? { "log.dirs": here }
							: { "log.dirs": `${here},${other}/data`, "metadata.log.dir": `${other}/metadata` };
					const cluster = await startKafka({ properties: folders });
					onTestFinished(async () => {
						await cluster.stop();
						rmSync(here, { recursive: true, force: true });
						rmSync(other, { recursive: true, force: true });
					});
					const [broker] = cluster.nodes;
					if (broker === undefined) throw new Error("the cluster has no broker");
					const on = await Deployment.make({
						cluster,
						layout: LAYOUT,
						log: { requestTimeoutMs: 2_000, sessionTimeoutMs: 2_000 },
					});
					onTestFinished(() => on.close());
					const gate = gated(await on.openLog());
					const running = await on.startProcessor({ log: gate.log });
					await Promise.all(on.partitions.map((partition) => on.decide(partition)));

					// The calls are on the log and their decisions are about to be written: then there is no space.
					gate.close();
					let decided = 0;
					const calls = on.partitions.flatMap((partition) =>
						Array.from({ length: CALLS }, async () => {
							const decision = await on.decide(partition, { deadlineMs: 2 * WAIT_MS });
							decided += 1;
							return decision;
						}),
					);
					// Where a reply is lost, its client asks again at half its deadline: nobody waits for that here.
					for (const call of calls) call.catch(() => {});
					await until(async () => (await submitted(on)) >= calls.length + on.partitions.length, "the calls", WAIT_MS);
					const ballast = small.fill();
					onTestFinished(() => rmSync(ballast, { force: true }));
					gate.open();

					await until(() => saysFull(broker), "the broker to say so", WAIT_MS);
					await until(() => reclaimed(running).length > 0, "a claim to be lost", WAIT_MS);
					expect(reclaimed(running)[0]).toMatch(/may or may not have been written/);
					if (kind === "alone") {
						await until(() => !broker.isRunning, "the broker to stop", WAIT_MS);
						await until(() => running.heard.said("group.failed").length > 0, "the group to be silent", WAIT_MS);
						expect(running.processor.status()).toMatchObject({ isMember: false });
						expect(decided).toBe(0);
					} else {
						expect(broker.isRunning).toBe(true);
						expect(reclaimed(running).some((why) => why.endsWith("storageError (56)"))).toBe(true);
						expect(isReady(running)).toBe(false);
					}

					rmSync(ballast);
					await broker.restart();
					if (kind === "alone") {
						const told = (await Promise.all(calls)).map(({ verdict, source }) => `${verdict} ${source}`);
						expect(new Set(told)).toEqual(new Set(["allow reply"]));
					}
					// What a partition has consumed is known once it has restored.
					await until(() => isReady(running), "every partition to be decided", WAIT_MS);
					await on.consumed(running);
					await running.processor.drain();
					const { findings, counts } = await checked(on);
					expect(findings).toEqual([]);
					expect(counts.decisions).toBe(calls.length + on.partitions.length);
				},
			);
		},
		{ needs: "own" },
	);
});

/** The log, whose appends to ledgers wait while the gate is closed. */
function gated(log: Log): { readonly log: Log; readonly close: () => void; readonly open: () => void } {
	let { promise, resolve } = Promise.withResolvers<void>();
	resolve();
	return {
		log: over(log, {
			append: async (to, records, options) => {
				if (to.topic === "decisions") await promise;
				return log.append(to, records, options);
			},
		}),
		close: () => {
			({ promise, resolve } = Promise.withResolvers<void>());
		},
		open: () => resolve(),
	};
}

const saysFull = (broker: BrokerHandle): boolean =>
	readFileSync(broker.logPath, "utf8").includes("No space left on device");

/** A broker that was started anew says of some partitions for a while that it does not lead them. */
async function checked(on: Deployment): Promise<CheckReport> {
	let report: CheckReport | null = null;
	const isRead = async (): Promise<boolean> => {
		report = await checkLog(on.log, { layout: on.layout }).catch((thrown: unknown) => {
			if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE") return null;
			throw thrown;
		});
		return report !== null;
	};
	await until(isRead, "the log to be read", WAIT_MS);
	return report ?? Promise.reject(new Error("the log was not read"));
}

function isReady({ processor }: Running): boolean {
	const { partitions, isMember } = processor.status();
	return isMember && partitions.length === LAYOUT.partitions && partitions.every(({ phase }) => phase === "deciding");
}

const reclaimed = ({ heard }: Running): string[] => heard.said("partition.reclaimed").map(({ why }) => String(why));

async function submitted(on: Deployment): Promise<number> {
	const bounds = await Promise.all(on.partitions.map((partition) => on.log.bounds({ topic: "intents", partition })));
	return bounds.reduce((sum, { end }) => sum + end, 0);
}
