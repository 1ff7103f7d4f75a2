/** One message to one address: sent, or refused with a reason that says nothing of the address, which can be a secret. */
import type { DurationMs } from "../../../core/model/units.ts";

export type Posted =
	| { readonly kind: "taken" }
	/** `waitMs`: how long the receiver asks to be left alone; 0 where it does not. */
	| { readonly kind: "refused"; readonly why: string; readonly waitMs: DurationMs };

export async function post(
	url: string,
	message: {
		readonly headers: Readonly<Record<string, string>>;
		readonly body: string;
		readonly timeoutMs: DurationMs;
		readonly signal: AbortSignal;
	},
): Promise<Posted> {
	const { headers, body, timeoutMs, signal } = message;
	try {
		const response = await fetch(url, {
			method: "POST",
			headers: { "content-type": "application/json", ...headers },
			body,
			// Where a message goes is configured, and nobody else says it.
			redirect: "manual",
			signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
		});
		// What a receiver says is of no interest, however long it is.
		await response.body?.cancel();
		if (response.ok) return { kind: "taken" };
		const waitMs = 1_000 * Number(/^\d{1,5}$/.exec(response.headers.get("retry-after") ?? "")?.[0] ?? 0);
		return { kind: "refused", why: `it answered ${response.status}`, waitMs };
	} catch (thrown) {
		const { name, cause } = thrown as Error & { readonly cause?: { readonly code?: string } };
		const why = name === "TimeoutError" ? `no answer within ${timeoutMs} ms` : (cause?.code ?? "no connection");
		return { kind: "refused", why, waitMs: 0 };
	}
}
