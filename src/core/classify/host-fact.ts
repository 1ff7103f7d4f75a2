/** Hosts that calls of code name without a URL. */
import type { Findings, Place } from "./fact.ts";
import { hostClass, normalHost } from "./url.ts";

export interface NamedHost {
	readonly scheme: string;
	/** Absent: it is known only when the code runs. */
	readonly host?: string | undefined;
	readonly port?: string | undefined;
}

/** The fact of a host that code reaches, in the spelling in which policies name it. */
export function addHost({ scheme, host, port }: NamedHost, at: Place, to: Findings): void {
	const name = host !== undefined && NAME.test(host) ? normalHost(host) : undefined;
	to.add({
		...at,
		kind: "host",
		has: {
			...(name === undefined ? {} : { host: [name], class: [hostClass(name)] }),
			scheme: [scheme],
			...(port === undefined ? {} : { port: [port] }),
		},
	});
}

const NAME = /^\[?[\w.:-]+\]?$/;
