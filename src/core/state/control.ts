/** Control records: each is remembered by its id, with the time at which it was seen, so that a repetition does nothing. */
import { type Cell, count } from "../base/cell.ts";
import type { Layout } from "../model/layout.ts";
import { AHEAD_MAX_MS, type EpochMs } from "../model/units.ts";

export const controlCell: Cell<EpochMs> = count;

/** When a control id is forgotten: no sooner than a repetition is stale by its own `issuedAt`. */
export const controlForgetAt = (layout: Layout, seenAt: EpochMs): EpochMs => seenAt + AHEAD_MAX_MS + layout.dedupeMs;
