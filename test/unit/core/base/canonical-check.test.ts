import { describe, expect, it } from "vitest";
import { isPlainlyCanonical } from "../../../../src/core/base/canonical-check.ts";

const DEPTH_MAX = 4;

describe("a canonical text", () => {
	it.each([
		"{}",
		'{"":0}',
		'{"a":1,"b":[],"c":{}}',
		'{"a":[true,false,null,"x",[1,2],{"b":-1}]}',
		'{"A":1,"a":2,"aa":3,"é":4,"名":5,"🙂":6}',
		'{"a":"\\"\\\\\\b\\f\\n\\r\\t/"}',
		'{"a":0.5,"b":-0.5,"c":1e+21,"d":1.5e-7,"e":123456789012345}',
		'{"a":9007199254740992}',
		'{"a":{"a":{"a":{}}}}',
	])("is known by one look: %s", (text) => {
		expect(isPlainlyCanonical(text, DEPTH_MAX)).toBe(true);
	});
});

describe("a text", () => {
	it.each([
		["is empty", ""],
		["is no object", "[]"],
		["is a value alone", "1"],
		["has space", '{"a": 1}'],
		["has space around it", '{"a":1} '],
		["ends too early", '{"a":[1'],
		["ends within a string", '{"a":"b'],
		["ends with a backslash", '{"a":"\\'],
		["goes on behind its end", '{"a":1}}'],
		["has keys out of order", '{"b":1,"a":2}'],
		["has a key twice", '{"a":1,"a":2}'],
		["has a longer key first", '{"aa":1,"a":2}'],
		["has a comma too many", '{"a":1,}'],
		["has a comma too many in a list", '{"a":[1,]}'],
		["has a bracket that closes another", '{"a":[1}}'],
		["has a key without quotes", "{a:1}"],
		["has a key without a value", '{"a"}'],
		["escapes a slash", '{"a":"\\/"}'],
		["escapes a letter", '{"a":"\\u0061"}'],
		["has a control character", '{"a":"\n"}'],
		["has a lone high surrogate", '{"a":"\ud83d"}'],
		["has a lone low surrogate", '{"a":"\ude42"}'],
		["has a high surrogate twice", '{"a":"\ud83d\ud83d\ude42"}'],
		["has a sign before zero", '{"a":-0}'],
		["has a plus", '{"a":+1}'],
		["has a zero in front", '{"a":01}'],
		["has a point at the end", '{"a":1.}'],
		["has a zero behind its digits", '{"a":1.50}'],
		["has an exponent in capitals", '{"a":1E21}'],
		["has an exponent without need", '{"a":1e3}'],
		["has a number beyond a double", '{"a":1e+999}'],
		["has an integer that a double rounds", '{"a":9007199254740993}'],
		["has a word that is none", '{"a":True}'],
		["has the beginning of a word", '{"a":nul}'],
		["has infinity", '{"a":-Infinity}'],
		["is too deep", '{"a":{"a":{"a":{"a":{}}}}}'],
		["is too deep by a list", '{"a":{"a":{"a":[[]]}}}'],
	])("that %s is not plainly canonical", (_what, text) => {
		expect(isPlainlyCanonical(text, DEPTH_MAX)).toBe(false);
	});
});
