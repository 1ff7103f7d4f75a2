/** Rules on what the classifier reads, compared: what is proven by categories, values and lists, and calls that show what is not. */
import { describe, expect, it } from "vitest";
import { compare, type Relation } from "../../../../../src/core/analysis/comparison/compare.ts";
import { HOSTS, PATHS } from "../../../../../src/core/analysis/comparison/made-calls.ts";
import { packCalls } from "../../../../../src/core/analysis/comparison/reading-calls.ts";
import { CATEGORIES } from "../../../../../src/core/classify/category.ts";
import { classify } from "../../../../../src/core/classify/classify.ts";
import { PATH_CLASSES, pathClasses } from "../../../../../src/core/classify/path.ts";
import { HOST_CLASSES, hostClass } from "../../../../../src/core/classify/url.ts";
import { MIRRORED, policies } from "../../../../support/compared-policies.ts";

const HEAD = "tools: { allow: [shell, sql, read_file] }\napprovals: { default: { approvers: [ann] } }\n";

const rules = (section: string, ...entries: readonly string[]): string =>
	`${HEAD}${section}: [${entries.map((entry, at) => `{ name: r${at}, ${entry} }`).join(", ")}]\n`;
const intents = (...entries: readonly string[]) => rules("intents", ...entries);
const facts = (...entries: readonly string[]) => rules("facts", ...entries);
const commands = (...entries: readonly string[]) => rules("commands", ...entries);
const sequences = (...entries: readonly string[]) => rules("sequences", ...entries);
const program = (names: string) => `fact: command, has: { program: [${names}] }`;

/** How the first relates to the second; every call that is shown is one that the sets disagree on. */
function related(first: string, second: string): Relation {
	const sets = [policies(first), policies(second)] as const;
	const { relation, witnesses, looser, stricter } = compare(...sets);
	for (const { calls, decisions } of witnesses) {
		expect(decisions[0].verdict).not.toBe(decisions[1].verdict);
		if (calls.length > 1) continue;
		const [one, other] = sets.map((set) => set.evaluate({ ...(calls[0] as (typeof calls)[number]), at: 0 }).fired);
		expect(one).not.toEqual(other);
	}
	for (const { is, why } of [...looser, ...stricter]) if (is === "unknown") expect(why).toContain("no call was found");
	expect(MIRRORED[relation]).toContain(compare(sets[1], sets[0]).relation);
	return relation;
}

describe("rules of `intents`", () => {
	it.each<[string, string, Relation]>([
		["categories: [destructive_data]", "categories: [destructive_data], confidence: 80", "stricter"],
		["categories: [network_access], confidence: 40", "categories: [network_access], confidence: 41", "stricter"],
		["categories: [dangerous]", "categories: [code_execution, privilege_escalation], confidence: 60", "stricter"],
		["categories: [dangerous], effect: hold", "categories: [dangerous]", "looser"],
		["categories: [data_read]", "categories: [data_write]", "incomparable"],
		["categories: [dangerous], tools: [shell]", "categories: [dangerous]", "looser"],
		["categories: [dangerous], mode: audit", "categories: [dangerous]", "looser"],
	])("{ %s } beside { %s }", (first, second, relation) => {
		expect(related(intents(first), intents(second))).toBe(relation);
	});

	it("cover one between them", () => {
		const parts = [
			"categories: [destructive_data, data_exfiltration]",
			"categories: [privilege_escalation, code_execution]",
		];
		expect(related(intents(...parts, "categories: [system_modification]"), intents("categories: [dangerous]"))).toBe(
			"equal",
		);
		expect(related(intents(...parts), intents("categories: [dangerous]"))).toBe("looser");
	});

	it.each(CATEGORIES.flatMap((category) => [50, 60, 70].map((confidence) => [category, confidence] as const)))(
		"tell `%s` from %d on from the same that asks for more",
		(category, confidence) => {
			const rule = (from: number) => intents(`categories: [${category}], confidence: ${from}`);
			expect(related(rule(confidence), rule(confidence + 15))).toBe("stricter");
			expect(related(HEAD, rule(confidence))).toBe("looser");
		},
	);
});

