/** Calls whose decision is awaited, and the timers that ask again and give up. The promises C1 to C4 are the client's. */
import { commitment } from "../core/base/digest.ts";
import type { IntentSubmitted } from "../core/model/inputs.ts";
import type { DecisionReplied } from "../core/model/records.ts";
import type { DurationMs, EpochMs } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { Headers } from "../ports/log/log.ts";
import { type Decision, decisionOf, undecided } from "./decision.ts";
import type { DecisionWait } from "./executor.ts";

/** While held, the client asks again this often: a reply can be lost in a takeover. */
const HELD_RESEND_MS: DurationMs = 30_000;
/** Once its hold is granted, it asks for the call this often until it has it, or another has. */
const GRANTED_RESEND_MS: DurationMs = 2_000;
/** Beyond the hold's expiry, the time that its denial may take to arrive. */
const HELD_GRACE_MS: DurationMs = 10_000;

/** Timers of the platform hold 31 bits; no hold is waited on for longer. */
const TIMER_MAX_MS: DurationMs = 2_147_483_647;

type HoldWait = Pick<DecisionWait, "isReturned" | "holdMs">;

interface Pending {
	readonly intent: IntentSubmitted;
	/** How long its caller waits for a human, if at all. */
	readonly wait: HoldWait;
	/** Of the caller: every resend carries it too. */
	readonly trace: Headers;
	readonly resolve: (decision: Decision) => void;
	timer: NodeJS.Timeout | undefined;
	/** Ends the waiting for a human. */
	holdTimer: NodeJS.Timeout | undefined;
	/** A first answer has come: it waits for a human. */
	isHeld: boolean;
	/** While held: when the hold expires. */
	expiresAt: EpochMs;
	/** A denial that may be about a record of somebody else: it counts if nothing else comes. */
	doubted: DecisionReplied | null;
}

/** None of them may throw. */
export interface PendingParts {
	readonly clock: Clock;
	/** Are the intents signed? Then somebody else's copy of one, without a signature, is refused in the name of the call. */
	readonly isSigning: boolean;
	/** SHA-256 of the record that the intent was published as, 64 hex digits. */
	readonly digestOf: (intent: IntentSubmitted) => string;
	/** Asks once more. */
	readonly send: (intent: IntentSubmitted, replyId: string, trace: Headers) => void;
	/** Hears of a call that nobody decided in time. */
	readonly giveUp: (intent: IntentSubmitted) => void;
	/** Hears of a call that begins to wait for a human. */
	readonly held: (intent: IntentSubmitted, reply: DecisionReplied) => void;
	/** Hears of an answer that came to a call's address and is about another. */
	readonly foreign: (intent: IntentSubmitted, reply: DecisionReplied) => void;
}

export class PendingCalls {
	readonly #parts: PendingParts;
	readonly #byReplyId = new Map<string, Pending>();

	constructor(parts: PendingParts) {
		this.#parts = parts;
	}

	has(replyId: string): boolean {
		return this.#byReplyId.has(replyId);
	}

	/**
	 * Resolves with the decision, whenever and however it comes. Called before the intent is sent: the answer may be here
	 * before the append is acknowledged.
	 */
	await(intent: IntentSubmitted, replyId: string, wait: HoldWait, trace: Headers): Promise<Decision> {
		return new Promise((resolve) => {
			const pending: Pending = {
				intent,
				wait,
				trace,
				resolve,
				timer: undefined,
				holdTimer: undefined,
				isHeld: false,
				expiresAt: 0,
				doubted: null,
			};
			this.#byReplyId.set(replyId, pending);
			this.#awaitFirst(replyId, pending);
		});
	}

	answered(reply: DecisionReplied): void {
		const pending = this.#byReplyId.get(reply.replyId);
		if (pending === undefined) return;
		if (!this.#isAbout(pending.intent, reply)) {
			this.#parts.foreign(pending.intent, reply);
			return;
		}
		if (this.#parts.isSigning && isAboutSignature(reply)) {
			pending.doubted = reply;
			return;
		}
		if (reply.status === "granted") this.#claim(reply.replyId, pending);
		else if (reply.verdict === "hold") this.#held(reply, pending);
		else this.#resolve(reply.replyId, pending, decisionOf(reply, pending.intent));
	}

