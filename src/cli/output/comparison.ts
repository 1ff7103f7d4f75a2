/** A comparison of policies in words: the relation, dimension by dimension, then each difference with the lines that it is about. */
import type { LoadedPolicies } from "../../app/policies.ts";
import type { Claim, Comparison, Witness } from "../../core/analysis/comparison/compare.ts";
import type { Place } from "../../core/base/errors.ts";
import type { CompiledPolicySet } from "../../core/policy/compiled.ts";
import { renderTable } from "./table.ts";

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
	];
}

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
	const [own, other] = order.map((side) => decisions[side]) as [(typeof decisions)[0], (typeof decisions)[0]];
	return [
		`    ${tool} ${JSON.stringify(args)} of ${tenant}/${agent}${many}`,
		...votes.map(({ by, at }) => `    granted by ${by} after ${at - (last.at ?? 0)} ms`),
		`      ${NAME[order[0]]}: ${own.verdict}${own.reason === null ? "" : `  ${own.reason}`}`,
		`      ${NAME[order[1]]}: ${other.verdict}${other.reason === null ? "" : `  ${other.reason}`}`,
	];
}

const NAME = ["first", "second"] as const;

/** Where the rules of a set are written, by policy and name. */
export function placesOf({ policies }: CompiledPolicySet): ReadonlyMap<string, Place> {
	return new Map(
		policies.flatMap(({ name, toolRules, patternRules, conditionRules, limits }) => [
			...[...toolRules, ...patternRules, ...conditionRules].map(
				({ place, fired }) => [`${name}/${fired.reason.rule.name}`, place] as const,
			),
			...limits.map((limit) => [`${name}/${limit.name}`, limit.place] as const),
		]),
	);
}
