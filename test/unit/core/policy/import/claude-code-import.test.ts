/** Permission lists of a coding agent as policies. */
import { describe, expect, it } from "vitest";
import { formatProblem } from "../../../../../src/core/base/errors.ts";
import { policySchema } from "../../../../../src/core/policy/document.ts";
import { formatYaml } from "../../../../../src/core/policy/format.ts";
import { importClaudeCode } from "../../../../../src/core/policy/import/claude-code-import.ts";
import type { Translation } from "../../../../../src/core/policy/import/difference.ts";
import { lintPolicy } from "../../../../support/lint.ts";
import { Trial } from "../../../../support/trial-loop.ts";

function translated(settings: object): Translation {
	const read = importClaudeCode("me/settings.json", JSON.stringify(settings, null, 2), { approvers: ["me"] });
	if (!read.ok) throw new Error(read.error.map(formatProblem).join("\n"));
	return read.value;
}

const FACTS = { facts: { workspace: "/home/me/project", home: "/home/me" } };

/** What becomes of calls under these permissions. */
function judged(permissions: object) {
	const trial = new Trial(translated({ permissions }).text);
	return (tool: string, args: Parameters<Trial["verdict"]>[1] = {}) => trial.verdict(tool, args, FACTS);
}

const differencesOf = (settings: object) =>
	translated(settings).differences.map(({ field, admits }) => `${field} ${admits}`);

describe("the import of permission lists", () => {
	it("denies what `deny` names, holds what `ask` names, lets pass what `allow` names, and holds the rest", () => {
		const verdict = judged({
			allow: ["WebSearch", "mcp__github__get_*"],
			ask: ["Skill"],
			deny: ["WebFetch", "mcp__files"],
		});
		expect(verdict("WebSearch")).toBe("allow");
		expect(verdict("mcp__github__get_issue")).toBe("allow");
		expect(verdict("mcp__github__delete_repo")).toBe("hold");
		expect(verdict("Skill")).toBe("hold");
		expect(verdict("WebFetch")).toBe("deny");
		expect(verdict("mcp__files__read")).toBe("deny");
		expect(verdict("mcp__files2__read")).toBe("hold");
		expect(verdict("Bash", { command: "ls" })).toBe("hold");
		expect(verdict("TodoWrite")).toBe("allow");
	});

	it("is strict in the order of the lists: deny before ask before allow", () => {
		const verdict = judged({
			allow: ["Bash(git *)"],
			ask: ["Bash(git push *)"],
			deny: ["Bash(git push --force *)"],
		});
		expect(verdict("Bash", { command: "git status" })).toBe("allow");
		expect(verdict("Bash", { command: "git push origin" })).toBe("hold");
		expect(verdict("Bash", { command: "git push --force origin" })).toBe("deny");
	});

	it("takes the mode for what becomes of everything else", () => {
		expect(judged({ defaultMode: "dontAsk", allow: ["Bash(ls)"] })("Bash", { command: "rm x" })).toBe("deny");
		expect(judged({ defaultMode: "dontAsk" })("Other")).toBe("deny");
		expect(judged({ defaultMode: "bypassPermissions", deny: ["Other"] })("Bash", { command: "rm x" })).toBe("allow");
		expect(judged({ defaultMode: "bypassPermissions", deny: ["Other"] })("Other")).toBe("deny");
		const edits = judged({ defaultMode: "acceptEdits", additionalDirectories: ["/data"] });
		expect(edits("Edit", { file_path: "/home/me/project/a.ts" })).toBe("allow");
		expect(edits("Write", { file_path: "/data/a.ts" })).toBe("allow");
		expect(edits("Write", { file_path: "/etc/hosts" })).toBe("hold");
		expect(judged({})("Edit", { file_path: "/home/me/project/a.ts" })).toBe("hold");
	});

	it("is answered by those whom the option names, also about their own agent's calls", () => {
		expect(translated({ permissions: {} }).text).toContain("approvers: [me], self: allowed");
	});
});

