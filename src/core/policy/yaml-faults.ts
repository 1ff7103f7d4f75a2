/** What a policy file may not hold though YAML has it: each surprise with its place, and what to write instead. */
import { type Document, isAlias, isScalar, type Node, type Pair, type Scalar, visit } from "yaml";
import { type Place, type Problem, problem } from "../base/errors.ts";

type PlaceAt = (offset: number) => Place;

export const yamlFaults = (document: Document, placeAt: PlaceAt): Problem[] => [
	...grammarFaults(document, placeAt),
	...contentFaults(document, placeAt),
];

/** What the parser itself reports, warnings included. */
function grammarFaults(document: Document, placeAt: PlaceAt): Problem[] {
	const faults: Problem[] = [];
	/** One slip can be many faults of one line. */
	const told = new Set<string>();
	for (const fault of [...document.errors, ...document.warnings]) {
		const first = (fault.message.split("\n")[0] ?? "").trim();
		const words = Object.hasOwn(GRAMMAR_WORDS, fault.code) ? GRAMMAR_WORDS[fault.code] : undefined;
		const message = words?.message ?? `not acceptable YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
		// contentFaults reports every tag and every alias.
		if (fault.code === "TAG_RESOLVE_FAILED" || fault.code === "BAD_ALIAS") continue;
		const place = placeAt(fault.pos[0]);
		if (told.has(`${place.line} ${message}`)) continue;
		told.add(`${place.line} ${message}`);
		faults.push(problem("POLICY_YAML", message, words?.help ?? grammarHelp(first), place));
	}
	const { yaml } = document.directives ?? {};
	if (yaml?.explicit === true) {
		faults.push(
			problem("POLICY_YAML", "`%YAML` directives are not accepted", "remove the line: files are YAML 1.2", placeAt(0)),
		);
	}
	return faults;
}

function grammarHelp(message: string): string {
	if (/unexpected (?:scalar|token)|flow sequence items/i.test(message)) {
		return "put the whole text in single quotes, and write a single quote in it as two";
	}
	if (/nested mappings/i.test(message)) return "`: ` begins a value: put a text that holds it in single quotes";
	if (/cannot start with/i.test(message)) return "put the text in single quotes";
	return "correct the line: put a text with special characters in single quotes";
}

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
function contentFaults(document: Document, placeAt: PlaceAt): Problem[] {
	const faults: Problem[] = [];
	const add = (node: Node, message: string, help: string): void => {
		faults.push(problem("POLICY_YAML", message, help, placeAt(node.range?.[0] ?? 0)));
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
				);
			}
			// The composer sets `tag` only where the author wrote one.
			if (node.tag !== undefined)
				add(node, "tags are not accepted", "remove the tag; a text that begins with `!` needs quotes");
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
