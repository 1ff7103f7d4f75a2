/** An export of a log: a folder that can be checked, replayed and imported without the log. */
import { chmod, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CopyFile } from "../adapters/embedded/copy-file.ts";
import { openFrozenLog } from "../adapters/embedded/open.ts";
import { type AuditFolder, writeAuditFolder } from "../export/audit-folder.ts";
import { type CopiedTopic, type CopyRun, type Cut, copyLog, takeCut } from "../export/copy.ts";
import {
	AUDIT_FOLDER,
	EXPORT_FORMAT,
	LOG_FILE,
	MANIFEST_FILE,
	type Manifest,
	manifestText,
} from "../export/manifest.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { Verifier } from "../ports/signer.ts";
import { layoutOf } from "../reading/layout.ts";
import { draftFolder, filesIn, fillFolder, syncFile } from "./export-folder.ts";
import { sha256Of } from "./open-export.ts";
import { VERSION } from "./version.ts";

export interface ExportOptions extends CopyRun {
	/** Where nothing may be yet. */
	readonly folder: string;
	/** Whose signed checkpoints are taken; null: whoever's are there, if they are one notary's. */
	readonly verifier: Verifier | null;
	/** UTC, as it is written down. */
	readonly exportedAt: string;
	/** How much is going to be copied. */
	readonly onCut?: (cut: Cut) => void;
}

export interface Exported {
	readonly manifest: Manifest;
	/** What does not fit together on the log: sentences. */
	readonly findings: readonly string[];
}

/** Throws as `fillFolder`, what the log throws, and ASSENT_STOPPED. */
export const exportLog = (log: Log, options: ExportOptions): Promise<Exported> =>
	fillFolder(options.folder, async (draft) => {
		const cut = await takeCut(log);
		options.onCut?.(cut);
		const file = join(draft, LOG_FILE);
		const topics = await copied(log, cut, file, options);
		const copy = await openFrozenLog({ path: file, url: log.url });
		try {
			const partitions = topics.find(({ name }) => name === TOPICS.decisions)?.partitions ?? 0;
			const { verifier, onProgress, signal } = options;
			const audit = await writeAuditFolder({
				log: copy,
				partitions,
				verifier,
				folder: draftFolder(join(draft, AUDIT_FOLDER)),
				...(onProgress === undefined ? {} : { onProgress }),
				...(signal === undefined ? {} : { signal }),
			});
			const manifest: Manifest = {
				format: EXPORT_FORMAT,
				assent: VERSION,
				exportedAt: options.exportedAt,
				layout: await layoutOf(copy),
				...said(topics, audit),
				files: await digests(draft),
			};
			await writeFile(join(draft, MANIFEST_FILE), manifestText(manifest));
			await syncFile(join(draft, MANIFEST_FILE));
			return { manifest, findings: audit.findings };
		} finally {
			await copy.close();
		}
	});

async function copied(log: Log, cut: Cut, file: string, run: CopyRun): Promise<readonly CopiedTopic[]> {
	const target = CopyFile.create(file);
	try {
		const topics = await copyLog(log, cut, target, run);
		target.finish({ isAppendedTo: false });
		// Whoever writes to it makes another log of it. It holds the arguments of calls, as the log does.
		await chmod(file, 0o400);
		return topics;
	} finally {
		target.abandon();
	}
}

function said(
	topics: readonly CopiedTopic[],
	{ trees, signed }: AuditFolder,
): Pick<Manifest, "ledgers" | "signed" | "topics"> {
	const claims = topics.find(({ name }) => name === TOPICS.decisions)?.claims ?? [];
	return {
		ledgers: trees.map((tree, partition) => ({ partition, claim: claims[partition] ?? null, tree })),
		signed: signed === null ? null : { ...signed, partitions: [...signed.partitions] },
		topics: topics.map(({ name, cleanup, retentionMs, copied: partitions }) => ({
			name,
			cleanup,
			...(retentionMs === undefined ? {} : { retentionMs }),
			partitions: partitions.map(({ first, next, records, gaps, unreadable }) => ({
				first,
				next,
				records,
				...(gaps.length === 0 ? {} : { gaps: [...gaps] }),
				...(unreadable.length === 0 ? {} : { unreadable: [...unreadable] }),
			})),
		})),
	};
}

async function digests(folder: string): Promise<Manifest["files"]> {
	const files: Manifest["files"] = [];
	for (const path of await filesIn(folder)) {
		const file = join(folder, path);
		await syncFile(file);
		files.push({ path, bytes: (await stat(file)).size, sha256: await sha256Of(file) });
	}
	return files;
}
