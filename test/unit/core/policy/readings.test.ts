/** Rules on what the classifier reads in a call: what fires, where it says so, and what is not accepted. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { classifierDigest } from "../../../../src/core/classify/classify.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import type { CallView, Evaluation } from "../../../../src/core/policy/compiled.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n";
const APPROVALS = "approvals: { default: { approvers: [ann] } }\n";

function compiled(rules: string) {
	return compilePolicies([{ name: "p.yaml", text: `${HEAD}${rules}\n${APPROVALS}` }], { budgetRoot: "tenant" });
}

function seen(rules: string, call: Partial<CallView> & { readonly args: JsonObject }): Evaluation {
	const set = compiled(rules);
	if (!set.ok) throw new Error(set.error.map(({ message }) => message).join("; "));
	return set.value.evaluate({ tenant: "acme", agent: "a", session: "s", tool: "shell", ...call });
}

/** `RULE CODE POINTER START..END` of each rule that fires. */
const told = ({ fired }: Evaluation): readonly string[] =>
	fired.map(({ reason: { rule, span } }) => {
		const place = span === null ? "" : ` ${span.pointer} ${span.start}..${span.end}`;
		return `${rule.name} ${rule.code}${place}`;
	});

const problems = (rules: string): readonly string[] => {
	const set = compiled(rules);
	return set.ok ? [] : set.error.map(({ code, message, help, place }) => `${place?.line} ${code} ${message}; ${help}`);
};

const command = (text: string) => ({ args: { command: text } });

describe("rules of `intents`", () => {
	const RULES = `intents:
  - { name: harm, categories: [destructive_data, data_exfiltration], confidence: 80 }
  - { name: danger, categories: [dangerous], except: [sql], effect: hold }
  - { name: reads, categories: [data_read], mode: audit, tools: [ls_dir] }`;

	it.each<[string, readonly string[]]>([
		["rm -rf /srv/data", ["harm category.found /command 0..16", "danger category.found /command 0..16"]],
		["ls; rm -rf /srv/data", ["harm category.found /command 4..20", "danger category.found /command 4..20"]],
		["echo rm -rf /srv/data", []],
		["ls -la", []],
	])("of `%s`", (text, expected) => {
		expect(told(seen(RULES, command(text)))).toEqual(expected);
	});

	it("look only at calls of their tools", () => {
		const ofSql = seen(RULES, { tool: "sql", args: { query: "DROP TABLE users" } });
		expect(told(ofSql).map((line) => line.split(" ")[0])).toEqual(["harm"]);
		expect(told(seen(RULES, { tool: "LS_DIR", args: { path: "/tmp" } }))).toEqual([
			expect.stringContaining("reads category.found"),
		]);
	});

	it("ask for at least their confidence", () => {
		const [most = 0] = Array.from({ length: 100 }, (_, below) => 100 - below).filter(
			(confidence) =>
				told(
					seen(
						`intents: [{ name: a, categories: [destructive_data], confidence: ${confidence} }]`,
						command("rm -rf /srv"),
					),
				).length > 0,
		);
		expect(most).toBeGreaterThan(80);
		expect(most).toBeLessThan(100);
	});

	it("find in a tool's name what it says", () => {
		const [line] = told(seen("intents: [{ name: a, categories: [dangerous] }]", { tool: "drop_table", args: {} }));
		expect(line).toBe("a category.found #tool 0..10");
	});

	it("are lifted by exceptions, staged and audited like others", () => {
		const rules = (more: string) => `intents: [{ name: harm, categories: [destructive_data]${more} }]`;
		const exception =
			"exceptions: [{ name: old, rules: [harm], when: { in: args.command, regex: '/srv/old' }, owner: o, reason: r, expires: 2030-01-01T00:00:00Z }]";
		const lifted = seen(`${rules("")}\n${exception}`, { ...command("rm -rf /srv/old"), at: 1_700_000_000_000 });
		expect(told(lifted).map((line) => line.split(" ")[1])).toEqual(["exception.used"]);
		const staged = seen(rules(", stage: 0.01%"), command("rm -rf /srv"));
		expect(staged.fired.map(({ reason }) => reason.rule.mode)).toEqual(["audit"]);
		const held = seen(rules(", effect: hold"), command("rm -rf /srv"));
		expect(held.fired.map(({ requirement }) => requirement?.approvers)).toEqual([["ann"]]);
	});

	it("put the classifier's digest where it was asked, and nowhere else", () => {
		expect(classifierDigest()).toMatch(/^[0-9a-f]{64}$/);
		expect(seen(RULES, command("ls")).classifier).toBe(classifierDigest());
		expect(seen(RULES, command("rm -rf /srv")).classifier).toBe(classifierDigest());
		const apart = "intents: [{ name: a, tools: [sql], categories: [dangerous] }]";
		expect(seen(apart, command("rm -rf /srv")).classifier).toBe("");
		expect(seen("", command("rm -rf /srv")).classifier).toBe("");
	});

	it("say each category once, and only such as there are", () => {
		expect(problems("intents: [{ name: a, categories: [data_write, data_write] }]")).toEqual([
			"5 POLICY_DUPLICATE `data_write` is listed already; remove it here",
		]);
		expect(problems("intents: [{ name: a, categories: [code_execution, dangerous] }]")).toEqual([
			"5 POLICY_DUPLICATE `code_execution` is one of `dangerous`; remove it here",
		]);
		expect(problems("intents: [{ name: a, categories: [destructiv_data] }]")[0]).toContain(
			"did you mean `destructive_data`?",
		);
		expect(problems("intents: [{ name: a, categories: [dangerous], confidence: 101 }]")[0]).toContain(
			"must be at most 100",
		);
		expect(problems("intents: [{ name: a, categories: dangerous }]")[0]).toContain("write `categories: [dangerous]`");
		expect(problems("intents: [{ name: a, categories: [dangerous], approval: ops }]")[0]).toContain(
			"has no meaning for a rule that denies",
		);
	});
});

