/** What a key has signed, as the log's `checkpoints` tell: read before a notary signs, written after. */
import { readCheckpoint } from "../core/audit/checkpoint.ts";
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
		const at = { topic: TOPICS.checkpoints, partition };
		const { begin } = await log.bounds(at);
		for await (const records of readToEnd(log, at, begin)) {
			for (const { value } of records) {
				const read = decodeDerived(value);
				if (!read.ok || read.value.type !== "checkpoint.signed") continue;
				const signed = readNote(read.value.note);
				const checkpoint = signed === null ? null : readCheckpoint(signed.text);
				if (signed === null || checkpoint === null || !isOurs(signed, verifier)) continue;
				const { origin, size, root } = checkpoint;
				if (size > (largest.get(origin)?.size ?? -1)) largest.set(origin, { size, root });
			}
		}
	}
	return largest;
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
