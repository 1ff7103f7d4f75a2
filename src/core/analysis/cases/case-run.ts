/** Takes the steps of a case, each case with nothing spent and no session known, and tells what came otherwise than expected. */
import type { Place } from "../../base/errors.ts";
import type { SessionFacts } from "../../model/inputs.ts";
import { type ReasonReading, reasonReading } from "../../model/readings.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import { type DecidedCall, DecideLoop, type VoteLine } from "../trial.ts";
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
	/** What each session has declared with its first call. */
	readonly #facts = new Map<string, SessionFacts | null>();

	constructor(set: CompiledPolicySet, coverage: RuleCoverage) {
		this.#set = set;
		this.#coverage = coverage;
		this.#loop = new DecideLoop(set);
	}

	take(step: Step): Failure | null {
		switch (step.kind) {
			case "call": {
				const call = { ...step.call, at: step.at };
				return this.#compare(step, step.isOpen ? this.#loop.ask(call) : this.#loop.decide(call));
			}
			case "vote":
				return this.#compare(step, this.#loop.vote(step));
			case "outcome": {
				const fault = this.#loop.report(step);
				if (fault === null) return null;
				const difference = { aspect: "outcome", expected: "taken", got: fault };
				return { place: step.place, differences: [difference], reasons: [] };
			}
		}
	}

	#compare({ call, expected }: Step, got: VoteLine): Failure | null {
		const determining = got.rules.filter((reason) => reason.mode === "enforce" || isExceptionUse(reason));
		this.#coverage.saw(this.#set, { fired: [...this.#firedOn(call), ...got.rules], determining });
		if (expected === null) return null;
		const differences = differencesOf(expected, got);
		return differences.length === 0 ? null : { place: expected.place, differences, reasons: got.rules };
	}

	/** The decision names the rules that determined it; weaker ones may have fired as well. */
	#firedOn({ tenant, agent, session, facts, tool, args }: DecidedCall): readonly ReasonReading[] {
		const name = JSON.stringify([tenant, agent, session]);
		if (!this.#facts.has(name)) this.#facts.set(name, facts);
		const declared = this.#facts.get(name) ?? null;
		return this.#set
			.evaluate({ tenant, agent, session, facts: declared, tool, args })
			.fired.map(({ reason }) => reasonReading(reason));
	}
}