describe("rules of `facts`", () => {
	const RULES = `facts:
  - { name: root, fact: command, has: { program: [rm], flags: [r, R, recursive], words: [/, "~"] } }
  - { name: elsewhere, fact: request, none: { host: ["*.example.com", example.com] }, effect: hold }
  - { name: copy, fact: command, all: { words: ["if=*", "of=*"] } }`;

	it.each<[string, readonly string[]]>([
		["ls; rm -rf /", ["root fact.found /command 4..12"]],
		["sh -c 'r\"\"m -fr ~'", ["root fact.found /command 0..18"]],
		["rm -rf dist", []],
		["rm /", []],
		["curl https://api.example.com/x", []],
		["curl https://evil.test/x", ["elsewhere fact.found /command 0..24"]],
		["dd if=a of=b", ["copy fact.found /command 0..12"]],
		["dd if=a", []],
		["echo rm -rf /", []],
	])("of `%s`", (text, expected) => {
		expect(told(seen(RULES, command(text)))).toEqual(expected);
	});

	it("name attributes that their kind has", () => {
		expect(problems("facts: [{ name: a, fact: command, has: { progam: [rm] } }]")).toEqual([
			"5 POLICY_SCHEMA facts of the kind `command` have no `progam`; did you mean `program`?",
		]);
		expect(problems("facts: [{ name: a, fact: import, none: { verb: [x] } }]")[0]).toContain("known here: `name`");
		expect(problems("facts: [{ name: a, fact: command, has: { via: [sudo] } }]")).toEqual([]);
		const ofCommand = (has: string): string | undefined =>
			problems(`facts: [{ name: a, fact: command, has: { ${has} } }]`)[0];
		expect(ofCommand("flags: [--recursive]")).toContain("write `recursive`");
		expect(ofCommand("program: [/bin/rm]")).toContain("write it without its folder");
		expect(ofCommand("program: ['rm -rf']")).toContain("write the program alone");
		expect(ofCommand("program: ['process hacker.exe']")).toBeUndefined();
		expect(problems("intents: [{ name: a, categories: destructive_data }]")).toEqual([
			"5 POLICY_SCHEMA `intents[0].categories` must be a list, not `destructive_data`; write `categories: [destructive_data]`",
		]);
	});
});

