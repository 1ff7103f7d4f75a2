/**
 * When rules of `patterns` fire wherever another one does: wherever it looks, one of them looks as well, and what it finds there
 * is in what they find, as languages.
 */
import { ANY_STEP, type ArgumentPath } from "../../arguments/path.ts";
import { exampleTexts } from "../../language/examples.ts";
import { difference, intersection, type Language, languageOf, union } from "../../language/language.ts";
import { holds } from "../../language/term-search.ts";
import { type Pattern, readPattern } from "../../match/pattern.ts";
import type { CompiledPatternRule } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import { languageOfAll, readsPaths } from "./pattern-languages.ts";
import { spelled, spellingOf } from "./spelling.ts";

/** A place at which nothing was found that fires wherever the rule does. */
export interface PatternGap {
	readonly path: ArgumentPath;
	/** A text that the rule fires on and the others do not, as languages; null: none is known. */
	readonly text: string | null;
	readonly why: string;
}

/** Texts that are tried before much is asked. */
const EXAMPLES = 12;

/** Enough for most questions. */
const FEW_STEPS = 50_000;

/** Languages of what rules fire on. Kept, so that questions about them are known again. */
export class PatternInclusion {
	readonly #asker: Asker;
	/** What some rules find, by the rules. */
	readonly #unions = new Map<string, Language>();
	readonly #numbers = new Map<CompiledPatternRule, number>();
	readonly #patterns = new WeakMap<CompiledPatternRule, readonly Language[]>();
	readonly #exempt = new WeakMap<CompiledPatternRule, Language>();
	readonly #findings = new WeakMap<CompiledPatternRule, readonly Language[]>();

	constructor(asker: Asker) {
		this.#asker = asker;
	}

	/** What stands against `rules` firing wherever `other` does, of the tools that all are about; nothing: they do. */
	gaps(rules: readonly CompiledPatternRule[], other: CompiledPatternRule): readonly PatternGap[] {
		const spelling = spellingOf(other);
		if (rules.some((rule) => spellingOf(rule) === spelling)) return [];
		const gaps: PatternGap[] = [];
		for (const { path } of other.arguments) {
			const near = rules.filter((rule) => rule.arguments.some((each) => coversPath(each.path, path)));
			const looking = near.filter((rule) => this.#exemptsNoMore(rule, other) === true);
			const found = this.#gapsAt(looking, other, path);
			gaps.push(...found);
			if (found.length === 0) continue;
			// What one of them lets pass and the rule does not is the likeliest to show the difference.
			for (const rule of near) {
				const text = this.#exemptsNoMore(rule, other);
				if (typeof text === "string") gaps.push({ path, text, why: `${quoted(text)} is let pass there` });
			}
		}
		return [...gaps, ...doubtGaps(rules, other, (rule) => this.#exemptsNoMore(rule, other) === true)];
	}

	/** What is not exempt for `other` is not for those that look, so that all depends on what they find. */
	#gapsAt(looking: readonly CompiledPatternRule[], other: CompiledPatternRule, path: ArgumentPath): PatternGap[] {
		return this.#findingsOf(other).flatMap((language, place): PatternGap[] => {
			const source = other.patterns[place] as Pattern;
			const found = this.#unionOf(looking, source);
			let answer = this.#asker.inclusion(language, found, FEW_STEPS);
			if (answer.is === "unknown") {
				// Of many patterns together much has to be known; one of them alone often tells, and so does an example.
				if (this.#isInOne(language, source, looking)) return [];
				const text = this.#exampleBeyond(language, found);
				answer = text === null ? this.#asker.inclusion(language, found) : { is: "not-included", witness: text };
			}
			if (answer.is === "included") return [];
			if (answer.is === "unknown") return [{ path, text: null, why: answer.why }];
			return [{ path, text: answer.witness, why: `nothing is known to stop ${quoted(answer.witness)} there` }];
		});
	}

	/** Is whatever `rule` lets pass let pass by `other`, too, a list by its members as well? If not, a text that is not, where one is known. */
	#exemptsNoMore(rule: CompiledPatternRule, other: CompiledPatternRule): true | string | null {
		if (rule.unless.length === 0) return true;
		const isReadAlike = rule.unless.some(readsPaths) || !other.unless.some(readsPaths);
		const exempt = isReadAlike ? languageOfAll(other.unless) : this.#certainlyExempt(other);
		const answer = this.#asker.inclusion(languageOfAll(rule.unless), exempt);
		return answer.is === "included" ? true : answer.is === "not-included" ? answer.witness : null;
	}

