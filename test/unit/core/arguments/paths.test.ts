/** Which files texts name, and whether they are below what a rule says. */
import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PathReading, readPath } from "../../../../src/core/arguments/path-reading.ts";
import type { Json } from "../../../../src/core/base/json.ts";
import { type PathFacts, PathGlobs, splitPathGlob } from "../../../../src/core/match/path-globs.ts";

const KNOWN: PathFacts = { workspace: "/code/app", home: "/home/ann", tenant: "acme", agent: "coder", session: "s-1" };
const UNKNOWN: PathFacts = { ...KNOWN, workspace: null, home: null };

const show = ({ base, text }: PathReading): string => (base === "root" ? text : `${base}:${text}`);

function readings(text: string, facts: PathFacts): string {
	const read = readPath(text, facts);
	return read === null ? "?" : read.map(show).join(" | ");
}

describe("a text", () => {
	it.each([
		["/etc/passwd", "/etc/passwd"],
		["/etc/../root//x/./y/", "/root/x/y"],
		["/../../x", "/x"],
		["src/a.ts", "/code/app/src/a.ts"],
		["./src/../../other/b", "/code/other/b"],
		["../../../../etc/passwd", "/etc/passwd"],
		["", "/code/app"],
		["~", "/home/ann"],
		["~/.ssh/id_rsa", "/home/ann/.ssh/id_rsa"],
		["~/../bo/x", "/home/bo/x"],
		["a/~/b", "/code/app/a/~/b"],
		["~root/x", "unknown:~root/x"],
		["$HOME/x", "unknown:$HOME/x"],
		["\u0024{HOME}/x", "unknown:\u0024{HOME}/x"],
		["%HOME%/x", "unknown:%HOME%/x"],
		["app/$id.tsx", "/code/app/app/$id.tsx"],
		["file:///etc/passwd", "/etc/passwd"],
		["file:/etc/passwd", "/etc/passwd"],
		["FILE://localhost/etc/../x", "/x"],
		["file:///C:/x", "C:/x"],
		["C:\\Library\\..\\x", "C:/x"],
		["c:/Library/x", "C:/Library/x"],
		["C:\\..\\..\\x", "C:/x"],
		["/srv/a%2fb", "/srv/a%2fb | /srv/a/b"],
		["/srv/%2e%2e/x", "/srv/%2e%2e/x | /x"],
		["/srv/%252e%252e/x", "/srv/%252e%252e/x | /srv/%2e%2e/x | /x"],
		["/srv/100%.txt", "/srv/100%.txt"],
		["/srv/%C3%A4", "/srv/%C3%A4 | /srv/ä"],
		["/srv/..\\..\\etc", "/srv/..\\..\\etc | /etc"],
		[" /etc/x", "/code/app/ /etc/x | /etc/x"],
	])("%j is %s", (text, read) => {
		expect(readings(text, KNOWN)).toBe(read);
	});

	it.each([
		["src/a.ts", "workspace:src/a.ts"],
		["a/../..", "unknown:.."],
		["My Files/a b.txt", "workspace:My Files/a b.txt"],
		["a, b.txt", "workspace:a, b.txt"],
		["a ..b", "workspace:a ..b"],
		["../x", "unknown:../x"],
		["~/x", "unknown:~/x"],
		["/x", "/x"],
	])("%j without declared folders is %s", (text, read) => {
		expect(readings(text, UNKNOWN)).toBe(read);
	});

	it.each([
		"/etc/passwd\0.png",
		"/srv/%00/x",
		"/srv/a\n/etc/passwd",
		"/srv/%0a",
		"/srv/%c0%ae%c0%ae/x",
		"/srv/%ff",
		"/srv/%u002e%u002e/x",
		`/srv/%${"25".repeat(40)}2e`,
		"https://example.com/x",
		"src/a /etc/passwd",
		"src/a,/etc/passwd",
		"src/a, b/c",
		"src/a;b/c",
		"src/a:/etc/passwd",
		"src/a ~/x",
		"src/a\t../x",
		'src/a "/etc/x"',
		"src/a C:\\x",
		"src/a $HOME/x",
		"src/a%20/etc/passwd",
		"s3://bucket/x",
		"file://server/share",
		"file:////server/share",
		"file:etc/passwd",
		"file:///x?y",
		"\\\\server\\share",
		"\\\\?\\C:\\x",
		"//?/C:/x",
		"C:x",
		"C:\\PROGRA~1\\x",
		"C:\\x\\secret.txt.",
		"C:\\x\\secret.txt ",
		"C:\\x\\a.txt::$DATA",
		"C:\\x\\...\\y",
		"/srv/．．/x",
		"/srv/‥/x",
		"/srv／x",
	])("%j is in doubt", (text) => {
		expect(readings(text, KNOWN)).toBe("?");
	});

	const WINDOWS: PathFacts = { ...KNOWN, workspace: "C:\\code\\app", home: "C:\\people\\ann" };

	it.each([
		"a.txt:stream",
		"src/a.txt::$DATA",
		"PROGRA~1/x",
		"src/secret.txt.",
		"src/secret.txt ",
		"src/.../x",
		"~/secret.txt.",
		"/Windows./x",
		"//server/share",
		"/\\server/share",
	])("%j is in doubt where the session's folders are on a drive", (text) => {
		expect(readings(text, WINDOWS)).toBe("?");
		expect(readings(text, { ...WINDOWS, workspace: null })).toBe("?");
		expect(readings(text.replace("\\", "/"), KNOWN)).not.toBe("?");
	});

	it.each([
		["src/a.ts", "C:/code/app/src/a.ts"],
		["src\\..\\a.ts", "C:/code/app/src\\..\\a.ts | C:/code/app/a.ts"],
		["../../x", "C:/x"],
		["~/x.y", "C:/people/ann/x.y"],
		["/Windows/x", "/Windows/x | C:/Windows/x"],
		["..", "C:/code"],
	])("%j is %s where the session's folders are on a drive", (text, read) => {
		expect(readings(text, WINDOWS)).toBe(read);
	});

	it("is normalised as node:path does it", () => {
		const segment = fc.constantFrom("a", "b", ".", "..", "", "...", ".x", "x.", "%", "ä");
		const path = fc.array(segment, { maxLength: 12 }).map((segments) => segments.join("/"));
		fc.assert(
			fc.property(path, fc.boolean(), (text, isRooted) => {
				fc.pre(isRooted || !text.startsWith("/"));
				const written = isRooted ? `/${text}` : text;
				const expected = posix.resolve("/code/app", written);
				// Two slashes at the beginning are one to Node, but may begin a share.
				fc.pre(!/^\/\/[?.]\//.test(written));
				expect(readings(written, KNOWN), JSON.stringify(written)).toBe(expected);
			}),
			{ numRuns: 5_000 },
		);
	});
});

const globs = new PathGlobs();

function ask(patterns: string | readonly string[], value: Json, facts = KNOWN, caseSensitive = true): string {
	const list = typeof patterns === "string" ? [patterns] : patterns;
	return globs.isBelow(
		list.map((text) => splitPathGlob(text, caseSensitive)),
		value,
		facts,
	).answer;
}

describe("a glob over paths", () => {
	it.each<[string, Json, string]>([
		["{workspace}/**", "src/a.ts", "yes"],
		["{workspace}/**", "/code/app/src/a.ts", "yes"],
		["{workspace}/**", "/code/app", "yes"],
		["{workspace}/**", "/code/apple/a.ts", "no"],
		["{workspace}/**", "../other", "no"],
		["{workspace}/**", "src/../../../etc/passwd", "no"],
		["{workspace}/**", "/code/app/%2e%2e/other", "unreadable"],
		["{workspace}/**", "src\\..\\..\\..\\etc", "unreadable"],
		["{workspace}/**", "src%20dir/a.ts", "yes"],
		["{workspace}/**", "~/x", "no"],
		["{workspace}/**", "~bo/x", "unreadable"],
		["{workspace}/**", "/code/app/a\0", "unreadable"],
		["{workspace}/**", 7, "unreadable"],
		["{workspace}/**", { path: "a" }, "unreadable"],
		["src/**", "src/a.ts", "yes"],
		["src/**", "/code/app/src/a.ts", "yes"],
		["src/**", "/src/a.ts", "no"],
		["~/.ssh/**", "/home/ann/.ssh/id", "yes"],
		["~/.ssh/**", "~/.ssh/id", "yes"],
		["{home}/*.txt", "~/a.txt", "yes"],
		["/data/{tenant}/**", "/data/acme/x", "yes"],
		["/data/{tenant}/**", "/data/globex/x", "no"],
		["/data/{tenant}/**", "/data/acme/../globex/x", "no"],
		["/data/{tenant}-{agent}/{session}/*", "/data/acme-coder/s-1/x", "yes"],
		["**/.env", "src/.env", "yes"],
		["**/.env", "/etc/.env", "yes"],
		["**/.env", "~bo/.env", "yes"],
		["**/.env", "~bo/x", "unreadable"],
		["/srv/{a,b}/**", "/srv/a/x", "yes"],
		["/etc/**", "/Etc/passwd", "no"],
		["C:/data/**", "c:\\data\\x", "yes"],
		["c:/data/**", "C:/data/x", "yes"],
		["C:/data/**", "/data/x", "no"],
	])("`%s` says of %j: %s", (pattern, value, answer) => {
		expect(ask(pattern, value)).toBe(answer);
	});

	it("ignores case where the rule does", () => {
		expect(ask("/etc/**", "/ETC/passwd", KNOWN, false)).toBe("yes");
	});

	it("is one of several", () => {
		expect(ask(["/a/**", "/b/**"], "/b/x")).toBe("yes");
		expect(ask(["/a/**", "/b/**"], "/c/x")).toBe("no");
		expect(ask(["/a/**", "{workspace}/**"], "/a/x", UNKNOWN)).toBe("yes");
		expect(ask(["/a/**", "{workspace}/**"], "/b/x", UNKNOWN)).toBe("unreadable");
	});

	it.each<[string, string, string]>([
		["{workspace}/**", "src/a.ts", "unreadable"],
		["{home}/**", "/home/ann/x", "unreadable"],
		["src/**", "src/a.ts", "yes"],
		["src/**", "lib/a.ts", "no"],
		["src/**", "../src/a.ts", "unreadable"],
		["src/**", "/x/src/a.ts", "unreadable"],
		["/etc/**", "src/a.ts", "unreadable"],
		["/etc/**", "/etc/x", "yes"],
		["**/*.pem", "a/b.pem", "yes"],
		["**/*.pem", "a/b.txt", "no"],
		["**/*.pem", "../b.txt", "unreadable"],
	])("`%s` says of `%s` without declared folders: %s", (pattern, value, answer) => {
		expect(ask(pattern, value, UNKNOWN)).toBe(answer);
	});

	it.each<[string, Partial<PathFacts>]>([
		["/data/{tenant}/**", { tenant: ".." }],
		["/data/{tenant}/**", { tenant: "acme/.." }],
		["/data/{tenant}/**", { tenant: "" }],
		["/data/{tenant}/**", { tenant: "a\\b" }],
		["{workspace}/**", { workspace: "relative" }],
		["{workspace}/**", { workspace: "/code/../etc" }],
		["{workspace}/**", { workspace: "" }],
	])("`%s` is in doubt for %j", (pattern, facts) => {
		expect(ask(pattern, "/data/acme/x", { ...KNOWN, ...facts })).toBe("unreadable");
	});

	it("takes what stands in its places as it is written", () => {
		const name = fc.string({
			unit: fc.constantFrom(..."ab*?[]{}()!+@,|^$.-~# '\"`&;=<>%:ä"),
			minLength: 1,
			maxLength: 8,
		});
		fc.assert(
			fc.property(name, name, (tenant, other) => {
				fc.pre(!/^\.{1,2}$/.test(tenant) && !/^\.{1,2}$/.test(other));
				const facts = { ...KNOWN, tenant };
				const texts = readPath(`/data/${other}/x`, facts);
				fc.pre(texts?.length === 1 && !/%[\da-f]{2}/i.test(tenant));
				expect(ask("/data/{tenant}/**", `/data/${other}/x`, facts)).toBe(tenant === other ? "yes" : "no");
			}),
			{ numRuns: 5_000 },
		);
		expect(ask("{workspace}/*", "/w [x]/{a}/b", { ...KNOWN, workspace: "/w [x]/{a}/" })).toBe("yes");
		expect(ask("{workspace}/**", "/anything", { ...KNOWN, workspace: "/" })).toBe("yes");
		expect(ask("{workspace}/**", "D:\\x\\y", { ...KNOWN, workspace: "d:\\x" })).toBe("yes");
	});
});

it("reads a long text in time that grows with its length", () => {
	for (const piece of ["%25", "../", "\\", " ", "%2e%2e/", "~/", "/a"]) {
		expect(() => ask(["{workspace}/**", "**/*a*/**"], piece.repeat(900_000 / piece.length))).not.toThrow();
	}
});
