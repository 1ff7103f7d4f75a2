/** Operations of document stores, caches and search engines: `{operation: "deleteMany", filter: {}}`, `FLUSHALL`. */

import type { Json, JsonObject } from "../base/json.ts";
import { argumentName, memberKeys } from "./argument-names.ts";
import type { FactList } from "./findings.ts";
import type { StructuredCall } from "./structured-call.ts";
import { table } from "./table.ts";

const STORES = table<string>({
	mongo: "mongo",
	mongodb: "mongo",
	mongosh: "mongo",
	collection: "mongo",
	redis: "redis",
	valkey: "redis",
	memcached: "memcached",
	memcache: "memcached",
	cache: "redis",
	elasticsearch: "elasticsearch",
	elastic: "elasticsearch",
	es: "elasticsearch",
	opensearch: "elasticsearch",
	dynamodb: "dynamodb",
	dynamo: "dynamodb",
	firestore: "firestore",
	couchdb: "couchdb",
	cassandra: "cassandra",
	neo4j: "neo4j",
	etcd: "etcd",
	consul: "consul",
	qdrant: "vector",
	pinecone: "vector",
	chroma: "vector",
	milvus: "vector",
	vector: "vector",
});

const OPERATION_KEYS = new Set(
	"operation op action command method cmd query script code statement expression js".split(" "),
);
const SEARCHING = new Set(["search", "find", "lookup", "retrieve", "similarity", "recall"]);
const FILTER_KEYS = new Set(["filter", "query", "where", "selector", "match", "condition", "ids", "id", "key", "keys"]);

export function readDocument({ tool, args, hint }: StructuredCall, to: FactList): void {
	const keys = memberKeys(args);
	const named = [...hint.words, ...keys.map((key) => argumentName(key).letters)].find(
		(word) => STORES[word] !== undefined,
	);
	if (named === undefined) return;
	// What is searched for is words.
	const isSearch = hint.words.some((word) => SEARCHING.has(word));
	let operation: string[] = [];
	let filter = "none";
	for (const key of keys) {
		const letters = argumentName(key).letters;
		const value = args[key] as Json;
		if (letters === "query" && isSearch) continue;
		const command =
			OPERATION_KEYS.has(letters) && operation.length === 0 ? commandOf(value, STORES[named] as string) : "";
		if (command !== "") {
			operation = operationsOf(command);
			filter = filterOf(command) ?? filter;
		} else if (LIST_KEYS.has(letters) && Array.isArray(value)) operation.push(...listed(value as readonly Json[]));
		else if (letters === "args" && Array.isArray(value) && operation.length > 0)
			operation = operationsOf(`${operation[0]} ${value.slice(0, 1).join("")}`);
		else if (FILTER_KEYS.has(letters)) filter = isEmpty(value) ? "empty" : "some";
	}
	if (operation.length === 0) operation = [hint.words.filter((word) => STORES[word] === undefined).join("")];
	const has = { operation, filter: [filter], store: [STORES[named] as string] };
	to.add({ kind: "document", pointer: "#tool", span: [0, tool.length], via: [], has });
}

/** A text, its words in a list, or a document whose first member names it, as MongoDB is told: `{dropDatabase: 1}`. */
function commandOf(value: Json, store: string): string {
	if (typeof value === "string") return value;
	if (Array.isArray(value)) return value.every((one) => typeof one === "string") ? value.join(" ") : "";
	return store === "mongo" && value !== null && typeof value === "object" ? (Object.keys(value)[0] ?? "") : "";
}

const LIST_KEYS = new Set(["commands", "pipeline", "operations", "batch"]);
const LISTED_MAX = 50;

/** Several at once: `[["SET", "a", "1"], ["FLUSHALL"]]`, `["GET a", "DEL a"]`. */
const listed = (items: readonly Json[]): readonly string[] =>
	items.slice(0, LISTED_MAX).flatMap((item) => {
		if (typeof item === "string") return operationsOf(item);
		return Array.isArray(item)
			? operationsOf((item as readonly Json[]).filter((one) => typeof one === "string").join(" "))
			: [];
	});

/** Which documents a call of a shell is about: `deleteMany({})`, `updateOne({_id: 4}, …)`; undefined where it says nothing of them. */
function filterOf(text: string): "empty" | "keyed" | "some" | undefined {
	const given = /\.(?:delete|remove|update|replace|find)\w*\s*\(\s*(\)|\{\s*\}|\{\s*['"]?_id['"]?\s*:\s*(?!\{))?/.exec(
		text,
	);
	if (given === null) return undefined;
	return given[1] === undefined ? "some" : given[1].includes("_id") ? "keyed" : "empty";
}

/** `deleteMany`, `FLUSHALL async`, `CONFIG SET dir`, `db.users.drop()`, `db.adminCommand({shutdown: 1})`. */
function operationsOf(text: string): string[] {
	const [first = "", second = "", third = ""] = text
		.trim()
		.toLowerCase()
		.split(/[\s(]+/);
	const found = [first.replace(/[^a-z]/g, "")];
	if (/^[a-z]+$/.test(second)) found.push(`${first} ${second}`);
	if (/^[a-z]+$/.test(third)) found.push(`${first} ${second} ${third}`);
	for (const [, called = "", told] of text.slice(0, 4_000).matchAll(CALLED)) found.push((told ?? called).toLowerCase());
	if (/\{\s*['"]?\w*(?:password|secret|token|hash)\w*['"]?\s*:\s*1\b/i.test(text)) found.push("credentials");
	if (/\$(?:where|function|accumulator)\b/.test(text)) found.push("wherejs");
	return found;
}

/** A call; of a command that is told to the server its name: `adminCommand({shutdown: 1})`. */
const CALLED = /\.(\w+)\s*\((?:(?<=Command\s*\()\s*\{\s*['"]?(\w+))?/g;

/** A filter that leaves nothing out: `{}`, `*`, `{_id: {$exists: true}}`, `{match_all: {}}`. */
export const isEmpty = (value: Json): boolean =>
	value === null ||
	value === "" ||
	value === "*" ||
	value === "{}" ||
	(Array.isArray(value) ? value.length === 0 : typeof value === "object" && leavesNothingOut(value as JsonObject));

function leavesNothingOut(filter: JsonObject): boolean {
	for (const key in filter) if (key !== "match_all" && !isOfAny(filter[key] as Json)) return false;
	return true;
}

/** A condition that any document with the member meets. */
function isOfAny(condition: Json): boolean {
	if (condition === null || typeof condition !== "object" || Array.isArray(condition)) return false;
	const [only, ...others] = Object.entries(condition);
	if (only === undefined || others.length > 0) return false;
	const [operator, operand] = only;
	return (
		(operator === "$exists" && operand === true) ||
		(operator === "$ne" && (operand === null || operand === "")) ||
		(operator === "$regex" && /^\^?(?:\.\*)?\$?$/.test(String(operand)))
	);
}
