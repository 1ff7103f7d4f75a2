/** The names by which decisions, approvals and exceptions call the rules of a policy. */

import { cutTo } from "../model/bounds.ts";
import type { RuleName } from "../model/entries.ts";
import { effectOnOthers, type PolicyDocument } from "./document.ts";
import { RULE_SECTIONS } from "./rule-sections.ts";

/** By what it says and not by its place: a grant satisfies a rule by name, and an edit may move it. */
export const nameByGlob = (list: "deny" | "hold", glob: string): string => `tools.${list}[${cutTo(glob, 200)}]`;

/** Of the rule on tools that no list names. */
export const othersName = ({ default: others }: PolicyDocument["tools"]): string =>
	others === undefined ? "tools.allow" : "tools.default";

/** Rules that can be lifted: all but limits. */
export function ruleNames(document: PolicyDocument): readonly string[] {
	const { tools } = document;
	return [
		...(effectOnOthers(tools) === "allow" ? [] : [othersName(tools)]),
		...(["deny", "hold"] as const).flatMap((list) =>
			tools[list].map((entry) => (typeof entry === "string" ? nameByGlob(list, entry) : entry.name)),
		),
		...RULE_SECTIONS.flatMap((section) => (section === "limits" ? [] : document[section].map(({ name }) => name))),
	];
}

/** What `POLICY/RULE` names, or `RULE` alone in a policy. */
export function ruleNamed(text: string, own: string): RuleName {
	const [, policy, rule] = /^([a-z0-9][a-z0-9-]{0,62})\/(.+)$/s.exec(text) ?? [];
	return policy === undefined || rule === undefined ? { policy: own, rule: text } : { policy, rule };
}
