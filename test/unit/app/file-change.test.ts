/** Files that are put in place as a whole. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceFile } from "../../../src/app/file-change.ts";

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-file-change-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a file that is replaced", () => {
	it("is whole whenever it is read, is its owner's alone, and leaves nothing beside it", async () => {
		const file = join(folder, "deep", "places.json");
		const texts = Array.from({ length: 8 }, (_, at) => String(at).repeat(50_000));
		await replaceFile(file, texts[0] as string);
		let isOver = false;
		const written = Promise.all(texts.map((text) => replaceFile(file, text))).then(() => {
			isOver = true;
		});
		while (!isOver) {
			expect(texts).toContain(readFileSync(file, "utf8"));
			await new Promise((resolve) => setImmediate(resolve));
		}
		await written;
		expect(readdirSync(join(folder, "deep"))).toEqual(["places.json"]);
		expect(statSync(file).mode & 0o777).toBe(0o600);
	});

	it("stays as it was where it cannot be written", async () => {
		const inTheWay = join(folder, "taken");
		await replaceFile(join(inTheWay, "file"), "in a folder");
		await expect(replaceFile(inTheWay, "new")).rejects.toMatchObject({ code: "ASSENT_FILE_UNREADABLE" });
		expect(readdirSync(folder)).toEqual(["taken"]);
		writeFileSync(join(folder, "old"), "old", { mode: 0o644 });
		await replaceFile(join(folder, "old"), "new");
		expect(statSync(join(folder, "old")).mode & 0o777).toBe(0o600);
	});
});
