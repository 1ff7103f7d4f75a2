/**
 * Where in a text a match can begin or end: what a search of a long text may skip the rest by.
 *
 * A pattern whose matches all begin (or end) with one of a few literals is looked for around those alone; one that is tied to
 * an end of the text is looked for there.
 */
import type { SyntaxNode } from "../language/syntax.ts";
import {
	bounded,
	CLAUSE_MAX,
	type Clause,
	eitherOf,
	fewRunes,
	isTelling,
	LITERAL_LENGTH_MAX,
	product,
	unique,
	usable,
	worth,
} from "./clause.ts";

type Side = "begin" | "end";

export type MatchEntry =
	/** Every match is at this end of the text. */
	| { readonly kind: "tied"; readonly side: Side }
	/** Every match has one of the literals at this end of it. */
	| { readonly kind: "literals"; readonly side: Side; readonly literals: Clause }
	| { readonly kind: "anywhere" };

/** Bits from which on it is better to begin where matches begin: the first that is found there is the leftmost. */
const RARE_ENOUGH = 12;

export function matchEntry(node: SyntaxNode): MatchEntry {
	for (const side of ["end", "begin"] as const) if (isTied(node, side)) return { kind: "tied", side };
	const ends = telling(node, "end");
	const begins = telling(node, "begin");
	const isBeginRare = begins !== null && worth(begins) >= Math.min(RARE_ENOUGH, ends === null ? 0 : worth(ends));
	if (ends !== null && !isBeginRare) {
		return { kind: "literals", side: "end", literals: unique(ends.map((text) => text.slice(-LITERAL_LENGTH_MAX))) };
	}
	if (begins === null) return { kind: "anywhere" };
	return { kind: "literals", side: "begin", literals: unique(begins.map((text) => text.slice(0, LITERAL_LENGTH_MAX))) };
}

function telling(node: SyntaxNode, side: Side): Clause | null {
	const { exact, outer } = learn(node, side);
	const literals = usable(exact) ?? outer;
	return literals !== null && isTelling(literals) ? literals : null;
}

/** Must a match begin at the text's beginning, or end at its end? */
function isTied(node: SyntaxNode, side: Side): boolean {
	switch (node.kind) {
		case "assert":
			return node.what === (side === "begin" ? "start" : "end");
		case "sequence": {
			const outermost = node.items.at(side === "begin" ? 0 : -1);
			return outermost !== undefined && isTied(outermost, side);
		}
		case "choice":
			return node.options.every((option) => isTied(option, side));
		case "empty":
		case "set":
		case "repeat":
			return false;
	}
}

/** What is known of the texts that a node matches. */
interface Knowledge {
	/** All of them, if they are few. */
	readonly exact: Clause | null;
	/** Literals of which each has one at its end; null if nothing is known. */
	readonly outer: Clause | null;
}

const UNKNOWN: Knowledge = { exact: null, outer: null };

function learn(node: SyntaxNode, side: Side): Knowledge {
	switch (node.kind) {
		case "empty":
		case "assert":
			return { exact: [""], outer: null };
		case "set":
			return { exact: fewRunes(node.set, false), outer: null };
		case "sequence":
			return ofSequence(side === "begin" ? node.items : node.items.toReversed(), side);
		case "choice": {
			const options = node.options.map((option) => learn(option, side));
			const exact = eitherOf(options.map((option) => option.exact));
			const outers = options.map((option) => usable(option.exact) ?? option.outer);
			const outer = outers.every((each) => each !== null) ? unique(outers.flat()) : null;
			return { exact, outer: outer !== null && outer.length <= CLAUSE_MAX ? outer : null };
		}
		case "repeat": {
			if (node.min === 0) return UNKNOWN;
			const item = learn(node.item, side);
			if (node.min === 1 && node.max === 1) return item;
			return { exact: null, outer: usable(item.exact) ?? item.outer };
		}
	}
}

/** `items` from the outermost inwards. */
function ofSequence(items: readonly SyntaxNode[], side: Side): Knowledge {
	const beside = (outer: Clause, inner: Clause): Clause | null =>
		bounded(side === "begin" ? product(outer, inner) : product(inner, outer));
	let run: Clause = [""];
	for (const item of items) {
		const { exact, outer } = learn(item, side);
		const longer = exact === null ? null : beside(run, exact);
		if (longer === null) return { exact: null, outer: usable((outer === null ? null : beside(run, outer)) ?? run) };
		run = longer;
	}
	return { exact: run, outer: usable(run) };
}
