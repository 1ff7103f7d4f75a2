/** Minting: the token of an allow that is open to its asker, made with the reply and kept nowhere. */
import { redacted } from "../core/arguments/redaction.ts";
import { canonicalize } from "../core/base/canonical-json.ts";
import type { Released } from "../core/ledger/projections/projection.ts";
import type { AllowRef, LedgerEntry, Obligations } from "../core/model/entries.ts";
import { callDigest } from "../core/token/call-digest.ts";
import { claimsOf } from "../core/token/claims.ts";
import { compactToken, headerPart, kidOf } from "../core/token/compact.ts";
import type { Signer } from "../ports/signer.ts";

export class Mint {
	readonly #signer: Signer;
	/** What every token of the key begins with. */
	readonly #head: string;

	constructor(signer: Signer) {
		this.#signer = signer;
		this.#head = headerPart(kidOf(signer.key));
	}

	/**
	 * The token of the call that an entry lets its asker run; empty where it lets nobody. The same for every entry that answers for one
	 * allow, whoever mints it: all that it says is in the ledger or in the intent, and Ed25519 draws nothing.
	 */
	tokenOf({ entry, input }: Pick<Released, "entry" | "input">, ledgerId: string): string {
		const allow = allowOf(entry);
		if (allow === null || input?.kind !== "read" || input.record.type !== "intent.submitted") return "";
		const { record } = input;
		// Without a name nobody could tell for whom it is.
		if (record.executor === "") return "";
		const { redact, callDeadlineMs } = allow.obligations;
		const text = redact.length === 0 ? record.argsText : canonicalize(redacted(record.args, redact));
		const { tenant, agent, session } = record.principal;
		const claims = claimsOf({
			ledgerId,
			partition: entry.cause.partition,
			seq: allow.seq,
			at: allow.at,
			policyDigest: allow.policyDigest,
			call: { tenant, agent, id: record.id },
			session,
			executor: record.executor,
			callDeadlineMs,
			callDigest: callDigest(record.tool, text),
		});
		return compactToken(this.#head, claims, (message) => this.#signer.sign(message));
	}
}

/** The allow that an entry answers for, where it is open to whoever asked. */
function allowOf(entry: LedgerEntry): (AllowRef & { readonly obligations: Obligations }) | null {
	if (entry.kind === "decision.repeated") {
		return entry.allow === null ? null : { ...entry.allow, obligations: entry.obligations };
	}
	if (entry.kind !== "decision.made" || entry.verdict !== "allow") return null;
	const { seq, at, decision } = entry;
	return { seq, at, policyDigest: decision.policyDigest, obligations: decision.obligations };
}
