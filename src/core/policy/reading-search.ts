/**
 * Which rules fire on what the classifier reads in one call.
 *
 * S1  A call is classified once for all rules, and only if there is one that asks.
 * S2  A call that cannot be classified is `rule.failed`.
 */
import { type Classification, classify } from "../classify/classify.ts";
import type { Fact, Place } from "../classify/fact.ts";
import { allHold, testsOf } from "../classify/rules.ts";
import type { CallView } from "./compiled.ts";
import { comparableFact, ignoresCase, inLowerCase } from "./fact-values.ts";
import { firstUnlisted } from "./listed-commands.ts";
import { failed } from "./rule-search.ts";
import type { CallKind, CompiledReadingRule, FiredRule, ReadingTest } from "./rules.ts";

/** What is asked of a reading, whoever asks. */
export class ReadingFinder {
	/** Tests of `facts`, made ready when they are first asked. */
	readonly #factTests = new Map<ReadingTest, (fact: Fact) => boolean>();
	/** The facts that were asked last, as they are compared with values. */
	#asked: readonly Fact[] = [];
	#compared: readonly Fact[] = [];

	/** Where the first thing is that the test looks for; null: nowhere. */
	find(test: ReadingTest, { categories, facts }: Classification): Place | null {
		switch (test.section) {
			case "intents": {
				const found = categories.find(
					({ category, confidence }) => confidence >= test.confidence && test.categories.includes(category),
				);
				return found === undefined ? null : (facts[found.fact] as Place);
			}
			case "facts":
				return this.#comparable(facts).find(this.#factTest(test)) ?? null;
			case "commands":
				return firstUnlisted(facts, test.only);
		}
	}

	/** Once for all rules. */
	#comparable(facts: readonly Fact[]): readonly Fact[] {
		if (facts !== this.#asked) [this.#asked, this.#compared] = [facts, facts.map(comparableFact)];
		return this.#compared;
	}

	#factTest(test: ReadingTest & { readonly section: "facts" }): (fact: Fact) => boolean {
		const known = this.#factTests.get(test);
		if (known !== undefined) return known;
		const { kind, has, all, none } = test;
		const asSpelled = testsOf({ has, all, none });
		const anyCase = testsOf({ has: inLowerCase(has), all: inLowerCase(all), none: inLowerCase(none) });
		const made = (fact: Fact): boolean => fact.kind === kind && allHold(ignoresCase(fact) ? anyCase : asSpelled, fact);
		this.#factTests.set(test, made);
		return made;
	}
}

export class ReadingSearch {
	#call: CallView | null = null;
	/** Null: not yet. */
	#read: Classification | null = null;
	readonly #finder = new ReadingFinder();

	/** Asked of the rules one after the other, about one call. */
	begin(call: CallView): void {
		this.#call = call;
		this.#read = null;
	}

	/** Null: the rule does not fire. */
	ask(rule: Pick<CompiledReadingRule, "looksFor" | "fired">): FiredRule | null {
		try {
			const found = this.#finder.find(rule.looksFor, this.#classified());
			return found === null ? null : told(rule.fired, found);
		} catch {
			return failed({ rule }, "could not be evaluated");
		}
	}

	/**
	 * What is said of a call whose tool and arguments are of the kind. `met` is what they let the rule say; where that is no more than
	 * `always`, what it always says, the place of the first thing read goes with it. Null: the call is of another kind.
	 */
	askKind({ readings }: CallKind, met: FiredRule, always: FiredRule): FiredRule | null {
		let fired = met;
		for (const looksFor of readings) {
			const found = this.ask({ looksFor, fired: always });
			if (found === null) return null;
			if (fired === always || found.reason.rule.code === "rule.failed") fired = found;
		}
		return fired;
	}

	#classified(): Classification {
		this.#read ??= classify(this.#call as CallView);
		return this.#read;
	}
}

function told({ reason: { rule }, requirement }: FiredRule, { pointer, span: [start, end] }: Place): FiredRule {
	return { reason: { rule, span: { pointer, start, end } }, requirement };
}
