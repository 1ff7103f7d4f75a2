/**
 * `npm run third-party [-- --calls N]`: other people's verifiers read what is published and agree: a Go program on
 * `golang.org/x/mod/sumdb` and on Tessera's `fsck` (main.go). Decisions are made and signed here, over several restarts of the notary and
 * with a witness. They read the notary's folder, an export of the log, and receipts of single decisions; then each kind of file is damaged,
 * which they must find. Needs Go and its module proxy. Ends with `N passed, N failed`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { keyFrom, makeKey, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { startDev } from "../../src/app/dev.ts";
import { startNotary } from "../../src/app/notary.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { AssentClient } from "../../src/client/client.ts";
import { readNote } from "../../src/core/audit/note.ts";
import { publicKeyText } from "../../src/core/model/signing-keys.ts";
import { noNotaryMeter } from "../../src/ports/notary-meter.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import type { Witness } from "../../src/ports/witness.ts";
import { Checks } from "../kill-loop/checks.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { cosignatureLine, witnessKeyText } from "../support/witness.ts";
import { TEST_LAYOUT, TEST_POLICY } from "../support/world.ts";

const { values } = parseArgs({ options: { calls: { type: "string", default: "1200" } } });
const calls = Number(values.calls);
const layout = { ...TEST_LAYOUT, partitions: 3 };
const notaryKey = signerOf(makeKey("log.example.com")) as Signer;
const witnessKey = signerOf(keyFrom("witness.example.com/w1", new Uint8Array(32).fill(5))) as Signer;
/** It signs whatever it is shown: what a witness checks is tested elsewhere. */
const witness: Witness = {
	verifier: verifierOf(witnessKey.key),
	addCheckpoint: async (body) => {
		const text = readNote(body.slice(body.indexOf("\n\n") + 2))?.text ?? "";
		return { kind: "answer", status: 200, body: cosignatureLine(witnessKey, text) };
	},
};

/** What is damaged, a file at a time; `ledger` has a full tile. */
const damagedIn = (ledger: string) =>
	[
		["an entry of a ledger", `${ledger}/tile/entries/000`],
		["a hash of a ledger's tree", `${ledger}/tile/0/000`],
		["a hash of a level above", `${ledger}/tile/1/000.p/${Math.floor(sizeIn(ledger) / 256)}`],
		["a checkpoint", `${ledger}/checkpoint`],
		["the anchor's checkpoint", "anchor/checkpoint"],
	] as const;

const checks = new Checks();
const folder = await mkdtemp(join(tmpdir(), "assent-third-party-"));
const audit = join(folder, "audit");
const url = `file:${join(folder, "log.db")}`;
const vkey = publicKeyText(notaryKey.key);
try {
	const verifier = join(folder, "verifier");
	execFileSync("go", ["build", "-o", verifier, "."], { cwd: import.meta.dirname, stdio: "inherit" });
	await record();
	agree("what the notary has published", verified(verifier, audit));
	const exported = await assent("audit", "export", join(folder, "export"), "--log", url, "--key", vkey);
	checks.check("an export is made", exported.exit === 0, exported.stderr);
	agree("an export", verified(verifier, join(folder, "export", "audit")));
	const receipts = await receiptsFrom(`export:${join(folder, "export")}`);
	agree("receipts", run(verifier, ["receipts", vkey, ...receipts]));
	const [first = ""] = receipts
		.filter((file) => !file.includes(".anchor."))
		.sort((one, other) => readFileSync(other).length - readFileSync(one).length);
	await spoilReceipts(verifier, first);
	const largest = [0, 1, 2].map((partition) => `p/${partition}`).sort((one, other) => sizeIn(other) - sizeIn(one))[0];
	for (const [what, path] of damagedIn(largest as string)) {
		const copy = join(folder, "copy");
		await rm(copy, { recursive: true, force: true });
		await cp(audit, copy, { recursive: true });
		const bytes = await readFile(join(copy, path));
		const at = Math.floor(bytes.length / 3);
		await writeFile(join(copy, path), bytes.with(at, (bytes[at] as number) ^ 1));
		const { status, stdout } = verified(verifier, copy);
		checks.check(`${what} with one bit changed is found`, status === 1 && stdout.includes("FAILED"), stdout);
	}
} catch (thrown) {
	checks.check("the run came to its end", false, String(thrown));
} finally {
	await rm(folder, { recursive: true, force: true });
	checks.end();
}

