/** What a policy file may not hold though YAML has it: each surprise with its place, and what to write instead. */
import { type Document, isAlias, isCollection, isScalar, type Node, type Pair, type Scalar, visit } from "yaml";
import { type Place, type Problem, problem } from "../base/errors.ts";

type PlaceAt = (offset: number) => Place;

/** `text` is what the document was read from. */
export function yamlFaults(document: Document, text: string, placeAt: PlaceAt): Problem[] {
	const isWorded = ({ code }: { readonly code: string }): boolean => Object.hasOwn(GRAMMAR_WORDS, code);
	// What is behind a broken structure is read wrongly: its first fault is the cause of the others.
	const [structure] = document.errors
		.filter((fault) => !isWorded(fault) && !TOLD_BELOW.has(fault.code))
		.sort((a, b) => a.pos[0] - b.pos[0]);
	const others = [
		...document.errors.filter(isWorded),
		...document.warnings.filter(({ code }) => !TOLD_BELOW.has(code)),
	].filter(({ code, pos }) => structure === undefined || (code !== "NON_STRING_KEY" && pos[0] <= structure.pos[0]));
	return [
		...grammarFaults(others, placeAt),
		...(structure === undefined ? [] : grammarFaults([opened(structure, document, text)], placeAt)),
		...directiveFaults(document, placeAt),
		...(structure === undefined ? contentFaults(document, text, placeAt) : []),
	];
}

/** What is never closed is told of where it begins, which the parser does only where the file ends. */
function opened(fault: Fault, document: Document, text: string): Fault {
	if (!/in block collection must|missing closing/i.test(fault.message)) return fault;
	let begin = fault.pos[0];
	visit(document, {
		Node(_, node) {
			if (!node.range || node.range[0] > fault.pos[0]) return;
			const [from, to] = node.range;
			const sign = text.charAt(from);
			const end = isCollection(node)
				? sign === "{"
					? "}"
					: sign === "["
						? "]"
						: null
				: /["']/.test(sign)
					? sign
					: null;
			const isClosed =
				to - from > 1 &&
				text
					.slice(from, to)
					.trimEnd()
					.endsWith(end ?? "");
			if (end !== null && !isClosed) begin = from;
		},
	});
	return { code: fault.code, message: fault.message, pos: [begin, begin] };
}

type Fault = Pick<Document["errors"][number], "code" | "message" | "pos">;

/** contentFaults reports every tag and every alias. */
const TOLD_BELOW: ReadonlySet<string> = new Set(["TAG_RESOLVE_FAILED", "BAD_ALIAS"]);

/** What the parser itself reports, warnings included. */
function grammarFaults(found: readonly Fault[], placeAt: PlaceAt): Problem[] {
	const faults: Problem[] = [];
	/** One slip can be many faults of one line. */
	const told = new Set<string>();
	for (const fault of found) {
		const first = (fault.message.split("\n")[0] ?? "").trim();
		const words = Object.hasOwn(GRAMMAR_WORDS, fault.code) ? GRAMMAR_WORDS[fault.code] : structureWords(first);
		const message = words?.message ?? `not acceptable YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
		const place = placeAt(fault.pos[0]);
		if (told.has(`${place.line} ${message}`)) continue;
		told.add(`${place.line} ${message}`);
		const help = words?.help ?? "correct the line: put a text with special characters in single quotes";
		faults.push(problem("POLICY_YAML", message, help, place));
	}
	return faults;
}

function directiveFaults(document: Document, placeAt: PlaceAt): Problem[] {
	const { yaml } = document.directives ?? {};
	if (yaml?.explicit !== true) return [];
	const help = "remove the line: files are YAML 1.2";
	return [problem("POLICY_YAML", "`%YAML` directives are not accepted", help, placeAt(0))];
}

interface Words {
	readonly message: string;
	readonly help: string;
}

/** A broken structure in the words of those who write such files. */
const structureWords = (message: string): Words | undefined => STRUCTURES.find(([sign]) => sign.test(message))?.[1];

const QUOTED = "put the whole text in single quotes, and write a single quote in it as two";

const STRUCTURES: readonly (readonly [sign: RegExp, words: Words])[] = [
	[
		/flow map in block collection/i,
		{
			message: "this `{` is not closed",
			help: "close it with `}`, and indent its lines",
		},
	],
	[
		/flow sequence in block collection/i,
		{
			message: "this `[` is not closed",
			help: "close it with `]`, and indent its lines",
		},
	],
	[
		/missing closing/i,
		{
			message: "this quote is not closed",
			help: "write the second one; a quote in the text is written as two, or with a backslash before it",
		},
	],
	[
		/sequence item without - indicator|start at the same column|bad indentation|all sequence items/i,
		{
			message: "the line is not indented as the lines are that it belongs to",
			help: "indent the keys of one map alike, and the `-` of one list, with spaces",
		},
	],
	[
		/nested mappings|block collections are not allowed within flow/i,
		{
			message: "a second `: ` follows on one line, or a key has no value of its own",
			help: "put a text that holds `: ` in single quotes; write a space behind `-`, and indent the keys of one map alike",
		},
	],
	[
		/implicit keys need|implicit map keys need|missing implicit/i,
		{ message: "there is no key with `: ` behind it", help: "write `key: value`, with a space behind the colon" },
	],
	[
		/block-seq-ind/i,
		{ message: "a list cannot begin here", help: "put `- ` on a line of its own, or write the list as `[…]`" },
	],
	[
		/flow-map-end/i,
		{ message: "`}` closes nothing", help: "remove it, or put the text that it belongs to in single quotes" },
	],
	[
		/flow-seq-end/i,
		{ message: "`]` closes nothing", help: "remove it, or put the text that it belongs to in single quotes" },
	],
	[
		/unexpected , in flow/i,
		{ message: "nothing is before this comma", help: "remove the comma, or write what is missing" },
	],
	[
		/unexpected (?:scalar|flow-map-start|flow-seq-start)/i,
		{ message: "the value before this has ended", help: QUOTED },
	],
	[
		/cannot start with/i,
		{ message: "a text cannot begin with this character without quotes", help: "put the text in single quotes" },
	],
];

const GRAMMAR_WORDS: Readonly<Record<string, { message: string; help: string } | undefined>> = {
	MULTIPLE_DOCS: { message: "a second document begins here", help: "put each in a file of its own" },
	TAB_AS_INDENT: { message: "a tab is used to indent", help: "indent with spaces" },
	BAD_DQ_ESCAPE: {
		message: "YAML reads backslashes in double quotes itself, and has no such escape",
		help: "put the text in single quotes: there a backslash is a backslash",
	},
	NON_STRING_KEY: { message: "a key is not a text", help: "put the key in quotes" },
};

/** What the grammar allows and a policy does not. */
function contentFaults(document: Document, text: string, placeAt: PlaceAt): Problem[] {
	const faults: Problem[] = [];
	const add = (node: Node, message: string, help: string, sign?: "&" | "!"): void => {
		const begin = node.range?.[0] ?? 0;
		// What begins with a sign is read as the value behind it.
		const offset = sign === undefined || text[begin] === sign ? begin : text.lastIndexOf(sign, begin);
		faults.push(problem("POLICY_YAML", message, help, placeAt(offset < 0 ? begin : offset)));
	};
	visit(document, {
		Map(_, map) {
			for (const place of duplicateKeys(map.items)) {
				const message = "this map has the same key twice";
				faults.push(problem("POLICY_DUPLICATE", message, "merge the two, or remove one", placeAt(place)));
			}
		},
		Node(key, node) {
			if (isAlias(node)) {
				const text = `*${node.source}`.replaceAll("'", "''");
				add(node, "a text that begins with `*` needs quotes", `write \`'${text}'\`; aliases are not accepted`);
				return;
			}
			if (node.anchor !== undefined) {
				add(
					node,
					"anchors are not accepted",
					"name what is used twice in `lists` or `macros`; a text that begins with `&` needs quotes",
					"&",
				);
			}
			// The composer sets `tag` only where the author wrote one.
			if (node.tag !== undefined)
				add(node, "tags are not accepted", "remove the tag; a text that begins with `!` needs quotes", "!");
			if (isScalar(node)) scalarFault(node, key === "key", add);
		},
	});
	return faults;
}

