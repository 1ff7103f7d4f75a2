/**
 * Assent over a real Apache Kafka on this machine, and beside it, in the same run, what others do there: Kafka Streams with
 * exactly-once as shipped and tuned, Streams at least once, and a bare pass-through with the same client. Each runs alone,
 * on topics of its own. Assent makes full decisions by the baseline policy; the peers count by key and pass records on.
 *
 * `node bench/kafka.ts --peers [--quick]` measures the peers alone, `--drain` only how fast a backlog is drained, by Assent and
 * by Streams at equal records and bytes, one after the other and again. Both print what they find and write nothing.
 */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeDerived } from "../src/core/codec/decode.ts";
import { HEADER } from "../src/core/codec/headers.ts";
import { startKafka } from "../test/support/kafka/cluster.ts";
import { type Deployment, makeAssentTopics, queuedIntents, startProcessor } from "./kafka/assent.ts";
import { measureAssentLoad } from "./kafka/assent-load.ts";
import { type RecordBytes, recordBytes } from "./kafka/calls.ts";
import { cpuSeconds, type Running } from "./kafka/child.ts";
import { makeTopics, removeTopics } from "./kafka/client.ts";
import { type Answering, ASSENT, COMPARED_AT, type Costs, type Draining, rowsOf } from "./kafka/costs.ts";
import { plainMessages, queue, readBack, whenQuiet } from "./kafka/drain.ts";
import { ID_HEADER, measureLoad } from "./kafka/load.ts";
import {
	drainPeers,
	EOS_EQUAL,
	inputOf,
	LATENCY_PEERS,
	ledgerOf,
	outputOf,
	type Peer,
	type Place,
} from "./kafka/peers.ts";
import { RESULTS, writeReport } from "./kafka/report.ts";
import type { Latency } from "./kafka/schedule.ts";
import { jars } from "./kafka/streams.ts";
import { machine } from "./machine.ts";
import type { BenchRow } from "./row.ts";

const PARTITIONS = 12;
const RATES = [200, COMPARED_AT, 3_000] as const;
/** Load that grows tenfold, 200 to 2,000, and the comparison's; rising, so that no rate waits behind more than it asks for. */
const ASSENT_RATES = [...RATES, 500, 2_000].sort((a, b) => a - b);
/** Partitions that grow from 1 to 48: these and the 12 of the comparison. */
const MORE_PARTITIONS = [1, 4, 24, 48] as const;
const DRAIN_KEYS = 5_000;

const FULL = { seconds: 20, warmSeconds: 5, records: 100_000 } as const;
/** Of drains that are compared by themselves. */
const PAIRS = 3;
const QUICK = { seconds: 5, warmSeconds: 3, records: 20_000 } as const;

