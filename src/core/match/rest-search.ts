/**
 * Patterns of which literals tell little or nothing, such as those of addresses and hashes: each would read the whole of every text.
 * They are searched for in groups, whose members read it together.
 */
import { expandedSize, type SyntaxNode } from "../language/syntax.ts";
import { GroupSearch } from "./group-search.ts";

const NO_GROUP = -1;

/** Steps of all patterns of a group: as many as keep a character below what one pattern may cost. */
const GROUP_SIZE_MAX = 256;

/** Fewer of a group are searched for one by one. */
const TOGETHER_MIN = 2;

interface Group {
	readonly trees: SyntaxNode[];
	size: number;
	/** Made when first needed. */
	search: GroupSearch | null;
	/** Of those that are looked for in the text. */
	asked: number;
}

export class RestSearch {
	/** What was read last. */
	text = "";
	readonly #groups: Group[] = [];
	/** By pattern: its group, and its place in that. */
	readonly #groupOf: Int32Array;
	readonly #placeOf: Int32Array;

	/** By pattern; null: it is not one of them. */
	constructor(trees: readonly (SyntaxNode | null)[]) {
		this.#groupOf = new Int32Array(trees.length).fill(NO_GROUP);
		this.#placeOf = new Int32Array(trees.length);
		for (const [id, tree] of trees.entries()) if (tree !== null) this.#add(id, tree);
	}

	/** Searches a text for those that are asked for. */
	read(text: string, ids: readonly number[]): void {
		this.text = text;
		if (this.#groups.length === 0) return;
		for (const group of this.#groups) group.asked = 0;
		for (const id of ids) {
			const group = this.#groups[this.#groupOf[id] as number];
			if (group !== undefined) group.asked += 1;
		}
		for (const group of this.#groups) {
			if (group.asked < TOGETHER_MIN) continue;
			group.search ??= new GroupSearch(group.trees);
			group.search.read(text);
		}
	}

	/** Where the leftmost match of a pattern begins; -1: there is none; undefined: not known. */
	beginOf(id: number): number | undefined {
		const group = this.#groups[this.#groupOf[id] as number];
		if (group === undefined || group.asked < TOGETHER_MIN) return undefined;
		return group.search?.begins[this.#placeOf[id] as number];
	}

	#add(id: number, tree: SyntaxNode): void {
		const size = expandedSize(tree);
		let group = this.#groups.at(-1);
		if (group === undefined || group.size + size > GROUP_SIZE_MAX) {
			group = { trees: [], size: 0, search: null, asked: 0 };
			this.#groups.push(group);
		}
		this.#groupOf[id] = this.#groups.length - 1;
		this.#placeOf[id] = group.trees.length;
		group.trees.push(tree);
		group.size += size;
	}
}
