/** The rule pack as data, and one rule made ready: what it asks of facts, and what they then are. */
import { CATEGORIES, type Category, DANGEROUS_FROM, isDangerous } from "./category.ts";
import type { Fact, FactKind } from "./fact.ts";

/** One file of the pack, as `npm run classifier` writes it. Keys such as `data_read 80` are a category and its confidence. */
export interface RuleFile {
	readonly file: string;
	readonly programs: Readonly<Record<string, readonly string[]>>;
	readonly subcommands: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
	/** Words of unknown programs and of tools that say what these do. */
	readonly verbs: Readonly<Record<string, readonly string[]>>;
	readonly rules: readonly RuleData[];
}

type Wanted = Readonly<Record<string, readonly string[]>>;

export interface RuleData {
	readonly name: string;
	readonly on: FactKind;
	/** Of each attribute, one of the values. A value may begin or end with `*`. */
	readonly has?: Wanted;
	/** All of the values. */
	readonly all?: Wanted;
	/** None of the values. */
	readonly none?: Wanted;
	readonly is: Readonly<Partial<Record<Category, number>>>;
	/** What is said of the program elsewhere counts beside it. */
	readonly adds?: boolean;
	/** It counts only of a program of which nothing else is said. */
	readonly unknown?: boolean;
	/** It counts of such a program, and in place of what only the name says of one that writes or connects. */
	readonly named?: boolean;
	/**
	 * Where it applies nothing else that is said of the fact counts, but dangers that other rules add; where it names programs, what is said
	 * of their words does, unless it is `always`.
	 */
	readonly alone?: boolean | "always";
}

/** `place` is that of the category among all, by which it is found sooner. */
export type Score = readonly [category: Category, confidence: number, place: number];

export const scoreOf = (category: Category, confidence: number): Score => [
	category,
	confidence,
	CATEGORIES.indexOf(category),
];

export class Rule {
	readonly name: string;
	/** Its place in the pack. */
	readonly order: number;
	readonly scores: readonly Score[];
	readonly adds: boolean;
	/** It counts only where little else is said of the program. */
	readonly isOfUnknown: boolean;
	/** Of these, one that counts also where the program's name says that it writes or connects. */
	readonly isOfNamed: boolean;
	readonly alone: boolean;
	/** It names the programs that it is about: what is said of these with their words counts before it. */
	readonly yieldsToUsages: boolean;
	/** One of its categories is dangerous, and likely enough to count. */
	readonly isOfDanger: boolean;
	/** It takes the facts of which all of them hold. */
	readonly tests: readonly Test[];

	constructor(data: RuleData, order: number) {
		this.name = data.name;
		this.order = order;
		this.scores = Object.entries(data.is).map(([category, confidence]) => scoreOf(category as Category, confidence));
		this.isOfNamed = data.named === true;
		this.isOfUnknown = data.unknown === true || this.isOfNamed;
		this.adds = data.adds === true || this.isOfUnknown;
		this.alone = data.alone !== undefined && data.alone !== false;
		this.yieldsToUsages = data.alone !== "always" && data.has?.["program"] !== undefined;
		this.isOfDanger = this.scores.some(
			([category, confidence]) => isDangerous(category) && confidence >= DANGEROUS_FROM,
		);
		this.tests = testsOf(data);
	}
}

/** What a fact is asked. */
export function testsOf({ has = {}, all = {}, none = {} }: Pick<RuleData, "has" | "all" | "none">): readonly Test[] {
	return [
		...Object.entries(has).map(([name, values]) => new Test(name, values, true)),
		...Object.entries(all).flatMap(([name, values]) => values.map((value) => new Test(name, [value], true))),
		...Object.entries(none).map(([name, values]) => new Test(name, values, false)),
	];
}

export function allHold(tests: readonly Test[], fact: Fact): boolean {
	for (let index = 0; index < tests.length; index++) if (!(tests[index] as Test).holds(fact)) return false;
	return true;
}

/** Values of one attribute: exact ones, and those with `*` for any letters. Made ready when they are first asked, as few of a pack are. */
class Values {
	readonly values: readonly string[];
	#isReady = false;
	/** Null: there are none, or only one. */
	#exact: ReadonlySet<string> | null = null;
	#only: string | null = null;
	#starts: Starts | null = null;
	/** Of values that begin with `*`, and may end with one; null: there are none. */
	#others: RegExp | null = null;
	/** Letters that the shortest of those has: most texts are not as long. */
	#shortest = 0;
	/** What each of those has within; empty: nothing. */
	#shared = "";
	/** Of values with `*` within: their parts. */
	#parts: readonly (readonly string[])[] = [];

