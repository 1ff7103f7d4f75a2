/**
 * Which rules of `conditions` fire on one call.
 *
 * C1  Doubt fires: a test of `when` that may hold counts as one that does, and a test of `require` must hold for certain.
 * C2  A rule that fires for certain says so, with the place that decided it; one that fires in doubt says which argument is.
 * C3  The work for one call is bounded: what is left undecided then is `rule.failed`, by a count and not by a clock.
 */
import { type Answer, agreed, answerOf } from "../arguments/answer.ts";
import { readDecimal } from "../arguments/decimal.ts";
import { booleanIs, countOf, lengthOf, oneOf, sameValue } from "../arguments/equality.ts";
import { isIn, type NumberRange, numberIn } from "../arguments/number-range.ts";
import { type FoundValue, readSelected, type SelectedValues } from "../arguments/reading.ts";
import { readRecipients } from "../arguments/recipients.ts";
import type { Selector } from "../arguments/selector.ts";
import { readUrl } from "../arguments/url-reading.ts";
import { urlIs } from "../arguments/url-test.ts";
import { isScalar, scalarText } from "../arguments/vector.ts";
import type { Json } from "../base/json.ts";
import { pointerOf } from "../base/json-pointer.ts";
import { type PathFacts, PathGlobs } from "../match/path-globs.ts";
import type { Pattern } from "../match/pattern.ts";
import type { CallView } from "./compiled.ts";
import { failed, LEAF_WORK, TOO_MUCH, WORK_MAX } from "./rule-search.ts";
import type { CompiledConditionRule, CompiledTest, FiredRule, Predicate, ValuePredicate } from "./rules.ts";
import { TextPatterns } from "./text-patterns.ts";

/** What a test says of a call: where it holds or does not, the value that decided it; `missing`: nothing is there to tell. */
type Finding =
	| { readonly is: "yes" | "no"; readonly found: FoundValue | null; readonly ofKeys: boolean }
	| { readonly is: "missing" | "unreadable" };

/** One answer, and the value that it is about. */
interface ValueAnswer {
	readonly answer: Answer;
	readonly found: FoundValue;
	readonly ofKeys: boolean;
}

/** What selectors that are read together name in the call of this number. */
interface Selection {
	call: number;
	readings: readonly Reading[];
}

/** What one selector names in the call. */
interface Reading {
	readonly selector: Selector;
	readonly values: SelectedValues;
}

/** What is asked of a rule. */
type Asked = Pick<CompiledConditionRule, "when" | "require" | "fired">;

export class ConditionSearch {
	readonly #globs = new PathGlobs();
	readonly #texts: TextPatterns;
	/** By the selectors of a test, and by what they say: the values are read once for all tests that name the same. */
	readonly #selectionOf = new Map<readonly Selector[], Selection>();
	readonly #selections = new Map<string, Selection>();
	/** Of this call: many rules ask about one value. */
	readonly #urls = new Memo(readUrl);
	readonly #recipients = new Memo(readRecipients);
	#call: CallView | null = null;
	/** Counts the calls, so that nothing is cleared between them. */
	#calls = 0;
	#facts: PathFacts | null = null;
	#work = 0;

	/** `tests` are those that it will be asked about. */
	constructor(tests: readonly CompiledTest[]) {
		this.#texts = new TextPatterns(tests);
	}

	/** Asked of the rules one after the other, about one call. */
	begin(call: CallView): void {
		this.#call = call;
		this.#calls += 1;
		this.#facts = null;
		this.#work = 0;
		this.#urls.clear();
		this.#recipients.clear();
		this.#texts.clear();
	}

	/** Does each of the tests hold for every value, and for certain? */
	hold(tests: readonly CompiledTest[]): boolean {
		try {
			return this.#work <= WORK_MAX && tests.every((test) => this.#holdsForAll(test).is === "yes");
		} catch {
			return false;
		}
	}

