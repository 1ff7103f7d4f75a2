/**
 * The rules of one policy as data: what its author wrote, read into trees, numbers and words, each with its place.
 *
 * Nothing here is a function. Whatever asks what a policy says reads these values. The evaluator builds its indexes
 * from them (evaluator.ts). A comparison takes the trees of two policies and asks whether one language includes the other; a
 * linter looks for rules that no call can reach; an explanation quotes the text and names the place.
 */
import type { NumberRange } from "../arguments/number-range.ts";
import type { ArgumentPath } from "../arguments/path.ts";
import type { Selector } from "../arguments/selector.ts";
import type { UrlTest } from "../arguments/url-test.ts";
import type { Place } from "../base/errors.ts";
import type { Category } from "../classify/category.ts";
import type { FactKind } from "../classify/fact.ts";
import type { NameGlob, NameList } from "../match/name-globs.ts";
import type { PathGlob } from "../match/path-globs.ts";
import type { Pattern } from "../match/pattern.ts";
import type { CounterName, Measure } from "../model/counters.ts";
import type { Mode, Reason, Requirement, RuleName, Severity } from "../model/entries.ts";
import type { Scope } from "../model/ids.ts";
import type { SequenceName } from "../model/sequences.ts";
import type { DurationMs, EpochMs } from "../model/units.ts";
import type { Share } from "./stages.ts";

/** Something of a policy file, and where it begins there. */
export type Placed<Thing> = Thing & { readonly place: Place };

export type PlacedNames = NameList<Placed<NameGlob>>;

/**
 * The tools that `names` match, less those that `except` matches. Doubt about a name stops it: where the set lets tools pass,
 * `names` mean names exactly and `except` also what only looks like one; where it stops them, the other way round.
 */
export interface ToolSet {
	readonly names: PlacedNames;
	readonly except: PlacedNames | null;
}

/** A rule that fired, and for a hold what its approvers must do. A rule without a span reports one frozen object for all calls. */
export interface FiredRule {
	readonly reason: Reason;
	/** Present exactly when the rule's effect is `hold`, and nothing lifts it. */
	readonly requirement: Requirement | null;
}

export interface CompiledPolicy {
	readonly name: string;
	/** Of the name. */
	readonly place: Place;
	readonly mode: Mode;
	/** Its own and those of its rules, for whoever asks what is not in force for all sessions. */
	readonly stages: readonly RuleStage[];
	/** The principals that it governs. */
	readonly tenants: PlacedNames;
	readonly agents: PlacedNames;
	/** In the order in which they are reported: `allow` or `default`, `deny`, `hold`. */
	readonly toolRules: readonly CompiledToolRule[];
	readonly patternRules: readonly CompiledPatternRule[];
	readonly conditionRules: readonly CompiledConditionRule[];
	readonly readingRules: readonly CompiledReadingRule[];
	readonly sequences: readonly CompiledSequence[];
	readonly exceptions: readonly CompiledException[];
	readonly limits: readonly CompiledLimit[];
	readonly obligations: readonly CompiledObligation[];
}

/** A rule that has force for a share of the sessions. */
export interface RuleStage {
	/** Null: the policy as a whole. */
	readonly rule: string | null;
	/** Sessions below it are those. */
	readonly below: Share;
}

/** A rule that the tool's name alone decides. */
export interface CompiledToolRule {
	readonly place: Place;
	/** Does it fire on the tools that one of the sets holds, or on all others (`allow`, `default`)? */
	readonly firesOn: "listed" | "others";
	readonly tools: readonly ToolSet[];
	readonly fired: FiredRule;
}

/** A rule that looks for patterns in a call's arguments, or in the tool's name. */
export interface CompiledPatternRule {
	readonly place: Place;
	/** Of which tools it looks at calls. */
	readonly tools: ToolSet;
	/** Does it look at the tool's name? */
	readonly inTool: boolean;
	/** The arguments that it looks at. */
	readonly arguments: readonly Placed<ArgumentSelector>[];
	/** It fires where one of these matches, */
	readonly patterns: readonly Placed<Pattern>[];
	/** unless one of these matches the same text. */
	readonly unless: readonly Placed<Pattern>[];
	/** Without its span. */
	readonly fired: FiredRule;
	/** What else it fires on; null where a call that lacks its arguments is no concern of the rule. */
	readonly doubts: Doubts | null;
}

/** An argument as the author names it. */
export interface ArgumentSelector {
	readonly text: string;
	readonly path: ArgumentPath;
}

/** What a rule makes of a call whose arguments it cannot judge. */
export interface Doubts {
	/** Where all are absent, or one is there in part; null: `missing: ignore`. */
	readonly missing: FiredRule | null;
	/** Where one holds what is no text, or is beside another spelling of itself that nobody looks at; null for a rule without `unless`, which reads what it can. */
	readonly unreadable: FiredRule | null;
}

/** A rule on what the arguments are: it fires where `when` holds, or may hold, and `require` does not hold for certain. */
export interface CompiledConditionRule {
	readonly place: Place;
	/** Of which tools it looks at calls. */
	readonly tools: ToolSet;
	/** All of them; each holds if it does for some value. */
	readonly when: readonly CompiledRuleTest[];
	/** All of them; each holds if it does for every value. Without any, `when` decides. */
	readonly require: readonly CompiledRuleTest[];
	/** Without its span. */
	readonly fired: FiredRule;
}

/** What a rule says of some values of the arguments. */
export interface CompiledTest {
	readonly place: Place;
	/** Alternatives: what any of them names. */
	readonly selectors: readonly Placed<Selector>[];
	readonly predicate: Predicate;
	/** Where nothing is there: does the rule fire as far as this test goes? An exception then does not apply (`match`). */
	readonly missing: "ignore" | "match";
}

