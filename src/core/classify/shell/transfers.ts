/** HTTP clients of the command line: method, where to, what goes along. */
import type { Fact, Findings, Place } from "../fact.ts";
import { hostAttributes } from "../host-fact.ts";
import { pathClasses } from "../path.ts";
import { operationFact, shapesOf } from "../request-operation.ts";
import { seeUrl } from "../url.ts";
import type { Field } from "./words.ts";

const CLIENTS = new Set(
	"curl wget wget2 aria2c http https xh xhs httpie axel lwp-request lwp-download GET POST fetch curlie hurl lynx links elinks w3m httpx ab wrk hey siege".split(
		" ",
	),
);

export const isHttpClient = (program: string): boolean => CLIENTS.has(program);

/** Only the head of an answer is asked for: `-I`, `-sSI`. */
const CURL_HEAD = /^(?:--head|-[fgijklnpsSvLkZ#]*I[a-zA-Z]*)$/;
const WGET_HEAD = /^--spider$/;
const METHOD_FLAG = /^(?:-X|--request|--method)$/;
const BODY_FLAG = /^(?:-d|--data(?:-\w+)?|--json|--post-data|--body-data|-F|--form(?:-string)?|--url-query)$/;
const FILE_FLAG = /^(?:-T|--upload-file|--post-file|--body-file)$/;
const OUTPUT_FLAG = /^(?:-o|--output|-O|--output-document|-P|--directory-prefix)$/;
const OTHER_VALUED =
	/^(?:-H|--header|-A|--user-agent|-e|--referer|-u|--user|-x|--proxy|-b|--cookie|-c|--cookie-jar|-m|--max-time|--connect-timeout|-w|--write-out|-E|--cert|--key|--cacert|--retry|--retry-delay|-K|--config|-r|--range|-C|--resolve|-t|--tries|--timeout|-Q|-i|--input-file|--limit-rate|--interface|--dns-servers|-n|--load-cookies|--password|-D|--dump-header|--trace-ascii|--trace|-y|-Y|-z|--ciphers|-l|--level|-R|-a|-U)$/;
const WGET = /^wget2?$/;

export interface Transfer {
	/** Files that what it fetches goes to. */
	readonly saves: readonly string[];
	/** The input is what is sent. */
	readonly sendsInput: boolean;
}

/** Adds the facts of one client's words; says what it fetches to where. `redirected` are the files that its output goes to. */
export function readTransfer(
	program: string,
	args: readonly Field[],
	{ at, redirected, to }: { readonly at: Place; readonly redirected: readonly string[]; readonly to: Findings },
): Transfer {
	const outputs: string[] = [];
	const urls: string[] = [];
	const files: string[] = [];
	let method: string | null = null;
	let body = "none";
	let hasHeaders = false;
	let sendsInput = false;
	const takeBody = (text: string): void => {
		const file = /^(?:[^=]*=)?[@<]([^;]+)/.exec(text)?.[1] ?? null;
		if (file === null) body = body === "none" ? (text.length > 10_000 ? "large" : "some") : body;
		else if (file === "-") sendsInput = true;
		else files.push(file);
		if (file !== null) body = "file";
	};
	for (let index = 0; index < args.length; index++) {
		const { text } = args[index] as Field;
		const next = args[index + 1]?.text ?? "";
		const equals = text.startsWith("--") ? text.indexOf("=") : -1;
		const short = /^-[a-zA-Z]./.test(text) && !text.startsWith("--") ? text.slice(0, 2) : null;
		const flag = equals > 0 ? text.slice(0, equals) : text;
		const takesNext = equals < 0;
		const value = equals > 0 ? text.slice(equals + 1) : next;
		if (METHOD_FLAG.test(flag) && !(WGET.test(program) && flag === "-X")) {
			method = value;
			if (takesNext) index += 1;
		} else if (BODY_FLAG.test(flag) && !(WGET.test(program) && /^-[dF]$/.test(flag))) {
			takeBody(value);
			if (takesNext) index += 1;
		} else if (FILE_FLAG.test(flag) && !(WGET.test(program) && flag === "-T")) {
			body = "file";
			if (value === "-" || value === ".") sendsInput = true;
			else files.push(value);
			method ??= flag.includes("post") ? "POST" : "PUT";
			if (takesNext) index += 1;
		} else if (
			(OUTPUT_FLAG.test(flag) && !(program === "curl" && /^-[OP]$/.test(flag))) ||
			(WGET.test(program) && /^(?:-a|--output-file|--append-output)$/.test(flag))
		) {
			outputs.push(value);
			if (takesNext) index += 1;
		} else if (
			/^(?:-O|--remote-name|--remote-name-all|-J|-OJ|-LO|-sO|-fsSLO|-LJO|-SLO)$/.test(flag) &&
			program === "curl"
		)
			outputs.push("");
		else if (OTHER_VALUED.test(flag) || (program === "ab" && flag === "-p")) {
			const isList = (WGET.test(program) && /^(?:-i|--input-file)$/.test(flag)) || (program === "ab" && flag === "-p");
			if (isList && (flag === "-p" || isNotable(value))) files.push(value);
			if (
				/^(?:-H|--header)$/.test(flag) &&
				/^(?:authorization|x-api-key|cookie|metadata-flavor|x-aws-ec2-metadata)/i.test(value)
			)
				hasHeaders = true;
			if (/^(?:-u|--user)$/.test(flag)) hasHeaders = true;
			if (takesNext && next !== "" && !(flag === "-i" && program === "curl")) index += 1;
		} else if (
			short !== null &&
			/^-[a-zA-Z]*[XdFToO]$/.test(text) &&
			text.length <= 8 &&
			program === "curl" &&
			!/^-[XdFTo]/.test(text)
		) {
			const letter = text.at(-1);
			if (letter === "O") outputs.push("");
			else if (letter === "X") method = next;
			else if (letter === "d" || letter === "F") takeBody(next);
			else if (letter === "o") outputs.push(next);
			else files.push(next);
			if (letter === "T") body = "file";
			if (letter !== "O") index += 1;
		} else if (short !== null && program === "curl" && /^-[XdFTo]/.test(text)) {
			const rest = text.slice(2);
			if (short === "-X") method = rest;
			else if (short === "-o") outputs.push(rest);
			else if (short === "-T") {
				body = "file";
				files.push(rest);
			} else takeBody(rest);
		} else if (short !== null && WGET.test(program) && /^-[a-zA-Z]*O-?$/.test(text) && !text.startsWith("-O")) {
			outputs.push(text.endsWith("-") ? "-" : next);
			if (!text.endsWith("-")) index += 1;
		} else if (short === "-O" && WGET.test(program)) outputs.push(text.slice(2));
		else if (!text.startsWith("-")) urls.push(text);
	}
	if (program === "lwp-download" && urls.length > 1) outputs.push(...urls.splice(1));
	readItems(program, urls, takeBody, (said) => {
		method ??= said;
	});
	const isHead = args.some(({ text }) => (program === "curl" ? CURL_HEAD : WGET_HEAD).test(text));
	const sent = method ?? (isHead ? "HEAD" : body === "none" && !sendsInput ? "GET" : "POST");
	if (WGET.test(program) && outputs.length === 0) outputs.push(...urls.map(() => ""));
	const named = outputs.map((output, index) => (output === "" ? lastStep(urls[index] ?? urls[0] ?? "") : output));
	const saves = [...named, ...redirected].filter((output) => output !== "-" && !output.startsWith("/dev/"));
	for (const url of urls.slice(0, 8)) addRequest(program, url, { method: sent, body, hasHeaders, saves }, at, to);
	for (const file of files) {
		to.add({
			kind: "path",
			...at,
			has: { path: [file], pathclass: pathClasses(file), access: ["send"], program: [program] },
		});
	}
	return { saves, sendsInput };
}

const lastStep = (url: string): string => url.split(/[?#]/)[0]?.split("/").at(-1) ?? "";

/** What is no list of addresses: its lines would be shown, and asked for. */
const isNotable = (path: string): boolean =>
	!/^https?:|^-$/.test(path) &&
	pathClasses(path).some((each) => each !== "workspace" && each !== "temp" && each !== "home");

/** HTTPie's `METHOD URL name=value name@file`. */
function readItems(
	program: string,
	urls: string[],
	body: (text: string) => void,
	method: (text: string) => void,
): void {
	if (!/^(?:http|https|xh|xhs|httpie)$/.test(program)) return;
	const [first] = urls;
	if (first !== undefined && /^(?:[A-Z]{3,8}|get|head|post|put|patch|delete|options)$/.test(first)) {
		method(first.toUpperCase());
		urls.shift();
	}
	for (const item of urls.splice(1)) {
		const file = /^(?:[\w-]+(?::?=)?)?@(.+)$/.exec(item)?.[1];
		if (file !== undefined) body(`@${file}`);
		else if (/^[\w-]+:?=/.test(item)) body(item);
	}
}

function addRequest(
	program: string,
	text: string,
	{
		method,
		body,
		hasHeaders,
		saves,
	}: {
		readonly method: string;
		readonly body: string;
		readonly hasHeaders: boolean;
		readonly saves: readonly string[];
	},
	at: Place,
	to: Findings,
): void {
	if (/^(?:file:|\/|~\/)/i.test(text)) {
		const path = text.replace(/^file:\/\/(?:localhost)?/i, "");
		to.add({
			kind: "path",
			...at,
			has: { path: [path], pathclass: pathClasses(path), access: ["read"], program: [program] },
		});
		return;
	}
	const seen = seeUrl(text) ?? (/^[\w$]/.test(text) ? seeUrl(`http://${text}`) : null);
	const has: Fact["has"] = {
		program: [program],
		method: [method.toUpperCase()],
		host: seen === null ? [] : [seen.host],
		class: seen === null ? [] : [seen.hostClass],
		port: seen === null || seen.port === "" ? [] : [seen.port],
		path: seen === null ? [] : [seen.path, `${seen.path}?${seen.query}`],
		shape: shapesOf(seen?.path ?? ""),
		body: [body],
		...(saves.length > 0 ? { saves } : {}),
		...(hasHeaders || seen?.hasCredentials === true ? { credentials: ["yes"] } : {}),
	};
	to.add({ kind: "request", ...at, has });
	if (seen === null) return;
	const operation = operationFact({ method, url: text }, at);
	if (operation !== null) to.add(operation);
	const { host, scheme, port } = seen;
	to.add({ kind: "host", ...at, has: hostAttributes({ host, scheme, port: port === "" ? undefined : port }, program) });
}
