/**
 * `npm run chaos:kafka [-- --quick] [--intents N --processors N --nodes 1|3 --seed N --plant NAME --seconds N]`: processors on
 * a real Kafka while they are killed, stopped with full queues until others took over and let go again, told to drain, and
 * while the broker dies; six processors that start on a backlog; then three brokers whose leaders move, are killed, restart,
 * freeze and cannot be reached, and a processor and agents that are cut off. Afterwards the log is checked as after the kill
 * loop, and lines with `figure` say what each fault cost. Three bugs are planted, each of which the checker must find. Ends
 * with `N passed, N failed`.
 *
 * `--quick` is the size for CI. `--nodes`, `--backlog` or `--plant` (`dense`, `short`, `dedupe`) runs that part alone; `--faults kill,zombie`
 * (`term`, `broker`, `crowd`, `leaders`; with `--nodes 3` those of network.ts, too) strikes with these alone.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Checks } from "../kill-loop/checks.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { whatIsMissing } from "../support/kafka/installation.ts";
import { runBacklog } from "./backlog.ts";
import { COMMAND } from "./fleet.ts";
import { DOORS } from "./network.ts";
import { PLANTS, type PlantName } from "./plants.ts";
import { type RunOptions, runPlanted, runSound } from "./run.ts";
import { FAULTS, type Fault } from "./storm.ts";

const { values } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		backlog: { type: "boolean", default: false },
		intents: { type: "string" },
		processors: { type: "string", default: "3" },
		nodes: { type: "string" },
		faults: { type: "string" },
		plant: { type: "string" },
		seconds: { type: "string", default: "0" },
		seed: { type: "string", default: String(process.pid) },
	},
});
const { quick, nodes } = values;
const plants = PLANTS.filter((plant) => values.plant === undefined || values.plant === plant);
if (plants.length === 0) fail(`--plant is one of ${PLANTS.join(", ")}, not \`${values.plant}\``);
if (nodes !== undefined && nodes !== "1" && nodes !== "3") fail(`--nodes is 1 or 3, not \`${nodes}\``);
const only = values.faults
	?.split(",")
	.map((name) => FAULTS.find((fault) => fault === name) ?? fail(`no fault \`${name}\``));
const processors = Number(values.processors);
if (!Number.isInteger(processors) || processors < 2) fail("--processors is at least 2: somebody must take over");
const missing = whatIsMissing();
if (missing !== null) fail(`a broker needs ${missing}`);
if (!existsSync(COMMAND)) fail("dist/ is missing: run `npm run build`");
const isAll = nodes === undefined && values.plant === undefined && !values.backlog;

process.on("SIGINT", () => process.exit(130)).on("SIGTERM", () => process.exit(143));
const folder = await mkdtemp(join(tmpdir(), "assent-chaos-"));
const checks = new Checks();
const sessionMs = quick ? 3_000 : 6_000;
const common = {
	folder,
	processors,
	sessionMs,
	deadlineMs: 20_000,
	lanes: 48,
	seconds: Number(values.seconds),
	seed: Number(values.seed),
	isTimed: !quick,
	brokers: quick ? 1 : 3,
};
process.stdout.write(`seed ${values.seed}, ${processors} processors, session timeout ${sessionMs} ms\n`);

if (isAll || nodes === "1" || values.backlog || values.plant !== undefined) {
	await withKafka(1, async (cluster) => {
		if (isAll || nodes === "1") await attempt("one-node", (name) => runSound({ ...oneNode(cluster), name }, checks));
		if (isAll || values.backlog) await attempt("backlog", () => runBacklog({ ...common, ...backlog(cluster) }, checks));
		if (isAll || values.plant !== undefined) {
			for (const plant of plants) await attempt(plant, () => runPlanted(withPlant(cluster, plant), checks));
		}
	});
}
if (isAll || nodes === "3") {
	await withKafka(3, (cluster) => attempt("three-nodes", (name) => runSound({ ...threeNodes(cluster), name }, checks)));
}
if (checks.failed === 0) await rm(folder, { recursive: true, force: true });
else process.stdout.write(`what the processes said is kept in ${folder}\n`);
checks.end();

type Plan = Omit<RunOptions, "name">;

function oneNode(cluster: KafkaCluster): Plan {
	const intents = Number(values.intents ?? (quick ? 6_000 : 60_000));
	const usual: Fault[] = quick
		? ["zombie", "kill", "term", "broker", "zombie"]
		: ["zombie", "kill", "term", "zombie", "broker", "kill", "term", "zombie", "crowd"];
	return { ...common, cluster, intents, faults: only ?? usual, plant: null, restMs: quick ? 300 : 80 };
}

function backlog(cluster: KafkaCluster) {
	return { cluster, intents: quick ? 12_000 : 50_000, processors: 6, sessionMs: 6_000 };
}

function threeNodes(cluster: KafkaCluster): Plan {
	const intents = Number(values.intents ?? (quick ? 2_000 : 10_000));
	const usual: Fault[] = quick
		? ["move", "late", "freeze", "unreachable", "reset", "leaders"]
		: ["move", "late", "leaders", "rolling", "freeze", "mute", "unreachable", "reset", "cut"];
	return { ...common, cluster, intents, faults: only ?? usual, plant: null, restMs: quick ? 800 : 300 };
}

function withPlant(cluster: KafkaCluster, plant: PlantName): RunOptions {
	const faults: Record<PlantName, Fault[]> = { dense: ["zombie", "zombie"], short: ["kill"], dedupe: ["kill"] };
	const load = { intents: 500, restMs: 300, sessionMs: 3_000, lanes: 24, deadlineMs: 6_000 };
	return { ...common, ...load, cluster, plant, faults: faults[plant], name: plant };
}

/** A run that breaks is a failure like any other, and the next one is made all the same. */
async function attempt(name: string, run: (name: string) => Promise<void>): Promise<void> {
	try {
		await run(name);
	} catch (thrown) {
		checks.check(`${name}: ran to its end`, false, thrown instanceof Error ? thrown.stack : String(thrown));
	}
}

async function withKafka(nodes: 1 | 3, run: (cluster: KafkaCluster) => Promise<void>): Promise<void> {
	process.stdout.write(`starting Kafka with ${nodes === 1 ? "one broker" : "three brokers"}\n`);
	const cluster = await startKafka({ nodes, ...(nodes === 3 ? { doors: DOORS } : {}) });
	try {
		await run(cluster);
	} finally {
		await cluster.stop();
	}
}

function fail(message: string): never {
	process.stderr.write(`${message}\n`);
	process.exit(2);
}
