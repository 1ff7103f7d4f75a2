/**
 * The classifier on one core: commands as agents type them, through `classify()`, beside the parser alone that it reads shells with
 * and beside 100 of V8's RegExps over the same texts; the whole step under policies that ask for readings, beside one that does not;
 * and arguments of 1 MB, in each language, at their first reading.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "unbash";
import { type ClassifiedCall, classify } from "../src/core/classify/classify.ts";
import { COMMANDS, newCommands } from "./classify/commands.ts";
import { patternsOf, regExpOf } from "./match/workload.ts";
import type { BenchRow } from "./row.ts";
import { stepRate } from "./step/rate.ts";
import { intentsOf, NO_READING_RULES, READING_RULES } from "./step/workload.ts";

const ROUNDS = 40;
/** Of one round: the clock of CPU time is coarse. */
const TIMES = 60;
const LARGE = 1_000_000;

export async function benchClassify(): Promise<BenchRow[]> {
	return [...commandRows(), ...stepRows(), ...largeRows()];
}

const callOf = (command: string): ClassifiedCall => ({ tool: "bash", args: { command } });

function commandRows(): BenchRow[] {
	const calls = COMMANDS.map(callOf);
	const regExps = patternsOf(100).map(regExpOf);
	const unseen = newCommands(ROUNDS * TIMES * COMMANDS.length).map(callOf);
	let at = 0;
	const [own, fresh, parsing, matching] = best([
		() => calls.reduce((sum, call) => sum + classify(call).facts.length, 0),
		() => {
			const end = at + COMMANDS.length;
			let facts = 0;
			for (; at < end; at++) facts += classify(unseen[at] as ClassifiedCall).facts.length;
			return facts;
		},
		() => COMMANDS.reduce((sum, command) => sum + parse(command).commands.length, 0),
		() => COMMANDS.reduce((sum, command) => sum + regExps.filter((one) => one.test(command)).length, 0),
	]) as [number, number, number, number];
	const perSecond = (ms: number): number => COMMANDS.length / (ms / 1_000);
	return [
		{ what: `classify, ${COMMANDS.length} typical commands in turn`, value: perSecond(own), unit: "calls/s" },
		{ what: "classify, commands that were never seen", value: perSecond(fresh), unit: "calls/s" },
		{ what: "the same, only parsed by unbash", value: perSecond(parsing), unit: "calls/s" },
		{ what: "the same, 100 RegExps of V8 instead", value: perSecond(matching), unit: "calls/s" },
		{ what: "classify, against unbash's parse alone", value: own / parsing, unit: "× its time" },
	];
}

const STEP_CALLS = 20_000;

/** An outcome follows each intent, so that every other input is classified: none that came before, or 40 in turn, which are remembered. */
function stepRows(): BenchRow[] {
	const baseline = readFileSync(join(import.meta.dirname, "..", "policies", "baseline.yaml"), "utf8");
	const fresh = intentsOf(STEP_CALLS, newCommands(STEP_CALLS).map(callOf));
	const again = intentsOf(STEP_CALLS, COMMANDS.map(callOf));
	return Object.entries({
		"no rules on readings": NO_READING_RULES,
		"rules on intents and facts": READING_RULES,
		"baseline policy": baseline,
	}).flatMap(([name, policy]) => [
		{ what: `whole step, ${name}, calls that were never seen`, value: stepRate(fresh, policy), unit: "inputs/s" },
		{ what: `whole step, ${name}, calls that come again`, value: stepRate(again, policy), unit: "inputs/s" },
	]);
}

/** What the thread itself takes: the compiler and the collector work beside it, on other cores where there are some. */
function largeRows(): BenchRow[] {
	return LARGE_CALLS.map(([name, call]) => {
		const before = process.threadCpuUsage();
		classify(call);
		const { user, system } = process.threadCpuUsage(before);
		return { what: `classify 1 MB: ${name}`, value: (user + system) / 1_000, unit: "ms of its thread" };
	});
}

const of = (unit: string, length = LARGE): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

const called = (tool: string, name: string, value: string | readonly string[]): ClassifiedCall => ({
	tool,
	args: { [name]: value },
});

const LARGE_CALLS: readonly (readonly [name: string, call: ClassifiedCall])[] = [
	["shell", called("bash", "command", of("ls -la /tmp; git status && echo done | grep x\n"))],
	["shell, 64 KB", called("bash", "command", of('echo "$(date) $HOME" > /tmp/x\n', 65_000))],
	["SQL, statements", called("sql_query", "query", of("SELECT a, b FROM t WHERE a = 1 AND b = 'x';\n", LARGE - 50))],
	["SQL, one statement", called("sql_query", "query", `SELECT * FROM t WHERE a = 1${of(" OR b = 2", LARGE - 50)}`)],
	["SQL, brackets", called("sql_query", "query", `SELECT * FROM t WHERE ${of("(", LARGE - 50)}`)],
	["Python", called("python", "code", of("x = foo(1, 'a')\n"))],
	["Python, 64 KB", called("python", "code", of("x = foo(1, 'a')\n", 65_000))],
	["JavaScript, 64 KB", called("javascript", "code", of("const x = foo(1, 'a');\n", 65_000))],
	[
		"PowerShell, 256 KB",
		called("powershell", "command", of("Get-Process -Name foo | Where-Object { $_.Id }\n", 260_000)),
	],
	["cmd.exe, 256 KB", called("cmd", "command", of("dir /s C:\\temp & echo done\r\n", 260_000))],
	["100,000 items", { tool: "create_doc", args: { items: Array.from({ length: 100_000 }, (_, at) => `item ${at}`) } }],
	["base64", called("store", "value", of("QUJDREVG"))],
	[
		"URLs",
		called(
			"visit",
			"urls",
			Array.from({ length: 9_000 }, (_, at) => `https://example.com/${at}?q=${of("x", 80)}`),
		),
	],
	["words", called("store", "value", of("the quick brown fox jumps over the lazy dog. "))],
];

/** CPU time of each in ms, the least of some rounds, in turns: the machine has other work. */
function best(works: readonly (() => unknown)[]): readonly number[] {
	const least = works.map(() => Number.POSITIVE_INFINITY);
	for (let round = 0; round < ROUNDS; round++) {
		for (const [index, work] of works.entries()) least[index] = Math.min(least[index] as number, cpuMsOf(work, TIMES));
	}
	return least;
}

/** Of one time. */
function cpuMsOf(work: () => unknown, times: number): number {
	const before = process.cpuUsage();
	for (let time = 0; time < times; time++) work();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1_000 / times;
}
