/** A folder of static tiles, a notary's or an export's, held against the log: whoever reads the one reads the other. */
import type { Finding, FindingCode } from "../core/audit/finding.ts";
import { TileTree } from "../core/audit/tile-tree.ts";
import { ANCHOR_PREFIX, readBundle, TILE_WIDTH, type Tile, tilePath, treePrefix } from "../core/audit/tiles.ts";
import { AssentError } from "../core/base/errors.ts";
import { keyId, readPublicKey } from "../core/model/signing-keys.ts";
import { LedgerTree } from "../notary/ledger-tree.ts";
import { readTile } from "../notary/published-tree.ts";
import type { Log } from "../ports/log/log.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import { isFault, type NoteKeys, readSigned } from "./notes.ts";
import type { FoundNote } from "./signed-on-log.ts";

/** A folder, and its name for findings. */
export interface NamedFolder {
	readonly name: string;
	readonly folder: PublicFolder;
}

type Found = (finding: Finding) => void;

/** The checkpoint below a prefix; null where there is none, or none that is this log's. */
export async function folderNote(
	{ name, folder }: NamedFolder,
	partition: number | null,
	keys: NoteKeys,
	found: Found,
): Promise<FoundNote | null> {
	const path = `${treePrefix(partition)}/checkpoint`;
	const bytes = await folder.read(path);
	if (bytes === null) return null;
	const where = `\`${name}/${path}\``;
	const tell = (code: FindingCode, what: string): null => {
		found({ code, partition, topic: null, offset: null, seq: null, message: `${where} ${what}` });
		return null;
	};
	const read = readSigned(Buffer.from(bytes).toString("utf8"), keys);
	if (isFault(read)) return tell(read.code, read.what);
	if (read.of !== partition) return tell("checkpoint.foreign", `is of \`${read.origin}\``);
	return { ...read, where, place: null, at: 0 };
}

/** The key that the folder says it is signed with, if it says one. */
export async function verifyFolderKey({ name, folder }: NamedFolder, { log }: NoteKeys, found: Found): Promise<void> {
	const bytes = log === null ? null : await folder.read("log.vkey");
	if (log === null || bytes === null) return;
	const read = readPublicKey(Buffer.from(bytes).toString("utf8").trim());
	if (read.ok && read.value.name === log.name && keyId(read.value) === log.id) return;
	const said = read.ok ? `the key \`${read.value.name}+${keyId(read.value)}\`` : "no key";
	const message = `\`${name}/log.vkey\` has ${said}, where \`${log.name}+${log.id}\` is due`;
	found({ code: "folder.differs", partition: null, topic: null, offset: null, seq: null, message });
}

/** The tiles of a partition's tree. */
export async function verifyLedgerTiles(
	named: NamedFolder,
	log: Log,
	partition: number,
	{ size }: FoundNote,
	found: Found,
): Promise<void> {
	const ledger = new LedgerTree(log, partition);
	const tiles = new Tiles(named, partition, found);
	try {
		if (await ledger.read(size, () => tiles.checkFilled(ledger.tree))) await tiles.checkPartial(ledger.tree);
	} catch (thrown) {
		// What is wrong with the log is told where it is read.
		if (!(thrown instanceof AssentError)) throw thrown;
	}
}

/** The anchor's leaves and tiles. `known`: all checkpoints of partitions on the log. */
export async function verifyAnchorTiles(
	named: NamedFolder,
	{ size, root }: FoundNote,
	known: ReadonlySet<string>,
	found: Found,
): Promise<void> {
	const tree = new TileTree();
	const tiles = new Tiles(named, null, found);
	for (let index = 0; index * TILE_WIDTH < size; index++) {
		const tile: Tile = { level: "entries", index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) };
		const bytes = await readTile(named.folder, ANCHOR_PREFIX, tile);
		const leaves = bytes === null ? null : readBundle(bytes);
		if (leaves === null || leaves.length < tile.width) {
			tiles.tell(
				bytes === null ? "folder.missing" : "folder.differs",
				tile,
				bytes === null ? "is not there" : "is no bundle of leaves",
			);
			return;
		}
		for (const leaf of leaves.slice(0, tile.width)) {
			if (!known.has(Buffer.from(leaf).toString("utf8")))
				tiles.tell("anchor.leaf", tile, `has a leaf ${tree.size} that is no checkpoint on the log`);
			tree.append(leaf);
		}
		await tiles.checkFilled(tree);
	}
	await tiles.checkPartial(tree);
	if (tree.root() === root) return;
	const message = `the ${size} leaves of the anchor in \`${named.name}\` have root ${tree.root().slice(0, 12)}, and its checkpoint has ${root.slice(0, 12)}`;
	found({ code: "anchor.root", partition: null, topic: null, offset: null, seq: null, message });
}

class Tiles {
	readonly #named: NamedFolder;
	readonly #partition: number | null;
	readonly #found: Found;

	constructor(named: NamedFolder, partition: number | null, found: Found) {
		this.#named = named;
		this.#partition = partition;
		this.#found = found;
	}

	async checkFilled(tree: TileTree): Promise<void> {
		const filled = [...tree.filled];
		for (const tile of filled) await this.#check(tile, tile.bytes);
		tree.forgetFilled(filled.length);
	}

	async checkPartial(tree: TileTree): Promise<void> {
		await this.checkFilled(tree);
		for (const tile of tree.partial()) await this.#check(tile, tile.bytes);
	}

	/** A full tile may have taken the place of a partial one: then it begins with that. */
	async #check(tile: Tile, due: Uint8Array): Promise<void> {
		const is = await readTile(this.#named.folder, treePrefix(this.#partition), tile);
		if (is === null) this.tell("folder.missing", tile, "is not there");
		else if (
			Buffer.compare(is.subarray(0, due.length), due) !== 0 ||
			(is.length !== due.length && tile.width === TILE_WIDTH)
		)
			this.tell("folder.differs", tile, "is not what follows from the log");
	}

	tell(code: FindingCode, tile: Tile, what: string): void {
		const path = `${treePrefix(this.#partition)}/${tilePath(tile)}`;
		const message = `\`${this.#named.name}/${path}\` ${what}`;
		this.#found({ code, partition: this.#partition, topic: null, offset: null, seq: null, message });
	}
}
