/**
 * The client: publishes intents, awaits their decisions on the reply topic, and guards tools in one line.
 *
 * C1  No decision in time is a denial, and the intent is reported as abandoned, so that its reservation comes back.
 * C2  An allow is run only while its status is `open`: a late or repeated answer to a closed call runs nothing.
 * C3  A resend carries the same id, salts, `issuedAt` and executor: it is charged once, and its allow stays open.
 * C4  An answer is believed when it is about what was asked: the call's names and the commitment. Its address says nothing.
 * C5  One id is run once: an allow goes to one executor, and whoever else asks is told that the call is taken.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import { randomBytes, randomUUID } from "node:crypto";
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { isReplyTopic, submissionHeaders } from "../core/codec/headers.ts";
import type { ReportedUsage } from "../core/codec/reported-usage.ts";
import { traceOf } from "../core/codec/trace.ts";
import { callKey } from "../core/model/ids.ts";
import type { IntentSubmitted } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs } from "../core/model/units.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import { type Headers, type Log, type LogRecord, TOPICS } from "../ports/log/log.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import { InputPublisher } from "../publishing/input-publisher.ts";
import { TailReader } from "../reading/tail.ts";
import { Asker } from "./asker.ts";
import { onChannel } from "./channels.ts";
import { type AskedCall, type CallRequest, checkNames, type DefaultPrincipal, IntentComposer } from "./composer.ts";
import { type Decision, decisionOf, mayRun } from "./decision.ts";
import { Emitter } from "./emitter.ts";
import type { ClientEventName, ClientEvents, DecisionEvent } from "./events.ts";
import {
	type DecisionWait,
	type GuardDesk,
	type Guarded,
	type GuardOptions,
	guardTool,
	type ToolFunction,
} from "./guard.ts";
import { holding } from "./hold.ts";
import { assertSecret } from "./misuse.ts";
import { Outcomes, type RoutedCall } from "./outcomes.ts";
import { PendingCalls } from "./pending.ts";
import { replyFor } from "./replies.ts";
import { Runs } from "./runs.ts";

export type { CallRequest } from "./composer.ts";

export interface ClientOptions {
	readonly log: Log;
	readonly layout: Layout;
	/** Who asks, unless a call says otherwise. */
	readonly principal?: Partial<DefaultPrincipal>;
	readonly deadlineMs?: DurationMs;
	/** Where answers are awaited: `replies` (default), or a gateway's own topic, `replies.<name>`, which nobody else may read. */
	readonly replyTopic?: string;
	/**
	 * Salts are drawn from it, 32 bytes. All who may ask under one id, in several processes or after a restart, need the same
	 * secret, or the repetition is taken for another call and denied as `intent.id_reused`. `connect` keeps one beside a log
	 * file; everywhere else, Kafka above all, it is drawn anew by default.
	 */
	readonly secret?: Uint8Array;
	readonly clock?: Clock;
	readonly telemetry?: Telemetry;
	/** Released with the client: a processor that runs in this process, a log that nobody else uses. */
	readonly onClose?: () => Promise<void>;
}

type AbandonedCall = RoutedCall & { readonly executor?: string };

export class AssentClient {
	readonly #options: ClientOptions;
	readonly #clock: Clock;
	readonly #publisher: InputPublisher;
	readonly #replies: TailReader;
	readonly #composer: IntentComposer;
	readonly #pending: PendingCalls;
	readonly #runs = new Runs();
	readonly #emitter: Emitter;
	readonly #watchers = new Map<ClientEventName, TailReader>();
	readonly #telemetry: Telemetry;
	readonly #replyTopic: string;
	readonly #outcomes: Outcomes;
	#failure: unknown = null;
	#closing: Promise<void> | null = null;

