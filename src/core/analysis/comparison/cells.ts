/**
 * The calls that two sets of policies tell apart before they look at arguments: principals to which the same policies apply, and
 * tools that the same lists hold. Within one cell each side's rules either apply or do not.
 */
import type { Place } from "../../base/errors.ts";
import { type Language, union } from "../../language/language.ts";
import type {
	CompiledConditionRule,
	CompiledException,
	CompiledLimit,
	CompiledObligation,
	CompiledPatternRule,
	CompiledPolicy,
	CompiledReadingRule,
	CompiledSequence,
	FiredRule,
	PlacedNames,
	ToolSet,
} from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import { isEnforced } from "./force.ts";
import { languageOfList, type NameKind, NameKinds } from "./names.ts";
import { languageOfAll } from "./pattern-languages.ts";
import { spelled } from "./spelling.ts";

/** What one side has in force on the calls of a cell. */
export interface CellSide {
	/** Is no policy in force that applies? Then everything is denied. */
	readonly isClosed: boolean;
	/** What fires whatever the arguments are, */
	readonly certain: readonly CertainRule[];
	/** and what looks at them. */
	readonly patternRules: readonly CompiledPatternRule[];
	readonly conditionRules: readonly CompiledConditionRule[];
	readonly readingRules: readonly CompiledReadingRule[];
	readonly limits: readonly CompiledLimit[];
	readonly obligations: readonly CompiledObligation[];
	/** Sequences that calls of the tool may begin, and those that they may complete. */
	readonly begins: readonly CompiledSequence[];
	readonly completes: readonly CompiledSequence[];
	/** Each lifts some of these rules, for calls for which its tests hold. */
	readonly exceptions: readonly CompiledException[];
}

export interface CertainRule {
	readonly place: Place;
	readonly fired: FiredRule;
}

/** Names of one principal and one tool of the cell; null where none is known. */
export interface CellNames {
	readonly tenant: string | null;
	readonly agent: string | null;
	readonly tool: string | null;
}

export interface Cell {
	readonly names: CellNames;
	/** By set. */
	readonly sides: readonly [CellSide, CellSide];
}

type Policies = readonly CompiledPolicy[];

/** Cells that are looked at; more are too many to compare one by one. */
const CELLS_MAX = 2_048;
/** Of tenants, and of agents. */
const KINDS_MAX = 512;
/** Groups of principals. */
const GROUPS_MAX = 256;

/** Principals to which the same policies and exceptions apply. */
export interface PrincipalGroup {
	/** One of them; null where none is known. */
	readonly tenant: string | null;
	readonly agent: string | null;
	/** By set: what applies, with those of its exceptions that do. */
	readonly policies: readonly [readonly CompiledPolicy[], readonly CompiledPolicy[]];
}

/** Null: there are too many kinds of names. */
export function principalGroupsOf(sets: readonly [Policies, Policies], asker: Asker): readonly PrincipalGroup[] | null {
	const policies = sets.flat();
	const tenants = new Lists();
	const agents = new Lists();
	const placesOf = (of: Governing) => ({ of, tenants: tenants.add(of.tenants), agents: agents.add(of.agents) });
	const governed = [...policies, ...policies.flatMap(({ exceptions }) => exceptions)].map(placesOf);
	const names = new NameKinds(asker);
	const tenantKinds = names.of(tenants.languages, { max: KINDS_MAX });
	const agentKinds = names.of(agents.languages, { max: KINDS_MAX });
	if (tenantKinds === null || agentKinds === null) return null;
	const groups = new Map<string, PrincipalGroup>();
	for (const tenant of tenantKinds) {
		for (const agent of agentKinds) {
			const isApplying = governed.map((each) => tenant.isIn[each.tenants] === true && agent.isIn[each.agents] === true);
			const key = isApplying.join();
			const known = groups.get(key);
			if (known !== undefined && (isNamed(known) || tenant.sample === null || agent.sample === null)) continue;
			if (known === undefined && groups.size >= GROUPS_MAX) return null;
			const applying = new Set(governed.flatMap(({ of }, place) => (isApplying[place] ? [of] : [])));
			const applyingOf = (set: Policies): Policies =>
				set
					.filter((policy) => applying.has(policy))
					.map((policy) => ({ ...policy, exceptions: policy.exceptions.filter((each) => applying.has(each)) }));
			groups.set(key, {
				tenant: tenant.sample,
				agent: agent.sample,
				policies: [applyingOf(sets[0]), applyingOf(sets[1])],
			});
		}
	}
	return [...groups.values()];
}

