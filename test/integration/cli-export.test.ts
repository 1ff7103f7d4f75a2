/** `assent audit export` and what is read from it: the same records, trees that were signed, and what is refused of a folder that is not whole. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { openExport } from "../../src/app/open-export.ts";
import { reAuditAll } from "../../src/app/re-audit.ts";
import { readCheckpoint } from "../../src/core/audit/checkpoint.ts";
import { readNote } from "../../src/core/audit/note.ts";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import { emptyHead, judgeRecord } from "../../src/core/ledger/validity.ts";
import type { Manifest } from "../../src/export/manifest.ts";
import { type Log, readToEnd } from "../../src/ports/log/log.ts";
import { type AuditedLog, auditedLog } from "../support/audited-log.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";

const TOPICS_COPIED = ["intents", "control", "decisions", "violations", "checkpoints", "policies", "dead-letters"];

const exported = (of: AuditedLog, name: string, ...args: readonly string[]): Promise<CliOutcome> =>
	runCli(["audit", "export", of.path(name), "--log", of.url, ...args]);

const tailed = async (url: string, topic: string): Promise<string> =>
	(await runCli(["tail", topic, "--log", url, "--jsonl"])).stdout;

/** Files below a folder with their bytes. */
function filesOf(folder: string): Record<string, string> {
	const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
	return Object.fromEntries(
		found.map(({ parentPath, name }) => {
			const file = join(parentPath, name);
			return [file.slice(folder.length + 1), readFileSync(file).toString("latin1")];
		}),
	);
}

