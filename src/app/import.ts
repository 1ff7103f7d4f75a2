/** A log made of an export: with the same records at the same offsets, for a processor to go on from. */
import { existsSync } from "node:fs";
import { CopyFile } from "../adapters/embedded/copy-file.ts";
import { openEmbeddedLog } from "../adapters/embedded/open.ts";
import type { KafkaCopy } from "../adapters/kafka/copy.ts";
import { parseKafkaUrl } from "../adapters/kafka/options.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { type CopyRun, type Cut, copyLog, ledgersLast, takeCut } from "../export/copy.ts";
import { assertImportable, assertSameLedgers } from "../export/importable.ts";
import type { Manifest } from "../export/manifest.ts";
import { ResumedCopy } from "../export/resumed-copy.ts";
import { type Log, type LogFinding, TOPICS } from "../ports/log/log.ts";
import { topicSpecs } from "../ports/log/topics.ts";
import { assertManifest } from "../verify/manifest-claims.ts";
import { fillFile } from "./export-folder.ts";
import { openWithManifest } from "./open-export.ts";
import type { KafkaSettings } from "./open-log.ts";

export interface ImportOptions extends CopyRun {
	/** The export. */
	readonly folder: string;
	/** How much is going to be copied. */
	readonly onCut?: (cut: Cut) => void;
}

/**
 * Into a log file that is not there yet, and is there only once it is whole. Throws as `openExport`, `assertImportable`, `assertManifest`, `fillFile`
 * and `assertSameLedgers`, and ASSENT_STOPPED.
 */
export const importFile = async (file: string, { folder, onCut, ...run }: ImportOptions): Promise<Manifest> => {
	const { log, manifest } = await openWithManifest(folder);
	try {
		assertImportable(manifest, { isFromZero: false });
		await assertManifest(manifest, log);
		refuseRemains(file);
		return await fillFile(file, async (draft) => {
			const cut = ledgersLast(await takeCut(log));
			onCut?.(cut);
			const target = CopyFile.create(draft);
			try {
				await copyLog(log, cut, target, run);
				target.finish({ isAppendedTo: true });
			} finally {
				target.abandon();
			}
			const made = await openEmbeddedLog({ path: draft, readOnly: true });
			try {
				await assertSameLedgers(made, manifest, run);
			} finally {
				await made.close();
			}
			return manifest;
		});
	} finally {
		await log.close();
	}
};

/** SQLite would take the write-ahead log of a file that was removed for that of the new one. */
function refuseRemains(file: string): void {
	const wal = `${file}-wal`;
	if (existsSync(file) || !existsSync(wal)) return;
	throw new AssentError(
		problem(
			"ASSENT_USAGE",
			`there is \`${wal}\`, of a log that was at \`${file}\``,
			"name another file, or remove what is left of that log",
		),
	);
}

export interface KafkaImportOptions extends ImportOptions {
	readonly kafka: KafkaSettings;
	/** What is to know of topics that were made. */
	readonly onFindings?: (findings: readonly LogFinding[]) => void;
}

/**
 * Into topics on Kafka that are empty, or not there yet. What is stopped in between is no log on which a processor starts, and is gone on
 * from by the same call. Throws as `openExport`, `assertImportable`, `assertManifest` and `assertSameLedgers`, ASSENT_USAGE where there are other records,
 * ASSENT_STOPPED, and what the log throws.
 */
export async function importKafka(
	url: string,
	{ folder, kafka, onCut, onFindings, ...run }: KafkaImportOptions,
): Promise<Manifest> {
	const { log: from, manifest } = await openWithManifest(folder);
	try {
		const layout = assertImportable(manifest, { isFromZero: true });
		await assertManifest(manifest, from);
		// Only who opens Kafka pays for its client.
		const { openKafkaCopy } = await import("../adapters/kafka/open.ts");
		const { log, target } = await openKafkaCopy({ ...kafka, ...parseKafkaUrl(url) });
		try {
			if (await isUsed(log)) await assertBegun(log, target);
			onFindings?.(await log.admin().createTopics(topicSpecs(layout)));
			const cut = ledgersLast(await takeCut(from));
			onCut?.(cut);
			await copyLog(from, cut, new ResumedCopy(log, target), run);
			await assertNothingElse(log, cut);
			await assertSameLedgers(log, manifest, run);
			await target.finish();
			return manifest;
		} finally {
			await log.close();
		}
	} finally {
		await from.close();
	}
}

const isUsed = async (log: Log): Promise<boolean> =>
	(await log.admin().topics()).some(({ end }) => end.some((offset) => offset > 0));

async function assertBegun(log: Log, target: KafkaCopy): Promise<void> {
	const shapes = await log.admin().shapes();
	if (shapes.some(({ name }) => name === TOPICS.intents) && (await target.isBegun())) return;
	throw new AssentError(
		problem(
			"ASSENT_USAGE",
			`${log.url} is not empty`,
			"name another prefix, `kafka://host:port/PREFIX`: an import goes into a log of its own",
		),
	);
}

async function assertNothingElse(log: Log, { topics }: Cut): Promise<void> {
	for (const { name, cleanup, bounds } of topics) {
		for (const [partition, { end }] of bounds.entries()) {
			const there = (await log.bounds({ topic: name, partition })).end;
			if (cleanup === "compact" || there <= end) continue;
			throw new AssentError(
				problem(
					"ASSENT_USAGE",
					`\`${name}/${partition}\` of ${log.url} ends at offset ${there}, and the export at ${end}: somebody else has written to it`,
					"end whoever publishes, delete the topics, and begin again",
				),
			);
		}
	}
}
