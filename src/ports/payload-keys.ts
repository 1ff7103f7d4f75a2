/**
 * Secrets of sealed arguments, kept outside the log: one for each intent, from which its key and salt come, and one for each session, from
 * which the session's salt comes (core/codec/sealed.ts). Publishers and processors of a log share one store.
 *
 * K1  A secret is random and made once: whoever asks again under the same names, in whichever process, is handed the same one.
 * K2  A secret that was handed out is kept, whatever becomes of the process or the machine.
 * K3  What was erased is nowhere in the store, and is never made again: its names say `erased` from then on.
 */
import { AssentError, problem } from "../core/base/errors.ts";
import type { ErasureScope } from "../core/model/inputs.ts";

/** The call that an intent is about. */
export interface PayloadCall {
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly id: string;
}

/** Whether a call is one of a scope. */
export const isWithin =
	({ tenant, agent, session, intent }: ErasureScope) =>
	(call: PayloadCall): boolean =>
		call.tenant === tenant &&
		call.agent === agent &&
		(session === null || call.session === session) &&
		(intent === null || call.id === intent);

export interface PayloadSecrets {
	readonly intent: Uint8Array;
	readonly session: Uint8Array;
}

export interface PayloadKeys {
	/** Made where there are none. Rejects with RECORD_ERASED, and with ASSENT_PAYLOAD_KEYS where the store cannot be used. */
	draw(call: PayloadCall): Promise<PayloadSecrets>;
	/** Of an intent; null: none was made here. Throws ASSENT_PAYLOAD_KEYS where the store cannot be used. */
	find(call: PayloadCall): Uint8Array | "erased" | null;
	/** Those of a scope that have a secret. Throws as `find`. */
	count(scope: ErasureScope): PayloadCount;
	/** Whether anything of a scope has or had a secret. Throws as `find`. */
	knows(scope: ErasureScope): boolean;
	/** The calls with this id, or in this session, that have or had a secret. Throws as `find`. */
	named(by: { readonly id: string } | { readonly session: string }): readonly PayloadCall[];
	/** Destroys the secrets of a scope, and says how many there were; finishes what was cut off before. Throws as `find`. */
	erase(scope: ErasureScope): PayloadCount;
	close(): void;
}

export interface PayloadCount {
	readonly intents: number;
	readonly sessions: number;
}

/** Why a store draws no secret for a call. */
export const erasedCall = ({ id }: PayloadCall): AssentError =>
	new AssentError(
		problem("RECORD_ERASED", `the arguments of call \`${id}\` were erased`, "ask under a new id: this one is over"),
	);
