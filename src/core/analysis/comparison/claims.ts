/**
 * Whether one side is at least as strict as the other, rule by rule: for each rule that the looser side enforces, that the stricter
 * one stops whatever it stops, or a call that shows the contrary, or why neither is known.
 */
import { ANY_STEP, type ArgumentPath } from "../../arguments/path.ts";
import type { Place } from "../../base/errors.ts";
import { durationText } from "../../model/duration.ts";
import type { FiredRule } from "../../policy/compiled.ts";
import type {
	CompiledConditionRule,
	CompiledLimit,
	CompiledObligation,
	CompiledPatternRule,
	CompiledReadingRule,
	CompiledSequence,
	ReadingTest,
} from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import type { Cell, CellSide, CertainRule } from "./cells.ts";
import { covers } from "./exceptions.ts";
import { countedCells, isLong, isShut, keepsLimit, otherSide, type Side, timesOf } from "./limit-inclusion.ts";
import { LimitTrial } from "./limit-trial.ts";
import { coversPath, type PatternInclusion } from "./pattern-inclusion.ts";
import { someFindWherever } from "./reading-inclusion.ts";
import type { Placing, Samples } from "./samples.ts";
import { keepsSequence, sequenceCells } from "./sequence-inclusion.ts";
import { SequenceTrial } from "./sequence-trial.ts";
import { someFiresWherever } from "./test-inclusion.ts";
import { callOf, LEVEL, type TrialPair, type Witness } from "./trial-pair.ts";
import { findVotes } from "./vote-trial.ts";

export type Dimension =
	| "principals"
	| "tools"
	| "arguments"
	| "conditions"
	| ReadingTest["section"]
	| "limits"
	| "approvals"
	| "modes"
	| "obligations"
	| "sequences"
	| "exceptions"
	| "trust"
	| "other";

/** What the looser side asks for, and whether the stricter one asks for it, too. */
export interface Claim {
	readonly dimension: Dimension;
	/** What of the dimension: the arguments that a rule looks at, or what a limit counts. */
	readonly scope: string | null;
	/** The rule of the looser side. */
	readonly policy: string;
	readonly rule: string;
	readonly place: Place | null;
	readonly is: "kept" | "broken" | "unknown";
	/** Of a claim that is broken. */
	readonly witness: Witness | null;
	/** Why it is broken or unknown: a sentence without capital and full stop. */
	readonly why: string | null;
}

export interface ClaimDeps {
	readonly cells: readonly Cell[];
	readonly asker: Asker;
	readonly inclusion: PatternInclusion;
	readonly samples: Samples;
	readonly trials: TrialPair;
}

/** A rule of the looser side about which something was found in one cell. */
interface Finding {
	readonly dimension: Dimension;
	readonly scope: string | null;
	readonly policy: string;
	readonly rule: string;
	readonly place: Place | null;
	readonly gap: Gap | null;
}

/** Why the rule may not be kept, and what to try. */
interface Gap {
	readonly why: string;
	readonly placings: readonly Placing[];
}

/** One claim for each rule of the other side; `narrow` is the side that is held to be stricter. */
export function claimsFor(narrow: Side, deps: ClaimDeps): readonly Claim[] {
	const claims = new Map<string, Claim>();
	for (const cell of deps.cells) {
		const findings = findingsIn(cell, narrow, deps);
		const gaps = findings.filter(({ gap }) => gap !== null);
		const witnesses = gaps.length === 0 ? [] : witnessesIn(cell, narrow, gaps, deps);
		for (const finding of findings) note(claims, claimOf(finding, witnesses));
	}
	for (const limit of new Set(deps.cells.flatMap(({ sides }) => sides[otherSide(narrow)].limits)))
		note(claims, limitClaim(limit, narrow, deps));
	for (const sequence of new Set(deps.cells.flatMap(({ sides }) => sides[otherSide(narrow)].completes)))
		note(claims, sequenceClaim(sequence, narrow, deps));
	return [...claims.values()];
}

const RANK = { kept: 0, unknown: 1, broken: 2 } as const;

/** The worst that was found in any cell. */
function note(claims: Map<string, Claim>, claim: Claim): void {
	const key = `${claim.policy}\n${claim.rule}\n${claim.dimension}\n${claim.scope}\n${claim.place?.line}:${claim.place?.column}`;
	const known = claims.get(key);
	if (known === undefined || RANK[claim.is] > RANK[known.is]) claims.set(key, claim);
}

/** A call of the cell that the stricter side lets through, with the rules of the other side that do not. */
interface FoundWitness {
	readonly witness: Witness;
	readonly stoppedBy: ReadonlySet<string>;
}

