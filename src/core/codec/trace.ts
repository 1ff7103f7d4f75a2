/**
 * W3C Trace Context of an input, passed on to what is derived from it: in headers only, never in a leaf. What is malformed
 * or too long is dropped, so that nobody can make the ledger's records large by it.
 */

import { type RecordHeaders, traceHeaders } from "./headers.ts";

const TRACESTATE = "tracestate";

/** What every vendor must at least pass on, by the specification; a longer one may be dropped. */
const TRACESTATE_MAX = 512;
const MEMBERS_MAX = 32;

/** `key=value`: a key of the specification, a value of printable ASCII without `,` and `=` that ends in no blank. */
const MEMBER =
	/^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

export const NO_TRACE: RecordHeaders = Object.freeze({});

/** The headers to pass on; `tracestate` only beside a good `traceparent`. */
export function traceOf(headers: RecordHeaders): RecordHeaders {
	if (!Object.hasOwn(headers, "traceparent")) return NO_TRACE;
	const trace = traceHeaders(headers);
	if (trace["traceparent"] === undefined) return NO_TRACE;
	const state = Object.hasOwn(headers, TRACESTATE) ? headers[TRACESTATE] : undefined;
	return state !== undefined && isTraceState(state) ? { ...trace, [TRACESTATE]: state } : trace;
}

/** Bytes that headers add to a record, roughly: an append is cut by what it weighs. */
export function headerBytes(headers: RecordHeaders): number {
	let bytes = 0;
	for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
	return bytes;
}

/** Members between commas, of which some may be empty. */
function isTraceState(text: string): boolean {
	if (text.length > TRACESTATE_MAX) return false;
	const members = text
		.split(",")
		.map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
		.filter((member) => member !== "");
	return members.length > 0 && members.length <= MEMBERS_MAX && members.every((member) => MEMBER.test(member));
}
