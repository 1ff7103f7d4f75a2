/** A log file on which a processor decides, and a notary that signs what it has decided: what an auditor is given, and tests tamper with. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { keyFrom, signerOf } from "../../src/adapters/keys/ed25519.ts";
import { startDev } from "../../src/app/dev.ts";
import { startNotary } from "../../src/app/notary.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { AssentClient } from "../../src/client/client.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import { publicKeyText } from "../../src/core/model/signing-keys.ts";
import { type Log, TOPICS } from "../../src/ports/log/log.ts";
import { noNotaryMeter } from "../../src/ports/notary-meter.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import type { Witness } from "../../src/ports/witness.ts";
import { TEST_LAYOUT, TEST_POLICY, until } from "./world.ts";

export interface AuditedLog {
	/** Everything of the test is in it, and goes with it. */
	readonly folder: string;
	readonly url: string;
	readonly log: Log;
	readonly layout: Layout;
	/** Signs as `log.example.com`. */
	readonly signer: Signer;
	/** `NAME+ID+KEY` of that. */
	readonly vkey: string;
	path(name: string): string;
	/** Calls of several agents, one after the other, each with its outcome. */
	ask(calls: number): Promise<void>;
	/** Has what is on the log signed and published in a folder, `audit` by default. */
	sign(folder?: string): Promise<void>;
	/** Nobody decides any more. */
	stop(): Promise<void>;
}

/** `goesOnFrom`: a log file that is there. Ends with the test. */
export async function auditedLog(partitions = 3, goesOnFrom: string | null = null): Promise<AuditedLog> {
	const { end, ...of } = await beginAuditedLog(partitions, goesOnFrom);
	onTestFinished(end);
	return of;
}

/** For several tests: `end` removes what is there. */
export async function beginAuditedLog(
	partitions: number,
	goesOnFrom: string | null = null,
	witnesses: readonly Witness[] = [],
): Promise<AuditedLog & { end(): Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), "assent-audited-"));
	const path = (name: string): string => join(folder, name);
	await writeFile(path("policy.yaml"), TEST_POLICY);
	const policies = await loadPolicies([path("policy.yaml")], TEST_LAYOUT.budgetRoot);
	if (!policies.ok) throw new Error(JSON.stringify(policies.error));
	const layout = { ...TEST_LAYOUT, partitions };
	const url = `file:${goesOnFrom ?? path("log.db")}`;
	const log = await openLog(url, { create: true });
	const node = await startDev({
		log,
		layout,
		policies: policies.value,
		snapshotEvery: 100_000,
		telemetry: silentTelemetry,
	});
	const agents = ["coder", "writer", "tester", "reader"];
	const clients = await Promise.all(
		agents.map((agent) =>
			new AssentClient({ log, layout, principal: { tenant: "acme", agent, session: "run-1" } }).start(),
		),
	);
	const signer = signerOf(keyFrom("log.example.com", new Uint8Array(32).fill(7))) as Signer;
	let isStopped = false;
	const stop = async (): Promise<void> => {
		if (isStopped) return;
		isStopped = true;
		for (const client of clients) await client.close();
		await node.stop();
	};
	return {
		end: async () => {
			await stop();
			await log.close();
			await rm(folder, { recursive: true, force: true });
		},
		folder,
		url,
		log,
		layout,
		signer,
		vkey: publicKeyText(signer.key),
		path,
		stop,
		ask: async (calls) => {
			for (let call = 0; call < calls; call++) {
				const client = clients[call % clients.length] as AssentClient;
				const run = client.guard(call % 5 === 4 ? "shell" : "read_file", async () => "text");
				await run(call % 5 === 4 ? { command: "rm -rf /" } : { path: `notes-${call}.txt` }).catch(() => {});
			}
			await until(() => isDecided(log, layout), "the last outcome");
		},
		sign: async (into = path("audit")) => {
			const telemetry = silentTelemetry;
			const notary = await startNotary({
				log,
				layout,
				signer,
				folder: into,
				witnesses,
				telemetry,
				meter: noNotaryMeter,
			});
			await notary.read();
			// Ends at once: all that is left is signed, and what the witnesses answer is published.
			await notary.run(AbortSignal.abort());
		},
	};
}

/** Every input has its entry: there are as many behind the claims, of which there is one at least. */
async function isDecided(log: Log, { partitions }: Layout): Promise<boolean> {
	for (let partition = 0; partition < partitions; partition++) {
		const end = async (topic: string): Promise<number> => (await log.bounds({ topic, partition })).end;
		const inputs = (await end(TOPICS.intents)) + (await end(TOPICS.control));
		if ((await end(TOPICS.decisions)) < inputs + 1) return false;
	}
	return true;
}