/** Null: there are too many. Tools of the sets that are `avoided` are not taken as samples, where that can be. */
export function cellsOf(
	groups: readonly PrincipalGroup[],
	asker: Asker,
	{ kindsMax, avoided }: { readonly kindsMax: number; readonly avoided: readonly ToolSet[] },
): readonly Cell[] | null {
	const unwanted = union(avoided.map(({ names }) => languageOfList(names)));
	const cells: Cell[] = [];
	const names = new NameKinds(asker);
	for (const { tenant, agent, policies } of groups) {
		const lists = new ToolLists();
		for (const policy of policies.flat()) lists.addAll(policy);
		const kinds = names.of(lists.languages, { max: kindsMax, avoided: unwanted });
		if (kinds === null || cells.length + kinds.length > CELLS_MAX) return null;
		for (const kind of kinds) {
			const sides = [sideOf(policies[0], kind, lists), sideOf(policies[1], kind, lists)] as const;
			cells.push({ names: { tenant, agent, tool: kind.sample }, sides });
		}
	}
	return cells;
}

/** What is for some principals alone. */
type Governing = Pick<CompiledPolicy, "tenants" | "agents">;

const isNamed = ({ tenant, agent }: PrincipalGroup): boolean => tenant !== null && agent !== null;

/** Different lists of names, each once. */
class Lists {
	readonly languages: Language[] = [];
	readonly #places = new Map<string, number>();

	add(list: PlacedNames): number {
		const key = spelled([list.caseSensitive, list.globs]);
		const known = this.#places.get(key);
		if (known !== undefined) return known;
		this.#places.set(key, this.languages.length);
		return this.languages.push(languageOfList(list)) - 1;
	}
}

/** What rules ask of a tool's name: lists, and patterns that are looked for in it. */
class ToolLists {
	readonly #lists = new Lists();
	readonly #patterns = new Map<CompiledPatternRule, { readonly found: number; readonly exempt: number | null }>();

	get languages(): readonly Language[] {
		return this.#lists.languages;
	}

	addAll({
		toolRules,
		patternRules,
		conditionRules,
		readingRules,
		exceptions,
		sequences,
		limits,
		obligations,
	}: CompiledPolicy): void {
		for (const set of toolRules.flatMap(({ tools }) => tools)) this.#add(set);
		const others = [...conditionRules, ...readingRules, ...exceptions, ...limits, ...obligations];
		for (const { tools } of [...patternRules, ...others]) this.#add(tools);
		for (const { after, completedBy } of sequences) for (const { tools } of [after, completedBy]) this.#add(tools);
		for (const rule of patternRules) {
			if (!rule.inTool || this.#patterns.has(rule)) continue;
			const add = (patterns: CompiledPatternRule["patterns"]): number =>
				this.#lists.languages.push(languageOfAll(patterns)) - 1;
			this.#patterns.set(rule, {
				found: add(rule.patterns),
				exempt: rule.unless.length === 0 ? null : add(rule.unless),
			});
		}
	}

	holds(sets: readonly ToolSet[], { isIn }: NameKind): boolean {
		const has = (list: PlacedNames): boolean => isIn[this.#lists.add(list)] === true;
		return sets.some(({ names, except }) => has(names) && (except === null || !has(except)));
	}

	/** Does the rule fire on the tool's name? */
	isFound(rule: CompiledPatternRule, { isIn }: NameKind): boolean {
		const places = this.#patterns.get(rule);
		if (places === undefined || isIn[places.found] !== true) return false;
		return places.exempt === null || isIn[places.exempt] !== true;
	}

	#add({ names, except }: ToolSet): void {
		this.#lists.add(names);
		if (except !== null) this.#lists.add(except);
	}
}

/** Is none of the policies in force? */
export const isClosed = (policies: readonly CompiledPolicy[]): boolean =>
	policies.every(({ mode }) => mode === "audit");

function sideOf(policies: readonly CompiledPolicy[], kind: NameKind, lists: ToolLists): CellSide {
	const isAbout = ({ tools }: { readonly tools: ToolSet }): boolean => lists.holds([tools], kind);
	const patternRules = policies.flatMap((policy) => policy.patternRules.filter(isAbout));
	const toolRules = policies.flatMap((policy) =>
		policy.toolRules.filter((rule) => lists.holds(rule.tools, kind) === (rule.firesOn === "listed")),
	);
	const inForce = <Rule extends { readonly fired: FiredRule }>(rules: readonly Rule[]): readonly Rule[] =>
		rules.filter(({ fired }) => isEnforced(fired));
	const sequences = inForce(policies.flatMap((policy) => policy.sequences));
	const found = patternRules.filter((rule) => lists.isFound(rule, kind));
	return {
		isClosed: isClosed(policies),
		certain: inForce<CertainRule>([...toolRules, ...found]),
		patternRules: inForce(patternRules.filter((rule) => rule.arguments.length > 0 && !found.includes(rule))),
		conditionRules: inForce(policies.flatMap((policy) => policy.conditionRules.filter(isAbout))),
		readingRules: inForce(policies.flatMap((policy) => policy.readingRules.filter(isAbout))),
		limits: policies.flatMap((policy) => policy.limits.filter((limit) => limit.mode === "enforce" && isAbout(limit))),
		obligations: policies.flatMap((policy) => policy.obligations.filter(isAbout)),
		begins: sequences.filter(({ after }) => isAbout(after)),
		completes: sequences.filter(({ completedBy }) => isAbout(completedBy)),
		exceptions: policies.flatMap((policy) => policy.exceptions.filter(isAbout)),
	};
}