describe("assent audit export", () => {
	it("copies every topic with offsets, times and bytes, and the trees as the notary publishes them", async () => {
		const of = await auditedLog();
		await of.ask(40);
		await of.sign();
		await of.ask(300);
		await of.sign();
		await of.sign();
		const out = await exported(of, "march", "--key", of.vkey, "--json");
		expect(out).toMatchObject({ exit: 0, stderr: "" });
		const said = out.json() as Manifest & { readonly bytes: number };
		for (const topic of TOPICS_COPIED) {
			const there = await tailed(`export:${of.path("march")}`, topic);
			expect(there, topic).toBe(await tailed(of.url, topic));
			if (topic !== "dead-letters" && topic !== "violations") expect(there, topic).not.toBe("");
		}
		const { "log.vkey": vkey, ...files } = filesOf(of.path("march/audit"));
		const published = Object.fromEntries(
			Object.entries(filesOf(of.path("audit"))).filter(([name]) => !name.startsWith("state/") && name !== "log.vkey"),
		);
		// The notary leaves partial tiles of earlier checkpoints, which nobody needs any more.
		for (const [name, bytes] of Object.entries(files)) expect(published[name], name).toBe(bytes);
		expect(Object.keys(files).filter((name) => name.endsWith("checkpoint"))).toHaveLength(4);
		expect(Object.keys(files).some((name) => /entries\/000$/.test(name))).toBe(true);
		expect(vkey).toBe(`${of.vkey}\n`);
		const anchor = readCheckpoint(
			readNote(Buffer.from(files["anchor/checkpoint"] ?? "", "latin1").toString())?.text ?? "",
		);
		expect(said.signed).toMatchObject({ name: "log.example.com", anchor: { size: anchor?.size, root: anchor?.root } });
		expect(said.signed?.partitions.map(({ size }) => size)).toEqual(said.ledgers.map(({ tree }) => tree?.size));
		expect(said.signed?.partitions.map(({ root }) => root)).toEqual(said.ledgers.map(({ tree }) => tree?.root));
		expect(said.bytes).toBe(
			Object.values(filesOf(of.path("march"))).reduce((sum, one) => sum + one.length, 0) -
				readFileSync(of.path("march/manifest.json")).length,
		);
	});

	it("is consistent beside a processor that goes on: each cause and each bundle is in it", async () => {
		const of = await auditedLog(2);
		await of.ask(20);
		const asking = of.ask(200);
		await exported(of, "busy");
		await asking;
		const log = await openExport(of.path("busy"));
		onTestFinished(() => log.close());
		let entries = 0;
		for (let partition = 0; partition < 2; partition++) entries += await causesOf(log, partition);
		expect(entries).toBeGreaterThan(20);
		const doctor = await runCli(["doctor", "--log", `export:${of.path("busy")}`, "--json"]);
		const { findings } = doctor.json() as { readonly findings: readonly { readonly level: string }[] };
		expect(findings.filter(({ level }) => level === "error")).toEqual([]);
	});

	it("is read by everything that reads, and written by nothing", async () => {
		const of = await auditedLog(1);
		await of.ask(10);
		await exported(of, "march");
		const url = `export:${of.path("march")}`;
		const before = filesOf(of.path("march"));
		const replay = await runCli(["replay", "--policy", of.path("policy.yaml"), "--log", url, "--json"]);
		expect(replay).toMatchObject({ exit: 0 });
		expect(replay.json()).toMatchObject({ calls: 10, counts: { unchanged: 10 } });
		expect((await runCli(["approvals", "list", "--log", url])).exit).toBe(0);
		for (const args of [
			["halt", "set", "--all", "--by", "me", "--reason", "no", "--log", url],
			["policy", "activate", of.path("policy.yaml"), "--by", "me", "--log", url],
			["submit", "--log", url],
			["processor", "--log", url],
			["dev", "--policy", of.path("policy.yaml"), "--log", url],
			["topics", "create", "--log", url],
		]) {
			const refused = await runCli(args, { stdin: '{"tool":"shell","args":{}}\n' });
			expect(refused, args.join(" ")).toMatchObject({ exit: 2 });
			expect(refused.stderr, args.join(" ")).toContain("is an export, which is only read");
		}
		expect(filesOf(of.path("march"))).toEqual(before);
	});

	it("says of a log that no notary signed that nothing is signed, and whose checkpoints it cannot tell", async () => {
		const of = await auditedLog(1);
		await of.ask(3);
		const none = await exported(of, "none");
		expect(none).toMatchObject({ exit: 0 });
		expect(none.stdout).toContain("no signed checkpoint is on the log");
		await of.sign();
		const other = await runCli(["keys", "create", "other.example.com", "--out", of.path("other.key")]);
		const wrong = await exported(of, "wrong", "--key", /other\S+/.exec(other.stdout)?.[0] ?? "");
		expect(wrong.stdout).toContain("no signed checkpoint is on the log");
		expect(existsSync(of.path("wrong/audit"))).toBe(false);
		const any = await exported(of, "any", "--json");
		expect(any.json()).toMatchObject({ findings: [], signed: { name: "log.example.com" } });
		const secret = await exported(of, "secret", "--key", of.path("other.key"));
		expect(secret).toMatchObject({ exit: 2 });
		expect(secret.stdout + secret.stderr).not.toMatch(/PRIVATE/);
	});

	it("refuses a folder that is there, and takes its own leftovers away", async () => {
		const of = await auditedLog(1);
		await of.ask(2);
		await mkdir(of.path("there"));
		expect(await exported(of, "there")).toMatchObject({ exit: 2, stderr: expect.stringContaining("already") });
		await mkdir(of.path("mine.partial"));
		await writeFile(of.path("mine.partial/thesis.txt"), "dear to me");
		expect(await exported(of, "mine")).toMatchObject({ exit: 2 });
		expect(await readFile(of.path("mine.partial/thesis.txt"), "utf8")).toBe("dear to me");
		await mkdir(of.path("left.partial"));
		await writeFile(of.path("left.partial/log.db"), "half");
		const { pid } = spawnSync(process.execPath, ["-e", ""]);
		await writeFile(of.path("left.partial/unfinished"), `${pid}\n`);
		expect(await exported(of, "left")).toMatchObject({ exit: 0 });
		expect(existsSync(of.path("left.partial"))).toBe(false);
		for (const mark of ["", `${process.pid}\n`]) {
			await mkdir(of.path("again.partial"));
			await writeFile(of.path("again.partial/unfinished"), mark);
			expect(await exported(of, "again"), mark).toMatchObject({ exit: 0 });
			await rm(of.path("again"), { recursive: true });
		}
		const [one, other] = await Promise.all([exported(of, "busy"), exported(of, "busy")]);
		expect([one?.exit, other?.exit].sort()).toEqual([0, 2]);
		expect(`${one?.stderr}${other?.stderr}`).toMatch(/at this moment|already/);
		await mkdir(of.path("theirs.partial"));
		await writeFile(of.path("theirs.partial/unfinished"), `${process.ppid}\n`);
		const theirs = await exported(of, "theirs");
		expect(theirs).toMatchObject({ exit: 2, stderr: expect.stringContaining("at this moment") });
	});

	it("leaves nothing behind when it is stopped", async () => {
		const of = await auditedLog(1);
		await of.ask(5);
		const stop = new AbortController();
		stop.abort("SIGINT");
		const stopped = await runCli(["audit", "export", of.path("march"), "--log", of.url], { stop: stop.signal });
		expect(stopped.exit).toBe(130);
		expect(stopped.stderr).toContain("nothing is left of");
		expect(readdirSync(of.folder).filter((name) => name.startsWith("march"))).toEqual([]);
	});
});

