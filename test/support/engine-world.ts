/**
 * A partition in a bottle: inputs go through decode, decide, encode, decode and evolve, so that every test of the engine
 * also proves that what is folded is what was written. After each step the promises that no rule may break are checked.
 */
import { expect } from "vitest";
import { canonicalize } from "../../src/core/base/canonical-json.ts";
import { sha256Hex } from "../../src/core/base/digest.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { decodeEntry, decodeInput } from "../../src/core/codec/decode.ts";
import { encodeEntry, encodeInput } from "../../src/core/codec/encode.ts";
import type { PolicyCatalogue } from "../../src/core/engine/decide/context.ts";
import { decide } from "../../src/core/engine/decide/decide.ts";
import { evolve } from "../../src/core/engine/evolve/evolve.ts";
import type { Input } from "../../src/core/engine/input.ts";
import { accountKey, type CounterName } from "../../src/core/model/counters.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { callKey } from "../../src/core/model/ids.ts";
import type {
	InputRecord,
	IntentSubmitted,
	ReplyAddress,
	SessionFacts,
	SpendingCap,
} from "../../src/core/model/inputs.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import { DAY, HOUR } from "../../src/core/model/units.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import type { Counter } from "../../src/core/state/accounts.ts";
import { type Call, isWaiting, sessionOf } from "../../src/core/state/call.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import { emptyState } from "../../src/core/state/state.ts";

import { imageOf, type StateImage, stateOf } from "./state-image.ts";

/** Where every scenario begins: a time that no bucket of a usual window begins at. */
export const START = 1_700_000_000_123;

export const LAYOUT: Layout = { partitions: 1, budgetRoot: "tenant", dedupeMs: HOUR, sessionMs: 7 * DAY };

/** Compiles policies or fails the test with what is wrong in them. */
export function compiled(texts: readonly string[], layout: Layout = LAYOUT): CompiledPolicySet {
	const sources = texts.map((text, at) => ({ name: `p${at}.yaml`, text }));
	const set = compilePolicies(sources, { budgetRoot: layout.budgetRoot });
	if (!set.ok) throw new Error(set.error.map((problem) => problem.message).join("\n"));
	return set.value;
}

/** What a step may be told beside its record. */
export interface Marks {
	readonly late?: boolean;
	readonly ahead?: boolean;
	readonly address?: ReplyAddress | null;
	readonly needsReview?: boolean;
	/** The record's timestamp, where it is not the world's. */
	readonly time?: number;
}

export class World {
	readonly layout: Layout;
	state: ReturnType<typeof emptyState>;
	/** The broker's clock; scenarios move it. */
	now = START;
	readonly entries: LedgerEntry[] = [];
	readonly leaves: Uint8Array[] = [];
	readonly inputs: Input[] = [];
	/** State digest after each entry. */
	readonly digests: string[] = [];
	readonly #emptyDigest: string;
	/** By offset in `intents`. */
	readonly intents = new Map<number, IntentSubmitted>();
	/** False: the held intent can no longer be read. */
	keepsIntents = true;
	readonly #sets = new Map<string, CompiledPolicySet | "invalid">();
	readonly catalogue: PolicyCatalogue = { get: (digest) => this.#sets.get(digest) ?? null };

	constructor(layout: Layout = LAYOUT) {
		this.layout = layout;
		this.state = emptyState(layout, 0);
		this.#emptyDigest = stateDigest(this.state);
	}

	/** Makes a bundle known; returns its digest. */
	know(set: CompiledPolicySet): string {
		this.#sets.set(set.digest, set);
		return set.digest;
	}

	knowInvalid(digest: string): void {
		this.#sets.set(digest, "invalid");
	}

	/** Publishes a record and takes the step that consumes it. */
	publish(record: InputRecord, marks: Marks = {}): LedgerEntry {
		const isIntent =
			record.type === "intent.submitted" || record.type === "outcome.reported" || record.type === "intent.abandoned";
		const topic = isIntent ? "intents" : "control";
		const offset = this.state.inputs[topic];
		const read = decodeInput(encodeInput(record), topic);
		if (!read.ok) throw new Error(`a test's record cannot be read: ${read.error.message}`);
		if (read.value.type === "intent.sealed") throw new Error("a test's record is sealed");
		if (read.value.type === "intent.submitted") this.intents.set(offset, read.value);
		return this.step({
			kind: "read",
			cause: { topic, partition: 0, offset },
			causeTime: marks.time ?? this.now,
			late: marks.late ?? false,
			ahead: marks.ahead ?? false,
			address: marks.address ?? null,
			record: read.value,
			...(marks.needsReview === undefined ? {} : { needsReview: marks.needsReview }),
			...this.#heldIntent(read.value),
		});
	}

	#heldIntent(record: InputRecord): { readonly heldIntent?: IntentSubmitted | null } {
		if (record.type !== "approval.granted") return {};
		const hold = this.state.calls.get(callKey(record.call))?.hold;
		if (hold === undefined || hold === null) return {};
		return { heldIntent: this.keepsIntents ? (this.intents.get(hold.intentOffset) ?? null) : null };
	}

