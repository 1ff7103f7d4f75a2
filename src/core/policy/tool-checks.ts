/** The section `tools`, and `tools` with `except` wherever a rule has them. */

import type { CheckReport } from "./check-report.ts";
import type { PolicyDocument } from "./document.ts";
import { checkGlob, checkGlobs } from "./pattern-text-checks.ts";
import type { YamlPath } from "./yaml-source.ts";

interface WrittenTools {
	readonly tools: readonly string[];
	readonly except?: readonly string[] | undefined;
}

export function checkTools(report: CheckReport, { tools }: PolicyDocument): void {
	checkDefault(report, tools);
	for (const list of ["allow", "deny", "hold"] as const) {
		const entries = tools[list] ?? [];
		if (typeof entries === "string") continue;
		for (const [index, entry] of entries.entries()) {
			const path = ["tools", list, index];
			if (typeof entry === "string") checkGlob(report, entry, path);
			else checkAbout(report, entry, path);
		}
	}
	for (const [index, entry] of tools.hold.entries()) {
		const path = ["tools", "hold", index];
		if (typeof entry === "string") report.reference("default", path);
		else report.reference(entry.approval, [...path, "approval"]);
	}
	checkWords(report, tools);
}

/** `tools` and `except` of one rule. */
export function checkAbout(report: CheckReport, { tools, except = [] }: WrittenTools, path: YamlPath): void {
	checkGlobs(report, tools, [...path, "tools"]);
	checkGlobs(report, except, [...path, "except"]);
	const everything = except.indexOf("*");
	if (everything < 0) return;
	const place = report.yaml.placeOf([...path, "except", everything]);
	report.add("POLICY_SCHEMA", "`except: ['*']` leaves no tool", "name what is excepted, or remove the rule", place);
}

/** What becomes of tools that no list names is said once. */
function checkDefault(report: CheckReport, tools: PolicyDocument["tools"]): void {
	const { allow, default: others, approval } = tools;
	const { yaml } = report;
	const add = (message: string, help: string, key: string): void =>
		report.add("POLICY_SCHEMA", message, help, yaml.placeOfKey(["tools", key]));
	if (allow === undefined && others === undefined && !report.hasOtherKeys(tools, ["tools"])) {
		report.add(
			"POLICY_SCHEMA",
			"`tools` does not say what becomes of a tool that it does not name",
			"write `default: deny`, `default: hold` or `default: allow`, or list in `allow` what may be called",
			yaml.placeOf(["tools"]),
		);
	}
	if (others !== undefined && typeof allow === "string") {
		const same = allow === "all" ? "allow" : "deny";
		const message = `\`allow: ${allow}\` says already what \`default\` is for`;
		add(message, others === same ? "remove one of the two" : `remove \`allow: ${allow}\`, or \`default\``, "default");
	}
	if (others === "allow" && Array.isArray(allow)) {
		const help = "list in `deny` or `hold` what may not be called, or write `default: deny` or `default: hold`";
		add("`allow` changes nothing where every other tool may be called as well", help, "allow");
	}
	if (others === "hold")
		report.reference(approval ?? "default", ["tools", approval === undefined ? "default" : "approval"]);
	else if (approval !== undefined) {
		const help = "write `default: hold`, or remove `approval`; an entry of `hold` has its own";
		add("`approval` has a meaning beside `default: hold` only", help, "approval");
	}
}

/** Words that are no names. */
function checkWords(report: CheckReport, { allow }: PolicyDocument["tools"]): void {
	if (!Array.isArray(allow)) return;
	for (const [index, entry] of allow.entries()) {
		if (entry !== "all" && entry !== "none") continue;
		report.add(
			"POLICY_SCHEMA",
			`a list with \`${entry}\` admits a tool of that name, and no other`,
			`write \`allow: ${entry}\`, without a list`,
			report.yaml.placeOf(["tools", "allow", index]),
		);
	}
}
