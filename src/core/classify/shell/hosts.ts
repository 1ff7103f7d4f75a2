/** Facts of the hosts that a command's words name: where `ssh`, `scp`, `git`, `nc` and their kin reach to. */
import { hostAttributes } from "../host-fact.ts";
import { normalHost, seeUrl } from "../url.ts";
import { REACHES, type Reach } from "./reaches.ts";
import type { Session, Spot } from "./session.ts";
import type { Field } from "./words.ts";

const HOSTS_MAX = 8;

export const reachesHosts = (program: string): boolean => REACHES.has(program);

/** Of programs that are known to reach others. */
export function addHosts(session: Session, program: string, args: readonly Field[], spot: Spot): void {
	const reach = REACHES.get(program);
	if (reach === undefined) return;
	const { operands, port, through, isListening } = wordsOf(args, reach);
	const found = through
		.flatMap((text) => text.split(","))
		.flatMap((text) => {
			const one = hostIn(text, reach.scheme);
			return one === null ? [] : [reach.names === "none" ? { ...one, port: one.port || port } : one];
		});
	if (reach.names !== "repository" && reach.scheme !== "http") found.push(...urlsIn(args, reach.scheme));
	if (!isListening) found.push(...named(operands, reach, port));
	add(session, program, found, spot);
}

/** Of programs of which it is not known: words that are URLs as a whole, where the program does more than show its words. */
export function addNamedUrls(session: Session, program: string, args: readonly Field[], spot: Spot): void {
	if (!SHOWS.has(program)) add(session, program, urlsIn(args, ""), spot);
}

/** `https_proxy=HOST` in front of a command, and among the words of `export` and `env`. */
export function addProxies(session: Session, program: string, settings: readonly string[], spot: Spot): void {
	for (const each of settings) {
		const [, text] = PROXY.exec(each) ?? [];
		const one = text === undefined ? null : hostIn(text.replace(/\/$/, ""), "http");
		if (one !== null) add(session, program, [one], spot);
	}
}

const PROXY = /^(?:https?|all|ftp|rsync)_proxy=(.+)$/i;

function add(session: Session, program: string, found: readonly Named[], spot: Spot): void {
	const seen = new Set<string>();
	for (const { host, scheme, port: at } of found.slice(0, HOSTS_MAX)) {
		const normal = normalHost(host);
		const key = `${normal} ${at}`;
		if (seen.has(key)) continue;
		seen.add(key);
		const known = { scheme, host: host === "" ? undefined : normal, port: at === "" ? undefined : at };
		session.add("host", spot, hostAttributes(known, program));
	}
}

/** Of them a URL is a text: what is shown, looked for, or kept. */
const SHOWS = new Set(
	"echo printf print grep egrep fgrep rg ag ack sed awk gawk mawk test [ [[ : true false expr jq yq cut tr basename dirname set read alias logger notify-send say cowsay figlet man info help git gh glab".split(
		" ",
	),
);

/** Words, and values of options, that are URLs. */
function urlsIn(args: readonly Field[], scheme: string): readonly Named[] {
	const found: Named[] = [];
	for (const { text } of args) {
		if (!text.includes("://")) continue;
		const [, url] = WHOLE_URL.exec(text) ?? [];
		const one = url === undefined ? null : urlIn(url, scheme);
		if (one !== null) found.push(one);
	}
	return found;
}

const WHOLE_URL = /^(?:--?[\w.-]+=)?(?:(?:git|hg|svn)\+)?([a-z][\w.-]*:\/\/[^\s/]\S*)$/i;

interface Named {
	/** Empty: it is known only when the command runs. */
	readonly host: string;
	readonly scheme: string;
	/** Empty: that of the scheme. */
	readonly port: string;
}

function named(operands: readonly string[], { names, scheme }: Reach, port: string): readonly Named[] {
	switch (names) {
		case "first": {
			const [first = "", second = ""] = operands;
			const one = hostIn(first, scheme);
			if (one === null) return [];
			return [{ ...one, port: one.port || port || (scheme !== "ssh" && /^\d{1,5}$/.test(second) ? second : "") }];
		}
		case "copied":
			return operands.flatMap((text) => {
				const one = remoteIn(text, scheme);
				return one === null ? [] : [{ ...one, port: one.port || port }];
			});
		case "repository":
			return repositoriesOf(operands).flatMap(
				(text) => remoteIn(text, scheme) ?? (IS_OPEN.test(text) ? { host: "", scheme, port: "" } : []),
			);
		case "dotted":
			return operands.flatMap((text) => {
				const name = text.replace(/^@/, "");
				const one = /[.:$]/.test(name) && !name.startsWith("+") && !name.includes("://") ? hostIn(name, scheme) : null;
				return one === null ? [] : [one];
			});
		case "image":
			return imagesOf(operands).flatMap((text) => {
				const [, host, at = ""] = /^([\w-]+(?:\.[\w-]+)+|localhost)(?::(\d+))?(?:\/|$)/.exec(text) ?? [];
				return host === undefined ? [] : [{ host, scheme, port: at }];
			});
		case "none":
			return [];
		case "address":
			return operands.flatMap((text) => {
				const [, host, at = ""] =
					/^(?:tcp|tcp[46]|udp|udp[46]|openssl|ssl|sctp)(?:-connect|-sendto|-datagram)?:(\[[\da-f:.]+\]|[^:,]+):(\w+)/i.exec(
						text,
					) ?? [];
				return host === undefined ? [] : [{ host, scheme, port: at }];
			});
	}
}

