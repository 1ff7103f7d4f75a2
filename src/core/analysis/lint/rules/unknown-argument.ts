/** Arguments that the tools of a rule do not have, as far as they are known. */

import type { ArgumentPath } from "../../../arguments/path.ts";
import type { Place } from "../../../base/errors.ts";
import { nearest } from "../../../base/suggestion.ts";
import { isPlainName } from "../../../language/glob-reader.ts";
import type { ToolSet } from "../../../policy/rules.ts";
import type { LintRule, Slip } from "../finding.ts";
import { COMMON_ARGUMENTS, knownArguments } from "../known-tools.ts";

export const unknownArgument: LintRule = {
	id: "unknown-argument",
	certainty: "likely",
	about: "an argument in `in` that the rule's tools do not have, as far as they are known, or that is misspelt",
	find: (policy) => {
		const { patternRules, conditionRules, sequences, exceptions } = policy.rules;
		return [
			...patternRules.map(({ tools, arguments: selectors }) => ({ tools, selectors })),
			...conditionRules.flatMap(({ tools, when, require }) =>
				[...when, ...require].map(({ selectors }) => ({ tools, selectors })),
			),
			...sequences.flatMap(({ after, completedBy }) =>
				[after, completedBy].flatMap(({ tools, when, require }) =>
					[...when, ...require].map(({ selectors }) => ({ tools, selectors })),
				),
			),
			...exceptions.flatMap(({ tools, when }) => when.map(({ selectors }) => ({ tools, selectors }))),
		].flatMap(({ tools, selectors }) => slipsIn(tools, selectors));
	},
};

function slipsIn(
	tools: ToolSet,
	selectors: readonly { readonly text: string; readonly path: ArgumentPath; readonly place: Place }[],
): readonly Slip[] {
	const names = tools.names.globs.map(({ text }) => text);
	const known = names.map((name) => (isPlainName(name) ? knownArguments(name) : null));
	const all = known.includes(null) ? null : [...new Set(known.flatMap((each) => each ?? []))];
	const isForeign = ({ path: [first] }: { readonly path: ArgumentPath }): boolean =>
		all !== null && typeof first === "string" && !all.includes(first);
	// What one of the alternatives names is what the rule looks at.
	if (all !== null && selectors.every(isForeign)) {
		return selectors.map(({ text, place, path: [first] }) => {
			const near = typeof first === "string" ? nearest(first, all) : null;
			return {
				place,
				message: `${names.map((name) => `\`${name}\``).join(" and ")} ${names.length > 1 ? "have" : "has"} no argument \`${String(first)}\`, as far as ${names.length > 1 ? "they are" : "it is"} known: \`${text}\` names nothing`,
				help:
					near === null
						? `known: ${all.map((each) => `\`args.${each}\``).join(", ")}`
						: `did you mean \`args.${near}\`?`,
			};
		});
	}
	if (all !== null) return [];
	return selectors.flatMap(({ place, path: [first] }): Slip[] => {
		const near = typeof first === "string" ? misspelt(first) : null;
		if (near === null) return [];
		return [
			{
				place,
				message: `\`${String(first)}\` is hardly the name of an argument`,
				help: `did you mean \`args.${near}\`?`,
			},
		];
	});
}

/** The common name of which this is one slip of the pen; null for another name, also a plural or one without `_`. */
function misspelt(name: string): string | null {
	const plain = withoutBreaks(name);
	const known = COMMON_ARGUMENTS.map(withoutBreaks);
	if (plain.length < 5 || known.some((each) => plain === each || plain === `${each}s`)) return null;
	const at = known.findIndex((each) => isOneSlip(plain, each));
	return COMMON_ARGUMENTS[at] ?? null;
}

const withoutBreaks = (name: string): string => name.toLowerCase().replace(/[_-]/g, "");

/** Do two words differ in one letter that is missing, added or another, or in two neighbours that changed places? */
function isOneSlip(one: string, other: string): boolean {
	let begin = 0;
	while (begin < one.length && one[begin] === other[begin]) begin += 1;
	let end = 0;
	while (end < Math.min(one.length, other.length) - begin && one.at(-1 - end) === other.at(-1 - end)) end += 1;
	const [a, b] = [one.slice(begin, one.length - end), other.slice(begin, other.length - end)];
	return (a.length <= 1 && b.length <= 1) || (a.length === 2 && a === [...b].reverse().join(""));
}
