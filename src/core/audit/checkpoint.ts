/** Checkpoints (C2SP tlog-checkpoint, v1): what a log signs of its tree, as the text of a note. */
import type { TreeHead } from "../merkle/proof.ts";
import { fromBase64 } from "../model/signing-keys.ts";

export interface Checkpoint extends TreeHead {
	/** Names the log. */
	readonly origin: string;
}

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
	`${origin}\n${size}\n${Buffer.from(root, "hex").toString("base64")}\n`;

/** Null where the text is no checkpoint. Lines behind the third are nobody's to check, and are passed over. */
export function readCheckpoint(text: string): Checkpoint | null {
	if (!text.endsWith("\n")) return null;
	const lines = text.slice(0, -1).split("\n");
	const [origin = "", size = "", encoded = ""] = lines;
	const root = fromBase64(encoded);
	if (lines.some((line) => line === "") || root?.length !== HASH_BYTES || !SIZE.test(size)) return null;
	return Number.isSafeInteger(Number(size))
		? { origin, size: Number(size), root: Buffer.from(root).toString("hex") }
		: null;
}

const HASH_BYTES = 32;

/** No sign, no leading zero. */
const SIZE = /^(?:0|[1-9][0-9]{0,15})$/;

/** The tree of a partition's ledger. */
export const partitionOrigin = (name: string, partition: number): string => `${name}/decisions/${partition}`;

/** The tree over all partitions' checkpoints. */
export const anchorOrigin = (name: string): string => `${name}/anchor`;
