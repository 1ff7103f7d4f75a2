/**
 * Policies and their tests as everybody writes them: keys in the order of the reference, two spaces, single quotes, on one line what
 * fits on one. Lists keep their order, and whether somebody wrote one in brackets or line by line is theirs to choose.
 *
 * F1  The result says what the source says.
 * F2  Every comment is in it.
 * F3  The result, formatted, is the same text.
 */
import {
	Document,
	isCollection,
	isMap,
	isNode,
	isPair,
	isScalar,
	isSeq,
	type Node,
	type Pair,
	parseDocument,
	Scalar,
	type ScalarTag,
	visit,
	type YAMLMap,
	YAMLSeq,
} from "yaml";
import { canonicalize } from "../base/canonical-json.ts";
import { AssentError, problem } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { keysAt } from "./schema-problems.ts";
import type { YamlPath } from "./yaml-source.ts";

/** The longest line that a list or map in brackets may end. */
const LINE_MAX = 120;

/** A text in quotes ends on the line that it begins on. */
const UNFOLDED = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };

/**
 * `text` was read without a problem as a document of the zod schema. Throws ASSENT_INTERNAL where the result would not keep F1
 * and F2.
 */
export function formatYaml(text: string, schema: unknown): string {
	const document = parsed(text);
	const said = dataOf(document);
	const comments = commentsOf(document);
	if (document.directives) {
		document.directives.docStart = null;
		document.directives.docEnd = false;
	}
	if (isNode(document.contents)) {
		const contents = new Arranging(schema).arranged(document.contents, [], 0, 0);
		if (isCollection(contents)) {
			// Behind the brackets of a whole file that are taken away, a comment is the last line of the file.
			document.comment = together(contents.comment, document.comment);
			contents.comment = null;
		}
		document.contents = contents as never;
	}
	const formatted = document.toString({ indent: 2, ...UNFOLDED });
	const result = parsed(formatted);
	if (result.errors.length > 0 || dataOf(result) !== said || commentsOf(result) !== comments) {
		const help = "this is a fault of assent, and nothing was changed; please report it with the file";
		throw new AssentError(problem("ASSENT_INTERNAL", "formatting would have changed what the file says", help));
	}
	return formatted;
}

/** A text that is written as it is. */
class Verbatim {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

const VERBATIM: ScalarTag = {
	tag: "tag:assent.dev,2026:verbatim",
	default: true,
	identify: (value) => value instanceof Verbatim,
	test: /(?!)/,
	resolve: (text) => text,
	stringify: ({ value }) => (value as Verbatim).text,
};

const parsed = (text: string): Document =>
	parseDocument(text.replaceAll("\r\n", "\n"), {
		version: "1.2",
		schema: "core",
		uniqueKeys: false,
		customTags: (tags) => [VERBATIM, ...tags],
	});

const dataOf = (document: Document): string => canonicalize(document.toJS() as Json);

/** The lines of all comments, sorted: some move with what they are about. */
function commentsOf(document: Document): string {
	const texts: (string | null | undefined)[] = [document.commentBefore, document.comment];
	visit(document, {
		Node(_, node) {
			texts.push(node.commentBefore, node.comment);
		},
	});
	const lines = texts.flatMap((text) => (text ?? "").split("\n").map((line) => line.trim()));
	return lines
		.filter((line) => line !== "")
		.sort()
		.join("\n");
}

class Arranging {
	readonly #schema: unknown;

	constructor(schema: unknown) {
		this.#schema = schema;
	}

	/**
	 * The node as it is to be written. In brackets it begins at `column`; line by line its entries begin at `indent`.
	 */
	arranged(node: Node, path: YamlPath, column: number, indent: number): Node {
		if (isScalar(node)) requote(node);
		if (!isCollection(node)) return node;
		this.#order(node, path);
		if (node.flow === true) {
			const text = inBrackets(node, true);
			if (text !== null && column + text.length <= LINE_MAX) return verbatim(text, node);
			node.flow = false;
		}
		for (const [index, item] of node.items.entries()) {
			if (isPair(item)) {
				const { key, value } = item as Pair;
				if (!isScalar(key) || !isNode(value)) continue;
				requote(key);
				const name = String(key.value);
				item.value = this.arranged(value, [...path, name], indent + scalarText(key).length + 2, indent + 2);
			} else if (isNode(item)) {
				node.items[index] = this.arranged(item, [...path, index], indent + 2, indent + 2);
			}
		}
		return node;
	}