describe("rules of `facts`", () => {
	it.each<[string, string, Relation]>([
		[program("rm, dd"), program("rm"), "stricter"],
		[program("'rm*'"), program("rm, rmdir"), "stricter"],
		[program("rm"), program("dd"), "incomparable"],
		[program("rm"), `${program("rm")}, none: { words: [dist] }`, "stricter"],
		[`${program("rm")}, none: { words: ["d*"] }`, `${program("rm")}, none: { words: [dist] }`, "looser"],
		["fact: command, has: { flags: [r] }", "fact: command, has: { flags: [r], program: [rm] }", "stricter"],
		["fact: command, has: { words: [a] }", "fact: command, all: { words: [a, b] }", "stricter"],
		["fact: command, has: { via: [sudo] }", "fact: command", "looser"],
		[
			"fact: request, none: { host: [a.example] }",
			"fact: request, none: { host: [a.example, '*.a.example'] }",
			"stricter",
		],
		["fact: request, has: { host: [A.example.] }", "fact: request, has: { host: [a.example] }", "equal"],
		["fact: request, has: { method: [delete] }", "fact: request, has: { method: [DELETE, PUT] }", "looser"],
		["fact: host, has: { class: [metadata, private] }", "fact: host, has: { class: [private] }", "stricter"],
		[
			"fact: path, has: { pathclass: [shadow] }",
			"fact: path, has: { pathclass: [shadow, ssh-key], access: [read] }",
			"incomparable",
		],
		["fact: sql, has: { verb: [drop] }", "fact: sql, has: { verb: [drop, truncate, delete] }", "looser"],
		["fact: sql, has: { verb: [delete] }", "fact: sql, has: { verb: [delete], where: [none] }", "stricter"],
		[
			"fact: request, none: { class: [metadata], host: [a.example] }",
			"fact: request, none: { method: [GET] }",
			"incomparable",
		],
		["fact: sql, none: { verb: [select] }", "fact: sql, none: { names: [users] }", "incomparable"],
		["fact: path, none: { access: [read] }", "fact: path, none: { pathclass: [temp, workspace] }", "incomparable"],
		["fact: import, has: { name: [socket] }", "fact: import, has: { name: [socket, ctypes] }", "looser"],
		["fact: redirect, has: { mode: [append] }", "fact: redirect", "looser"],
	])("{ %s } beside { %s }", (first, second, relation) => {
		expect(related(facts(first), facts(second))).toBe(relation);
	});

	it("cover one between them, value by value", () => {
		expect(related(facts(program("rm"), program("dd")), facts(program("rm, dd")))).toBe("equal");
		const split = facts(`${program("rm, dd")}, all: { flags: [f] }`, program("rm"));
		expect(related(split, facts(program("rm, dd")))).toBe("looser");
	});

	it.each(["opaque", "oddity", "encoding", "secret", "call", "tool"])(
		"of the kind `%s` are known to stop something",
		(kind) => {
			expect(related(HEAD, facts(`fact: ${kind}`))).toBe("looser");
		},
	);
});

describe("rules of `commands`", () => {
	it.each<[string, string, Relation]>([
		["only: [ls]", "only: [ls, git status]", "stricter"],
		["only: [git]", "only: [git status, ls]", "incomparable"],
		["only: [tail -n]", "only: [tail]", "stricter"],
		["only: [ls, cat], effect: hold", "only: [cat, ls]", "looser"],
	])("{ %s } beside { %s }", (first, second, relation) => {
		expect(related(commands(first), commands(second))).toBe(relation);
	});
});

describe("sequences that ask for what is read", () => {
	const secret = (classes: string, more = "") =>
		sequences(
			`after: { facts: { fact: path, has: { pathclass: [${classes}] } } }, then: { facts: { fact: request${more} } }`,
		);
	const risky = (confidence: number) =>
		sequences(
			`after: { tools: [read_file] }, then: { intents: { categories: [code_execution], confidence: ${confidence} } }`,
		);

	it.each<[string, string, Relation]>([
		[secret("shadow"), secret("shadow, ssh-key"), "looser"],
		[secret("shadow"), secret("shadow", ", none: { host: [a.example] }"), "stricter"],
		[risky(50), risky(70), "stricter"],
		[HEAD, risky(50), "looser"],
	])("%s beside %s", (first, second, relation) => {
		expect(related(first, second)).toBe(relation);
	});
});

it.each(["intents: { categories: [dangerous] }", "facts: { fact: command, has: { program: [rm] } }"])(
	"a sequence that asks for what is read stops less than one that does not: %s",
	(asked) => {
		const then = (tools: string, more: string) =>
			sequences(`after: { tools: [read_file] }, then: { tools: [${tools}]${more} }`);
		expect(related(then("shell", `, ${asked}`), then("shell", ""))).toBe("looser");
		expect(related(then("shell", `, ${asked}`), then("'*'", `, ${asked}`))).toBe("looser");
		expect(related(then("shell", `, ${asked}`), HEAD)).toBe("stricter");
	},
);

describe("sections beside one another", () => {
	it("are not proven to keep one another, and a call tells them apart where there is one", () => {
		expect(related(facts(program("rm")), intents("categories: [destructive_data]"))).toBe("incomparable");
		const [wide, narrow] = [intents("categories: [data_read], confidence: 1"), facts(program("ls"))];
		expect(["unknown", "incomparable"]).toContain(related(wide, narrow));
	});

	it("are no hindrance where both sets have them", () => {
		const more = "limits: [{ name: few, measure: tool_calls, scope: session, max: 5 }]\n";
		for (const rule of [intents("categories: [dangerous]"), facts(program("rm")), commands("only: [ls]")]) {
			expect(related(`${rule}${more}`, rule)).toBe("stricter");
			expect(related(rule, rule)).toBe("equal");
		}
	});
});

describe("calls that are made up", () => {
	it("are of every class of paths and of hosts", () => {
		for (const name of PATH_CLASSES) expect(pathClasses(PATHS[name] ?? ""), name).toContain(name);
		for (const name of HOST_CLASSES) expect(hostClass(HOSTS[name] ?? ""), name).toBe(name);
	});

	it("are of every category, with most of the confidences that the pack has", () => {
		const found = new Map<string, Set<number>>(CATEGORIES.map((category) => [category, new Set()]));
		for (const args of packCalls())
			for (const { category, confidence } of classify({ tool: "shell", args }).categories)
				found.get(category)?.add(confidence);
		for (const [category, confidences] of found) expect(confidences.size, category).toBeGreaterThan(8);
	});
});
