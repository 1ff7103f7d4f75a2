/** What tests of `conditions` find in one call: the values that they name, read once for all, and an answer for each. */
import { type Answer, agreed, answerOf } from "../arguments/answer.ts";
import { readDecimal } from "../arguments/decimal.ts";
import { EqualValues } from "../arguments/equal-values.ts";
import { booleanIs, countOf, lengthOf, oneOf } from "../arguments/equality.ts";
import { isIn, type NumberRange, numberIn } from "../arguments/number-range.ts";
import { isPlainPath, pathTexts } from "../arguments/path-reading.ts";
import { type FoundValue, readSelected, type SelectedValues } from "../arguments/reading.ts";
import { readRecipients } from "../arguments/recipients.ts";
import type { Selector } from "../arguments/selector.ts";
import { readUrl } from "../arguments/url-reading.ts";
import { urlIs } from "../arguments/url-test.ts";
import { isScalar, joinedWords, scalarText } from "../arguments/vector.ts";
import type { Json } from "../base/json.ts";
import { type PathFacts, PathGlobs } from "../match/path-globs.ts";
import type { Pattern } from "../match/pattern.ts";
import { LEAF_WORK, PASS_WORK, READ_WORK, TOO_MUCH, WORK_MAX } from "./call-work.ts";
import type { CallView } from "./compiled.ts";
import { isPathGlob } from "./rule-index.ts";
import type { CompiledTest, Predicate, ValuePredicate } from "./rules.ts";
import { TextPatterns } from "./text-patterns.ts";

/** One answer, and the value that it is about. */
interface ValueAnswer {
	readonly answer: Answer;
	readonly found: FoundValue;
	readonly ofKeys: boolean;
}

/** What selectors that are read together name in the call of this number. */
interface Selection {
	call: number;
	readings: readonly SelectedReading[];
}

/** What one selector names in the call. */
export interface SelectedReading {
	readonly selector: Selector;
	readonly values: SelectedValues;
}

export class ValueTests {
	readonly #globs = new PathGlobs();
	readonly #texts: TextPatterns;
	/** By the selectors of a test, and by what they say: the values are read once for all tests that name the same. */
	readonly #selectionOf = new Map<readonly Selector[], Selection>();
	readonly #selections = new Map<string, Selection>();
	/** Of this call: many rules ask about one value. */
	readonly #urls = new Memo(readUrl, (text) => this.#spend(text.length * READ_WORK));
	readonly #recipients = new Memo(readRecipients, (text) => this.#spend(text.length * READ_WORK));
	readonly #paths = new Set<string>();
	readonly #others = new Map<SameAs, EqualValues>();
	#call: CallView | null = null;
	/** Counts the calls, so that nothing is cleared between them. */
	#calls = 0;
	#facts: PathFacts | null = null;
	#work = 0;

	/** `tests` are those that it will be asked about. */
	constructor(tests: readonly CompiledTest[]) {
		this.#texts = new TextPatterns(tests);
	}

	/** Has the call been given all the work that one may take? What is asked then, throws. */
	get isSpent(): boolean {
		return this.#work > WORK_MAX;
	}

	begin(call: CallView): void {
		this.#call = call;
		this.#calls += 1;
		this.#facts = null;
		this.#work = 0;
		this.#urls.clear();
		this.#recipients.clear();
		this.#paths.clear();
		this.#others.clear();
		this.#texts.clear();
	}

