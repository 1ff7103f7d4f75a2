/**
 * What can be said of a file only when all of it was read. SQLite cannot be interrupted in such a query: it runs on a thread
 * of its own, so that a signal is heard meanwhile.
 */
import { Worker } from "node:worker_threads";
import { counted } from "../../core/base/count-text.ts";
import { error, ok } from "../../ports/log/findings.ts";
import type { LogFinding } from "../../ports/log/log.ts";
import { threadFile } from "../thread-file.ts";
import { asError, type ThrownError } from "./messages.ts";
import type { LogReader } from "./reader.ts";
import { checkIntegrity } from "./structure.ts";

export type Checked = { readonly findings: readonly LogFinding[] } | { readonly thrown: ThrownError };

/** Throws what opening and reading the file throw. */
export async function checkWhole(path: string): Promise<readonly LogFinding[]> {
	const worker = new Worker(threadFile("whole-file", import.meta), { workerData: path, name: "assent-check" });
	const checked = await new Promise<Checked>((resolve, reject) => {
		worker.once("message", resolve);
		worker.once("error", reject);
	});
	if ("thrown" in checked) throw asError(checked.thrown);
	return checked.findings;
}

/** On the thread. */
export const wholeFileFindings = (reader: LogReader): readonly LogFinding[] => [
	structureFinding(reader),
	...missingRecords(reader),
];

function structureFinding(reader: LogReader): LogFinding {
	const found = checkIntegrity(reader.db);
	if (found === null) return ok("structure", "SQLite's integrity_check finds nothing");
	return error("structure", found, "stop writing, keep a copy of the file and its `-wal`, restore a backup");
}

/** Offsets are dense but in compacted topics: a partition with fewer rows than offsets has lost some. */
function missingRecords(reader: LogReader): readonly LogFinding[] {
	const count = reader.db.prepare(
		"SELECT count(*) AS n FROM records WHERE topic = (SELECT id FROM topics WHERE name = ?) AND part = ? AND off BETWEEN ? AND ?",
	);
	const isBroken = (name: string, partition: number): LogFinding | null => {
		const { begin, end } = reader.bounds({ topic: name, partition });
		const rows = Number(count.get(name, partition, begin, end - 1)?.["n"]);
		if (rows === end - begin) return null;
		const message = `\`${name}/${partition}\` holds ${counted(rows, "record")} where offsets ${begin} to ${end - 1} need ${end - begin}`;
		return error("records", message, "keep a copy of the file and its `-wal`, and restore a backup");
	};
	return reader
		.topics()
		.filter((topic) => topic.cleanup !== "compact")
		.flatMap(({ name, partitions }) => Array.from({ length: partitions }, (_, partition) => isBroken(name, partition)))
		.filter((finding) => finding !== null);
}
