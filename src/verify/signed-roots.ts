/** Roots that were signed of one tree, held against the tree as it grows, leaf by leaf: so each begins with all before it. */
import type { Finding } from "../core/audit/finding.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import type { FoundNote } from "./signed-on-log.ts";

/** A tree that grows. */
interface Growing {
	readonly size: number;
	root(): string;
}

export class SignedRoots {
	/** The largest size whose root is what was signed; -1: none is. */
	covered = -1;
	/** Notes that were held against the tree. */
	checked = 0;
	readonly #wanted = new Map<number, FoundNote[]>();
	readonly #found: (finding: Finding) => void;
	readonly #partition: number | null;

	constructor(notes: readonly FoundNote[], partition: number | null, found: (finding: Finding) => void) {
		this.#partition = partition;
		this.#found = found;
		for (const note of notes) {
			const others = this.#wanted.get(note.size);
			if (others === undefined) this.#wanted.set(note.size, [note]);
			else this.#add(others, note);
		}
	}

	/** A note that says what another says needs no second look. */
	#add(others: FoundNote[], note: FoundNote): void {
		if (others.some(({ root }) => root === note.root)) return;
		const [first] = others as [FoundNote];
		const message = `${note.where} has ${headOf(note)}, and ${first.where} has ${headOf(first)}`;
		this.#found({ code: "checkpoint.fork", ...placeOf(note), message });
		others.push(note);
	}

	/** Called at each size, or after the last. */
	take(tree: Growing): void {
		const notes = this.#wanted.get(tree.size);
		if (notes === undefined) return;
		this.#wanted.delete(tree.size);
		const root = tree.root();
		for (const note of notes) {
			this.checked += 1;
			if (note.root === root) this.covered = Math.max(this.covered, tree.size);
			else
				this.#found({
					code: this.#partition === null ? "anchor.root" : "checkpoint.root",
					...placeOf(note),
					message: `${note.where} has ${headOf(note)}, and the first ${tree.size} leaves have root ${root.slice(0, 12)}`,
				});
		}
	}

	/** Whether a size is still to come. */
	get isWaiting(): boolean {
		return this.#wanted.size > 0;
	}

	/** What was signed of more leaves than there are. */
	end(size: number): void {
		for (const note of [...this.#wanted.values()].flat())
			this.#found({
				code: "checkpoint.beyond",
				...placeOf(note),
				message: `${note.where} has ${headOf(note)}, and there are ${size}`,
			});
		this.#wanted.clear();
	}
}

const headOf = ({ size, root }: TreeHead): string => `${size} leaves with root ${root.slice(0, 12)}`;

/** Of a note that is not on the log, the partition that it is of. */
export const placeOf = ({ place, of }: FoundNote): Pick<Finding, "partition" | "topic" | "offset" | "seq"> => ({
	partition: place?.partition ?? of,
	topic: place === null ? null : "checkpoints",
	offset: place?.offset ?? null,
	seq: null,
});