export interface CompiledRuleTest extends CompiledTest {
	/** What the rule says where only a missing value made it fire, or only one that cannot be read for certain. */
	readonly doubts: { readonly missing: FiredRule; readonly unreadable: FiredRule };
}

export type Predicate =
	| ValuePredicate
	/** Of lists before they are taken apart. */
	| { readonly kind: "count"; readonly range: NumberRange }
	/** Is anything there? */
	| { readonly kind: "present"; readonly wanted: boolean };

/** What is asked of one value. */
export type ValuePredicate =
	| { readonly kind: "number" | "length"; readonly range: NumberRange }
	| {
			readonly kind: "oneOf";
			readonly values: readonly (string | number | boolean)[];
			readonly caseSensitive: boolean;
	  }
	| { readonly kind: "boolean"; readonly wanted: boolean }
	| { readonly kind: "sameAs"; readonly selectors: readonly Selector[]; readonly caseSensitive: boolean }
	| { readonly kind: "url"; readonly url: UrlTest }
	| { readonly kind: "path"; readonly globs: readonly Placed<PathGlob>[] }
	/** Globs over the address of each recipient. */
	| { readonly kind: "email"; readonly patterns: readonly Placed<Pattern>[] }
	/** Patterns over the text of a scalar. */
	| { readonly kind: "text"; readonly patterns: readonly Placed<Pattern>[] };

/** A rule on what the classifier reads in a call. */
export interface CompiledReadingRule {
	readonly place: Place;
	/** Of which tools it looks at calls. */
	readonly tools: ToolSet;
	readonly looksFor: ReadingTest;
	/** Without its span. */
	readonly fired: FiredRule;
}

export type ReadingTest =
	/** The section `intents`: one of these categories, with this confidence at least. */
	| { readonly section: "intents"; readonly categories: readonly Category[]; readonly confidence: number }
	/** The section `facts`: a fact of this kind, whose attributes hold of each one value, all values, none of the values. */
	| {
			readonly section: "facts";
			readonly kind: FactKind;
			readonly has: WantedAttributes;
			readonly all: WantedAttributes;
			readonly none: WantedAttributes;
	  }
	/** The section `commands`: a command that begins with none of these, each the words of one; or anything that is not plain. */
	| { readonly section: "commands"; readonly only: readonly (readonly string[])[] };

/** Values by the attribute's name; `*` in one is any text. */
export type WantedAttributes = Readonly<Record<string, readonly string[]>>;

/** After a call of one kind was admitted, calls of another are stopped for a time. */
export interface CompiledSequence {
	readonly place: Place;
	/** One frozen object for all calls. */
	readonly sequence: SequenceName;
	/** The calls that begin it, once they are admitted, */
	readonly after: CallKind;
	/** and those that are stopped then. */
	readonly completedBy: CallKind;
	/** Without its span. */
	readonly fired: FiredRule;
}

/** Calls of these tools for which a rule of conditions with these tests would fire, and each rule on what the classifier reads. */
export interface CallKind {
	readonly tools: ToolSet;
	/** All of them hold for some value, or may hold. */
	readonly when: readonly CompiledRuleTest[];
	/** Not all of them hold for every value for certain. Without any, `when` decides. */
	readonly require: readonly CompiledRuleTest[];
	/** All of them find something. */
	readonly readings: readonly ReadingTest[];
}

/** Lifts rules for some calls, until a moment: where they fire, they do not count. */
export interface CompiledException {
	readonly place: Place;
	readonly policy: string;
	/** Unique in its policy, among its rules as well. */
	readonly name: string;
	/** Of its own policy, or of others of the set: no limits, and no exceptions. */
	readonly rules: readonly Placed<RuleName>[];
	/** The principals that it is for, of those that the policy governs. */
	readonly tenants: PlacedNames;
	readonly agents: PlacedNames;
	/** Calls of which tools it is for. */
	readonly tools: ToolSet;
	/** All of them; each holds if it does for every value, and for certain. */
	readonly when: readonly CompiledTest[];
	readonly owner: string;
	readonly reason: string;
	/** The first moment at which it does not apply any more. */
	readonly expiresAt: EpochMs;
}

/** A cap of one policy. */
export interface CompiledLimit {
	readonly place: Place;
	readonly policy: string;
	/** The limit's name, unique in its policy. */
	readonly name: string;
	/** The counter that it counts in, of the account of its scope: one frozen object for all calls. */
	readonly counter: CounterName;
	readonly measure: Measure;
	readonly scope: Scope;
	/** In the measure's own integer unit: calls, tokens, micro-units of cost, milliseconds. */
	readonly max: number;
	/** Sliding window; 0 for life. */
	readonly windowMs: DurationMs;
	/** What an admission reserves at least. */
	readonly reserve: number;
	readonly effect: "deny" | "hold";
	/** The stricter of the policy's and the limit's own: `audit` wins. */
	readonly mode: Mode;
	readonly severity: Severity;
	readonly message: string;
	readonly tags: readonly string[];
	/** For `effect: hold`. */
	readonly requirement: Requirement | null;
	/** Calls of which tools it counts. */
	readonly tools: ToolSet;
}

export interface CompiledObligation {
	readonly place: Place;
	readonly policy: string;
	/** Calls of which tools owe it. */
	readonly tools: ToolSet;
	readonly redact: readonly ArgumentPath[];
	readonly deadlineMs: DurationMs | null;
	readonly leaseMs: DurationMs | null;
	readonly message: string | null;
	/** Fires when there is more to redact than an entry can name. */
	readonly failed: FiredRule;
}
