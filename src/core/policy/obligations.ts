/** What an allowed call must be run with: the obligations of all policies that apply, merged. */

import { resolvePath } from "../arguments/path.ts";
import type { JsonObject } from "../base/json.ts";
import type { Obligations } from "../model/entries.ts";
import { CALL_DEADLINE_DEFAULT_MS, leaseDefault } from "../model/obligations.ts";
import type { Finding } from "./compiled.ts";
import type { CompiledObligation } from "./rules.ts";

/** Values that one decision can name for redaction: it travels in the ledger and in replies. */
const REDACTIONS_MAX = 256;

const NOTHING_FAILED: readonly Finding[] = [];

export interface Owed {
	readonly obligations: Obligations;
	readonly failed: readonly Finding[];
}

/**
 * Merges once what does not depend on the arguments: messages in the order of the documents, the shortest deadline, the
 * longest lease. What comes out adds the union of redactions for one call; paths become JSON pointers.
 */
export function mergeObligations(entries: readonly CompiledObligation[]): (args: JsonObject) => Owed {
	const deadlines = entries.flatMap(({ deadlineMs }) => (deadlineMs === null ? [] : [deadlineMs]));
	const leases = entries.flatMap(({ leaseMs }) => (leaseMs === null ? [] : [leaseMs]));
	const callDeadlineMs = deadlines.length === 0 ? CALL_DEADLINE_DEFAULT_MS : Math.min(...deadlines);
	const obligations: Obligations = {
		redact: [],
		callDeadlineMs,
		leaseMs: leases.length === 0 ? leaseDefault(callDeadlineMs) : Math.max(callDeadlineMs, ...leases),
		messages: [...new Set(entries.flatMap(({ message }) => (message === null ? [] : [message])))],
	};
	// One for all calls with nothing to redact, which are most.
	const unredacted: Owed = { obligations, failed: NOTHING_FAILED };
	const redacting = entries.filter(({ redact }) => redact.length > 0);
	return (args) => {
		const redact = new Set<string>();
		const failed = redacting.filter((entry) => !addPointers(redact, entry, args)).map((entry) => entry.failed);
		if (redact.size === 0 && failed.length === 0) return unredacted;
		return { obligations: { ...obligations, redact: outermost([...redact]) }, failed };
	};
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
