/**
 * Tiles (C2SP tlog-tiles): a tree as files that never change once they are full, so that any web server can hand it out.
 *
 * A tile has up to 256 hashes of one level of tiles: at level L the roots of full subtrees of 256^L leaves. The leaves themselves are in
 * bundles of up to 256.
 */

/** Hashes in a full tile, and leaves in a full bundle. */
export const TILE_WIDTH = 256;

/** The longest leaf that a bundle can hold, in bytes. */
export const LEAF_BYTES_MAX = 65_535;

export interface Tile {
	/** Of tiles, or of the bundles of leaves. */
	readonly level: number | "entries";
	readonly index: number;
	/** How many hashes or leaves it has: 1 to 256. */
	readonly width: number;
}

/** `tile/0/x001/067.p/8`, below the tree's prefix. */
export function tilePath({ level, index, width }: Tile): string {
	const digits = String(index).padStart(3 * Math.ceil(String(index).length / 3), "0");
	const groups = digits.match(/.../g) as string[];
	const number = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join("/");
	return `tile/${level}/${number}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** Whether the path is that of a tile, or of a bundle, which a tree of so many leaves has. */
export function isTileOf(size: number, path: string): boolean {
	const [, name, groups, width = TILE_WIDTH] =
		/^tile\/(\d|entries)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
	if (name === undefined || groups === undefined) return false;
	const level = name === "entries" ? name : Number(name);
	const tile: Tile = { level, index: Number(groups.replace(/[x/]/g, "")), width: Number(width) };
	const hashes = Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level)) - tile.index * TILE_WIDTH;
	return tile.width > 0 && tile.width === Math.min(TILE_WIDTH, hashes) && tilePath(tile) === path;
}

/** Where the anchor's tree is, in the folder of all trees. */
export const ANCHOR_PREFIX = "anchor";

/** Where the tree of a partition is; null: the anchor's. */
export const treePrefix = (partition: number | null): string => (partition === null ? ANCHOR_PREFIX : `p/${partition}`);

/** A bundle: each leaf behind its length, 16 bits. */
export function bundleOf(leaves: readonly Uint8Array[]): Uint8Array {
	const bundle = Buffer.alloc(leaves.reduce((bytes, leaf) => bytes + 2 + leaf.length, 0));
	let at = 0;
	for (const leaf of leaves) {
		at = bundle.writeUInt16BE(leaf.length, at);
		bundle.set(leaf, at);
		at += leaf.length;
	}
	return bundle;
}

/** Null where the bytes are no bundle. */
export function readBundle(bytes: Uint8Array): readonly Uint8Array[] | null {
	const bundle = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const leaves: Uint8Array[] = [];
	for (let at = 0; at < bundle.length; ) {
		if (at + 2 > bundle.length) return null;
		const end = at + 2 + bundle.readUInt16BE(at);
		if (end > bundle.length) return null;
		leaves.push(bytes.subarray(at + 2, end));
		at = end;
	}
	return leaves;
}