	/** Null: the rule does not fire. */
	ask(rule: Asked): FiredRule | null {
		try {
			if (this.#work > WORK_MAX) return failed({ rule }, TOO_MUCH);
			return this.#ask(rule);
		} catch {
			return failed({ rule }, this.#work > WORK_MAX ? TOO_MUCH : "could not be evaluated");
		}
	}

	#ask({ when, require, fired }: Asked): FiredRule | null {
		let doubt: FiredRule | null = null;
		let decided: Finding | null = null;
		for (const test of when) {
			const finding = this.#holdsForSome(test);
			if (finding.is === "no") return null;
			if (finding.is === "yes") decided ??= finding;
			else doubt ??= test.doubts[finding.is];
		}
		if (require.length === 0) return doubt ?? told(fired, decided);
		let doubtOfRequired: FiredRule | null = null;
		let broken: Finding | null = null;
		for (const test of require) {
			const finding = this.#holdsForAll(test);
			if (finding.is === "no") broken ??= finding;
			else if (finding.is !== "yes") doubtOfRequired ??= test.doubts[finding.is];
		}
		if (broken !== null) return doubt ?? told(fired, broken);
		return doubtOfRequired === null ? null : (doubt ?? doubtOfRequired);
	}

	#holdsForSome(test: CompiledTest): Finding {
		const readings = this.#read(test.selectors);
		const { predicate } = test;
		if (predicate.kind === "present") return presence(predicate.wanted, readings);
		let isUnreadable = false;
		for (const each of this.#answers(predicate, readings, true)) {
			if (each.answer === "yes") return { is: "yes", found: each.found, ofKeys: each.ofKeys };
			if (each.answer === "unreadable") isUnreadable = true;
		}
		if (isUnreadable) return { is: "unreadable" };
		return test.missing === "match" && isMissing(readings) ? { is: "missing" } : NOWHERE;
	}

