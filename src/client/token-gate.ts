/**
 * The gate before a tool: a call runs only with a token of a published key that is bound to it, once.
 *
 * G1  Whatever cannot be found out is a refusal: keys, halts and the store of used tokens alike.
 * G2  A token is used up before its call begins, and stays so whatever becomes of the call.
 */
import type { Problem } from "../core/base/errors.ts";
import { err, type Result } from "../core/base/result.ts";
import type { Layout } from "../core/model/layout.ts";
import { type PublicKey, readPublicKey } from "../core/model/signing-keys.ts";
import { type DurationMs, type EpochMs, SECOND } from "../core/model/units.ts";
import { namesOf, type TokenClaims } from "../core/token/claims.ts";
import { kidOf } from "../core/token/compact.ts";
import {
	type ExpectedCall,
	TOKEN_SKEW_MAX_MS,
	type TokenKey,
	type TokenKeys,
	tokenFault,
	tokenKeys,
	verifyToken,
} from "../core/token/verification.ts";
import type { Clock } from "../ports/clock.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { Verifier } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { TokenStore } from "../ports/token-store.ts";
import { TailReader } from "../reading/tail.ts";
import { isAboutTokenKeys, type KeyCheck, type PublishedKey, readTokenKeys } from "../reading/token-keys.ts";
import type { ControlWatch } from "./control-watch.ts";
import { usedUp } from "./token-use.ts";

/**
 * `required`: no call runs without a token. `accepted`: a call without one runs, one with a bad one does not. `published`: as
 * `required` once a key is published, else as `accepted`.
 */
export type TokenMode = "required" | "accepted" | "published";

export interface TokenGateParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	readonly mode: TokenMode;
	/** The keys to believe, whatever is published; null: those that are published. */
	readonly pinned: readonly PublicKey[] | null;
	readonly store: TokenStore;
	readonly skewMs: DurationMs;
	readonly verifierOf: (key: PublicKey) => Verifier;
}

/** A key that is not known is looked for on the log at most this often. */
const LOOK_EVERY_MS: DurationMs = 1_000;

export class TokenGate {
	readonly #parts: TokenGateParts;
	#keys: TokenKeys = new Map();
	/** Follows what is published of keys, once there are some. */
	#keyWatch: TailReader | null = null;
	/**
	 * Begun by the first token that comes from elsewhere (of a call that was just decided, the processor has looked for halts), and where
	 * policies can say whose keys are believed.
	 */
	#control: Promise<ControlWatch> | null = null;
	/** The policies by which the keys are believed; null: whatever they are, so are these. */
	#policies: string | null = null;
	#loading: Promise<void> | null = null;
	/** When the keys were last looked at for one that nobody knew. */
	#lookedAt = Number.NEGATIVE_INFINITY;
	/** What is published of keys could not be read, or is about to be. */
	#isStale = false;
	/** Why it could not be read. */
	#unread = "";
	#hasWarned = false;
	/** Why nothing can be told any more. */
	#lost: string | null = null;

	constructor(parts: TokenGateParts) {
		this.#parts = parts;
		if (parts.pinned !== null) this.#keys = tokenKeys(parts.pinned.map((key) => this.#keyOf(key, "active", 0)));
	}

	async start(): Promise<void> {
		await this.#look();
	}

