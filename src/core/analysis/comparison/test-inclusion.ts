/** When one test of `conditions` says of every call at least as much as another: by the values that each is about. */
import { compareDecimals, type Decimal } from "../../arguments/decimal.ts";
import type { NumberBound, NumberRange } from "../../arguments/number-range.ts";
import type { UrlTest } from "../../arguments/url-test.ts";
import { type Language, languageOf, union } from "../../language/language.ts";
import type { Pattern } from "../../match/pattern.ts";
import type { CompiledConditionRule, CompiledTest, Predicate } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import { spelled } from "./spelling.ts";

/** What is about calls by their arguments: rules of `conditions`, and the two ends of a sequence. */
export type Tested = Pick<CompiledConditionRule, "tools" | "when" | "require">;

/** Does `rule` fire on every call on which `other` does, of the tools that both are about? False where that is not certain. */
export function firesWhereverTest(rule: Tested, other: Tested, asker: Asker): boolean {
	if (spelled([rule.when, rule.require]) === spelled([other.when, other.require])) return true;
	const whenHolds = rule.when.every((test) => other.when.some((theirs) => mayHoldWith(test, theirs, asker)));
	if (!whenHolds) return false;
	if (rule.require.length === 0) return true;
	if (other.require.length === 0) return false;
	return other.require.every((theirs) => rule.require.some((test) => failsWith(test, theirs, asker)));
}

/** In `when`: does the test hold, or may it, wherever the other does or may? */
function mayHoldWith(test: CompiledTest, other: CompiledTest, asker: Asker): boolean {
	const isSame = isSameSelection(test, other);
	if (other.missing === "match" && !(isSame && test.missing === "match")) return false;
	if (other.predicate.kind === "present" && !isSame) return false;
	return looksWherever(test, other) && includes(test.predicate, other.predicate, asker);
}

/** Does an exception with the tests `other` apply wherever one with these tests does? Each must hold for certain. */
export const appliesWherever = (
	tests: readonly CompiledTest[],
	other: readonly CompiledTest[],
	asker: Asker,
): boolean => other.every((theirs) => tests.some((test) => failsWith(test, theirs, asker)));

/** In `require`: does the test fail, or may it, wherever the other does or may? */
function failsWith(test: CompiledTest, other: CompiledTest, asker: Asker): boolean {
	if (!isSameSelection(test, other)) return false;
	if (other.missing === "match" && test.missing !== "match") return false;
	return includes(other.predicate, test.predicate, asker);
}

const selectorsOf = ({ selectors }: CompiledTest): ReadonlySet<string> =>
	new Set(selectors.map(({ path, ofKeys }) => spelled([path, ofKeys])));

function looksWherever(test: CompiledTest, other: CompiledTest): boolean {
	const own = selectorsOf(test);
	return [...selectorsOf(other)].every((selector) => own.has(selector));
}

const isSameSelection = (test: CompiledTest, other: CompiledTest): boolean =>
	looksWherever(test, other) && looksWherever(other, test);

/** Is `wide` true of each value of which `narrow` is, and in doubt of each of which `narrow` is, or true of it? */
function includes(wide: Predicate, narrow: Predicate, asker: Asker): boolean {
	if (spelled(wide) === spelled(narrow)) return true;
	switch (narrow.kind) {
		case "number":
		case "length":
		case "count":
			return wide.kind === narrow.kind && includesRange(wide.range, narrow.range);
		case "oneOf":
			return (
				wide.kind === "oneOf" &&
				(narrow.caseSensitive || !wide.caseSensitive) &&
				narrow.values.every((value) => wide.values.includes(value))
			);
		case "url":
			return wide.kind === "url" && includesUrl(wide.url, narrow.url);
		case "path": {
			if (wide.kind !== "path") return false;
			return narrow.globs.every((glob) =>
				wide.globs.some((other) => other.text === glob.text && (glob.caseSensitive || !other.caseSensitive)),
			);
		}
		case "email":
			return wide.kind === "email" && includesPatterns(wide.patterns, narrow.patterns, asker);
		case "text": {
			if (wide.kind !== "text") return false;
			// A path with backslashes is read twice, and where the readings differ it is in doubt.
			const [isWidePath, isNarrowPath] = [wide.patterns.some(readsPaths), narrow.patterns.some(readsPaths)];
			if (!isWidePath && !isNarrowPath) return includesPatterns(wide.patterns, narrow.patterns, asker);
			return isNarrowPath && isPart(narrow.patterns, wide.patterns);
		}
		case "sameAs":
			return (
				wide.kind === "sameAs" &&
				wide.caseSensitive === narrow.caseSensitive &&
				isPart(narrow.selectors, wide.selectors) &&
				isPart(wide.selectors, narrow.selectors)
			);
		case "boolean":
		case "present":
			return false;
	}
}

