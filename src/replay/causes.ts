/** Causes: the inputs that entries name, read by position. They come nearly in order, so that a page serves many. */
import type { Cause } from "../core/model/entries.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, withHeaders } from "../ports/log/log.ts";

/** `value`: its headers may be left out, where that is cheaper. */
export type CauseParts = "whole" | "value";

interface Page {
	readonly records: readonly LogRecord[];
	/** Where the one that was asked for last is. */
	index: number;
}

export class Causes {
	readonly #log: Log;
	readonly #partition: number;
	readonly #pages = new Map<InputTopic, Page>();
	/** The first offset that each topic has left. */
	readonly #begins = new Map<InputTopic, Offset>();

	constructor(log: Log, partition: number) {
		this.#log = log;
		this.#partition = partition;
	}

	/** Without waiting, where it was read already; undefined where it was not. */
	read({ topic, offset }: Cause, parts: CauseParts): LogRecord | undefined {
		const page = this.#pages.get(topic);
		if (page === undefined) return undefined;
		const { records } = page;
		while (page.index < records.length && (records[page.index] as LogRecord).offset < offset) page.index += 1;
		const found = records[page.index];
		if (found?.offset !== offset) return undefined;
		return parts === "whole" ? withHeaders(found) : found;
	}

	/** Null where retention has eaten it, or nothing is at its place. */
	async at(cause: Cause, parts: CauseParts): Promise<LogRecord | null> {
		const { topic, offset } = cause;
		if (offset < (await this.#begin(topic))) return null;
		const from = { topic, partition: this.#partition };
		const records = await this.#log.read(from, offset, { hasHeaders: false });
		this.#pages.set(topic, { records, index: 0 });
		return this.read(cause, parts) ?? null;
	}

	/** Asked once: what retention eats meanwhile is an error of reading. */
	async #begin(topic: InputTopic): Promise<Offset> {
		const known = this.#begins.get(topic);
		if (known !== undefined) return known;
		const { begin } = await this.#log.bounds({ topic, partition: this.#partition });
		this.#begins.set(topic, begin);
		return begin;
	}
}
