/** What a tool's name says of its arguments: the language that it runs, what it does with a path, whether it takes words. */

import { deedOf } from "./deed.ts";
import type { Language } from "./fact.ts";
import { table } from "./table.ts";
import { singular, toolWords } from "./tool-words.ts";

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

/** A verb and its object without a space: `flushdb`, `deleteuser`, `getenv`. */
function unglued(word: string): readonly string[] {
	const { verb, rest } = GLUED.exec(word)?.groups ?? {};
	return verb === undefined || rest === undefined ? [word] : [verb, rest];
}
const GLUED =
	/^(?<verb>set|get|drop|flush|delete|kill|remove|create|list|add|run|stop|start|wipe|clear|purge|reset|restart|grant|dump|export|upload|truncate|erase|disable|enable|revoke|destroy|terminate)(?<rest>db|database|table|all|users?|files?|rows?|records?|bucket|index|indices|collection|schema|volume|disk|logs?|keys?|roles?|process|service|server|host|vm|node|account|rule|rules|cache|queue|backup|snapshot|branch|repo|container|instance|cluster|policy|permission|password|secret|token|database|firewall|audit|data|everything|enforce)$/;

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

const READING = new Set("query search list get find tail show read analytics".split(" "));

const NOUNS = new Set("log logs record records history order orders report index name list".split(" "));

/** Words that say what is done wherever they stand in a name. */
export const IMPERATIVE: ReadonlySet<string> = new Set(
	"get list format diff compare tokenize encode hash validate lint explain parse analyze analyse summarize detect describe fetch read show find create add delete remove update set put patch drop purge send enable disable start stop restart run execute exec invoke grant revoke attach detach assign unassign upload download export import reset restore terminate kill empty clear mute install uninstall apply deploy deactivate activate rewrite modify change edit write insert upsert append destroy truncate wipe erase reboot shutdown suspend resume scale promote demote impersonate assume authorize unlock move rename copy share unshare publish register deregister rotate generate merge close reopen resolve acknowledge transfer schedule cancel dump decrypt encrypt inject load evaluate eval forward mark calculate compute convert estimate simulate predict translate disarm bypass drain cordon undo preview count check verify search lookup rerun retry redeploy rebuild recreate reinstall resize provision reprovision configure reconfigure migrate unmute unblock deprovision decommission quarantine isolate failover scrape crawl navigate connect disconnect submit invite discard prune flush overwrite subscribe unsubscribe unmount unload reload seal unseal allow deny trigger dispatch ban unban override fork alter approve reject toggle pause upgrade downgrade reset bind unbind associate disassociate replace abort accept unsuspend reactivate regenerate unprotect retire exfiltrate harvest steal intercept manipulate tamper sabotage corrupt eradicate annihilate demolish incinerate zeroize exfil siphon smuggle allocate produce seed populate exercise cleanup hotplug undeploy replicate increase decrease exit swap tail expunge trim relay withdraw repoint reinitialize reinitialise unenroll expire append".split(
		" ",
	),
);

/** Of these, those that end a name as a noun as often. */
const AMBIGUOUS_END: ReadonlySet<string> = new Set(
	"register mark forward format diff trigger dispatch retry upgrade connect toggle pause list read set run export import schedule copy share transfer load count check search dump preview change patch start stop undo".split(
		" ",
	),
);

/**
 * The first word of the last part of the name, the last word, then the others that are sure to be verbs; then any word in that
 * order: `okta_reset_factors` resets, `secrets_get_value` gets.
 */
