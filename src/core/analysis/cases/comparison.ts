/** What a step was to come to, held against what it came to: every difference, in words. */
import { costText } from "../../model/amounts.ts";
import { durationText } from "../../model/duration.ts";
import type { Obligations } from "../../model/entries.ts";
import type { BudgetReading, ReasonReading } from "../../model/readings.ts";
import { EXCEPTION_USED } from "../../policy/reason-codes.ts";
import { amountOf } from "../../policy/written-amounts.ts";
import type { VoteLine } from "../trial.ts";
import type { Expectation, ExpectedBudget, ExpectedObligations, Named } from "./cases.ts";

export interface Difference {
	/** What is compared, such as `verdict` or `budget calls-per-session`. */
	readonly aspect: string;
	readonly expected: string;
	readonly got: string;
}

export function differencesOf(expected: Expectation, got: VoteLine): readonly Difference[] {
	const determining = got.rules.filter(({ mode }) => mode === "enforce");
	const lifting = got.rules.filter(isExceptionUse);
	const audited = got.rules.filter((reason) => reason.mode === "audit" && !isExceptionUse(reason));
	const { verdict, rules, exactly, obligations } = expected;
	return [
		...(verdict === null || verdict === got.verdict
			? []
			: [{ aspect: "verdict", expected: verdict, got: got.verdict }]),
		...rules
			.filter((rule) => !determining.some((reason) => isRule(rule, reason)))
			.map((rule) => ({ aspect: "rule", expected: rule.text, got: listOf(determining.map(ruleName)) })),
		...(exactly === null ? [] : notExactly("rules", exactly, determining)),
		...(expected.audited === null ? [] : notExactly("audited", expected.audited, audited)),
		...(expected.exceptions === null ? [] : notExactly("exceptions", expected.exceptions, lifting)),
		...reasonsMissing(expected, determining),
		...(obligations === null ? [] : obligationsOther(obligations, got.obligations)),
		...expected.budgets.flatMap((budget) => budgetOther(budget, got.budgets)),
	];
}

/** It lifts a rule, and says so without force. */
export const isExceptionUse = ({ code }: ReasonReading): boolean => code === EXCEPTION_USED;

/** `NAME`, or `POLICY/NAME`. */
export const isRule = (
	{ text }: Pick<Named, "text">,
	{ policy, rule }: Pick<ReasonReading, "policy" | "rule">,
): boolean => policy !== "" && (text === rule || text === `${policy}/${rule}`);

const ruleName = ({ policy, rule, code }: ReasonReading): string => (policy === "" ? code : `${policy}/${rule}`);

const listOf = (names: readonly string[]): string => (names.length === 0 ? "none" : [...new Set(names)].join(", "));

function notExactly(aspect: string, wanted: readonly Named[], got: readonly ReasonReading[]): Difference[] {
	const isSame =
		wanted.every((rule) => got.some((reason) => isRule(rule, reason))) &&
		got.every((reason) => wanted.some((rule) => isRule(rule, reason)));
	const texts = wanted.map(({ text }) => text);
	return isSame ? [] : [{ aspect, expected: listOf(texts), got: listOf(got.map(ruleName)) }];
}

function reasonsMissing({ reasons, rules }: Expectation, determining: readonly ReasonReading[]): Difference[] {
	const [only] = rules;
	const asked =
		only === undefined || rules.length > 1 ? determining : determining.filter((reason) => isRule(only, reason));
	return reasons
		.filter(({ text }) => !asked.some(({ code }) => code === text))
		.map(({ text }) => ({ aspect: "reason", expected: text, got: listOf(asked.map(({ code }) => code)) }));
}

function obligationsOther(expected: ExpectedObligations, got: Obligations): Difference[] {
	const differences: Difference[] = [];
	const compare = (aspect: string, wanted: string | null, found: string): void => {
		if (wanted !== null && wanted !== found) differences.push({ aspect, expected: wanted, got: found });
	};
	const list = (texts: readonly string[] | null): string | null => (texts === null ? null : JSON.stringify(texts));
	const time = (ms: number | null): string | null => (ms === null ? null : durationText(ms));
	compare("redact", list(expected.redact), JSON.stringify(got.redact));
	compare("deadline", time(expected.deadlineMs), durationText(got.callDeadlineMs));
	compare("lease", time(expected.leaseMs), durationText(got.leaseMs));
	compare("messages", list(expected.messages), JSON.stringify(got.messages));
	return differences;
}

function budgetOther({ limit, amounts }: ExpectedBudget, budgets: readonly BudgetReading[]): Difference[] {
	const found = budgets.find((budget) => isRule(limit, { policy: budget.policy, rule: budget.limit }));
	const aspect = `budget ${limit.text}`;
	if (found === undefined) return [{ aspect, expected: "counted", got: "not counted" }];
	const text = (amount: number): string =>
		found.measure === "cost"
			? costText(amount)
			: found.measure === "execution_time"
				? durationText(amount)
				: String(amount);
	return amounts.flatMap(({ key, value }) =>
		amountOf(found.measure, value) === found[key]
			? []
			: [{ aspect: `${aspect}, ${key}`, expected: String(value), got: text(found[key]) }],
	);
}
