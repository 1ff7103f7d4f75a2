/**
 * Which records of a ledger count: the one rule that restore, clients, auditors, replay and every checker use.
 *
 * Reading a partition in order, the latest claim is in force. An entry is valid if it names the claim in force, continues
 * `seq`, and is either the first of its append or stands directly behind a valid entry of the same append. All else is
 * void, for every reader and forever.
 *
 * V1  Valid entries have dense `seq` from 0, one each.
 * V2  Nothing written under a claim is valid behind a later claim.
 * V3  An append is valid as a whole: once one of its entries is void, so is the rest.
 * V4  The judgement depends on headers and their order alone: not on values, offsets, clocks or who reads.
 */

/** Headers of a record of `decisions`. */
export type LedgerHeaders = Readonly<Record<string, string>>;

/**
 * What a reader has to know to judge the next record. A reader that begins at a snapshot takes `claim` and `seq` from it
 * and null for `previous`: snapshots are made where an append ends.
 */
export interface LedgerHead {
	/** Id of the latest claim; null before the first. */
	readonly claim: string | null;
	/** `seq` of the last valid entry; -1 when there is none. */
	readonly seq: number;
	/** The append to which the record directly before belongs, if that record is a valid entry. */
	readonly previous: LedgerAppend | null;
}

/** One append: the claim it was written under and the `seq` of its first entry. */
interface LedgerAppend {
	readonly claim: string;
	readonly first: number;
}

/** `head` is what the next record is judged with. After a valid entry, `head.seq` is that entry's. */
export type Judgement =
	| { readonly kind: "claim"; readonly head: LedgerHead }
	| { readonly kind: "valid"; readonly head: LedgerHead }
	| { readonly kind: "void"; readonly why: string; readonly head: LedgerHead };

const CLAIM_HEADER = "assent-claim";
const KIND_HEADER = "assent-kind";
const SEQ_HEADER = "assent-seq";
const FIRST_HEADER = "assent-first";

/** Before the first record of a ledger. */
export const emptyHead: LedgerHead = { claim: null, seq: -1, previous: null };

/**
 * For readers that begin in the middle of a ledger: the head with which this record is taken for valid, if it begins an append and
 * nothing valid was seen yet under the claim in force; else the head as it is. An assumption, and no part of the rule.
 */
export function adopted(head: LedgerHead, headers: LedgerHeaders): LedgerHead {
	const claim = headers[CLAIM_HEADER];
	const seq = decimal(headers[SEQ_HEADER]);
	if (headers[KIND_HEADER] !== "entry" || claim === undefined || seq === null) return head;
	const isFirst = seq === decimal(headers[FIRST_HEADER]);
	const isNew = head.claim === null || (head.claim === claim && head.seq === -1);
	return isFirst && isNew ? { claim, seq: seq - 1, previous: null } : head;
}

/** Judges the record that follows what `head` has seen. Total: headers that make no sense are void. */
export function judgeRecord(head: LedgerHead, headers: LedgerHeaders): Judgement {
	const claim = headers[CLAIM_HEADER];
	if (claim === undefined || !isClaimId(claim)) return voided(head, "names no claim");
	switch (headers[KIND_HEADER]) {
		case "claim":
			return { kind: "claim", head: { claim, seq: head.seq, previous: null } };
		case "entry":
			return judgeEntry(head, claim, decimal(headers[SEQ_HEADER]), decimal(headers[FIRST_HEADER]));
		default:
			return voided(head, "is neither a claim nor an entry");
	}
}

function judgeEntry(head: LedgerHead, claim: string, seq: number | null, first: number | null): Judgement {
	if (seq === null || first === null) return voided(head, "has no readable place in the ledger");
	if (claim !== head.claim) return voided(head, "was written under a claim that is not in force");
	if (seq !== head.seq + 1) return voided(head, `has seq ${seq} where ${head.seq + 1} is next`);
	const { previous } = head;
	const isFollowing = previous !== null && previous.claim === claim && previous.first === first;
	if (seq !== first && !isFollowing) return voided(head, "is cut off from the beginning of its append");
	// Entries of one append share the value: a restore judges millions.
	return { kind: "valid", head: { claim, seq, previous: isFollowing ? previous : { claim, first } } };
}

/** A void record changes nothing but that the next one no longer stands directly behind a valid entry. */
const voided = (head: LedgerHead, why: string): Judgement => ({
	kind: "void",
	why,
	head: head.previous === null ? head : { claim: head.claim, seq: head.seq, previous: null },
});

/** Headers of a claim; `id` is 32 lower-case hex digits, drawn afresh for every send. */
export const claimHeaders = (id: string): LedgerHeaders => ({ [CLAIM_HEADER]: id, [KIND_HEADER]: "claim" });

/** Headers of an entry; `first` is the `seq` of the first entry in the same append. */
export const ledgerHeaders = (place: { claim: string; seq: number; first: number }): LedgerHeaders => ({
	[CLAIM_HEADER]: place.claim,
	[KIND_HEADER]: "entry",
	[SEQ_HEADER]: String(place.seq),
	[FIRST_HEADER]: String(place.first),
});

/** 128 bits. */
const CLAIM_ID = /^[0-9a-f]{32}$/;

/** The last one: that of record after record. */
let lastClaim = "";

function isClaimId(text: string): boolean {
	if (text === lastClaim) return true;
	if (!CLAIM_ID.test(text)) return false;
	lastClaim = text;
	return true;
}

const DIGITS_MAX = 16;
const ZERO = 0x30;

/** One spelling per number: no sign, no leading zero, no exponent; at most 2^53 - 1. */
function decimal(text: string | undefined): number | null {
	if (text === undefined) return null;
	const { length } = text;
	if (length === 0 || length > DIGITS_MAX || (length > 1 && text.charCodeAt(0) === ZERO)) return null;
	let number = 0;
	for (let place = 0; place < length; place++) {
		const digit = text.charCodeAt(place) - ZERO;
		if (digit < 0 || digit > 9) return null;
		number = 10 * number + digit;
	}
	return Number.isSafeInteger(number) ? number : null;
}
