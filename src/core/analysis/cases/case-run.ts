/** Takes the steps of a case, each case with nothing spent and no session known, and tells what came otherwise than expected. */
import type { Place } from "../../base/errors.ts";
import type { ReasonReading } from "../../model/readings.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import { DecideLoop, type VoteLine } from "../trial.ts";
import type { Step, TestCase } from "./cases.ts";
import { type Difference, differencesOf, isExceptionUse } from "./comparison.ts";
import type { RuleCoverage } from "./coverage.ts";

export interface Failure {
	/** Of what was expected. */
	readonly place: Place;
	readonly differences: readonly Difference[];
	/** What the decision says of itself. */
	readonly reasons: readonly ReasonReading[];
}

/** Empty: the case has passed. */
export function runCase(set: CompiledPolicySet, { steps }: TestCase, coverage: RuleCoverage): readonly Failure[] {
	const run = new CaseRun(set, coverage);
	const failures = new Map<Place, Failure>();
	for (const step of steps) {
		const failure = run.take(step);
		// Of a step that is taken several times the first says enough.
		if (failure !== null && !failures.has(failure.place)) failures.set(failure.place, failure);
	}
	return [...failures.values()];
}

class CaseRun {
	readonly #set: CompiledPolicySet;
	readonly #coverage: RuleCoverage;
	readonly #loop: DecideLoop;

	constructor(set: CompiledPolicySet, coverage: RuleCoverage) {
		this.#set = set;
		this.#coverage = coverage;
		this.#loop = new DecideLoop(set);
	}

	take(step: Step): Failure | null {
		switch (step.kind) {
			case "call": {
				const call = { ...step.call, at: step.at };
				const fired = this.#loop.objectionsTo(call);
				return this.#compare(step, fired, step.isOpen ? this.#loop.ask(call) : this.#loop.decide(call));
			}
			case "vote":
				return this.#compare(step, [], this.#loop.vote(step));
			case "outcome": {
				const fault = this.#loop.report(step);
				if (fault === null) return null;
				const difference = { aspect: "outcome", expected: "taken", got: fault };
				return { place: step.place, differences: [difference], reasons: [] };
			}
		}
	}

	/** The decision names the rules that determined it; weaker ones may have fired as well. */
	#compare({ expected }: Step, fired: readonly ReasonReading[], got: VoteLine): Failure | null {
		const determining = got.rules.filter((reason) => reason.mode === "enforce" || isExceptionUse(reason));
		this.#coverage.saw(this.#set, { fired: [...fired, ...got.rules], determining });
		if (expected === null) return null;
		const differences = differencesOf(expected, got);
		return differences.length === 0 ? null : { place: expected.place, differences, reasons: got.rules };
	}
}
