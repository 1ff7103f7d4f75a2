/**
 * Whether who signed a record may say what it says: asked before anything else of it, so that a record of somebody else spends, settles
 * and ends nothing. Whose signature it carries was found out before the step, from the record and the keys of the set in force.
 */
import { type ControlRecord, type IntentsRecord, subjectOf } from "../../model/inputs.ts";
import type { CompiledTrust } from "../../policy/trust.ts";
import { type Signer, trustIndexOf } from "../../policy/trust-index.ts";
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

/** Who has published the record; null where nobody is asked to sign, and it could be anybody. */
export const publisherOf = ({ policies, input }: DecideContext): string | null =>
	(policies?.trust?.publishers ?? null) === null ? null : (input.signer?.name ?? null);

/** Null: its issuer may say it, or need not sign. A tick is its writer's own, and says nothing but that time passes. */
export function issuerFault({ state, policies, input }: DecideContext, record: ControlRecord): Rejection | null {
	if (record.type === "clock.ticked") return null;
	// Whose signature is asked for is in the policies: where nobody can tell them, nobody is believed.
	if (input.blind === true && state.policy.signed) return "policy.unavailable";
	return isIssued(policies?.trust ?? null, record, input.signer ?? null) ? null : "control.unsigned";
}

/** Is the record signed as the set asks for, by the issuer that it names? */
export function isIssued(trust: CompiledTrust | null, record: ControlRecord, signer: Signer | null): boolean {
	const role = record.type === "approval.granted" || record.type === "approval.rejected" ? "approvers" : "operators";
	if (trust === null || trust[role] === null) return true;
	return signer !== null && signer.name === record.issuedBy && trustIndexOf(trust).isOf(role, signer);
}
