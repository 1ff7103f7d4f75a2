/**
 * Where calls are asked for: published, awaited, given up, and their outcomes reported. The promises C1 to C4 are the
 * client's.
 */
import { randomUUID } from "node:crypto";
import { canonicalize } from "../core/base/canonical-json.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { isReplyTopic, submissionHeaders } from "../core/codec/headers.ts";
import type { ReportedUsage } from "../core/codec/reported-usage.ts";
import { traceOf } from "../core/codec/trace.ts";
import { callKey } from "../core/model/ids.ts";
import type { IntentSubmitted, OutcomeStatus } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import { callDigest } from "../core/token/call-digest.ts";
import type { Clock } from "../ports/clock.ts";
import type { Headers, Log, LogRecord } from "../ports/log/log.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { InputPublisher, type Publisher } from "../publishing/input-publisher.ts";
import { TailReader } from "../reading/tail.ts";
import { Asker } from "./asker.ts";
import { type AskedCall, type CallRequest, checkNames, drawExecutor, type IntentComposer } from "./composer.ts";
import { type Decision, decisionOf, mayRun, refusedOf } from "./decision.ts";
import type { Emitter } from "./emitter.ts";
import type { DecisionEvent } from "./events.ts";
import type { BegunCall, DecisionWait, EndedCall, ExecutorParts } from "./executor.ts";
import { Outcomes, type RoutedCall } from "./outcomes.ts";
import { PendingCalls } from "./pending.ts";
import { replyFor } from "./replies.ts";
import type { TokenGate } from "./token-gate.ts";

export interface DeskParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	readonly emitter: Emitter;
	readonly composer: IntentComposer;
	/** Where answers are awaited. */
	readonly replyTopic: string;
	readonly publisher: Publisher | null;
	/** Null: arguments are published in the clear. */
	readonly sealing: PayloadKeys | null;
	/** Null: nothing is asked of tokens. */
	readonly tokens: TokenGate | null;
}

export type AbandonedCall = RoutedCall & { readonly executor?: string };

export class Desk implements ExecutorParts {
	readonly #parts: DeskParts;
	readonly #publisher: InputPublisher;
	readonly #pending: PendingCalls;
	readonly #replies: TailReader;
	readonly #outcomes: Outcomes;
	#failure: unknown = null;
	#isClosed = false;

