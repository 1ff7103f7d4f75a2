/** What `assent audit verify` says of a log that somebody has changed: each row of the table in docs/audit.md. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyFrom, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { openExport } from "../../src/app/open-export.ts";
import type { Manifest } from "../../src/export/manifest.ts";
import type { Signer } from "../../src/ports/signer.ts";
import type { Witness } from "../../src/ports/witness.ts";
import { type AuditedLog, beginAuditedLog } from "../support/audited-log.ts";
import { flipped, LogEditor } from "../support/log-editor.ts";
import { runCli } from "../support/run-cli.ts";
import { TAMPERINGS, type Tampering, type Who } from "../support/tampering.ts";
import { cosignatureLine, witnessKeyText } from "../support/witness.ts";

interface Said {
	readonly result: string;
	readonly findings: readonly { readonly code: string; readonly message: string; readonly meaning: string }[];
	readonly notShown: readonly string[];
}

const witnessKey = signerOf(keyFrom("witness.example.com/w1", new Uint8Array(32).fill(3))) as Signer;

/** Signs whatever it is asked. */
const witness: Witness = {
	verifier: verifierOf(witnessKey.key),
	addCheckpoint: (body) => {
		const text = body.slice(body.indexOf("\n\n") + 2).split("\n\n")[0];
		return Promise.resolve({ kind: "answer", status: 200, body: cosignatureLine(witnessKey, `${text}\n`) });
	},
};

let base: string;
let original: AuditedLog;
const ends: (() => Promise<void>)[] = [];

/** What was recorded, once: calls that are allowed, denied and held, a halt, three rounds of signing, and a rest that is not signed. */
async function record(calls: number, witnesses: readonly Witness[]): Promise<AuditedLog> {
	const { end, ...of } = await beginAuditedLog(2, null, witnesses);
	ends.push(end);
	const submit = (...lines: readonly object[]) =>
		runCli(["submit", "--log", of.url, "--deadline", "5s"], {
			stdin: lines.map((line) => JSON.stringify({ tenant: "acme", agent: "coder", args: {}, ...line })).join("\n"),
		});
	const by = ["--by", "alice", "--log", of.url];
	await of.ask(calls);
	await submit({ id: "call-1", tool: "wipe" }, { id: "call-2", tool: "pay.out" });
	await runCli(["approvals", "grant", "call-2", ...by]);
	await of.sign();
	await runCli(["halt", "set", "--agent", "acme/writer", "--reason", "too fast", ...by]);
	await of.ask(calls);
	await of.sign();
	await submit({ id: "call-3", agent: "writer", tool: "wipe" });
	await of.ask(4);
	await of.sign();
	await of.ask(4);
	await of.stop();
	await of.log.close();
	return of;
}

beforeAll(async () => {
	base = await mkdtemp(join(tmpdir(), "assent-tampering-"));
	ends.push(() => rm(base, { recursive: true, force: true }));
	original = await record(120, [witness]);
	const { url, vkey } = original;
	await cp(original.path("log.db"), join(base, "log.db"));
	await cp(original.path("audit"), join(base, "audit"), { recursive: true });
	const exported = await runCli(["audit", "export", join(base, "march"), "--log", url, "--key", vkey]);
	expect(exported, exported.stderr).toMatchObject({ exit: 0 });
	const other = await record(140, []);
	await cp(other.path("log.db"), join(base, "rewritten.db"));
}, 60_000);

afterAll(async () => {
	for (const end of ends) await end();
});

/** A copy of all of it, changed, and where. */
async function tampered({ change }: Pick<Tampering, "change">) {
	const folder = await mkdtemp(join(base, "row-"));
	for (const name of ["log.db", "audit", "march", "rewritten.db"])
		await cp(join(base, name), join(folder, name), { recursive: true });
	const editor = new LogEditor(join(folder, "log.db"));
	const parts = {
		editor,
		signer: original.signer,
		published: join(folder, "audit"),
		exported: join(folder, "march"),
		rewritten: join(folder, "rewritten.db"),
	};
	const place = change(parts);
	editor.close();
	return { folder, place };
}

function verify(folder: string, at: Tampering["at"] = "log", ...more: readonly string[]) {
	const url = {
		log: `file:${join(folder, "log.db")}`,
		folder: `file:${join(folder, "log.db")}`,
		export: `export:${join(folder, "march")}`,
		rewritten: `file:${join(folder, "rewritten.db")}`,
	}[at];
	const published = at === "folder" ? ["--folder", join(folder, "audit")] : [];
	return runCli(["audit", "verify", "--log", url, "--key", original.vkey, ...published, ...more]);
}

/** What an auditor has beside the key: the witness's, or the checkpoint of a partition that it has kept. */
const beside = (option: string): readonly string[] =>
	option === "--witness-key" ? [option, witnessKeyText(witnessKey.key)] : [option, join(base, "audit/p/0/checkpoint")];

const sides = Object.entries(TAMPERINGS) as readonly [Who, readonly Tampering[]][];