export const readsPaths = ({ kind, style }: Pattern): boolean => kind === "glob" && style === "path";

const includesPatterns = (wide: readonly Pattern[], narrow: readonly Pattern[], asker: Asker): boolean =>
	asker.inclusion(languageOfAll(narrow), languageOfAll(wide)).is === "included";

const languages = new WeakMap<readonly Pattern[], Language>();

/** The texts that one of the patterns matches; the same language for the same list. */
export function languageOfAll(patterns: readonly Pattern[]): Language {
	const known = languages.get(patterns) ?? union(patterns.map(languageOf));
	languages.set(patterns, known);
	return known;
}

interface End {
	readonly at: Decimal;
	readonly isOpen: boolean;
}

/** A range says at least one bound, and is not empty. */
function includesRange(wide: NumberRange, narrow: NumberRange): boolean {
	const [low, high] = [endOf(narrow, "lower"), endOf(narrow, "upper")];
	return wide.every((bound) => {
		const isLowKept = !isBound(bound, "lower") || (low !== null && isWithinLow(bound, low));
		return isLowKept && (!isBound(bound, "upper") || (high !== null && isWithinHigh(bound, high)));
	});
}

const isBound = ({ relation }: NumberBound, side: "lower" | "upper"): boolean =>
	relation === "=" || relation.startsWith(side === "lower" ? ">" : "<");

function endOf(range: NumberRange, side: "lower" | "upper"): End | null {
	const sign = side === "lower" ? 1 : -1;
	let end: End | null = null;
	for (const bound of range) {
		if (!isBound(bound, side)) continue;
		const isOpen = bound.relation === ">" || bound.relation === "<";
		const order = end === null ? 1 : compareDecimals(bound.than, end.at) * sign;
		if (order > 0 || (order === 0 && isOpen)) end = { at: bound.than, isOpen };
	}
	return end;
}

function isWithinLow({ relation, than }: NumberBound, { at, isOpen }: End): boolean {
	const order = compareDecimals(at, than);
	return order > 0 || (order === 0 && (isOpen || relation !== ">"));
}

function isWithinHigh({ relation, than }: NumberBound, { at, isOpen }: End): boolean {
	const order = compareDecimals(at, than);
	return order < 0 || (order === 0 && (isOpen || relation !== "<"));
}

/** What a test says nothing of, it lets be anything. */
function includesUrl(wide: UrlTest, narrow: UrlTest): boolean {
	const allows = <Item>(some: readonly Item[] | null, all: readonly Item[] | null): boolean =>
		all === null || (some !== null && isPart(some, all));
	return (
		allows(narrow.hosts, wide.hosts) &&
		allows(narrow.schemes, wide.schemes) &&
		allows(narrow.ports, wide.ports) &&
		allows(narrow.classes, wide.classes)
	);
}

/** Does each of the things have one that is spelled alike among the others? */
function isPart(some: readonly unknown[], all: readonly unknown[]): boolean {
	const known = new Set(all.map(spelled));
	return some.every((each) => known.has(spelled(each)));
}
