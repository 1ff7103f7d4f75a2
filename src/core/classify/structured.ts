/** What a call says by its tool's name and by the names and short values of its arguments: verb, object, settings. */
import type { Json, JsonObject } from "../base/json.ts";
import { argumentName, isWords, memberKeys } from "./argument-names.ts";
import { readDocument } from "./document.ts";
import type { Fact } from "./fact.ts";
import type { FactList } from "./findings.ts";
import { readMessage } from "./message.ts";
import { namedCall } from "./named-call.ts";
import type { Programs } from "./programs.ts";
import { readRequest } from "./request.ts";
import { readSqlMembers } from "./sql/members.ts";
import type { Structure, StructuredCall } from "./structured-call.ts";
import { accessOf, compounds, IMPERATIVE, type ToolHint } from "./tool-hint.ts";
import { headsOf, singular, toolWords } from "./tool-words.ts";
import { hostClass } from "./url.ts";

export function structureOf(args: JsonObject, keys: readonly string[], hint: ToolHint): Structure {
	// An action that is looked for is not done: `audit_log.search {action: "delete"}`.
	if (hint.isLooking) return { actions: NO_WORDS, access: hint.access };
	let actions: string[] = [];
	let isTried = false;
	const isRunner = hint.isRunner || hint.languages.length > 0;
	// What is made, changed or taken away by another deed: `drop_procedure {procedure_name: "close_month"}`.
	const isAbout = hint.verbs[0] !== undefined && IMPERATIVE.has(hint.verbs[0]) && !CALLING.has(hint.verbs[0]);
	for (const key of keys) {
		const value = args[key];
		isTried ||= value === true && TRIED.has(argumentName(key).letters);
		if (typeof value !== "string" || value.length > VALUE_LENGTH_MAX) continue;
		const name = argumentName(key).letters;
		if (name === "state" && STANDS.has(value.toLowerCase())) continue;
		// What becomes of packets is what a rule says, not what is done to it: `{chain: "input", action: "drop"}`.
		if (name === "action" && VERDICTS.has(value.toLowerCase()) && keys.some(isOfPackets)) continue;
		const isAction =
			ACTION_KEYS.has(name) ||
			(name === "type" && IMPERATIVE.has(value.toLowerCase())) ||
			(name === "mode" && /^(?:delete|erase|remove|purge|wipe|destroy)$/i.test(value)) ||
			(ACTION_NAME.test(name) && !isAbout && isNamedDeed(value));
		if (isAction || (name === "command" && (!isRunner || /^[a-z]+_\w+$/i.test(value))))
			actions = [...actions, ...toolWords(value)];
	}
	if (isTried) return { actions, access: "read" };
	const own = actions.length > 0 ? accessOf(actions) : "unknown";
	return { actions, access: own === "unknown" ? hint.access : own };
}

const isOfPackets = (key: string): boolean => PACKETS.has(argumentName(key).letters);
const VERDICTS = new Set("drop accept reject deny allow block pass permit log".split(" "));
const PACKETS = new Set(
	"chain protocol proto srcaddress dstaddress srcport dstport port ports source sourceip cidr direction iprange".split(
		" ",
	),
);
/** Verbs that have what they name done. */
const CALLING = new Set(
	"call invoke run execute exec dispatch send submit trigger apply start request evaluate schedule approve post".split(
		" ",
	),
);

/** Settings with which a tool only says what it would do. */
const TRIED = new Set(["dryrun", "whatif", "simulate", "preview", "checkonly"]);

const ACTION_KEYS = new Set([
	"action",
	"operation",
	"op",
	"verb",
	"subcommand",
	"actiontype",
	"operationtype",
	"apioperation",
	"method",
	"state",
]);
/** Arguments that name what is called: `{operation_name: "delete_volume"}`. */
const ACTION_NAME =
	/^(?:(?:aws|azure|gcp|cloud|sdk|client|rest)?(?:api|action|operation|method|function|command|call|request|mutation|procedure|endpoint|event|step|tool|task)(?:name|id|type|key)?|call|rpc|mutation)$/;

/** One name of several words, of which one is sure to say what is done: `ec2:TerminateInstances`, `users.delete`. */
function isNamedDeed(value: string): boolean {
	if (!/^[A-Za-z][\w.:-]*$/.test(value)) return false;
	const words = toolWords(value);
	return words.length > 1 && words.some((word) => IMPERATIVE.has(word));
}

