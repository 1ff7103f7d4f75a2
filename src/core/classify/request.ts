/** HTTP requests that a call makes by its members: method, host, path, body. */
import type { Json, JsonObject } from "../base/json.ts";
import { argumentName, memberKeys } from "./argument-names.ts";
import { looksLikeSql } from "./detectors.ts";
import type { Place } from "./fact.ts";
import type { FactList } from "./findings.ts";
import { namedCall, settingsOf } from "./named-call.ts";
import { readPayloads } from "./payloads.ts";
import { safeDecoded } from "./percent.ts";
import type { Programs } from "./programs.ts";
import { factOfRequest, isSearched, requestUrl } from "./request-fact.ts";
import { isPlural, operationFact, pathOf, stepsOf } from "./request-operation.ts";
import { readSecrets } from "./secrets.ts";
import { readValue } from "./sql/injection.ts";
import type { StructuredCall } from "./structured-call.ts";
import { IMPERATIVE } from "./tool-verbs.ts";
import { toolWords } from "./tool-words.ts";
import type { SeenUrl } from "./url.ts";

const URL_KEYS = ["url", "uri", "endpoint", "href", "address", "target", "baseurl", "link"];
/** Beside a method: the path on a host that the tool knows. */
const ROUTE_KEYS = ["path", "route", "resource", "requestpath"];
function routeKey(args: JsonObject, byLetters: ReadonlyMap<string, string>): string | undefined {
	if (!METHOD_KEYS.some((name) => byLetters.has(name))) return undefined;
	return ROUTE_KEYS.map((name) => byLetters.get(name)).find((key) => key !== undefined && /^\/\w/.test(`${args[key]}`));
}

const METHOD_KEYS = ["method", "httpmethod", "verb"];
const isKey = (key: string | undefined): key is string => key !== undefined;
const BODY_KEYS = [
	"body",
	"data",
	"json",
	"payload",
	"content",
	"form",
	"files",
	"file",
	"formdata",
	"rawbody",
	"upload",
];
const METHODS = /^(?:get|head|post|put|patch|delete|options|connect|trace|propfind|copy|move|mkcol|purge)$/i;
const CLIENTS = new Set(
	"http https request requests curl wget fetch api rest webhook httpx axios webpage browser browse navigate url web".split(
		" ",
	),
);

/** UTF-16 units from which on a body is large. */
const LARGE = 10_000;

/** What a call says by its short values, as the fact of a tool has it. */
interface Said {
	/** `name=value`. */
	readonly pairs: readonly string[];
	readonly on: readonly string[];
	readonly off: readonly string[];
}

/** Nothing where the call has no URL, or is no request. */
export function readRequest({ args, hint }: StructuredCall, said: Said, programs: Programs, to: FactList): void {
	const byLetters = new Map(memberKeys(args).map((key) => [argumentName(key).letters, key]));
	const method = methodOf(args, byLetters, hint.words);
	const urlKey = URL_KEYS.map((name) => byLetters.get(name)).find(isKey) ?? routeKey(args, byLetters);
	if (urlKey === undefined) return;
	const text = args[urlKey];
	if (typeof text !== "string" || (method === null && !hint.words.some((word) => CLIENTS.has(word)))) return;
	const seen = requestUrl(text);
	if (seen === null) return;
	const bodyKey = BODY_KEYS.map((name) => byLetters.get(name)).find((key) => key !== undefined);
	const body = bodyOf(bodyKey === undefined ? undefined : args[bodyKey], bodyKey ?? "");
	const place: Place = { pointer: `/${urlKey}`, span: [0, text.length], via: [] };
	const keys = bodyKey === undefined ? [] : keysOf(args[bodyKey]);
	to.add(factOfRequest(seen, { method: method ?? (body === "none" ? "get" : "post"), body, keys }, place));
	readLastPart(seen, place, to);
	if (seen.query !== "") readParameters(seen, { ...place, via: ["query"] }, programs, to);
	readTarget(args, place, programs, to);
	if (bodyKey !== undefined) readBody(args[bodyKey], seen, place, programs, to);
	if (method !== null) readOperation({ method, url: text }, said, place, programs, to);
}

/** What the method does to the things of the path, or what its last step says: `POST …/users/4/deactivate`, `POST …/chat.postMessage`. */
function readOperation(
	{ method, url }: { readonly method: string; readonly url: string },
	{ pairs, on, off }: Said,
	place: Place,
	programs: Programs,
	to: FactList,
): void {
	const settings = sentAlong(pairs);
	const steps = stepsOf(pathOf(url));
	const last = steps.at(-1) ?? "";
	const isCall = /^post$/i.test(method) || (/^(?:put|patch)$/i.test(method) && IMPERATIVE.has(last.toLowerCase()));
	const fact =
		isCall && !isPlural(last) && programs.verbAmong(toolWords(last)) !== undefined
			? namedCall(steps.slice(-3).toReversed().join(" "), { ...place, via: ["path"] }, programs, settings)
			: operationFact({ method, url }, place, settings);
	if (fact !== null) to.add({ ...fact, has: { ...fact.has, on, off } });
}

/** Without what makes the request itself. */
const sentAlong = (pairs: readonly string[]): ReadonlyMap<string, string> =>
	new Map([...settingsOf(pairs)].filter(([name]) => !METHOD_KEYS.includes(name) && !URL_KEYS.includes(name)));

