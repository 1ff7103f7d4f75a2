/** Rules found by the values that they ask for are those that take the fact when each of the pack is asked. */
import { describe, expect, it } from "vitest";
import { FACT_KINDS, type Fact } from "../../../../src/core/classify/fact.ts";
import { RULE_FILES } from "../../../../src/core/classify/pack/rules.generated.ts";
import { RuleIndex } from "../../../../src/core/classify/rule-index.ts";
import { allHold, Rule, type RuleData } from "../../../../src/core/classify/rules.ts";

const RULES = RULE_FILES.flatMap(({ rules }) => rules);

/** A fact that has what the rule asks for, with the `pick`th of each of its values. */
function taken({ on, has = {}, all = {} }: RuleData, pick: number): Fact {
	const own: Record<string, string[]> = {};
	for (const [name, values] of Object.entries(has)) own[name] = [spelled(values[pick % values.length] as string)];
	for (const [name, values] of Object.entries(all)) own[name] = [...(own[name] ?? []), ...values.map(spelled)];
	const { via = [], ...rest } = own;
	return { kind: on, pointer: "", span: [0, 0], via, has: rest };
}

const spelled = (value: string): string => value.replaceAll("*", "x");

/** What both say, as in a command with the words of two. */
function both(one: Fact, other: Fact): Fact {
	const names = new Set([...Object.keys(one.has), ...Object.keys(other.has)]);
	const has = Object.fromEntries(
		[...names].map((name) => [name, [...(one.has[name] ?? []), ...(other.has[name] ?? [])]]),
	);
	return { ...one, has, via: [...one.via, ...other.via] };
}

describe("rules of one kind, found by values", () => {
	it.each(FACT_KINDS)("are those that take a fact `%s`, each once", (kind) => {
		const data = RULES.filter(({ on }) => on === kind);
		const index = new RuleIndex(kind, data);
		const rules = data.map((each, order) => new Rule(each, order));
		for (const [place, each] of data.entries()) {
			const next = taken(data[(place * 7 + 1) % data.length] as RuleData, place);
			for (const fact of [taken(each, 0), taken(each, place), both(taken(each, place), next)]) {
				const found: Rule[] = [];
				index.taking(fact, found);
				const names = rules.filter(({ tests }) => allHold(tests, fact)).map(({ name }) => name);
				expect(found.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
			}
		}
	});

	it("come in the order of the pack where the fact has one value of what they are found by", () => {
		const rules = [
			{ name: "words", on: "command", has: { words: ["a"] }, is: { data_read: 60 } },
			{ name: "of-p", on: "command", has: { program: ["p"], words: ["a"] }, is: { data_read: 60 } },
			{ name: "flags", on: "command", has: { flags: ["f"] }, is: { data_read: 60 } },
			{ name: "of-p-too", on: "command", has: { program: ["p"], flags: ["f"] }, is: { data_read: 60 } },
			{ name: "none", on: "command", none: { words: ["b"] }, is: { data_read: 60 } },
		] satisfies RuleData[];
		const found: Rule[] = [];
		const has = { program: ["p"], flags: ["f"], words: ["a"] };
		new RuleIndex("command", rules).taking({ kind: "command", pointer: "", span: [0, 0], via: [], has }, found);
		expect(found.map(({ name }) => name)).toEqual(["of-p", "of-p-too", "words", "flags", "none"]);
	});
});
