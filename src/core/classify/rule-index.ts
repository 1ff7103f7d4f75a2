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
	prose: "words",
};

export class RuleIndex {
	readonly #key: string;
	readonly #byValue = new Map<string, Bucket>();
	/** Rules with values that end open, by their first letters. */
	readonly #byStart = new Map<string, Bucket>();
	readonly #others = new Bucket();

	constructor(kind: FactKind, rules: readonly RuleData[]) {
		this.#key = KEY_ATTRIBUTE[kind];
		for (const [order, data] of rules.entries()) {
			const rule = new Rule(data, order);
			const values = data.has?.[this.#key] ?? [];
			if (values.length === 0 || values.some((value) => isGlob(value) && !startsClosed(value))) {
				this.#others.put(rule, rule.tests);
				continue;
			}
			const further = rule.tests.filter(({ name, isWanted }) => name !== this.#key || !isWanted);
			const isAllOfKey = data.all?.[this.#key] !== undefined;
			for (const value of new Set(values)) {
				if (isGlob(value)) bucketOf(this.#byStart, value.slice(0, START)).put(rule, rule.tests);
				else bucketOf(this.#byValue, value).put(rule, isAllOfKey ? rule.tests : further);
			}
		}
	}

	/** The rules that take the fact, each once: by the order of the fact's values, then by that of the pack. */
	taking(fact: Fact, found: Rule[]): void {
		const values = fact.has[this.#key];
		if (values !== undefined) {
			for (let index = 0; index < values.length; index++) {
				const value = values[index] as string;
				this.#byValue.get(value)?.taking(fact, found);
				if (this.#byStart.size > 0) this.#byStart.get(value.slice(0, START))?.taking(fact, found);
			}
		}
		this.#others.taking(fact, found);
	}
}

/** Letters by which values that end open are found. */
const START = 3;

/** `mkfs.*`, but neither `*.exe` nor `m*`. */
const startsClosed = (value: string): boolean => value.length > START && !value.slice(0, START).includes("*");

function bucketOf(buckets: Map<string, Bucket>, key: string): Bucket {
	const known = buckets.get(key);
	if (known !== undefined) return known;
	const bucket = new Bucket();
	buckets.set(key, bucket);
	return bucket;
}

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
	#tables: ReadonlyMap<string, Table> | null = null;

	put(rule: Rule, tests: readonly Test[]): void {
		const isSlow = ({ values }: Test): boolean => values.some(isGlob);
		this.#given.push({ rule, tests: [...tests.filter((test) => !isSlow(test)), ...tests.filter(isSlow)] });
	}

	taking(fact: Fact, found: Rule[]): void {
		const tables = this.#tables ?? this.#prepare();
		const start = found.length;
		const { has } = fact;
		for (const attribute in has) {
			const table = tables.get(attribute);
			if (table === undefined) continue;
			const texts = has[attribute];
			if (texts === undefined || texts.length === 0) continue;
			const { byValue, others } = table;
			if (byValue.size > 0) {
				for (let index = 0; index < texts.length; index++) {
					const candidates = byValue.get(texts[index] as string);
					if (candidates !== undefined) addTaking(candidates, fact, found);
				}
			}
			addTaking(others, fact, found);
		}
		addTaking(this.#free, fact, found);
		if (found.length - start > 1) sortFrom(found, start);
	}

	#prepare(): ReadonlyMap<string, Table> {
		const tables = new Map<string, Table>();
		for (const candidate of this.#given) {
			const test = tellingTest(candidate.tests);
			if (test === null) {
				this.#free.push(candidate);
				continue;
			}
			const { name, values } = test;
			const table = tables.get(name) ?? { byValue: new Map<string, Candidate[]>(), others: [] };
			tables.set(name, table);
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
