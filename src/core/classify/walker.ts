/**
 * Walks through one call: the tool's name, and every leaf and key of its arguments with its place, each read in the
 * languages that it may be in. Several where nobody can be sure; none where it is plainly words.
 */
import { isScalar } from "../arguments/vector.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { pointerOf } from "../base/json-pointer.ts";
import { type ArgumentRole, argumentName, firstKeys, isWords, memberKeys } from "./argument-names.ts";
import { looksLikeJson, looksLikePath, looksLikeShell, looksLikeSql } from "./detectors.ts";
import { commandInBase64 } from "./encoding.ts";
import type { Place } from "./fact.ts";
import type { FactList } from "./findings.ts";
import { readGraphQuery } from "./graph-query.ts";
import { innerCall, wrappedArguments } from "./inner-call.ts";
import { languagesOf } from "./languages.ts";
import { addPath } from "./path-reader.ts";
import { readPayloads } from "./payloads.ts";
import { programLine } from "./program-tool.ts";
import type { Programs } from "./programs.ts";
import { saidLanguage, spokenHint } from "./said-language.ts";
import { readSecrets } from "./secrets.ts";
import { isSentence } from "./sentence.ts";
import { readValue } from "./sql/injection.ts";
import { readStructure, structureOf } from "./structured.ts";
import type { Structure } from "./structured-call.ts";
import { type ToolHint, toolHint } from "./tool-hint.ts";
import { readOddities } from "./unicode.ts";
import { listLines, mapLines } from "./vectors.ts";
import { isEmptied, pathAmong, readWritten } from "./written-file.ts";

const LEAVES_MAX = 10_000;
const DEPTH_MAX = 64;
/** Words of one value rather than of a document: a name, a title. */
const VALUE_MAX = 200;
/** Of JSON texts in JSON texts. */
const NESTED_MAX = 3;

/** Puts what the call says into `to`. */
export function walkCall(
	{ tool, args }: { readonly tool: string; readonly args: JsonObject },
	programs: Programs,
	to: FactList,
): void {
	walkFrom({ tool, args, steps: [] }, programs, to);
}

function walkFrom(
	{ tool, args, steps }: { readonly tool: string; readonly args: JsonObject; readonly steps: readonly string[] },
	programs: Programs,
	to: FactList,
): void {
	const hint = toolHint(tool);
	const inner = steps.length < INNER_MAX ? innerCall(args, hint) : null;
	if (inner !== null) {
		walkFrom({ ...inner, steps: [...steps, inner.key] }, programs, to);
		return;
	}
	const wrapped = steps.length < INNER_MAX ? wrappedArguments(args) : null;
	if (wrapped !== null) {
		walkFrom({ tool, args: wrapped.args, steps: [...steps, wrapped.key] }, programs, to);
		return;
	}
	const keys = memberKeys(args);
	const spoken = spokenHint(hint, args, keys);
	const structure = structureOf(args, keys, spoken);
	const walk = new CallWalk(spoken, structure, programs, to, steps);
	walk.walk(args);
	readStructure({ tool, args, hint: spoken, structure, isRead: walk.isRead }, programs, to);
}