describe("assent audit verify", () => {
	it.each(["log", "folder", "export"] as const)("finds nothing wrong with a %s that nobody has changed", async (at) => {
		const { folder } = await tampered({ change: () => undefined });
		const more = [...beside("--witness-key"), ...beside("--checkpoint")];
		const out = await verify(folder, at, ...more, "--json");
		expect(out, out.stderr + out.stdout).toMatchObject({ exit: 0, stderr: "" });
		expect(out.json()).toMatchObject({ result: "sound", findings: [], findingCount: 0 });
	});

	describe.each(sides)("%s", (_, rows) => {
		it.each(rows.map((row) => [row.title, row] as const))("%s", async (_, row) => {
			const { folder, place } = await tampered(row);
			const out = await verify(folder, row.at, "--json");
			if (row.code === null) {
				expect(out, out.stderr + out.stdout).toMatchObject({ exit: 0 });
				expect((out.json() as Said).notShown.join()).toContain(row.notShown);
			} else if (row.code.startsWith("ASSENT_")) {
				expect(out).toMatchObject({ exit: 2 });
				expect(out.json()).toMatchObject({ problems: [{ code: row.code }] });
			} else found(out, row.code, place);
			if (row.needs === undefined) return;
			const { option, code } = row.needs;
			found(await verify(folder, row.at, ...beside(option), "--json"), code, place);
		});
	});

	it("finds no signature or root wrong where whoever has the key has signed all of it", async () => {
		const rows = TAMPERINGS["with the log's key"].filter(({ title }) => title.endsWith("everything signed again"));
		expect(rows).toHaveLength(4);
		for (const row of rows) {
			const { folder } = await tampered(row);
			const { findings } = (await verify(folder, "log", "--json")).json() as Said;
			expect(findings.filter(({ code }) => /^(?:checkpoint|anchor)\./.test(code))).toEqual([]);
		}
	});

	it("finds a bit that flips anywhere in the file, or it is none of a record", async () => {
		const whole = await readFile(join(base, "log.db"));
		const expected = recordsIn(join(base, "log.db"));
		const random = fc.sample(fc.nat(whole.length * 8 - 1), 10);
		for (const bit of random) {
			const folder = await mkdtemp(join(base, "row-"));
			const changed = Buffer.from(whole);
			changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			await writeFile(join(folder, "log.db"), changed);
			const out = await verify(folder, "log", "--json");
			expect([0, 1, 2, 3], `bit ${bit}: ${out.stderr}${out.stdout}`).toContain(out.exit);
			expect(out.stdout, `bit ${bit}`).not.toContain("ASSENT_INTERNAL");
			if (out.exit === 0) expect(recordsIn(join(folder, "log.db")), `bit ${bit}`).toEqual(expected);
		}
	});

	it("refuses an export of which a bit of any file flips", async () => {
		const { folder } = await tampered({ change: () => undefined });
		const { files } = JSON.parse(await readFile(join(folder, "march/manifest.json"), "utf8")) as Manifest;
		expect(files.length).toBeGreaterThan(10);
		for (const { path, bytes } of files) {
			const file = join(folder, "march", path);
			const whole = await readFile(file);
			const [at = 0] = fc.sample(fc.nat(bytes - 1), 1);
			await writeFile(file, flipped(whole, at));
			await expect(openExport(join(folder, "march")), `${path} at ${at}`).rejects.toThrow(path);
			await writeFile(file, whole);
		}
		await (await openExport(join(folder, "march"))).close();
	});

	it("says in words what was found, where, and what it may mean", async () => {
		const row = sides[0]?.[1].find(({ title }) => title.includes("deny to allow")) as Tampering;
		const { folder, place } = await tampered(row);
		const { exit, stdout } = await verify(folder);
		expect(exit).toBe(1);
		expect(stdout).toContain(
			`decision.differs  decisions/${place?.partition}, offset ${place?.offset}, seq ${place?.seq}\n`,
		);
		expect(stdout).toContain('has `verdict` "allow" where "deny" comes out');
		expect(stdout).toContain("The entry was changed, or what it was decided from");
	});
});

/** Every record of a log file: what it says, and where. */
function recordsIn(file: string): unknown {
	const editor = new LogEditor(file);
	const topics = ["decisions", "intents", "control", "policies", "violations", "checkpoints", "dead-letters"];
	try {
		return topics.flatMap((topic) => [0, 1].flatMap((partition) => editor.records(topic, partition)));
	} finally {
		editor.close();
	}
}

/** The finding is there, where it has to be. */
function found(out: Awaited<ReturnType<typeof runCli>>, code: string, place: object | undefined): void {
	expect(out.exit, out.stderr + out.stdout).toBe(1);
	const { result, findings } = out.json() as Said;
	expect(result).toBe("findings");
	expect(findings).toContainEqual(expect.objectContaining({ code, ...place }));
	for (const { message, meaning } of findings) expect(`${message}${meaning}`.length).toBeGreaterThan(20);
}

describe("docs/audit.md", () => {
	it("has a row for each change, with what is found", async () => {
		const page = await readFile(new URL("../../docs/audit.md", import.meta.url), "utf8");
		const [, section = ""] = page.split("\n## What verify finds\n");
		const lines = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| "));
		const rows = sides.flatMap(([who, all]) => all.map((row) => tableRow(who, row)));
		expect(rows.length).toBeGreaterThanOrEqual(25);
		expect(lines.slice(1)).toEqual(rows);
	});
});

function tableRow(who: Who, { title, code, needs }: Tampering): string {
	const key = who === "with the log's key" ? "yes" : "no";
	const withKey = code === null ? "nothing" : `\`${code}\``;
	const more = needs === undefined ? "" : `\`${needs.code}\` with \`${needs.option}\``;
	return `| ${title} | ${key} | ${withKey}${more === "" ? "" : `; ${more}`} |`;
}
