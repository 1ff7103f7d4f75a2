/** Records of a ledger that count for nobody, by the validity rule: which of them say that something was taken out. */
import type { Finding, FindingCode } from "../core/audit/finding.ts";
import type { LedgerHead } from "../core/ledger/validity.ts";
import type { Offset } from "../core/model/units.ts";
import type { LogRecord } from "../ports/log/log.ts";

type Tell = (code: FindingCode, of: Pick<Finding, "offset" | "message">) => void;

export class Uncounted {
	readonly #tell: Tell;
	/** On a log file no append is lost in front of one that was taken. */
	readonly #isFile: boolean;
	readonly #claimed = new Set<string>();
	/** Entries that name a claim which is not on the log. */
	#unclaimed: { readonly offset: Offset; readonly claim: string; count: number } | null = null;
	/** Records that name the claim in force and do not continue its entries. */
	#cut: { readonly offset: Offset; readonly seq: string; readonly due: number; count: number } | null = null;

	constructor(url: string, tell: Tell) {
		this.#isFile = url.startsWith("file:");
		this.#tell = tell;
	}

	claim({ headers }: LogRecord): void {
		this.#claimed.add(headers["assent-claim"] ?? "");
		this.pass();
	}

	/** A record that does not count, and what is due in its place. */
	take({ headers, offset }: LogRecord, { claim, seq }: LedgerHead): void {
		if (headers["assent-kind"] !== "entry") return;
		const named = headers["assent-claim"] ?? "nothing";
		if (!this.#claimed.has(named)) {
			this.#unclaimed ??= { offset, claim: named, count: 0 };
			this.#unclaimed.count += 1;
		} else if (named !== claim) return;
		else if (this.#cut !== null) this.#cut.count += 1;
		else this.#cut = { offset, seq: headers["assent-seq"] ?? "nothing", due: seq + 1, count: 1 };
	}

	/** Behind them another entry or claim counts. */
	pass(): void {
		if (this.#isFile) this.#tellCut();
		this.#cut = null;
	}

	/** On a log of several machines a processor may have lost an append in front of one that was taken, and have died: that alone is no finding. */
	end(isAnythingWrong: boolean): void {
		if (isAnythingWrong) this.#tellCut();
		else this.pass();
		if (this.#unclaimed === null) return;
		const { offset, claim, count } = this.#unclaimed;
		const message = `the record at offset ${offset} names the claim ${claim}, which is not on the log: it and ${count - 1} more do not count`;
		this.#tell("ledger.claim", { offset, message });
	}

	#tellCut(): void {
		if (this.#cut === null) return;
		const { offset, seq, due, count } = this.#cut;
		const message = `the record at offset ${offset} says seq ${seq}, where ${due} is due: it and ${count - 1} behind it do not count`;
		this.#tell("ledger.cut", { offset, message });
	}
}
