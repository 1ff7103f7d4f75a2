/** A witness over HTTP (C2SP tlog-witness). */
import { type DurationMs, SECOND } from "../../../core/model/units.ts";
import type { Verifier } from "../../../ports/signer.ts";
import type { Witness } from "../../../ports/witness.ts";

const TIMEOUT_MS: DurationMs = 3 * SECOND;
/** Dozens of signatures, and more than that of nothing. */
const ANSWER_BYTES_MAX = 64 * 1_024;

/** `url` is the submission prefix. */
export function httpWitness(url: string, verifier: Verifier): Witness {
	const address = `${url.replace(/\/+$/, "")}/add-checkpoint`;
	return {
		verifier,
		addCheckpoint: async (body) => {
			try {
				const response = await fetch(address, {
					method: "POST",
					headers: { "content-type": "text/plain; charset=utf-8" },
					body,
					redirect: "manual",
					signal: AbortSignal.timeout(TIMEOUT_MS),
				});
				return { kind: "answer", status: response.status, body: await textOf(response) };
			} catch (thrown) {
				const { name, cause, message } = thrown as Error & { readonly cause?: { readonly code?: string } };
				const why = name === "TimeoutError" ? `no answer within ${TIMEOUT_MS} ms` : (cause?.code ?? message);
				return { kind: "silence", why };
			}
		},
	};
}

async function textOf(response: Response): Promise<string> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of response.body ?? []) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > ANSWER_BYTES_MAX) throw new Error(`its answer has more than ${ANSWER_BYTES_MAX} bytes`);
	}
	return Buffer.concat(chunks).toString("utf8");
}
