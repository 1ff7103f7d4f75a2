/** Entries of a list that another entry of it covers. */
import type { Place } from "../../../base/errors.ts";
import type { Language } from "../../../language/language.ts";
import type { LintRule, Slip } from "../finding.ts";
import { areAmong, isIncluded, isNothing, namesOf, textsOfOne } from "../proofs.ts";
import { readingLists } from "../reading-lists.ts";

interface Entry {
	readonly text: string;
	readonly place: Place;
	readonly language: Language;
	/** Of an entry that `default` reads, too: the names that it keeps from it. */
	readonly kept: Language | null;
}

/** Longer lists are compared by their spelling: each entry would have to be compared with each other one. */
const COMPARED_MAX = 200;

export const redundantEntry: LintRule = {
	id: "redundant-entry",
	certainty: "proven",
	about: "an entry of a list that another entry of the same list covers",
	find: (policy) => {
		const names = policy.nameLists().flatMap(({ caseSensitive, globs }) =>
			covered(
				globs.map((glob) => ({
					...glob,
					language: namesOf({ caseSensitive, globs: [glob] }),
					kept: policy.keptFromDefault(glob),
				})),
				areAmong,
			),
		);
		const patterns = policy.patternLists().flatMap((list) =>
			covered(
				list
					.map((pattern) => ({ ...pattern, language: textsOfOne(pattern), kept: null }))
					.filter(({ language }) => !isNothing(language)),
				isIncluded,
			),
		);
		const read = readingLists(policy).flatMap((list) => coveredEntries(list, (one, other) => one.covers(other)));
		return [...names, ...patterns, ...read];
	},
};

const covered = (entries: readonly Entry[], isWithin: (one: Language, other: Language) => boolean): readonly Slip[] =>
	coveredEntries(
		entries,
		(one, other) =>
			isWithin(other.language, one.language) &&
			(other.kept === null || (one.kept !== null && isWithin(other.kept, one.kept))),
	);

function coveredEntries<Of extends { readonly text: string; readonly place: Place }>(
	entries: readonly Of[],
	covers: (one: Of, other: Of) => boolean,
): readonly Slip[] {
	const isLong = entries.length > COMPARED_MAX;
	return entries.flatMap((entry, at) => {
		const by = entries.find((other, index) => {
			if (index === at) return false;
			if (other.text === entry.text) return index < at;
			if (isLong || !covers(other, entry)) return false;
			// Of two that mean the same the second is told of.
			return index < at || !covers(entry, other);
		});
		if (by === undefined) return [];
		return [
			{
				place: entry.place,
				message:
					by.text === entry.text
						? `\`${entry.text}\` is in this list twice`
						: `\`${by.text}\` covers \`${entry.text}\``,
				help: "remove it from the list",
			},
		];
	});
}
