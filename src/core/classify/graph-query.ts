/** Queries of graphs: what a GraphQL mutation is named after, and what a statement of a graph store does. */
import { lettersOfKey } from "../arguments/key-spelling.ts";
import type { Findings, Place } from "./fact.ts";
import { graphStatement } from "./graph-statement.ts";
import { namedCall } from "./named-call.ts";
import { readPayloads } from "./payloads.ts";
import type { Programs } from "./programs.ts";
import { readValue } from "./sql/injection.ts";
import { isCredential } from "./sql/secrets.ts";

const MUTATION = /^\s*(?:#[^\n]*\n\s*)*mutation\b[^{]{0,2000}\{/;
/** Each field that a mutation calls is what a tool of that name would be. */
export function readGraphQuery(text: string, { pointer, via }: Place, programs: Programs, to: Findings): void {
	if (text.length > LENGTH_MAX) return;
	const head = MUTATION.exec(text)?.[0];
	if (head !== undefined) {
		const place = { pointer, span: [0, text.length], via: [...via, "graphql"] } as const;
		for (const [field, settings] of fieldsOf(text.slice(head.length)))
			to.add(namedCall(field, place, programs, settings));
		return;
	}
	if (QUERY.test(text)) readAsked(text, { pointer, span: [0, text.length], via: [...via, "graphql"] }, to);
	const statement = graphStatement(text);
	if (statement === undefined) return;
	const { store, operation, filter } = statement;
	const has = { operation: [operation], filter: [filter], store: [store] };
	to.add({ kind: "document", pointer, span: [0, text.length], via, has });
	for (const [, from = ""] of text.matchAll(/\bload\s+csv\b[^'"]{0,40}['"]([^'"\n]{1,500})/gi))
		to.within(/^file:\/\/\/|^\//i.test(from) ? "path" : "url", from.replace(/^file:\/\//i, ""), {
			pointer,
			span: [0, text.length],
			via: [...via, "load csv"],
		});
}

const LENGTH_MAX = 20_000;

const QUERY = /^\s*(?:query\b[^{]{0,2000})?\{\s*\w/;
const TEXT = /"((?:[^"\\]|\\.){1,500})"/g;

/** What a query puts into the statements of others, and the secrets that it asks for: fields stand outside of brackets. */
function readAsked(text: string, place: Place, to: Findings): void {
	for (const [, quoted = ""] of text.matchAll(TEXT)) {
		const given = quoted.replace(/\\(.)/g, "$1");
		if (!readValue(given, place, to)) readPayloads(given, place, to);
	}
	const fields = text.replace(/\([^()]{0,2000}\)/g, " ");
	for (const [field] of fields.matchAll(/\b[a-z]\w*/g))
		if (isCredential(field.replace(/[A-Z]/g, "_$&").toLowerCase())) {
			to.add({ kind: "secret", ...place, has: { class: ["field"] } });
			return;
		}
}

/** Names at the first level of braces, with the values in lower case that stand in their arguments at any depth. */
function fieldsOf(body: string): readonly (readonly [name: string, settings: ReadonlyMap<string, string>])[] {
	const fields: (readonly [string, Map<string, string>])[] = [];
	let depth = 0;
	let name = "";
	for (const [token] of body.matchAll(TOKEN)) {
		if (token === "{" || token === "(") depth += 1;
		else if (token === "}" || token === ")") depth -= 1;
		else if (depth === 0 && token.endsWith(":")) continue;
		else if (depth === 0 && /^[A-Za-z_]/.test(token)) fields.push([token.replace(/^.*:\s*/, ""), new Map()]);
		else if (token.endsWith(":")) name = lettersOfKey(token.slice(0, -1).trim());
		else if (name !== "") {
			fields.at(-1)?.[1].set(name, token.replace(/^"|"$/g, "").toLowerCase());
			name = "";
		}
		if (depth < 0) break;
	}
	return fields.slice(0, FIELDS_MAX);
}

/** Braces, texts, `alias: name` and `name: value` outside and inside of arguments, plain values. */
const TOKEN =
	/[{}()]|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*\s*:(?!\s*[A-Za-z_]\w*\s*[({])|[A-Za-z_]\w*\s*:\s*[A-Za-z_]\w*|[\w.$-]+/g;
const FIELDS_MAX = 20;
