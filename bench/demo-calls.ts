/**
 * The demo's calls again and again, as a deployment's publishers would write them: each time in new sessions, for as many agents as keep
 * within their budgets, and with its outcome directly behind each call that is allowed.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalize } from "../src/core/base/canonical-json.ts";
import type { JsonObject } from "../src/core/base/json.ts";
import { inputEvent } from "../src/core/codec/event.ts";
import { submissionHeaders } from "../src/core/codec/headers.ts";
import { decide } from "../src/core/engine/decide/decide.ts";
import { evolve } from "../src/core/engine/evolve/evolve.ts";
import type { IntentsRecord } from "../src/core/model/inputs.ts";
import { DEFAULT_LAYOUT, routeOf } from "../src/core/model/layout.ts";
import type { EpochMs } from "../src/core/model/units.ts";
import type { CompiledPolicySet } from "../src/core/policy/compiled.ts";
import { NO_POLICY } from "../src/core/state/head.ts";
import { emptyState } from "../src/core/state/state.ts";
import type { OutRecord } from "../src/ports/log/log.ts";

/** Rounds by the same agents; more would use up what `calls-per-hour` gives them. */
const FLEETS = 60;

interface DemoCall {
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly tool: string;
	readonly args: JsonObject;
	readonly usage: { readonly tokens: number; readonly costMicros: number; readonly executionMs: number };
	readonly estimate?: { readonly tokens: number; readonly costMicros: number };
}

export class DemoCalls {
	readonly #calls: readonly DemoCall[];
	readonly #allowed: readonly boolean[];

	constructor(policies: CompiledPolicySet) {
		const file = join(import.meta.dirname, "..", "examples", "demo", "calls.jsonl");
		this.#calls = readFileSync(file, "utf8")
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line) as DemoCall);
		this.#allowed = allowedOf(this.#calls, policies);
	}

	/** How many there are in a round. */
	get length(): number {
		return this.#calls.length;
	}

	/** The records of the first `count` calls of a round, by partition. */
	round(round: number, count: number, now: EpochMs): ReadonlyMap<number, readonly OutRecord[]> {
		const records = new Map<number, OutRecord[]>();
		for (const [index, call] of this.#calls.slice(0, count).entries()) {
			const [intent, outcome] = recordsOf(call, { round, index, now });
			const { partition, key } = routeOf(DEFAULT_LAYOUT, { ...intent.principal });
			const put = (record: IntentsRecord, id: string, headers: Record<string, string>): void => {
				const event = inputEvent(record, { id, source: "assent/client", time: now });
				const out = { key, value: event.value, headers: { ...event.headers, ...headers } };
				records.set(partition, [...(records.get(partition) ?? []), out]);
			};
			const address = { topic: "replies", replyId: `bench/${index}` };
			put(intent, intent.id, submissionHeaders(intent.id, address));
			if (this.#allowed[index] === true) put(outcome, `${intent.id}-outcome`, {});
		}
		return records;
	}
}

function recordsOf(
	{ tenant, agent: name, session: run, tool, args, usage, estimate }: DemoCall,
	{ round, index, now: issuedAt }: { readonly round: number; readonly index: number; readonly now: number },
) {
	const agent = `${name}-${round % FLEETS}`;
	const session = `${run}-${round}`;
	const id = `${round}-${index}`;
	const intent = {
		type: "intent.submitted",
		id,
		principal: { tenant, agent, session, actor: [], onBehalfOf: null, askedBy: null, sessionStartedAt: null },
		tool,
		args,
		argsText: canonicalize(args),
		salt: digestOf(id).subarray(0, 16),
		sessionSalt: digestOf(session).subarray(0, 16),
		estimate: estimate ?? { tokens: 0, costMicros: 0 },
		issuedAt,
		deadline: issuedAt + 600_000,
		executor: digestOf(agent).toString("base64url").slice(0, 22),
		facts: null,
		caps: [],
	} as const;
	const call = { tenant, agent, id };
	const outcome = { type: "outcome.reported", actor: [], call, session, status: "ok", sketch: "", usage } as const;
	return [intent, outcome] as const;
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** What one round makes of each call. */
function allowedOf(calls: readonly DemoCall[], policies: CompiledPolicySet): boolean[] {
	const layout = { ...DEFAULT_LAYOUT, partitions: 1 };
	const state = emptyState(layout, 0, { isDigested: false });
	state.policy = { ...NO_POLICY, digest: policies.digest, generation: 1, activationId: "bench" };
	let offset = 0;
	const now = Date.now();
	const take = (record: IntentsRecord) => {
		const cause = { topic: "intents", partition: 0, offset: offset++ } as const;
		const input = { kind: "read", cause, causeTime: now, late: false, ahead: false, address: null, record } as const;
		const entry = decide(state, input, { get: () => policies });
		evolve(state, entry);
		return entry;
	};
	return calls.map((call, index) => {
		const [intent, outcome] = recordsOf(call, { round: 0, index, now });
		const entry = take(intent);
		const isAllowed = entry.kind === "decision.made" && entry.verdict === "allow";
		if (isAllowed) take(outcome);
		return isAllowed;
	});
}
