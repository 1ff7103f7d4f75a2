/** One policy's rules, compiled: every name resolved, every glob a test, every finding that can be made beforehand made. */

import { type ArgumentPath, parseArgumentPath } from "../arguments/path.ts";
import { type NameTest, nameTest } from "../match/name-globs.ts";
import { type Pattern, type PatternSource, readPattern } from "../match/pattern.ts";
import { cutTo } from "../model/bounds.ts";
import { parseDuration } from "../model/duration.ts";
import type { Mode, Requirement, Severity } from "../model/entries.ts";
import type { CompiledLimit, Finding } from "./compiled.ts";
import { type LimitRule, missingOf, type PatternRule, type PolicyDocument, patternTextsOf } from "./document.ts";
import { windowOf } from "./limit-checks.ts";
import { isAllowList } from "./pattern-slips.ts";
import { MESSAGE_MAX, type PolicyReasonCode } from "./reason-codes.ts";
import { amountOf } from "./written-amounts.ts";

/** A rule that the tool's name alone decides. */
interface ToolRule {
	readonly fires: NameTest;
	readonly finding: Finding;
}

export interface CompiledPatternRule {
	readonly counts: NameTest;
	/** Look at the tool's name? */
	readonly inTool: boolean;
	readonly paths: readonly ArgumentPath[];
	/** Ids in the pattern set. */
	readonly patterns: readonly number[];
	readonly unless: readonly number[];
	/** Do exempting globs read paths? Then a backslash must not be a way past them. */
	readonly unlessReadsPaths: boolean;
	/** Without its span. */
	readonly finding: Finding;
	/** What else it fires on; null where a call that lacks its arguments is no concern of the rule. */
	readonly doubts: Doubts | null;
}

/** What a rule makes of a call whose arguments it cannot judge. */
export interface Doubts {
	/** The arguments that the rule names, in the order of the document, by the author's words for them. */
	readonly selectors: readonly { readonly text: string; readonly path: ArgumentPath }[];
	/** Where all are absent, or one is there in part; null: `missing: ignore`. */
	readonly missing: Finding | null;
	/** Where one holds what is no text, or stands beside another spelling of itself that nobody looks at; null for a rule without `unless`, which reads what it can. */
	readonly unreadable: Finding | null;
}

export interface CompiledObligation {
	readonly policy: string;
	readonly counts: NameTest;
	readonly redact: readonly ArgumentPath[];
	readonly deadlineMs: number | null;
	readonly leaseMs: number | null;
	readonly message: string | null;
	/** Fires when there is more to redact than an entry can name. */
	readonly failed: Finding;
}

export interface CompiledPolicy {
	readonly name: string;
	readonly mode: Mode;
	readonly tenants: NameTest;
	readonly agents: NameTest;
	readonly toolRules: readonly ToolRule[];
	readonly patternRules: readonly CompiledPatternRule[];
	readonly limits: readonly CompiledLimit[];
	readonly obligations: readonly CompiledObligation[];
}

/** Compiles a checked document. Its patterns are appended to `patterns`; a rule knows them by their index there. */
export function compileRules(document: PolicyDocument, patterns: Pattern[]): CompiledPolicy {
	const head: Head = { document, policy: document.metadata.name };
	return {
		name: document.metadata.name,
		mode: document.mode,
		tenants: nameTest(document.appliesTo.tenants, true),
		agents: nameTest(document.appliesTo.agents, true),
		toolRules: toolRules(head),
		patternRules: document.patterns.map((rule) => patternRule(head, rule, patterns)),
		limits: document.limits.map((rule) => limit(head, rule)),
		// In audit mode nothing has force, and an obligation that only records would change the call all the same.
		obligations: document.mode === "audit" ? [] : document.obligations.map((entry, at) => obligation(head, entry, at)),
	};
}

interface Head {
	readonly document: PolicyDocument;
	readonly policy: string;
}

