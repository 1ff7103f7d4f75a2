/**
 * What is proven of sets whose rules ask what the classifier reads, against calls: of the rule pack, and of the words that the rules
 * are made of. `ASSENT_POLICY_PAIRS` says how many pairs.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { compare } from "../../src/core/analysis/comparison/compare.ts";
import { packCalls } from "../../src/core/analysis/comparison/reading-calls.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";

const PAIRS = Number(process.env["ASSENT_POLICY_PAIRS"] ?? 60);

type Part = fc.Arbitrary<JsonObject>;
const NOTHING: JsonObject = {};
const joined = (...parts: readonly Part[]): Part =>
	fc.tuple(...parts).map((all): JsonObject => Object.assign({}, ...all));
const some = (...words: readonly string[]) => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 });

const about = fc.constantFrom<JsonObject>(NOTHING, NOTHING, { tools: ["shell"] }, { tools: ["*"], except: ["sql"] });
const force = fc.constantFrom<JsonObject>(NOTHING, NOTHING, NOTHING, { effect: "hold" }, { mode: "audit" });

const categories = some("destructive_data", "data_exfiltration", "code_execution", "network_access", "data_read");
const intent = joined(
	fc.oneof(
		fc.constant<JsonObject>({ categories: ["dangerous"] }),
		categories.map((of): JsonObject => ({ categories: of })),
	),
	fc.constantFrom(1, 50, 65, 75, 90).map((confidence): JsonObject => ({ confidence })),
);

/** Attributes that are asked for, by kind, each with some of its values. */
const VALUES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
	command: {
		program: ["rm", "r*", "dd", "RM", "curl", "remove-item"],
		flags: ["r", "f", "R"],
		words: ["x", "/", "/*"],
		via: ["sudo", "sh -c"],
	},
	path: { pathclass: ["shadow", "ssh-key", "temp", "s*"], access: ["read", "write", "delete"] },
	request: {
		method: ["GET", "post", "DELETE"],
		host: ["a.example", "*.example", "A.example."],
		class: ["public", "metadata"],
	},
	sql: { verb: ["select", "drop", "d*", "delete"], where: ["none", "some"], names: ["x", "users"] },
};
const asked = (kind: string): Part => {
	const wanted = fc
		.dictionary(fc.constantFrom(...Object.keys(VALUES[kind] ?? {})), fc.nat(), {
			minKeys: 1,
			maxKeys: 2,
			noNullPrototype: true,
		})
		.map((picks) =>
			Object.fromEntries(
				Object.entries(picks).map(([name, pick]) => {
					const values = VALUES[kind]?.[name] ?? [];
					const from = pick % values.length;
					return [name, values.slice(from, from + 1 + (pick % 3))];
				}),
			),
		);
	return fc
		.record({ has: wanted, all: wanted, none: wanted }, { requiredKeys: [] })
		.map((parts): JsonObject => ({ fact: kind, ...(parts as JsonObject) }));
};
const fact = fc.constantFrom(...Object.keys(VALUES)).chain(asked);
const listed = some("rm", "rm x", "rm -r", "dd", "ls", "git status", "curl", "sudo").map(
	(only): JsonObject => ({ only }),
);

const section = (asked: Part) => fc.array(joined(asked, about, force), { maxLength: 2 });
const rules = fc.record({ intents: section(intent), facts: section(fact), commands: section(listed) });
type Rules = typeof rules extends fc.Arbitrary<infer Value> ? Value : never;

/** A set, and the same with one section of another. */
const replaced = fc
	.tuple(rules, rules, fc.constantFrom<(keyof Rules)[]>("intents", "facts", "commands"), fc.boolean())
	.map(([one, other, changed, isWhole]): [Rules, Rules] => [
		one,
		isWhole ? other : { ...one, [changed]: other[changed] },
	]);

/** A rule on facts, and the same with one part of another, or without it. */
const changed = fc
	.constantFrom(...Object.keys(VALUES))
	.chain((kind) => fc.tuple(asked(kind), asked(kind), fc.constantFrom("has", "all", "none", "none")))
	.map(([one, other, part]): [Rules, Rules] => {
		const { [part]: _, ...rest } = one;
		const some = other[part] === undefined ? rest : { ...rest, [part]: other[part] };
		return [
			{ intents: [], facts: [one], commands: [] },
			{ intents: [], facts: [some], commands: [] },
		];
	});
