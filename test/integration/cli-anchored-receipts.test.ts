/** The second step of a receipt: the checkpoint that it leads to, in the anchor that witnesses cosign. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { keyFrom, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { checkpointText, readCheckpoint } from "../../src/core/audit/checkpoint.ts";
import { noteText, readNote } from "../../src/core/audit/note.ts";
import { readReceipt } from "../../src/core/audit/receipt.ts";
import { keyId } from "../../src/core/model/signing-keys.ts";
import { publishSigned } from "../../src/notary/signed-records.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import type { Signer } from "../../src/ports/signer.ts";
import type { Witness } from "../../src/ports/witness.ts";
import { type AuditedLog, beginAuditedLog } from "../support/audited-log.ts";
import { LogEditor } from "../support/log-editor.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { cosignatureLine, witnessKeyText } from "../support/witness.ts";

const witnessNamed = (name: string, seed: number): Signer =>
	signerOf(keyFrom(name, new Uint8Array(32).fill(seed))) as Signer;

const key = witnessNamed("witness.example.com/w1", 3);
const stranger = witnessNamed("witness.example.com/w2", 4);

const witness: Witness = {
	verifier: verifierOf(key.key),
	addCheckpoint: (body) => {
		const text = body.slice(body.indexOf("\n\n") + 2).split("\n\n")[0];
		return Promise.resolve({ kind: "answer", status: 200, body: cosignatureLine(key, `${text}\n`) });
	},
};

interface Said {
	readonly size: number;
	readonly anchor: {
		readonly file: string;
		readonly index: number;
		readonly size: number;
		readonly cosigned: readonly string[];
		readonly unchecked: readonly string[];
	} | null;
}

/** Calls, signed in several rounds; `call-1` is in the second. */
async function signedLog(witnesses: readonly Witness[] = [witness]): Promise<AuditedLog> {
	const { end, ...of } = await beginAuditedLog(3, null, witnesses);
	onTestFinished(end);
	await of.ask(20);
	await of.sign();
	const call = { id: "call-1", tenant: "acme", agent: "coder", tool: "wipe", args: {} };
	await runCli(["submit", "--log", of.url, "--deadline", "5s"], { stdin: JSON.stringify(call) });
	for (let round = 0; round < 3; round++) {
		await of.ask(8);
		await of.sign();
	}
	return of;
}

const first = (of: AuditedLog): string => of.path("r.tlog-proof");
const second = (of: AuditedLog): string => of.path("r.anchor.tlog-proof");

const prove = (of: AuditedLog, ...more: readonly string[]): Promise<CliOutcome> =>
	runCli(["audit", "prove", "--log", of.url, "--key", of.vkey, "--out", first(of), ...more, "call-1"]);

const check = (of: AuditedLog, ...more: readonly string[]): Promise<CliOutcome> =>
	runCli(["audit", "prove", "--check", first(of), "--key", of.vkey, ...more]);

const asked = (of: Signer): readonly string[] => ["--witness-key", witnessKeyText(of.key)];

