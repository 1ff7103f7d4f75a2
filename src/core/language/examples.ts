/** Examples of the texts of a language: random walks through its automata, repeatable by their seed. */
import { isAscii, isHalf, type Letter } from "./alphabet.ts";
import type { Language } from "./language.ts";
import { type Automata, type Node, Product } from "./product.ts";
import { shortestText } from "./questions.ts";
import { automataOf } from "./term-search.ts";
import { termsOf } from "./terms.ts";
import { Undecided, Work } from "./work.ts";

export interface ExampleOptions {
	/** The same seed gives the same texts: a whole number. */
	readonly seed: number;
	/** How many texts at most; fewer where the language has fewer, or shows no more of them. */
	readonly count: number;
}

/** Different texts of the language, the shortest first; none where none was found, which does not prove that there is none. */
export function exampleTexts(language: Language, { seed, count }: ExampleOptions): readonly string[] {
	const walks = (termsOf(language) ?? []).flatMap((term) => {
		try {
			return new Walks(automataOf(term));
		} catch (thrown) {
			if (thrown instanceof Undecided) return [];
			throw thrown;
		}
	});
	const chance = chances(seed);
	const shortest = shortestText(language);
	const texts = new Set(shortest.is === "text" ? [shortest.text] : []);
	for (let turn = 0; turn < count * TURNS && texts.size < count; turn++) {
		const text = walks[turn % walks.length]?.walk(chance) ?? null;
		if (text !== null) texts.add(text);
	}
	return [...texts].slice(0, count);
}

/** Walks for each text that is asked for: some end at a text that is known. */
const TURNS = 10;
/** Nodes that are looked at, the nearest to the beginning first. */
const NODES_MAX = 5_000;
const STEPS_MAX = 2_000_000;
/** Steps after which a walk takes the shortest way out. */
const LENGTH_MAX = 12;
/** How often a walk goes on from where it could end. */
const ON = 2 / 3;
/** How often a step is taken with ASCII alone, where that is possible. */
const PLAIN = 15 / 16;

/** A number from 0 up to, but not including, 1. */
type Chance = () => number;

interface Place {
	readonly accepts: boolean;
	/** By place that can be reached: the letters that lead there. */
	readonly ways: Map<number, Letter[]>;
	/** Letters to the nearest place that accepts. */
	distance: number;
}

class Walks {
	readonly #places: readonly Place[];

	constructor(automata: Automata) {
		this.#places = explore(new Product(automata, new Work(STEPS_MAX)));
	}

	walk(chance: Chance): string | null {
		let place = this.#places[0] as Place;
		if (place.distance === Number.POSITIVE_INFINITY) return null;
		let text = "";
		for (let length = 0; ; length++) {
			const isLate = length >= LENGTH_MAX;
			if (place.accepts && chance() > ON) return text;
			const { distance } = place;
			const ways = [...place.ways].filter(([to]) => {
				const next = (this.#places[to] as Place).distance;
				return isLate ? next < distance : next < Number.POSITIVE_INFINITY;
			});
			// Only where it ends here, it goes nowhere.
			if (ways.length === 0) return text;
			const [to, letters] = pick(
				plainOf(ways, ([, letters]) => letters.some(isAscii), chance),
				chance(),
			);
			text += runeOf(letters, chance);
			place = this.#places[to] as Place;
		}
	}
}

/** The places near the beginning, as many as are worth it. */
function explore(product: Product): readonly Place[] {
	const letters = product.letters.filter((letter) => !isHalf(letter));
	const numbers = new Map<string, number>();
	const nodes: Node[] = [];
	const places: Place[] = [];
	const reach = (node: Node): number | null => {
		const key = `${node.all.join()};${node.none.join()}`;
		const known = numbers.get(key);
		if (known !== undefined) return known;
		if (nodes.length === NODES_MAX) return null;
		numbers.set(key, nodes.length);
		const accepts = product.accepts(node);
		places.push({ accepts, ways: new Map(), distance: accepts ? 0 : Number.POSITIVE_INFINITY });
		return nodes.push(node) - 1;
	};
	const go = (from: number, node: Node, letter: Letter): void => {
		const { ways } = places[from] as Place;
		for (const to of product.after(node, letter).map(reach)) {
			if (to === null) continue;
			const known = ways.get(to);
			if (known === undefined) ways.set(to, [letter]);
			else known.push(letter);
		}
	};
	reach(product.begin);
	try {
		for (const [from, node] of nodes.entries()) for (const letter of letters) go(from, node, letter);
	} catch (thrown) {
		// What was reached until then is there.
		if (!(thrown instanceof Undecided)) throw thrown;
	}
	measure(places);
	return places;
}

/** Finds each place's distance, backward from those that accept. */
function measure(places: readonly Place[]): void {
	const sources = places.map((): number[] => []);
	for (const [from, { ways }] of places.entries()) for (const to of ways.keys()) sources[to]?.push(from);
	const queue = [...places.keys()].filter((place) => places[place]?.accepts);
	for (const to of queue) {
		for (const from of sources[to] as readonly number[]) {
			const place = places[from] as Place;
			if (place.distance < Number.POSITIVE_INFINITY) continue;
			place.distance = (places[to] as Place).distance + 1;
			queue.push(from);
		}
	}
}

/** Readable letters are taken more often: they are the first. */
function runeOf(letters: readonly Letter[], chance: Chance): string {
	const { ranges } = pick(plainOf(letters, isAscii, chance), chance() ** 2);
	const [low, high] = pick(ranges, chance());
	return String.fromCodePoint(low + Math.floor(chance() * (high - low + 1)));
}

/** Those of ASCII, mostly, if there are any. */
function plainOf<T>(list: readonly T[], isPlain: (one: T) => boolean, chance: Chance): readonly T[] {
	const plain = list.filter(isPlain);
	return plain.length === 0 || chance() > PLAIN ? list : plain;
}

const pick = <T>(list: readonly T[], chance: number): T => list[Math.floor(chance * list.length)] as T;

/** Mulberry32. */
function chances(seed: number): Chance {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
