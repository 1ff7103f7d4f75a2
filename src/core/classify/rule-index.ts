/** The rules of one kind of facts, found by the values that they ask for: few are left to be asked about the rest of a fact. */
import type { Fact, FactKind } from "./fact.ts";
import { allHold, isGlob, Rule, type RuleData, type Test } from "./rules.ts";

/** The attribute that most rules of a kind ask for: they are found by its values first. */
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
};

export class RuleIndex {
	readonly #key: string;
	readonly #attributes = new Attributes();
	/** Those of the value, and those of how it begins. */
	readonly #byValue = new Map<string, readonly Bucket[]>();
	/** Rules with values that end open, by their first letters. */
	readonly #byStart = new Map<string, Bucket>();
	readonly #others = new Bucket(this.#attributes);

	constructor(kind: FactKind, rules: readonly RuleData[]) {
		this.#key = KEY_ATTRIBUTE[kind];
		const exact = new Map<string, Bucket>();
		for (const [order, data] of rules.entries()) {
			const rule = new Rule(data, order);
			for (const { name } of rule.tests) this.#attributes.numberOf(name);
			const values = data.has?.[this.#key] ?? [];
			if (values.length === 0 || values.some((value) => isGlob(value) && !startsClosed(value))) {
				this.#others.put(rule, rule.tests);
				continue;
			}
			const further = rule.tests.filter(({ name, isWanted }) => name !== this.#key || !isWanted);
			const isAllOfKey = data.all?.[this.#key] !== undefined;
			for (const value of new Set(values)) {
				if (isGlob(value)) this.#bucketOf(this.#byStart, value.slice(0, START)).put(rule, rule.tests);
				else this.#bucketOf(exact, value).put(rule, isAllOfKey ? rule.tests : further);
			}
		}
		for (const [value, bucket] of exact) {
			const open = this.#byStart.get(value.slice(0, START));
			this.#byValue.set(value, open === undefined ? [bucket] : [bucket, open]);
		}
	}

	/** The rules that take the fact, each once: by the order of the fact's values, then by that of the pack. */
	taking(fact: Fact, found: Rule[]): void {
		this.#attributes.look(fact);
		const values = fact.has[this.#key];
		if (values !== undefined) {
			for (let index = 0; index < values.length; index++) {
				const value = values[index] as string;
				const buckets = this.#byValue.get(value);
				if (buckets === undefined) {
					if (this.#byStart.size > 0) this.#byStart.get(value.slice(0, START))?.taking(fact, found);
				} else for (let at = 0; at < buckets.length; at++) (buckets[at] as Bucket).taking(fact, found);
			}
		}
		this.#others.taking(fact, found);
	}

	#bucketOf(buckets: Map<string, Bucket>, key: string): Bucket {
		const known = buckets.get(key);
		if (known !== undefined) return known;
		const bucket = new Bucket(this.#attributes);
		buckets.set(key, bucket);
		return bucket;
	}
}

/** Attributes by numbers, and those of the fact that is being asked: each is looked up once, however many rules there are. */
class Attributes {
	readonly #numbers = new Map<string, number>();
	/** As the fact before had them: most have the same in the same order. */
	readonly #names: string[] = [];
	readonly #seen: number[] = [];
	/** Of the fact, with what it has of each. */
	count = 0;
	readonly numbers: number[] = [];
	readonly texts: (readonly string[])[] = [];

	numberOf(name: string): number {
		const known = this.#numbers.get(name) ?? this.#numbers.size;
		this.#numbers.set(name, known);
		return known;
	}

	look({ has }: Fact): void {
		let count = 0;
		let index = 0;
		for (const name in has) {
			const number = this.#names[index] === name ? (this.#seen[index] as number) : this.#see(name, index);
			index += 1;
			const texts = has[name];
			if (number < 0 || texts === undefined || texts.length === 0) continue;
			this.numbers[count] = number;
			this.texts[count] = texts;
			count += 1;
		}
		this.count = count;
	}

	/** Negative: no rule asks for it. */
	#see(name: string, index: number): number {
		const number = this.#numbers.get(name) ?? -1;
		this.#names[index] = name;
		this.#seen[index] = number;
		return number;
	}
}

/** Letters by which values that end open are found. */
const START = 3;

/** `mkfs.*`, but neither `*.exe` nor `m*`. */
const startsClosed = (value: string): boolean => value.length > START && !value.slice(0, START).includes("*");

/** A rule, and what of it is not known yet where it is found. */
interface Candidate {
	readonly rule: Rule;
	readonly tests: readonly Test[];
}

/** Candidates of which one attribute is asked for: by its value, or only that there is one. */
interface Table {
	readonly byValue: Map<string, Candidate[]>;
	readonly others: Candidate[];
}

/** Rules that have something in common, by what each asks for besides. Made ready when it is first asked. */
class Bucket {
	readonly #given: Candidate[] = [];
	/** Those that ask for no attribute. */
	readonly #free: Candidate[] = [];
	/** By the number of their attribute. */
	#tables: readonly (Table | undefined)[] | null = null;
	readonly #attributes: Attributes;

	constructor(attributes: Attributes) {
		this.#attributes = attributes;
	}

	put(rule: Rule, tests: readonly Test[]): void {
		this.#given.push({ rule, tests });
	}

	taking(fact: Fact, found: Rule[]): void {
		const tables = this.#tables ?? this.#prepare();
		const start = found.length;
		const { count, numbers, texts } = this.#attributes;
		for (let index = 0; index < count; index++) {
			const table = tables[numbers[index] as number];
			if (table === undefined) continue;
			const { byValue, others } = table;
			if (byValue.size > 0) {
				const values = texts[index] as readonly string[];
				for (let at = 0; at < values.length; at++) {
					const candidates = byValue.get(values[at] as string);
					if (candidates !== undefined) addTaking(candidates, fact, found);
				}
			}
			if (others.length > 0) addTaking(others, fact, found);
		}
		addTaking(this.#free, fact, found);
		if (found.length - start > 1) sortFrom(found, start);
	}

	#prepare(): readonly (Table | undefined)[] {
		const tables: (Table | undefined)[] = [];
		for (const { rule, tests } of this.#given) {
			const candidate = { rule, tests: tests.toSorted((a, b) => delayOf(a) - delayOf(b)) };
			const test = tellingTest(candidate.tests);
			if (test === null) {
				this.#free.push(candidate);
				continue;
			}
			const { name, values } = test;
			const number = this.#attributes.numberOf(name);
			const table = tables[number] ?? { byValue: new Map<string, Candidate[]>(), others: [] };
			tables[number] = table;
			if (values.some(isGlob)) table.others.push(candidate);
			else {
				const left = { rule: candidate.rule, tests: candidate.tests.filter((each) => each !== test) };
				for (const value of new Set(values)) {
					const known = table.byValue.get(value);
					if (known === undefined) table.byValue.set(value, [left]);
					else known.push(left);
				}
			}
		}
		this.#tables = tables;
		return tables;
	}
}

/** Tests of exact values are quick, those of globs are not; which system it is hardly ever rules out anything. */
const delayOf = ({ name, values }: Test): number => (name === "os" ? 2 : values.some(isGlob) ? 1 : 0);

/** What fewest facts have: an attribute that most of them lack before one that most of them have, values before globs. */
function tellingTest(tests: readonly Test[]): Test | null {
	let best: Test | null = null;
	let least = Number.POSITIVE_INFINITY;
	for (const test of tests) {
		if (!test.isWanted || test.name === "via") continue;
		const weight = weightOf(test);
		if (weight < least) {
			best = test;
			least = weight;
		}
	}
	return best;
}

function weightOf({ name, values }: Test): number {
	// Most commands are of the other system, and most rules that ask for this one have much to ask besides.
	if (name === "os" && values.join() === "windows") return 0;
	return (FREQUENT.get(name) ?? 1) + (values.some(isGlob) ? OF_GLOB : 0);
}

/** Attributes that many facts have, the rarest first. */
const FREQUENT = new Map(
	["flags", "sub", "words", "values", "verb", "program", "name", "shape", "os"].map((name, index) => [name, index + 2]),
);
const OF_GLOB = 3;

function addTaking(candidates: readonly Candidate[], fact: Fact, found: Rule[]): void {
	for (let index = 0; index < candidates.length; index++) {
		const { rule, tests } = candidates[index] as Candidate;
		if (allHold(tests, fact) && !found.includes(rule)) found.push(rule);
	}
}

/** In the order of the pack: few at a time. */
function sortFrom(rules: Rule[], start: number): void {
	for (let index = start + 1; index < rules.length; index++) {
		const rule = rules[index] as Rule;
		let at = index;
		for (; at > start && (rules[at - 1] as Rule).order > rule.order; at--) rules[at] = rules[at - 1] as Rule;
		rules[at] = rule;
	}
}
