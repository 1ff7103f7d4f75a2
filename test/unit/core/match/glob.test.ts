/** The glob dialect: two styles, and names. */
import { describe, expect, it } from "vitest";
import { normalizePath } from "../../../../src/core/language/path-text.ts";
import { nameTest } from "../../../../src/core/match/name-globs.ts";
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
