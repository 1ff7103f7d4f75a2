/**
 * The shortest text that some automata accept and others do not: a search by breadth.
 *
 * Texts are tried by length, then letter by letter in the order of the letters, so that the first that is found is the shortest, and
 * of those the one that reads most easily.
 */
import { isHalf, type Letter } from "./alphabet.ts";
import { type Automata, type Node, Product } from "./product.ts";
import type { Work } from "./work.ts";

/** Null: there is no such text of at most this many code points. Throws `Undecided`. */
export function searchText(automata: Automata, work: Work, lengthMax = Number.POSITIVE_INFINITY): string | null {
	const product = new Product(automata, work);
	// Half a pair is a witness only if nothing else is.
	const whole = product.letters.filter((letter) => !isHalf(letter));
	const found = searchOf(product, work, { letters: whole, lengthMax });
	return found !== null || whole.length === product.letters.length
		? found
		: searchOf(product, work, { letters: product.letters, lengthMax });
}

/** A text, as what it adds to a shorter one. */
interface Prefix {
	readonly before: Prefix | null;
	readonly letter: Letter | null;
	readonly length: number;
	readonly nodes: readonly Node[];
}

function searchOf(
	product: Product,
	work: Work,
	{ letters, lengthMax }: { readonly letters: readonly Letter[]; readonly lengthMax: number },
): string | null {
	if (product.accepts(product.begin)) return "";
	const seen = new Seen(product, work);
	const queue: Prefix[] = [{ before: null, letter: null, length: 0, nodes: [product.begin] }];
	for (const prefix of queue) {
		if (prefix.length >= lengthMax) return null;
		const open = prefix.nodes.filter((node) => !seen.isCovered(node));
		for (const letter of letters) {
			const nodes = open
				.flatMap((node) => product.after(node, letter))
				.filter((node) => seen.add(node, prefix.length + 1));
			if (nodes.length === 0) continue;
			const longer = { before: prefix, letter, length: prefix.length + 1, nodes };
			if (nodes.some((node) => product.accepts(node))) return textOf(longer);
			queue.push(longer);
		}
	}
	return null;
}

/** Nodes that a new one is compared with, beside those that are the same. */
const COMPARED_MAX = 64;

/** What a node takes in memory, as steps. */
const NODE_STEPS = 8;

interface Reached {
	readonly node: Node;
	/** Of the text that led there. */
	readonly length: number;
}

/**
 * Nodes that were reached. A node is not gone on from if another one, of a text that is no longer, leads to whatever is accepted
 * from it.
 */
class Seen {
	readonly #product: Product;
	readonly #work: Work;
	readonly #same = new Set<string>();
	/** By the states of the automata that must accept: nodes that none of the others covers. */
	readonly #least = new Map<string, Reached[]>();
	readonly #covered = new Set<Node>();

	constructor(product: Product, work: Work) {
		this.#product = product;
		this.#work = work;
	}

	/** Is it new, and covered by no earlier one? Nodes of longer texts come after those of shorter ones. */
	add(node: Node, length: number): boolean {
		const key = node.all.join();
		const whole = `${key};${node.none.join()}`;
		if (this.#same.has(whole)) return false;
		this.#same.add(whole);
		this.#work.spend(NODE_STEPS);
		const least = this.#least.get(key) ?? [];
		if (least.some((earlier) => this.#product.covers(earlier.node, node))) return false;
		const rest: Reached[] = [];
		for (const earlier of least) {
			if (!this.#product.covers(node, earlier.node)) rest.push(earlier);
			else if (earlier.length === length) this.#covered.add(earlier.node);
		}
		if (rest.length < COMPARED_MAX) rest.push({ node, length });
		this.#least.set(key, rest);
		return true;
	}

	/** Has a later one of a text of the same length made it needless? */
	isCovered(node: Node): boolean {
		return this.#covered.has(node);
	}
}

function textOf(last: Prefix): string {
	const runes: number[] = [];
	for (let prefix: Prefix | null = last; prefix?.letter != null; prefix = prefix.before) runes.push(prefix.letter.rune);
	return runes
		.reverse()
		.map((rune) => String.fromCodePoint(rune))
		.join("");
}
