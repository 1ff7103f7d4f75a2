/** Texts made to be slow, or to bring a reader down: all are answered, none takes long. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { classify } from "../../../../src/core/classify/classify.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { threadMs } from "../../../support/cpu.ts";

const MEGABYTE = 1_000_000;
const repeated = (part: string): string => part.repeat(Math.floor(MEGABYTE / part.length));

const TEXTS = [
	"a",
	" ",
	"'",
	"(",
	"/*",
	"{{",
	"\u0024{",
	"\u0024{a}",
	"-- \n",
	"/a",
	"/..",
	"a@b.",
	"\u0430a",
	"__",
	"x=1 ",
	"<!ENTITY ",
];
const SHAPES: readonly (readonly [tool: string, args: (text: string) => JsonObject])[] = [
	["frobnicate", (text) => ({ value: text })],
	["send_email", (text) => ({ to: text, body: text })],
	["http_request", (text) => ({ method: "POST", url: text, body: text })],
	["read_file", (text) => ({ path: text })],
	["graphql", (text) => ({ query: `mutation {${text}` })],
];

describe("a megabyte", () => {
	// Far above what it takes (tens of milliseconds), and far below what anything that is not linear would.
	it.each(SHAPES)("of any text is read in time by %s", (tool, args) => {
		for (const part of TEXTS) {
			const began = threadMs();
			classify({ tool, args: args(repeated(part)) });
			expect(threadMs() - began, JSON.stringify(part)).toBeLessThan(2_000);
		}
	});

	// Brackets that nothing closes were read once for each of them, forty times over.
	it.each(["(", "(x or ", "(not (a = "])("of SQL's open brackets is read in time: %s", (part) => {
		const query = `SELECT * FROM t WHERE ${repeated(part).slice(0, MEGABYTE - 100)}`;
		const began = threadMs();
		classify({ tool: "sql_query", args: { query } });
		expect(threadMs() - began).toBeLessThan(2_000);
	});

	it("of SQL's signs is read as far as there is room, and at its end", () => {
		const { facts } = classify({
			tool: "sql",
			args: { query: `SELECT ${"(".repeat(MEGABYTE - 100)}; DROP TABLE users` },
		});
		expect(facts.map(({ kind, has }) => [kind, ...(has["why"] ?? has["verb"] ?? [])].join(" "))).toEqual(
			expect.arrayContaining(["opaque too-long", "sql drop"]),
		);
	});

	// What is typed to a program, or written and then run, is looked through line by line.
	it.each([
		["lines for an editor", `vim notes\n${"\n".repeat(60_000)}`],
		["lines for a pager", `less notes\n${"\n \n".repeat(20_000)}`],
		["blanks in TeX", `tex '\\openout${" ".repeat(60_000)}'`],
		["blanks in a listing of TeX", `tex '\\lstinputlisting${" ".repeat(60_000)}'`],
		["lines for a client", `sqlite3 x <<'E'\n${"\n".repeat(60_000)}E`],
		["lines of Tcl", `tclsh <<'E'\n${"\n".repeat(60_000)}E`],
		["actions of a chooser", `fzf --bind '${"execute(".repeat(7_500)}'`],
		["blanks of awk", `echo a | awk '{print $1${" ".repeat(60_000)}'`],
		["targets of a makefile", `echo '${"a: a\n".repeat(10_000)}' > Makefile; make`],
		["files that are written", `${"echo a > b; make b; ".repeat(3_000)}`],
	])("%s are read in time", (_of, command) => {
		const began = threadMs();
		classify({ tool: "bash", args: { command } });
		expect(threadMs() - began).toBeLessThan(1_000);
	});

	it("of commands is read up to as many facts as are taken, and says so", () => {
		const { facts } = classify({ tool: "powershell", args: { command: "gc C:\\x; iex 'gps'\n".repeat(2_500) } });
		expect(facts).toHaveLength(2_001);
		expect(facts.at(-1)?.kind).toBe("truncated");
	});

	it("of members, and of items, is cut and says so", () => {
		const members = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, "v"]));
		const items = { paths: Array.from({ length: 50_000 }, (_, index) => `/etc/${index}`) };
		const kinds = (args: JsonObject): readonly string[] =>
			classify({ tool: "read", args }).facts.map(({ kind }) => kind);
		expect(kinds(members)).toContain("opaque");
		expect(kinds(items)).toContain("truncated");
		const maps = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, {}]));
		const began = threadMs();
		expect(kinds(maps)).toContain("opaque");
		expect(threadMs() - began).toBeLessThan(2_000);
	});
});

describe("a deed behind as much else as there is room for", () => {
	const filler = (line: string): string => line.repeat(Math.ceil(300_000 / line.length));

	it.each([
		["bash", "command", "echo done\n", "rm -rf /srv/data\n"],
		["bash", "command", `# ${"x".repeat(900)}\n`, "rm -rf /srv/data\n"],
		["powershell", "command", "Get-Date | Out-Null\n", "Remove-Item -Recurse -Force C:\\data\n"],
		["cmd", "command", "echo done\r\n", "rd /s /q C:\\data\r\n"],
		["python", "code", "print(1)\n", "import shutil\nshutil.rmtree('/srv/data')\n"],
		["javascript", "code", "console.log(1);\n", "require('child_process').execSync('rm -rf /srv/data');\n"],
		["sql_query", "sql", "INSERT INTO t VALUES (1);\n", "DROP TABLE accounts;\n"],
	])("is seen at either end by %s %s of %j", (tool, key, line, deed) => {
		for (const text of [deed + filler(line), filler(line) + deed]) {
			const { dangerous } = classify({ tool, args: { [key]: text } });
			expect(dangerous).toBe(true);
		}
	});

	it("is seen within, where comments or a dump are around it", () => {
		const args = (line: string, deed: string): string => filler(line) + deed + filler(line);
		const comments = args(`# ${"x".repeat(900)}\n`, "rm -rf /srv/data\n");
		const dump = args("INSERT INTO t VALUES (1);\n", "DROP TABLE accounts;\n");
		expect(classify({ tool: "bash", args: { command: comments } }).dangerous).toBe(true);
		expect(classify({ tool: "sql_query", args: { sql: dump } }).dangerous).toBe(true);
	});
});

describe("names that every object has", () => {
	it.each(["constructor", "toString", "__proto__", "valueOf"])("are names as others are: %s", (name) => {
		const calls: readonly { readonly tool: string; readonly args: JsonObject }[] = [
			{ tool: name, args: {} },
			{ tool: `db_${name}`, args: { operation: name } },
			...[`env:${name} $env:${name}`, `$${name}`, `[${name}]::a(1)`, `${name} -${name} x`].map((command) => ({
				tool: "powershell",
				args: { command },
			})),
		];
		for (const call of calls) {
			for (const { has } of classify(call).facts) {
				expect(
					Object.values(has)
						.flat()
						.every((text) => typeof text === "string"),
					JSON.stringify(call),
				).toBe(true);
				expect(has["why"]).not.toEqual(["unreadable"]);
			}
		}
	});
});

describe("any call", () => {
	it("is answered, and each time alike", () => {
		const call = fc.record({ tool: fc.string({ minLength: 1 }), args: fc.dictionary(fc.string(), fc.jsonValue()) });
		fc.assert(
			fc.property(call, ({ tool, args }) => {
				const first = classify({ tool, args: args as JsonObject });
				expect(classify({ tool, args: args as JsonObject })).toEqual(first);
				expect(first.confidence).toBeLessThanOrEqual(100);
			}),
			{ numRuns: 300 },
		);
	});
});

describe("a deed between what fills the room for facts", () => {
	const between = (filling: string, deed: string, times: number): string =>
		`${filling.repeat(times)}${deed}${filling.repeat(times)}`;
	const rulesOf = (policy: string, tool: string, args: JsonObject): readonly string[] => {
		const compiled = compilePolicies([{ name: policy, text: readFileSync(`policies/${policy}.yaml`, "utf8") }], {
			budgetRoot: "tenant/agent",
		});
		if (!compiled.ok) throw compiled.error;
		const { fired } = compiled.value.evaluate({
			tenant: "acme",
			agent: "coder-analyst-research",
			session: "s",
			facts: null,
			tool,
			args,
			at: 0,
		});
		return fired.map(({ reason }) => reason.rule).flatMap(({ mode, name }) => (mode === "enforce" ? [name] : []));
	};

	it.each([1_500, 2_000, 5_000, 100_000])(
		"is not allowed by the baseline policy behind and before %i others",
		(times) => {
			expect(rulesOf("baseline", "bash", { command: between("echo a;", "rm -rf /srv;", times) })).not.toEqual([]);
			expect(rulesOf("baseline", "sql", { query: between("select 1;", "drop table users;", times) })).not.toEqual([]);
			const code = between("x=1\n", "import shutil; shutil.rmtree('/srv')\n", times);
			expect(rulesOf("baseline", "python", { code })).not.toEqual([]);
			const commands = [...Array(times).fill("echo a"), "rm -rf /srv", ...Array(times).fill("echo a")];
			expect(rulesOf("baseline", "bash", { commands })).not.toEqual([]);
		},
	);

	it.each(["baseline", "coding-agent", "data-analyst", "read-only-research"])(
		"is a call that %s knows was not read whole",
		(policy) => {
			expect(rulesOf(policy, "bash", { command: between("echo a;", "rm -rf /srv;", 2_000) })).toContain(
				"not-read-whole",
			);
		},
	);

	it("does not make programs of words that the last piece cuts through", () => {
		const text = `${"echo a; ".repeat(6_000)}confirm -rf /srv; ${"echo a; ".repeat(253)}`;
		for (let blanks = 0; blanks < 24; blanks++) {
			const { facts } = classify({ tool: "bash", args: { command: text + " ".repeat(blanks) } });
			const programs = new Set(facts.flatMap(({ has }) => has["program"] ?? []));
			programs.delete("confirm");
			expect([...programs]).toEqual(["echo"]);
		}
	});
});