describe("commands that `allow` names", () => {
	const verdict = judged({
		allow: ["Bash(git diff:*)", "Bash(npm run test *)", "Bash(ls)", "Bash(* --version)", "Bash(make*)"],
	});
	const bash = (command: string) => verdict("Bash", { command });

	it.each([
		"git diff",
		"git diff HEAD~1",
		'git diff --grep="fix (parser)"',
		"npm run test",
		"npm run test -- --watch",
		"ls",
		"node --version",
		"makefile",
	])("pass: %s", (command) => expect(bash(command)).toBe("allow"));

	it.each([
		"git difftool",
		"git status",
		"npm run tests",
		"ls -la",
		"node --version; rm -rf x",
		"git diff; rm -rf x",
		"git diff a; rm -rf x",
		"git diff a && rm -rf x",
		"git diff a & rm -rf x",
		"git diff a | sh",
		"git diff a\nrm -rf x",
		"git diff a\\\nb",
		"git diff (rm)",
		"git diff < a",
		"git diff && rm -rf x",
		"git diff | sh",
		"git diff\nrm -rf x",
		"git diff $(rm -rf x)",
		"git diff `rm -rf x`",
		'git diff "$(rm -rf x)"',
		"git diff > /etc/passwd",
		"git diff 'a",
		" git diff",
		"rm -rf x # git diff",
		"GIT_PAGER=evil git diff",
	])("do not pass for others: %j", (command) => expect(bash(command)).toBe("hold"));

	it("are looked for in the command alone", () => {
		expect(verdict("Bash", { cmd: "git diff" })).toBe("hold");
		expect(verdict("Bash", { command: ["git diff", "rm"] })).toBe("hold");
	});
});

describe("commands that `deny` names", () => {
	const verdict = judged({
		allow: ["Bash"],
		deny: ["Bash(curl:*)", "Bash(git push *)", "Bash(npm publish)", "Bash(rm*)"],
	});
	const bash = (command: string) => verdict("Bash", { command });

	it.each([
		"curl",
		"curl x.example",
		"ls; curl x",
		"ls && curl x",
		"ls | curl x",
		"(curl x)",
		"echo $(curl x)",
		"echo `curl x`",
		"ls\ncurl x",
		"sudo curl x",
		"sudo -n env A=1 curl x",
		"A=1 curl x",
		"/usr/bin/curl x",
		"timeout 5 curl x",
		"sudo -u bob curl x",
		"/usr/bin/sudo -u bob /usr/bin/curl x",
		"env -u X curl x",
		"timeout -s KILL 5 curl x",
		"find . | xargs -n 1 -I {} curl {}",
		"if true; then curl x; fi",
		"if curl x; then ls; fi",
		"for i in 1; do curl x; done",
		"while ! curl x; do ls; done",
		"! curl x",
		"{ curl x; }",
		'FOO="a b" curl x',
		"FOO='a b' BAR=c curl x",
		"\\curl x",
		'"curl" x',
		">/dev/null 2>&1 curl x",
		'bash -c "curl x"',
		"sh -lc 'FOO=1 curl x'",
		'sudo bash -c "cd x && npm publish"',
		"echo `npm publish`",
		"git  push origin",
		"npm publish",
		"npm publish && ls",
		"rmdir x",
	])("are stopped wherever a command begins: %j", (command) => expect(bash(command)).toBe("deny"));

	it.each([
		...["curlew", "echo curl", "git pushd", "npm publish-dry", "firm", "ls curl-7.tar"],
		...["echo then curl", "ls > curl", 'echo "a curl"', "sudo ls curl", "bash run.sh curl", "A=curl ls"],
	])("do not stop others: %s", (command) => expect(bash(command)).toBe("allow"));

	it.each(["find . -exec curl x ';'", "ssh host curl x", "$c x", 'c"ur"l x', 'git "push" x'])(
		"are not found where another program runs them, or under a name that the shell makes: %s",
		(command) => expect(bash(command)).toBe("allow"),
	);

	it("are told as a difference, since not every spelling of them is found, where commands pass at all", () => {
		const deny = ["Bash(curl:*)"];
		expect(differencesOf({ permissions: { allow: ["Bash"], deny } })).toEqual(["permissions.deny[0] more"]);
		expect(differencesOf({ permissions: { defaultMode: "bypassPermissions", deny } })).toContain(
			"permissions.deny[0] more",
		);
		expect(differencesOf({ permissions: { allow: ["Bash(bash *)"], ask: deny } })).toContain("permissions.ask[0] more");
		expect(differencesOf({ permissions: { deny } })).toEqual([]);
		expect(differencesOf({ permissions: { allow: ["Bash"], ask: ["Bash"], deny } })).toEqual([]);
	});
});

