/**
 * Recomputation: every entry decided again from its input, its policies and the state before it. What comes out otherwise was not decided by
 * the rules that it names.
 */

import type { EntryLead } from "../core/codec/entry-lead.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import { decideAndWrite } from "../core/engine/step.ts";
import { type LedgerEntry, SEMANTICS } from "../core/model/entries.ts";
import type { MissingInput, Walked } from "./walk.ts";

/** What became of one entry; `written` are the bytes that came out. */
export type Recomputed =
	| { readonly kind: "same"; readonly written: Uint8Array }
	| { readonly kind: "other"; readonly written: Uint8Array; readonly entry: LedgerEntry }
	/** `input`: it is no longer on the log. `sealed`, `erased`: what it says cannot be told any more. `seal`: nor does it open with the key at hand. `semantics`: other code decided it. `policy`: its bundle is gone. */
	| { readonly kind: "unverifiable"; readonly why: MissingInput | "semantics" | "policy" };

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
	// Not every entry needs the policies; one that does comes out as a denial without them.
	const { digest } = before.state.policy;
	if (digest !== "" && catalogue.get(digest) === null) return { kind: "unverifiable", why: "policy" };
	return { kind: "other", written: again.value, entry: again.entry };
}

/** What the owner was told of signatures is in its configuration; what came of it is in the entry. */
const isUnsigned = (lead: EntryLead): boolean => lead.kind === "input.rejected" && lead.code === "policy.unsigned";
const UNSIGNED: PolicyCatalogue = { get: () => "unsigned" };
