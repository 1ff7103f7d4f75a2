/** A policy as the rules of `policy lint` look at it: the document with its places, its rules as data, and what follows from both. */
import { type Place, placeText } from "../../base/errors.ts";
import { once } from "../../base/once.ts";
import { complement, difference, type Language, union } from "../../language/language.ts";
import type { Pattern } from "../../match/pattern.ts";
import type { DeterminingRule } from "../../model/entries.ts";
import type { EpochMs } from "../../model/units.ts";
import type { Definition } from "../../policy/definitions.ts";
import type { PolicyDocument } from "../../policy/document.ts";
import type { ReadPolicy } from "../../policy/parse.ts";
import { matchesAnyText } from "../../policy/pattern-slips.ts";
import { compileRules } from "../../policy/rule-compiler.ts";
import { RULE_SECTIONS } from "../../policy/rule-sections.ts";
import type {
	CompiledException,
	CompiledPatternRule,
	CompiledPolicy,
	CompiledTest,
	CompiledToolRule,
	Placed,
	PlacedNames,
	ToolSet,
} from "../../policy/rules.ts";
import { policyAt } from "../../policy/staged-rules.ts";
import { SHARE_MAX } from "../../policy/stages.ts";
import type { YamlPath, YamlSource } from "../../policy/yaml-source.ts";
import { anyOf, areAmong, haveNoName, isIncluded, namesOf, textsOf, toolsOf } from "./proofs.ts";

/**
 * What a pattern is for: a rule fires where it matches (`looking`), unless another one does (`exempted` beside an `unless`);
 * it says what passes such a rule (`exempting`), or one that stops everything else (`permitting`).
 */
export type PatternUse = "looking" | "exempted" | "exempting" | "permitting";

export interface UsedPattern {
	readonly pattern: Placed<Pattern>;
	readonly use: PatternUse;
}

/** A rule that is about some tools, whatever it says of them. */
export interface RuleAboutTools {
	/** How messages call it. */
	readonly title: string;
	readonly place: Place;
	readonly tools: ToolSet;
}

/** What other files of the set do to a policy: their exceptions may lift its rules. */
export interface LintedSet {
	readonly exceptions: readonly CompiledException[];
	/** Texts that cannot be read: what such a one names, as `POLICY/RULE`, it may lift. */
	readonly unread: readonly string[];
}

export class LintedPolicy {
	readonly document: PolicyDocument;
	readonly yaml: YamlSource;
	/** As for sessions beyond every stage: what is staged there has no force, and stops nothing. */
	readonly rules: CompiledPolicy;
	/** As for sessions below every stage, and for those that the stage of the policy as a whole leaves and no other. */
	readonly staged: { readonly strongest: CompiledPolicy; readonly weakest: CompiledPolicy };
	/** Lists and macros that nothing uses. */
	readonly unused: readonly Definition[];

	readonly #written: YamlSource;

	/** When it is looked at: what has expired by then has no effect any more. */
	readonly at: EpochMs;
	readonly #set: LintedSet;

	constructor(read: ReadPolicy, { at, set }: { readonly at: EpochMs; readonly set: LintedSet }) {
		this.at = at;
		this.#set = set;
		this.#written = read.written;
		this.unused = read.unused;
		this.document = read.document;
		this.yaml = read.yaml;
		const strongest = compileRules(read);
		const stages = strongest.stages.filter(({ rule }) => rule !== null);
		this.staged = { strongest, weakest: policyAt({ ...strongest, stages }, SHARE_MAX - 1) };
		this.rules = policyAt(strongest, SHARE_MAX - 1);
	}

	placeOf(path: YamlPath): Place {
		return this.yaml.placeOf(path);
	}

	/** Where the code unit `offset` of the text that begins at `place` stands. */
	placeInText(place: Place, offset: number): Place {
		const path = this.#pathsByPlace().get(placeText(place));
		return path === undefined ? place : this.#written.placeInText(path, offset);
	}

	readonly #pathsByPlace = once(
		(): ReadonlyMap<string, YamlPath> =>
			new Map(this.#written.texts().map(({ place, path }) => [placeText(place), path])),
	);