const SOURCE = /^(?:source|src|program)$/;
const FILTERS = new Set(
	"filter filters query match term terms where criteria selector match_phrase wildcard".split(" "),
);
const IS_STATEMENT = /[(;\n]/;

/** Of calls that only pass a call on. */
const INNER_MAX = 4;

class CallWalk {
	/** A text was read in a language that the tool runs: its name says no more then. */
	isRead = false;
	readonly #hint: ToolHint;
	readonly #structure: Structure;
	readonly #programs: Programs;
	readonly #to: FactList;
	readonly #steps: string[];
	/** Steps to the arguments themselves, of a call that another passes on. */
	readonly #outside: number;
	/** The text that is read is what a file is to hold. */
	#isFile = false;
	/** Where that is. */
	#path = "";
	#leaves = 0;
	#nested = 0;

	constructor(hint: ToolHint, structure: Structure, programs: Programs, to: FactList, steps: readonly string[]) {
		this.#steps = [...steps];
		this.#outside = steps.length;
		this.#hint = hint;
		this.#structure = structure;
		this.#programs = programs;
		this.#to = to;
	}

	walk(args: JsonObject): void {
		this.#readObject(args, "unknown");
	}

	#place(isKey: boolean, text: string): Place {
		return { pointer: `${isKey ? "#key" : ""}${this.#pointer()}`, span: [0, text.length], via: NO_STEPS };
	}

	#pointer(): string {
		const [only = ""] = this.#steps;
		return this.#steps.length === 1 ? argumentName(only).pointer : pointerOf(this.#steps);
	}

	#readValue(value: Json, role: ArgumentRole): void {
		if (typeof value === "string") this.#readText(value, role);
		else if (isScalar(value)) return;
		else if (this.#steps.length >= DEPTH_MAX) this.#to.opaque("too-deep", this.#place(false, ""));
		else if (Array.isArray(value)) this.#readList(value as readonly Json[], role);
		else this.#readObject(value as JsonObject, role);
	}

	#readObject(members: JsonObject, outer: ArgumentRole): void {
		const keys = Object.keys(members);
		const together = firstKeys(keys);
		const isWhole = this.#steps.length === this.#outside;
		const { lines, used } =
			(isWhole ? programLine(members, this.#hint, this.#programs) : null) ?? mapLines(members, together, this.#hint);
		for (const line of lines) this.#readIn("shell", line, this.#place(false, line));
		if (keys.length > together.length) this.#to.opaque("too-many", this.#place(false, ""));
		const isWriting = this.#structure.access === "write" && !this.isRead;
		const written = isWriting ? pathAmong(members, together) : null;
		if (written !== null && isEmptied(members, together)) addPath(written, "empty", this.#place(false, ""), this.#to);
		for (const key of keys) {
			if (this.#isOver()) return;
			// The name of a language beside a text in it is no text of its own: `bash` starts no shell there.
			if (keys.length > 1 && saidLanguage(key, members[key]) !== null) continue;
			this.#steps.push(key);
			this.#readKey(key);
			const own = argumentName(key).role;
			// A list of headers, parameters or values is what the argument around it is.
			const role = own === "unknown" ? outer : own === "command" && this.#isSought() ? "query" : own;
			this.#isFile = role === "words" && written !== null;
			this.#path = written ?? "";
			if (!used.has(key)) this.#readValue(members[key] as Json, role);
			this.#steps.pop();
		}
	}

	#readList(items: readonly Json[], role: ArgumentRole): void {
		const { lines } = listLines(items, this.#hint, { role, name: this.#steps.at(-1) ?? "", programs: this.#programs });
		for (const line of lines) this.#readIn("shell", line, this.#place(false, line));
		if (lines.length > 0) return;
		for (let index = 0; index < items.length; index++) {
			if (this.#isOver()) return;
			this.#steps.push(String(index));
			this.#readValue(items[index] as Json, role);
			this.#steps.pop();
		}
	}

	/** What is looked for among what was run is not run: `{query: {match: {cmd: "…"}}}`. */
	#isSought(): boolean {
		const { access, isRunner, languages } = this.#hint;
		if (access !== "read" || isRunner || languages.length > 0) return false;
		return this.#steps.slice(this.#outside, -1).some((step) => FILTERS.has(step));
	}

	#isOver(): boolean {
		return this.#leaves > LEAVES_MAX || this.#to.isFull;
	}

	/** Some tools take what is done as a key: `{"DROP TABLE users": 1}`. */
	#readKey(key: string): void {
		if (key.startsWith("$")) this.#readOperator(key);
		if (key.length < KEY_LENGTH_MIN || !key.includes(" ")) return;
		if (looksLikeSql(key)) this.#to.within("sql", key, this.#place(true, key));
		else if (looksLikeShell(key, this.#programs)) this.#to.within("shell", key, this.#place(true, key));
	}

	/** An operator of a document store that runs code, or that stands where a name or a password would. */
	#readOperator(key: string): void {
		const isCode = /^\$(?:where|function|accumulator)$/.test(key);
		const isInstead =
			/^\$(?:ne|gt|gte|regex|exists|nin|in|not)$/.test(key) &&
			/^(?:user|username|login|email|password|pass|passwd|pwd|token|pin|secret|code|otp)$/i.test(
				this.#steps.at(-2) ?? "",
			);
		if (!isCode && !isInstead) return;
		const layer = [isCode ? "operator-of-code" : "operator-injected"];
		this.#to.add({ kind: "encoding", ...this.#place(true, key), has: { layer } });
	}

	#readText(text: string, named: ArgumentRole): void {
		if (text === "") return;
		const role = this.#hint.access === "execute" && this.#isProgram(text) ? "code" : named;
		this.#leaves += 1;
		if (this.#leaves > LEAVES_MAX) {
			this.#to.opaque("too-many", this.#place(false, text));
			return;
		}
		const place = this.#place(false, text);
		readOddities(text, place, this.#to);
		if (this.#isFile) readWritten(this.#path, text, place, this.#to);
		const plain = this.#hint.isRunner && role !== "path" ? commandInBase64(text) : null;
		if (plain !== null) this.#readIn("shell", plain, { ...place, via: ["base64"] });
		const isJson = role !== "code" && !this.#isFile && this.#nested < NESTED_MAX && looksLikeJson(text);
		if (isJson && this.#readJson(text, role)) return;
		for (const language of languagesOf(text, role, this.#hint, this.#programs)) {
			if (language === "path") this.#readPath(text, place);
			else this.#readIn(language, text, place);
		}
		const isValue = role === "unknown" || this.#isValue(text, role);
		const isAsked = this.#hint.takesWords || (role === "query" && this.#hint.access === "read");
		const isNamed = NAMING.has(argumentName(this.#steps.at(-1) ?? "").letters) || this.#isValue(text, role);
		if ((!isAsked || isNamed) && role !== "command" && role !== "code" && !this.#isSaid(text, role))
			readPayloads(text, place, this.#to);
		const isGraph = !this.#hint.languages.includes("sql") || /cypher|graph/.test(this.#steps.at(-1) ?? "");
		if (isGraph && (role === "query" || role === "unknown" || role === "sql"))
			readGraphQuery(text, place, this.#programs, this.#to);
		// The contents of files stand under their names: `{files: {"a.txt": "…"}}`.
		if (isWords(role) || role === "unknown" || (role === "path" && /[\s=]/.test(text)))
			readSecrets(text, place, this.#hint.isSending, this.#to);
		const isRead = this.#hint.examines || this.#hint.isRunner || this.#hint.languages.length > 0;
		if (isValue && !isRead && !this.#isSaid(text, role)) readValue(text, place, this.#to);
	}

	/** A sentence about it, where sentences belong. */
	#isSaid(text: string, role: ArgumentRole): boolean {
		const { takesWords, isLooking } = this.#hint;
		return (takesWords || isLooking || this.#isFile || isWords(role)) && isSentence(text);
	}

	/** What stands for one value, under a name that often holds words: a name, or what is looked for among records. */
	#isValue(text: string, role: ArgumentRole): boolean {
		const { letters } = argumentName(this.#steps.at(-1) ?? "");
		const { takesWords, words } = this.#hint;
		if (takesWords || role === "query")
			return (role === "query" || SOUGHT.has(letters)) && words.some((word) => RECORDS.has(word));
		if (role === "action") return true;
		if (role === "path") return !looksLikePath(text);
		return isWords(role) && !TOLD.has(letters) && (text.length <= VALUE_MAX || NAMED.has(letters));
	}

	/** What is run, under a name that often holds a path: `{language: "lua", source: "…"}`. */
	#isProgram(text: string): boolean {
		return IS_STATEMENT.test(text) && SOURCE.test(argumentName(this.#steps.at(-1) ?? "").letters);
	}

	/** In a copy or a move the one path is read and the other is written. */
	#readPath(text: string, place: Place): void {
		const name = argumentName(this.#steps.at(-1) ?? "").letters;
		if ((BARE.test(name) && !looksLikePath(text)) || IN_DOCUMENT.test(text)) return;
		const { access } = this.#structure;
		const isTarget = /^(?:dest|dst|to$|target)/.test(name);
		const isSource = /^(?:source|src|from)/.test(name);
		const own = access !== "write" && access !== "send" ? access : isTarget ? "write" : isSource ? "read" : access;
		addPath(text, own, place, this.#to);
	}

	#readIn(language: Parameters<FactList["within"]>[0], text: string, place: Place): void {
		if (language !== "url" && language !== "path" && language !== "prose") this.isRead = true;
		this.#to.within(language, text, place);
	}

	#readJson(text: string, role: ArgumentRole): boolean {
		let value: Json;
		try {
			value = JSON.parse(text) as Json;
		} catch {
			return false;
		}
		this.#nested += 1;
		this.#readValue(value, role);
		this.#nested -= 1;
		return true;
	}
}

const NO_STEPS: readonly string[] = [];
const KEY_LENGTH_MIN = 6;

/** Arguments that speak to somebody: nothing puts them into a statement. */
const TOLD = new Set(
	"prompt question instructions reason notes description summary answer feedback review pattern regex".split(" "),
);

/** Arguments that name somebody: nobody is called after a template. */
const NAMING = new Set(
	"username user login uid email customer customername firstname lastname fullname nickname displayname company phone address city".split(
		" ",
	),
);

/** Arguments that name something, however long a name they are given. */
const NAMED = new Set("name label displayname search searchterm term tags".split(" "));
const SOUGHT = new Set("search searchquery searchterm term keywords name text title author artist".split(" "));
/** What is kept in tables, and looked for by a value that is put into a statement. */
const RECORDS = new Set(
	"product products user users customer customers order orders item items account accounts employee employees member members book books hotel hotels flight flights patient patients student students record records listing listings inventory movie movies invoice invoices".split(
		" ",
	),
);

/** A place within a document: `$.items[0].name`. */
const IN_DOCUMENT = /^\$(?:$|\.[\w.[\]*]*$|\[)/;

/** Names of arguments that are paths only where they look like one. */
const BARE = /^(?:to|from|key|location|root|target|\d*)$/;