/** States that something is in, rather than what is done to it. */
const STANDS = new Set(["read", "unread", "done", "open", "opened", "closed", "all", "active"]);
const VALUE_LENGTH_MAX = 64;
const VALUES_MAX = 48;

export function readStructure(call: StructuredCall, programs: Programs, to: FactList): void {
	const { tool, args, hint, structure, isRead } = call;
	if (isRead && isPlainRun(call)) return;
	const settings = new Settings();
	settings.collect(args, 0);
	const isRunner = isRead && (hint.isRunner || hint.languages.length > 0);
	const verbs = isRunner ? NO_WORDS : hint.verbs;
	const verb = programs.verbAmong([...structure.actions, ...verbs]) ?? structure.actions[0] ?? verbs[0];
	const written = readRequest(call, programs, to);
	// What is called is a name of its own: `{operation: "CloseInstancePorts"}`.
	const called = structure.actions.length > 1 ? structure.actions : NO_WORDS;
	const named = called.length === 0 ? written : [...written, ...called, ...compounds(called)];
	const has: Fact["has"] = {
		words: named.length === 0 ? hint.words : [...hint.words, ...written, ...called],
		verb: verb === undefined ? NO_WORDS : [verb],
		action: structure.actions,
		object: isRunner ? settings.kinds : nounsOf(hint, settings, named),
		head: headsOf(called.length > 0 ? called : hint.words, verb),
		end: (called.length > 0 ? called : hint.words).slice(-1),
		arg: settings.names,
		value: settings.values,
		values: settings.pairs,
		reaches: settings.reaches,
	};
	to.add({ kind: "tool", pointer: "#tool", span: [0, tool.length], via: [], has });
	readDocument(call, to);
	if (verb !== undefined && SENDING.has(verb)) readMessage(call, to);
	readSqlMembers(args, to);
	readSteps(args, programs, to);
}

/** What it is about, by its name, by members that say so, and by the path that a request writes to. */
const nounsOf = (hint: ToolHint, { kinds }: Settings, written: readonly string[]): readonly string[] =>
	kinds.length + written.length === 0 ? hint.nouns : [...hint.nouns, ...kinds, ...written, ...written.map(singular)];

/** What each of several steps is called: `{operations: [{op: "delete_table", name: "users"}]}`. */
function readSteps(args: JsonObject, programs: Programs, to: FactList): void {
	for (const key of memberKeys(args)) {
		const steps = args[key];
		if (!Array.isArray(steps) || !STEP_KEYS.has(argumentName(key).letters)) continue;
		for (const [index, step] of (steps as readonly Json[]).slice(0, STEPS_MAX).entries()) {
			if (step === null || typeof step !== "object" || Array.isArray(step)) continue;
			const members = step as JsonObject;
			const named = memberKeys(members).find((each) => STEP_NAMES.has(argumentName(each).letters));
			const name = named === undefined ? undefined : members[named];
			if (typeof name !== "string" || name.length > VALUE_LENGTH_MAX || /\s/.test(name)) continue;
			const settings = new Settings();
			settings.collect(members, 2);
			const place = { pointer: `/${key}/${index}/${named}`, span: [0, name.length], via: [] } as const;
			to.add(namedCall(name, place, programs, new Map(settings.pairs.map(pairOf))));
		}
	}
}

const pairOf = (pair: string): [string, string] => [
	pair.slice(0, pair.indexOf("=")),
	pair.slice(pair.indexOf("=") + 1),
];
const STEP_KEYS = new Set(
	"operations ops actions steps calls requests tasks batch changes mutations toolcalls".split(" "),
);
const STEP_NAMES = new Set("op operation action tool toolname method function name type verb".split(" "));
const STEPS_MAX = 50;

/** Nothing is said beside the text that was read: what it does is all there is. */
function isPlainRun({ args, hint }: StructuredCall): boolean {
	if (!hint.isRunner && hint.languages.length === 0) return false;
	for (const key of memberKeys(args)) {
		const { letters, role } = argumentName(key);
		if (role !== "command" && role !== "code" && role !== "sql" && !isWords(role) && !PLAIN_KEYS.has(letters))
			return false;
	}
	return true;
}

const PLAIN_KEYS = new Set([
	"query",
	"cwd",
	"workdir",
	"workingdirectory",
	"timeout",
	"timeoutms",
	"language",
	"interpreter",
	"params",
	"parameters",
]);

