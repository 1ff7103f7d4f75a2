/** What cases name must be there: rules, limits and reason codes, with amounts in the unit of their limit. */
import { type Problem, problem } from "../../base/errors.ts";
import { suggest } from "../../base/suggestion.ts";
import { ENGINE_REASONS, REJECTIONS } from "../../engine/reasons.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import { POLICY_REASONS } from "../../policy/reason-codes.ts";
import { amountOf, amountSlip } from "../../policy/written-amounts.ts";
import type { Expectation, ExpectedBudget, Named, PolicyCases } from "./cases.ts";
import { isRule } from "./comparison.ts";
import { rulesOf } from "./coverage.ts";

const CODES = [POLICY_REASONS, ENGINE_REASONS, REJECTIONS].flatMap(Object.keys);

export function referenceProblems({ cases }: PolicyCases, set: CompiledPolicySet): readonly Problem[] {
	const rules = set.policies.flatMap(rulesOf);
	const lifting = set.policies.flatMap(({ exceptions }) =>
		exceptions.map(({ policy, name }) => ({ policy, rule: name })),
	);
	const problems = new Map<string, Problem>();
	const add = (of: Problem): void => {
		const { message, place } = of;
		problems.set(`${place?.line}:${place?.column} ${message}`, of);
	};
	const checkRule = (
		named: Named,
		known: readonly { readonly policy: string; readonly rule: string }[],
		noun: string,
	) => {
		if (known.some((rule) => isRule(named, rule))) return;
		const help = suggest(
			named.text,
			known.map(({ rule }) => rule),
		);
		add(problem("POLICY_REFERENCE", `no ${noun} of these policies is called \`${named.text}\``, help, named.place));
	};
	const check = ({ rules: among, exactly, audited, exceptions, reasons, budgets }: Expectation): void => {
		for (const named of [...among, ...(exactly ?? []), ...(audited ?? [])]) checkRule(named, rules, "rule");
		for (const named of exceptions ?? []) checkRule(named, lifting, "exception");
		for (const { text, place } of reasons) {
			if (!CODES.includes(text))
				add(problem("POLICY_REFERENCE", `there is no reason \`${text}\``, suggest(text, CODES), place));
		}
		for (const budget of budgets) {
			checkRule(
				budget.limit,
				set.limits.map(({ policy, name }) => ({ policy, rule: name })),
				"limit",
			);
			for (const slip of amountProblems(budget, set)) add(slip);
		}
	};
	for (const { steps } of cases) {
		for (const { expected } of steps) if (expected !== null) check(expected);
	}
	return [...problems.values()];
}

function amountProblems({ limit, amounts }: ExpectedBudget, set: CompiledPolicySet): Problem[] {
	const found = set.limits.find(({ policy, name }) => isRule(limit, { policy, rule: name }));
	if (found === undefined) return [];
	return amounts.flatMap(({ key, value, place }) => {
		if (amountOf(found.measure, value) !== null) return [];
		const { message, help } = amountSlip(key, found.measure, value);
		return [problem("POLICY_SCHEMA", message, help, place)];
	});
}