/** What of a rule goes into its finding. */
interface Voice {
	readonly code: PolicyReasonCode;
	readonly rule: string;
	readonly effect: "deny" | "hold";
	readonly approval?: string | undefined;
	readonly mode: Mode;
	readonly severity: Severity;
	readonly message: string;
}

function findingOf(head: Head, voice: Voice): Finding {
	return {
		reason: {
			code: voice.code,
			policy: head.policy,
			rule: voice.rule,
			effect: voice.effect,
			mode: modeOf(head, voice.mode),
			severity: voice.severity,
			span: null,
			message: voice.message,
		},
		requirement: voice.effect === "hold" ? requirement(head, voice.rule, voice.approval ?? "default") : null,
	};
}

/** `audit` in the policy or in the rule takes the force away; neither can give it back. */
const modeOf = (head: Head, mode: Mode): Mode => (head.document.mode === "audit" ? "audit" : mode);

function requirement(head: Head, rule: string, approval: string): Requirement {
	const entry = head.document.approvals[approval];
	return {
		policy: head.policy,
		rule,
		approvers: entry?.approvers ?? [],
		quorum: entry?.quorum ?? 1,
		expiresAfterMs: parseDuration(entry?.expires ?? "30m") ?? 0,
		selfAllowed: entry?.self === "allowed",
	};
}

function toolRules(head: Head): ToolRule[] {
	const { allow, deny, hold } = head.document.tools;
	const plain = { mode: "enforce", severity: "medium" } as const;
	const rules: ToolRule[] = [];
	if (allow !== "all") {
		const isAdmitted = nameTest(allow === "none" ? [] : allow, true);
		const message = `policy \`${head.policy}\` does not list this tool among those that may be called`;
		rules.push({
			fires: (tool) => !isAdmitted(tool),
			finding: findingOf(head, { ...plain, code: "tool.not_allowed", rule: "tools.allow", effect: "deny", message }),
		});
	}
	for (const entry of deny) {
		const own = typeof entry === "string" ? { ...plain, tools: [entry], name: nameByGlob("deny", entry) } : entry;
		const message = ("message" in own ? own.message : undefined) ?? `policy \`${head.policy}\` denies this tool`;
		const voice: Voice = { ...own, code: "tool.denied", rule: own.name, effect: "deny", message };
		rules.push({ fires: nameTest(own.tools, false), finding: findingOf(head, voice) });
	}
	for (const entry of hold) {
		const own = typeof entry === "string" ? { ...plain, tools: [entry], name: nameByGlob("hold", entry) } : entry;
		const message =
			("message" in own ? own.message : undefined) ?? `policy \`${head.policy}\` asks for an approval of this tool`;
		const voice: Voice = { ...own, code: "tool.held", rule: own.name, effect: "hold", message };
		rules.push({ fires: nameTest(own.tools, false), finding: findingOf(head, voice) });
	}
	return rules;
}

/** By what it says and not by its place: a grant satisfies a rule by name, and an edit may move it. */
const nameByGlob = (list: "deny" | "hold", glob: string): string => `tools.${list}[${cutTo(glob, 200)}]`;

function patternRule(head: Head, rule: PatternRule, patterns: Pattern[]): CompiledPatternRule {
	const caseSensitive = rule.case === "sensitive";
	const selectors = typeof rule.in === "string" ? [rule.in] : rule.in;
	const found = `the call matches \`${rule.name}\` of policy \`${head.policy}\``;
	const voice: Voice = { ...rule, code: "pattern.matched", rule: rule.name, message: rule.message ?? found };
	const { unless } = rule;
	return {
		counts: nameTest(rule.tools, false),
		inTool: selectors.includes("tool"),
		paths: selectors.filter((selector) => selector !== "tool").flatMap(pathOf),
		patterns: register(rule, caseSensitive, patterns),
		unless: unless === undefined ? [] : register(unless, unless.case === "sensitive", patterns),
		unlessReadsPaths: unless?.style === "path",
		finding: findingOf(head, voice),
		doubts: doubtsOf(head, rule, voice),
	};
}

