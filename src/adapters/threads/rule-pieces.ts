/**
 * Compiled policies on their way from one thread to another, in pieces: what is received is copied at once, and one large copy
 * would hold up what the receiver decides.
 */
import type { Problem } from "../../core/base/errors.ts";
import type { Pattern } from "../../core/match/pattern.ts";
import { searchFor } from "../../core/match/pattern-search.ts";
import type { RuleSet } from "../../core/policy/compile.ts";
import type { CompiledConditionRule, CompiledPatternRule, CompiledPolicy } from "../../core/policy/rules.ts";
import type { CompiledTrust } from "../../core/policy/trust.ts";

export type Piece =
	/** A policy without its lists. */
	| { readonly kind: "policy"; readonly policy: object }
	/** More of one list of the policy before. */
	| { readonly kind: "items"; readonly list: string; readonly items: readonly object[] }
	| { readonly kind: "compiled"; readonly digest: string; readonly trust: CompiledTrust | null }
	| { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** Rules in one piece: mostly well below a millisecond. */
const ITEMS_MAX = 20;

export function* piecesOf({ policies, digest, trust }: RuleSet): Generator<Piece> {
	for (const policy of policies) {
		const members = Object.entries(policy);
		const lists = members.filter(([, value]) => Array.isArray(value)) as [string, readonly object[]][];
		const empty = lists.map(([name]) => [name, []]);
		yield { kind: "policy", policy: { ...policy, ...Object.fromEntries(empty) } };
		for (const [list, items] of lists) {
			for (let from = 0; from < items.length; from += ITEMS_MAX) {
				yield { kind: "items", list, items: items.slice(from, from + ITEMS_MAX) };
			}
		}
	}
	yield { kind: "compiled", digest, trust };
}

/**
 * Puts pieces together again. What a rule says when it fires is one frozen object, as it was, and what its patterns need of a text is
 * learnt here, so that the set is made in one go from what is known.
 */
export class Assembly {
	readonly #policies: Record<string, object[]>[] = [];

	take(piece: Extract<Piece, { kind: "policy" | "items" }>): void {
		if (piece.kind === "policy") {
			this.#policies.push(piece.policy as Record<string, object[]>);
			return;
		}
		const list = this.#policies.at(-1)?.[piece.list];
		for (const item of piece.items) {
			freezeSaid(item);
			for (const pattern of patternsOf(item)) searchFor(pattern);
			list?.push(item);
		}
	}

	get policies(): readonly CompiledPolicy[] {
		return this.#policies as unknown as readonly CompiledPolicy[];
	}
}

/** Members of rules that decisions refer to. */
const SAID = ["fired", "doubts", "failed", "counter", "requirement"] as const;

function patternsOf(item: Partial<CompiledPatternRule & CompiledConditionRule>): readonly Pattern[] {
	const tests = [...(item.when ?? []), ...(item.require ?? [])];
	const ofTests = tests.flatMap(({ predicate }) => ("patterns" in predicate ? predicate.patterns : []));
	return [...(item.patterns ?? []), ...(item.unless ?? []), ...ofTests];
}

function freezeSaid(item: object): void {
	const members = item as Record<string, unknown>;
	for (const said of SAID) freeze(members[said]);
	for (const tests of [members["when"], members["require"]]) {
		if (Array.isArray(tests)) for (const test of tests as readonly object[]) freezeSaid(test);
	}
}

function freeze(value: unknown): void {
	if (value === null || typeof value !== "object" || Object.isFrozen(value)) return;
	Object.freeze(value);
	for (const member of Object.values(value)) freeze(member);
}
