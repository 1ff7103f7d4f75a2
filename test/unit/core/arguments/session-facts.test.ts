import { describe, expect, it } from "vitest";
import { isFolder, readFacts } from "../../../../src/core/arguments/session-facts.ts";

describe("facts that a program declares", () => {
	it.each([undefined, null, {}, { workspace: null }, { home: undefined }])("are none: %j", (given) => {
		expect(readFacts(given)).toEqual({ ok: true, value: null });
	});

	it("are absolute folders, as they are written", () => {
		const read = (given: object) => readFacts(given);
		expect(read({ workspace: "/code/app/" })).toEqual({ ok: true, value: { workspace: "/code/app/", home: null } });
		expect(read({ workspace: "C:\\code", home: "/" })).toEqual({
			ok: true,
			value: { workspace: "C:\\code", home: "/" },
		});
	});

	it.each([
		["/code", "`facts` is not an object"],
		[[], "`facts` is not an object"],
		[{ cwd: "/code" }, "unknown fact `cwd`: known here: `workspace`, `home`"],
		[{ workspaces: "/code" }, "unknown fact `workspaces`: did you mean `workspace`?"],
		[{ workspace: 5 }, "`facts.workspace` is not a text"],
		[{ workspace: "" }, "`facts.workspace` is not an absolute path without `..`, such as `/srv/project`"],
		[{ home: "~" }, "`facts.home` is not an absolute path without `..`, such as `/srv/project`"],
		[{ workspace: "/code/../etc" }, "`facts.workspace` is not an absolute path without `..`, such as `/srv/project`"],
		[{ workspace: "/code\n" }, "`facts.workspace` holds a control character"],
		[{ workspace: "/\ud800" }, "`facts.workspace` holds a lone surrogate"],
		[{ home: `/${"x".repeat(1_024)}` }, "`facts.home` has 1025 characters, at most 1024 are accepted"],
	])("are refused: %j", (given, why) => {
		expect(readFacts(given)).toEqual({ ok: false, error: why });
	});
});

describe("a folder", () => {
	it.each(["/", "/code", "/a b/ü", "/a\\..\\b", "C:/", "d:\\x\\y"])("is `%s`", (path) => {
		expect(isFolder(path)).toBe(true);
	});

	it.each(["", "code", "./code", "~", "$HOME", "C:", "C:code", "\\\\server\\x", "/a/..", "C:\\a\\..\\b", "/a\u0085"])(
		"is not %j",
		(path) => expect(isFolder(path)).toBe(false),
	);
});
