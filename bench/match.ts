/**
 * The matcher: all patterns that match a text, and where, beside V8's RegExp one pattern after the other in the same run; what a
 * pattern costs that does not match; and texts that were made to slow a matcher down.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Pattern, type PatternSource, readPattern } from "../src/core/match/pattern.ts";
import { compilePatternSet, type PatternSet } from "../src/core/match/pattern-set.ts";
import { compilePolicies } from "../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../src/core/policy/compiled.ts";
import { provocation, REDOS } from "../test/support/redos.ts";
import { askAgentOs } from "./match/agent-os.ts";
import { patternsOf, regExpOf, textsOf } from "./match/workload.ts";
import type { BenchRow } from "./row.ts";

const ROUNDS = 8;
const ROUND_MS = 40;

export async function benchMatch(): Promise<BenchRow[]> {
	return [
		...compileRows(),
		...v8Rows(),
		...agentOsRows(),
		...lengthRows(),
		...ruleRows(),
		...hostileRows(),
		strangeRow(),
	];
}

function compileRows(): BenchRow[] {
	const sources = patternsOf(1_000);
	const [ms] = best([() => compilePatternSet(read(sources))]);
	return [{ what: "read and compile 1,000 patterns", value: ms as number, unit: "ms CPU" }];
}

function v8Rows(): BenchRow[] {
	const texts = textsOf(1_024, 200);
	return [10, 100, 1_000].flatMap((count) => {
		const sources = patternsOf(count);
		const set = compilePatternSet(read(sources));
		const regExps = sources.map(regExpOf);
		check(set, sources, regExps, texts);
		const [own, v8] = best([
			() => texts.reduce((sum, text) => sum + set.match(text).length, 0),
			() =>
				texts.reduce(
					(sum, text) => sum + regExps.reduce((hits, one) => hits + (one.exec(text) === null ? 0 : 1), 0),
					0,
				),
		]) as [number, number];
		const named = `match, ${count.toLocaleString("en")} patterns, 1 KB texts`;
		return [
			{ what: named, value: megabytesOf(texts) / (own / 1_000), unit: "MB/s" },
			{ what: `${named}, against V8 one by one`, value: v8 / own, unit: "×" },
		];
	});
}

function lengthRows(): BenchRow[] {
	const set = compilePatternSet(read(patternsOf(1_000)));
	return [100, 1_000, 10_000, 100_000, 1_000_000].map((length) => {
		const texts = textsOf(length, Math.ceil(2_000_000 / length));
		const [ms] = best([() => texts.reduce((sum, text) => sum + set.match(text).length, 0)]);
		return {
			what: `match, 1,000 patterns, texts of ${length.toLocaleString("en")} B`,
			value: ((ms as number) * 1e6) / (megabytesOf(texts) * 1e6),
			unit: "ns/B",
		};
	});
}

function agentOsRows(): BenchRow[] {
	const texts = textsOf(1_024, AGENT_OS_TEXTS);
	const sources = patternsOf(100);
	const set = compilePatternSet(read(sources));
	try {
		const peer = askAgentOs(sources, texts);
		const [own] = best([() => texts.reduce((sum, text) => sum + set.match(text).length, 0)]) as [number];
		return [
			{ what: "match, 100 patterns, 1 KB texts, against agent-os-kernel 3.7.0", value: peer.ms / own, unit: "×" },
		];
	} catch (thrown) {
		process.stderr.write(`  agent-os-kernel left out: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
		return [];
	}
}

/** It takes about 50 ms for each. */
const AGENT_OS_TEXTS = 20;

