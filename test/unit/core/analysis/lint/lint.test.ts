/** What `policy lint` finds, and what it lets alone. */
import { describe, expect, it } from "vitest";
import { LINT_RULES } from "../../../../../src/core/analysis/lint/rules/all.ts";
import { lintPolicy } from "../../../../support/lint.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";

/** What is found: the id, and what is written at the place, to the end of the line. */
function found(body: string): readonly { readonly id: string; readonly written: string }[] {
	const linted = lintPolicy({ name: "p.yaml", text: HEAD + body });
	if (!linted.ok) throw new Error(linted.error.map(({ message, place }) => `${place?.line} ${message}`).join("; "));
	const lines = (HEAD + body).split("\n");
	return linted.value.findings.map(({ id, place: { line = 0, column = 0 } }) => ({
		id,
		written: lines[line - 1]?.slice(column - 1) ?? "",
	}));
}

const TOOLS = "tools: { allow: [bash, 'fs.*', send] }\n";
const rule = (keys: string, tools = TOOLS): string => `${tools}patterns:\n  - { name: r, ${keys} }\n`;
const rules = (...keys: string[]): string =>
	`${TOOLS}patterns:\n${keys.map((each, at) => `  - { name: r${at}, ${each} }\n`).join("")}`;
const read = (section: string, ...keys: string[]): string =>
	`${TOOLS}${section}:\n${keys.map((each, at) => `  - { name: r${at}, ${each} }\n`).join("")}`;
const limits = (...keys: string[]): string =>
	`${TOOLS}limits:\n${keys.map((each, at) => `  - { name: l${at}, ${each} }\n`).join("")}`;
const sequence = (keys: string): string => `${TOOLS}sequences:\n  - { name: s, ${keys} }\n`;
const APPROVERS = "approvals: { default: { approvers: ['*@example.com'] } }\n";

const OWNED = "name: e, owner: ann@example.com, reason: none, expires: 2026-12-31T00:00:00Z";

/** By rule: policies in which it finds something, with what is written at the place, and others in which nothing is found. */
const CASES: Readonly<
	Record<string, { readonly hits: readonly [string, string][]; readonly misses: readonly string[] }>
