/** Questions about languages that one comparison asks: each once, and all of them within one count of steps. */
import type { Language } from "../../language/language.ts";
import {
	inclusionOf,
	type ShortestText,
	type StepMeter,
	shortestText,
	type Unknown,
} from "../../language/questions.ts";

/** Steps that one question, and all of a comparison, may take. */
export interface ComparisonBounds {
	readonly stepsPerQuestion: number;
	readonly stepsMax: number;
	/** Kinds of tools, for one group of principals, that are gone through one by one; where there are more, rules are. */
	readonly kindsMax: number;
}

export type Inclusion = ReturnType<typeof inclusionOf>;

export class Asker {
	readonly #bounds: ComparisonBounds;
	readonly #meter: StepMeter = { steps: 0 };
	readonly #inclusions = new WeakMap<Language, WeakMap<Language, Inclusion>>();
	#questions = 0;

	constructor(bounds: ComparisonBounds) {
		this.#bounds = bounds;
	}

	/** Edges of automata that were followed; the same for the same policies, whatever was asked before. */
	get steps(): number {
		return this.#meter.steps;
	}

	get questions(): number {
		return this.#questions;
	}

	/** Is every text of `language` in `other`? The same two are asked about once, unless fewer steps were not enough. */
	inclusion(language: Language, other: Language, stepsMax = this.#bounds.stepsPerQuestion): Inclusion {
		const known = this.#inclusions.get(language) ?? new WeakMap<Language, Inclusion>();
		this.#inclusions.set(language, known);
		const answer =
			known.get(other) ??
			this.#ask((options) =>
				inclusionOf(language, other, { ...options, stepsMax: Math.min(stepsMax, options.stepsMax) }),
			);
		if (answer.is !== "unknown" || stepsMax >= this.#bounds.stepsPerQuestion) known.set(other, answer);
		return answer;
	}

	shortest(language: Language): ShortestText {
		return this.#ask((options) => shortestText(language, options));
	}

	#ask<Answer>(ask: (options: { stepsMax: number; meter: StepMeter }) => Answer): Answer | Unknown {
		const { stepsPerQuestion, stepsMax } = this.#bounds;
		if (this.#meter.steps >= stepsMax)
			return { is: "unknown", why: `the comparison takes more than ${stepsMax} steps` };
		this.#questions += 1;
		return ask({ stepsMax: stepsPerQuestion, meter: this.#meter });
	}
}
