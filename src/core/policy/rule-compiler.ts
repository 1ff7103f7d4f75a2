/** From a checked document to its rules as data: names and patterns read, defaults and reasons written out, places kept. */

import { type ArgumentPath, parseArgumentPath } from "../arguments/path.ts";
import type { Pattern } from "../match/pattern.ts";
import { cutTo, MESSAGE_LENGTH_MAX } from "../model/bounds.ts";
import { parseDuration } from "../model/duration.ts";
import { parseInstant } from "../model/instant.ts";
import { type ConditionRule, type LimitRule, missingOf, type PatternRule, type PolicyDocument } from "./document.ts";
import type { ExceptionRule } from "./exception-form.ts";
import { FiredRules, PLAIN_VOICE, type Voice } from "./fired-rules.ts";
import { windowOf } from "./limit-checks.ts";
import type { ReadPolicy } from "./parse.ts";
import { isAllowList } from "./pattern-slips.ts";
import type { CommandsRule, FactRule, IntentRule } from "./reading-form.ts";
import { commandsLookedFor, factsLookedFor, intentsLookedFor } from "./reading-tests.ts";
import type { PolicyReasonCode } from "./reason-codes.ts";
import { ruleNamed } from "./rule-names.ts";
import type {
	CallKind,
	CompiledConditionRule,
	CompiledException,
	CompiledLimit,
	CompiledObligation,
	CompiledPatternRule,
	CompiledPolicy,
	CompiledReadingRule,
	CompiledRuleTest,
	CompiledSequence,
	Doubts,
	FiredRule,
	Placed,
} from "./rules.ts";
import type { SequenceRule } from "./sequence-form.ts";
import { stagesIn } from "./staged-rules.ts";
import { compilePatterns, TestCompiler } from "./test-compiler.ts";
import { ToolCompiler } from "./tool-compiler.ts";
import { amountOf } from "./written-amounts.ts";
import { selectorTexts, writtenSelectors } from "./written-selectors.ts";
import type { YamlPath } from "./yaml-source.ts";

/** `read` has passed every check: what cannot be read here is a mistake of the checks. */
export function compileRules(read: ReadPolicy): CompiledPolicy {
	return new RuleCompiler(read).compile();
}

/** Of which rule tests are, and on which side of doubt. */
interface TestsOfRule {
	readonly part: "when" | "require";
	readonly rule: { readonly name: string; readonly message?: string | undefined };
	readonly voice: Voice;
}

class RuleCompiler {
	readonly #document: PolicyDocument;
	readonly #yaml: ReadPolicy["yaml"];
	readonly #policy: string;
	readonly #fired: FiredRules;
	readonly #tools: ToolCompiler;

	constructor({ document, yaml }: ReadPolicy) {
		this.#document = document;
		this.#yaml = yaml;
		this.#policy = document.metadata.name;
		this.#fired = new FiredRules(document);
		this.#tools = new ToolCompiler(document.tools, yaml, this.#fired);
	}