describe("files", () => {
	it("may be read below the workspace, further folders, and where a rule says so", () => {
		const verdict = judged({
			allow: ["Read(~/.zshrc)", "Read(//usr/share/**)"],
			additionalDirectories: ["/data/", "~/notes"],
		});
		const read = (path: string) => verdict("Read", { file_path: path });
		for (const path of [
			"/home/me/project/a.ts",
			"src/a.ts",
			"~/.zshrc",
			"/usr/share/doc/x",
			"/data/x",
			"/home/me/notes/y",
		])
			expect(read(path), path).toBe("allow");
		for (const path of ["/etc/shadow", "/home/me/project/../.ssh/id_rsa", "~/.zshrc.d/x", "/database/x"])
			expect(read(path), path).toBe("hold");
		expect(verdict("Read", { path: "/etc/shadow" })).toBe("hold");
		expect(verdict("Grep", { pattern: "x" })).toBe("allow");
		expect(verdict("Grep", { pattern: "x", path: "/etc" })).toBe("hold");
		expect(judged({ allow: ["Read"] })("Read", { file_path: "/etc/hosts" })).toBe("allow");
	});

	it("are denied as `.gitignore` means it: in every folder, from the workspace, from home, from the root", () => {
		const verdict = judged({
			allow: ["Read", "Edit"],
			deny: ["Read(.env)", "Read(./config/**)", "Read(/secrets/)", "Read(~/.ssh)", "Read(//etc/**)", "Edit(**/*.pem)"],
		});
		const read = (path: string) => verdict("Read", { file_path: path });
		const stopped = [
			"/home/me/project/.env",
			"/srv/a/b/.env",
			".env",
			"config/a.json",
			"/home/me/project/secrets/a",
			"~/.ssh/id_rsa",
			"/home/me/.ssh/id_rsa",
			"/etc/shadow",
			"/home/me/project/x/../../../../etc/shadow",
		];
		for (const path of stopped) expect(read(path), path).toBe("deny");
		for (const path of ["/home/me/project/.env.md", "/home/me/project/a/config/x", "/srv/etc/x"])
			expect(read(path), path).toBe("allow");
		expect(verdict("Grep", { path: "/etc" })).toBe("deny");
		expect(verdict("Write", { file_path: "keys/a.pem" })).toBe("deny");
		expect(verdict("MultiEdit", { file_path: "/x/a.pem" })).toBe("deny");
		expect(verdict("Edit", { file_path: "a.ts" })).toBe("allow");
	});

	it("are denied to searches that name them, and searches of what is above are told as a difference", () => {
		const permissions = { deny: ["Read(.env)", "Read(./secrets/**)"], ask: ["Read(~/.ssh)"], allow: ["Bash"] };
		const verdict = judged(permissions);
		for (const args of [
			{ pattern: "x", path: "secrets" },
			{ pattern: "x", path: "secrets/a" },
			{ pattern: "x", glob: "**/.env" },
			{ pattern: "x", glob: "secrets/*.json" },
			{ pattern: "x", path: ".", glob: ".env" },
		])
			expect(verdict("Grep", args), JSON.stringify(args)).toBe("deny");
		for (const args of [
			{ pattern: "secrets/**" },
			{ pattern: "**/.env" },
			{ pattern: "*.json", path: "secrets" },
			{ pattern: "/home/me/project/secrets/x*" },
		])
			expect(verdict("Glob", args), JSON.stringify(args)).toBe("deny");
		expect(verdict("Glob", { pattern: "~/.ssh/*" })).toBe("hold");
		expect(verdict("LS", { path: "secrets" })).toBe("deny");
		// The pattern of `Grep` is a text to look for.
		expect(verdict("Grep", { pattern: ".env" })).toBe("allow");
		expect(verdict("Grep", { pattern: "x", glob: "*.ts" })).toBe("allow");
		expect(verdict("Glob", { pattern: "src/**/*.{ts,tsx}" })).toBe("allow");
		// Here their results would show them.
		expect(verdict("Grep", { pattern: "x", path: "." })).toBe("allow");
		expect(verdict("Glob", { pattern: "**/*" })).toBe("allow");
		expect(differencesOf({ permissions })).toEqual([
			"permissions.deny[0] more",
			"permissions.deny[1] more",
			"permissions.ask[0] more",
		]);
		expect(differencesOf({ permissions: { deny: ["Read(.env)", "Grep", "Glob", "Bash"] } })).toEqual([]);
	});

	it("are let pass to searches by rules on reading alone, which is told of others", () => {
		expect(differencesOf({ permissions: { allow: ["Grep(//usr/**)", "Glob(src/**)", "Read(//usr/**)"] } })).toEqual([
			"permissions.allow[0] fewer",
			"permissions.allow[1] fewer",
		]);
		expect(differencesOf({ permissions: { defaultMode: "bypassPermissions" } })).toEqual([
			"permissions.defaultMode more",
		]);
	});

	it("may be edited where a rule says so, by every tool that edits", () => {
		const verdict = judged({ allow: ["Edit(src/**)", "Write(/notes/**)"] });
		expect(verdict("Edit", { file_path: "src/a.ts" })).toBe("allow");
		expect(verdict("Write", { file_path: "/home/me/project/src/a.ts" })).toBe("allow");
		expect(verdict("Write", { file_path: "notes/a.md" })).toBe("allow");
		expect(verdict("Edit", { file_path: "notes/a.md" })).toBe("hold");
		expect(verdict("Edit", { file_path: "lib/src/a.ts" })).toBe("hold");
	});

	it("are in doubt, and stopped, as long as a session declares no workspace", () => {
		const { text } = translated({ permissions: {} });
		expect(new Trial(text).verdict("Read", { file_path: "/home/me/project/a.ts" })).toBe("hold");
	});
});

