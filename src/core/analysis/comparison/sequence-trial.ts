/** Two calls, of which the first begins a sequence that stops the second. */
import type { CompiledSequence } from "../../policy/rules.ts";
import type { DecidedCall } from "../trial.ts";
import type { Cell } from "./cells.ts";
import { otherSide, type Side } from "./limit-inclusion.ts";
import type { Samples } from "./samples.ts";
import { type Asked, callOf, LEVEL, type TrialPair, type Witness } from "./trial-pair.ts";

const CELLS_MAX = 4;
const CALLS_MAX = 6;

export class SequenceTrial {
	readonly #trials: TrialPair;
	readonly #samples: Samples;
	readonly #narrow: Side;

	constructor(trials: TrialPair, samples: Samples, narrow: Side) {
		this.#trials = trials;
		this.#samples = samples;
		this.#narrow = narrow;
	}

	/** Null: none was found. */
	search(
		{ sequence }: CompiledSequence,
		{ beginning, completing }: { readonly beginning: readonly Cell[]; readonly completing: readonly Cell[] },
	): Witness | null {
		const isNamed = ({ policy, sequence: name }: typeof sequence): boolean =>
			policy === sequence.policy && name === sequence.sequence;
		const first = this.#callsIn(beginning, ({ evaluation }) => evaluation.begins.some(isNamed));
		const then = this.#callsIn(completing, ({ evaluation }) =>
			evaluation.completes.some((each) => isNamed(each.sequence)),
		);
		const own = completing.flatMap(({ sides }) => sides[this.#narrow].completes.map((each) => each.sequence.withinMs));
		const times = [...new Set([1, ...own.map((withinMs) => withinMs + 1), sequence.withinMs])];
		for (const one of first) {
			for (const two of then) {
				if (one.tenant !== two.tenant || one.agent !== two.agent) continue;
				for (const session of sequence.scope === "agent" ? ["s", "t"] : ["s"]) {
					for (const at of times) {
						const witness = this.#trials.execute([one, { ...two, id: "2", at, session }], this.#narrow);
						if (witness !== null) return witness;
					}
				}
			}
		}
		return null;
	}

	/** Calls that rules of the stricter side do not stop, of those of which both sides say the same one each. */
	#callsIn(cells: readonly Cell[], isOne: (asked: Asked) => boolean): readonly DecidedCall[] {
		return cells.slice(0, CELLS_MAX).flatMap((cell) => {
			const found = new Map<string, DecidedCall>();
			for (const args of this.#samples.argsOf(cell, [])) {
				const call = callOf(cell.names, "1", { args });
				if (call === null || found.size >= CALLS_MAX) break;
				const own = this.#trials.asked(this.#narrow, call);
				if (own.level === LEVEL.deny) continue;
				const other = this.#trials.asked(otherSide(this.#narrow), call);
				const key = `${said(own)}\n${said(other)}`;
				if (isOne(other) && !found.has(key)) found.set(key, call);
			}
			return [...found.values()];
		});
	}
}

const said = ({ evaluation: { fired, begins, completes } }: Asked): string =>
	JSON.stringify([fired.map(({ reason }) => reason.rule), begins, completes.map(({ sequence }) => sequence)]);
