/** What operators have erased, for whoever meets sealed arguments and has no store of keys that would say so. Read when it is first asked for. */
import { decodeInput, identify } from "../core/codec/decode.ts";
import type { ErasureScope, IntentSealed, PayloadErased } from "../core/model/inputs.ts";
import type { EpochMs } from "../core/model/units.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../ports/log/log.ts";

interface Erasure {
	readonly scope: ErasureScope;
	/** When it was said, by the log's time. */
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
		const { value: record } = read;
		this.#read ??= this.#readAll();
		const erasures = await this.#read;
		return erasures.some(({ scope, at }) => at >= timestamp && isWithin(record, scope)) ? "erased" : missing;
	}

	async #readAll(): Promise<readonly Erasure[]> {
		const from = { topic: TOPICS.control, partition: this.#partition };
		const found: Erasure[] = [];
		for await (const records of readToEnd(this.#log, from, (await this.#log.bounds(from)).begin)) {
			for (const { value, timestamp: at } of records) {
				if (identify(value)?.types.includes("payload.erased") !== true) continue;
				const read = decodeInput(value, "control");
				if (read.ok) found.push({ scope: (read.value as PayloadErased).scope, at });
			}
		}
		return found;
	}
}

const isWithin = ({ id, principal }: IntentSealed, { tenant, agent, session, intent }: ErasureScope): boolean =>
	principal.tenant === tenant &&
	principal.agent === agent &&
	(session === null || principal.session === session) &&
	(intent === null || id === intent);
