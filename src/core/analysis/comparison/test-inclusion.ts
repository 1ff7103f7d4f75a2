/** When rules of `conditions` fire wherever another one does: test by test, by the values that each is about. */

import { spellingOfKey } from "../../arguments/key-spelling.ts";
import { ANY_STEP, type ArgumentPath } from "../../arguments/path.ts";
import type { CompiledConditionRule, CompiledTest } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import { excludes, includedInAny, includes, includesCommon } from "./predicate-inclusion.ts";
import { spelled } from "./spelling.ts";

/** What is about calls by their arguments: rules of `conditions`, and the two ends of a sequence. */
export type Tested = Pick<CompiledConditionRule, "tools" | "when" | "require">;

/** Does `rule` fire on every call on which `other` does, of the tools that both are about? False where that is not certain. */
export const firesWhereverTest = (rule: Tested, other: Tested, asker: Asker): boolean =>
	someFiresWherever([rule], other, asker);

/** On every call on which `other` fires, does one of the rules? False where that is not certain. */
export function someFiresWherever(rules: readonly Tested[], other: Tested, asker: Asker): boolean {
	const spelling = spelled([other.when, other.require]);
	if (rules.some((rule) => spelled([rule.when, rule.require]) === spelling)) return true;
	const follows = (test: CompiledTest): boolean => other.when.some((theirs) => mayHoldWith(test, theirs, asker));
	/** Where `other` fires, does a test fail that one of these rules requires? */
	const isBroken = (some: readonly Tested[]): boolean => {
		const required = some.flatMap(({ require }) => require);
		if (required.some((test) => other.when.some((theirs) => failsWhere(test, theirs, asker)))) return true;
		return other.require.length > 0 && other.require.every((theirs) => oneFailsWith(required, theirs, asker));
	};
	const followed = rules.filter(({ when }) => when.every(follows));
	if (followed.some(({ require }) => require.length === 0) || isBroken(followed)) return true;
	// Rules of which only one test is open may hold between them wherever a test of the other does.
	const open = rules.flatMap((rule): readonly CompiledTest[] => {
		const left = rule.when.filter((test) => !follows(test));
		return left.length === 1 && (rule.require.length === 0 || isBroken([rule])) ? left : [];
	});
	return open.length > 1 && other.when.some((theirs) => oneMayHoldWith(open, theirs, asker));
}

/** Does an exception with the tests `other` apply wherever one with these tests does? Each must hold for certain. */
export const appliesWherever = (
	tests: readonly CompiledTest[],
	other: readonly CompiledTest[],
	asker: Asker,
): boolean => other.every((theirs) => oneFailsWith(tests, theirs, asker));

/** In `when`: does the test hold, or may it, wherever the other does or may? */
function mayHoldWith(test: CompiledTest, other: CompiledTest, asker: Asker): boolean {
	const isSame = isSameSelection(test, other);
	if (other.missing === "match" && !(isSame && test.missing === "match")) return false;
	if (other.predicate.kind === "present" && !isSame) return false;
	return looksWherever(test, other) && includes(test.predicate, other.predicate, asker);
}

/** In `when`: does one of the tests hold, or may it, wherever the other does or may? */
function oneMayHoldWith(tests: readonly CompiledTest[], other: CompiledTest, asker: Asker): boolean {
	if (other.predicate.kind === "present") return false;
	const looking = tests.filter((test) => looksWherever(test, other));
	if (other.missing === "match" && !looking.some((test) => seesMissing(test, other))) return false;
	return includedInAny(
		other.predicate,
		looking.map(({ predicate }) => predicate),
		asker,
	);
}

/** In `require`: does one of the tests fail, or may it, wherever the other does or may? */
function oneFailsWith(tests: readonly CompiledTest[], other: CompiledTest, asker: Asker): boolean {
	const { predicate } = other;
	// It fails where a value is there and not where one is missing.
	const isForbidding = predicate.kind === "present" && !predicate.wanted;
	const isMissingSeen = tests.some((test) => seesMissing(test, other));
	if (other.missing === "match" && !isForbidding && !isMissingSeen) return false;
	if (predicate.kind === "present" && predicate.wanted) return isMissingSeen;
	const looking = tests.filter((test) => looksWherever(test, other) && seesDoubles(test, other));
	return includesCommon(
		predicate,
		looking.map((test) => test.predicate),
		asker,
	);
}

/** Does the `required` test fail, or may it, wherever the other one of a `when` holds or may hold? */
function failsWhere(required: CompiledTest, other: CompiledTest, asker: Asker): boolean {
	const { predicate } = required;
	const isForbidding = predicate.kind === "present" && !predicate.wanted;
	if (other.predicate.kind === "present")
		return other.predicate.wanted ? isForbidding && looksWherever(required, other) : seesMissing(required, other);
	if (other.missing === "match" && !seesMissing(required, other)) return false;
	return looksWherever(required, other) && (isForbidding || excludes(predicate, other.predicate, asker));
}

/** Does the test fail, or hold in a `when`, where the other one finds nothing, or not all of it? */
const seesMissing = (test: CompiledTest, other: CompiledTest): boolean =>
	test.missing === "match" &&
	!(test.predicate.kind === "present" && !test.predicate.wanted) &&
	isSameSelection(test, other);

const selectorsOf = ({ selectors }: CompiledTest): ReadonlySet<string> =>
	new Set(selectors.map(({ path, ofKeys }) => spelled([path, ofKeys])));

function looksWherever(test: CompiledTest, other: CompiledTest): boolean {
	const own = selectorsOf(test);
	return [...selectorsOf(other)].every((selector) => own.has(selector));
}

const isSameSelection = (test: CompiledTest, other: CompiledTest): boolean =>
	looksWherever(test, other) && looksWherever(other, test);

/** Of what the other test looks at, is what is in doubt for it, because of another spelling beside it, in doubt for this one as well? */
function seesDoubles(test: CompiledTest, other: CompiledTest): boolean {
	const theirs = selectorsOf(other);
	const more = test.selectors.filter(({ path, ofKeys }) => !theirs.has(spelled([path, ofKeys])));
	return more.every(({ path }) => other.selectors.every((each) => isElsewhere(path, each.path)));
}

/** Is what the path names never another spelling of what `other` names, or below one? */
function isElsewhere(path: ArgumentPath, other: ArgumentPath): boolean {
	for (const [depth, theirs] of other.entries()) {
		const step = path[depth];
		if (step === undefined) return false;
		if (theirs === ANY_STEP || step === theirs) continue;
		return step !== ANY_STEP && spellingOfKey(step) !== spellingOfKey(theirs);
	}
	return true;
}
