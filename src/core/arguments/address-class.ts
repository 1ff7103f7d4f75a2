/**
 * What kind of place a host is: this machine, this network, or the service that hands out a cloud machine's credentials.
 *
 * Hosts are those of a `URL`: addresses in their one spelling, names in lower case. Names are not looked up. Of a name that
 * may lead anywhere, nobody knows.
 */
import { ANYWHERE_NAMES } from "./address-names.ts";
import { type Answer, answerOf, anyOf } from "./answer.ts";

export const ADDRESS_CLASSES = ["private", "loopback", "link-local", "metadata", "unspecified"] as const;

export type AddressClass = (typeof ADDRESS_CLASSES)[number];

/** `host` has no dot at its end; an IPv6 address is in brackets. */
export function isOfClass(host: string, wanted: AddressClass): Answer {
	const ipv6 = ipv6Groups(host);
	if (ipv6 !== null) return answerOf(ipv6Classes(ipv6).has(wanted));
	const ipv4 = ipv4Number(host);
	if (ipv4 !== null) return answerOf(ipv4Classes(ipv4).has(wanted));
	return nameIs(host, wanted);
}

export const isAddress = (host: string): boolean => host.startsWith("[") || ipv4Number(host) !== null;

type Range = readonly [network: string, bits: number, kind: AddressClass];

const IPV4: readonly Range[] = [
	["0.0.0.0", 8, "unspecified"],
	// What asks for no address in particular reaches the machine itself.
	["0.0.0.0", 32, "loopback"],
	["127.0.0.0", 8, "loopback"],
	["10.0.0.0", 8, "private"],
	["172.16.0.0", 12, "private"],
	["192.168.0.0", 16, "private"],
	// Shared by the customers of one provider, and for tests between networks.
	["100.64.0.0", 10, "private"],
	["198.18.0.0", 15, "private"],
	["169.254.0.0", 16, "link-local"],
	["169.254.169.254", 32, "metadata"],
	["169.254.170.2", 32, "metadata"],
	["169.254.170.23", 32, "metadata"],
	["100.100.100.200", 32, "metadata"],
	["168.63.129.16", 32, "metadata"],
	["192.0.0.192", 32, "metadata"],
];

const IPV6: readonly Range[] = [
	["[::]", 128, "unspecified"],
	["[::]", 128, "loopback"],
	["[::1]", 128, "loopback"],
	["[fc00::]", 7, "private"],
	["[fec0::]", 10, "private"],
	["[64:ff9b:1::]", 48, "private"],
	["[fe80::]", 10, "link-local"],
	["[fd00:ec2::254]", 128, "metadata"],
	["[fd00:ec2::23]", 128, "metadata"],
	["[fd20:ce::254]", 128, "metadata"],
];

const bytes4 = (address: number): readonly number[] => [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff);
const bytes6 = (groups: readonly number[]): readonly number[] => groups.flatMap((group) => [group >> 8, group & 0xff]);

function classesIn(address: readonly number[], table: readonly ParsedRange[]): Set<AddressClass> {
	const found = new Set<AddressClass>();
	for (const { network, bits, kind } of table) if (hasPrefix(address, network, bits)) found.add(kind);
	return found;
}

interface ParsedRange {
	readonly network: readonly number[];
	readonly bits: number;
	readonly kind: AddressClass;
}

function hasPrefix(address: readonly number[], network: readonly number[], bits: number): boolean {
	for (let index = 0, left = bits; left > 0; index++, left -= 8) {
		const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
		if ((((address[index] as number) ^ (network[index] as number)) & mask) !== 0) return false;
	}
	return true;
}

