/** Whether a URL leads where a rule says: hosts, schemes, ports, and classes of addresses. */
import { err, ok, type Result } from "../base/result.ts";
import { type AddressClass, isAddress, isOfAnyClass } from "./address-class.ts";
import { type Answer, agreed, allOf, answerOf, anyOf } from "./answer.ts";
import { canonicalHost, type UrlReading } from "./url-reading.ts";

export interface HostPattern {
	/** As the author wrote it. */
	readonly text: string;
	/** As a `URL` writes it; of `*.example.com` what is behind the `*`, with its dot; empty for `*`. */
	readonly host: string;
	readonly isSuffix: boolean;
	/** Null: any. */
	readonly port: number | null;
}

/** Null: the rule says nothing of it. */
export interface UrlTest {
	readonly hosts: readonly HostPattern[] | null;
	/** In lower case. */
	readonly schemes: readonly string[] | null;
	readonly ports: readonly number[] | null;
	readonly classes: readonly AddressClass[] | null;
}

/** Everything that the rule says must hold; of each list, one entry. Null is a URL that cannot be read for certain. */
export function urlIs(test: UrlTest, reading: UrlReading | null): Answer {
	if (reading === null) return "unreadable";
	const { otherHost } = reading;
	const first = readingIs(test, reading);
	return otherHost === null ? first : agreed([first, readingIs(test, { ...reading, host: otherHost })]);
}

function readingIs({ hosts, schemes, ports, classes }: UrlTest, { scheme, host, port }: UrlReading): Answer {
	const portIs = (wanted: number): Answer => (port === null ? "unreadable" : answerOf(port === wanted));
	const answers: Answer[] = [];
	if (schemes !== null) answers.push(answerOf(schemes.includes(scheme)));
	if (host === "" && (hosts !== null || ports !== null || classes !== null)) answers.push("no");
	if (hosts !== null) {
		const hostIs = (wanted: HostPattern): Answer =>
			allOf([answerOf(isHost(wanted, host)), wanted.port === null ? "yes" : portIs(wanted.port)]);
		answers.push(anyOf(hosts.map(hostIs)));
	}
	if (ports !== null) answers.push(anyOf(ports.map(portIs)));
	if (classes !== null) answers.push(isOfAnyClass(host, classes));
	return allOf(answers);
}

/** The host is as a `URL` writes it. */
export const isHost = ({ host: wanted, isSuffix }: HostPattern, host: string): boolean =>
	isSuffix
		? host !== "" && host.length > wanted.length && host.endsWith(wanted) && !(wanted !== "" && isAddress(host))
		: host === wanted;

export interface HostFault {
	readonly message: string;
	readonly help: string;
}

/** How what is more than a host is asked for beside it. */
interface BesideHost {
	/** Null: it is not. */
	readonly scheme: string | null;
	readonly classes: string;
	readonly path: string;
}

const OF_CONDITIONS: BesideHost = { scheme: "schemes", classes: "classes", path: "is matched by `glob` or `regex`" };

/** `api.github.com`, `*.example.com` (below it, at any depth), `x.org:8443`, `[::1]`, or `*`. */
export function parseHostPattern(text: string, beside = OF_CONDITIONS): Result<HostPattern, HostFault> {
	const message = `\`${text.slice(0, 60)}\` is not a host`;
	if (text === "*") return ok({ text, host: "", isSuffix: true, port: null });
	const slip = slipIn(text, beside);
	if (slip !== null) return err({ message, help: slip });
	const [, star = "", name = "", digits] = /^(\*)?(.*?)(?::(\d{1,5}))?$/s.exec(text) ?? [];
	const port = digits === undefined ? null : Number(digits);
	if (port !== null && (port < 1 || port > 65_535)) return err({ message, help: "a port is a number from 1 to 65535" });
	const host = canonicalHost(star === "" ? name : name.slice(1));
	if (host === null) return err({ message, help: HELP });
	if (star === "") return ok({ text, host, isSuffix: false, port });
	if (isAddress(host))
		return err({ message, help: `an address has no names below it: name the address, or use \`${beside.classes}\`` });
	return ok({ text, host: `.${host}`, isSuffix: true, port });
}

const HELP = "write `api.github.com`, `'*.example.com'`, `x.org:8443` or `'[::1]'`";

/** What is more than a host, or less than one. */
function slipIn(text: string, beside: BesideHost): string | null {
	if (text.trim() !== text) return `write \`${text.trim()}\`, without a space`;
	const [, scheme, behind] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]+)/.exec(text) ?? [];
	if (scheme !== undefined) {
		const goesInto = `; the scheme goes into \`${beside.scheme}: [${scheme.toLowerCase()}]\``;
		return `name the host alone: \`${behind}\`${beside.scheme === null ? "" : goesInto}`;
	}
	if (/^[\d.]+\/\d+$/.test(text))
		return `ranges of addresses have names: \`${beside.classes}: [private, loopback, link-local, metadata]\``;
	if (text.includes("/")) return `name the host alone: \`${text.slice(0, text.indexOf("/"))}\`; a path ${beside.path}`;
	if (text.startsWith(".")) return `write \`'*${text}'\``;
	if (/^\*[^.]/.test(text)) return `\`${text}\` would be the end of other names, too: write \`'*.${text.slice(1)}'\``;
	if (text.indexOf("*", 1) >= 0 || /[?[\]{}](?![\da-f:.]*\])/i.test(text.replace(/^\[[\da-f:.]+\]/i, ""))) {
		return "`*` is the whole first label: `'*.example.com'`";
	}
	if (/^[\da-f]*:[\da-f:.]*:[\da-f:.]*$/i.test(text)) return `write the address in brackets: \`'[${text}]'\``;
	return null;
}