/** Each line of a verifier is a check of its own. */
function agree(what: string, { status, stdout }: Verified): void {
	for (const line of stdout.trim().split("\n"))
		checks.check(`${what}: ${line.replace(/^\S+\s+/, "")}`, line.startsWith("ok"));
	checks.check(`${what}: all is well`, status === 0);
}

/** Of entries at the edges of tiles, and of the first and the last of a ledger. */
async function receiptsFrom(log: string): Promise<readonly string[]> {
	const files: string[] = [];
	for (const partition of [0, 1, 2]) {
		const size = sizeIn(`p/${partition}`);
		for (const seq of new Set([0, 1, 255, 256, 257, size - 2, size - 1].filter((each) => each >= 0 && each < size))) {
			const id = `${partition}-${seq}`;
			const out = join(folder, `${id}.tlog-proof`);
			const made = await assent("audit", "prove", id, "--log", log, "--key", vkey, "--out", out);
			checks.check(`the receipt of ${id} is made`, made.exit === 0, made.stderr);
			files.push(out, join(folder, `${id}.anchor.tlog-proof`));
		}
	}
	return files;
}

/** A letter is another one, in each line of a receipt: they find it, and so do we. */
async function spoilReceipts(verifier: string, receipt: string): Promise<void> {
	const text = await readFile(receipt, "utf8");
	const spoiled = join(folder, "spoiled.tlog-proof");
	for (const [number, line] of text.split("\n").entries()) {
		if (line === "") continue;
		const at =
			text.split("\n").slice(0, number).join("\n").length + (number === 0 ? 0 : 1) + Math.floor(line.length / 2);
		const other = text[at] === "7" ? "8" : "7";
		await writeFile(spoiled, text.slice(0, at) + other + text.slice(at + 1));
		const theirs = run(verifier, ["receipts", vkey, spoiled]);
		const ours = await assent("audit", "prove", "--check", spoiled, "--key", vkey);
		checks.check(
			`a receipt with line ${number + 1} changed is refused by both`,
			theirs.status === 1 && ours.exit !== 0,
		);
	}
}

function assent(...args: readonly string[]): Promise<CliOutcome> {
	return runCli(args);
}

/** Decisions of several agents, signed by a notary that is started three times. */
async function record(): Promise<void> {
	await writeFile(join(folder, "policy.yaml"), TEST_POLICY);
	const policies = await loadPolicies([join(folder, "policy.yaml")], layout.budgetRoot);
	if (!policies.ok) throw new Error(JSON.stringify(policies.error));
	const log = await openLog(url, { create: true });
	const parts = { layout, policies: policies.value, snapshotEvery: 100_000, telemetry: silentTelemetry };
	const node = await startDev({ log, ...parts });
	for (let turn = 0; turn < 3; turn++) {
		const notary = await startNotary({
			...{ log, layout, signer: notaryKey, folder: audit, witnesses: [witness] },
			...{ telemetry: silentTelemetry, meter: noNotaryMeter },
		});
		const stop = new AbortController();
		const running = notary.run(stop.signal);
		for (let agent = 0; agent < 8; agent++) {
			const principal = { tenant: "acme", agent: `agent-${agent}`, session: `run-${turn}` };
			const client = await new AssentClient({ log, layout, principal }).start();
			const run = client.guard("read_file", async () => "text");
			await Promise.all(
				Array.from({ length: Math.ceil(calls / 24) }, (_, call) => run({ path: `${turn}-${call}.txt` })),
			);
			await client.close();
		}
		stop.abort();
		await running;
	}
	await node.stop();
	await log.close();
}

/** Leaves of the tree as its checkpoint says. */
function sizeIn(tree: string): number {
	return Number(readFileSync(join(audit, tree, "checkpoint"), "utf8").split("\n")[1]);
}

type Verified = ReturnType<typeof run>;

function verified(verifier: string, of: string): Verified {
	return run(verifier, [of, vkey, witnessKeyText(witnessKey.key)]);
}

function run(verifier: string, args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
	return spawnSync(verifier, args, { encoding: "utf8", timeout: 120_000 });
}
