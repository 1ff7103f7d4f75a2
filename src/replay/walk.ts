/**
 * A walk along one partition's ledger: each valid entry with the input that it answers, before it is folded. Recomputation and re-audit are
 * visitors of it.
 *
 * W1  An input has the marks that its entry recorded (`late`, `ahead`, blind, unreviewed), whatever the clock says now.
 * W2  Whether a signature is good is found again from the record, by the keys that the policies in force then believed.
 */
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { decodeEntry, identify } from "../core/codec/decode.ts";
import { decodeLead, type EntryLead, isWhole } from "../core/codec/entry-lead.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { Input } from "../core/engine/input.ts";
import { beginFold, type Folded, foldEntry, foldState, takeRecord, unreadEntry } from "../core/ledger/fold.ts";
import type { LedgerHead } from "../core/ledger/validity.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import type { ControlRecord, IntentSubmitted } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import type { CompiledTrust } from "../core/policy/trust.ts";
import type { Signer } from "../core/policy/trust-index.ts";
import type { State } from "../core/state/state.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { VerifierOf } from "../ports/signer.ts";
import { type Consumed, consume, consumeLocked, heldIntentOffset, inputUnder } from "../reading/consumed.ts";
import { Erasures } from "../reading/erasures.ts";
import { intentAt, missingBy } from "../reading/intent-at.ts";
import { interrupted } from "../reading/partition-view.ts";
import { Signers, trustOf } from "../reading/signers.ts";
import { Causes } from "./causes.ts";

/** An entry as it was recorded, and what it was decided from. */
export interface Walked {
	/** State and tree before the entry. */
	readonly before: Folded;
	/** How the entry begins. */
	readonly lead: EntryLead;
	/**
	 * Read when it is asked for, which throws what is said of an entry that cannot be read. Whoever has one that is written in the same
	 * bytes can put it here: then nothing is read.
	 */
	entry: LedgerEntry;
	/** Of the ledger's record. */
	readonly offset: Offset;
	/** The entry as stored. */
	readonly value: Uint8Array;
	/** Null: it is `missing`. */
	readonly input: Input | null;
	/** Why there is no input. */
	readonly missing: MissingInput | null;
}

/**
 * The record is no longer on the log; what it says is sealed, and its key is not at hand; it does not open with the key at hand, though it did
 * when it was decided; it was erased.
 */
export type MissingInput = "input" | "sealed" | "seal" | "erased";

export interface WalkOptions {
	readonly layout: Layout;
	/** Bundles that were in force. */
	readonly catalogue: PolicyCatalogue;
	readonly verifierOf: VerifierOf;
	/** False: the state keeps no digest. Default true. */
	readonly isDigested?: boolean;
	/** False: the tree stays empty. Default true. */
	readonly isTreed?: boolean;
	/** Told of each claim. */
	readonly onClaim?: (layout: Layout, record: LogRecord) => void;
	/** Told of each record that does not count, and of what is due in its place. */
	readonly onVoid?: (record: LogRecord, head: LedgerHead) => void;
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
	const { layout, isDigested = true, isTreed = true, onClaim, onVoid, onProgress, signal } = options;
	const before = beginFold(layout, partition, { isDigested });
	const inputs = new Inputs(log, partition, options);
	for await (const records of readToEnd(log, { topic: TOPICS.decisions, partition }, 0)) {
		if (signal?.aborted === true) throw interrupted();
		for (const record of records) {
			const read = takeRecord(before, record, decodeLead);
			if (!read.ok) throw inPartition(partition, read.error);
			if (read.value.kind === "claim") onClaim?.(read.value.layout, record);
			if (read.value.kind === "void") onVoid?.(record, before.head);
			if (read.value.kind !== "entry") continue;
			const { entry: lead } = read.value;
			const ready = inputs.of(lead, before.state);
			const found = ready instanceof Promise ? await ready : ready;
			const walked = new WalkedEntry(before, lead, record, found);
			if (!visit(walked)) return before;
			if (isTreed) foldEntry(before, walked.entry, record.value);
			else foldState(before, walked.entry);
		}
		onProgress?.(records.length);
	}
	return before;
}

class WalkedEntry implements Walked {
	readonly before: Folded;
	readonly lead: EntryLead;
	readonly input: Input | null;
	readonly missing: MissingInput | null;
	readonly #record: LogRecord;
	#entry: LedgerEntry | null;

	constructor(before: Folded, lead: EntryLead, record: LogRecord, found: Input | MissingInput) {
		this.before = before;
		this.lead = lead;
		this.input = typeof found === "string" ? null : found;
		this.missing = typeof found === "string" ? found : null;
		this.#record = record;
		this.#entry = isWhole(lead) ? lead : null;
	}

	get offset(): Offset {
		return this.#record.offset;
	}

	get value(): Uint8Array {
		return this.#record.value;
	}

