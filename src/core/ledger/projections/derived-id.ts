/**
 * Projections: what is derived from a valid entry, the same however often it is derived. Ids come from (partition, seq,
 * index), so that a repetition after a takeover can be told from news.
 *
 * P1  Whatever an entry may hold, each of its projections can be written: a field is copied into one of the same bounds, and
 *     words that are put together here are cut here.
 */

export const derivedId = (partition: number, seq: number, index: number): string => `${partition}-${seq}-${index}`;
