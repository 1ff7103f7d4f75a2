/**
 * The rules of `conditions` that a call can meet, by the arguments that it has. A rule whose `when` asks something of an argument does
 * not fire where the argument is absent, so that rules about other arguments cost nothing.
 */
import type { JsonObject } from "../base/json.ts";
import type { CompiledConditionRule, CompiledTest } from "./rules.ts";

export class ConditionGates<Rule extends { readonly rule: CompiledConditionRule }> {
	/** Those that any call may meet. */
	readonly #always: readonly Rule[];
	/** By a member of the arguments. */
	readonly #byMember = new Map<string, Rule[]>();

	constructor(rules: readonly Rule[]) {
		this.#always = rules.filter((rule) => {
			const members = membersOf(rule.rule);
			for (const member of members ?? []) {
				const known = this.#byMember.get(member);
				if (known === undefined) this.#byMember.set(member, [rule]);
				else known.push(rule);
			}
			return members === null;
		});
	}

	/** In no order, and with every rule once. */
	rulesFor(args: JsonObject): readonly Rule[] {
		if (this.#byMember.size === 0) return this.#always;
		const rules = new Set(this.#always);
		for (const member of Object.keys(args)) for (const rule of this.#byMember.get(member) ?? []) rules.add(rule);
		return [...rules];
	}
}

/** Members of the arguments, one of which must be there for the rule to fire; null: it may fire without any. */
function membersOf({ when }: CompiledConditionRule): ReadonlySet<string> | null {
	for (const test of when) {
		const firsts = test.selectors.map(({ path: [first] }) => first);
		if (needsValue(test) && firsts.every((first) => typeof first === "string")) return new Set(firsts);
	}
	return null;
}

const needsValue = ({ missing, predicate }: CompiledTest): boolean =>
	predicate.kind === "present" ? predicate.wanted : missing === "ignore";