	#certainlyExempt(rule: CompiledPatternRule): Language {
		const known = this.#exempt.get(rule) ?? certainlyExempt(rule);
		this.#exempt.set(rule, known);
		return known;
	}

	/** What those of their patterns find that look at each text at which `source` does. */
	#unionOf(rules: readonly CompiledPatternRule[], source: Pattern): Language {
		const key = `${readsPaths(source)} ${rules.map((rule) => this.#numberOf(rule)).join()}`;
		const patterns = rules.flatMap((rule) => rule.patterns.filter((pattern) => looksWherever(pattern, source)));
		const known = this.#unions.get(key) ?? union(patterns.map(languageOf));
		this.#unions.set(key, known);
		return known;
	}

	#isInOne(language: Language, source: Pattern, looking: readonly CompiledPatternRule[]): boolean {
		return looking.some((rule) =>
			this.#singles(rule).some((one, place) => {
				const pattern = rule.patterns[place] as Pattern;
				if (!looksWherever(pattern, source)) return false;
				const isSameText = pattern.text === source.text;
				const steps = isSameText ? undefined : FEW_STEPS;
				return this.#asker.inclusion(language, one, steps).is === "included";
			}),
		);
	}

	#exampleBeyond(language: Language, found: Language): string | null {
		const texts = exampleTexts(language, { seed: 1, count: EXAMPLES });
		const tried = texts.flatMap((text) => [text, text.toUpperCase(), text.toLowerCase()]);
		return tried.find((text) => holds(language, text) && !holds(found, text)) ?? null;
	}

	/** Each pattern of the rule, without regard to what is exempt. */
	#singles(rule: CompiledPatternRule): readonly Language[] {
		const known = this.#patterns.get(rule) ?? rule.patterns.map(languageOf);
		this.#patterns.set(rule, known);
		return known;
	}

	#numberOf(rule: CompiledPatternRule): number {
		const number = this.#numbers.get(rule) ?? this.#numbers.size;
		this.#numbers.set(rule, number);
		return number;
	}

	/** At most what the rule fires on, pattern by pattern. */
	#findingsOf(rule: CompiledPatternRule): readonly Language[] {
		const known = this.#findings.get(rule) ?? findingsOf(rule);
		this.#findings.set(rule, known);
		return known;
	}
}

/** A glob over paths looks at the other paths that a text may mean as well. */
const looksWherever = (pattern: Pattern, source: Pattern): boolean => readsPaths(pattern) || !readsPaths(source);

function findingsOf(rule: CompiledPatternRule): readonly Language[] {
	const { patterns, unless } = rule;
	const found = patterns.map(languageOf);
	if (unless.length === 0) return found;
	const exempt = certainlyExempt(rule);
	return found.map((language) => difference(language, exempt));
}

/** A text that may mean several paths is exempt only if all of them are. */
const certainlyExempt = ({ unless }: CompiledPatternRule): Language =>
	unless.some(readsPaths) ? intersection([languageOfAll(unless), PLAIN_PATHS]) : languageOfAll(unless);

/** See `isPlainPath`. */
const PLAIN_PATHS = languageOf(readPlainPaths());

function readPlainPaths() {
	const read = readPattern({ kind: "regex", text: "^[A-Za-z0-9_./-]*$", caseSensitive: true, style: "text" });
	if (!read.ok) throw new Error("plain paths are a pattern");
	return read.value;
}

/** Is whatever the one leads to also below the other? */
export const coversPath = (path: ArgumentPath, other: ArgumentPath): boolean =>
	path.length <= other.length && path.every((step, index) => step === ANY_STEP || step === other[index]);

/** Where the rule fires on what is missing or cannot be read, one that does so about the same arguments is needed. */
function doubtGaps(
	rules: readonly CompiledPatternRule[],
	other: CompiledPatternRule,
	exemptsNoMore: (rule: CompiledPatternRule) => boolean,
): PatternGap[] {
	const { doubts } = other;
	if (doubts === null) return [];
	const named = namesOf(other);
	const same = rules.filter((rule) => rule.doubts !== null && namesOf(rule) === named);
	const path = other.arguments[0]?.path ?? [];
	const gaps: PatternGap[] = [];
	if (doubts.missing !== null && !same.some((rule) => rule.doubts?.missing != null))
		gaps.push({ path, text: null, why: "nothing is known to stop a call that leaves the argument out" });
	if (doubts.unreadable !== null && !same.some((rule) => rule.doubts?.unreadable != null && exemptsNoMore(rule)))
		gaps.push({ path, text: null, why: "nothing is known to stop a call whose argument cannot be read" });
	return gaps;
}

const namesOf = ({ arguments: named }: CompiledPatternRule): string =>
	JSON.stringify([...new Set(named.map(({ path }) => spelled(path)))].sort());

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
