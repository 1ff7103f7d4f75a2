/** What to write in place of a value or a key that has the wrong form for its place. */
import type { Json } from "../base/json.ts";
import { nearest, suggest } from "../base/suggestion.ts";
import { readPattern } from "../match/pattern.ts";
import { foreign } from "./foreign-words.ts";
import { RULE_SECTIONS } from "./rule-sections.ts";
import { durationHelp } from "./written-amounts.ts";
import type { YamlPath } from "./yaml-source.ts";

/** Keys whose values are durations, in policies and in configurations. */
const DURATIONS: readonly unknown[] = [
	"per",
	"within",
	"expires",
	"lease",
	"deadline",
	"dedupe",
	"sessionTimeout",
	"heartbeat",
	"requestTimeout",
];

/** `session` of a layout is how long one is remembered; elsewhere it is a session's name. */
const isDuration = (path: YamlPath): boolean =>
	DURATIONS.includes(path.at(-1)) || (path[0] === "layout" && path[1] === "session");

const isMoment = (path: YamlPath): boolean => path[0] === "exceptions" && path.at(-1) === "expires";
const MOMENT_HELP = "write a day, a time and an offset from UTC, such as `expires: 2026-12-31T00:00:00Z`";

/** A day alone is taken as its first moment, a time without an offset as UTC. */
function momentHelp(text: string): string {
	const [, day, time = "00:00:00"] = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?))?$/.exec(text) ?? [];
	return day === undefined ? MOMENT_HELP : `write \`expires: ${day}T${time}Z\`, which is in UTC`;
}

const isAmount = (path: YamlPath): boolean => path.at(-1) === "max" || path.at(-1) === "reserve";

/** In sections that have tests. */
const hasTests = ([section]: YamlPath): boolean =>
	section === "conditions" || section === "exceptions" || section === "sequences";
const isRange = (path: YamlPath): boolean =>
	(hasTests(path) || path[0] === "macros") && ["number", "length", "count"].includes(String(path.at(-1)));
/** One test, or one of a list. */
const isTests = (path: YamlPath): boolean => {
	const isInList = typeof path.at(-1) === "number";
	if (path[0] === "macros") return path.length === (isInList ? 3 : 2);
	const part = path.at(isInList ? -2 : -1);
	return hasTests(path) && (part === "when" || part === "require");
};
/** A part of a sequence. */
const isCalls = (path: YamlPath): boolean =>
	path[0] === "sequences" && path.length === 3 && (path[2] === "after" || path[2] === "then");

/** What is expected at a place, in words. */
export function expectedAt(path: YamlPath, type: string): string {
	if (isMoment(path)) return "a time";
	if (isDuration(path)) return "a duration";
	if (isRange(path)) return "a number or a range";
	if (isTests(path)) return "a test";
	if (isCalls(path)) return "a map of calls";
	if (path.at(-2) === "oneOf" || (path[0] === "lists" && path.length === 3)) return "a text, a number or a boolean";
	if (type === "array" && PATTERNS.includes(String(path.at(-1)))) return "a text or a list of texts";
	return isAmount(path) ? "an amount" : (TYPES[type] ?? type);
}

const TYPES: Readonly<Record<string, string>> = {
	string: "a text",
	array: "a list",
	object: "a map",
	record: "a map",
	number: "a whole number",
	int: "a whole number",
	boolean: "true or false",
};

