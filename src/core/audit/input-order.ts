/** Whether the entries of a ledger answer every input once, in the order of its topic. */
import type { Cause, LedgerEntry } from "../model/entries.ts";
import type { InputTopic } from "../model/inputs.ts";
import type { Offset } from "../model/units.ts";

/** Offsets that no entry answers. On some logs there are offsets that hold no record: whoever can read the log looks whether these do. */
export interface PassedOver {
	readonly topic: InputTopic;
	readonly from: Offset;
	/** Behind the last of them: the input that the entry with this `seq` answers. */
	readonly until: Offset;
	readonly seq: number;
	/** Of the ledger's record. */
	readonly offset: Offset;
}

export class InputOrder {
	/** The next offset of each topic. */
	readonly next: Record<InputTopic, Offset> = { intents: 0, control: 0 };
	readonly #partition: number;

	constructor(partition: number) {
		this.#partition = partition;
	}

	/** Null, or what is passed over. What is found wrong is the end of a sentence that begins with the entry. */
	take(entry: LedgerEntry, offset: Offset, found: (what: string) => void): PassedOver | null {
		const { seq, cause } = entry;
		if (cause.partition !== this.#partition) found(`answers an input of partition ${cause.partition}`);
		if (entry.kind !== "inputs.skipped") return this.#passTo(seq, offset, cause, found);
		const { topic, from, until } = entry;
		if (from !== this.next[topic]) found(`skips ${topic} ${from} where ${this.next[topic]} is next`);
		// A record about control itself is read before its turn, and again in its turn.
		const passed = topic === "control" ? null : this.#passTo(seq, offset, cause, found);
		this.next[topic] = until;
		return passed;
	}

	#passTo(seq: number, offset: Offset, cause: Cause, found: (what: string) => void): PassedOver | null {
		const { topic } = cause;
		const from = this.next[topic];
		this.next[topic] = cause.offset + 1;
		if (cause.offset < from) found(`answers ${topic} ${cause.offset} where ${from} is next`);
		return cause.offset > from ? { topic, from, until: cause.offset, seq, offset } : null;
	}
}
