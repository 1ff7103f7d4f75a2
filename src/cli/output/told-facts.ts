/**
 * Facts in words that give no secret away: neither as it stands in a call, nor as a reader puts it together, takes it out of what is around
 * it, or decodes it.
 *
 * T1  A secret that a fact has shows in none of the texts of any fact.
 * T2  Where it stands in the call in pieces or encoded, the text of that place does not show either.
 */
import type { Fact } from "../../core/classify/fact.ts";
import { withoutSecrets } from "../../core/classify/secrets.ts";

export interface Telling {
	/** The text without secrets. */
	told(text: string): string;
	/** Of a place in a text of the call; null where nothing of it may be shown. */
	toldPlace(text: string, pointer: string, span: Fact["span"]): string | null;
}

/** `textOf` is the text of a fact's place; undefined where it is no text of the call by itself. */
export function tellingOf(facts: readonly Fact[], textOf: (fact: Fact) => string | undefined): Telling {
	const found = facts.map((fact) => ({ fact, text: textOf(fact), secrets: secretsOf(fact, textOf(fact)) }));
	const secrets = [...new Set(found.flatMap((each) => each.secrets))].sort((a, b) => b.length - a.length);
	const told = (text: string): string =>
		secrets.reduce((rest, secret) => replaced(rest, secret), withoutSecrets(decodesToSecret(text) ? HIDDEN : text));
	const veiled = found.flatMap(({ fact, text, secrets: own }) => {
		const isPlain = text === undefined || [...own, ...formsIn(fact)].every((secret) => has(text, secret));
		return isPlain && !(text ?? "").split(/[\s"'|;=]/).some(decodesToSecret) ? [] : [fact];
	});
	return {
		told,
		toldPlace: (text, pointer, [start, end]) =>
			veiled.some((fact) => fact.pointer === pointer && fact.span[0] < end && start < fact.span[1]) ? null : told(text),
	};
}

const HIDDEN = "[secret]";

/** A word of letters and digits, whatever their case is there: readers put some attributes in lower case. */
const replaced = (text: string, secret: string): string =>
	[secret, secret.toLowerCase()].reduce((rest, each) => rest.replaceAll(each, HIDDEN), text);

const has = (text: string, secret: string): boolean => text.toLowerCase().includes(secret.toLowerCase());

const valuesOf = ({ has: attributes, decoded }: Fact): readonly string[] => [
	...Object.values(attributes).flat(),
	...(decoded === undefined ? [] : [decoded]),
];

function secretsOf(fact: Fact, text: string | undefined): readonly string[] {
	const named = valuesOf(fact).flatMap((value) => [...value.matchAll(NAMED)].map(([, secret = ""]) => secret));
	const options = (fact.has["values"] ?? []).flatMap((value) => optionSecret(fact, value));
	const own = fact.kind === "secret" && text !== undefined ? [text] : [];
	return [...named, ...options, ...own].filter((secret) => secret.length >= SECRET_LENGTH_MIN);
}

/** A shorter one would be replaced in words that only look like it. */
const SECRET_LENGTH_MIN = 4;

/** `PGPASSWORD=…`, `api-key: …`, and what stands between a name and the host of a URL. */
const NAMED =
	/(?:(?:[\w-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key)|[:/]\/[^/\s:@]*)\s*[=:]\s*["']?)(?!\s|\$|<|\*{3}|\/\/)([^\s"'&,;@]+)/gi;

/** The option of a program that takes a password; behind a colon where it takes a name as well. */
const PASSWORD_OPTIONS: readonly (readonly [program: RegExp, option: RegExp])[] = [
	[/^(?:mysql|maria|sshpass|mongo|docker|podman|az|smb|rpc|net$|7z|zip|unzip|openssl)/, /^p=(.+)$/s],
	[/^(?:curl|wget|http|https|xh|snmp|smb|impacket)/, /^(?:u|user|a|auth)=[^:]*:(.+)$/s],
	[/^(?:redis-cli|valkey-cli)$/, /^a=(.+)$/s],
	[/^ldap/, /^w=(.+)$/s],
];

function optionSecret({ has: { program = [] } }: Fact, value: string): readonly string[] {
	return PASSWORD_OPTIONS.flatMap(([name, option]) => {
		const secret = program.some((each) => name.test(each)) ? option.exec(value)?.[1] : undefined;
		return secret === undefined ? [] : [secret];
	});
}

/** What of a fact's values looks like a credential by its form. */
const formsIn = (fact: Fact): readonly string[] =>
	valuesOf(fact).flatMap((value) => {
		const safe = withoutSecrets(value);
		if (safe === value) return [];
		const [head = "", tail = ""] = [safe.slice(0, safe.indexOf(HIDDEN)), safe.slice(safe.lastIndexOf(HIDDEN) + 8)];
		return [value.slice(head.length, value.length - tail.length)];
	});

/** Base64 or hex of a text with a credential in it. */
function decodesToSecret(text: string): boolean {
	if (!/^[A-Za-z0-9+/_-]{12,}={0,2}$/.test(text)) return false;
	const layers = /^(?:[0-9a-f]{2})+$/i.test(text) ? (["hex", "base64"] as const) : (["base64"] as const);
	return layers.some((layer) => {
		const decoded = Buffer.from(text, layer).toString("utf8");
		return withoutSecrets(decoded) !== decoded || [...decoded.matchAll(NAMED)].length > 0;
	});
}
