/**
 * What each credential may take of a gateway, its children included, so that nobody's calls wait for another's: one thread reads all
 * requests, and a credential has its share of that thread.
 *
 * A request counts as one, and as one more for every hundred members of its body: that many cost about as much as a request. Bytes are
 * counted beside it, for they go to the log. Of requests that are worked on, only so many are of one credential.
 */
import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type DurationMs, SECOND } from "../../../core/model/units.ts";
import type { Credential } from "./credential.ts";
import type { GatewayLimits } from "./limits.ts";
import { tooMany } from "./problems.ts";
import { PACED_MS, type RateLimit, Rates } from "./rate.ts";
import { BODY_BYTES_MAX } from "./request.ts";

const MEMBERS_PER_REQUEST = 100;
const BODY_BYTES: RateLimit = { perSecond: 500_000, burst: 2_000_000 };
/** Of each request: an ordinary call is counted as a request alone. */
const BODY_BYTES_FREE = 4_096;

/** A refusal is answered after a while, so that whoever sends again at once costs no more than others. */
const HELD_BACK_MS: DurationMs = SECOND;
/** Of one credential at a time; beyond that they are answered at once. */
const HELD_BACK_MAX = 1_000;

export class Shares {
	readonly #requests: Rates;
	readonly #bytes = new Rates(BODY_BYTES);
	readonly #waiting: Places;
	readonly #working: Places;
	readonly #heldBack = new Places(HELD_BACK_MAX);

	constructor({ rate, waiting, working }: GatewayLimits) {
		this.#requests = new Rates(rate);
		this.#waiting = new Places(waiting);
		this.#working = new Places(working);
	}

	/**
	 * Resolves when the body may be read. Throws GATEWAY_RATE. A body whose length is not said counts as the longest that is read.
	 */
	async countRequest({ countedAs }: Credential, headers: IncomingHttpHeaders): Promise<void> {
		const now = performance.now();
		const said = headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? 0) : BODY_BYTES_MAX;
		// One that says that it is longer is refused and not read.
		const amount = said > BODY_BYTES_MAX ? 0 : said - BODY_BYTES_FREE;
		const waitMs = this.#requests.take(countedAs, now);
		await pace(waitMs > PACED_MS || amount <= 0 ? waitMs : Math.max(waitMs, this.#bytes.take(countedAs, now, amount)));
	}

	/** Resolves when something may be made of the body's text. Throws GATEWAY_RATE. */
	async countMembers({ countedAs }: Credential, members: number): Promise<void> {
		const amount = Math.floor(members / MEMBERS_PER_REQUEST);
		if (amount > 0) await pace(this.#requests.take(countedAs, performance.now(), amount));
	}

	/** Until it is left: `waiting` for a decision, or `working`. Throws GATEWAY_RATE. */
	enter({ countedAs }: Credential, what: "waiting" | "working"): () => void {
		const leave = (what === "waiting" ? this.#waiting : this.#working).take(countedAs);
		if (leave === null) throw tooMany(SECOND);
		return leave;
	}

	/** Resolves when a refusal may be answered. */
	async holdBack({ countedAs }: Credential): Promise<void> {
		const leave = this.#heldBack.take(countedAs);
		if (leave === null) return;
		await sleep(HELD_BACK_MS, undefined, { ref: false });
		leave();
	}
}

/** Throws GATEWAY_RATE. */
async function pace(waitMs: DurationMs): Promise<void> {
	if (waitMs > PACED_MS) throw tooMany(waitMs);
	if (waitMs > 0) await sleep(waitMs);
}

/** So many for each credential at a time. */
class Places {
	readonly #most: number;
	readonly #taken = new Map<string, number>();

	constructor(most: number) {
		this.#most = most;
	}

	/** How to leave the place, once or more often; null where none is free. */
	take(id: string): (() => void) | null {
		const taken = this.#taken.get(id) ?? 0;
		if (taken >= this.#most) return null;
		this.#taken.set(id, taken + 1);
		let isTaken = true;
		return () => {
			if (!isTaken) return;
			isTaken = false;
			const left = (this.#taken.get(id) ?? 1) - 1;
			if (left === 0) this.#taken.delete(id);
			else this.#taken.set(id, left);
		};
	}
}
