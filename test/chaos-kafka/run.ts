/** One run: a deployment, processors, agents and a storm over them; then what the log says of it all. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AssentClient } from "../../src/client/client.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { Agents } from "../kill-loop/agents.ts";
import type { Checks } from "../kill-loop/checks.ts";
import { Dice } from "../kill-loop/dice.ts";
import { contradicted, ledgerSays, releasedTwoVerdicts } from "../kill-loop/verdicts.ts";
import { checkLog } from "../support/checker.ts";
import type { KafkaCluster } from "../support/kafka/cluster.ts";
import { recompute } from "../support/recompute.ts";
import { type Deployment, deploy } from "./deployment.ts";
import { Fleet } from "./fleet.ts";
import { LedgerWatch } from "./ledger-watch.ts";
import type { PlantName } from "./plants.ts";
import { type Fault, Storm } from "./storm.ts";

export interface RunOptions {
	readonly cluster: KafkaCluster;
	/** For configuration files and what processes say on stderr. */
	readonly folder: string;
	/** Of topics and groups; unlike any other run's on the cluster. */
	readonly name: string;
	readonly plant: PlantName | null;
	readonly processors: number;
	/** The faults come round until so many intents were asked, and so many seconds have passed; each at least once. */
	readonly intents: number;
	readonly seconds: number;
	readonly faults: readonly Fault[];
	readonly sessionMs: number;
	readonly deadlineMs: number;
	readonly lanes: number;
	readonly restMs: number;
	readonly seed: number;
	/** Whether takeovers must be as quick as is promised: too much to ask of a machine that does other things. */
	readonly isTimed: boolean;
	/** How many brokers are killed or restarted one after the other, where a fault does that. */
	readonly brokers: number;
}

const MORE_ZOMBIES_MAX = 10;
const SETTLE_MS = 60_000;

/** Everything must hold. */
export async function runSound(of: RunOptions, checks: Checks): Promise<void> {
	const { deployment, agents, storm, fleet, seconds } = await rage(of, 60_000);
	say(
		of,
		`${agents.calls} intents in ${seconds} s, ${agents.told.size} answered, ${agents.timeouts} questions without an answer in time, ` +
			`${agents.refused} records refused, longest wait ${Math.round(agents.longestWaitMs)} ms`,
	);
	for (const [what, took] of storm.took) say(of, `${what}: ${distribution(took)}`);
	const { check } = checks.about(of.name);
	check(
		"no process ended by itself, and who was told to drain exited with 0",
		fleet.faults.length === 0,
		lines(fleet.faults),
	);
	check("every partition went on being decided", storm.stuck.length === 0, lines(storm.stuck));
	for (const { what, value, unit, limit } of storm.figures) {
		say(of, `figure  ${what}: ${value} ${unit}`);
		if (of.isTimed) check(`${what}: at most ${limit} ${unit}`, value <= limit, `${value} ${unit}`);
	}
	if (of.isTimed) {
		checkTakeover(of, storm, checks, { what: "SIGTERM", ms: 1_500 });
		checkTakeover(of, storm, checks, { what: "SIGKILL", ms: of.sessionMs + 1_000 });
	}
	const log = await deployment.open();
	try {
		const { counts, findings } = await checkLog(log, { layout: deployment.layout });
		say(of, JSON.stringify(counts));
		check(
			"every input has one valid entry, `seq` is dense, digests are true, no budget is overspent at any prefix, replies are entries",
			findings.length === 0,
			lines(findings.slice(0, 20)),
		);
		if (of.faults.includes("zombie")) check("zombies wrote, and what they wrote is void", counts.voids > 0);
		const said = await ledgerSays(log);
		const wrong = contradicted(agents.told, said);
		check("every answer that a client got is in the ledger", wrong.length === 0, wrong.slice(0, 5).join(" "));
		const twice = await releasedTwoVerdicts(log, said);
		check("no intent was released with two final verdicts", twice.length === 0, twice.slice(0, 5).join(" "));
		check("intents were repeated and answered again", counts.repetitions > 0);
		check("no intent was open to two who asked", agents.ranTwice.length === 0, agents.ranTwice.slice(0, 5).join(" "));
		const recomputed = await recompute(log, deployment.layout);
		check(
			"the ledger decided again from its inputs is byte-identical",
			recomputed.firstDifference === null &&
				recomputed.entries === counts.entries &&
				recomputed.entries > Math.max(of.intents, agents.calls),
			JSON.stringify(recomputed),
		);
	} finally {
		await log.close();
	}
}

/** Of the middle one: a single takeover may wait for a machine that has too much to do. */
function checkTakeover(of: RunOptions, { took }: Storm, checks: Checks, limit: { what: string; ms: number }): void {
	const times = took.get(limit.what);
	if (times === undefined) return;
	const what = `others took over within ${limit.ms} ms of a ${limit.what}, by the median`;
	checks.about(of.name).check(what, medianOf(times) < limit.ms, distribution(times));
}

/** The checker must find what was planted. Only what is said wrongly counts: what is missing was not waited for. */
export async function runPlanted(of: RunOptions, checks: Checks): Promise<void> {
	const { deployment, agents } = await rage(of, 8_000);
	const log = await deployment.open();
	try {
		const { findings } = await checkLog(log, { layout: deployment.layout, inputs: "consumed", isSettled: false });
		for (const finding of findings.slice(0, 3)) say(of, finding);
		const wrong = contradicted(agents.told, await ledgerSays(log));
		say(
			of,
			`${findings.length} findings; ${wrong.length} intents whose clients were told what the ledger does not say`,
		);
		checks.about(of.name).check("the planted bug is caught", findings.length > 0, "the checker found nothing");
	} finally {
		await log.close();
	}
}

