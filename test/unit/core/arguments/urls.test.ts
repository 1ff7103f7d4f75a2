/** Where URLs lead: hosts, ports, schemes and classes of addresses, in every spelling. */
import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADDRESS_CLASSES, type AddressClass, isOfClass } from "../../../../src/core/arguments/address-class.ts";
import { readUrl } from "../../../../src/core/arguments/url-reading.ts";
import { parseHostPattern, urlIs as readingIs, type UrlTest } from "../../../../src/core/arguments/url-test.ts";
import type { Json } from "../../../../src/core/base/json.ts";

const urlIs = (test: UrlTest, value: Json) => readingIs(test, typeof value === "string" ? readUrl(value) : null);

const ANY: UrlTest = { hosts: null, schemes: null, ports: null, classes: null };

function hosts(...texts: string[]): UrlTest {
	const patterns = texts.map((text) => {
		const parsed = parseHostPattern(text);
		if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
		return parsed.value;
	});
	return { ...ANY, hosts: patterns };
}

/** The classes of which a URL is for certain; `?` where nobody knows. */
function classes(url: string): string {
	const answers = ADDRESS_CLASSES.map((each) => [each, urlIs({ ...ANY, classes: [each] }, url)] as const);
	if (answers.some(([, answer]) => answer === "unreadable")) return "?";
	return answers.flatMap(([each, answer]) => (answer === "yes" ? [each] : [])).join(" ");
}

