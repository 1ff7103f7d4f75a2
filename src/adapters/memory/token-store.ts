/** Used tokens in memory: for executors whose names end with the process, and for tests. */
import { AssentError, problem } from "../../core/base/errors.ts";
import type { EpochMs } from "../../core/model/units.ts";
import { SWEEP_EVERY, TOKENS_MAX, type TokenStore, type TokenUse, type TokenUsed } from "../../ports/token-store.ts";

export class MemoryTokenStore implements TokenStore {
	/** When each can be forgotten. */
	readonly #used = new Map<string, EpochMs>();
	readonly #since: EpochMs;
	readonly #tokensMax: number;
	/** What ran out by then may be forgotten. */
	#sweptTo: EpochMs = 0;
	#uses = 0;

	/** What was issued before `since` may have been used elsewhere. */
	constructor(since: EpochMs, tokensMax = TOKENS_MAX) {
		this.#since = Math.floor(since / 1_000) * 1_000;
		this.#tokensMax = tokensMax;
	}

	consume({ id, issuedAt, until }: TokenUse, now: EpochMs): TokenUsed {
		if (this.#uses++ % SWEEP_EVERY === 0 || this.#used.size >= this.#tokensMax) this.#sweep(now);
		if (this.#used.has(id)) return "used";
		if (issuedAt < this.#since || until <= this.#sweptTo) return "unknown";
		if (this.#used.size >= this.#tokensMax) throw full(this.#tokensMax);
		this.#used.set(id, until);
		return "consumed";
	}

	close(): void {
		this.#used.clear();
	}

	#sweep(now: EpochMs): void {
		this.#sweptTo = Math.max(this.#sweptTo, now);
		for (const [id, until] of this.#used) if (until <= this.#sweptTo) this.#used.delete(id);
	}
}

const full = (tokensMax: number): AssentError =>
	new AssentError(
		problem(
			"TOKEN_STORE",
			`${tokensMax} used tokens are remembered, and there is no room for more`,
			"wait until some of them have run out, or let policies give calls shorter deadlines",
		),
	);
