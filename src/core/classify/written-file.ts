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
export const isPage = (path: string): boolean => /\.(?:md|mdx|txt|rst|adoc|html?|csv|log|ipynb|tex|org)$/i.test(path);

export function readWritten(whole: string, place: Place, to: Findings): void {
	const text = whole.length > LOOKED_AT ? whole.slice(0, LOOKED_AT) : whole;
	if (HINT.test(text)) readForms(FORMS, text, { ...place, via: [...place.via, "file"] }, to);
}