	/** Takes the token of a call that this process has just asked for, under a name that it drew. Null: it may run. */
	async admit(token: string, call: ExpectedCall): Promise<Problem | null> {
		const { mode, clock } = this.#parts;
		if (token === "") {
			const isRequired = mode === "required" || (mode === "published" && this.#keys.size > 0);
			return isRequired ? tokenFault("TOKEN_MISSING", "the decision came without a token") : null;
		}
		const verified = await this.#verify(token, call);
		if (mode === "published" && this.#isStale && this.#keys.size === 0) {
			this.#warnOfUnread();
			return null;
		}
		if (!verified.ok) return verified.error;
		const used = this.#use(verified.value, clock.now());
		return used.ok ? null : used.error;
	}

	/** Verifies a token, whoever asked for its call, and uses it up. */
	async consume(token: string, call: ExpectedCall): Promise<Result<TokenClaims, Problem>> {
		const verified = await this.#verify(token, call);
		if (!verified.ok) return verified;
		const claims = verified.value;
		const halted = await this.#haltFault(claims);
		return halted === null ? this.#use(claims, claims.iat * SECOND) : err(halted);
	}

	/** Uses up the token of a call that is given up, so that nobody runs it any more. */
	async forgo(token: string, call: Omit<ExpectedCall, "callDigest">): Promise<Result<TokenClaims, Problem>> {
		const verified = await this.#verify(token, { ...call, callDigest: null });
		return verified.ok ? this.#use(verified.value, verified.value.iat * SECOND) : verified;
	}

	/** Is a key known, so that what is allowed comes with a token? */
	get hasKeys(): boolean {
		return this.#keys.size > 0;
	}

	async close(): Promise<void> {
		const control = await this.#control?.catch(() => null);
		await Promise.all([control?.stop(), this.#keyWatch?.stop()]);
		this.#parts.store.close();
	}

	/** `issuedAt` is what the store must have been there for. */
	#use(claims: TokenClaims, issuedAt: EpochMs): Result<TokenClaims, Problem> {
		const until = claims.exp * SECOND + TOKEN_SKEW_MAX_MS;
		return usedUp(claims, this.#parts.store, { issuedAt, until, now: this.#parts.clock.now() });
	}

	/** A key that was published since is looked for once. */
	async #verify(token: string, call: ExpectedCall): Promise<Result<TokenClaims, Problem>> {
		const { clock, skewMs, pinned } = this.#parts;
		if (this.#lost !== null) return err(tokenFault("TOKEN_STORE", `what was published is not known: ${this.#lost}`));
		await this.#lookForChange();
		if (this.#isStale) await this.#lookAgain();
		if (this.#isStale)
			return err(tokenFault("TOKEN_STORE", `the keys that are published cannot be read: ${this.#unread}`));
		const verified = verifyToken(token, this.#keys, call, { now: clock.now(), skewMs });
		if (verified.ok || verified.error.code !== "TOKEN_KEY" || pinned !== null) return verified;
		await this.#lookAgain();
		return verifyToken(token, this.#keys, call, { now: clock.now(), skewMs });
	}

	async #haltFault(claims: TokenClaims): Promise<Problem | null> {
		const names = namesOf(claims.sub);
		if (names === null) return tokenFault("TOKEN_MALFORMED", "the token does not say whose it is");
		try {
			const control = await this.#watchControl();
			const isHalted = await control.isHalted({ ...names, session: claims.sid });
			return isHalted ? tokenFault("TOKEN_HALTED", "the token's agent, or its session, is halted") : null;
		} catch (thrown) {
			return tokenFault("TOKEN_STORE", `what is halted cannot be read: ${String(thrown)}`);
		}
	}

	#watchControl(): Promise<ControlWatch> {
		this.#control ??= this.#beginWatch().catch((thrown: unknown) => {
			this.#control = null;
			throw thrown;
		});
		return this.#control;
	}

	/** It decides as processors do: what that takes is loaded where it is needed, and in few programs it is. */
	async #beginWatch(): Promise<ControlWatch> {
		const { ControlWatch } = await import("./control-watch.ts");
		return ControlWatch.begin(this.#parts);
	}

	/** Other policies can believe other keys. */
	async #lookForChange(): Promise<void> {
		if (this.#policies === null || this.#isStale) return;
		try {
			const { digest } = await (await this.#watchControl()).inForce();
			if (digest === this.#policies) return;
			this.#isStale = true;
			await this.#look();
		} catch (thrown) {
			this.#isStale = true;
			this.#unread = reasonOf(thrown);
		}
	}

	/** Whoever may not read what is published cannot know that a key is. Told once, and only where there are tokens. */
	#warnOfUnread(): void {
		if (this.#hasWarned) return;
		this.#hasWarned = true;
		this.#parts.telemetry.warn("token.keys.unread", { why: this.#unread });
	}

	async #lookAgain(): Promise<void> {
		const { clock } = this.#parts;
		if (this.#loading === null && clock.now() - this.#lookedAt < LOOK_EVERY_MS) return;
		this.#lookedAt = clock.now();
		await this.#look();
	}

	/** One at a time, for all who ask meanwhile. */
	#look(): Promise<void> {
		this.#loading ??= this.#load().finally(() => {
			this.#loading = null;
		});
		return this.#loading;
	}

	async #load(): Promise<void> {
		const { log, layout, pinned } = this.#parts;
		if (pinned !== null) return;
		// Before the reading: what is published meanwhile makes it stale again.
		this.#isStale = false;
		let policies: string | null = null;
		const checkInForce = async (): Promise<KeyCheck | null> => {
			const { digest, keyCheck } = await (await this.#watchControl()).inForce();
			policies = digest;
			return keyCheck;
		};
		try {
			this.#keys = this.#keysIn(await readTokenKeys(log, checkInForce));
			this.#policies = policies;
		} catch (thrown) {
			this.#isStale = true;
			this.#unread = reasonOf(thrown);
			return;
		}
		if (this.#keys.size === 0 || this.#keyWatch !== null) return;
		const watch = new TailReader({
			log,
			topic: TOPICS.policies,
			onRecord: (record) => {
				if (!isAboutTokenKeys(record)) return;
				this.#isStale = true;
				void this.#look();
			},
			onLost: (why) => {
				this.#lost = String(why);
			},
		});
		this.#keyWatch = watch;
		await watch.start(layout.partitions);
	}

	#keysIn(published: ReadonlyMap<string, PublishedKey>): TokenKeys {
		const keys: TokenKey[] = [];
		for (const { key, status, since, isBelieved } of published.values()) {
			const read = readPublicKey(key);
			if (read.ok && isBelieved) keys.push(this.#keyOf(read.value, status, since));
		}
		return tokenKeys(keys);
	}

	#keyOf(key: PublicKey, status: TokenKey["status"], since: EpochMs): TokenKey {
		const { verify } = this.#parts.verifierOf(key);
		return { kid: kidOf(key), status, since, verify };
	}
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
