/** What patterns need of a text, with numbers for literals and clauses: what several have in common has one number. */
import type { Clause } from "./clause.ts";

/** What is looked for of one pattern. */
export interface Sought {
	/** One literal of each must be in a text with a match; none: the pattern is never a candidate. */
	readonly clauses: readonly Clause[];
	/** Literals whose places are told; null: none. */
	readonly entry: Clause | null;
}

export const NONE = -1;

/** Literals and clauses by number, each of them once. */
interface Numbered {
	readonly literals: readonly string[];
	/** By clause: its literals. */
	readonly clauses: readonly (readonly number[])[];
	/** By pattern: its clauses, and that of its entry (`NONE`: it has none). */
	readonly needed: readonly (readonly number[])[];
	readonly entries: readonly number[];
}

export function numbered(patterns: readonly Sought[]): Numbered {
	const literals = new Map<string, number>();
	const clauses = new Map<string, number>();
	const all: (readonly number[])[] = [];
	const numberOf = (clause: Clause): number => {
		const own = clause.map((literal) => numberIn(literals, literal)).sort((a, b) => a - b);
		const number = numberIn(clauses, own.join());
		all[number] = own;
		return number;
	};
	const needed = patterns.map((pattern) => pattern.clauses.map(numberOf));
	const entries = patterns.map(({ entry }) => (entry === null ? NONE : numberOf(entry)));
	return { literals: [...literals.keys()], clauses: all, needed, entries };
}

function numberIn(known: Map<string, number>, name: string): number {
	const number = known.get(name) ?? known.size;
	known.set(name, number);
	return number;
}

/** By literal the patterns that wait for it: each for that of its clauses whose commonest literal fewest patterns need. */
export function waitingOf(
	needed: readonly (readonly number[])[],
	clauses: readonly (readonly number[])[],
	literals: number,
): readonly (readonly number[])[] {
	const needs = new Int32Array(literals);
	const literalsOf = (clause: number): readonly number[] => clauses[clause] as readonly number[];
	for (const own of needed)
		for (const literal of own.flatMap(literalsOf)) needs[literal] = (needs[literal] as number) + 1;
	const costs = clauses.map((own) => own.reduce((most, literal) => Math.max(most, needs[literal] as number), 0));
	const waiting = Array.from({ length: literals }, (): number[] => []);
	for (const [id, own] of needed.entries()) {
		if (own.length === 0) continue;
		const rarest = own.reduce((best, clause) => ((costs[clause] as number) < (costs[best] as number) ? clause : best));
		for (const literal of literalsOf(rarest)) waiting[literal]?.push(id);
	}
	return waiting;
}
