/** Slips of the pen, each with the message that fixes it; none loads in silence, and none is told of twice. */
import { describe, expect, it } from "vitest";
import { readPolicy } from "../../../../src/core/policy/parse.ts";
import { lintPolicy } from "../../../support/lint.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";
const BASE = `${HEAD}tools: { allow: all }\n`;
const ALLOW = `${HEAD}tools: { allow: [a, Bash] }\n`;

/** Everything that is said: `message; help`, findings with their id before them. */
function said(text: string): string[] {
	const linted = lintPolicy({ name: "p.yaml", text });
	return linted.ok
		? linted.value.findings.map((of) => `${of.id}: ${of.message}; ${of.help}`)
		: linted.error.map((of) => `${of.message}; ${of.help}`);
}

const pattern = (keys: string): string[] => said(`${BASE}patterns:\n  - { name: r, ${keys} }\n`);
const limit = (keys: string): string[] => said(`${BASE}limits:\n  - { name: l, scope: agent, ${keys} }\n`);

describe("an allow-list's exemption", () => {
	const LOOSE =
		"passes, too, such as `; rm -rf /` or `.evil.example`; tie a regex to the whole text, as `^git log( [\\w./-]+)*$` is, so that it covers all that may be there";
	const exempting = (unless: string): string[] =>
		said(`${ALLOW}patterns:\n  - { name: r, regex: '.', in: args.command, tools: [Bash], unless: { ${unless} } }\n`);

	it.each([
		["regex: '^(git log|ls)\\b'", `loose-exemption: anything behind the exempted text ${LOOSE}`],
		["regex: 'git log$'", `loose-exemption: anything before the exempted text ${LOOSE}`],
		["substring: git log", `loose-exemption: anything around the exempted text ${LOOSE}`],
		["regex: '^ls\\$'", `loose-exemption: anything behind the exempted text ${LOOSE}`],
	])("that leaves open what stands beside it, %s, is warned of", (unless, warning) => {
		expect(exempting(unless)).toEqual([warning]);
	});

	it.each(["regex: '^git log( [\\w./-]+)*$'", "regex: '(?:^ls$|^git log$)'", "glob: '/srv/**', style: path"])(
		"that says the whole text, %s, is not",
		(unless) => {
			expect(exempting(unless)).toEqual([]);
		},
	);

	it("of a rule about something else is not: a WHERE may stand anywhere", () => {
		expect(
			said(`${ALLOW}patterns:\n  - { name: r, regex: UPDATE, in: args.sql, tools: [a], unless: { regex: WHERE } }\n`),
		).toEqual([]);
	});
});

