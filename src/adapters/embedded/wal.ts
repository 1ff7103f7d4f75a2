/**
 * Grows the write-ahead log before it is needed. SQLite writes it over and over, but the first time each append makes
 * the file longer, which costs a commit of the file system's own journal: measured p99 4 ms instead of 0.4 ms.
 */
import { closeSync, fsyncSync, openSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { PAGE_BYTES } from "./schema.ts";
import { CHECKPOINT_PAGES } from "./sqlite.ts";

/** A little more than the log holds when it is moved into the file: frames have 24 bytes of their own. */
const GOAL_BYTES = Math.ceil(CHECKPOINT_PAGES * (PAGE_BYTES + 24) * 1.02);

/** Zeros written at a time, so that no append waits for more than a few milliseconds. */
const STEP_BYTES = 2 * 1024 * 1024;

/** Space that must be left for records. */
const SPARE_BYTES = 8 * GOAL_BYTES;

/**
 * Adds one step of zeros to the end; false when there is nothing left to do. The caller holds the write lock: nobody
 * else may be writing there. Zeros are no valid frame, so whoever recovers the file stops before them; and the
 * write-ahead log itself carries no locks that closing its descriptor could drop.
 */
export function growWal(path: string, goal = GOAL_BYTES): boolean {
	const wal = `${path}-wal`;
	const size = statSync(wal, { throwIfNoEntry: false })?.size;
	if (size === undefined || size >= goal) return false;
	const { bavail, bsize } = statfsSync(dirname(path));
	if (bavail * bsize < SPARE_BYTES) return false;
	const file = openSync(wal, "r+");
	try {
		writeSync(file, Buffer.alloc(Math.min(STEP_BYTES, goal - size)), 0, null, size);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	return true;
}