describe("an address", () => {
	it.each([
		["http://127.0.0.1/", "loopback"],
		["http://127.255.1.2:8080/", "loopback"],
		["http://127.1/", "loopback"],
		["http://2130706433/", "loopback"],
		["http://0x7f000001/", "loopback"],
		["http://0x7f.0.0.1", "loopback"],
		["http://127.0.0.1./", "loopback"],
		["http://①②⑦.0.0.1/", "loopback"],
		["http://１２７。0。0。1/", "loopback"],
		["http://%31%32%37.0.0.1/", "loopback"],
		["http://user:password@127.0.0.1/", "loopback"],
		["http://api.github.com@127.0.0.1/", "loopback"],
		["HTTP://127.0.0.1", "loopback"],
		["foo://127.1/", "loopback"],
		["http://[::1]/", "loopback"],
		["http://[0:0:0:0:0:0:0:1]:80/", "loopback"],
		["http://[::ffff:127.0.0.1]/", "loopback"],
		["http://[::ffff:7f00:1]/", "loopback"],
		["http://[::127.0.0.1]/", "loopback"],
		["http://[::ffff:0:127.0.0.1]/", "loopback"],
		["http://[64:ff9b::7f00:1]/", "loopback"],
		["http://[2002:7f00:1::]/", "loopback"],
		["http://[2001:0:808:808::80ff:fffe]/", "loopback"],
		["http://[2001:db8::5efe:7f00:1]/", "loopback"],
		["http://[2001:db8::200:5efe:127.0.0.1]/", "loopback"],
		["http://localhost/", "loopback"],
		["http://LOCALHOST./", "loopback"],
		["http://a.localhost:3000/", "loopback"],
		["http://ⓛocalhost/", "loopback"],
		["http://localhost.localdomain/", "loopback"],
		["http://0/", "loopback unspecified"],
		["http://0.0.0.0/", "loopback unspecified"],
		["http://[::]/", "loopback unspecified"],
		["http://0.1.2.3/", "unspecified"],
		["http://10.1.2.3/", "private"],
		["http://172.16.0.1/", "private"],
		["http://172.31.255.255/", "private"],
		["http://192.168.1/", "private"],
		["http://100.64.0.1/", "private"],
		["http://[fd12:3456::1]/", "private"],
		["http://[::ffff:10.0.0.1]/", "private"],
		["http://[64:ff9b:1:a00:0:100::]/", "private"],
		["http://169.254.1.1/", "link-local"],
		["http://[fe80::1]/", "link-local"],
		["http://169.254.169.254/latest/meta-data/", "link-local metadata"],
		["http://0xa9fea9fe/", "link-local metadata"],
		["http://2852039166/", "link-local metadata"],
		["http://[::ffff:a9fe:a9fe]/", "link-local metadata"],
		["http://[fd00:ec2::254]/", "private metadata"],
		["http://100.100.100.200/", "private metadata"],
		["http://168.63.129.16/", "metadata"],
		["http://metadata.google.internal/", "private link-local metadata"],
		["http://metadata/", "link-local metadata"],
		["http://172.15.0.1/", ""],
		["http://172.32.0.1/", ""],
		["http://126.0.0.1/", ""],
		["http://11.0.0.1/", ""],
		["http://8.8.8.8/", ""],
		["http://[2606:4700::1111]/", ""],
		["http://[::ffff:8.8.8.8]/", ""],
		["https://api.github.com/", ""],
		["https://localhost.example.com/", ""],
		["https://127.0.0.1.example.com/", ""],
		["https://10-0-0-1.notnip.io/", ""],
		["https://nip.io.example.com/", ""],
		["file:///etc/passwd", ""],
	])("of %s is: %s", (url, found) => {
		expect(classes(url).split(" ").sort().join(" ")).toBe(found.split(" ").sort().join(" "));
	});

	it.each([
		"127.0.0.1/admin",
		"localhost:8080/",
		"//127.0.0.1/",
		"/admin",
		"",
		"http:127.0.0.1",
		"http:/127.0.0.1/",
		"http:///127.0.0.1/",
		"http:\\\\127.0.0.1\\",
		"http://example.com\\@127.0.0.1/",
		"http://127.0.0.1\\@example.com/",
		"http://127.0.0.1\t.example.com/",
		"ht\ntp://127.0.0.1/",
		" http://127.0.0.1/",
		"http://a@b@127.0.0.1/",
		"http://example.com?@127.0.0.1/",
		"http://example.com#@127.0.0.1/",
		"http://256.1.1.1/",
		"http://1.2.3.4.5/",
		"http://a..b/",
		"http://[fe80::1%25eth0]/",
		"http://faß.de/",
		"http://010.0.0.1/",
		"http://0177.0.0.1/",
		...["nip.io", "sslip.io", "traefik.me", "backname.io", "my.local-ip.co", "my.local-ip.sh", "a1.plex.direct"].map(
			(name) => `http://10-0-0-1.${name}/`,
		),
		"http://7f000001.c0a80001.rbndr.us/",
		"http://localtest.me/",
		"http://APP.LocalTest.me./",
		"http://intranet/",
		"http://db.internal/",
		"http://exa mple.com/",
		// Two of them, to programs that take several.
		"http://example.com/ http://127.0.0.1/",
		"http://example.com,http://127.0.0.1/",
		"http://example.com/,http://127.0.0.1/",
		"file:///tmp/x;http://127.0.0.1/",
		// Braces are alternatives to curl, and what else no name has is cut off or refused by others.
		"http://{127.0.0.1,example.com}/",
		"http://169.254.169.{254}/latest",
		"http://127.0.0.1;x/",
		"http://evil.com,.example.com/",
		...[..."'$({!~+=&*`"].map((sign) => `http://evil.com${sign}.example.com/`),
		"blob:http://127.0.0.1/x",
		"jar:http://127.0.0.1/x!/",
		"file:////server/share",
		`http://${"a.".repeat(600)}com/`,
	])("of %j is in doubt", (url) => {
		expect(classes(url)).toBe("?");
	});

	it.each<Json>([7, true, { url: "http://a/" }])("of %j is in doubt", (value) => {
		expect(urlIs({ ...ANY, classes: ["private"] }, value)).toBe("unreadable");
	});

	const LISTS: readonly (readonly [AddressClass, readonly string[]])[] = [
		["loopback", ["127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"]],
		[
			"private",
			["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7", "fec0::/10"],
		],
		["link-local", ["169.254.0.0/16", "fe80::/10"]],
		["unspecified", ["0.0.0.0/8", "::/128"]],
	];

	it("is in the ranges that node:net finds it in", () => {
		const lists = LISTS.map(([kind, ranges]) => {
			const list = new BlockList();
			for (const range of ranges) {
				const [network = "", bits = ""] = range.split("/");
				list.addSubnet(network, Number(bits), network.includes(":") ? "ipv6" : "ipv4");
			}
			return [kind, list] as const;
		});
		const near = fc.constantFrom(
			0x0a000000,
			0x0affffff,
			0xac100000,
			0xac1fffff,
			0xc0a80000,
			0xa9fe0000,
			0x7f000000,
			0x64400000,
			0xc6120000,
			0,
		);
		const ipv4 = fc.oneof(
			fc.nat(0xffffffff),
			fc.tuple(near, fc.integer({ min: -2, max: 2 })).map(([at, by]) => (at + by + 2 ** 32) % 2 ** 32),
		);
		const spelling = fc.constantFrom(
			(n: number) => `http://${n}/`,
			(n: number) => `http://0x${n.toString(16)}/`,
			(n: number) => `http://${dotted(n)}/`,
			(n: number) => `http://${n >>> 24}.${n % 2 ** 24}/`,
			(n: number) => `http://${n >>> 24}.0x${((n >>> 16) & 255).toString(16)}.${n % 2 ** 16}/`,
			(n: number) => `http://[::ffff:${dotted(n)}]/`,
			(n: number) => `http://[64:ff9b::${dotted(n)}]/`,
			(n: number) => `https://u@[2002:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}::1]:444/x`,
		);
		fc.assert(
			fc.property(ipv4, spelling, (n, spell) => {
				for (const [kind, list] of lists) {
					const answer = urlIs({ ...ANY, classes: [kind] }, spell(n));
					expect(answer, `${spell(n)} ${kind}`).toBe(list.check(dotted(n), "ipv4") ? "yes" : "no");
				}
			}),
			{ numRuns: 5_000 },
		);
		const group = fc.oneof(
			fc.constantFrom(0, 1, 0xfc00, 0xfdff, 0xfe00, 0xfe80, 0xfebf, 0xfec0, 0xfeff, 0xff00),
			fc.nat(0xffff),
		);
		fc.assert(
			fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
				// Those that carry an IPv4 address are above.
				fc.pre(![0, 0x64, 0x2001, 0x2002].includes(groups[0] as number) && groups[5] !== 0x5efe);
				const text = groups.map((each) => each.toString(16)).join(":");
				const host = new URL(`http://[${text}]/`).hostname;
				for (const [kind, list] of lists) {
					expect(isOfClass(host, kind), `${host} ${kind}`).toBe(list.check(text, "ipv6") ? "yes" : "no");
				}
			}),
			{ numRuns: 5_000 },
		);
	});
});

