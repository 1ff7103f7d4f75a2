/** One message to one address: sent, or refused with a reason that says nothing of the address, which can be a secret. */
import { type DurationMs, SECOND } from "../../../core/model/units.ts";

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
		// What a receiver says is of no interest, however long it is, and however it ends.
		void response.body?.cancel().catch(() => {});
		if (response.ok) return { kind: "taken" };
		const waitMs = retryAfter(response.headers.get("retry-after") ?? "");
		return { kind: "refused", why: `it answered ${response.status}`, waitMs };
	} catch (thrown) {
		return { kind: "refused", why: whyNot(thrown, timeoutMs), waitMs: 0 };
	}
}

function whyNot(thrown: unknown, timeoutMs: DurationMs): string {
	const { name, cause } = thrown as Error & { readonly cause?: { readonly code?: string; readonly message?: string } };
	if (name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
	// The web's rules for `fetch`: ports of mail and the like are asked by nobody.
	if (cause?.message === "bad port") return "its port is one that nothing is posted to";
	return cause?.code ?? "no connection";
}

/** Seconds, also parts of them, or a date (RFC 9110), in ms from now; 0 for anything else. */
function retryAfter(text: string): DurationMs {
	if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text)) * SECOND;
	const at = Date.parse(text);
	return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}
