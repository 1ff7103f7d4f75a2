/** Entries of `exceptions`: rules that there are, tests that can be read, and a day that the calendar has. */
import { type Problem, problem } from "../base/errors.ts";
import { nearest } from "../base/suggestion.ts";
import { parseInstant } from "../model/instant.ts";
import type { CheckReport } from "./check-report.ts";
import { checkTest } from "./condition-checks.ts";
import { testsOf } from "./condition-form.ts";
import type { PolicyDocument } from "./document.ts";
import type { ExceptionRule } from "./exception-form.ts";
import { checkGlobs } from "./pattern-text-checks.ts";
import { ruleNamed, ruleNames } from "./rule-names.ts";
import { checkAbout } from "./tool-checks.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

export function checkException(
	report: CheckReport,
	exception: ExceptionRule,
	path: YamlPath,
	document: PolicyDocument,
): void {
	checkAbout(report, exception, path);
	checkGlobs(report, exception.appliesTo.tenants, [...path, "appliesTo", "tenants"]);
	checkGlobs(report, exception.appliesTo.agents, [...path, "appliesTo", "agents"]);
	checkRules(report, exception, path, document);
	checkWhen(report, exception, [...path, "when"]);
	if (parseInstant(exception.expires) === null) {
		const message = `there is no such moment as \`${exception.expires}\``;
		const help = "write a day of the calendar, and a time up to `23:59:59`";
		report.add("POLICY_SCHEMA", message, help, report.yaml.placeOf([...path, "expires"]));
	}
}

function checkRules(report: CheckReport, { rules }: ExceptionRule, path: YamlPath, document: PolicyDocument): void {
	const own = document.metadata.name;
	const seen = new Set<string>();
	for (const [index, text] of rules.entries()) {
		const place = report.yaml.placeOf([...path, "rules", index]);
		const { policy, rule } = ruleNamed(text, own);
		const name = `${policy}/${rule}`;
		if (seen.has(name)) {
			report.add("POLICY_DUPLICATE", `the rule \`${text}\` is listed already`, "remove it here", place);
		} else if (policy !== own && document.mode === "audit") {
			const message = `a policy in mode \`audit\` has no force, and cannot lift \`${text}\``;
			report.add("POLICY_SCHEMA", message, `write the exception in the policy \`${policy}\``, place);
		} else if (policy === own) {
			const fault = ruleFault(document, rule);
			if (fault !== null) report.add("POLICY_REFERENCE", fault.message, fault.help, place);
		}
		seen.add(name);
	}
}

function checkWhen(report: CheckReport, { when }: ExceptionRule, path: YamlPath): void {
	const isList = Array.isArray(when);
	for (const [index, test] of testsOf(when).entries()) {
		const where = isList ? [...path, index] : path;
		checkTest(report, test, where, "exceptions");
		if (test.missing === undefined || test.present !== undefined) continue;
		const message = "`missing` has no meaning in an exception, which applies to no call that lacks what it looks at";
		report.add("POLICY_SCHEMA", message, "remove it", report.yaml.placeOfKey([...where, "missing"]));
	}
}

/** A policy that was read. */
interface Read {
	readonly document: PolicyDocument;
	readonly yaml: YamlSource;
}

/** Rules of other policies, which must be in the set. */
export function strayExceptions(policies: ReadonlyMap<string, Read>): Problem[] {
	return [...policies.values()].flatMap(({ document, yaml }) =>
		document.exceptions.flatMap(({ rules }, index) =>
			rules.flatMap((text, at) => {
				const { policy, rule } = ruleNamed(text, document.metadata.name);
				if (policy === document.metadata.name) return [];
				const other = policies.get(policy);
				const fault =
					other === undefined
						? { message: `no policy \`${policy}\` is loaded beside this one`, help: suggestedPolicy(policy, policies) }
						: ruleFault(other.document, rule);
				if (fault === null) return [];
				const place = yaml.placeOf(["exceptions", index, "rules", at]);
				return [problem("POLICY_REFERENCE", fault.message, fault.help, place)];
			}),
		),
	);
}

/** What to do about a policy that is not there. */
export function suggestedPolicy(policy: string, policies: ReadonlyMap<string, unknown>, what = "policies"): string {
	const near = nearest(policy, [...policies.keys()]);
	return near === null ? `give its file as well: ${what} are loaded together` : `did you mean \`${near}\`?`;
}

/** Null: the policy has a rule of that name, and it can be lifted. */
function ruleFault(document: PolicyDocument, rule: string): { readonly message: string; readonly help: string } | null {
	const { metadata, limits, exceptions } = document;
	const known = ruleNames(document);
	if (known.includes(rule)) return null;
	if (limits.some(({ name }) => name === rule)) {
		const help = "raise its `max`, narrow its `tools`, or give one scope more: `assent budgets adjust`";
		return { message: `\`${rule}\` is a limit, and limits cannot be lifted`, help };
	}
	if (exceptions.some(({ name }) => name === rule)) {
		return { message: `\`${rule}\` is an exception itself`, help: "name the rules that it lifts" };
	}
	const near = nearest(rule, known);
	const help =
		near !== null
			? `did you mean \`${near}\`?`
			: known.length === 0
				? "remove it: the policy stops no call"
				: `write a name as decisions give it, such as \`${known.at(-1)}\``;
	return { message: `the policy \`${metadata.name}\` has no rule \`${rule}\``, help };
}