describe("hosts, agents and skills", () => {
	const verdict = judged({
		allow: ["WebFetch(domain:github.com)", "WebFetch(domain:*.example.com)", "Skill(deploy *)"],
		deny: ["Agent(Explore)"],
	});

	it.each([
		["WebFetch", { url: "https://github.com/a" }, "allow"],
		["WebFetch", { url: "https://docs.example.com/" }, "allow"],
		["WebFetch", { url: "https://github.com.evil.example/" }, "hold"],
		["WebFetch", { url: "https://github.com@evil.example/" }, "hold"],
		["WebFetch", { link: "https://github.com/" }, "hold"],
		["Skill", { skill: "deploy" }, "allow"],
		["Skill", { skill: "deploy staging" }, "allow"],
		["Skill", { skill: "destroy" }, "hold"],
		["Agent", { subagent_type: "Explore" }, "deny"],
		["Task", { subagent_type: "Explore" }, "deny"],
		["Task", { subagent_type: "Plan" }, "allow"],
	] as const)("%s %j: %s", (tool, args, right) => expect(verdict(tool, args)).toBe(right));
});

it("names that begin with a dollar are names and no lists", () => {
	const verdict = judged({ allow: ["$tool", "Skill($name)"], deny: ["$other"] });
	expect(verdict("$tool")).toBe("allow");
	expect(verdict("$other")).toBe("deny");
	expect(verdict("Skill", { skill: "$name" })).toBe("allow");
	expect(verdict("Skill", { skill: "name" })).toBe("hold");
});

