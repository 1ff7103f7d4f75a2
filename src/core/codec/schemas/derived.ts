/** Schemas of what follows from the ledger or is beside it: claims, projections, bundles, snapshots. */

import { NOTE_LENGTH_MAX, RECORD_BYTES_MAX, SOURCE_LENGTH_MAX, TOKEN_LENGTH_MAX } from "../../model/bounds.ts";
import type { DerivedRecord, PolicySourceText } from "../../model/records.ts";
import {
	bytesUpTo,
	count,
	digest,
	digestOrNone,
	field,
	label,
	list,
	longText,
	name,
	nullable,
	oneOf,
	type RecordShapeOf,
	record,
	words,
} from "../shape.ts";
import { type BodyOf, type Definition, definitionsOf, type Placed } from "./definition.ts";
import {
	callId,
	callIdOrNone,
	callStatus,
	decisionBody,
	layout,
	mode,
	reason,
	severity,
	span,
	TAGS,
	tags,
	verdict,
} from "./parts.ts";

type DerivedType = DerivedRecord["type"];
type DerivedBody<Type extends DerivedType> = BodyOf<DerivedRecord, "type", Type>;

const derived = <Body>(shape: RecordShapeOf<Body>): Placed<Body> => ({ family: "derived", lead: null, shape });

const claim = record<DerivedBody<"claim">>(
	"Claim",
	"A processor takes a partition: what others append under an earlier claim from here on is void.",
	{
		claimId: field(name, "The claim's id, random; travels in the header `assent-claim` of every entry under it."),
		instance: field(name, "The processor's name."),
		layout: field(layout, "The deployment's layout, which must be that of the ledger."),
	},
);

const PARTITION = field(count, "The ledger's partition.");
const SEQ = field(count, "Index of the ledger entry from which it is derived.");

const violationDetected = record<DerivedBody<"violation.detected">>(
	"ViolationDetected",
	"A rule was broken: what an alerting service reads.",
	{
		id: field(name, "`<partition>-<seq>-<index>`: the same however often it is sent."),
		partition: PARTITION,
		seq: SEQ,
		index: field(count, "Its place among the violations of one entry."),
		at: field(count, "Stream time of the entry, in milliseconds since 1970."),
		code: field(name, "What fired, from a closed list: `tool.denied`, `pattern.matched`, `budget.exhausted`, …"),
		policy: field(label, "The policy's name; empty for a rule of the engine."),
		rule: field(label, "The rule's name within the policy; empty for a rule of the engine."),
		severity: field(severity, "How grave its author takes it to be."),
		mode: field(mode, "In mode `audit` the rule is recorded and has no force."),
		verdict: field(verdict, "What was decided on the call."),
		call: field(callIdOrNone, "The call; empty strings where it could not be read."),
		session: field(label, "The call's session, or empty."),
		tool: field(label, "The call's tool, or empty."),
		span: field(nullable(span), "Where a pattern matched; null for a rule without a place."),
		message: field(words, "The policy author's words, or the engine's; never argument text."),
		tags: field(tags, TAGS),
	},
);

const checkpointCreated = record<DerivedBody<"checkpoint.created">>(
	"CheckpointCreated",
	"A partition's ledger up to a position, in digests.",
	{
		id: field(name, "`<partition>-<size>-0`: the same however often it is sent."),
		partition: PARTITION,
		size: field(count, "How many valid entries it covers: leaves 0 … size-1."),
		at: field(count, "Stream time of entry `size`, which makes the checkpoint, in milliseconds since 1970."),
		root: field(digest, "Merkle tree hash (RFC 6962) over the partition's leaves, 64 hex digits."),
		stateDigest: field(
			digestOrNone,
			"Digest of the state before entry `size` - 64, 64 hex digits: the one that entry `size` carries.",
		),
		policyDigest: field(
			digestOrNone,
			"Digest of the policies in force before entry `size`, 64 hex digits; empty when none is active.",
		),
	},
);

