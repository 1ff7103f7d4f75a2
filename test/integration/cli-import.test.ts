/** `assent audit import`: a log made of an export is the same log, and a processor and a notary go on from it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/export/manifest.ts";
import { type AuditedLog, auditedLog } from "../support/audited-log.ts";
import { LogEditor } from "../support/log-editor.ts";
import { recompute } from "../support/recompute.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";

const exported = (of: AuditedLog, name: string): Promise<CliOutcome> =>
	runCli(["audit", "export", of.path(name), "--log", of.url, "--key", of.vkey, "--json"]);

const imported = (folder: string, file: string, ...args: readonly string[]): Promise<CliOutcome> =>
	runCli(["audit", "import", folder, "--log", `file:${file}`, ...args]);

/** Rows of the table that is for SQL tools. */
function indexOf(path: string): readonly object[] {
	const db = new DatabaseSync(path, { readOnly: true });
	try {
		return db
			.prepare("SELECT part, off, seq, kind, agent, tool, verdict, code, rule FROM decisions_index ORDER BY part, off")
			.all();
	} finally {
		db.close();
	}
}

/** A log that is exported: every topic has something. */
async function recorded(calls = 60): Promise<AuditedLog> {
	const of = await auditedLog();
	await of.ask(calls);
	await of.sign();
	return of;
}