/** A body as a form sends it, `Action=DeleteUser&UserName=x`, hands over what a query does; one for a procedure names it. */
function readBody(body: Json | undefined, seen: SeenUrl, place: Place, programs: Programs, to: FactList): void {
	const at = { ...place, via: ["body"] };
	if (typeof body === "string" && body.length <= FORM_MAX && FORM.test(body)) {
		readParameters({ ...seen, query: body }, at, programs, to);
		return;
	}
	const called = typeof body === "string" ? jsonMap(body) : body;
	if (called === null || typeof called !== "object" || Array.isArray(called)) return;
	const { jsonrpc, method } = called as JsonObject;
	if (jsonrpc !== undefined && typeof method === "string" && PROCEDURE.test(method))
		to.add(namedCall(method, at, programs));
}

const FORM = /^[\w.-]+=[^&\s]*(?:&[\w.-]+=[^&\s]*)*$/;
const PROCEDURE = /^[A-Za-z][\w./:-]{2,63}$/;
const FORM_MAX = 4_000;

/** The operation that a cloud takes in a header. */
function readTarget(args: JsonObject, place: Place, programs: Programs, to: FactList): void {
	const headers = args["headers"];
	if (headers === null || typeof headers !== "object" || Array.isArray(headers)) return;
	for (const [name, value] of Object.entries(headers as JsonObject).slice(0, PARAMETERS_MAX))
		if (/^(?:x-amz-target|soapaction|x-method|x-operation)$/i.test(name) && typeof value === "string")
			to.add(namedCall(value.slice(value.search(/[^./:#]*$/)), { ...place, via: ["header"] }, programs));
}

/** The last part of a path is a value where it is none of a file's letters. */
function readLastPart({ path }: SeenUrl, place: Place, to: FactList): void {
	if (!/%2[027]|'/.test(path)) return;
	const last = safeDecoded(path.slice(path.lastIndexOf("/") + 1));
	readValue(last, { ...place, via: ["path"] }, to);
}

/** What a URL hands over: statements, credentials, and the action of an API that takes it there. */
function readParameters({ query, path }: SeenUrl, place: Place, programs: Programs, to: FactList): void {
	const settings = new Map<string, string>();
	let action: string | null = null;
	for (const [key, value] of new URLSearchParams(query)) {
		if (settings.size >= PARAMETERS_MAX) break;
		const { letters } = argumentName(key);
		settings.set(letters, value.toLowerCase());
		if (ACTIONS.has(letters) && /^[A-Za-z][\w.-]{2,63}$/.test(value)) action = value;
		const isSearch = (WORDED.test(key) && !RUN_BY_PATH.test(path)) || (letters === "query" && /search|\bq=/.test(path));
		if (isSearched(key, value)) continue;
		if (!readValue(value, place, to) && looksLikeSql(value) && !isSearch) to.within("sql", value, place);
		readSecrets(value, place, true, to);
		readEncoded(value, place, to);
		readPayloads(value, place, to);
		if (COMMAND_BEHIND.test(value)) to.add({ kind: "encoding", ...place, has: { layer: ["command-injected"] } });
	}
	if (action !== null) to.add(namedCall(action, place, programs, settings));
}

/** What a shell would run behind the value that is asked for. */
const COMMAND_BEHIND =
	/(?:^|[\w.\s])(?:[;|&]{1,2}|`|\$\()\s*(?:id|whoami|cat|ls|dir|curl|wget|nc|ncat|bash|sh|uname|sleep|ping|nslookup|python\d?|perl|php|powershell|cmd|echo|rm|touch|ifconfig|netstat|ps|env|type)\b/i;

/** Credentials that are veiled. */
function readEncoded(value: string, place: Place, to: FactList): void {
	if (value.length < 24 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return;
	const text = Buffer.from(value, "base64").toString("utf8");
	if (!text.includes("\ufffd")) readSecrets(text, { ...place, via: [...place.via, "base64"] }, true, to);
}

/** Parameters whose values are words, also where these look like a statement; not `query`, which may be given one. */
const WORDED = /^(?:q|s|search|term|text|keywords?|title|name|message|topic)$/i;
const RUN_BY_PATH = /(?:^|\/)(?:_?sql|query|exec(?:ute)?|ksql|cypher)\b/;
const PARAMETERS_MAX = 32;
const ACTIONS = new Set(["action", "operation", "method", "cmd", "op", "do", "task"]);

function methodOf(args: JsonObject, byLetters: ReadonlyMap<string, string>, words: readonly string[]): string | null {
	const key = METHOD_KEYS.map((name) => byLetters.get(name)).find(isKey);
	const said = key === undefined ? undefined : args[key];
	if (typeof said === "string" && METHODS.test(said)) return said;
	return words.find((word) => METHODS.test(word) && word !== "move" && word !== "copy") ?? null;
}

function bodyOf(value: Json | undefined, key: string): string {
	if (value === undefined || value === null || value === "") return "none";
	const text = typeof value === "string" ? value : JSON.stringify(value);
	if (/^(?:files?|upload)$/i.test(key) && FILE_FROM_ELSEWHERE.test(text)) return "file";
	if (/^@|file:\/\//.test(text)) return "file";
	return text.length >= LARGE ? "large" : "some";
}

/** Not of the folder that one works in. */
const FILE_FROM_ELSEWHERE = /(?:^|")(?:~?\/[\w.]|[A-Za-z]:\\)/;

/** Names at the top of the body, as far as it is an object. */
function keysOf(given: Json | undefined): readonly string[] {
	const value = typeof given === "string" ? jsonMap(given) : given;
	if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) return [];
	return Object.keys(value)
		.slice(0, KEYS_MAX)
		.map((key) => argumentName(key).letters);
}

/** A body that is given as the text of one. */
function jsonMap(text: string): Json {
	if (text.length > FORM_MAX || !/^\s*\{[\s\S]*\}\s*$/.test(text)) return null;
	try {
		return JSON.parse(text) as Json;
	} catch {
		return null;
	}
}

const KEYS_MAX = 32;