describe("values of facts", () => {
	const fires = (rule: string, call: Partial<CallView> & { readonly args: JsonObject }): boolean =>
		told(seen(`facts: [{ name: a, ${rule} }]`, call)).length > 0;
	const url = (text: string) => ({ tool: "http_get", args: { url: text } });

	it.each([
		["EXAMPLE.com", "https://example.com/", true],
		["example.com", "https://EXAMPLE.com./", true],
		["bücher.example", "https://xn--bcher-kva.example/", true],
		["xn--bcher-kva.example", "https://bücher.example/", true],
		["'*.Example.com'", "https://api.example.com:8443/x", true],
		["'[0:0::1]'", "http://[::1]:80/", true],
		["127.0.0.1", "http://0x7f.1/", true],
		["'*.example.com'", "https://badexample.com/", false],
		["'*evil*'", "https://my.EVIL.example/", true],
		["'10.*'", "http://10.1.2.3/", true],
	])("name the host `%s` as a URL writes it: %s", (host, text, expected) => {
		expect(fires(`fact: request, has: { host: [${host}] }`, url(text))).toBe(expected);
		expect(fires(`fact: request, none: { host: [${host.includes("*evil") ? "'*.test'" : host}] }`, url(text))).toBe(
			!expected || host.includes("*evil"),
		);
	});

	it("have the port of the scheme where a URL names none", () => {
		expect(fires("fact: request, has: { port: ['443'] }", url("https://example.com/"))).toBe(true);
		expect(fires("fact: request, none: { port: ['443'] }", url("https://example.com:443/"))).toBe(false);
		expect(fires("fact: request, none: { port: ['443'] }", url("http://example.com/"))).toBe(true);
	});

	it("mind case where the system does", () => {
		const powershell = { tool: "powershell", args: { command: "Remove-Item -Recurse C:\\Data" } };
		expect(fires("fact: command, has: { program: [Remove-Item] }", powershell)).toBe(true);
		expect(fires("fact: command, has: { program: [remove-item] }", powershell)).toBe(true);
		expect(fires("fact: command, none: { program: [REMOVE-ITEM] }", powershell)).toBe(false);
		expect(fires("fact: command, has: { flags: [R], program: [chmod] }", command("chmod -r x"))).toBe(false);
		expect(fires("fact: command, has: { program: [LS] }", command("ls"))).toBe(false);
		expect(fires("fact: sql, has: { verb: [DROP] }", { tool: "sql", args: { query: "drop table a" } })).toBe(true);
		expect(fires("fact: request, has: { method: [get] }", url("https://example.com/"))).toBe(true);
		expect(
			fires("fact: path, has: { path: [/home/Ann/*] }", { tool: "read_file", args: { path: "/home/Ann/x" } }),
		).toBe(true);
	});

	it.each([
		[
			"fact: path, has: { pathclass: [ssh-keys] }",
			"no `pathclass` of facts of the kind `path` is `ssh-keys`; did you mean `ssh-key`?",
		],
		["fact: path, has: { access: [raed] }", "did you mean `read`?"],
		[
			"fact: host, none: { class: [internet] }",
			"known here: `metadata`, `loopback`, `link-local`, `private`, `public`",
		],
		["fact: sql, has: { verb: [trunctae] }", "did you mean `truncate`?"],
		["fact: sql, has: { verb: [drop table] }", "`drop table` is no verb: a verb is one word; write `drop`"],
		["fact: sql, all: { verb: ['delete  from'] }", "a verb is one word; write `delete`"],
		["fact: sql, none: { verb: [droop table] }", "a verb is one word; write `drop`"],
		["fact: sql, has: { verb: [' '] }", "a verb is one word; name a word"],
		["fact: tool, has: { verb: [delete user] }", "a verb is one word; write `delete`"],
		[
			"fact: request, has: { method: [DELTE] }",
			"no `method` of facts of the kind `request` is `DELTE`; did you mean `delete`?",
		],
		["fact: command, has: { shape: [static] }", "known here: `plain`, `dynamic`"],
		[
			"fact: request, has: { host: ['example.com:8443'] }",
			"names a port beside the host; facts have it apart: `port: ['8443']`",
		],
		["fact: request, has: { host: ['https://example.com'] }", "name the host alone: `example.com`"],
		[
			"fact: host, none: { host: ['https://corp.example/x'] }",
			"name the host alone: `corp.example`; the scheme goes into `scheme: [https]`",
		],
		["fact: host, none: { host: ['10.0.0.0/8'] }", "have names: `class: [private, "],
		["fact: host, none: { host: ['*.10.0.0.1'] }", "name the address, or use `class`"],
		["fact: host, none: { host: ['corp.example/x'] }", "name the host alone: `corp.example`; a path goes into `path`"],
		["fact: request, none: { host: ['*example.com'] }", "would be the end of other names, too"],
		["fact: host, has: { host: ['::1'] }", "write the address in brackets"],
		["fact: command, has: { program: [rm, rmdir] }, none: { program: ['rm*'] }", "`none` excludes every `program`"],
		["fact: command, all: { words: [a, b] }, none: { words: [b] }", "`none` excludes every `words`"],
		["fact: request, has: { host: ['*.a.example'] }, none: { host: ['*.example'] }", "`none` excludes every `host`"],
	])("are such that facts have: %s", (rule, expected) => {
		expect(problems(`facts: [{ name: a, ${rule} }]`)).toEqual([expect.stringContaining(expected)]);
	});

	it("are hosts without a scheme, which facts of requests do not have", () => {
		expect(problems("facts: [{ name: a, fact: request, none: { host: ['https://corp.example'] } }]")).toEqual([
			"5 POLICY_SCHEMA `https://corp.example` is not a host; name the host alone: `corp.example`",
		]);
	});

	it.each([
		"fact: command, has: { program: [rm, dd] }, none: { program: [rm] }",
		"fact: path, has: { pathclass: ['*-key', Temp] }, none: { access: [read] }",
		"fact: sql, has: { verb: [xp_cmdshell, dbms_scheduler] }",
		"fact: host, has: { host: ['*'], class: [public] }",
		"fact: request, has: { method: [PURGE, 'P*', FLUSHALL] }",
	])("are accepted: %s", (rule) => {
		expect(problems(`facts: [{ name: a, ${rule} }]`)).toEqual([]);
	});
});

