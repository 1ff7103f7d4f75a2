/**
 * Reads YAML as policies may use it, and remembers where everything stands.
 *
 * YAML 1.2 core schema without its surprises: no anchors, aliases, merge keys, tags, directives or second documents; no
 * duplicate or complex keys; no numbers that a double would round. Warnings are errors. Nothing here throws.
 */
import {
	type Document,
	isCollection,
	isMap,
	isPair,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	type Pair,
	parseDocument,
} from "yaml";
import { type Place, type Problem, problem } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { yamlFaults } from "./yaml-faults.ts";

/** Largest policy file, in bytes of UTF-8. */
const SOURCE_BYTES_MAX = 1_048_576;

/** Keys and indices from the document's root. */
export type YamlPath = readonly (string | number)[];

/** A document that was read: its plain data, and where each part of it stands. */
export interface YamlSource {
	readonly data: Json;
	/** Where the value at `path` begins; where it is missing, where its nearest parent does. */
	placeOf(path: YamlPath): Place;
	/** Where the key that ends `path` stands. */
	placeOfKey(path: YamlPath): Place;
	/** Where the code unit `offset` of the text at `path` stands; the text's beginning where it is not on one line. */
	placeInText(path: YamlPath, offset: number): Place;
	/** All texts in it, without keys, in the order of the file. */
	texts(): readonly WrittenText[];
	/** Is the text at `path` written as a block (`|` or `>`)? */
	isBlock(path: YamlPath): boolean;
	/** Is the list at `path` written as `[…]`, with its first entry plain? */
	isFlow(path: YamlPath): boolean;
	/** Is the text at `path` a plain scalar that a ` #` cut off? */
	isCutByComment(path: YamlPath): boolean;
}

/** A text of a document, as it is written. */
export interface WrittenText {
	readonly path: YamlPath;
	readonly value: string;
	readonly place: Place;
	readonly style: "plain" | "quoted" | "literal" | "folded";
	/** Without the line that begins a block. */
	readonly isOneLine: boolean;
	/** What follows it on its last line, from `#` on; null where no comment does. */
	readonly comment: string | null;
}

/** What a file is for, in words: its messages say so. */
export interface YamlKind {
	readonly noun: string;
	/** How such a file begins. */
	readonly begin: string;
}

const POLICY: YamlKind = { noun: "policy", begin: "begin with `apiVersion: assent.dev/v1` and `kind: Policy`" };

export function readYaml(file: string, text: string, kind: YamlKind = POLICY): Result<YamlSource, Problem[]> {
	const counter = new LineCounter();
	const placeAt = (offset: number): Place => {
		const { line, col } = counter.linePos(offset);
		return { file, line: Math.max(1, line), column: Math.max(1, col) };
	};
	const first: Place = { file, line: 1, column: 1 };
	if (text.length > SOURCE_BYTES_MAX || Buffer.byteLength(text) > SOURCE_BYTES_MAX) {
		return err([
			problem("POLICY_LIMITS", "the file is larger than 1 MiB", `split the ${kind.noun} in several files`, first),
		]);
	}
	const parsed = parse(text, counter);
	if (parsed === null) {
		return err([
			problem("POLICY_YAML", "the file is nested too deeply to be read", `a ${kind.noun} needs few levels`, first),
		]);
	}
	const exhausted = parsed.errors.find((fault) => fault.code === "RESOURCE_EXHAUSTION");
	if (exhausted !== undefined) {
		const place = placeAt(exhausted.pos[0]);
		return err([
			problem("POLICY_YAML", "the file is nested too deeply to be read", `a ${kind.noun} needs few levels`, place),
		]);
	}
	const faults = yamlFaults(parsed, text, placeAt);
	if (faults.length > 0) return err(faults);
	const data = plainData(parsed);
	if (data === undefined) {
		return err([
			problem("POLICY_YAML", "the document cannot be turned into plain data", "use maps, lists and scalars", first),
		]);
	}
	if (data === null) {
		return err([problem("POLICY_SCHEMA", `the file has no ${kind.noun}: it is empty`, kind.begin, first)]);
	}
	return ok(new LocatedDocument({ text, document: parsed, data, placeAt }));
}

function parse(text: string, counter: LineCounter): Document | null {
	try {
		return parseDocument(text, {
			version: "1.2",
			schema: "core",
			strict: true,
			// The parser compares each key with all before it; duplicateKeys looks once.
			uniqueKeys: false,
			stringKeys: true,
			merge: false,
			prettyErrors: false,
			lineCounter: counter,
		});
	} catch {
		return null;
	}
}