describe("the second step of a receipt", () => {
	it("is that the partition's checkpoint is in the anchor that the witness has cosigned", async () => {
		const of = await signedLog();
		const made = await prove(of, ...asked(key), "--json");
		expect(made, made.stderr).toMatchObject({ exit: 0, stderr: "" });
		const said = made.json() as Said;
		expect(said.anchor).toMatchObject({ file: second(of), cosigned: ["witness.example.com/w1"], unchecked: [] });
		const [one, two] = [first(of), second(of)].map((file) => readReceipt(readFileSync(file, "utf8")));
		if (one?.ok !== true || two?.ok !== true) throw new Error("unread");
		expect(Buffer.from(two.value.leaf ?? []).toString()).toBe(one.value.note);
		// The checkpoint is the first that covers the call, the anchor the latest that is cosigned.
		const anchor = readCheckpoint(readNote(two.value.note)?.text ?? "");
		const published = readFileSync(of.path("audit/anchor/checkpoint"), "utf8");
		expect(two.value.note).toBe(published);
		expect(said.anchor?.size).toBe(anchor?.size);
		expect(said.anchor?.index).toBeLessThan((anchor?.size ?? 0) - 3);

		const checked = await check(of, ...asked(key));
		expect(checked, checked.stdout).toMatchObject({ exit: 0, stderr: "" });
		expect(checked.stdout).toContain("`witness.example.com/w1` cosigned that");
		expect(checked.stdout).not.toContain("that everybody was shown the same tree");
		const unasked = await check(of);
		expect(unasked.stdout).toContain("signed by `witness.example.com/w1`, too, which is not checked");
		expect(unasked.exit).toBe(0);
	});

	it("is the same from an export, and needs no witness", async () => {
		const of = await signedLog([]);
		await prove(of);
		const [one, two] = [first(of), second(of)].map((file) => readFileSync(file, "utf8"));
		await runCli(["audit", "export", of.path("march"), "--log", of.url, "--key", of.vkey]);
		const out = await prove(of, "--log", `export:${of.path("march")}`);
		expect(out).toMatchObject({ exit: 0 });
		expect([first(of), second(of)].map((file) => readFileSync(file, "utf8"))).toEqual([one, two]);
		expect((await check(of, "--json")).json()).toMatchObject({ isProven: true, anchor: { cosigned: [] } });
		expect((await check(of)).stdout).toContain("that everybody was shown the same tree");
	});

	it("says with exit code 4 which witness has not cosigned", async () => {
		const of = await signedLog();
		const none = await prove(of, "--wait", "0s", ...asked(stranger));
		expect(none).toMatchObject({ exit: 4, stderr: expect.stringContaining("is cosigned by `witness.example.com/w2`") });
		expect(existsSync(first(of))).toBe(false);
		await prove(of);
		const other = await check(of, ...asked(key), ...asked(stranger));
		expect(other.exit).toBe(4);
		expect(other.stdout).toContain("is not cosigned by `witness.example.com/w2`");
		expect(await check(of, ...asked(witnessNamed("witness.example.com/w1", 9)))).toMatchObject({ exit: 4 });
	});

	it("is found to be wrong in every byte that is changed", async () => {
		const of = await signedLog();
		await prove(of);
		const text = readFileSync(second(of), "utf8");
		const extra = text.indexOf("index ");
		for (let at = 0; at < text.length; at += at < extra ? 23 : 3) {
			const odd = text.slice(0, at) + (text[at] === "B" ? "C" : "B") + text.slice(at + 1);
			writeFileSync(second(of), odd);
			expect((await check(of, ...asked(key))).exit, `at ${at}: ${text.slice(at, at + 8)}`).not.toBe(0);
		}
	});

	it("is no other receipt's, and nobody else's", async () => {
		const of = await signedLog();
		await prove(of);
		const [one, two] = [first(of), second(of)].map((file) => readFileSync(file, "utf8")) as [string, string];
		writeFileSync(second(of), one);
		expect(await check(of)).toMatchObject({ exit: 1, stdout: expect.stringContaining("another checkpoint") });
		const bare = one.replace(/extra .*\n/, "");
		writeFileSync(second(of), bare);
		expect(await check(of)).toMatchObject({ exit: 1, stdout: expect.stringContaining("which is no anchor") });
		// It may come without its leaf, which the first step has, and under another name.
		writeFileSync(of.path("elsewhere"), two.replace(/extra .*\n/, ""));
		expect(await check(of, "--anchor", of.path("elsewhere"), ...asked(key))).toMatchObject({ exit: 0 });
		expect(await check(of, "--anchor", of.path("none"))).toMatchObject({ exit: 2 });
		writeFileSync(second(of), "nonsense");
		expect(await check(of)).toMatchObject({ exit: 2, stderr: expect.stringContaining("is no receipt") });
		expect(await prove(of)).toMatchObject({ exit: 2, stderr: expect.stringContaining("is no receipt") });
	});

	it.each([3, 250])("is made where somebody has written %i checkpoints that the key has not signed", async (count) => {
		const of = await signedLog();
		const forger = witnessNamed("log.example.com", 1);
		for (let each = 0; each < count; each++)
			for (const origin of ["anchor", "decisions/0", "decisions/1", "decisions/2"].map(
				(path) => `log.example.com/${path}`,
			)) {
				const head = { origin, size: 1_000 + each, root: "ab".repeat(32) };
				const text = checkpointText(head);
				const bytes = forger.sign(new TextEncoder().encode(text));
				const note = noteText({ text, signatures: [{ name: "log.example.com", id: keyId(forger.key), bytes }] });
				const partition = Number(origin.split("/").at(2) ?? 0);
				expect(await publishSigned(of.log, { ...head, partition, note }, Date.now())).toBeNull();
			}
		await of.ask(8);
		await of.sign();
		// What was asked last is in a round behind those.
		const call = { id: "call-2", tenant: "acme", agent: "coder", tool: "wipe", args: {} };
		await runCli(["submit", "--log", of.url, "--deadline", "5s"], { stdin: JSON.stringify(call) });
		await of.sign();
		for (const id of ["call-1", "call-2"]) {
			const args = ["audit", "prove", id, "--log", of.url, "--key", of.vkey, "--out", first(of), ...asked(key)];
			const made = await runCli(args);
			expect(made, made.stderr).toMatchObject({ exit: 0, stderr: "" });
			expect(await check(of, ...asked(key))).toMatchObject({ exit: 0 });
		}
	});

	it("is left out, and an earlier one taken away, where no checkpoint of the anchor is on the log", async () => {
		const of = await signedLog([]);
		await prove(of);
		expect(existsSync(second(of))).toBe(true);
		await of.stop();
		const editor = new LogEditor(of.path("log.db"));
		for (let partition = 0; partition < of.layout.partitions; partition++) {
			const isAnchor = ({ key: origin }: { readonly key: string | null }): boolean =>
				origin?.endsWith("/anchor") === true;
			const records = editor.records(TOPICS.checkpoints, partition);
			const rest = records.filter((record) => !isAnchor(record));
			editor.replace(TOPICS.checkpoints, partition, rest);
		}
		editor.close();
		const out = await prove(of, "--wait", "0s");
		expect(out, out.stderr).toMatchObject({ exit: 0 });
		expect(out.stdout).toContain("it reaches no witness");
		expect(existsSync(second(of))).toBe(false);
		expect(await check(of)).toMatchObject({ exit: 0 });
		expect(await check(of, ...asked(key))).toMatchObject({
			exit: 2,
			stderr: expect.stringContaining("has no second step"),
		});
	});
});
