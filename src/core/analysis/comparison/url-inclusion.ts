/** URLs that one test lets be of a kind, and another one as well: by schemes, hosts, ports and classes of addresses. */
import { isOfAnyClass } from "../../arguments/address-class.ts";
import { type HostPattern, isHost, type UrlTest } from "../../arguments/url-test.ts";

/**
 * Is a URL that is of the `narrow` kind, or may be, of the `wide` one to the same degree? A class of addresses holds none of the
 * others: `metadata` has public addresses, and `link-local` is beside `private`.
 */
export function includesUrl(wide: UrlTest, narrow: UrlTest): boolean {
	return (
		includesHosts(wide.hosts, narrow.hosts) &&
		includesAll(wide.schemes, narrow.schemes) &&
		includesAll(wide.ports, narrow.ports) &&
		(includesAll(wide.classes, narrow.classes) || areOfClasses(narrow.hosts, wide))
	);
}

/** Are there no URLs that are of the `certain` kind, and may be of the other one? */
export function excludesUrl(certain: UrlTest, other: UrlTest): boolean {
	const areApart = <Item>(some: readonly Item[] | null, others: readonly Item[] | null): boolean =>
		some !== null && others !== null && !some.some((each) => others.includes(each));
	return (
		areApart(certain.schemes, other.schemes) ||
		areApart(certain.ports, other.ports) ||
		(certain.hosts !== null &&
			other.hosts !== null &&
			certain.hosts.every((host) => other.hosts?.every((each) => areHostsApart(host, each))))
	);
}

/** The test as several that say one thing each: what one of them does not hold of, the whole does not. Few, or the test itself. */
export function partsOfUrl(test: UrlTest): readonly UrlTest[] {
	const parts = [test]
		.flatMap((each) => each.hosts?.map((host) => ({ ...each, hosts: [host] })) ?? [each])
		.flatMap((each) => each.classes?.map((kind) => ({ ...each, classes: [kind] })) ?? [each])
		.flatMap((each) => each.schemes?.map((scheme) => ({ ...each, schemes: [scheme] })) ?? [each])
		.flatMap((each) => each.ports?.map((port) => ({ ...each, ports: [port] })) ?? [each]);
	return parts.length > PARTS_MAX ? [test] : parts;
}

const PARTS_MAX = 512;

/** What a test says nothing of, it lets be anything. */
const includesAll = <Item>(wide: readonly Item[] | null, narrow: readonly Item[] | null): boolean =>
	wide === null || (narrow?.every((each) => wide.includes(each)) ?? false);

const includesHosts = (wide: UrlTest["hosts"], narrow: UrlTest["hosts"]): boolean =>
	wide === null || (narrow?.every((host) => wide.some((other) => includesHost(other, host))) ?? false);

function includesHost(wide: HostPattern, narrow: HostPattern): boolean {
	if (wide.port !== null && wide.port !== narrow.port) return false;
	if (!narrow.isSuffix) return isHost(wide, narrow.host);
	return wide.isSuffix && narrow.host.endsWith(wide.host);
}

/** `*` is any host, an address as well; below a name there are names alone. */
function areHostsApart(host: HostPattern, other: HostPattern): boolean {
	if (host.port !== null && other.port !== null && host.port !== other.port) return true;
	if (!host.isSuffix) return !isHost(other, host.host);
	if (!other.isSuffix) return !isHost(host, other.host);
	return !host.host.endsWith(other.host) && !other.host.endsWith(host.host);
}

const areOfClasses = (hosts: UrlTest["hosts"], { classes }: UrlTest): boolean =>
	hosts !== null &&
	classes !== null &&
	hosts.every(({ host, isSuffix }) => !isSuffix && isOfAnyClass(host, classes) === "yes");
