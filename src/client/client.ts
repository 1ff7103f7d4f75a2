/**
 * The client: publishes intents, awaits their decisions on the reply topic, and guards tools in one line.
 *
 * C1  No decision in time is a denial, and the intent is reported as abandoned, so that its reservation comes back.
 * C2  An allow is run only while its status is `open`: a late or repeated answer to a closed call runs nothing.
 * C3  A resend carries the same id, salts and `issuedAt`: it is charged once.
 */
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { canonicalize, notIJson } from "../core/base/canonical-json.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { JsonObject } from "../core/base/json.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { HEADER } from "../core/codec/headers.ts";
import { budgetRootKey, type CallId, type Principal, sessionKey } from "../core/model/ids.ts";
import type { IntentSubmitted, OutcomeReported, Usage } from "../core/model/inputs.ts";
import type { DecisionReplied, Layout } from "../core/model/records.ts";
import type { CostMicros, DurationMs, EpochMs } from "../core/model/units.ts";
import { CALL_DEADLINE_DEFAULT_MS } from "../core/policy/compiled.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import { type Log, type LogRecord, TOPICS } from "../ports/log.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import { type Decision, mayRun } from "./decision.ts";
import { type ClientEventName, type ClientEvents, Emitter } from "./events.ts";
import { type Guarded, type GuardOptions, guardTool, type ToolFunction } from "./guard.ts";
import { InputPublisher, partitionFor } from "./publisher.ts";
import { replyFor, TailReader } from "./replies.ts";

/** How long the client waits for the first answer. */
const DEADLINE_DEFAULT_MS: DurationMs = 5_000;
/** While held, the client asks again this often: a reply can be lost in a takeover. */
const HELD_RESEND_MS: DurationMs = 30_000;
/** Beyond the hold's expiry, the time that its denial may take to arrive. */
const HELD_GRACE_MS: DurationMs = 10_000;
/** Sessions whose beginning is remembered; the processor has its own record of those that it knows. */
const SESSIONS_MAX = 10_000;

export interface ClientOptions {
	readonly log: Log;
	readonly layout: Layout;
	/** Who asks, unless a call says otherwise. */
	readonly principal?: Partial<Pick<Principal, "tenant" | "agent" | "session" | "actor" | "onBehalfOf">>;
	readonly deadlineMs?: DurationMs;
	/**
	 * Salts are drawn from it, 32 bytes. A publisher that asks again under the same id after a restart must keep its secret,
	 * or the repetition is taken for another call. Drawn anew by default.
	 */
	readonly secret?: Uint8Array;
	readonly clock?: Clock;
	readonly telemetry?: Telemetry;
	/** Released with the client: a processor that runs in this process, a log that nobody else uses. */
	readonly onClose?: () => Promise<void>;
}

/** One tool call to be decided. What is not given comes from the client's principal, or is drawn. */
export interface CallRequest {
	readonly tool: string;
	readonly args: JsonObject;
	/** Unique per (tenant, agent). A second request with the same id gets the recorded decision. */
	readonly id?: string;
	readonly tenant?: string;
	readonly agent?: string;
	readonly session?: string;
	readonly actor?: readonly string[];
	readonly onBehalfOf?: string | null;
	readonly estimate?: { readonly tokens?: number; readonly costMicros?: CostMicros };
	/** How long to wait for the first answer. */
	readonly deadlineMs?: DurationMs;
	/** `wait` (default) resolves when a human has decided or the hold has expired; `return` resolves with the hold. */
	readonly onHold?: "wait" | "return";
}

interface Pending {
	readonly intent: IntentSubmitted;
	readonly request: CallRequest;
	readonly resolve: (decision: Decision) => void;
	timer: NodeJS.Timeout | undefined;
	/** A first answer has come: it waits for a human. */
	isHeld: boolean;
}

export class AssentClient {
	readonly #of: ClientOptions;
	readonly #clock: Clock;
	readonly #publisher: InputPublisher;
	readonly #replies: TailReader;
	readonly #pending = new Map<string, Pending>();
	readonly #emitter: Emitter;
	readonly #watchers = new Map<ClientEventName, TailReader>();
	readonly #who: Required<NonNullable<ClientOptions["principal"]>>;
	readonly #secret: Uint8Array;
	readonly #telemetry: Telemetry;
	readonly #sessionsStarted = new Map<string, EpochMs>();
	#failure: unknown = null;
	#closing: Promise<void> | null = null;

