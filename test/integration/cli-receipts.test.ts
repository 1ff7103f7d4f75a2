/** `assent audit prove`: receipts of decisions, what they say, how they are checked without a log, and what is no proof. */
import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { keyFrom, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { startNotary } from "../../src/app/notary.ts";
import { readReceipt } from "../../src/core/audit/receipt.ts";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import { publicKeyText } from "../../src/core/model/signing-keys.ts";
import { type Log, type LogRecord, readToEnd } from "../../src/ports/log/log.ts";
import { noNotaryMeter } from "../../src/ports/notary-meter.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { decisionsOf } from "../../src/verify/decisions-of.ts";
import { receiptFor } from "../../src/verify/receipt-for.ts";
import { type AuditedLog, auditedLog } from "../support/audited-log.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { over } from "../support/world.ts";

interface Said {
	readonly decision: string;
	readonly kind: string;
	readonly seq: number;
	readonly partition: number;
	readonly size: number;
	readonly calls: readonly { readonly id: string; readonly verdict: string; readonly what: string }[];
	readonly others: readonly { readonly decision: string; readonly verdict: string }[];
}

const submit = (of: AuditedLog, ...calls: readonly object[]): Promise<CliOutcome> => {
	const stdin = calls.map((call) => JSON.stringify({ tenant: "acme", agent: "coder", ...call })).join("\n");
	return runCli(["submit", "--log", of.url, "--deadline", "5s"], { stdin });
};

const prove = (of: AuditedLog, id: string, ...args: readonly string[]): Promise<CliOutcome> =>
	runCli(["audit", "prove", id, "--log", of.url, "--key", of.vkey, "--out", of.path("r.tlog-proof"), ...args]);

const check = (of: AuditedLog, ...args: readonly string[]): Promise<CliOutcome> =>
	runCli(["audit", "prove", "--check", of.path("r.tlog-proof"), "--key", of.vkey, ...args]);

/** A log with calls under ids that are known, all of them signed. */
async function signedLog(): Promise<AuditedLog> {
	const of = await auditedLog();
	await of.ask(30);
	await submit(
		of,
		{ id: "call-1", tool: "wipe", args: { secret: "s3cret" } },
		{ id: "call-2", tool: "pay.out", args: {} },
	);
	await of.ask(10);
	await of.sign();
	return of;
}

describe("assent audit prove", () => {
	it("writes its receipt over no file but a receipt", async () => {
		const of = await signedLog();
		const other = of.path("other.key");
		await writeFile(other, "PRIVATE+KEY+x\n");
		const { exit, stderr } = await prove(of, "call-1", "--out", other);
		expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining("is no receipt") });
		expect(await readFile(other, "utf8")).toBe("PRIVATE+KEY+x\n");
	});

	it("writes a receipt of the very entry that decided, which is checked without the log", async () => {
		const of = await signedLog();
		const out = await prove(of, "call-1");
		expect(out).toMatchObject({ exit: 0, stderr: "" });
		expect(out.stdout).toContain("call-1  acme/coder  denied");
		expect(out.stdout).toContain("guard/no-wipe");
		expect(out.stdout).toMatch(
			/What the receipt proves:[\s\S]*What it does not prove:[\s\S]*written to .*, and checked/,
		);
		const text = await readFile(of.path("r.tlog-proof"), "utf8");
		expect(Buffer.from(text).includes("s3cret")).toBe(false);
		const receipt = readReceipt(text);
		if (!receipt.ok || receipt.value.leaf === null) throw new Error("unread");
		const { leaf, index } = receipt.value;
		const entry = decodeEntry(leaf);
		expect(entry).toMatchObject({ ok: true, value: { seq: index, verdict: "deny", call: { id: "call-1" } } });
		const partition = entry.ok ? entry.value.cause.partition : 0;
		const stored: Uint8Array[] = [];
		for await (const records of readToEnd(of.log, { topic: "decisions", partition }, 0))
			stored.push(
				...records.filter(({ headers }) => headers["assent-seq"] === String(index)).map(({ value }) => value),
			);
		expect(stored).toEqual([leaf]);

		const checked = await check(of, "--json");
		expect(checked).toMatchObject({ exit: 0, stderr: "" });
		expect(checked.json()).toMatchObject({ isProven: true, decision: `${partition}-${index}`, kind: "decision.made" });
		expect((await check(of)).stdout).toContain("has signed that tree");
	});

	it("takes the id of a decision, too, and says which entries a held call has", async () => {
		const of = await signedLog();
		const held = (await prove(of, "call-2", "--json")).json() as Said;
		expect(held).toMatchObject({ kind: "decision.held", calls: [{ id: "call-2", verdict: "hold" }], others: [] });
		expect((await runCli(["approvals", "grant", "call-2", "--by", "alice", "--log", of.url])).exit).toBe(0);
		await of.sign();
		const granted = await prove(of, "call-2", "--json");
		expect(granted.json()).toMatchObject({
			kind: "approval.recorded",
			calls: [{ verdict: "allow", what: "allowed after alice had granted it" }],
			others: [{ decision: held.decision, verdict: "hold", what: "held for approval" }],
		});
		expect((await prove(of, "call-2")).stdout).toContain(`  ${held.decision}  held for approval`);
		const first = (await prove(of, held.decision, "--json")).json() as Said;
		expect(first).toMatchObject({ decision: held.decision, kind: "decision.held" });
		expect((await check(of)).exit).toBe(0);
	});

	it("lets no call that is named like a decision speak for that decision", async () => {
		const of = await signedLog();
		const { decision } = (await prove(of, "call-1", "--json")).json() as Said;
		await submit(of, { id: decision, agent: "writer", tool: "read_file", args: {} });
		await of.sign();
		const both = await prove(of, decision);
		expect(both).toMatchObject({ exit: 2, stdout: "" });
		expect(both.stderr).toMatch(/is the id of a decision, and a call is named so/);
		const meant = (await prove(of, decision, "--decision", "--json")).json();
		expect(meant).toMatchObject({ decision, calls: [{ id: "call-1", verdict: "deny" }] });
		const call = (await prove(of, decision, "--tenant", "acme", "--agent", "writer", "--json")).json();
		expect(call).toMatchObject({ calls: [{ id: decision, agent: "writer", verdict: "allow" }] });
		expect((await prove(of, "call-1", "--decision")).exit).toBe(2);
	});

	it("says so with exit code 4 where nothing signed covers the entry, and waits for it first", async () => {
		const of = await auditedLog();
		await submit(of, { id: "call-1", tool: "wipe", args: {} });
		const none = await prove(of, "call-1", "--wait", "0s");
		expect(none.exit).toBe(4);
		expect(none.stderr).toContain("ASSENT_UNSIGNED");
		await of.sign();
		await submit(of, { id: "call-2", tool: "wipe", args: {} });
		const later = await prove(of, "call-2", "--wait", "0s");
		expect(later.exit).toBe(4);
		expect(later.stderr).toMatch(/covers entries 0 to \d+, and this is entry \d+/);
		expect(readdirSync(of.folder)).not.toContain("r.tlog-proof");
		const waiting = prove(of, "call-2", "--wait", "30s");
		await of.sign();
		expect((await waiting).exit).toBe(0);
	});

	it("writes the file by the id, whatever the id is, and nowhere else", async () => {
		const of = await auditedLog();
		const odd = "../up/..*\u202e";
		await submit(of, { id: odd, tool: "wipe", args: {} }, { id: "x".repeat(256), tool: "wipe", args: {} });
		await of.sign();
		const before = process.cwd();
		process.chdir(of.folder);
		try {
			for (const id of [odd, "x".repeat(256)])
				expect(await runCli(["audit", "prove", id, "--log", of.url, "--key", of.vkey])).toMatchObject({ exit: 0 });
		} finally {
			process.chdir(before);
		}
		const made = readdirSync(of.folder).filter((name) => name.endsWith(".tlog-proof"));
		expect(made.sort()).toEqual([
			"%2E.%2Fup%2F..%2A%E2%80%AE.anchor.tlog-proof",
			"%2E.%2Fup%2F..%2A%E2%80%AE.tlog-proof",
			`${"x".repeat(200)}….anchor.tlog-proof`,
			`${"x".repeat(200)}….tlog-proof`,
		]);
	});

	it("reads an export as it reads the log, and says when no key was given", async () => {
		const of = await signedLog();
		await of.stop();
		expect((await runCli(["audit", "export", of.path("march"), "--log", of.url, "--key", of.vkey])).exit).toBe(0);
		const there = await prove(of, "call-1");
		const receipt = readFileSync(of.path("r.tlog-proof"), "utf8");
		const exported = `export:${of.path("march")}`;
		const again = await runCli(["audit", "prove", "call-1", "--log", exported, "--out", of.path("r.tlog-proof")]);
		expect(again.exit).toBe(0);
		expect(again.stdout).toContain("whose signature was not checked");
		expect(readFileSync(of.path("r.tlog-proof"), "utf8")).toBe(receipt);
		expect(there.stdout).not.toContain("not checked");
	});

	it("makes nothing where the log is another than the one that was signed, or has lost its end", async () => {
		const of = await signedLog();
		const reading = {};
		const { decided } = await decisionsOf(of.log, of.layout, { id: "call-1", filter: {}, reading });
		const { partitions } = of.layout;
		const wanted = { verifier: verifierOf(of.signer.key), partitions, witnesses: [], waitMs: 0, reading };
		/** As the log gives it, but for the ledger. */
		const changed = (change: (records: readonly LogRecord[]) => readonly LogRecord[]): Log =>
			over(of.log, {
				read: async (from, at, options) => {
					const records = await of.log.read(from, at, options);
					return from.topic === "decisions" ? change(records) : records;
				},
			});
		const flipped = changed((records) =>
			records.map((record) => (record.offset === 2 ? { ...record, value: record.value.with(20, 1) } : record)),
		);
		const cut = changed((records) => records.filter(({ offset }) => offset < 6));
		await expect(receiptFor(flipped, decided, wanted)).rejects.toThrow(/are not those that were signed/);
		await expect(receiptFor(cut, { ...decided, seq: 1 }, wanted)).rejects.toThrow(/has 5 entries, and \d+ were signed/);
		const other = { ...decided, leaf: decided.leaf.with(20, 1) };
		await expect(receiptFor(of.log, other, wanted)).rejects.toThrow(/are not those that were signed/);
		expect((await receiptFor(of.log, decided, wanted)).receipt.index).toBe(decided.seq);
	});

	it("takes the checkpoints of the key that is named, and asks for one where several have signed", async () => {
		const of = await signedLog();
		const signer = signerOf(keyFrom("other.example.com", new Uint8Array(32).fill(9))) as Signer;
		const { log, layout } = of;
		const other = await startNotary({
			...{ log, layout, signer, folder: of.path("other"), witnesses: [] },
			...{ telemetry: silentTelemetry, meter: noNotaryMeter },
		});
		await other.read();
		await other.sign();
		expect((await prove(of, "call-1", "--json")).json()).toMatchObject({ key: "log.example.com" });
		const byOther = await prove(of, "call-1", "--key", publicKeyText(signer.key), "--json");
		expect(byOther.json()).toMatchObject({ key: "other.example.com", isSignatureChecked: true });
		const unnamed = await runCli(["audit", "prove", "call-1", "--log", of.url, "--out", of.path("r.tlog-proof")]);
		expect(unnamed).toMatchObject({ exit: 2, stderr: expect.stringContaining("both signed") as string });
	});

	it("says what is wrong with what it is asked", async () => {
		const of = await signedLog();
		await submit(of, { id: "call-1", agent: "writer", tool: "wipe", args: {} });
		await of.sign();
		const wrong = async (args: readonly string[]): Promise<string> => {
			const { exit, stderr } = await runCli(["audit", "prove", ...args]);
			expect(exit, args.join(" ")).toBe(2);
			return stderr;
		};
		expect(await wrong(["call-9", "--log", of.url])).toContain("no entry decides a call `call-9`");
		expect(await wrong(["call-1", "--log", of.url])).toContain("several agents have a call");
		expect(await wrong(["call-1", "--log", of.url, "--agent", "tester"])).toContain("of this principal");
		expect((await prove(of, "call-1", "--agent", "writer")).stdout).toContain("call-1  acme/writer  denied");
		expect(await wrong(["--log", of.url])).toContain("no decision is named");
		expect(await wrong(["call-1", "--entry", "x"])).toContain("`--entry` belongs to `--check`");
		expect(await wrong(["call-1", "--key", "nonsense"])).toContain("nonsense");
		expect(await wrong(["--check", of.path("r.tlog-proof")])).toContain("nothing says whose log");
		expect(await wrong(["call-1", "--check", "x", "--key", of.vkey])).toContain("takes no id");
		expect(await wrong(["--check", of.path("policy.yaml"), "--key", of.vkey])).toContain("is no receipt");
		expect(await wrong(["--check", of.path("none"), "--key", of.vkey])).toContain("ASSENT_FILE_MISSING");
	});
});

