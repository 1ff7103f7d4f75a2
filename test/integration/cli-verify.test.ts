/** `assent audit verify` on a log that is as it was recorded: live, unsigned, as a folder of tiles and as an export; and what it refuses. */
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/core/audit/checkpoint.ts";
import { readNote } from "../../src/core/audit/note.ts";
import { SEMANTICS } from "../../src/core/model/entries.ts";
import { auditedLog } from "../support/audited-log.ts";
import { LogEditor } from "../support/log-editor.ts";
import { runCli } from "../support/run-cli.ts";
import { changeManifest, fitManifest } from "../support/tampering.ts";

interface Report {
	readonly result: string;
	readonly findings: readonly { readonly code: string; readonly message: string }[];
	readonly shown: readonly string[];
	readonly notShown: readonly string[];
	readonly anchor: { readonly size: number; readonly checkpoints: number } | null;
	readonly partitions: readonly {
		readonly entries: number;
		readonly recomputed: number;
		readonly signed: number | null;
		readonly unverifiable: Readonly<Record<string, number>>;
		readonly pending: { readonly inputs: number; readonly derived: number };
	}[];
}

describe("assent audit verify", () => {
	it("shows of a log, its folder and its export that nothing was changed, and says what it did not show", async () => {
		const of = await auditedLog();
		await of.ask(40);
		await of.sign();
		await of.ask(300);
		await of.sign();
		await of.sign();
		await of.ask(3);
		const live = await runCli([
			...["audit", "verify", "--log", of.url, "--key", of.vkey],
			...["--folder", of.path("audit"), "--json"],
		]);
		expect(live).toMatchObject({ exit: 0, stderr: "" });
		const report = live.json() as Report;
		expect(report).toMatchObject({ result: "sound", findings: [], unverifiable: 0 });
		for (const { entries, recomputed, signed, pending } of report.partitions) {
			expect(recomputed).toBe(entries);
			expect(signed).toBeLessThanOrEqual(entries);
			expect(pending).toEqual({ inputs: 0, derived: 0 });
		}
		expect(report.anchor?.checkpoints).toBe(2);
		expect(report.notShown.join("\n")).toContain("no signed checkpoint covers them yet");
		expect(report.notShown.join("\n")).toContain("--witness-key");
		await runCli(["audit", "export", of.path("march"), "--log", of.url, "--key", of.vkey]);
		await of.stop();
		await of.log.close();
		await rm(of.path("log.db"));
		const url = `export:${of.path("march")}`;
		const elsewhere = await runCli(["audit", "verify", "--log", url, "--key", of.path("march/audit/log.vkey")]);
		expect(elsewhere).toMatchObject({ exit: 0, stderr: "" });
		expect(elsewhere.stdout).toContain("all is as it was recorded in");
		const said = elsewhere.stdout.replaceAll(of.path("march/audit"), of.path("audit"));
		for (const line of report.shown) expect(said).toContain(line);
		expect(report.shown.join("\n")).toContain("the static tiles in");
	});

	it("takes holes that an export tells of for what they are", async () => {
		const of = await auditedLog(2);
		await of.ask(20);
		await of.sign();
		await runCli(["audit", "export", of.path("march"), "--log", of.url, "--key", of.vkey]);
		// As of a log on Kafka, where transactions take offsets: behind two of them is an intent that nobody has decided.
		await chmod(of.path("march/log.db"), 0o600);
		const editor = new LogEditor(of.path("march/log.db"));
		const intents = editor.records("intents", 0);
		const [first] = intents;
		const end = intents.length;
		editor.replace("intents", 0, [...intents, first as typeof first & object]);
		const last = editor.records("intents", 0).at(-1) as typeof first & object;
		editor.run(`UPDATE records SET off = ${end + 2} WHERE id = ${last.id}`);
		editor.put({ ...last, offset: end + 2 });
		editor.run("UPDATE topics SET cleanup = 'compact' WHERE name = 'intents'");
		editor.close();
		const verify = async (gaps: readonly object[]) => {
			changeManifest(of.path("march"), (manifest) => ({
				...manifest,
				topics: manifest.topics.map((topic) => {
					const [one, ...others] = topic.partitions;
					return topic.name === "intents"
						? { ...topic, partitions: [{ ...one, next: end + 3, records: end + 1, gaps }, ...others] }
						: topic;
				}),
			}));
			fitManifest(of.path("march"));
			return runCli(["audit", "verify", "--log", `export:${of.path("march")}`, "--key", of.vkey]);
		};
		expect(await verify([{ from: end, to: end + 2 }])).toMatchObject({ exit: 0 });
		const other = await verify([{ from: end - 1, to: end + 1 }]);
		expect(other).toMatchObject({ exit: 1, stdout: expect.stringContaining("`topics.5.partitions.0.gaps.0.from`") });
	});

	it("says aloud that signatures were left out, and takes a log that has none where that was asked for", async () => {
		const of = await auditedLog(1);
		await of.ask(5);
		const unsigned = await runCli(["audit", "verify", "--log", of.url, "--unsigned"]);
		expect(unsigned).toMatchObject({ exit: 0 });
		expect(unsigned.stdout).toContain("`--unsigned` leaves signatures out");
		const expected = await runCli(["audit", "verify", "--log", of.url, "--key", of.vkey]);
		expect(expected).toMatchObject({ exit: 1 });
		expect(expected.stdout).toContain("no checkpoint that `log.example.com` has signed is on the log");
	});

	it("holds the log against a checkpoint that was kept", async () => {
		const of = await auditedLog(2);
		await of.ask(20);
		await of.sign();
		const kept = ["p/0/checkpoint", "p/1/checkpoint", "anchor/checkpoint"];
		for (const [index, name] of kept.entries())
			await writeFile(of.path(`kept-${index}`), await readFile(of.path(`audit/${name}`)));
		await of.ask(30);
		await of.sign();
		const files = kept.map((_, index) => of.path(`kept-${index}`));
		const out = await runCli(["audit", "verify", "--log", of.url, "--key", of.vkey, "--checkpoint", ...files]);
		expect(out).toMatchObject({ exit: 0, stderr: "" });
		for (const file of files) expect(out.stdout).toContain(`of the kept checkpoint \`${file}\``);
		expect(out.stdout).toMatch(/whether \d+ entries were written again by .* have seen the other \d+\n/);
		expect(out.stdout).toContain("whether the end of the log is missing");
		const latest = await runCli([
			...["audit", "verify", "--log", of.url, "--key", of.vkey],
			...["--checkpoint", of.path("audit/anchor/checkpoint")],
		]);
		expect(latest.stdout).not.toContain("written again");
		expect(latest.stdout).toContain("whether the end of the log is missing");
	});

	it("lets a checkpoint of one partition that was kept speak for nothing else", async () => {
		const of = await auditedLog(2);
		await of.ask(20);
		await of.sign();
		const kept = readCheckpoint(readNote(await readFile(of.path("audit/p/0/checkpoint"), "utf8"))?.text ?? "");
		const out = await runCli([
			...["audit", "verify", "--log", of.url, "--key", of.vkey, "--json"],
			...["--checkpoint", of.path("audit/p/0/checkpoint")],
		]);
		const { notShown, partitions } = out.json() as Report;
		expect(partitions[0]?.signed).toBe(kept?.size);
		expect(notShown.join("\n")).toContain(`whether ${partitions[1]?.entries} entries were written again`);
	});

	it("calls nothing wrong where the text of the policies is gone, and counts what they decided", async () => {
		const of = await auditedLog(2);
		await of.ask(30);
		await of.sign();
		await of.stop();
		const editor = new LogEditor(of.path("log.db"));
		for (const { record } of editor.derived("policies", 0, "policy.bundle")) editor.remove(record);
		editor.close();
		const out = await runCli(["audit", "verify", "--log", of.url, "--key", of.vkey, "--json"]);
		expect(out, out.stdout).toMatchObject({ exit: 4 });
		const { result, findings, notShown, partitions } = out.json() as Report;
		expect({ result, findings }).toEqual({ result: "unverifiable", findings: [] });
		expect(partitions.every(({ unverifiable }) => (unverifiable["policy"] ?? 0) > 3)).toBe(true);
		expect(notShown.join("\n")).toContain("the text of the policies is no longer on the log");
	});

	it("counts what a newer version has decided, and looks at all else", async () => {
		const of = await auditedLog(2);
		await of.ask(30);
		await of.sign();
		await of.stop();
		const editor = new LogEditor(of.path("log.db"));
		const ledger = editor.ledger(1);
		for (const { record, entry } of ledger) editor.putEntry(record, { ...entry, semantics: SEMANTICS + 1 });
		editor.signAgain(of.signer);
		const out = await runCli(["audit", "verify", "--log", of.url, "--key", of.vkey, "--json"]);
		expect(out, out.stdout + out.stderr).toMatchObject({ exit: 4 });
		const { result, findings, notShown, partitions } = out.json() as Report;
		expect({ result, findings }).toEqual({ result: "unverifiable", findings: [] });
		expect(partitions[0]?.recomputed).toBe(partitions[0]?.entries);
		expect(partitions[1]).toMatchObject({ entries: ledger.length, recomputed: 0, signed: ledger.length });
		expect(notShown.join("\n")).toMatch(/what partition 1 goes on with: the entry at offset \d+ has semantics/);
		editor.putEntry((ledger[3] as (typeof ledger)[0]).record, (ledger[3] as (typeof ledger)[0]).entry);
		editor.close();
		const changed = await runCli(["audit", "verify", "--log", of.url, "--key", of.vkey]);
		expect(changed).toMatchObject({ exit: 1, stdout: expect.stringContaining("checkpoint.root") });
	});

	it("refuses what is no key, the wrong key, no log, and what is no checkpoint", async () => {
		const of = await auditedLog(1);
		const verify = (...args: readonly string[]) => runCli(["audit", "verify", "--log", of.url, ...args]);
		await of.ask(5);
		expect(await verify()).toMatchObject({ exit: 2, stderr: expect.stringContaining("--unsigned") });
		expect(await verify("--key", "nosuch")).toMatchObject({ exit: 2, stderr: expect.stringContaining("nosuch") });
		await of.sign();
		const other = await runCli(["keys", "create", "log.example.com", "--out", of.path("other.key")]);
		expect(await verify("--key", other.stdout.trim())).toMatchObject({
			exit: 2,
			stderr: expect.stringMatching(/ASSENT_AUDIT_KEY.*none of the 2 signed checkpoints/),
		});
		expect(await verify("--key", of.vkey, "--checkpoint", of.path("policy.yaml"))).toMatchObject({
			exit: 2,
			stderr: expect.stringContaining("ASSENT_AUDIT_CHECKPOINT"),
		});
		const policy = await runCli(["audit", "verify", "--unsigned", "--log", `file:${of.path("policy.yaml")}`]);
		expect(policy).toMatchObject({ exit: 3, stderr: expect.stringContaining("ASSENT_LOG") });
		const none = await runCli(["audit", "verify", "--unsigned", "--log", `file:${of.path("none.db")}`]);
		expect(none.exit).toBe(2);
	});

	it("ends when it is told to", async () => {
		const of = await auditedLog(1);
		await of.ask(5);
		const stop = new AbortController();
		stop.abort("SIGINT");
		const out = await runCli(["audit", "verify", "--unsigned", "--log", of.url], { stop: stop.signal });
		expect(out.exit).toBe(130);
	});
});
