/** Lists and macros: what they stand for, where they may be used, and what is said of names that lead nowhere. */
import { describe, expect, it } from "vitest";
import { lintFiles } from "../../../../src/core/analysis/lint/lint.ts";
import { formatProblem } from "../../../../src/core/base/errors.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { readPolicy } from "../../../../src/core/policy/parse.ts";
import { readFiles } from "../../../../src/core/policy/policy-set.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";
const LISTS = "apiVersion: assent.dev/v1\nkind: Lists\nmetadata: { name: common }\n";
const source = (name: string, text: string) => ({ name: `${name}.yaml`, text });

function documentOf(text: string, ...shared: string[]) {
	const [file] = readFiles([source("p", HEAD + text), ...shared.map((of, index) => source(`l${index}`, LISTS + of))]);
	if (file?.kind !== "policy" || !file.read.ok) throw new Error(JSON.stringify(file?.read));
	return file.read.value;
}

/** All that is said of the files of a set: errors, or else warnings. */
const said = (...texts: string[]): string[] =>
	lintFiles(
		texts.map((text, index) => source(`f${index}`, text)),
		{ at: 0 },
	).flatMap(({ linted }) =>
		linted.ok
			? linted.value.findings.map(
					({ place, id, message }) => `${place.file}:${place.line}:${place.column} ${id} ${message}`,
				)
			: linted.error.map((of) => formatProblem(of).replaceAll("\n", " ").replace(/ {2,}/g, " ")),
	);

describe("a list", () => {
	it("are among the values of attributes of facts", () => {
		const { document } = documentOf(`lists: { removers: [rm, shred], letters: [r, R] }
tools: { allow: [a] }
facts: [{ name: a, fact: command, has: { program: [$removers, dd], flags: [$letters] }, none: { words: [$removers] } }]
`);
		expect(document.facts).toMatchObject([
			{ has: { program: ["rm", "shred", "dd"], flags: ["r", "R"] }, none: { words: ["rm", "shred"] } },
		]);
		expect(
			said(`${HEAD}tools: { allow: [a] }\nfacts: [{ name: a, fact: command, has: { program: [$none] } }]\n`),
		).toEqual([expect.stringContaining("$none")]);
	});

	it("stands wherever globs or texts are listed, alone or as an entry, in its order", () => {
		const { document } = documentOf(`lists: { shells: [bash, sh], bad: [rm, $worse], worse: [dd], hosts: [a.com] }
appliesTo: { tenants: $shells, agents: [a, $shells] }
tools:
  allow: [$shells, { tools: $shells, except: [$worse] }]
  deny: $bad
  hold: [{ name: h, tools: [x, $shells, y] }]
approvals: { default: { approvers: $shells } }
patterns: [{ name: r, substring: [$bad, z], unless: { regex: $worse } }]
conditions:
  - { name: c, when: [{ in: args.a, oneOf: $bad }, { in: args.b, url: { hosts: [$hosts, b.com], schemes: $shells } }] }
  - { name: d, require: { in: args.a, substring: [$bad] }, tools: $shells }
`);
		expect(document.appliesTo).toEqual({ tenants: ["bash", "sh"], agents: ["a", "bash", "sh"] });
		expect(document.tools.allow).toEqual(["bash", "sh", { tools: ["bash", "sh"], except: ["dd"] }]);
		expect(document.tools.deny).toEqual(["rm", "dd"]);
		expect(document.tools.hold).toMatchObject([{ tools: ["x", "bash", "sh", "y"] }]);
		expect(document.approvals["default"]?.approvers).toEqual(["bash", "sh"]);
		expect(document.patterns[0]).toMatchObject({ substring: ["rm", "dd", "z"], unless: { regex: ["dd"] } });
		expect(document.conditions).toMatchObject([
			{ when: [{ oneOf: ["rm", "dd"] }, { url: { hosts: ["a.com", "b.com"], schemes: ["bash", "sh"] } }] },
			{ require: { substring: ["rm", "dd"] }, tools: ["bash", "sh"] },
		]);
	});

	it("is not meant by `$$`, by other texts with a dollar, nor where no list of texts is", () => {
		const { document } = documentOf(`tools: { allow: [a] }
patterns: [{ name: r, substring: ['$$home', '$HOME', '$5', 'x$shells'], message: $shells }]
`);
		expect(document.patterns[0]?.substring).toEqual(["$home", "$HOME", "$5", "x$shells"]);
		expect(document.patterns[0]?.message).toBe("$shells");
	});

	it("of a document of the kind `Lists` is shared, and its own names are looked up beside it", () => {
		const { document } = documentOf(
			"lists: { own: [mine] }\ntools: { allow: [$all-shells, $own] }\n",
			"lists: { all-shells: [$shells, zsh] }\n",
			"lists: { shells: [bash] }\n",
		);
		expect(document.tools.allow).toEqual(["bash", "zsh", "mine"]);
	});
});

