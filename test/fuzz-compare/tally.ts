/** How many pairs were tried, of what kinds, and what was said of them: so that "nothing wrong was found" means something. */
import type { Relation } from "../../src/core/analysis/comparison/compare.ts";
import type { TriedPair } from "./trial.ts";

const RELATIONS = ["equal", "stricter", "looser", "incomparable", "unknown"] as const satisfies readonly Relation[];

type Counts = Partial<Record<Relation, number>>;
type Table = Record<string, Counts>;

/** Can go from one thread to another. */
export interface Tally {
	pairs: number;
	/** Drawn, but refused by the loader, or both say the same. */
	passed: number;
	/** Directions that were said to be proven, each held against brute force; and witnesses that were executed again. */
	proofs: number;
	witnesses: number;
	/** By what was edited, and by dimension and what is in it. */
	readonly edits: Table;
	readonly dimensions: Table;
}

export const emptyTally = (): Tally => ({ pairs: 0, passed: 0, proofs: 0, witnesses: 0, edits: {}, dimensions: {} });

export function count(tally: Tally, label: string, { comparison, proofs, witnesses }: TriedPair): void {
	tally.pairs += 1;
	tally.proofs += proofs;
	tally.witnesses += witnesses;
	add(tally.edits, label, { [comparison.relation]: 1 });
	for (const { dimension, relation } of comparison.dimensions) add(tally.dimensions, dimension, { [relation]: 1 });
}

export function addTally(tally: Tally, more: Tally): void {
	tally.pairs += more.pairs;
	tally.passed += more.passed;
	tally.proofs += more.proofs;
	tally.witnesses += more.witnesses;
	for (const table of ["edits", "dimensions"] as const)
		for (const [label, counts] of Object.entries(more[table])) add(tally[table], label, counts);
}

function add(table: Table, label: string, counts: Counts): void {
	const known = table[label] ?? {};
	table[label] = known;
	for (const relation of RELATIONS) {
		const more = counts[relation] ?? 0;
		if (more > 0) known[relation] = (known[relation] ?? 0) + more;
	}
}

export function written({ pairs, passed, proofs, witnesses, edits, dimensions }: Tally): string {
	return [
		...rows("dimension", dimensions),
		"",
		...rows("what was edited", edits),
		"",
		`${pairs} pairs compared (${passed} others were refused by the loader, or said the same twice);`,
		`${proofs} proofs held against brute force, ${witnesses} witnesses executed again`,
	].join("\n");
}

function rows(title: string, table: Table): readonly string[] {
	const line = (label: string, cells: readonly string[]): string =>
		[label.padEnd(28), ...cells.map((cell) => cell.padStart(13))].join("");
	const labels = Object.keys(table).sort();
	const sum = (counts: readonly (Counts | undefined)[]): readonly string[] =>
		RELATIONS.map((relation) => String(counts.reduce((all, each) => all + (each?.[relation] ?? 0), 0)));
	return [
		line(title, RELATIONS),
		...labels.map((label) => line(label, sum([table[label]]))),
		line("in all", sum(Object.values(table))),
	];
}
