/** Whether an export can become a log that goes on, and whether what became of it is the same. */
import { AssentError, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import { LedgerTree } from "../notary/ledger-tree.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import { interrupted } from "../reading/partition-view.ts";
import type { CopyRun } from "./copy.ts";
import type { Manifest } from "./manifest.ts";

/**
 * Throws ASSENT_USAGE for one that no log can go on from: records are missing in it, or were never readable. `isFromZero`: the log counts the
 * offsets of each partition by itself, from 0. The layout of the log that it becomes.
 */
export function assertImportable(
	{ topics, layout, ledgers }: Manifest,
	{ isFromZero }: { readonly isFromZero: boolean },
): Layout {
	if (layout === null)
		throw notImportable("no processor had taken a partition of the log: there is nothing to go on from");
	for (const { name, cleanup, partitions } of topics) {
		for (const [partition, { first, gaps = [], unreadable = [] }] of partitions.entries()) {
			const at = `\`${name}/${partition}\``;
			const [gap] = gaps;
			const [one] = unreadable;
			if (gap !== undefined)
				throw notImportable(`${at} has no offsets ${gap.from} to ${gap.to - 1}, and they cannot be left out of a log`);
			if (one !== undefined)
				throw notImportable(
					`the record at offset ${one.offset} of ${at} was not readable: its bytes are not in the export`,
				);
			if (first > 0 && name === TOPICS.decisions)
				throw notImportable(
					`the ledger in ${at} begins at offset ${first}: its head is gone, and snapshots are not in an export`,
				);
			if (first > 0 && isFromZero && cleanup !== "compact")
				throw notImportable(
					`${at} begins at offset ${first}, and Kafka counts from 0: entries would name other records`,
				);
		}
	}
	const broken = ledgers.find(({ tree }) => tree === null);
	if (broken !== undefined)
		throw notImportable(`the ledger of partition ${broken.partition} cannot be followed from its first entry on`);
	return layout;
}

const notImportable = (why: string): AssentError =>
	new AssentError(
		problem("ASSENT_USAGE", `the export cannot be imported: ${why}`, "read it as it is: `--log export:DIR`"),
	);

/** Throws ASSENT_EXPORT unless the ledgers of the log are those of the export, entry by entry, and ASSENT_STOPPED. */
export async function assertSameLedgers(log: Log, { ledgers }: Manifest, run: CopyRun): Promise<void> {
	for (const { partition, tree } of ledgers) {
		if (tree === null) continue;
		const ledger = new LedgerTree(log, partition);
		let read = 0;
		await ledger.read(Number.POSITIVE_INFINITY, async () => {
			run.onProgress?.(ledger.tree.size - read);
			read = ledger.tree.size;
			if (run.signal?.aborted === true) throw interrupted();
			ledger.tree.forgetFilled(ledger.tree.filled.length);
		});
		if (ledger.tree.size === tree.size && ledger.tree.root() === tree.root) continue;
		throw new AssentError(
			problem(
				"ASSENT_EXPORT",
				`the ledger of partition ${partition} has ${ledger.tree.size} entries with the root ${ledger.tree.root()}, and the manifest says ${tree.size} with ${tree.root}`,
				"do not go on from it: take the export again",
			),
		);
	}
}
