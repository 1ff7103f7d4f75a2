/** Rules on what the classifier reads in a call: each thing that is looked for is said once. */
import { suggest } from "../base/suggestion.ts";
import { type Category, isDangerous } from "../classify/category.ts";
import { FACT_ATTRIBUTES } from "../classify/fact-attributes.ts";
import type { CheckReport } from "./check-report.ts";
import { checkFactValues } from "./fact-values.ts";
import type { CommandsRule, FactRule, IntentRule } from "./reading-form.ts";
import { checkAbout } from "./tool-checks.ts";
import type { YamlPath } from "./yaml-source.ts";

export function checkIntentRule(report: CheckReport, rule: IntentRule, path: YamlPath): void {
	checkAbout(report, rule, path);
	report.approval(rule, path);
	checkIntents(report, rule, path);
}

/** The categories of a rule or of a kind of calls. */
export function checkIntents(
	report: CheckReport,
	{ categories }: Pick<IntentRule, "categories">,
	path: YamlPath,
): void {
	for (const [index, category] of categories.entries()) {
		const isTwice = categories.indexOf(category) < index;
		const isAmong = category !== "dangerous" && categories.includes("dangerous") && isDangerous(category as Category);
		if (!isTwice && !isAmong) continue;
		const message = isTwice ? `\`${category}\` is listed already` : `\`${category}\` is one of \`dangerous\``;
		report.add("POLICY_DUPLICATE", message, "remove it here", report.yaml.placeOf([...path, "categories", index]));
	}
}

export function checkFactRule(report: CheckReport, rule: FactRule, path: YamlPath): void {
	checkAbout(report, rule, path);
	report.approval(rule, path);
	checkFacts(report, rule, path);
}

/** The attributes that a rule or a kind of calls asks for. */
export function checkFacts(
	report: CheckReport,
	asked: Pick<FactRule, "fact" | "has" | "all" | "none">,
	path: YamlPath,
): void {
	const known = FACT_ATTRIBUTES[asked.fact];
	for (const part of ["has", "all", "none"] as const) {
		for (const attribute of Object.keys(asked[part] ?? {})) {
			if (attribute === "via" || known.includes(attribute)) continue;
			const message = `facts of the kind \`${asked.fact}\` have no \`${attribute}\``;
			report.add("POLICY_SCHEMA", message, suggest(attribute, known), report.yaml.placeOf([...path, part, attribute]));
		}
	}
	checkFactValues(report, asked, path);
}

/** `git status` as the words that a command begins with. */
export const commandWords = (text: string): readonly string[] => text.split(" ").filter((word) => word !== "");

export function checkCommandsRule(report: CheckReport, rule: CommandsRule, path: YamlPath): void {
	checkAbout(report, rule, path);
	report.approval(rule, path);
	for (const [index, text] of rule.only.entries()) {
		const place = report.yaml.placeOf([...path, "only", index]);
		const words = commandWords(text);
		const odd = words.find((word) => /[^\w.:@%+=,/-]/.test(word));
		if (words.length === 0 || words[0]?.startsWith("-") === true) {
			report.add("POLICY_SCHEMA", "an entry begins with a program", "write it as `git status`", place);
		} else if (odd !== undefined) {
			const message = `\`${odd}\` is no plain word of a command`;
			report.add("POLICY_SCHEMA", message, "write the words as they are typed, without quotes and wildcards", place);
		} else if (words[0]?.includes("/") === true) {
			const help = "write the program's name; it may be called from the folders of the system";
			report.add("POLICY_SCHEMA", "a program is listed without its folder", help, place);
		} else if (rule.only.findIndex((other) => commandWords(other).join(" ") === words.join(" ")) < index) {
			report.add("POLICY_DUPLICATE", `\`${words.join(" ")}\` is listed already`, "remove it here", place);
		}
	}
}
