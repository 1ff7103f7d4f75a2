/**
 * Snapshots: the state at a position of the ledger, in chunks, the manifest last, in two key slots in turn so that a
 * half-written one never replaces a whole one. They are a cache: a reader that cannot use one reads the ledger from its beginning.
 *
 * Each chunk is readable by itself (the first is the head, as JSON, each other one rows of one table, as the state writes
 * them), so that neither writing nor reading ever holds the whole, and deciding goes on while a snapshot is written.
 */
import { createHash, randomBytes } from "node:crypto";
import { ByteReader, ByteWriter } from "../core/base/bytes.ts";
import { sha256Hex } from "../core/base/digest.ts";
import { encodeDerived } from "../core/codec/encode.ts";
import type { Folded } from "../core/ledger/fold.ts";
import type { CompactRangeImage } from "../core/merkle/compact-range.ts";
import { SEMANTICS } from "../core/model/entries.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { SnapshotManifest } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { stateDigest } from "../core/state/digest.ts";
import { headOf, type StateHead } from "../core/state/head.ts";
import { ROWS_FORMAT, TABLE_NAMES, type TableName, type TableRows } from "../core/state/image.ts";
import { Breath } from "../ports/breath.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

/** Bytes after which a chunk is closed: a few milliseconds of work. */
const CHUNK_BYTES = 128 * 1024;

/** The first chunk. */
export interface SnapshotHead {
	readonly layout: Layout;
	readonly state: StateHead;
	/** The state digest that the next entry which has one carries. */
	readonly nextDigest: string;
	readonly tree: CompactRangeImage;
	readonly causeTimes: Readonly<Record<InputTopic, EpochMs>>;
}

/** Each other chunk: rows of one table. */
export interface SnapshotRows {
	readonly table: TableName;
	readonly rows: TableRows;
}

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
	place: SnapshotPlace,
	{ released = Promise.resolve(true), stop }: { released?: Promise<boolean>; stop?: AbortSignal } = {},
): Promise<string | null> {
	const { state } = folded;
	const head = snapshotHead(folded);
	const promised = {
		seq: state.nextSeq,
		ledgerOffset: place.ledgerOffset,
		claimId: place.claimId,
		ledgerId: folded.origin ?? place.claimId,
		leafDigest: sha256Hex(place.leaf),
		stateDigest: stateDigest(state),
		semantics: SEMANTICS,
		rowsFormat: ROWS_FORMAT,
	};
	const frozen = frozenTables(folded);
	const snapshotId = randomBytes(8).toString("hex");
	const digest = createHash("sha256");
	const to = { topic: TOPICS.snapshots, partition: place.partition };
	const put = async (key: string, value: Uint8Array): Promise<string | null> => {
		if (stop?.aborted === true) return "stopped before it was whole";
		const appended = await log.append(to, [{ key, value, headers: {} }], { durability: "ordered" });
		return appended.kind === "failed" ? appended.problem.message : appended.kind === "appended" ? null : appended.kind;
	};
	const breath = new Breath();
	let chunks = 0;
	try {
		for (const bytes of chunksOf(head, frozen)) {
			digest.update(bytes);
			const index = chunks++;
			const why = await put(
				`${place.slot}/${index}`,
				encodeDerived({ type: "snapshot.chunk", snapshotId, index, bytes }),
			);
			if (why !== null) return why;
			await breath.next();
		}
		if (!(await released)) return "what was decided before it could not be published";
		const bytesDigest = digest.digest("hex");
		const manifest: SnapshotManifest = { type: "snapshot.manifest", snapshotId, ...promised, chunks, bytesDigest };
		return await put(`${place.slot}/manifest`, encodeDerived(manifest));
	} catch (thrown) {
		return thrown instanceof Error ? thrown.message : String(thrown);
	} finally {
		for (const { thaw } of frozen) thaw();
	}
}

const snapshotHead = ({ state, tree, causeTimes }: Folded): SnapshotHead => ({
	layout: state.layout,
	state: headOf(state),
	nextDigest: state.digests.next(state),
	tree: tree.image(),
	causeTimes: { ...causeTimes },
});

const frozenTables = ({ state }: Folded) => TABLE_NAMES.map((name) => ({ name, ...state[name].freeze() }));

/** The chunks of a fold that nobody folds any more. */
export const piecesOf = (folded: Folded): Iterable<Uint8Array> => chunksOf(snapshotHead(folded), frozenTables(folded));

/** Reads the first chunk. Throws where it is none. */
export const readHead = (chunk: Uint8Array): SnapshotHead =>
	JSON.parse(Buffer.from(chunk).toString("utf8")) as SnapshotHead;

/** The bytes of the chunks, each made when it is asked for. */
function* chunksOf(
	head: SnapshotHead,
	tables: readonly { readonly name: TableName; readonly rows: Iterable<Uint8Array> }[],
): IterableIterator<Uint8Array> {
	yield Buffer.from(JSON.stringify(head));
	const chunk = new ByteWriter();
	for (const [table, { rows }] of tables.entries()) {
		chunk.clear();
		for (const row of rows) {
			if (chunk.length === 0) chunk.byte(table);
			chunk.count(row.length);
			chunk.raw(row);
			if (chunk.length < CHUNK_BYTES) continue;
			yield Uint8Array.from(chunk.written());
			chunk.clear();
		}
		if (chunk.length > 0) yield Uint8Array.from(chunk.written());
	}
}

/** Reads a chunk of rows. Throws where it is none. */
export function readRows(chunk: Uint8Array): SnapshotRows {
	const reader = new ByteReader().open(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), 0, chunk.length);
	const table = TABLE_NAMES[reader.byte()];
	if (table === undefined) throw new RangeError("no table of the state");
	const rows: Uint8Array[] = [];
	while (!reader.isAtEnd) rows.push(reader.raw(reader.count()));
	return { table, rows };
}