describe("a pattern", () => {
	it.each([
		[
			"regex: '/drop table/i'",
			"slashes and flags around a pattern are not part of the dialect; write `drop table`; a rule ignores case unless it says `case: sensitive`",
		],
		[
			"regex: '/drop table/'",
			"looked-for-slashes: the slashes around the pattern are looked for as characters; write `drop table`",
		],
		["substring: ‘rm -rf’", "curly quotes around a pattern are looked for as characters; use straight quotes: `'…'`"],
		[
			"regex: 'don’t'",
			"curly-quote: the pattern holds a curly quote; a straight quote is another character: write `['\u2018\u2019]` for both",
		],
		[
			"regex: 'rm\u00a0-rf'",
			"the pattern holds a no-break space (U+00A0) that looks like a space; type a space, or write `\\s`; `\\u00A0` means this character",
		],
		["regex: '[[:space:]]rm'", "`[:space:]` is not a class of the dialect; write `\\s`"],
		["regex: '[^[:alnum:]_]'", "`[:alnum:]` is not a class of the dialect; write `[A-Za-z0-9]`"],
		[
			"regex: '\\<rm\\>'",
			"`\\<` is not an edge of a word here; write `\\b` for the edge of a word, or `<` for the character itself",
		],
		[
			"regex: '\\bудалить\\b'",
			"`\\b` knows ASCII letters only: beside `у` it is not an edge of a word; write the edge out, as in `(?:^|\\s)`, or leave it out",
		],
		[
			"regex: löschen",
			"one-case: only ASCII letters ignore case: `ö` does not match `Ö`; write `[öÖ]` in a regex, or list both",
		],
		[
			"regex: 'rm|'",
			"empty-alternative: an empty alternative matches every text; remove the `|` at the beginning or end, or the second of two",
		],
		[
			"regex: rm, unless: { regex: 'safe|' }",
			"an empty alternative exempts every text; remove the `|` at the beginning or end, or the second of two",
		],
		[
			"regex: rm, unless: { regex: '^.*' }",
			"the exemption matches every text, so the rule could never fire; narrow the exemption, or remove the rule",
		],
		[
			"glob: '**', style: path, unless: { glob: '**', style: path }",
			"the exemption matches every text, so the rule could never fire; narrow the exemption, or remove the rule",
		],
		[
			'regex: "\\d+\\s"',
			"YAML reads backslashes in double quotes itself, and has no such escape; put the text in single quotes: there a backslash is a backslash",
		],
		[
			"substring: x, in: 'args.items[0].path'",
			"`args.items[0].path` has a bracket: an index is a step like a key; write `args.items.0.path`; `\\[` is a bracket in a key; or `tool`",
		],
		[
			"substring: x, in: 'args.items[*]'",
			"`args.items[*]` has a bracket: an index is a step like a key; write `args.items.*`; `\\[` is a bracket in a key; or `tool`",
		],
		["substring: x, in: 'args.path |'", "an alternative is missing; write a path on both sides of `|`"],
		["substring: x, in: args.path | file", "`file` is not a path into the arguments; write `args.file`; or `tool`"],
		[
			"substring: x, in: 'args.headers.*#key'",
			"patterns look at the keys of what `in` names anyway; leave out `#key` to look at keys and values, or write a rule of `conditions` about the keys",
		],
		["substring: x, in: $.command", "`$.command` is not a path into the arguments; write `args.command`; or `tool`"],
		[
			"substring: x, tools: ['!bash']",
			"a leading `!` would match everything else; list beside `tools` what is not meant, `except: ['bash']`; `'\\!bash'` is a name that begins with `!`",
		],
		["regex: 123", "`patterns[0].regex` must be a text, not `123`; put it in single quotes: `'123'`"],
		[
			"regex: [a-z]",
			"YAML reads `[a-z]` as a list that holds the text `a-z`; put the pattern in single quotes: `'[a-z]'`",
		],
		["substring: x, in: command", "`command` is not a path into the arguments; write `args.command`; or `tool`"],
		["substring: x, unless: y", "`patterns[0].unless` must be a map, not `y`; write `unless: { regex: 'y' }`"],
		[
			"substring: x, unless: '/tmp/*'",
			"`patterns[0].unless` must be a map, not `/tmp/*`; write `unless: { glob: '/tmp/*', style: path }`",
		],
		[
			"substring: x, unless: '~/a'",
			"`patterns[0].unless` must be a map, not `~/a`; write `unless: { glob: '~/a', style: path }`",
		],
		["substring: x, unless: 'a(b'", "`patterns[0].unless` must be a map, not `a(b`; write `unless: { regex: '…' }`"],
		[
			"substring: x, unless: { regex: y, ignoreCase: true }",
			"unknown key `ignoreCase` in `patterns[0].unless`; write `case: insensitive`",
		],
		[
			"substring: x, tools: ['Bash(rm:*)']",
			"only a tool's name goes here, without arguments; name the tool alone (`Bash`), and look at its arguments with a rule in `patterns`: `in: args.NAME`",
		],
		["substring: x, tools: bash", "`patterns[0].tools` must be a list, not `bash`; write `tools: [bash]`"],
		[
			"substring: x, except: { regex: y }",
			"`patterns[0].except` must be a list, not a map; list the tools that are not meant; texts that pass go into `unless`",
		],
	])("with %s", (keys, expected) => {
		expect(pattern(keys)).toEqual([expected]);
	});

	it.each([
		["tags: ASI02", "`patterns[0].tags` must be a list, not `ASI02`; write `tags: [ASI02]`"],
		[
			"tags: [' a']",
			"`patterns[0].tags[0]` cannot be ` a`: a tag has 1 to 60 characters on one line, without space around them; correct the entry, or remove it",
		],
		[
			"tags: [a, b, c, d, e, f, g, h, i, j, k]",
			"`patterns[0].tags` must have at most 10 entries; keep those that somebody looks for",
		],
		["tag: [a]", "unknown key `tag` in `patterns[0]`; did you mean `tags`?"],
	])("of a rule with %s", (keys, expected) => {
		expect(pattern(`substring: xyz, ${keys}`)).toEqual([expected]);
	});

	it("in a block is told of the line break that ends it", () => {
		expect(said(`${BASE}patterns:\n  - name: r\n    regex: |\n      \\brm\n`)).toEqual([
			"the block ends with a line break, which would be looked for (at character 5 of the pattern); write the pattern on one line in single quotes, or begin the block with `|-` or `>-`",
		]);
		expect(said(`${BASE}patterns:\n  - name: r\n    regex: |-\n      \\brm\n`)).toEqual([]);
	});

	it("that means what it says is let alone", () => {
		for (const keys of [
			"glob: '/etc/**'",
			"substring: /etc/",
			"regex: '^/usr/bin/'",
			"regex: 'l[öÖ]schen'",
			"regex: 'löschen', case: sensitive",
			"regex: 'a\\|'",
			"regex: 'a(?:b|)c'",
			"regex: '[|]'",
			"regex: '(?i)\\bdrop\\b'",
			"substring: x, in: 'args.a\\[0]'",
			"regex: '^', unless: { regex: '^$' }",
		])
			expect(pattern(keys), keys).toEqual([]);
	});
});

