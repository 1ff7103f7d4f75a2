/** Ticks: control records that tell a partition's stream the time when something falls due and nothing else comes in. */
import { randomBytes } from "node:crypto";
import { inputEvent } from "../core/codec/event.ts";
import { nextDueAt } from "../core/engine/due.ts";
import type { DurationMs, EpochMs, Offset } from "../core/model/units.ts";
import type { State } from "../core/state/state.ts";
import type { Clock } from "../ports/clock.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

/** How long a partition sleeps when nothing comes and nothing is due. */
const IDLE_MS: DurationMs = 60_000;
const TICK_PAUSE_MS: DurationMs = 1_000;

export interface TickerOptions {
	readonly log: Log;
	readonly partition: number;
	readonly instance: string;
	readonly clock: Clock;
}

export class Ticker {
	readonly #options: TickerOptions;
	/** The offset of a tick that was written and is not consumed yet. */
	#tickOffset: Offset | null = null;
	#tickedAt: EpochMs = 0;

	constructor(options: TickerOptions) {
		this.#options = options;
	}

	/** Writes a tick if something is due and none is on its way. How long to sleep then, in ms, if nothing comes. */
	async tick(state: State): Promise<DurationMs> {
		if (this.#tickOffset !== null && state.inputs.control > this.#tickOffset) this.#tickOffset = null;
		const now = this.#options.clock.now();
		const due = nextDueAt(state);
		if (due === null) return IDLE_MS;
		if (due > now) return Math.max(1, Math.min(IDLE_MS, due - now));
		const sinceTick = now - this.#tickedAt;
		// A clock that was set back must not silence the ticks until it has caught up.
		const isPaced = state.streamTime >= due || sinceTick >= TICK_PAUSE_MS || sinceTick < 0;
		if (this.#tickOffset === null && isPaced) await this.#write(now);
		return TICK_PAUSE_MS;
	}

	async #write(now: EpochMs): Promise<void> {
		const { log, partition, instance } = this.#options;
		const id = randomBytes(8).toString("hex");
		const tick = { type: "clock.ticked" as const, id, issuedBy: instance, issuedAt: now };
		const event = inputEvent(tick, { id, source: `assent/processor/${instance}`, time: now });
		const appended = await log.append({ topic: TOPICS.control, partition }, [{ key: null, ...event }]);
		this.#tickedAt = now;
		if (appended.kind === "appended") this.#tickOffset = appended.base;
	}
}