function claimOf(finding: Finding, witnesses: readonly FoundWitness[]): Claim {
	const { gap, ...claim } = finding;
	if (gap === null) return { ...claim, is: "kept", witness: null, why: null };
	const own = witnesses.find(({ stoppedBy }) => stoppedBy.has(`${claim.policy}/${claim.rule}`));
	if (own === undefined) return { ...claim, is: "unknown", witness: null, why: gap.why };
	const why = claim.dimension === "obligations" ? gap.why : "a call that it stops is let through";
	return { ...claim, is: "broken", witness: own.witness, why };
}

function findingsIn({ sides }: Cell, narrow: Side, deps: ClaimDeps): readonly Finding[] {
	const [own, other] = [sides[narrow], sides[otherSide(narrow)]];
	const sidesOf = { own, other };
	const isKept = isShut(own);
	const findings: Finding[] = [];
	if (other.isClosed) {
		const gap = isKept
			? null
			: { why: "no policy in force applies there, and the other set admits calls", placings: [] };
		findings.push({ dimension: "principals", scope: null, policy: "", rule: "policy.none", place: null, gap });
	}
	const find = (
		rule: { readonly place: Place; readonly fired: FiredRule },
		dimension: Dimension,
		scope: string | null,
		gapOf: () => Gap | null,
	): void => {
		const { policy, name } = rule.fired.reason.rule;
		const isCovering = covers(own, other, rule, deps.asker);
		const gap = isKept || own.certain.some(isCovering) ? null : gapOf();
		findings.push({ dimension, scope, policy, rule: name, place: rule.place, gap });
	};
	for (const rule of other.certain) {
		// Both ask for approval, but not for the same.
		const isHeld = (each: CertainRule): boolean => each.fired.reason.rule.effect === "hold";
		const dimension = isHeld(rule) && own.certain.some(isHeld) ? "approvals" : "tools";
		find(rule, dimension, null, () => ({ why: "nothing is known to stop all of these calls", placings: [] }));
	}
	for (const rule of other.patternRules) {
		const scope = rule.arguments.map(({ text }) => text).join(" | ");
		find(rule, "arguments", scope, () => patternGap(rule, sidesOf, deps));
	}
	for (const rule of other.conditionRules) {
		const tests = [...rule.when, ...rule.require];
		const scope = [...new Set(tests.flatMap(({ selectors }) => selectors.map(({ text }) => text)))].join(" | ");
		find(rule, "conditions", scope, () => conditionGap(rule, sidesOf, deps));
	}
	for (const rule of other.readingRules) find(rule, rule.looksFor.section, null, () => readingGap(rule, sidesOf, deps));
	if (!isKept && !other.isClosed) findings.push(...obligationFindings(own, other));
	return findings;
}

/** The two sides of one cell: of the set that is held to be stricter, and of the other. */
interface Sides {
	readonly own: CellSide;
	readonly other: CellSide;
}

function patternGap(rule: CompiledPatternRule, { own, other }: Sides, { asker, inclusion }: ClaimDeps): Gap | null {
	const candidates = own.patternRules.filter(covers(own, other, rule, asker));
	const gaps = inclusion.gaps(candidates, rule);
	const [first] = gaps;
	if (first === undefined) return null;
	return {
		why: first.why,
		placings: gaps.slice(0, TRIED_MAX).flatMap(({ path, text }) => (text === null ? [] : [{ path, value: text }])),
	};
}

/** Texts that are tried for one rule. */
const TRIED_MAX = 32;

function conditionGap(rule: CompiledConditionRule, { own, other }: Sides, { asker }: ClaimDeps): Gap | null {
	const isKept = someFiresWherever(own.conditionRules.filter(covers(own, other, rule, asker)), rule, asker);
	return isKept ? null : { why: "no rules are known to stop all that this one stops", placings: [] };
}

function readingGap(rule: CompiledReadingRule, { own, other }: Sides, { asker }: ClaimDeps): Gap | null {
	const tests = own.readingRules.filter(covers(own, other, rule, asker)).map(({ looksFor }) => looksFor);
	if (someFindWherever(tests, rule.looksFor)) return null;
	return {
		why: "no rules of its section are known to stop all that this one stops, and no call was found that shows it",
		placings: [],
	};
}

/** A value that is not redacted any more, or a call that may take longer, is looser. */
function obligationFindings(own: CellSide, other: CellSide): readonly Finding[] {
	const paths = own.obligations.flatMap(({ redact }) => redact);
	const deadlineMs = timesOf(own).callDeadlineMs;
	// Where the other side says nothing, a call has the time that every call has.
	const usualMs = timesOf(other).callDeadlineMs;
	const longer = (otherMs: number): string =>
		`a call may take ${durationText(deadlineMs)}, and no more than ${durationText(otherMs)} in the other set`;
	return [
		...other.obligations.map((obligation) => {
			const bare = obligation.redact.filter((path) => !paths.some((each) => coversPath(each, path)));
			const { deadlineMs: otherMs } = obligation;
			const open =
				bare.length === 0
					? []
					: [`${bare.map(argumentText).join(", ")} ${bare.length > 1 ? "are" : "is"} not redacted`];
			const whys = otherMs !== null && deadlineMs > otherMs ? [...open, longer(otherMs)] : open;
			const why = whys.length === 0 ? null : whys.join("; ");
			return owing(obligation, why === null ? null : { why, placings: bare.map((path) => ({ path, value: "x" })) });
		}),
		...(deadlineMs > usualMs ? own.obligations.filter(isLong) : []).map((obligation) =>
			owing(obligation, { why: longer(usualMs), placings: [] }),
		),
	];
}