describe("tools", () => {
	it.each([
		["allow: [all]", "a list with `all` admits a tool of that name, and no other; write `allow: all`, without a list"],
		["allow: *", "a text that begins with `*` needs quotes; write `'*'`; aliases are not accepted"],
		["allow: '*'", "`tools.allow` cannot be `*`; write `allow: all`"],
		["allow: [a, *.exe]", "a text that begins with `*` needs quotes; write `'*.exe'`; aliases are not accepted"],
		[
			"allow: all, deny: [bash]",
			"deny-by-name: `allow: all` with a list of names to deny lets other spellings of them through, such as `functions.bash` or `default_api:bash` for `bash`; list the tools that may be called in `allow`, or deny globs such as `'*bash'`",
		],
		["default: ask", "`tools.default` cannot be `ask`; write `default: hold`"],
		["default: block", "`tools.default` cannot be `block`; write `default: deny`"],
		["default: 'yes'", "`tools.default` cannot be `yes`; write `default: allow`"],
		["default: holt", "`tools.default` cannot be `holt`; did you mean `hold`?"],
		["default: deny, allow: all", "`allow: all` says already what `default` is for; remove `allow: all`, or `default`"],
		["default: deny, allow: none", "`allow: none` says already what `default` is for; remove one of the two"],
		[
			"default: allow, allow: [a]",
			"`allow` changes nothing where every other tool may be called as well; list in `deny` or `hold` what may not be called, or write `default: deny` or `default: hold`",
		],
		[
			"default: deny, approval: ops",
			"`approval` has a meaning beside `default: hold` only; write `default: hold`, or remove `approval`; an entry of `hold` has its own",
		],
		[
			"default: hold",
			"no entry `default` in `approvals`; a rule with `hold` needs approvers: `approvals: {default: {approvers: [...]}}`",
		],
		[
			"allow: [{ tools: [a], except: ['*'] }]",
			"`except: ['*']` leaves no tool; name what is excepted, or remove the rule",
		],
		["allow: [{ tools: [a], except: b }]", "`tools.allow[0].except` must be a list, not `b`; write `except: [b]`"],
		["allow: [{ except: [b] }]", "`tools` is missing in `tools.allow[0]`; say which tools it is about: `tools: [...]`"],
		[
			"allow: [{ tools: [a], exclude: [b] }]",
			"unknown key `exclude` in `tools.allow[0]`; write `except: [...]`, the tools that are not meant",
		],
		[
			"allow: [{ name: n, tools: [a] }]",
			"unknown key `name` in `tools.allow[0]`; entries of this list have no name: remove it",
		],
	])("with %s", (keys, expected) => {
		expect(said(`${HEAD}tools: { ${keys} }\n`)).toEqual([expected]);
	});

	it("that are denied by globs, or beside a list, are let alone", () => {
		expect(said(`${HEAD}tools: { allow: all, deny: ['*bash*'] }\n`)).toEqual([]);
		expect(said(`${HEAD}tools: { allow: ['*sh', a], deny: [bash] }\n`)).toEqual([]);
	});
});

