/** What an allowed call must be run with: the obligations of all policies that apply, merged. */
import type { JsonObject } from "../base/json.ts";
import type { Obligations } from "../model/entries.ts";
import { resolvePath } from "./argument-path.ts";
import { CALL_DEADLINE_DEFAULT_MS, type Finding, NO_OBLIGATIONS } from "./compiled.ts";
import type { CompiledObligation } from "./rules.ts";

/** Values that one decision can name for redaction: it travels in the ledger and in replies. */
const REDACTIONS_MAX = 256;

const NOTHING_FAILED: readonly Finding[] = [];

/** Union of redactions and messages in the order of the documents, shortest deadline; paths become JSON pointers. */
export function mergeObligations(
	entries: readonly CompiledObligation[],
	args: JsonObject,
): { readonly obligations: Obligations; readonly failed: readonly Finding[] } {
	if (entries.length === 0) return { obligations: NO_OBLIGATIONS, failed: NOTHING_FAILED };
	const redact = new Set<string>();
	const messages = new Set<string>();
	const failed: Finding[] = [];
	let deadlineMs: number | null = null;
	for (const entry of entries) {
		if (entry.message !== null) messages.add(entry.message);
		if (entry.deadlineMs !== null) deadlineMs = Math.min(deadlineMs ?? entry.deadlineMs, entry.deadlineMs);
		if (!addPointers(redact, entry, args)) failed.push(entry.failed);
	}
	const obligations: Obligations = {
		redact: outermost([...redact]),
		callDeadlineMs: deadlineMs ?? CALL_DEADLINE_DEFAULT_MS,
		messages: [...messages],
	};
	return { obligations, failed };
}

/** False when there are too many: a decision that leaves some out would leak them. */
function addPointers(redact: Set<string>, entry: CompiledObligation, args: JsonObject): boolean {
	for (const path of entry.redact) {
		const pointers = resolvePath(path, args, REDACTIONS_MAX);
		if (pointers === null) return false;
		for (const pointer of pointers) redact.add(pointer);
		if (redact.size > REDACTIONS_MAX) return false;
	}
	return true;
}

/** What lies below a redacted value is gone with it. */
function outermost(pointers: readonly string[]): readonly string[] {
	if (pointers.length < 2) return pointers;
	return pointers.filter((pointer) => !pointers.some((other) => pointer !== other && pointer.startsWith(`${other}/`)));
}