/** `instead` where nothing better is known; `begin` where the document as a whole is something else. */
export function typeHelp(
	path: YamlPath,
	of: { readonly type: string; readonly value: Json; readonly instead: string; readonly begin?: string | undefined },
): string {
	const { type, value } = of;
	const key = String(path.at(-1) ?? "");
	if (path.length === 0 && of.begin !== undefined) return of.begin;
	const isEntry = typeof path.at(-1) === "number";
	if (value === null) return `write a value, or remove the ${isEntry ? "entry" : "key"}`;
	const isScalar = typeof value !== "object";
	switch (expectedAt(path, type)) {
		case "a time":
			return MOMENT_HELP;
		case "a duration":
			return durationHelp(key, value);
		case "a number or a range":
			return isScalar
				? `write \`${key}: 100\` or \`${key}: '> 100'\``
				: `write one range, such as \`${key}: '>= 1, <= 100'\``;
		case "a test":
			return "write what it looks at and what it says of that: `{ in: args.NAME, number: '> 100' }`";
		case "a map of calls":
			return `say which calls: \`${key}: { tools: [${isScalar ? clip(value) : "…"}] }\``;
		case "a text, a number or a boolean":
			return `list single values, such as \`${path.at(-2) === "oneOf" ? "oneOf" : "NAME"}: [EUR, USD]\``;
		case "an amount":
			return isScalar ? `write a number, such as \`${key}: 100\`` : "write one value, not several";
		case "a text":
			if (key === "stage") return "write a share of the sessions, such as `stage: 10%`";
			return isScalar ? `put it in single quotes: \`'${clip(value)}'\`` : "write one value, not several";
		case "a list":
		case "a text or a list of texts":
			if (key === "except" && !isScalar) return "list the tools that are not meant; texts that pass go into `unless`";
			if (PATTERNS.includes(key))
				return "write a text or a list of texts; one that begins with `{` or `[` needs quotes";
			if ((key === "deny" || key === "hold") && /^(?:none|no|false|\[\])$/i.test(String(value))) return "remove it";
			if (key === "deny" && /^(?:all|true|\*)$/i.test(String(value))) return "to deny every tool write `allow: none`";
			if (!isScalar || LISTS_OF_MAPS.includes(key)) return "write a list of entries, each after `- `";
			return `write \`${isEntry ? "- " : `${key}: `}[${clip(value)}]\``;
		case "a map":
			if (path.at(-2) === "approvals") return `write \`${key}: { approvers: [${innerText(value)}] }\``;
			return Object.hasOwn(MAPS, key)
				? `write \`${MAPS[key]?.(innerText(value))}\``
				: "write keys with values, such as `name: …`";
		case "a whole number":
			return typeof value === "string" && /^\d+$/.test(value)
				? `write \`${isEntry ? "" : `${key}: `}${value}\`, without quotes`
				: `write a number without quotes${isEntry ? "" : `, such as \`${key}: 1\``}`;
		case "true or false":
			return `write \`${key}: true\` or \`${key}: false\`, without quotes`;
		default:
			return of.instead;
	}
}

/** An exemption for a text that stands alone: what looks like a glob or a path is no regex, in which `/tmp/*` is found in `/etc/tmp/x`. */
function exemption(value: string): string {
	const kind = /[*?]|^[/~]/.test(value) ? "glob" : "regex";
	const source = { kind, text: value, caseSensitive: false, style: "path" } as const;
	if (value.includes("'") || value.includes("…") || !readPattern(source).ok) return "unless: { regex: '…' }";
	return kind === "glob" ? `unless: { glob: '${value}', style: path }` : `unless: { regex: '${value}' }`;
}

/** Lists whose entries are maps. */
const LISTS_OF_MAPS: readonly string[] = [...RULE_SECTIONS, "exceptions", "obligations"];

/** Keys of patterns, which take a text or a list of texts. */
const PATTERNS: readonly string[] = ["regex", "substring", "glob", "path", "email"];

/** What stands in a list, or in place of one. */
function innerText(value: Json): string {
	const isList = Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === "string");
	if (isList) return clip(value.join(", "));
	return value !== null && typeof value === "object" ? "…" : clip(value);
}

const MAPS: Readonly<Record<string, ((value: string) => string) | undefined>> = {
	appliesTo: (value) => `appliesTo: { agents: [${value}] }`,
	approvals: (value) => `approvals: { default: { approvers: [${value}] } }`,
	intents: (value) => `intents: { categories: [${value}] }`,
	facts: (value) => `facts: { fact: ${value} }`,
	lists: (value) => `lists: { name: [${value}] }`,
	macros: () => "macros: { name: { in: args.NAME, number: '> 100' } }",
	tools: (value) => `tools: { allow: ${/^(?:all|none)$/.test(value) ? value : `[${value}]`} }`,
	unless: exemption,
	url: (value) => `url: { hosts: [${value.replace(/^\w+:\/\//, "").replace(/[/?#].*$/, "")}] }`,
	metadata: (value) => `metadata: { name: ${value} }`,
};