	/** Does it wait for a human? */
	isHeld(replyId: string): boolean {
		return this.#byReplyId.get(replyId)?.isHeld === true;
	}

	/** Stops waiting for what was never sent; its promise stays open. */
	forget(replyId: string): void {
		const pending = this.#byReplyId.get(replyId);
		clearTimeout(pending?.timer);
		clearTimeout(pending?.holdTimer);
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
		const half = (pending.intent.deadline - this.#parts.clock.now()) / 2;
		this.#after(pending, half, () => {
			this.#parts.send(pending.intent, replyId, pending.trace);
			this.#after(pending, half, () => {
				const { intent, doubted } = pending;
				this.#resolve(replyId, pending, doubted === null ? undecided(intent, "timeout") : decisionOf(doubted, intent));
				this.#parts.giveUp(intent);
			});
		});
	}

	#held(reply: DecisionReplied, pending: Pending): void {
		const { replyId, expiresAt } = reply;
		const hold = decisionOf(reply, pending.intent);
		const { isReturned, holdMs } = pending.wait;
		if (isReturned(hold)) {
			this.#resolve(replyId, pending, hold);
			return;
		}
		if (!pending.isHeld) this.#parts.held(pending.intent, reply);
		pending.isHeld = true;
		pending.expiresAt = expiresAt;
		if (holdMs !== undefined && holdMs <= TIMER_MAX_MS) {
			pending.holdTimer ??= setTimeout(() => this.#resolve(replyId, pending, hold), holdMs);
		}
		this.#askAgain(replyId, pending, HELD_RESEND_MS);
	}

	/** Its hold was granted, and the first caller that asks gets it: several may wait, and some of them may be gone. */
	#claim(replyId: string, pending: Pending): void {
		// If the client is closed before the answer is here, it may have the call: it then says that it never ran.
		pending.isHeld = false;
		clearTimeout(pending.holdTimer);
		pending.expiresAt = Math.max(pending.expiresAt, this.#parts.clock.now() + HELD_RESEND_MS);
		this.#sendAgain(replyId, pending);
		this.#askAgain(replyId, pending, GRANTED_RESEND_MS);
	}

	/** Asks every `everyMs` until an answer comes or the hold has expired. */
	#askAgain(replyId: string, pending: Pending, everyMs: DurationMs): void {
		const left = pending.expiresAt + HELD_GRACE_MS - this.#parts.clock.now();
		if (left <= 0) {
			this.#resolve(replyId, pending, undecided(pending.intent, "timeout"));
			if (!pending.isHeld) this.#parts.giveUp(pending.intent);
			return;
		}
		this.#after(pending, Math.min(everyMs, left), () => {
			this.#sendAgain(replyId, pending);
			this.#askAgain(replyId, pending, everyMs);
		});
	}

	/** The deadline bounds the first answer only; a resend has one of its own. */
	#sendAgain(replyId: string, pending: Pending): void {
		const intent = { ...pending.intent, deadline: this.#parts.clock.now() + HELD_RESEND_MS };
		this.#parts.send(intent, replyId, pending.trace);
	}

	#after(pending: Pending, ms: DurationMs, then: () => void): void {
		clearTimeout(pending.timer);
		pending.timer = setTimeout(then, Math.max(1, ms));
	}

	/**
	 * Is the reply about what was asked? Everybody who may publish can give any reply id and any names; nobody else knows the
	 * salt that the commitment is made with. A record that could not be read is answered by the digest of its bytes.
	 */
	#isAbout(intent: IntentSubmitted, { call, commitment: about }: DecisionReplied): boolean {
		const { tenant, agent } = intent.principal;
		if (call.tenant !== tenant || call.agent !== agent || call.id !== intent.id) return false;
		return about === commitment(intent.salt, intent.tool, intent.argsText) || about === this.#parts.digestOf(intent);
	}

	#resolve(replyId: string, pending: Pending, decision: Decision): void {
		this.forget(replyId);
		pending.resolve(decision);
	}
}

/** Does it refuse a record because of its signature, whatever the record says? */
const isAboutSignature = ({ decision: { reasons } }: DecisionReplied): boolean =>
	reasons.some(({ rule }) => rule.code === "publisher.unsigned" || rule.code === "publisher.unbound");