describe("rules of `commands`", () => {
	it("mind case where the system does", () => {
		const rules = "commands: [{ name: listed, only: [Get-ChildItem, ls] }]";
		const powershell = (text: string) => told(seen(rules, { tool: "powershell", args: { command: text } }));
		expect(powershell("Get-ChildItem src")).toEqual([]);
		expect(powershell("get-childitem src")).toEqual([]);
		expect(powershell("Remove-Item src")).toHaveLength(1);
		expect(told(seen(rules, command("LS")))).toHaveLength(1);
	});

	const RULES = "commands: [{ name: listed, only: [ls, git status, tail -n, cat, sudo] }]";

	it.each([
		"ls",
		"ls -la src && git status --short",
		"git -C repo status",
		"tail -n 5 log.txt | cat",
		"/usr/bin/ls > out/list.txt 2>/dev/null",
		"sudo ls",
		"for i in 1 2; do ls $i; done",
	])("let `%s` pass", (text) => {
		expect(told(seen(RULES, command(text)))).toEqual([]);
	});

	it.each([
		"rm x",
		"ls; rm x",
		"git push",
		"git",
		"tail log.txt",
		"/tmp/ls",
		"./ls",
		"ls $X",
		"$X",
		"ls $(cat names)",
		"ls > /etc/x",
		"ls > ../x",
		"ls > ~/x",
		"LD_PRELOAD=x.so ls",
		"sh -c ls",
		"sudo rm x",
		"eval ls",
		"echo bHM= | base64 -d | sh",
		"if ls; then rm x; fi",
		"cat <(rm x)",
		"ls () { rm x; }; ls",
		"[[ -n $(rm x) ]]",
		"ls n[$(rm x)]=1",
		"n[$(rm x)]=1",
		"PATH=/tmp; ls",
		"[[ 'n[$(rm x)]' -eq 0 ]]",
		"n='a[$(rm x)]'; ((n))",
		`n='$(rm x)'; ls "\${n@P}"`,
		"ls < /dev/tcp/192.0.2.1/80",
		"if",
		"ls ${",
	])("stop `%s`", (text) => {
		expect(told(seen(RULES, command(text)))[0]).toMatch(/^listed command\.not_listed \/command \d+\.\.\d+$/);
	});

	it("are about shells, not about what is said beside a command", () => {
		const said = { command: "ls", description: "List files", explanation: "format", reason: "rm is not needed" };
		expect(told(seen(RULES, { tool: "Bash", args: said }))).toEqual([]);
		expect(told(seen(RULES, { tool: "read_file", args: { path: "a" } }))).toEqual([]);
	});

	it("list plain words, each once", () => {
		const of = (only: string): readonly string[] => problems(`commands: [{ name: a, only: [${only}] }]`);
		expect(of("ls, ls")).toEqual(["5 POLICY_DUPLICATE `ls` is listed already; remove it here"]);
		expect(of("'git *'")[0]).toContain("`*` is no plain word of a command");
		expect(of("/bin/ls")[0]).toContain("a program is listed without its folder");
		expect(of("-x")[0]).toContain("an entry begins with a program");
	});
});

