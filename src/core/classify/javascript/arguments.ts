/** What a script gives to one call: texts, settings by name, and whether it hands over what it read. */
import { NAME, SIGN, TEXT, type Token } from "./lexer.ts";
import { ENVIRONMENT, type Names } from "./names.ts";

export interface Arguments {
	/** Texts, and names of texts. */
	readonly texts: readonly string[];
	/** `method=delete`, `recursive=true`; lower case. */
	readonly keywords: readonly string[];
	/** `file`, `secret`, `host`; none: nothing of these. */
	readonly carries: string;
	/** The token that closes it. */
	readonly end: number;
}

const TOKENS_MAX = 400;
const TEXTS_MAX = 12;

export function argumentsOf(tokens: readonly Token[], open: number, names: Names): Arguments {
	const texts: string[] = [];
	const keywords: string[] = [];
	let depth = 0;
	let end = open;
	for (; end < tokens.length && end < open + TOKENS_MAX; end++) {
		const { kind, text } = tokens[end] as Token;
		if (kind === SIGN && (text === "(" || text === "[" || text === "{")) depth++;
		else if (kind === SIGN && (text === ")" || text === "]" || text === "}")) {
			if (--depth <= 0) break;
		} else if (kind === TEXT && tokens[end + 1]?.text !== ":" && texts.length < TEXTS_MAX) texts.push(text);
		else if (kind === NAME && texts.length < TEXTS_MAX) {
			const known = names.textOf(text);
			if (known !== undefined) texts.push(known);
		}
		if (text === ":" && keywords.length < TEXTS_MAX) keywords.push(...settingAt(tokens, end));
	}
	return { texts, keywords, carries: carriedIn(tokens, open, end, names), end };
}

function settingAt(tokens: readonly Token[], colon: number): readonly string[] {
	const key = tokens[colon - 1];
	const value = tokens[colon + 1];
	if (key === undefined || value === undefined || (key.kind !== NAME && key.kind !== TEXT)) return [];
	const isEmpty = value.text === "{" && tokens[colon + 2]?.text === "}";
	if (value.kind === SIGN && !isEmpty) return [];
	return [`${key.text}=${isEmpty ? "{}" : value.text.slice(0, 100)}`.toLowerCase()];
}

/** Reads that a browser or a program makes of what others should not see. */
const SECRETS: ReadonlySet<string> = new Set(["cookie", "localStorage", "sessionStorage", "cookies", "clipboard"]);
const SECRET_NAME = /key|secret|token|passw|pwd|credential|auth/iu;

/** What the tokens between two places bring with them. */
export function carriedIn(tokens: readonly Token[], from: number, to: number, names: Names): string {
	let carries = "";
	for (let at = from; at < to && at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === TEXT && /type=["']?password/iu.test(text)) return "secret";
		// Who asks is told to whom he asks.
		if (tokens[at + 1]?.text === ":" && ASKING.test(text)) {
			at = afterValue(tokens, at + 2, to);
			continue;
		}
		if (kind !== NAME) continue;
		const isMember = tokens[at - 1]?.text === ".";
		if (SECRETS.has(text) && (isMember || text.endsWith("Storage"))) return "secret";
		if (isMember && text === "env" && tokens[at - 2]?.text === ENVIRONMENT.slice(0, -4)) {
			const key = tokens[at + 1]?.text === "." ? tokens[at + 2]?.text : undefined;
			if (key === undefined || isSecretName(key)) return "secret";
		}
		if (/^(?:readFileSync|readFile|createReadStream|readTextFile|readTextFileSync)$/u.test(text)) carries = "file";
		else if (text === "FormData" && tokens[at + 2]?.text !== ")") carries = "secret";
		else if (isMember && text === "key" && /^(?:e|ev|evt|event)$/u.test(tokens[at - 2]?.text ?? "")) return "secret";
		else if (/^(?:hostname|userInfo|networkInterfaces)$/u.test(text) && carries === "" && isAsked(tokens, at))
			carries = "host";
		else if (!isMember || tokens[at - 2]?.text === ENVIRONMENT) carries = names.carried.get(text) ?? carries;
	}
	return carries;
}

const ASKING = /^(?:(?:proxy-)?authorization|x-api-key|api-key|x-auth-token|private-token)$/iu;

/** The `,` or bracket behind a value. */
function afterValue(tokens: readonly Token[], from: number, to: number): number {
	let depth = 0;
	let at = from;
	for (; at < to && at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind !== SIGN) continue;
		if (/[([{]/u.test(text)) depth++;
		else if (/[)\]}]/u.test(text) && --depth < 0) break;
		else if (text === "," && depth === 0) break;
	}
	return at;
}

/** `os.hostname()`, `hostname()`: not the setting of that name. */
const isAsked = (tokens: readonly Token[], at: number): boolean =>
	tokens[at + 1]?.text === "(" || (tokens[at - 1]?.text === "." && tokens[at - 2]?.text === "os");

/** Of an environment's variable: is it one that is kept from others. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** Is something handed over between two places that came with a request, or with the command that started the script? */
export function isInputGiven(tokens: readonly Token[], open: number, end: number): boolean {
	const words = tokens.slice(open + 1, end).map(({ text }) => text);
	return words.some(
		(word, index) =>
			(INPUT.test(word) && words[index + 1] === "." && PARTS.test(words[index + 2] ?? "")) ||
			(word === "process" && words[index + 2] === "argv"),
	);
}

const INPUT = /^(?:req|request|ctx|event)$/u;
const PARTS = /^(?:query|body|params|headers|cookies|queryStringParameters)$/u;
