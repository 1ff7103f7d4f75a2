/**
 * A walk along one partition's ledger: each valid entry with the input that it answers, before it is folded. Recomputation and re-audit are
 * visitors of it.
 *
 * W1  An input has the marks that its entry recorded (`late`, `ahead`, blind, unreviewed), whatever the clock says now.
 * W2  Whether a signature is good is found again from the record, by the keys that the policies in force then believed.
 */
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { Input } from "../core/engine/input.ts";
import { beginFold, type Folded, foldEntry, takeRecord } from "../core/ledger/fold.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import type { ControlRecord } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import type { CompiledTrust } from "../core/policy/trust.ts";
import type { Signer } from "../core/policy/trust-index.ts";
import type { State } from "../core/state/state.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { VerifierOf } from "../ports/signer.ts";
import { type Consumed, consume, heldIntentOffset, inputOf } from "../reading/consumed.ts";
import { intentAt } from "../reading/intent-at.ts";
import { interrupted } from "../reading/partition-view.ts";
import { Signers, trustOf } from "../reading/signers.ts";
import { Causes } from "./causes.ts";

/** An entry as it was recorded, and what it was decided from. */
export interface Walked {
	/** State and tree before the entry. */
	readonly before: Folded;
	readonly entry: LedgerEntry;
	/** The entry as stored. */
	readonly value: Uint8Array;
	/** Null: the record is no longer on the log. */
	readonly input: Input | null;
}

export interface WalkOptions {
	readonly layout: Layout;
	/** Bundles that were in force. */
	readonly catalogue: PolicyCatalogue;
	readonly verifierOf: VerifierOf;
	/** False: the state keeps no digest. Default true. */
	readonly isDigested?: boolean;
	/** Called now and then with the number of ledger records passed since the last call. */
	readonly onProgress?: ((records: number) => void) | undefined;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the fold behind the last entry, or before the one with which `visit` said that it wants no more. Throws what reading throws, ASSENT_LEDGER_INVALID and ASSENT_LEDGER_VERSION, and ASSENT_STOPPED when
 * it was told to stop.
 */
export async function walk(
	log: Log,
	partition: number,
	options: WalkOptions,
	visit: (walked: Walked) => boolean,
): Promise<Folded> {
	const { layout, isDigested = true, onProgress, signal } = options;
	const before = beginFold(layout, partition, { isDigested });
	const causes = new Causes(log, partition);
	const inputs = new Inputs(log, partition, options);
	for await (const records of readToEnd(log, { topic: TOPICS.decisions, partition }, 0)) {
		if (signal?.aborted === true) throw interrupted();
		for (const record of records) {
			const read = takeRecord(before, record);
			if (!read.ok) throw inPartition(partition, read.error);
			if (read.value.kind !== "entry") continue;
			const { entry } = read.value;
			const cause = causes.read(entry.cause) ?? (await causes.at(entry.cause));
			const { value } = record;
			const ready = cause === null ? null : inputs.plain(cause, entry, before.state);
			const input = ready instanceof Promise ? await ready : ready;
			if (!visit({ before, entry, value, input })) return before;
			foldEntry(before, entry, value);
		}
		onProgress?.(records.length);
	}
	return before;
}

class Inputs {
	readonly #log: Log;
	readonly #partition: number;
	readonly #signers: Signers;
	readonly #catalogue: PolicyCatalogue;

	constructor(log: Log, partition: number, { catalogue, verifierOf }: WalkOptions) {
		this.#log = log;
		this.#partition = partition;
		this.#signers = new Signers(verifierOf);
		this.#catalogue = catalogue;
	}

	/** A promise only where something has to be waited for. */
	plain(cause: LogRecord, entry: LedgerEntry, state: State): Input | Promise<Input> {
		const consumed = consume(cause, entry.cause.topic);
		const trust = trustOf(this.#catalogue, state.policy.digest);
		const held = consumed.read.ok ? heldIntentOffset(state, consumed.read.value) : null;
		const isSigned = trust !== null || entry.cause.topic === "control";
		if (held === null && !isSigned) return marked(consumed, entry);
		return this.#whole(consumed, entry, { held, inForce: state.policy.digest, trust });
	}

	async #whole(consumed: Consumed, entry: LedgerEntry, { held, ...set }: Needed): Promise<Input> {
		const heldIntent = held === null ? undefined : await intentAt(this.#log, this.#partition, held);
		const signer = await this.#signerOf(consumed, set);
		return marked(consumed, entry, { heldIntent, signer });
	}

	async #signerOf({ from, topic, read }: Consumed, { inForce, trust }: Omit<Needed, "held">): Promise<Signer | null> {
		if (!read.ok) return null;
		const catalogue = this.#catalogue;
		if (topic === "control") return this.#signers.issuerOf(from, read.value as ControlRecord, { catalogue, inForce });
		return trust === null ? null : this.#signers.publisherOf(from, trust);
	}
}

/** What has to be looked for beside the record. */
interface Needed {
	/** Offset of the intent that a vote is about; null for what is no vote. */
	readonly held: Offset | null;
	/** Digest of the policies in force, and whom they believe. */
	readonly inForce: string;
	readonly trust: CompiledTrust | null;
}

/** What the processor's clock and configuration had said is in the entry. */
function marked(
	consumed: Consumed,
	entry: LedgerEntry,
	{ heldIntent, signer }: { readonly heldIntent?: Held; readonly signer: Signer | null } = { signer: null },
): Input {
	const ready = { heldIntent, needsReview: isUnreviewed(entry), signer };
	return { ...inputOf(consumed, 0, ready), late: entry.late, ahead: entry.ahead, blind: isBlind(entry) };
}

type Held = NonNullable<Parameters<typeof inputOf>[2]>["heldIntent"];

const isBlind = (entry: LedgerEntry): boolean => entry.kind === "input.rejected" && entry.code === "policy.unavailable";

const isUnreviewed = (entry: LedgerEntry): boolean =>
	entry.kind === "policy.proposed" || (entry.kind === "input.rejected" && entry.code === "policy.unreviewed");

const inPartition = (partition: number, { code, message, help }: Problem): AssentError =>
	new AssentError(problem(code, `partition ${partition}: ${message}`, help));
