/**
 * Searches a text for several patterns at once, from its end: for those without literals that would tell where to look, of which each
 * would otherwise read all of it.
 */
import { positionGraph } from "../language/position-graph.ts";
import type { SyntaxNode } from "../language/syntax.ts";
import { PositionSteps } from "./position-steps.ts";
import { StateSearch } from "./state-search.ts";

export class GroupSearch {
	/** By pattern: where its leftmost match in the text that was read last begins; -1: it has none. */
	readonly begins: Int32Array;
	readonly #steps: PositionSteps;
	readonly #search: StateSearch;

	constructor(trees: readonly SyntaxNode[]) {
		this.begins = new Int32Array(trees.length);
		this.#steps = new PositionSteps(trees.map((tree) => positionGraph(tree, "backward")));
		this.#search = new StateSearch(this.#steps, "backward");
	}

	/** Operations that one character can take. */
	get cost(): number {
		return this.#steps.cost;
	}

	read(text: string): void {
		this.begins.fill(-1);
		const onMatch = (offset: number, now: Int32Array, holds: number): void => {
			// Read from the end: the last that is found is the leftmost.
			for (const place of this.#steps.complete(now, holds)) this.begins[place] = offset;
		};
		this.#search.find(text, { from: text.length, to: 0, want: "last", settledFrom: null, onMatch });
	}
}
