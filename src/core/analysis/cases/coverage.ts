/**
 * Which rules of policies the calls of tests have reached: those that fired, and those that determined a verdict. A rule in mode
 * `audit` determines none. An exception is reached, and has determined something, where it was used.
 */
import { byCodeUnits } from "../../base/code-units.ts";
import type { Place } from "../../base/errors.ts";
import type { Mode } from "../../model/entries.ts";
import type { ReasonReading } from "../../model/readings.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import type { CompiledPolicy } from "../../policy/rules.ts";

export interface RuleUse extends NamedRule {
	/** Of how many steps. */
	readonly fired: number;
	readonly decided: number;
}

/** A rule of a policy, whatever section it is in, and where it is written. */
export interface NamedRule {
	readonly policy: string;
	readonly rule: string;
	readonly mode: Mode;
	readonly place: Place;
}

/** In the order in which reasons name them. Obligations are no rules: they fire on nothing. */
export function rulesOf(policy: CompiledPolicy): readonly NamedRule[] {
	const { toolRules, patternRules, conditionRules, readingRules, sequences, limits, exceptions } = policy;
	const rules = [...toolRules, ...patternRules, ...conditionRules, ...readingRules, ...sequences].map(
		({ fired: { reason }, place }) => ({
			rule: reason.rule.name,
			mode: reason.rule.mode,
			place,
		}),
	);
	const named = [
		...limits.map(({ name, mode, place }) => ({ rule: name, mode, place })),
		...exceptions.map(({ name, place }) => ({ rule: name, mode: policy.mode, place })),
	];
	return [...rules, ...named].map((rule) => ({ policy: policy.name, ...rule }));
}

interface Counts {
	readonly rule: NamedRule;
	fired: number;
	decided: number;
}

/** Of all the policies that tests are about: a policy that several files test is one. */
export class RuleCoverage {
	readonly #rules = new Map<string, Counts>();
	readonly #files = new Set<string>();

	add({ policies }: Pick<CompiledPolicySet, "policies">): void {
		for (const { place } of policies) this.#files.add(place.file);
		for (const rule of policies.flatMap(rulesOf)) {
			const key = keyOf(rule, rule.place.file);
			if (!this.#rules.has(key)) this.#rules.set(key, { rule, fired: 0, decided: 0 });
		}
	}

	/** What one step has reached: rules by name, of the set that decided. */
	saw(
		{ policies }: CompiledPolicySet,
		{
			fired,
			determining,
		}: {
			readonly fired: readonly Pick<ReasonReading, "policy" | "rule">[];
			readonly determining: readonly Pick<ReasonReading, "policy" | "rule">[];
		},
	): void {
		const files = new Map(policies.map(({ name, place }) => [name, place.file]));
		const count = (rules: readonly Pick<ReasonReading, "policy" | "rule">[], what: "fired" | "decided"): void => {
			const keys = new Set(rules.map((rule) => keyOf(rule, files.get(rule.policy) ?? "")));
			for (const key of keys) {
				const counts = this.#rules.get(key);
				if (counts !== undefined) counts[what] += 1;
			}
		};
		count([...fired, ...determining], "fired");
		count(determining, "decided");
	}

	/** Of the policies that were added. */
	files(): readonly string[] {
		return [...this.#files];
	}

	/** By file, in the order of the file. */
	uses(): readonly RuleUse[] {
		return [...this.#rules.values()]
			.map(({ rule, fired, decided }) => ({ ...rule, fired, decided }))
			.sort((a, b) => byCodeUnits(a.place.file, b.place.file) || (a.place.line ?? 0) - (b.place.line ?? 0));
	}
}

const keyOf = ({ policy, rule }: Pick<NamedRule, "policy" | "rule">, file: string): string =>
	JSON.stringify([file, policy, rule]);

/** The share of rules that fired, as a whole percentage, rounded down; 100 where there is no rule. */
export const percentage = (uses: readonly RuleUse[]): number =>
	uses.length === 0 ? 100 : Math.floor((100 * uses.filter(({ fired }) => fired > 0).length) / uses.length);
