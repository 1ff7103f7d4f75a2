/** URLs in arguments: where they lead, and what they carry. Read as most programs do, for a class of host, not for a permission. */
import { isOfClass } from "../arguments/address-class.ts";
import { canonicalHost, schemePort } from "../arguments/url-reading.ts";

export interface SeenUrl {
	readonly scheme: string;
	readonly host: string;
	readonly hostClass: HostClass;
	/** That of the scheme where none is given; empty where it has none. */
	readonly port: string;
	/** Lower case. */
	readonly path: string;
	readonly query: string;
	/** A name and a password, or a token, stand in it. */
	readonly hasCredentials: boolean;
}

const LENGTH_MAX = 8_192;

/** Null where the text is no URL with a host. */
export function seeUrl(text: string): SeenUrl | null {
	if (text.length > LENGTH_MAX) return null;
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		return null;
	}
	if (url.hostname === "") return null;
	const scheme = url.protocol.slice(0, -1);
	const host = normalHost(url.hostname);
	return {
		scheme,
		host,
		hostClass: hostClass(host),
		port: url.port || String(schemePort(scheme) ?? ""),
		path: url.pathname.toLowerCase(),
		query: url.search.slice(1),
		hasCredentials: url.password !== "" || CREDENTIAL_QUERY.test(url.search),
	};
}

const CREDENTIAL_QUERY = /[?&](?:access_token|api_?key|token|password|passwd|secret|auth)=[^&]{4,}/i;

const METADATA_NAMES =
	/^(?:metadata(?:\.google\.internal|\.goog|\.azure\.internal|\.tencentyun\.com)?|instance-data(?:\.ec2\.internal)?)$/;
const LOCAL_NAMES = /^(?:localhost|.*\.localhost|host\.docker\.internal)$/;
const PRIVATE_NAMES = /\.(?:internal|local|lan|corp|intranet|home|svc|cluster\.local|test|localdomain)$/;

/** A host in the spelling of a `URL`, in which policies are compared with it; as it is, in lower case, where it has none. */
export const normalHost = (text: string): string =>
	PLAIN_NAME.test(text) ? text : (canonicalHost(text) ?? text.toLowerCase().replace(/\.$/, ""));

/** Most hosts are such: a label at the end that is no number. */
const PLAIN_NAME = /^(?:[a-z0-9_-]+\.)*[a-z][a-z-]*$/;

/** `host` as a `URL` writes it. Names are not looked up: one without a dot, or under a private top, is of this network. */
export function hostClass(host: string): HostClass {
	if (METADATA_NAMES.test(host)) return "metadata";
	if (LOCAL_NAMES.test(host)) return "loopback";
	if (PRIVATE_NAMES.test(host)) return "private";
	for (const wanted of CLASSES) if (isOfClass(host, wanted) === "yes") return wanted;
	return host.includes(".") || host.startsWith("[") ? "public" : "private";
}

const CLASSES = ["metadata", "loopback", "link-local", "private"] as const;

/** What a host can be; `public` is none of the others. */
export const HOST_CLASSES = [...CLASSES, "public"] as const;

export type HostClass = (typeof HOST_CLASSES)[number];
