/**
 * The receipt of one entry, made from a log: its place in the tree, proven against the first checkpoint that covers it and is in the anchor, and
 * that one's place there; as long as the anchor holds none, against the latest that was signed.
 *
 * F1  No receipt leaves here that does not check: what the log gives and what was signed are held against each other first.
 */
import { partitionOrigin } from "../core/audit/checkpoint.ts";
import { type Receipt, receiptFault } from "../core/audit/receipt.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { InclusionProof } from "../core/merkle/inclusion.ts";
import type { DurationMs } from "../core/model/units.ts";
import { largestNote } from "../notary/largest-note.ts";
import { isSignedBy, type NoteOnLog, notesOn } from "../notary/signed-records.ts";
import type { Log } from "../ports/log/log.ts";
import { pause } from "../ports/pause.ts";
import type { Verifier } from "../ports/signer.ts";
import { validEntries } from "../reading/valid-entries.ts";
import { type AnchoredCheckpoint, anchoredCheckpoint } from "./anchored.ts";
import type { FoundEntry } from "./decisions-of.ts";

export interface ReceiptWanted {
	/** Whose checkpoints count; null: whoever's are there, if they are one log's. */
	readonly verifier: Verifier | null;
	/** Of the log. */
	readonly partitions: number;
	/** Who must have cosigned the anchor. */
	readonly witnesses: readonly Verifier[];
	/** How long a notary may take to sign the entry, and witnesses to cosign. */
	readonly waitMs: DurationMs;
	readonly reading: { readonly onProgress?: (records: number) => void; readonly signal?: AbortSignal };
}

export interface MadeReceipt {
	readonly receipt: Receipt;
	readonly checkpoint: NoteOnLog;
	/** Null where the anchor does not hold the checkpoint yet. */
	readonly anchored: AnchoredCheckpoint | null;
}

/**
 * Throws ASSENT_UNSIGNED where no checkpoint covers the entry, or the witnesses have cosigned none that does, ASSENT_NOTARY_HISTORY where the log does not give what was signed,
 * ASSENT_USAGE where several logs' checkpoints are there, and what reading throws.
 */
export async function receiptFor(
	log: Log,
	{ partition, seq, leaf }: Pick<FoundEntry, "partition" | "seq" | "leaf">,
	wanted: ReceiptWanted,
): Promise<MadeReceipt> {
	const latest = await covering(log, { partition, seq }, wanted);
	const anchored = await anchoredOf(log, { partition, seq }, latest, wanted);
	const checkpoint = anchored?.checkpoint ?? latest;
	const proof = new InclusionProof({ index: seq, size: checkpoint.size });
	let size = 0;
	for await (const { value } of validEntries(log, partition, wanted.reading)) {
		proof.append(value);
		size += 1;
		if (size === checkpoint.size) break;
	}
	if (size < checkpoint.size)
		throw changed(`the ledger of partition ${partition} has ${size} entries, and ${checkpoint.size} were signed`);
	const receipt = { leaf, index: seq, proof: proof.hashes, note: checkpoint.note };
	if (receiptFault(receipt, leaf) !== null)
		throw changed(
			`the first ${checkpoint.size} entries of the ledger of partition ${partition} are not those that were signed`,
		);
	return { receipt, checkpoint, anchored };
}

const ASK_EVERY_MS: DurationMs = 100;

async function covering(
	log: Log,
	{ partition, seq }: { readonly partition: number; readonly seq: number },
	{ verifier, waitMs, reading }: ReceiptWanted,
): Promise<NoteOnLog> {
	for (let waited = 0; ; waited += ASK_EVERY_MS) {
		const latest = await latestOf(log, partition, verifier);
		if (latest !== null && latest.size > seq) return latest;
		if (waited >= waitMs || reading.signal?.aborted === true) throw unsigned({ partition, seq }, latest, verifier);
		await pause(ASK_EVERY_MS, reading.signal);
	}
}

/** The anchor is signed with the checkpoints that it holds, and published behind them; witnesses take longer. */
async function anchoredOf(
	log: Log,
	{ partition, seq }: { readonly partition: number; readonly seq: number },
	{ origin }: NoteOnLog,
	{ verifier, partitions, witnesses, waitMs, reading }: ReceiptWanted,
): Promise<AnchoredCheckpoint | null> {
	const source = { log, partitions, verifier, name: nameIn(origin) };
	for (let [waited, next] = [0, ASK_EVERY_MS]; ; [waited, next] = [waited + next, 2 * next]) {
		const found = await anchoredCheckpoint(source, { partition, seq, witnesses });
		if (found !== null) return found;
		if (waited < waitMs && reading.signal?.aborted !== true)
			await pause(Math.min(next, waitMs - waited), reading.signal);
		else if (witnesses.length === 0) return null;
		else throw uncosigned({ partition, seq }, witnesses);
	}
}

const nameIn = (origin: string): string => origin.replace(/\/decisions\/\d+$/, "");

async function latestOf(log: Log, partition: number, verifier: Verifier | null): Promise<NoteOnLog | null> {
	return largestNote(
		() => ownNotes(log, partition, verifier?.key.name ?? null),
		(note) => verifier === null || isSignedBy(note, verifier),
	);
}

/** Of the one log that is meant, or that is there. */
async function* ownNotes(log: Log, partition: number, name: string | null): AsyncGenerator<NoteOnLog> {
	let first: string | null = null;
	for await (const note of notesOn(log, partition, null)) {
		const { origin } = note;
		if (origin !== partitionOrigin(name ?? nameIn(origin), partition)) continue;
		first ??= origin;
		if (origin !== first)
			throw new AssentError(
				problem(
					"ASSENT_USAGE",
					`\`${first}\` and \`${origin}\` are both signed on this log`,
					"say whose checkpoints are meant: `--key`",
				),
			);
		yield note;
	}
}

function unsigned(
	{ partition, seq }: { readonly partition: number; readonly seq: number },
	latest: NoteOnLog | null,
	verifier: Verifier | null,
): AssentError {
	const by = verifier === null ? "" : ` by \`${verifier.key.name}\``;
	return new AssentError(
		latest === null
			? problem(
					"ASSENT_UNSIGNED",
					`no checkpoint of partition ${partition} was signed${by} on this log`,
					"a notary signs what was recorded: `assent notary`; then ask again",
				)
			: problem(
					"ASSENT_UNSIGNED",
					`the latest checkpoint of partition ${partition} covers entries 0 to ${latest.size - 1}, and this is entry ${seq}`,
					"see whether the notary runs, which signs within a second; then ask again",
				),
	);
}

const uncosigned = (
	{ partition, seq }: { readonly partition: number; readonly seq: number },
	witnesses: readonly Verifier[],
): AssentError =>
	new AssentError(
		problem(
			"ASSENT_UNSIGNED",
			`no checkpoint of the anchor on this log holds entry ${seq} of partition ${partition} and is cosigned by ${witnesses.map(({ key }) => `\`${key.name}\``).join(", ")}`,
			"see whether the notary reaches its witnesses; then ask again, or without `--witness-key`",
		),
	);

const changed = (message: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_NOTARY_HISTORY",
			message,
			"no receipt is written: keep a copy of the log, and find out who changed it",
		),
	);