const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join(".");

describe("a host", () => {
	it.each<[string, string, string]>([
		["api.github.com", "https://api.github.com/user", "yes"],
		["api.github.com", "https://API.GitHub.com./user", "yes"],
		["api.github.com", "https://api.github.com:8443/", "yes"],
		["api.github.com", "https://api.github.com.evil.com/", "no"],
		["api.github.com", "https://evil.com/https://api.github.com/", "no"],
		["api.github.com", "https://api.github.com@evil.com/", "no"],
		["api.github.com", "https://evil.com?api.github.com", "no"],
		["api.github.com", "https://evil.com#api.github.com", "no"],
		["api.github.com", "https://api%2Egithub.com/", "yes"],
		["api.github.com", "api.github.com", "unreadable"],
		["api.github.com", "data:text/plain,https://api.github.com/", "no"],
		["API.github.com", "https://api.github.com/", "yes"],
		["*.example.com", "https://a.example.com/", "yes"],
		["*.example.com", "https://a.b.example.com/", "yes"],
		["*.example.com", "https://example.com/", "no"],
		["*.example.com", "https://evilexample.com/", "no"],
		["*.example.com", "https://a.example.com.evil.com/", "no"],
		["x.org:8443", "https://x.org:8443/", "yes"],
		["x.org:8443", "https://x.org/", "no"],
		["x.org:443", "https://x.org/", "yes"],
		["x.org:80", "http://x.org/", "yes"],
		["x.org:80", "https://x.org:80/", "yes"],
		["x.org:5432", "postgres://u:p@x.org/db", "unreadable"],
		["x.org:5432", "postgres://u:p@x.org:5432/db", "yes"],
		["[::1]", "http://[0:0::1]/", "yes"],
		["10.0.0.1", "http://0xa000001/", "yes"],
		["10.0.0.1", "http://012.0.0.1/", "unreadable"],
		["bücher.example", "https://xn--bcher-kva.example/", "yes"],
		["*.bücher.example", "https://www.BÜCHER.example/", "yes"],
		["*", "https://anything.example/", "yes"],
		["*", "mailto:a@b", "no"],
		["a_b.example", "https://a_b.example/?u=x,https://evil.example/", "yes"],
	])("`%s` is that of %s: %s", (pattern, url, answer) => {
		expect(urlIs(hosts(pattern), url)).toBe(answer);
	});

	it("is one of several, and everything else holds as well", () => {
		const test: UrlTest = {
			...hosts("a.example", "*.b.example"),
			schemes: ["https"],
			ports: [443, 8443],
			classes: null,
		};
		expect(urlIs(test, "https://a.example/")).toBe("yes");
		expect(urlIs(test, "https://x.b.example:8443/")).toBe("yes");
		expect(urlIs(test, "https://x.b.example:9443/")).toBe("no");
		expect(urlIs(test, "http://a.example:443/")).toBe("no");
		expect(urlIs({ ...ANY, ports: [22] }, "ssh://a.example/")).toBe("unreadable");
		expect(urlIs({ ...ANY, schemes: ["file"] }, "FILE:/etc/passwd")).toBe("yes");
	});

	it.each<[string, RegExp]>([
		["https://api.github.com/", /`api.github.com`.*schemes: \[https\]/],
		["api.github.com/v3", /`api.github.com`/],
		["10.0.0.0/8", /classes/],
		[".example.com", /'\*\.example.com'/],
		["*example.com", /'\*\.example.com'/],
		["api.*.com", /first label/],
		["*.10.0.0.1", /name the address/],
		["::1", /'\[::1\]'/],
		["a.com:99999", /1 to 65535/],
		[" a.com", /without a space/],
		["", /write/],
		["a..b", /write/],
		["user@a.com", /write/],
		["a b", /write/],
	])("cannot be `%s`", (text, help) => {
		const parsed = parseHostPattern(text);
		expect(parsed.ok ? "read" : parsed.error.help).toMatch(help);
	});
});

it("reads a long URL once", () => {
	expect(readUrl(`https://a.example/${"%41".repeat(300_000)}`)?.host).toBe("a.example");
	expect(readUrl(`https://${"ä".repeat(900_000)}/`)).toBeNull();
});
