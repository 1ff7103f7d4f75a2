/**
 * Snapshots: the state at a position of the ledger, in chunks, the manifest last, in two key slots in turn so that a
 * half-written one never replaces a whole one. They are a cache: who cannot use one reads the ledger from its beginning.
 *
 * Each chunk is JSON of its own (the first the head, each other one rows of one table), so that neither writing nor reading
 * ever holds the whole, and deciding goes on while a snapshot is written.
 */
import { createHash, randomBytes } from "node:crypto";
import { sha256Hex } from "../core/base/digest.ts";
import { encodeDerived } from "../core/codec/encode.ts";
import type { Folded } from "../core/ledger/fold.ts";
import type { CompactRangeImage } from "../core/merkle/compact-range.ts";
import { SEMANTICS } from "../core/model/entries.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { SnapshotManifest } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import {
	headOf,
	type StateHead,
	stateDigest,
	TABLE_NAMES,
	type TableName,
	type TableRows,
} from "../core/state/state.ts";
import { Breath } from "../ports/breath.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

/** UTF-8 bytes after which a chunk is closed: a few milliseconds of work. */
const CHUNK_BYTES = 128 * 1024;

/** The first chunk. */
export interface SnapshotHead {
	readonly layout: Layout;
	readonly state: StateHead;
	readonly tree: CompactRangeImage;
	readonly causeTimes: Readonly<Record<InputTopic, EpochMs>>;
}

/** Each other chunk: rows of one table. */
export type SnapshotRows = readonly [TableName, TableRows];

export interface SnapshotPlace {
	readonly partition: number;
	/** The claim in force. */
	readonly claimId: string;
	/** The next offset of the ledger to read. */
	readonly ledgerOffset: Offset;
	/** The entry before that offset, as stored. */
	readonly leaf: Uint8Array;
	readonly slot: 0 | 1;
}

/**
 * Writes the fold as it is at the call, piece by piece; it may go on being folded meanwhile. `released` is awaited before the
 * manifest: a restore from this snapshot looks for missing projections only behind it. Null: it is whole. Else why it is not,
 * which is no reason to stop: what is there can be read again. Never rejects.
 */
export async function writeSnapshot(
	log: Log,
	folded: Folded,
	of: SnapshotPlace,
	{ released = Promise.resolve(true), stop }: { released?: Promise<boolean>; stop?: AbortSignal } = {},
): Promise<string | null> {
	const { state, tree } = folded;
	const head: SnapshotHead = {
		layout: state.layout,
		state: headOf(state),
		tree: tree.image(),
		causeTimes: { ...folded.causeTimes },
	};
	const promised = {
		seq: state.nextSeq,
		ledgerOffset: of.ledgerOffset,
		claimId: of.claimId,
		ledgerId: folded.origin ?? of.claimId,
		leafDigest: sha256Hex(of.leaf),
		stateDigest: stateDigest(state),
		semantics: SEMANTICS,
	};
	const frozen = TABLE_NAMES.map((name) => ({ name, ...state[name].freeze() }));
	const snapshotId = randomBytes(8).toString("hex");
	const digest = createHash("sha256");
	const to = { topic: TOPICS.snapshots, partition: of.partition };
	const put = async (key: string, value: Uint8Array): Promise<string | null> => {
		if (stop?.aborted === true) return "stopped before it was whole";
		const appended = await log.append(to, [{ key, value, headers: {} }], { durability: "ordered" });
		return appended.kind === "failed" ? appended.problem.message : appended.kind === "appended" ? null : appended.kind;
	};
	const breath = new Breath();
	let chunks = 0;
	try {
		for (const text of chunksOf(head, frozen)) {
			const bytes = Buffer.from(text);
			digest.update(bytes);
			const index = chunks++;
			const why = await put(`${of.slot}/${index}`, encodeDerived({ type: "snapshot.chunk", snapshotId, index, bytes }));
			if (why !== null) return why;
			await breath.next();
		}
		if (!(await released)) return "what was decided before it could not be published";
		const bytesDigest = digest.digest("hex");
		const manifest: SnapshotManifest = { type: "snapshot.manifest", snapshotId, ...promised, chunks, bytesDigest };
		return await put(`${of.slot}/manifest`, encodeDerived(manifest));
	} catch (thrown) {
		return thrown instanceof Error ? thrown.message : String(thrown);
	} finally {
		for (const { thaw } of frozen) thaw();
	}
}

/** The texts of the chunks, each made when it is asked for. */
function* chunksOf(
	head: SnapshotHead,
	tables: readonly { readonly name: TableName; readonly rows: Iterable<readonly [string, unknown]> }[],
): IterableIterator<string> {
	yield JSON.stringify(head);
	for (const { name, rows } of tables) {
		let texts: string[] = [];
		let bytes = 0;
		for (const row of rows) {
			const text = JSON.stringify(row);
			texts.push(text);
			bytes += Buffer.byteLength(text) + 1;
			if (bytes < CHUNK_BYTES) continue;
			yield `["${name}",[${texts.join()}]]`;
			texts = [];
			bytes = 0;
		}
		if (texts.length > 0) yield `["${name}",[${texts.join()}]]`;
	}
}
