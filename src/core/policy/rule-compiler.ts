/** From a checked document to its rules as data: names and patterns read, defaults and reasons written out, places kept. */

import { type ArgumentPath, parseArgumentPath } from "../arguments/path.ts";
import { readNameGlob } from "../match/name-globs.ts";
import type { Pattern } from "../match/pattern.ts";
import { cutTo, MESSAGE_LENGTH_MAX } from "../model/bounds.ts";
import { parseDuration } from "../model/duration.ts";
import type { Mode, Requirement, Severity } from "../model/entries.ts";
import { type ConditionRule, type LimitRule, missingOf, type PatternRule, type PolicyDocument } from "./document.ts";
import { windowOf } from "./limit-checks.ts";
import type { ReadPolicy } from "./parse.ts";
import { isAllowList } from "./pattern-slips.ts";
import type { PolicyReasonCode } from "./reason-codes.ts";
import type {
	CompiledConditionRule,
	CompiledLimit,
	CompiledObligation,
	CompiledPatternRule,
	CompiledPolicy,
	CompiledToolRule,
	Doubts,
	FiredRule,
	Placed,
	PlacedNames,
} from "./rules.ts";
import { compilePatterns, TestCompiler } from "./test-compiler.ts";
import { amountOf } from "./written-amounts.ts";
import { selectorTexts, writtenSelectors } from "./written-selectors.ts";
import type { YamlPath } from "./yaml-source.ts";

/** `read` has passed every check: what cannot be read here is a mistake of the checks. */
export function compileRules(read: ReadPolicy): CompiledPolicy {
	return new RuleCompiler(read).compile();
}

/** What of a rule goes into its fired. */
interface Voice {
	readonly code: PolicyReasonCode;
	readonly rule: string;
	readonly effect: "deny" | "hold";
	readonly approval?: string | undefined;
	readonly mode: Mode;
	readonly severity: Severity;
	readonly message: string;
}

/** What an entry of `deny` or `hold` says that is a glob alone. */
const PLAIN_VOICE = { mode: "enforce", severity: "medium" } as const;

class RuleCompiler {
	readonly #document: PolicyDocument;
	readonly #yaml: ReadPolicy["yaml"];
	readonly #policy: string;

	constructor({ document, yaml }: ReadPolicy) {
		this.#document = document;
		this.#yaml = yaml;
		this.#policy = document.metadata.name;
	}

