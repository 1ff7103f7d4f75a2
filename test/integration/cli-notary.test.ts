/** `assent notary` beside a deployment: what it signs and publishes, with a witness over HTTP, and how it refuses and ends. */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { keyFrom, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { type DevNode, startDev } from "../../src/app/dev.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { AssentClient } from "../../src/client/client.ts";
import { readCheckpoint } from "../../src/core/audit/checkpoint.ts";
import { knownSignatures, readNote } from "../../src/core/audit/note.ts";
import { publicKeyText, readPublicKey } from "../../src/core/model/signing-keys.ts";
import type { Log } from "../../src/ports/log/log.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { cosignatureVerifier, signatureVerifier } from "../../src/reading/note-verifiers.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { cosignatureLine, witnessKeyText } from "../support/witness.ts";
import { TEST_LAYOUT, TEST_POLICY, until } from "../support/world.ts";

let folder: string;
let log: Log;
let node: DevNode;
let client: AssentClient;

const path = (name: string): string => join(folder, name);
const url = (): string => `file:${path("log.db")}`;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-cli-notary-"));
	await writeFile(path("policy.yaml"), TEST_POLICY);
	const policies = await loadPolicies([path("policy.yaml")], TEST_LAYOUT.budgetRoot);
	if (!policies.ok) throw new Error(JSON.stringify(policies.error));
	log = await openLog(url(), { create: true });
	const parts = { layout: TEST_LAYOUT, policies: policies.value, snapshotEvery: 100_000, telemetry: silentTelemetry };
	node = await startDev({ log, ...parts });
	const principal = { tenant: "acme", agent: "coder", session: "run-1" };
	client = await new AssentClient({ log, layout: TEST_LAYOUT, principal }).start();
	await runCli(["keys", "create", "log.example.com", "--out", path("notary.key")]);
});

afterEach(async () => {
	await client.close();
	await node.stop();
	await log.close();
	await rm(folder, { recursive: true, force: true });
});

const text = (name: string): Promise<string> => readFile(path(name), "utf8").catch(() => "");

async function ask(calls: number): Promise<void> {
	const run = client.guard("read_file", async () => "text");
	for (let call = 0; call < calls; call++) await run({ path: `notes-${call}.txt` }).catch(() => {});
}

/** A notary that runs until `isDone`, or ends by itself. */
async function notaryUntil(isDone: () => Promise<boolean>, args: readonly string[] = []): Promise<CliOutcome> {
	const stop = new AbortController();
	const all = ["notary", "--log", url(), "--key", path("notary.key"), "--out", path("audit"), "--json", ...args];
	const ended = runCli(all, { stop: stop.signal });
	let isOver = false;
	void ended.finally(() => {
		isOver = true;
	});
	await until(async () => isOver || (await isDone()));
	stop.abort("SIGTERM");
	return ended;
}

/** The sum of what the partitions' checkpoints in the folder cover. */
async function signedEntries(): Promise<number> {
	const sizes = await Promise.all(
		Array.from({ length: TEST_LAYOUT.partitions }, async (_, partition) => {
			const note = readNote(await text(`audit/p/${partition}/checkpoint`));
			return (note === null ? null : readCheckpoint(note.text))?.size ?? 0;
		}),
	);
	return sizes.reduce((sum, size) => sum + size, 0);
}