function plainData(document: Document): Json | undefined {
	try {
		return document.toJS({ maxAliasCount: 0 }) as Json;
	} catch {
		return undefined;
	}
}

const STYLES: Readonly<Record<string, WrittenText["style"] | undefined>> = {
	PLAIN: "plain",
	BLOCK_LITERAL: "literal",
	BLOCK_FOLDED: "folded",
};

class LocatedDocument implements YamlSource {
	readonly data: Json;
	readonly #text: string;
	readonly #document: Document;
	readonly #placeAt: (offset: number) => Place;

	constructor(parts: {
		readonly text: string;
		readonly document: Document;
		readonly data: Json;
		readonly placeAt: (offset: number) => Place;
	}) {
		const { text, document, data, placeAt } = parts;
		this.#text = text;
		this.#document = document;
		this.data = data;
		this.#placeAt = placeAt;
	}

	placeOf(path: YamlPath): Place {
		for (let length = path.length; length > 0; length--) {
			const node = this.#node(path.slice(0, length));
			if (node?.range) return this.#placeAt(node.range[0]);
		}
		return this.#placeAt(this.#document.contents?.range?.[0] ?? 0);
	}

	placeOfKey(path: YamlPath): Place {
		const parent = this.#node(path.slice(0, -1));
		if (isMap(parent)) {
			for (const pair of parent.items as readonly Pair[]) {
				if (!isPair(pair) || !isScalar(pair.key) || pair.key.value !== path.at(-1)) continue;
				if (pair.key.range) return this.#placeAt(pair.key.range[0]);
			}
		}
		return this.placeOf(path);
	}

	placeInText(path: YamlPath, offset: number): Place {
		const node = this.#node(path);
		if (!isScalar(node) || !node.range || typeof node.value !== "string") return this.placeOf(path);
		const [start, end] = node.range;
		const oneLine = this.#placeAt(start).line === this.#placeAt(end).line;
		if (!oneLine) return this.#placeAt(start);
		if (node.type === "PLAIN") return this.#placeAt(start + offset);
		if (node.type === "QUOTE_SINGLE") {
			const quotes = node.value.slice(0, offset).split("'").length - 1;
			return this.#placeAt(start + 1 + offset + quotes);
		}
		const isVerbatim = node.type === "QUOTE_DOUBLE" && end - start === node.value.length + 2;
		return this.#placeAt(isVerbatim ? start + 1 + offset : start);
	}

	texts(): readonly WrittenText[] {
		return this.#textsIn(this.#document.contents, []);
	}

	#textsIn(node: unknown, path: YamlPath): readonly WrittenText[] {
		if (isMap(node)) {
			return node.items.flatMap(({ key, value }) =>
				isScalar(key) ? this.#textsIn(value, [...path, String(key.value)]) : [],
			);
		}
		if (isSeq(node)) return node.items.flatMap((item, index) => this.#textsIn(item, [...path, index]));
		if (!isScalar(node) || typeof node.value !== "string" || !node.range) return [];
		const [start, end] = node.range;
		const style = STYLES[node.type ?? "PLAIN"] ?? "quoted";
		const [, comment = null] = /^[ \t]+(#[^\r\n]*)/.exec(this.#text.slice(end, end + 200)) ?? [];
		const lines = this.#text
			.slice(start, end)
			.split(/[\r\n]+/)
			.filter((line) => line.trim() !== "").length;
		const isOneLine = lines <= (style === "literal" || style === "folded" ? 2 : 1);
		return [{ path, value: node.value, place: this.#placeAt(start), style, isOneLine, comment }];
	}

	isBlock(path: YamlPath): boolean {
		const node = this.#node(path);
		return isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
	}

	isFlow(path: YamlPath): boolean {
		const node = this.#node(path);
		const [first] = isSeq(node) ? node.items : [];
		return isSeq(node) && node.flow === true && isScalar(first) && first.type === "PLAIN";
	}

	isCutByComment(path: YamlPath): boolean {
		const node = this.#node(path);
		return isScalar(node) && node.type === "PLAIN" && typeof node.comment === "string";
	}

	#node(path: YamlPath): Node | null {
		if (path.length === 0) return this.#document.contents;
		const node = this.#document.getIn(path, true);
		return isScalar(node) || isCollection(node) ? (node as Node) : null;
	}
}