/** Four decimal numbers, as a `URL` writes an address; null for anything else. */
function ipv4Number(host: string): number | null {
	if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return null;
	const parts = host.split(".").map(Number);
	return parts.some((part) => part > 255) ? null : parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Eight numbers of 16 bits; null for what is not in brackets. */
function ipv6Groups(host: string): readonly number[] | null {
	if (!host.startsWith("[") || !host.endsWith("]")) return null;
	const [before = "", after] = host.slice(1, -1).split("::");
	const groups = (text: string): number[] =>
		text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
	const [head, tail] = [groups(before), groups(after ?? "")];
	return [...head, ...Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail];
}

const IPV4_RANGES: readonly ParsedRange[] = IPV4.map(([network, bits, kind]) => ({
	network: bytes4(ipv4Number(network) as number),
	bits,
	kind,
}));

const IPV6_RANGES: readonly ParsedRange[] = IPV6.map(([network, bits, kind]) => ({
	network: bytes6(ipv6Groups(network) as readonly number[]),
	bits,
	kind,
}));

const ipv4Classes = (address: number): Set<AddressClass> => classesIn(bytes4(address), IPV4_RANGES);

/** An address that carries an IPv4 address leads there. */
function ipv6Classes(groups: readonly number[]): Set<AddressClass> {
	const found = classesIn(bytes6(groups), IPV6_RANGES);
	for (const address of carried(groups)) for (const kind of ipv4Classes(address)) found.add(kind);
	return found;
}

function carried(groups: readonly number[]): readonly number[] {
	const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
	const pair = (high: number, low: number): number => high * 0x1_0000 + low;
	const last = pair(g, h);
	const isZero = (...some: number[]): boolean => some.every((group) => group === 0);
	if (isZero(a, b, c, d, e)) {
		if (f === 0xffff) return [last];
		// `::` and `::1` are what they are; the rest of this range once meant the IPv4 address in it.
		return f === 0 && last > 1 ? [last] : [];
	}
	if (isZero(a, b, c, d, f) && e === 0xffff) return [last];
	if (a === 0x64 && b === 0xff9b) {
		if (c === 0) return [last];
		// In a prefix of 48 bits the address goes around the eight bits in its middle.
		return c === 1 ? [...(last === 0 ? [] : [last]), pair(d, ((e & 0xff) << 8) | (f >> 8))] : [];
	}
	if (a === 0x2002) return [pair(b, c)];
	if (a === 0x2001 && b === 0) return [pair(c, d), pair(g ^ 0xffff, h ^ 0xffff)];
	return (e & 0xfdff) === 0 && f === 0x5efe ? [last] : [];
}

const LOOPBACK_NAMES = /^(?:localhost[46]?|ip6-(?:localhost|loopback)|localhost[46]?\.localdomain[46]?)$|\.localhost$/;
const METADATA_NAMES = /^(?:metadata(?:\.google\.internal|\.goog)?|instance-data(?:\.ec2\.internal)?)$/;
const PRIVATE_NAMES = /\.(?:internal|intranet|local|localdomain|lan|home|corp|private|home\.arpa|svc|cluster\.local)$/;

const isAnywhere = (host: string): boolean =>
	ANYWHERE_NAMES.some(
		(name) => host.endsWith(name) && (host.length === name.length || host.at(-name.length - 1) === "."),
	);

function nameIs(host: string, wanted: AddressClass): Answer {
	if (METADATA_NAMES.test(host)) {
		const isPrivate = wanted === "private" && PRIVATE_NAMES.test(host);
		return answerOf(wanted === "metadata" || wanted === "link-local" || isPrivate);
	}
	if (LOOPBACK_NAMES.test(host)) return answerOf(wanted === "loopback");
	if (PRIVATE_NAMES.test(host)) return wanted === "private" ? "yes" : "unreadable";
	// A name without a dot is looked up in the network that the machine is in.
	return isAnywhere(host) || !host.includes(".") ? "unreadable" : "no";
}

/** Is it of one of these? */
export const isOfAnyClass = (host: string, wanted: readonly AddressClass[]): Answer =>
	anyOf(wanted.map((each) => isOfClass(host, each)));
