/** Which rules of a document are staged, and what a policy is for sessions beyond a stage. */
import type { PolicyDocument } from "./document.ts";
import { RULE_SECTIONS } from "./rule-sections.ts";
import type { CallKind, CompiledException, CompiledPolicy, CompiledRuleTest, FiredRule, RuleStage } from "./rules.ts";
import { type Share, shareOfStage } from "./stages.ts";
import type { YamlPath } from "./yaml-source.ts";

/** A rule of any section that may have a mode and a stage, and where it is. */
interface StageableRule {
	readonly name: string;
	readonly mode: "enforce" | "audit";
	readonly stage?: string | undefined;
	readonly path: YamlPath;
}

export function stageableRules({ tools, ...document }: PolicyDocument): readonly StageableRule[] {
	return [
		...(["deny", "hold"] as const).flatMap((list) =>
			tools[list].flatMap((entry, index) =>
				typeof entry === "string" ? [] : [{ ...entry, path: ["tools", list, index] }],
			),
		),
		...RULE_SECTIONS.flatMap((section) =>
			document[section].map((rule, index) => ({ ...rule, path: [section, index] })),
		),
	];
}

/** The policy's own first. */
export function stagesIn(document: PolicyDocument): readonly RuleStage[] {
	const own = document.stage === undefined ? [] : [{ rule: null, below: shareOfStage(document.stage) }];
	return [
		...own,
		...stageableRules(document).flatMap(({ name, stage }) =>
			stage === undefined ? [] : [{ rule: name, below: shareOfStage(stage) }],
		),
	];
}

/** The policy for sessions at a share of the scale: what is staged below it is in audit mode. */
export function policyAt(policy: CompiledPolicy, share: Share): CompiledPolicy {
	const out = policy.stages.filter(({ below }) => below <= share);
	if (out.length === 0) return policy;
	const isOut = (name: string): boolean => out.some(({ rule }) => rule === null || rule === name);
	const at = (fired: FiredRule): FiredRule => (isOut(fired.reason.rule.name) ? audited(fired) : fired);
	const orNull = (fired: FiredRule | null): FiredRule | null => (fired === null ? null : at(fired));
	const tests = (all: readonly CompiledRuleTest[]): readonly CompiledRuleTest[] =>
		all.map((test) => ({
			...test,
			doubts: { missing: at(test.doubts.missing), unreadable: at(test.doubts.unreadable) },
		}));
	const calls = (kind: CallKind): CallKind => ({ ...kind, when: tests(kind.when), require: tests(kind.require) });
	const isWholeOut = out.some(({ rule }) => rule === null);
	return {
		...policy,
		mode: isWholeOut ? "audit" : policy.mode,
		toolRules: policy.toolRules.map((rule) => ({ ...rule, fired: at(rule.fired) })),
		patternRules: policy.patternRules.map((rule) => {
			const { doubts } = rule;
			const unsure =
				doubts === null ? null : { missing: orNull(doubts.missing), unreadable: orNull(doubts.unreadable) };
			return { ...rule, fired: at(rule.fired), doubts: unsure };
		}),
		conditionRules: policy.conditionRules.map((rule) => ({
			...rule,
			when: tests(rule.when),
			require: tests(rule.require),
			fired: at(rule.fired),
		})),
		readingRules: policy.readingRules.map((rule) => ({ ...rule, fired: at(rule.fired) })),
		sequences: policy.sequences.map((rule) => ({
			...rule,
			after: calls(rule.after),
			completedBy: calls(rule.completedBy),
			fired: at(rule.fired),
		})),
		limits: policy.limits.map((limit) => (isOut(limit.name) ? { ...limit, mode: "audit" } : limit)),
		// As in a policy that is in audit mode for all: it owes nothing, and lifts no rule of another.
		obligations: isWholeOut ? [] : policy.obligations,
		exceptions: isWholeOut ? policy.exceptions.flatMap(ownLifts) : policy.exceptions,
	};
}

/** What is left of an exception that lifts no rules but those of its policy. */
function ownLifts(exception: CompiledException): readonly CompiledException[] {
	const rules = exception.rules.filter(({ policy }) => policy === exception.policy);
	return rules.length === 0 ? [] : [{ ...exception, rules }];
}

const audited = ({ reason, requirement }: FiredRule): FiredRule =>
	Object.freeze({
		reason: Object.freeze({ ...reason, rule: Object.freeze({ ...reason.rule, mode: "audit" as const }) }),
		requirement,
	});
