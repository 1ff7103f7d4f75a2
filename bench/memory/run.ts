/**
 * `run.ts CALLS AGENTS [CHECKOUT]`: fills a state until it remembers this many calls of this many agents, then measures what a
 * step costs there, and writes what it found as JSON. Run with --expose-gc.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { parts, type StepParts, type StepWorld } from "../step/parts.ts";
import { hundredRules, intentsOf, outcomeOf } from "../step/workload.ts";

export interface Remembering {
	readonly calls: number;
	readonly agents: number;
	/** Heap and what is outside of it, by what the world took. */
	readonly bytesPerCall: number;
	/** Of a step in the mean, CPU time; an intent or its outcome, bytes in, entry bytes out. */
	readonly micros: number;
	/** Of all steps since the state was empty, CPU time; the collector's within the step are in it. */
	readonly longestStepMs: number;
	/** Of the collector, by the clock. */
	readonly longestPauseMs: number;
}

/** How long a call is remembered in the default layout: the state keeps as many as come in that time. */
const DEDUPE_MS = 3_600_000;
const FIRST_AT = 1_800_000_000_000;
const MEASURED = 20_000;
const WARM_UP = 20_000;

const [, , calls = "", agents = "", checkout] = process.argv;

async function partsBefore(root: string): Promise<StepParts> {
	const path = "../step/before.mjs";
	const { partsOf } = (await import(path)) as { partsOf(root: string): Promise<StepParts> };
	return partsOf(root);
}

const of = checkout === undefined ? parts : await partsBefore(checkout);
const policy = of.compile(hundredRules().policy);
const [model] = intentsOf(1);
if (model === undefined) throw new Error("no intent to begin with");

/** Inputs of one world, an intent and its outcome in turn. */
class Inputs {
	readonly #agents: number;
	readonly #everyMs: number;
	#index = 0;

	constructor(remembered: number, agents: number) {
		this.#agents = agents;
		this.#everyMs = DEDUPE_MS / remembered;
	}

	next(): { readonly time: number; readonly offset: number; readonly values: readonly [Uint8Array, Uint8Array] } {
		const index = this.#index++;
		const agent = index % this.#agents;
		const time = Math.floor(FIRST_AT + index * this.#everyMs);
		const intent = {
			...(model as NonNullable<typeof model>),
			id: `call-${index.toString(36).padStart(20, "0")}`,
			principal: {
				...(model as NonNullable<typeof model>).principal,
				agent: `agent-${agent}`,
				session: `run-${agent}-${Math.floor(index / this.#agents) >> 6}`,
			},
			issuedAt: time,
			deadline: time + 5_000,
		};
		return { time, offset: 2 * index, values: [of.encodeInput(intent), of.encodeInput(outcomeOf(intent))] };
	}
}

/** Of this thread, in µs: what else runs on the machine is left out, collections within the thread are not. */
const cpu = (): number => {
	const { user, system } = process.threadCpuUsage();
	return user + system;
};

/** Takes this many calls, and says what the longest step took, in µs. */
function live(world: StepWorld, inputs: Inputs, count: number): number {
	let longest = 0;
	for (let call = 0; call < count; call++) {
		const { time, offset, values } = inputs.next();
		for (const [which, value] of values.entries()) {
			const before = cpu();
			world.step(value, offset + which, time);
			longest = Math.max(longest, cpu() - before);
		}
	}
	return longest;
}

/** What steps take in the mean, in µs, after the inputs were made. */
function meanOf(world: StepWorld, inputs: Inputs): number {
	const all = Array.from({ length: MEASURED }, () => inputs.next());
	const before = cpu();
	for (const { time, offset, values } of all) {
		world.step(values[0], offset, time);
		world.step(values[1], offset + 1, time);
	}
	return (cpu() - before) / (2 * MEASURED);
}

const memory = (): number => {
	globalThis.gc?.();
	globalThis.gc?.();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
};

const remembered = Number(calls);
live(of.begin(policy, { isDigested: true }), new Inputs(10_000, Number(agents)), WARM_UP);
let longestPauseMs = 0;
const take = (entries: readonly { readonly duration: number }[]): void => {
	for (const { duration } of entries) longestPauseMs = Math.max(longestPauseMs, duration);
};
const observer = new PerformanceObserver((list) => take(list.getEntries()));
const empty = memory();
await turns();
observer.observe({ entryTypes: ["gc"] });
const world = of.begin(policy, { isDigested: true });
const inputs = new Inputs(remembered, Number(agents));
const longest = live(world, inputs, remembered);
await turns();
take(observer.takeRecords());
observer.disconnect();
const bytesPerCall = (memory() - empty) / remembered;
const micros = Math.min(meanOf(world, inputs), meanOf(world, inputs), meanOf(world, inputs));
const found: Remembering = {
	calls: remembered,
	agents: Number(agents),
	bytesPerCall,
	micros,
	longestStepMs: longest / 1_000,
	longestPauseMs,
};
process.stdout.write(JSON.stringify(found));

/** Lets what was observed arrive. */
async function turns(): Promise<void> {
	for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