function doubtsOf(head: Head, rule: PatternRule, voice: Voice): Doubts | null {
	const texts = (typeof rule.in === "string" ? [rule.in] : rule.in).filter((selector) => selector !== "tool");
	const permitsByException = rule.unless !== undefined;
	// `args` names no argument: a call without any lacks what an allow-list must see, and nothing that a rule about some
	// words would have found.
	const isToldOf = rule.missing !== undefined || texts.some((text) => text !== "args") || isAllowList(rule);
	const isMissingTold = missingOf(rule) === "match" && isToldOf;
	if (texts.length === 0 || (!isMissingTold && !permitsByException)) return null;
	const names = texts.map((text) => `\`${cutTo(text, 60)}\``).slice(0, 4);
	const [only = ""] = names;
	const absent =
		texts.length > 1
			? `${names.join(", ")} are missing or empty`
			: texts[0] === "args"
				? "the call has no arguments"
				: `the argument ${only} is missing or empty`;
	const told = rule.message ?? `rule \`${rule.name}\` of policy \`${head.policy}\` must see it`;
	const doubt = (code: PolicyReasonCode, what: string): Finding =>
		findingOf(head, { ...voice, code, message: cutTo(`${what}: ${told}`, MESSAGE_MAX) });
	return {
		selectors: texts.flatMap((text) => pathOf(text).map((path) => ({ text, path }))),
		missing: isMissingTold ? doubt("argument.missing", absent) : null,
		unreadable: permitsByException
			? doubt(
					"argument.unreadable",
					`${names.join(" or ")} holds a value that is no text, or is given in two spellings`,
				)
			: null,
	};
}

const pathOf = (text: string): readonly ArgumentPath[] => {
	const path = parseArgumentPath(text);
	return path.ok ? [path.value] : [];
};

function register(
	rule: Pick<PatternRule, "regex" | "substring" | "glob" | "style">,
	caseSensitive: boolean,
	patterns: Pattern[],
): number[] {
	const ids: number[] = [];
	for (const { kind, texts } of patternTextsOf(rule)) {
		for (const text of texts) {
			const source: PatternSource = { kind, text, caseSensitive, style: rule.style ?? "text" };
			const pattern = readPattern(source);
			if (!pattern.ok) throw new Error(`a checked pattern does not compile: ${pattern.error.message}`);
			ids.push(patterns.length);
			patterns.push(pattern.value);
		}
	}
	return ids;
}

function limit(head: Head, rule: LimitRule): CompiledLimit {
	const { policy } = head;
	const { name, measure } = rule;
	const windowMs = windowOf(rule);
	return {
		policy,
		name,
		counter: { policy, limit: name, measure, windowMs },
		measure,
		scope: rule.scope,
		max: amountOf(rule.measure, rule.max) ?? 0,
		windowMs,
		reserve: rule.reserve === undefined ? 0 : (amountOf(rule.measure, rule.reserve) ?? 0),
		effect: rule.effect,
		mode: modeOf(head, rule.mode),
		severity: rule.severity,
		message: rule.message ?? "",
		requirement: rule.effect === "hold" ? requirement(head, rule.name, rule.approval ?? "default") : null,
		counts: nameTest(rule.tools, false),
	};
}

function obligation(head: Head, entry: PolicyDocument["obligations"][number], at: number): CompiledObligation {
	return {
		policy: head.policy,
		counts: nameTest(entry.tools, false),
		redact: (entry.redact ?? []).flatMap(pathOf),
		deadlineMs: entry.deadline === undefined ? null : parseDuration(entry.deadline),
		leaseMs: entry.lease === undefined ? null : parseDuration(entry.lease),
		message: entry.message ?? null,
		failed: findingOf(head, {
			code: "rule.failed",
			rule: `obligations[${at}]`,
			effect: "deny",
			mode: "enforce",
			severity: "medium",
			message: "the call has more values to redact than a decision can name",
		}),
	};
}