function verbOrder(tool: string, words: readonly string[]): readonly string[] {
	const part = toolWords(tool.slice(tool.search(/[^./:]*$/))).flatMap(unglued);
	const last = part[0];
	const first = words[0];
	// What is kept is called by the same word as the keeping: `git_log`, `audit_log`.
	const isNoun = words.length > 1 && part.length > 1 && NOUNS.has(words.at(-1) ?? "");
	const isRead = words.length > 1 && words[0] === "log" && words.some((word) => READING.has(word));
	// What a service is called, before what is done: `transfer_delete_server`, `backup.create_plan`.
	const isService = words.length > 2 && SERVICES.has(words[0] as string) && IMPERATIVE.has(words[1] as string);
	const others = isNoun ? words.slice(0, -1) : isRead ? words.slice(1) : words;
	const end = others.at(-1) ?? "";
	const isAsking =
		words.slice(0, 3).find((word) => ASKING.has(word)) !== undefined && !words.some((word) => BOTH.has(word));
	// Of deeds in a row the gravest tells: `merge_and_delete`.
	const further = words.slice(1).filter((word, index) => JOINING.has(words[index] as string) && GRAVE.has(word));
	const sure = [
		...further,
		...(isAsking ? words.filter((word) => ASKING.has(word)) : []),
		...(isService ? [words[1] as string] : []),
		...(last !== undefined && IMPERATIVE.has(last) ? [last] : []),
		...(IMPERATIVE.has(end) && !AMBIGUOUS_END.has(end) && !others.slice(0, -1).some((word) => PLAIN.has(word))
			? [end]
			: []),
		...others.filter((word) => IMPERATIVE.has(word)),
	];
	const inOrder = [...sure, last, first, end, ...others];
	const telling = inOrder.filter((word): word is string => word !== undefined && (others as string[]).includes(word));
	const named = sure.length === 0 ? part : isNamedAfter(tool, sure) ? part.slice(-1) : [];
	const done = words.length === 1 ? undefined : deedOf(named, IMPERATIVE);
	if (done !== undefined) return [...new Set([done, ...telling])];
	const asked = isQuestion(part) ? "check" : sure.length === 0 && isSwitchedOff(words) ? "disable" : undefined;
	if (asked !== undefined) return [...new Set([asked, ...telling])];
	// Where no other word does, one that is a noun as often says it after all: `channels_list`, `grocery.order`.
	if (!LATE.has(words.at(-1) ?? "")) return [...new Set(telling)];
	return [...new Set(sure.length === 0 ? [...words.slice(-1), ...telling] : [...telling, ...words.slice(-1)])];
}

/** Of a name that begins with them, whatever else it says: `sso_get_application_grant`, `list_deletes`. */
const ASKING = new Set(["get", "list", "describe"]);
/** `get_or_create`, `list_and_delete`, `batch_get_and_purge` do more. */
const BOTH = new Set("or and then delete purge drop wipe destroy".split(" "));

/** `is_enabled`; and `export_status`, where the deed is what is asked about. */
function isQuestion(part: readonly string[]): boolean {
	if (part.length > 1 && QUESTIONS.has(part[0] as string)) return true;
	const before = part.at(-2);
	return ASKED.has(part.at(-1) ?? "") && before !== undefined && IMPERATIVE.has(before) && !PUTTING.has(before);
}
const QUESTIONS = new Set("is has can are does exists should".split(" "));
const ASKED = new Set(["status", "progress"]);
/** What a status is set by. */
const PUTTING = new Set(
	"update set change clear reset modify edit write put create add delete remove toggle send patch publish share override move transfer overwrite alter copy mark".split(
		" ",
	),
);

/** `rate_limiter.off`, `interface_down`. */
const isSwitchedOff = (words: readonly string[]): boolean =>
	words.length > 1 && /^(?:off|down)$/.test(words.at(-1) ?? "") && !BEFORE_OFF.has(words.at(-2) ?? "");
const BEFORE_OFF = new Set(
	"volume page scroll thumbs count log sign drop break cool wind one day time roll".split(" "),
);

const JOINING = new Set(["and", "then", "or"]);
const GRAVE = new Set("delete purge drop wipe destroy erase shred terminate truncate".split(" "));

/** `UpdateBlocker` blocks, whatever it begins with. */
const isNamedAfter = (tool: string, sure: readonly string[]): boolean =>
	/^[A-Z]/.test(tool.slice(tool.search(/[^./:]*$/))) && sure.every((word) => THINGS.has(word));

/** Of verbs, those that begin a name as a noun as often. */
const THINGS = new Set("update patch log record backup access report schedule test change transfer".split(" "));

/** Verbs that are nothing else; before them, what ends a name is a noun: `delete_estimate`. */
const PLAIN = new Set("delete remove create update modify put get list describe add insert".split(" "));

const SERVICES = new Set("transfer backup connect schedule share sign record batch config import export".split(" "));

const LATE = new Set(["list", "order"]);

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