	/** Every pattern over texts. */
	readonly patterns = once((): readonly UsedPattern[] => {
		const { patternRules, conditionRules, sequences, exceptions } = this.rules;
		const ofTests = (tests: readonly CompiledTest[], use: PatternUse): UsedPattern[] =>
			tests.flatMap(({ predicate }) =>
				predicate.kind === "text" ? predicate.patterns.map((pattern) => ({ pattern, use })) : [],
			);
		return [
			...patternRules.flatMap((rule): UsedPattern[] => {
				const isList = rule.unless.length > 0;
				const isAllowList = rule.patterns.some(matchesAnyText);
				return [
					...rule.patterns.map((pattern) => ({ pattern, use: isList ? ("exempted" as const) : ("looking" as const) })),
					...rule.unless.map((pattern) => ({
						pattern,
						use: isAllowList ? ("permitting" as const) : ("exempting" as const),
					})),
				];
			}),
			...conditionRules.flatMap(({ when, require }) => [
				...ofTests(when, "looking"),
				...ofTests(require, "permitting"),
			]),
			...sequences.flatMap(({ after, completedBy }) => [
				...ofTests([...after.when, ...completedBy.when], "looking"),
				...ofTests([...after.require, ...completedBy.require], "permitting"),
			]),
			...exceptions.flatMap(({ when }) => ofTests(when, "permitting")),
		];
	});

	readonly patternLists = once((): readonly (readonly Placed<Pattern>[])[] => {
		const { patternRules, conditionRules, sequences } = this.rules;
		const tests = [
			...conditionRules.flatMap(({ when, require }) => [...when, ...require]),
			...sequences.flatMap(({ after, completedBy }) =>
				[after, completedBy].flatMap(({ when, require }) => [...when, ...require]),
			),
		];
		return [
			...patternRules.flatMap(({ patterns, unless }) => [patterns, unless]),
			...tests.flatMap(({ predicate }) =>
				predicate.kind === "text" || predicate.kind === "email" ? [predicate.patterns] : [],
			),
		];
	});