	#holdsForAll(test: CompiledTest): Finding {
		const readings = this.#read(test.selectors);
		const { predicate, missing } = test;
		const hasDouble = readings.some(({ values }) => values.hasDouble);
		if (predicate.kind === "present") {
			const finding = presence(predicate.wanted, readings);
			if (predicate.wanted && isMissing(readings)) return { is: "missing" };
			return finding.is === "yes" && hasDouble ? { is: "unreadable" } : finding;
		}
		let isUnreadable = hasDouble;
		for (const each of this.#answers(predicate, readings, false)) {
			if (each.answer === "no") return { is: "no", found: each.found, ofKeys: each.ofKeys };
			if (each.answer === "unreadable") isUnreadable = true;
		}
		if (missing === "match" && isMissing(readings)) return { is: "missing" };
		return isUnreadable ? { is: "unreadable" } : EVERYWHERE;
	}

	/** The alternatives of one test, each at which nobody else looks being another spelling. */
	#read(selectors: readonly Selector[]): readonly Reading[] {
		const selection = this.#selectionOf.get(selectors) ?? this.#newSelection(selectors);
		if (selection.call === this.#calls) return selection.readings;
		const paths = selectors.map(({ path }) => path);
		const args = this.#callView.args;
		selection.readings = selectors.map((selector) => {
			const values = readSelected(selector, args, paths);
			this.#spend(values.visited * LEAF_WORK);
			return { selector, values };
		});
		selection.call = this.#calls;
		return selection.readings;
	}

	#newSelection(selectors: readonly Selector[]): Selection {
		const said = JSON.stringify(selectors.map(({ text }) => text));
		const selection = this.#selections.get(said) ?? { call: 0, readings: [] };
		this.#selections.set(said, selection);
		this.#selectionOf.set(selectors, selection);
		return selection;
	}

	#answers(
		predicate: Exclude<Predicate, { kind: "present" }>,
		readings: readonly Reading[],
		isAnyEnough: boolean,
	): readonly ValueAnswer[] {
		const answers: ValueAnswer[] = [];
		for (const { selector, values } of readings) {
			const { ofKeys } = selector;
			const take = (found: FoundValue, given: readonly Answer[]): void => {
				for (const answer of given) answers.push({ answer, found, ofKeys });
			};
			if (predicate.kind === "count") {
				for (const found of values.wholes) take(found, [countIs(predicate.range, countOf(found.value))]);
				continue;
			}
			for (const found of values.values) take(found, this.#answersOf(predicate, found.value));
			// A command that is spread over a list is looked at as one, too, by what may stop it.
			if (predicate.kind !== "text" || !isAnyEnough) continue;
			for (const found of values.wholes) {
				const joined = joinedText(found.value);
				if (joined !== null) take(found, [this.#textIs(predicate.patterns, joined)]);
			}
		}
		return answers;
	}

	/** One answer for each thing that the value is: an e-mail may have several recipients. */
	#answersOf(predicate: ValuePredicate, value: Json): readonly Answer[] {
		this.#spend(LEAF_WORK + (typeof value === "string" ? value.length * READ_WORK : 0));
		switch (predicate.kind) {
			case "number":
				return [numberIn(predicate.range, value)];
			case "length":
				return [countIs(predicate.range, lengthOf(value))];
			case "oneOf":
				this.#spend(predicate.values.length * ENTRY_WORK);
				return [oneOf(predicate.values, value, predicate.caseSensitive)];
			case "boolean":
				return [booleanIs(predicate.wanted, value)];
			case "sameAs":
				return [this.#isSame(predicate, value)];
			case "url":
				return [urlIs(predicate.url, typeof value === "string" ? this.#urls.of(value) : null)];
			case "path": {
				const { answer, work } = this.#globs.isBelow(predicate.globs, value, this.#pathFacts);
				this.#spend(work);
				return [answer];
			}
			case "email": {
				const recipients = typeof value === "string" ? this.#recipients.of(value) : null;
				return recipients?.map((each) => answerOf(this.#matches(predicate.patterns, each))) ?? ["unreadable"];
			}
			case "text":
				return [isScalar(value) ? this.#textIs(predicate.patterns, scalarText(value)) : "unreadable"];
		}
	}

	/** Equal to all that the other selectors name; where nothing is there, or not all of it is the same, nobody knows. */
	#isSame({ selectors, caseSensitive }: Extract<Predicate, { kind: "sameAs" }>, value: Json): Answer {
		const others = this.#read(selectors).flatMap(({ values }) => values.values);
		const answers = others.map(({ value: other }): Answer => {
			this.#spend(LEAF_WORK);
			if (other === null || !isScalar(other)) return "unreadable";
			return sameValue(other, value, caseSensitive);
		});
		return agreed(answers);
	}

	/** Where backslashes separate folders, a path has two readings. */
	#textIs(patterns: readonly Pattern[], text: string): Answer {
		const answer = answerOf(this.#matches(patterns, text));
		const readsPaths = text.includes("\\") && patterns.some(({ kind, style }) => kind === "glob" && style === "path");
		return readsPaths ? agreed([answer, answerOf(this.#matches(patterns, text.replaceAll("\\", "/")))]) : answer;
	}

	#matches(patterns: readonly Pattern[], text: string): boolean {
		return this.#texts.matchesAny(patterns, text, (work) => this.#spend(work));
	}

	#spend(work: number): void {
		this.#work += work;
		if (this.#work > WORK_MAX) throw new Error(TOO_MUCH);
	}

	get #callView(): CallView {
		if (this.#call === null) throw new Error("no call was begun");
		return this.#call;
	}

	get #pathFacts(): PathFacts {
		const { tenant, agent, session = null, facts } = this.#callView;
		this.#facts ??= { tenant, agent, session, workspace: facts?.workspace ?? null, home: facts?.home ?? null };
		return this.#facts;
	}
}

class Memo<Reading> {
	readonly #readings = new Map<string, Reading>();
	readonly #read: (text: string) => Reading;

	constructor(read: (text: string) => Reading) {
		this.#read = read;
	}

	of(text: string): Reading {
		const known = this.#readings.get(text);
		if (known !== undefined) return known;
		const reading = this.#read(text);
		this.#readings.set(text, reading);
		return reading;
	}

	clear(): void {
		this.#readings.clear();
	}
}

/** Operations for each character of a text that is read as something, and for each entry of a list. */
const READ_WORK = 40;
const ENTRY_WORK = 50;

const NOWHERE: Finding = { is: "no", found: null, ofKeys: false };
const EVERYWHERE: Finding = { is: "yes", found: null, ofKeys: false };

/** Where nothing is there at all, or a part of what is there lacks it. */
const isMissing = (readings: readonly Reading[]): boolean =>
	readings.every(({ values }) => !values.isGiven) || readings.some(({ values }) => values.isGiven && values.hasGap);

function presence(wanted: boolean, readings: readonly Reading[]): Finding {
	const given = readings.find(({ values }) => values.isGiven);
	const found = given?.values.values[0] ?? null;
	return { is: (given !== undefined) === wanted ? "yes" : "no", found, ofKeys: given?.selector.ofKeys ?? false };
}

const countIs = (range: NumberRange, count: number | null): Answer => {
	const number = count === null ? null : readDecimal(String(count));
	return number === null ? "unreadable" : answerOf(isIn(range, number));
};

function joinedText(value: Json): string | null {
	if (!Array.isArray(value) || value.length < 2) return null;
	const items = value as readonly Json[];
	return items.every(isScalar) ? items.map(scalarText).join(" ") : null;
}

/** With the place that decided it. */
function told(fired: FiredRule, finding: Finding | null): FiredRule {
	if (finding === null || !("found" in finding) || finding.found === null) return fired;
	const { steps, value } = finding.found;
	const pointer = `${finding.ofKeys ? "#key" : ""}${pointerOf(steps)}`;
	const end = isScalar(value) ? scalarText(value).length : 0;
	return { ...fired, reason: { rule: fired.reason.rule, span: { pointer, start: 0, end } } };
}