	get entry(): LedgerEntry {
		if (this.#entry !== null) return this.#entry;
		const read = decodeEntry(this.#record.value);
		if (!read.ok) throw inPartition(this.#record.partition, unreadEntry(this.#record, read.error));
		this.#entry = read.value;
		return read.value;
	}

	set entry(same: LedgerEntry) {
		this.#entry = same;
	}
}

class Inputs {
	readonly #log: Log;
	readonly #partition: number;
	readonly #signers: Signers;
	readonly #catalogue: PolicyCatalogue;
	readonly #causes: Causes;
	readonly #erasures: Erasures;

	constructor(log: Log, partition: number, { catalogue, verifierOf }: WalkOptions) {
		this.#erasures = new Erasures(log, partition);
		this.#log = log;
		this.#partition = partition;
		this.#signers = new Signers(verifierOf);
		this.#catalogue = catalogue;
		this.#causes = new Causes(log, partition);
	}

	/** What an entry answers, or why that is missing. A promise only where something has to be waited for. */
	of(lead: EntryLead, state: State): Input | MissingInput | Promise<Input | MissingInput> {
		const trust = trustOf(this.#catalogue, state.policy.digest);
		const isSigned = trust !== null || lead.cause.topic === "control";
		const wanted = isSigned || HAS_ADDRESS.has(lead.kind) ? "whole" : "value";
		const cause = this.#causes.read(lead.cause, wanted);
		if (cause === undefined) {
			const read = this.#causes.at(lead.cause, wanted);
			return read.then((later) => (later === null ? "input" : this.#input(later, lead, state, { trust, isSigned })));
		}
		return this.#input(cause, lead, state, { trust, isSigned });
	}

	#input(
		cause: LogRecord,
		lead: EntryLead,
		state: State,
		{ trust, isSigned }: Believed,
	): Input | MissingInput | Promise<Input | MissingInput> {
		const consumed = this.#consumed(cause, lead);
		if (typeof consumed === "string") return this.#erasures.why(consumed, cause);
		const held = consumed.read.ok ? heldIntentOffset(state, consumed.read.value) : null;
		if (held === null && !isSigned) return marked(consumed, lead);
		return this.#whole(consumed, lead, { held, inForce: state.policy.digest, trust });
	}

	/** What the processor could not tell for want of a key is in the entry, whoever has the key now. */
	#consumed(cause: LogRecord, lead: EntryLead): Consumed | "sealed" | "seal" | "erased" {
		const { topic } = lead.cause;
		const code = lead.kind === "input.rejected" ? lead.code : null;
		const locked = code === null ? undefined : LOCKED[code];
		if (locked !== undefined) return consumeLocked(cause, topic, locked);
		const wasUnread = code === "record.unreadable";
		const consumed = consume(cause, topic, this.#log.payloads);
		if (consumed.read.ok) return wasUnread ? consumeLocked(cause, topic, "RECORD_SEAL") : consumed;
		const { error } = consumed.read;
		if (error.code === "RECORD_SEAL") return wasUnread ? consumed : "seal";
		return missingBy(error.code) ?? consumed;
	}

	async #whole(consumed: Consumed, lead: EntryLead, { held, ...set }: Needed): Promise<Input | MissingInput> {
		const heldIntent = held === null ? undefined : await this.#heldAt(held, lead);
		if (typeof heldIntent === "string") return heldIntent;
		const signer = await this.#signerOf(consumed, set);
		return marked(consumed, lead, { heldIntent, signer });
	}

	/** Null where it was not at hand, or nobody asked for it, when the vote was recorded. */
	async #heldAt(offset: Offset, lead: EntryLead): Promise<IntentSubmitted | MissingInput | null> {
		const [record] = await this.#recordAt(offset);
		const isSealed = record !== undefined && identify(record.value)?.types.includes("intent.sealed") === true;
		const decision = lead.kind === "approval.recorded" ? lead.decision : null;
		const wasUnreadable = decision?.reasons[0]?.rule.code === "intent.unreadable";
		if (wasUnreadable && isSealed) return null;
		const intent = await intentAt(this.#log, this.#partition, offset);
		if (typeof intent !== "string") return intent;
		if (decision === null || wasUnreadable) return null;
		return intent === "gone" || record === undefined ? "input" : this.#erasures.why(intent, record);
	}

	async #recordAt(offset: Offset): Promise<readonly LogRecord[]> {
		const from = { topic: TOPICS.intents, partition: this.#partition };
		if (offset < (await this.#log.bounds(from)).begin) return [];
		return this.#log.read(from, offset, { recordsMax: 1 });
	}

	async #signerOf({ from, topic, read }: Consumed, { inForce, trust }: Omit<Needed, "held">): Promise<Signer | null> {
		if (!read.ok) return null;
		const catalogue = this.#catalogue;
		if (topic === "control") return this.#signers.issuerOf(from, read.value as ControlRecord, { catalogue, inForce });
		return trust === null ? null : this.#signers.publisherOf(from, trust);
	}
}

/** Of these entries the reply address is a part; nothing else is made of the headers of an intent that nobody has signed. */
const HAS_ADDRESS: ReadonlySet<string> = new Set<LedgerEntry["kind"]>(["decision.held", "decision.repeated"]);

/** Whether somebody must have signed the record, and whom the policies in force believe. */
interface Believed {
	readonly trust: CompiledTrust | null;
	readonly isSigned: boolean;
}

const LOCKED: Readonly<Record<string, "RECORD_SEALED" | "RECORD_ERASED">> = {
	"record.sealed": "RECORD_SEALED",
	"record.erased": "RECORD_ERASED",
};

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
	lead: EntryLead,
	{ heldIntent, signer }: { readonly heldIntent?: Held; readonly signer: Signer | null } = { signer: null },
): Input {
	const ready = { heldIntent, needsReview: isUnreviewed(lead), signer };
	return inputUnder(consumed, { late: lead.late, ahead: lead.ahead, blind: isBlind(lead) }, ready);
}

type Held = NonNullable<Parameters<typeof inputUnder>[2]>["heldIntent"];

const isBlind = (lead: EntryLead): boolean => lead.kind === "input.rejected" && lead.code === "policy.unavailable";

const isUnreviewed = (lead: EntryLead): boolean =>
	lead.kind === "policy.proposed" || (lead.kind === "input.rejected" && lead.code === "policy.unreviewed");

const inPartition = (partition: number, { code, message, help }: Problem): AssentError =>
	new AssentError(problem(code, `partition ${partition}: ${message}`, help));
