/** What programs do with certain first words, flags and operands: `git stash list`, `tar -t`, `e2label * *`. */
import { CATEGORIES, DANGEROUS_FROM } from "./category.ts";
import type { Fact } from "./fact.ts";
import type { Score } from "./rules.ts";

export interface Found {
	readonly name: string;
	readonly scores: readonly Score[];
}

interface Usage extends Found {
	readonly words: readonly string[];
	readonly flags: readonly string[];
	/** Operands that there must be, `words` among them. */
	readonly operands: number;
	readonly scores: Score[];
	/** Its place among the usages of its program: what says most comes first. */
	order: number;
}

/** Of one program, in their order: those with a first word by it, and the others. */
interface Ordered {
	readonly byFirst: ReadonlyMap<string, readonly Usage[]>;
	readonly others: readonly Usage[];
}

interface Given {
	readonly texts: readonly string[];
	readonly score: Score;
}

export class Usages {
	/** As the pack has them. */
	readonly #given = new Map<string, Given[]>();
	/** Null: nothing is said of the program. */
	readonly #ordered = new Map<string, Ordered | null>();

	/** `texts` are in the notation of the rule pack; what was added before of the same words counts beside it. */
	add(program: string, texts: readonly string[], score: Score): void {
		const given = this.#given.get(program);
		if (given === undefined) this.#given.set(program, [{ texts, score }]);
		else given.push({ texts, score });
	}

	has(program: string): boolean {
		return this.#given.has(program);
	}

	/** What is said of the fact's program with its words; null where nothing is. */
	of(program: string, has: Fact["has"]): Found | null {
		const known = this.#ordered.get(program);
		const ordered = known === undefined ? this.#order(program) : known;
		if (ordered === null) return null;
		const first = has["sub"]?.[0];
		const named = first === undefined ? null : firstFitting(ordered.byFirst.get(first) ?? NONE, has);
		const other = firstFitting(ordered.others, has);
		if (named === null || other === null) return named ?? other;
		return named.order < other.order ? named : other;
	}

	#order(program: string): Ordered | null {
		const given = this.#given.get(program);
		if (given === undefined) {
			if (this.#ordered.size < UNKNOWN_MAX) this.#ordered.set(program, null);
			return null;
		}
		const all = [...usagesOf(program, given)].sort((a, b) => weight(b) - weight(a) || severity(a) - severity(b));
		const byFirst = new Map<string, Usage[]>();
		const others: Usage[] = [];
		for (const [order, usage] of all.entries()) {
			usage.order = order;
			const [first] = usage.words;
			if (first === undefined || first.endsWith("*")) others.push(usage);
			else byFirst.set(first, [...(byFirst.get(first) ?? []), usage]);
		}
		const ordered = { byFirst, others };
		this.#ordered.set(program, ordered);
		return ordered;
	}
}

/** Taken apart when the program is first asked about: most of a pack's never are. */
function usagesOf(program: string, given: readonly Given[]): Iterable<Usage> {
	const usages = new Map<string, Usage>();
	for (const { texts, score } of given) {
		for (const text of texts) {
			const known = usages.get(text);
			if (known === undefined) usages.set(text, usageOf(program, text, score));
			else known.scores.push(score);
		}
	}
	return usages.values();
}

function usageOf(program: string, text: string, score: Score): Usage {
	const parts = text.split(" ").filter((part) => part !== "..." && part !== "");
	const words = parts.filter((part) => part !== "*" && !part.startsWith("-"));
	const flags = parts.filter((part) => part.startsWith("-")).map((part) => part.replace(/^-+/, ""));
	const operands = parts.length - flags.length;
	return { words, flags, operands, scores: [score], name: `program:${program} ${text}`, order: 0 };
}

/** A word says more than a flag, a flag more than that there is an operand, a long flag more than a short one. */
const weight = ({ words, flags, operands }: Usage): number =>
	words.length * 300 + flags.length * 200 + operands * 100 + Math.min(99, flags.join("").length);

/** Of two that say as much, the one of the more severe category counts. */
const severity = ({ scores }: Usage): number =>
	Math.min(
		...scores.map(([category, confidence]) =>
			confidence >= DANGEROUS_FROM ? CATEGORIES.indexOf(category) : CATEGORIES.length,
		),
	);

const NONE: readonly never[] = [];
/** Programs that are remembered, those of which nothing is said among them. */
const UNKNOWN_MAX = 10_000;

function firstFitting(usages: readonly Usage[], has: Fact["has"]): Usage | null {
	for (let index = 0; index < usages.length; index++) {
		const usage = usages[index] as Usage;
		if (fits(usage, has)) return usage;
	}
	return null;
}

function fits({ words, flags, operands }: Usage, has: Fact["has"]): boolean {
	const sub = has["sub"] ?? NONE;
	for (let index = 0; index < words.length; index++) if (!isWord(words[index] as string, sub[index])) return false;
	if (operands > words.length && (has["words"]?.length ?? 0) < operands) return false;
	if (flags.length === 0) return true;
	const given = has["flags"] ?? NONE;
	for (let index = 0; index < flags.length; index++) if (!given.includes(flags[index] as string)) return false;
	return true;
}

function isWord(wanted: string, word: string | undefined): boolean {
	if (word === wanted) return true;
	return word !== undefined && wanted.endsWith("*") && word.startsWith(wanted.slice(0, -1));
}
