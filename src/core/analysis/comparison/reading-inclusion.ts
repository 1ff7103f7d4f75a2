/** When rules on what the classifier reads fire wherever another one does: by categories and confidence, by values, by lists. */
import { areWithin } from "../../policy/fact-values.ts";
import type { ReadingTest, WantedAttributes } from "../../policy/rules.ts";

type FactTest = ReadingTest & { readonly section: "facts" };

/** Parts that one rule on facts is taken into. */
const PARTS_MAX = 1_000;

/** In every call in which `other` finds something, does one of the tests? False where that is not certain. */
export function someFindWherever(tests: readonly ReadingTest[], other: ReadingTest): boolean {
	switch (other.section) {
		case "intents":
			return other.categories.every((category) =>
				tests.some(
					(test) =>
						test.section === "intents" && test.confidence <= other.confidence && test.categories.includes(category),
				),
			);
		case "facts": {
			const alike = tests.flatMap((test) => (test.section === "facts" && test.kind === other.kind ? [test] : []));
			return areCovered(alike, [other]);
		}
		case "commands":
			return tests.some(
				(test) =>
					test.section === "commands" &&
					test.only.every((words) => other.only.some((theirs) => isListedWith(words, theirs))),
			);
	}
}

/** Does each test of the first kind of calls find something wherever those of the other do? */
export const allFindWherever = (tests: readonly ReadingTest[], others: readonly ReadingTest[]): boolean =>
	tests.every((test) => others.some((other) => someFindWherever([test], other)));

/** A fact that has one of several values is of the part of one of them. */
function areCovered(tests: readonly FactTest[], parts: readonly FactTest[]): boolean {
	if (tests.length === 0) return false;
	let left = parts;
	for (let taken = 0; left.length > 0; taken += left.length) {
		if (taken > PARTS_MAX) return false;
		const open = left.filter((part) => !tests.some((test) => takesWherever(test, part)));
		left = open.flatMap(halves);
		if (open.length > 0 && left.length < 2 * open.length) return false;
	}
	return true;
}

/** By the first attribute that has several values; none: the part has none. */
function halves(part: FactTest): readonly FactTest[] {
	const several = Object.entries(part.has).find(([, values]) => values.length > 1);
	if (several === undefined) return [];
	const [name, values] = several;
	const middle = values.length >> 1;
	return [values.slice(0, middle), values.slice(middle)].map((half) => ({
		...part,
		has: { ...part.has, [name]: half },
	}));
}

/** Does the one test take each fact that the other takes? Both are of one kind. */
function takesWherever(test: FactTest, other: FactTest): boolean {
	const isSure = (name: string, values: readonly string[]): boolean =>
		within(other.has[name], values) || (other.all[name] ?? []).some((value) => within([value], values));
	return (
		everyValue(test.has, isSure) &&
		everyValue(test.all, (name, values) => values.every((value) => isSure(name, [value]))) &&
		everyValue(test.none, (name, values) => within(values, other.none[name] ?? []))
	);
}

const everyValue = (wanted: WantedAttributes, holds: (name: string, values: readonly string[]) => boolean): boolean =>
	Object.entries(wanted).every(([name, values]) => holds(name, values));

/** Also in lower case, in which facts of Windows are compared. */
const within = (values: readonly string[] | undefined, others: readonly string[]): boolean =>
	values !== undefined && areWithin(values, others) && areWithin(values.map(lower), others.map(lower));

const lower = (text: string): string => text.toLowerCase();

/** Is each command that begins with these words one that begins with the others? */
export function isListedWith(words: readonly string[], others: readonly string[]): boolean {
	const [own, theirs] = [words, others].map((each) => ({
		plain: each.filter((word, index) => index === 0 || !word.startsWith("-")),
		flags: each
			.slice(1)
			.filter((word) => word.startsWith("-"))
			.map((word) => word.replace(/^-+/, "")),
	})) as [{ plain: string[]; flags: string[] }, { plain: string[]; flags: string[] }];
	return (
		theirs.plain.every((word, index) => own.plain[index] === word) &&
		theirs.flags.every((flag) => own.flags.includes(flag))
	);
}
