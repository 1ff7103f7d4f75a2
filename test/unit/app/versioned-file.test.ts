/** Versions of a text in files: each is made once, whoever makes it. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { versionedFile } from "../../../src/app/versioned-file.ts";

let folder: string;

beforeEach(() => {
	folder = join(mkdtempSync(join(tmpdir(), "assent-versions-")), "state");
});

afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

describe("versions of a text in files", () => {
	it("begin with none, and are read as they were written", async () => {
		const file = versionedFile(folder);
		expect(await file.latest()).toBeNull();
		expect(await file.add(1, "one")).toBe(true);
		expect(await file.add(2, "two")).toBe(true);
		expect(await versionedFile(folder).latest()).toEqual({ version: 2, text: "two" });
		expect(readdirSync(folder)).toEqual(["000000000001.json", "000000000002.json"]);
		expect(statSync(join(folder, "000000000002.json")).mode & 0o777).toBe(0o600);
	});

	it("are made once each: of many that make the same one, one has made it", async () => {
		for (let version = 1; version <= 20; version++) {
			const made = await Promise.all(
				Array.from({ length: 8 }, async (_, by) =>
					(await versionedFile(folder).add(version, String(by))) ? by : null,
				),
			);
			const winners = made.filter((by) => by !== null);
			expect(winners).toHaveLength(1);
			expect(await versionedFile(folder).latest()).toEqual({ version, text: String(winners[0]) });
		}
	});

	it("are not made behind a later one, also where their number is free", async () => {
		const file = versionedFile(folder);
		await file.add(7, "seven");
		expect(await file.add(6, "six")).toBe(false);
		expect(await file.latest()).toEqual({ version: 7, text: "seven" });
		expect(readdirSync(folder)).toEqual(["000000000007.json"]);
	});

	it("pass over what a process left behind that was killed while it wrote", async () => {
		const file = versionedFile(folder);
		await file.add(1, "one");
		writeFileSync(join(folder, "draft-0123456789ab"), "tw");
		expect(await file.latest()).toEqual({ version: 1, text: "one" });
		expect(await file.add(2, "two")).toBe(true);
	});

	it("do not pile up", async () => {
		const file = versionedFile(folder);
		for (let version = 1; version <= 80; version++) await file.add(version, String(version));
		expect(readdirSync(folder)).toHaveLength(64);
		expect(await file.latest()).toEqual({ version: 80, text: "80" });
	});

	it("say where they cannot be kept", async () => {
		rmSync(folder, { recursive: true, force: true });
		writeFileSync(folder, "in the way");
		await expect(versionedFile(folder).latest()).rejects.toMatchObject({ code: "ASSENT_OUTPUT" });
	});
});
