/** Rules about patterns: one kind, with a style where none would be safe, and exemptions that leave something to find. */

import { type PathFault, parseArgumentPath } from "../arguments/path.ts";
import { parseSelector } from "../arguments/selector.ts";
import type { PatternSource } from "../match/pattern.ts";
import type { CheckReport } from "./check-report.ts";
import type { PatternRule } from "./document.ts";
import { patternTextsOf } from "./forms.ts";
import { exemptsEverything, type PatternSlip } from "./pattern-slips.ts";
import { checkPatternText, reportSlip } from "./pattern-text-checks.ts";
import { nameOf } from "./schema-problems.ts";
import { checkAbout } from "./tool-checks.ts";
import { writtenSelectors } from "./written-selectors.ts";
import type { YamlPath } from "./yaml-source.ts";

/** The inside of a class of characters. */
const CLASS = /^\^?(?:\w-\w|\\[wdsWDS])+$/;

export function checkPatternRule(report: CheckReport, rule: PatternRule, path: YamlPath): void {
	checkKinds(report, rule, path, "text");
	if (rule.unless !== undefined) checkKinds(report, rule.unless, [...path, "unless"], null);
	checkAbout(report, rule, path);
	report.approval(rule, path);
	for (const { text, place } of writtenSelectors(rule.in, [...path, "in"], report.yaml)) {
		const fault = text === "tool" ? null : selectorFault(text);
		if (fault !== null) report.add("POLICY_SCHEMA", fault.message, fault.help, place);
	}
}

/** Unlike a condition, a pattern may look at all of `args`, and looks at keys beside values. */
function selectorFault(text: string): PathFault | null {
	if (text.endsWith("#key") || text === "") {
		const parsed = parseSelector(text);
		if (!parsed.ok) return parsed.error;
		const help = "leave out `#key` to look at keys and values, or write a rule of `conditions` about the keys";
		return { message: "patterns look at the keys of what `in` names anyway", help };
	}
	const parsed = parseArgumentPath(text);
	return parsed.ok ? null : { message: parsed.error.message, help: `${parsed.error.help}; or \`tool\`` };
}

/** Exactly one kind; `style` for globs alone, and without a default where none would be safe. */
function checkKinds(
	report: CheckReport,
	rule: PatternRule | NonNullable<PatternRule["unless"]>,
	path: YamlPath,
	styleDefault: "text" | null,
): void {
	const given = patternTextsOf(rule);
	const [first, second] = given;
	if (first === undefined && !report.hasOtherKeys(rule, path)) {
		report.add(
			"POLICY_SCHEMA",
			`${nameOf(path)} has no pattern`,
			"add `regex`, `substring` or `glob`",
			report.yaml.placeOf(path),
		);
	}
	if (second !== undefined) {
		const message = `${nameOf(path)} has both \`${first?.kind}\` and \`${second.kind}\``;
		report.add(
			"POLICY_SCHEMA",
			message,
			"a rule has one kind of pattern: make two rules",
			report.yaml.placeOfKey([...path, second.kind]),
		);
	}
	const hasGlob = rule.glob !== undefined;
	if (!hasGlob && rule.style !== undefined) {
		report.add(
			"POLICY_SCHEMA",
			"`style` has a meaning for globs only",
			"remove it",
			report.yaml.placeOfKey([...path, "style"]),
		);
	}
	if (hasGlob && rule.style === undefined && styleDefault === null) {
		const help =
			"`style: path` stops `*` at `/` and resolves `..`; `style: text` lets `*` cross everything, which exempts more";
		report.add(
			"POLICY_SCHEMA",
			"a glob in `unless` must say its style",
			help,
			report.yaml.placeOfKey([...path, "glob"]),
		);
	}
	checkKindTexts(report, rule, path, {
		caseSensitive: "case" in rule && rule.case === "sensitive",
		isExempting: path.at(-1) === "unless",
	});
}

/** What the patterns of a map with kinds say: `isExempting` where a text passes that one of them matches. */
export function checkKindTexts(
	report: CheckReport,
	rule: Parameters<typeof patternTextsOf>[0] & { readonly style?: "path" | "text" | undefined },
	path: YamlPath,
	options: { readonly caseSensitive: boolean; readonly isExempting: boolean },
): void {
	for (const { kind, texts } of patternTextsOf(rule)) {
		const isList = typeof rule[kind] !== "string";
		const [only = ""] = texts;
		if (
			isList &&
			texts.length === 1 &&
			kind !== "substring" &&
			CLASS.test(only) &&
			report.yaml.isFlow([...path, kind])
		) {
			report.add(
				"POLICY_PATTERN",
				`YAML reads \`[${only}]\` as a list that holds the text \`${only}\``,
				`put the pattern in single quotes: \`'[${only}]'\``,
				report.yaml.placeOf([...path, kind]),
			);
			continue;
		}
		for (const [index, text] of texts.entries()) {
			const where = isList ? [...path, kind, index] : [...path, kind];
			const source: PatternSource = { kind, text, style: rule.style ?? "text", caseSensitive: options.caseSensitive };
			const isRead = checkPatternText(report, source, where);
			const everything = isRead && options.isExempting ? exemptsEverything(source) : null;
			if (everything !== null) reportSlip(report, asWritten(everything, path), kind, where);
			if (!report.yaml.isCutByComment(where)) continue;
			report.add(
				"POLICY_PATTERN",
				"the pattern ends where ` #` begins a comment",
				"put the pattern in single quotes",
				report.yaml.placeOf(where),
			);
		}
	}
}

/** What is required of a value is no exemption to its author. */
const asWritten = (slip: PatternSlip, path: YamlPath): PatternSlip =>
	path.at(-1) === "unless"
		? slip
		: {
				...slip,
				message: "every text satisfies this: the test says nothing",
				help: "say more, or remove the test",
			};
