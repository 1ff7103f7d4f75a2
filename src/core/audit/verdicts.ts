/** What calls came to, as the entries say one after the other: each is decided once, and what is repeated is what was decided. */
import type { CallStatus, LedgerEntry, Verdict } from "../model/entries.ts";
import { type CallId, callKey } from "../model/ids.ts";

/** What a call came to, as the entries so far say. */
interface Known {
	/** `seq` of its decision. */
	readonly seq: number;
	readonly isHeld: boolean;
	readonly final: "allow" | "deny" | "abandoned" | null;
	/** Who has the call; null: nobody yet. */
	readonly executor: string | null;
}

type Found = (what: string) => void;

export class Verdicts {
	readonly #calls = new Map<string, Known>();

	/** Nobody is told of the call any more. */
	forget(key: string): void {
		this.#calls.delete(key);
	}

	/** What is found wrong is the end of a sentence that begins with the entry. */
	take(entry: LedgerEntry, found: Found): void {
		for (const effect of entry.effects) {
			if (effect.kind.startsWith("hold.")) this.#finish(entry.seq, effect.call, "deny", found);
		}
		switch (entry.kind) {
			case "decision.made":
			case "decision.held":
				this.#decide(entry, found);
				return;
			case "decision.repeated":
				this.#repeat(entry, found);
				return;
			case "approval.recorded":
				if (entry.result === "allow" || entry.result === "deny")
					this.#finish(entry.seq, entry.call, entry.result, found);
				return;
			case "intent.abandoned": {
				const key = callKey(entry.call);
				const known = this.#calls.get(key);
				if (known === undefined || known.final === "deny") found("abandons what was not open");
				else this.#calls.set(key, { ...known, final: "abandoned" });
				return;
			}
			case "usage.settled":
				if (this.#calls.get(callKey(entry.call))?.final !== "allow") found("settles a call that was not allowed");
				return;
			case "policy.activated":
			case "policy.proposed":
			case "halt.set":
			case "halt.lifted":
			case "budget.adjusted":
			case "session.ended":
			case "inputs.skipped":
			case "payload.erased":
			case "clock.ticked":
			case "input.rejected":
				return;
		}
	}

	#decide(entry: Extract<LedgerEntry, { kind: "decision.made" | "decision.held" }>, found: Found): void {
		const key = callKey(entry.call);
		const known = this.#calls.get(key);
		// An id that is older than ids are remembered is denied again each time; it can never be admitted.
		const isStale =
			entry.kind === "decision.made" &&
			["intent.stale", "stream.ahead"].includes(entry.decision.reasons[0]?.rule.code ?? "");
		if (known !== undefined && !isStale) found(`decides ${key} again, which seq ${known.seq} has decided`);
		// What was decided before is forgotten: from here on the denial is what is repeated.
		const isHeld = entry.kind === "decision.held";
		const final = isHeld ? null : entry.verdict;
		this.#calls.set(key, { seq: entry.seq, isHeld, final, executor: final === "allow" ? executorOf(entry) : null });
	}

	#repeat(entry: Extract<LedgerEntry, { kind: "decision.repeated" }>, found: Found): void {
		const known = this.#calls.get(callKey(entry.call));
		if (known === undefined) {
			found("repeats what was never decided");
			return;
		}
		const { verdict, status } = entry;
		if (!mayRepeat(known, verdict, status))
			found(`repeats ${verdict} (${status}) where ${known.final ?? "hold"} stands`);
		if (verdict === "allow" && status === "open") this.#hand(entry, known, found);
	}

	/** A repetition that may run: of the call's executor, or as the first asker after a grant. */
	#hand(entry: Extract<LedgerEntry, { kind: "decision.repeated" }>, known: Known, found: Found): void {
		const key = callKey(entry.call);
		if (entry.allow?.seq !== known.seq) found(`opens ${key} by ${entry.allow?.seq}, not by ${known.seq}`);
		const isFirst = known.executor === null;
		if (!isFirst && (entry.executor === "" || entry.executor !== known.executor))
			found(`opens ${key} to a second executor`);
		this.#calls.set(key, { ...known, executor: entry.executor });
	}

	#finish(seq: number, call: CallId, verdict: "allow" | "deny", found: Found): void {
		const key = callKey(call);
		const known = this.#calls.get(key);
		if (known === undefined || !known.isHeld || known.final !== null)
			found(`gives ${key} the final verdict ${verdict}, which had ${known?.final ?? "no hold"}`);
		this.#calls.set(key, { seq, isHeld: true, final: verdict, executor: null });
	}
}

const executorOf = (entry: LedgerEntry): string | null => (entry.kind === "decision.made" ? entry.executor : null);

function mayRepeat(known: Known, verdict: Verdict, status: CallStatus): boolean {
	switch (known.final) {
		case "allow":
			return verdict === "allow";
		case "deny":
		case "abandoned":
			return verdict === "deny" && status !== "open";
		case null:
			// A hold that is overdue is denied before its effect is written.
			return verdict === "hold" || (verdict === "deny" && status === "closed");
	}
}
