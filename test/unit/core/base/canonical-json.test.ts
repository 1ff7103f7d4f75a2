import { describe, expect, it } from "vitest";
import { canonicalize, JSON_CAPS, parseIJson } from "../../../../src/core/base/canonical-json.ts";

/** RFC 8785 appendix B: bits of a double, and its text. */
const NUMBERS: readonly (readonly [string, string])[] = [
	["0000000000000000", "0"],
	["8000000000000000", "0"],
	["0000000000000001", "5e-324"],
	["8000000000000001", "-5e-324"],
	["7fefffffffffffff", "1.7976931348623157e+308"],
	["ffefffffffffffff", "-1.7976931348623157e+308"],
	["4340000000000000", "9007199254740992"],
	["c340000000000000", "-9007199254740992"],
	["4430000000000000", "295147905179352830000"],
	["44b52d02c7e14af5", "9.999999999999997e+22"],
	["44b52d02c7e14af6", "1e+23"],
	["44b52d02c7e14af7", "1.0000000000000001e+23"],
	["444b1ae4d6e2ef4e", "999999999999999700000"],
	["444b1ae4d6e2ef4f", "999999999999999900000"],
	["444b1ae4d6e2ef50", "1e+21"],
	["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
	["3eb0c6f7a0b5ed8d", "0.000001"],
	["41b3de4355555553", "333333333.3333332"],
	["41b3de4355555554", "333333333.33333325"],
	["41b3de4355555555", "333333333.3333333"],
	["41b3de4355555556", "333333333.3333334"],
	["41b3de4355555557", "333333333.33333343"],
	["becbf647612f3696", "-0.0000033333333333333333"],
	["43143ff3c1cb0959", "1424953923781206.2"],
];

function double(bits: string): number {
	const view = new DataView(new ArrayBuffer(8));
	view.setBigUint64(0, BigInt(`0x${bits}`));
	return view.getFloat64(0);
}

const parsed = (text: string): unknown => {
	const result = parseIJson(text);
	return result.ok ? result.value : result.error;
};

const faultOf = (text: string): string => {
	const result = parseIJson(text);
	return result.ok ? "accepted" : `${result.error.code}: ${result.error.message}`;
};

describe("canonicalize", () => {
	it.each(NUMBERS)("writes the double %s of RFC 8785 appendix B as %s", (bits, text) => {
		expect(canonicalize(double(bits))).toBe(text);
		expect(parsed(text)).toBe(double(bits) + 0);
	});

	it("sorts keys by UTF-16 code units, as the sample of RFC 8785 §3.2.3 does", () => {
		const sample = {
			"\u20ac": "Euro Sign",
			"\r": "Carriage Return",
			"\ufb33": "Hebrew Letter Dalet With Dagesh",
			"1": "One",
			"\u{1f600}": "Emoji: Grinning Face",
			"\u0080": "Control",
			"\u00f6": "Latin Small Letter O With Diaeresis",
		};
		expect(Object.values(JSON.parse(canonicalize(sample)) as object)).toEqual([
			"One",
			"Carriage Return",
			"Control",
			"Latin Small Letter O With Diaeresis",
			"Euro Sign",
			"Emoji: Grinning Face",
			"Hebrew Letter Dalet With Dagesh",
		]);
		expect(canonicalize(sample).startsWith('{"\\r":"Carriage Return","1":"One","\u0080":')).toBe(true);
	});

	it("writes the combined sample of RFC 8785 §3.2.2 byte for byte", () => {
		const text = String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`;
		expect(canonicalize(parsed(text) as never)).toBe(
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
				String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		);
	});

	it("keeps an empty array, an empty object and an empty key apart", () => {
		expect(canonicalize([{}, [], { "": "" }])).toBe('[{},[],{"":""}]');
	});
});

describe("parseIJson", () => {
	it("reads what JSON.parse reads", () => {
		const text = ' {"a" : [1, -2.5e3, true, false, null, "\\u00e9\\n"], "b":{"a":{}}} ';
		expect(parsed(text)).toEqual(JSON.parse(text));
	});

	it("refuses a key that is given twice, and says where", () => {
		expect(faultOf('{"a":1,"b":{"a":2},"a":3}')).toBe(
			"RECORD_JSON: the key at character 20 is given twice in its object",
		);
		expect(faultOf('[{"a":1,"a":1}]')).toContain("twice");
		expect(faultOf('{"a":[1,{"b":1}],"a":1}')).toContain("twice");
	});

	it.each([
		['{"a":1,"\\u0061":2}', "a letter as an escape"],
		['{"/":1,"\\/":2}', "a solidus as an escape"],
		['{"é":1,"\\u00E9":2}', "an escape in upper case"],
		['{"\u{1f600}":1,"\\ud83d\\ude00":2}', "a surrogate pair as escapes"],
		['{"__proto__":1,"\\u005f_proto__":2}', "a key that objects treat specially"],
	])("refuses a key given twice in different spellings: %s (%s)", (text) => {
		expect(faultOf(text)).toContain("twice");
	});

	it("accepts equal keys in different objects and equal strings as values", () => {
		expect(faultOf('{"a":"a","b":["a","a",{"a":{"a":"b"}}],"c":"b"}')).toBe("accepted");
	});

	it.each(['"\\ud800"', '"\\udc00\\ud800"', '{"\\ud800":1}', '["a",{"b":"\\udfff"}]', '"\ud800"'])(
		"refuses lone surrogates: %j",
		(text) => {
			expect(faultOf(text)).toMatch(/^RECORD_JSON: .* lone surrogate$/);
		},
	);

	it("keeps `__proto__` an ordinary key that changes no prototype", () => {
		const value = parsed('{"__proto__":{"isAdmin":true},"constructor":1}') as Record<string, unknown>;
		expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
		expect(value["isAdmin"]).toBeUndefined();
		expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
		expect(canonicalize(value as never)).toBe('{"__proto__":{"isAdmin":true},"constructor":1}');
	});

	it.each([
		["[", ""],
		["[", "]"],
		['{"a":', ""],
		['[{"a":', "}]"],
	])("refuses 100,000 times `%s` without exhausting the stack", (open, close) => {
		expect(faultOf(`${open.repeat(100_000)}${close.repeat(100_000)}`)).toBe(
			"RECORD_DEPTH: nested deeper than 64 levels",
		);
	});

	it("counts the depth of nesting, not the number of brackets", () => {
		const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
		expect(faultOf(nested(JSON_CAPS.depthMax))).toBe("accepted");
		expect(faultOf(nested(JSON_CAPS.depthMax + 1))).toContain("RECORD_DEPTH");
		expect(faultOf(`[${"[[]],".repeat(10_000)}1]`)).toBe("accepted");
		expect(faultOf(`"${"[".repeat(1_000)}\\"${"{".repeat(1_000)}"`)).toBe("accepted");
	});

	it("has brackets hidden behind a broken string refused too", () => {
		expect(faultOf(`\\"${"[".repeat(100_000)}`)).toBe("RECORD_JSON: not JSON: unexpected text at character 1");
	});

	it("refuses a text beyond the cap before it reads it", () => {
		const result = parseIJson('"four"', { ...JSON_CAPS, lengthMax: 5 });
		expect(result).toEqual({
			ok: false,
			error: { code: "RECORD_OVERSIZED", message: "the JSON text has 6 characters, at most 5 are accepted" },
		});
		expect(parseIJson('"ten"', { ...JSON_CAPS, lengthMax: 5 }).ok).toBe(true);
	});

	it("counts members and items at all depths, before it reads any of them", () => {
		const caps = { ...JSON_CAPS, membersMax: 4 };
		const fault = (text: string): string => {
			const read = parseIJson(text, caps);
			return read.ok ? "accepted" : read.error.code;
		};
		for (const text of [
			"[1,2,3,4]",
			'{"a":[1,2,3]}',
			'{"a":{"b":{"c":{"d":{ }}}}}',
			"[[],[ ],{},{\n}]",
			'["a,b,c","[[[[[",1,2]',
		]) {
			expect(fault(text), text).toBe("accepted");
		}
		for (const text of [
			"[1,2,3,4,5]",
			'{"a":[1,2,3,4]}',
			'{"a":{"b":{"c":{"d":{"e":1}}}}}',
			"[[],[],{},{},[]]",
			'["\\"","a","b",1,2]',
		]) {
			expect(fault(text), text).toBe("RECORD_MEMBERS");
		}
		// Two keys alike, and no JSON: neither is looked at any more.
		expect(fault('{"a":1,"a":1,"b":1,"c":1,"d"')).toBe("RECORD_MEMBERS");
		expect(fault("[1,2,3,4")).toBe("RECORD_JSON");
	});

	it.each(["1e400", "-1e400", '{"a":[1e999]}'])("refuses %s, which no double holds", (text) => {
		expect(faultOf(text)).toBe("RECORD_JSON: a number is outside the range of a double");
	});

	it.each([
		"9007199254740993",
		"-9007199254740993",
		"[12345678901234567890]",
		"1000000000000000000001",
		"9".repeat(400),
	])("refuses the integer %s, which one reader would round and another would not", (text) => {
		expect(faultOf(text)).toContain("too large to be exact: send it as a string");
	});

	it.each([
		"9007199254740991",
		"9007199254740992",
		"-9007199254740992",
		"295147905179352830000",
		"0.10000000000000001",
		"3.141592653589793238462643383279",
		"12345678901234567890e0",
		"1e0000000000000000005",
		'"12345678901234567890"',
	])("accepts %s", (text) => {
		expect(faultOf(text)).toBe("accepted");
	});

	it.each([
		["", "the text ends too early"],
		["  ", "the text ends too early"],
		['{"a":1', "the text ends too early"],
		['{"a":1,}', "unexpected text at character 8"],
		["[1,]", "unexpected text at character 4"],
		["[1 2]", "unexpected text at character 4"],
		["01", "unexpected text at character 2"],
		["{'a':1}", "unexpected text at character 2"],
		['{"a" 1}', "unexpected text at character 6"],
		["nul", "unexpected text at character 1"],
		['"a\nb"', "unexpected text at character 1"],
		['"\u001f"', "unexpected text at character 1"],
		['"\\x41"', "unexpected text at character 1"],
		["\ufeff{}", "unexpected text at character 1"],
		["{}{}", "unexpected text at character 3"],
		["NaN", "unexpected text at character 1"],
		["]", "unexpected text at character 1"],
		["[}", "unexpected text at character 2"],
		["{1:2}", "unexpected text at character 2"],
	])("says where %j stops being JSON", (text, where) => {
		expect(faultOf(text)).toBe(`RECORD_JSON: not JSON: ${where}`);
	});

	it("repeats nothing of the text in its faults", () => {
		const texts = ['{"hunter2":1,"hunter2":1}', "[hunter2]", '"hunter2', '["hunter2\\ud800"]', '{"hunter2\\ud800":1}'];
		for (const text of texts) expect(faultOf(text)).not.toContain("hunter2");
	});
});