	/** Lists of names that stand together in the file: of tools and of principals. */
	readonly nameLists = once((): readonly PlacedNames[] => {
		const {
			tenants,
			agents,
			toolRules,
			patternRules,
			conditionRules,
			readingRules,
			sequences,
			exceptions,
			limits,
			obligations,
		} = this.rules;
		const others = toolRules.filter(({ firesOn }) => firesOn === "others").flatMap(({ tools }) => tools);
		const sets = [
			...toolRules.filter(({ firesOn }) => firesOn === "listed").flatMap(({ tools }) => tools),
			...[...patternRules, ...conditionRules, ...readingRules, ...exceptions, ...limits, ...obligations].map(
				({ tools }) => tools,
			),
			...sequences.flatMap(({ after, completedBy }) => [after.tools, completedBy.tools]),
			...others.filter((set) => this.#listOf(set) === "allow"),
		];
		const principals = [{ tenants, agents }, ...exceptions].flatMap((each) => [each.tenants, each.agents]);
		return [...principals, ...sets.flatMap(({ names, except }) => (except === null ? [names] : [names, except]))];
	});

	/** Names of the entries of `approvals` that rules ask for. */
	readonly approvalsUsed = once((): ReadonlySet<string> => {
		const { tools } = this.document;
		const used = new Set<string>();
		if (tools.default === "hold") used.add(tools.approval ?? "default");
		for (const entry of tools.hold) used.add(typeof entry === "string" ? "default" : entry.approval);
		for (const section of RULE_SECTIONS) {
			for (const { effect, approval } of this.document[section]) {
				if (effect === "hold") used.add(approval ?? "default");
			}
		}
		return used;
	});

	/** Every rule beyond `allow` and `deny`: what it says matters for calls that these let through. */
	readonly rulesAboutTools = once((): readonly RuleAboutTools[] => {
		const { toolRules, patternRules, conditionRules, readingRules, sequences, limits, obligations } = this.rules;
		const holds = toolRules.filter(({ fired, firesOn }) => firesOn === "listed" && fired.requirement !== null);
		return [
			...holds.map(({ place, tools, fired }) => ({
				title: titleOf(fired.reason.rule.name),
				place,
				tools: tools[0] as ToolSet,
			})),
			...[...patternRules, ...conditionRules, ...readingRules].map(({ place, tools, fired }) => ({
				title: titleOf(fired.reason.rule.name),
				place,
				tools,
			})),
			...sequences.flatMap(({ place, after, completedBy, sequence: { sequence } }) => [
				{ title: `the beginning of \`${sequence}\``, place, tools: after.tools },
				{ title: titleOf(sequence), place, tools: completedBy.tools },
			]),
			...limits.map(({ place, tools, name }) => ({ title: `the limit \`${name}\``, place, tools })),
			...obligations.map(({ place, tools }) => ({ title: "the obligation", place, tools })),
		];
	});

	/** Tools that `allow` or `default` denies: no list names them. */
	readonly unlisted = once((): Language => this.#deniedBut(() => true));

	/** The same, and also those that only `deny` names, unless an exception lifts one of its entries: `default` lets those through. */
	readonly unadmitted = once((): Language => {
		const isAnyLifted = this.rules.toolRules.some(
			({ firesOn, fired: { reason } }) => firesOn === "listed" && this.isLifted(reason.rule.name),
		);
		return this.#deniedBut((set) => isAnyLifted || this.#listOf(set) !== "deny");
	});

	#deniedBut(isMeant: (set: ToolSet) => boolean): Language {
		const denying = this.rules.toolRules.filter(
			({ firesOn, fired }) => firesOn === "others" && this.#isFinal(fired.reason.rule),
		);
		return union(denying.map(({ tools }) => complement(anyOf(tools.filter(isMeant)))));
	}

	/** The entries of `allow`, each with the tools that it admits. */
	readonly allowed = once((): readonly { readonly place: Place; readonly language: Language }[] => {
		const others = this.rules.toolRules.filter(({ firesOn }) => firesOn === "others").flatMap(({ tools }) => tools);
		return others
			.filter((set) => this.#listOf(set) === "allow")
			.flatMap((set) => {
				const { caseSensitive, globs } = set.names;
				if (set.except !== null) return [{ place: globs[0]?.place ?? this.rules.place, language: toolsOf(set) }];
				return globs.map((glob) => ({ place: glob.place, language: namesOf({ caseSensitive, globs: [glob] }) }));
			});
	});

	/** Of a glob in the section `tools`: what it keeps from the rule on other tools, by names that it means exactly; null of others. */
	keptFromDefault({ place }: { readonly place: Place }): Language | null {
		const own = placeText(place);
		for (const { firesOn, tools } of this.rules.toolRules) {
			for (const { names } of firesOn === "others" ? tools : []) {
				const glob = names.globs.find((each) => placeText(each.place) === own);
				if (glob !== undefined) return namesOf({ ...names, globs: [glob] });
			}
		}
		return null;
	}

	/** Are the tools of an entry of `hold` kept from `default` by other entries as well? True where there is no `default`. */
	isListedWithout({ tools: [set] }: CompiledToolRule): boolean {
		const own = placeText(set?.names.globs[0]?.place ?? this.rules.place);
		const isOwn = ({ place }: { readonly place: Place }): boolean => placeText(place) === own;
		const listed = this.rules.toolRules.filter(({ firesOn }) => firesOn === "others").flatMap(({ tools }) => tools);
		const entries = listed.flatMap(({ names, except }): readonly ToolSet[] =>
			except === null
				? names.globs.map((glob) => ({ names: { ...names, globs: [glob] }, except }))
				: [{ names, except }],
		);
		const isOfOwn = ({ names }: ToolSet): boolean => names.globs.some(isOwn);
		return areAmong(anyOf(entries.filter(isOfOwn)), anyOf(entries.filter((entry) => !isOfOwn(entry))));
	}

	/** Which list of the section `tools` a set of it is from. */
	#listOf({ names: { globs } }: ToolSet): string | number | undefined {
		const [first] = globs;
		return first === undefined ? undefined : this.#pathsByPlace().get(placeText(first.place))?.[1];
	}

	/** Tools that an entry of `deny` denies. */
	readonly denied = once((): Language => {
		const denying = this.rules.toolRules.filter(
			({ firesOn, fired }) => firesOn === "listed" && this.#isFinal(fired.reason.rule),
		);
		return union(denying.map(({ tools }) => anyOf(tools)));
	});

	/** May an exception lift the rule of this name for some calls? */
	isLifted(name: string): boolean {
		const { exceptions, unread } = this.#set;
		const own = this.rules.name;
		return (
			exceptions.some(({ rules }) => rules.some(({ policy, rule }) => rule === name && policy === own)) ||
			unread.some((text) => text.includes(`${own}/`))
		);
	}

	/** Is a call denied on which the rule fires, whatever else is said? */
	#isFinal({ name, effect, mode }: DeterminingRule): boolean {
		return effect === "deny" && mode === "enforce" && !this.isLifted(name);
	}

	/** Is every call of these tools denied by the section `tools`, whatever else is said? */
	isDenied(tools: ToolSet): boolean {
		const language = toolsOf(tools);
		return haveNoName([difference(language, this.unlisted()), complement(this.denied())]);
	}

	/** Can no text of a call make a rule fire, as far as its patterns go? */
	neverMatches({ patterns, unless }: CompiledPatternRule): boolean {
		return isIncluded(textsOf(patterns), textsOf(unless));
	}
}

/** Names of rules that the author has given are names; of others the list and the glob are. */
const titleOf = (name: string): string => (name.startsWith("tools.") ? `\`${name}\`` : `the rule \`${name}\``);
