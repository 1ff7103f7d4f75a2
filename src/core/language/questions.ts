/**
 * Questions about languages: is one included in another, are they the same, is there any text in one. Each answer but `unknown`
 * is proven, and each one that a text can show names the shortest, in code points, that does.
 *
 * Q1  No answer is wrong: what is too large to find out is `unknown`, with the reason.
 * Q2  An answer depends on the question alone, not on what was asked before.
 * Q3  Of the shortest texts the one that reads most easily is named; halves of surrogate pairs only where nothing else will do.
 *     A text that was found before the steps ran out is named even where a shorter one may not have been come to.
 *     Of patterns that read texts in different ways, it is the shortest of those that they read alike (readings.ts).
 */
import { complement, difference, type Language } from "./language.ts";
import { holds, shortestOf } from "./term-search.ts";
import { Undecided, Work } from "./work.ts";

export interface Unknown {
	readonly is: "unknown";
	/** A sentence without capital and full stop. */
	readonly why: string;
}

export interface QuestionOptions {
	/** Edges of automata that are followed for one answer; the answer is `unknown` beyond. */
	readonly stepsMax?: number;
	/** Counts the edges that were followed for answers, over several questions. */
	readonly meter?: StepMeter;
}

export interface StepMeter {
	steps: number;
}

/** About a second, and 300 MB. */
const STEPS_MAX = 5_000_000;

/** An answer, and what finding it out has cost. */
interface Remembered<Answer> {
	readonly stepsMax: number;
	readonly answer: Answer;
	readonly steps: number;
}

export type ShortestText = { readonly is: "text"; readonly text: string } | { readonly is: "none" } | Unknown;

export function shortestText(language: Language, options: QuestionOptions = {}): ShortestText {
	const { stepsMax = STEPS_MAX, meter } = options;
	let known = shortestTexts.get(language);
	if (known?.stepsMax !== stepsMax) {
		const work = new Work(stepsMax);
		const answer = answered((): ShortestText => {
			const text = shortestOf(language, work);
			return text === null ? { is: "none" } : { is: "text", text };
		});
		known = { stepsMax, answer, steps: work.spent };
		shortestTexts.set(language, known);
	}
	// What is remembered counts like what is found out: the sum depends on the questions alone.
	if (meter !== undefined) meter.steps += known.steps;
	return known.answer;
}

/** Asked again for each language that one is compared with. */
const shortestTexts = new WeakMap<Language, Remembered<ShortestText>>();

export type Inclusion =
	| { readonly is: "included" }
	/** The witness is in the first language and not in the second. */
	| { readonly is: "not-included"; readonly witness: string }
	| Unknown;

/** Is every text of `language` in `other`? */
export function inclusionOf(language: Language, other: Language, options: QuestionOptions = {}): Inclusion {
	const { stepsMax = STEPS_MAX, meter } = options;
	const byOther = inclusions.get(language) ?? new WeakMap<Language, Remembered<Inclusion>>();
	inclusions.set(language, byOther);
	let known = byOther.get(other);
	if (known?.stepsMax !== stepsMax) {
		const own: StepMeter = { steps: 0 };
		const answer = findInclusion(language, other, { stepsMax, meter: own });
		known = { stepsMax, answer, steps: own.steps };
		byOther.set(other, known);
	}
	if (meter !== undefined) meter.steps += known.steps;
	return known.answer;
}

const inclusions = new WeakMap<Language, WeakMap<Language, Remembered<Inclusion>>>();

const findInclusion = (language: Language, other: Language, options: Required<QuestionOptions>): Inclusion =>
	answered((): Inclusion => {
		const first = shortestText(language, options);
		if (first.is === "none") return { is: "included" };
		// The shortest text of all is the shortest witness, if it is one.
		if (first.is === "text" && !holds(other, first.text)) return { is: "not-included", witness: first.text };
		const work = new Work(options.stepsMax);
		try {
			const witness = shortestOf(difference(language, other), work);
			return witness === null ? { is: "included" } : { is: "not-included", witness };
		} finally {
			options.meter.steps += work.spent;
		}
	});

export type Equivalence =
	| { readonly is: "equivalent" }
	/** The witness is in one of them and not in the other. */
	| { readonly is: "different"; readonly witness: string; readonly in: "first" | "second" }
	| Unknown;

/**
 * Are they the same texts? Asked of the two as a whole, so that the shorter of both witnesses is named.
 * @public So far only tests ask it.
 */
export function equivalenceOf(first: Language, second: Language, options: QuestionOptions = {}): Equivalence {
	const forward = inclusionOf(first, second, options);
	const backward = inclusionOf(second, first, options);
	if (
		forward.is === "not-included" &&
		(backward.is !== "not-included" || !isShorter(backward.witness, forward.witness))
	)
		return { is: "different", witness: forward.witness, in: "first" };
	if (backward.is === "not-included") return { is: "different", witness: backward.witness, in: "second" };
	if (forward.is === "unknown") return forward;
	return backward.is === "unknown" ? backward : { is: "equivalent" };
}

export type Universality =
	| { readonly is: "everything" }
	/** The witness is not in the language. */
	| { readonly is: "not-everything"; readonly witness: string }
	| Unknown;

export function universalityOf(language: Language, options: QuestionOptions = {}): Universality {
	const found = shortestText(complement(language), options);
	switch (found.is) {
		case "text":
			return { is: "not-everything", witness: found.text };
		case "none":
			return { is: "everything" };
		case "unknown":
			return found;
	}
}

const isShorter = (one: string, other: string): boolean => [...one].length < [...other].length;

function answered<Answer>(ask: () => Answer): Answer | Unknown {
	try {
		return ask();
	} catch (thrown) {
		if (thrown instanceof Undecided) return { is: "unknown", why: thrown.why };
		throw thrown;
	}
}
