/**
 * Searches a text with a set of positions kept as bits. Sets that were met before are remembered with where they lead, so
 * that ordinary texts cost a look-up a character; a text that leads to ever new ones costs a few operations on words, however
 * hostile it is.
 *
 * After Wu and Manber, "Fast text searching allowing errors" (1992), and Navarro and Raffinot, "Fast and simple character
 * classes and bounded gaps pattern matching" (2003). The text is read from its end, so that the last start that is found is
 * the leftmost.
 */
import { type EdgeGroup, GUARDS, type PositionGraph, reversedGraph } from "../language/position-graph.ts";
import { contains, type RuneSet, WORD } from "../language/rune-set.ts";
import type { SyntaxNode } from "../language/syntax.ts";

/** Edges of one length: a shift of all their sources at once. */
interface Shift {
	readonly words: number;
	readonly bits: number;
	readonly sources: Int32Array;
	readonly from: number;
	readonly to: number;
}

interface Jump {
	readonly guard: number;
	readonly sources: Int32Array;
	readonly from: number;
	readonly to: number;
	readonly targets: Int32Array;
	readonly targetFrom: number;
	readonly targetTo: number;
}

/** A set of positions between two characters, and where it leads. */
interface State {
	readonly now: Int32Array;
	/** The character behind, or one like it; -1 at the end of the text. */
	readonly after: number;
	/** By class of the character before; the last for the beginning of the text. */
	readonly steps: (Step | undefined)[];
}

interface Step {
	/** Does a match begin here? */
	readonly accepts: boolean;
	/** Null: a state that there was no room for. */
	readonly to: State | null;
}

interface GuardedMask {
	readonly guard: number;
	readonly mask: Int32Array;
}

/** Steps that are remembered for one pattern. A text that leads to more is read without them. */
const STEPS_MAX = 8_192;
const FORGET_AFTER = 1_000_000;

/** What a shift and a jump take beside their words, in operations. */
const SHIFT_WORK = 1;
const JUMP_WORK = 3;
/** A character that leads to a state that is known. */
const REMEMBERED_WORK = 4;

/** Distances that get a shift of their own; edges of others are jumps. */
const SHIFTS_MAX = 12;
/** Groups with more edges than these are jumps. */
const SHIFTED_EDGES_MAX = 16;

export class BitSearch {
	readonly #words: number;
	readonly #isCut: boolean;
	readonly #bounds: readonly number[];
	/** Class of the code units below 256. */
	readonly #classOf = new Uint16Array(256);
	/** By class: which positions read it. */
	readonly #reads: Int32Array[] = [];
	/** By class: a code point of it. */
	readonly #likes: number[] = [];
	/** By place between bounds: the class; places that no position tells apart share one. */
	readonly #classes: number[] = [];
	readonly #starts: readonly GuardedMask[];
	readonly #ends: readonly GuardedMask[];
	readonly #empty: readonly number[];
	readonly #shifts: readonly Shift[];
	readonly #jumps: readonly Jump[];
	readonly #states = new Map<string, State>();
	#longCost: number | null = null;
	/** Characters read without a state, since states were forgotten. */
	#slowSteps = 0;

