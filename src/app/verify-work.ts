/** One partition of a log verified, with its static tiles: what a thread does, and for a small log whoever asks. */
import { verifierOf } from "../adapters/keys/ed25519.ts";
import type { Finding } from "../core/audit/finding.ts";
import type { Layout } from "../core/model/layout.ts";
import { COSIGNATURE, readPublicKey } from "../core/model/signing-keys.ts";
import type { Log } from "../ports/log/log.ts";
import { silentTelemetry } from "../ports/telemetry.ts";
import { LogCatalogue } from "../reading/catalogue.ts";
import { cosignatureVerifier, signatureVerifier } from "../reading/note-verifiers.ts";
import { verifyLedgerTiles } from "../verify/folder.ts";
import type { NoteKeys } from "../verify/notes.ts";
import { type VerifiedPartition, verifyPartition } from "../verify/partition.ts";
import type { FoundNote } from "../verify/signed-on-log.ts";
import { tolerantLog } from "../verify/tolerant-log.ts";
import { staticFolder } from "./static-folder.ts";

/** Keys as texts: plain data. */
export interface KeyTexts {
	readonly log: string | null;
	readonly witnesses: readonly string[];
}

/** What every thread is told: plain data. */
export interface VerifyJob {
	/** What names the log, as the command was given it. */
	readonly log: string | undefined;
	readonly config: string | undefined;
	readonly layout: Layout;
	readonly keys: KeyTexts;
	/** Checkpoints that are not on the log. */
	readonly notes: readonly FoundNote[];
	/** A folder of static tiles. */
	readonly folder: string | null;
	/** Its checkpoints. */
	readonly published: readonly FoundNote[];
}

export interface VerifyRun {
	readonly onProgress?: (records: number) => void;
	readonly signal?: AbortSignal;
}

/** Verifies the partitions that it is handed. What it resolves to throws as `verifyPartition`; it throws what reading the policies throws. */
export async function beginVerify(
	log: Log,
	job: VerifyJob,
): Promise<(partition: number, run: VerifyRun) => Promise<VerifiedPartition>> {
	const { layout, notes } = job;
	const keys = noteKeysOf(job.keys);
	const catalogue = new LogCatalogue({
		log: tolerantLog(log),
		budgetRoot: layout.budgetRoot,
		telemetry: silentTelemetry,
	});
	await catalogue.refresh();
	return async (partition, run) => {
		const verified = await verifyPartition(log, partition, { ...run, layout, catalogue, verifierOf, keys, notes });
		const published = job.published.find(({ of }) => of === partition);
		if (job.folder === null || published === undefined) return verified;
		const findings: Finding[] = [];
		const folder = { name: job.folder, folder: staticFolder(job.folder) };
		await verifyLedgerTiles(folder, log, partition, published, (finding) => findings.push(finding));
		return {
			...verified,
			findings: [...verified.findings, ...findings],
			findingCount: verified.findingCount + findings.length,
		};
	};
}

export const noteKeysOf = ({ log, witnesses }: KeyTexts): NoteKeys => ({
	log: log === null ? null : signatureVerifier(verifierOf(keyOf(log))),
	witnesses: witnesses.map((text) => cosignatureVerifier(verifierOf(keyOf(text, COSIGNATURE)))),
});

function keyOf(text: string, use?: typeof COSIGNATURE) {
	const read = readPublicKey(text, use);
	if (!read.ok) throw new Error(read.error);
	return read.value;
}
