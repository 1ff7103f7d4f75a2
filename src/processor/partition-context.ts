/** What the parts of a partition's life share: the log, where they tell and count, and what is known of the ledger. */
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { LedgerFolder } from "../ports/ledger-folder.ts";
import type { Log } from "../ports/log/log.ts";
import type { Meter } from "../ports/meter.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { LogCatalogue } from "../reading/catalogue.ts";
import type { Signers } from "../reading/signers.ts";
import type { Mint } from "./minting.ts";
import type { ReleasedSoFar } from "./release.ts";
import type { Reviews } from "./reviews.ts";
import type { Standing } from "./status.ts";
import type { Append } from "./step.ts";

export interface PartitionContext {
	readonly log: Log;
	readonly partition: number;
	readonly instance: string;
	readonly layout: Layout;
	readonly catalogue: LogCatalogue;
	readonly reviews: Reviews;
	readonly signers: Signers;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	readonly meter: Meter;
	/** Null: replies carry no tokens. */
	readonly mint: Mint | null;
	/** The state of this partition, for questions from outside. */
	readonly standing: Standing;
	/** The part of this ledger that this process has read before, under whichever claim. */
	readonly known: KnownLedger;
	/** A snapshot after this many entries, and of a small state at a drain when a tenth of that has come since the last. */
	readonly snapshotEvery: number;
	/** Folds long ledgers beside what is decided; null: nobody does. */
	readonly folder: LedgerFolder | null;
	/** Asks the group whether the partition is still this member's; a loss is told before it resolves. */
	readonly confirm: () => Promise<void>;
}

/** What is known of a ledger that was never read. */
export const UNKNOWN_LEDGER = { ledgerId: null, voidsFrom: 0, unconfirmed: null, releasedTo: 0 } as const;

/** Outlives the partition's assignments. */
export interface KnownLedger extends ReleasedSoFar {
	/** Void records before this offset are counted. */
	voidsFrom: Offset;
	/** Appends are cut at this many bytes: halved when the log takes none so large. */
	appendBytesMax: number;
	/** The last append of which it is not known whether it counts: the next restore tells. */
	unconfirmed: Append | null;
}