	constructor(tree: SyntaxNode) {
		const graph = reversedGraph(tree);
		const words = (graph.sets.length + 31) >> 5;
		this.#words = words;
		this.#isCut = graph.isCut;
		// Word characters are told apart, so that a state's class says what `\b` needs.
		this.#bounds = boundsOf([WORD, ...graph.sets]);
		const classes = new Map<string, number>();
		for (const rune of [0, ...this.#bounds]) {
			const mask = maskOf(words, positionsReading(graph, rune));
			const key = `${isWord(rune)}${mask.join()}`;
			const known = classes.get(key) ?? this.#reads.length;
			this.#classes.push(known);
			if (known < this.#reads.length) continue;
			classes.set(key, known);
			this.#reads.push(mask);
			this.#likes.push(rune);
		}
		for (let unit = 0; unit < 256; unit++) this.#classOf[unit] = this.#classes[classIn(this.#bounds, unit)] as number;
		this.#starts = [...graph.first].map(([guard, positions]) => ({ guard, mask: maskOf(words, positions) }));
		this.#ends = [...graph.last].map(([guard, positions]) => ({ guard, mask: maskOf(words, positions) }));
		this.#empty = [...graph.empty];
		const { shifts, jumps } = edgesOf(graph.edges, words);
		this.#shifts = shifts;
		this.#jumps = jumps;
	}

	/** Operations on words that one character can take; infinite for a pattern that must not be searched for. */
	get cost(): number {
		if (this.#isCut) return Number.POSITIVE_INFINITY;
		const masks = this.#starts.length + this.#ends.length + 2;
		const shifts = this.#shifts.reduce((sum, { from, to }) => sum + to - from + SHIFT_WORK, 0);
		const jumps = this.#jumps.reduce((sum, of) => sum + of.to - of.from + of.targetTo - of.targetFrom + JUMP_WORK, 0);
		return this.#words * masks + shifts + jumps;
	}

	/**
	 * The same for a long text: next to nothing where all states that any text can lead to are few enough to be remembered,
	 * which is found out here, once. Depends on the pattern alone.
	 */
	get longCost(): number {
		this.#longCost ??= this.#isClosed() ? REMEMBERED_WORK : this.cost;
		return this.#longCost;
	}

	#isClosed(): boolean {
		if (this.#isCut) return false;
		this.#forget();
		const states = [this.#state(new Int32Array(this.#words), -1) as State];
		const seen = new Set(states);
		for (let head = 0; head < states.length; head++) {
			const state = states[head] as State;
			for (let symbol = 0; symbol <= this.#reads.length; symbol++) {
				const { to } = state.steps[symbol] ?? this.#learn(state, symbol);
				if (to === null) {
					this.#forget();
					return false;
				}
				if (seen.has(to)) continue;
				seen.add(to);
				states.push(to);
			}
		}
		return true;
	}

	/** Where the leftmost match begins, or with `any` some match; -1: there is none. */
	begin(text: string, want: "leftmost" | "any"): number {
		if (this.#slowSteps > FORGET_AFTER) this.#forget();
		let state = this.#state(new Int32Array(this.#words), -1) as State;
		let found = -1;
		for (let at = text.length; ; ) {
			const rune = at === 0 ? -1 : runeBefore(text, at);
			const symbol = rune < 0 ? this.#reads.length : this.#classIndex(rune);
			const step = state.steps[symbol] ?? this.#learn(state, symbol);
			if (step.accepts) {
				found = at;
				if (want === "any") return found;
			}
			if (at === 0) return found;
			if (step.to === null) return this.#beginSlowly(text, at, { want, found, state });
			state = step.to;
			at -= rune > 0xffff ? 2 : 1;
		}
	}

	/** The same from `start` downwards, without remembering what was seen: there was too much of it. */
	#beginSlowly(
		text: string,
		start: number,
		so: { readonly want: "leftmost" | "any"; readonly found: number; readonly state: State },
	): number {
		let now = so.state.now.slice();
		let next = new Int32Array(this.#words);
		let { found } = so;
		let { after } = so.state;
		for (let at = start; ; ) {
			const rune = at === 0 ? -1 : runeBefore(text, at);
			const holds = guardsBetween(rune, after);
			if (at < start && this.#accepts(now, holds)) {
				found = at;
				if (so.want === "any") return found;
			}
			if (at === 0) return found;
			this.#advance(now, next, { holds, reads: this.#reads[this.#classIndex(rune)] as Int32Array });
			this.#slowSteps += 1;
			[now, next] = [next, now];
			after = rune;
			at -= rune > 0xffff ? 2 : 1;
		}
	}

	#learn(state: State, symbol: number): Step {
		const rune = this.#likes[symbol] ?? -1;
		const holds = guardsBetween(rune, state.after);
		const accepts = this.#accepts(state.now, holds);
		if (rune < 0) return this.#keep(state, symbol, { accepts, to: state });
		const next = new Int32Array(this.#words);
		this.#advance(state.now, next, { holds, reads: this.#reads[symbol] as Int32Array });
		const to = this.#state(next, rune);
		return to === null ? { accepts, to } : this.#keep(state, symbol, { accepts, to });
	}

	#keep(state: State, symbol: number, step: Step): Step {
		state.steps[symbol] = step;
		return step;
	}

	/** The state of a set of positions before a character, known or new; null: there are too many already. */
	#state(now: Int32Array, after: number): State | null {
		const side = after < 0 ? "e" : isWord(after) ? "w" : "n";
		const key = `${side}${now.join()}`;
		const known = this.#states.get(key);
		if (known !== undefined) return known;
		if (this.#states.size * this.#reads.length >= STEPS_MAX) return null;
		const state: State = { now, after, steps: new Array<Step | undefined>(this.#reads.length + 1).fill(undefined) };
		this.#states.set(key, state);
		return state;
	}

	#forget(): void {
		this.#states.clear();
		this.#slowSteps = 0;
	}

	#accepts(now: Int32Array, holds: number): boolean {
		for (const guard of this.#empty) if ((guard & ~holds) === 0) return true;
		for (const { guard, mask } of this.#ends) {
			if ((guard & ~holds) !== 0) continue;
			for (let word = 0; word < now.length; word++)
				if (((now[word] as number) & (mask[word] as number)) !== 0) return true;
		}
		return false;
	}

	/** The positions after one more character, into `next`. */
	#advance(now: Int32Array, next: Int32Array, by: { readonly holds: number; readonly reads: Int32Array }): void {
		const { holds, reads } = by;
		const words = this.#words;
		next.fill(0);
		for (const { guard, mask } of this.#starts) {
			if ((guard & ~holds) !== 0) continue;
			for (let word = 0; word < words; word++) next[word] = (next[word] as number) | (mask[word] as number);
		}
		this.#follow(now, next, holds);
		for (let word = 0; word < words; word++) next[word] = (next[word] as number) & (reads[word] as number);
	}

	#follow(now: Int32Array, next: Int32Array, holds: number): void {
		const words = this.#words;
		for (const { words: by, bits, sources, from, to } of this.#shifts) {
			for (let word = from; word < to; word++) {
				const source = (now[word] as number) & (sources[word] as number);
				if (source === 0) continue;
				const low = word + by;
				next[low] = (next[low] as number) | (source << bits);
				if (bits > 0 && low + 1 < words) next[low + 1] = (next[low + 1] as number) | (source >>> (32 - bits));
			}
		}
		for (const jump of this.#jumps) {
			if ((jump.guard & ~holds) !== 0 || !meets(now, jump)) continue;
			const { targets, targetFrom, targetTo } = jump;
			for (let word = targetFrom; word < targetTo; word++)
				next[word] = (next[word] as number) | (targets[word] as number);
		}
	}

	#classIndex(rune: number): number {
		return rune < 256 ? (this.#classOf[rune] as number) : (this.#classes[classIn(this.#bounds, rune)] as number);
	}
}

function meets(now: Int32Array, { sources, from, to }: Jump): boolean {
	for (let word = from; word < to; word++) if (((now[word] as number) & (sources[word] as number)) !== 0) return true;
	return false;
}

/** The code point that ends before `at`; half a pair is itself. */
function runeBefore(text: string, at: number): number {
	const unit = text.charCodeAt(at - 1);
	if (unit < 0xdc00 || unit > 0xdfff || at < 2) return unit;
	const lead = text.charCodeAt(at - 2);
	return lead >= 0xd800 && lead <= 0xdbff ? ((lead - 0xd800) << 10) + unit - 0xdc00 + 0x10000 : unit;
}

/** What holds between two characters; -1 stands for an end of the text. */
function guardsBetween(before: number, after: number): number {
	const edges = (before < 0 ? GUARDS.start : 0) | (after < 0 ? GUARDS.end : 0);
	return edges | (isWord(before) === isWord(after) ? GUARDS.notWordBoundary : GUARDS.wordBoundary);
}

const WORDS = Uint8Array.from({ length: 128 }, (_, rune) => (contains(WORD, rune) ? 1 : 0));
const isWord = (rune: number): boolean => rune >= 0 && rune < 128 && WORDS[rune] === 1;

/** Where classes of code points begin, beside the first at 0: no set tells two of one class apart. */
function boundsOf(sets: readonly RuneSet[]): readonly number[] {
	const bounds = new Set<number>();
	for (const set of new Set(sets)) {
		for (let at = 0; at < set.length; at += 2) {
			bounds.add(set[at] as number);
			bounds.add((set[at + 1] as number) + 1);
		}
	}
	bounds.delete(0);
	bounds.delete(0x110000);
	return [...bounds].sort((a, b) => a - b);
}

/** How many bounds do not lie above the code point. */
function classIn(bounds: readonly number[], rune: number): number {
	let low = 0;
	let high = bounds.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((bounds[middle] as number) <= rune) low = middle + 1;
		else high = middle;
	}
	return low;
}

function positionsReading({ sets }: PositionGraph, rune: number): number[] {
	const answers = new Map<RuneSet, boolean>();
	const found: number[] = [];
	for (const [position, set] of sets.entries()) {
		let reads = answers.get(set);
		if (reads === undefined) {
			reads = contains(set, rune);
			answers.set(set, reads);
		}
		if (reads) found.push(position);
	}
	return found;
}

function maskOf(words: number, positions: readonly number[]): Int32Array {
	const mask = new Int32Array(words);
	for (const position of positions) mask[position >> 5] = (mask[position >> 5] as number) | (1 << (position & 31));
	return mask;
}

/** Edges that many positions have alike become shifts; groups to the same targets become one jump. */
function edgesOf(edges: readonly EdgeGroup[], words: number): { shifts: readonly Shift[]; jumps: readonly Jump[] } {
	const byDistance = new Map<number, number[]>();
	const groups: EdgeGroup[] = [];
	for (const edge of edges) {
		if (edge.guard !== 0 || !isShiftable(edge)) {
			groups.push(edge);
			continue;
		}
		for (const source of edge.sources) {
			for (const target of edge.targets) {
				const sources = byDistance.get(target - source);
				if (sources === undefined) byDistance.set(target - source, [source]);
				else sources.push(source);
			}
		}
	}
	const distances = [...byDistance].sort((a, b) => b[1].length - a[1].length || a[0] - b[0]);
	for (const [distance, sources] of distances.slice(SHIFTS_MAX)) {
		for (const source of sources) groups.push({ guard: 0, sources: [source], targets: [source + distance] });
	}
	const shifts = distances.slice(0, SHIFTS_MAX).map(([distance, sources]) => {
		const mask = maskOf(words, sources);
		return { words: distance >> 5, bits: distance & 31, sources: mask, ...rangeOf(sources) };
	});
	return { shifts, jumps: jumpsOf(groups, words) };
}

const isShiftable = ({ sources, targets }: EdgeGroup): boolean =>
	sources.length * targets.length <= SHIFTED_EDGES_MAX &&
	sources.every((source) => targets.every((target) => target > source));

function jumpsOf(groups: readonly EdgeGroup[], words: number): Jump[] {
	const byTargets = new Map<string, { guard: number; sources: number[]; targets: readonly number[] }>();
	for (const { guard, sources, targets } of groups) {
		const key = `${guard}:${targets.join(",")}`;
		const known = byTargets.get(key);
		if (known === undefined) byTargets.set(key, { guard, sources: [...sources], targets });
		else known.sources.push(...sources);
	}
	return [...byTargets.values()].map(({ guard, sources, targets }) => {
		const range = rangeOf(targets);
		return {
			guard,
			sources: maskOf(words, sources),
			...rangeOf(sources),
			targets: maskOf(words, targets),
			targetFrom: range.from,
			targetTo: range.to,
		};
	});
}

function rangeOf(positions: readonly number[]): { from: number; to: number } {
	let low = Number.MAX_SAFE_INTEGER;
	let high = 0;
	for (const position of positions) {
		low = Math.min(low, position >> 5);
		high = Math.max(high, (position >> 5) + 1);
	}
	return { from: Math.min(low, high), to: high };
}
