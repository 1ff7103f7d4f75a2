/** Hosts that code and commands name without a URL. */
import type { Fact, Findings, Place } from "./fact.ts";
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
	to.add({ ...at, kind: "host", has: hostAttributes({ scheme, host: name, port }) });
}

/** Attributes of a host whose name is normal already; with the program that reaches it, where one does. */
export const hostAttributes = ({ scheme, host, port }: NamedHost, program?: string): Fact["has"] => ({
	...(host === undefined ? {} : { host: [host], class: [hostClass(host)] }),
	scheme: [scheme],
	...(program === undefined ? {} : { program: [program] }),
	...(port === undefined ? {} : { port: [port] }),
});

const NAME = /^\[?[\w.:-]+\]?$/;
