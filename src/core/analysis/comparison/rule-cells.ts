/**
 * Cells for policies that tell more kinds of tools apart than can be gone through: one for each rule of the looser side, of the tools
 * that the rule is about, with those rules of the stricter side that are certain to apply to all of them. What is proven there holds;
 * what several rules stop only between them is not seen.
 */
import { complement, difference, intersection, type Language, languageOf, union } from "../../language/language.ts";
import { CALL_DEADLINE_DEFAULT_MS } from "../../model/obligations.ts";
import type { CompiledPolicy, CompiledToolRule, ToolSet } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import { type Cell, type CellSide, isClosed, type PrincipalGroup } from "./cells.ts";
import { isEnforced } from "./force.ts";
import { isLong, otherSide, type Side } from "./limit-inclusion.ts";
import { languageOfTools, NAMES } from "./names.ts";
import { spelled } from "./spelling.ts";

/** For the question whether the `narrow` side is at least as strict as the other. */
export function ruleCellsOf(groups: readonly PrincipalGroup[], narrow: Side, asker: Asker): readonly Cell[] {
	return groups.flatMap((group) => new RuleCells(group, narrow, asker).cells());
}

/** Something of a policy that is about some tools, as the part of a cell's side that it makes. */
interface PartOfTools {
	readonly tools: Language;
	readonly part: Partial<CellSide>;
}

type Part = Exclude<keyof CellSide, "isClosed">;

class RuleCells {
	readonly #group: PrincipalGroup;
	readonly #narrow: Side;
	readonly #asker: Asker;
	/** By how they are spelled: asked about again and again. */
	readonly #languages = new Map<string, Language>();
	readonly #complements = new Map<Language, Language>();

	constructor(group: PrincipalGroup, narrow: Side, asker: Asker) {
		this.#group = group;
		this.#narrow = narrow;
		this.#asker = asker;
	}

