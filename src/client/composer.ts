/**
 * From a request to the intent that is published: read once (names, id, canonical arguments), then salted and dated.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { type Arguments, readArguments } from "../core/arguments/canonical.ts";
import { type DeclaredFacts, readFacts } from "../core/arguments/session-facts.ts";
import type { CanonicalJson } from "../core/base/canonical-json.ts";
import { taggedDigest } from "../core/base/digest.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { JsonObject } from "../core/base/json.ts";
import { type ReportedUsage, readUsage } from "../core/codec/reported-usage.ts";
import { sealedSalt, sealedSessionSalt } from "../core/codec/sealed.ts";
import { EXECUTOR_LENGTH_MAX, nameFault } from "../core/model/bounds.ts";
import { type CallId, type Principal, sessionKey } from "../core/model/ids.ts";
import type { IntentSubmitted, SessionFacts, SpendingCap } from "../core/model/inputs.ts";
import { AHEAD_MAX_MS, DAY, type DurationMs, type EpochMs } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { PayloadCall, PayloadKeys } from "../ports/payload-keys.ts";
import { assertActor, assertOptions, assertRequest, type OptionNames } from "./misuse.ts";

/** How long the client waits for the first answer. */
const DEADLINE_DEFAULT_MS: DurationMs = 5_000;
const DEADLINE_MAX_MS: DurationMs = DAY;
const EXECUTOR_BYTES = 16;
/** Sessions whose beginning is remembered; the processor has its own record of those that it knows. */
const SESSIONS_MAX = 10_000;

interface StartedSession {
	readonly startedAt: EpochMs;
	readonly usedAt: EpochMs;
}

/** One tool call to be decided. What is not given comes from the client's principal, or is drawn. */
export interface CallRequest {
	readonly tool: string;
	/** Plain JSON: texts, numbers, booleans, null, arrays and plain objects. A member that is undefined is left out. */
	readonly args: object;
	/**
	 * Unique per (tenant, agent), 1 to 256 characters; drawn when it is left out. Give one where a call may be asked for again
	 * under it: it is decided and charged once, and run once, by the first caller that asked. Do not pass a model provider's call id
	 * where it is empty, the tool's name or a number that begins again each turn: the second turn's calls would be denied as
	 * `intent.id_reused`. Put your run's id in front of it.
	 */
	readonly id?: string;
	readonly tenant?: string;
	readonly agent?: string;
	readonly session?: string;
	readonly actor?: readonly string[];
	readonly onBehalfOf?: string | null;
	/**
	 * For gateways: to whom the credential was issued with which the call is asked for. Nobody of that name approves the call, unless
	 * its rule says `self: allowed`.
	 */
	readonly askedBy?: string | null;
	/** What the session declares, for policies on paths; the client's, where it is left out. Null: nothing. */
	readonly facts?: DeclaredFacts | null | undefined;
	/** What the call is expected to use: it is reserved, and it is what an outcome of unknown usage costs. */
	readonly estimate?: Pick<ReportedUsage, "tokens" | "cost" | "costMicros">;
	/**
	 * What the credential that is asked with may spend for life, and those that it came from. Each is counted by its name, within
	 * the tenant and agent, and refuses as `credential.budget` what it does not cover.
	 */
	readonly caps?: readonly SpendingCap[];
	/**
	 * By which the asker is known again, 1 to 64 characters that nobody guesses; drawn for each request where it is left out. Who
	 * asks again under the id with the same executor gets the same allow; another is told that the call is taken.
	 */
	readonly executor?: string;
	/** How long to wait for the first answer. */
	readonly deadlineMs?: DurationMs;
	/** W3C Trace Context of the caller: carried onto everything that is derived from the call. */
	readonly trace?: { readonly traceparent: string; readonly tracestate?: string };
	/** `wait` (default) resolves when a human has decided or the hold has expired; `return` resolves with the hold. */
	readonly onHold?: "wait" | "return";
	/**
	 * With `wait`: how long to wait for the human, from the hold on. After it the promise resolves with the hold, which stays, as it
	 * does where `signal` aborts meanwhile: ask again with the same id and `executor`. Left out: until the hold expires.
	 */
	readonly holdMs?: DurationMs;
	/**
	 * Stops waiting for the decision when it aborts: the call is abandoned, so that nobody can approve it any more, and the
	 * promise rejects with the signal's reason. Where several share a guarded call's run, each signal ends its own waiting, and
	 * the call is abandoned when all have stopped. A tool that is running is told by its own signal.
	 */
	readonly signal?: AbortSignal | undefined;
}

/** The principal of calls that name no other. */
export type DefaultPrincipal = Pick<Principal, "tenant" | "agent" | "session" | "actor" | "onBehalfOf">;

const PRINCIPAL: OptionNames<DefaultPrincipal> = {
	tenant: true,
	agent: true,
	session: true,
	actor: true,
	onBehalfOf: true,
};

