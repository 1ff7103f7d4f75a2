/**
 * The trees of a copied log, and the latest checkpoints that were signed of them, as a notary publishes them: read from the copy, so that
 * whoever checks the folder checks what is in it.
 */
import { anchorOrigin, partitionOrigin } from "../core/audit/checkpoint.ts";
import { ANCHOR_PREFIX } from "../core/audit/tiles.ts";
import { AssentError, type ErrorCode } from "../core/base/errors.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import { publicKeyText } from "../core/model/signing-keys.ts";
import { LedgerTree } from "../notary/ledger-tree.ts";
import { writeFilled, writeTiles } from "../notary/published-tree.ts";
import { type NoteOnLog, notesOn } from "../notary/signed-records.ts";
import type { Log } from "../ports/log/log.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import type { Verifier } from "../ports/signer.ts";
import { interrupted } from "../reading/partition-view.ts";
import { rebuildAnchor } from "./anchor-tree.ts";

export interface AuditParts {
	/** The copy. */
	readonly log: Log;
	readonly partitions: number;
	/** Whose checkpoints are taken; null: whoever's are there, if they are one log's. */
	readonly verifier: Verifier | null;
	readonly folder: PublicFolder;
	/** Told of entries as they are read. */
	readonly onProgress?: (entries: number) => void;
	readonly signal?: AbortSignal;
}

export interface AuditFolder {
	/** The whole ledgers, by partition; null where one cannot be followed from its first entry on. */
	readonly trees: readonly (TreeHead | null)[];
	readonly signed: {
		readonly name: string;
		readonly partitions: readonly (TreeHead & { readonly partition: number })[];
		readonly anchor: TreeHead | null;
	} | null;
	/** What does not fit together, for whoever made the export: sentences. */
	readonly findings: readonly string[];
}

/** Throws what the log and the folder throw, and ASSENT_STOPPED. */
export async function writeAuditFolder(parts: AuditParts): Promise<AuditFolder> {
	const { log, partitions, verifier, folder } = parts;
	const findings: string[] = [];
	const latest = await latestNotes(log, partitions, verifier);
	const name = logName(latest, findings);
	const trees: (TreeHead | null)[] = [];
	const signed: (TreeHead & { readonly partition: number })[] = [];
	for (let partition = 0; partition < partitions; partition++) {
		const note = name === null ? undefined : latest.get(partitionOrigin(name, partition));
		const { tree, isPublished } = await publishLedger(parts, partition, note ?? null, findings);
		trees.push(tree);
		if (note !== undefined && isPublished) signed.push({ partition, size: note.size, root: note.root });
	}
	if (name === null) return { trees, signed: null, findings };
	const anchor = latest.get(anchorOrigin(name));
	const anchored = anchor === undefined ? null : await publishAnchor(parts, name, anchor, findings);
	if (verifier !== null) await folder.write("log.vkey", bytesOf(`${publicKeyText(verifier.key)}\n`));
	return { trees, signed: { name, partitions: signed, anchor: anchored }, findings };
}

/** Of each origin the largest; of one size the last that was published, which may have more signatures. */
async function latestNotes(log: Log, partitions: number, verifier: Verifier | null): Promise<Map<string, NoteOnLog>> {
	const latest = new Map<string, NoteOnLog>();
	for (let partition = 0; partition < partitions; partition++) {
		for await (const note of notesOn(log, partition, verifier)) {
			const before = latest.get(note.origin);
			if (before === undefined || note.size >= before.size) latest.set(note.origin, note);
		}
	}
	return latest;
}

/** The one log that has signed; null where none has, or nobody can tell which is meant. */
function logName(latest: ReadonlyMap<string, NoteOnLog>, findings: string[]): string | null {
	const names = new Set(
		[...latest.keys()].map((origin) => /^(.+)\/(?:decisions\/\d+|anchor)$/.exec(origin)?.[1] ?? origin),
	);
	const [name] = names;
	if (names.size < 2) return name ?? null;
	findings.push(
		`\`checkpoints\` has those of ${[...names]
			.sort()
			.map((each) => `\`${each}\``)
			.join(", ")}: none is in \`audit\` until one is named with \`--key\``,
	);
	return null;
}

/** Codes of a ledger that is not what it was, or never was one. */
const BROKEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ASSENT_NOTARY_HISTORY", "ASSENT_LEDGER_INVALID"]);

/** Tiles as far as was signed; the root of all of it. */
async function publishLedger(
	{ log, folder, onProgress, signal }: AuditParts,
	partition: number,
	note: NoteOnLog | null,
	findings: string[],
): Promise<{ readonly tree: TreeHead | null; readonly isPublished: boolean }> {
	const ledger = new LedgerTree(log, partition);
	let isPublished = false;
	let read = 0;
	const told = (): void => {
		onProgress?.(ledger.tree.size - read);
		read = ledger.tree.size;
		if (signal?.aborted === true) throw interrupted();
	};
	try {
		if (note !== null) {
			const isReached = await ledger.read(note.size, async () => {
				told();
				await writeFilled(folder, ledger.prefix, ledger.tree);
			});
			isPublished = isReached && ledger.tree.root() === note.root;
			if (isPublished) {
				await writeTiles(folder, ledger.prefix, ledger.tree);
				await folder.write(`${ledger.prefix}/checkpoint`, bytesOf(note.note));
			} else {
				findings.push(unfit(note, isReached ? "another root there" : `only ${ledger.tree.size} entries`));
				await folder.remove(ledger.prefix);
			}
		}
		await ledger.read(Number.POSITIVE_INFINITY, async () => {
			told();
			ledger.tree.forgetFilled(ledger.tree.filled.length);
		});
		return { tree: { size: ledger.tree.size, root: ledger.tree.root() }, isPublished };
	} catch (thrown) {
		if (!(thrown instanceof AssentError) || !BROKEN.has(thrown.code)) throw thrown;
		findings.push(`the ledger of partition ${partition} cannot be followed to its end: ${thrown.problem.message}`);
		if (!isPublished) await folder.remove(ledger.prefix);
		return { tree: null, isPublished };
	}
}

async function publishAnchor(
	{ log, partitions, verifier, folder }: AuditParts,
	name: string,
	note: NoteOnLog,
	findings: string[],
): Promise<TreeHead | null> {
	const tree = await rebuildAnchor({ log, partitions, verifier, name, folder, until: note });
	if (tree !== null) {
		await folder.write(`${ANCHOR_PREFIX}/checkpoint`, bytesOf(note.note));
		return { size: note.size, root: note.root };
	}
	findings.push(unfit(note, "other checkpoints before it"));
	await folder.remove(ANCHOR_PREFIX);
	return null;
}

const unfit = ({ origin, size }: NoteOnLog, found: string): string =>
	`the checkpoint of \`${origin}\` with ${size} leaves does not fit the log, which has ${found}: it is not in \`audit\``;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
