/**
 * Whether who signed a record may say what it says: asked before anything else of it, so that a record of somebody else spends, settles
 * and ends nothing. Whose signature it carries was found out before the step, from the record and the keys of the set in force.
 */
import { type IntentsRecord, subjectOf } from "../../model/inputs.ts";
import { trustIndexOf } from "../../policy/trust-index.ts";
import type { Rejection } from "../reasons.ts";
import type { DecideContext } from "./context.ts";

/** Null: it may, or nobody is asked to sign. */
export function publisherFault({ policies, input }: DecideContext, record: IntentsRecord): Rejection | null {
	const trust = policies?.trust ?? null;
	if (trust === null || trust.publishers === null) return null;
	const index = trustIndexOf(trust);
	const { signer = null } = input;
	const publisher = signer === null ? null : index.publisher(signer);
	if (publisher === null) return "publisher.unsigned";
	return index.maySpeakFor(publisher, subjectOf(record)) ? null : "publisher.unbound";
}
