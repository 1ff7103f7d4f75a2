/** A witness: somebody else's service that signs a checkpoint only if it continues the last one that it has signed. */
import type { Verifier } from "./signer.ts";

export interface Witness {
	/** What its cosignatures are checked with. */
	readonly verifier: Verifier;
	/** `add-checkpoint` (C2SP tlog-witness). Never rejects: where no answer comes, it says why. */
	addCheckpoint(
		body: string,
	): Promise<
		| { readonly kind: "answer"; readonly status: number; readonly body: string }
		| { readonly kind: "silence"; readonly why: string }
	>;
}
