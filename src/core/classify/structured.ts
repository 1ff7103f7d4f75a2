/** What a call says by its tool's name and by the names and short values of its arguments: verb, object, settings. */
import type { Json, JsonObject } from "../base/json.ts";
import { argumentName, isWords, memberKeys } from "./argument-names.ts";
import { readDocument } from "./document.ts";
import type { Fact } from "./fact.ts";
import type { FactList } from "./findings.ts";
import { readMessage } from "./message.ts";
import { namedCall, settingsOf } from "./named-call.ts";
import type { Programs } from "./programs.ts";
import { readRequest } from "./request.ts";
import { Settings, VALUE_LENGTH_MAX } from "./settings.ts";
import { readSqlMembers } from "./sql/members.ts";
import type { Structure, StructuredCall } from "./structured-call.ts";
import { accessOf, compounds, type ToolHint } from "./tool-hint.ts";
import { IMPERATIVE } from "./tool-verbs.ts";
import { headsOf, singular, toolWords } from "./tool-words.ts";

export function structureOf(args: JsonObject, keys: readonly string[], hint: ToolHint): Structure {
	// An action that is looked for is not done: `audit_log.search {action: "delete"}`.
	if (hint.isLooking) return { actions: NO_WORDS, access: hint.access };
	let actions: string[] = [];
	let isTried = false;
	const isRunner = hint.isRunner || hint.languages.length > 0;
	const isNamedPlainly = !isRunner && !hint.words.some((word) => IMPERATIVE.has(word));
	// What is made, changed or taken away by another deed: `drop_procedure {procedure_name: "close_month"}`.
	const isAbout = hint.verbs[0] !== undefined && IMPERATIVE.has(hint.verbs[0]) && !CALLING.has(hint.verbs[0]);
	for (const key of keys) {
		const value = args[key];
		if (value === true) isTried ||= TRIED.has(argumentName(key).letters);
		// The name of a setting may be what is done: `acl {grant: "eve"}`, `registry {read: true}`.
		if (isNamedPlainly && isDone(key, value)) actions = [...actions, argumentName(key).letters];
		if (typeof value !== "string" || value.length > VALUE_LENGTH_MAX) continue;
		const name = argumentName(key).letters;
		if (name === "state" && STANDS.has(value.toLowerCase())) continue;
		// What becomes of packets is what a rule says, not what is done to it: `{chain: "input", action: "drop"}`.
		if (name === "action" && VERDICTS.has(value.toLowerCase()) && keys.some(isOfPackets)) continue;
		const isOneWord = !value.includes(" ");
		const isAction =
			ACTION_KEYS.has(name) ||
			(name === "type" && IMPERATIVE.has(value.toLowerCase())) ||
			(name === "mode" && /^(?:delete|erase|remove|purge|wipe|destroy)$/i.test(value)) ||
			(isOneWord && !isAbout && ACTION_NAME.test(name) && isNamedDeed(value)) ||
			(isOneWord && name === "service" && value.includes(".") && isNamedDeed(value)) ||
			(isNamedPlainly && isDeed(value) && !isContent(key));
		if (
			isAction ||
			(name === "command" &&
				!(isAbout && hint.words.includes("command")) &&
				(!isRunner || (isOneWord && /^[a-z]+_\w+$/i.test(value))))
		)
			actions = [...actions, ...toolWords(value)];
	}
	if (isTried) return { actions, access: "read" };
	const own = actions.length > 0 ? accessOf(actions) : "unknown";
	// Of a path alone they are looked at: `file_permissions {path}`.
	const isAsked = hint.access === "mode" && keys.length === 1 && /^permissions?$/.test(hint.words.at(-1) ?? "");
	return { actions, access: own !== "unknown" ? own : isAsked ? "read" : hint.access };
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
	/^(?:(?:aws|azure|gcp|cloud|sdk|client|rest)?(?:api|action|operation|method|function|command|call|request|mutation|procedure|endpoint|event|step|tool|task|statement|change)(?:name|id|type|key)?|call|rpc|mutation)$/;

/** One name of several words, of which one is sure to say what is done: `ec2:TerminateInstances`, `users.delete`. */
function isNamedDeed(value: string): boolean {
	if (!/^[A-Za-z][\w.:-]*$/.test(value)) return false;
	const words = toolWords(value);
	return words.length > 1 && words.some((word) => IMPERATIVE.has(word));
}

/** Of a tool that is named after a thing, one word that says what is done to it: `vm_lifecycle {transition: "destroy"}`. */
const isDeed = (value: string): boolean => /^[a-z]{3,16}$/i.test(value) && ENDING.has(value.toLowerCase());
function isDone(key: string, value: Json | undefined): boolean {
	const name = argumentName(key).letters;
	if (value === true) return ENDING.has(name) || LOOKS.has(name);
	return DONE_TO.has(name) && value !== false && value !== null && value !== undefined && value !== "";
}
const LOOKS = new Set("read show list query get describe status check info stats".split(" "));
const DONE_TO = new Set(
	"set add delete remove grant revoke enable disable kill purge insert wipe destroy terminate uninstall install allow deny block unblock ban mount unmount".split(
		" ",
	),
);
/** Deeds that are no names of other things. */
const ENDING = new Set(
	"delete destroy remove purge wipe erase drop truncate terminate kill disable stop restart reboot shutdown poweroff uninstall revoke disarm detach deprovision decommission format mask enable install grant overwrite dump rollback flush evict suspend resume rotate expunge reinitialize".split(
		" ",
	),
);
const isContent = (key: string): boolean => {
	const { role } = argumentName(key);
	return isWords(role) || role === "path" || role === "url" || role === "query";
};

/** States that something is in, rather than what is done to it. */
const STANDS = new Set(["read", "unread", "done", "open", "opened", "closed", "all", "active"]);

export function readStructure(call: StructuredCall, programs: Programs, to: FactList): void {
	const { tool, args, hint, structure, isRead } = call;
	if (isRead && isPlainRun(call)) return;
	const settings = new Settings();
	settings.collect(args, 0);
	const isRunner = isRead && (hint.isRunner || hint.languages.length > 0);
	const verbs = isRunner ? NO_WORDS : hint.verbs;
	const told = programs.verbAmong([...structure.actions, ...verbs]);
	const verb = told ?? impliedVerb(settings) ?? structure.actions[0] ?? verbs[0];
	readRequest(call, settings, programs, to);
	// What is called is a name of its own: `{operation: "CloseInstancePorts"}`.
	const called = structure.actions.length > 1 ? structure.actions : NO_WORDS;
	const named = called.length === 0 ? NO_WORDS : [...called, ...compounds(called)];
	const object = isRunner ? settings.kinds : nounsOf(hint, settings, named);
	const has: Fact["has"] = {
		words: called.length === 0 ? hint.words : [...hint.words, ...called],
		verb: verb === undefined ? NO_WORDS : isMaking(verbs[0]) && verbs[0] !== verb ? [verb, verbs[0]] : [verb],
		action: structure.actions,
		object,
		head: structure.actions.length > 0 ? object : headsOf(hint.words, verb),
		end: (called.length > 0 ? called : hint.words).slice(-1),
		arg: settings.names,
		value: settings.values,
		values: settings.pairs,
		reaches: settings.reaches,
		on: settings.on,
		off: settings.off,
	};
	to.add({ kind: "tool", pointer: "#tool", span: [0, tool.length], via: [], has });
	readDocument(call, to);
	if (verb !== undefined && SENDING.has(verb)) readMessage(call, to);
	readSqlMembers(args, to);
	readSteps(args, programs, to);
}

/** A name of a thing, and a value for one of its settings: `kernel.sysctl {key, value}`. */
const impliedVerb = ({ names }: Settings): string | undefined =>
	names.some((name) => SET_TO.test(name)) && names.some((name) => SET_WHAT.test(name)) ? "set" : undefined;
const SET_TO = /^(?:new)?value$|^contents?$|^(?:enabled?|disabled)$|^(?:rights|accesslevel|delegate|grantee|newowner)$/;
const SET_WHAT =
	/(?:key|name|path|setting|param|parameter|option|field|property|variable|flag|rule|policy|site|id|mailbox|user|member|principal|account|group|resource|bucket|repo)$/;

/** What is made may do something itself: `create_rule {action: "forward"}`. */
const isMaking = (verb: string | undefined): verb is string => verb === "create" || verb === "add";

/** What it is about, by its name, by members that say so, and by what it calls. */
const nounsOf = (hint: ToolHint, { kinds }: Settings, called: readonly string[]): readonly string[] =>
	kinds.length + called.length === 0 ? hint.nouns : [...hint.nouns, ...kinds, ...called, ...called.map(singular)];

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
			to.add(namedCall(name, place, programs, settingsOf(settings.pairs)));
		}
	}
}

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
