/** Hosts that calls of Python connect to by their names. */
import type { NamedHost } from "../host-fact.ts";
import type { Call } from "./call.ts";
import { isWhole, type Value } from "./value.ts";

/** Calls that are given a host, with what they speak to it. */
const CONNECTING: readonly (readonly [pattern: RegExp, scheme: string])[] = [
	[/^socket\.(?:socket\(\)\.(?:connect|connect_ex|sendto)|create_connection)$|^asyncio\.open_connection$/u, "tcp"],
	[/^smtplib\.SMTP(?:_SSL)?(?:\(\)\.connect)?$/u, "smtp"],
	[/^ftplib\.FTP(?:_TLS)?(?:\(\)\.connect)?$/u, "ftp"],
	[/^http\.client\.HTTPSConnection$/u, "https"],
	[/^http\.client\.HTTPConnection$/u, "http"],
	[
		/^(?:paramiko\.(?:SSHClient\(\)\.connect|client\.SSHClient\(\)\.connect|Transport)|asyncssh\.connect|fabric\.Connection)$/u,
		"ssh",
	],
	[/^telnetlib\.Telnet(?:\(\)\.open)?$/u, "telnet"],
	[/^imaplib\.IMAP4\w*$/u, "imap"],
	[/^poplib\.POP3\w*$/u, "pop3"],
];

/** The host that a call names; undefined for a call that connects to none, or to what a URL says. */
export function hostOf(name: string, { args, keywords }: Call): NamedHost | undefined {
	const scheme = CONNECTING.find(([pattern]) => pattern.test(name))?.[1];
	if (scheme === undefined) return undefined;
	const pair = args.find(({ items }) => items !== undefined)?.items;
	const [host = keywords.get("host") ?? keywords.get("hostname"), port = keywords.get("port")] = pair ?? args;
	if (host === undefined && scheme !== "tcp") return undefined;
	const [, named = host?.text, behind] = /^(?:[\w.-]+@)?([\w.-]+):(\d+)$/u.exec(host?.text ?? "") ?? [];
	return {
		scheme,
		host: named !== undefined && isWhole(named) && named !== "" ? named : undefined,
		port: behind ?? numberOf(port),
	};
}

const numberOf = (value: Value | undefined): string | undefined =>
	value?.number === undefined ? undefined : String(value.number);
