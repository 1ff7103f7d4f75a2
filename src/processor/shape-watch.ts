/**
 * Whether inputs and ledger still have as many partitions as the layout: where somebody added some, publishers that go by the
 * topic's number write what nobody decides. A processor that starts refuses that; one that runs says it.
 */
import { counted } from "../core/base/count-text.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { DurationMs } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

const LOOK_EVERY_MS: DurationMs = 30_000;
const SHAPED: ReadonlySet<string> = new Set([TOPICS.intents, TOPICS.control, TOPICS.decisions]);

export class ShapeWatch {
	readonly #log: Log;
	readonly #partitions: number;
	readonly #everyMs: DurationMs;
	#lookedAt: number;
	/** What the last look found. */
	fault: AssentError | null = null;

	constructor(log: Log, partitions: number, everyMs: DurationMs = LOOK_EVERY_MS) {
		this.#log = log;
		this.#partitions = partitions;
		this.#everyMs = everyMs;
		// A start has looked.
		this.#lookedAt = performance.now();
	}

	/** Looks if it is time to; the fault when it is a new one. Throws when the log cannot be asked. */
	async look(): Promise<AssentError | null> {
		if (performance.now() - this.#lookedAt < this.#everyMs) return null;
		this.#lookedAt = performance.now();
		const found = await this.#log.admin().shapes();
		const altered = found.find(({ name, partitions }) => SHAPED.has(name) && partitions !== this.#partitions);
		const known = this.fault;
		if (altered === undefined) this.fault = null;
		else this.fault ??= alteredTo(altered.name, altered.partitions, this.#partitions);
		return known === null ? this.fault : null;
	}
}

const alteredTo = (topic: string, has: number, layout: number): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_TOPIC",
			`\`${topic}\` has ${counted(has, "partition")} now and the layout ${layout}: records in the others are never decided`,
			"it cannot be undone: begin a new deployment (docs/runbook.md, growing partitions)",
		),
	);
