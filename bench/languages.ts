/**
 * What it costs to compare patterns: each of 200 with each of 200, and each with all others that read alike. Half are those of the
 * shipped policies, the others those of a large team's. Witnesses are run on the matcher, outside of what is measured.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "../src/core/analysis/comparison/compare.ts";
import { type Language, languageOf, union } from "../src/core/language/language.ts";
import { type Inclusion, inclusionOf, universalityOf } from "../src/core/language/questions.ts";
import { type Pattern, readPattern } from "../src/core/match/pattern.ts";
import { compilePatternSet, type PatternSet } from "../src/core/match/pattern-set.ts";
import { compilePolicies } from "../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../src/core/policy/compiled.ts";
import { type BenchRow, percentile } from "./row.ts";
import { hundredRules } from "./step/workload.ts";

const PATTERNS = 200;

export async function benchLanguages(): Promise<BenchRow[]> {
	const patterns = patternsOf();
	const sets = patterns.map((pattern) => compilePatternSet([pattern]));
	const pairs = patterns.flatMap((_, one) => patterns.map((_, other) => [one, other] as const));
	const languages = patterns.map(languageOf);
	const each = measure(pairs, ([one, other]) => [languages[one], languages[other]]);
	for (const [index, answer] of each.answers.entries()) {
		const [one, other] = pairs[index] as readonly [number, number];
		if (answer.is === "not-included") execute(answer.witness, sets[one] as PatternSet, [sets[other] as PatternSet]);
	}
	// What reads a text as it is and what reads the path that it stands for are lists of their own, as in a policy.
	const others = patterns.map((pattern, one) =>
		[...patterns.keys()].filter((other) => other !== one && patterns[other]?.style === pattern.style),
	);
	const all = measure(others, (rest, one) => [
		languages[one],
		union(rest.map((other) => languages[other] as Language)),
	]);
	for (const [one, answer] of all.answers.entries()) {
		const rest = (others[one] as readonly number[]).map((other) => sets[other] as PatternSet);
		if (answer.is === "not-included") execute(answer.witness, sets[one] as PatternSet, rest);
	}
	const policies = comparePolicies(patterns);
	return [
		...policies,
		...rowsOf(`${PATTERNS} × ${PATTERNS} patterns`, each),
		...rowsOf(`each of ${PATTERNS} patterns in the union of the others`, all),
	];
}

/** Two policies with a rule for each pattern: in the second every other one regards case. */
function comparePolicies(patterns: readonly Pattern[]): BenchRow[] {
	const setOf = (isSecond: boolean): CompiledPolicySet => {
		const rules = patterns.map(({ kind, text, style, caseSensitive }, index) => ({
			name: `r${index}`,
			[kind]: text,
			...(kind === "glob" ? { style } : {}),
			case: caseSensitive || (isSecond && index % 2 === 0) ? "sensitive" : "insensitive",
		}));
		const document = {
			apiVersion: "assent.dev/v1",
			kind: "Policy",
			metadata: { name: "p" },
			tools: { allow: "all" },
			patterns: rules,
		};
		const set = compilePolicies([{ name: "p.yaml", text: JSON.stringify(document) }], { budgetRoot: "tenant/agent" });
		if (!set.ok) throw new Error(JSON.stringify(set.error));
		return set.value;
	};
	const [first, second] = [setOf(false), setOf(true)];
	const before = process.cpuUsage();
	const { relation, looser, stricter } = compare(first, second);
	const { user, system } = process.cpuUsage(before);
	const what = `two policies of ${PATTERNS} patterns`;
	if (relation !== "stricter") throw new Error(`${what} are ${relation}`);
	return [
		{ what: `${what}: compared`, value: (user + system) / 1e6, unit: "s CPU" },
		{
			what: `${what}: rules that differ, with a witness`,
			value: stricter.filter(({ is }) => is === "broken").length,
			unit: "",
		},
		{
			what: `${what}: unknown`,
			value: [...looser, ...stricter].filter(({ is }) => is === "unknown").length,
			unit: "",
		},
	];
}

interface Measured {
	readonly answers: readonly Inclusion[];
	/** CPU time. */
	readonly seconds: number;
	/** Of each question, sorted. */
	readonly ms: readonly number[];
}

function measure<Case>(
	cases: readonly Case[],
	languages: (one: Case, index: number) => readonly [Language | undefined, Language | undefined],
): Measured {
	const before = process.cpuUsage();
	const ms: number[] = [];
	const answers = cases.map((one, index) => {
		const startedAt = performance.now();
		const [narrow, wide] = languages(one, index);
		const answer = inclusionOf(narrow as Language, wide as Language);
		ms.push(performance.now() - startedAt);
		return answer;
	});
	const { user, system } = process.cpuUsage(before);
	return { answers, seconds: (user + system) / 1e6, ms: ms.sort((a, b) => a - b) };
}

function rowsOf(what: string, { answers, seconds, ms }: Measured): BenchRow[] {
	const count = (is: Inclusion["is"]): number => answers.filter((answer) => answer.is === is).length;
	return [
		{ what: `${what}: included or not`, value: seconds, unit: "s CPU" },
		{ what: `${what}: p99 of one question`, value: percentile(ms, 0.99), unit: "ms" },
		{ what: `${what}: included`, value: count("included"), unit: "" },
		{ what: `${what}: not included, witness executed`, value: count("not-included"), unit: "" },
		{ what: `${what}: unknown`, value: count("unknown"), unit: "" },
	];
}

function execute(witness: string, one: PatternSet, others: readonly PatternSet[]): void {
	if (one.match(witness).length === 0 || others.some((other) => other.match(witness).length > 0))
		throw new Error(`not a witness: ${JSON.stringify(witness)}`);
}

/** As many of the shipped policies as are needed beside those of the workload. */
function patternsOf(): readonly Pattern[] {
	const own = hundredRules().patterns.map((text) => {
		const pattern = readPattern({ kind: "regex", text, caseSensitive: false, style: "text" });
		if (!pattern.ok) throw new Error(`${text}: ${pattern.error.message}`);
		return pattern.value;
	});
	const folder = join(import.meta.dirname, "..", "policies");
	const names = readdirSync(folder).filter((name) => !name.endsWith(".test.yaml"));
	const sources = names.map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
	const set = compilePolicies(sources, { budgetRoot: "tenant/agent" });
	if (!set.ok) throw new Error(JSON.stringify(set.error));
	const shipped = set.value.policies.flatMap(({ patternRules }) =>
		patternRules.flatMap(({ patterns, unless }) => [...patterns, ...unless]),
	);
	const distinct = new Map([...shipped, ...own].map((pattern) => [`${pattern.kind} ${pattern.text}`, pattern]));
	// `^` with an `unless` is how a policy says "everything else": every pattern would be included in it.
	return [...distinct.values()]
		.filter((pattern) => universalityOf(languageOf(pattern)).is !== "everything")
		.slice(-PATTERNS);
}
