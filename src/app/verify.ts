/** A log verified: its partitions, of a larger log side by side on threads, then what they have in common. */
import { join } from "node:path";
import type { ResourceLimits } from "node:worker_threads";
import { threadFile } from "../adapters/thread-file.ts";
import type { Finding } from "../core/audit/finding.ts";
import { treePrefix } from "../core/audit/tiles.ts";
import { counted } from "../core/base/count-text.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { type DurationMs, SECOND } from "../core/model/units.ts";
import { AUDIT_FOLDER } from "../export/manifest.ts";
import { type Log, POLICIES_AT, readToEnd, TOPICS } from "../ports/log/log.ts";
import { settledBounds } from "../reading/settled-bounds.ts";
import { verifyBeginnings } from "../verify/beginnings.ts";
import { type Conclusion, conclude } from "../verify/conclusion.ts";
import { folderNote, type NamedFolder, verifyAnchorTiles, verifyFolderKey } from "../verify/folder.ts";
import { verifyManifest } from "../verify/manifest-claims.ts";
import { isFault, type NoteKeys, readSigned } from "../verify/notes.ts";
import type { VerifiedPartition } from "../verify/partition.ts";
import type { FoundNote } from "../verify/signed-on-log.ts";
import { tolerantLog } from "../verify/tolerant-log.ts";
import { readNamedText } from "./named-file.ts";
import { manifestOf } from "./open-export.ts";
import { onThreads } from "./partition-threads.ts";
import { staticFolder } from "./static-folder.ts";
import { beginVerify, noteKeysOf, type VerifyJob } from "./verify-work.ts";

/** Brokers have clocks of their own, and an export does not say what log it is of. */
const CLOCKS_APART_MS: DurationMs = SECOND;

export interface VerifyOptions extends Pick<VerifyJob, "log" | "config" | "layout" | "keys" | "folder"> {
	/** Partitions that are looked at, those of the layout among them. */
	readonly partitions: number;
	/** What was found before the ledgers are read. */
	readonly findings?: readonly Finding[];
	/** The folder of the export that the log is; null: it is none. */
	readonly exported: string | null;
	/** Files with checkpoints that the auditor has kept. */
	readonly kept: readonly string[];
	/** 0: a log so small that a thread takes longer to begin than all of it. */
	readonly threads?: number;
	/** What each thread may have of memory at first; default: what most partitions need. */
	readonly limits?: ResourceLimits;
	readonly onProgress?: (records: number) => void;
	readonly signal?: AbortSignal;
}

export interface Verified extends Conclusion {
	readonly partitions: readonly VerifiedPartition[];
	readonly kept: readonly FoundNote[];
}

/** Throws what a thread met, ASSENT_AUDIT_KEY where the log is signed with another key alone, and what reading files throws. */
export async function verifyAll(log: Log, options: VerifyOptions): Promise<Verified> {
	const { layout, folder } = options;
	const keys = noteKeysOf(options.keys);
	const kept = await Promise.all(options.kept.map((file) => keptNote(file, keys, options.partitions)));
	const tolerant = tolerantLog(log);
	const partitions = Array.from({ length: options.partitions }, (_, partition) => partition);
	if (keys.log !== null) await refuseOtherKey(tolerant, partitions.length, keys);
	const findings: Finding[] = [...(options.findings ?? [])];
	const found = (finding: Finding): void => void findings.push(finding);
	const named: NamedFolder | null = folder === null ? null : { name: folder, folder: staticFolder(folder) };
	const published: FoundNote[] = [];
	for (const partition of [...partitions, null]) {
		const note = named === null ? null : await folderNote(named, partition, keys, found);
		if (note !== null) published.push(note);
	}
	if (named !== null) await verifyFolderKey(named, keys, found);
	// Behind the folder: what is in it was on the log before.
	const ends = (await settledBounds(tolerant, TOPICS.checkpoints, partitions.length)).map(({ end }) => end);
	for await (const _ of readToEnd(tolerant, POLICIES_AT, 0));
	const results: VerifiedPartition[] = [];
	const job: VerifyJob = {
		log: options.log,
		config: options.config,
		layout,
		keys: options.keys,
		notes: [...kept, ...published],
		folder,
		published,
	};
	if (options.threads === 0) {
		const verify = await beginVerify(log, job);
		for (const partition of partitions) results.push(await verify(partition, options));
	} else
		await onThreads<VerifiedPartition>({
			...options,
			file: threadFile("verify", import.meta),
			name: "assent-verify",
			job,
			partitions,
			onResult: (_, result) => results.push(result),
		});
	results.sort((one, next) => one.partition - next.partition);
	await verifyBeginnings(log, results, found);
	if (options.exported !== null)
		await verifyManifest({
			manifest: await manifestOf(options.exported),
			...{ log, layout, partitions: results, found },
			published: folder === null || folder === join(options.exported, AUDIT_FOLDER) ? published : null,
		});
	if (named !== null) await verifyPublished(named, published, results, found);
	findings.push(...tolerant.lost.filter(({ topic }) => topic === TOPICS.policies));
	const anchors = [...kept, ...published].filter(({ of }) => of === null);
	const clocksApartMs = log.url.startsWith("file:") ? 0 : CLOCKS_APART_MS;
	const conclusion = conclude({
		...{ partitions: results, keys, anchors, kept, ends, clocksApartMs, findings },
		folder: folder === null ? null : { name: folder, trees: published.length },
		kind: options.exported !== null ? "export" : log.url.startsWith("file:") ? "file" : "other",
	});
	return { ...conclusion, partitions: results, kept };
}

