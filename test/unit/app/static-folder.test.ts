import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { staticFolder } from "../../../src/app/static-folder.ts";

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-static-"));
});

afterEach(() => {
	chmodSync(folder, 0o700);
	rmSync(folder, { recursive: true, force: true });
});

describe("a folder of static files", () => {
	it("has what was written, for everybody to read, and nothing beside it", async () => {
		const files = staticFolder(folder);
		expect(await files.read("p/0/checkpoint")).toBeNull();
		await files.write("p/0/checkpoint", Buffer.from("one"));
		await files.write("p/0/checkpoint", Buffer.from("two"));
		expect(Buffer.from((await files.read("p/0/checkpoint")) ?? []).toString()).toBe("two");
		expect(readdirSync(join(folder, "p/0"))).toEqual(["checkpoint"]);
		expect(statSync(join(folder, "p/0/checkpoint")).mode & 0o444).toBe(0o444);
	});

	it("leaves a file alone that is as it should be", async () => {
		const files = staticFolder(folder);
		await files.write("tile", Buffer.from("same"));
		const { ino } = statSync(join(folder, "tile"));
		await files.write("tile", Buffer.from("same"));
		expect(statSync(join(folder, "tile")).ino).toBe(ino);
	});

	it("forgets folders as a whole, and says nothing of those that are not there", async () => {
		const files = staticFolder(folder);
		await files.write("tile/0/000.p/7", Buffer.from("7"));
		await files.write("tile/0/000", Buffer.from("256"));
		await files.remove("tile/0/000.p");
		await files.remove("tile/0/001.p");
		expect(readdirSync(join(folder, "tile/0"))).toEqual(["000"]);
		expect(readFileSync(join(folder, "tile/0/000"), "utf8")).toBe("256");
	});

	it("says which file cannot be written", async () => {
		writeFileSync(join(folder, "p"), "in the way");
		await expect(staticFolder(folder).write("p/0/checkpoint", Buffer.from("x"))).rejects.toMatchObject({
			code: "ASSENT_OUTPUT",
			message: /p\/0\/checkpoint/,
		});
	});
});
