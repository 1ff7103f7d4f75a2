/** Facts of the hosts that a command's words name: where `ssh`, `scp`, `git`, `nc` and their kin reach to. */
import { hostClass, normalHost, seeUrl } from "../url.ts";
import type { Session, Spot } from "./session.ts";
import type { Field } from "./words.ts";
import { SSH_VALUED } from "./wrapper-shapes.ts";

interface Reach {
	readonly scheme: string;
	/**
	 * Which operands name hosts: the first one, with the port behind it; those that are `host:path`; the first of these behind a
	 * subcommand of git; addresses of socat, `TCP:host:port`.
	 */
	readonly names: "first" | "copied" | "repository" | "address";
	/** Options that take a word: letters, and long names. */
	readonly valued: ReadonlySet<string>;
	/** Options whose word is a port, and hosts that are gone through. */
	readonly port?: string;
	readonly through?: string;
}

const valued = (letters: string, names = ""): ReadonlySet<string> =>
	new Set([...letters.split(" ").map((letter) => `-${letter}`), ...names.split(" ").map((name) => `--${name}`)]);

const SSH = valued(`${SSH_VALUED} P`);
const SSH_REACH: Reach = { scheme: "ssh", names: "first", valued: SSH, port: "-p", through: "-J" };
const COPY: Reach = { scheme: "ssh", names: "copied", valued: SSH, port: "-P", through: "-J" };
const GIT = valued(
	"C c b o j",
	"git-dir work-tree namespace branch depth origin upload-pack reference template config separate-git-dir shallow-since shallow-exclude jobs filter push-option repo receive-pack refmap recurse-submodules-default server-option",
);
const NETCAT = valued(
	"e c g G i I O o p P q s T V w W x X m M",
	"exec sh-exec proxy proxy-type proxy-auth source-port source ssl-cert ssl-key wait",
);
const RSYNC = valued(
	"e f B M T",
	"rsh rsync-path exclude include exclude-from include-from files-from filter password-file port log-file temp-dir backup-dir suffix bwlimit timeout compare-dest copy-dest link-dest",
);

const REACHES: ReadonlyMap<string, Reach> = new Map(
	Object.entries({
		ssh: SSH_REACH,
		autossh: SSH_REACH,
		slogin: SSH_REACH,
		mosh: { ...SSH_REACH, valued: valued("p", "ssh port predict server") },
		"ssh-copy-id": { ...SSH_REACH, valued: valued("i p o F") },
		sftp: { ...SSH_REACH, port: "-P" },
		rsh: { scheme: "rsh", names: "first", valued: valued("l") },
		sshfs: COPY,
		scp: COPY,
		pscp: COPY,
		rsync: { scheme: "rsync", names: "copied", valued: RSYNC },
		git: { scheme: "ssh", names: "repository", valued: GIT },
		nc: { scheme: "tcp", names: "first", valued: NETCAT },
		ncat: { scheme: "tcp", names: "first", valued: NETCAT },
		netcat: { scheme: "tcp", names: "first", valued: NETCAT },
		telnet: { scheme: "telnet", names: "first", valued: valued("b e l n X S") },
		ftp: { scheme: "ftp", names: "first", valued: valued("P p N") },
		tftp: { scheme: "tftp", names: "first", valued: valued("m R c") },
		socat: { scheme: "tcp", names: "address", valued: valued("b T t lf lp lm") },
	}),
);

const HOSTS_MAX = 8;

export const reachesHosts = (program: string): boolean => REACHES.has(program);

/** Of programs that are known to reach others. */
export function addHosts(session: Session, program: string, args: readonly Field[], spot: Spot): void {
	const reach = REACHES.get(program);
	if (reach === undefined) return;
	const { operands, port, through, isListening } = wordsOf(args, reach);
	const found = through.flatMap((text) => text.split(",")).flatMap((text) => hostIn(text, reach.scheme) ?? []);
	if (!isListening) found.push(...named(operands, reach, port));
	for (const { host, scheme, port: at } of found.slice(0, HOSTS_MAX)) {
		const normal = normalHost(host);
		const named = host === "" ? {} : { host: [normal], class: [hostClass(normal)] };
		const has = { ...named, scheme: [scheme], program: [program] };
		session.add("host", spot, at === "" ? has : { ...has, port: [at] });
	}
}

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
		if (!text.startsWith("-") || text === "-") {
			operands.push(text);
			// What follows the host is for the shell there.
			if (scheme === "ssh" && names === "first" && operands.length > 1) break;
			continue;
		}
		if (scheme === "tcp" && /^-[a-zA-Z]*l[a-zA-Z]*$|^--listen$/.test(text)) isListening = true;
		const isCluster = /^-[a-zA-Z0-9]+$/.test(text);
		const flag = isCluster && !takers.has(text) ? text.slice(0, 2) : text;
		const inWord = flag === text ? null : takers.has(flag) ? text.slice(2) : null;
		const takesNext = inWord === null && (takers.has(text) || (isCluster && takers.has(`-${text.at(-1)}`)));
		const value = inWord ?? (takesNext ? (args[index + 1]?.text ?? "") : "");
		if (flag === port) at = value;
		else if (flag === through && value !== "") jumps.push(value);
		if (takesNext) index += 1;
	}
	return { operands, port: /^\d{1,5}$/.test(at) ? at : "", through: jumps, isListening };
}
