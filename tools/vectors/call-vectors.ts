/** Vectors for whoever computes call digests in another language, canonical JSON first. */
import { parseArguments, readArguments } from "../../src/core/arguments/canonical.ts";
import { redacted } from "../../src/core/arguments/redaction.ts";
import { canonicalize, parseIJson } from "../../src/core/base/canonical-json.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { callDigest } from "../../src/core/token/call-digest.ts";

/** What is written, as JSON text; the canonical text follows, or what is wrong with it. */
const TEXTS: readonly (readonly [name: string, json: string])[] = [
	["members by their names, not by their order", '{"b":1,"a":2}'],
	["no white space", ' { "a" : [ 1 , 2 ] } '],
	["members by UTF-16 code units", '{"\\ud83d\\ude00":1,"\\ufb33":2,"\\u20ac":3,"a":4,"A":5}'],
	["nothing is escaped that need not be", '"\\u0061\\/\\u00e9\\u20ac"'],
	["what must be escaped, the short way", '"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c\\u0000\\u001f"'],
	["DEL and what nobody sees stay", '"\\u007f\\u200b\\u202e\\ufeff"'],
	["letters as they are: composed and not are two texts", '["\\u00e9","e\\u0301"]'],
	[
		"numbers as ECMAScript writes them",
		"[1.0,1e3,1E-7,0.000001,1e21,123456789012345680000.0,5e-324,1.7976931348623157e308]",
	],
	["no negative zero", "[-0,-0.0,0e5]"],
	[
		"fractions to the last digit that tells",
		"[0.1,0.30000000000000004,333333333.33333329,9007199254740991,-9007199254740991]",
	],
	["deep in both", '{"x":{"z":[{"b":null,"a":true}],"y":false}}'],
	["an empty name is a name", '{"":0}'],
	["`__proto__` is a name", '{"__proto__":{"a":1}}'],
	["a name twice", '{"a":1,"a":2}'],
	["a name twice, spelled differently", '{"a":1,"\\u0061":2}'],
	["half a pair", '"\\ud800"'],
	["the wrong half", '{"\\udc00":1}'],
	["an integer that a double rounds", "9007199254740993"],
	["an integer that a double rounds, in twenty digits", "18446744073709551615"],
	["beyond a double", "1e400"],
	["not a number", "NaN"],
	["a comma too many", "[1,]"],
	["two values", "1 2"],
	["nothing", ""],
	["deeper than 64 levels", `${"[".repeat(65)}${"]".repeat(65)}`],
];

export const canonicalJsonVectors = () =>
	TEXTS.map(([name, json]) => {
		const read = parseIJson(json);
		return read.ok
			? { name, json, canonical: canonicalize(read.value), fault: null }
			: { name, json, canonical: null, fault: read.error.code };
	});

const CALLS: readonly {
	readonly name: string;
	readonly tool: string;
	readonly args: JsonObject;
	readonly redact: readonly string[];
}[] = [
	{ name: "a command", tool: "shell.run", args: { command: "ls -l /srv" }, redact: [] },
	{ name: "no arguments", tool: "clock.now", args: {}, redact: [] },
	{ name: "another tool, the same arguments", tool: "shell.run2", args: { command: "ls -l /srv" }, redact: [] },
	{ name: "another argument", tool: "shell.run", args: { command: "ls -l /srv " }, redact: [] },
	{
		name: "members in another order are the same call",
		tool: "db.query",
		args: { sql: "select 1", limit: 10, nested: { b: [1, 2.5, null], a: true } },
		redact: [],
	},
	{ name: "letters of all kinds", tool: "mail.send", args: { to: "Zoë", text: "naïve 😀\u202egnp.exe\n" }, redact: [] },
	{ name: "composed", tool: "note", args: { text: "é" }, redact: [] },
	{ name: "the same to a reader, another text", tool: "note", args: { text: "é" }, redact: [] },
	{ name: "a tool's name that JSON escapes", tool: 'say "hi"\\', args: { n: 1 }, redact: [] },
	{ name: "a tool's name beyond ASCII", tool: "werkzeug.öffnen", args: { n: 1 }, redact: [] },
	{
		name: "what the policy redacts is replaced first",
		tool: "http.post",
		args: { url: "https://api.example.com", headers: { authorization: "Bearer s3cret" }, tags: ["a", "b"] },
		redact: ["/headers/authorization", "/tags/1", "/nothing/here"],
	},
];

export const callVectors = () =>
	CALLS.map(({ name, tool, args, redact }) => {
		const read = readArguments(args);
		if (!read.ok) throw new Error(`${name}: ${read.error.message}`);
		const argsText = canonicalize(redacted(read.value.args, redact));
		const parsed = parseArguments(argsText);
		if (!parsed.ok) throw new Error(`${name}: ${parsed.error.message}`);
		return { name, tool, args, redact, asRun: argsText, digest: callDigest(tool, argsText) };
	});
