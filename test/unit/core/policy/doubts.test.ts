/** Rules that permit by exception: what they cannot see does not pass them. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

/** What one rule says of one call: empty when it is silent, else code, pointer or message. */
function answer(rule: string, args: JsonObject, tool = "t"): string {
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\npatterns:\n  - { name: r, ${rule} }\n`;
	const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(set.error.map((of) => of.message).join("; "));
	const [finding] = set.value.evaluate({ tenant: "t", agent: "a", tool, args }).fired;
	if (finding === undefined) return "";
	const {
		span,
		rule: { code, message },
	} = finding.reason;
	return span === null ? `${code}: ${message}` : `${code} ${span.pointer}`;
}

const COMMANDS = "regex: '.', in: args.command, unless: { regex: '^(?:git log|ls)\\b' }";
const PATHS = "glob: '**', style: path, in: args.path, unless: { glob: '/srv/repo/**', style: path }";

describe("an argument that a rule permits by exception over", () => {
	it.each<[string, JsonObject]>([
		["absent", {}],
		["under another name", { cmd: "rm -rf /" }],
		["under another case", { Command: "rm -rf /" }],
		["one level down", { input: { command: "rm -rf /" } }],
		["empty", { command: "" }],
		["an empty list", { command: [] }],
		["an empty map", { command: {} }],
	])("fires where it is %s", (_, args) => {
		expect(answer(COMMANDS, args)).toBe(
			"argument.missing: the argument `args.command` is missing or empty: rule `r` of policy `p` must see it",
		);
	});

	it("fires where it is null, a map, a number or a boolean that is not exempt", () => {
		const narrow = "regex: 'rm', in: args.command, unless: { regex: '^(?:ls|7)$' }";
		expect(answer(narrow, { command: null })).toMatch(/^argument.missing/);
		expect(answer(narrow, { command: { ls: "ls" } })).toMatch(/^argument.unreadable/);
		expect(answer(narrow, { command: [{ command: "ls" }] })).toMatch(/^argument.unreadable/);
		expect(answer(narrow, { command: 8 })).toMatch(
			/^argument.unreadable: `args.command` has a value that is not a text/,
		);
		expect(answer(narrow, { command: false })).toMatch(/^argument.unreadable/);
		expect(answer(narrow, { command: 7 })).toBe("");
	});

	it.each([
		"/srv/repo/%2e%2e/%2e%2e/etc/passwd",
		"/srv/repo/%252e%252e/x",
		"/srv/repo/..\\..\\etc",
		"/srv/repo/a\n/etc/passwd",
		"/srv/repo/a\0",
		"/srv/repo/%00",
		"/srv/repo/%ff",
		"/srv/repo/a /etc/passwd",
		"/srv/repo/a,/etc/passwd",
		"/srv/repo/a, b/c",
		"/srv/repo/a:/etc/passwd",
		"/srv/repo/a;../../x",
		"/srv/repo/..\uff0fx",
	])("does not pass as %j, which some program takes for a path beside it", (path) => {
		expect(answer(PATHS, { path })).not.toBe("");
	});

	it.each(["/srv/repo/a b.txt", "/srv/repo/a%20b", "/srv/repo/a, b.txt", "/srv/repo/ä-ö", "/srv/repo/a\\b"])(
		"passes as %j",
		(path) => {
			expect(answer(PATHS, { path })).toBe("");
		},
	);

	it("is found by globs over paths however it is written", () => {
		const rule = "glob: '**/.ssh/*', style: path, in: args.path";
		for (const path of ["/a/.ssh%2Fid", "file:///a/.ssh/id", "a\\.ssh\\id", " /a/.ssh/id "])
			expect(answer(rule, { path }), path).toBe("pattern.matched /path");
		expect(answer(rule, { path: "/a/.ssh%2Fid/x" })).toBe("");
		expect(answer(`${rule}, unless: { glob: '**/*.pub', style: path }`, { path: "/a/.ssh%2Fid%2epub" })).toBe("");
		expect(answer(`${rule}, unless: { glob: '**/a', style: path }`, { path: "/a/.ssh%2Fid" })).not.toBe("");
		// A regex reads what is there.
		expect(answer("regex: '/[.]ssh/', in: args.path", { path: "/a/.ssh%2Fid" })).toBe("");
	});

	it("passes a list only when each member is exempt, joined or not", () => {
		expect(answer(PATHS, { path: ["/srv/repo/a", "/srv/repo/b"] })).toBe("");
		expect(answer(PATHS, { path: ["/srv/repo/a", "/etc/passwd"] })).toBe("pattern.matched /path");
		expect(answer(PATHS, { path: ["/srv/repo/a", ""] })).not.toBe("");
		expect(answer(COMMANDS, { command: ["ls", "ls -l"] })).toBe("");
		expect(answer(COMMANDS, { command: ["git", "log"] })).toBe("pattern.matched /command/0");
	});

	it("fires where a second spelling of it stands beside it, unless the rule looks at that too", () => {
		const both = PATHS.replace("args.path", "[args.path, args.paths]");
		expect(answer(PATHS, { path: "/srv/repo/a", paths: ["/srv/repo/b"] })).toMatch(
			/^argument.unreadable.*two spellings/,
		);
		expect(answer(PATHS, { path: "/srv/repo/a", Path: "/etc/passwd" })).toMatch(/^argument.unreadable/);
		expect(answer(PATHS, { path: "/srv/repo/a", content: "/etc/passwd" })).toBe("");
		const deep = PATHS.replace("args.path", "args.input.path");
		expect(answer(deep, { input: { path: "/srv/repo/a" }, Input: { path: "/etc/passwd" } })).toMatch(
			/^argument.unread/,
		);
		expect(answer(deep, { input: { path: "/srv/repo/a" }, output: { path: "/etc/passwd" } })).toBe("");
		expect(answer(both, { path: "/srv/repo/a", paths: ["/srv/repo/b"] })).toBe("");
		expect(answer(both, { path: "/srv/repo/a", paths: ["/etc/passwd"] })).toBe("pattern.matched /paths/0");
	});

	it("fires on a second spelling however many stand before it at which the rule looks", () => {
		const rule = PATHS.replace("args.path", "[args.edits.*.path, args.edits.*.paths]");
		const edits = new Array(40).fill({ path: "/srv/repo/a", paths: "/srv/repo/b" });
		expect(answer(rule, { edits })).toBe("");
		expect(
			answer(rule, { edits: [...edits, { path: "/srv/repo/a", paths: "/srv/repo/b", Path: "/etc/passwd" }] }),
		).toMatch(/^argument.unreadable/);
	});

	it.each([
		"path\u200b",
		"ｐath",
		"ＰＡＴＨ",
		"path\u2060s",
		"path\ufe0f",
		"path[]",
		"paths.",
		"p_ath",
		"path ",
		"path[0]",
		"Path[0][1]",
		"path[",
		"path.0",
		"path\0",
		"pa\u0085th\n",
	])("fires where %j stands beside it", (key) => {
		expect(answer(PATHS, { path: "/srv/repo/a", [key]: "/etc/passwd" })).toMatch(/^argument.unreadable/);
	});

	it.each(["path2", "path_2", "path2.", "file", "filePath", "file_path", "pàth", "pathes"])(
		"stands alone beside %j",
		(key) => {
			expect(answer(PATHS, { path: "/srv/repo/a", [key]: "/etc/passwd" })).toBe("");
		},
	);

	it("of several is missing only when all are", () => {
		const rule = PATHS.replace("args.path", "[args.path, args.file]");
		expect(answer(rule, { file: "/srv/repo/a" })).toBe("");
		expect(answer(rule, { target: "/srv/repo/a" })).toBe(
			"argument.missing: `args.path`, `args.file` are missing or empty: rule `r` of policy `p` must see it",
		);
	});

	it("must be in every member below a `*`", () => {
		const rule = PATHS.replace("args.path", "args.edits.*.path");
		expect(answer(rule, { edits: [{ path: "/srv/repo/a" }, { path: "/srv/repo/b" }] })).toBe("");
		expect(answer(rule, { edits: [{ path: "/srv/repo/a" }, { file: "/etc/passwd" }] })).toMatch(/^argument.missing/);
		expect(answer(rule, { edits: [] })).toMatch(/^argument.missing/);
	});

	it("is no concern of `missing: ignore`, nor of a rule without `unless` that does not ask for it", () => {
		expect(answer(`${COMMANDS}, missing: ignore`, { cmd: "x" })).toBe("");
		expect(answer("substring: rm, in: args.command", { cmd: "rm" })).toBe("");
		expect(answer("substring: rm, in: args.command, missing: match", { cmd: "rm" })).toMatch(/^argument.missing/);
		expect(answer("substring: rm, in: args.command, missing: match", { command: { a: 1 } })).toBe("");
	});

	it("is told in the author's words too, and the tool's name is never missing", () => {
		expect(answer(`${COMMANDS}, message: use the shell tool`, {})).toBe(
			"argument.missing: the argument `args.command` is missing or empty: use the shell tool",
		);
		expect(answer("regex: '.', in: tool, unless: { regex: '^t$' }", {})).toBe("");
		expect(answer("regex: '.', unless: { regex: '^x' }", {})).toMatch(/^argument.missing: the call has no arguments/);
		// A rule about some words, over all arguments, has nothing to find where there are none.
		expect(answer("regex: DELETE, unless: { regex: WHERE }", {})).toBe("");
		expect(answer("regex: DELETE, unless: { regex: WHERE }, missing: match", {})).toMatch(/^argument.missing/);
	});
});

describe("what `unless` exempts", () => {
	it("is meant as it is written, while the rule itself ignores case", () => {
		expect(answer(PATHS, { path: "/Srv/Repo/a" })).toBe("pattern.matched /path");
		expect(answer("regex: DELETE, unless: { regex: WHERE }", { q: "delete where" })).toBe("pattern.matched /q");
		expect(answer("regex: DELETE, unless: { regex: WHERE, case: insensitive }", { q: "delete where" })).toBe("");
		expect(
			answer("regex: DELETE, case: sensitive, unless: { regex: WHERE, case: insensitive }", { q: "x where" }),
		).toBe("");
	});

	it("does not reach a path that leads out where backslashes separate folders", () => {
		expect(answer(PATHS, { path: "/srv/repo/..\\..\\etc\\passwd" })).toBe("pattern.matched /path");
		expect(answer(PATHS, { path: "/srv/repo/a\\b" })).toBe("");
	});
});

describe("tools that are denied by name", () => {
	const denied = (tool: string): boolean => {
		const text =
			"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all, deny: [bash, 'delete_*'] }\n";
		const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
		if (!set.ok) throw new Error("does not compile");
		return set.value.evaluate({ tenant: "t", agent: "a", tool, args: {} }).fired.length > 0;
	};

	it.each([
		"bash",
		"BASH",
		"bash ",
		" bash",
		"ba\u200bsh",
		"\ufeffbash",
		"ｂａｓｈ",
		"bash\u00a0",
		"ｄelete_ｘ",
		"delete\u2060_x",
	])("are denied as %j", (tool) => {
		expect(denied(tool)).toBe(true);
	});

	it("are no other tools", () => {
		for (const tool of ["bash2", "b ash", "functions.bash", "баsh"]) expect(denied(tool)).toBe(false);
	});
});
