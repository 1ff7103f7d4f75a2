/** Calls whose decision is awaited, and the timers that ask again and give up. The promises C1 to C3 are the client's. */
import type { IntentSubmitted } from "../core/model/inputs.ts";
import type { DecisionReplied } from "../core/model/records.ts";
import type { DurationMs, EpochMs } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { Headers } from "../ports/log.ts";
import { type Decision, decisionOf, undecided } from "./decision.ts";

/** While held, the client asks again this often: a reply can be lost in a takeover. */
const HELD_RESEND_MS: DurationMs = 30_000;
/** Beyond the hold's expiry, the time that its denial may take to arrive. */
const HELD_GRACE_MS: DurationMs = 10_000;

interface Pending {
	readonly intent: IntentSubmitted;
	readonly isHoldReturned: boolean;
	/** Of the caller: every resend carries it too. */
	readonly trace: Headers;
	readonly resolve: (decision: Decision) => void;
	timer: NodeJS.Timeout | undefined;
	/** A first answer has come: it waits for a human. */
	isHeld: boolean;
}

export class PendingCalls {
	readonly #clock: Clock;
	readonly #send: (intent: IntentSubmitted, replyId: string, trace: Headers) => void;
	readonly #giveUp: (intent: IntentSubmitted) => void;
	readonly #held: (intent: IntentSubmitted, reply: DecisionReplied) => void;
	readonly #byReplyId = new Map<string, Pending>();

	/** `send` asks once more; `giveUp` hears of a call that nobody decided in time, `held` of one that begins to wait. None may throw. */
	constructor(of: {
		clock: Clock;
		send: (intent: IntentSubmitted, replyId: string, trace: Headers) => void;
		giveUp: (intent: IntentSubmitted) => void;
		held: (intent: IntentSubmitted, reply: DecisionReplied) => void;
	}) {
		this.#clock = of.clock;
		this.#send = of.send;
		this.#giveUp = of.giveUp;
		this.#held = of.held;
	}

	has(replyId: string): boolean {
		return this.#byReplyId.has(replyId);
	}

	/**
	 * Resolves with the decision, whenever and however it comes. Called before the intent is sent: the answer may be here
	 * before the append is acknowledged.
	 */
	await(intent: IntentSubmitted, replyId: string, onHold: "wait" | "return", trace: Headers): Promise<Decision> {
		return new Promise((resolve) => {
			const isHoldReturned = onHold === "return";
			const pending: Pending = { intent, isHoldReturned, trace, resolve, timer: undefined, isHeld: false };
			this.#byReplyId.set(replyId, pending);
			this.#awaitFirst(replyId, pending);
		});
	}

	answered(reply: DecisionReplied): void {
		const pending = this.#byReplyId.get(reply.replyId);
		if (pending === undefined) return;
		if (reply.verdict === "hold" && !pending.isHoldReturned) {
			if (!pending.isHeld) this.#held(pending.intent, reply);
			this.#awaitHeld(reply.replyId, pending, reply.expiresAt);
		} else this.#resolve(reply.replyId, pending, decisionOf(reply));
	}

	/** Stops waiting for what was never sent; its promise stays open. */
	forget(replyId: string): void {
		clearTimeout(this.#byReplyId.get(replyId)?.timer);
		this.#byReplyId.delete(replyId);
	}

	/** Denies everything that is awaited; returns what no human has been asked about. */
	denyAll(): IntentSubmitted[] {
		const given: IntentSubmitted[] = [];
		for (const [replyId, pending] of this.#byReplyId) {
			if (!pending.isHeld) given.push(pending.intent);
			this.#resolve(replyId, pending, undecided(pending.intent, "closed"));
		}
		return given;
	}

	/** Asks again once, at half the deadline; gives up at the deadline. */
	#awaitFirst(replyId: string, pending: Pending): void {
		const half = (pending.intent.deadline - this.#clock.now()) / 2;
		this.#after(pending, half, () => {
			this.#send(pending.intent, replyId, pending.trace);
			this.#after(pending, half, () => {
				this.#resolve(replyId, pending, undecided(pending.intent, "timeout"));
				this.#giveUp(pending.intent);
			});
		});
	}

	/** A held call is asked for every 30 s until its hold has expired. */
	#awaitHeld(replyId: string, pending: Pending, expiresAt: EpochMs): void {
		pending.isHeld = true;
		const left = expiresAt + HELD_GRACE_MS - this.#clock.now();
		if (left <= 0) {
			this.#resolve(replyId, pending, undecided(pending.intent, "timeout"));
			return;
		}
		this.#after(pending, Math.min(HELD_RESEND_MS, left), () => {
			// The deadline bounds the first answer only; a resend has one of its own.
			const intent = { ...pending.intent, deadline: this.#clock.now() + HELD_RESEND_MS };
			this.#send(intent, replyId, pending.trace);
			this.#awaitHeld(replyId, pending, expiresAt);
		});
	}

	#after(pending: Pending, ms: DurationMs, then: () => void): void {
		clearTimeout(pending.timer);
		pending.timer = setTimeout(then, Math.max(1, ms));
	}

	#resolve(replyId: string, pending: Pending, decision: Decision): void {
		this.forget(replyId);
		pending.resolve(decision);
	}
}
