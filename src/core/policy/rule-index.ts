/** The pattern rules of a set, made ready to be searched for: every pattern has an id, and every id leads to its rule. */

import type { ArgumentPath } from "../arguments/path.ts";
import type { Pattern } from "../match/pattern.ts";
import { compilePatternSet, type IdRange, type PatternSet } from "../match/pattern-set.ts";
import type { CompiledPatternRule } from "./rules.ts";

export interface IndexedRule {
	/** Its place in the index. */
	readonly index: number;
	readonly rule: CompiledPatternRule;
	readonly paths: readonly ArgumentPath[];
	readonly patterns: IdRange;
	readonly unless: IdRange;
	/** Do exempting globs read paths? Then no other spelling of a path must be a way past them. */
	readonly unlessReadsPaths: boolean;
	/** The same for rules that name the same arguments, so that one call's are read once for all of them. */
	readonly selection: number;
}

/** It is asked of each path that the text may mean. */
export const isPathGlob = ({ kind, style }: Pattern): boolean => kind === "glob" && style === "path";

export class RuleIndex {
	readonly rules: readonly IndexedRule[];
	readonly patterns: PatternSet;
	/** By pattern: the place of its rule, also of the patterns that exempt. */
	readonly #ownerOf: Int32Array;
	/** By pattern: is it a glob over paths? */
	readonly #isPathGlob: readonly boolean[];

	/** `compiled` is what the patterns of the rules compile to, where that is known. */
	constructor(rules: readonly CompiledPatternRule[], compiled?: PatternSet) {
		const patterns: Pattern[] = [];
		const owners: number[] = [];
		const selections = new Map<string, number>();
		const add = (own: readonly Pattern[], owner: number): IdRange => {
			const from = patterns.length;
			for (const pattern of own) {
				patterns.push(pattern);
				owners.push(owner);
			}
			return { from, to: patterns.length };
		};
		this.rules = rules.map((rule, index) => {
			const named = JSON.stringify(rule.arguments.map(({ text }) => text));
			const selection = selections.get(named) ?? selections.size;
			selections.set(named, selection);
			return {
				index,
				rule,
				paths: rule.arguments.map(({ path }) => path),
				patterns: add(rule.patterns, index),
				unless: add(rule.unless, index),
				unlessReadsPaths: rule.unless.some(isPathGlob),
				selection,
			};
		});
		this.patterns = compiled ?? compilePatternSet(patterns);
		this.#ownerOf = Int32Array.from(owners);
		this.#isPathGlob = patterns.map(isPathGlob);
	}

	isPathGlob(id: number): boolean {
		return this.#isPathGlob[id] === true;
	}

	hasPathGlob({ from, to }: IdRange): boolean {
		return this.#isPathGlob.slice(from, to).includes(true);
	}

	/** The rule that fires on this pattern; undefined for a pattern that exempts. */
	firing(id: number): IndexedRule | undefined {
		const rule = this.rules[this.#ownerOf[id] as number] as IndexedRule;
		return id < rule.patterns.to ? rule : undefined;
	}
}