/** Writes `bench/results/kafka-cost.json`, `docs/kafka-cost.md` and `docs/kafka-cost.svg` beside its rows. */
export async function benchKafka({ isQuick }: { readonly isQuick: boolean }): Promise<BenchRow[]> {
	execFileSync("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, ".."), stdio: "inherit" });
	const costs = await measure({ isQuick, isAssentIn: true });
	const measured = { ...machine(), ...costs };
	await mkdir(join(RESULTS, ".."), { recursive: true });
	await writeFile(RESULTS, `${JSON.stringify(measured, null, "\t")}\n`);
	await writeReport(measured);
	return rowsOf(costs);
}

interface Extent {
	readonly seconds: number;
	readonly warmSeconds: number;
	/** Queued for a drain. */
	readonly records: number;
}

async function onBroker<Found>(isQuick: boolean, work: (bench: KafkaBench) => Promise<Found>): Promise<Found> {
	jars();
	const cluster = await startKafka({ nodes: 1 });
	const folder = await mkdtemp(join(tmpdir(), "assent-bench-kafka-"));
	try {
		return await work(new KafkaBench({ brokers: cluster.brokers, folder, ...(isQuick ? QUICK : FULL) }));
	} finally {
		await cluster.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

const measure = (options: { readonly isQuick: boolean; readonly isAssentIn: boolean }): Promise<Costs> =>
	onBroker(options.isQuick, async (bench) => {
		const { isQuick, isAssentIn } = options;
		const bytes = await recordBytes();
		const answering: Answering[] = [];
		const draining: Draining[] = [];
		for (const peer of LATENCY_PEERS) answering.push(...(await bench.answerPlain(peer)));
		if (isAssentIn) answering.push(...(await bench.answerAssent(PARTITIONS, ASSENT_RATES)));
		for (const peer of drainPeers(bytes)) draining.push(await bench.drainPlain(peer, bytes));
		if (isAssentIn) {
			draining.push(await bench.drainAssent());
			for (const partitions of MORE_PARTITIONS)
				answering.push(...(await bench.answerAssent(partitions, [COMPARED_AT])));
		}
		return { isQuick, answering, draining };
	});

/** Pairs of drains, each printed with its ratio: a machine that others use, too, is not the same from one minute to the next. */
const compareDrains = (isQuick: boolean): Promise<void> =>
	onBroker(isQuick, async (bench) => {
		const bytes = await recordBytes();
		const peer = drainPeers(bytes).find(({ name }) => name === EOS_EQUAL) as Peer;
		for (let pair = 0; pair < PAIRS; pair++) {
			const draining = [await bench.drainPlain(peer, bytes), await bench.drainAssent()];
			for (const row of rowsOf({ isQuick, answering: [], draining })) console.log(JSON.stringify(row));
		}
	});

class KafkaBench {
	readonly #options: Extent & { readonly brokers: readonly string[]; readonly folder: string };
	#runs = 0;

	constructor(options: Extent & { readonly brokers: readonly string[]; readonly folder: string }) {
		this.#options = options;
	}

	/** A pass-through at each rate of the comparison. */
	answerPlain(peer: Peer): Promise<Answering[]> {
		return this.#inPlace(async (at) => {
			await makeTopics(at.brokers, [inputOf(at), outputOf(at)], at.partitions);
			return this.#answers(peer.name, at, peer.start(at), RATES, (perSecond, onBegun) =>
				measureLoad({ ...this.#load(perSecond), ...at, input: inputOf(at), output: outputOf(at) }, onBegun),
			);
		});
	}

	answerAssent(partitions: number, rates: readonly number[]): Promise<Answering[]> {
		return this.#inPlace(async (at) => {
			const deployment = { brokers: at.brokers, prefix: at.run, partitions };
			await makeAssentTopics(deployment);
			const processor = startProcessor(deployment, at.folder);
			return this.#answers(ASSENT, deployment, processor, rates, (perSecond, onBegun) =>
				measureAssentLoad({ ...this.#load(perSecond), ...deployment, run: `r${perSecond}` }, onBegun),
			);
		});
	}

	drainPlain(peer: Peer, bytes: RecordBytes): Promise<Draining> {
		return this.#inPlace(async (at) => {
			const { records } = this.#options;
			await makeTopics(at.brokers, [inputOf(at), outputOf(at), ledgerOf(at)], at.partitions);
			const messageOf = plainMessages({ bytes: bytes.intent, partitions: at.partitions, keys: DRAIN_KEYS });
			await queue({ brokers: at.brokers, topic: inputOf(at), records, messageOf });
			const running = peer.start(at);
			const output = { brokers: at.brokers, topic: outputOf(at), records };
			const cpuSeconds = await drainedBy(running, output);
			const drained = await readBack({ ...output, idHeader: ID_HEADER });
			return { peer: peer.name, written: peer.written, cpuSeconds, ...drained };
		});
	}

	/** Throws when a call was decided otherwise than allowed: that would be another piece of work. */
	drainAssent(): Promise<Draining> {
		return this.#inPlace(async ({ run, brokers, partitions, folder }) => {
			const { records } = this.#options;
			const deployment: Deployment = { brokers, prefix: run, partitions };
			await makeAssentTopics(deployment);
			const messageOf = queuedIntents({ ...deployment, records });
			await queue({ brokers, topic: `${run}.intents`, records, messageOf });
			const output = { brokers, topic: `${run}.replies`, records };
			const cpuSeconds = await drainedBy(startProcessor(deployment, folder), output);
			const drained = await readBack({ ...output, idHeader: HEADER.replyId, check: assertAllowed });
			return { peer: ASSENT, written: 2, cpuSeconds, ...drained };
		});
	}

	/** Gives each run names of its own and removes its topics. */
	async #inPlace<Found>(work: (at: Place) => Promise<Found>): Promise<Found> {
		this.#runs += 1;
		const { brokers, folder } = this.#options;
		const run = `run${String(this.#runs).padStart(3, "0")}`;
		const found = await work({ brokers, run, partitions: PARTITIONS, folder });
		await removeTopics(brokers, run);
		return found;
	}

	#answers(
		peer: string,
		{ partitions }: { readonly partitions: number },
		running: Running,
		rates: readonly number[],
		ask: (perSecond: number, onBegun: () => void) => Promise<Latency>,
	): Promise<Answering[]> {
		return alone(running, async () => {
			const found: Answering[] = [];
			for (const perSecond of rates) {
				let before: number | null = null;
				const latency = await ask(perSecond, () => {
					before = cpuSeconds(running.pid);
				});
				const after = cpuSeconds(running.pid);
				const used = before === null || after === null ? null : ((after - before) / latency.sent) * 1_000;
				found.push({ peer, perSecond, partitions, cpuSeconds: used, ...latency });
				process.stderr.write(
					`  ${peer}, ${partitions} partitions, ${perSecond}/s: p50 ${latency.p50.toFixed(1)} p99 ${latency.p99.toFixed(1)} ms\n`,
				);
			}
			return found;
		});
	}

	#load(perSecond: number) {
		return { perSecond, seconds: this.#options.seconds, warmSeconds: this.#options.warmSeconds };
	}
}