	/** Throws ASSENT_USAGE for a topic to which no answer is ever written. */
	constructor(parts: DeskParts) {
		const { log, layout, clock, telemetry, emitter, replyTopic, publisher, sealing } = parts;
		if (!isReplyTopic(replyTopic)) {
			const help = "name it `replies` or `replies.<name>`: small letters, digits and `-`";
			throw new AssentError(problem("ASSENT_USAGE", `answers are never written to \`${replyTopic}\``, help));
		}
		this.#parts = parts;
		this.#publisher = new InputPublisher({ log, layout, clock, source: "assent/client", publisher, sealing });
		this.#outcomes = new Outcomes({
			publisher: this.#publisher,
			layout,
			telemetry,
			emitter,
			assertUsable: () => this.assertUsable(),
		});
		this.#pending = new PendingCalls({
			clock,
			isSigning: publisher !== null,
			digestOf: (intent) => this.#publisher.digestOf(intent),
			send: (intent, replyId, trace) => {
				this.#send(intent, replyId, trace).catch((thrown: unknown) => this.#unsent(intent.id, thrown));
			},
			giveUp: (intent) => void this.#giveUp(intent, "no decision came by the deadline"),
			held: (intent, reply) => this.#held(intent, decisionOf(reply, intent)),
			foreign: (intent, reply) => {
				const { partition, seq, verdict, call } = reply;
				telemetry.warn("answer.foreign", { id: intent.id, about: callKey(call), verdict, partition, seq });
			},
		});
		this.#replies = new TailReader({
			log,
			topic: replyTopic,
			onRecord: (record) => this.#answered(record),
			onLost: (why) => this.lost(why),
		});
	}

	/** Begins to read replies; nothing may be asked before. */
	async open(): Promise<void> {
		await this.#replies.start(this.#parts.layout.partitions);
	}

	/** Denies and gives up what is not decided yet; what waits for a human stays held. */
	async close(): Promise<void> {
		this.#isClosed = true;
		const left = this.#outcomes.leave();
		const undecided = this.#pending.denyAll();
		await Promise.all([left, ...undecided.map((intent) => this.#giveUp(intent, "the client was closed"))]);
		await this.#replies.stop();
	}

	read(request: CallRequest): AskedCall {
		return this.#parts.composer.read(request);
	}

	async decide(asked: AskedCall, wait: DecisionWait): Promise<Decision> {
		const { signal, holdMs } = wait;
		this.assertUsable();
		signal?.throwIfAborted();
		const { composer } = this.#parts;
		const salts = composer.sealedSalts(asked);
		const intent = salts === null ? composer.intentOf(asked) : composer.intentOf(asked, await salts);
		if (salts !== null) {
			this.assertUsable();
			signal?.throwIfAborted();
		}
		const replyId = randomUUID();
		const trace = traceOf({ ...asked.request.trace });
		const decided = this.#pending.await(intent, replyId, wait, trace);
		const sent = this.#send(intent, replyId, trace).catch((thrown: unknown) => {
			// It may have been written anyway: the resend or the deadline will tell.
			if (isPassing(thrown)) return this.#unsent(intent.id, thrown);
			this.#pending.forget(replyId);
			throw thrown;
		});
		// The deadline holds even while the log keeps silent about the append.
		const asker = new Asker(signal, () => {
			// Decided already: the decision is on its way.
			if (!this.#pending.has(replyId)) return false;
			const isLeft = holdMs !== undefined && this.#pending.isHeld(replyId);
			this.#pending.forget(replyId);
			if (!isLeft) void this.#giveUp(intent, STOPPED);
			return true;
		});
		try {
			const decision = await Promise.race([decided, sent.then(() => decided), asker.stopped]);
			this.#announce(intent, decision);
			if (signal?.aborted !== true || !mayRun(decision)) return decision;
			// It was allowed, and nobody wants it any more.
			await this.#giveUp(intent, STOPPED);
			throw signal.reason;
		} finally {
			asker.leave();
		}
	}

	async admit(asked: AskedCall, decision: Decision): Promise<Decision | null> {
		const { tokens, telemetry, emitter } = this.#parts;
		const { args, executor: audience } = decision;
		if (tokens === null || args === null) return null;
		const { call, session, request } = asked;
		const { tool } = request;
		const digest = callDigest(tool, canonicalize(args));
		const fault = await tokens.admit(decision.token, { ...call, session, audience, callDigest: digest });
		if (fault === null) return null;
		telemetry.warn("token.refused", { id: call.id, code: fault.code, why: fault.message });
		const refused = refusedOf(decision, fault);
		const { tenant, agent, id } = call;
		const { reasons, policyDigest, partition, seq } = decision;
		const at = this.#parts.clock.now();
		const event = { call: { tenant, agent, id }, session, tool, verdict: refused.verdict, reasons, policyDigest };
		emitter.emit("tool_call_blocked", { ...event, partition, seq, at });
		// One that was used has run, or runs somewhere: nobody may say that it never did.
		if (fault.code !== "TOKEN_USED") {
			await this.#publishAbandonment(
				{ ...call, session, executor: audience },
				`its token was refused: ${fault.code}`,
			).catch((thrown: unknown) => telemetry.warn("intent.unabandoned", { id, why: String(thrown) }));
		}
		return refused;
	}

	began(call: BegunCall): void {
		this.#outcomes.began(call);
	}

	ended(call: EndedCall): Promise<void> {
		return this.#outcomes.ended(call);
	}

	report(call: RoutedCall, status: OutcomeStatus, usage: ReportedUsage, sketch: string): Promise<void> {
		return this.#outcomes.report(call, status, usage, sketch);
	}

	async abandon(call: AbandonedCall, reason: string): Promise<void> {
		this.assertUsable();
		const { tenant, agent, id, session } = call;
		checkNames({ tenant, agent, id, session });
		await this.#publishAbandonment(call, reason);
	}

	/** Throws the problem of a token that was used, or is not the call's. */
	async giveUp(call: AbandonedCall, token: string, reason: string): Promise<void> {
		const { tokens } = this.#parts;
		if (tokens === null || (token === "" && !tokens.hasKeys)) return this.abandon(call, reason);
		this.assertUsable();
		// Nobody has this name: it ends a hold, and leaves an allowed call as it is.
		if (token === "") return this.abandon({ ...call, executor: drawExecutor() }, reason);
		const { tenant, agent, id, session, executor = null } = call;
		const used = await tokens.forgo(token, { tenant, agent, id, session, audience: executor });
		if (!used.ok) throw new AssentError(used.error);
		await this.abandon({ ...call, executor: used.value.aud }, reason);
	}

	/** The log is gone: everybody who waits is denied, and the next caller is told. */
	lost(why: unknown): void {
		if (this.#isClosed) return;
		this.#failure = why;
		this.#parts.telemetry.error("replies.lost", { why: String(why) });
		this.#pending.denyAll();
	}

	/** Throws ASSENT_LOG_CLOSED once it is closed, and why the log was lost. */
	assertUsable(): void {
		if (this.#isClosed) throw new AssentError(problem("ASSENT_LOG_CLOSED", "the client was closed", "make a new one"));
		if (this.#failure !== null) throw this.#failure;
	}

	async #send(intent: IntentSubmitted, replyId: string, trace: Headers): Promise<void> {
		const address = { topic: this.#parts.replyTopic, replyId };
		await this.#publisher.publish(intent, { ...trace, ...submissionHeaders(intent.id, address) });
	}

	/** A log that is busy or full may be well again before the deadline; one that was closed is gone. */
	#unsent(id: string, thrown: unknown): void {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_CLOSED") this.lost(thrown);
		else this.#parts.telemetry.warn("intent.unsent", { id, why: String(thrown) });
	}

	/** The caller was told that the call does not run: what it reserved comes back, if the log takes the report. */
	async #giveUp(intent: IntentSubmitted, reason: string): Promise<void> {
		const { tenant, agent, session, actor } = intent.principal;
		const call = { tenant, agent, session, actor, id: intent.id, executor: intent.executor };
		try {
			await this.#publishAbandonment(call, reason);
		} catch (thrown) {
			this.#parts.telemetry.warn("intent.unabandoned", { id: intent.id, why: String(thrown) });
		}
	}

	async #publishAbandonment(call: AbandonedCall, reason: string): Promise<void> {
		const { tenant, agent, id, session, actor = [], executor = "" } = call;
		await this.#publisher.publish({
			type: "intent.abandoned",
			call: { tenant, agent, id },
			session,
			actor,
			reason,
			executor,
		});
	}

	#answered(record: LogRecord): void {
		const reply = replyFor(record, this.#pending);
		if (reply !== null) this.#pending.answered(reply);
	}

	#announce(intent: IntentSubmitted, decision: Decision): void {
		const event = this.#eventOf(intent, decision);
		this.#parts.emitter.emit("policy_check", event);
		if (decision.verdict === "hold") this.#held(intent, decision);
		if (!mayRun(decision)) this.#parts.emitter.emit("tool_call_blocked", event);
	}

	#held(intent: IntentSubmitted, decision: Decision): void {
		this.#parts.emitter.emit("call_held", { ...this.#eventOf(intent, decision), expiresAt: decision.expiresAt });
	}

	#eventOf(intent: IntentSubmitted, decision: Decision): DecisionEvent {
		const { tenant, agent, session } = intent.principal;
		return {
			call: { tenant, agent, id: intent.id },
			session,
			tool: intent.tool,
			verdict: decision.verdict,
			reasons: decision.reasons,
			policyDigest: decision.policyDigest,
			partition: decision.partition,
			seq: decision.seq,
			at: this.#parts.clock.now(),
		};
	}
}

/** Why a call is given up whose asker's signal aborted. */
const STOPPED = "the caller stopped waiting";

/** Nobody can tell whether it was written, or the log is out of reach for now. */
const isPassing = (thrown: unknown): boolean =>
	thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE";
