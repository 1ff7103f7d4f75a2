/** `assent audit verify` of a log on Kafka: one that is as it was recorded, one that was changed, and what others write beside the entries. */
import { readFile } from "node:fs/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { openLog } from "../../src/app/open-log.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { type AuditedLog, auditedLog } from "../support/audited-log.ts";
import { describeKafka, freshPrefix, sharedKafka } from "../support/kafka/shared.ts";
import { LogEditor } from "../support/log-editor.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 120_000 });

interface Report {
	readonly result: string;
	readonly findings: readonly { readonly code: string; readonly partition: number; readonly seq: number | null }[];
	readonly partitions: readonly { readonly entries: number; readonly recomputed: number; readonly voids: number }[];
}

const isAllowed = (entry: LedgerEntry): boolean =>
	entry.seq > 10 && entry.kind === "decision.made" && entry.verdict === "allow";

/** The same records on Kafka, where nobody decides on them. */
async function onKafka(of: AuditedLog, name: string): Promise<string> {
	const url = `kafka://${(await sharedKafka()).address}/${freshPrefix().slice(0, -1)}`;
	const exported = await runCli(["audit", "export", of.path(name), "--log", of.url]);
	expect(exported.exit, exported.stderr).toBeLessThan(2);
	const imported = await runCli(["audit", "import", of.path(name), "--log", url]);
	expect(imported, imported.stderr).toMatchObject({ exit: 0 });
	return url;
}

async function signedLog(): Promise<AuditedLog> {
	const of = await auditedLog(2);
	await of.ask(40);
	await of.sign();
	await of.ask(40);
	await of.sign();
	await of.stop();
	return of;
}

const verify = (url: string, of: AuditedLog, ...more: readonly string[]): Promise<CliOutcome> =>
	runCli(["audit", "verify", "--log", url, "--key", of.vkey, "--json", ...more]);

describeKafka("audit verify on Kafka", () => {
	it("shows of a log that nobody has changed that each decision comes out, and what was signed", async () => {
		const of = await signedLog();
		const url = await onKafka(of, "clean");
		const out = await verify(url, of, "--folder", of.path("audit"));
		expect(out, out.stdout + out.stderr).toMatchObject({ exit: 0, stderr: "" });
		const { result, findings, partitions } = out.json() as Report;
		expect({ result, findings }).toEqual({ result: "sound", findings: [] });
		expect(partitions.reduce((sum, { entries }) => sum + entries, 0)).toBeGreaterThan(80);
		for (const { entries, recomputed, voids } of partitions) expect([recomputed, voids]).toEqual([entries, 0]);
	});

	it("names the entry whose verdict was changed, and the signatures that this breaks", async () => {
		const of = await signedLog();
		const editor = new LogEditor(of.path("log.db"));
		const { record, entry } = editor.entry(isAllowed);
		editor.putEntry(record, { ...entry, verdict: "deny" } as LedgerEntry);
		editor.close();
		const out = await verify(await onKafka(of, "changed"), of);
		expect(out, out.stdout + out.stderr).toMatchObject({ exit: 1 });
		const { findings } = out.json() as Report;
		const [first] = findings.filter(({ code }) => code === "decision.differs");
		expect(first).toMatchObject({ partition: record.partition, seq: entry.seq });
		expect(findings).toContainEqual(
			expect.objectContaining({ code: "checkpoint.root", partition: record.partition, seq: null }),
		);
	});

	it("counts a copy of an entry, which is void, and tells of one under a claim that nobody has made", async () => {
		const of = await signedLog();
		const url = await onKafka(of, "doubled");
		const log = await openLog(url, { create: false });
		onTestFinished(() => log.close());
		const at = { topic: TOPICS.decisions, partition: 0 };
		const last = (await log.bounds(at)).end - 1;
		const [copied] = await log.read(at, last);
		if (copied === undefined) throw new Error("there is no entry");
		await log.append(at, [copied]);
		const out = await verify(url, of);
		expect(out, out.stdout + out.stderr).toMatchObject({ exit: 0 });
		expect((out.json() as Report).partitions.map(({ voids }) => voids)).toEqual([1, 0]);

		await log.append(at, [{ ...copied, headers: { ...copied.headers, "assent-claim": "0".repeat(32) } }]);
		const forged = await verify(url, of);
		expect(forged).toMatchObject({ exit: 1 });
		expect((forged.json() as Report).findings.map(({ code }) => code)).toEqual(["ledger.claim"]);
		expect((forged.json() as Report).partitions.map(({ voids }) => voids)).toEqual([2, 0]);
	});

	it("finds the notes that a notary has published of another history", async () => {
		const of = await signedLog();
		const url = await onKafka(of, "forked");
		const other = await signedLog();
		const log = await openLog(url, { create: false });
		onTestFinished(() => log.close());
		const from = { topic: TOPICS.checkpoints, partition: 1 };
		const theirs = (await other.log.read(from, 0)).filter(({ headers }) => /signed/.test(headers["ce_type"] ?? ""));
		expect(theirs.length).toBeGreaterThan(0);
		await log.append(from, theirs);
		const out = await verify(url, of);
		expect(out).toMatchObject({ exit: 1 });
		const codes = (out.json() as Report).findings.map(({ code }) => code);
		expect(codes.some((code) => code === "checkpoint.fork" || code === "checkpoint.root")).toBe(true);
		// Nor does the other's folder fit this log.
		const key = await readFile(other.path("audit/log.vkey"), "utf8");
		expect(key.trim()).toBe(of.vkey);
		expect(await verify(url, of, "--folder", other.path("audit"))).toMatchObject({ exit: 1 });
	});
});