const checkpointSigned = record<DerivedBody<"checkpoint.signed">>(
	"CheckpointSigned",
	"What a notary has signed of a tree: nobody who has read it can be shown another history.",
	{
		origin: field(words, "Names the tree: `<name of the key>/decisions/<partition>`, or `<name of the key>/anchor`."),
		size: field(count, "How many leaves it has: valid entries of a partition, or signed notes of the partitions."),
		root: field(digest, "Merkle tree hash (RFC 6962) over the leaves, 64 hex digits."),
		note: field(
			longText(NOTE_LENGTH_MAX),
			"The checkpoint (C2SP tlog-checkpoint) with its signatures: the notary's, and those of witnesses where there are any.",
		),
	},
);

const decisionReplied = record<DerivedBody<"decision.replied">>(
	"DecisionReplied",
	"The copy of a decision sent to whoever asked.",
	{
		replyId: field(label, "The submission's id, which the reply echoes."),
		partition: PARTITION,
		seq: SEQ,
		call: field(callId, "The call."),
		session: field(label, "Whose budgets the decision used; empty where it used none."),
		commitment: field(
			digestOrNone,
			"What is answered: the commitment of the submission, or the SHA-256 of a record that could not be read. A reply is found by its id, and anybody can give any reply id: whoever takes it for an answer compares this with what was asked.",
		),
		verdict: field(verdict, "The verdict."),
		status: field(
			callStatus,
			"Only on `open` the client may run an allowed call; on `granted` it asks once more for it.",
		),
		decision: field(decisionBody, "How it came about; for a repeated answer its first reason alone, and no budgets."),
		expiresAt: field(count, "While held: when the hold expires, in milliseconds since 1970; else 0."),
		at: field(count, "Stream time of the decision, in milliseconds since 1970."),
		token: field(
			longText(TOKEN_LENGTH_MAX),
			"What the executor of an open allow shows and uses up: a JWS in its compact form, the same whenever it is asked for; empty for all else, and where the processor has no key.",
		),
	},
);

const deadLetter = record<DerivedBody<"record.dead">>(
	"DeadLetter",
	"An input that could not be read, or from whose entry something could not be derived: where it is and what was wrong. Its bytes stay where erasure can reach them.",
	{
		topic: field(name, "The input's topic."),
		partition: field(count, "The input's partition."),
		offset: field(count, "The input's offset."),
		code: field(name, "What was wrong: an error code."),
		detail: field(words, "What was wrong, as a sentence; never what the record said."),
		recordDigest: field(
			digestOrNone,
			"SHA-256 of the input's bytes, 64 hex digits; empty where the input itself was read.",
		),
	},
);

const callReplayed = record<DerivedBody<"call.replayed">>(
	"CallReplayed",
	"A recorded call that other policies would have decided otherwise; a replay publishes it where it is told to. Nothing of it happened.",
	{
		id: field(
			name,
			"`<name>-<digest>-<partition>-<seq>` of the topic's own name and the first 16 digits of `candidate`: the same however often it is sent.",
		),
		candidate: field(digest, "Digest of the policies that were tried, 64 hex digits."),
		from: field(
			count,
			"Since when they are taken to be in force, in milliseconds since 1970; 0: since the beginning of the ledger.",
		),
		partition: PARTITION,
		seq: field(count, "Index of the ledger entry that decided the call."),
		at: field(count, "Stream time of the decision, in milliseconds since 1970."),
		call: field(callId, "The call."),
		session: field(name, "The call's session."),
		tool: field(name, "The call's tool."),
		difference: field(
			oneOf("verdict", "reason", "budget"),
			"What is otherwise: the verdict; or its reason or its obligations alone; or the verdict, and only because earlier calls that came out otherwise left more or less of budgets.",
		),
		recordedVerdict: field(verdict, "What was decided."),
		recordedReason: field(nullable(reason), "The first reason that was enforced; null for a plain allow."),
		verdict: field(verdict, "What the policies that were tried decide."),
		reason: field(nullable(reason), "Their first reason that is enforced; null for a plain allow."),
	},
);