describe("assent notary", () => {
	it("signs what is decided, in a folder and on the log, and goes on after a restart", async () => {
		await ask(3);
		const first = await notaryUntil(async () => (await signedEntries()) >= 3);
		expect(first.exit).toBe(0);
		const vkey = (await text("audit/log.vkey")).trim();
		expect(first.stdout.split("\n").map((line) => (line === "" ? null : JSON.parse(line)))).toMatchObject([
			{ event: "ready", log: url(), key: vkey },
			{ event: "stopped" },
			null,
		]);
		const key = readPublicKey(vkey);
		if (!key.ok) throw new Error(key.error);
		const note = readNote(await text("audit/anchor/checkpoint"));
		if (note === null) throw new Error("no note");
		expect(knownSignatures(note, [signatureVerifier(verifierOf(key.value))]).ok).toBe(true);
		const tailed = await runCli(["tail", "checkpoints", "--log", url(), "--from", "start", "--jsonl"]);
		expect(tailed.stdout).toContain("checkpoint.signed");
		expect(tailed.stdout).toContain("log.example.com/anchor");

		const before = await signedEntries();
		await ask(3);
		expect((await notaryUntil(async () => (await signedEntries()) >= before + 3)).exit).toBe(0);
	});

	it("refuses with exit code 4, and changes nothing, when the log is another one", async () => {
		await ask(3);
		await notaryUntil(async () => (await signedEntries()) >= 3);
		const anchor = await text("audit/anchor/checkpoint");
		await rm(path("other"), { recursive: true, force: true });
		const other = await openLog(`file:${path("other/log.db")}`, { create: true });
		const policies = await loadPolicies([path("policy.yaml")], TEST_LAYOUT.budgetRoot);
		if (!policies.ok) throw new Error("unread");
		const parts = { layout: TEST_LAYOUT, policies: policies.value, snapshotEvery: 100_000, telemetry: silentTelemetry };
		const otherNode = await startDev({ log: other, ...parts });
		onTestFinished(async () => {
			await otherNode.stop();
			await other.close();
		});
		const refused = await runCli([
			...[
				"notary",
				"--log",
				`file:${path("other/log.db")}`,
				"--key",
				path("notary.key"),
				"--out",
				path("audit"),
				"--log-level",
				"silent",
			],
		]);
		expect(refused.exit).toBe(4);
		expect(refused.stderr).toContain("ASSENT_NOTARY_HISTORY");
		expect(await text("audit/anchor/checkpoint")).toBe(anchor);
	});

	it("refuses a folder that is older than what it signed, and one that is gone", async () => {
		await ask(1);
		await notaryUntil(async () => (await signedEntries()) >= 1);
		await cp(path("audit"), path("backup"), { recursive: true });
		await ask(2);
		const before = await signedEntries();
		await notaryUntil(async () => (await signedEntries()) >= before + 2);
		for (const folderAgain of ["backup", "missing"]) {
			const args = [
				"notary",
				"--log",
				url(),
				"--key",
				path("notary.key"),
				"--out",
				path(folderAgain),
				"--log-level",
				"silent",
			];
			const refused = await runCli(args);
			expect(refused.exit, folderAgain).toBe(4);
			expect(refused.stderr).toContain("ASSENT_NOTARY_STATE");
		}
	});

	it("has the anchor cosigned by a witness over HTTP", async () => {
		const witness = signerOf(keyFrom("witness.example.com/w1", new Uint8Array(32).fill(3))) as Signer;
		const asked: string[] = [];
		const server = createServer((request, response) => {
			let body = "";
			request.on("data", (chunk: Buffer) => {
				body += chunk.toString();
			});
			request.on("end", () => {
				asked.push(request.url ?? "");
				const note = readNote(body.slice(body.indexOf("\n\n") + 2));
				response.end(cosignatureLine(witness, note?.text ?? ""));
			});
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
		const { port } = server.address() as AddressInfo;
		const vkey = witnessKeyText(witness.key);
		await ask(2);
		const ended = await notaryUntil(
			async () => (await text("audit/anchor/checkpoint")).includes(`— ${witness.key.name} `),
			["--witness", `http://127.0.0.1:${port}/w1/`, "--witness-key", vkey],
		);
		expect(ended.exit).toBe(0);
		expect(new Set(asked)).toEqual(new Set(["/w1/add-checkpoint"]));
		const note = readNote(await text("audit/anchor/checkpoint"));
		const known = note === null ? null : knownSignatures(note, [cosignatureVerifier(verifierOf(witness.key))]);
		expect(known?.ok).toBe(true);
	});

	it("takes key, folder, witnesses and where it is watched from the configuration, beside whose file they lie", async () => {
		const witness = signerOf(keyFrom("witness.example.com/w1", new Uint8Array(32).fill(3))) as Signer;
		const section = `notary:
  key: notary.key
  out: audit
  metrics: { port: 0 }
  witnesses: [{ url: "http://127.0.0.1:1/w1", key: ${witnessKeyText(witness.key)} }]
`;
		await writeFile(path("assent.yaml"), `log: file:log.db\n${section}`);
		await ask(2);
		let said = "";
		const stop = new AbortController();
		const args = ["notary", "--config", path("assent.yaml"), "--json", "--log-level", "silent"];
		const ended = runCli(args, {
			stop: stop.signal,
			onStdout: (soFar) => {
				said = soFar;
			},
		});
		await until(async () => said.includes("ready") && (await signedEntries()) >= 2);
		const { metrics, folder: into } = JSON.parse(said.split("\n")[0] ?? "") as { metrics: string; folder: string };
		expect(into).toBe(path("audit"));
		const page = await (await fetch(`${metrics}/metrics`)).text();
		expect(page).toContain('assent_notary_witness_answers_total{witness="witness.example.com/w1",result="not"}');
		expect((await fetch(`${metrics}/readyz`)).status).toBe(200);
		stop.abort("SIGTERM");
		expect((await ended).exit).toBe(0);
	});

	it("says where the configuration is wrong, and what is missing", async () => {
		const wrong = async (text: string, ...more: readonly string[]): Promise<string> => {
			await writeFile(path("assent.yaml"), text);
			const { exit, stderr } = await runCli(["notary", "--config", path("assent.yaml"), "--log", url(), ...more]);
			expect(exit, text).toBe(2);
			return stderr;
		};
		const key = publicKeyText((signerOf(keyFrom("w", new Uint8Array(32))) as Signer).key);
		expect(await wrong("notary: { out: audit }\n")).toContain("no key is named");
		expect(await wrong("notary: { key: notary.key }\n")).toContain("no folder is named");
		expect(await wrong("notary: { kee: x }\n")).toMatch(/:1:11 .*unknown key `kee` in `notary`/);
		const of = (witness: string): string => `notary:\n  witnesses:\n    - ${witness}\n`;
		expect(await wrong(of(`{ url: "ftp://x", key: "${key}" }`))).toMatch(
			/:3:14 .*notary\.witnesses\.0\.url: `ftp:\/\/x`/,
		);
		expect(await wrong(of(`{ url: "http://x", key: "${key}" }`))).toMatch(
			/:3:\d+ .*\.key: .*no Ed25519 key of a witness/,
		);
	});

	it("says what is wrong with its options", async () => {
		const args = ["notary", "--log", url(), "--out", path("audit"), "--key"];
		const wrong = async (more: readonly string[]): Promise<string> => {
			const { exit, stderr } = await runCli([...args, path("notary.key"), ...more]);
			expect(exit).toBe(2);
			return stderr;
		};
		const missing = await runCli([...args, path("none.key")]);
		expect(missing).toMatchObject({ exit: 2, stderr: expect.stringContaining("ASSENT_FILE_MISSING") as string });
		expect(await wrong(["--witness", "http://127.0.0.1:1"])).toContain("1 witness and 0 keys");
		const logKey = publicKeyText(
			signerOf(keyFrom("w", new Uint8Array(32)))?.key ?? { name: "", bytes: new Uint8Array() },
		);
		expect(await wrong(["--witness", "http://127.0.0.1:1", "--witness-key", logKey])).toContain(
			"no Ed25519 key of a witness",
		);
		expect(await wrong(["--witness", "ftp://x", "--witness-key", logKey])).toContain("no address of a witness");
	});
});
