/**
 * Which rules fire on what the classifier reads in one call.
 *
 * S1  A call is classified once for all rules, and only if there is one that asks.
 * S2  A call that cannot be classified is `rule.failed`.
 */
import { type Classification, classify } from "../classify/classify.ts";
import type { Place } from "../classify/fact.ts";
import type { CallView } from "./compiled.ts";
import { failed } from "./rule-search.ts";
import type { CompiledReadingRule, FiredRule, ReadingTest } from "./rules.ts";

export class ReadingSearch {
	#call: CallView | null = null;
	/** Null: not yet. */
	#read: Classification | null = null;

	/** Asked of the rules one after the other, about one call. */
	begin(call: CallView): void {
		this.#call = call;
		this.#read = null;
	}

	/** Null: the rule does not fire. */
	ask(rule: CompiledReadingRule): FiredRule | null {
		try {
			const found = find(rule.looksFor, this.#classified());
			return found === null ? null : told(rule.fired, found);
		} catch {
			return failed({ rule }, "could not be evaluated");
		}
	}

	#classified(): Classification {
		this.#read ??= classify(this.#call as CallView);
		return this.#read;
	}
}

/** Where the first thing is that the test looks for; null: nowhere. */
function find(test: ReadingTest, { categories, facts }: Classification): Place | null {
	const found = categories.find(
		({ category, confidence }) => confidence >= test.confidence && test.categories.includes(category),
	);
	return found === undefined ? null : (facts[found.fact] as Place);
}

function told({ reason: { rule }, requirement }: FiredRule, { pointer, span: [start, end] }: Place): FiredRule {
	return { reason: { rule, span: { pointer, start, end } }, requirement };
}