function duplicateKeys(pairs: readonly Pair[]): number[] {
	const seen = new Set<unknown>();
	return pairs.flatMap(({ key }) => {
		if (!isScalar(key)) return [];
		const isNew = !seen.has(key.value);
		seen.add(key.value);
		return isNew ? [] : [key.range?.[0] ?? 0];
	});
}

function scalarFault(node: Scalar, isKey: boolean, add: (node: Node, message: string, help: string) => void): void {
	const { value } = node;
	if (typeof value === "number" && !Number.isFinite(value))
		add(node, "this is not a number", "write a number; an unlimited amount needs no rule");
	else if (typeof value === "number" && OTHER_BASE.test(node.source ?? ""))
		add(
			node,
			`\`${(node.source ?? "").slice(0, 40)}\` is another number for other readers of YAML`,
			`write it in decimal digits, without a zero before them: \`${value}\`, if that is what you mean; put a text in single quotes`,
		);
	else if (typeof value === "number" && Number.isInteger(value) && !isExact(value, node.source)) {
		add(
			node,
			`\`${(node.source ?? "").slice(0, 40)}\` is too large to be kept exactly`,
			`use at most ${Number.MAX_SAFE_INTEGER}`,
		);
	} else if (typeof value === "string" && !value.isWellFormed()) {
		add(node, "the text holds half a surrogate pair", "write the character itself");
	} else if (isKey && value === "__proto__") add(node, "`__proto__` is not accepted as a key", "remove it");
	else if (isKey && value === "<<") add(node, "merge keys are not accepted", "write the entries out");
}

/** `010` is ten here and eight elsewhere; `0x10` and `0o10` look like what they are to few. */
const OTHER_BASE = /^[-+]?0[\dxo]/i;

const isExact = (value: number, source: string | undefined): boolean =>
	Number.isSafeInteger(value) &&
	(source === undefined || !/^[-+]?\d+$/.test(source) || BigInt(source.replace(/^\+/, "")) === BigInt(value));