> = {
	"dead-rule": {
		hits: [
			[rule("substring: x, tools: [rm]"), "{ name: r, subst"],
			[rule("substring: x, tools: ['mail.*']"), "{ name: r, subst"],
			[`tools: { allow: [a], hold: [b] }\n${APPROVERS}`, "b] }"],
			[
				`tools: { allow: all, deny: ['*sh*'] }\npatterns: [{ name: r, substring: x, tools: [bash, zsh] }]\n`,
				"{ name: r, subst",
			],
			[
				`tools: { default: allow, deny: ['*sh*'] }\nconditions: [{ name: r, tools: [bash], when: { in: args.a, number: 5 } }]\n`,
				"{ name: r, tools",
			],
			[limits("measure: tool_calls, scope: agent, max: 5, tools: [rm]"), "{ name: l0, meas"],
			[`${TOOLS}obligations: [{ tools: [rm], message: hello }]\n`, "{ tools: [rm], m"],
			[rule("substring: x, tools: ['fs.*'], except: ['fs.*']"), "{ name: r, subst"],
			[sequence("after: { tools: [bash] }, then: { tools: [rm] }"), "{ name: s, after"],
			[sequence("after: { tools: [rm] }, then: { tools: [send] }"), "{ name: s, after"],
		],
		misses: [
			rule("substring: x, tools: [BASH]"),
			sequence("after: { tools: [bash] }, then: { tools: [send] }"),
			rule("substring: x, tools: ['*s*']"),
			`tools: { default: hold, deny: [{ name: d, tools: ['*sh*'], mode: audit }] }\npatterns: [{ name: r, substring: x, tools: [bash] }]\n${APPROVERS}`,
			`${rule("substring: x, tools: [rm]")}exceptions: [{ rules: [tools.allow], tools: [rm], ${OWNED} }]\n`,
			`tools: { allow: all, deny: [{ name: d, tools: ['*sh*'], except: [bash] }] }\npatterns: [{ name: r, substring: x, tools: [bash] }]\n`,
		],
	},
	"denied-anyway": {
		hits: [
			["tools: { allow: [a, b], deny: [c] }\n", "c] }"],
			["tools: { allow: [a, b], deny: [a, { name: d, tools: ['c*'] }] }\n", "{ name: d, tools"],
			["tools: { default: deny, deny: ['*'] }\n", "'*'] }"],
		],
		misses: ["tools: { allow: ['fs.*'], deny: ['fs.delete*'] }\n", "tools: { allow: ['fs.*'], deny: ['*curl*'] }\n"],
	},
	"allowed-then-denied": {
		hits: [
			["tools: { allow: [bash, ls], deny: ['*sh'] }\n", "bash, ls], deny:"],
			["tools: { allow: [ls, { tools: [bash, zsh], except: [zsh] }], deny: [bash] }\n", "bash, zsh], exce"],
		],
		misses: ["tools: { allow: ['*sh', ls], deny: [bash] }\n"],
	},
	"shadowed-rule": {
		hits: [
			[rules("regex: 'rm -rf'", "substring: rm"), "{ name: r0, rege"],
			[rules("substring: rm, in: args.command", "substring: rm, in: args"), "{ name: r0, subs"],
			[rules("substring: rm, tools: [bash]", "substring: rm"), "{ name: r0, subs"],
			[`${rules("substring: rm", "substring: rm, effect: hold")}${APPROVERS}`, "{ name: r1, subs"],
			["tools: { allow: ['*.a', '*.b'], deny: ['x*', 'xy*'] }\n", "'xy*'] }"],
			[`tools: { allow: ['*.a'], deny: ['x*'], hold: ['*.a', y.a] }\n${APPROVERS}`, "y.a] }"],
			[rules("glob: '/etc/**', style: path", "glob: '/etc/x/*', style: path"), "{ name: r1, glob"],
			[rules("regex: [ab, cd]", "regex: ab"), "{ name: r1, rege"],
			[
				read("facts", "fact: command, has: { program: [rm, dd] }", "fact: command, has: { program: [rm] }"),
				"{ name: r1, fact",
			],
			[read("intents", "categories: [dangerous], confidence: 80", "categories: [dangerous]"), "{ name: r0, cate"],
			[read("commands", "only: [ls]", "only: [ls, cat]"), "{ name: r1, only"],
		],
		misses: [
			rules("regex: 'rm -rf', severity: critical", "substring: rm"),
			rules("regex: 'rm -rf'", "substring: rm, mode: audit"),
			read("facts", "fact: command, has: { program: [rm] }", "fact: command, has: { program: [dd] }"),
			read("intents", "categories: [dangerous], confidence: 80", "categories: [dangerous], mode: audit"),
			`${read("intents", "categories: [dangerous]", "categories: [code_execution], severity: critical")}`,
			`${rules("regex: 'rm -rf'", "substring: rm")}exceptions: [{ rules: [r1], tools: [bash], ${OWNED} }]\n`,
			rules("substring: rm, in: args.a", "substring: rm, in: args.b"),
			rules("substring: rm, in: args.a", "substring: rm x, in: args"),
			rules("substring: rm, tools: [bash]", "substring: rm, tools: [send]"),
			rules("regex: 'rm -rf'", "substring: rm, unless: { substring: safe }"),
			rules(
				"regex: '^', in: args.a, unless: { regex: '^x$' }, tools: [bash]",
				"substring: '', in: args.a".replace("''", "b"),
			),
			`${rules("substring: rm x", "substring: rm, effect: hold")}${APPROVERS}`,
		],
	},
	"duplicate-rule": {
		hits: [
			[rules("substring: rm", "regex: 'r[m]'"), "{ name: r1, rege"],
			["tools: { allow: ['*.a', '*.b'], deny: ['{x,y}*', '{y,x}*'] }\n", "'{y,x}*'] }"],
			[
				`${TOOLS}conditions:\n  - { name: a, tools: [bash], when: { in: args.n, number: '> 5' } }\n  - { name: b, tools: [bash], when: { in: args.n, number: '> 5.0' } }\n  - { name: c, tools: [bash], when: { in: args.n, number: '>= 5' } }\n`,
				"{ name: b, tools",
			],
			[read("facts", "fact: sql, has: { verb: [drop] }", "fact: sql, has: { verb: [DROP] }"), "{ name: r1, fact"],
		],
		misses: [rules("substring: rm", "substring: RM, case: sensitive".replace("RM", "rx"))],
	},
	"unreached-limit": {
		hits: [
			[
				limits("measure: tool_calls, scope: agent, max: 5", "measure: tool_calls, scope: session, max: 5"),
				"{ name: l1, meas",
			],
			[
				limits(
					"measure: tool_calls, scope: agent, max: 10, per: 1m",
					"measure: tool_calls, scope: agent, max: 9, per: 1h",
				),
				"{ name: l0, meas",
			],
			[
				limits(
					"measure: tool_calls, scope: agent, max: 10, tools: [bash]",
					"measure: tool_calls, scope: agent, max: 9",
				),
				"{ name: l0, meas",
			],
			[
				limits(
					"measure: tokens, scope: agent, max: 10, reserve: 2",
					"measure: tokens, scope: agent, max: 10, reserve: 2",
				),
				"{ name: l1, meas",
			],
		],
		misses: [
			limits(
				"measure: tool_calls, scope: agent, max: 5, per: 1h",
				"measure: tool_calls, scope: agent, max: 3, per: 1m",
			),
			limits("measure: tool_calls, scope: session, max: 5", "measure: tool_calls, scope: agent, max: 50"),
			limits(
				"measure: tokens, scope: agent, max: 10, reserve: 1",
				"measure: tokens, scope: session, max: 12, reserve: 9",
			),
			limits("measure: tool_calls, scope: agent, max: 5, mode: audit", "measure: tool_calls, scope: agent, max: 50"),
			limits("measure: tool_calls, scope: agent, max: 5, tools: [bash]", "measure: tool_calls, scope: agent, max: 50"),
			`${limits("measure: tool_calls, scope: agent, max: 5, effect: hold", "measure: tool_calls, scope: agent, max: 9")}${APPROVERS}`,
			limits(
				"measure: tool_calls, scope: agent, max: 5, per: 60m",
				"measure: tool_calls, scope: agent, max: 5, per: 59m30s".replace("59m30s", "3599s"),
			).replace("max: 5, per: 3599s", "max: 4, per: 3599s"),
		],
	},
	"idle-exception": {
		hits: [
			[
				`${rule("substring: x, tools: [bash]")}exceptions: [{ rules: [r], tools: [send], ${OWNED} }]\n`,
				"r], tools: [send]",
			],
			[`${TOOLS}exceptions: [{ rules: [tools.allow], tools: [bash], ${OWNED} }]\n`, "tools.allow], to"],
			[`${rule("substring: x")}exceptions: [{ rules: [r], tools: [rm], ${OWNED} }]\n`, "{ rules: [r], to"],
		],
		misses: [
			`${rule("substring: x")}exceptions: [{ rules: [r], tools: [bash], ${OWNED} }]\n`,
			`${TOOLS}exceptions: [{ rules: [tools.allow], tools: [rm], ${OWNED} }]\n`,
		],
	},
	"expired-exception": {
		hits: [
			[`${rule("substring: x")}exceptions: [{ rules: [r], ${OWNED} }]\n`.replace("2026", "1969"), "1969-12-31T00:00"],
		],
		misses: [`${rule("substring: x")}exceptions: [{ rules: [r], ${OWNED} }]\n`],
	},
	"never-matches": {
		hits: [
			[rule("regex: 'a^b'"), "'a^b' }"],
			[rule("regex: ['ok', 'a\\bb']"), "'a\\bb'] }"],
			[rule("regex: 'rm -rf', unless: { substring: rm, case: insensitive }"), "rm, case: insens"],
		],
		misses: [
			rule("regex: 'rm', unless: { substring: rm x }"),
			rule("glob: '/etc/**', style: path, unless: { substring: etc }"),
		],
	},
	"matches-everything": {
		hits: [
			[rule("regex: '.*'"), "'.*' }"],
			[rule("glob: '**'"), "'**' }"],
			[rule("regex: '(rm)?'"), "'(rm)?' }"],
			[rule("regex: '[^x]|x'"), "'[^x]|x' }"],
			[`${TOOLS}conditions: [{ name: r, tools: [bash], when: { in: args.a, regex: '^' } }]\n`, "'^' } }]"],
		],
		misses: [rule("regex: '[^x]'"), rule("regex: '.', in: args.a, tools: [bash], unless: { regex: '^a$' }")],
	},
	"empty-alternative": {
		hits: [[rule("regex: 'rm|'"), "|' }"]],
		misses: [rule("regex: 'a(?:b|)c'")],
	},
	"idle-exemption": {
		hits: [
			[rule("regex: '^rm', unless: { regex: ['^sudo', '^rm x$'] }"), "'^sudo', '^rm x$"],
			[rule("glob: '/etc/**', style: path, unless: { glob: '/home/**', style: path }"), "'/home/**', styl"],
		],
		misses: [
			rule("substring: rm, unless: { substring: safe }"),
			rule("glob: '/etc/**', style: path, unless: { substring: x }"),
		],
	},
	"redundant-entry": {
		hits: [
			["tools: { allow: ['fs.*', fs.read] }\n", "fs.read] }"],
			["tools: { allow: [a, b, a] }\n", "a] }"],
			[rule("regex: ['rm -rf', rm]"), "'rm -rf', rm] }"],
			[rule("substring: x, tools: [bash, BASH]"), "BASH] }"],
			[
				`tools: { default: hold, deny: [{ name: d, tools: ['a*'], except: [abc, 'ab*'] }] }\n${APPROVERS}`,
				"abc, 'ab*'] }] }",
			],
			[`appliesTo: { agents: ['*', 'a*'] }\n${TOOLS}`, "'a*'] }"],
			[
				`${TOOLS}conditions: [{ name: r, tools: [send], require: { in: args.to, email: ['*@example.com', a@example.com] } }]\n`,
				"a@example.com] }",
			],
			[read("facts", "fact: request, none: { host: ['*.example.com', api.example.com.] }"), "api.example.com.] }"],
			[read("facts", "fact: command, has: { program: ['rm*', rm] }"), "rm] } }"],
			[read("commands", "only: [git status, git]"), "git status, git]"],
			[
				sequence("after: { tools: [bash] }, then: { facts: { fact: host, none: { class: [private, 'p*'] } } }"),
				"private, 'p*'] }",
			],
		],
		misses: [
			"tools: { allow: [bash, Bash] }\n",
			rule("regex: ['rm -rf', rmdir]"),
			read("facts", "fact: command, all: { words: ['a*', ab] }, has: { program: [rm, RM] }"),
			read("commands", "only: [git status, git diff, gitk]"),
		],
	},
	"no-force": {
		hits: [
			[`mode: audit\n${TOOLS}obligations: [{ tools: [bash], message: hello }]\n`, "{ tools: [bash],"],
			[`mode: audit\n${rule("substring: x, mode: enforce")}`, "enforce }"],
		],
		misses: [
			`mode: enforce\n${rule("substring: x, mode: enforce")}`,
			`mode: audit\n${rule("substring: x, mode: audit")}`,
		],
	},
	"unused-definition": {
		hits: [
			["lists: { a: [x], b: [y] }\ntools: { allow: $a }\n", "b: [y] }"],
			["macros: { m: { in: args.a, present: true } }\ntools: { allow: [x] }\n", "m: { in: args.a"],
		],
		misses: ["lists: { a: [x], b: [y, $a] }\ntools: { allow: $b }\n"],
	},
	"unused-approval": {
		hits: [
			[`${TOOLS}${APPROVERS}`, "default: { appro"],
			[
				`tools: { allow: [a], hold: [{ name: h, tools: [a], approval: x }] }\napprovals: { x: { approvers: [b] }, y: { approvers: [c] } }\n`,
				"y: { approvers: ",
			],
		],
		misses: [
			`tools: { allow: [a], hold: [a] }\n${APPROVERS}`,
			`tools: { default: hold }\n${APPROVERS}`,
			`tools: { default: hold, approval: x }\napprovals: { x: { approvers: [b] } }\n`,
			`${limits("measure: tool_calls, scope: agent, max: 5, effect: hold")}${APPROVERS}`,
			`${sequence("after: { tools: [bash] }, then: { tools: [send] }, effect: hold")}${APPROVERS}`,
		],
	},
	"anyone-approves": {
		hits: [
			["tools: { default: hold }\napprovals: { default: { approvers: [ann, '*'] } }\n", "'*'] } }"],
			["tools: { default: hold }\napprovals: { default: { approvers: ['**'] } }\n", "'**'] } }"],
		],
		misses: [`tools: { default: hold }\n${APPROVERS}`],
	},
	"no-reserve": {
		hits: [
			[limits("measure: tokens, scope: agent, max: 10"), "10 }"],
			[limits("measure: cost, scope: agent, max: 10.00, reserve: 0"), "10.00, reserve: "],
		],
		misses: [
			limits("measure: tokens, scope: agent, max: 10, reserve: 1"),
			limits("measure: tool_calls, scope: agent, max: 10"),
		],
	},
	"large-cost": {
		hits: [[limits("measure: cost, scope: agent, max: 25000000, reserve: 1"), "25000000, reserv"]],
		misses: [limits("measure: cost, scope: agent, max: 25000, reserve: 1")],
	},
	"deny-by-name": {
		hits: [
			["tools: { allow: all, deny: ['*curl*', bash] }\n", "bash] }"],
			["tools: { default: allow, deny: [{ name: d, tools: [bash] }] }\n", "{ name: d, tools"],
		],
		misses: ["tools: { allow: all, deny: ['*bash'] }\n", `tools: { default: hold, deny: [bash] }\n${APPROVERS}`],
	},
	"stops-every-tool": {
		hits: [
			[
				"tools: { allow: all }\npatterns: [{ name: r, regex: '.', in: args.a, unless: { regex: '^a$' } }]\n",
				"{ regex: '^a$' }",
			],
			[
				"tools: { allow: all }\nconditions: [{ name: r, require: { in: args.to, email: '*@example.com' } }]\n",
				"args.to, email: ",
			],
		],
		misses: [
			`tools: { allow: all }\npatterns: [{ name: r, regex: '.', in: args.a, unless: { regex: '^a$' }, tools: [b] }]\n`,
			`${TOOLS}conditions: [{ name: r, require: { in: args.to, email: '*@example.com' } }]\n`,
		],
	},
	"missing-ignored": {
		hits: [
			[rule("regex: '.', in: args.a, unless: { regex: '^a$' }, missing: ignore"), "ignore }"],
			[
				`${TOOLS}conditions: [{ name: r, require: [{ in: args.to, email: '*@example.com', missing: ignore }] }]\n`,
				"ignore }] }]",
			],
		],
		misses: [
			rule("regex: '.', in: args, unless: { regex: '^a$' }, missing: ignore"),
			rule("regex: a, in: args.a, missing: ignore"),
		],
	},
	"loose-exemption": {
		hits: [
			[rule("regex: '.', in: args.command, unless: { regex: '^git log' }"), "^git log' } }"],
			[
				`${TOOLS}conditions: [{ name: r, tools: [bash], require: { in: args.a, regex: 'git log$' } }]\n`,
				"git log$' } }]",
			],
		],
		misses: [
			rule("regex: '.', in: args.command, unless: { regex: '^git log$' }"),
			rule("regex: rm, unless: { regex: safe }"),
		],
	},
	"unescaped-dot": {
		hits: [
			[rule("regex: '^http', in: args.url, unless: { regex: '^https://api.example.com/' }"), ".example.com/' }"],
			[
				`${TOOLS}conditions: [{ name: r, tools: [bash], require: { in: args.a, regex: '^(?:a|b\\.example.com)$' } }]\n`,
				".com)$' } }]",
			],
		],
		misses: [
			rule("regex: '^http', in: args.url, unless: { regex: '^https://api\\.example\\.com/' }"),
			rule("regex: '^http', in: args.url, unless: { regex: '^https://[a-z.org]+/' }"),
			rule("regex: 'evil.com'"),
		],
	},
	"other-syntax": {
		hits: [
			[rule("substring: '\\brm'"), "\\brm' }"],
			[rule("substring: 'rm.*-rf'"), ".*-rf' }"],
			[rule("substring: '*.pem'"), "*.pem' }"],
			[rule("glob: '^rm$'"), "^rm$' }"],
			[rule("regex: '/etc/*'"), "/*' }"],
		],
		misses: [
			rule("substring: 'C:\\windows\\system32'"),
			rule("glob: '*.pem'"),
			rule("regex: 'rm.*'"),
			rule("substring: 'rm *'"),
		],
	},
	"one-folder": {
		hits: [[rule("glob: ['**/*.pem', '.env'], style: path"), ".env'], style: p"]],
		misses: [
			rule("glob: '**/*.pem', style: path"),
			rule("glob: '*.pem'"),
			rule("glob: '**', style: path, unless: { glob: '*.pem', style: path }"),
		],
	},
	"one-case": {
		hits: [[rule("regex: 'löschen'"), "öschen' }"]],
		misses: [rule("regex: 'l[öÖ]schen'"), rule("regex: 'löschen', case: sensitive")],
	},
	"curly-quote": {
		hits: [[rule("regex: 'don’t'"), "’t' }"]],
		misses: [rule("regex: don.t")],
	},
	"looked-for-slashes": {
		hits: [[rule("regex: '/drop table/'"), "/drop table/' }"]],
		misses: [rule("substring: /etc/"), rule("regex: '^/usr/bin/'")],
	},
	"joined-lines": {
		hits: [[`${TOOLS}patterns:\n  - name: r\n    regex: >-\n      rm -rf|\n      mkfs\n`, ">-"]],
		misses: [
			`${TOOLS}patterns:\n  - name: r\n    regex: >-\n      rm -rf\n    message: >-\n      a long\n      message\n`,
		],
	},
	"cut-by-comment": {
		hits: [
			[`${TOOLS}patterns:\n  - name: r\n    substring: rm\n    message: see ticket #123\n`, "see ticket #123"],
			[
				`${TOOLS}conditions:\n  - name: r\n    tools: [bash]\n    when:\n      in: args.headers.* #key\n      oneOf: [a]\n`,
				"args.headers.* #",
			],
		],
		misses: [`${TOOLS}patterns:\n  - name: r # the rule\n    substring: rm\n    message: 'see #123' # a ticket\n`],
	},
	"control-character": {
		hits: [[`${TOOLS}patterns: [{ name: r, substring: rm, message: "use \\bash" }]\n`, '"use \\bash" }]']],
		misses: [`${TOOLS}patterns: [{ name: r, substring: rm, message: "two\\nlines" }]\n`],
	},
	"odd-name": {
		hits: [
			["tools: { allow: [bash zsh] }\n", "bash zsh] }"],
			["tools: { allow: ['a, b'] }\n", "'a, b'] }"],
			[rule("substring: x, tools: ['\"bash\"', bash]"), "'\"bash\"', bash] "],
		],
		misses: ["tools: { allow: ['{a,b}.c', 'x[ -]y'] }\n", "tools: { allow: ['Google\\ Search'] }\n"],
	},
	"unknown-argument": {
		hits: [
			["tools: { allow: [Bash] }\npatterns: [{ name: r, substring: x, tools: [Bash], in: args.cmd }]\n", "args.cmd }]"],
			[rule("substring: x, in: args.comand"), "args.comand }"],
			[
				"tools: { allow: [Read] }\nconditions: [{ name: r, tools: [Read], when: { in: args.filepath, path: '/etc/**' } }]\n",
				"args.filepath, p",
			],
			[
				"tools: { allow: [Read, b] }\nsequences: [{ name: s, after: { tools: [Read], when: { in: args.filepath, path: '/etc/**' } }, then: { tools: [b] } }]\n",
				"args.filepath, p",
			],
		],
		misses: [
			"tools: { allow: [Bash] }\npatterns: [{ name: r, substring: x, tools: [Bash], in: args.cmd | args.command }]\n",
			rule("substring: x, in: [args.comment, args.commands, args.filepath, args.cmd]"),
			"tools: { allow: [Bash, x] }\npatterns: [{ name: r, substring: x, tools: [Bash, x], in: args.cmd }]\n",
		],
	},
	acceptance: {
		hits: [
			[`${TOOLS}# assent-lint: accept dead-rule there is none\n`, "# assent-lint: a"],
			[`${TOOLS}# assent-lint: accept ded-rule a slip\n`, "# assent-lint: a"],
			[`${TOOLS}# assent-lint: ignore dead-rule\n`, "# assent-lint: i"],
			["tools: { allow: [bash zsh] } # assent-lint: accept odd-name\n", "# assent-lint: a"],
		],
		misses: [
			`${TOOLS}# assent-lint is quoted here: "# assent-lint: accept" ...\n`.replace("# assent-lint is", "# it is"),
		],
	},
};

