/** What a file is to hold that a call writes: code that fetches what it runs, that opens a shell outwards, that runs what is asked. */
import type { Json, JsonObject } from "../base/json.ts";
import { argumentName, isWords } from "./argument-names.ts";
import type { Findings, Place } from "./fact.ts";
import { readForms, type TextForm } from "./payloads.ts";

/** Whoever runs the file does this. What is deleted or changed by it is plain to see, and is not looked for. */
const FORMS: readonly TextForm[] = [
	[
		"written-download",
		/\b(?:curl|wget|fetch|invoke-webrequest|iwr)\b[^\n|;&]{0,300}\|\s*(?:sudo\s+(?:-\w+\s+)*)?(?:\/(?:\w+\/)+)?(?:(?:ba|z|da|k|a)?sh|python\d?|perl|ruby|node|php|iex)\b|\b(?:ba|z|da)?sh\s+(?:-c\s+)?["']?(?:<\(|\$\()\s*(?:curl|wget)\b|\b(?:iex|invoke-expression)\b[^\n]{0,80}(?:downloadstring|invoke-webrequest|iwr\b)|\bbase64\s+(?:-d|--decode|-D)\b[^\n|]{0,80}\|\s*(?:ba|z|da|k)?sh\b/i,
	],
	[
		"written-shell",
		/\/dev\/(?:tcp|udp)\/[\w.$-]+\/|\bnc(?:at)?\b[^\n]{0,60}\s-(?:e|c|-exec)\b|\bmkfifo\b[^\n]{0,120}\bnc(?:at)?\b|\bsocket\b[\s\S]{0,400}\bdup2\s*\([\s\S]{0,200}\b(?:subprocess|pty|os\.exec)/,
	],
	[
		"written-backdoor",
		/\b(?:system|exec|passthru|shell_exec|eval|assert|popen|proc_open)\s*\(\s*(?:@?\s*base64_decode\s*\(\s*)?\$_(?:GET|POST|REQUEST|COOKIE|SERVER)\b|\bgetRuntime\s*\(\s*\)\s*\.\s*exec\s*\(\s*request\.|\beval\s*\(?\s*Request(?:\.Item)?\s*[[(]/i,
	],
];

/** What nobody has programs run in their settings. */
const STRANGE = "(?:/(?:tmp|dev/shm|var/tmp)/|\\b(?:curl|wget|ncat|base64)\\b|/dev/tcp)";
const PUBLIC = "http://(?!localhost|127\\.|10\\.|192\\.168\\.|172\\.|\\[)";
/** Files that programs obey, with what makes these run, or fetch, something else. */
const OBEYED: readonly (readonly [path: RegExp, line: RegExp])[] = [
	[
		/(?:^|\/)(?:\.ssh\/config|ssh_config)(?:\.d\/|$)/,
		/^[ \t]*(?:ProxyCommand[ \t](?![ \t]*(?:none|ssh|nc|ncat|cloudflared|aws|gcloud|connect)\b)|LocalCommand[ \t]|KnownHostsCommand[ \t]|Match\b[^\n]{0,300}\bexec\b)/im,
	],
	[
		/(?:^|\/)\.?gitconfig$|(?:^|\/)\.?git\/config$|\.gitmodules$/,
		new RegExp(`^[ \\t]*\\w+[ \\t]*=[^\\n]{0,300}${STRANGE}`, "m"),
	],
	[/(?:^|\/)\.?npmrc$/, new RegExp(`^[ \\t]*(?:script-shell|(?:@[\\w-]+:)?registry[ \\t]*=[ \\t]*${PUBLIC})`, "m")],
	[/(?:^|\/)\.?pip(?:\/pip)?\.conf$/, new RegExp(`^[ \\t]*(?:extra-)?index-url[ \\t]*=[ \\t]*${PUBLIC}`, "m")],
	[
		/(?:^|\/)\.?(?:g?vimrc|exrc|nanorc|screenrc|tmux\.conf|gdbinit|init\.(?:vim|lua|el)|emacs|inputrc|lesskey|Rprofile|irbrc|pryrc)$/,
		new RegExp(
			`(?:!|\\b(?:system|shell|exec|run-shell|if-shell|default-command|default-shell|execute)\\b)[^\\n]{0,300}${STRANGE}`,
		),
	],
];

/** One of these is in the path of each. */
const MAY_BE_OBEYED = /config|rc$|conf|modules$|init|emacs|lesskey|rofile$/;

const HINT = /curl|wget|fetch|webrequest|iwr|iex|base64|\/dev\/|mkfifo|\bnc|socket|\$_|getRuntime|Request/i;
const LOOKED_AT = 32_000;

/** The path that a call writes to, if its arguments say one. */
export function pathAmong(members: JsonObject, keys: readonly string[]): string | null {
	const key = keys.find((one) => argumentName(one).role === "path" && typeof members[one] === "string");
	return key === undefined ? null : (members[key] as string);
}

/** The whole of what it is to hold is nothing. */
export const isEmptied = (members: JsonObject, keys: readonly string[]): boolean =>
	keys.some((key) => members[key] === "" && isWords(argumentName(key).role)) &&
	!keys.some((key) => isAppending(key, members[key] as Json));

const isAppending = (key: string, value: Json): boolean =>
	/append/i.test(`${value}`) || (/append/i.test(key) && value === true);

/** A page for people shows commands and runs none. */
const isPage = (path: string): boolean => /\.(?:md|mdx|txt|rst|adoc|html?|csv|log|ipynb|tex|org)$/i.test(path);

/** `isLeaf`: the text is the whole of what stands at the pointer. */
export function readWritten(path: string, whole: string, at: Place, to: Findings, isLeaf = true): void {
	if (isPage(path)) return;
	const text = whole.length > LOOKED_AT ? whole.slice(0, LOOKED_AT) : whole;
	const place = { ...at, via: [...at.via, "file"] };
	if (HINT.test(text)) readForms(FORMS, text, place, to, isLeaf);
	const line = MAY_BE_OBEYED.test(path) ? OBEYED.find(([of]) => of.test(path))?.[1] : undefined;
	if (line !== undefined) readForms([["written-obeyed", line]], text, place, to, isLeaf);
}