	constructor(values: readonly string[]) {
		this.values = values;
	}

	#prepare(): void {
		const exact = new Set(this.values.filter((value) => !isGlob(value)));
		const starts: string[] = [];
		const others: string[] = [];
		const parts: (readonly string[])[] = [];
		for (const value of this.values.filter(isGlob)) {
			if (value.slice(1, -1).includes("*")) parts.push(value.split("*"));
			else if (value.startsWith("*")) others.push(value);
			else starts.push(value.slice(0, -1));
		}
		const [only = null] = exact;
		this.#only = exact.size === 1 ? only : null;
		this.#exact = exact.size > 1 ? exact : null;
		this.#starts = starts.length === 0 ? null : new Starts(starts);
		this.#others = others.length === 0 ? null : new RegExp(others.map(sourceOf).join("|"));
		this.#shared = sharedOf(others);
		this.#shortest = Math.min(...others.map((value) => value.replaceAll("*", "").length));
		this.#parts = parts;
		this.#isReady = true;
	}

	hasAny(texts: readonly string[]): boolean {
		if (!this.#isReady) this.#prepare();
		for (let index = 0; index < texts.length; index++) {
			const text = texts[index] as string;
			if (text === this.#only || this.#exact?.has(text) === true) return true;
			if (this.#starts?.has(text) === true) return true;
			if (
				this.#others !== null &&
				text.length >= this.#shortest &&
				text.includes(this.#shared) &&
				this.#others.test(text)
			)
				return true;
			for (let at = 0; at < this.#parts.length; at++)
				if (hasParts(text, this.#parts[at] as readonly string[])) return true;
		}
		return false;
	}
}

/** Whether one attribute has one of some values, or none of them. */
export class Test extends Values {
	readonly name: string;
	readonly isWanted: boolean;

	constructor(name: string, values: readonly string[], isWanted: boolean) {
		super(values);
		this.name = name;
		this.isWanted = isWanted;
	}

	holds(fact: Fact): boolean {
		const texts = this.name === "via" ? fact.via : fact.has[this.name];
		if (texts === undefined || texts.length === 0) return !this.isWanted;
		return this.hasAny(texts) === this.isWanted;
	}
}

/** The longest text that is within all of some values; a single letter only where few words have it. */
function sharedOf(values: readonly string[]): string {
	const [first = "", ...rest] = values.map((value) => value.replaceAll("*", ""));
	for (let length = first.length; length > 0; length--) {
		for (let from = 0; from + length <= first.length; from++) {
			const text = first.slice(from, from + length);
			if ((length > 1 || /[^\w./-]/.test(text)) && rest.every((value) => value.includes(text))) return text;
		}
	}
	return "";
}

/** Beginnings of texts, of which most are told by their first letter to have none. */
class Starts {
	readonly #letters = new Uint8Array(128);
	readonly #all: readonly string[];

	constructor(starts: readonly string[]) {
		this.#all = starts;
		for (const start of starts) {
			const code = start.charCodeAt(0);
			if (code < 128) this.#letters[code] = 1;
		}
	}

	has(text: string): boolean {
		const code = text.charCodeAt(0);
		if (code < 128 && this.#letters[code] === 0) return false;
		for (let at = 0; at < this.#all.length; at++) if (text.startsWith(this.#all[at] as string)) return true;
		return false;
	}
}

/** Whether a text is one of the values, in which `*` is any text. */
export const hasValue = (values: readonly string[], text: string): boolean => new Values(values).hasAny([text]);

export const isGlob = (value: string): boolean => value.includes("*");

/** `*end`, `*within*` or `*` as the source of a RegExp. */
function sourceOf(value: string): string {
	const letters = value.replaceAll("*", "").replace(/[\\^$.|?+()[\]{}/-]/g, "\\$&");
	return value.endsWith("*") ? letters : `${letters}$`;
}

/** The parts in their order, the first and the last at the ends. Linear in the text. */
function hasParts(text: string, parts: readonly string[]): boolean {
	const first = parts[0] as string;
	const last = parts.at(-1) as string;
	if (!text.endsWith(last) || !text.startsWith(first)) return false;
	let at = first.length;
	for (let index = 1; index < parts.length - 1; index++) {
		const part = parts[index] as string;
		const found = text.indexOf(part, at);
		if (found < 0) return false;
		at = found + part.length;
	}
	return text.length - last.length >= at;
}
