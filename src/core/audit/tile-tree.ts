/**
 * A tree that grows, as the tiles that are published of it. It keeps the right edge alone: of each level the tile that is not full yet,
 * and the leaves that have no full bundle; what is full is handed out, and then forgotten.
 *
 * T1  Its root, and its tiles, are a function of the leaves and their order alone.
 */
import { hexOf, leafHash, nodeHash } from "../merkle/hashes.ts";
import { cover, joinedRoot, type Subtree } from "../merkle/subtree.ts";
import { bundleOf, LEAF_BYTES_MAX, TILE_WIDTH, type Tile } from "./tiles.ts";

/** Levels of a binary tree that one tile spans. */
const TILE_LEVELS = 8;
const HASH_BYTES = 32;

export interface TileFile extends Tile {
	readonly bytes: Uint8Array;
}

/** The hashes of a level's tile that is not full yet, a character for each byte, and how many full ones are before it. */
interface Edge {
	full: number;
	hashes: string[];
}

export class TileTree {
	#size = 0;
	#leaves: Uint8Array[] = [];
	readonly #edges: Edge[] = [];
	/** Full tiles that are not forgotten yet. */
	readonly #filled: TileFile[] = [];

	/** Number of leaves. */
	get size(): number {
		return this.#size;
	}

	/** Adds the leaf with index `size`; it must not change any more. It has LEAF_BYTES_MAX bytes at most. */
	append(leaf: Uint8Array): void {
		if (leaf.length > LEAF_BYTES_MAX) throw new RangeError(`a leaf of ${leaf.length} bytes fits into no bundle`);
		this.#leaves.push(leaf);
		this.#size += 1;
		if (this.#leaves.length === TILE_WIDTH) {
			const index = this.#size / TILE_WIDTH - 1;
			this.#filled.push({ level: "entries", index, width: TILE_WIDTH, bytes: bundleOf(this.#leaves) });
			this.#leaves = [];
		}
		this.#put(0, leafHash(leaf));
	}

	#put(level: number, hash: string): void {
		this.#edges[level] ??= { full: 0, hashes: [] };
		const edge = this.#edges[level];
		edge.hashes.push(hash);
		if (edge.hashes.length < TILE_WIDTH) return;
		const { full: index, hashes } = edge;
		this.#filled.push({ level, index, width: TILE_WIDTH, bytes: tileBytes(hashes) });
		this.#edges[level] = { full: index + 1, hashes: [] };
		this.#put(level + 1, fullRoot(hashes));
	}

	/** Merkle tree hash over all leaves, 64 hex digits. */
	root(): string {
		const roots = this.#edges.map(({ hashes }) =>
			cover(0, hashes.length).map(({ level, index }) => hexOf(fullRoot(spanOf(hashes, level, index)))),
		);
		return joinedRoot(roots.reverse().flat());
	}

	/** The tiles that were filled and not forgotten since, the oldest first. */
	get filled(): readonly TileFile[] {
		return this.#filled;
	}

	/** The oldest `count` of them are where `readTile` finds them. */
	forgetFilled(count: number): void {
		this.#filled.splice(0, count);
	}

	/** The tiles that are not full. */
	partial(): readonly TileFile[] {
		const tiles = this.#edges.flatMap(({ full: index, hashes }, level) =>
			hashes.length === 0 ? [] : [{ level, index, width: hashes.length, bytes: tileBytes(hashes) }],
		);
		const width = this.#leaves.length;
		if (width === 0) return tiles;
		const index = Math.floor(this.#size / TILE_WIDTH);
		return [...tiles, { level: "entries", index, width, bytes: bundleOf(this.#leaves) }];
	}

	/** The root of a full subtree, 64 hex digits; `readTile` gives the bytes of a full tile that was forgotten. */
	async subtreeHash(
		{ level, index }: Subtree,
		readTile: (tile: Tile) => Promise<Uint8Array> | Uint8Array,
	): Promise<string> {
		const tileLevel = Math.floor(level / TILE_LEVELS);
		const inTile = level % TILE_LEVELS;
		const perTile = 2 ** (TILE_LEVELS - inTile);
		const tileIndex = Math.floor(index / perTile);
		const edge = this.#edges[tileLevel];
		const kept = this.#filled.find((tile) => tile.level === tileLevel && tile.index === tileIndex)?.bytes;
		const hashes =
			edge !== undefined && tileIndex === edge.full
				? edge.hashes
				: hashesOf(kept ?? (await readTile({ level: tileLevel, index: tileIndex, width: TILE_WIDTH })));
		return hexOf(fullRoot(spanOf(hashes, inTile, index % perTile)));
	}
}

/** The hashes below a subtree inside of a tile. */
const spanOf = (hashes: readonly string[], level: number, index: number): readonly string[] =>
	hashes.slice(index * 2 ** level, (index + 1) * 2 ** level);

/** Of a power of two of hashes. */
function fullRoot(hashes: readonly string[]): string {
	let row = hashes;
	while (row.length > 1) {
		const above: string[] = [];
		for (let at = 0; at < row.length; at += 2) above.push(nodeHash(row[at] as string, row[at + 1] as string));
		row = above;
	}
	return row[0] as string;
}

const tileBytes = (hashes: readonly string[]): Uint8Array => Buffer.from(hashes.join(""), "latin1");

function hashesOf(bytes: Uint8Array): readonly string[] {
	const text = Buffer.from(bytes).toString("latin1");
	return Array.from({ length: text.length / HASH_BYTES }, (_, index) =>
		text.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES),
	);
}
