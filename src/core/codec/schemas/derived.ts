/** Schemas of what follows from the ledger or stands beside it: claims, projections, bundles, snapshots. */

import { RECORD_BYTES_MAX, SOURCE_LENGTH_MAX } from "../../model/bounds.ts";
import type { DerivedRecord } from "../../model/records.ts";
import {
	bytesUpTo,
	count,
	digest,
	digestOrNone,
	label,
	list,
	longText,
	name,
	nullable,
	type RecordShape,
	record,
	words,
} from "../shape.ts";
import type { Definition } from "./definition.ts";
import {
	budgetReading,
	callId,
	callIdOrNone,
	callStatus,
	layout,
	mode,
	obligations,
	reason,
	severity,
	span,
	verdict,
} from "./parts.ts";

const claim = record("Claim", "A processor takes a partition.", { claimId: name, instance: name, layout });

const violationDetected = record("ViolationDetected", "A rule was broken.", {
	id: name,
	partition: count,
	seq: count,
	index: count,
	at: count,
	code: name,
	policy: label,
	rule: label,
	severity,
	mode,
	verdict,
	call: callIdOrNone,
	session: label,
	tool: label,
	span: nullable(span),
	message: words,
});

const checkpointCreated = record("CheckpointCreated", "A partition's ledger up to a position, in digests.", {
	id: name,
	partition: count,
	size: count,
	at: count,
	root: digest,
	stateDigest: digestOrNone,
	policyDigest: digestOrNone,
});

const decisionReplied = record("DecisionReplied", "The copy of a decision for who asked.", {
	replyId: label,
	partition: count,
	seq: count,
	call: callId,
	commitment: digestOrNone,
	verdict,
	status: callStatus,
	reasons: list(reason),
	obligations,
	budgets: list(budgetReading),
	policyDigest: digestOrNone,
	expiresAt: count,
	at: count,
});

const deadLetter = record(
	"DeadLetter",
	"A record that could not be read, or from whose entry something could not be derived: where it lies and what was wrong.",
	{
		topic: name,
		partition: count,
		offset: count,
		code: name,
		detail: words,
		recordDigest: digestOrNone,
	},
);

const policySourceText = record("PolicySourceText", "One source of a bundle, as its author wrote it.", {
	name: words,
	text: longText(SOURCE_LENGTH_MAX),
});

const policyBundle = record("PolicyBundle", "The sources of a set of policies, by digest.", {
	digest,
	sources: list(policySourceText),
});

const snapshotChunk = record("SnapshotChunk", "One part of a snapshot.", {
	snapshotId: name,
	index: count,
	bytes: bytesUpTo(RECORD_BYTES_MAX),
});

const snapshotManifest = record("SnapshotManifest", "Written last: a snapshot without it does not exist.", {
	snapshotId: name,
	seq: count,
	ledgerOffset: count,
	claimId: name,
	ledgerId: name,
	leafDigest: digest,
	stateDigest: digest,
	semantics: count,
	chunks: count,
	bytesDigest: digest,
});

const derived = (type: DerivedRecord["type"], shape: RecordShape): Definition => ({
	family: "derived",
	types: [type],
	lead: null,
	shape,
	older: [],
});

export const DERIVED_DEFINITIONS: readonly Definition[] = [
	derived("claim", claim),
	derived("violation.detected", violationDetected),
	derived("checkpoint.created", checkpointCreated),
	derived("decision.replied", decisionReplied),
	derived("record.dead", deadLetter),
	derived("policy.bundle", policyBundle),
	derived("snapshot.chunk", snapshotChunk),
	derived("snapshot.manifest", snapshotManifest),
];