/** What reaches another repository: `clone URL`, `push URL …`, `remote add NAME URL`. */
function repositoriesOf([sub = "", ...operands]: readonly string[]): readonly string[] {
	if (/^(?:clone|fetch|pull|push|ls-remote)$/.test(sub))
		return operands.filter((text, index) => index === 0 || /:\/\/|^[^/\s]+@[^/\s:]+:/.test(text));
	return /^(?:remote|submodule)$/.test(sub) && /^(?:add|set-url)$/.test(operands[0] ?? "") ? operands.slice(1, 3) : [];
}

/** What is fetched or sent, with the registry in front: `pull REGISTRY/NAME`; a name alone is one of the usual registry. */
function imagesOf([sub = "", ...operands]: readonly string[]): readonly string[] {
	if (sub === "login" || sub === "logout") return operands.slice(0, 1);
	return /^(?:pull|push|copy|run|create)$/.test(sub)
		? operands.map((text) => text.replace(/^docker:\/\//, "")).filter((text) => text.includes("/"))
		: [];
}

/** The host in an option's word: `HostName=HOST`, `8080:HOST:80`, `::HOST:443`. */
function hostOfOption(flag: string, text: string): string {
	switch (flag) {
		case "-o":
			return /^\s*(?:HostName|ProxyJump)[\s=]+(\S+)$/i.exec(text)?.[1] ?? "";
		case "-L":
			return /(?:^|:)([^:/]+):\d+$/.exec(text)?.[1] ?? "";
		case "--resolve":
		case "--connect-to":
			return /^[^:]*:[^:]*:(\[[^\]]+\]|[^:]+)/.exec(text)?.[1] ?? "";
		default:
			return text;
	}
}

/** `user@host`, `host`, or a URL. */
function hostIn(text: string, scheme: string): Named | null {
	if (text.includes("://")) return urlIn(text, scheme);
	const [, host, port = ""] = HOST.exec(text) ?? [];
	if (host === undefined) return IS_OPEN.test(text) ? { host: "", scheme, port: "" } : null;
	if (host.startsWith("-") || host === ".") return null;
	return { host: bracketed(host), scheme, port: /^\d{1,5}$/.test(port) ? port : "" };
}

const HOST = /^(?:[^@\s]+@)?(\[[\da-f:.]+\]|[\da-f]*:[\da-f:.]*:[\da-f:.]*|[\w.-]+)(?::([^:]*))?$/i;

/** `user@host:path`, `host::module`, or a URL; a path of this machine has a `/` in front of its first `:`, or none. */
function remoteIn(text: string, scheme: string): Named | null {
	if (text.includes("://")) return urlIn(text, scheme);
	const [, host] = REMOTE.exec(text) ?? [];
	if (host === undefined || host.startsWith("-")) return null;
	return { host: IS_OPEN.test(host) ? "" : host, scheme, port: "" };
}

const REMOTE = /^(?:[^@:/\s]+@)?(\[[\da-f:.]+\]|[\w.-]{2,}|\$\{?\w+\}?):(?!\\)/i;

/** Holds what is known only when the command runs. */
const IS_OPEN = /[$`]/;

function urlIn(text: string, scheme: string): Named | null {
	const seen = IS_OPEN.test(text.split("/")[2] ?? "") ? null : seeUrl(text);
	return seen === null
		? { host: "", scheme: /^[a-z][\w+.-]*(?=:)/i.exec(text)?.[0].toLowerCase() ?? scheme, port: "" }
		: { host: seen.host, scheme: seen.scheme, port: seen.port };
}

const bracketed = (host: string): string => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);

/** Operands, and what options say. */
function wordsOf(args: readonly Field[], { scheme, names, valued: takers, port, through }: Reach) {
	const operands: string[] = [];
	const jumps: string[] = [];
	let at = "";
	let isListening = false;
	for (let index = 0; index < args.length; index++) {
		const { text } = args[index] as Field;
		if (text === "--" && names === "none") break;
		if (!text.startsWith("-") || text === "-") {
			operands.push(text);
			// What follows the host is for the shell there.
			if (scheme === "ssh" && names === "first" && operands.length > 1) break;
			continue;
		}
		if (scheme === "tcp" && /^-[a-zA-Z]*l[a-zA-Z]*$|^--listen$/.test(text)) isListening = true;
		const isCluster = /^-[a-zA-Z0-9]/.test(text);
		const flag = isCluster && !takers.has(text) ? text.slice(0, 2) : text;
		const inWord = flag === text ? null : takers.has(flag) ? text.slice(2) : null;
		const takesNext =
			inWord === null && (takers.has(text) || (/^-[a-zA-Z0-9]+$/.test(text) && takers.has(`-${text.at(-1)}`)));
		const value = inWord ?? (takesNext ? (args[index + 1]?.text ?? "") : "");
		if (flag === port) at = value;
		const [, name = "", said = ""] = /^(--[\w-]+)=(.+)$/.exec(text) ?? [flag, flag, value];
		const host = through?.has(name) === true ? hostOfOption(name, said) : "";
		if (host !== "") jumps.push(host);
		if (takesNext) index += 1;
	}
	return { operands, port: /^\d{1,5}$/.test(at) ? at : "", through: jumps, isListening };
}
