/** The rule pack as data, and one rule made ready: which facts it takes, and what they then are. */
import { type Category, DANGEROUS_FROM, isDangerous } from "./category.ts";
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
	/** Where it applies nothing else that is said of the fact counts, but dangers that other rules add. */
	readonly alone?: boolean;
}

/** The attribute that most rules of a kind ask for: they are found by its values. */
const KEY_ATTRIBUTE: Readonly<Record<FactKind, string>> = {
	command: "program",
	redirect: "pathclass",
	path: "pathclass",
	host: "class",
	request: "method",
	sql: "verb",
	call: "name",
	import: "name",
	tool: "verb",
	document: "operation",
	message: "channel",
	secret: "class",
	encoding: "layer",
	oddity: "what",
	opaque: "why",
	truncated: "why",
	prose: "words",
};

export type Score = readonly [category: Category, confidence: number];

export class Rule {
	readonly name: string;
	readonly scores: readonly Score[];
	readonly adds: boolean;
	readonly alone: boolean;
	/** It names the programs that it is about. */
	readonly isOfPrograms: boolean;
	/** One of its categories is dangerous, and likely enough to count. */
	readonly isOfDanger: boolean;
	/** An attribute without which it takes no fact; null: none is needed. */
	readonly needs: string | null;
	readonly #tests: readonly Test[];

	constructor(data: RuleData) {
		this.name = data.name;
		this.scores = Object.entries(data.is) as [Category, number][];
		this.adds = data.adds === true;
		this.alone = data.alone === true;
		this.isOfPrograms = data.has?.["program"] !== undefined;
		this.isOfDanger = this.scores.some(
			([category, confidence]) => isDangerous(category) && confidence >= DANGEROUS_FROM,
		);
		const has = Object.entries(data.has ?? {}).map(([name, values]) => new Test(name, values, true));
		const all = Object.entries(data.all ?? {}).flatMap(([name, values]) =>
			values.map((value) => new Test(name, [value], true)),
		);
		const none = Object.entries(data.none ?? {}).map(([name, values]) => new Test(name, values, false));
		this.needs = [...has, ...all].find(({ name }) => name !== "via")?.name ?? null;
		// Rules are found by the attribute of the key: that it has one of the values is seldom news, and is asked last.
		const isOfKey = ({ name }: Test): boolean => name === KEY_ATTRIBUTE[data.on];
		this.#tests = [...has.filter((test) => !isOfKey(test)), ...all, ...none, ...has.filter(isOfKey)];
	}

