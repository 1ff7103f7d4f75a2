/** The anchor's tiles, made again from what is on the log. */
import { leafBytes } from "../core/audit/anchor-round.ts";
import { TileTree } from "../core/audit/tile-tree.ts";
import { ANCHOR_PREFIX } from "../core/audit/tiles.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import { type AnchorSource, anchorRounds } from "../notary/anchor-rounds.ts";
import { writeFilled, writeTiles } from "../notary/published-tree.ts";
import type { PublicFolder } from "../ports/public-folder.ts";

export interface AnchorParts extends AnchorSource {
	readonly folder: PublicFolder;
	/** The checkpoint that the tree is for. */
	readonly until: TreeHead;
}

/** Writes its tiles. Null where the notes do not make up the tree that was signed. */
export async function rebuildAnchor({ folder, until, ...from }: AnchorParts): Promise<TileTree | null> {
	const tree = new TileTree();
	for await (const { leaves } of anchorRounds(from)) {
		for (const leaf of leaves) tree.append(leafBytes(leaf));
		await writeFilled(folder, ANCHOR_PREFIX, tree);
		if (tree.size >= until.size) break;
	}
	if (tree.size !== until.size || tree.root() !== until.root) return null;
	await writeTiles(folder, ANCHOR_PREFIX, tree);
	return tree;
}
