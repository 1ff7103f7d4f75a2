/** The glob dialect: two styles, and what is refused. */
import { describe, expect, it } from "vitest";
import { nameTest } from "../../../../src/core/match/name-globs.ts";
import { normalizePath } from "../../../../src/core/language/path-text.ts";
import { readPattern } from "../../../../src/core/match/pattern.ts";
import { compilePatternSet } from "../../../../src/core/match/pattern-set.ts";

function matches(glob: string, text: string, style: "path" | "text"): boolean {
	const pattern = readPattern({ kind: "glob", text: glob, caseSensitive: false, style });
	if (!pattern.ok) throw new Error(pattern.error.message);
	return compilePatternSet([pattern.value]).match(text).length > 0;
}

describe("style path", () => {
	it.each([
		["**/*.pem", ".ssh/a.pem", true],
		["**/*.pem", "a.pem", true],
		["/etc/*", "/etc/passwd", true],
		["/etc/*", "/etc/ssh/sshd_config", false],
		["/etc/**", "/etc", true],
		["/etc/**", "/etc/ssh/sshd_config", true],
		["a/**/b", "a/b", true],
		["a/**/b", "a/x/y/b", true],
		["*.{js,ts}", "x.TS", true],
		["[!a]b", "cb", true],
		["[!a]b", "/b", false],
		["a?c", "a/c", false],
	])("%s on %s: %s", (glob, text, expected) => {
		expect(matches(glob, text, "path")).toBe(expected);
	});

	it("sees the normalised path, so that dots and slashes do not lead around a rule", () => {
		expect(matches("/root/**", "/etc/..//./root/x", "path")).toBe(true);
		expect(matches("/tmp/**", "/tmp/../etc/passwd", "path")).toBe(false);
		expect(normalizePath("a/./b//../c/")).toBe("a/c");
		expect(normalizePath("../../x")).toBe("../../x");
		expect(normalizePath("/..")).toBe("/");
	});
});

describe("style text", () => {
	it("lets stars cross everything", () => {
		expect(matches("*.exe", "C:/x\n/malware.exe", "text")).toBe(true);
		expect(matches("*rm*", "sudo /bin/rm x", "text")).toBe(true);
		expect(matches("\\*a", "*a", "text")).toBe(true);
		expect(matches("\\*a", "xa", "text")).toBe(false);
	});
});

describe("what is refused", () => {
	it.each([
		["+(a|b)", 0, "extended"],
		["x/!(a)", 2, "extended"],
		["!secret", 0, "leading `!`"],
		["{1..9}", 0, "ranges"],
		["[[:alpha:]]", 0, "POSIX"],
		["{a,{b,{c,d}}}", 6, "deeper than 2"],
		[`{${Array.from({ length: 65 }, (_, at) => `a${at}`).join(",")}}`, 0, "64 alternatives"],
		["{a}", 0, "two alternatives"],
		["{a,b", 0, ""],
		["[ab", 0, ""],
		["a(b)", 1, "no meaning"],
		["a|b", 1, "no meaning"],
		["C:\\Windows", 2, "write `\\\\`"],
		["a".repeat(1_001), 1_000, "1000"],
	])("%s", (glob, offset, words) => {
		const pattern = readPattern({ kind: "glob", text: glob, caseSensitive: false, style: "text" });
		expect(pattern.ok).toBe(false);
		if (pattern.ok) return;
		expect(pattern.error.offset).toBe(offset);
		expect(`${pattern.error.message} ${pattern.error.help}`).toContain(words);
	});

	it("path globs that no normalised path can match", () => {
		for (const text of ["a//b", "./a", "dir/", "a/../b"]) {
			expect(readPattern({ kind: "glob", text, caseSensitive: false, style: "path" }).ok).toBe(false);
		}
	});
});

describe("names", () => {
	it("are looked up, matched by globs, and compared in the case asked for", () => {
		const exact = nameTest(["fs.*", "shell"], true);
		expect([exact("fs.read"), exact("shell"), exact("Shell"), exact("xshell")]).toEqual([true, true, false, false]);
		expect(nameTest(["shell", "FS.*"], false)("SHELL")).toBe(true);
		expect(nameTest(["shell", "FS.*"], false)("fs.read")).toBe(true);
		expect(nameTest(["*"], true)("")).toBe(true);
		expect(nameTest([], true)("a")).toBe(false);
	});
});