/** What one call costs by the rules that are given, and by those of them that fire. */
function ruleRows(): BenchRow[] {
	const evaluation = (given: number, firing: number): BenchRow => {
		const patterns = Array.from({ length: given }, (_, at) => (at < firing ? `sum${at}` : `never${at}`));
		const set = policyOf(patterns.map((text) => `substring: '${text}'`));
		const fires = patterns.slice(0, firing).join(" ");
		const texts = textsOf(1_024, 50).map((text) => `${text.slice(0, Math.max(0, 1_024 - fires.length))} ${fires}`);
		const [ms] = best([() => texts.reduce((sum, text) => sum + firedIn(set, text), 0)]) as [number];
		const named = `evaluate 1 KB, ${given.toLocaleString("en")} rules, ${firing} fire`;
		return { what: named, value: (ms * 1_000) / texts.length, unit: "µs/call" };
	};
	return [
		...[10, 100, 1_000, 10_000].map((given) => evaluation(given, 0)),
		...[1, 10, 100].map((firing) => evaluation(1_000, firing)),
	];
}

/** The slowest of all patterns of the repository and of those that are known for it, on 100 KB that were made for them. */
function hostileRows(): BenchRow[] {
	const known = REDOS.filter(({ pattern }) => readPattern(source(pattern)).ok);
	const texts = known.map((each) => provocation(each, HOSTILE_LENGTH));
	const own = repositoryPatterns();
	const words = WORDS.map((word) => word.repeat(Math.ceil(HOSTILE_LENGTH / word.length)));
	const alone = [
		...known.map(({ pattern }, at) => ({ pattern, texts: [texts[at] as string] })),
		...own.map((pattern) => ({ pattern, texts: words })),
	];
	const matching = alone.map(({ pattern, texts: made }) => {
		const patterns = read([source(pattern)]);
		// A set of its own for each reading: nothing is remembered of an earlier one.
		return Math.max(...made.map((text) => leastOf(() => compilePatternSet(patterns).match(text))));
	});
	const deciding = known.map(({ pattern }, at) => {
		const regex = `regex: '${pattern.replaceAll("'", "''")}'`;
		const set = policyOf(SELECTORS.map((where) => `${regex}${where}`));
		return leastOf(() => firedIn(set, texts[at] as string));
	});
	return [
		{
			what: `match 100 KB of provocation, slowest of ${alone.length} patterns`,
			value: Math.max(...matching),
			unit: "ms CPU",
		},
		{
			what: `evaluate the same, ${known.length} patterns, each at ${SELECTORS.length} selectors: slowest`,
			value: Math.max(...deciding),
			unit: "ms CPU",
		},
	];
}

const HOSTILE_LENGTH = 100_000;
/** Of the patterns of the repository. */
const WORDS = ["a", "send ", "rm -rf / ", "curl x | ", "SELECT a FROM b WHERE ", "/.ssh/a@b.c 1.2.3.4-"];
const SELECTORS = [
	"",
	", in: args",
	", in: args.command",
	", in: args.other | args.command",
	", in: args.*",
	", in: tool",
];

/** Patterns and letters that lead to more states than are remembered, again and again. */
function strangeRow(): BenchRow {
	const rates = STRANGE.map(([pattern, letters]) => {
		const set = compilePatternSet(read([source(pattern)]));
		const text = randomText(letters, STRANGE_LENGTH);
		return STRANGE_LENGTH / 1e6 / (leastOf(() => set.match(text)) / 1_000);
	});
	return {
		what: `match 1 MB that leads to ever new states, slowest of ${STRANGE.length} patterns`,
		value: Math.min(...rates),
		unit: "MB/s",
	};
}

const STRANGE_LENGTH = 1_000_000;
const STRANGE = [
	["a.{100}b.{100}c", "abc"],
	["a[ab]{200}c", "ababababc"],
	["[01]*1[01]{11}2", "0101012"],
	["1[01]{60}2", "0101012"],
	["(?:a[^z]{0,50}){5}!", "ab!"],
	["rm.{0,80}rm.{0,80}rm.{0,80}z", "rm "],
] as const;

function randomText(letters: string, length: number): string {
	let seed = 1;
	return Array.from({ length }, () => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return letters[Math.floor((seed / 2 ** 32) * letters.length)];
	}).join("");
}