	/** Use `AssentClient.connect` (index) or hand over an open log. */
	constructor(of: ClientOptions) {
		this.#of = of;
		this.#clock = of.clock ?? systemClock;
		this.#secret = of.secret ?? randomBytes(32);
		this.#publisher = new InputPublisher(of.log, "assent/client");
		this.#telemetry = of.telemetry ?? silentTelemetry;
		this.#emitter = new Emitter((name, thrown) =>
			this.#telemetry.warn("listener.threw", { name, why: String(thrown) }),
		);
		this.#who = {
			tenant: "default",
			agent: "default",
			session: randomUUID(),
			actor: [],
			onBehalfOf: null,
			...of.principal,
		};
		this.#replies = new TailReader({
			log: of.log,
			topic: TOPICS.replies,
			onRecord: (record) => this.#answered(record),
			onLost: (why) => this.#lost(why),
		});
	}

	/** Begins to read replies; nothing may be asked before. */
	async start(): Promise<this> {
		await this.#replies.start(this.#of.layout.partitions);
		return this;
	}

	/**
	 * Publishes an intent and resolves with its decision. Rejects when the request cannot be a record (not I-JSON, too
	 * large), and when it certainly was not published: the log is full or lost.
	 */
	async decide(request: CallRequest): Promise<Decision> {
		this.#assertUsable();
		const { intent, partition } = this.#intentOf(request);
		const replyId = randomUUID();
		const decided = new Promise<Decision>((resolve) => {
			this.#pending.set(replyId, { intent, request, resolve, timer: undefined, isHeld: false });
		});
		// Before it is sent: the answer may be here before the append is acknowledged.
		this.#awaitFirst(replyId, partition);
		try {
			await this.#send(intent, partition, replyId);
		} catch (thrown) {
			// It may have been written all the same: the resend or the deadline will tell.
			if (!isPassing(thrown)) {
				this.#forget(replyId);
				throw thrown;
			}
			this.#unsent(intent.id, thrown);
		}
		const decision = await decided;
		this.#announce(intent, decision);
		return decision;
	}

	/**
	 * Wraps an async function: decide, run, report the outcome. A denial throws `ToolCallDenied` with a message that a model
	 * can use; no decision in time is a denial; the call is aborted at its policy's deadline.
	 */
	guard<Args extends JsonObject, Out>(
		tool: string,
		run: ToolFunction<Args, Out>,
		options: GuardOptions<Out> = {},
	): Guarded<Args, Out> {
		const onUnreported = (id: string, why: unknown): void =>
			this.#telemetry.warn("outcome.unreported", { id, why: String(why) });
		return guardTool(this, tool, run, options, onUnreported);
	}

	/** Reports what came of an allowed call. Resolves when the report is on the log. */
	async report(
		call: CallId & { readonly session: string },
		status: "ok" | "error",
		usage: Partial<Usage> = {},
	): Promise<void> {
		this.#assertUsable();
		const record: OutcomeReported = {
			type: "outcome.reported",
			call: { tenant: call.tenant, agent: call.agent, id: call.id },
			session: call.session,
			status,
			usage: {
				tokens: usage.tokens ?? 0,
				costMicros: usage.costMicros ?? 0,
				executionMs: usage.executionMs ?? 0,
			},
		};
		await this.#publisher.publish("intents", partitionFor(this.#of.layout, call), record, {
			id: randomUUID(),
			now: this.#clock.now(),
			key: budgetRootKey(this.#of.layout.budgetRoot, call),
		});
	}

	/** Attests that a call never ran and never will: its reservation comes back and its id is closed. */
	async abandon(call: CallId & { readonly session: string }, reason: string): Promise<void> {
		this.#assertUsable();
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
		return {
			tenant: request.tenant ?? this.#who.tenant,
			agent: request.agent ?? this.#who.agent,
			session: request.session ?? this.#who.session,
		};
	}

	/**
	 * Ends all waiting: what is not decided yet is denied and reported as abandoned; what waits for a human stays held, and
	 * can be asked for again under its id. Idempotent.
	 */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		const undecided = [...this.#pending.values()].filter((pending) => !pending.isHeld);
		this.#denyAll();
		await Promise.all(undecided.map((pending) => this.#giveUp(pending.intent, "the client was closed")));
		await Promise.all([this.#replies, ...this.#watchers.values()].map((reader) => reader.stop()));
		await this.#of.onClose?.();
	}

	#intentOf(request: CallRequest): { intent: IntentSubmitted; partition: number } {
		const fault = notIJson(request.args);
		if (fault !== null)
			throw new AssentError(problem("RECORD_JSON", `the arguments of \`${request.tool}\` are not I-JSON: ${fault}`));
		const now = this.#clock.now();
		const who = this.principalOf(request);
		const startedAt = this.#sessionStart(sessionKey(who), now);
		const argsText = canonicalize(request.args);
		const id = request.id ?? randomUUID();
		const intent: IntentSubmitted = {
			type: "intent.submitted",
			id,
			principal: {
				...who,
				actor: request.actor ?? this.#who.actor,
				onBehalfOf: request.onBehalfOf === undefined ? this.#who.onBehalfOf : request.onBehalfOf,
				sessionStartedAt: startedAt,
			},
			tool: request.tool,
			args: request.args,
			argsText,
			// Derived from the id, so that a second request with the same id and arguments makes the same commitment.
			salt: this.#saltOf(`intent\0${who.tenant}\0${who.agent}\0${id}`),
			sessionSalt: this.#saltOf(`session\0${sessionKey(who)}`),
			estimate: { tokens: request.estimate?.tokens ?? 0, costMicros: request.estimate?.costMicros ?? 0 },
			issuedAt: now,
			deadline: now + (request.deadlineMs ?? this.#of.deadlineMs ?? DEADLINE_DEFAULT_MS),
		};
		return { intent, partition: partitionFor(this.#of.layout, who) };
	}

	#sessionStart(key: string, now: EpochMs): EpochMs {
		const startedAt = this.#sessionsStarted.get(key) ?? now;
		// Filed anew each time, so that the first in the map is the one not used for longest.
		this.#sessionsStarted.delete(key);
		this.#sessionsStarted.set(key, startedAt);
		for (const oldest of this.#sessionsStarted.keys()) {
			if (this.#sessionsStarted.size <= SESSIONS_MAX) break;
			this.#sessionsStarted.delete(oldest);
		}
		return startedAt;
	}

	#saltOf(text: string): Uint8Array {
		return new Uint8Array(createHmac("sha256", this.#secret).update(text).digest());
	}

	async #send(intent: IntentSubmitted, partition: number, replyId: string): Promise<void> {
		await this.#publisher.publish("intents", partition, intent, {
			id: intent.id,
			now: this.#clock.now(),
			key: budgetRootKey(this.#of.layout.budgetRoot, intent.principal),
			headers: { [HEADER.intent]: intent.id, [HEADER.replyTo]: TOPICS.replies, [HEADER.replyId]: replyId },
		});
	}

	#sendAgain(intent: IntentSubmitted, partition: number, replyId: string): void {
		this.#send(intent, partition, replyId).catch((thrown: unknown) => this.#unsent(intent.id, thrown));
	}

	/** A log that is busy or full may be well again before the deadline; one that was closed is gone. */
	#unsent(id: string, thrown: unknown): void {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_CLOSED") this.#lost(thrown);
		else this.#telemetry.warn("intent.unsent", { id, why: String(thrown) });
	}

	/** Asks again once, at half the deadline; gives up at the deadline. */
	#awaitFirst(replyId: string, partition: number): void {
		const pending = this.#pending.get(replyId);
		if (pending === undefined) return;
		const left = pending.intent.deadline - this.#clock.now();
		this.#again(pending, left / 2, () => {
			this.#sendAgain(pending.intent, partition, replyId);
			this.#again(pending, left / 2, () => {
				this.#resolve(replyId, pending, this.#timeoutOf(pending.intent));
				void this.#giveUp(pending.intent, "no decision came by the deadline");
			});
		});
	}

	/** A held call is asked for every 30 s until its hold has expired. */
	#awaitHeld(replyId: string, partition: number, pending: Pending, expiresAt: EpochMs): void {
		pending.isHeld = true;
		const left = expiresAt + HELD_GRACE_MS - this.#clock.now();
		if (left <= 0) {
			this.#resolve(replyId, pending, this.#timeoutOf(pending.intent));
			return;
		}
		this.#again(pending, Math.min(HELD_RESEND_MS, left), () => {
			// The deadline bounds the first answer only; a resend has one of its own.
			const intent = { ...pending.intent, deadline: this.#clock.now() + HELD_RESEND_MS };
			this.#sendAgain(intent, partition, replyId);
			this.#awaitHeld(replyId, partition, pending, expiresAt);
		});
	}

	/** The caller was told that the call does not run: what it reserved comes back, if the log takes the report. */
	async #giveUp(intent: IntentSubmitted, reason: string): Promise<void> {
		const call = { ...this.principalOf(intent.principal), id: intent.id };
		try {
			await this.#publishAbandonment(call, reason);
		} catch (thrown) {
			this.#telemetry.warn("intent.unabandoned", { id: intent.id, why: String(thrown) });
		}
	}

	async #publishAbandonment(call: CallId & { readonly session: string }, reason: string): Promise<void> {
		const { tenant, agent, id, session } = call;
		await this.#publisher.publish(
			"intents",
			partitionFor(this.#of.layout, call),
			{ type: "intent.abandoned", call: { tenant, agent, id }, session, reason },
			{ id: randomUUID(), now: this.#clock.now(), key: budgetRootKey(this.#of.layout.budgetRoot, call) },
		);
	}

	#again(pending: Pending, ms: DurationMs, then: () => void): void {
		clearTimeout(pending.timer);
		pending.timer = setTimeout(then, Math.max(1, ms));
	}

	#answered(record: LogRecord): void {
		const reply = replyFor(record, this.#pending);
		if (reply === null) return;
		const pending = this.#pending.get(reply.replyId);
		if (pending === undefined) return;
		if (reply.verdict === "hold" && pending.request.onHold !== "return") {
			this.#awaitHeld(reply.replyId, record.partition, pending, reply.expiresAt);
			return;
		}
		this.#resolve(reply.replyId, pending, decisionOf(reply));
	}

	#resolve(replyId: string, pending: Pending, decision: Decision): void {
		this.#forget(replyId);
		pending.resolve(decision);
	}

	#forget(replyId: string): void {
		clearTimeout(this.#pending.get(replyId)?.timer);
		this.#pending.delete(replyId);
	}

	#denyAll(): void {
		for (const [replyId, pending] of this.#pending) this.#resolve(replyId, pending, this.#timeoutOf(pending.intent));
	}

	#timeoutOf(intent: IntentSubmitted): Decision {
		return {
			id: intent.id,
			verdict: "deny",
			status: "closed",
			source: "timeout",
			reasons: [],
			obligations: { redact: [], callDeadlineMs: CALL_DEADLINE_DEFAULT_MS, messages: [] },
			budgets: [],
			policyDigest: "",
			expiresAt: 0,
			partition: -1,
			seq: -1,
		};
	}

	#announce(intent: IntentSubmitted, decision: Decision): void {
		const { tenant, agent, session } = intent.principal;
		const event = {
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
		this.#emitter.emit("policy_check", event);
		if (!mayRun(decision)) this.#emitter.emit("tool_call_blocked", event);
	}

	/** Violations and checkpoints are read from their topics, once somebody wants them. */
	#watch(name: ClientEventName): void {
		if (name === "policy_check" || name === "tool_call_blocked" || this.#watchers.has(name)) return;
		const reader = new TailReader({
			log: this.#of.log,
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
		reader.start(this.#of.layout.partitions).catch((thrown: unknown) => this.#lost(thrown));
	}

	/** The log is gone: everybody who waits is denied, and the next who asks is told. */
	#lost(why: unknown): void {
		if (this.#closing !== null) return;
		this.#failure = why;
		this.#denyAll();
	}

	#assertUsable(): void {
		if (this.#closing !== null)
			throw new AssentError(problem("ASSENT_LOG_CLOSED", "the client was closed", "make a new one"));
		if (this.#failure !== null) throw this.#failure;
	}
}

/** Nobody can tell whether it was written, or the log is out of reach for now. */
const isPassing = (thrown: unknown): boolean =>
	thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE";

function decisionOf(reply: DecisionReplied): Decision {
	const { verdict, status, reasons, obligations, budgets, policyDigest, expiresAt, partition, seq } = reply;
	return {
		id: reply.call.id,
		verdict,
		status,
		source: "reply",
		reasons,
		obligations,
		budgets,
		policyDigest,
		expiresAt,
		partition,
		seq,
	};
}
