/** One call of Python code, and what a rule may ask of it. */
import { HOLE, type Value } from "./value.ts";

export interface Call {
	/** The name first that it has for sure; others by which it may be known. */
	readonly names: readonly string[];
	readonly receiver: Value;
	readonly args: readonly Value[];
	readonly keywords: ReadonlyMap<string, Value>;
	/** UTF-16 units in the text. */
	readonly from: number;
	readonly to: number;
}

export type Has = Record<string, readonly string[]>;

const TEXT_MAX = 300;

/** Keywords whose values say how something is asked, and not what is told. */
const ASKING: ReadonlySet<string> = new Set([
	"headers",
	"auth",
	"cert",
	"verify",
	"timeout",
	"env",
	"api_key",
	"token",
	"password",
	"passwd",
	"aws_secret_access_key",
	"aws_access_key_id",
	"aws_session_token",
	"proxies",
	"key",
	"dsn",
	"user",
	"username",
	"secret",
	"client_secret",
	"credentials",
	"credential",
	"access_token",
	"stream",
	"encoding",
]);

/** Where comes from what a call is told: the bits of its arguments. */
export function toldBy({ args, keywords }: Call): number {
	let told = 0;
	for (const value of args) told |= value.taint;
	for (const [keyword, value] of keywords) if (!ASKING.has(keyword)) told |= value.taint;
	return told;
}

/** Arguments by place and by name. */
export const valuesOf = ({ args, keywords }: Call): readonly Value[] => [...args, ...keywords.values()];

export const methodOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** Names, texts and keywords of a call; of a dictionary its keys. */
export function attributesOf({ names, args, keywords }: Call): Has {
	const has: Has = { name: names.flatMap(spellings) };
	const texts = args.flatMap(textsOf);
	if (texts.length > 0) has["args"] = texts;
	const named = [...keywords].flatMap(([keyword, value]) =>
		value.entries === undefined
			? [`${keyword}=${textsOf(value)[0] ?? value.name ?? ""}`]
			: [...value.entries.keys()].slice(0, 16).map((key) => `${keyword}=${key}`),
	);
	if (named.length > 0) has["keywords"] = [...named, ...keywords.keys()];
	return has;
}

/** How rules may ask for a call: by its whole name, by its method (`.unlink`), by its module (`boto3.`). */
function spellings(name: string): string[] {
	const plain = name.replace(/^\?\./u, "");
	const last = plain.lastIndexOf(".");
	if (last < 0) return name.startsWith("?.") ? [`.${plain}`] : [plain];
	const root = plain.slice(0, plain.indexOf(".") + 1);
	// Modules of another language; here they are names of variables.
	if (/^(?:request|net|got|ky|tls|needle)\.$/u.test(root)) return [plain, plain.slice(last)];
	return [plain, plain.slice(last), root.includes("(") ? `${root.slice(0, root.indexOf("("))}.` : root];
}

function textsOf(value: Value): string[] {
	const text = value.text ?? (value.number === undefined ? undefined : String(value.number));
	if (text !== undefined) return [text.replaceAll(HOLE, "{}").slice(0, TEXT_MAX)];
	return (value.items ?? [])
		.slice(0, 16)
		.flatMap((item) => (item.text === undefined ? [] : [item.text.replaceAll(HOLE, "{}").slice(0, TEXT_MAX)]));
}
