/** What a predicate says of a value, and what follows from it for another one: by ranges, lists, and patterns as languages. */
import { compareDecimals, decimalOf } from "../../arguments/decimal.ts";
import { sameValue } from "../../arguments/equality.ts";
import { numberIn } from "../../arguments/number-range.ts";
import { intersection } from "../../language/language.ts";
import type { Pattern } from "../../match/pattern.ts";
import type { Predicate } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import { excludesGlob, includesGlob } from "./path-inclusion.ts";
import { languageOfAll, readsPaths } from "./pattern-languages.ts";
import { areApart, coverRange, includesRange } from "./range-inclusion.ts";
import { spelled } from "./spelling.ts";
import { excludesUrl, includesUrl, partsOfUrl } from "./url-inclusion.ts";

/** Is `wide` true of each value of which `narrow` is, and in doubt of each of which `narrow` is, or true of it? */
export function includes(wide: Predicate, narrow: Predicate, asker: Asker): boolean {
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
		case "path":
			return (
				wide.kind === "path" &&
				narrow.globs.every((glob) => wide.globs.some((other) => includesGlob(other, glob, asker)))
			);
		case "email":
			return wide.kind === "email" && includesPatterns(wide.patterns, narrow.patterns, asker);
		case "text": {
			if (wide.kind !== "text") return false;
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

/** Of each value of which `narrow` is true, or may be: is one of `wide` true of it, or may it be? */
export function includedInAny(narrow: Predicate, wide: readonly Predicate[], asker: Asker): boolean {
	if (wide.some((each) => includes(each, narrow, asker))) return true;
	switch (narrow.kind) {
		case "number":
		case "length":
		case "count":
			return coverRange(
				wide.flatMap((each) => (each.kind === narrow.kind ? [each.range] : [])),
				narrow.range,
			);
		case "oneOf":
			return narrow.values.every((value) => wide.some((each) => includes(each, { ...narrow, values: [value] }, asker)));
		case "url":
			return partsOfUrl(narrow.url).every((url) => wide.some((each) => includes(each, { kind: "url", url }, asker)));
		case "path":
			return narrow.globs.every((glob) => wide.some((each) => includes(each, { kind: "path", globs: [glob] }, asker)));
		case "email":
		case "text": {
			const patterns = wide.flatMap((each) => (each.kind === narrow.kind ? each.patterns : []));
			if (narrow.kind === "text" && [...patterns, ...narrow.patterns].some(readsPaths)) return false;
			return includesPatterns(patterns, narrow.patterns, asker);
		}
		case "sameAs":
		case "boolean":
		case "present":
			return false;
	}
}

/** Is `wide` true for certain of each value of which all of `narrow` are? */
export function includesCommon(wide: Predicate, narrow: readonly Predicate[], asker: Asker): boolean {
	if (narrow.some((each) => includes(wide, each, asker))) return true;
	switch (wide.kind) {
		case "number":
		case "length":
		case "count": {
			const ranges = narrow.flatMap((each) => (each.kind === wide.kind ? [each.range] : []));
			return ranges.length > 1 && includesRange(wide.range, ranges.flat());
		}
		case "email":
		case "text": {
			const lists = narrow.flatMap((each) => (each.kind === wide.kind ? [each.patterns] : []));
			if (lists.length < 2 || (wide.kind === "text" && [wide.patterns, ...lists].flat().some(readsPaths))) return false;
			const common = intersection(lists.map(languageOfAll));
			return asker.inclusion(common, languageOfAll(wide.patterns)).is === "included";
		}
		case "oneOf":
		case "url":
		case "path":
		case "sameAs":
		case "boolean":
		case "present":
			return false;
	}
}

/** Is there no value of which `certain` is true, and `other` is true or may be? */
export function excludes(certain: Predicate, other: Predicate, asker: Asker): boolean {
	switch (certain.kind) {
		case "number":
		case "length":
		case "count":
			return certain.kind === other.kind && areApart(certain.range, other.range);
		case "oneOf":
			if (!certain.caseSensitive) return false;
			return certain.values.every((value) => {
				if (other.kind === "number") return numberIn(other.range, value) === "no";
				return other.kind === "oneOf" && other.values.every((each) => areValuesApart(value, each));
			});
		case "boolean":
			return other.kind === "boolean" && other.wanted !== certain.wanted;
		case "url":
			return other.kind === "url" && excludesUrl(certain.url, other.url);
		case "path":
			return (
				other.kind === "path" &&
				certain.globs.every((glob) => other.globs.every((each) => excludesGlob(glob, each, asker)))
			);
		case "email":
			return (
				other.kind === "email" &&
				asker.shortest(intersection([languageOfAll(certain.patterns), languageOfAll(other.patterns)])).is === "none"
			);
		// A list of texts may be found as one, and is required by its members.
		case "text":
		case "sameAs":
		case "present":
			return false;
	}
}

type Scalar = string | number | boolean;

/** Is what is the one, as it is written, certainly not the other? Numbers are by what they are, and are written in many ways. */
function areValuesApart(value: Scalar, other: Scalar): boolean {
	if (typeof value === "boolean" && typeof other === "boolean") return value !== other;
	const [a, b] = [value, other].map((each) => (typeof each === "boolean" ? null : decimalOf(each)));
	if (a != null && b != null) return compareDecimals(a, b) !== 0;
	return typeof value === "string" && a === null && sameValue(other, value, false) === "no";
}

const includesPatterns = (wide: readonly Pattern[], narrow: readonly Pattern[], asker: Asker): boolean =>
	asker.inclusion(languageOfAll(narrow), languageOfAll(wide)).is === "included";

/** Does each of the things have one that is spelled alike among the others? */
function isPart(some: readonly unknown[], all: readonly unknown[]): boolean {
	const known = new Set(all.map(spelled));
	return some.every((each) => known.has(spelled(each)));
}