describe("policy lint", () => {
	it("has a case for each of its rules", () => {
		expect(Object.keys(CASES).sort()).toEqual(LINT_RULES.map(({ id }) => id).sort());
	});

	describe.each(Object.entries(CASES))("%s", (id, { hits, misses }) => {
		it.each(hits)("is found: %s", (policy, at) => {
			const written = found(policy)
				.filter((each) => each.id === id)
				.map((each) => each.written);
			expect(
				written.filter((each) => each.startsWith(at)),
				JSON.stringify(written),
			).toHaveLength(1);
		});

		it.each(misses)("is not: %s", (policy) => {
			expect(found(policy).filter((each) => each.id === id)).toEqual([]);
		});
	});

	it("finds nothing twice at one place for one reason", () => {
		for (const { hits } of Object.values(CASES)) {
			for (const [policy] of hits) {
				const all = found(policy).map((each) => JSON.stringify(each));
				expect([...new Set(all)]).toEqual(all);
			}
		}
	});

	it("proves nothing by a rule that has force for a share of the sessions", () => {
		const denied = (stage: string): string =>
			`tools: { allow: all, deny: [{ name: d, tools: ['*sh*']${stage} }] }\npatterns: [{ name: r, substring: x, tools: [bash, zsh] }]\n`;
		expect(found(denied("")).map(({ id }) => id)).toEqual(["dead-rule"]);
		expect(found(denied(", stage: 100%")).map(({ id }) => id)).toEqual(["dead-rule"]);
		expect(found(denied(", stage: 10%"))).toEqual([]);
	});

	it("holds a rule of one stage not for covered by a rule of another", () => {
		const two = (...keys: readonly string[]): string =>
			`tools: { allow: all }\npatterns:\n${keys.map((each, at) => `  - { name: r${at}, substring: x, ${each} }\n`).join("")}`;
		const ids = (...keys: string[]): string[] => found(two(...keys)).map(({ id }) => id);
		expect(ids("severity: high", "stage: 50%")).toEqual(["shadowed-rule"]);
		expect(ids("stage: 10%", "stage: 50%")).toEqual([]);
		expect(ids("mode: audit, severity: high", "stage: 50%")).toEqual([]);
		// What the stage of the policy leaves out has no force anyway.
		expect(found(`stage: 10%\n${two("severity: high", "severity: low")}`).map(({ id }) => id)).toEqual([
			"shadowed-rule",
		]);
	});

	it("holds a hold that ends sooner not for covered by one that waits longer", () => {
		const approvals =
			"approvals: { soon: { approvers: [ann], expires: 1m }, late: { approvers: [ann], expires: 1h } }\n";
		const holds = (first: string, second: string): string[] =>
			found(
				`tools: { allow: [a, b], hold: [{ name: r, tools: [a, b], approval: ${first} }, { name: s, tools: [a], approval: ${second} }] }\n${approvals}`,
			).map(({ id }) => id);
		expect(holds("soon", "late")).toEqual(["shadowed-rule"]);
		expect(holds("late", "soon")).toEqual([]);
	});

	it("leaves to `hold` the spellings that `default` would deny", () => {
		const holding = (entries: string): string[] =>
			found(`tools: { default: deny, hold: [${entries}] }\n${APPROVERS}`).map(({ id }) => id);
		expect(holding("deploy, Deploy")).toEqual([]);
		expect(holding("deploy, deploy")).toEqual(["duplicate-rule"]);
		expect(holding("{ name: h, tools: [deploy, Deploy] }")).toEqual([]);
		expect(holding("{ name: h, tools: [deploy, 'dep*'] }")).toEqual(["redundant-entry"]);
	});

	it("says of a tool only what is so of all that looks like it", () => {
		const doubled = (allow: string): string[] =>
			found(`tools: { allow: ['${allow}'] }\npatterns: [{ name: r, substring: x, tools: [tool_] }]\n`).map(
				({ id }) => id,
			);
		expect(doubled("tool_a")).toEqual(["dead-rule"]);
		// `tool_` and a letter of no width look like `tool_`, and may be called.
		expect(doubled("tool_?")).toEqual([]);
	});

	it("proves nothing by a rule that another policy lifts, or may lift", () => {
		const head = (name: string): string => `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: ${name} }\n`;
		const own = `${head("p")}tools: { allow: [a], deny: [c] }\npatterns: [{ name: r, substring: x, tools: [b] }]\n`;
		const lifting = (rule: string): string =>
			`${head("q")}tools: { allow: all }\nexceptions: [{ ${OWNED}, tools: [b, c], rules: [${rule}] }]\n`;
		const ids = (other: string): string[] => {
			const linted = lintPolicy({ name: "p.yaml", text: own }, { name: "q.yaml", text: other });
			return linted.ok ? linted.value.findings.map(({ id }) => id) : ["does not load"];
		};
		expect(ids(`${head("q")}tools: { allow: all }\n`)).toEqual(["denied-anyway", "dead-rule"]);
		expect(ids(lifting("p/tools.allow"))).toEqual([]);
		expect(ids(lifting("p/r"))).toEqual(["denied-anyway", "dead-rule"]);
		expect(ids(`${lifting("p/tools.allow")}limitz: []\n`)).toEqual([]);
		expect(ids(`${head("q")}limitz: []\n`)).toEqual(["denied-anyway", "dead-rule"]);
	});

	it("proves nothing of entries of `deny` where one is lifted: they keep their tools from `default`", () => {
		const denying = (rules: string): string =>
			`tools: { default: deny, deny: [{ name: d, tools: [b] }, { name: e, tools: ['*'] }] }\nexceptions: [{ ${OWNED.replace("name: e", "name: x")}, rules: [${rules}] }]\n`;
		const deniedAnyway = (text: string) => found(text).filter(({ id }) => id === "denied-anyway");
		expect(deniedAnyway(denying("d"))).toEqual([]);
		expect(deniedAnyway(denying("tools.default"))).toEqual([]);
		const [policy = ""] = denying("d").split("exceptions");
		expect(deniedAnyway(policy)).toHaveLength(2);
	});

	it("has no findings for a policy that does not load", () => {
		expect(lintPolicy({ name: "p.yaml", text: "tools: {}" })).toMatchObject({ ok: false });
	});
});