	/** Of this map and of those below it, before anybody asks how long they are. */
	#order(node: Node, path: YamlPath): void {
		if (isSeq(node)) {
			for (const [index, item] of node.items.entries()) if (isNode(item)) this.#order(item, [...path, index]);
		}
		if (!isMap(node)) return;
		const [first] = node.items;
		sortPairs(node, keysAt(this.#schema, path));
		placeComments(node, first, typeof path.at(-1) !== "string");
		for (const { key, value } of node.items) {
			if (isScalar(key) && isNode(value)) this.#order(value, [...path, String(key.value)]);
		}
	}
}

/** Keys that the reference does not order (names of approvals, arguments) stay where they are. */
function sortPairs({ items }: YAMLMap<unknown, unknown>, keys: readonly string[]): void {
	const rank = ({ key }: Pair): number => (isScalar(key) ? keys.indexOf(String(key.value)) : -1);
	if (items.every((pair) => rank(pair) >= 0)) items.sort((a, b) => rank(a) - rank(b));
}

/**
 * The comment in front of a map is about the whole of it where it is an entry of a list or the file, and about its first entry
 * where it is below a key.
 */
function placeComments(map: YAMLMap<unknown, unknown>, first: Pair | undefined, isWhole: boolean): void {
	const [head] = map.items;
	if (!isScalar(first?.key) || !isScalar(head?.key)) return;
	if (first !== head) {
		first.key.spaceBefore = head.key.spaceBefore === true;
		head.key.spaceBefore = false;
	}
	if (isWhole) {
		map.commentBefore = together(map.commentBefore, head.key.commentBefore);
		head.key.commentBefore = null;
	} else if (first !== head) {
		first.key.commentBefore = together(map.commentBefore, first.key.commentBefore);
		map.commentBefore = null;
	}
}

const together = (...comments: readonly (string | null | undefined)[]): string | null =>
	comments.filter((comment) => typeof comment === "string" && comment !== "").join("\n") || null;

/** `[a, { b: c }]`; null where it takes more than one line. A comment may follow the outermost brackets. */
function inBrackets(node: Node, isOutermost = false): string | null {
	const isFollowed = isCollection(node) && node.comment && (!isOutermost || node.comment.includes("\n"));
	if (node.commentBefore || isFollowed) return null;
	if (isScalar(node)) {
		if (node.comment) return null;
		requote(node);
		const text = scalarText(node);
		return text.includes("\n") ? null : text;
	}
	if (!isCollection(node)) return null;
	const parts: string[] = [];
	for (const item of node.items) {
		if (isPair(item)) {
			const { key, value } = item as Pair;
			const name = isNode(key) ? inBrackets(key) : null;
			const text = isNode(value) ? inBrackets(value) : null;
			if (name === null || text === null) return null;
			parts.push(`${name}: ${text}`);
		} else {
			const text = isNode(item) ? inBrackets(item) : null;
			if (text === null) return null;
			parts.push(text);
		}
	}
	if (isSeq(node)) return `[${parts.join(", ")}]`;
	return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/** As it is written between brackets, where plain texts may hold less. */
function scalarText(scalar: Scalar): string {
	const alone = new YAMLSeq();
	alone.flow = true;
	const { value, type, source, format, minFractionDigits } = scalar;
	alone.items.push(Object.assign(new Scalar(value), { type, source, format, minFractionDigits }));
	return new Document(alone).toString({ ...UNFOLDED, flowCollectionPadding: false }).slice(1, -2);
}

/**
 * Single quotes mean what they hold; double ones stay where they are needed. A text of several lines is not folded, where an empty
 * line would stand for the end of one.
 */
function requote(scalar: Scalar): void {
	const { type, value } = scalar;
	if (typeof value !== "string") return;
	if (type === Scalar.QUOTE_DOUBLE && !NEEDS_ESCAPES.test(value)) scalar.type = Scalar.QUOTE_SINGLE;
	if ((type === Scalar.QUOTE_SINGLE || type === Scalar.PLAIN) && value.includes("\n"))
		scalar.type = Scalar.QUOTE_DOUBLE;
	if (type === Scalar.BLOCK_FOLDED && value.trimEnd().includes("\n")) scalar.type = Scalar.BLOCK_LITERAL;
}

const NEEDS_ESCAPES = /['\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;

function verbatim(text: string, { commentBefore, comment, spaceBefore }: Node): Node {
	const scalar = new Scalar(new Verbatim(text));
	if (commentBefore) scalar.commentBefore = commentBefore;
	if (comment) scalar.comment = comment;
	if (spaceBefore === true) scalar.spaceBefore = true;
	return scalar;
}
