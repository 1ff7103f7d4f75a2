/**
 * Where a URL leads, as `new URL` sees it.
 *
 * Programs differ about URLs, and what is judged here is opened by another program. A text about which they are known to
 * differ is not read: the caller is in doubt.
 */
import { isSettled, isSettledHost } from "./settled-letters.ts";

export interface UrlReading {
	/** In lower case, without `:`. */
	readonly scheme: string;
	/** As a `URL` writes it, without a dot at its end; empty where the URL names none, such as `file:///etc`. */
	readonly host: string;
	/** What else the host can be read as: `010.0.0.1` is 8.0.0.1 to some and 10.0.0.1 to others. */
	readonly otherHost: string | null;
	/** That of the scheme where none is given; null where it has none. */
	readonly port: number | null;
}

const PORTS: Readonly<Record<string, number | undefined>> = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 };

/** The port that URLs of a scheme lead to, where they name none. */
export const schemePort = (scheme: string): number | undefined =>
	Object.hasOwn(PORTS, scheme) ? PORTS[scheme] : undefined;

/** Schemes whose URLs lead to no host. */
const HOSTLESS: ReadonlySet<string> = new Set(["data", "mailto", "javascript", "about", "tel", "sms", "urn"]);

/** The longest that is read between `//` and the path; a name has at most 253 characters. */
const AUTHORITY_LENGTH_MAX = 1_024;

/** Taken out by a `URL` and sent on by others; and letters that older programs turn into other letters than newer ones. */
const CONTROL = /\p{Cc}/u;
const DEVIANT = /[\u00df\u03c2\u1e9e\u200c\u200d]/;

/** Opened one after the other by programs that take several URLs in one text. */
const SEVERAL = /^[^?#]*[,;|][A-Za-z][A-Za-z0-9+.-]{0,60}:\/\//;

/** Names, addresses with digits and points, and those in brackets: of anything else programs make several hosts, or another one. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

/** Null where nobody can say for certain: no scheme, `\` for `/`, several `@`, several URLs, a host that no name can be. */
export function readUrl(text: string): UrlReading | null {
	const scheme = /^[A-Za-z][A-Za-z0-9+.-]{0,60}(?=:)/.exec(text)?.[0].toLowerCase();
	if (scheme === undefined || CONTROL.test(text) || /\s/.test(text)) return null;
	const rest = text.slice(scheme.length + 1);
	if (!rest.startsWith("//")) {
		const isHostless = HOSTLESS.has(scheme) || (scheme === "file" && /^\/(?![\\/])/.test(rest));
		return isHostless ? { scheme, host: "", otherHost: null, port: null } : null;
	}
	const authority = SEVERAL.test(rest) ? null : authorityOf(rest);
	if (authority === null) return null;
	if (scheme === "file" && (authority === "" || authority.toLowerCase() === "localhost")) {
		// `file:////server/x` is a file of another machine where backslashes separate folders.
		return rest.startsWith("////") ? null : { scheme, host: "", otherHost: null, port: null };
	}
	return hostAndPort(scheme, authority.slice(authority.indexOf("@") + 1));
}

/** What is between `//` and the path, and has one meaning. */
function authorityOf(rest: string): string | null {
	const end = rest.slice(2, AUTHORITY_LENGTH_MAX + 3).search(/[/?#\\]/);
	if (end < 0 && rest.length > AUTHORITY_LENGTH_MAX + 2) return null;
	const authority = end < 0 ? rest.slice(2) : rest.slice(2, end + 2);
	const stop = end < 0 ? "" : rest[end + 2];
	if (stop === "\\" || DEVIANT.test(authority)) return null;
	// To some programs the host of `https://a?@b/` is b.
	if (stop === "?" || stop === "#") {
		const slash = rest.indexOf("/", end + 2);
		if (rest.slice(end + 2, slash < 0 ? undefined : slash).includes("@")) return null;
	}
	return authority;
}

function hostAndPort(scheme: string, text: string): UrlReading | null {
	const url = isSettled(text) ? parsed(`http://${text}/`) : null;
	if (url === null || !isSettledHost(url.hostname)) return null;
	const host = url.hostname.replace(/(?<=[^.])\.$/, "");
	if (!HOST.test(host) || host.split(".").includes("") || url.username !== "") return null;
	// A `URL` leaves out the port of its scheme, which here is that of http.
	const isPortGiven = /:\d+$/.test(text);
	const port = isPortGiven ? Number(url.port || 80) : (PORTS[scheme] ?? null);
	return { scheme, host, otherHost: otherHostOf(text, host), port };
}

/** Numbers of an address that begin with `0`, without it. */
function otherHostOf(text: string, host: string): string | null {
	if (!/^\d+\.\d+\.\d+\.\d+$/.test(host)) return null;
	const written = text.replace(/:\d*$/, "");
	if (!/(?:^|\.)0+[0-9]/.test(written)) return null;
	const other = parsed(`http://${written.replace(/(?<=^|\.)0+(?=\d)/g, "")}/`);
	return other === null || other.hostname === host ? null : other.hostname;
}

function parsed(text: string): URL | null {
	try {
		return new URL(text);
	} catch {
		return null;
	}
}

/** A host as a rule names it, in the spelling of a `URL`; null where it is none. */
export function canonicalHost(text: string): string | null {
	const reading = text.includes("@") || authorityOf(`//${text}/`) === null ? null : hostAndPort("http", text);
	return reading === null || /[/?#\\]/.test(text) ? null : reading.host;
}
