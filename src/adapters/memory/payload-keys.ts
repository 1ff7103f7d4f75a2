/** Secrets of sealed arguments in memory: for logs that end with the process, and for tests. */
import { randomBytes } from "node:crypto";
import { SECRET_BYTES } from "../../core/codec/sealed.ts";
import { callKey, sessionKey } from "../../core/model/ids.ts";
import type { ErasureScope } from "../../core/model/inputs.ts";
import {
	erasedCall,
	isWithin,
	type PayloadCall,
	type PayloadCount,
	type PayloadKeys,
	type PayloadSecrets,
} from "../../ports/payload-keys.ts";

interface Kept {
	readonly call: PayloadCall;
	secret: Uint8Array | "erased";
}

export class MemoryPayloadKeys implements PayloadKeys {
	readonly #intents = new Map<string, Kept>();
	readonly #sessions = new Map<string, { readonly of: PayloadCall; readonly secret: Uint8Array }>();

	async draw(call: PayloadCall): Promise<PayloadSecrets> {
		const key = nameOf(call);
		const kept = this.#intents.get(key) ?? { call, secret: randomBytes(SECRET_BYTES) };
		if (kept.secret === "erased") throw erasedCall(call);
		this.#intents.set(key, kept);
		const session = this.#sessions.get(sessionKey(call)) ?? { of: call, secret: randomBytes(SECRET_BYTES) };
		this.#sessions.set(sessionKey(call), session);
		return { intent: kept.secret, session: session.secret };
	}

	find(call: PayloadCall): Uint8Array | "erased" | null {
		return this.#intents.get(nameOf(call))?.secret ?? null;
	}

	count(scope: ErasureScope): PayloadCount {
		const intents = this.#within(scope).filter(({ secret }) => secret !== "erased").length;
		return { intents, sessions: this.#sessionsOf(scope).length };
	}

	knows(scope: ErasureScope): boolean {
		return this.#within(scope).length > 0;
	}

	named(by: { readonly id: string } | { readonly session: string }): readonly PayloadCall[] {
		const calls = [...this.#intents.values()].map(({ call }) => call);
		return calls.filter(({ id, session }) => ("id" in by ? id === by.id : session === by.session));
	}

	erase(scope: ErasureScope): PayloadCount {
		const count = this.count(scope);
		for (const kept of this.#within(scope)) kept.secret = "erased";
		for (const key of this.#sessionsOf(scope)) this.#sessions.delete(key);
		return count;
	}

	close(): void {}

	#within(scope: ErasureScope): readonly Kept[] {
		const isMeant = isWithin(scope);
		return [...this.#intents.values()].filter(({ call }) => isMeant(call));
	}

	/** An intent's erasure leaves its session its own. */
	#sessionsOf(scope: ErasureScope): readonly string[] {
		if (scope.intent !== null) return [];
		const isMeant = isWithin(scope);
		return [...this.#sessions].filter(([, { of }]) => isMeant(of)).map(([key]) => key);
	}
}

const nameOf = (call: PayloadCall): string => `${sessionKey(call)}\0${callKey(call)}`;