/** A request as it was read: its names are checked, and its arguments are a text and the frozen parse of that text. */
export interface AskedCall {
	readonly call: CallId;
	readonly session: string;
	readonly args: JsonObject;
	readonly argsText: CanonicalJson;
	readonly request: CallRequest;
}

type Salts = Pick<IntentSubmitted, "salt" | "sessionSalt">;

export class IntentComposer {
	readonly #principal: DefaultPrincipal;
	readonly #facts: SessionFacts | null;
	readonly #secret: Uint8Array;
	readonly #sealing: PayloadKeys | null;
	readonly #clock: Clock;
	readonly #deadlineMs: DurationMs;
	readonly #sessionMs: DurationMs;
	/** The one that was not used for longest comes first. */
	readonly #sessions = new Map<string, StartedSession>();

	/** Salts are drawn from `secret`, 32 bytes, unless arguments are sealed: then they are their secrets' own. */
	constructor(options: {
		principal: Partial<DefaultPrincipal>;
		facts?: DeclaredFacts | undefined;
		secret: Uint8Array;
		/** Null: nothing is sealed. */
		sealing?: PayloadKeys | null;
		clock: Clock;
		deadlineMs: DurationMs | undefined;
		/** How long processors remember an idle session. */
		sessionMs: DurationMs;
	}) {
		const { principal, facts, secret, sealing = null, clock, deadlineMs = DEADLINE_DEFAULT_MS, sessionMs } = options;
		assertOptions<DefaultPrincipal>("the parts of a `principal`", principal, PRINCIPAL);
		assertActor(principal.actor);
		this.#principal = {
			tenant: "default",
			agent: "default",
			session: randomUUID(),
			actor: [],
			onBehalfOf: null,
			...principal,
		};
		this.#facts = factsOf(facts);
		this.#secret = secret;
		this.#sealing = sealing;
		this.#clock = clock;
		this.#deadlineMs = deadlineMs;
		// Their clocks may be ahead of this one.
		this.#sessionMs = sessionMs - AHEAD_MAX_MS;
	}

	principalOf(request: Pick<CallRequest, "tenant" | "agent" | "session">): {
		tenant: string;
		agent: string;
		session: string;
	} {
		return {
			tenant: request.tenant ?? this.#principal.tenant,
			agent: request.agent ?? this.#principal.agent,
			session: request.session ?? this.#principal.session,
		};
	}

	/** Draws the id where none is given. Throws what `assertRequest`, `argumentsOf` and `checkNames` throw. */
	read(request: CallRequest): AskedCall {
		assertRequest(request);
		const { args, text } = argumentsOf(request.tool, request.args);
		const { tenant, agent, session } = this.principalOf(request);
		const id = request.id ?? randomUUID();
		checkNames({ id, tenant, agent, session, tool: request.tool });
		return { call: { tenant, agent, id }, session, args, argsText: text, request };
	}

	/** Of a call whose arguments are sealed; null where they are not. Rejects with RECORD_ERASED and ASSENT_PAYLOAD_KEYS. */
	sealedSalts({ call: { tenant, agent, id }, session }: AskedCall): Promise<Salts> | null {
		return this.#sealing === null ? null : sealedSalts(this.#sealing, { tenant, agent, session, id });
	}

	#saltsOf({ call: { tenant, agent, id }, session }: AskedCall): Salts {
		return {
			// Derived from the id, so that a second request with the same id and arguments makes the same commitment.
			salt: this.#saltOf(`intent\0${tenant}\0${agent}\0${id}`),
			sessionSalt: this.#saltOf(`session\0${sessionKey({ tenant, agent, session })}`),
		};
	}

	/** Throws ASSENT_USAGE for names, facts and times, and RECORD_FIELD for an estimate that cannot be read. */
	intentOf(asked: AskedCall, salts: Salts = this.#saltsOf(asked)): IntentSubmitted {
		const { call, session, args, argsText, request } = asked;
		const now = this.#clock.now();
		const { tenant, agent, id } = call;
		const who = { tenant, agent, session };
		const actor = [...(request.actor ?? this.#principal.actor)];
		const onBehalfOf = request.onBehalfOf === undefined ? this.#principal.onBehalfOf : request.onBehalfOf;
		for (const [index, part] of actor.entries()) checkNames({ [`actor[${index}]`]: part });
		const askedBy = request.askedBy ?? null;
		if (onBehalfOf !== null) checkNames({ onBehalfOf });
		if (askedBy !== null) checkNames({ askedBy });
		return {
			type: "intent.submitted",
			id,
			principal: {
				...who,
				actor,
				onBehalfOf,
				askedBy,
				sessionStartedAt: this.#sessionStart(sessionKey(who), now),
			},
			tool: request.tool,
			args,
			argsText,
			salt: salts.salt,
			sessionSalt: salts.sessionSalt,
			estimate: estimateOf(request),
			issuedAt: now,
			deadline: now + waitOf(request.deadlineMs ?? this.#deadlineMs),
			// Drawn for each request, never from the secret: two who ask under one id are two executors.
			executor: request.executor === undefined ? drawExecutor() : executorOf(request.executor),
			facts: request.facts === undefined ? this.#facts : factsOf(request.facts),
			caps: (request.caps ?? []).map(({ name, measure, max }) => ({ name, measure, max })),
		};
	}

	/** What processors have forgotten by now has another start: they would deny what began longer ago than they remember. */
	#sessionStart(key: string, now: EpochMs): EpochMs {
		for (const [oldest, { usedAt }] of this.#sessions) {
			if (this.#sessions.size < SESSIONS_MAX && now - usedAt < this.#sessionMs) break;
			this.#sessions.delete(oldest);
		}
		const startedAt = this.#sessions.get(key)?.startedAt ?? now;
		this.#sessions.delete(key);
		this.#sessions.set(key, { startedAt, usedAt: now });
		return startedAt;
	}

	#saltOf(text: string): Uint8Array {
		// The secret stands on both sides, so that no salt tells anything of a longer text's.
		return new Uint8Array(Buffer.from(taggedDigest("assent.salt.v1", this.#secret, text, this.#secret), "hex"));
	}
}

async function sealedSalts(keys: PayloadKeys, call: PayloadCall): Promise<Salts> {
	const { intent, session } = await keys.draw(call);
	return { salt: sealedSalt(intent), sessionSalt: sealedSessionSalt(session) };
}

/** Throws ASSENT_USAGE, and names the field, where one of these is no name: 1 to 256 characters, none of them a control. */
export function checkNames(names: { readonly [field: string]: unknown }): void {
	for (const [field, value] of Object.entries(names)) {
		const fault = nameFault(value);
		if (fault === null) continue;
		const help =
			field === "id"
				? "leave it out, or give each call a text of its own; a provider's id may be empty, long, or used again each turn"
				: "give 1 to 256 characters without control characters";
		throw new AssentError(problem("ASSENT_USAGE", `\`${field}\` ${fault}`, help));
	}
}

export const drawExecutor = (): string => randomBytes(EXECUTOR_BYTES).toString("base64url");

/** Throws ASSENT_USAGE. */
function executorOf(given: unknown): string {
	checkNames({ executor: given });
	const executor = given as string;
	if (executor.length <= EXECUTOR_LENGTH_MAX) return executor;
	const help = "give a random text, such as 22 characters of base64url, or leave it out";
	throw new AssentError(problem("ASSENT_USAGE", `\`executor\` has more than ${EXECUTOR_LENGTH_MAX} characters`, help));
}

/** Throws ASSENT_USAGE. */
function factsOf(given: unknown): SessionFacts | null {
	const read = readFacts(given);
	if (read.ok) return read.value;
	const help = "give `{ workspace, home }`, absolute paths on the machine where the tools run, or leave it out";
	throw new AssentError(problem("ASSENT_USAGE", read.error, help));
}

/** Whole milliseconds, at least one. Throws ASSENT_USAGE. */
function waitOf(deadlineMs: unknown): DurationMs {
	if (typeof deadlineMs === "number" && deadlineMs > 0 && deadlineMs <= DEADLINE_MAX_MS) return Math.ceil(deadlineMs);
	const help = "give milliseconds, more than 0 and at most a day";
	throw new AssentError(problem("ASSENT_USAGE", `\`deadlineMs\` is ${String(deadlineMs)}`, help));
}

/**
 * The arguments as they are judged and as they may run, whatever becomes of the caller's own object afterwards. Throws
 * RECORD_JSON, RECORD_DEPTH or RECORD_OVERSIZED, and names the member, when they are not plain JSON.
 */
function argumentsOf(tool: string, args: unknown): Arguments {
	const read = readArguments(args);
	if (read.ok) return read.value;
	const { code, message } = read.error;
	const help =
		"pass texts, numbers, booleans, null, arrays and plain objects: their JSON is decided, and its parse is run";
	throw new AssentError(problem(code, `the arguments of \`${tool}\` are not plain JSON: ${message}`, help));
}

/** Nothing was published yet: an estimate that cannot be read is the caller's to fix. */
function estimateOf({ tool, estimate }: CallRequest): IntentSubmitted["estimate"] {
	const { usage, faults } = readUsage(estimate);
	const [first] = faults;
	if (first === undefined) return { tokens: usage.tokens ?? 0, costMicros: usage.costMicros ?? 0 };
	const message = `the estimate of \`${tool}\` cannot be read: \`${first.member}\` ${first.why}`;
	throw new AssentError(problem("RECORD_FIELD", message, "give `{tokens, cost}`, with `cost` in currency units"));
}
