/**
 * Many values that another one is compared with. What is asked is whether it is the same as all of them (`sameValue`), and the
 * answer does not cost a comparison with each.
 */
import type { Json } from "../base/json.ts";
import { visibleName } from "../base/unseen.ts";
import { foldText } from "../language/folding.ts";
import { type Answer, agreed } from "./answer.ts";
import { type Decimal, decimalOf } from "./decimal.ts";
import { isUnclearNumber, sameValue } from "./equality.ts";
import { isScalar } from "./vector.ts";

export class EqualValues {
	readonly #caseSensitive: boolean;
	/** Null, maps and lists, of which nobody knows whether anything is the same. */
	#hasUnreadable = false;
	/** There are two at most. */
	readonly #booleans = new Set<boolean>();
	/** By what they look like: all that are compared as the same text. */
	readonly #texts = new Map<string, Set<string>>();
	/** Numbers, and what texts spell. */
	readonly #numbers = new Set<string>();
	readonly #spelled = new Set<string>();
	/** Texts that spell no number: does some program find one in them, or none at all? */
	#hasUnclear = false;
	#hasWords = false;
	/** Of booleans, each of which is compared with all. */
	readonly #ofBooleans = new Map<boolean, Answer>();
	readonly #values: readonly Json[];

	constructor(values: readonly Json[], caseSensitive: boolean) {
		this.#caseSensitive = caseSensitive;
		this.#values = values;
		for (const value of values) this.#add(value);
	}

	/** Is the value the same as all of them? Where there is none, or it is the same as some of them only, nobody knows. */
	answerFor(value: Json): Answer {
		if (value === null || !isScalar(value) || this.#hasUnreadable) return "unreadable";
		if (typeof value === "boolean") return this.#ofBoolean(value);
		const booleans = [...this.#booleans].map((each) => this.#compare(each, value));
		return agreed([...booleans, ...(typeof value === "string" ? this.#ofText(value) : this.#ofNumber(value))]);
	}

	#add(value: Json): void {
		if (typeof value === "boolean") this.#booleans.add(value);
		else if (typeof value === "number") this.#numbers.add(spellingOf(decimalOf(value)));
		else if (typeof value === "string") this.#addText(value);
		else this.#hasUnreadable = true;
	}

	#addText(text: string): void {
		const alike = this.#texts.get(this.#seen(text)) ?? new Set();
		alike.add(this.#form(text));
		this.#texts.set(this.#seen(text), alike);
		const number = decimalOf(text);
		if (number !== null) this.#spelled.add(spellingOf(number));
		else if (isUnclearNumber(text)) this.#hasUnclear = true;
		else this.#hasWords = true;
	}

	#ofBoolean(value: boolean): Answer {
		const known = this.#ofBooleans.get(value);
		if (known !== undefined) return known;
		const answer = agreed(this.#values.map((each) => this.#compare(each, value)));
		this.#ofBooleans.set(value, answer);
		return answer;
	}

	#ofText(text: string): readonly Answer[] {
		const alike = this.#texts.get(this.#seen(text));
		const form = this.#form(text);
		const answers: Answer[] = [];
		if (alike?.has(form)) answers.push("yes");
		if (alike !== undefined && alike.size > (alike.has(form) ? 1 : 0)) answers.push("unreadable");
		if (this.#texts.size > (alike === undefined ? 0 : 1)) answers.push("no");
		if (this.#numbers.size === 0) return answers;
		const number = decimalOf(text);
		if (number !== null) return [...answers, ...amongNumbers(number, this.#numbers)];
		return [...answers, isUnclearNumber(text) ? "unreadable" : "no"];
	}

	#ofNumber(value: number): readonly Answer[] {
		const number = decimalOf(value);
		if (number === null) return ["unreadable"];
		const answers = [...amongNumbers(number, this.#numbers), ...amongNumbers(number, this.#spelled)];
		if (this.#hasUnclear) answers.push("unreadable");
		if (this.#hasWords) answers.push("no");
		return answers;
	}

	#compare(each: Json, value: string | number | boolean): Answer {
		return each === null || !isScalar(each) ? "unreadable" : sameValue(each, value, this.#caseSensitive);
	}

	readonly #form = (text: string): string => (this.#caseSensitive ? text : foldText(text));
	readonly #seen = (text: string): string => this.#form(visibleName(text));
}

function amongNumbers(number: Decimal, numbers: ReadonlySet<string>): Answer[] {
	const isThere = numbers.has(spellingOf(number));
	return [...(isThere ? ["yes" as const] : []), ...(numbers.size > (isThere ? 1 : 0) ? ["no" as const] : [])];
}

/** One for each number. */
const spellingOf = (number: Decimal | null): string =>
	number === null ? "" : `${number.sign} ${number.digits} ${number.magnitude}`;