describe("a limit", () => {
	it.each([
		[
			"measure: tool_calls, max: 5, per: 60",
			"`limits[0].per` must be a duration, not `60`; write a unit: `per: 60s`, `60m` or `60h`",
		],
		[
			"measure: tool_calls, max: 5, per: 1 hour",
			"`limits[0].per` cannot be `1 hour`: a duration is a whole number and a unit, such as `250ms`, `30s`, `15m`, `1h` or `7d`; write `per: 1h`",
		],
		["measure: tool_calls, max: [5]", "`limits[0].max` must be an amount, not a list; write one value, not several"],
		["measure: tool_calls, max: ", "`limits[0].max` must be an amount, not empty; write a value, or remove the key"],
		[
			"measure: tokens, max: 5",
			"no-reserve: without `reserve` a call that gives no estimate takes nothing of `l` before its outcome is reported, so that calls side by side are not bounded, and unreported use counts for nothing; add `reserve`, the number of tokens that a call takes at least until its outcome is known",
		],
		[
			"measure: cost, max: 25.00",
			"no-reserve: without `reserve` a call that gives no estimate takes nothing of `l` before its outcome is reported, so that calls side by side are not bounded, and unreported use counts for nothing; add `reserve`, the cost that a call takes at least until its outcome is known",
		],
		["measure: cost, max: 25.00, reserve: 0.01", undefined],
		[
			"measure: tool_calls, max: -1",
			"`limits[0].max` must be at least 0; 0 forbids every call; an unlimited amount needs no rule: remove it",
		],
		[
			"measure: tool_calls, max: true",
			"`limits[0].max` must be an amount, not `true`; write a number, such as `max: 100`",
		],
		[
			"measure: cost, reserve: 0, max: 5,00",
			"unknown key `00` in `limits[0]`; a comma ends the value before it: the decimal sign is a point, and digits are not grouped",
		],
		[
			"measure: cost, max: 25000000, reserve: 0.01",
			"large-cost: costs are in currency units: `max: 25000000` is that many of them, not millionths; if millionths were meant, divide by 1000000",
		],
	])("with %s", (keys, expected) => {
		expect(limit(keys)).toEqual(expected === undefined ? [] : [expected]);
	});
});

describe("an approval", () => {
	it.each([
		[
			"expires: 30",
			"`approvals.default.expires` must be a duration, not `30`; write a unit: `expires: 30s`, `30m` or `30h`",
		],
		["quorum: '2'", "`approvals.default.quorum` must be a whole number, not `2`; write `quorum: 2`, without quotes"],
		[
			"quorum: 1.5",
			"`approvals.default.quorum` must be a whole number, not `1.5`; write a number without quotes, such as `quorum: 1`",
		],
	])("with %s", (keys, expected) => {
		expect(said(`${BASE}approvals: { default: { approvers: [a, b], ${keys} } }\n`)).toEqual([expected]);
	});
});

describe("a rule that permits by exception", () => {
	const rule = (keys: string) =>
		said(`${ALLOW}patterns:\n  - { name: r, regex: '.', unless: { regex: '^ls$' }, ${keys} }\n`);

	it("is warned of where it lets pass what it cannot see, or stops every tool", () => {
		expect(rule("in: args.command, missing: ignore")).toEqual([
			"missing-ignored: a call that gives `args.command` another name passes this rule, which permits by exception; remove `missing: ignore`, so that the rule fires on such calls",
		]);
		expect(rule("in: args.command")).toEqual([]);
		expect(rule("missing: ignore")).toEqual([]);
		expect(pattern("regex: '.', in: args.command, unless: { regex: '^ls$' }")).toEqual([
			"stops-every-tool: the rule stops every tool that has no `args.command`; name the tools that it is about: `tools: [...]`",
		]);
	});
});

describe("several slips", () => {
	it("are told of in one round, whatever they are", () => {
		const text = `${HEAD}tools: { allow: al }
patterns:
  - { name: A, regex: '(' }
  - { name: b, regex: 'x(?=y)', efect: hold }
  - { name: c, glob: '+(a)', severity: grave }
  - regex: 'a**'
limits:
  - { name: l, measure: token, scope: agent, max: 5 }
  - { name: m, measure: tool_calls, scope: agent, max: 1h, per: 60 }
approvals: { default: { approvers: [a], expires: 5 } }
`;
		const read = readPolicy({ name: "p.yaml", text });
		expect(read.ok ? [] : read.error.map((of) => `${of.place?.line}:${of.place?.column} ${of.code}`)).toEqual([
			"4:17 POLICY_SCHEMA",
			"6:13 POLICY_SCHEMA",
			"6:24 POLICY_PATTERN",
			"7:25 POLICY_PATTERN",
			"7:33 POLICY_UNKNOWN_KEY",
			"8:23 POLICY_GLOB",
			"8:40 POLICY_SCHEMA",
			"9:5 POLICY_SCHEMA",
			"9:13 POLICY_PATTERN",
			"11:25 POLICY_SCHEMA",
			"12:65 POLICY_SCHEMA",
			"13:50 POLICY_SCHEMA",
		]);
	});
});