/** As authors write it. */
const argumentText = (path: ArgumentPath): string =>
	`\`${["args", ...path.map((step) => (step === ANY_STEP ? "*" : step.replace(/[.*[\\]/g, "\\$&")))].join(".")}\``;

const owing = ({ policy, failed, place }: CompiledObligation, gap: Gap | null): Finding => ({
	dimension: "obligations",
	scope: null,
	policy,
	rule: failed.reason.rule.name,
	place,
	gap,
});

/** Calls of one cell that are executed on both sets in search of such as the stricter one lets through and the other does not. */
function witnessesIn(cell: Cell, narrow: Side, gaps: readonly Finding[], deps: ClaimDeps): readonly FoundWitness[] {
	const { samples, trials } = deps;
	const placings = gaps.flatMap(({ gap }) => gap?.placings ?? []);
	const found: FoundWitness[] = [];
	const open = new Set(gaps.map(({ policy, rule }) => `${policy}/${rule}`));
	const ends = new Set(cell.sides.flatMap(({ exceptions }) => exceptions.map(({ expiresAt }) => expiresAt)));
	const tried = samples.argsOf(cell, placings).flatMap((args) => [0, ...ends].map((at) => ({ args, at })));
	const triedVotes = new Set<string>();
	for (const parts of tried) {
		const call = callOf(cell.names, "1", parts);
		if (call === null || open.size === 0) break;
		const own = trials.asked(narrow, call);
		if (own.level === LEVEL.deny) continue;
		const other = trials.asked(otherSide(narrow), call);
		if (own.level > other.level) continue;
		const rules = other.evaluation.fired.flatMap(({ reason: { rule } }) =>
			rule.mode === "enforce" ? [`${rule.policy}/${rule.name}`] : [],
		);
		const owed = gaps.flatMap(({ dimension, policy, rule }) =>
			dimension === "obligations" && own.level === other.level ? [`${policy}/${rule}`] : [],
		);
		const stoppedBy = new Set([...rules, ...owed, ...(other.evaluation.isEnforced ? [] : ["/policy.none"])]);
		if (![...stoppedBy].some((name) => open.has(name))) continue;
		const isAlike = own.level === other.level && owed.length === 0;
		let witness = isAlike ? null : trials.execute([call], narrow);
		if (witness === null && own.level === LEVEL.hold && other.level === LEVEL.hold) {
			// What votes do depends on what is asked for alone.
			const asks = JSON.stringify([own.requirements, other.requirements]);
			if (triedVotes.has(asks)) continue;
			triedVotes.add(asks);
			witness = findVotes(call, own.requirements, other.requirements, { trials, narrow });
		}
		if (witness === null) continue;
		for (const name of stoppedBy) open.delete(name);
		found.push({ witness, stoppedBy });
	}
	return found;
}

function limitClaim(limit: CompiledLimit, narrow: Side, deps: ClaimDeps): Claim {
	const claim = {
		dimension: "limits",
		scope: `${limit.measure} per ${limit.scope}`,
		policy: limit.policy,
		rule: limit.name,
		place: limit.place,
	} as const;
	if (keepsLimit(deps.cells, limit, narrow, deps.asker)) return { ...claim, is: "kept", witness: null, why: null };
	const counted = countedCells(deps.cells, limit, narrow);
	const witness = new LimitTrial(deps.trials, deps.samples, narrow).search(limit, counted);
	if (witness !== null) return { ...claim, is: "broken", witness, why: "more is admitted than this limit allows" };
	return { ...claim, is: "unknown", witness: null, why: "no limits of the other set are known to keep it" };
}

function sequenceClaim(sequence: CompiledSequence, narrow: Side, deps: ClaimDeps): Claim {
	const { policy, sequence: rule, scope } = sequence.sequence;
	const claim = { dimension: "sequences", scope: `per ${scope}`, policy, rule, place: sequence.place } as const;
	if (keepsSequence(deps.cells, sequence, narrow, deps.asker))
		return { ...claim, is: "kept", witness: null, why: null };
	const cells = sequenceCells(deps.cells, sequence, narrow, deps.asker);
	const witness = new SequenceTrial(deps.trials, deps.samples, narrow).search(sequence, cells);
	if (witness !== null) return { ...claim, is: "broken", witness, why: "a call that it stops is let through" };
	return {
		...claim,
		is: "unknown",
		witness: null,
		why: "no sequence of the other set is known to stop all that this one stops",
	};
}
