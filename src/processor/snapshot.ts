/**
 * Snapshots: the state at a position of the ledger, in chunks, the manifest last, in two key slots in turn so that a
 * half-written one never replaces a whole one. They are a cache: who cannot use one reads the ledger from its beginning.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Folded } from "../core/audit/fold.ts";
import { CompactRange, type CompactRangeImage } from "../core/audit/tree.ts";
import { sha256Hex } from "../core/base/digest.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { encodeDerived } from "../core/codec/encode.ts";
import { SEMANTICS } from "../core/model/entries.ts";
import type { Layout, SnapshotManifest } from "../core/model/records.ts";
import { imageOf, type StateImage, stateDigest, stateOf } from "../core/model/state.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type OutRecord, readToEnd, TOPICS } from "../ports/log.ts";

const CHUNK_BYTES = 512 * 1024;

interface SnapshotImage {
	readonly layout: Layout;
	readonly state: StateImage;
	readonly tree: CompactRangeImage;
}

/** Writes the fold at `ledgerOffset`, the next offset to read of the ledger. */
export async function writeSnapshot(
	log: Log,
	folded: Folded,
	of: { partition: number; claimId: string; ledgerOffset: Offset; slot: 0 | 1 },
): Promise<void> {
	const image: SnapshotImage = {
		layout: folded.state.layout,
		state: imageOf(folded.state),
		tree: folded.tree.image(),
	};
	const bytes = Buffer.from(JSON.stringify(image));
	const snapshotId = randomBytes(8).toString("hex");
	const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
	const to = { topic: TOPICS.snapshots, partition: of.partition };
	const put = async (key: string, value: Uint8Array): Promise<boolean> => {
		const record: OutRecord = { key, value, headers: {} };
		return (await log.append(to, [record], { durability: "ordered" })).kind === "appended";
	};
	for (let index = 0; index < chunks; index++) {
		const part = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
		const value = encodeDerived({ type: "snapshot.chunk", snapshotId, index, bytes: part });
		if (!(await put(`${of.slot}/${index}`, value))) return;
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
	await put(`${of.slot}/manifest`, encodeDerived(manifest));
}

export interface FoundSnapshot {
	readonly manifest: SnapshotManifest;
	readonly folded: Folded;
	readonly slot: 0 | 1;
}

/** The newest whole snapshot of this layout and these semantics whose digests hold; null when there is none. */
export async function readSnapshot(log: Log, partition: number, layout: Layout): Promise<FoundSnapshot | null> {
	const from = { topic: TOPICS.snapshots, partition };
	const chunks = new Map<string, Uint8Array[]>();
	const manifests: { manifest: SnapshotManifest; slot: 0 | 1 }[] = [];
	const { begin } = await log.bounds(from);
	for await (const records of readToEnd(log, from, begin)) {
		for (const record of records) {
			const read = decodeDerived(record.value);
			if (!read.ok) continue;
			if (read.value.type === "snapshot.chunk") {
				const parts = chunks.get(read.value.snapshotId) ?? [];
				parts[read.value.index] = read.value.bytes;
				chunks.set(read.value.snapshotId, parts);
			} else if (read.value.type === "snapshot.manifest") {
				manifests.push({ manifest: read.value, slot: record.key?.startsWith("1/") ? 1 : 0 });
			}
		}
	}
	manifests.sort((a, b) => b.manifest.seq - a.manifest.seq);
	for (const { manifest, slot } of manifests) {
		const folded = rebuild(manifest, chunks.get(manifest.snapshotId) ?? [], layout);
		if (folded !== null) return { manifest, folded, slot };
	}
	return null;
}

function rebuild(
	manifest: SnapshotManifest,
	parts: readonly (Uint8Array | undefined)[],
	layout: Layout,
): Folded | null {
	if (manifest.semantics !== SEMANTICS || parts.length !== manifest.chunks) return null;
	const hasher = createHash("sha256");
	for (const part of parts) {
		if (part === undefined) return null;
		hasher.update(part);
	}
	if (hasher.digest("hex") !== manifest.bytesDigest) return null;
	const image = JSON.parse(Buffer.concat(parts as Uint8Array[]).toString("utf8")) as SnapshotImage;
	if (JSON.stringify(image.layout) !== JSON.stringify(layout)) return null;
	const state = stateOf(layout, image.state);
	if (stateDigest(state) !== manifest.stateDigest) return null;
	return {
		state,
		tree: CompactRange.from(image.tree),
		head: { claim: manifest.claimId, seq: manifest.seq - 1, previous: null },
		voids: 0,
	};
}
