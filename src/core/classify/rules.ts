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
	readonly #tests: readonly ((fact: Fact) => boolean)[];

	constructor(data: RuleData) {
		this.name = data.name;
		this.scores = Object.entries(data.is) as [Category, number][];
		this.adds = data.adds === true;
		this.alone = data.alone === true;
		this.isOfPrograms = data.has?.["program"] !== undefined;
		this.isOfDanger = this.scores.some(
			([category, confidence]) => isDangerous(category) && confidence >= DANGEROUS_FROM,
		);
		const has = Object.entries(data.has ?? {}).map(([name, values]) => testOf(name, new Values(values)));
		const all = Object.entries(data.all ?? {}).flatMap(([name, values]) =>
			values.map((value) => testOf(name, new Values([value]))),
		);
		const none = Object.entries(data.none ?? {}).map(([name, values]) => {
			const test = testOf(name, new Values(values));
			return (fact: Fact): boolean => !test(fact);
		});
		this.#tests = [...has, ...all, ...none];
	}

	takes(fact: Fact): boolean {
		for (const test of this.#tests) if (!test(fact)) return false;
		return true;
	}
}

function testOf(name: string, values: Values): (fact: Fact) => boolean {
	if (name === "via") return ({ via }) => values.hasAny(via);
	return ({ has }) => {
		const texts = has[name];
		return texts !== undefined && values.hasAny(texts);
	};
}

/** Values of one attribute: exact ones, and those with `*` for any letters. */
class Values {
	readonly #exact = new Set<string>();
	readonly #globs: ((text: string) => boolean)[] = [];

	constructor(values: readonly string[]) {
		for (const value of values) {
			if (isGlob(value)) this.#globs.push(globTest(value));
			else this.#exact.add(value);
		}
	}

	hasAny(texts: readonly string[]): boolean {
		for (let index = 0; index < texts.length; index++) {
			const text = texts[index] as string;
			if (this.#exact.has(text)) return true;
			for (const glob of this.#globs) if (glob(text)) return true;
		}
		return false;
	}
}

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
	readonly #others: Rule[] = [];

	constructor(kind: FactKind, rules: readonly RuleData[]) {
		this.#key = KEY_ATTRIBUTE[kind];
		for (const data of rules) {
			const rule = new Rule(data);
			const values = data.has?.[this.#key] ?? [];
			if (values.length === 0 || values.some((value) => isGlob(value) && !startsClosed(value))) {
				this.#others.push(rule);
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
		for (const value of fact.has[this.#key] ?? []) {
			for (const rule of this.#byValue.get(value) ?? [])
				if (rule.takes(fact) && !found.includes(rule)) found.push(rule);
			for (const rule of this.#byStart.get(value.slice(0, START)) ?? [])
				if (!found.includes(rule) && rule.takes(fact)) found.push(rule);
		}
		for (const rule of this.#others) if (rule.takes(fact)) found.push(rule);
	}
}
