/** What a policy must satisfy beyond its form: patterns that compile, names that exist, keys that make sense together. */

import { parseArgumentPath } from "../arguments/path.ts";
import { counted } from "../base/count-text.ts";
import type { Problem } from "../base/errors.ts";
import { personName } from "../base/person-name.ts";
import { isPlainName } from "../language/glob-reader.ts";
import { parseDuration } from "../model/duration.ts";
import { CheckReport } from "./check-report.ts";
import { checkConditionRule, checkTest } from "./condition-checks.ts";
import { testsOf } from "./condition-form.ts";
import type { LimitRule, PolicyDocument } from "./document.ts";
import { checkException } from "./exception-checks.ts";
import { limitFaults } from "./limit-checks.ts";
import { checkPatternRule } from "./pattern-rule-checks.ts";
import { checkGlobs } from "./pattern-text-checks.ts";
import { checkCommandsRule, checkFactRule, checkIntentRule } from "./reading-checks.ts";
import { RULE_SECTIONS } from "./rule-sections.ts";
import { checkSequenceRule } from "./sequence-checks.ts";
import { stageableRules } from "./staged-rules.ts";
import { checkAbout, checkTools } from "./tool-checks.ts";
import { writtenSelectors } from "./written-selectors.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

/**
 * `isRepaired` names parts that replace those that could not be read: of them only what patterns and globs say counts, because
 * the rest is not the author's.
 */
export function checkPolicy(
	document: PolicyDocument,
	yaml: YamlSource,
	isRepaired: (path: YamlPath) => boolean = () => false,
): readonly Problem[] {
	const report = new CheckReport(yaml, Object.keys(document.approvals), isRepaired);
	checkNames(report, document);
	checkStages(report, document);
	checkGlobs(report, document.appliesTo.tenants, ["appliesTo", "tenants"]);
	checkGlobs(report, document.appliesTo.agents, ["appliesTo", "agents"]);
	report.within(["tools"], () => checkTools(report, document));
	const each = <Rule>(
		section: string,
		rules: readonly Rule[],
		check: (report: CheckReport, rule: Rule, path: YamlPath) => void,
	): void => {
		for (const [index, rule] of rules.entries()) {
			const path = [section, index];
			report.within(path, () => check(report, rule, path));
		}
	};
	each("patterns", document.patterns, checkPatternRule);
	each("conditions", document.conditions, checkConditionRule);
	each("intents", document.intents, checkIntentRule);
	each("facts", document.facts, checkFactRule);
	each("commands", document.commands, checkCommandsRule);
	each("sequences", document.sequences, checkSequenceRule);
	each("exceptions", document.exceptions, (to, rule, path) => checkException(to, rule, path, document));
	each("limits", document.limits, checkLimit);
	report.within(["approvals"], () => checkApprovals(report, document));
	report.within(["obligations"], () => checkObligations(report, document));
	return report.problems;
}

function checkLimit(report: CheckReport, rule: LimitRule, path: YamlPath): void {
	checkAbout(report, rule, path);
	report.approval(rule, path);
	for (const { message, help, key } of limitFaults(rule))
		report.add("POLICY_SCHEMA", message, help, report.yaml.placeOf([...path, key]));
}

/** Macros that nothing uses: of others it is told where they are used. */
export function checkMacros(document: PolicyDocument, yaml: YamlSource, names: readonly string[]): readonly Problem[] {
	const report = new CheckReport(yaml, [], () => false);
	for (const name of names) {
		const tests = document.macros[name];
		for (const [index, test] of testsOf(tests).entries()) {
			checkTest(report, test, Array.isArray(tests) ? ["macros", name, index] : ["macros", name], "when");
		}
	}
	return report.problems;
}

