/**
 * What operators have erased, for whoever meets sealed arguments and has no store of keys that would say so. Read when it is first asked for.
 * What counts is the ledger: anybody who may write to `control` can say there that something was erased, and is refused.
 */
import { decodeEntry, decodeInput, identify } from "../core/codec/decode.ts";
import type { ErasureScope } from "../core/model/inputs.ts";
import type { EpochMs } from "../core/model/units.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../ports/log/log.ts";
import { isWithin } from "../ports/payload-keys.ts";

interface Erasure {
	readonly scope: ErasureScope;
	/** When the log took the operator's record. */
	readonly at: EpochMs;
}

export class Erasures {
	readonly #log: Log;
	readonly #partition: number;
	#read: Promise<readonly Erasure[]> | null = null;

	constructor(log: Log, partition: number) {
		this.#log = log;
		this.#partition = partition;
	}

	/** Erased or only locked: `missing` as the store says, unless an operator's word that is younger than the sealed intent says more. */
	async why<Missing extends "sealed" | "seal" | "erased">(
		missing: Missing,
		{ value, timestamp }: LogRecord,
	): Promise<Missing | "erased"> {
		if (missing === "erased") return missing;
		const read = decodeInput(value, "intents");
		if (!read.ok || read.value.type !== "intent.sealed") return missing;
		const call = { ...read.value.principal, id: read.value.id };
		this.#read ??= this.#readAll();
		const erasures = await this.#read;
		return erasures.some(({ scope, at }) => at >= timestamp && isWithin(scope)(call)) ? "erased" : missing;
	}

	/** Ledgers are longer than what operators say: they are read only where there is something to find. */
	async #readAll(): Promise<readonly Erasure[]> {
		const said = this.#recordsOf(TOPICS.control);
		const { done } = await said.next();
		await said.return();
		if (done === true) return [];
		const found: Erasure[] = [];
		for await (const { value } of this.#recordsOf(TOPICS.decisions)) {
			const read = decodeEntry(value);
			if (!read.ok || read.value.kind !== "payload.erased") continue;
			const { scope, causeTime: at } = read.value;
			found.push({ scope, at });
		}
		return found;
	}

	/** Those about erasures. */
	async *#recordsOf(topic: string): AsyncGenerator<LogRecord, void> {
		const from = { topic, partition: this.#partition };
		for await (const records of readToEnd(this.#log, from, (await this.#log.bounds(from)).begin))
			for (const record of records) if (identify(record.value)?.types.includes("payload.erased") === true) yield record;
	}
}