const pairs = fc.oneof(replaced, { weight: 2, arbitrary: changed });

function compiled(sections: Rules): CompiledPolicySet | null {
	const named = Object.entries(sections).map(([name, entries]) => [
		name,
		entries.map((entry, at) => ({ name: `${name}-${at}`, ...entry })),
	]);
	const head = {
		apiVersion: "assent.dev/v1",
		kind: "Policy",
		metadata: { name: "p" },
		tools: { allow: ["shell", "sql", "note"] },
	};
	const text = JSON.stringify({
		...head,
		approvals: { default: { approvers: ["ann"] } },
		...Object.fromEntries(named),
	});
	const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	return set.ok ? set.value : null;
}

const COMMANDS = [
	"rm x",
	"rm -r x",
	"rm -R /",
	"sudo rm -rf /",
	"sh -c 'rm -f x'",
	"RM x",
	"rmdir x",
	"dd if=x of=/dev/sda",
	"ls",
	"git status",
	"ls > /tmp/x",
	"cat /etc/shadow",
	"rm ~/.ssh/id_rsa",
	"tee /tmp/x",
	"curl https://a.example/",
	"curl -X DELETE https://b.example/x",
	"curl http://169.254.169.254/latest/meta-data/",
	"$X y",
	"sudo ls",
];
const STATEMENTS = [
	"SELECT a FROM x",
	"DROP TABLE users",
	"DELETE FROM x",
	"DELETE FROM users WHERE a = 1",
	"SELECT 1; DROP TABLE x",
];
const CALLS: readonly { readonly tool: string; readonly args: JsonObject }[] = [
	...COMMANDS.map((command) => ({ tool: "shell", args: { command } })),
	...COMMANDS.slice(0, 6).map((command) => ({ tool: "note", args: { command } })),
	{ tool: "shell", args: { command: "Remove-Item -Recurse x", language: "powershell" } },
	...STATEMENTS.map((query) => ({ tool: "sql", args: { query } })),
	...packCalls()
		.filter((_, place) => place % 20 === 0)
		.map((args) => ({ tool: "shell", args })),
];

const LEVELS = { allow: 0, hold: 1, deny: 2 } as const;

/** What a set asks for on each call. */
const levelsOf = (set: CompiledPolicySet): readonly number[] =>
	CALLS.map((call) => {
		const { fired } = set.evaluate({ tenant: "a", agent: "a", session: "s", at: 0, ...call });
		return Math.max(0, ...fired.map(({ reason: { rule } }) => (rule.mode === "audit" ? 0 : LEVELS[rule.effect])));
	});

it("holds of every call, and calls that show a difference show it", () => {
	const relations = new Map<string, number>();
	fc.assert(
		fc.property(pairs, (pair) => {
			const [first, second] = [compiled(pair[0]), compiled(pair[1])];
			fc.pre(first !== null && second !== null && first.digest !== second.digest);
			const { relation, isAtLeastAsStrict, isAtMostAsStrict, witnesses } = compare(first, second);
			relations.set(relation, (relations.get(relation) ?? 0) + 1);
			const [own, other] = [levelsOf(first), levelsOf(second)];
			for (const [place, call] of CALLS.entries()) {
				const [one, two] = [own[place] ?? 0, other[place] ?? 0];
				if (isAtLeastAsStrict === "yes") expect(one, JSON.stringify(call)).toBeGreaterThanOrEqual(two);
				if (isAtMostAsStrict === "yes") expect(two, JSON.stringify(call)).toBeGreaterThanOrEqual(one);
			}
			for (const { decisions } of witnesses) expect(decisions[0].verdict).not.toBe(decisions[1].verdict);
		}),
		{ numRuns: PAIRS, maxSkipsPerRun: 1_000 },
	);
	expect([...relations.keys()].sort()).toEqual(expect.arrayContaining(["incomparable", "looser", "stricter"]));
}, 120_000);
