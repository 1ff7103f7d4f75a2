/** Statements that a call gives in parts: `{sql_keyword: "DELETE", table_name: "orders", conditions: []}`. */
import { lettersOfKey } from "../../arguments/key-spelling.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Findings } from "../fact.ts";
import { readSql } from "./reader.ts";

const VERB_KEYS = [
	"sqlkeyword",
	"keyword",
	"sqlverb",
	"sqloperation",
	"statementtype",
	"querytype",
	"sqlcommand",
	"sqltype",
];
const TABLE_KEYS = ["tablename", "table", "tables", "tablenames", "fromtable", "entity", "relation"];
const COLUMN_KEYS = ["columns", "column", "fields", "select", "columnnames"];
const CONDITION_KEYS = ["conditions", "condition", "where", "whereclause", "filter", "filters"];
const VERBS = /^(?:select|insert|update|delete|create|drop|truncate|alter|merge|replace)$/iu;

/** Nothing where no member says which statement it is, or on which table. */
export function readSqlMembers(args: JsonObject, to: Findings): void {
	const byLetters = new Map(Object.keys(args).map((key) => [lettersOfKey(key), key]));
	const member = (names: readonly string[]): Json | undefined => {
		const key = names.map((name) => byLetters.get(name)).find((found) => found !== undefined);
		return key === undefined ? undefined : args[key];
	};
	const verb = member(VERB_KEYS);
	const table = texts(member(TABLE_KEYS)).join(", ");
	if (typeof verb !== "string" || !VERBS.test(verb.trim()) || table === "") return;
	const text = statement(verb.trim().toLowerCase(), table, texts(member(COLUMN_KEYS)), texts(member(CONDITION_KEYS)));
	readSql(text, { pointer: "", span: [0, 0], via: [] }, to);
}

function statement(verb: string, table: string, columns: readonly string[], conditions: readonly string[]): string {
	const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
	switch (verb) {
		case "select":
			return `SELECT ${columns.length === 0 ? "*" : columns.join(", ")} FROM ${table}${where}`;
		case "update":
			return `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(", ")}${where}`;
		case "delete":
			return `DELETE FROM ${table}${where}`;
		case "insert":
		case "replace":
		case "merge":
			return `${verb} INTO ${table} VALUES (?)`;
		default:
			return `${verb} TABLE ${table}`;
	}
}

/** Texts of one value or of a list; `{column: value}` as a comparison. */
function texts(value: Json | undefined): string[] {
	if (value === undefined || value === null || value === "") return [];
	if (typeof value !== "object") return [String(value)];
	if (Array.isArray(value)) return (value as readonly Json[]).flatMap(texts).slice(0, 64);
	return Object.entries(value)
		.map(([key, item]) => `${key} = '${String(item).replaceAll("'", "''")}'`)
		.slice(0, 64);
}
