/** Records that are derived from the ledger or kept beside it: claims, projections, bundles. */

import type { CallStatus, DecisionBody, Mode, Reason, Severity, Span, Verdict } from "./entries.ts";
import type { CallId } from "./ids.ts";
import type { Layout } from "./layout.ts";
import type { EpochMs, Offset } from "./units.ts";

/** The record by which a processor takes a partition. Its id travels in the header `assent-claim`. */
export interface Claim {
	readonly type: "claim";
	readonly claimId: string;
	readonly instance: string;
	readonly layout: Layout;
}

/** What an alerting service reads. */
export interface ViolationDetected {
	readonly type: "violation.detected";
	/** `<partition>-<seq>-<index>`: the same however often it is sent. */
	readonly id: string;
	readonly partition: number;
	readonly seq: number;
	readonly index: number;
	readonly at: EpochMs;
	readonly code: string;
	readonly policy: string;
	readonly rule: string;
	readonly severity: Severity;
	readonly mode: Mode;
	readonly verdict: Verdict;
	readonly call: CallId;
	readonly session: string;
	readonly tool: string;
	readonly span: Span | null;
	readonly message: string;
	/** What the policy's author files the rule under. */
	readonly tags: readonly string[];
}

export interface CheckpointCreated {
	readonly type: "checkpoint.created";
	readonly id: string;
	readonly partition: number;
	/** Number of valid ledger entries covered: leaves 0 … size-1. */
	readonly size: number;
	/** Stream time of entry `size`, which makes the checkpoint. */
	readonly at: EpochMs;
	/** RFC 6962 Merkle tree hash over the partition's leaves, 64 hex digits. */
	readonly root: string;
	/** Of the state before entry `size` - 64: the digest that entry `size` carries, which makes the checkpoint. */
	readonly stateDigest: string;
	readonly policyDigest: string;
}

/** What a notary has signed of a tree: of a partition's ledger, or of all of them together. */
export interface CheckpointSigned {
	readonly type: "checkpoint.signed";
	/** Names the tree, and the key: `<name>/decisions/<partition>`, or `<name>/anchor`. */
	readonly origin: string;
	/** Number of leaves. */
	readonly size: number;
	/** RFC 6962 Merkle tree hash over them, 64 hex digits. */
	readonly root: string;
	/** The checkpoint as it is published: a C2SP signed note, with the notary's signature first. */
	readonly note: string;
}

/** The copy of a decision sent to whoever asked. */
export interface DecisionReplied {
	readonly type: "decision.replied";
	readonly replyId: string;
	readonly partition: number;
	readonly seq: number;
	readonly call: CallId;
	/** Whose budgets the decision used; empty where it used none. */
	readonly session: string;
	/** What is answered, by which an answer is believed: anybody can give any reply id. */
	readonly commitment: string;
	readonly verdict: Verdict;
	/** Only on `open` the client may run an allowed call; on `granted` it asks once more for it. */
	readonly status: CallStatus;
	/** For a repeated answer its first reason alone, and no budgets. */
	readonly decision: DecisionBody;
	/** While held: when the hold expires; else 0. */
	readonly expiresAt: EpochMs;
	readonly at: EpochMs;
	/** What the executor of an allowed call shows and uses up (core/token); empty where it may not run, or where no key signs. */
	readonly token: string;
}

/** An input that could not be read, or whose entry has a projection that cannot be written. */
export interface DeadLetter {
	readonly type: "record.dead";
	readonly topic: string;
	readonly partition: number;
	readonly offset: Offset;
	readonly code: string;
	readonly detail: string;
	/** SHA-256 of the input's bytes, 64 hex digits; empty where the input itself was read. */
	readonly recordDigest: string;
}

/** A recorded call that other policies would have decided otherwise: what a replay publishes, in a topic of its own. */
export interface CallReplayed {
	readonly type: "call.replayed";
	/** `<name of the topic>-<digest of the candidate, cut>-<partition>-<seq>`: the same however often it is sent. */
	readonly id: string;
	/** Digest of the policies that were tried. */
	readonly candidate: string;
	/** Since when they are in force in what is told; 0: since the ledger's beginning. */
	readonly from: EpochMs;
	readonly partition: number;
	readonly seq: number;
	readonly at: EpochMs;
	readonly call: CallId;
	readonly session: string;
	readonly tool: string;
	/** `budget`: the verdict would be the same if budgets were what they were. */
	readonly difference: "verdict" | "reason" | "budget";
	readonly recordedVerdict: Verdict;
	/** The first that was enforced; null for a plain allow. */
	readonly recordedReason: Reason | null;
	readonly verdict: Verdict;
	readonly reason: Reason | null;
}

/** One source of a bundle, as its author wrote it. */
export interface PolicySourceText {
	readonly name: string;
	readonly text: string;
}

export interface PolicyBundle {
	readonly type: "policy.bundle";
	readonly digest: string;
	readonly sources: readonly PolicySourceText[];
	/** A signed note over the digest (reading/bundle-signature.ts); empty where nobody signed. */
	readonly signature: string;
}

/** A key that tokens are checked with, on `policies` under the compacted key `token-key/<kid>/<status>`; one that was taken back stays so. */
export interface TokenKeyPublished {
	readonly type: "token-key.published";
	/** A C2SP verifier key, `NAME+ID+KEY`; its `kid` is `NAME+ID`. */
	readonly key: string;
	/**
	 * `active`: tokens are, or will be, signed with it. `retired`: what it signed by `since` is still good; `revoked`: nothing is.
	 */
	readonly status: "active" | "retired" | "revoked";
	readonly since: EpochMs;
	/** Who says so: a processor's name, or an operator's. */
	readonly by: string;
}

/** One part of a snapshot, readable by itself: the first its head, as JSON, each other one rows of one table, in bytes. */
export interface SnapshotChunk {
	readonly type: "snapshot.chunk";
	readonly snapshotId: string;
	readonly index: number;
	readonly bytes: Uint8Array;
}

/** Written last: a snapshot without its manifest does not exist. */
export interface SnapshotManifest {
	readonly type: "snapshot.manifest";
	readonly snapshotId: string;
	/** Next `seq`: the snapshot holds the fold of entries 0 … seq-1. */
	readonly seq: number;
	/** Offset in `decisions/p` from which reading goes on. */
	readonly ledgerOffset: Offset;
	/** The claim in force at that offset. */
	readonly claimId: string;
	/** The first claim of the ledger: it names the ledger to which the snapshot belongs. */
	readonly ledgerId: string;
	/** SHA-256 of the entry at `ledgerOffset` - 1, as stored, 64 hex digits. */
	readonly leafDigest: string;
	readonly stateDigest: string;
	readonly semantics: number;
	/** In which way the rows are written: readers pass over a snapshot whose rows they cannot read. */
	readonly rowsFormat: number;
	readonly chunks: number;
	/** SHA-256 of the joined chunks, 64 hex digits. */
	readonly bytesDigest: string;
}

export type DerivedRecord =
	| Claim
	| ViolationDetected
	| CheckpointCreated
	| CheckpointSigned
	| DecisionReplied
	| DeadLetter
	| CallReplayed
	| PolicyBundle
	| TokenKeyPublished
	| SnapshotChunk
	| SnapshotManifest;
