/**
 * A start under backlog: calls are queued while nobody decides, then processors start one after the other and share the
 * partitions anew while they drain them. What moves must be let go of before it is taken up: entries that were appended under
 * a claim that is not in force any more stay in the ledger for ever.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { IntentComposer } from "../../src/client/composer.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { InputPublisher } from "../../src/publishing/input-publisher.ts";
import type { Checks } from "../kill-loop/checks.ts";
import { Dice } from "../kill-loop/dice.ts";
import { checkLog } from "../support/checker.ts";
import type { KafkaCluster } from "../support/kafka/cluster.ts";
import { deploy } from "./deployment.ts";
import { Fleet } from "./fleet.ts";
import { LedgerWatch } from "./ledger-watch.ts";

/** Of the valid entries. */
const VOIDS_PERCENT_MAX = 2;
const BETWEEN_STARTS_MS = 300;
const DRAIN_MS = 300_000;
const DEADLINE_MS = 600_000;
/** Handed over at once, so that memory does not hold them all. */
const PUBLISHED_AT_ONCE = 5_000;

export async function runBacklog(
	of: {
		readonly cluster: KafkaCluster;
		readonly folder: string;
		readonly intents: number;
		readonly processors: number;
		readonly sessionMs: number;
		readonly seed: number;
	},
	checks: Checks,
): Promise<void> {
	const name = "backlog";
	const say = (what: string): void => void process.stdout.write(`${name}  ${what}\n`);
	const folder = join(of.folder, name);
	mkdirSync(folder);
	const { cluster, sessionMs } = of;
	const deployment = await deploy({ folder, cluster, prefix: name, sessionMs, snapshotEvery: 100_000 });
	const fleet = new Fleet({ config: deployment.config, folder, plant: null });
	const log = await deployment.open();
	const watch = new LedgerWatch(log, deployment.layout.partitions);
	const { check } = checks.about(name);
	try {
		const { layout } = deployment;
		const dice = new Dice(of.seed);
		const names = deployment.agents.flat();
		const composer = new IntentComposer({
			principal: { tenant: "acme" },
			secret: new Uint8Array(32),
			clock: systemClock,
			deadlineMs: DEADLINE_MS,
			sessionMs: layout.sessionMs,
		});
		const publisher = new InputPublisher({ log, layout, clock: systemClock, source: "assent/client", publisher: null });
		for (let sent = 0; sent < of.intents; ) {
			const part = Array.from({ length: Math.min(PUBLISHED_AT_ONCE, of.intents - sent) }, (_, at) => {
				const agent = names[(sent + at) % names.length] as string;
				const intent = composer.intentOf(
					composer.read({ agent, session: `s-${agent}-${(sent + at) % 97}`, ...dice.call() }),
				);
				return publisher.publish(intent);
			});
			await Promise.all(part);
			sent += part.length;
		}
		const began = performance.now();
		const starting: Promise<unknown>[] = [];
		for (let at = 0; at < of.processors; at++) {
			starting.push(fleet.start());
			await sleep(BETWEEN_STARTS_MS);
		}
		await Promise.all(starting);
		// Each input has one entry: activations and ticks, too.
		const inputs = async (): Promise<number> => {
			const places = [TOPICS.intents, TOPICS.control].flatMap((topic) =>
				watch.partitions.map((partition) => log.bounds({ topic, partition })),
			);
			return (await Promise.all(places)).reduce((sum, { end }) => sum + end, 0);
		};
		while (watch.entries < (await inputs()) && performance.now() - began < DRAIN_MS) await sleep(100);
		const seconds = Math.round((performance.now() - began) / 100) / 10;
		await fleet.drain(30_000);
		const share = Math.round((watch.voids / watch.entries) * 10_000) / 100;
		say(`figure  ${of.intents} calls queued, ${of.processors} processors started, drained after ${seconds} s`);
		say(`figure  void entries of a start under backlog: ${watch.voids} beside ${watch.entries} valid ones, ${share} %`);
		check(
			`void entries are fewer than ${VOIDS_PERCENT_MAX} % of the valid ones`,
			share < VOIDS_PERCENT_MAX,
			`${share} %`,
		);
		check("no process ended by itself", fleet.faults.length === 0, fleet.faults.join("\n"));
		// A tick that an owner wrote just before it was told to drain has no entry yet; every call has its decision.
		const { counts, findings } = await checkLog(log, { layout, inputs: "consumed", isSettled: false });
		const { decisions } = counts;
		check("everything that was queued is decided", decisions === of.intents, `${decisions} of ${of.intents}`);
		check("every input that was consumed has one valid entry", findings.length === 0, findings.slice(0, 5).join("\n"));
	} finally {
		await fleet.abandon();
		await watch.stop();
		await log.close();
	}
}
