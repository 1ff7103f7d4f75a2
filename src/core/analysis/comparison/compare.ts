/**
 * Compares what two sets of policies admit.
 *
 * X1  A set is at least as strict as another when every history of executed calls that it admits, the other admits, too. It is said only when it is proven.
 * X2  That it is not is said only with a witness, which was executed on both; of keys that are believed, with the key.
 * X3  Anything else is `unknown`, with the place and the reason.
 * X4  The same two sets give the same answer: work is counted in steps.
 *
 * The design is in docs/design/comparison.md.
 */
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import { Asker, type ComparisonBounds } from "./asker.ts";
import { type Cell, cellsOf, type PrincipalGroup, principalGroupsOf } from "./cells.ts";
import { type Claim, type ClaimDeps, claimsFor, type Dimension } from "./claims.ts";
import { makeRoom } from "./known-languages.ts";
import type { Side } from "./limit-inclusion.ts";
import { PatternInclusion } from "./pattern-inclusion.ts";
import { probeKeyOf } from "./probe-key.ts";
import { type Directions, type Relation, relationOf, relationText, type Strictness } from "./relation.ts";
import { ruleCellsOf } from "./rule-cells.ts";
import { Samples } from "./samples.ts";
import { listedTools, withoutShared } from "./shared-rules.ts";
import { isOfSessions, isStaged, policiesAt, type Slice, slicesOf } from "./slices.ts";
import { TrialPair, type Witness } from "./trial-pair.ts";
import { trustClaims } from "./trust-claims.ts";
import { unreadParts } from "./unread-parts.ts";

export type { Claim, Dimension } from "./claims.ts";
export type { Relation, Strictness } from "./relation.ts";
export type { Witness } from "./trial-pair.ts";

export interface DimensionRow {
	readonly dimension: Dimension;
	readonly scope: string | null;
	readonly relation: Relation;
}

export interface Comparison extends Directions {
	readonly relation: Relation;
	/** The relation in a sentence without full stop. */
	readonly summary: string;
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
	if (first.digest === second.digest) return comparisonOf([[], []], { cells: 0, questions: 0, steps: 0 });
	makeRoom();
	const sets = [first, second] as const;
	const asker = new Asker(bounds);
	const ofTrust = [
		trustClaims(first.trust, second.trust, asker),
		trustClaims(second.trust, first.trust, asker),
	] as const;
	const comparison = (claims: readonly [Claims, Claims], { cells, questions, steps }: Comparison["work"]): Comparison =>
		comparisonOf(
			[
				[...claims[0], ...ofTrust[0]],
				[...claims[1], ...ofTrust[1]],
			],
			{
				cells,
				questions: questions + asker.questions,
				steps: steps + asker.steps,
			},
		);
	// What was changed says most, and costs least; what is the same is looked at only where that leaves something open.
	const changed = comparing(sets, withoutShared(first.policies, second.policies), bounds);
	const known = [changed.claims(0), changed.claims(1)] as const;
	if (known.every((claims) => strictness(claims) !== "unknown")) return comparison(known, changed.work);
	const all = [...first.policies, ...second.policies];
	if (isStaged(all) && !isOfSessions(all)) return comparison(known, changed.work);
	const whole = comparing(sets, [first.policies, second.policies], bounds);
	const settled = (narrow: Side): Claims =>
		strictness(known[narrow]) === "unknown" ? whole.claims(narrow) : known[narrow];
	return comparison([settled(0), settled(1)], whole.work);
}

type Claims = readonly Claim[];
type Sides = Parameters<typeof principalGroupsOf>[0];
type Sets = readonly [CompiledPolicySet, CompiledPolicySet];

interface Questions {
	readonly work: Comparison["work"];
	claims(narrow: Side): Claims;
}

/** What the policies say, in all sessions alike or part by part. */
function comparing(sets: Sets, policies: Sides, bounds: ComparisonBounds): Questions {
	const all = [...policies[0], ...policies[1]];
	if (!isStaged(all)) return new Comparing(sets, policies, bounds, null);
	const slices = slicesOf(all);
	if (!isOfSessions(all)) return new OpenComparing(new Comparing(sets, policies, bounds, null));
	const share = { ...bounds, stepsMax: Math.ceil(bounds.stepsMax / slices.length) };
	return new SlicedComparing(
		slices.map((slice) => {
			const [one, other] = [policiesAt(policies[0], slice), policiesAt(policies[1], slice)];
			return new Comparing(sets, [one, other], share, slice);
		}),
	);
}

/** Sets whose stages cannot be taken apart: what is shown is shown, and nothing is proven. */
class OpenComparing implements Questions {
	readonly #whole: Comparing;

