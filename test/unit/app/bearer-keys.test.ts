import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { issueKey, type NewKey, readKeys, revokeKey } from "../../../src/app/bearer-keys.ts";

const KEY: NewKey = { name: "", roles: ["agent"], tenant: "acme", agents: "*", tools: ["*"], expiresAt: null };
const NOW = 1_000;

let folder = "";
let file = "";

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-keys-"));
	file = join(folder, "keys.yaml");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a file of keys", () => {
	it("loses no key and no revocation where several change it at once", async () => {
		const old = await Promise.all(Array.from({ length: 6 }, () => issueKey(file, KEY, NOW)));
		const changes = old.flatMap(({ id }) => [revokeKey(file, id, NOW), issueKey(file, KEY, NOW)]);
		await Promise.all(changes);
		const keys = await readKeys(file);
		expect(keys).toHaveLength(12);
		const revoked = keys.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id);
		expect(new Set(revoked)).toEqual(new Set(old.map(({ id }) => id)));
	});

	it("is not made by revoking a key of a file that is not there", async () => {
		await expect(revokeKey(file, "abcdef0123", NOW)).rejects.toMatchObject({ code: "ASSENT_FILE_MISSING" });
		await issueKey(file, KEY, NOW);
		expect(await revokeKey(file, "abcdef0123", NOW)).toBeNull();
	});

	it("says how to go on where whoever changed it has died", async () => {
		writeFileSync(`${file}.lock`, "");
		await expect(issueKey(file, KEY, NOW)).rejects.toThrow(`remove \`${file}.lock\``);
	}, 30_000);
});
