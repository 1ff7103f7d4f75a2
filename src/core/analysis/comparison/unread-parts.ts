/**
 * Parts of policies that the comparison does not know. What it does not know, it must not pass over: it is `unknown`, unless both
 * sets say the same there.
 */
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import type { CompiledPolicy } from "../../policy/rules.ts";
import { spelled } from "./spelling.ts";
import { readsPaths } from "./test-inclusion.ts";

export interface UnreadPart {
	readonly policy: string;
	readonly part: string;
}

const POLICY_PARTS = new Set<string>([
	"name",
	"place",
	"mode",
	"tenants",
	"agents",
	"toolRules",
	"patternRules",
	"conditionRules",
	"limits",
	"obligations",
	"exceptions",
] satisfies (keyof CompiledPolicy)[]);

const RULE_PARTS: Readonly<
	Record<"toolRules" | "patternRules" | "conditionRules" | "limits" | "obligations" | "exceptions", ReadonlySet<string>>
> = {
	toolRules: new Set(["place", "firesOn", "tools", "fired"]),
	patternRules: new Set(["place", "tools", "inTool", "arguments", "patterns", "unless", "fired", "doubts"]),
	conditionRules: new Set(["place", "tools", "when", "require", "fired"]),
	limits: new Set([
		"place",
		"policy",
		"name",
		"counter",
		"measure",
		"scope",
		"max",
		"windowMs",
		"reserve",
		"effect",
		"mode",
		"severity",
		"message",
		"requirement",
		"tools",
	]),
	obligations: new Set(["place", "policy", "tools", "redact", "deadlineMs", "leaseMs", "message", "failed"]),
	exceptions: new Set([
		"place",
		"policy",
		"name",
		"rules",
		"tenants",
		"agents",
		"tools",
		"when",
		"owner",
		"reason",
		"expiresAt",
	]),
};

export function unreadParts(...sets: readonly CompiledPolicySet[]): readonly UnreadPart[] {
	const [first = [], ...others] = sets.map(partsOf);
	const said = (parts: readonly SaidPart[]): string => JSON.stringify(parts.map(({ says }) => says).sort());
	if (others.every((parts) => said(parts) === said(first))) return [];
	const all = [first, ...others].flat().map(({ policy, part }) => ({ policy, part }));
	return [...new Map(all.map((each) => [`${each.policy}/${each.part}`, each])).values()];
}

interface SaidPart extends UnreadPart {
	readonly says: string;
}

function partsOf({ policies }: CompiledPolicySet): readonly SaidPart[] {
	return policies.flatMap((policy) => [
		...unread(policy, POLICY_PARTS).map((part) => ({ policy: policy.name, part, says: saying(policy, policy, part) })),
		...(Object.keys(RULE_PARTS) as (keyof typeof RULE_PARTS)[]).flatMap((list) =>
			policy[list].flatMap((rule) =>
				[...unread(rule, RULE_PARTS[list]), ...namePaths(rule)].map((part) => ({
					policy: policy.name,
					part: `${SECTION[list]}: ${part}`,
					says: saying(policy, rule, part),
				})),
			),
		),
	]);
}

const SECTION = {
	toolRules: "tools",
	patternRules: "patterns",
	conditionRules: "conditions",
	limits: "limits",
	obligations: "obligations",
	exceptions: "exceptions",
} as const;

/** The whole rule, and whom it is for: half of what it says would compare nothing. */
const saying = ({ tenants, agents, mode }: CompiledPolicy, rule: object, part: string): string =>
	JSON.stringify([
		part,
		mode,
		spelled([tenants, agents]),
		JSON.stringify(rule, (name, value: unknown) =>
			name === "place" ? undefined : typeof value === "symbol" ? "*" : value,
		),
	]);

const unread = (of: object, known: ReadonlySet<string>): readonly string[] =>
	Object.entries(of).flatMap(([name, value]: [string, unknown]) => (known.has(name) || isNothing(value) ? [] : [name]));

const isNothing = (value: unknown): boolean =>
	value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);

/** A tool's name with backslashes is read twice by path globs that exempt. */
const namePaths = (rule: object): readonly string[] =>
	"inTool" in rule &&
	rule.inTool === true &&
	"unless" in rule &&
	(rule.unless as Parameters<typeof readsPaths>[0][]).some(readsPaths)
		? ["unless"]
		: [];
