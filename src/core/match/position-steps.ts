/**
 * One step of a search with a set of positions kept as bits: which positions the next character leads to.
 *
 * After Wu and Manber, "Fast text searching allowing errors" (1992), and Navarro and Raffinot, "Fast and simple character
 * classes and bounded gaps pattern matching" (2003).
 */
import type { EdgeGroup, PositionGraph } from "../language/position-graph.ts";
import { contains, type RuneSet } from "../language/rune-set.ts";
import type { Advance, Steps } from "./steps.ts";

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

interface GuardedMask {
	readonly guard: number;
	readonly mask: Int32Array;
}

interface Ends {
	readonly ends: readonly GuardedMask[];
	/** Guards under which a match is complete with nothing read. */
	readonly empty: readonly number[];
}

/** What a shift and a jump take beside their words, in operations. */
const SHIFT_WORK = 1;
const JUMP_WORK = 3;

/** Distances that get a shift of their own; edges of others are jumps. */
const SHIFTS_MAX = 12;
/** Groups with more edges than these are jumps. */
const SHIFTED_EDGES_MAX = 16;

export class PositionSteps implements Steps {
	readonly words: number;
	readonly sets: readonly RuneSet[];
	readonly #isCut: boolean;
	/** By what they read: the positions that read it. */
	readonly #readers: ReadonlyMap<RuneSet, Int32Array>;
	readonly #starts: readonly GuardedMask[];
	/** By pattern, and of all together: where a match is complete. */
	readonly #members: readonly Ends[];
	readonly #whole: Ends;
	readonly #shifts: readonly Shift[];
	readonly #jumps: readonly Jump[];

	/** Of several patterns they are taken at once. */
	constructor(graphs: readonly PositionGraph[]) {
		const sets = graphs.flatMap((graph) => graph.sets);
		const words = (sets.length + 31) >> 5;
		this.words = words;
		this.sets = sets;
		this.#isCut = graphs.some(({ isCut }) => isCut);
		const readers = Map.groupBy(sets.keys(), (position) => sets[position] as RuneSet);
		this.#readers = new Map([...readers].map(([set, positions]) => [set, maskOf(words, positions)]));
		const starts = new Map<number, number[]>();
		const lasts = new Map<number, number[]>();
		const empty = new Set<number>();
		const edges: EdgeGroup[] = [];
		let offset = 0;
		this.#members = graphs.map((graph) => {
			const moved = (positions: readonly number[]): readonly number[] => positions.map((position) => position + offset);
			for (const [guard, positions] of graph.first) addTo(starts, guard, moved(positions));
			for (const [guard, positions] of graph.last) addTo(lasts, guard, moved(positions));
			for (const guard of graph.empty) empty.add(guard);
			for (const { guard, sources, targets } of graph.edges) {
				edges.push({ guard, sources: moved(sources), targets: moved(targets) });
			}
			const ends = [...graph.last].map(([guard, positions]) => ({ guard, mask: maskOf(words, moved(positions)) }));
			offset += graph.sets.length;
			return { ends, empty: [...graph.empty] };
		});
		this.#starts = [...starts].map(([guard, positions]) => ({ guard, mask: maskOf(words, positions) }));
		this.#whole = {
			ends: [...lasts].map(([guard, positions]) => ({ guard, mask: maskOf(words, positions) })),
			empty: [...empty],
		};
		const { shifts, jumps } = edgesOf(edges, words);
		this.#shifts = shifts;
		this.#jumps = jumps;
	}

	get cost(): number {
		if (this.#isCut) return Number.POSITIVE_INFINITY;
		const masks = this.#starts.length + this.#whole.ends.length + 2;
		const shifts = this.#shifts.reduce((sum, { from, to }) => sum + to - from + SHIFT_WORK, 0);
		const jumps = this.#jumps.reduce(
			(sum, { from, to, targetFrom, targetTo }) => sum + to - from + targetTo - targetFrom + JUMP_WORK,
			0,
		);
		return this.words * masks + shifts + jumps;
	}

	/** Nothing: a match may begin before any character. */
	begin(): Int32Array {
		return new Int32Array(this.words);
	}

	reading(rune: number): Int32Array {
		const mask = new Int32Array(this.words);
		for (const [set, positions] of this.#readers) {
			if (!contains(set, rune)) continue;
			for (let word = 0; word < mask.length; word++) mask[word] = (mask[word] as number) | (positions[word] as number);
		}
		return mask;
	}

	accepts(now: Int32Array, holds: number): boolean {
		return isComplete(this.#whole, now, holds);
	}

	/** The patterns of which a match is complete, by their places among the patterns. */
	complete(now: Int32Array, holds: number): readonly number[] {
		return this.#members.flatMap((member, place) => (isComplete(member, now, holds) ? [place] : []));
	}

	advance(now: Int32Array, next: Int32Array, { holds, reads }: Advance): void {
		const { words } = this;
		next.fill(0);
		for (const { guard, mask } of this.#starts) {
			if ((guard & ~holds) !== 0) continue;
			for (let word = 0; word < words; word++) next[word] = (next[word] as number) | (mask[word] as number);
		}
		this.#follow(now, next, holds);
		for (let word = 0; word < words; word++) next[word] = (next[word] as number) & (reads[word] as number);
	}

	#follow(now: Int32Array, next: Int32Array, holds: number): void {
		const { words } = this;
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
}

function isComplete({ ends, empty }: Ends, now: Int32Array, holds: number): boolean {
	for (const guard of empty) if ((guard & ~holds) === 0) return true;
	for (const { guard, mask } of ends) {
		if ((guard & ~holds) !== 0) continue;
		for (let word = 0; word < now.length; word++)
			if (((now[word] as number) & (mask[word] as number)) !== 0) return true;
	}
	return false;
}

function meets(now: Int32Array, { sources, from, to }: Jump): boolean {
	for (let word = from; word < to; word++) if (((now[word] as number) & (sources[word] as number)) !== 0) return true;
	return false;
}

function addTo(guarded: Map<number, number[]>, guard: number, positions: readonly number[]): void {
	const known = guarded.get(guard);
	if (known === undefined) guarded.set(guard, [...positions]);
	else for (const position of positions) known.push(position);
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
