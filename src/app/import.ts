/** A log made of an export: with the same records at the same offsets, for a processor to go on from. */
import { CopyFile } from "../adapters/embedded/copy-file.ts";
import { openEmbeddedLog } from "../adapters/embedded/open.ts";
import { type CopyRun, type Cut, copyLog, ledgersLast, takeCut } from "../export/copy.ts";
import { assertImportable, assertSameLedgers } from "../export/importable.ts";
import type { Manifest } from "../export/manifest.ts";
import { fillFile } from "./export-folder.ts";
import { openWithManifest } from "./open-export.ts";

export interface ImportOptions extends CopyRun {
	/** The export. */
	readonly folder: string;
	/** How much is going to be copied. */
	readonly onCut?: (cut: Cut) => void;
}

/**
 * Into a log file that is not there yet, and is there only once it is whole. Throws as `openExport`, `assertImportable`, `fillFile` and
 * `assertSameLedgers`, and ASSENT_STOPPED.
 */
export const importFile = async (file: string, { folder, onCut, ...run }: ImportOptions): Promise<Manifest> => {
	const { log, manifest } = await openWithManifest(folder);
	try {
		assertImportable(manifest, { isFromZero: false });
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
				await assertSameLedgers(made, manifest, run.signal);
			} finally {
				await made.close();
			}
			return manifest;
		});
	} finally {
		await log.close();
	}
};
