import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { CATEGORIES } from "../../../../src/core/classify/category.ts";
import { classify } from "../../../../src/core/classify/classify.ts";
import type { Fact } from "../../../../src/core/classify/fact.ts";
import { FactList } from "../../../../src/core/classify/findings.ts";
import { Judge } from "../../../../src/core/classify/judge.ts";
import { pathClasses } from "../../../../src/core/classify/path.ts";
import { toolWords } from "../../../../src/core/classify/tool-words.ts";
import { hostClass } from "../../../../src/core/classify/url.ts";

const said = (tool: string, args: JsonObject): string => classify({ tool, args }).category;

it("reads the unit and the service beside a command as its operands", () => {
	const words = (args: JsonObject) =>
		classify({ tool: "shell", args }).facts.flatMap(({ kind, has }) =>
			kind === "command" ? [has["words"]?.join(" ")] : [],
		);
	expect(words({ command: "systemctl stop", service: "auditd" })).toContain("stop auditd");
	expect(words({ program: "systemctl", args: ["restart"], unit: "nginx" })).toContain("restart nginx");
});

it("takes the language that a call names for no text in it", () => {
	const commands = (tool: string, args: JsonObject) =>
		classify({ tool, args }).facts.flatMap(({ kind, has }) => (kind === "command" ? has["program"] : []));
	for (const tool of ["shell", "sql", "run"]) {
		expect(commands(tool, { command: "ls", language: "bash" })).toEqual(["ls"]);
		expect(commands(tool, { script: "du -s .", shell: "/bin/zsh" })).toEqual(["du"]);
	}
	expect(commands("shell", { shell: "bash" })).toEqual(["bash"]);
});

describe("words of a tool's name", () => {
	it.each([
		["drop_table", "drop table"],
		["deleteAllUsers", "delete all users"],
		["fs.write", "fs write"],
		["Alarm_1_AddAlarm", "alarm add alarm"],
		["HTTPRequest", "http request"],
		["s3-delete-bucket", "s3 delete bucket"],
	])("%s", (name, words) => expect(toolWords(name).join(" ")).toBe(words));
});

describe("classes of paths", () => {
	it.each([
		["~/.ssh/id_ed25519", "ssh-key"],
		["/home/ann/.ssh/known_hosts", ""],
		["id_rsa.pub", "workspace"],
		["/etc/x/../shadow", "shadow"],
		["C:\\Windows\\System32\\config\\SAM", "registry-hive"],
		[".env.production", "token-file"],
		[".env.example", "workspace"],
		["/dev/sda1", "device"],
		["src/main.rs", "workspace"],
		["/", "root"],
		["/etc/cron.d/job", "cron"],
		["%USERPROFILE%", "home"],
	])("%s is %s", (path, name) => {
		const classes = pathClasses(path);
		if (name === "") expect(classes).toEqual([]);
		else expect(classes).toContain(name);
	});
});

describe("classes of hosts", () => {
	it.each([
		["169.254.169.254", "metadata"],
		["metadata.google.internal", "metadata"],
		["127.0.0.1", "loopback"],
		["10.1.2.3", "private"],
		["es.internal", "private"],
		["example.com", "public"],
	])("%s is %s", (host, name) => expect(hostClass(host)).toBe(name));
});

describe("a classification", () => {
	it("has all categories, the most severe in front", () => {
		const { categories } = classify({ tool: "drop_table", args: { path: "/etc/hosts" } });
		const order = categories.map(({ category }) => CATEGORIES.indexOf(category));
		expect(order).toEqual([...order].sort((a, b) => a - b));
		expect(order.length).toBeGreaterThan(1);
	});

	it("says of an unknown call that it reads, and never that it is benign", () => {
		expect(classify({ tool: "frobnicate", args: {} })).toMatchObject({ category: "data_read", confidence: 0 });
	});

	it("reads arguments in texts, in keys and at any depth", () => {
		expect(said("http_request", { request: JSON.stringify({ url: "http://169.254.169.254/latest" }) })).toBe(
			"data_exfiltration",
		);
		let deep: JsonObject = { path: "/etc/shadow" };
		for (let level = 0; level < 60; level++) deep = { inner: deep };
		expect(said("read_file", deep)).toBe("data_exfiltration");
		for (let level = 0; level < 60; level++) deep = { inner: deep };
		expect(classify({ tool: "read_file", args: deep }).facts.map(({ has }) => has["why"])).toContainEqual(["too-deep"]);
	});

	it("takes words for words", () => {
		expect(said("web_search", { query: "how to rm -rf / safely" })).toBe("data_read");
		expect(said("add_comment", { body: "DROP TABLE users; -- never do this" })).toBe("data_write");
	});

	it("says what looks like something else, and changes nothing", () => {
		const { facts } = classify({ tool: "note", args: { text: "a\u202eb \uff52\uff4d p\u0430y" } });
		const found = facts.filter(({ kind }) => kind === "oddity").flatMap(({ has }) => has["what"]);
		expect(found).toEqual(["bidi", "full-width", "mixed-script"]);
	});
});

