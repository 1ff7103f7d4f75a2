/** Facts of the hosts that Windows commands name: shares, `-ComputerName` and its kin, and what `ping`, `iwr`, `TcpClient` are given. */
import type { Fact, Findings, Place } from "../fact.ts";
import { hostAttributes } from "../host-fact.ts";
import { normalHost } from "../url.ts";

const HOSTS_MAX = 8;
/** A name with its path; names alone have at most 253 characters. */
const NAME_MAX = 500;

/** Options of any command whose value is another machine. */
const MACHINES = new Set(
	"computername cn hostname hostnames server smtpserver node remotecomputer dnshostname vmhost domaincontroller".split(
		" ",
	),
);
/** Options of single programs with the same sense. */
const OWN_MACHINES: ReadonlyMap<string, RegExp> = new Map([
	...words("schtasks systeminfo tasklist taskkill driverquery getmac gpresult openfiles eventcreate shutdown").map(
		(program) => [program, /^[sm]=/] as const,
	),
	["mstsc", /^v=/],
	["winrs", /^r(?:emote)?=/],
	["dsquery", /^s=/],
]);
/** Programs whose operand is a host, by what they speak. */
const NAMED: ReadonlyMap<string, string> = new Map([
	...words("ping tracert pathping psping test-connection test-netconnection portqry").map(
		(name) => [name, "icmp"] as const,
	),
	...words("nslookup resolve-dnsname").map((name) => [name, "dns"] as const),
	...words("invoke-webrequest invoke-restmethod curl wget").map((name) => [name, "http"] as const),
	["telnet", "telnet"],
	["ftp", "ftp"],
	["tftp", "tftp"],
]);
/** Options whose value is a file, a number or a text, no host. */
const OTHER = /^(?:o|output|outfile|out|d|data|body|h|headers?|n|w|l|i|a|x|s|method|request|type|count|port|p|u|f|t)=/;

const SHARE = /^(?:(?:filesystem|microsoft\.powershell\.core\\filesystem)::)?\\\\([\w.-]+)(?:@[^\\]*)?(?:\\|$)/i;
const HOST =
	/^(?:\w+:\/\/)?(?:[^@/\s]+@)?([\w-]+(?:\.[\w-]+)+|localhost|[\w-]*[a-z][\w-]*)(?::(\d{1,5}))?(?:[/?].*)?$/i;

function words(text: string): readonly string[] {
	return text.split(" ");
}

interface Named {
	readonly host: string;
	readonly scheme: string;
	readonly port?: string;
}

/** Of a command with its words and the values of its options, in lower case. */
export function addCommandHosts(program: string, has: Fact["has"], at: Place, to: Findings): void {
	const given = has["words"] ?? [];
	const values = has["values"] ?? [];
	const found: Named[] = [];
	for (const word of given) {
		const host = SHARE.exec(word)?.[1];
		if (host !== undefined && host !== ".") found.push({ host, scheme: "smb" });
	}
	const own = OWN_MACHINES.get(program);
	for (const pair of values) {
		const [name = "", text = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
		if (!MACHINES.has(name) && own?.test(pair) !== true) continue;
		for (const each of text.split(",")) found.push(...hostIn(each, "rpc"));
	}
	const scheme = NAMED.get(program);
	if (scheme !== undefined) found.push(...operandHosts(program, scheme, given, values));
	add(program, found, at, to);
}

function operandHosts(program: string, scheme: string, given: readonly string[], values: readonly string[]): Named[] {
	const uri = values.find((pair) => /^(?:uri|name|targetname|url)=/.test(pair))?.replace(/^\w+=/, "");
	if (uri !== undefined) return uri.includes("://") ? [] : hostIn(uri, scheme);
	const others = new Set(values.filter((pair) => OTHER.test(pair)).map((pair) => pair.slice(pair.indexOf("=") + 1)));
	const operands = given.filter((word) => !/^\d+$/.test(word) && !word.includes("://"));
	// `-t HOST`: of a switch the word behind it is the operand.
	const free = operands.filter((word) => !others.has(word));
	if (program === "nslookup") return free.filter((word) => word.includes(".")).flatMap((word) => hostIn(word, scheme));
	const [chosen] = free.length > 0 || scheme === "http" ? free : operands.slice(-1);
	if (chosen === undefined || (scheme === "http" && !/^[^/]*\.|^localhost/.test(chosen))) return [];
	const port = program === "telnet" ? given.find((word) => /^\d{1,5}$/.test(word)) : undefined;
	return hostIn(chosen, scheme).map((one) => (port === undefined ? one : { ...one, port }));
}

/** What .NET's clients are given: a host, and the port behind it. */
export function addCallHosts(name: string, args: readonly string[], at: Place, to: Findings): void {
	const scheme = CALLS.find(([pattern]) => pattern.test(name))?.[1];
	const [host = "", port = ""] = args;
	if (scheme === undefined || host === "" || host.includes("://")) return;
	add(
		name,
		hostIn(host, scheme).map((one) => (/^\d{1,5}$/.test(port) && scheme === "tcp" ? { ...one, port } : one)),
		at,
		to,
	);
}

const CALLS: readonly (readonly [name: RegExp, scheme: string])[] = [
	[/^net\.sockets\.(?:tcp|udp)client\.(?:new|connect(?:async)?|beginconnect)$/, "tcp"],
	[/^net\.networkinformation\.ping(?:\.new)?\.send\w*$/, "icmp"],
	[/^net\.dns\.(?:get|resolve|begin)\w*$/, "dns"],
	[/^net\.mail\.smtpclient\.new$/, "smtp"],
];

function hostIn(text: string, scheme: string): Named[] {
	if (text.length > NAME_MAX) return [];
	const [, host, port] = HOST.exec(text.replace(/^\\\\/, "").trim()) ?? [];
	return host === undefined ? [] : [port === undefined ? { host, scheme } : { host, scheme, port }];
}

function add(program: string, found: readonly Named[], { pointer, span, via }: Place, to: Findings): void {
	const seen = new Set<string>();
	for (const { host, scheme, port } of found) {
		const normal = normalHost(host);
		if (seen.has(normal) || seen.size >= HOSTS_MAX) continue;
		seen.add(normal);
		to.add({ kind: "host", pointer, span, via, has: hostAttributes({ host: normal, scheme, port }, program) });
	}
}
