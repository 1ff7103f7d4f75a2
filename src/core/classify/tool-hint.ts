/** What a tool's name says of its arguments: the language that it runs, what it does with a path, whether it takes words. */

import type { Language } from "./fact.ts";
import { table } from "./table.ts";
import { IMPERATIVE, verbOrder } from "./tool-verbs.ts";
import { singular, toolWords, unglued } from "./tool-words.ts";

export interface ToolHint {
	readonly words: readonly string[];
	/** The words, and each in the singular. */
	readonly nouns: readonly string[];
	/** Words that may say what the tool does, the likeliest first. */
	readonly verbs: readonly string[];
	/** Languages that it runs; none where its name says none. */
	readonly languages: readonly Language[];
	/** It runs what it is given without saying in which language. */
	readonly isRunner: boolean;
	/** What it is given is words: a search, a comment, a document. */
	readonly takesWords: boolean;
	readonly access: string;
	/** It looks at what it is given and does not run it: a checker, a formatter. */
	readonly examines: boolean;
	/** It looks for what is done, and does nothing of it. */
	readonly isLooking: boolean;
	/** What it is given leaves the machine. */
	readonly isSending: boolean;
}

export const LANGUAGE_WORDS = table<Language>({
	bash: "shell",
	sh: "shell",
	zsh: "shell",
	ksh: "shell",
	ssh: "shell",
	powershell: "powershell",
	pwsh: "powershell",
	cmd: "cmd",
	batch: "cmd",
	sql: "sql",
	psql: "sql",
	mysql: "sql",
	mariadb: "sql",
	sqlite: "sql",
	postgres: "sql",
	postgresql: "sql",
	mssql: "sql",
	oracle: "sql",
	snowflake: "sql",
	bigquery: "sql",
	duckdb: "sql",
	clickhouse: "sql",
	python: "python",
	py: "python",
	ipython: "python",
	jupyter: "python",
	notebook: "python",
	interpreter: "python",
	javascript: "javascript",
	node: "javascript",
	nodejs: "javascript",
	js: "javascript",
	deno: "javascript",
	ruby: "code",
	irb: "code",
	perl: "code",
	php: "code",
	lua: "code",
	golang: "code",
	rscript: "code",
	r: "code",
	go: "code",
	java: "code",
	jshell: "code",
	groovy: "code",
	kotlin: "code",
	scala: "code",
	julia: "code",
	vba: "code",
	vbscript: "code",
	csharp: "code",
	applescript: "code",
});

/** Words that mean a language only in a short name, or beside a word of running: `drain_node` runs no JavaScript. */
const AMBIGUOUS: ReadonlySet<string> = new Set(
	"node batch notebook oracle deno interpreter py js sh cmd ssh r go ruby perl php lua golang java groovy kotlin scala julia".split(
		" ",
	),
);

const RUNNER_WORDS: ReadonlySet<string> = new Set(
	"shell terminal console exec execute command commands process subprocess spawn run system tty popen".split(" "),
);

/** What may stand beside them in the name of a tool that runs whatever it is given. */
const BESIDE_RUNNER: ReadonlySet<string> = new Set(
	"start launch tool os remote sandbox sandboxed local in the a on host code script async safe line input send inline program file".split(
		" ",
	),
);

const WORD_TAKERS = new Set(
	"search comment note notes doc docs document documents wiki task todo issue ticket summarize translate email mail message chat post tweet write edit create append commit log ask answer explain describe remember memory review blog article page slack notify reply".split(
		" ",
	),
);