describe("assent audit prove --check", () => {
	it("finds every byte that is changed, and which key it lacks", async () => {
		const of = await signedLog();
		await prove(of, "call-1");
		const text = await readFile(of.path("r.tlog-proof"), "utf8");
		for (let at = 0; at < text.length; at += 3) {
			const odd = text.slice(0, at) + (text[at] === "B" ? "C" : "B") + text.slice(at + 1);
			await writeFile(of.path("r.tlog-proof"), odd);
			expect((await check(of)).exit, `at ${at}: ${text.slice(at, at + 8)}`).not.toBe(0);
		}
		await writeFile(of.path("r.tlog-proof"), text);
		const forger = signerOf(keyFrom("log.example.com", new Uint8Array(32).fill(1))) as Signer;
		const args = ["audit", "prove", "--check", of.path("r.tlog-proof"), "--key", publicKeyText(forger.key)];
		const stranger = await runCli(args);
		expect(stranger.exit).toBe(4);
		expect(stranger.stdout).toMatch(
			/is not signed with the key `log\.example\.com\+[0-9a-f]{8}`, but with `log\.example\.com\+[0-9a-f]{8}`/,
		);
		expect((await check(of)).exit).toBe(0);
	});

	it("takes the entry from a file where the receipt has none, and no other than the receipt's", async () => {
		const of = await signedLog();
		await prove(of, "call-1");
		const text = await readFile(of.path("r.tlog-proof"), "utf8");
		const read = readReceipt(text);
		if (!read.ok || read.value.leaf === null) throw new Error("unread");
		await writeFile(of.path("entry"), read.value.leaf);
		await writeFile(of.path("another"), read.value.leaf.slice(1));
		expect((await check(of, "--entry", of.path("entry"))).exit).toBe(0);
		const other = await check(of, "--entry", of.path("another"), "--json");
		expect(other).toMatchObject({ exit: 1 });
		expect(other.json()).toMatchObject({ isProven: false, why: expect.stringContaining("another entry") as string });
		await writeFile(of.path("r.tlog-proof"), text.replace(/extra .*\n/, ""));
		expect(await check(of)).toMatchObject({ exit: 2, stderr: expect.stringContaining("--entry FILE") as string });
		expect((await check(of, "--entry", of.path("entry"))).exit).toBe(0);
		expect(await check(of, "--entry", of.path("another"))).toMatchObject({ exit: 1 });
	});
});