	/** The alternatives of one test, each at which nobody else looks being another spelling. */
	read(selectors: readonly Selector[]): readonly SelectedReading[] {
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

	/** One for each value; where `isAnyEnough`, also for what a list of texts says as one. */
	answers(
		predicate: Exclude<Predicate, { kind: "present" }>,
		readings: readonly SelectedReading[],
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
			for (const whole of values.wholes) {
				for (const { found, text } of joinedIn(whole)) {
					this.#spend(LEAF_WORK + text.length * PASS_WORK);
					take(found, [this.#textIs(predicate.patterns, text)]);
				}
			}
		}
		return answers;
	}

	/** One answer for each thing that the value is: an e-mail may have several recipients. */
	#answersOf(predicate: ValuePredicate, value: Json): readonly Answer[] {
		this.#spend(LEAF_WORK);
		switch (predicate.kind) {
			case "number":
				this.#spend(lettersOf(value) * PASS_WORK);
				return [numberIn(predicate.range, value)];
			case "length":
				this.#spend(lettersOf(value) * PASS_WORK);
				return [countIs(predicate.range, lengthOf(value))];
			case "oneOf":
				this.#spend(lettersOf(value) * READ_WORK + predicate.values.length * ENTRY_WORK);
				return [oneOf(predicate.values, value, predicate.caseSensitive)];
			case "boolean":
				return [booleanIs(predicate.wanted, value)];
			case "sameAs":
				this.#spend(lettersOf(value) * READ_WORK);
				return [this.#othersOf(predicate).answerFor(value)];
			case "url":
				return [urlIs(predicate.url, typeof value === "string" ? this.#urls.of(value) : null)];
			case "path": {
				if (typeof value === "string" && !this.#paths.has(value)) {
					this.#paths.add(value);
					this.#spend(value.length * READ_WORK);
				}
				const { answer, work } = this.#globs.isBelow(predicate.globs, value, this.#pathFacts);
				this.#spend(work);
				return [answer];
			}
			case "email": {
				const recipients = typeof value === "string" ? this.#recipients.of(value) : null;
				this.#spend((recipients?.length ?? 0) * LEAF_WORK);
				return recipients?.map((each) => answerOf(this.#matches(predicate.patterns, each))) ?? ["unreadable"];
			}
			case "text":
				return [isScalar(value) ? this.#textIs(predicate.patterns, scalarText(value)) : "unreadable"];
		}
	}

	/** What the other selectors name, as long as it is asked about this call. */
	#othersOf(predicate: SameAs): EqualValues {
		const known = this.#others.get(predicate);
		if (known !== undefined) return known;
		const readings = this.read(predicate.selectors);
		const values = readings.flatMap(({ values }) => values.values.map(({ value }) => value));
		// What stands there under another spelling may be what is meant: null is what nobody can compare with.
		if (readings.some(({ values }) => values.hasDouble)) values.push(null);
		for (const value of values) this.#spend(LEAF_WORK + lettersOf(value) * READ_WORK);
		const others = new EqualValues(values, predicate.caseSensitive);
		this.#others.set(predicate, others);
		return others;
	}

	/** Globs over paths are asked of each path that the text may mean. */
	#textIs(patterns: readonly Pattern[], text: string): Answer {
		const answer = answerOf(this.#matches(patterns, text));
		if (isPlainPath(text) || !patterns.some(isPathGlob)) return answer;
		this.#spend(text.length * READ_WORK);
		const texts = pathTexts(text);
		if (texts === null) return "unreadable";
		return agreed([answer, ...texts.map((each) => answerOf(this.#matches(patterns, each)))]);
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
	readonly #onRead: (text: string) => void;

	/** Told of each text before it is read. */
	constructor(read: (text: string) => Reading, onRead: (text: string) => void) {
		this.#read = read;
		this.#onRead = onRead;
	}

	of(text: string): Reading {
		const known = this.#readings.get(text);
		if (known !== undefined) return known;
		this.#onRead(text);
		const reading = this.#read(text);
		this.#readings.set(text, reading);
		return reading;
	}

	clear(): void {
		this.#readings.clear();
	}
}

type SameAs = Extract<Predicate, { kind: "sameAs" }>;

const lettersOf = (value: Json): number => (typeof value === "string" ? value.length : 0);

/** Operations for each entry of a list that a value is compared with. */
const ENTRY_WORK = 50;

const countIs = (range: NumberRange, count: number | null): Answer => {
	const number = count === null ? null : readDecimal(String(count));
	return number === null ? "unreadable" : answerOf(isIn(range, number));
};

/** The lists in a value, itself included, each as the texts that its words make, one after the other. */
function* joinedIn(found: FoundValue): Generator<{ readonly found: FoundValue; readonly text: string }> {
	const { value, steps } = found;
	if (!Array.isArray(value)) return;
	const items = value as readonly Json[];
	for (const words of joinedWords(items)) yield { found, text: words.join(" ") };
	for (const [index, item] of items.entries()) {
		if (Array.isArray(item)) yield* joinedIn({ value: item as Json, steps: [...steps, String(index)] });
	}
}
