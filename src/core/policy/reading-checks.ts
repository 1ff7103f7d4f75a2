/** Rules on what the classifier reads in a call: each thing that is looked for is said once. */
import { type Category, isDangerous } from "../classify/category.ts";
import type { CheckReport } from "./check-report.ts";
import type { IntentRule } from "./reading-form.ts";
import { checkAbout } from "./tool-checks.ts";
import type { YamlPath } from "./yaml-source.ts";

export function checkIntentRule(report: CheckReport, rule: IntentRule, path: YamlPath): void {
	checkAbout(report, rule, path);
	report.approval(rule, path);
	const { categories } = rule;
	for (const [index, category] of categories.entries()) {
		const isTwice = categories.indexOf(category) < index;
		const isAmong = category !== "dangerous" && categories.includes("dangerous") && isDangerous(category as Category);
		if (!isTwice && !isAmong) continue;
		const message = isTwice ? `\`${category}\` is listed already` : `\`${category}\` is one of \`dangerous\``;
		report.add("POLICY_DUPLICATE", message, "remove it here", report.yaml.placeOf([...path, "categories", index]));
	}
}
