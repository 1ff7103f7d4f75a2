/** Structured calls in other spellings that mean the same: a name in another style, arguments in a wrapper, paths and URLs spelled otherwise. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { type Category, isDangerous } from "../../src/core/classify/category.ts";
import { classify } from "../../src/core/classify/classify.ts";

interface Call {
	readonly tool: string;
	readonly args: JsonObject;
}

const FOLDER = join(import.meta.dirname, "../cases/classify");
const CASES = ["structured", "http", "schemas"]
	.flatMap((name) => readFileSync(join(FOLDER, `${name}.jsonl`), "utf8").split("\n"))
	.filter((line) => line.includes('"half":"unseen"'))
	.map((line) => JSON.parse(line) as Call & { readonly label: Category });

const parts = (name: string): readonly string[] =>
	name
		.replace(/([a-z\d])([A-Z])/g, "$1 $2")
		.toLowerCase()
		.split(/[^a-z\d]+/)
		.filter((part) => part !== "");
const camel = (name: string): string =>
	parts(name)
		.map((part, at) => (at === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
		.join("");
const renamed = (args: JsonObject, to: (key: string) => string): JsonObject =>
	Object.fromEntries(Object.entries(args).map(([key, value]) => [/^\w+$/.test(key) ? to(key) : key, value as Json]));
const texts = (args: JsonObject, spell: (text: string) => string): JsonObject =>
	Object.fromEntries(
		Object.entries(args).map(([key, value]) => [key, typeof value === "string" ? spell(value) : (value as Json)]),
	);

const SPELLINGS: Readonly<Record<string, (call: Call) => Call>> = {
	"another style": ({ tool, args }) => ({ tool: camel(tool), args: renamed(args, camel) }),
	hyphens: ({ tool, args }) => ({ tool: parts(tool).join("-"), args }),
	"a server's name": ({ tool, args }) => ({ tool: `mcp__export-tools__${tool.replaceAll(".", "_")}`, args }),
	"a wrapper": ({ tool, args }) => ({ tool, args: { params: args, timeout: 30 } }),
	"a call passed on": ({ tool, args }) => ({ tool: "call_tool", args: { name: tool, arguments: args } }),
	"a call passed on as text": ({ tool, args }) => ({
		tool: "call_tool",
		args: { tool: tool.replaceAll(" ", "_"), input: JSON.stringify(args) },
	}),
	"more arguments": ({ tool, args }) => ({ tool, args: { request_id: "r-7", ...args, verbose: false } }),
	"roundabout paths": ({ tool, args }) => ({
		tool,
		args: texts(args, (text) => text.replace(/^\/(\w+)\/(?=\S*$)/, "/$1/.//tmp/../")),
	}),
	"percent signs": ({ tool, args }) => ({
		tool,
		args: texts(args, (text) =>
			/^https?:\/\/\S+$/.test(text)
				? text.replace(
						/(?<=[a-z\d])\/([a-z])(?=[a-z])/g,
						(_, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`,
					)
				: text,
		),
	}),
};

/** Of calls that are seen as dangerous when plain. */
const MISSED_MAX = 0.03;

describe.each(Object.entries(SPELLINGS))("calls with %s", (_, spell) => {
	it("are as dangerous as plain ones", () => {
		const plain = CASES.filter((one) => isDangerous(one.label) && classify(one).dangerous);
		const missed = plain.map(spell).filter((call) => !classify(call).dangerous);
		expect(missed.length / plain.length, JSON.stringify(missed)).toBeLessThanOrEqual(MISSED_MAX);
		const harmless = CASES.filter((one) => !isDangerous(one.label) && !classify(one).dangerous);
		const wronged = harmless.map(spell).filter((call) => classify(call).dangerous);
		expect(wronged.length / harmless.length, JSON.stringify(wronged)).toBeLessThanOrEqual(0.01);
	});
});