/** A text of a wrong form: a duration, or a name. */
export function formatHelp(path: YamlPath, value: unknown): string {
	const key = String(path.at(-1));
	if (isMoment(path)) return momentHelp(String(value));
	if (isDuration(path)) return durationHelp(key, value);
	if (key === "stage") return "write a share of the sessions, such as `stage: 10%`";
	const name = String(value)
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "")
		.slice(0, 63);
	if (typeof path.at(-1) === "number") return "correct the entry, or remove it";
	return `write \`${key}: ${name === "" ? "no-shell" : name}\`${name === "" ? ", for instance" : ""}`;
}

/** A value, or the length of one, beyond the bound that the message names. */
export interface Beyond {
	readonly isTooSmall: boolean;
	readonly bound: number;
	/** As zod calls what was measured. */
	readonly origin: string;
}

export function boundHelp(path: YamlPath, value: unknown, { isTooSmall, bound, origin }: Beyond): string {
	if (isAmount(path) && typeof value === "number" && value < 0) {
		return "0 forbids every call; an unlimited amount needs no rule: remove it";
	}
	const key = String(path.at(-1));
	const isElement = typeof path.at(-1) === "number";
	if (origin === "array") {
		if (!isTooSmall) return key === "tags" ? "keep those that somebody looks for" : `split it: ${bound} are taken here`;
		return isElement ? "write an entry, or remove it" : `write \`${key}: [${ENTRIES[key] ?? "…"}]\``;
	}
	if (origin === "string") return isTooSmall ? "write a text, or remove it" : "shorten it";
	return isElement ? `write \`${bound}\`` : `write \`${key}: ${bound}\``;
}

/** What a list begins with, as an example. */
const ENTRIES: Readonly<Record<string, string>> = {
	approvers: "alice@example.com",
	tools: '"payments.*"',
	brokers: '"127.0.0.1:9092"',
};

/** A value that is none of the words for its place. */
export function wordHelp(path: YamlPath, value: Json, known: readonly string[]): string {
	const key = String(path.at(-1));
	const text = typeof value === "object" ? "" : String(value);
	const meant = key === "default" || key === "effect" ? EFFECTS.find(({ words }) => words.test(text)) : undefined;
	if (meant !== undefined && known.includes(meant.effect)) return `write \`${key}: ${meant.effect}\``;
	if (
		known.includes("audit") &&
		/^(?:dry-?run|warn|warning|log|monitor|observe|report|shadow|off|disabled)$/i.test(text)
	) {
		return `write \`${key}: audit\`, which only records`;
	}
	const measure = known.includes("tool_calls") ? MEASURES.find(({ words }) => words.test(text))?.measure : undefined;
	if (measure !== undefined) return `write \`${key}: ${measure}\``;
	if (text === "") return `write ${known.length > 1 ? "one of " : ""}${known.map((each) => `\`${each}\``).join(", ")}`;
	if (known.length === 1 && nearest(text, known) === null) return `write \`${key}: ${known[0]}\``;
	if (known.includes("all") && known.includes("none")) {
		if (/^(?:\*|true|yes|on|any)$/i.test(text)) return `write \`${key}: all\``;
		if (/^(?:false|no|off)$/i.test(text)) return `write \`${key}: none\``;
		if (text !== "" && nearest(text, known) === null && !text.includes("'"))
			return `write \`all\`, \`none\` or a list: \`${key}: ['${clip(text)}']\``;
	}
	return suggest(String(value), known);
}

const MEASURES = [
	{ measure: "tool_calls", words: /^(?:calls?|requests?|invocations?|rate)$/i },
	{ measure: "execution_time", words: /^(?:time|duration|runtime)$/i },
	{ measure: "concurrent_calls", words: /^(?:concurrency|concurrent|parallel)$/i },
];

/** What other tools call it. */
const EFFECTS = [
	{ effect: "hold", words: /^(?:ask|approve|approval|confirm|prompt|review|escalate)$/i },
	{ effect: "deny", words: /^(?:block|reject|refuse|forbid|forbidden|disallow|denied|false|no|none)$/i },
	{ effect: "allow", words: /^(?:permit|accept|pass|allowed|true|yes|all)$/i },
];

export function unknownKeyHelp(key: string, known: readonly string[]): string {
	if (/^\d+$/.test(key))
		return "a comma ends the value before it: the decimal sign is a point, and digits are not grouped";
	return foreign(key, known)?.help ?? suggest(key, known);
}

/** At most 60 characters. */
export const clip = (value: unknown): string => {
	const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
	return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};
