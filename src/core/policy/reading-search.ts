/**
 * Which rules fire on what the classifier reads in one call.
 *
 * S1  A call is classified once for all rules, of other policies as well, and only if there is one that asks.
 * S2  A call that cannot be classified is `rule.failed`, and that is not remembered.
 * S3  Of a call that comes again, what was found before is found again without reading it, by patterns as well.
 */
import { type Classification, classify } from "../classify/classify.ts";
import type { Fact, Place } from "../classify/fact.ts";
import { allHold, testsOf } from "../classify/rules.ts";
import type { Span } from "../model/entries.ts";
import type { CallView } from "./compiled.ts";
import { comparableFact, ignoresCase, inLowerCase } from "./fact-values.ts";
import { firstUnlisted } from "./listed-commands.ts";
import type { LookingRules } from "./looking-rules.ts";
import type { Listed, Ordered } from "./plan.ts";
import { ReadingMemory } from "./reading-memory.ts";
import { type Firing, failed } from "./rule-search.ts";
import type { CallKind, CompiledReadingRule, FiredRule, ReadingTest } from "./rules.ts";

/** What is asked of a reading, whoever asks. */
export class ReadingFinder {
	/** Tests of `facts`, made ready when they are first asked. */
	readonly #factTests = new Map<ReadingTest, (fact: Fact) => boolean>();
	/** The facts that were asked last, and those of them that tests were for, as they are compared with values. */
	#asked: readonly Fact[] = [];
	#compared: (Fact | undefined)[] = [];

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
				return this.#findFact(test, facts);
			case "commands":
				return firstUnlisted(facts, test.only);
		}
	}

	#findFact(test: ReadingTest & { readonly section: "facts" }, facts: readonly Fact[]): Fact | null {
		if (facts !== this.#asked) [this.#asked, this.#compared] = [facts, []];
		let holds: ((fact: Fact) => boolean) | null = null;
		for (let index = 0; index < facts.length; index++) {
			const fact = facts[index] as Fact;
			if (fact.kind !== test.kind) continue;
			// Once for all rules.
			const compared = this.#compared[index] ?? comparableFact(fact);
			this.#compared[index] = compared;
			holds ??= this.#factTest(test);
			if (holds(compared)) return compared;
		}
		return null;
	}

	#factTest(test: ReadingTest & { readonly section: "facts" }): (fact: Fact) => boolean {
		const known = this.#factTests.get(test);
		if (known !== undefined) return known;
		const { has, all, none } = test;
		const asSpelled = testsOf({ has, all, none });
		const anyCase = testsOf({ has: inLowerCase(has), all: inLowerCase(all), none: inLowerCase(none) });
		const made = (fact: Fact): boolean => allHold(ignoresCase(fact) ? anyCase : asSpelled, fact);
		this.#factTests.set(test, made);
		return made;
	}
}

/** What was found in one call: by the rules of a plan, by its patterns, and by tests of sequences. */
interface Answers {
	readonly byPlan: Map<AskedRules, readonly Ordered[]>;
	readonly byLooking: Map<LookingRules, readonly Firing[]>;
	readonly byTest: Map<ReadingTest, Span | null>;
}

type AskedRules = readonly Pick<Listed<CompiledReadingRule>, "rule" | "order">[];

export class ReadingSearch {
	#call: CallView | null = null;
	readonly #finder = new ReadingFinder();
	readonly #memory = new ReadingMemory<Answers>(() => ({
		byPlan: new Map(),
		byLooking: new Map(),
		byTest: new Map(),
	}));
	/** Of the call; null: it is not to be remembered. */
	#answers: Answers | null = null;

	/** Asked of the rules one after the other, about one call. */
	begin(call: CallView): void {
		this.#call = call;
		this.#answers = call.argsText === undefined ? null : this.#memory.of(call.tool, call.argsText);
	}

	/** Those of a plan's rules that fire. */
	askAll(rules: AskedRules): readonly Ordered[] {
		const known = this.#answers?.byPlan.get(rules);
		if (known !== undefined) return known;
		const all: Ordered[] = [];
		for (const { rule, order } of rules) {
			const fired = this.#ask(rule);
			if (fired !== null) all.push({ order, fired });
		}
		if (!all.some(({ fired }) => isFailed(fired))) this.#answers?.byPlan.set(rules, all);
		return all;
	}

	/** What patterns found in the call when it came before; undefined where nobody remembers. */
	firingsOf(looking: LookingRules): readonly Firing[] | undefined {
		return this.#answers?.byLooking.get(looking);
	}

	keepFirings(looking: LookingRules, firings: readonly Firing[]): void {
		if (!firings.some(({ fired }) => isFailed(fired))) this.#answers?.byLooking.set(looking, firings);
	}

	/** Null: the rule does not fire. */
	#ask({ looksFor, fired }: Pick<CompiledReadingRule, "looksFor" | "fired">): FiredRule | null {
		try {
			const found = this.#finder.find(looksFor, lastRead(this.#call as CallView));
			return found === null ? null : told(fired, spanOf(found));
		} catch {
			return failed({ rule: { fired } }, "could not be evaluated");
		}
	}

	/**
	 * What is said of a call whose tool and arguments are of the kind. `met` is what they let the rule say; where that is no more than
	 * `always`, what it always says, the place of the first thing read goes with it. Null: the call is of another kind.
	 */
	askKind({ readings }: CallKind, met: FiredRule, always: FiredRule): FiredRule | null {
		let fired = met;
		for (const looksFor of readings) {
			const found = this.#askTest(looksFor, always);
			if (found === null) return null;
			if (fired === always || isFailed(found)) fired = found;
		}
		return fired;
	}

	#askTest(looksFor: ReadingTest, fired: FiredRule): FiredRule | null {
		const known = this.#answers?.byTest.get(looksFor);
		if (known !== undefined) return known === null ? null : told(fired, known);
		const found = this.#ask({ looksFor, fired });
		if (found === null || !isFailed(found)) this.#answers?.byTest.set(looksFor, found?.reason.span ?? null);
		return found;
	}
}

let last: { readonly call: Pick<CallView, "tool" | "args">; readonly read: Classification } | null = null;

/** Whoever asks of one call after the other, as a replay asks the policies that it compares, has it read once. */
function lastRead({ tool, args }: CallView): Classification {
	if (last === null || last.call.args !== args || last.call.tool !== tool)
		last = { call: { tool, args }, read: classify({ tool, args }) };
	return last.read;
}

const isFailed = ({ reason: { rule } }: FiredRule): boolean => rule.code === "rule.failed";

const told = ({ reason: { rule }, requirement }: FiredRule, span: Span): FiredRule => ({
	reason: { rule, span },
	requirement,
});

const spanOf = ({ pointer, span: [start, end] }: Place): Span => ({ pointer, start, end });