interface Aftermath {
	readonly deployment: Deployment;
	readonly agents: Agents;
	readonly storm: Storm;
	readonly fleet: Fleet;
	readonly seconds: number;
}

/** Load and storm, and afterwards rest. Leaves no process behind. */
async function rage(of: RunOptions, patienceMs: number): Promise<Aftermath> {
	const { cluster, plant, sessionMs } = of;
	const folder = join(of.folder, of.name);
	mkdirSync(folder);
	const deployment = await deploy({
		folder,
		cluster,
		prefix: of.name,
		sessionMs,
		// Often, so that restores begin at snapshots; the planted restore must reach the ledger's end by reading.
		snapshotEvery: plant === null ? 1_000 : 1_000_000,
	});
	const fleet = new Fleet({ config: deployment.config, folder, plant });
	const log = await deployment.open(cluster.doors.has("agents") ? "agents" : null);
	const watching = await deployment.open();
	const watch = new LedgerWatch(watching, deployment.layout.partitions);
	try {
		const { layout } = deployment;
		await Promise.all(Array.from({ length: of.processors }, (_, at) => fleet.start(doorOf(cluster, at))));
		const dice = new Dice(of.seed);
		const client = await new AssentClient({ log, layout, deadlineMs: of.deadlineMs }).start();
		// One of each partition, then the other one: lanes are spread over all partitions alike.
		const names = [0, 1].flatMap((at) => deployment.agents.map((each) => each[at] as string));
		const agents = new Agents({ client, dice, names, askedTwice: 0.04, restMs: of.restMs });
		const storm = new Storm({
			cluster,
			deployment,
			fleet,
			watch,
			agents,
			dice,
			log,
			folder,
			brokers: of.brokers,
			sessionMs,
			patienceMs,
			say: (what) => say(of, what),
		});
		const startedAt = performance.now();
		const passed = (): number => (performance.now() - startedAt) / 1_000;
		let isOver = false;
		const load = agents.load({ until: () => isOver, lanes: of.lanes });
		const broken = load.then(() => {
			if (!isOver) throw new Error("the load ended by itself");
		});
		broken.catch(() => {});
		const raging = weather(of, { storm, agents, passed, watch }).catch((thrown: unknown) => {
			if (plant === null) throw thrown;
			// A process with a bug may end of it; what is on the log by then is what the checker gets.
			say(of, `the storm ends early: ${thrown}`);
		});
		await Promise.race([broken, raging]).finally(() => {
			isOver = true;
		});
		await storm.settled();
		await load;
		const seconds = Math.round(passed());
		if (plant === null) {
			await client.close();
			await settle(watch, storm);
			await fleet.drain(30_000);
		} else {
			await client.close();
		}
		return { deployment, agents, storm, fleet, seconds };
	} finally {
		await fleet.abandon();
		await watch.stop();
		await closed(log, watching);
	}
}

async function weather(
	of: RunOptions,
	at: { storm: Storm; agents: Agents; passed: () => number; watch: LedgerWatch },
): Promise<void> {
	const { storm, agents, passed, watch } = at;
	const isEnough = (): boolean => agents.calls >= of.intents && passed() >= of.seconds;
	for (let round = 0; round < of.faults.length || !isEnough(); round++) {
		await storm.strike(of.faults[round % of.faults.length] as Fault);
		say(of, `${agents.calls} intents after ${Math.round(passed())} s, ${watch.voids} void entries`);
		if (storm.stuck.length > 0 && of.plant === null) return;
	}
	const isToBeVoid = of.faults.includes("zombie");
	for (let more = 0; isToBeVoid && watch.voids === 0 && more < MORE_ZOMBIES_MAX; more++) await storm.strike("zombie");
	if (of.plant === null) await storm.steady();
}

/** Holds expire after 2 s and reservations after 5 s: the last of them become effects while nobody asks. */
async function settle(watch: LedgerWatch, storm: Storm): Promise<void> {
	await sleep(6_500);
	const deadline = performance.now() + SETTLE_MS;
	while (!watch.isQuiet(2_000)) {
		if (performance.now() > deadline) {
			storm.stuck.push(`the ledgers do not come to rest: ${watch.describe()}`);
			return;
		}
		await sleep(200);
	}
}

async function closed(...logs: readonly Log[]): Promise<void> {
	await Promise.all(logs.map((log) => log.close()));
}

/** One processor comes in by a door of its own, so that it can be cut off. */
const doorOf = ({ doors }: KafkaCluster, at: number): string | null =>
	doors.size === 0 ? null : at === 0 ? "victim" : "others";

const say = ({ name }: RunOptions, what: string): void => void process.stdout.write(`${name}  ${what}\n`);

const lines = (all: readonly string[]): string => all.map((each) => `\n  ${each}`).join("");

const medianOf = (times: readonly number[]): number =>
	[...times].sort((a, b) => a - b)[Math.floor((times.length - 1) / 2)] ?? 0;

const distribution = (times: readonly number[]): string =>
	`${times.length} times, median ${medianOf(times)} ms, longest ${Math.max(...times)} ms`;
