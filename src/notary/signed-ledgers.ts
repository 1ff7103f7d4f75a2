/** What was signed last, and whether the log still has it: asked before a notary signs anything. */
import { anchorOrigin, partitionOrigin } from "../core/audit/checkpoint.ts";
import { counted } from "../core/base/count-text.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import { LedgerTree } from "./ledger-tree.ts";
import type { NotaryParts } from "./parts.ts";
import { checkFilled, writeFilled } from "./published-tree.ts";
import { historyChanged, stateLost } from "./refusal.ts";
import { signedOn } from "./signed-records.ts";
import { noneSigned, readState, type Signed, type SignedState } from "./signed-state.ts";

/**
 * What was signed last, by the state, and the largest trees by `checkpoints`. Throws ASSENT_NOTARY_STATE where the state is older than what
 * is on the log, or is another's.
 */
export async function assertLatest(
	parts: NotaryParts,
): Promise<{ readonly signed: SignedState; readonly onLog: ReadonlyMap<string, TreeHead> }> {
	const { log, layout, signer, verifier } = parts;
	// In this order: another notary may be at work, and what is on the log is in the state before.
	const onLog = await signedOn(log, layout.partitions, verifier);
	const signed = await lastSigned(parts);
	for (const [origin, head] of onLog) {
		const known = signedAs(signed, signer.key.name, origin);
		if (known === null || known.size < head.size || (known.size === head.size && known.root !== head.root))
			throw stateLost(
				`the key has signed \`${origin}\` with ${head.size} leaves, as \`checkpoints\` of ${log.url} tells, and the state has ${known === null ? "none" : known.size} of it`,
			);
	}
	return { signed, onLog };
}

async function lastSigned({ state, signer, layout }: NotaryParts): Promise<SignedState> {
	const latest = await state.latest();
	if (latest === null) return noneSigned(layout.partitions);
	const read = readState(latest.text, latest.version, { name: signer.key.name, partitions: layout.partitions });
	if (read !== null) return read;
	throw stateLost(
		`version ${latest.version} of the state is none of the key \`${signer.key.name}\` on ${counted(layout.partitions, "partition")}`,
	);
}

function signedAs({ partitions, anchor }: SignedState, name: string, origin: string): Signed | null {
	if (origin === anchorOrigin(name)) return anchor;
	return partitions.find((_, partition) => origin === partitionOrigin(name, partition)) ?? null;
}

/** The ledger of a partition, ready to go on. Read as far as was signed, and no further: a checkpoint needs tiles of its own size. What the folder lacks of them is written. */
export async function signedLedger(
	{ log, folder }: NotaryParts,
	partition: number,
	last: Signed | null,
): Promise<LedgerTree> {
	const ledger = new LedgerTree(log, partition);
	if (last === null) return ledger;
	let isWhole = true;
	const onPage = async (): Promise<void> => {
		isWhole = (await checkFilled(folder, ledger.prefix, ledger.tree)) && isWhole;
	};
	await readSigned(ledger, last, onPage);
	if (isWhole) return ledger;
	// The log has what was signed: the folder is what is damaged.
	const again = new LedgerTree(log, partition);
	await readSigned(again, last, () => writeFilled(folder, again.prefix, again.tree));
	return again;
}

async function readSigned(ledger: LedgerTree, { size, root }: Signed, onPage: () => Promise<void>): Promise<void> {
	const { partition } = ledger.at;
	if (!(await ledger.read(size, onPage)))
		throw historyChanged(
			`the ledger of partition ${partition} has ${ledger.tree.size} entries, and ${size} were signed: it has lost its end`,
		);
	if (ledger.tree.root() !== root)
		throw historyChanged(
			`the first ${size} entries of the ledger of partition ${partition} are not those that were signed`,
		);
}
