/** What a key has signed, as the log's `checkpoints` tell: read before a notary signs, written after. */
import { type Checkpoint, readCheckpoint } from "../core/audit/checkpoint.ts";
import { knownSignatures, type Note, readNote } from "../core/audit/note.ts";
import { AssentError } from "../core/base/errors.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { derivedEvent } from "../core/codec/event.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import type { EpochMs } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { Verifier } from "../ports/signer.ts";
import { failureOf } from "../publishing/appended.ts";
import { signatureVerifier } from "../reading/note-verifiers.ts";
import type { Signed } from "./signed-state.ts";

/** The largest tree of each origin that the key has signed. What others wrote there says nothing. */
export async function signedOn(log: Log, partitions: number, verifier: Verifier): Promise<Map<string, TreeHead>> {
	const largest = new Map<string, TreeHead>();
	for (let partition = 0; partition < partitions; partition++) {
		for await (const { origin, size, root } of notesOn(log, partition, verifier))
			if (size > (largest.get(origin)?.size ?? -1)) largest.set(origin, { size, root });
	}
	return largest;
}

/** A signed checkpoint as it is on the log. */
export interface NoteOnLog extends Checkpoint {
	readonly note: string;
	/** Of `checkpoints`. */
	readonly partition: number;
	/** When it was published. */
	readonly at: EpochMs;
}

/** What the key has signed, in the order in which it was published; without a key whatever is a checkpoint, whoever has signed it. */
export async function* notesOn(log: Log, partition: number, verifier: Verifier | null): AsyncGenerator<NoteOnLog> {
	const at = { topic: TOPICS.checkpoints, partition };
	const { begin } = await log.bounds(at);
	for await (const records of readToEnd(log, at, begin)) {
		for (const { value, timestamp } of records) {
			const read = decodeDerived(value);
			if (!read.ok || read.value.type !== "checkpoint.signed") continue;
			const { note } = read.value;
			const signed = readNote(note);
			const checkpoint = signed === null ? null : readCheckpoint(signed.text);
			if (signed === null || checkpoint === null) continue;
			if (verifier === null || isOurs(signed, verifier)) yield { ...checkpoint, note, partition, at: timestamp };
		}
	}
}

/** Whether the key has signed it. */
export function isSignedBy({ note }: NoteOnLog, verifier: Verifier): boolean {
	const read = readNote(note);
	return read !== null && isOurs(read, verifier);
}

/** A signature is checked only where the note names the key. */
const isOurs = (note: Note, verifier: Verifier): boolean => knownSignatures(note, [signatureVerifier(verifier)]).ok;

/** Null once it is on the log; else why it is not. */
export async function publishSigned(
	log: Log,
	{ origin, partition, size, root, note }: Signed & { readonly origin: string; readonly partition: number },
	now: EpochMs,
): Promise<string | null> {
	const record = { type: "checkpoint.signed" as const, origin, size, root, note };
	const event = derivedEvent(record, { id: `${origin}/${size}`, source: "assent/notary", time: now });
	try {
		return failureOf(await log.append({ topic: TOPICS.checkpoints, partition }, [{ key: origin, ...event }]));
	} catch (thrown) {
		if (thrown instanceof AssentError) return thrown.problem.message;
		throw thrown;
	}
}