/** Of a log that is too damaged to be read: why, as a sentence. */
export const nothingRead = (message: string): Verified => ({
	result: "findings",
	findings: [{ code: "log.damaged", partition: null, topic: null, offset: null, seq: null, message }],
	findingCount: 1,
	unverifiable: 0,
	anchor: null,
	unanchored: null,
	witnessed: [],
	shown: [],
	notShown: ["anything else: the log could not be read"],
	partitions: [],
	kept: [],
});

/** What a folder has to have: a checkpoint of each tree that was signed, and the anchor's tiles. */
async function verifyPublished(
	named: NamedFolder,
	published: readonly FoundNote[],
	results: readonly VerifiedPartition[],
	found: (finding: Finding) => void,
): Promise<void> {
	const notes = results.flatMap((one) => one.notes);
	for (const of of new Set(notes.map((note) => note.of))) {
		if (published.some((note) => note.of === of)) continue;
		const path = `${treePrefix(of)}/checkpoint`;
		const message = `\`${named.name}/${path}\` is not there, or is none of this log, and the log has checkpoints of this tree`;
		found({ code: "folder.missing", partition: of, topic: null, offset: null, seq: null, message });
	}
	const anchor = published.find(({ of }) => of === null);
	const known = new Set(notes.flatMap(({ of, note }) => (of === null ? [] : [note])));
	if (anchor !== undefined) await verifyAnchorTiles(named, anchor, known, found);
}

/** Throws ASSENT_AUDIT_KEY where there are signed checkpoints, and none is signed with the key. */
async function refuseOtherKey(log: Log, partitions: number, keys: NoteKeys): Promise<void> {
	let other: string | null = null;
	let count = 0;
	for (let partition = 0; partition < partitions; partition++) {
		const from = { topic: TOPICS.checkpoints, partition };
		const { begin } = await log.bounds(from);
		for await (const records of readToEnd(log, from, begin)) {
			for (const { value } of records) {
				const read = decodeDerived(value);
				if (!read.ok || read.value.type !== "checkpoint.signed") continue;
				const signed = readSigned(read.value.note, keys);
				if (!isFault(signed) || signed.code !== "checkpoint.foreign") return;
				count += 1;
				other ??= signed.what;
			}
		}
	}
	if (other === null) return;
	throw new AssentError(
		problem(
			"ASSENT_AUDIT_KEY",
			`none of the ${counted(count, "signed checkpoint")} on the log is signed with this key: the first ${other}`,
			"give the key that the deployment's notary was begun with, as somebody whom you believe has told you: what lies beside a log is written by whoever writes the log",
		),
	);
}

/** Throws ASSENT_FILE_MISSING, ASSENT_FILE_UNREADABLE, and ASSENT_AUDIT_CHECKPOINT for what is no checkpoint of this log. */
async function keptNote(file: string, keys: NoteKeys, partitions: number): Promise<FoundNote> {
	const text = await readNamedText(file);
	if (!text.ok) throw new AssentError(text.error);
	const read = readSigned(text.value, keys);
	const fault = isFault(read)
		? read.what
		: (read.of ?? 0) >= partitions
			? `is of partition ${read.of}, which this log does not have`
			: null;
	if (fault === null) return { ...(read as FoundNote), where: `the kept checkpoint \`${file}\``, place: null, at: 0 };
	throw new AssentError(
		problem(
			"ASSENT_AUDIT_CHECKPOINT",
			`\`${file}\` ${fault}`,
			"name a file with a checkpoint of this log, as it was published: the note with its signatures",
		),
	);
}