	compile(): CompiledPolicy {
		const { appliesTo, mode, patterns, conditions, limits, obligations } = this.#document;
		return {
			name: this.#policy,
			place: this.#yaml.placeOf(["metadata", "name"]),
			mode,
			tenants: this.#names(appliesTo.tenants, ["appliesTo", "tenants"], true),
			agents: this.#names(appliesTo.agents, ["appliesTo", "agents"], true),
			toolRules: [...this.#allowRules(), ...this.#listRules("deny"), ...this.#listRules("hold")],
			patternRules: patterns.map((rule, index) => this.#patternRule(rule, ["patterns", index])),
			conditionRules: conditions.map((rule, index) => this.#conditionRule(rule, ["conditions", index])),
			limits: limits.map((rule, index) => this.#limit(rule, ["limits", index])),
			// In audit mode nothing has force, and an obligation that only records would change the call anyway.
			obligations: mode === "audit" ? [] : obligations.map((entry, index) => this.#obligation(entry, index)),
		};
	}

	#names(texts: readonly string[], path: YamlPath, caseSensitive: boolean): PlacedNames {
		return { caseSensitive, globs: texts.map((text, index) => this.#name(text, [...path, index], caseSensitive)) };
	}

	#name(text: string, path: YamlPath, caseSensitive: boolean): PlacedNames["globs"][number] {
		const glob = readNameGlob(text, caseSensitive);
		if (glob === null) throw new Error(`a checked glob cannot be read: ${text}`);
		return { ...glob, place: this.#yaml.placeOf(path) };
	}

	#allowRules(): readonly CompiledToolRule[] {
		const { allow } = this.#document.tools;
		if (allow === "all") return [];
		const path = ["tools", "allow"];
		const message = `policy \`${this.#policy}\` does not list this tool among those that may be called`;
		return [
			{
				place: this.#yaml.placeOf(path),
				firesOn: "others",
				tools: this.#names(allow === "none" ? [] : allow, path, true),
				fired: this.#firedRule({
					...PLAIN_VOICE,
					code: "tool.not_allowed",
					rule: "tools.allow",
					effect: "deny",
					message,
				}),
			},
		];
	}

	#listRules(list: "deny" | "hold"): readonly CompiledToolRule[] {
		const code = list === "deny" ? "tool.denied" : "tool.held";
		const told =
			list === "deny"
				? `policy \`${this.#policy}\` denies this tool`
				: `policy \`${this.#policy}\` requires approval for this tool`;
		return this.#document.tools[list].map((entry, index) => {
			const path = ["tools", list, index];
			const place = this.#yaml.placeOf(path);
			if (typeof entry === "string") {
				const voice: Voice = { ...PLAIN_VOICE, code, rule: nameByGlob(list, entry), effect: list, message: told };
				const tools: PlacedNames = { caseSensitive: false, globs: [this.#name(entry, path, false)] };
				return { place, firesOn: "listed", tools, fired: this.#firedRule(voice) };
			}
			const voice: Voice = { ...entry, code, rule: entry.name, effect: list, message: entry.message ?? told };
			const tools = this.#names(entry.tools, [...path, "tools"], false);
			return { place, firesOn: "listed", tools, fired: this.#firedRule(voice) };
		});
	}

	#patternRule(rule: PatternRule, path: YamlPath): CompiledPatternRule {
		const { unless } = rule;
		const selectors = writtenSelectors(rule.in, [...path, "in"], this.#yaml);
		const found = `the call matches \`${rule.name}\` of policy \`${this.#policy}\``;
		const voice: Voice = { ...rule, code: "pattern.matched", rule: rule.name, message: rule.message ?? found };
		return {
			place: this.#yaml.placeOf(path),
			tools: this.#names(rule.tools, [...path, "tools"], false),
			inTool: selectors.some(({ text }) => text === "tool"),
			arguments: selectors.flatMap(({ text, place }) =>
				text === "tool" ? [] : [{ text, path: checkedPath(text), place }],
			),
			patterns: this.#patterns(rule, path, rule.case === "sensitive"),
			unless: unless === undefined ? [] : this.#patterns(unless, [...path, "unless"], unless.case === "sensitive"),
			fired: this.#firedRule(voice),
			doubts: this.#doubts(rule, voice),
		};
	}

	#conditionRule(rule: ConditionRule, path: YamlPath): CompiledConditionRule {
		const verb = rule.require === undefined ? "matches" : "does not satisfy";
		const voice: Voice = {
			...rule,
			code: "condition.met",
			rule: rule.name,
			message: rule.message ?? `the call ${verb} \`${rule.name}\` of policy \`${this.#policy}\``,
		};
		const told = rule.message ?? `rule \`${rule.name}\` of policy \`${this.#policy}\` must see it`;
		const doubt = (code: PolicyReasonCode, what: string): FiredRule =>
			this.#firedRule({ ...voice, code, message: cutTo(`${what}: ${told}`, MESSAGE_LENGTH_MAX) });
		const compiler = new TestCompiler(this.#yaml, (names) => ({
			missing: doubt("argument.missing", `${names} is missing or empty`),
			unreadable: doubt("argument.unreadable", `${names} cannot be read for certain`),
		}));
		return {
			place: this.#yaml.placeOf(path),
			tools: this.#names(rule.tools, [...path, "tools"], false),
			when: compiler.compile(rule.when, [...path, "when"], "when"),
			require: compiler.compile(rule.require, [...path, "require"], "require"),
			fired: this.#firedRule(voice),
		};
	}

	#patterns(
		rule: Pick<PatternRule, "regex" | "substring" | "glob" | "style">,
		path: YamlPath,
		caseSensitive: boolean,
	): readonly Placed<Pattern>[] {
		return compilePatterns(this.#yaml, rule, path, caseSensitive);
	}

	#doubts(rule: PatternRule, voice: Voice): Doubts | null {
		const texts = selectorTexts(rule.in).filter((selector) => selector !== "tool");
		const permitsByException = rule.unless !== undefined;
		// `args` names no argument: a call without any lacks what an allow-list must see, and nothing that a rule about some
		// words would have found.
		const isToldOf = (): boolean =>
			rule.missing !== undefined || texts.some((text) => text !== "args") || isAllowList(rule);
		const isMissingTold = missingOf(rule) === "match" && isToldOf();
		if (texts.length === 0 || (!isMissingTold && !permitsByException)) return null;
		const names = texts.map((text) => `\`${cutTo(text, 60)}\``).slice(0, 4);
		const [only = ""] = names;
		const absent =
			texts.length > 1
				? `${names.join(", ")} are missing or empty`
				: texts[0] === "args"
					? "the call has no arguments"
					: `the argument ${only} is missing or empty`;
		const told = rule.message ?? `rule \`${rule.name}\` of policy \`${this.#policy}\` must see it`;
		const doubt = (code: PolicyReasonCode, what: string): FiredRule =>
			this.#firedRule({ ...voice, code, message: cutTo(`${what}: ${told}`, MESSAGE_LENGTH_MAX) });
		const odd = `${names.join(" or ")} has a value that is not a text, or is given in two spellings`;
		return {
			missing: isMissingTold ? doubt("argument.missing", absent) : null,
			unreadable: permitsByException ? doubt("argument.unreadable", odd) : null,
		};
	}