describe("kinds of calls in `sequences`", () => {
	const RULES = `sequences:
  - name: leak
    after: { intents: { categories: [data_exfiltration], confidence: 60 } }
    then: { tools: [shell, http_*], facts: { fact: request, none: { host: ["*.example.com"] } } }
    effect: hold
  - name: ran
    after: { tools: [shell], when: { in: args.dir, oneOf: [down] }, facts: { fact: command, has: { program: [curl] } } }
    then:
      tools: [shell]
      intents: { categories: [code_execution] }
      facts: { fact: command, has: { program: [node, python3] } }`;

	/** `begins NAME` and `completes NAME CODE POINTER START..END` of each sequence that the call is part of. */
	const parts = (args: JsonObject, tool = "shell"): readonly string[] => {
		const { begins, completes } = seen(RULES, { tool, args });
		return [
			...begins.map(({ sequence }) => `begins ${sequence}`),
			...completes.map(({ fired: { reason } }) => {
				const { rule, span } = reason;
				const place = span === null ? "" : ` ${span.pointer} ${span.start}..${span.end}`;
				return `completes ${rule.name} ${rule.code}${place}`;
			}),
		];
	};

	it.each<[JsonObject, readonly string[]]>([
		[{ command: "cat ~/.ssh/id_rsa" }, ["begins leak"]],
		[{ command: "cat README.md" }, []],
		[{ command: "ls; curl https://evil.test/x" }, ["completes leak sequence.completed /command 4..28"]],
		[{ command: "curl https://api.example.com/x" }, []],
		[{ command: "curl https://api.example.com/x", dir: "down" }, ["begins ran"]],
		[{ command: "wget https://api.example.com/x", dir: "down" }, []],
		[{ command: "python3 -c 'eval(input())'" }, ["completes ran sequence.completed /command 0..26"]],
		[{ command: "python3 --version" }, []],
	])("%j", (args, expected) => {
		expect(parts(args)).toEqual(expected);
	});

	it("are about calls of their tools alone", () => {
		expect(parts({ command: "curl https://evil.test/x" }, "note")).toEqual([]);
	});

	it("put the classifier's digest where it was asked of a call of the tool", () => {
		const ofTool = (tool: string, rules: string): string => seen(rules, { tool, args: { command: "ls" } }).classifier;
		const narrow = RULES.replace("after: { intents", "after: { tools: [get], intents");
		expect(ofTool("shell", narrow)).toBe(classifierDigest());
		expect(ofTool("get", narrow)).toBe(classifierDigest());
		expect(ofTool("note", narrow)).toBe("");
	});

	it("say in audit mode what would have been stopped", () => {
		const { completes } = seen(`${RULES}\n    mode: audit`, command("python3 -c 'eval(input())'"));
		expect(completes.map(({ fired }) => fired.reason.rule.mode)).toEqual(["audit"]);
	});

	it.each<[string, string]>([
		["intents: dangerous", "write `intents: { categories: [dangerous] }`"],
		["intents: { categories: [dangerous, code_execution] }", "`code_execution` is one of `dangerous`"],
		["facts: command", "write `facts: { fact: command }`"],
		["facts: { fact: command, has: { progam: [rm] } }", "did you mean `program`?"],
		["facts: { has: { program: [rm] } }", "`fact` is missing"],
		["intents: { categories: [dangerous], effect: deny }", "unknown key `effect`"],
		["commands: { only: [ls] }", "unknown key `commands`"],
	])("do not load with `%s`", (slip, expected) => {
		for (const [after, then] of [
			[slip, "tools: [a]"],
			["tools: [a]", slip],
		]) {
			const found = problems(`sequences: [{ name: s, after: { ${after} }, then: { ${then} } }]`);
			expect(found).toEqual([expect.stringContaining(expected)]);
		}
	});
});