	takes(fact: Fact): boolean {
		for (let index = 0; index < this.#tests.length; index++)
			if (!(this.#tests[index] as Test).holds(fact)) return false;
		return true;
	}
}

/** Whether one attribute has one of some values, or none of them. */
class Test {
	readonly name: string;
	readonly #values: Values;
	readonly #isWanted: boolean;

	constructor(name: string, values: readonly string[], isWanted: boolean) {
		this.name = name;
		this.#values = new Values(values);
		this.#isWanted = isWanted;
	}

	holds(fact: Fact): boolean {
		const texts = this.name === "via" ? fact.via : fact.has[this.name];
		if (texts === undefined || texts.length === 0) return !this.#isWanted;
		return this.#values.hasAny(texts) === this.#isWanted;
	}
}

/** Values of one attribute: exact ones, and those with `*` for any letters. */
class Values {
	readonly #exact = new Set<string>();
	/** Where there is but one. */
	readonly #only: string | null;
	readonly #globs: ((text: string) => boolean)[] = [];

	constructor(values: readonly string[]) {
		for (const value of values) {
			if (isGlob(value)) this.#globs.push(globTest(value));
			else this.#exact.add(value);
		}
		const [only = null] = this.#exact;
		this.#only = this.#exact.size === 1 ? only : null;
	}

	hasAny(texts: readonly string[]): boolean {
		for (let index = 0; index < texts.length; index++) {
			const text = texts[index] as string;
			if (this.#only === null ? this.#exact.has(text) : this.#only === text) return true;
			for (let at = 0; at < this.#globs.length; at++)
				if ((this.#globs[at] as (text: string) => boolean)(text)) return true;
		}
		return false;
	}
}

/** Whether a text is one of the values, in which `*` is any text. */
export const hasValue = (values: readonly string[], text: string): boolean => new Values(values).hasAny([text]);

const isGlob = (value: string): boolean => value.includes("*");

/** Of a value with further `*` within: its parts in their order, the first and the last at the ends. */
function partsTest(parts: readonly string[]): (text: string) => boolean {
	const first = parts[0] as string;
	const last = parts.at(-1) as string;
	const inner = parts.slice(1, -1);
	return (text) => {
		if (!text.startsWith(first)) return false;
		let at = first.length;
		for (const part of inner) {
			const found = text.indexOf(part, at);
			if (found < 0) return false;
			at = found + part.length;
		}
		return text.length - last.length >= at && text.endsWith(last);
	};
}

function globTest(value: string): (text: string) => boolean {
	if (value === "*") return () => true;
	const isOpenStart = value.startsWith("*");
	const isOpenEnd = value.endsWith("*");
	const core = value.slice(isOpenStart ? 1 : 0, isOpenEnd ? -1 : undefined);
	if (core.includes("*")) return partsTest(value.split("*"));
	if (isOpenStart && isOpenEnd) return (text) => text.includes(core);
	return isOpenStart ? (text) => text.endsWith(core) : (text) => text.startsWith(core);
}

/** Letters by which values that end open are found. */
const START = 3;

/** `mkfs.*`, but neither `*.exe` nor `m*`. */
const startsClosed = (value: string): boolean => value.length > START && !value.slice(0, START).includes("*");

function put(into: Map<string, Rule[]>, key: string, rule: Rule): void {
	const known = into.get(key);
	if (known === undefined) into.set(key, [rule]);
	else if (!known.includes(rule)) known.push(rule);
}

/** Rules of one kind of facts: by the values of the attribute that most of them ask for, and the others. */
export class RuleIndex {
	readonly #key: string;
	readonly #byValue = new Map<string, Rule[]>();
	/** Rules with values that end open, by their first letters. */
	readonly #byStart = new Map<string, Rule[]>();
	/** Neighbours that need the same attribute, in the order of the pack: most facts have none of what most of them need. */
	readonly #others: { readonly needs: string | null; readonly rules: Rule[] }[] = [];

	constructor(kind: FactKind, rules: readonly RuleData[]) {
		this.#key = KEY_ATTRIBUTE[kind];
		for (const data of rules) {
			const rule = new Rule(data);
			const values = data.has?.[this.#key] ?? [];
			if (values.length === 0 || values.some((value) => isGlob(value) && !startsClosed(value))) {
				const last = this.#others.at(-1);
				if (last !== undefined && last.needs === rule.needs) last.rules.push(rule);
				else this.#others.push({ needs: rule.needs, rules: [rule] });
				continue;
			}
			for (const value of new Set(values)) {
				if (isGlob(value)) put(this.#byStart, value.slice(0, START), rule);
				else put(this.#byValue, value, rule);
			}
		}
	}

	/** The rules that take the fact, each once where the fact has one value of the key. */
	taking(fact: Fact, found: Rule[]): void {
		const values = fact.has[this.#key];
		if (values !== undefined) for (const value of values) this.#byKey(value, fact, found);
		for (let at = 0; at < this.#others.length; at++) {
			const { needs, rules } = this.#others[at] as { readonly needs: string | null; readonly rules: Rule[] };
			const texts = needs === null ? undefined : fact.has[needs];
			if (needs !== null && (texts === undefined || texts.length === 0)) continue;
			for (let index = 0; index < rules.length; index++) {
				const rule = rules[index] as Rule;
				if (rule.takes(fact)) found.push(rule);
			}
		}
	}

	#byKey(value: string, fact: Fact, found: Rule[]): void {
		const exact = this.#byValue.get(value);
		if (exact !== undefined) for (const rule of exact) if (!found.includes(rule) && rule.takes(fact)) found.push(rule);
		if (this.#byStart.size === 0) return;
		const open = this.#byStart.get(value.slice(0, START));
		if (open !== undefined) for (const rule of open) if (!found.includes(rule) && rule.takes(fact)) found.push(rule);
	}
}
