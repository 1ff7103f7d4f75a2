/**
 * Parts of policies that the comparison does not know. What it does not know, it must not pass over: it is `unknown`.
 */
import type { CompiledPolicy } from "../../policy/rules.ts";
import { readsPaths } from "./pattern-languages.ts";

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
	"sequences",
	"readingRules",
] satisfies (keyof CompiledPolicy)[]);

const RULE_PARTS: Readonly<
	Record<
		| "toolRules"
		| "patternRules"
		| "conditionRules"
		| "readingRules"
		| "limits"
		| "obligations"
		| "exceptions"
		| "sequences",
		ReadonlySet<string>
	>
> = {
	toolRules: new Set(["place", "firesOn", "tools", "fired"]),
	patternRules: new Set(["place", "tools", "inTool", "arguments", "patterns", "unless", "fired", "doubts"]),
	conditionRules: new Set(["place", "tools", "when", "require", "fired"]),
	readingRules: new Set(["place", "tools", "looksFor", "fired"]),
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
		"tags",
		"requirement",
		"tags",
		"tools",
	]),
	obligations: new Set(["place", "policy", "tools", "redact", "deadlineMs", "leaseMs", "message", "failed"]),
	sequences: new Set(["place", "sequence", "after", "completedBy", "fired"]),
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

/** Each part of a policy once. */
export function unreadParts(policies: readonly CompiledPolicy[]): readonly UnreadPart[] {
	const found = policies.flatMap((policy) => {
		const parts = [
			...unread(policy, POLICY_PARTS),
			...(Object.keys(RULE_PARTS) as (keyof typeof RULE_PARTS)[]).flatMap((list) =>
				policy[list].flatMap((rule) =>
					[...unread(rule, RULE_PARTS[list]), ...namePaths(rule)].map((part) => `${SECTION[list]}: ${part}`),
				),
			),
		];
		return parts.map((part) => ({ policy: policy.name, part }));
	});
	return [...new Map(found.map((each) => [`${each.policy} ${each.part}`, each])).values()];
}

const SECTION = {
	toolRules: "tools",
	patternRules: "patterns",
	conditionRules: "conditions",
	readingRules: "intents, facts, commands",
	limits: "limits",
	obligations: "obligations",
	exceptions: "exceptions",
	sequences: "sequences",
} as const;

const unread = (of: object, known: ReadonlySet<string>): readonly string[] =>
	Object.entries(of).flatMap(([name, value]: [string, unknown]) => (known.has(name) || isNothing(value) ? [] : [name]));

const isNothing = (value: unknown): boolean =>
	value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);

/** A tool's name may mean several paths for globs that exempt. */
const namePaths = (rule: object): readonly string[] =>
	"inTool" in rule &&
	rule.inTool === true &&
	"unless" in rule &&
	(rule.unless as Parameters<typeof readsPaths>[0][]).some(readsPaths)
		? ["unless"]
		: [];