	#limit(rule: LimitRule, path: YamlPath): CompiledLimit {
		const policy = this.#policy;
		const { name, measure } = rule;
		const windowMs = windowOf(rule);
		return {
			place: this.#yaml.placeOf(path),
			policy,
			name,
			counter: Object.freeze({ policy, limit: name, measure, windowMs, scope: rule.scope }),
			measure,
			scope: rule.scope,
			max: amountOf(rule.measure, rule.max) ?? 0,
			windowMs,
			reserve: rule.reserve === undefined ? 0 : (amountOf(rule.measure, rule.reserve) ?? 0),
			effect: rule.effect,
			mode: this.#mode(rule.mode),
			severity: rule.severity,
			message: rule.message ?? "",
			requirement: rule.effect === "hold" ? this.#requirement(rule.name, rule.approval ?? "default") : null,
			tools: this.#names(rule.tools, [...path, "tools"], false),
		};
	}

	#obligation(entry: PolicyDocument["obligations"][number], index: number): CompiledObligation {
		const path = ["obligations", index];
		return {
			place: this.#yaml.placeOf(path),
			policy: this.#policy,
			tools: this.#names(entry.tools, [...path, "tools"], false),
			redact: selectorTexts(entry.redact ?? []).map(checkedPath),
			deadlineMs: entry.deadline === undefined ? null : parseDuration(entry.deadline),
			leaseMs: entry.lease === undefined ? null : parseDuration(entry.lease),
			message: entry.message ?? null,
			failed: this.#firedRule({
				...PLAIN_VOICE,
				code: "rule.failed",
				rule: `obligations[${index}]`,
				effect: "deny",
				message: "the call has more values to redact than a decision can name",
			}),
		};
	}

	#firedRule(voice: Voice): FiredRule {
		const { code, rule, effect, severity, message } = voice;
		const mode = this.#mode(voice.mode);
		return Object.freeze({
			reason: Object.freeze({
				rule: Object.freeze({ code, policy: this.#policy, name: rule, effect, mode, severity, message }),
				span: null,
			}),
			requirement: effect === "hold" ? this.#requirement(rule, voice.approval ?? "default") : null,
		});
	}

	/** `audit` in the policy or in the rule takes the force away; neither can give it back. */
	#mode(mode: Mode): Mode {
		return this.#document.mode === "audit" ? "audit" : mode;
	}

	#requirement(rule: string, approval: string): Requirement {
		const entry = this.#document.approvals[approval];
		return Object.freeze({
			policy: this.#policy,
			rule,
			approvers: Object.freeze(entry?.approvers ?? []),
			quorum: entry?.quorum ?? 1,
			expiresAfterMs: parseDuration(entry?.expires ?? "30m") ?? 0,
			selfAllowed: entry?.self === "allowed",
		});
	}
}

/** By what it says and not by its place: a grant satisfies a rule by name, and an edit may move it. */
const nameByGlob = (list: "deny" | "hold", glob: string): string => `tools.${list}[${cutTo(glob, 200)}]`;

function checkedPath(text: string): ArgumentPath {
	const parsed = parseArgumentPath(text);
	if (!parsed.ok) throw new Error(`a checked path cannot be read: ${parsed.error.message}`);
	return parsed.value;
}