/** Of verbs about messages, those that send one. */
const SENDING = new Set(
	"send post reply forward publish notify email mail message tweet share upload sms dm respond broadcast".split(" "),
);

const NO_WORDS: readonly string[] = [];

/** Short values, which are settings and names rather than contents. */
class Settings {
	readonly names: string[] = [];
	readonly values: string[] = [];
	readonly pairs: string[] = [];
	/** What the call is about, where a member says it: `{kind: "secret"}`. */
	readonly kinds: string[] = [];
	/** `address`: a host by its public number alone, as nobody's own services are named. */
	readonly reaches: string[] = [];

	collect(value: JsonObject | readonly Json[], depth: number, outer = ""): void {
		for (const key of memberKeys(value)) {
			if (this.pairs.length >= VALUES_MAX) return;
			const member = (value as JsonObject)[key] as Json;
			const name = Array.isArray(value) ? outer : argumentName(key).letters;
			if (!Array.isArray(value) && !this.names.includes(name)) this.names.push(name);
			if (member !== null && typeof member === "object") {
				if (depth < DEPTH_MAX)
					this.collect(member as JsonObject | readonly Json[], depth + (Array.isArray(member) ? 1 : 2), name);
			} else if (depth < DEPTH_MAX && typeof member === "string" && isJsonObject(member)) {
				this.#collectText(member, depth + 2, name);
			} else if (outer === "roleref") this.values.push(String(member).toLowerCase());
			else this.#add(name, String(member).toLowerCase(), key);
		}
	}

	/** A policy, a filter or a body that is given as JSON. */
	#collectText(text: string, depth: number, outer: string): void {
		try {
			this.collect(JSON.parse(text) as JsonObject, depth, outer);
		} catch {
			// No JSON: it was read as a text already.
		}
	}

	/** What a manifest of a cluster makes, and what it gives it. */
	#addManifest(text: string): void {
		for (const [, name = "", value = ""] of text.slice(0, JSON_MAX).matchAll(MANIFEST)) {
			if (this.pairs.length >= VALUES_MAX) return;
			this.pairs.push(`${name}=${value}`);
			this.values.push(value);
			if (name === "kind") this.kinds.push(...toolWords(value), value);
		}
	}

	#add(name: string, text: string, key: string): void {
		if (this.reaches.length === 0 && isPlace(name) && isPublicAddress(text)) this.reaches.push("address");
		if (text.length > VALUE_LENGTH_MAX && /^(?:apiversion|kind):|\nkind:/.test(text)) this.#addManifest(text);
		if (text.length > VALUE_LENGTH_MAX) return;
		// A name of one word is a setting's own: `{name: "LD_PRELOAD"}`.
		if (name === "name" && !/\s/.test(text)) this.pairs.push(`name=${text}`);
		if (isWords(argumentName(key).role) && name !== "tags") return;
		this.values.push(text);
		// A star of the rules' own is any text.
		this.pairs.push(`${name}=${text === "*" ? "<all>" : text}`);
		if (KIND_KEYS.has(name)) this.kinds.push(...toolWords(text).flatMap((word) => [word, singular(word)]));
	}
}

const isJsonObject = (text: string): boolean => text.length <= JSON_MAX && /^\s*\{[\s\S]*\}\s*$/.test(text);
const JSON_MAX = 4_000;
const MANIFEST =
	/^\s*(?:- )?(kind|name|privileged|hostpid|hostnetwork|hostipc|runasuser|path|replicas|type|allowprivilegeescalation):\s*["']?([^\s"']+)/gm;

/** The name of an argument that says where something goes. */
const isPlace = (name: string): boolean =>
	/^(?:to|sink|output|remote|server|sendto|dest|dst|target)/.test(name) ||
	/(?:url|uri|endpoint|host|destination|remote|server|target)$/.test(name);

/** A URL, `name@host` or host of digits that is of no private network. */
function isPublicAddress(text: string): boolean {
	const host = /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:[\w.-]+@)?(\d{1,3}(?:\.\d{1,3}){3})(?=$|[:/])/.exec(text)?.[1];
	return host !== undefined && hostClass(host) === "public";
}

const KIND_KEYS = new Set([
	"kind",
	"type",
	"resource",
	"resourcetype",
	"object",
	"entity",
	"service",
	"target",
	"scope",
	"model",
	"resourcekind",
	"objecttype",
	"entitytype",
]);
/** An object counts for two, a list for one. */
const DEPTH_MAX = 6;
