import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeaderReader, headersFrom } from "../../../../src/adapters/embedded/stored-headers.ts";

const reader = new HeaderReader();
const read = (json: string): unknown => {
	const bytes = Buffer.from(`before${json}"behind`);
	return reader.read(bytes, 6, 6 + Buffer.byteLength(json));
};

const name = fc.constantFrom("a", "b", "assent-seq", "größe", '"', "\\", "__proto__", "1", "");
const value = fc.oneof(fc.constantFrom("", "x", "xy", '"', "\\", "\u0000", "ключ", "{}", '","b":"'), fc.string());

describe("headers that are read one after the other", () => {
	it("are what JSON.parse makes of them, whatever was read before", () => {
		const headers = fc.uniqueArray(fc.tuple(name, value), { selector: ([name]) => name, maxLength: 4 });
		fc.assert(
			fc.property(fc.array(headers, { minLength: 1, maxLength: 20 }), (all) => {
				for (const pairs of all) {
					const json = `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
					const expected = headersFrom(json);
					const found = read(json) as object;
					expect(found).toStrictEqual(expected);
					expect(Object.keys(found)).toEqual(Object.keys(expected));
				}
			}),
			{ numRuns: 500 },
		);
	});

	it.each(['{"a":"x"', '{"a":"x"}}', '{"a":1}', "[]", '{"a":"x"', "", '{"a":"x","a"}'])("are refused: %s", (json) => {
		read('{"a":"x"}');
		expect(() => read(json)).toThrow();
	});

	it("have the last value of a name that comes twice", () => {
		read('{"a":"x","b":"y"}');
		expect(read('{"a":"x","a":"y"}')).toEqual({ a: "y" });
	});

	it("may be written in another way", () => {
		read('{"a":"x"}');
		expect(read('{ "a" : "\\u0079" }')).toEqual({ a: "y" });
	});
});