const ACCESS: readonly (readonly [access: string, words: ReadonlySet<string>])[] = [
	[
		"delete",
		new Set(
			"delete remove rm unlink trash purge wipe truncate erase destroy shred rmdir rmtree del clean drop".split(" "),
		),
	],
	["send", new Set("upload send export share attach publish post exfiltrate sync push email mail transfer".split(" "))],
	[
		"write",
		new Set(
			"write create save append put edit update insert replace touch mkdir set patch modify overwrite store add echo apply str copy cp move mv rename install link symlink".split(
				" ",
			),
		),
	],
	["execute", new Set("execute exec run launch start spawn source eval invoke call".split(" "))],
	["mode", new Set("chmod chown chgrp setfacl icacls permissions permission takeown".split(" "))],
	[
		"read",
		new Set(
			"read lookup get cat open view load show download fetch stat list ls find search head tail grep preview parse import summarize describe inspect query scan type print display file".split(
				" ",
			),
		),
	],
];

const SENDING = new Set(
	"send upload post gist paste pastebin export share publish webhook http request requests email mail sms tweet notify message forward push transfer fetch put reply".split(
		" ",
	),
);

const remembered = new Map<string, ToolHint>();
const REMEMBERED_MAX = 2_000;

/** Depends on the name alone; tools are few and called often, so that it is remembered. */
export function toolHint(tool: string): ToolHint {
	const known = remembered.get(tool);
	if (known !== undefined) return known;
	const hint = readHint(tool);
	if (remembered.size >= REMEMBERED_MAX) remembered.clear();
	remembered.set(tool, hint);
	return hint;
}

function readHint(tool: string): ToolHint {
	const all = toolWords(tool.replace(/\.exe$/i, ""));
	// Where an administrator works is nothing that is given: `admin.teams.setDescription`.
	const written = /^admin[./:]/.test(tool) ? all.slice(1) : all;
	const words = joined(written.flatMap(unglued));
	const isRunning = words.length === 1 || words.some((word) => RUNNER_WORDS.has(word) || CODE_WORDS.has(word));
	// `execute_node_command` runs commands on a machine.
	const isOnNode = words.includes("node") && (words.includes("command") || words.includes("commands"));
	const telling = words.filter((word) => (isRunning || !AMBIGUOUS.has(word)) && !(isOnNode && word === "node"));
	const languages = [...new Set(telling.flatMap((word) => LANGUAGE_WORDS[word] ?? []))];
	if (words.some((word) => BROWSERS.has(word)) && words.some((word) => CODE_WORDS.has(word) || word === "evaluate"))
		languages.unshift("javascript");
	// What is typed to a program that runs is for a shell, as far as anybody knows: `write_stdin`, `send_keys`.
	const isTyping =
		words.includes("stdin") || (words.includes("keys") && (words.includes("send") || words.includes("tmux")));
	if (languages.length === 0 && isTyping) languages.push("shell");
	const isDatabase = words.some((word) => ["query", "db", "database", "warehouse"].includes(word));
	if (languages.length === 0 && isDatabase && !words.some((word) => NO_SQL.has(word))) languages.push("sql");
	const isRunner =
		languages.length === 0 && (areOfRunner(words) || (tool.startsWith("mcp__") && areOfRunner(ownWords(tool), 2)));
	// What the server is called says nothing of what is done: `mcp__export-tools__get_invoice`.
	const own = tool.startsWith("mcp__") ? tool.slice(tool.lastIndexOf("__") + 2) : (CAMEL_OWN.exec(tool)?.[1] ?? tool);
	const verbs = verbOrder(own, own === tool ? words : joined(toolWords(own).flatMap(unglued)));
	const examines = !isRunner && verbs.slice(0, 1).some((word) => EXAMINING.has(word));
	return {
		words,
		nouns: [...new Set([...words, ...written, ...words.map(singular), ...compounds(words)])],
		verbs,
		languages,
		isRunner,
		takesWords:
			!isRunner && languages.length === 0 && (words.some((word) => WORD_TAKERS.has(word)) || keepsPlan(words)),
		examines,
		isLooking: examines || isLooking(verbs, words),
		access: PARTS.has(words.at(-1) ?? "") ? "write" : accessOf(verbs),
		isSending: words.some((word) => SENDING.has(word)),
	};
}

