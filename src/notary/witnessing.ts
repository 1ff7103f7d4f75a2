/**
 * Asking witnesses to cosign the anchor: beside signing, which waits for nobody. Each is asked for the latest checkpoint once it has
 * answered for the one before.
 */
import { knownSignatures, type NoteSignature, readNote } from "../core/audit/note.ts";
import { addCheckpointBody, readWitnessAnswer } from "../core/audit/witness.ts";
import type { NotaryMeter } from "../ports/notary-meter.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Witness } from "../ports/witness.ts";
import { cosignatureVerifier } from "../reading/note-verifiers.ts";
import type { Anchor } from "./anchor.ts";
import { historyChanged, stateLost } from "./refusal.ts";
import type { Signed } from "./signed-state.ts";

interface WitnessingParts {
	readonly witnesses: readonly Witness[];
	readonly anchor: Anchor;
	readonly telemetry: Telemetry;
	readonly meter: NotaryMeter;
}

/** A checkpoint with the signatures of witnesses. */
export interface Cosigned {
	readonly anchor: Signed;
	readonly signatures: readonly NoteSignature[];
}

interface Asked {
	readonly witness: Witness;
	/** Leaves of the last checkpoint that it has cosigned, as far as is known. */
	size: number;
	/** The request that is under way, or whose answer was not taken yet. */
	request: Promise<void> | null;
}

type Heard = Awaited<ReturnType<Witness["addCheckpoint"]>>;

export class Witnessing {
	readonly #parts: WitnessingParts;
	readonly #asked: readonly Asked[];
	readonly #heard: {
		readonly asked: Asked;
		readonly oldSize: number;
		readonly anchor: Signed;
		readonly heard: Heard;
	}[] = [];
	#latest: Signed | null = null;
	#cosigned: Cosigned | null = null;
	#news = new AbortController();

	constructor(parts: WitnessingParts) {
		this.#parts = parts;
		this.#asked = parts.witnesses.map((witness) => ({ witness, size: 0, request: null }));
	}

	/** Aborts when an answer is there to be taken. */
	get answered(): AbortSignal {
		return this.#news.signal;
	}

	/** `anchor` is what the anchor's tree is now. */
	async ask(anchor: Signed): Promise<void> {
		this.#latest = anchor;
		for (const asked of this.#asked) if (asked.request === null) await this.#send(asked, anchor);
	}

	/**
	 * Reads what was answered. The latest checkpoint with cosignatures, where there is a new one; else null. Throws ASSENT_NOTARY_STATE and
	 * ASSENT_NOTARY_HISTORY where a witness has seen what this notary has not signed.
	 */
	async take(): Promise<Cosigned | null> {
		if (this.#heard.length === 0) return null;
		this.#news = new AbortController();
		let isNew = false;
		for (const { asked, oldSize, anchor, heard } of this.#heard.splice(0)) {
			const { name } = asked.witness.verifier.key;
			asked.request = null;
			const failure = heard.kind === "silence" ? heard.why : this.#takeAnswer(asked, { oldSize, anchor, heard });
			if (failure === null) isNew = true;
			else if (failure !== AGAIN) this.#parts.telemetry.warn("witness.silent", { witness: name, why: failure });
			if (failure !== AGAIN) this.#parts.meter.witnessed(name, failure === null);
			const latest = this.#latest;
			const isDue = failure === AGAIN || (failure === null && latest !== null && latest.size > asked.size);
			if (latest !== null && isDue) await this.#send(asked, latest);
		}
		return isNew ? this.#cosigned : null;
	}

	/** Null: cosigned; AGAIN: it has seen another size last; else why not. */
	#takeAnswer(
		asked: Asked,
		said: { oldSize: number; anchor: Signed; heard: Extract<Heard, { kind: "answer" }> },
	): string | null {
		const { oldSize, anchor, heard } = said;
		const { key } = asked.witness.verifier;
		const answer = readWitnessAnswer(heard.status, heard.body);
		switch (answer.kind) {
			case "cosigned": {
				const text = readNote(anchor.note)?.text ?? "";
				const note = { text, signatures: answer.signatures };
				const known = knownSignatures(note, [cosignatureVerifier(asked.witness.verifier)]);
				if (!known.ok) return known.error;
				asked.size = anchor.size;
				const others = this.#cosigned?.anchor.size === anchor.size ? this.#cosigned.signatures : [];
				if (anchor.size < (this.#cosigned?.anchor.size ?? 0)) return null;
				this.#cosigned = { anchor, signatures: [...others, ...known.value] };
				return null;
			}
			case "conflict":
				if (answer.size > anchor.size)
					throw stateLost(
						`the witness \`${key.name}\` has cosigned the anchor with ${answer.size} leaves, and the state has ${anchor.size} of it`,
					);
				if (answer.size === oldSize) return `answered ${heard.status}, with the size that it was told`;
				asked.size = answer.size;
				return AGAIN;
			case "refused":
				if (heard.status === 409 || heard.status === 422)
					throw historyChanged(`the witness \`${key.name}\` ${answer.why}`);
				return answer.why;
		}
	}

	async #send(asked: Asked, anchor: Signed): Promise<void> {
		const oldSize = asked.size;
		const proof = await this.#parts.anchor.proofFrom(oldSize);
		const body = addCheckpointBody({ oldSize, proof, checkpoint: anchor.note });
		asked.request = asked.witness.addCheckpoint(body).then((heard) => {
			this.#heard.push({ asked, oldSize, anchor, heard });
			this.#news.abort();
		});
	}

	/** Resolves when nothing is under way. */
	async settled(): Promise<void> {
		await Promise.all(this.#asked.map(({ request }) => request));
	}
}

const AGAIN = "again";
