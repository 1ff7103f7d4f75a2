/** What is said of facts, by their kinds; docs/classifier.md has the same table. */
import type { FactKind } from "./fact.ts";
import { ACCESSES, PATH_CLASSES } from "./path.ts";
import { VERBS } from "./sql/statements.ts";
import { HOST_CLASSES } from "./url.ts";

export const FACT_ATTRIBUTES: Readonly<Record<FactKind, readonly string[]>> = {
	command: [
		"program",
		"path",
		"flags",
		"values",
		"words",
		"sub",
		"input",
		"source",
		"sources",
		"from",
		"to",
		"env",
		"os",
		"redirected",
		"shape",
		"fetched",
		"spawns",
		"substitutes",
		"mentions",
		"mode",
		"runs",
		"saves",
		"background",
		"sends",
		"dynamic",
		"layers",
		"recursive",
		"wraps",
		"carries",
	],
	redirect: ["mode", "path", "pathclass", "program"],
	path: ["path", "pathclass", "access", "program"],
	host: ["host", "class", "scheme", "port", "path", "program", "credentials"],
	request: ["method", "host", "class", "port", "path", "shape", "body", "keys", "program", "credentials", "saves"],
	sql: [
		"verb",
		"object",
		"names",
		"where",
		"into",
		"functions",
		"statement",
		"tables",
		"words",
		"sets",
		"injection",
		"deed",
		"handled",
		"direction",
		"target",
		"columns",
		"content",
		"language",
		"shape",
	],
	call: ["name", "args", "keywords", "mode", "command", "carries", "shape", "reads", "program"],
	import: ["name"],
	tool: [
		"words",
		"verb",
		"object",
		"action",
		"arg",
		"value",
		"values",
		"head",
		"end",
		"reaches",
		"on",
		"off",
		"program",
	],
	document: ["operation", "filter", "store"],
	message: ["channel", "outside", "attachment", "attachmentclass"],
	secret: ["class", "sent"],
	encoding: ["layer", "runs"],
	oddity: ["what"],
	opaque: ["why", "language"],
	truncated: ["why"],
};

const YES = ["yes"];
/** Of HTTP, WebDAV and caches. */
const METHODS =
	`get put post delete head patch options trace connect query search propfind proppatch mkcol copy move lock unlock acl bind rebind unbind
	report merge label link unlink checkin checkout uncheckout update version-control baseline-control mkactivity mkcalendar mkworkspace
	mkredirectref updateredirectref orderpatch pri source notify subscribe unsubscribe m-search purge ban refresh list track debug`.split(
		/\s+/u,
	);
const SHAPES = ["one", "collection", "pattern", "root", "named"];

/**
 * The values of attributes that have certain ones only, and the verbs of SQL and the methods of requests that are known; a `*` at the end is
 * any text.
 */
export const FACT_VALUES: Readonly<Partial<Record<FactKind, Readonly<Record<string, readonly string[]>>>>> = {
	command: {
		os: ["posix", "windows"],
		shape: ["plain", "dynamic", "repeated"],
		input: ["pipe", "file", "here"],
		source: ["dynamic", "static"],
		mode: ["setid", "world", "tight", "execute", "other"],
		redirected: YES,
		fetched: YES,
		runs: ["file", "fetched", "written", "read"],
		background: YES,
	},
	redirect: { mode: ["write", "append", "read", "both"], pathclass: [...PATH_CLASSES, "network"] },
	path: { pathclass: [...PATH_CLASSES, "stream", "share"], access: ACCESSES },
	host: { class: HOST_CLASSES, credentials: YES },
	request: {
		method: METHODS,
		class: HOST_CLASSES,
		shape: SHAPES,
		body: ["none", "some", "large", "file"],
		credentials: YES,
	},
	sql: {
		verb: [...VERBS, "fragment", "xp_*", "sp_*"],
		where: ["none", "some", "many", "always", "never"],
		into: ["file", "program"],
		direction: ["out", "in"],
	},
};
