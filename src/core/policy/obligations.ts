/** What an allowed call must be run with: the obligations of all policies that apply, merged. */

import { type ArgumentPath, resolvePath } from "../arguments/path.ts";
import type { JsonObject } from "../base/json.ts";
import { outermost } from "../base/json-pointer.ts";
import type { Obligations } from "../model/entries.ts";
import { CALL_DEADLINE_DEFAULT_MS, leaseDefault } from "../model/obligations.ts";
import type { CompiledObligation, FiredRule } from "./rules.ts";

/** Values that one decision can name for redaction: it travels in the ledger and in replies. */
const REDACTIONS_MAX = 256;

const NOTHING_FAILED: readonly FiredRule[] = Object.freeze([]);

export interface Owed {
	readonly obligations: Obligations;
	readonly failed: readonly FiredRule[];
}

/**
 * Obligations that apply together. What does not depend on the arguments is merged once: messages in the order of the
 * documents, the shortest deadline, the longest lease. What is owed adds the union of redactions for one call; paths become
 * JSON pointers.
 */
export class MergedObligations {
	/** One frozen object for all calls with nothing to redact, which are most. */
	readonly unredacted: Owed;
	readonly #redacting: readonly CompiledObligation[];

	constructor(entries: readonly CompiledObligation[]) {
		const deadlines = entries.flatMap(({ deadlineMs }) => (deadlineMs === null ? [] : [deadlineMs]));
		const leases = entries.flatMap(({ leaseMs }) => (leaseMs === null ? [] : [leaseMs]));
		const callDeadlineMs = deadlines.length === 0 ? CALL_DEADLINE_DEFAULT_MS : Math.min(...deadlines);
		const obligations: Obligations = Object.freeze({
			redact: Object.freeze([]),
			callDeadlineMs,
			leaseMs: leases.length === 0 ? leaseDefault(callDeadlineMs) : Math.max(callDeadlineMs, ...leases),
			messages: Object.freeze([...new Set(entries.flatMap(({ message }) => (message === null ? [] : [message])))]),
		});
		this.unredacted = Object.freeze({ obligations, failed: NOTHING_FAILED });
		this.#redacting = entries.filter(({ redact }) => redact.length > 0);
	}

	owed(args: JsonObject): Owed {
		if (this.#redacting.length === 0) return this.unredacted;
		const redact = new Set<string>();
		const failed = this.#redacting.filter((entry) => !addPointers(redact, entry.redact, args));
		if (redact.size === 0 && failed.length === 0) return this.unredacted;
		return {
			obligations: { ...this.unredacted.obligations, redact: outermost([...redact]) },
			failed: failed.map((entry) => entry.failed),
		};
	}
}

/** False when there are too many: a decision that leaves some out would leak them. */
function addPointers(redact: Set<string>, paths: readonly ArgumentPath[], args: JsonObject): boolean {
	for (const path of paths) {
		const pointers = resolvePath(path, args, REDACTIONS_MAX);
		if (pointers === null) return false;
		for (const pointer of pointers) redact.add(pointer);
		if (redact.size > REDACTIONS_MAX) return false;
	}
	return true;
}
