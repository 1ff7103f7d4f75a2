/**
 * Snapshots: the state at a position of the ledger, in chunks, the manifest last, in two key slots in turn so that a
 * half-written one never replaces a whole one. They are a cache: who cannot use one reads the ledger from its beginning.
 */
import { randomBytes } from "node:crypto";
import { type Folded, layoutDifference } from "../core/audit/fold.ts";
import { CompactRange, type CompactRangeImage } from "../core/audit/tree.ts";
import { sha256Hex } from "../core/base/digest.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { encodeDerived } from "../core/codec/encode.ts";
import { SEMANTICS } from "../core/model/entries.ts";
import type { Layout, SnapshotManifest } from "../core/model/records.ts";
import { imageOf, type StateImage, stateDigest, stateOf } from "../core/model/state.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, type OutRecord, readToEnd, TOPICS } from "../ports/log.ts";

const CHUNK_BYTES = 512 * 1024;

interface SnapshotImage {
	readonly layout: Layout;
	readonly state: StateImage;
	readonly tree: CompactRangeImage;
}

/**
 * Writes the fold at `ledgerOffset`, the next offset to read of the ledger. Null: it is whole. Else why it is not, which
 * is no reason to stop: what is there can be read again.
 */
export async function writeSnapshot(
	log: Log,
	folded: Folded,
	of: { partition: number; claimId: string; ledgerOffset: Offset; slot: 0 | 1 },
): Promise<string | null> {
	const image: SnapshotImage = {
		layout: folded.state.layout,
		state: imageOf(folded.state),
		tree: folded.tree.image(),
	};
	const bytes = Buffer.from(JSON.stringify(image));
	const snapshotId = randomBytes(8).toString("hex");
	const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
	const to = { topic: TOPICS.snapshots, partition: of.partition };
	const put = async (key: string, value: Uint8Array): Promise<string | null> => {
		const record: OutRecord = { key, value, headers: {} };
		try {
			const { kind } = await log.append(to, [record], { durability: "ordered" });
			return kind === "appended" ? null : kind;
		} catch (thrown) {
			return thrown instanceof Error ? thrown.message : String(thrown);
		}
	};
	for (let index = 0; index < chunks; index++) {
		const part = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
		const value = encodeDerived({ type: "snapshot.chunk", snapshotId, index, bytes: part });
		const why = await put(`${of.slot}/${index}`, value);
		if (why !== null) return why;
	}
	const manifest: SnapshotManifest = {
		type: "snapshot.manifest",
		snapshotId,
		seq: folded.state.nextSeq,
		ledgerOffset: of.ledgerOffset,
		claimId: of.claimId,
		stateDigest: stateDigest(folded.state),
		semantics: SEMANTICS,
		chunks,
		bytesDigest: sha256Hex(bytes),
	};
	return put(`${of.slot}/manifest`, encodeDerived(manifest));
}

export interface FoundSnapshot {
	readonly manifest: SnapshotManifest;
	readonly folded: Folded;
	readonly slot: 0 | 1;
}

/**
 * The newest whole snapshot of this layout and these semantics whose digests hold; null when there is none. The last one
 * is looked for at the end of the topic, where its manifest names its chunks: compaction is lazy, and what it has left may
 * be many snapshots long. Only if that one is not whole, everything is read.
 */
export async function readSnapshot(log: Log, partition: number, layout: Layout): Promise<FoundSnapshot | null> {
	const from = { topic: TOPICS.snapshots, partition };
	const { begin, end } = await log.bounds(from);
	if (end === begin) return null;
	const last = decodedManifest(await log.read(from, end - 1));
	const first = last === null ? begin : Math.max(begin, end - 1 - last.chunks);
	const found = await newestFrom(log, partition, layout, first);
	return found !== null || first === begin ? found : newestFrom(log, partition, layout, begin);
}

async function newestFrom(log: Log, partition: number, layout: Layout, at: Offset): Promise<FoundSnapshot | null> {
	// Of each slot the latest alone is kept, whatever compaction has left: two snapshots are the most in memory.
	const slots: [Slot, Slot] = [emptySlot(), emptySlot()];
	for await (const records of readToEnd(log, { topic: TOPICS.snapshots, partition }, at)) {
		for (const record of records) {
			const slot = record.key?.startsWith("1/") ? 1 : 0;
			slots[slot] = written(slots[slot], record.value);
		}
	}
	const found: FoundSnapshot[] = [];
	for (const slot of [0, 1] as const) {
		const { manifest, parts } = slots[slot];
		const folded = manifest === null ? null : rebuild(manifest, parts, layout, partition);
		if (manifest !== null && folded !== null) found.push({ manifest, folded, slot });
	}
	return found.sort((a, b) => b.manifest.seq - a.manifest.seq)[0] ?? null;
}

/** The manifest in the last of these records; null when it is none. */
function decodedManifest(records: readonly LogRecord[]): SnapshotManifest | null {
	const last = records.at(-1);
	const read = last === undefined ? null : decodeDerived(last.value);
	return read?.ok && read.value.type === "snapshot.manifest" ? read.value : null;
}

/** What lies in a slot: chunks of one snapshot, and its manifest once that was written. */
interface Slot {
	readonly id: string;
	readonly parts: (Uint8Array | undefined)[];
	readonly manifest: SnapshotManifest | null;
}

const emptySlot = (): Slot => ({ id: "", parts: [], manifest: null });

function written(slot: Slot, value: Uint8Array): Slot {
	const read = decodeDerived(value);
	if (!read.ok) return slot;
	const record = read.value;
	if (record.type === "snapshot.manifest") {
		return { ...(record.snapshotId === slot.id ? slot : emptySlot()), id: record.snapshotId, manifest: record };
	}
	if (record.type !== "snapshot.chunk") return slot;
	const current = record.snapshotId === slot.id ? slot : { ...emptySlot(), id: record.snapshotId };
	current.parts[record.index] = record.bytes;
	return current;
}

/** The fold that a snapshot holds; null when it is damaged, of another layout or partition, or of other semantics. */
function rebuild(
	manifest: SnapshotManifest,
	parts: readonly (Uint8Array | undefined)[],
	layout: Layout,
	partition: number,
): Folded | null {
	if (manifest.semantics !== SEMANTICS || parts.length !== manifest.chunks) return null;
	const whole: Uint8Array[] = [];
	for (const part of parts) {
		if (part === undefined) return null;
		whole.push(part);
	}
	const bytes = Buffer.concat(whole);
	if (sha256Hex(bytes) !== manifest.bytesDigest) return null;
	try {
		const image = JSON.parse(bytes.toString("utf8")) as SnapshotImage;
		if (layoutDifference(layout, image.layout) !== null) return null;
		const state = stateOf(layout, image.state);
		const tree = CompactRange.from(image.tree);
		const isWhole =
			state.partition === partition &&
			state.nextSeq === manifest.seq &&
			tree.size === manifest.seq &&
			stateDigest(state) === manifest.stateDigest;
		if (!isWhole) return null;
		return { state, tree, head: { claim: manifest.claimId, seq: manifest.seq - 1, previous: null }, voids: 0 };
	} catch {
		// Bytes that were written as they are and still make no state: damaged before they were digested. No snapshot.
		return null;
	}
}
