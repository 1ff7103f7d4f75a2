/** What `doctor` says of the log's file: every finding, also those that are well. */
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { counted } from "../../core/base/count-text.ts";
import { error, ok, warning } from "../../ports/log/findings.ts";
import type { LogFinding } from "../../ports/log/log.ts";
import { fileSystemKind, sizeOf } from "./file.ts";
import type { Settings } from "./messages.ts";
import type { LogReader } from "./reader.ts";
import { PAGE_BYTES } from "./schema.ts";
import { CHECKPOINT_PAGES } from "./sqlite.ts";
import { checkWhole } from "./whole-file.ts";

const MIB = 1024 * 1024;
const FREE_WARNING = 1024 * MIB;
const FREE_ERROR = 64 * MIB;

/** Reads the whole file, on another thread. `settings` null: the log was opened for reading only. */
export async function diagnoseFile(
	path: string,
	reader: LogReader,
	settings: Settings | null,
): Promise<readonly LogFinding[]> {
	return [
		ok("file", `\`${path}\`, ${mib(sizeOf(path))}`),
		...modeFinding(path),
		...settingsFindings(settings),
		walFinding(sizeOf(`${path}-wal`)),
		...(await checkWhole(path)),
		spaceFinding(path),
		...fileSystemFinding(path),
		...topicFindings(reader),
		...memberFindings(reader),
	];
}

function settingsFindings(settings: Settings | null): readonly LogFinding[] {
	if (settings === null) return [ok("access", "opened for reading only")];
	const { sqlite, journalMode, synchronous } = settings;
	return [
		ok("sqlite", `version ${sqlite}`),
		journalMode === "wal"
			? ok("journal", "write-ahead log")
			: error(
					"journal",
					`journal mode is \`${journalMode}\``,
					"another program changed it: run `PRAGMA journal_mode = WAL`",
				),
		synchronous === 2
			? ok("durability", "every acknowledged decision is on the disk (synchronous = FULL)")
			: error("durability", `synchronous is ${synchronous}`, "report this as a defect"),
	];
}

/** Read by others than its owner: arguments of calls are in it in the clear. */
function modeFinding(path: string): readonly LogFinding[] {
	const mode = statSync(path).mode & 0o777;
	if (process.platform === "win32" || (mode & 0o077) === 0) return [];
	const message = `other users may read or write it (mode ${mode.toString(8)}); it holds the arguments of every call`;
	return [warning("access", message, `run \`chmod 600\` on it, on its \`-wal\` and on its \`-shm\``)];
}

/** A log that outgrows its limit by far is held back by a reader that never ends its transaction. */
function walFinding(bytes: number): LogFinding {
	const message = `the write-ahead log has ${mib(bytes)}`;
	if (bytes < 8 * CHECKPOINT_PAGES * PAGE_BYTES) return ok("wal", message);
	return warning("wal", message, "end programs that keep a transaction open on the file");
}

function spaceFinding(path: string): LogFinding {
	const { bavail, bsize } = statfsSync(dirname(path));
	const free = bavail * bsize;
	if (free < FREE_ERROR)
		return error("space", `${mib(free)} are free`, "free space: appends are refused when there is none");
	if (free < FREE_WARNING) return warning("space", `${mib(free)} are free`, "free space before the log runs out of it");
	return ok("space", `${mib(free)} are free`);
}

function fileSystemFinding(path: string): readonly LogFinding[] {
	const kind = fileSystemKind(dirname(path));
	if (kind === null) return [];
	if (kind.name === "tmpfs")
		return [warning("file system", "tmpfs: the log ends with the machine", "put it on a disk")];
	const help = "use a local disk, or make sure that only one machine opens the file";
	return [warning("file system", `${kind.name}: it may not keep processes of several machines apart`, help)];
}

const topicFindings = (reader: LogReader): readonly LogFinding[] =>
	reader.topics().map(({ name, partitions, cleanup, begin, end }) => {
		const written = end.reduce((sum, each) => sum + each, 0);
		const removed = begin.reduce((sum, each) => sum + each, 0);
		const gone = removed === 0 ? "" : `, ${removed} of them removed`;
		return ok(
			`topic ${name}`,
			`${counted(partitions, "partition")}, ${cleanup}, ${counted(written, "record")} written${gone}`,
		);
	});

function memberFindings(reader: LogReader): readonly LogFinding[] {
	const groups = reader.db.prepare("SELECT DISTINCT grp FROM members ORDER BY grp").all();
	const listeners = reader.db.prepare("SELECT count(*) AS n FROM listeners").get()?.["n"];
	const owners = groups.map((row) => {
		const group = String(row["grp"]);
		const members = reader.members(group).map((each) => each.member);
		return ok(`group ${group}`, `owned by ${members.at(-1) ?? "nobody"}; members: ${members.join(", ")}`);
	});
	return [...owners, ok("listeners", `a socket wakes ${counted(Number(listeners), "process", "processes")}`)];
}

const mib = (bytes: number): string =>
	bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / MIB)} MiB`;