/** Works while a process runs, and stops it after. Rejects when it ends before. */
async function alone<Found>(running: Running, work: () => Promise<Found>): Promise<Found> {
	try {
		return await Promise.race([work(), running.ended]);
	} finally {
		await running.stop();
	}
}

/** Resolves when the output is whole: the process's CPU seconds for 1,000 records, its start among them. */
const drainedBy = (running: Running, output: Parameters<typeof whenQuiet>[0]): Promise<number | null> =>
	alone(running, async () => {
		await whenQuiet(output);
		const used = cpuSeconds(running.pid);
		return used === null ? null : (used / output.records) * 1_000;
	});

function assertAllowed(value: Buffer): void {
	const reply = decodeDerived(value);
	if (!reply.ok || reply.value.type !== "decision.replied") throw new Error("a record among the replies is none");
	const { verdict, decision } = reply.value;
	if (verdict !== "allow")
		throw new Error(`a call of the drain was not allowed: ${verdict} ${decision.reasons[0]?.rule.code ?? ""}`);
}

if (import.meta.main) {
	const flags = process.argv.slice(2);
	const isQuick = flags.includes("--quick");
	switch (flags.filter((flag) => flag !== "--quick").join(" ")) {
		case "--drain":
			execFileSync("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, ".."), stdio: "inherit" });
			await compareDrains(isQuick);
			break;
		case "--peers":
			for (const row of rowsOf(await measure({ isQuick, isAssentIn: false }))) console.log(JSON.stringify(row));
			break;
		default:
			process.stderr.write(
				"usage: node bench/kafka.ts (--drain | --peers) [--quick]; all of it: npm run bench -- kafka [--quick]\n",
			);
			process.exit(2);
	}
}
