import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, textOf } from "../support/repository.ts";

interface Files {
	/** Below the repository, with slashes. */
	readonly sources: ReadonlySet<string>;
	readonly imports: (test: string) => readonly string[];
}

/** Why a test of `test/unit` is not where its reader looks for it; null when it is. */
function misplaced(test: string, { sources, imports }: Files): string | null {
	const folder = posix.dirname(test).replace("test/unit", "src");
	const name = posix.basename(test, ".test.ts");
	if (![...sources].some((source) => posix.dirname(source) === folder)) return `${folder} holds no file`;
	if (sources.has(`${folder}/${name}.ts`)) return null;
	const namesake = imports(test).find((path) => sources.has(path) && posix.basename(path, ".ts") === name);
	return namesake === undefined ? null : `bears the name of ${namesake}, whose place is another`;
}

const importsOf = (test: string): readonly string[] =>
	[...textOf(test).matchAll(/from "(\.[^"]+)"/g)].map(([, path = ""]) => posix.join(posix.dirname(test), path));

describe("test/unit", () => {
	it("mirrors src/: a test is in its room, and one that bears the name of a file it reads is in that file's place", () => {
		const tests = filesBelow("test/unit");
		expect(tests.length).toBeGreaterThan(100);
		expect(tests.filter((path) => !path.endsWith(".test.ts"))).toEqual([]);
		const files = { sources: new Set(filesBelow("src")), imports: importsOf };
		const found = tests.flatMap((test) => misplaced(test, files) ?? []);
		expect(found).toEqual([]);
	});

	it.each([
		["test/unit/reading/tail.test.ts", [], null],
		["test/unit/client/replies-lost.test.ts", ["src/reading/tail.ts"], null],
		["test/unit/client/tail.test.ts", [], null],
		["test/unit/client/tail.test.ts", ["src/reading/tail.ts"], "bears the name of src/reading/tail.ts"],
		["test/unit/core/tail.test.ts", [], "src/core holds no file"],
		["test/unit/views/tail.test.ts", ["src/reading/tail.ts"], "src/views holds no file"],
		["test/unit/tail.test.ts", [], "src holds no file"],
	])("judges %s that imports %j", (test, imports, why) => {
		const sources = new Set(["src/reading/tail.ts", "src/client/client.ts", "src/core/base/json.ts"]);
		const judged = misplaced(test, { sources, imports: () => imports });
		if (why === null) expect(judged).toBeNull();
		else expect(judged).toContain(why);
	});
});
