/**
 * The client: asks for decisions, guards tools in one line, and tells what happens.
 *
 * C1  No decision in time is a denial, and the intent is reported as abandoned, so that its reservation comes back.
 * C2  An allow is run only while its status is `open`: a late or repeated answer to a closed call runs nothing.
 * C3  A resend carries the same id, salts, `issuedAt` and executor: it is charged once, and its allow stays open.
 * C4  An answer is believed when it is about what was asked: the call's names and the commitment. Its address says nothing.
 * C5  One id is run once: an allow goes to one executor, and whoever else asks is told that the call is taken.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import { randomBytes } from "node:crypto";
import type { DeclaredFacts } from "../core/arguments/session-facts.ts";
import type { Problem } from "../core/base/errors.ts";
import type { Result } from "../core/base/result.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import type { ReportedUsage } from "../core/codec/reported-usage.ts";
import type { OutcomeStatus } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs } from "../core/model/units.ts";
import type { TokenClaims } from "../core/token/claims.ts";
import { DriftWatch } from "../operations/drift.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import { type Log, type LogRecord, TOPICS } from "../ports/log/log.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import type { Publisher } from "../publishing/input-publisher.ts";
import { TailReader } from "../reading/tail.ts";
import { onChannel } from "./channels.ts";
import { type CallRequest, type DefaultPrincipal, IntentComposer } from "./composer.ts";
import type { Decision } from "./decision.ts";
import { type AbandonedCall, Desk } from "./desk.ts";
import { Emitter } from "./emitter.ts";
import type { ClientEventName, ClientEvents } from "./events.ts";
import { Executor } from "./executor.ts";
import { type Guarded, type GuardOptions, guardTool, type ToolFunction } from "./guard.ts";
import { holding } from "./hold.ts";
import { assertSecret, misuse } from "./misuse.ts";
import type { RoutedCall } from "./outcomes.ts";
import { expectedOf, type ReceivedCall } from "./received-call.ts";
import type { TokenGate } from "./token-gate.ts";

export type { CallRequest } from "./composer.ts";

export interface ClientOptions {
	readonly log: Log;
	readonly layout: Layout;
	/** The principal of every call that names no other. */
	readonly principal?: Partial<DefaultPrincipal>;
	/**
	 * What sessions declare of the machine where their tools run, for policies on paths: `{ workspace: process.cwd(), home:
	 * homedir() }`. The first call of a session declares for all of them.
	 */
	readonly facts?: DeclaredFacts;
	readonly deadlineMs?: DurationMs;
	/** Where answers are awaited: `replies` (default), or a gateway's own topic, `replies.<name>`, which nobody else may read. */
	readonly replyTopic?: string;
	/**
	 * Salts are drawn from it, 32 bytes. Everybody who may ask under one id, in several processes or after a restart, needs the same
	 * secret, or the repetition is taken for another call and denied as `intent.id_reused`. `connect` keeps one beside a log
	 * file; everywhere else, Kafka above all, each client draws its own by default.
	 */
	readonly secret?: Uint8Array;
	/**
	 * Signs every record that is published, where the policies name publishers (docs/policies/trust.md). `connect` takes it as a name
	 * and the text of its private key.
	 */
	readonly publisher?: Publisher;
	/**
	 * Seals what is published (docs/privacy.md): arguments and salts under keys that these are. Default null: they are on the log in the
	 * clear. `connect` takes it as `privacy`.
	 */
	readonly sealing?: PayloadKeys | null;
	readonly clock?: Clock;
	readonly telemetry?: Telemetry;
	/** What is asked of tokens before a guarded tool runs; default nothing. `connect` makes one. Closed with the client. */
	readonly tokens?: TokenGate | null;
	/** Released with the client: a processor that runs in this process, a log that nobody else uses. */
	readonly onClose?: () => Promise<void>;
}

export class AssentClient {
	readonly #options: ClientOptions;
	readonly #composer: IntentComposer;
	readonly #desk: Desk;
	readonly #executor: Executor;
	readonly #emitter: Emitter;
	readonly #watchers = new Map<ClientEventName, TailReader>();
	#closing: Promise<void> | null = null;

