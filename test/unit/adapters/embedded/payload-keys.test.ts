/** Payload keys in a file: shared by processes, kept from others, and gone from every byte once they are erased. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqlitePayloadKeys } from "../../../../src/adapters/embedded/payload-keys.ts";

let folder: string;
let path: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-payload-keys-"));
	path = join(folder, "payload-keys.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const call = (id: string) => ({ tenant: "acme", agent: "coder", session: "run-1", id });
const ALL = { tenant: "acme", agent: "coder", session: null, intent: null };

const isOnDisk = (secret: Uint8Array): boolean =>
	readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(Buffer.from(secret)));

describe("a file of payload keys", () => {
	it("is made with the first secret, for its owner alone", async () => {
		const keys = new SqlitePayloadKeys(path);
		expect(keys.find(call("a"))).toBeNull();
		expect(keys.count(ALL)).toEqual({ intents: 0, sessions: 0 });
		expect(keys.erase(ALL)).toEqual({ intents: 0, sessions: 0 });
		expect(existsSync(path)).toBe(false);
		await keys.draw(call("a"));
		for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
		keys.close();
	});

	it("is the same for all who share it, also one that was there before it", async () => {
		const [reader, one, other] = [1, 2, 3].map(() => new SqlitePayloadKeys(path)) as [
			SqlitePayloadKeys,
			SqlitePayloadKeys,
			SqlitePayloadKeys,
		];
		expect(reader.find(call("a"))).toBeNull();
		const drawn = await Promise.all([one.draw(call("a")), other.draw(call("a"))]);
		expect(drawn[0]).toEqual(drawn[1]);
		expect(reader.find(call("a"))).toEqual(drawn[0]?.intent);
		other.erase(ALL);
		expect([reader.find(call("a")), one.find(call("a"))]).toEqual(["erased", "erased"]);
		for (const each of [reader, one, other]) each.close();
	});

	it("is the same for processes that draw at the same time", async () => {
		const module = new URL("../../../../src/adapters/embedded/payload-keys.ts", import.meta.url).href;
		const program = `
			import { SqlitePayloadKeys } from ${JSON.stringify(module)};
			const keys = new SqlitePayloadKeys(${JSON.stringify(path)});
			const calls = Array.from({ length: 50 }, (_, n) => ({ tenant: "acme", agent: "coder", session: "run-1", id: "c" + n }));
			const drawn = await Promise.all(calls.map((call) => keys.draw(call)));
			process.stdout.write(drawn.map(({ intent, session }) => Buffer.from(intent).toString("hex") + Buffer.from(session).toString("hex")).join(","));
		`;
		const run = (): string =>
			execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
		const keys = new SqlitePayloadKeys(path);
		const [one, other] = [run(), run()];
		expect(one).toBe(other);
		expect(new Set(one.split(",")).size).toBe(50);
		const first = await keys.draw(call("c0"));
		expect(one.startsWith(Buffer.from(first.intent).toString("hex"))).toBe(true);
		keys.close();
	});

	it("holds nothing of what was erased, while others have it open, and what is left comes out whole", async () => {
		const keys = new SqlitePayloadKeys(path);
		const reader = new SqlitePayloadKeys(path);
		const drawn = await Promise.all(Array.from({ length: 300 }, (_, n) => keys.draw(call(`c${n}`))));
		const kept = await keys.draw({ ...call("kept"), agent: "mailer" });
		expect(reader.find(call("c0"))).toBeInstanceOf(Uint8Array);
		for (const { intent, session } of drawn) expect([isOnDisk(intent), isOnDisk(session)]).toEqual([true, true]);
		expect(keys.erase(ALL)).toEqual({ intents: 300, sessions: 1 });
		for (const { intent, session } of drawn) expect([isOnDisk(intent), isOnDisk(session)]).toEqual([false, false]);
		expect(reader.find({ ...call("kept"), agent: "mailer" })).toEqual(kept.intent);
		keys.close();
		reader.close();
	});

	it("says so where others keep what was erased, and is rid of it at the next erasure", async () => {
		const keys = new SqlitePayloadKeys(path);
		const { intent } = await keys.draw(call("a"));
		const other = new DatabaseSync(path);
		other.exec("BEGIN; SELECT count(*) FROM intents");
		expect(() => keys.erase(ALL)).toThrow(/run the erasure once more/);
		expect(keys.find(call("a"))).toBe("erased");
		expect(isOnDisk(intent)).toBe(true);
		other.exec("COMMIT");
		expect(keys.erase(ALL)).toEqual({ intents: 0, sessions: 0 });
		expect(isOnDisk(intent)).toBe(false);
		other.close();
		keys.close();
	}, 60_000);

	it("is looked for anew where it was replaced", async () => {
		const keys = new SqlitePayloadKeys(path);
		const drawn = await keys.draw(call("a"));
		for (const name of readdirSync(folder)) rmSync(join(folder, name));
		expect(keys.find(call("a"))).toBeNull();
		expect((await keys.draw(call("a"))).intent).not.toEqual(drawn.intent);
		keys.close();
	});

	it("is refused where it is another program's, or none", async () => {
		writeFileSync(path, "not a database, but long enough to be looked at as one".repeat(40));
		const keys = new SqlitePayloadKeys(path);
		expect(() => keys.find(call("a"))).toThrow(expect.objectContaining({ code: "ASSENT_PAYLOAD_KEYS" }));
		await expect(keys.draw(call("a"))).rejects.toMatchObject({ code: "ASSENT_PAYLOAD_KEYS" });
		const nowhere = new SqlitePayloadKeys(join(folder, "no", "such", "folder.db"));
		await expect(nowhere.draw(call("a"))).rejects.toMatchObject({ code: "ASSENT_PAYLOAD_KEYS" });
	});
});
