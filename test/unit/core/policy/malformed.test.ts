/**
 * Policies that do not load, each with the one problem that it has: in the files of test/support/malformed-policies, `«` stands
 * before the place that is told, and the lines with `»` are the code with the message, and the help. What every policy has is
 * left out where it is right.
 */
import { describe, expect, it } from "vitest";
import { visible } from "../../../../src/core/base/safe-text.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { filesBelow, textOf } from "../../../support/repository.ts";

const FILES = filesBelow("test/support/malformed-policies");
const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";
const TOOLS = "tools: { allow: [t] }\n";

interface Malformed {
	readonly text: string;
	readonly line: number;
	readonly column: number;
	readonly message: string;
	readonly help: string;
}

function malformedIn(file: string): readonly Malformed[] {
	return textOf(file)
		.split(/^%%\n/m)
		.map((written) => {
			const marked = written.replace(/^» .*\n/gm, "");
			const [message = "", help = ""] = [...written.matchAll(/^» (.*)$/gm)].map(([, said]) => said);
			const body = marked.replace("«", "");
			const isWhole = file.includes("/document") ? isDocument(body) : body.startsWith("apiVersion");
			const head = isWhole ? "" : /^tools:/m.test(body) ? HEAD : HEAD + TOOLS;
			const before = (head + marked).split("«")[0] ?? "";
			const column = before.length - before.lastIndexOf("\n");
			return { text: head + body, line: before.split("\n").length, column, message, help };
		});
}

/** What is wrong there is the head itself. */
const isDocument = (body: string): boolean => /^(?:apiVersion|kind|name|hello|42|')/.test(body);

describe("malformed policies", () => {
	it("are many, and no two are the same", () => {
		const texts = FILES.flatMap(malformedIn).map(({ text }) => text);
		expect(texts.length).toBeGreaterThan(400);
		expect(new Set(texts).size).toBe(texts.length);
	});

	describe.each(FILES)("%s", (file) => {
		it.each(malformedIn(file))("$text", ({ text, line, column, message, help }) => {
			const compiled = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
			if (compiled.ok) throw new Error("was loaded");
			const said = compiled.error.map((of) => [
				`${of.place?.line}:${of.place?.column}`,
				`${of.code} ${visible(of.message)}`,
				visible(of.help),
			]);
			expect(said).toEqual([[`${line}:${column}`, message, help]]);
		});
	});
});
