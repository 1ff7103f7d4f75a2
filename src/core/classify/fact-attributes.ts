/** What is said of facts, by their kinds: docs/classifier.md tells what each attribute means. */
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
		"background",
		"sends",
		"dynamic",
		"layers",
		"recursive",
		"wraps",
	],
	redirect: ["mode", "path", "pathclass"],
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
		"direction",
		"target",
		"columns",
		"content",
		"language",
		"shape",
	],
	call: ["name", "args", "keywords", "mode", "command", "carries", "shape", "reads", "program"],
	import: ["name"],
	tool: ["words", "verb", "object", "action", "arg", "value", "values", "end", "reaches"],
	document: ["operation", "filter", "store"],
	message: ["channel", "outside", "attachment", "attachmentclass"],
	secret: ["class", "sent"],
	encoding: ["layer", "runs"],
	oddity: ["what"],
	opaque: ["why", "language"],
	truncated: ["why"],
	prose: ["words"],
};

const YES = ["yes"];
const SHAPES = ["one", "collection", "pattern", "root"];

/** The values of attributes that have certain ones only, and the verbs of SQL that are known; a `*` at the end is any text. */
export const FACT_VALUES: Readonly<Partial<Record<FactKind, Readonly<Record<string, readonly string[]>>>>> = {
	command: {
		os: ["posix", "windows"],
		shape: ["plain", "dynamic"],
		input: ["pipe", "file", "here"],
		source: ["dynamic", "static"],
		mode: ["setid", "world", "tight", "execute", "other"],
		redirected: YES,
		fetched: YES,
		runs: ["file", "fetched", "written", "read"],
		background: YES,
	},
	redirect: { mode: ["write", "append", "read", "both"], pathclass: [...PATH_CLASSES, "network"] },
	path: { pathclass: [...PATH_CLASSES, "stream"], access: ACCESSES },
	host: { class: HOST_CLASSES, credentials: YES },
	request: { class: HOST_CLASSES, shape: SHAPES, body: ["none", "some", "large", "file"], credentials: YES },
	sql: {
		verb: [...VERBS, "fragment", "xp_*", "sp_*"],
		where: ["none", "some", "always"],
		into: ["file", "program"],
		direction: ["out", "in"],
	},
};
