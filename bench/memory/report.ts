/** The page about what a step costs beside many remembered calls, with its picture. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chartsOf } from "../kafka/chart.ts";
import type { Machine } from "../machine.ts";
import type { Remembering } from "./run.ts";

const root = join(import.meta.dirname, "../..");
const PAGE = join(root, "docs", "step-cost.md");
const PICTURE = join(root, "docs", "step-cost.svg");

export interface MemoryCosts {
	/** Of one agent. */
	readonly byCalls: readonly Remembering[];
	readonly byAgents: readonly Remembering[];
	/** The commit before rows were packed. */
	readonly before: Remembering;
}

export async function writeReport(of: Machine & MemoryCosts): Promise<void> {
	const points = (all: readonly Remembering[], x: (each: Remembering) => number) => [
		{ name: "a step", points: all.map((each) => [Math.log10(x(each)), each.micros] as const) },
	];
	const axes = { yLabel: "CPU time of a step, µs" };
	await writeFile(
		PICTURE,
		chartsOf([
			{
				title: "Remembered calls",
				xLabel: "calls, power of ten",
				...axes,
				lines: points(of.byCalls, ({ calls }) => calls),
			},
			{ title: "Agents", xLabel: "agents, power of ten", ...axes, lines: points(of.byAgents, ({ agents }) => agents) },
		]),
	);
	await writeFile(PAGE, pageOf(of));
}

function pageOf({ byCalls, byAgents, before, commit, date, machine, node }: Machine & MemoryCosts): string {
	const like = byAgents.find(({ agents, calls }) => agents === before.agents && calls === before.calls);
	const share = like === undefined ? "" : ` That is 1/${fixed(before.bytesPerCall / like.bytesPerCall)} of it.`;
	return `<!-- Written by \`npm run bench -- memory\`. -->
# What a step costs beside many remembered calls

A call is remembered for an hour after it is over, so that a repetition gets the same answer. Here a state was filled until it
remembered this many calls, each allowed under a policy of 100 rules and 8 limits and settled by its outcome; then steps were
measured, from the bytes of an input to the bytes of its entry, while each new call made an old one be forgotten.

Measured on ${date} at commit \`${commit}\` with Node ${node} on ${machine}. A step is the mean of an intent and its outcome in CPU
time, which leaves out what else runs on the machine. The longest step is that of all steps since the state was empty, what
the collector took of its thread included. The collector's pause is by the clock, and waits for helpers: a busy machine lengthens
it many times. Memory is the heap and what is allocated outside of it, divided by the calls.

![A step's cost by remembered calls and by agents](step-cost.svg)

| remembered calls, one agent | bytes a call | a step, µs | longest step, ms | longest pause of the collector, ms |
|---:|---:|---:|---:|---:|
${byCalls.map((each) => line(each.calls, each)).join("\n")}

| agents, ${count(byAgents[0]?.calls ?? 0)} calls | bytes a call | a step, µs | longest step, ms | longest pause of the collector, ms |
|---:|---:|---:|---:|---:|
${byAgents.map((each) => line(each.agents, each)).join("\n")}

An agent has accounts and a session of its own, which the bytes of its calls include. With many agents each step reads, changes and
hashes other rows, where those of one agent are hashed once for 64 entries: that is the step from 1 to 100 agents.

Before rows were packed, ${count(before.calls)} calls of one agent took ${count(Math.round(before.bytesPerCall))} bytes each, and the longest step
${fixed(before.longestStepMs)} ms.${share}
`;
}

const line = (what: number, { bytesPerCall, micros, longestStepMs, longestPauseMs }: Remembering): string =>
	`| ${count(what)} | ${count(Math.round(bytesPerCall))} | ${fixed(micros)} | ${fixed(longestStepMs)} | ${fixed(longestPauseMs)} |`;

const count = (value: number): string => value.toLocaleString("en");
const fixed = (value: number): string => value.toFixed(1);
