/** Determinism: the ledger decided again from its inputs must come out byte for byte. Reads the log through its port alone, one partition at a time. */
import { createHash } from "node:crypto";
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { CompactRange } from "../../src/core/merkle/compact-range.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { LogCatalogue } from "../../src/reading/catalogue.ts";
import { recomputed } from "../../src/replay/recompute.ts";
import { walk } from "../../src/replay/walk.ts";

export interface Recomputation {
	/** Entries that were decided again. */
	readonly entries: number;
	/** Entries whose bytes came out again. */
	readonly same: number;
	readonly firstDifference: string | null;
	/** By partition. */
	readonly ledgers: readonly RecomputedLedger[];
}

/** What another Node must get from the same inputs. */
export interface RecomputedLedger {
	/** SHA-256 of the entries that were decided again, one after the other. */
	readonly sha256: string;
	/** The Merkle root of them. */
	readonly root: string;
	/** Of the state behind the last entry. */
	readonly stateDigest: string;
}

export async function recompute(log: Log, layout: Layout): Promise<Recomputation> {
	const catalogue = new LogCatalogue({ log, budgetRoot: layout.budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	let entries = 0;
	let same = 0;
	let firstDifference: string | null = null;
	const ledgers: RecomputedLedger[] = [];
	for (let partition = 0; partition < layout.partitions; partition++) {
		const sum = createHash("sha256");
		const tree = new CompactRange();
		const { state } = await walk(log, partition, { layout, catalogue, verifierOf }, (walked) => {
			const { seq, kind } = walked.entry;
			entries += 1;
			const again = recomputed(walked, catalogue);
			if (again.kind === "unverifiable") {
				firstDifference ??= `partition ${partition}, seq ${seq}: ${kind} cannot be decided again: ${again.why}`;
				return true;
			}
			sum.update(again.written);
			tree.append(again.written);
			if (again.kind === "same") same += 1;
			else firstDifference ??= `partition ${partition}, seq ${seq}: ${kind} comes out otherwise`;
			return true;
		});
		ledgers.push({ sha256: sum.digest("hex"), root: tree.root(), stateDigest: stateDigest(state) });
	}
	return { entries, same, firstDifference, ledgers };
}