/** Behind a service in small letters: `timestream-write_DeleteTable`. */
const CAMEL_OWN = /^[a-z\d]+(?:[-_][a-z\d]+)*_([A-Z][a-z]+[A-Z]\w*)$/;

/** `load balancer` is a thing, whatever its first word says elsewhere. */
const joined = (words: readonly string[]): readonly string[] => {
	const at = words.findIndex((word, index) => word === "load" && words[index + 1]?.startsWith("balanc") === true);
	return at < 0 ? words : words.toSpliced(at, 2, "loadbalancer");
};

/** `search_users`, `users.list`; and `audit_log_query`, where what is kept is what was done. */
function isLooking(verbs: readonly string[], words: readonly string[]): boolean {
	if (verbs.slice(0, 2).some((verb) => LOOKING.has(verb))) return true;
	const last = words.at(-1) ?? "";
	if (KEPT.has(last) && words.length > 1 && !words.some((word) => IMPERATIVE.has(word) || MANAGING.has(word)))
		return true;
	return last === "query" && words.some((word) => KEPT.has(word));
}

/** What an editor takes out of a picture, a recording or a text, which stays: `remove_background`. */
const PARTS = new Set(
	"background backdrop noise echo reverb hum silence blemish blemishes redeye watermark formatting whitespace punctuation stopwords accents diacritics vocals shadow shadows border borders emojis glare scratches wrinkles".split(
		" ",
	),
);
/** What is meant to be done is not done by being written down: `update_plan {steps: […]}`. */
const keepsPlan = (words: readonly string[]): boolean =>
	words.length === 2 &&
	words.some((word) => /^(?:plan|plans|todos|checklist|scratchpad)$/.test(word)) &&
	words.some((word) => /^(?:update|set|save|add|make|put|record|revise|propose|replace|show)$/.test(word));

const LOOKING = new Set(
	"search list get find count show describe view lookup preview check diagnose inspect assess examine investigate troubleshoot simulate".split(
		" ",
	),
);
/** What is done is said by a member: `manage_event {action: "delete"}`. */
const MANAGING = new Set("manage manager handle control admin process perform operate do bulk batch".split(" "));
const KEPT = new Set("log logs audit history event events activity trail".split(" "));

const NO_SQL = new Set(
	"mongo mongodb graphql redis valkey memcached elasticsearch dynamodb neo4j gremlin sparql cypher etcd log logs metrics traces loki splunk".split(
		" ",
	),
);

/** Of a tool that runs whatever it is given, whichever words say so. */
const areOfRunner = (words: readonly string[], least = 1): boolean =>
	words.length >= least &&
	words.some((word) => RUNNER_WORDS.has(word)) &&
	words.every((word) => RUNNER_WORDS.has(word) || BESIDE_RUNNER.has(word));

/** Without the name of the server that has the tool: `mcp__desktop__start_process`. */
const ownWords = (tool: string): readonly string[] => toolWords(tool.slice(tool.lastIndexOf("__") + 2));

const BROWSERS = new Set("browser puppeteer playwright page chrome webdriver selenium devtools cdp tab dom".split(" "));

const CODE_WORDS = new Set("code eval script repl cell snippet execute interpreter".split(" "));

const EXAMINING = new Set(
	"validate lint explain parse format analyze analyse review highlight tokenize escape classify detect summarize optimize transpile prettify beautify grade score diff compare encode hash".split(
		" ",
	),
);

/** Neighbours as one word, in the singular: `securitygroup` of `add_security_group`. */
export const compounds = (words: readonly string[]): readonly string[] =>
	words.slice(1).flatMap((word, index) => {
		const before = words[index] as string;
		return IMPERATIVE.has(before) ? [] : [singular(`${before}${word}`)];
	});

/** By the first word that tells it. */
export function accessOf(verbs: readonly string[]): string {
	for (const verb of verbs) for (const [access, words] of ACCESS) if (words.has(verb)) return access;
	return "unknown";
}
