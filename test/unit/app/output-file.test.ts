/** Files that commands leave under names that people give: what they are never put over. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outputFile } from "../../../src/app/output-file.ts";

const PAGE = { noun: "page", beginning: "<!doctype html>\n" };
const text = `${PAGE.beginning}new`;

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-output-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a file that a command leaves", () => {
	it("is made, and takes the place of an earlier one, of an empty one, and of one behind a link", async () => {
		await (await outputFile(at("deep/page"), PAGE))(text);
		writeFileSync(at("empty"), "");
		writeFileSync(at("old"), `${PAGE.beginning}old`);
		symlinkSync(at("old"), at("link"));
		for (const name of ["deep/page", "empty", "link"]) {
			await (await outputFile(at(name), PAGE))(text);
			expect(readFileSync(at(name), "utf8"), name).toBe(text);
		}
		expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
		expect(readFileSync(at("old"), "utf8")).toBe(text);
	});

	it("takes the place of nothing else, and says so before there is anything to write", async () => {
		const kept = ["SQLite format 3\0…", "PRIVATE+KEY+…", "<!doctype", "apiVersion: assent.dev/v1"];
		for (const other of kept) {
			writeFileSync(at("other"), other);
			await expect(outputFile(at("other"), PAGE)).rejects.toMatchObject({ code: "ASSENT_USAGE" });
			expect(readFileSync(at("other"), "utf8")).toBe(other);
		}
		if (process.platform !== "win32") {
			execFileSync("mkfifo", [at("pipe")]);
			await expect(outputFile(at("pipe"), PAGE)).rejects.toMatchObject({ code: "ASSENT_USAGE" });
			await expect(outputFile("/dev/null", PAGE)).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		}
		await expect(outputFile(folder, PAGE)).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		await expect(outputFile("", PAGE)).rejects.toMatchObject({ code: "ASSENT_USAGE" });
	});

	it("is not put over what came there meanwhile", async () => {
		const write = await outputFile(at("late"), PAGE);
		writeFileSync(at("late"), "a log");
		await expect(write(text)).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		expect(readFileSync(at("late"), "utf8")).toBe("a log");
		expect(readdirSync(folder)).toEqual(["late"]);
	});
});
