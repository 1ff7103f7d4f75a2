/** Facts into categories: all that apply, each with the highest confidence and the rules that say so. */
import { canonicalize } from "../base/canonical-json.ts";
import { taggedDigest } from "../base/digest.ts";
import type { Json } from "../base/json.ts";
import { once } from "../base/once.ts";
import { CATEGORIES, type Category } from "./category.ts";
import { FACT_KINDS, type Fact, type FactKind } from "./fact.ts";
import { type Known, Programs } from "./programs.ts";
import { RuleIndex } from "./rule-index.ts";
import { type Rule, type RuleFile, type Score, scoreOf } from "./rules.ts";
import { toldAttributes } from "./shell/deeds.ts";

export interface JudgedCategory {
	readonly category: Category;
	/** Integer, 1–100. */
	readonly confidence: number;
	/** Names of the rules that say so with this confidence, each once. */
	readonly rules: readonly string[];
	/** The place among the facts of the first of which they say so. */
	readonly fact: number;
}

/** What a command is of which nothing is known: it reads something, most likely. Nothing is benign because it is unknown. */
const UNKNOWN_COMMAND: readonly Score[] = [scoreOf("data_read", 30)];

const RULES_NAMED_MAX = 20;
const NONE: readonly never[] = [];

/** The rule pack, made ready once. */
export class Judge {
	/** Of the pack's own data, 64 hex digits: what was judged under the same digest was judged by the same rules. */
	readonly #digest: () => string;
	readonly programs: Programs;
	readonly #indexes = new Map<FactKind, RuleIndex>();
	/** Of the call that is being judged. */
	readonly #scores = new Scores();

	constructor(files: readonly RuleFile[]) {
		this.#digest = once(() => taggedDigest("assent.rules.v1", canonicalize(files as unknown as Json)));
		this.programs = new Programs(files);
		const rules = files.flatMap((file) => file.rules);
		for (const kind of FACT_KINDS) {
			this.#indexes.set(
				kind,
				new RuleIndex(
					kind,
					rules.filter(({ on }) => on === kind),
				),
			);
		}
	}

	get digest(): string {
		return this.#digest();
	}

	/** In the order of severity. */
	judge(facts: readonly Fact[]): readonly JudgedCategory[] {
		const scores = this.#scores;
		scores.clear();
		for (let place = 0; place < facts.length; place++) {
			const fact = facts[place] as Fact;
			scores.place = place;
			const taking: Rule[] = [];
			(this.#indexes.get(fact.kind) as RuleIndex).taking(fact, taking);
			const used = fact.kind === "command" ? this.programs.used(fact, taking) : null;
			const alone =
				taking.length === 0 ? undefined : taking.find((rule) => rule.alone && (used === null || !rule.yieldsToUsages));
			if (alone !== undefined) {
				scores.add(alone.name, alone.scores);
				for (const rule of taking)
					if (rule.adds && rule.isOfDanger && !rule.isOfUnknown) scores.add(rule.name, rule.scores);
				continue;
			}
			if (used !== null) scores.add(used.name, used.scores);
			for (const rule of taking)
				if ((used === null || rule.adds) && !rule.isOfUnknown) scores.add(rule.name, rule.scores);
			if (used !== null) continue;
			if (fact.kind === "command" && taking.every((rule) => rule.adds)) this.#byProgram(fact, taking, scores);
			else if (fact.kind === "tool" && taking.every((rule) => rule.adds)) this.#byWords(fact, scores);
		}
		return scores.judged();
	}

	#byProgram(fact: Fact, taking: readonly Rule[], scores: Scores): void {
		const known = this.programs.known(fact);
		if (known !== null) {
			const told = known.told === "nothing" ? NONE : taking.filter((rule) => isTold(rule, known));
			if (told.length === 0) scores.add(known.name, known.scores);
			for (const rule of told) scores.add(rule.name, rule.scores);
			return;
		}
		for (const rule of taking) if (rule.isOfUnknown) scores.add(rule.name, rule.scores);
		this.#asTold(fact, scores);
		const found = this.programs.unknown(fact);
		scores.add(found?.name ?? "unknown-command", found?.scores ?? UNKNOWN_COMMAND);
	}

	/** What a tool of that name would do. */
	#asTold(fact: Fact, scores: Scores): void {
		const has = toldAttributes(fact.has);
		if (has === null) return;
		const taking: Rule[] = [];
		(this.#indexes.get("tool") as RuleIndex).taking({ ...fact, kind: "tool", has }, taking);
		const alone = taking.find((rule) => rule.alone);
		for (const rule of alone === undefined ? taking : [alone]) scores.add(rule.name, rule.scores);
	}

	#byWords({ has }: Fact, scores: Scores): void {
		const found = this.programs.byVerbs(has["verb"] ?? []);
		if (found !== null) scores.add(found.name, found.scores);
	}
}

/** Whether a rule of first words counts in place of what the program's name says. */
const isTold = ({ isOfNamed, scores }: Rule, { told }: Known): boolean =>
	isOfNamed && (told === "anything" || scores.every(([category]) => category === "data_read"));

class Scores {
	/** Of the fact that is being judged. */
	place = 0;
	readonly #confidence = new Uint8Array(CATEGORIES.length);
	readonly #places = new Uint32Array(CATEGORIES.length);
	readonly #rules: (string[] | undefined)[] = [];

	clear(): void {
		for (let index = 0; index < CATEGORIES.length; index++) {
			this.#confidence[index] = 0;
			this.#rules[index] = undefined;
		}
	}

	add(rule: string, scores: readonly Score[]): void {
		for (let at = 0; at < scores.length; at++) {
			const [, confidence, index] = scores[at] as Score;
			const before = this.#confidence[index] as number;
			if (confidence < before) continue;
			const rules = this.#rules[index];
			if (confidence > before || rules === undefined) {
				this.#confidence[index] = confidence;
				this.#places[index] = this.place;
				this.#rules[index] = [rule];
			} else if (rules.length < RULES_NAMED_MAX && !rules.includes(rule)) rules.push(rule);
		}
	}

	judged(): readonly JudgedCategory[] {
		const found: JudgedCategory[] = [];
		for (let index = 0; index < CATEGORIES.length; index++) {
			const confidence = this.#confidence[index] as number;
			if (confidence === 0) continue;
			found.push({
				category: CATEGORIES[index] as Category,
				confidence,
				rules: this.#rules[index] ?? [],
				fact: this.#places[index] as number,
			});
		}
		return found;
	}
}
