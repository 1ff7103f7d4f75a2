/** Where the fold of a ledger can begin: behind a snapshot, or at the ledger's head. */
import { AssentError, problem } from "../core/base/errors.ts";
import { beginFold, type Folded } from "../core/ledger/fold.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import { HASH_SEED } from "../ports/hash-seed.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { FoundSnapshot } from "./snapshot-reader.ts";

export interface FoldStart {
	readonly folded: Folded;
	/** Next offset of `decisions/p` to read. */
	readonly next: Offset;
	/** `seq` of the first entry to read. */
	readonly fromSeq: number;
}

/** Throws ASSENT_LOG_OFFSET_GONE when the ledger's head is gone and the snapshot does not reach to what is left. */
export async function foldStart(
	log: Log,
	{ layout, partition, isDigested = true }: { layout: Layout; partition: number; isDigested?: boolean | undefined },
	snapshot: FoundSnapshot | null,
): Promise<FoldStart> {
	const { begin } = await log.bounds({ topic: TOPICS.decisions, partition });
	const next = snapshot?.manifest.ledgerOffset ?? 0;
	if (begin > next) {
		throw new AssentError(
			problem(
				"ASSENT_LOG_OFFSET_GONE",
				`the ledger of partition ${partition} begins at offset ${begin} and no snapshot reaches back to it`,
				"restore the ledger from a backup; keep `decisions` forever (cleanup: keep)",
			),
			{ begin },
		);
	}
	const folded = snapshot?.folded ?? beginFold(layout, partition, { isDigested, hashSeed: HASH_SEED });
	return { folded, next, fromSeq: snapshot?.manifest.seq ?? 0 };
}
