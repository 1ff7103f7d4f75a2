/**
 * Recomputation: every entry decided again from its input, its policies and the state before it. What comes out otherwise was not decided by
 * the rules that it names.
 */

import { encodeEntry } from "../core/codec/encode.ts";
import type { EntryLead } from "../core/codec/entry-lead.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import { decideAndWrite } from "../core/engine/step.ts";
import { type DecisionBody, type LedgerEntry, SEMANTICS } from "../core/model/entries.ts";
import type { MissingInput, Walked } from "./walk.ts";

/** What became of one entry; `written` are the bytes that came out. */
export type Recomputed =
	| { readonly kind: "same"; readonly written: Uint8Array }
	| { readonly kind: "other"; readonly written: Uint8Array; readonly entry: LedgerEntry }
	/** `input`: it is no longer on the log. `sealed`, `erased`: what it says cannot be told any more. `seal`: nor does it open with the key at hand. `semantics`: other code decided it. `policy`: its bundle is gone. `classifier`: another one read the call, and it comes out differently. */
	| { readonly kind: "unverifiable"; readonly why: MissingInput | "semantics" | "policy" | "classifier" };

/** `catalogue` holds what was in force; nothing is compiled here. */
export function recomputed(walked: Walked, catalogue: PolicyCatalogue): Recomputed {
	const { before, lead, value, input, missing } = walked;
	if (input === null) return { kind: "unverifiable", why: missing ?? "input" };
	if (lead.semantics !== SEMANTICS) return { kind: "unverifiable", why: "semantics" };
	const again = decideAndWrite(before.state, input, isUnsigned(lead) ? UNSIGNED : catalogue);
	if (Buffer.compare(again.value, value) === 0) {
		walked.entry = again.entry;
		return { kind: "same", written: again.value };
	}
	const foreign = readByAnother(again.entry, walked.entry);
	if (foreign !== null) {
		// What another classifier read, this one may read alike: then all but its name comes out again.
		return Buffer.compare(encodeEntry(foreign), value) === 0
			? { kind: "same", written: value }
			: { kind: "unverifiable", why: "classifier" };
	}
	// Not every entry needs the policies; one that does comes out as a denial without them.
	const { digest } = before.state.policy;
	if (digest !== "" && catalogue.get(digest) === null) return { kind: "unverifiable", why: "policy" };
	return { kind: "other", written: again.value, entry: again.entry };
}

/** What the owner was told of signatures is in its configuration; what came of it is in the entry. */
const isUnsigned = (lead: EntryLead): boolean => lead.kind === "input.rejected" && lead.code === "policy.unsigned";
const UNSIGNED: PolicyCatalogue = { get: () => "unsigned" };

/** The entry under the name of the classifier that the recorded one was read by, where both were read and that is another; else null. */
function readByAnother(again: LedgerEntry, recorded: LedgerEntry): LedgerEntry | null {
	const [own, theirs] = [decisionOf(again), decisionOf(recorded)];
	if (own === null || theirs === null || own.classifier === "" || theirs.classifier === "") return null;
	if (own.classifier === theirs.classifier) return null;
	return { ...again, decision: { ...own, classifier: theirs.classifier } } as LedgerEntry;
}

const decisionOf = (entry: LedgerEntry): DecisionBody | null => ("decision" in entry ? entry.decision : null);
