/**
 * One step of a search for where a match ends that begins at a known place: which ways through the pattern are still open, the
 * preferred one first. What comes behind a way that is complete is given up, as an engine that goes back would not try it.
 *
 * After Pike's virtual machine: Thompson, "Regular expression search algorithm" (1968); Cox, "Regular expression matching: the
 * virtual machine approach" (2009).
 */
import { GUARDS } from "../language/position-graph.ts";
import { contains, type RuneSet } from "../language/rune-set.ts";
import type { SyntaxNode } from "../language/syntax.ts";
import type { Advance, Steps } from "./steps.ts";

type Instruction =
	/** `set`: its place among those that the pattern reads. */
	| { readonly kind: "read"; readonly set: number; readonly next: number }
	/** `first` is preferred. */
	| { readonly kind: "fork"; readonly first: number; readonly second: number }
	| { readonly kind: "assert"; readonly guard: number; readonly next: number }
	| { readonly kind: "match" };

const MATCH = 0;

/** Sets of ways are lists of instructions in the order of preference, each plus one; a 0 ends them. */
export class OrderedSteps implements Steps {
	readonly words: number;
	readonly sets: readonly RuneSet[];
	readonly #program: readonly Instruction[];
	readonly #entry: number;
	/** By instruction: the step in which it was met last. */
	readonly #metIn: Uint32Array;
	readonly #listedIn: Uint32Array;
	#step = 0;

	constructor(tree: SyntaxNode) {
		const program: Instruction[] = [{ kind: "match" }];
		const sets: RuneSet[] = [];
		this.#entry = new Assembler(program, sets).add(tree, MATCH);
		this.#program = program;
		this.sets = sets;
		this.words = program.filter(({ kind }) => kind === "read").length + 1;
		this.#metIn = new Uint32Array(program.length);
		this.#listedIn = new Uint32Array(program.length);
	}

	/** Instructions that one character can take. */
	get cost(): number {
		return this.#program.length;
	}

	begin(): Int32Array {
		const now = new Int32Array(this.words);
		now[0] = this.#entry + 1;
		return now;
	}

	reading(rune: number): Int32Array {
		return Int32Array.from(this.sets, (set) => (contains(set, rune) ? 1 : 0));
	}

	accepts(now: Int32Array, holds: number): boolean {
		return this.#follow(now, holds, () => {});
	}

	advance(now: Int32Array, next: Int32Array, { holds, reads }: Advance): void {
		let count = 0;
		this.#follow(now, holds, (set, to) => {
			if (reads[set] === 0 || this.#listedIn[to] === this.#step) return;
			this.#listedIn[to] = this.#step;
			next[count] = to + 1;
			count += 1;
		});
		next.fill(0, count);
	}

	/** Follows ways up to where they read, the preferred ones first; true, and no further, where one is complete. */
	#follow(now: Int32Array, holds: number, onRead: (set: number, next: number) => void): boolean {
		if (this.#step === 0xffff_ffff) {
			this.#metIn.fill(0);
			this.#listedIn.fill(0);
			this.#step = 0;
		}
		this.#step += 1;
		const open: number[] = [];
		for (const place of now) {
			if (place === 0) return false;
			open.push(place - 1);
			for (let at = open.pop(); at !== undefined; at = open.pop()) {
				if (this.#metIn[at] === this.#step) continue;
				this.#metIn[at] = this.#step;
				const instruction = this.#program[at] as Instruction;
				switch (instruction.kind) {
					case "read":
						onRead(instruction.set, instruction.next);
						break;
					case "fork":
						open.push(instruction.second, instruction.first);
						break;
					case "assert":
						if ((instruction.guard & ~holds) === 0) open.push(instruction.next);
						break;
					case "match":
						return true;
				}
			}
		}
		return false;
	}
}

class Assembler {
	readonly #program: Instruction[];
	readonly #sets: RuneSet[];
	readonly #places = new Map<RuneSet, number>();

	constructor(program: Instruction[], sets: RuneSet[]) {
		this.#program = program;
		this.#sets = sets;
	}

	/** Adds what matches a node and goes on at `next`; where it begins. */
	add(node: SyntaxNode, next: number): number {
		switch (node.kind) {
			case "empty":
				return next;
			case "set":
				return this.#put({ kind: "read", set: this.#place(node.set), next });
			case "assert":
				return this.#put({ kind: "assert", guard: GUARDS[node.what], next });
			case "sequence":
				return node.items.reduceRight((to, item) => this.add(item, to), next);
			case "choice":
				return node.options
					.map((option) => this.add(option, next))
					.reduceRight((second, first) => this.#put({ kind: "fork", first, second }));
			case "repeat":
				return this.#repeat(node, next);
		}
	}

	/** Copies one after the other; each beyond the least number can be left out with all that follow, and the last may loop. */
	#repeat({ item, min, max, greedy }: Extract<SyntaxNode, { kind: "repeat" }>, next: number): number {
		const fork = (into: number): Instruction =>
			greedy ? { kind: "fork", first: into, second: next } : { kind: "fork", first: next, second: into };
		let entry = next;
		if (max === null) {
			const loop = this.#put(fork(next));
			const body = this.add(item, loop);
			this.#program[loop] = fork(body);
			entry = min > 0 ? body : this.#put(fork(body));
		}
		for (let count = min; count < (max ?? min); count++) entry = this.#put(fork(this.add(item, entry)));
		for (let count = max === null ? 1 : 0; count < min; count++) entry = this.add(item, entry);
		return entry;
	}

	#put(instruction: Instruction): number {
		return this.#program.push(instruction) - 1;
	}

	#place(set: RuneSet): number {
		const known = this.#places.get(set);
		if (known !== undefined) return known;
		this.#places.set(set, this.#sets.length);
		return this.#sets.push(set) - 1;
	}
}
