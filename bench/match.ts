/**
 * The matcher: all patterns that match a text, and where, beside V8's RegExp one pattern after the other in the same run; what a
 * pattern costs that does not match; and texts that were made to slow a matcher down.
 */
import { type Pattern, type PatternSource, readPattern } from "../src/core/match/pattern.ts";
import { compilePatternSet, type PatternSet } from "../src/core/match/pattern-set.ts";
import { patternsOf, regExpOf, textsOf } from "./match/workload.ts";
import type { BenchRow } from "./row.ts";

const ROUNDS = 8;
const ROUND_MS = 40;

export async function benchMatch(): Promise<BenchRow[]> {
	return [...compileRows(), ...v8Rows(), ...lengthRows()];
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
