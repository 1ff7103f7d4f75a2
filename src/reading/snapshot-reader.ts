/**
 * Finding and reading a snapshot: the newest whole one of this layout and these semantics that belongs to this very ledger,
 * by the ledger's own records. It is read chunk by chunk and trusted by its own SHA-256; all others are passed over, with why.
 */
import { createHash } from "node:crypto";
import { sha256Hex } from "../core/base/digest.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { type Folded, layoutDifference } from "../core/ledger/fold.ts";
import { judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import { CompactRange } from "../core/merkle/compact-range.ts";
import { SEMANTICS } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import type { SnapshotChunk, SnapshotManifest } from "../core/model/records.ts";
import type { Offset } from "../core/model/units.ts";
import { stateDigest } from "../core/state/digest.ts";
import { loadRows, ROWS_FORMAT, stateUnder } from "../core/state/image.ts";
import type { State } from "../core/state/state.ts";
import { Breath } from "../ports/breath.ts";
import { HASH_SEED } from "../ports/hash-seed.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import { readHead, readRows, type SnapshotHead } from "./snapshot.ts";

export interface FoundSnapshot {
	readonly manifest: SnapshotManifest;
	readonly folded: Folded;
	readonly slot: 0 | 1;
}

/**
 * Whose a snapshot is. `own`: its last entry is in the ledger where it says (or retention has eaten just that far).
 * `outlived`: of what follows it, retention has eaten the beginning. `other`: the ledger begins with another claim.
 * `forked`: the ledger begins alike and has something else there, or nothing.
 */
export type Belonging = "own" | "outlived" | "other" | "forked";

export interface PassedSnapshot {
	/** How many entries of the ledger it covers; -1 where its manifest cannot be read. */
	readonly seq: number;
	/** `unread`: nobody can tell. */
	readonly belonging: Belonging | "unread";
	readonly why: string;
}

export interface SnapshotSearch {
	readonly found: FoundSnapshot | null;
	/** Those that were looked at before and cannot be used, newest first. */
	readonly passed: readonly PassedSnapshot[];
}

/** Where a whole snapshot may lie: its manifest, and from where on its chunks do. */
interface Candidate {
	readonly manifest: SnapshotManifest;
	readonly slot: 0 | 1;
	readonly from: Offset;
	/** The manifest's own. */
	readonly offset: Offset;
}

export interface SnapshotOptions {
	/** Told to stop a search breaks off, and what it says then is of no use. */
	readonly stop?: AbortSignal;
	/** False: the state keeps no digest. The bytes are still held against their own. */
	readonly isDigested?: boolean;
}

export async function readSnapshot(
	log: Log,
	partition: number,
	layout: Layout,
	options: SnapshotOptions = {},
): Promise<FoundSnapshot | null> {
	return (await searchSnapshot(log, partition, layout, options)).found;
}

/** Where a reader of the ledger may begin to judge its records: at the last snapshot, which is not read itself. */
export async function snapshotPlace(
	log: Log,
	partition: number,
): Promise<{ readonly head: LedgerHead; readonly next: Offset } | null> {
	const latest = await latestManifest(log, partition);
	if (latest === null || (await belongingOf(log, partition, latest.manifest)) !== "own") return null;
	const { claimId, seq, ledgerOffset } = latest.manifest;
	return { head: { claim: claimId, seq: seq - 1, previous: null }, next: ledgerOffset };
}

export async function searchSnapshot(
	log: Log,
	partition: number,
	layout: Layout,
	options: SnapshotOptions = {},
): Promise<SnapshotSearch> {
	const passed: PassedSnapshot[] = [];
	const tried = new Set<string>();
	const tryAll = async (candidates: readonly Candidate[]): Promise<FoundSnapshot | null> => {
		for (const candidate of candidates) {
			const { manifest, slot } = candidate;
			if (tried.has(manifest.snapshotId)) continue;
			tried.add(manifest.snapshotId);
			const belonging = await belongingOf(log, partition, manifest);
			const read = belonging === "own" ? await load(log, { partition, layout, candidate, ...options }) : WHY[belonging];
			if (typeof read !== "string") return { manifest, folded: read, slot };
			passed.push({ seq: manifest.seq, belonging, why: read });
		}
		return null;
	};
	const latest = await latestManifest(log, partition);
	const last = latest === null ? null : await tryAll([latest]);
	if (last !== null) return { found: last, passed };
	const { manifests, unread } = await allManifests(log, partition);
	passed.push(...unread);
	return { found: await tryAll(manifests), passed };
}

const WHY = {
	outlived: "retention has removed the entries that follow it",
	other: "it belongs to another ledger, which this topic had before",
	forked: "the ledger does not have the entry with which it ends",
} as const;

/** How many snapshots that were not finished are looked behind before the whole topic is read. */
const UNFINISHED_MAX = 8;

/**
 * The last manifest, looked for at the end of the topic, where it names its chunks: compaction is lazy, and what it has left
 * may be many snapshots long. A snapshot that is being written, or was given up, is behind it.
 */
async function latestManifest(log: Log, partition: number): Promise<Candidate | null> {
	const from = { topic: TOPICS.snapshots, partition };
	const { begin, end } = await log.bounds(from);
	let offset = end - 1;
	for (let looked = 0; looked <= UNFINISHED_MAX && offset >= begin; looked++) {
		const last = (await log.read(from, offset, { recordsMax: 1 })).at(0);
		const record = last === undefined || last.offset !== offset ? null : decodeDerived(last.value);
		if (!record?.ok) return null;
		if (record.value.type === "snapshot.manifest") {
			const manifest = record.value;
			return { manifest, slot: slotOf(last?.key), from: Math.max(begin, offset - manifest.chunks), offset };
		}
		if (record.value.type !== "snapshot.chunk") return null;
		offset -= record.value.index + 1;
	}
	return null;
}

/** The last manifest of each slot that can be read, wherever compaction has left it, the newest first; and those behind them that cannot. */
async function allManifests(
	log: Log,
	partition: number,
): Promise<{ readonly manifests: readonly Candidate[]; readonly unread: readonly PassedSnapshot[] }> {
	const from = { topic: TOPICS.snapshots, partition };
	const { begin } = await log.bounds(from);
	const first = new Map<string, Offset>();
	const latest = new Map<0 | 1, Candidate>();
	const unread = new Map<0 | 1, PassedSnapshot>();
	for await (const records of readToEnd(log, from, begin)) {
		for (const { value, key, offset } of records) {
			const read = decodeDerived(value);
			if (!read.ok) {
				const why = `its manifest cannot be read: ${read.error.message}`;
				if (key?.endsWith("/manifest") === true) unread.set(slotOf(key), { seq: -1, belonging: "unread", why });
				continue;
			}
			if (read.value.type === "snapshot.chunk" && !first.has(read.value.snapshotId)) {
				first.set(read.value.snapshotId, offset);
			}
			if (read.value.type !== "snapshot.manifest") continue;
			const slot = slotOf(key);
			unread.delete(slot);
			latest.set(slot, {
				manifest: read.value,
				slot,
				from: first.get(read.value.snapshotId) ?? offset,
				offset,
			});
		}
	}
	const manifests = [...latest.values()].sort((a, b) => b.manifest.seq - a.manifest.seq);
	return { manifests, unread: [...unread.values()] };
}

const slotOf = (key: string | null | undefined): 0 | 1 => (key?.startsWith("1/") ? 1 : 0);

async function belongingOf(log: Log, partition: number, manifest: SnapshotManifest): Promise<Belonging> {
	const ledger = { topic: TOPICS.decisions, partition };
	const { begin, end } = await log.bounds(ledger);
	const last = manifest.ledgerOffset - 1;
	if (begin === 0 && end > 0 && (await firstClaim(log, partition)) !== manifest.ledgerId) return "other";
	if (last < begin) return manifest.ledgerOffset === begin ? "own" : "outlived";
	if (last >= end) return end === 0 ? "other" : "forked";
	const [record] = await log.read(ledger, last, { recordsMax: 1 });
	if (record === undefined || record.offset !== last) return "forked";
	const seq = manifest.seq - 1;
	// Whatever its append: that it names the claim and the seq is asked here.
	const previous = { claim: manifest.claimId, first: Number(record.headers["assent-first"]) };
	const judged = judgeRecord({ claim: manifest.claimId, seq: seq - 1, previous }, record.headers);
	return judged.kind === "valid" && sha256Hex(record.value) === manifest.leafDigest ? "own" : "forked";
}

/** How many records before its first claim a ledger may have: strangers' ones, which are void. */
const BEFORE_CLAIM_MAX = 500;

/** The id of the claim with which a ledger begins that is whole; null where there is none. */
export async function firstClaim(log: Log, partition: number): Promise<string | null> {
	const records = await log.read({ topic: TOPICS.decisions, partition }, 0, { recordsMax: BEFORE_CLAIM_MAX });
	for (const { headers } of records) {
		const judged = judgeRecord({ claim: null, seq: -1, previous: null }, headers);
		if (judged.kind === "claim") return judged.head.claim;
	}
	return null;
}

/** The fold that a snapshot holds, or why there is none. */
async function load(
	log: Log,
	options: SnapshotOptions & { readonly partition: number; readonly layout: Layout; readonly candidate: Candidate },
): Promise<Folded | string> {
	const { partition, layout, stop, isDigested = true } = options;
	const { manifest, from, offset } = options.candidate;
	if (manifest.semantics !== SEMANTICS) return `it was written under semantics ${manifest.semantics}`;
	if (manifest.rowsFormat !== ROWS_FORMAT) return `its rows are of format ${manifest.rowsFormat}`;
	const building = new Building(manifest, layout, isDigested);
	const breath = new Breath();
	for await (const records of readToEnd(log, { topic: TOPICS.snapshots, partition }, from, offset)) {
		if (stop?.aborted === true) return NOT_WHOLE;
		for (const record of records) {
			const read = decodeDerived(record.value);
			if (!read.ok || read.value.type !== "snapshot.chunk" || read.value.snapshotId !== manifest.snapshotId) continue;
			const why = building.take(read.value);
			if (why !== null) return why;
			await breath.next();
		}
	}
	return building.finish();
}

/** A fold in the making, out of chunks in their order. */
class Building {
	readonly #manifest: SnapshotManifest;
	readonly #layout: Layout;
	readonly #isDigested: boolean;
	readonly #digest = createHash("sha256");
	#chunks = 0;
	#begun: { readonly state: State; readonly tree: CompactRange; readonly causeTimes: Folded["causeTimes"] } | null =
		null;

	constructor(manifest: SnapshotManifest, layout: Layout, isDigested: boolean) {
		this.#manifest = manifest;
		this.#layout = layout;
		this.#isDigested = isDigested;
	}

	take({ index, bytes }: SnapshotChunk): string | null {
		if (index !== this.#chunks) return NOT_WHOLE;
		this.#chunks += 1;
		this.#digest.update(bytes);
		try {
			if (this.#begun === null) return this.#begin(readHead(bytes));
			const { table, rows } = readRows(bytes);
			loadRows(this.#begun.state, table, rows);
			return null;
		} catch {
			// Bytes that make no state: what was written is judged by its digest, but no sooner than at the end.
			return DAMAGED;
		}
	}

	#begin({ layout, state: head, nextDigest, tree, causeTimes }: SnapshotHead): string | null {
		if (layoutDifference(this.#layout, layout) !== null) return "it was written under another layout";
		const state = stateUnder(this.#layout, head, nextDigest, {
			isDigested: this.#isDigested,
			hashSeed: HASH_SEED,
		});
		this.#begun = { state, tree: CompactRange.from(tree), causeTimes: { ...causeTimes } };
		return null;
	}

	finish(): Folded | string {
		const { seq, chunks, bytesDigest, claimId, ledgerId } = this.#manifest;
		if (this.#begun === null || this.#chunks !== chunks) return NOT_WHOLE;
		if (this.#digest.digest("hex") !== bytesDigest) return DAMAGED;
		const { state, tree, causeTimes } = this.#begun;
		// The digest covers the state's own partition, and the ledger to which it belongs is this partition's.
		const isDigestRight = !this.#isDigested || stateDigest(state) === this.#manifest.stateDigest;
		const isAsPromised = state.nextSeq === seq && tree.size === seq && isDigestRight;
		if (!isAsPromised) return "its state is not the one it promises";
		return {
			state,
			tree,
			head: { claim: claimId, seq: seq - 1, previous: null },
			origin: ledgerId,
			causeTimes,
			voids: 0,
		};
	}
}

const NOT_WHOLE = "it is not whole";
const DAMAGED = "it is damaged";
