/** Does one rule fire on every call on which another does, and say at least as much of it? */
import { ANY_STEP, type ArgumentPath } from "../../arguments/path.ts";
import type { Json } from "../../base/json.ts";
import type { Requirement, Severity } from "../../model/entries.ts";
import type {
	CompiledConditionRule,
	CompiledPatternRule,
	CompiledReadingRule,
	CompiledToolRule,
	FiredRule,
	ToolSet,
} from "../../policy/rules.ts";
import { someFindWherever } from "../comparison/reading-inclusion.ts";
import { anyOf, areAmong, isIncluded, textsOf, toolsOf } from "./proofs.ts";

/** What is proven, not what is so: false also where it cannot be told. */
export function patternRuleCovers(one: CompiledPatternRule, other: CompiledPatternRule): boolean {
	if (!isAsStrong(one.fired, other.fired) || !toolsCover(one.tools, other.tools)) return false;
	if (other.inTool && !one.inTool) return false;
	const isSameIn = isSame(one.arguments.map(textOf).sort(), other.arguments.map(textOf).sort());
	if (
		!isSameIn &&
		!other.arguments.every(({ path }) => one.arguments.some((argument) => leadsTo(argument.path, path)))
	) {
		return false;
	}
	// A list passes where each member is exempt, so that languages of single texts do not tell what an exemption leaves.
	if (one.unless.length > 0 && !(isSameIn && isSame(spelled(one.unless), spelled(other.unless)))) return false;
	if (other.doubts?.missing && !(isSameIn && one.doubts?.missing)) return false;
	if (other.doubts?.unreadable && !(isSameIn && one.doubts?.unreadable)) return false;
	return isIncluded(textsOf(other.patterns), textsOf(one.patterns));
}

/** Entries of `deny` and `hold`. */
export const toolRuleCovers = (one: CompiledToolRule, other: CompiledToolRule): boolean =>
	isAsStrong(one.fired, other.fired) && areAmong(anyOf(other.tools), anyOf(one.tools));

/** Conditions that say the same. */
export const conditionRuleCovers = (one: CompiledConditionRule, other: CompiledConditionRule): boolean =>
	isAsStrong(one.fired, other.fired) &&
	toolsCover(one.tools, other.tools) &&
	isSame(testsOf(one.when), testsOf(other.when)) &&
	isSame(testsOf(one.require), testsOf(other.require));

/** Rules on what the classifier reads. */
export const readingRuleCovers = (one: CompiledReadingRule, other: CompiledReadingRule): boolean =>
	isAsStrong(one.fired, other.fired) &&
	toolsCover(one.tools, other.tools) &&
	someFindWherever([one.looksFor], other.looksFor);

const toolsCover = (one: ToolSet, other: ToolSet): boolean => areAmong(toolsOf(other), toolsOf(one));

/** Of two rules in force, or two that record: does the first decide as hard, and is it as grave? */
function isAsStrong(one: FiredRule, other: FiredRule): boolean {
	const [a, b] = [one.reason.rule, other.reason.rule];
	if (a.mode !== b.mode || SEVERITIES.indexOf(a.severity) < SEVERITIES.indexOf(b.severity)) return false;
	if (a.effect === "deny") return true;
	// Two holds ask for two approvals, unless they ask the same people; the shorter of their times is how long a call waits.
	return (
		b.effect === "hold" &&
		isSame(asked(one.requirement), asked(other.requirement)) &&
		expiresAfter(one) <= expiresAfter(other)
	);
}

const expiresAfter = ({ requirement }: FiredRule): number => requirement?.expiresAfterMs ?? 0;

const SEVERITIES: readonly Severity[] = ["low", "medium", "high", "critical"];

function asked(requirement: Requirement | null): Json {
	if (requirement === null) return null;
	const { approvers, quorum, selfAllowed } = requirement;
	return [[...approvers].sort(), quorum, selfAllowed];
}

/** Is whatever the second path names at or below what the first one does? */
const leadsTo = (path: ArgumentPath, below: ArgumentPath): boolean =>
	path.length <= below.length && path.every((step, index) => step === ANY_STEP || step === below[index]);

const textOf = ({ text }: { readonly text: string }): string => text;

const spelled = (patterns: CompiledPatternRule["unless"]): Json =>
	patterns.map(({ tree }) => JSON.stringify(tree)).sort();

/** Tests without their places and words. */
const testsOf = (tests: CompiledConditionRule["when"]): Json =>
	tests
		.map(({ selectors, predicate, missing }) =>
			JSON.stringify([selectors.map(textOf).sort(), predicate, missing], (key, value: unknown) =>
				key === "place" ? undefined : value,
			),
		)
		.sort();

const isSame = (one: Json, other: Json): boolean => JSON.stringify(one) === JSON.stringify(other);
