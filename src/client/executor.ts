/**
 * One tool call from its request to its report: decided, run if it may be, its outcome reported. A guard around a function, a
 * proxy and a gateway have this in common; they differ in where requests come from and in what running is.
 */
import type { JsonObject } from "../core/base/json.ts";
import { sketchOf } from "../core/base/sketch.ts";
import { readUsage, type UsageFault } from "../core/codec/reported-usage.ts";
import type { CallId } from "../core/model/ids.ts";
import type { Usage } from "../core/model/inputs.ts";
import type { DurationMs } from "../core/model/units.ts";
import { ToolCallDenied } from "./call-errors.ts";
import type { AskedCall, CallRequest } from "./composer.ts";
import { type Decision, mayRun } from "./decision.ts";
import { execute, type ToolEnd } from "./execution.ts";
import { type Askers, Runs } from "./runs.ts";

export interface ToolContext {
	/**
	 * Aborted when the call's deadline has passed (10 min, where the policy says nothing), or when the request's own `signal`
	 * is, of all requests that share the run. A tool that goes on keeps its place among the `concurrent_calls`.
	 */
	readonly signal: AbortSignal;
	/** The intent's id. */
	readonly id: string;
	/** Words that the policy attaches for the model. */
	readonly messages: readonly string[];
}

/** What running a call is. */
export interface Tool<Out> {
	/** Handed the arguments as they may run: the frozen parse of the text that was decided, redactions applied. */
	readonly run: (args: JsonObject, context: ToolContext) => Out;
	/** What the call used, or a promise of it, from its result. Null: nobody says. */
	readonly usageOf: ((result: unknown) => unknown) | null;
	/** The result as a text, by which drift is told. Null: nobody compares it. */
	readonly outputOf: ((result: unknown) => unknown) | null;
}

/** An allowed call whose tool begins to run. */
export type BegunCall = Pick<EndedCall, "call" | "session" | "decision">;

/** An allowed call whose tool has ended. */
export interface EndedCall {
	readonly call: CallId;
	readonly session: string;
	readonly tool: string;
	readonly end: ToolEnd;
	readonly usage: Usage;
	readonly faults: readonly UsageFault[];
	/** Empty where there is no output to compare. */
	readonly sketch: string;
	readonly decision: Decision;
}

/** How long a decision is waited for. */
export interface DecisionWait {
	readonly signal: AbortSignal | undefined;
	/** Asked of each hold: true ends the waiting with it. */
	readonly isReturned: (hold: Decision) => boolean;
	/** How long a hold that is not returned is waited on; undefined: until it expires. */
	readonly holdMs?: DurationMs | undefined;
}

export interface ExecutorParts {
	/** Throws ASSENT_USAGE, or a code of the RECORD family, for a request that is none. */
	read(request: CallRequest): AskedCall;
	decide(asked: AskedCall, wait: DecisionWait): Promise<Decision>;
	/** Uses up the token of an allow. Null: the call may run; else the denial that takes the decision's place. */
	admit(asked: AskedCall, decision: Decision): Promise<Decision | null>;
	/** The tool of an allowed call begins to run: `ended` follows. */
	began(call: BegunCall): void;
	/** Reports the outcome. Never rejects: a failed report must not hide the call's own result. */
	ended(call: EndedCall): Promise<void>;
}

export class Executor {
	readonly #parts: ExecutorParts;
	readonly #runs = new Runs();

	constructor(parts: ExecutorParts) {
		this.#parts = parts;
	}

	/**
	 * Resolves with what the tool gives. Throws what `read` and the tool throw, ToolCallDenied for a call that may not run, and
	 * ToolCallTimedOut at its deadline. Whoever asks for the same call meanwhile shares its run.
	 */
	async execute<Out>(request: CallRequest, tool: Tool<Out>): Promise<Awaited<Out>> {
		const asked = this.#parts.read(request);
		const what = JSON.stringify([asked.session, request.tool, asked.argsText]);
		const waiting = { tool: request.tool, signal: request.signal, isHoldReturned: request.onHold === "return" };
		return this.#runs.share(asked.call, what, waiting, (askers) => this.#once(asked, tool, askers));
	}

	async #once<Out>(asked: AskedCall, tool: Tool<Out>, askers: Askers): Promise<Awaited<Out>> {
		const { signal } = askers;
		const decision = await this.#parts.decide(asked, { signal, isReturned: (hold) => askers.held(hold) });
		askers.decided();
		const { args } = decision;
		if (!mayRun(decision) || args === null) throw new ToolCallDenied(asked.request.tool, decision);
		const refused = await this.#parts.admit(asked, decision);
		if (refused !== null) throw new ToolCallDenied(asked.request.tool, refused);

		const { callDeadlineMs, messages } = decision.obligations;
		this.#parts.began({ call: asked.call, session: asked.session, decision });
		return execute({
			tool: asked.request.tool,
			deadlineMs: callDeadlineMs,
			signal,
			run: (signal) => tool.run(args, { signal, id: decision.id, messages }),
			onEnd: (end) => {
				askers.ended();
				return this.#report(asked, decision, end, tool);
			},
		});
	}

	async #report(
		asked: AskedCall,
		decision: Decision,
		end: ToolEnd,
		{ usageOf, outputOf }: Pick<Tool<unknown>, "usageOf" | "outputOf">,
	): Promise<void> {
		const { call, session, request } = asked;
		const sketch = end.result === null ? "" : sketchRead(outputOf, end.result.value);
		const ended = (reported: unknown, thrown?: unknown): Promise<void> =>
			this.#parts.ended({
				call,
				session,
				tool: request.tool,
				end,
				decision,
				sketch,
				...usageRead(end, reported, thrown),
			});
		if (end.result === null || usageOf === null) return ended(undefined);
		let reported: unknown;
		try {
			reported = usageOf(end.result.value);
		} catch (thrown) {
			return ended(undefined, thrown);
		}
		if (!isThenable(reported)) return ended(reported);
		// Not waited for: what a stream used may be known only when the caller has read it.
		void Promise.resolve(reported).then(ended, (thrown: unknown) => ended(undefined, thrown));
	}
}

/** Drift decides nothing: what cannot be compared is left out. */
function sketchRead(outputOf: Tool<unknown>["outputOf"], result: unknown): string {
	if (outputOf === null) return "";
	try {
		const output = outputOf(result);
		return typeof output === "string" ? sketchOf(output) : "";
	} catch {
		return "";
	}
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
	typeof (value as PromiseLike<unknown> | undefined)?.then === "function";

/** What was reported, and the time that was measured where the report has none. */
function usageRead(
	{ ms }: ToolEnd,
	reported: unknown,
	thrown: unknown,
): { usage: Usage; faults: readonly UsageFault[] } {
	const { usage, faults } = readUsage(reported);
	return {
		usage: { ...usage, executionMs: usage.executionMs ?? ms },
		faults:
			thrown === undefined ? faults : [{ member: "usage", why: `is unknown: \`usageOf\` threw ${String(thrown)}` }],
	};
}
