/**
 * The positions of a pattern and which may follow which: Glushkov's automaton, with repetitions written out.
 *
 * Every step that reads a character is a position, numbered from 0 in the order of the pattern. Nothing else is a state, so
 * that a set of positions is all that a search has to remember. Assertions are guards on the edges.
 */
import { type RuneSet, union } from "./rune-set.ts";
import type { SyntaxNode } from "./syntax.ts";

/** Assertions that must hold between two characters; bits of a guard. */
export const GUARDS = { start: 1, end: 2, wordBoundary: 4, notWordBoundary: 8 } as const;

/** Positions by the guard under which they count. */
type Guarded = ReadonlyMap<number, readonly number[]>;

/** From each source to each target. */
export interface EdgeGroup {
	readonly guard: number;
	readonly sources: readonly number[];
	readonly targets: readonly number[];
}

export interface PositionGraph {
	/** What each position reads. */
	readonly sets: readonly RuneSet[];
	readonly first: Guarded;
	readonly last: Guarded;
	/** Guards under which the pattern matches the empty text. */
	readonly empty: ReadonlySet<number>;
	readonly edges: readonly EdgeGroup[];
	/** Were there so many edges that some were left out? Then nothing can be searched for with it. */
	readonly isCut: boolean;
}

/** Positions named by edges; what optional parts inside optional parts multiply to. */
const ENDS_MAX = 100_000;

/** Which way a text is read. */
export type Direction = "forward" | "backward";

/** Of a pattern, for texts that are read in a direction: read backward, its first positions are those at which a match ends. */
export function positionGraph(node: SyntaxNode, direction: Direction): PositionGraph {
	const builder = new GraphBuilder(direction);
	const { first, last, empty } = builder.add(node);
	return { sets: builder.sets, first, last, empty, edges: builder.edges, isCut: builder.isCut };
}

interface Fragment {
	readonly first: Guarded;
	readonly last: Guarded;
	readonly empty: ReadonlySet<number>;
}

const ALWAYS: ReadonlySet<number> = new Set([0]);
const NEVER: ReadonlySet<number> = new Set();
const NOWHERE: Guarded = new Map();
const NOTHING: Fragment = { first: NOWHERE, last: NOWHERE, empty: ALWAYS };

class GraphBuilder {
	readonly sets: RuneSet[] = [];
	readonly edges: EdgeGroup[] = [];
	isCut = false;
	readonly #direction: Direction;
	#ends = 0;

	constructor(direction: Direction) {
		this.#direction = direction;
	}

	add(node: SyntaxNode): Fragment {
		switch (node.kind) {
			case "empty":
				return NOTHING;
			case "assert":
				return { first: NOWHERE, last: NOWHERE, empty: new Set([GUARDS[node.what]]) };
			case "set":
				return this.#position(node.set);
			case "sequence": {
				const items = this.#direction === "forward" ? node.items : node.items.toReversed();
				return items.reduce((head, item) => this.#join(head, this.add(item)), NOTHING);
			}
			case "choice": {
				const set = asSet(node);
				return set === null ? node.options.map((option) => this.add(option)).reduce(either) : this.#position(set);
			}
			case "repeat":
				return this.#repeat(node);
		}
	}

	#position(set: RuneSet): Fragment {
		const here: Guarded = new Map([[0, [this.sets.length]]]);
		this.sets.push(set);
		return { first: here, last: here, empty: NEVER };
	}

	/** The copies one after the other; those beyond the least number may be left out from the end, and the last one may loop. */
	#repeat({ item, min, max }: Extract<SyntaxNode, { kind: "repeat" }>): Fragment {
		const copies = max ?? Math.max(1, min);
		let whole: Fragment = NOTHING;
		/** Where it may end before its last copy. */
		let ends: Guarded = NOWHERE;
		let empty: ReadonlySet<number> = min === 0 ? ALWAYS : NEVER;
		// Nothing can be searched for with what was cut: the rest of it is not worth its time.
		for (let count = 0; count < copies && !this.isCut; count++) {
			if (count > 0 && count >= min) {
				ends = merge(ends, whole.last);
				empty = new Set([...empty, ...whole.empty]);
			}
			const copy = this.add(item);
			if (max === null && count === copies - 1) this.#connect(copy.last, copy.first);
			whole = this.#join(whole, copy);
		}
		if (copies === 0) return NOTHING;
		return { first: whole.first, last: merge(ends, whole.last), empty: new Set([...empty, ...whole.empty]) };
	}

	#join(head: Fragment, tail: Fragment): Fragment {
		this.#connect(head.last, tail.first);
		return {
			first: merge(head.first, guarded(tail.first, head.empty)),
			last: merge(tail.last, guarded(head.last, tail.empty)),
			empty: new Set([...head.empty].flatMap((one) => [...tail.empty].map((other) => one | other))),
		};
	}

	#connect(last: Guarded, first: Guarded): void {
		for (const [out, sources] of last) {
			for (const [into, targets] of first) {
				this.#ends += sources.length + targets.length;
				if (this.#ends > ENDS_MAX) this.isCut = true;
				else this.edges.push({ guard: out | into, sources, targets });
			}
		}
	}
}

const either = (a: Fragment, b: Fragment): Fragment => ({
	first: merge(a.first, b.first),
	last: merge(a.last, b.last),
	empty: new Set([...a.empty, ...b.empty]),
});

/** One set in place of a choice of sets: what reads one character is one position. */
function asSet(node: SyntaxNode): RuneSet | null {
	if (node.kind === "set") return node.set;
	if (node.kind !== "choice") return null;
	const sets = node.options.map(asSet);
	return sets.every((set) => set !== null) ? union(...sets) : null;
}

function merge(a: Guarded, b: Guarded): Guarded {
	if (a.size === 0) return b;
	if (b.size === 0) return a;
	const merged = new Map(a);
	for (const [guard, positions] of b) {
		const known = merged.get(guard);
		merged.set(guard, known === undefined ? positions : [...known, ...positions]);
	}
	return merged;
}

/** Positions that count only where something beside them is empty. */
function guarded(positions: Guarded, empty: ReadonlySet<number>): Guarded {
	let found: Guarded = NOWHERE;
	for (const guard of empty) {
		// One at a time: two guards can become the same one.
		for (const [own, list] of positions) found = merge(found, new Map([[own | guard, list]]));
	}
	return found;
}