	/** Use `connect` (index), or hand over an open log. */
	constructor(options: ClientOptions) {
		assertSecret(options.secret);
		const { log, layout, clock = systemClock, replyTopic = TOPICS.replies, tokens = null, sealing = null } = options;
		const telemetry = onChannel(options.telemetry ?? silentTelemetry);
		this.#options = options;
		this.#emitter = new Emitter((name, thrown) => telemetry.warn("listener.threw", { name, why: String(thrown) }));
		this.#composer = new IntentComposer({
			principal: options.principal ?? {},
			facts: options.facts,
			secret: options.secret ?? randomBytes(32),
			sealing,
			clock,
			deadlineMs: options.deadlineMs,
			sessionMs: layout.sessionMs,
		});
		this.#desk = new Desk({
			log,
			layout,
			clock,
			telemetry,
			emitter: this.#emitter,
			composer: this.#composer,
			replyTopic,
			publisher: options.publisher ?? null,
			sealing,
			tokens,
		});
		this.#executor = new Executor(this.#desk);
	}

	/** Begins to read replies; nothing may be asked before. */
	async start(): Promise<this> {
		await Promise.all([this.#desk.open(), this.#options.tokens?.start()]);
		return this;
	}

	/**
	 * Publishes an intent and resolves with its decision. Rejects when the request is none (ASSENT_USAGE) or cannot be a
	 * record (not I-JSON, too large), and when it certainly was not published: the log is full or lost.
	 */
	async decide(request: CallRequest): Promise<Decision> {
		this.#desk.assertUsable();
		const asked = this.#desk.read(request);
		const { signal, onHold, holdMs } = request;
		return this.#desk.decide(asked, { signal, isReturned: () => onHold === "return", holdMs });
	}

	/**
	 * Wraps a function: decide, run, report the outcome when it has ended. A denial throws `ToolCallDenied` with a message
	 * that a model can use; no decision in time is a denial; at the call's deadline `ToolCallTimedOut` is thrown and the
	 * function's signal aborts. What an async generator yields is handed on as it comes.
	 *
	 * Each call has an id of its own unless it is given one, `tool(args, { id })`, so that it can be asked for again. One id
	 * is run once: a caller that asks at the same time shares the run, waiting by its own `signal` and `onHold`; one that
	 * asks on another client is told that it is taken, one that asks later that it is over. If the process that has it dies,
	 * nobody runs it again: its outcome is unknown, and a new try needs a new id. Ids that a model's provider counts from 1
	 * again each turn do not qualify: put the run's own id in front.
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
		return guardTool(this.#executor, tool, run, options);
	}

	/**
	 * Reports the outcome of an allowed call. Resolves when the report is on the log. Usage that is not given, or cannot be
	 * read, is unknown and costs what was reserved. `unknown` says that nobody saw the call's end: it settles in full, and is
	 * never run again. With a `sketch` of the tool's output
	 * (`sketchOf`) drift can be told.
	 */
	async report(
		call: RoutedCall,
		status: OutcomeStatus,
		usage: ReportedUsage = {},
		{ sketch = "" }: { readonly sketch?: string } = {},
	): Promise<void> {
		await this.#desk.report(call, status, usage, sketch);
	}

	/**
	 * Attests that a call never ran and never will: its reservation comes back and its id is closed. With the `executor` of
	 * the decision it has no effect on a call that was handed to another executor meanwhile.
	 */
	async abandon(call: AbandonedCall, reason: string): Promise<void> {
		await this.#desk.abandon(call, reason);
	}

	/**
	 * As `abandon`, for whoever cannot know whether the call has run: of an allowed call its `token` is used up first, so that it runs
	 * or is given up, and not both. Without one (``), where keys are published, an allowed call stays as it is and costs what was reserved.
	 * Throws TOKEN_USED, and what else is wrong with the token.
	 */
	async giveUp(call: AbandonedCall, token: string, reason: string): Promise<void> {
		await this.#desk.giveUp(call, token, reason);
	}

	/**
	 * Verifies a token that came from elsewhere and uses it up, before its call runs: only what is `ok` may run, and that once. Refused
	 * where its agent is halted, too. Throws ASSENT_USAGE where tokens are `off`.
	 */
	async consumeToken(token: string, call: ReceivedCall): Promise<Result<TokenClaims, Problem>> {
		this.#desk.assertUsable();
		const { tokens = null } = this.#options;
		if (tokens === null) throw misuse("this client does not look at tokens", 'leave out `tokens: "off"`');
		const expected = expectedOf(call);
		return expected.ok ? tokens.consume(token, expected.value) : expected;
	}

	/** Subscribes to an event; the function that comes back ends the subscription. */
	on<Name extends ClientEventName>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
		this.#watch(name);
		return this.#emitter.on(name, listener);
	}

	/** The principal of a request, defaults filled in, for callers that name calls themselves. */
	principalOf(request: Pick<CallRequest, "tenant" | "agent" | "session">): {
		tenant: string;
		agent: string;
		session: string;
	} {
		return this.#composer.principalOf(request);
	}

	/** Throws ASSENT_LOG_CLOSED once it is closed, and why its log was lost: `decide` would. */
	assertUsable(): void {
		this.#desk.assertUsable();
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
		await Promise.all([this.#desk.close(), ...[...this.#watchers.values()].map((reader) => reader.stop())]);
		await this.#options.tokens?.close();
		await this.#options.onClose?.();
	}

	/** Violations, checkpoints and drift are read from their topics, once somebody wants them. */
	#watch(name: ClientEventName): void {
		const watched = WATCHED[name];
		if (watched === undefined || this.#watchers.has(name)) return;
		const reader = new TailReader({
			log: this.#options.log,
			topic: watched.topic,
			onRecord: watched.reading(this.#emitter),
			onLost: (why) => this.#desk.lost(why),
		});
		this.#watchers.set(name, reader);
		reader.start(this.#options.layout.partitions).catch((thrown: unknown) => this.#desk.lost(thrown));
	}
}

interface Watched {
	readonly topic: string;
	/** What is done with each record from the subscription on. */
	readonly reading: (emitter: Emitter) => (record: LogRecord) => void;
}

/** Events that are on the log for everybody; the others are the client's own. */
const WATCHED: { readonly [Name in ClientEventName]?: Watched } = {
	policy_violation: {
		topic: TOPICS.violations,
		reading: (emitter) => (record) => {
			const read = decodeDerived(record.value);
			if (read.ok && read.value.type === "violation.detected") emitter.emit("policy_violation", read.value);
		},
	},
	checkpoint_created: {
		topic: TOPICS.checkpoints,
		reading: (emitter) => (record) => {
			const read = decodeDerived(record.value);
			if (read.ok && read.value.type === "checkpoint.created") emitter.emit("checkpoint_created", read.value);
		},
	},
	drift_detected: {
		topic: TOPICS.intents,
		reading: (emitter) => {
			const watches = new Map<number, DriftWatch>();
			return (record) => {
				const { partition } = record;
				const watch = watches.get(partition) ?? new DriftWatch(partition);
				watches.set(partition, watch);
				const drift = watch.see(record);
				if (drift !== null) emitter.emit("drift_detected", drift);
			};
		},
	},
};
