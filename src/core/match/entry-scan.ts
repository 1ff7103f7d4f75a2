/** Where in a long text the literals are at which matches begin or end: all of those that are asked for in one reading. */
import type { Clause } from "./clause.ts";
import { LiteralAutomaton } from "./literal-automaton.ts";
import { shareClauses } from "./literal-scan.ts";

/** By pattern the places behind its literals, in ascending order. */
export interface Places {
	of(id: number): readonly number[] | undefined;
}

/** Places that are kept at most, for each code unit of the text: patterns that share literals find the same ones. */
const PLACES_MAX = 4;

export class EntryScan {
	readonly #automaton: LiteralAutomaton;
	/** By pattern: its clause; none for one that has no such literals. */
	readonly #clauseOf: readonly (number | undefined)[];

	constructor(literals: readonly (Clause | null)[]) {
		const { clauses, needed } = shareClauses(literals.map((clause) => (clause === null ? [] : [clause])));
		this.#automaton = new LiteralAutomaton(clauses);
		this.#clauseOf = needed.map(([clause]) => clause);
	}

	/** Null where there are too many to be kept: then the patterns have to read the text themselves. */
	read(text: string, ids: readonly number[]): Places | null {
		const places = new Map<number, number[]>();
		for (const id of ids) {
			const clause = this.#clauseOf[id];
			if (clause !== undefined) places.set(clause, []);
		}
		if (places.size > 0 && !this.#find(text, places)) return null;
		return { of: (id) => places.get(this.#clauseOf[id] ?? -1) };
	}

	#find(text: string, places: ReadonlyMap<number, number[]>): boolean {
		const { next, classOf, width, clausesAt } = this.#automaton;
		let room = PLACES_MAX * text.length;
		let state = 0;
		for (let offset = 0; offset < text.length; offset++) {
			state = next[state + (classOf[text.charCodeAt(offset)] as number)] as number;
			if (state >= 0) continue;
			state = ~state;
			const place = state / width;
			const end = clausesAt.first[place + 1] as number;
			for (let index = clausesAt.first[place] as number; index < end; index++) {
				const found = places.get(clausesAt.items[index] as number);
				if (found === undefined) continue;
				if (room === 0) return false;
				room -= 1;
				found.push(offset + 1);
			}
		}
		return true;
	}
}
