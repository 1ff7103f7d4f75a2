/**
 * Determinism: the ledger decided again from its inputs, in its own cause order and with its recorded marks, must come out
 * byte for byte. Reads the log through its port alone, one partition at a time.
 */
import { createHash } from "node:crypto";
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { decodeInput } from "../../src/core/codec/decode.ts";
import { encodeEntry } from "../../src/core/codec/encode.ts";
import type { PolicyCatalogue } from "../../src/core/engine/decide/context.ts";
import { decide } from "../../src/core/engine/decide/decide.ts";
import { beginFold, foldRecord } from "../../src/core/ledger/fold.ts";
import { CompactRange } from "../../src/core/merkle/compact-range.ts";
import type { Cause, LedgerEntry } from "../../src/core/model/entries.ts";
import type { ControlRecord, IntentSubmitted } from "../../src/core/model/inputs.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import type { Offset } from "../../src/core/model/units.ts";
import type { Signer } from "../../src/core/policy/trust-index.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { type Consumed, consume, heldIntentOffset, inputOf } from "../../src/processor/step.ts";
import { LogCatalogue } from "../../src/reading/catalogue.ts";
import { Signers, trustOf } from "../../src/reading/signers.ts";

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
	const signers = new Signers(verifierOf);
	let entries = 0;
	let same = 0;
	let firstDifference: string | null = null;
	const ledgers: RecomputedLedger[] = [];
	for (let partition = 0; partition < layout.partitions; partition++) {
		const inputs = new Inputs(log);
		const ledger = { topic: TOPICS.decisions, partition };
		// One fold is ahead of the other by the entry under examination: `state` is what it was decided from.
		const said = beginFold(layout, partition);
		const before = beginFold(layout, partition);
		const sum = createHash("sha256");
		const tree = new CompactRange();
		for await (const records of readToEnd(log, ledger, 0)) {
			for (const record of records) {
				const read = foldRecord(said, record);
				if (!read.ok) throw new Error(`${partition}/${record.offset}: ${read.error.message}`);
				if (read.value.kind === "entry") {
					const { entry } = read.value;
					entries += 1;
					const cause = await inputs.at(entry.cause);
					const consumed = consume(cause, entry.cause.topic);
					const offset = consumed.read.ok ? heldIntentOffset(before.state, consumed.read.value) : null;
					const heldIntent = offset === null ? undefined : await inputs.intent(partition, offset);
					const signer = await signerOf(consumed, signers, { catalogue, inForce: before.state.policy.digest });
					const input = {
						...inputOf(consumed, 0, { heldIntent, needsReview: isUnreviewed(entry), signer }),
						late: entry.late,
						ahead: entry.ahead,
						blind: isBlind(entry),
					};
					const again = encodeEntry(decide(before.state, input, isUnsigned(entry) ? UNSIGNED : catalogue));
					sum.update(again);
					tree.append(again);
					if (Buffer.compare(again, record.value) === 0) same += 1;
					else firstDifference ??= `partition ${partition}, seq ${entry.seq}: ${entry.kind} comes out otherwise`;
				}
				foldRecord(before, record);
			}
		}
		ledgers.push({ sha256: sum.digest("hex"), root: tree.root(), stateDigest: stateDigest(before.state) });
	}
	return { entries, same, firstDifference, ledgers };
}

/** Found again from the record. */
async function signerOf(
	{ from, topic, read }: Consumed,
	signers: Signers,
	{ catalogue, inForce }: { readonly catalogue: LogCatalogue; readonly inForce: string },
): Promise<Signer | null> {
	if (!read.ok) return null;
	const trust = trustOf(catalogue, inForce);
	if (topic === "intents") return trust === null ? null : signers.publisherOf(from, trust);
	return signers.issuerOf(from, read.value as ControlRecord, { catalogue, inForce });
}

/** The mark that a rejection carries in its code. */
const isBlind = (entry: LedgerEntry): boolean => entry.kind === "input.rejected" && entry.code === "policy.unavailable";

/** What the owner has found out before the step is in what came of it. */
export const isUnreviewed = (entry: LedgerEntry): boolean =>
	entry.kind === "policy.proposed" || (entry.kind === "input.rejected" && entry.code === "policy.unreviewed");

/** What the owner was told of signatures is in its configuration: what came of it is in the entry. */
const isUnsigned = (entry: LedgerEntry): boolean => entry.kind === "input.rejected" && entry.code === "policy.unsigned";
const UNSIGNED: PolicyCatalogue = { get: () => "unsigned" };

/** Reads inputs by position; those of a topic come in order, so that a page serves many. */
class Inputs {
	readonly #log: Log;
	readonly #pages = new Map<string, readonly LogRecord[]>();

	constructor(log: Log) {
		this.#log = log;
	}

	async at({ topic, partition, offset }: Cause): Promise<LogRecord> {
		const page = this.#pages.get(topic) ?? [];
		const found = page.find((record) => record.offset === offset);
		if (found !== undefined) return found;
		const records = await this.#log.read({ topic, partition }, offset);
		this.#pages.set(topic, records);
		const [first] = records;
		if (first?.offset !== offset) throw new Error(`the cause ${topic}/${partition}/${offset} is gone`);
		return first;
	}

	async intent(partition: number, offset: Offset): Promise<IntentSubmitted | null> {
		const [record] = await this.#log.read({ topic: TOPICS.intents, partition }, offset, { recordsMax: 1 });
		const read = record === undefined ? null : decodeInput(record.value, "intents");
		return read?.ok && read.value.type === "intent.submitted" ? read.value : null;
	}
}
