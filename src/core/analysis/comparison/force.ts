/** What a rule that fires asks of a call, and which of two asks for more: deny over hold over nothing. */
import { personName } from "../../base/person-name.ts";
import { type Language, NOTHING, ofTrees } from "../../language/language.ts";
import { readNameGlob } from "../../match/name-globs.ts";
import type { Requirement } from "../../model/entries.ts";
import type { FiredRule } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";

/** Does it have force? What only records has none. */
export const isEnforced = ({ reason }: FiredRule): boolean => reason.rule.mode === "enforce";

/** Does whatever satisfies `fired` satisfy `other`, too? Nothing satisfies a rule that denies. */
export function coversForce(fired: FiredRule, other: FiredRule, asker: Asker): boolean {
	if (!isEnforced(fired)) return false;
	if (fired.reason.rule.effect === "deny") return true;
	const { requirement } = fired;
	return requirement !== null && other.requirement !== null && coversRequirement(requirement, other.requirement, asker);
}

/** Do votes that grant the one always grant the other? The names of the rules tell nothing. */
export function coversRequirement(asked: Requirement, other: Requirement, asker: Asker): boolean {
	if (asked.quorum < other.quorum || asked.expiresAfterMs > other.expiresAfterMs) return false;
	if (asked.selfAllowed && !other.selfAllowed) return false;
	return asker.inclusion(languageOfPeople(asked), languageOfPeople(other)).is === "included";
}

const people = new WeakMap<readonly string[], Language>();

/** Approvers as they compare: see `personName`. */
function languageOfPeople({ approvers }: Requirement): Language {
	const known = people.get(approvers) ?? readPeople(approvers);
	people.set(approvers, known);
	return known;
}

function readPeople(approvers: readonly string[]): Language {
	const globs = approvers.flatMap((text) => readNameGlob(personName(text), true) ?? []);
	return globs.length === 0
		? NOTHING
		: ofTrees(
				"text",
				globs.map(({ tree }) => tree),
			);
}
