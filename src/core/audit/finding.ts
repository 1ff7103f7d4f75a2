/** Findings of an audit: what is wrong, where it is, and what it may mean. */
import type { Offset } from "../model/units.ts";

/** What each kind of finding may mean, as a sentence. */
export const FINDING_MEANINGS = {
	"record.lost":
		"The log cannot give back a record: it was taken out or changed by hand, a disk is damaged, or retention was set for a while.",
	"log.damaged":
		"The log's file was changed by hand, a disk is damaged, or the copy is: what cannot be read to its end shows nothing.",
	"log.topics": "A topic was taken out, or was given another number of partitions: both stay as they were made.",
	"ledger.invalid": "An entry or a claim was overwritten: no processor writes what does not fold.",
	"ledger.claim": "A claim was taken out or exchanged: what was decided under it counts for nobody.",
	"ledger.cut": "Entries were taken out in front of those that are left, put in another order, or put in twice.",
	"ledger.layout": "A claim was changed, or a processor wrote that was never meant to run on this log.",
	"ledger.digest": "An entry before this one was changed, taken out or put in, or this digest was.",
	"ledger.time": "A time in the ledger was changed: a processor's time never falls.",
	"ledger.semantics":
		"The version that an entry names was changed, by which nobody would decide it again: one processor has one, and none goes back.",
	"input.order": "An entry was taken out, put in or moved: inputs are answered once, in their order.",
	"input.unanswered": "The entry of an input was taken out, or the input was put in afterwards.",
	"input.missing": "An input was taken out after it was decided, by which it can no longer be shown what was asked.",
	"input.seal":
		"The sealed arguments were changed after they were decided on, or the file of keys is another one: it was lost, and begun once more.",
	"decision.differs":
		"The entry was changed, or what it was decided from: its input, the policies or the entries before it.",
	"verdict.contradicts": "An entry was changed or put in: a call is decided once, and has one final verdict.",
	"budget.overspent": "A charge, a settlement or a maximum was changed: a processor admits nothing beyond a budget.",
	"policy.bundle": "The text of policies that were in force was exchanged: it is not what its digest says.",
	"derived.unreadable": "A record was overwritten: processors and notaries write none that cannot be read.",
	"derived.unfounded":
		"A violation, checkpoint or dead letter was put in, or the entry that it follows from was taken out.",
	"derived.differs": "A violation, checkpoint or dead letter was changed, or the entry that it follows from.",
	"derived.missing": "A violation, checkpoint or dead letter was taken out.",
	"checkpoint.none": "The checkpoints were taken out, or no notary with this key ever ran on this log.",
	"checkpoint.unreadable": "A signed checkpoint was changed: it is no note any more.",
	"checkpoint.signature": "A signed checkpoint was changed, or was signed by somebody who does not have the key.",
	"checkpoint.foreign": "Somebody else signs for this log, or a checkpoint of another log was put in.",
	"checkpoint.root":
		"The ledger is not the one that was signed: entries before this size were changed, taken out or put in.",
	"checkpoint.beyond": "The ledger has lost its end: more was signed than is left.",
	"checkpoint.fork": "Two histories were signed with one key: each of them may have been shown to somebody.",
	"anchor.root": "A signed checkpoint was changed, taken out or put in after the anchor was signed.",
	"anchor.missing":
		"Checkpoints of the anchor were taken out, and maybe what they hold with them: the anchor is signed with every other.",
	"anchor.leaf": "A leaf of the anchor was exchanged, or a checkpoint that it holds was taken off the log.",
	"witness.none": "No witness has seen this history: whoever holds the log's key may have written it again.",
	"witness.signature": "The witness's signature was changed, or is that of another checkpoint.",
	"export.differs":
		"The manifest was changed, or the log that it describes was: what an export says of itself is anybody's to write.",
	"folder.missing": "A file that the checkpoint needs was taken out of the folder.",
	"folder.differs": "A file of the folder was changed, or the log was.",
} as const satisfies Readonly<Record<string, string>>;

export type FindingCode = keyof typeof FINDING_MEANINGS;

export interface Finding {
	readonly code: FindingCode;
	/** Null where it is about no partition alone. */
	readonly partition: number | null;
	readonly topic: string | null;
	readonly offset: Offset | null;
	/** Of the ledger; null where it is about no entry. */
	readonly seq: number | null;
	/** What was found where something else is due: a sentence. */
	readonly message: string;
}