describe("facts", () => {
	const at = { pointer: "/a", span: [0, 1], via: [] } as const;

	it("are capped, and say so", () => {
		const list = new FactList();
		for (let count = 0; count < 3_000; count++) list.add({ ...at, kind: "path", has: {} });
		expect(list.facts.length).toBe(2_001);
		expect(list.facts.at(-1)?.kind).toBe("truncated");
	});

	it("say that a text is too long, of which the pieces are read", () => {
		const list = new FactList();
		const text = `${"echo a\n".repeat(20_000)}rm -rf /srv`;
		list.within("shell", text, { ...at, span: [0, text.length] });
		expect(list.facts[0]).toMatchObject({ kind: "opaque", has: { why: ["too-long"] } });
		const removed = list.facts.find(({ has }) => has["program"]?.[0] === "rm");
		expect(removed?.span.map((unit) => text.slice(unit, unit + 2))).toEqual(["rm", ""]);
	});
});

describe("a rule pack", () => {
	const at = { pointer: "", span: [0, 1], via: ["sudo"] } as const;
	const command = (has: Fact["has"]): Fact => ({ ...at, kind: "command", has });
	const judge = new Judge([
		{
			file: "test",
			programs: { "data_read 80": ["ls", "git"] },
			subcommands: {
				git: { "network_access 80": ["push", "remote update"], "data_write 70": ["push --dry"] },
				"gunzip zcat": { "data_read 70": ["list-*"], "network_access 70": ["* *"] },
			},
			verbs: { "destructive_data 40": ["delete"] },
			rules: [
				{
					name: "remove-all",
					on: "command",
					has: { program: ["rm"], flags: ["r"] },
					none: { words: ["-x"] },
					is: { destructive_data: 95 },
				},
				{
					name: "under-sudo",
					on: "command",
					has: { via: ["sudo"], program: ["ls"] },
					is: { privilege_escalation: 60 },
					adds: true,
				},
				{ name: "unpacks", on: "command", has: { program: ["gunzip", "zcat"] }, is: { data_write: 70 } },
				{
					name: "both",
					on: "command",
					has: { program: ["dd"] },
					all: { words: ["if=*", "of=*"] },
					is: { data_write: 70 },
				},
			],
		},
	]);
	const judged = (has: Fact["has"]): string =>
		judge
			.judge([command(has)])
			.map(({ category, confidence, rules }) => `${category} ${confidence} ${rules.join("+")}`)
			.join(", ");

	it("takes what a rule says in place of what is said of its program, unless the rule adds", () => {
		expect(judged({ program: ["rm"], flags: ["r", "f"] })).toBe("destructive_data 95 remove-all");
		expect(judged({ program: ["rm"], flags: ["r"], words: ["-x"] })).toBe("data_read 30 unknown-command");
		expect(judged({ program: ["ls"] })).toBe("privilege_escalation 60 under-sudo, data_read 80 program:ls");
	});

	it("takes all of several values where all are asked for", () => {
		expect(judged({ program: ["dd"], words: ["if=a"] })).toBe("data_read 30 unknown-command");
		expect(judged({ program: ["dd"], words: ["if=a", "of=b"] })).toBe("data_write 70 both");
	});

	it("takes the longest first words", () => {
		expect(judged({ program: ["git"], sub: ["remote", "update"] })).toBe("network_access 80 program:git remote update");
		expect(judged({ program: ["git"], sub: ["push"], flags: ["dry"] })).toBe("data_write 70 program:git push --dry");
		expect(judged({ program: ["git"], sub: ["log"] })).toBe("data_read 80 program:git");
	});

	it("takes first words, flags and a number of operands in place of a rule for the program, unless the rule adds", () => {
		expect(judged({ program: ["gunzip"], flags: ["x"] })).toBe("data_write 70 unpacks");
		expect(judged({ program: ["gunzip"], sub: ["list-all"] })).toBe("data_read 70 program:gunzip list-*");
		expect(judged({ program: ["zcat"], sub: ["a"], words: ["a", "/b"] })).toBe("network_access 70 program:zcat * *");
		expect(judged({ program: ["zcat"], words: ["a"], os: ["windows"] })).toBe("data_write 70 unpacks");
	});

	it("guesses by words where nothing is known", () => {
		expect(judged({ program: ["foo-cli"], sub: ["delete"] })).toBe("destructive_data 40 verb:delete");
	});
});