describe("assent audit import", () => {
	it("makes the same log: an export of it is the same export, byte for byte", async () => {
		const of = await recorded();
		const index = indexOf(of.path("log.db"));
		const editor = new LogEditor(of.path("log.db"));
		editor.run("UPDATE decisions_index SET verdict = 'allow', rule = 'none'");
		editor.close();
		const first = (await exported(of, "first")).json() as Manifest;
		const file = of.path("new/log.db");
		const out = await imported(of.path("first"), file, "--json");
		expect(out).toMatchObject({ exit: 0, stderr: "" });
		expect(out.json()).toMatchObject({ log: `file:${file}`, ledgers: first.ledgers });
		const again = await runCli([
			...["audit", "export", of.path("second"), "--log", `file:${file}`, "--key", of.vkey, "--json"],
		]);
		expect((again.json() as Manifest).topics).toEqual(first.topics);
		expect(readFileSync(of.path("second/log.db")).equals(readFileSync(of.path("first/log.db")))).toBe(true);
		// Made anew from the entries, whatever somebody has made of it.
		expect(indexOf(file)).toEqual(index);
		expect(indexOf(of.path("first/log.db"))).toEqual(index);
		expect(index.length).toBeGreaterThan(60);
	});

	it("is gone on from by a processor and a notary, and all of it recomputes", async () => {
		const of = await recorded();
		await of.stop();
		await exported(of, "march");
		await imported(of.path("march"), of.path("new.db"));
		const next = await auditedLog(3, of.path("new.db"));
		await next.ask(40);
		await next.sign(of.path("audit"));
		const { entries, same, firstDifference } = await recompute(next.log, next.layout);
		expect(firstDifference).toBeNull();
		expect(same).toBe(entries);
		expect(entries).toBeGreaterThan(2 * (60 + 40));
		const after = await runCli(["audit", "export", of.path("april"), "--log", next.url, "--key", of.vkey, "--json"]);
		expect(after.json()).toMatchObject({ findings: [], signed: { name: "log.example.com" } });
	});

	it("refuses a log that is there, and what is no export, and leaves nothing behind", async () => {
		const of = await recorded(5);
		await exported(of, "march");
		const there = await imported(of.path("march"), of.path("log.db"));
		expect(there).toMatchObject({ exit: 2, stderr: expect.stringContaining("already") });
		await mkdir(of.path("nothing"));
		expect(await imported(of.path("nothing"), of.path("new.db"))).toMatchObject({ exit: 2 });
		expect(await imported(of.path("march"), join(of.path("march"), "log.db"))).toMatchObject({ exit: 2 });
		await writeFile(of.path("other.db-wal"), "of a log that was here");
		const remains = await imported(of.path("march"), of.path("other.db"));
		expect(remains).toMatchObject({ exit: 2, stderr: expect.stringContaining("of a log that was at") });
		const memory = await runCli(["audit", "import", of.path("march"), "--log", "memory:"]);
		expect(memory).toMatchObject({ exit: 2 });
		const log = await readFile(of.path("march/log.db"));
		await chmod(of.path("march/log.db"), 0o600);
		await writeFile(of.path("march/log.db"), log.subarray(0, -1));
		const cut = await imported(of.path("march"), of.path("new.db"));
		expect(cut).toMatchObject({ exit: 2, stderr: expect.stringContaining("log.db` has") });
		expect(readdirSync(of.folder).filter((name) => name.startsWith("new"))).toEqual([]);
	});

	it("leaves nothing behind when it is stopped", async () => {
		const of = await recorded(5);
		await exported(of, "march");
		const stop = new AbortController();
		stop.abort("SIGTERM");
		const args = ["audit", "import", of.path("march"), "--log", `file:${of.path("new.db")}`];
		expect(await runCli(args, { stop: stop.signal })).toMatchObject({ exit: 143 });
		expect(readdirSync(of.folder).filter((name) => name.startsWith("new"))).toEqual([]);
	});

	it.each<[string, (manifest: Manifest) => void, RegExp]>([
		[
			"has a hole",
			({ topics }) => Object.assign(topicOf(topics, "intents"), { gaps: [{ from: 2, to: 4 }] }),
			/no offsets 2 to 3/,
		],
		[
			"has what was not readable",
			({ topics }) => Object.assign(topicOf(topics, "intents"), { unreadable: [{ offset: 3, why: "packed" }] }),
			/offset 3 of `intents\/0` was not readable/,
		],
		[
			"has a ledger without its head",
			({ topics }) => Object.assign(topicOf(topics, "decisions"), { first: 4 }),
			/begins at offset 4: its head is gone/,
		],
		["was of a log without a ledger", (manifest) => Object.assign(manifest, { layout: null }), /nothing to go on from/],
		[
			"says another layout",
			({ layout }) => Object.assign(layout ?? {}, { dedupeMs: 1 }),
			/at `layout.dedupeMs`, where/,
		],
		[
			"says that there are a billion partitions",
			({ layout }) => Object.assign(layout ?? {}, { partitions: 1e9 }),
			/1000000000 at `layout.partitions`, where 3 is due/,
		],
		[
			"says that a topic ends elsewhere",
			({ topics }) => Object.assign(topicOf(topics, "control"), { next: 1e9, records: 1e9 }),
			/at `topics.4.partitions.0.next`/,
		],
		[
			"names another claim",
			({ ledgers }) => Object.assign(ledgers[1] ?? {}, { claim: "0".repeat(32) }),
			/at `ledgers.1.claim`/,
		],
		["leaves a ledger out", ({ ledgers }) => ledgers.pop(), /nothing at `ledgers.2.partition`/],
		[
			"has a ledger that cannot be followed",
			({ ledgers }) => Object.assign(ledgers[2] ?? {}, { tree: null }),
			/the ledger of partition 2 cannot be followed/,
		],
		[
			"says another root",
			({ ledgers }) => Object.assign(ledgers[0]?.tree ?? {}, { root: "0".repeat(64) }),
			/and the manifest says/,
		],
	])("refuses an export that %s", async (_, change, message) => {
		const of = await recorded(5);
		await exported(of, "march");
		const file = of.path("march/manifest.json");
		const manifest = JSON.parse(await readFile(file, "utf8")) as Manifest;
		change(manifest);
		await writeFile(file, JSON.stringify(manifest));
		const refused = await imported(of.path("march"), of.path("new.db"));
		expect(refused).toMatchObject({ exit: 2, stderr: expect.stringMatching(message) });
		expect(existsSync(of.path("new.db"))).toBe(false);
	});
});

const topicOf = (topics: Manifest["topics"], name: string): object =>
	topics.find((topic) => topic.name === name)?.partitions[0] ?? {};

const disk = mountSmallDisk(1);
afterAll(() => disk?.remove());

describe.skipIf(disk === null)("an import onto a disk that runs full", () => {
	it("says so, exits with 3 and leaves nothing", async () => {
		const { folder } = disk as SmallDisk;
		const of = await recorded(300);
		await exported(of, "march");
		for (let free = 0; free < 600; free += 100) {
			const ballast = join(folder, "ballast");
			await writeFile(ballast, Buffer.alloc(1024 * 1024 - 8_192 - free * 1024));
			const result = await imported(of.path("march"), join(folder, "log.db"));
			await rm(ballast);
			expect(result).toMatchObject({ exit: 3, stderr: expect.stringContaining("there is no space left") });
			expect(readdirSync(folder)).toEqual([]);
		}
	});
});