/** Checks that each valid entry's cause is there; how many entries there are. */
async function causesOf(log: Log, partition: number): Promise<number> {
	let head = emptyHead;
	let entries = 0;
	for await (const records of readToEnd(log, { topic: "decisions", partition }, 0)) {
		for (const { headers, value } of records) {
			const judged = judgeRecord(head, headers);
			head = judged.head;
			const entry = judged.kind === "valid" ? decodeEntry(value) : null;
			if (entry?.ok !== true) continue;
			const { topic, offset } = entry.value.cause;
			expect((await log.bounds({ topic, partition })).end).toBeGreaterThan(offset);
			entries += 1;
		}
	}
	return entries;
}

describe("an export that is not whole", () => {
	const cases: readonly (readonly [string, (folder: string) => Promise<void>, number, RegExp])[] = [
		["has no manifest", (folder) => rm(join(folder, "manifest.json")), 2, /is no export, or was not finished/],
		[
			"has a manifest that is cut",
			async (folder) => writeFile(join(folder, "manifest.json"), '{"format":'),
			2,
			/not JSON/,
		],
		["lacks its log", (folder) => rm(join(folder, "log.db")), 2, /log\.db` is missing/],
		[
			"lacks a checkpoint",
			(folder) => rm(join(folder, "audit/p/0/checkpoint")),
			2,
			/audit\/p\/0\/checkpoint` is missing/,
		],
		[
			"lacks all tiles",
			(folder) => rm(join(folder, "audit"), { recursive: true }),
			2,
			/tile\/entries\/000\.p\/\d+` is missing/,
		],
		["has a bit of its log flipped", (folder) => flip(join(folder, "log.db"), 9_000), 2, /log\.db` is not the file/],
		[
			"has a bit of a checkpoint flipped",
			(folder) => flip(join(folder, "audit/anchor/checkpoint"), 3),
			2,
			/anchor\/checkpoint` is not the file/,
		],
		["has a log that is longer", (folder) => grow(join(folder, "log.db")), 2, /log\.db` has \d+ bytes/],
		[
			"is of a newer version",
			(folder) => edit(folder, (text) => text.replace("export/v1", "export/v2")),
			3,
			/upgrade Assent/,
		],
		[
			"names a file outside",
			(folder) => edit(folder, (text) => text.replace('"log.db"', '"../log.db"')),
			2,
			/is no manifest of an export at `files/,
		],
		[
			"names no log",
			(folder) => edit(folder, (text) => text.replace('"log.db"', '"audit/log.vkey"')),
			2,
			/names no `log\.db`/,
		],
	];

	it.each(cases)("%s", async (_, damage, exit, message) => {
		const of = await auditedLog(1);
		await of.ask(5);
		await of.sign();
		await exported(of, "march", "--key", of.vkey);
		await damage(of.path("march"));
		const refused = await runCli(["tail", "decisions", "--log", `export:${of.path("march")}`]);
		expect(refused.stderr).toMatch(message);
		expect(refused).toMatchObject({ exit, stdout: "" });
	});

	it("has records that the log could not read: they are as unreadable in it", async () => {
		const of = await auditedLog(1);
		await of.ask(5);
		await exported(of, "march");
		const change = (text: string): string => {
			const manifest = JSON.parse(text) as Manifest;
			const topic = manifest.topics.find(({ name }) => name === "intents");
			Object.assign(topic?.partitions[0] ?? {}, { unreadable: [{ offset: 2, why: "packed in a way of its own" }] });
			return JSON.stringify(manifest);
		};
		await edit(of.path("march"), change);
		const log = await openExport(of.path("march"));
		onTestFinished(() => log.close());
		const read = await log.read({ topic: "intents", partition: 0 }, 0);
		expect(read.filter(({ unreadable }) => unreadable !== undefined)).toEqual([
			{ ...read[2], unreadable: "packed in a way of its own" },
		]);
		const append = log.append({ topic: "intents", partition: 0 }, [{ key: null, value: Buffer.of(), headers: {} }]);
		await expect(append).rejects.toMatchObject({ code: "ASSENT_LOG_CLOSED" });
	});

	it("is told of before anything is read from it, once: the threads of a replay do not compare it again", async () => {
		const of = await auditedLog(2);
		await of.ask(6);
		await of.sign();
		await exported(of, "march");
		const march = `export:${of.path("march")}`;
		let read = 0;
		let whole = 0;
		const onBytes = (bytes: number, total: number): void => {
			read += bytes;
			whole = total;
		};
		await (await openExport(of.path("march"), { onBytes })).close();
		expect(read).toBe(whole);
		expect(read).toBeGreaterThan(readFileSync(of.path("march/log.db")).length);
		const signal = AbortSignal.abort();
		await expect(openExport(of.path("march"), { signal })).rejects.toMatchObject({ code: "ASSENT_STOPPED" });

		// No record is in it.
		await writeFile(of.path("march/audit/p/0/checkpoint"), "another");
		const args = ["replay", "--policy", of.path("policy.yaml"), "--log", march];
		expect(await runCli(args)).toMatchObject({ exit: 2, stderr: expect.stringContaining("p/0/checkpoint") });
		await expect(openExport(of.path("march"))).rejects.toMatchObject({ code: "ASSENT_EXPORT" });
		const sources = [{ name: "policy.yaml", text: await readFile(of.path("policy.yaml"), "utf8") }];
		const job = { log: march, config: undefined, layout: of.layout, sources, from: null, to: null, filter: {} };
		const { tally } = await reAuditAll({ ...job, isEachTold: false });
		expect(tally.counts).toMatchObject({ unchanged: 6, unreplayable: 0 });
	});

	it("is none at all", async () => {
		expect(await runCli(["doctor", "--log", "export:/nowhere/at/all"])).toMatchObject({ exit: 2 });
		const missing = await runCli(["tail", "decisions", "--log", "export:/nowhere/at/all"]);
		expect(missing).toMatchObject({ exit: 2, stderr: expect.stringContaining("there is no folder") });
	});

	it("is read where nothing may be written", async () => {
		const of = await auditedLog(1);
		await of.ask(5);
		await exported(of, "march");
		await cp(of.path("march"), of.path("copy"), { recursive: true });
		await chmod(of.path("copy"), 0o500);
		expect(await tailed(`export:${of.path("copy")}`, "decisions")).toBe(await tailed(of.url, "decisions"));
	});
});

async function flip(file: string, at: number): Promise<void> {
	const bytes = await readFile(file);
	bytes[at] = (bytes[at] ?? 0) ^ 1;
	await chmod(file, 0o600);
	await writeFile(file, bytes);
}

async function grow(file: string): Promise<void> {
	const bytes = await readFile(file);
	await chmod(file, 0o600);
	await writeFile(file, Buffer.concat([bytes, Buffer.alloc(4_096)]));
}

async function edit(folder: string, change: (text: string) => string): Promise<void> {
	const file = join(folder, "manifest.json");
	await writeFile(file, change(await readFile(file, "utf8")));
}

const disk = mountSmallDisk(2);
afterAll(() => disk?.remove());

describe.skipIf(disk === null)("an export onto a disk that runs full", () => {
	it("says so, exits with 3 and leaves nothing, wherever the disk runs full", async () => {
		const { folder } = disk as SmallDisk;
		const of = await auditedLog(2);
		await of.ask(300);
		await of.sign();
		const out = join(folder, "march");
		let refused = 0;
		// From no space at all to nearly enough: each step stops it at another place.
		for (let free = 0; free < 2_000; free += 150) {
			const ballast = join(folder, "ballast");
			await writeFile(ballast, Buffer.alloc(2 * 1024 * 1024 - 8_192 - free * 1024));
			const result = await runCli(["audit", "export", out, "--log", of.url]);
			await rm(ballast);
			if (result.exit === 0) {
				expect(await tailed(`export:${out}`, "decisions")).toBe(await tailed(of.url, "decisions"));
				await rm(out, { recursive: true });
				continue;
			}
			refused += 1;
			expect(result).toMatchObject({ exit: 3, stderr: expect.stringContaining("there is no space left") });
			expect(readdirSync(folder)).toEqual([]);
		}
		expect(refused).toBeGreaterThan(3);
		expect(refused).toBeLessThan(14);
	});
});