const policySourceText = record<PolicySourceText>(
	"PolicySourceText",
	"One source of a bundle, as its author wrote it.",
	{
		name: field(words, "The file's name."),
		text: field(longText(SOURCE_LENGTH_MAX), "The file's text."),
	},
);

const policyBundle = record<DerivedBody<"policy.bundle">>(
	"PolicyBundle",
	"The sources of a set of policies, by digest.",
	{
		digest: field(digest, "Digest of the sources, 64 hex digits: what an activation names."),
		sources: field(list(policySourceText), "The sources, in the order of their names."),
		signature: field(
			words,
			"A C2SP signed note over the digest, with one signature or several; empty where nobody signed.",
		),
	},
);

const tokenKeyPublished = record<DerivedBody<"token-key.published">>(
	"TokenKeyPublished",
	"A key that tokens are checked with. One that was taken back stays so, whatever comes after.",
	{
		key: field(words, "An Ed25519 key as C2SP verifiers have it, `NAME+ID+KEY`; tokens name it by `kid`, `NAME+ID`."),
		status: field(
			oneOf("active", "retired", "revoked"),
			"`active`: tokens are, or will be, signed with it. `retired`: what it signed by `since` is still good. `revoked`: nothing is.",
		),
		since: field(count, "When that was said, in milliseconds since 1970."),
		by: field(name, "Who says so: a processor's name, or an operator's."),
	},
);

const snapshotChunk = record<DerivedBody<"snapshot.chunk">>(
	"SnapshotChunk",
	"One part of a snapshot, readable by itself.",
	{
		snapshotId: field(name, "The snapshot's id."),
		index: field(count, "The part's place in the snapshot, from 0."),
		bytes: field(
			bytesUpTo(RECORD_BYTES_MAX),
			"The first part holds the snapshot's head, each other one rows of one table.",
		),
	},
);

const snapshotManifest = record<DerivedBody<"snapshot.manifest">>(
	"SnapshotManifest",
	"Written last: a snapshot without its manifest does not exist.",
	{
		snapshotId: field(name, "The snapshot's id."),
		seq: field(count, "Next `seq`: the snapshot holds the fold of entries 0 … seq-1."),
		ledgerOffset: field(count, "Offset in `decisions` from which reading goes on."),
		claimId: field(name, "The claim in force at that offset."),
		ledgerId: field(name, "The first claim of the ledger: it names the ledger to which the snapshot belongs."),
		leafDigest: field(digest, "SHA-256 of the entry at `ledgerOffset` - 1, as stored, 64 hex digits."),
		stateDigest: field(digest, "Digest of the state that the snapshot holds, 64 hex digits."),
		semantics: field(count, "Version of the rules of deciding under which it was folded."),
		rowsFormat: field(count, "Version of the form in which its rows are written."),
		chunks: field(count, "How many parts it has."),
		bytesDigest: field(digest, "SHA-256 of the joined parts, 64 hex digits."),
	},
);

const DERIVED: { readonly [Type in DerivedType]: Placed<DerivedBody<Type>> } = {
	claim: derived(claim),
	"violation.detected": derived(violationDetected),
	"checkpoint.created": derived(checkpointCreated),
	"checkpoint.signed": derived(checkpointSigned),
	"decision.replied": derived(decisionReplied),
	"record.dead": derived(deadLetter),
	"call.replayed": derived(callReplayed),
	"policy.bundle": derived(policyBundle),
	"token-key.published": derived(tokenKeyPublished),
	"snapshot.chunk": derived(snapshotChunk),
	"snapshot.manifest": derived(snapshotManifest),
};

/** One for each type of derived record: a type that is missing in the list above does not compile. */
export const DERIVED_DEFINITIONS: readonly Definition[] = definitionsOf(DERIVED);