	step(input: Input): LedgerEntry {
		const before = stateDigest(this.state);
		const entry = decide(this.state, input, this.catalogue);
		if (stateDigest(this.state) !== before) throw new Error("`decide` changed the state");
		const leaf = encodeEntry(entry);
		const read = decodeEntry(leaf);
		if (!read.ok) throw new Error(`an entry cannot be read again: ${read.error.message}`);
		if (!Buffer.from(leaf).equals(encodeEntry(read.value))) throw new Error("an entry changes when it is read");
		if (read.value.seq !== this.entries.length) throw new Error(`seq ${read.value.seq} is not dense`);
		const due = entry.effects.map(({ kind, call }) => `${kind} ${callKey(call)}`);
		if (new Set(due).size < due.length) throw new Error(`something falls due twice: ${due.join(", ")}`);
		if (entry.seq % 64 === 0 && entry.stateDigest !== (this.digests[entry.seq - 65] ?? this.#emptyDigest))
			throw new Error("the entry carries another digest");
		evolve(this.state, read.value);
		this.inputs.push(input);
		this.entries.push(read.value);
		this.leaves.push(leaf);
		this.digests.push(stateDigest(this.state));
		this.#checkCounters();
		return read.value;
	}

	#checkCounters(): void {
		const held = new Map<string, number>();
		for (const [, call] of this.state.calls.entries()) {
			if (call.phase !== "open" && call.phase !== "held" && call.phase !== "lapsed") continue;
			for (const { counter, amount } of call.reserved) {
				// A lapsed call has nothing reserved but its slots.
				if (call.phase === "lapsed" && counter.measure !== "concurrent_calls") continue;
				const key = counterKey(counter, accountKey(counter, call));
				held.set(key, (held.get(key) ?? 0) + amount);
			}
		}
		const waiting = new Map<string, number>();
		for (const [, call] of this.state.calls.entries()) {
			if (isWaiting(call)) waiting.set(sessionOf(call), (waiting.get(sessionOf(call)) ?? 0) + 1);
		}
		for (const [key, { openCalls }] of this.state.sessions.entries()) {
			const open = waiting.get(key) ?? 0;
			if (openCalls !== open) throw new Error(`the session ${key} counts ${openCalls} calls, of which ${open} wait`);
			waiting.delete(key);
		}
		if (waiting.size > 0) throw new Error(`the session ${[...waiting.keys()][0]} is forgotten while a call waits`);
		for (const [scopeKey, counter] of this.#counters()) {
			const key = counterKey(counter.name, scopeKey);
			const amounts = [counter.settled, counter.toppedUp, ...counter.buckets.map(([, amount]) => amount)];
			if (amounts.some((amount) => amount < 0)) throw new Error(`the counter ${key} is negative`);
			const open = held.get(key) ?? 0;
			if (counter.reserved !== open) {
				throw new Error(`the counter ${key} has ${counter.reserved} reserved, open calls have ${open}`);
			}
		}
	}

	/** The state as a snapshot would carry it, its head to JSON and back. */
	image(): StateImage {
		const { head, ...rows } = imageOf(this.state);
		return { head: JSON.parse(JSON.stringify(head)) as StateImage["head"], ...rows };
	}

	/** A state rebuilt from its image has the digest of the live one. */
	checkImage(): void {
		expect(stateDigest(stateOf(this.layout, this.image()))).toBe(stateDigest(this.state));
	}

	get last(): LedgerEntry {
		const entry = this.entries.at(-1);
		if (entry === undefined) throw new Error("nothing has happened yet");
		return entry;
	}

	call(id: string, agent = "coder"): Call {
		const call = this.state.calls.get(callKey({ tenant: "acme", agent, id }));
		if (call === undefined) throw new Error(`the call ${id} is not known`);
		return call;
	}

	*#counters(): Iterable<[scopeKey: string, Counter]> {
		for (const [scopeKey, { counters }] of this.state.accounts.entries()) {
			for (const counter of counters) yield [scopeKey, counter];
		}
	}

