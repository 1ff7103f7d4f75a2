/**
 * Compares what two sets of policies admit.
 *
 * X1  A set is at least as strict as another when every history of executed calls that it admits, the other admits, too. It is said only when it is proven.
 * X2  That it is not is said only with a witness, which was executed on both.
 * X3  Anything else is `unknown`, with the place and the reason.
 * X4  The same two sets give the same answer: work is counted in steps.
 *
 * The design is in docs/design/comparison.md.
 */
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import { Asker, type ComparisonBounds } from "./asker.ts";
import { cellsOf, principalGroupsOf } from "./cells.ts";
import { type Claim, claimsFor, type Dimension } from "./claims.ts";
import type { Side } from "./limit-inclusion.ts";
import { PatternInclusion } from "./pattern-inclusion.ts";
import { ruleCellsOf } from "./rule-cells.ts";
import { Samples } from "./samples.ts";
import { listedTools, withoutShared } from "./shared-rules.ts";
import { TrialPair, type Witness } from "./trial-pair.ts";
import { unreadParts } from "./unread-parts.ts";

export type { Claim, Dimension } from "./claims.ts";
export type { Witness } from "./trial-pair.ts";

/** How the first relates to the second. `stricter`: at least as strict, and not proven to be equal. */
export type Relation = "equal" | "stricter" | "looser" | "incomparable" | "unknown";

/** Is one at least as strict as the other? */
export type Strictness = "yes" | "no" | "unknown";

export interface DimensionRow {
	readonly dimension: Dimension;
	readonly scope: string | null;
	readonly relation: Relation;
}

export interface Comparison {
	readonly relation: Relation;
	readonly isAtLeastAsStrict: Strictness;
	readonly isAtMostAsStrict: Strictness;
	readonly dimensions: readonly DimensionRow[];
	/** What the second asks for and the first does not, or may not. */
	readonly looser: readonly Claim[];
	/** What the first asks for and the second does not, or may not. */
	readonly stricter: readonly Claim[];
	/** Calls that show a difference, of `looser` first. */
	readonly witnesses: readonly Witness[];
	/** What it cost. */
	readonly work: { readonly cells: number; readonly questions: number; readonly steps: number };
}

/** About ten seconds. */
const BOUNDS: ComparisonBounds = { stepsPerQuestion: 5_000_000, stepsMax: 400_000_000, kindsMax: 512 };

/** Of all steps, those that are spent on telling kinds of tools apart before rules are taken one by one. */
const CELLS_PART = 20;

export function compare(
	first: CompiledPolicySet,
	second: CompiledPolicySet,
	options: Partial<ComparisonBounds> = {},
): Comparison {
	const bounds = { ...BOUNDS, ...options };
	if (first.digest === second.digest) return comparisonOf([], [], { cells: 0, questions: 0, steps: 0 });
	const sets = [first, second] as const;
	// What was changed says most, and costs least; what is the same is looked at only where that leaves something open.
	const changed = comparedBy(sets, withoutShared(first.policies, second.policies), bounds);
	if (isKnown(changed)) return changed;
	const whole = comparedBy(sets, [first.policies, second.policies], bounds);
	return DIRECTIONS.some((direction) => whole[direction] === "unknown" && changed[direction] !== "unknown")
		? changed
		: whole;
}

const DIRECTIONS = ["isAtLeastAsStrict", "isAtMostAsStrict"] as const;

const isKnown = (comparison: Comparison): boolean =>
	DIRECTIONS.every((direction) => comparison[direction] !== "unknown");

/** Compares what the policies say, and executes on the sets that they are of. */
function comparedBy(
	sets: readonly [CompiledPolicySet, CompiledPolicySet],
	policies: Parameters<typeof principalGroupsOf>[0],
	bounds: ComparisonBounds,
): Comparison {
	const asker = new Asker(bounds);
	const work = (cells: number) => ({ cells, questions: asker.questions, steps: asker.steps });
	const groups = principalGroupsOf(policies, asker);
	if (groups === null) {
		const claims = [unknownClaim("principals", "the policies tell more kinds of principals apart than are compared")];
		return comparisonOf(claims, claims, work(0));
	}
	const { kindsMax, stepsMax } = bounds;
	const avoided = listedTools(sets.flatMap((set) => set.policies));
	const cells = cellsOf(groups, new Asker({ ...bounds, stepsMax: stepsMax / CELLS_PART }), { kindsMax, avoided });
	const samples = new Samples(asker);
	const shared = { asker, samples, inclusion: new PatternInclusion(asker), trials: new TrialPair(sets) };
	const depsFor = (narrow: Side) => ({ ...shared, cells: cells ?? ruleCellsOf(groups, narrow, asker) });
	const unread = unreadParts(sets).map(({ policy, part }) =>
		unknownClaim("other", `\`${part}\` of policy \`${policy}\` is not compared yet`),
	);
	const [asked, asking] = ([0, 1] as const).map((narrow) => [...claimsFor(narrow, depsFor(narrow)), ...unread]) as [
		Claim[],
		Claim[],
	];
	return comparisonOf(asked, asking, work(cells?.length ?? 0));
}

/** Is every history of calls that `policies` admit admitted by the others, too? Said only when it is proven. */
export const isStricterThan = (policies: CompiledPolicySet, others: CompiledPolicySet): boolean =>
	compare(policies, others).isAtLeastAsStrict === "yes";

const unknownClaim = (dimension: Dimension, why: string): Claim => ({
	dimension,
	scope: null,
	policy: "",
	rule: "",
	place: null,
	is: "unknown",
	witness: null,
	why,
});

function comparisonOf(asked: readonly Claim[], asking: readonly Claim[], work: Comparison["work"]): Comparison {
	const isAtLeastAsStrict = strictness(asked);
	const isAtMostAsStrict = strictness(asking);
	const [looser, stricter] = [asked, asking].map((claims) => claims.filter(({ is }) => is !== "kept")) as [
		Claim[],
		Claim[],
	];
	const rows = new Map(
		[...asked, ...asking].map(({ dimension, scope }) => [`${dimension}\n${scope}`, { dimension, scope }]),
	);
	return {
		relation: relationOf(isAtLeastAsStrict, isAtMostAsStrict),
		isAtLeastAsStrict,
		isAtMostAsStrict,
		dimensions: [...rows.values()].map(({ dimension, scope }) => {
			const isOwn = (claim: Claim): boolean => claim.dimension === dimension && claim.scope === scope;
			return {
				dimension,
				scope,
				relation: relationOf(strictness(asked.filter(isOwn)), strictness(asking.filter(isOwn))),
			};
		}),
		looser,
		stricter,
		witnesses: [...new Set([...looser, ...stricter].flatMap(({ witness }) => witness ?? []))],
		work,
	};
}

function strictness(claims: readonly Claim[]): Strictness {
	if (claims.some(({ is }) => is === "broken")) return "no";
	return claims.some(({ is }) => is === "unknown") ? "unknown" : "yes";
}

function relationOf(atLeast: Strictness, atMost: Strictness): Relation {
	if (atLeast === "yes") return atMost === "yes" ? "equal" : "stricter";
	if (atLeast === "unknown") return "unknown";
	if (atMost === "yes") return "looser";
	return atMost === "no" ? "incomparable" : "unknown";
}