	cells(): readonly Cell[] {
		const { policies, tenant, agent } = this.#group;
		const [ownPolicies, otherPolicies] = [policies[this.#narrow], policies[otherSide(this.#narrow)]];
		const own = ownPolicies.flatMap((policy) => this.#partsOf(policy));
		const other = otherPolicies.flatMap((policy) => this.#partsOf(policy));
		const denied = union(own.flatMap(({ tools, part }) => (isDenying(part) ? [tools] : [])));
		// Where no policy is in force, all tools are denied without a rule.
		const long = own
			.filter(({ part: { obligations = [] } }) => obligations.some(isLong))
			.map(({ tools }) => ({ tools, part: {} }));
		return [{ tools: NAMES, part: {} }, ...long, ...other].flatMap((rule: PartOfTools): readonly Cell[] => {
			if (rule.part.exceptions !== undefined) return [];
			const { tools } = rule;
			const samples = this.#samplesOf(tools, denied);
			if (samples.length === 0) return [];
			const ownSide = sideOf(isClosed(ownPolicies), [
				...own.filter((each) => each.part.exceptions === undefined && this.#isWithin(tools, each.tools)),
				...own.filter((each) => each.part.exceptions !== undefined && !this.#isApart(tools, each.tools)),
			]);
			const context = other.filter(
				({ part, tools: theirs }) =>
					part !== rule.part && (part.exceptions ?? part.obligations) !== undefined && this.#isWithin(tools, theirs),
			);
			const otherSideOfCell = sideOf(isClosed(otherPolicies), [rule, ...context]);
			const pair = { own: ownSide, other: otherSideOfCell };
			const { own: kept, other: asked } =
				rule.part.limits === undefined ? pair : this.#timed(pair, tools, [own, other]);
			const sides = this.#narrow === 0 ? ([kept, asked] as const) : ([asked, kept] as const);
			return samples.map((tool) => ({ names: { tenant, agent, tool }, sides }));
		});
	}

	/**
	 * How long calls stay open is said by all obligations together. Where some apply to a part of the tools alone, no limit is known to
	 * keep another, unless both sides say the same: then calls stay open equally long, at most for the longest deadline of all.
	 */
	#timed(
		{ own, other }: { readonly own: CellSide; readonly other: CellSide },
		tools: Language,
		parts: readonly (readonly PartOfTools[])[],
	): { readonly own: CellSide; readonly other: CellSide } {
		const timing = parts.map((list) => list.filter(({ part }) => part.obligations !== undefined));
		const isCertain = timing
			.flat()
			.every(({ tools: theirs }) => this.#isWithin(tools, theirs) || this.#isApart(tools, theirs));
		if (isCertain) return { own, other };
		const [ours = "", theirs] = timing.map((list) =>
			JSON.stringify(
				list.map(({ part: { obligations = [] } }) =>
					obligations.map((each) => [spelled([each.tools]), each.deadlineMs, each.leaseMs]),
				),
			),
		);
		if (ours !== theirs) return { own: { ...own, limits: [] }, other };
		const longest = timing[0]
			?.flatMap(({ part: { obligations = [] } }) => obligations)
			.filter(({ deadlineMs }) => deadlineMs !== null && deadlineMs > CALL_DEADLINE_DEFAULT_MS)
			.sort((a, b) => (b.deadlineMs ?? 0) - (a.deadlineMs ?? 0))
			.slice(0, 1);
		return { own: { ...own, obligations: longest ?? [] }, other: { ...other, obligations: longest ?? [] } };
	}

	#partsOf(policy: CompiledPolicy): readonly PartOfTools[] {
		const { toolRules, patternRules, conditionRules, readingRules, sequences, limits, obligations, exceptions } =
			policy;
		return [
			...toolRules
				.filter(({ fired }) => isEnforced(fired))
				.map((rule) => ({ tools: this.#toolsOfRule(rule), part: { certain: [rule] } })),
			...patternRules
				.filter(({ fired }) => isEnforced(fired))
				.flatMap((rule): readonly PartOfTools[] => {
					const tools = this.#tools([rule.tools]);
					const inArguments = rule.arguments.length === 0 ? [] : [{ tools, part: { patternRules: [rule] } }];
					if (!rule.inTool) return inArguments;
					const found = [tools, union(rule.patterns.map(languageOf)), complement(union(rule.unless.map(languageOf)))];
					return [{ tools: intersection(found), part: { certain: [rule] } }, ...inArguments];
				}),
			...conditionRules
				.filter(({ fired }) => isEnforced(fired))
				.map((rule) => ({ tools: this.#tools([rule.tools]), part: { conditionRules: [rule] } })),
			...readingRules
				.filter(({ fired }) => isEnforced(fired))
				.map((rule) => ({ tools: this.#tools([rule.tools]), part: { readingRules: [rule] } })),
			...sequences
				.filter(({ fired }) => isEnforced(fired))
				.flatMap((rule): readonly PartOfTools[] => [
					{ tools: this.#tools([rule.after.tools]), part: { begins: [rule] } },
					{ tools: this.#tools([rule.completedBy.tools]), part: { completes: [rule] } },
				]),
			...limits
				.filter(({ mode }) => mode === "enforce")
				.map((limit) => ({ tools: this.#tools([limit.tools]), part: { limits: [limit] } })),
			...obligations.map((rule) => ({ tools: this.#tools([rule.tools]), part: { obligations: [rule] } })),
			...exceptions.map((rule) => ({ tools: this.#tools([rule.tools]), part: { exceptions: [rule] } })),
		];
	}

	#toolsOfRule({ tools, firesOn }: CompiledToolRule): Language {
		const listed = this.#tools(tools);
		return firesOn === "listed" ? listed : this.#named(`not ${spelled(tools)}`, () => within(complement(listed)));
	}

	#tools(sets: readonly ToolSet[]): Language {
		return this.#named(spelled(sets), () => languageOfTools(sets));
	}

	#named(name: string, make: () => Language): Language {
		const known = this.#languages.get(name) ?? make();
		this.#languages.set(name, known);
		return known;
	}

	#isWithin(tools: Language, others: Language): boolean {
		return tools === others || this.#asker.inclusion(tools, others).is === "included";
	}

	#isApart(tools: Language, others: Language): boolean {
		const rest = this.#complements.get(others) ?? complement(others);
		this.#complements.set(others, rest);
		return this.#isWithin(tools, rest);
	}

	/** Names to try: one that nothing denies by name, and any other. Null where none is known; empty where there is none. */
	#samplesOf(tools: Language, denied: Language): readonly (string | null)[] {
		const any = this.#asker.shortest(within(tools));
		if (any.is === "none") return [];
		const open = this.#asker.shortest(within(difference(tools, denied)));
		const samples = [open, any].flatMap((found) => (found.is === "text" ? [found.text] : []));
		return samples.length === 0 ? [null] : [...new Set(samples)];
	}
}

const within = (tools: Language): Language => intersection([NAMES, tools]);

const isDenying = ({ certain = [] }: Partial<CellSide>): boolean =>
	certain.some(({ fired }) => fired.reason.rule.effect === "deny");

function sideOf(closed: boolean, parts: readonly PartOfTools[]): CellSide {
	const all = <Name extends Part>(name: Name) =>
		parts.flatMap(({ part }) => (part[name] ?? []) as CellSide[Name][number][]);
	return {
		isClosed: closed,
		certain: all("certain"),
		patternRules: all("patternRules"),
		conditionRules: all("conditionRules"),
		readingRules: all("readingRules"),
		limits: all("limits"),
		obligations: all("obligations"),
		begins: all("begins"),
		completes: all("completes"),
		exceptions: all("exceptions"),
	};
}