	/** Use `connect` (index), or hand over an open log. */
	constructor(options: ClientOptions) {
		assertSecret(options.secret);
		this.#options = options;
		this.#clock = options.clock ?? systemClock;
		this.#publisher = new InputPublisher({
			log: options.log,
			layout: options.layout,
			clock: this.#clock,
			source: "assent/client",
		});
		this.#telemetry = onChannel(options.telemetry ?? silentTelemetry);
		this.#replyTopic = options.replyTopic ?? TOPICS.replies;
		if (!isReplyTopic(this.#replyTopic)) {
			const help = "name it `replies` or `replies.<name>`: small letters, digits and `-`";
			throw new AssentError(problem("ASSENT_USAGE", `answers are never written to \`${this.#replyTopic}\``, help));
		}
		this.#emitter = new Emitter((name, thrown) =>
			this.#telemetry.warn("listener.threw", { name, why: String(thrown) }),
		);
		this.#outcomes = new Outcomes({
			publisher: this.#publisher,
			layout: options.layout,
			telemetry: this.#telemetry,
			emitter: this.#emitter,
			assertUsable: () => this.#assertUsable(),
		});
		this.#composer = new IntentComposer({
			principal: options.principal ?? {},
			secret: options.secret ?? randomBytes(32),
			clock: this.#clock,
			deadlineMs: options.deadlineMs,
		});
		this.#pending = new PendingCalls({
			clock: this.#clock,
			send: (intent, replyId, trace) => {
				this.#send(intent, replyId, trace).catch((thrown: unknown) => this.#unsent(intent.id, thrown));
			},
			giveUp: (intent) => void this.#giveUp(intent, "no decision came by the deadline"),
			held: (intent, reply) => this.#held(intent, decisionOf(reply, intent)),
			foreign: (intent, reply) => {
				const { partition, seq, verdict, call } = reply;
				this.#telemetry.warn("answer.foreign", { id: intent.id, about: callKey(call), verdict, partition, seq });
			},
		});
		this.#replies = new TailReader({
			log: options.log,
			topic: this.#replyTopic,
			onRecord: (record) => this.#answered(record),
			onLost: (why) => this.#lost(why),
		});
	}

	/** Begins to read replies; nothing may be asked before. */
	async start(): Promise<this> {
		await this.#replies.start(this.#options.layout.partitions);
		return this;
	}

	/**
	 * Publishes an intent and resolves with its decision. Rejects when the request is none (ASSENT_USAGE) or cannot be a
	 * record (not I-JSON, too large), and when it certainly was not published: the log is full or lost.
	 */
	async decide(request: CallRequest): Promise<Decision> {
		this.#assertUsable();
		const asked = this.#composer.read(request);
		return this.#decide(asked, { signal: request.signal, isReturned: () => request.onHold === "return" });
	}

	async #decide(asked: AskedCall, { signal, isReturned }: DecisionWait): Promise<Decision> {
		this.#assertUsable();
		signal?.throwIfAborted();
		const intent = this.#composer.intentOf(asked);
		const replyId = randomUUID();
		const trace = traceOf({ ...asked.request.trace });
		const decided = this.#pending.await(intent, replyId, isReturned, trace);
		const sent = this.#send(intent, replyId, trace).catch((thrown: unknown) => {
			// It may have been written all the same: the resend or the deadline will tell.
			if (isPassing(thrown)) return this.#unsent(intent.id, thrown);
			this.#pending.forget(replyId);
			throw thrown;
		});
		// The deadline holds even while the log keeps silent about the append.
		const asker = new Asker(signal, () => {
			// Decided already: the decision is on its way.
			if (!this.#pending.has(replyId)) return false;
			this.#pending.forget(replyId);
			void this.#giveUp(intent, STOPPED);
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

	/**
	 * Wraps a function: decide, run, report the outcome when it has ended. A denial throws `ToolCallDenied` with a message
	 * that a model can use; no decision in time is a denial; at the call's deadline `ToolCallTimedOut` is thrown and the
	 * function's signal aborts. What an async generator yields is handed on as it comes.
	 *
	 * Each call has an id of its own unless it is given one, `tool(args, { id })`, so that it can be asked for again. One id is
	 * run once: who asks at the same time shares the run, waiting by its own `signal` and `onHold`; who asks on another client
	 * is told that it is taken, who asks later that it is over. If the process that has it dies, nobody runs it again: its
	 * outcome is unknown, and a new try needs a new id. Ids that a model's provider numbers anew each turn are no such ids: put
	 * the run's own id in front.
	 *
	 * Throws ASSENT_USAGE for a `function*` and for options that it does not know.
	 */
	// Names of arguments that nobody typed may hold anything.
	// biome-ignore lint/suspicious/noExplicitAny: `unknown` would refuse `async ({ command }) => run(command)`.
	guard<Args extends object = any, Out = unknown>(
		tool: string,
		run: ToolFunction<Args, Out>,
		options: GuardOptions<Out> = {},
	): Guarded<Args, Out> {
		const desk: GuardDesk = {
			runs: this.#runs,
			read: (request) => this.#composer.read(request),
			decide: (asked, waiting) => this.#decide(asked, waiting),
			began: (call) => this.#outcomes.began(call),
			ended: (call) => this.#outcomes.ended(call),
		};
		return guardTool(desk, tool, run, options);
	}

	/**
	 * Reports what came of an allowed call. Resolves when the report is on the log. Usage that is not given, or cannot be
	 * read, is unknown and costs what was reserved.
	 */
	async report(call: RoutedCall, status: "ok" | "error", usage: ReportedUsage = {}): Promise<void> {
		await this.#outcomes.report(call, status, usage);
	}

	/**
	 * Attests that a call never ran and never will: its reservation comes back and its id is closed. With the `executor` of
	 * the decision it has no effect on a call that was handed to another executor meanwhile.
	 */
	async abandon(call: AbandonedCall, reason: string): Promise<void> {
		this.#assertUsable();
		const { tenant, agent, id, session } = call;
		checkNames({ tenant, agent, id, session });
		await this.#publishAbandonment(call, reason);
	}

	/** Subscribes to an event; the function that comes back ends the subscription. */
	on<Name extends ClientEventName>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
		this.#watch(name);
		return this.#emitter.on(name, listener);
	}

	/** Who asks by default, for callers that name calls themselves. */
	principalOf(request: Pick<CallRequest, "tenant" | "agent" | "session">): {
		tenant: string;
		agent: string;
		session: string;
	} {
		return this.#composer.principalOf(request);
	}

	/**
	 * Ends all waiting: what is not decided yet is denied and reported as abandoned; what waits for a human stays held, and
	 * can be asked for again under its id. Idempotent.
	 */
	close(): Promise<void> {
		this.#closing ??= holding(this.#close());
		return this.#closing;
	}

	/** `await using assent = await connect(…)`. */
	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	async #close(): Promise<void> {
		this.#outcomes.leave();
		const undecided = this.#pending.denyAll();
		await Promise.all(undecided.map((intent) => this.#giveUp(intent, "the client was closed")));
		await Promise.all([this.#replies, ...this.#watchers.values()].map((reader) => reader.stop()));
		await this.#options.onClose?.();
	}

	async #send(intent: IntentSubmitted, replyId: string, trace: Headers): Promise<void> {
		const address = { topic: this.#replyTopic, replyId };
		await this.#publisher.publish(intent, { ...trace, ...submissionHeaders(intent.id, address) });
	}

	/** A log that is busy or full may be well again before the deadline; one that was closed is gone. */
	#unsent(id: string, thrown: unknown): void {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_CLOSED") this.#lost(thrown);
		else this.#telemetry.warn("intent.unsent", { id, why: String(thrown) });
	}

	/** The caller was told that the call does not run: what it reserved comes back, if the log takes the report. */
	async #giveUp(intent: IntentSubmitted, reason: string): Promise<void> {
		const { tenant, agent, session } = intent.principal;
		const call = { tenant, agent, session, id: intent.id, executor: intent.executor };
		try {
			await this.#publishAbandonment(call, reason);
		} catch (thrown) {
			this.#telemetry.warn("intent.unabandoned", { id: intent.id, why: String(thrown) });
		}
	}

	async #publishAbandonment(call: AbandonedCall, reason: string): Promise<void> {
		const { tenant, agent, id, session, executor = "" } = call;
		await this.#publisher.publish({
			type: "intent.abandoned",
			call: { tenant, agent, id },
			session,
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
		this.#emitter.emit("policy_check", event);
		if (decision.verdict === "hold") this.#held(intent, decision);
		if (!mayRun(decision)) this.#emitter.emit("tool_call_blocked", event);
	}

	#held(intent: IntentSubmitted, decision: Decision): void {
		this.#emitter.emit("call_held", { ...this.#eventOf(intent, decision), expiresAt: decision.expiresAt });
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
			at: this.#clock.now(),
		};
	}

	/** Violations and checkpoints are read from their topics, once somebody wants them. */
	#watch(name: ClientEventName): void {
		if (name !== "policy_violation" && name !== "checkpoint_created") return;
		if (this.#watchers.has(name)) return;
		const reader = new TailReader({
			log: this.#options.log,
			topic: name === "policy_violation" ? TOPICS.violations : TOPICS.checkpoints,
			onRecord: (record) => {
				const read = decodeDerived(record.value);
				if (!read.ok) return;
				if (read.value.type === "violation.detected") this.#emitter.emit("policy_violation", read.value);
				if (read.value.type === "checkpoint.created") this.#emitter.emit("checkpoint_created", read.value);
			},
			onLost: (why) => this.#lost(why),
		});
		this.#watchers.set(name, reader);
		reader.start(this.#options.layout.partitions).catch((thrown: unknown) => this.#lost(thrown));
	}

	/** The log is gone: everybody who waits is denied, and the next who asks is told. */
	#lost(why: unknown): void {
		if (this.#closing !== null) return;
		this.#failure = why;
		this.#telemetry.error("replies.lost", { why: String(why) });
		this.#pending.denyAll();
	}

	#assertUsable(): void {
		if (this.#closing !== null)
			throw new AssentError(problem("ASSENT_LOG_CLOSED", "the client was closed", "make a new one"));
		if (this.#failure !== null) throw this.#failure;
	}
}

/** Why a call is given up whose asker's signal aborted. */
const STOPPED = "who asked stopped waiting";

/** Nobody can tell whether it was written, or the log is out of reach for now. */
const isPassing = (thrown: unknown): boolean =>
	thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE";