	/** The counter of a limit for a scope key; an empty one where nothing was charged. */
	counter(limit: string, scopeKey = "acme/coder"): Pick<Counter, "reserved" | "settled" | "toppedUp"> {
		for (const [key, counter] of this.#counters()) {
			if (counter.name.limit === limit && key === scopeKey) return counter;
		}
		return { reserved: 0, settled: 0, toppedUp: 0 };
	}
}

/** What a test says of an intent; the rest is usual. */
export interface IntentPart {
	readonly id: string;
	readonly tenant?: string;
	readonly agent?: string;
	readonly session?: string;
	readonly sessionStartedAt?: number | null;
	readonly actor?: readonly string[];
	readonly onBehalfOf?: string | null;
	readonly askedBy?: string | null;
	readonly tool?: string;
	readonly args?: JsonObject;
	readonly tokens?: number;
	readonly cost?: number;
	readonly issuedAt: number;
	readonly deadline?: number;
	/** Another salt makes another commitment. */
	readonly salt?: string;
	readonly facts?: SessionFacts | null;
	/** Who would run it; the same for all who do not say. */
	readonly executor?: string;
	readonly caps?: readonly SpendingCap[];
}

export function intentOf(part: IntentPart): IntentSubmitted {
	const args = part.args ?? { command: "ls" };
	const session = part.session ?? "run-1";
	return {
		type: "intent.submitted",
		id: part.id,
		principal: {
			tenant: part.tenant ?? "acme",
			agent: part.agent ?? "coder",
			session,
			actor: part.actor ?? [],
			onBehalfOf: part.onBehalfOf ?? null,
			askedBy: part.askedBy ?? null,
			sessionStartedAt: part.sessionStartedAt ?? null,
		},
		tool: part.tool ?? "shell.run",
		args,
		argsText: canonicalize(args),
		salt: new Uint8Array(Buffer.from(sha256Hex(`salt ${part.salt ?? part.id}`), "hex")).slice(0, 16),
		sessionSalt: new Uint8Array(Buffer.from(sha256Hex(`session salt ${session}`), "hex")).slice(0, 16),
		estimate: { tokens: part.tokens ?? 0, costMicros: part.cost ?? 0 },
		issuedAt: part.issuedAt,
		deadline: part.deadline ?? part.issuedAt + 30_000,
		executor: part.executor ?? "executor-1",
		facts: part.facts ?? null,
		caps: part.caps ?? [],
	};
}

/** Each of its parts makes another counter. */
const counterKey = ({ policy, limit, measure, windowMs }: CounterName, scopeKey: string): string =>
	[policy, limit, measure, windowMs, scopeKey].join(" ");
