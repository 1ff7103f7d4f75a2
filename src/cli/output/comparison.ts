/** A comparison of policies in words: the relation, dimension by dimension, then each difference with the lines that it is about. */
import type { LoadedPolicies } from "../../app/policies.ts";
import type { Claim, Comparison, Witness } from "../../core/analysis/comparison/compare.ts";
import { type Restart, restartsOf } from "../../core/analysis/comparison/restarts.ts";
import type { Place } from "../../core/base/errors.ts";
import { durationText } from "../../core/model/duration.ts";
import type { CompiledPolicySet } from "../../core/policy/compiled.ts";
import { renderTable } from "./table.ts";

/** What does not go on as it did where the set in force gives way. */
export const restartLines = (restarts: readonly Restart[]): readonly string[] =>
	restarts.map(
		({ kind, policy, name, next }) =>
			`${next === "nothing" ? "starts again from nothing" : "stops less with what it has counted"}: ${kind} ${policy}/${name}`,
	);

export function comparisonLines(
	comparison: Comparison,
	[first, second]: readonly [LoadedPolicies, LoadedPolicies],
	colors: boolean,
): readonly string[] {
	const { relation, summary, dimensions, looser, stricter } = comparison;
	const rows = dimensions.map(({ dimension, scope, relation }) => [dimension, scope ?? "", relation]);
	return [
		`${relation}: ${summary}`,
		...(rows.length === 0
			? []
			: ["", ...renderTable(["dimension", "scope", "first is"], rows, { colors }).split("\n")]),
		...sectionOf("What the second stops and the first lets through", looser, {
			own: second,
			other: first,
			order: [1, 0],
		}),
		...sectionOf("What the first stops and the second lets through", stricter, {
			own: first,
			other: second,
			order: [0, 1],
		}),
		...restartSection(restartLines(tellingRestarts(comparison, first, second))),
	];
}

/** What goes on and stops less is among the differences, unless something new stops the rest. */
const tellingRestarts = ({ isAtLeastAsStrict }: Comparison, first: LoadedPolicies, second: LoadedPolicies) =>
	restartsOf(second.compiled, first.compiled).filter(({ next }) => next === "nothing" || isAtLeastAsStrict === "yes");

const restartSection = (lines: readonly string[]): readonly string[] =>
	lines.length === 0
		? []
		: [
				"",
				"Put into force in place of the second, the first does not go on with all that was counted:",
				...lines.map((each) => `  ${each}`),
			];

interface Sides {
	/** Whose rules the claims are about. */
	readonly own: LoadedPolicies;
	readonly other: LoadedPolicies;
	readonly order: readonly [0 | 1, 0 | 1];
}

function sectionOf(title: string, claims: readonly Claim[], sides: Sides): readonly string[] {
	if (claims.length === 0) return [];
	return ["", `${title}:`, ...claims.flatMap((claim) => claimLines(claim, sides))];
}

function claimLines(claim: Claim, sides: Sides): readonly string[] {
	const { dimension, scope, rule, policy, why, witness } = claim;
	const about = `${dimension}${scope === null ? "" : ` ${scope}`}${rule === "" ? "" : `: ${policy === "" ? "" : `${policy}/`}${rule}`}`;
	const counterpart = placesOf(sides.other.compiled).get(`${policy}/${rule}`) ?? null;
	return [
		`  ${claim.is === "unknown" ? "unknown: " : ""}${about}: ${why}`,
		...quoted(claim.place, sides.own),
		...quoted(counterpart, sides.other),
		...(witness === null ? [] : witnessLines(witness, sides)),
	];
}

/** The line of a file, as its author wrote it. */
function quoted(place: Place | null, { sources }: LoadedPolicies): readonly string[] {
	if (place?.line === undefined) return [];
	const text = sources.find(({ name }) => name === place.file)?.text.split("\n")[place.line - 1];
	return text === undefined ? [] : [`    ${place.file}:${place.line}  ${text.trim()}`];
}

function witnessLines({ calls, votes, decisions }: Witness, { order }: Sides): readonly string[] {
	const last = calls.at(-1);
	if (last === undefined) return [];
	const { tenant, agent, tool, args } = last;
	const many = calls.length === 1 ? "" : `, the last of ${calls.length} calls`;
	const [own, other] = order.map((side) => decisions[side]) as [Decision, Decision];
	const said = (decision: Decision, place: 0 | 1): string => {
		const owed = own.verdict === other.verdict ? owedText(decision, own === decision ? other : own) : "";
		return `      ${NAME[place]}: ${decision.verdict}${decision.reason === null ? "" : `  ${decision.reason}`}${owed}`;
	};
	return [
		`    ${tool} ${JSON.stringify(args)} of ${tenant}/${agent}${many}`,
		...votes.map(({ by, at }) => `    granted by ${by} after ${at - (last.at ?? 0)} ms`),
		said(own, order[0]),
		said(other, order[1]),
	];
}

type Decision = Witness["decisions"][0];

/** What is owed beside the same verdict, as far as it differs. */
function owedText({ obligations: own }: Decision, { obligations: other }: Decision): string {
	const isSame = (one: readonly string[], two: readonly string[]): boolean => one.join("\n") === two.join("\n");
	const parts = [
		...(isSame(own.redact, other.redact)
			? []
			: [own.redact.length === 0 ? "redacts nothing" : `redacts ${own.redact.join(", ")}`]),
		...(own.callDeadlineMs === other.callDeadlineMs ? [] : [`takes at most ${durationText(own.callDeadlineMs)}`]),
		...(isSame(own.messages, other.messages)
			? []
			: [
					own.messages.length === 0
						? "says nothing"
						: `says ${own.messages.map((each) => JSON.stringify(each)).join(", ")}`,
				]),
	];
	return parts.length === 0 ? "" : `  ${parts.join("; ")}`;
}

const NAME = ["first", "second"] as const;

/** Where the rules of a set are written, by policy and name. */
export function placesOf({ policies }: CompiledPolicySet): ReadonlyMap<string, Place> {
	return new Map(
		policies.flatMap(({ name, toolRules, patternRules, conditionRules, readingRules, limits }) => [
			...[...toolRules, ...patternRules, ...conditionRules, ...readingRules].map(
				({ place, fired }) => [`${name}/${fired.reason.rule.name}`, place] as const,
			),
			...limits.map((limit) => [`${name}/${limit.name}`, limit.place] as const),
		]),
	);
}
