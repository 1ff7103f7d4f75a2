/** The anchor tree: its leaves are the notes of all partitions' checkpoints, in the order in which they were signed. */
import { TileTree } from "../core/audit/tile-tree.ts";
import { ANCHOR_PREFIX, readBundle, TILE_WIDTH } from "../core/audit/tiles.ts";
import { consistencyFault, consistencyProof, type TreeHead } from "../core/merkle/proof.ts";
import type { Subtree } from "../core/merkle/subtree.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import { readTile, writeTiles } from "./published-tree.ts";
import { stateLost } from "./refusal.ts";
import type { SignedState } from "./signed-state.ts";

export class Anchor {
	readonly #tree = new TileTree();
	readonly #folder: PublicFolder;

	private constructor(folder: PublicFolder) {
		this.#folder = folder;
	}

	/**
	 * As the state says it was signed: from the folder, and from the state what it was about to write there. Throws ASSENT_NOTARY_STATE
	 * where the folder does not have it.
	 */
	static async restore(folder: PublicFolder, { anchor: signed, added }: SignedState): Promise<Anchor> {
		const anchor = new Anchor(folder);
		if (signed === null) return anchor;
		const published = signed.size - added.length;
		for (let index = 0; index * TILE_WIDTH < published; index++) {
			const width = Math.min(TILE_WIDTH, published - index * TILE_WIDTH);
			const bytes = await readTile(folder, ANCHOR_PREFIX, { level: "entries", index, width });
			const leaves = bytes === null ? null : readBundle(bytes);
			if (leaves === null || leaves.length < width)
				throw stateLost(
					`the folder lacks leaves ${index * TILE_WIDTH} to ${index * TILE_WIDTH + width - 1} of the anchor`,
				);
			for (const leaf of leaves.slice(0, width)) anchor.#tree.append(leaf);
		}
		anchor.append(added);
		if (anchor.#tree.root() !== signed.root)
			throw stateLost(`the anchor's leaves in the folder are not those that were signed, ${signed.size} of them`);
		return anchor;
	}

	get head(): TreeHead {
		return { size: this.#tree.size, root: this.#tree.root() };
	}

	append(notes: readonly string[]): void {
		for (const note of notes) this.#tree.append(new TextEncoder().encode(note));
	}

	publish(): Promise<void> {
		return writeTiles(this.#folder, ANCHOR_PREFIX, this.#tree);
	}

	/** From a tree of `size` leaves to the one that is. Throws ASSENT_NOTARY_STATE where tiles of the folder are missing. */
	async proofFrom(size: number): Promise<readonly string[]> {
		return consistencyProof(size, this.#tree.size, (subtree) => this.#hashOf(subtree));
	}

	#hashOf(subtree: Subtree): Promise<string> {
		return this.#tree.subtreeHash(subtree, async (tile) => {
			const bytes = await readTile(this.#folder, ANCHOR_PREFIX, tile);
			if (bytes === null) throw stateLost(`the folder lacks tile ${tile.index} of level ${tile.level} of the anchor`);
			return bytes;
		});
	}

	/** Throws ASSENT_NOTARY_STATE unless the tree begins with what was signed last of it, as its hashes and the folder's tiles show. */
	async assertContinues(signed: TreeHead): Promise<void> {
		const fault = consistencyFault(signed, this.head, await this.proofFrom(signed.size));
		if (fault !== null) throw stateLost(`the anchor does not continue what was signed of it: ${fault}`);
	}
}