/** Of three: a collection of garbage may fall into any. */
function leastOf(work: () => unknown): number {
	return Math.min(...Array.from({ length: 3 }, () => cpuMsOf(work, 1)));
}

const source = (text: string): PatternSource => ({ kind: "regex", text, caseSensitive: false, style: "text" });

function repositoryPatterns(): readonly string[] {
	const root = join(import.meta.dirname, "..");
	const texts = ["policies", "test/cases/policies"].flatMap((folder) =>
		readdirSync(join(root, folder))
			.filter((name) => name.endsWith(".yaml") && !name.endsWith(".test.yaml"))
			.map((name) => readFileSync(join(root, folder, name), "utf8")),
	);
	const written = texts.flatMap((text) =>
		[...text.matchAll(/'((?:[^'\n]|'')+)'/g)].map(([, one = ""]) => one.replaceAll("''", "'")),
	);
	return [...new Set(written)].filter((text) => /[\\[(|*+?]/.test(text) && readPattern(source(text)).ok);
}

/** Rules that one policy may have. */
const RULES_MAX = 5_000;

function policyOf(rules: readonly string[]): CompiledPolicySet {
	const sources = Array.from({ length: Math.ceil(rules.length / RULES_MAX) }, (_, part) => {
		const own = rules.slice(part * RULES_MAX, (part + 1) * RULES_MAX);
		const lines = own.map((rule, at) => `  - { name: r${at}, ${rule} }\n`).join("");
		const head = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: bench${part} }\ntools: { allow: all }\n`;
		return { name: `bench${part}.yaml`, text: `${head}patterns:\n${lines}` };
	});
	const set = compilePolicies(sources, { budgetRoot: "tenant/agent" });
	if (!set.ok) throw new Error(JSON.stringify(set.error.slice(0, 3)));
	return set.value;
}

const firedIn = (set: CompiledPolicySet, command: string): number =>
	set.evaluate({ tenant: "acme", agent: "bench", tool: "shell", args: { command } }).fired.length;

const megabytesOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0) / 1e6;

function read(sources: readonly PatternSource[]): readonly Pattern[] {
	return sources.map((source) => {
		const pattern = readPattern(source);
		if (!pattern.ok) throw new Error(`${source.text}: ${pattern.error.message}`);
		return pattern.value;
	});
}

/** Both must find the same, or the figures mean nothing. */
function check(
	set: PatternSet,
	sources: readonly PatternSource[],
	regExps: readonly RegExp[],
	texts: readonly string[],
): void {
	let hits = 0;
	for (const text of texts) {
		const found = set.match(text).map(({ id, start, end }) => `${id}:${start}-${end}`);
		const expected = regExps.flatMap((one, id) => {
			const hit = one.exec(text);
			if (hit === null) return [];
			return sources[id]?.kind === "glob"
				? `${id}:0-${text.length}`
				: `${id}:${hit.index}-${hit.index + hit[0].length}`;
		});
		if (found.join() !== expected.join()) throw new Error(`${found.join()} instead of ${expected.join()} in ${text}`);
		hits += found.length;
	}
	if (hits === 0 && sources.length > 10) throw new Error("nothing was found");
	process.stdout.write(`  ${sources.length} patterns: ${(hits / texts.length).toFixed(2)} of them match a text\n`);
}

/** CPU time of each in ms, the least of some rounds, in turns. Short ones are repeated: the clock of CPU time is coarse. */
function best(works: readonly (() => unknown)[]): readonly number[] {
	const times = works.map((work) => Math.ceil(ROUND_MS / Math.max(0.01, cpuMsOf(work, 1))));
	const least = works.map(() => Number.POSITIVE_INFINITY);
	for (let round = 0; round < ROUNDS; round++) {
		for (const [index, work] of works.entries()) {
			least[index] = Math.min(least[index] as number, cpuMsOf(work, times[index] as number));
		}
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
