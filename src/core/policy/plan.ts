/** What follows from the principal and the tool alone: all but what must look at a call's arguments. */

import { classifierDigest } from "../classify/classify.ts";
import type { Completion, Evaluation } from "./compiled.ts";
import { ConditionGates } from "./condition-gates.ts";
import { LookingRules } from "./looking-rules.ts";
import { MergedObligations } from "./obligations.ts";
import type { IndexedRule, RuleIndex } from "./rule-index.ts";
import type { Firing } from "./rule-search.ts";
import type {
	CallKind,
	CompiledConditionRule,
	CompiledException,
	CompiledLimit,
	CompiledObligation,
	CompiledPolicy,
	CompiledReadingRule,
	CompiledSequence,
	CompiledToolRule,
	FiredRule,
} from "./rules.ts";

/** A policy with its rules as the indexes know them. */
export interface IndexedPolicy {
	readonly policy: CompiledPolicy;
	readonly tenants: number;
	readonly agents: number;
	readonly toolRules: readonly Listed<CompiledToolRule>[];
	readonly patternRules: readonly Listed<IndexedRule>[];
	readonly conditionRules: readonly Listed<CompiledConditionRule>[];
	readonly readingRules: readonly Listed<CompiledReadingRule>[];
	readonly sequences: readonly ListedSequence[];
	readonly exceptions: readonly ListedException[];
	readonly limits: readonly Listed<CompiledLimit>[];
	readonly obligations: readonly Listed<CompiledObligation>[];
}

/** A rule, its place among those that are reported, and the place of its tools in the index of names. */
export interface Listed<Rule> {
	readonly rule: Rule;
	readonly order: number;
	readonly tools: number;
}

/** A sequence, and the places of its two kinds of tools in the index of names. */
export interface ListedSequence {
	readonly rule: CompiledSequence;
	readonly after: number;
	readonly completedBy: number;
}

/** With the places of its lists of principals. */
export interface ListedException extends Listed<CompiledException> {
	readonly tenants: number;
	readonly agents: number;
}

/** A rule that fired, and its place among those that are reported. */
export interface Ordered {
	readonly order: number;
	readonly fired: FiredRule;
}

export class Plan {
	/** What is said of a call of which no rule fires that looks at its arguments: one frozen object for all of them. */
	readonly plain: Evaluation;
	/** Null: no rule looks at the arguments. */
	readonly looking: LookingRules | null;
	/** The rules of `conditions` that are about the tool; null: none is. */
	readonly conditions: ConditionGates<Listed<CompiledConditionRule>> | null;
	/** The rules about the tool on what the classifier reads in a call; null: none is. */
	readonly reading: readonly Listed<CompiledReadingRule>[] | null;
	/** The sequences that a call of the tool may begin, and those that it may complete. */
	readonly beginning: readonly CompiledSequence[];
	readonly completing: readonly CompiledSequence[];
	/** Do tests of arguments, or what is read in a call, say which of them? If not, `plain` does. */
	readonly hasSequenceTests: boolean;
	/** Is what the classifier reads in a call asked for? */
	readonly isRead: boolean;
	/** That are for the principal and the tool. */
	readonly exceptions: readonly CompiledException[];
	readonly obligations: MergedObligations;
	readonly #certain: readonly Ordered[];
	/** By the rule's place in the index. */
	readonly #orderOf = new Map<IndexedRule, number>();

	constructor({ policies: applying, exceptions }: Governing, tool: ToolReading, index: RuleIndex) {
		const certain: Ordered[] = [];
		const rules: IndexedRule[] = [];
		for (const { toolRules, patternRules } of applying) {
			for (const { rule, order, tools } of toolRules) {
				if (tool.isIn(tools) === (rule.firesOn === "listed")) certain.push({ order, fired: rule.fired });
			}
			for (const { rule, order, tools } of patternRules) {
				if (!tool.isIn(tools)) continue;
				rules.push(rule);
				this.#orderOf.set(rule, order);
			}
		}
		for (const firing of tool.found) certain.push(this.#ordered(firing));
		this.#certain = certain.sort(byOrder);
		const left = rules.filter((rule) => rule.paths.length > 0 && !tool.found.some((firing) => firing.rule === rule));
		this.looking = left.length === 0 ? null : new LookingRules(index, left);
		const conditions = applying.flatMap(({ conditionRules }) => conditionRules.filter(({ tools }) => tool.isIn(tools)));
		this.conditions = conditions.length === 0 ? null : new ConditionGates(conditions);
		const reading = applying.flatMap(({ readingRules }) => readingRules.filter(({ tools }) => tool.isIn(tools)));
		this.reading = reading.length === 0 ? null : reading;
		const sequences = applying.flatMap((policy) => policy.sequences);
		this.beginning = sequences.flatMap(({ rule, after }) => (tool.isIn(after) ? [rule] : []));
		this.completing = sequences.flatMap(({ rule, completedBy }) => (tool.isIn(completedBy) ? [rule] : []));
		const kinds = [
			...this.beginning.map(({ after }) => after),
			...this.completing.map(({ completedBy }) => completedBy),
		];
		this.hasSequenceTests = kinds.some(hasTests);
		this.isRead = this.reading !== null || kinds.some(({ readings }) => readings.length > 0);
		this.exceptions = exceptions.flatMap(({ rule, tools }) => (tool.isIn(tools) ? [rule] : []));
		this.obligations = new MergedObligations(
			applying.flatMap(({ obligations }) => obligations.flatMap(({ rule, tools }) => (tool.isIn(tools) ? [rule] : []))),
		);
		this.plain = Object.freeze({
			applies: Object.freeze(applying.map(({ policy }) => policy.name)),
			isEnforced: applying.some(({ policy }) => policy.mode === "enforce"),
			fired: Object.freeze(this.#certain.map(({ fired }) => fired)),
			begins: Object.freeze(this.beginning.map(({ sequence }) => sequence)),
			completes: Object.freeze(
				this.completing.map(({ sequence, fired }): Completion => Object.freeze({ sequence, fired })),
			),
			limits: Object.freeze(
				applying.flatMap(({ limits }) => limits.flatMap(({ rule, tools }) => (tool.isIn(tools) ? [rule] : []))),
			),
			obligations: this.obligations.unredacted.obligations,
			classifier: this.isRead ? classifierDigest() : "",
		});
	}

	/** The rules that fire for certain and those that fire on one call, in the order in which they are reported. */
	fired(firings: readonly Firing[], met: readonly Ordered[]): readonly FiredRule[] {
		if (firings.length === 0 && met.length === 0) return this.plain.fired;
		return [...this.#certain, ...firings.map((each) => this.#ordered(each)), ...met]
			.sort(byOrder)
			.map(({ fired }) => fired);
	}

	#ordered({ rule, fired }: Firing): Ordered {
		return { order: this.#orderOf.get(rule) as number, fired };
	}
}

const byOrder = (a: Ordered, b: Ordered): number => a.order - b.order;

/** What applies to a principal. */
export interface Governing {
	readonly policies: readonly IndexedPolicy[];
	readonly exceptions: readonly ListedException[];
}

/** Which lists hold a tool's name, and what rules find in it. */
export interface ToolReading {
	readonly isIn: (list: number) => boolean;
	readonly found: readonly Firing[];
}

const hasTests = ({ when, require, readings }: CallKind): boolean => when.length + require.length + readings.length > 0;
