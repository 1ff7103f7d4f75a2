/** A tree and the static files that are published of it once it is signed. */
import type { TileFile, TileTree } from "../core/audit/tile-tree.ts";
import { TILE_WIDTH, type Tile, tilePath } from "../core/audit/tiles.ts";
import type { PublicFolder } from "../ports/public-folder.ts";

/** Forgets the full tiles. False where the folder lacks one of them, or has another in its place. */
export async function checkFilled(folder: PublicFolder, prefix: string, tree: TileTree): Promise<boolean> {
	let isWhole = true;
	const filled = [...tree.filled];
	for (const tile of filled) {
		const found = await folder.read(`${prefix}/${tilePath(tile)}`);
		isWhole &&= found !== null && Buffer.compare(found, tile.bytes) === 0;
	}
	tree.forgetFilled(filled.length);
	return isWhole;
}

/** Writes the full tiles that were not written yet. Their partial forms have served, and go. */
export async function writeFilled(folder: PublicFolder, prefix: string, tree: TileTree): Promise<void> {
	const filled = [...tree.filled];
	for (const tile of filled) {
		await writeTile(folder, prefix, tile);
		await folder.remove(`${prefix}/${tilePath(tile)}.p`);
	}
	tree.forgetFilled(filled.length);
}

/** Everything that a checkpoint of the tree as it is needs. */
export async function writeTiles(folder: PublicFolder, prefix: string, tree: TileTree): Promise<void> {
	await writeFilled(folder, prefix, tree);
	for (const tile of tree.partial()) await writeTile(folder, prefix, tile);
}

const writeTile = (folder: PublicFolder, prefix: string, tile: TileFile): Promise<void> =>
	folder.write(`${prefix}/${tilePath(tile)}`, tile.bytes);

/** Null where neither it nor the full tile that has taken its place is there. */
export async function readTile(folder: PublicFolder, prefix: string, tile: Tile): Promise<Uint8Array | null> {
	const found = await folder.read(`${prefix}/${tilePath(tile)}`);
	if (found !== null || tile.width === TILE_WIDTH) return found;
	return folder.read(`${prefix}/${tilePath({ ...tile, width: TILE_WIDTH })}`);
}
