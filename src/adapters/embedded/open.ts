/** Opens the log on one machine: one SQLite file, shared by any number of processes. */
import { resolve } from "node:path";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log/log.ts";
import { checkFileSystem, createFile, holdOpen, inspectFile, isOpenHere } from "./file.ts";
import { InlineWriter } from "./inline-writer.ts";
import { EmbeddedLog } from "./log.ts";
import { checkSqliteVersion } from "./sqlite.ts";
import { startInline, startWorker, type ThreadListener } from "./thread.ts";

export interface EmbeddedLogOptions {
	/** The log's file; `-wal`, `-shm` and sockets are beside it while it is open. */
	readonly path: string;
	/** Whether a file that is not there is made; default true. */
	readonly create?: boolean;
	/** Appends are refused, and new records are found by polling alone; default false. */
	readonly readOnly?: boolean;
	/** Stamps this process's records (tests); default the system's clock, asked within the transaction. */
	readonly clock?: Clock;
	/**
	 * Where commits are made. `either` (default): on the caller's thread while that is quick (inline-writer.ts), else on a thread
	 * of the log's own. `worker`: always on that. `inline`: always on the caller's, whatever the disk does.
	 */
	readonly thread?: "either" | "worker" | "inline";
}

/**
 * Throws ASSENT_FILE_MISSING (no file and `create` is false), ASSENT_LOG_FOREIGN (the file is left as it was),
 * ASSENT_LOG_CORRUPT, ASSENT_LOG_VERSION, ASSENT_LOG_UNAVAILABLE, ASSENT_LOG_FULL.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<Log> {
	const path = resolve(options.path);
	const isReadOnly = options.readOnly === true;
	checkSqliteVersion(process.versions["sqlite"] ?? "0");
	checkFileSystem(path);
	if (!isOpenHere(path) && !inspectFile(path)) {
		if (isReadOnly || options.create === false) throw missing(options.path);
		createFile(path);
	}
	const letGo = holdOpen(path);
	const start = options.thread === "inline" ? startInline : startWorker;
	return EmbeddedLog.open({
		path,
		clock: options.clock ?? null,
		start: isReadOnly ? null : (listener: ThreadListener) => start(path, listener),
		openInline: (options.thread ?? "either") === "either" ? (parts) => new InlineWriter(path, parts) : null,
		onClosed: letGo,
	});
}

/**
 * A log file that nobody writes any more, under the name `url`: its file is left as it is, and none is made beside it. Throws as
 * `openEmbeddedLog`.
 */
export async function openFrozenLog(options: { readonly path: string; readonly url: string }): Promise<Log> {
	const path = resolve(options.path);
	checkSqliteVersion(process.versions["sqlite"] ?? "0");
	if (!inspectFile(path)) throw missing(options.path);
	return EmbeddedLog.open({
		path,
		frozenAs: options.url,
		clock: null,
		start: null,
		openInline: null,
		onClosed: () => {},
	});
}

const missing = (path: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_FILE_MISSING",
			`there is no log at \`${path}\``,
			"make one with `assent topics create`, or name another log; `assent dev` makes one, too, where the configuration has no `policyKeys` or `requireReview`",
		),
	);
