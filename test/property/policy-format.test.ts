/**
 * Formatting keeps what a policy says and every comment, gives the same text however keys were ordered and texts quoted, and
 * changes nothing that it has formatted.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCollection, isMap, isPair, isScalar, type Node, parseDocument, Scalar } from "yaml";
import { casesSchema } from "../../src/core/analysis/cases/case-form.ts";
import { readCases } from "../../src/core/analysis/cases/case-reader.ts";
import { canonicalize } from "../../src/core/base/canonical-json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { policySchema } from "../../src/core/policy/document.ts";
import { formatYaml } from "../../src/core/policy/format.ts";
import { readPolicy } from "../../src/core/policy/parse.ts";
import { keysAt } from "../../src/core/policy/schema-problems.ts";
import type { YamlPath } from "../../src/core/policy/yaml-source.ts";
import { filesBelow, textOf } from "../support/repository.ts";

const SHIPPED = filesBelow("policies").map(textOf);
const SHOWN = filesBelow("docs/policies").flatMap((path) =>
	[...textOf(path).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text),
);
/** Some use what others define. */
const isRead = (text: string): boolean => readPolicy({ name: "a.yaml", text }).ok;

const isTest = (text: string): boolean => /\bkind: ["']?PolicyTest\b/.test(text);
const POLICIES = [...SHIPPED, ...SHOWN].filter((text) => /^kind: Policy$/m.test(text) && isRead(text));
const TESTS = [...SHIPPED, ...SHOWN].filter(isTest);

const format = (text: string): string => formatYaml(text, isTest(text) ? casesSchema : policySchema);

function meaning(text: string): unknown {
	if (isTest(text)) {
		const read = readCases({ name: "a.test.yaml", text });
		// Places move with the text.
		const plain = JSON.stringify(read, (key, value: unknown) => (key === "place" ? null : value));
		return plain.includes('"ok":true') ? plain : Symbol(plain);
	}
	const compiled = compilePolicies([{ name: "a.yaml", text }], { budgetRoot: "tenant" });
	if (compiled.ok) return compiled.value.digest;
	// One that tightens another is not compiled alone.
	const read = readPolicy({ name: "a.yaml", text });
	return read.ok ? canonicalize(read.value.data) : Symbol(JSON.stringify(read.error));
}

/** Draws for a text: each is a number from 0 to 1, taken in turn. */
const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));

const next = (stream: Iterator<number>): number => stream.next().value as number;

/** The same document in another hand, without comments: keys in another order, other quotes, other brackets. */
function rewritten(text: string, stream: Iterator<number>, { isStyleDrawn }: { isStyleDrawn: boolean }): string {
	const document = parseDocument(text);
	const schema = isTest(text) ? casesSchema : policySchema;
	const rewrite = (node: unknown, path: YamlPath): void => {
		Object.assign(node as Node, { commentBefore: null, comment: null, spaceBefore: false });
		if (isScalar(node) && typeof node.value === "string" && node.type !== Scalar.PLAIN) {
			// A text with a quote in it stays in those that its author chose, and one of several lines is written in one: a comment goes between
			// texts, and would be part of one that spans lines.
			if (!/['\n]/.test(node.value)) node.type = next(stream) < 0.5 ? Scalar.QUOTE_DOUBLE : Scalar.QUOTE_SINGLE;
		}
		if (!isCollection(node)) return;
		if (isStyleDrawn) node.flow = next(stream) < 0.4;
		for (const [index, item] of node.items.entries()) {
			if (!isPair(item)) rewrite(item, [...path, index]);
			else for (const part of [item.key, item.value]) rewrite(part, [...path, String(item.key)]);
		}
		// Names that people choose have no order but theirs.
		if (!isMap(node) || !node.items.every(({ key }) => keysAt(schema, path).includes(String(key)))) return;
		const ranks = new Map(node.items.map((pair) => [pair, next(stream)]));
		node.items.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
	};
	rewrite(document.contents, []);
	document.commentBefore = null;
	document.comment = null;
	return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
}

/** Comments of their own line, and behind what ends a line. */
function commented(
	text: string,
	stream: Iterator<number>,
): { readonly text: string; readonly comments: readonly string[] } {
	const comments: string[] = [];
	const comment = (): string => {
		comments.push(`c${comments.length} é: {x}`);
		return `# ${comments.at(-1)}`;
	};
	const lines = text.split("\n").flatMap((line) => {
		const indent = /^[ ]*/.exec(line)?.[0] ?? "";
		const draw = next(stream);
		if (line === "") return [];
		if (draw < 0.15) return [`${indent}${comment()}`, line];
		if (draw < 0.2) return ["", `${indent}${comment()}`, `${indent}${comment()}`, "", line];
		if (draw < 0.35) return [`${line} ${comment()}`];
		return draw < 0.4 ? ["", line] : [line];
	});
	return { text: `${lines.join("\n")}\n`, comments };
}

/** Block texts take every line below them for text. */
const hasBlocks = (text: string): boolean => /[|>][+-]?\n/.test(text);

describe("formatting", () => {
	it("has policies and tests to be tried on", () => {
		expect(POLICIES.length).toBeGreaterThan(12);
		expect(TESTS.length).toBeGreaterThan(5);
	});

	it.each([...POLICIES, ...TESTS])("keeps what is shown and shipped (%#)", (text) => {
		const formatted = format(text);
		expect(meaning(formatted)).toBe(meaning(text));
		expect(format(formatted)).toBe(formatted);
	});

	it("gives one text, whatever the order of keys and the quotes", () => {
		fc.assert(
			fc.property(fc.constantFrom(...POLICIES, ...TESTS), draws, draws, (text, one, other) => {
				const [first, second] = [one, other].map((stream) => format(rewritten(text, stream, { isStyleDrawn: false })));
				expect(first).toBe(second);
			}),
			{ numRuns: 25 },
		);
	});

	it("keeps the meaning and every comment, and changes nothing twice", () => {
		fc.assert(
			fc.property(fc.constantFrom(...POLICIES, ...TESTS), draws, (text, stream) => {
				const plain = rewritten(text, stream, { isStyleDrawn: true });
				fc.pre(!hasBlocks(plain));
				const written = commented(plain, stream);
				expect(meaning(written.text)).toBe(meaning(text));
				const formatted = format(written.text);
				expect(meaning(formatted)).toBe(meaning(text));
				for (const comment of written.comments) expect(formatted.split(`# ${comment}`)).toHaveLength(2);
				expect(format(formatted)).toBe(formatted);
			}),
			{ numRuns: 60 },
		);
	});
});