/** What has no force for anybody cannot have it for some. */
function checkStages(report: CheckReport, document: PolicyDocument): void {
	const one = (path: YamlPath): void =>
		report.add(
			"POLICY_SCHEMA",
			"`stage` has no meaning in audit mode",
			"remove `mode: audit`: sessions beyond the stage are audited anyway; or remove `stage`",
			report.yaml.placeOfKey([...path, "stage"]),
		);
	if (document.stage !== undefined && document.mode === "audit") one([]);
	for (const { mode, stage, path } of stageableRules(document)) {
		if (stage !== undefined && (mode === "audit" || document.mode === "audit")) one(path);
	}
}

/** One name, one rule: reasons and counters are filed under it. */
function checkNames(report: CheckReport, document: PolicyDocument): void {
	const seen = new Set<string>();
	const one = (name: string, path: YamlPath): void => {
		if (seen.has(name)) {
			const message = `this policy already has a rule named \`${name}\``;
			report.add(
				"POLICY_DUPLICATE",
				message,
				"reasons and budgets are filed under the name: choose another",
				report.yaml.placeOf([...path, "name"]),
			);
		}
		seen.add(name);
	};
	for (const list of ["deny", "hold"] as const) {
		for (const [index, entry] of document.tools[list].entries()) {
			if (typeof entry !== "string") one(entry.name, ["tools", list, index]);
		}
	}
	for (const list of [...RULE_SECTIONS, "exceptions"] as const) {
		for (const [index, rule] of document[list].entries()) one(rule.name, [list, index]);
	}
}

function checkApprovals(report: CheckReport, document: PolicyDocument): void {
	for (const [name, entry] of Object.entries(document.approvals)) {
		const path = ["approvals", name];
		checkGlobs(report, entry.approvers, [...path, "approvers"]);
		const people = new Set(entry.approvers.map(personName)).size;
		if (entry.quorum > people && entry.approvers.every(isPlainName)) {
			const message = `${entry.quorum} approvals are needed, but only ${counted(people, "approver")} ${people === 1 ? "is" : "are"} named`;
			report.add(
				"POLICY_SCHEMA",
				message,
				"name more approvers, use a glob, or lower `quorum`",
				report.yaml.placeOf([...path, "quorum"]),
			);
		}
		report.duration(entry.expires, [...path, "expires"], 1_000);
	}
}

function checkObligations(report: CheckReport, document: PolicyDocument): void {
	for (const [index, entry] of document.obligations.entries()) {
		const path = ["obligations", index];
		checkAbout(report, entry, path);
		if (
			entry.redact === undefined &&
			entry.deadline === undefined &&
			entry.lease === undefined &&
			entry.message === undefined &&
			!report.hasOtherKeys(entry, path)
		) {
			report.add(
				"POLICY_SCHEMA",
				"the obligation asks for nothing",
				"add `redact`, `deadline`, `lease` or `message`",
				report.yaml.placeOf(path),
			);
		}
		for (const { text, place } of writtenSelectors(entry.redact ?? [], [...path, "redact"], report.yaml)) {
			const parsed = parseArgumentPath(text);
			if (!parsed.ok) report.add("POLICY_SCHEMA", parsed.error.message, parsed.error.help, place);
			else if (parsed.value.length === 0) {
				report.add(
					"POLICY_SCHEMA",
					"the arguments as a whole cannot be redacted",
					"name a part of them, or deny the tool",
					place,
				);
			}
		}
		if (entry.deadline !== undefined) report.duration(entry.deadline, [...path, "deadline"], 1);
		if (entry.lease !== undefined) checkLease(report, entry.lease, entry.deadline, [...path, "lease"]);
	}
}

function checkLease(report: CheckReport, lease: string, deadline: string | undefined, path: YamlPath): void {
	report.duration(lease, path, 1);
	const [leaseMs, deadlineMs] = [parseDuration(lease), parseDuration(deadline ?? "")];
	if (leaseMs === null || deadlineMs === null || leaseMs >= deadlineMs) return;
	report.add(
		"POLICY_SCHEMA",
		"the `lease` is shorter than the `deadline`",
		"a slot is taken at least as long as the call may take: lengthen `lease`, or leave it out",
		report.yaml.placeOf(path),
	);
}