	compile(): CompiledPolicy {
		const {
			appliesTo,
			mode,
			patterns,
			conditions,
			intents,
			facts,
			commands,
			sequences,
			exceptions,
			limits,
			obligations,
		} = this.#document;
		return {
			name: this.#policy,
			place: this.#yaml.placeOf(["metadata", "name"]),
			mode,
			stages: stagesIn(this.#document),
			tenants: this.#tools.names(appliesTo.tenants, ["appliesTo", "tenants"], true),
			agents: this.#tools.names(appliesTo.agents, ["appliesTo", "agents"], true),
			toolRules: this.#tools.rules(),
			patternRules: patterns.map((rule, index) => this.#patternRule(rule, ["patterns", index])),
			conditionRules: conditions.map((rule, index) => this.#conditionRule(rule, ["conditions", index])),
			readingRules: [
				...intents.map((rule, index) => this.#intentRule(rule, ["intents", index])),
				...facts.map((rule, index) => this.#factRule(rule, ["facts", index])),
				...commands.map((rule, index) => this.#commandsRule(rule, ["commands", index])),
			],
			sequences: sequences.map((rule, index) => this.#sequence(rule, ["sequences", index])),
			exceptions: exceptions.map((rule, index) => this.#exception(rule, ["exceptions", index])),
			limits: limits.map((rule, index) => this.#limit(rule, ["limits", index])),
			// In audit mode nothing has force, and an obligation that only records would change the call anyway.
			obligations: mode === "audit" ? [] : obligations.map((entry, index) => this.#obligation(entry, index)),
		};
	}

	#patternRule(rule: PatternRule, path: YamlPath): CompiledPatternRule {
		const { unless } = rule;
		const selectors = writtenSelectors(rule.in, [...path, "in"], this.#yaml);
		const found = `the call matches \`${rule.name}\` of policy \`${this.#policy}\``;
		const voice: Voice = { ...rule, code: "pattern.matched", rule: rule.name, message: rule.message ?? found };
		return {
			place: this.#yaml.placeOf(path),
			tools: this.#tools.about(rule, path),
			inTool: selectors.some(({ text }) => text === "tool"),
			arguments: selectors.flatMap(({ text, place }) =>
				text === "tool" ? [] : [{ text, path: checkedPath(text), place }],
			),
			patterns: this.#patterns(rule, path, rule.case === "sensitive"),
			unless: unless === undefined ? [] : this.#patterns(unless, [...path, "unless"], unless.case === "sensitive"),
			fired: this.#fired.of(voice),
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
		return {
			place: this.#yaml.placeOf(path),
			tools: this.#tools.about(rule, path),
			when: this.#tests(rule.when, [...path, "when"], { part: "when", rule, voice }),
			require: this.#tests(rule.require, [...path, "require"], { part: "require", rule, voice }),
			fired: this.#fired.of(voice),
		};
	}

	/** With what the rule says where only doubt about an argument makes it fire. */
	#tests(
		tests: ConditionRule["when"],
		path: YamlPath,
		{ part, rule, voice }: TestsOfRule,
	): readonly CompiledRuleTest[] {
		const told = rule.message ?? `rule \`${rule.name}\` of policy \`${this.#policy}\` must see it`;
		const doubt = (code: PolicyReasonCode, what: string): FiredRule =>
			this.#fired.of({ ...voice, code, message: cutTo(`${what}: ${told}`, MESSAGE_LENGTH_MAX) });
		return new TestCompiler(this.#yaml).compile(tests, path, part).map((test) => {
			const names = test.selectors.map(({ text }) => `\`${text.slice(0, 60)}\``).slice(0, 4);
			const argument = `the argument ${names.join(" or ")}`;
			const doubts = {
				missing: doubt("argument.missing", `${argument} is missing or empty`),
				unreadable: doubt("argument.unreadable", `${argument} cannot be read for certain`),
			};
			return { ...test, doubts };
		});
	}

	#intentRule(rule: IntentRule, path: YamlPath): CompiledReadingRule {
		const found = `the call would do what \`${rule.name}\` of policy \`${this.#policy}\` stops`;
		return this.#readingRule(rule, path, { looksFor: intentsLookedFor(rule), code: "category.found", found });
	}

	#factRule(rule: FactRule, path: YamlPath): CompiledReadingRule {
		const found = `the call holds what \`${rule.name}\` of policy \`${this.#policy}\` stops`;
		return this.#readingRule(rule, path, { looksFor: factsLookedFor(rule), code: "fact.found", found });
	}

	#commandsRule(rule: CommandsRule, path: YamlPath): CompiledReadingRule {
		const found = `a command is not on the list \`${rule.name}\` of policy \`${this.#policy}\`, or is not plain`;
		return this.#readingRule(rule, path, { looksFor: commandsLookedFor(rule), code: "command.not_listed", found });
	}

	/** `found`: what is said where the rule has no message of its own. */
	#readingRule(
		rule: IntentRule | FactRule | CommandsRule,
		path: YamlPath,
		{ looksFor, code, found }: Pick<CompiledReadingRule, "looksFor"> & { code: PolicyReasonCode; found: string },
	): CompiledReadingRule {
		return {
			place: this.#yaml.placeOf(path),
			tools: this.#tools.about(rule, path),
			looksFor,
			fired: this.#fired.of({ ...rule, code, rule: rule.name, message: rule.message ?? found }),
		};
	}

	#sequence(rule: SequenceRule, path: YamlPath): CompiledSequence {
		const policy = this.#policy;
		const { name, scope, within } = rule;
		const stops = rule.effect === "deny" ? "denies this one" : "requires approval for this one";
		const voice: Voice = {
			...rule,
			code: "sequence.completed",
			rule: name,
			message: rule.message ?? `after an earlier call, \`${name}\` of policy \`${policy}\` ${stops}`,
		};
		const kind = (part: "after" | "then"): CallKind => {
			const { when, require, intents, facts } = rule[part];
			return {
				tools: this.#tools.about(rule[part], [...path, part]),
				when: this.#tests(when, [...path, part, "when"], { part: "when", rule, voice }),
				require: this.#tests(require, [...path, part, "require"], { part: "require", rule, voice }),
				readings: [
					...(intents === undefined ? [] : [intentsLookedFor(intents)]),
					...(facts === undefined ? [] : [factsLookedFor(facts)]),
				],
			};
		};
		return {
			place: this.#yaml.placeOf(path),
			sequence: Object.freeze({
				policy,
				sequence: name,
				scope,
				withinMs: within === undefined ? 0 : (parseDuration(within) ?? 0),
			}),
			after: kind("after"),
			completedBy: kind("then"),
			fired: this.#fired.of(voice),
		};
	}

	#exception(rule: ExceptionRule, path: YamlPath): CompiledException {
		const { name, appliesTo, owner, reason } = rule;
		return {
			place: this.#yaml.placeOf(path),
			policy: this.#policy,
			name,
			rules: rule.rules.map((text, index) => ({
				...ruleNamed(text, this.#policy),
				place: this.#yaml.placeOf([...path, "rules", index]),
			})),
			tenants: this.#tools.names(appliesTo.tenants, [...path, "appliesTo", "tenants"], true),
			agents: this.#tools.names(appliesTo.agents, [...path, "appliesTo", "agents"], true),
			tools: this.#tools.passing(rule, path),
			when: new TestCompiler(this.#yaml).compile(rule.when, [...path, "when"], "require"),
			owner,
			reason,
			expiresAt: parseInstant(rule.expires) ?? 0,
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
			this.#fired.of({ ...voice, code, message: cutTo(`${what}: ${told}`, MESSAGE_LENGTH_MAX) });
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
			mode: this.#fired.mode(rule.mode),
			severity: rule.severity,
			message: rule.message ?? "",
			tags: rule.tags,
			requirement: rule.effect === "hold" ? this.#fired.requirement(rule.name, rule.approval) : null,
			tools: this.#tools.about(rule, path),
		};
	}

	#obligation(entry: PolicyDocument["obligations"][number], index: number): CompiledObligation {
		const path = ["obligations", index];
		return {
			place: this.#yaml.placeOf(path),
			policy: this.#policy,
			tools: this.#tools.about(entry, path),
			redact: selectorTexts(entry.redact ?? []).map(checkedPath),
			deadlineMs: entry.deadline === undefined ? null : parseDuration(entry.deadline),
			leaseMs: entry.lease === undefined ? null : parseDuration(entry.lease),
			message: entry.message ?? null,
			failed: this.#fired.of({
				...PLAIN_VOICE,
				code: "rule.failed",
				rule: `obligations[${index}]`,
				effect: "deny",
				message: "the call has more values to redact than a decision can name",
			}),
		};
	}
}

function checkedPath(text: string): ArgumentPath {
	const parsed = parseArgumentPath(text);
	if (!parsed.ok) throw new Error(`a checked path cannot be read: ${parsed.error.message}`);
	return parsed.value;
}
