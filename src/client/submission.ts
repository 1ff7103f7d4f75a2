/** Submitting call lines to a running log: decisions by id, outcomes reported, in the order in which answers arrive. */

import { type DecidedCall, type DecisionLine, reasonText } from "../core/analysis/trial.ts";
import { AssentError, type Problem } from "../core/base/errors.ts";
import type { CallStatus } from "../core/model/entries.ts";
import { sessionKey } from "../core/model/ids.ts";
import type { DurationMs } from "../core/model/units.ts";
import type { AssentClient } from "./client.ts";
import { type Decision, mayRun } from "./decision.ts";

/** How many calls wait for their decision at a time. */
const IN_FLIGHT_MAX = 256;

export interface SubmitOptions {
	readonly deadlineMs: DurationMs;
	/**
	 * For playing recorded calls: report the outcome of an allowed call at once, from its `usage`, and ask for a session's
	 * next call only then, as an agent does.
	 */
	readonly settle: boolean;
	readonly onDecision: (call: DecidedCall, decision: Decision) => void;
	/** The call cannot be a record: it was not published, and all others go on. */
	readonly onRefused: (call: DecidedCall, why: Problem) => void;
}

/** Keeps a bounded number of calls in flight; `done` waits for all of them. */
export class Submission {
	readonly #client: AssentClient;
	readonly #options: SubmitOptions;
	readonly #inFlight = new Set<Promise<void>>();
	/** The last call of each session, for `settle`. */
	readonly #lastOf = new Map<string, Promise<void>>();
	#failure: { readonly thrown: unknown } | null = null;

	constructor(client: AssentClient, options: SubmitOptions) {
		this.#client = client;
		this.#options = options;
	}

	/** Resolves when the call is on its way. Rejects when the log was lost. */
	async add(call: DecidedCall): Promise<void> {
		this.#check();
		while (this.#inFlight.size >= IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
		this.#check();
		const session = sessionKey(call);
		const before = this.#options.settle ? this.#lastOf.get(session) : undefined;
		const work: Promise<void> = (before === undefined ? this.#submit(call) : before.then(() => this.#submit(call)))
			.catch((thrown: unknown) => {
				this.#failure ??= { thrown };
			})
			.finally(() => {
				this.#inFlight.delete(work);
				if (this.#lastOf.get(session) === work) this.#lastOf.delete(session);
			});
		this.#inFlight.add(work);
		if (this.#options.settle) this.#lastOf.set(session, work);
	}

	/** Calls on their way, or waiting for their session's call before them. */
	get inFlight(): number {
		return this.#inFlight.size;
	}

	async done(): Promise<void> {
		await Promise.all(this.#inFlight);
		this.#check();
	}

	async #submit(call: DecidedCall): Promise<void> {
		const { settle, onDecision, onRefused } = this.#options;
		const decision = await this.#decide(call).catch((thrown: unknown) => {
			if (!(thrown instanceof AssentError && thrown.code.startsWith("RECORD_"))) throw thrown;
			onRefused(call, thrown.problem);
			return null;
		});
		if (decision === null) return;
		onDecision(call, decision);
		const { id, tenant, agent, session } = call;
		if (settle && mayRun(decision)) await this.#client.report({ tenant, agent, session, id }, "ok", call.usage);
	}

	#decide(call: DecidedCall): Promise<Decision> {
		const { id, tenant, agent, session, onBehalfOf, tool, args, facts, estimate } = call;
		const { deadlineMs } = this.#options;
		const who = { tenant, agent, session, onBehalfOf };
		return this.#client.decide({ id, ...who, tool, args, facts, estimate, deadlineMs, onHold: "return" });
	}

	#check(): void {
		if (this.#failure !== null) throw this.#failure.thrown;
	}
}

/** Why a call whose recorded verdict is allow must not be run by the reader of this line. */
const NOT_OPEN: Readonly<Record<CallStatus, string | null>> = {
	open: null,
	granted: "call.granted: its hold was granted, and the first caller that asks again under this id has the call",
	held: null,
	taken: "call.taken: an earlier caller under this id has the call, and runs it or has run it",
	closed: "call.closed: the call is over",
	halted: "agent.halted: an operator has halted the agent",
};

/** What `submit` prints: a verdict is in the ledger whoever asks; the status says whether the call may run now. */
export interface SubmittedLine extends DecisionLine {
	/** `open` alone may run, and only by the reader of this line. */
	readonly status: CallStatus;
}

export function lineOfDecision(decision: Decision): SubmittedLine {
	const timeout = decision.source === "reply" ? null : "client.timeout: no decision came by the deadline";
	const notOpen = decision.verdict === "allow" ? NOT_OPEN[decision.status] : null;
	return {
		id: decision.id,
		verdict: decision.verdict,
		status: decision.status,
		reason: timeout ?? notOpen ?? reasonText(decision.reasons),
		rules: decision.reasons,
		obligations: decision.obligations,
		budgets: decision.budgets,
		begins: decision.begins,
		policy: decision.policyDigest,
	};
}
