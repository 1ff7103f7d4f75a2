/** The page on comparison shows a program: it runs as it is, and prints what its last line says. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { scratchFolder } from "../support/cli.ts";
import { textOf } from "../support/repository.ts";

it("the program on the page runs, and prints what it says", () => {
	const [, program = ""] = /```ts\n(.*?)```/s.exec(textOf("docs/policies/compare.md")) ?? [];
	const said = /console\.log\(.*\); \/\/ (.+)\n/.exec(program)?.[1];
	expect(said).toBeDefined();
	const file = join(scratchFolder(), "program.ts");
	const analysis = pathToFileURL(join(import.meta.dirname, "../../src/analysis.ts")).href;
	writeFileSync(file, program.replace('"assent/analysis"', JSON.stringify(analysis)));
	expect(execFileSync(process.execPath, [file], { encoding: "utf8" }).trim()).toBe(said);
});