	constructor(whole: Comparing) {
		this.#whole = whole;
	}

	get work(): Comparison["work"] {
		return this.#whole.work;
	}

	claims(narrow: Side): Claims {
		return this.#whole.claims(narrow).filter(({ is }) => is !== "kept");
	}
}

/** One question for each part of the scale of sessions: what is so in all of them is so. */
class SlicedComparing implements Questions {
	readonly #parts: readonly Comparing[];

	constructor(parts: readonly Comparing[]) {
		this.#parts = parts;
	}

	get work(): Comparison["work"] {
		const sum = (part: keyof Comparison["work"]): number =>
			this.#parts.reduce((total, { work }) => total + work[part], 0);
		return { cells: sum("cells"), questions: sum("questions"), steps: sum("steps") };
	}

	claims(narrow: Side): Claims {
		const claims = this.#parts.flatMap((part) => part.claims(narrow));
		const key = ({ dimension, scope, policy, rule, is }: Claim): string =>
			JSON.stringify([dimension, scope, policy, rule, is]);
		return [...new Map(claims.toReversed().map((claim) => [key(claim), claim])).values()].toReversed();
	}
}

/** Compares what the policies say, and executes on the sets that they are of. */
class Comparing implements Questions {
	readonly #asker: Asker;
	readonly #groups: readonly PrincipalGroup[] | null;
	/** Null: there are too many to go through. */
	readonly #cells: readonly Cell[] | null;
	readonly #deps: Omit<ClaimDeps, "cells">;
	readonly #unread: Claims;

	constructor(sets: Sets, policies: Sides, bounds: ComparisonBounds, slice: Slice | null) {
		const asker = new Asker(bounds);
		const { kindsMax, stepsMax } = bounds;
		const avoided = listedTools(sets.flatMap((set) => set.policies));
		const few = new Asker({ ...bounds, stepsMax: stepsMax / CELLS_PART });
		this.#asker = asker;
		this.#groups = principalGroupsOf(policies, asker);
		this.#cells = this.#groups === null ? null : cellsOf(this.#groups, few, { kindsMax, avoided });
		this.#deps = {
			asker,
			samples: new Samples(asker, probeKeyOf(sets.flatMap((set) => set.policies))),
			inclusion: new PatternInclusion(asker),
			trials: new TrialPair(sets, slice),
		};
		this.#unread = unreadParts(policies.flat()).map(({ policy, part }) =>
			unknownClaim("other", `\`${part}\` of policy \`${policy}\` is not compared yet`),
		);
	}

	get work(): Comparison["work"] {
		return { cells: this.#cells?.length ?? 0, questions: this.#asker.questions, steps: this.#asker.steps };
	}

	/** On the question whether the `narrow` side is at least as strict as the other. */
	claims(narrow: Side): Claims {
		if (this.#groups === null)
			return [unknownClaim("principals", "the policies tell more kinds of principals apart than are compared")];
		const cells = this.#cells ?? ruleCellsOf(this.#groups, narrow, this.#asker);
		return [...claimsFor(narrow, { ...this.#deps, cells }), ...this.#unread];
	}
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

function comparisonOf([asked, asking]: readonly [Claims, Claims], work: Comparison["work"]): Comparison {
	const directions = directionsOf(asked, asking);
	const isOpen = ({ is }: Claim): boolean => is !== "kept";
	const [looser, stricter] = [asked.filter(isOpen), asking.filter(isOpen)];
	const rows = new Map(
		[...asked, ...asking].map(({ dimension, scope }) => [`${dimension}\n${scope}`, { dimension, scope }]),
	);
	return {
		relation: relationOf(directions),
		summary: relationText(directions),
		...directions,
		dimensions: [...rows.values()].map(({ dimension, scope }) => {
			const isOwn = (claim: Claim): boolean => claim.dimension === dimension && claim.scope === scope;
			return { dimension, scope, relation: relationOf(directionsOf(asked.filter(isOwn), asking.filter(isOwn))) };
		}),
		looser,
		stricter,
		witnesses: [...new Set([...looser, ...stricter].flatMap(({ witness }) => witness ?? []))],
		work,
	};
}

const directionsOf = (asked: Claims, asking: Claims): Directions => ({
	isAtLeastAsStrict: strictness(asked),
	isAtMostAsStrict: strictness(asking),
});

function strictness(claims: Claims): Strictness {
	if (claims.some(({ is }) => is === "broken")) return "no";
	return claims.some(({ is }) => is === "unknown") ? "unknown" : "yes";
}