describe("a written policy", () => {
	const lists: readonly (readonly [string, object])[] = [
		["nothing", {}],
		["a denied tool with allowed hosts", { allow: ["Bash", "WebFetch(domain:x.example)"], deny: ["WebFetch"] }],
		["a denied tool with denied hosts", { deny: ["WebFetch", "WebFetch(domain:x.example)"] }],
		["a denied server with an allowed tool", { allow: ["mcp__a__b", "mcp__a__get_*"], deny: ["mcp__a"] }],
		["tools that read", { deny: ["Read", "Grep"], allow: ["Read(//usr/**)"] }],
		["searches", { deny: ["Grep", "Glob"] }],
		["tools that edit", { allow: ["Edit(src/**)"], deny: ["Edit", "Write(x)"] }],
		["every tool", { allow: ["Bash"], deny: ["*"] }],
		["commands", { allow: ["Bash(npm run *)", "Bash(git *)"], ask: ["Bash(git push:*)"], deny: ["Bash(curl:*)"] }],
		["commands that nobody may call", { defaultMode: "dontAsk", deny: ["Bash(curl:*)"] }],
		["commands out of everything", { defaultMode: "bypassPermissions", deny: ["Bash(curl:*)"] }],
		["what is asked", { defaultMode: "bypassPermissions", ask: ["Bash(curl:*)"] }],
	];
	it.each(lists)("has nothing that lint finds: %s", (_, permissions) => {
		const { text } = translated({ permissions });
		const linted = lintPolicy({ name: "settings.yaml", text });
		expect(formatYaml(text, policySchema)).toBe(text);
		expect(linted).toMatchObject({ ok: true, value: { findings: [] } });
	});
});

describe("what is not carried", () => {
	it("is named with its place, what it admits, and in the comment", () => {
		const settings = {
			model: "m",
			hooks: {},
			permissions: {
				allow: ["Bash(ls *)", "Foo(x)"],
				deny: ["Bar(y)", "WebFetch(host:x)", "Read(!a)"],
				additionalDirectories: ["../docs"],
				defaultMode: "plan",
				disableBypassPermissionsMode: "disable",
			},
		};
		expect(differencesOf(settings)).toEqual([
			"model the same",
			"hooks more",
			"permissions.allow[0] fewer",
			"permissions.allow[1] fewer",
			"permissions.deny[0] fewer",
			"permissions.deny[1] more",
			"permissions.deny[2] more",
			"permissions.additionalDirectories[0] fewer",
			"permissions.defaultMode the same",
			"permissions.disableBypassPermissionsMode the same",
		]);
		expect(translated(settings).text.match(/^# [-+=] line \d+, /gm)).toHaveLength(10);
		expect(judged(settings.permissions)("Bar")).toBe("deny");
	});
});

describe("a file that is no settings", () => {
	it.each([
		["{}", "settings.json:1:1  POLICY_SCHEMA  `permissions` is missing"],
		["[]", "settings.json:1:1  POLICY_SCHEMA  the document must be a map, not a list"],
		["", "settings.json:1:1  POLICY_SCHEMA  the JSON ends too early"],
		['{\n  // x\n  "permissions": {}\n}', "settings.json:2:3  POLICY_SCHEMA  this is not JSON"],
		['{"permissions": {"deny": ["a",]}}', "settings.json:1:31  POLICY_SCHEMA  this is not JSON"],
		['{"permissions": {"denny": []}}', "settings.json:1:18  POLICY_UNKNOWN_KEY  unknown key `denny` in `permissions`"],
		['{"permission": {}, "permissions": {}}', "settings.json:1:2  POLICY_UNKNOWN_KEY  unknown key `permission`"],
		['{"permissions": {"deny": ["a"], "deny": []}}', "settings.json:1:33  POLICY_DUPLICATE"],
		['{"permissions": {"deny": "a"}}', "settings.json:1:26  POLICY_SCHEMA  `permissions.deny` must be a list"],
		['{"permissions": {"deny": [1]}}', "settings.json:1:27  POLICY_SCHEMA  `permissions.deny[0]` must be a text"],
		['{"permissions": {"deny": ["Bash(rm"]}}', "settings.json:1:27  POLICY_SCHEMA  `Bash(rm` is no permission rule"],
		[
			'{"permissions": {"deny": ["Bash()"]}}',
			"settings.json:1:27  POLICY_SCHEMA  `Bash()` has nothing between its brackets",
		],
		[
			'{"permissions": {"defaultMode": "acceptEdit"}}',
			"settings.json:1:33  POLICY_SCHEMA  `permissions.defaultMode` cannot be `acceptEdit`",
		],
	])("is refused where it is wrong: %j", (text, problem) => {
		const read = importClaudeCode("settings.json", text, { approvers: ["*"] });
		expect(read.ok ? [] : read.error.map(formatProblem)).toEqual([expect.stringContaining(problem)]);
	});
});