describe("a macro", () => {
	it("is its test, or its tests, in `when` and `require`, alone or among others", () => {
		const test = { in: "args.a", present: true };
		const two = [
			{ in: "args.b", oneOf: ["x", "y"] },
			{ in: "args.c", present: true },
		];
		const { document } = documentOf(`lists: { letters: [x, y] }
macros:
  one: { in: args.a, present: true }
  two: [{ in: args.b, oneOf: $letters }, { in: args.c, present: true }]
  all: [{ use: one }, { use: two }]
  same: { use: two }
tools: { allow: [a] }
conditions:
  - { name: a, tools: [a], when: { use: one }, require: { use: two } }
  - { name: b, tools: [a], when: [{ in: args.d, present: true }, { use: all }] }
  - { name: c, tools: [a], when: { use: same } }
`);
		expect(document.conditions).toMatchObject([
			{ when: test, require: two },
			{ when: [{ in: "args.d", present: true }, test, ...two] },
			{ when: two },
		]);
	});
});

describe("what a list or a macro says wrong", () => {
	it.each([
		[
			"an unknown name",
			"lists: { shells: [a] }\ntools: { allow: [$shels, $shells] }\n",
			"f0.yaml:5:18 POLICY_REFERENCE there is no list `shels` help: did you mean `shells`?; `$$shels` is the text itself",
		],
		[
			"a name where none is defined",
			"tools: { allow: $shells }\n",
			"f0.yaml:4:17 POLICY_REFERENCE there is no list `shells` help: define it: `lists: { shells: … }`; `$$shells` is the text itself",
		],
		[
			"an unknown macro",
			"tools: { allow: [a] }\nconditions: [{ name: c, tools: [a], when: { use: m } }]\n",
			"f0.yaml:5:50 POLICY_REFERENCE there is no macro `m` help: define it: `macros: { m: … }`",
		],
		[
			"a round of lists",
			"lists: { a: [x, $b], b: [$a] }\ntools: { allow: $a }\n",
			"f0.yaml:4:26 POLICY_REFERENCE the list `a` holds itself: `a` → `b` → `a` help: take one of them out",
		],
		[
			"a round of macros that nobody uses",
			"macros: { a: { use: a } }\ntools: { allow: [a] }\n",
			"f0.yaml:4:21 POLICY_REFERENCE the macro `a` holds itself: `a` → `a` help: take one of them out",
		],
		[
			"keys beside `use`",
			"macros: { m: { in: args.a, present: true } }\ntools: { allow: [a] }\nconditions: [{ name: c, tools: [a], when: { use: m, missing: match } }]\n",
			"f0.yaml:6:53 POLICY_SCHEMA `missing` has no meaning beside `use` help: remove one of the two; a list of tests holds where all of them do",
		],
		[
			"a list that is none",
			"lists: { a: x }\ntools: { allow: [$a] }\n",
			"f0.yaml:4:13 POLICY_SCHEMA `lists.a` must be a list, not `x` help: write `a: [x]`",
		],
		[
			"a name that is none",
			"lists: { Shells: [x] }\ntools: { allow: [a] }\n",
			"f0.yaml:4:10 POLICY_SCHEMA the name `Shells` is not accepted: a name has lower-case letters, digits and `-`, begins with a letter, at most 63 characters help: rename it",
		],
		[
			"an entry that cannot be read, told where it is written",
			"lists: { bad: ['(x', y] }\ntools: { allow: [a] }\npatterns: [{ name: r, regex: $bad }, { name: s, regex: [z, $bad] }]\n",
			"f0.yaml:4:17 POLICY_PATTERN",
		],
		[
			"a test that cannot be read, told where it is written",
			"macros: { m: { in: args.a, number: many } }\ntools: { allow: [a] }\nconditions: [{ name: c, tools: [a], when: { use: m } }]\n",
			"f0.yaml:4:36 POLICY_SCHEMA",
		],
	])("is told once: %s", (_, text, expected) => {
		const [first, ...others] = said(HEAD + text);
		expect(first?.slice(0, expected.length)).toBe(expected);
		expect(others).toEqual([]);
	});

	it("is told where two documents define one name, and where nobody uses one", () => {
		const user = `${HEAD}lists: { a: [x], c: [y] }\ntools: { allow: [$a, $b] }\n`;
		expect(said(user, `${LISTS}lists: { b: [y], d: [z] }\nmacros: { m: { in: args.a, present: true } }\n`)).toEqual([
			"f0.yaml:4:18 unused-definition nothing uses the list `c`",
			"f1.yaml:4:18 unused-definition nothing uses the list `d`",
			"f1.yaml:5:11 unused-definition nothing uses the macro `m`",
		]);
		// Where a policy cannot be read, nobody knows what it uses: one slip is told once.
		expect(said(`${HEAD}tools: { allow: [$shels] }\n`, `${LISTS}lists: { shells: [bash] }\n`)).toEqual([
			expect.stringMatching(/^f0\.yaml:4:18 POLICY_REFERENCE .*did you mean `shells`/),
		]);
		expect(said(user, `${LISTS}lists: { a: [y], b: [z] }\n`)).toEqual([
			"f0.yaml:4:10 POLICY_DUPLICATE the list `a` is already defined in f1.yaml:4 help: choose another name, or remove one of the two",
		]);
		expect(said(`${LISTS}lists: { a: [y] }\n`, `${LISTS}lists: { a: [y] }\n`)).toEqual([
			"f1.yaml:4:10 POLICY_DUPLICATE the list `a` is already defined in f0.yaml:4 help: choose another name, or remove one of the two",
		]);
	});

	it("of a file that only defines is told of it, and of a policy on its own where the file is missing", () => {
		expect(said(`${LISTS}lists: { a: [$b] }\ntools: { allow: all }\n`)).toEqual([
			"f0.yaml:4:14 POLICY_REFERENCE there is no list `b` help: did you mean `a`?; `$$b` is the text itself",
			"f0.yaml:5:1 POLICY_UNKNOWN_KEY unknown key `tools` help: known here: `apiVersion`, `kind`, `metadata`, `lists`, `macros`",
		]);
		expect(readPolicy(source("p", `${HEAD}tools: { allow: $a }\n`)).ok).toBe(false);
	});

	it("is bounded: lists of lists cannot grow without end", () => {
		const lists = Array.from(
			{ length: 12 },
			(_, at) =>
				`  l${at}: [${Array(10)
					.fill(at === 0 ? "x" : `$l${at - 1}`)
					.join(", ")}]`,
		);
		const [problem] = said(`${HEAD}lists:\n${lists.join("\n")}\ntools: { allow: $l11 }\n`);
		expect(problem).toContain("POLICY_LIMITS lists and macros put more than 100000 entries into this document");
	});
});

describe("the digest", () => {
	const digestOf = (...texts: string[]): string => {
		const compiled = compilePolicies(
			texts.map((text, at) => source(`f${at}`, text)),
			{ budgetRoot: "tenant" },
		);
		if (!compiled.ok) throw new Error(compiled.error.map(formatProblem).join("\n"));
		return compiled.value.digest;
	};

	it("is of what is meant: a shared list that changes makes other policies, a name does not", () => {
		const plain = digestOf(`${HEAD}tools: { allow: [a, b] }\n`);
		expect(digestOf(`${HEAD}lists: { l: [a, b], unused: [c] }\ntools: { allow: $l }\n`)).toBe(plain);
		expect(digestOf(`${HEAD}tools: { allow: [$l] }\n`, `${LISTS}lists: { l: [a, b] }\n`)).toBe(plain);
		expect(digestOf(`${HEAD}tools: { allow: [$l] }\n`, `${LISTS}lists: { l: [a, c] }\n`)).not.toBe(plain);
	});
});
