/** Whether an opened file is whole: enough to refuse a torn one at once, without reading all of a large one. */
import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { corrupt, sqliteFault } from "./sqlite.ts";

/** Files up to this size are checked wholly when they are opened; larger ones by `doctor`. */
const CHECKED_BYTES = 16 * 1024 * 1024;

/** Throws ASSENT_LOG_CORRUPT. `db` may move the write-ahead log into the file. */
export function verifyStructure(db: DatabaseSync, path: string): void {
	const bytes = pragma(db, "page_count") * pragma(db, "page_size");
	if (statSync(path).size < bytes && moveWalIntoFile(db)) {
		const size = statSync(path).size;
		if (size < bytes) throw corrupt(path, `${size} bytes are left of ${bytes}`);
	}
	if (bytes <= CHECKED_BYTES) {
		const finding = quickCheck(db);
		if (finding !== null) throw corrupt(path, finding);
	}
}

/** The end of the file may lie in the write-ahead log; once all of that is in the file, the file has no excuse. */
function moveWalIntoFile(db: DatabaseSync): boolean {
	try {
		const moved = db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
		return moved?.["busy"] === 0 && moved["log"] === moved["checkpointed"];
	} catch (thrown) {
		if (sqliteFault(thrown) === "full") return false;
		throw thrown;
	}
}

/** SQLite's own check of the structure; null if it finds nothing. */
export function quickCheck(db: DatabaseSync): string | null {
	try {
		const found = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
		return found === "ok" ? null : String(found).replaceAll("\n", " ");
	} catch (thrown) {
		if (sqliteFault(thrown) === "corrupt" && thrown instanceof Error) return thrown.message;
		throw thrown;
	}
}

const pragma = (db: DatabaseSync, name: "page_count" | "page_size"): number =>
	Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
