/** The guard around one tool: decide → run → report the outcome. */
import { type ReportedUsage, readUsage, type UsageFault } from "../core/codec/reported-usage.ts";
import type { CallId } from "../core/model/ids.ts";
import type { Usage } from "../core/model/inputs.ts";
import { ToolCallDenied } from "./call-errors.ts";
import type { AskedCall, CallRequest } from "./composer.ts";
import { type Decision, mayRun } from "./decision.ts";
import { execute, type ToolEnd } from "./execution.ts";
import { assertOptions, misuse, type OptionNames } from "./misuse.ts";
import type { Askers, Runs } from "./runs.ts";

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

/**
 * The guarded function is handed the arguments as they may run: not the caller's object but the frozen parse of the JSON text
 * that was decided, with the fields that the policy redacts replaced. It may be async or not, or an async generator. Another
 * iterator or stream is refused as what it returns: nobody would know when it has ended.
 */
export type ToolFunction<Args extends object, Out> = (args: Args, context: ToolContext) => Out;

/** What a guarded tool hands out: a promise, which for an `async function*` can be iterated at once, too. */
export type GuardedResult<Out> = 0 extends 1 & Out
	? Promise<Out>
	: [Out] extends [AsyncGenerator<infer Item, infer Returned, infer Sent>]
		? Promise<AsyncGenerator<Item, Returned, Sent>> & AsyncIterable<Item>
		: Promise<Awaited<Out>>;

/** Arguments may be left out where every one of them may. */
export type Guarded<Args extends object, Out> =
	Record<never, never> extends Args
		? (args?: Args, request?: CallOverrides) => GuardedResult<Out>
		: (args: Args, request?: CallOverrides) => GuardedResult<Out>;

export type CallOverrides = Omit<CallRequest, "tool" | "args">;

/** What `usageOf` is handed: the tool's result, of a generator what it returns at its end. */
export type ToolResult<Out> = [Out] extends [AsyncGenerator<unknown, infer Returned, never>] ? Returned : Awaited<Out>;

export interface GuardOptions<Out> {
	/**
	 * What the call used, from its result: `{tokens, cost}`, with `cost` in currency units. What it does not say, or says in a
	 * way that cannot be read, is unknown: it costs what was reserved, and `usage_unreported` tells. Time is measured. The
	 * result is handed out without waiting for a promise of usage.
	 */
	readonly usageOf?: (result: ToolResult<Out>) => ReportedUsage | undefined | PromiseLike<ReportedUsage | undefined>;
	/** Defaults for each call; an id is each call's own, and refused here. */
	readonly request?: Omit<CallOverrides, "id"> & { readonly id?: never };
}

/** An allowed call whose tool has ended. */
export interface EndedCall {
	readonly call: CallId;
	readonly session: string;
	readonly tool: string;
	readonly end: ToolEnd;
	readonly usage: Usage;
	readonly faults: readonly UsageFault[];
	readonly decision: Decision;
}

/** How long a decision is waited for. */
export interface DecisionWait {
	readonly signal: AbortSignal | undefined;
	/** Asked of each hold: true ends the waiting with it. */
	readonly isReturned: (hold: Decision) => boolean;
}

/** What the guard needs of its client: to decide, and to report. */
export interface GuardDesk {
	readonly runs: Runs;
	/** Throws ASSENT_USAGE, or a code of the RECORD family, for a request that is none. */
	read(request: CallRequest): AskedCall;
	decide(asked: AskedCall, waiting: DecisionWait): Promise<Decision>;
	/** The tool of an allowed call begins to run: `ended` follows. */
	began(call: CallId): void;
	/** Reports the outcome. Never rejects: that it cannot be written must not hide what came of the call. */
	ended(call: EndedCall): Promise<void>;
}

/** An id is each call's own. */
const DEFAULTS: OptionNames<Omit<CallOverrides, "id">> = {
	tenant: true,
	agent: true,
	session: true,
	actor: true,
	onBehalfOf: true,
	estimate: true,
	deadlineMs: true,
	trace: true,
	onHold: true,
	signal: true,
};

export function guardTool<Args extends object, Out>(
	desk: GuardDesk,
	tool: string,
	run: ToolFunction<Args, Out>,
	options: GuardOptions<Out>,
): Guarded<Args, Out> {
	assertOptions<GuardOptions<Out>>("the options of `guard`", options, { usageOf: true, request: true });
	assertOptions<Omit<CallOverrides, "id">>("the defaults of a guard's `request`", options.request, DEFAULTS);
	if (Object.prototype.toString.call(run) === "[object GeneratorFunction]") {
		throw misuse(`the function of \`${tool}\` is a \`function*\``, "write it as `async function*`: its end is awaited");
	}
	const guarded = async (given: unknown, overrides: CallOverrides | null): Promise<Awaited<Out>> => {
		const request = { ...options.request, ...overrides, tool, args: given as object };
		const asked = desk.read(request);
		const what = JSON.stringify([asked.session, tool, asked.argsText]);
		const waiting = { tool, signal: request.signal, isHoldReturned: request.onHold === "return" };
		return desk.runs.share(asked.call, what, waiting, (askers) => once(asked, askers));
	};
	const once = async (asked: AskedCall, askers: Askers): Promise<Awaited<Out>> => {
		const { call, session } = asked;
		const { signal } = askers;
		const decision = await desk.decide(asked, { signal, isReturned: (hold) => askers.held(hold) });
		askers.decided();
		if (!mayRun(decision)) throw new ToolCallDenied(tool, decision);

		const { callDeadlineMs, messages } = decision.obligations;
		desk.began(call);
		return execute({
			tool,
			deadlineMs: callDeadlineMs,
			signal,
			run: (signal) => run(decision.args as Args, { signal, id: decision.id, messages }),
			onEnd: async (end) => {
				askers.ended();
				const ended = (reported: unknown, thrown?: unknown): Promise<void> =>
					desk.ended({ call, session, tool, end, decision, ...usageRead(end, reported, thrown) });
				if (end.result === null || options.usageOf === undefined) return ended(undefined);
				let reported: ReturnType<NonNullable<typeof options.usageOf>>;
				try {
					reported = options.usageOf(end.result.value as ToolResult<Out>);
				} catch (thrown) {
					return ended(undefined, thrown);
				}
				if (!isThenable(reported)) return ended(reported);
				// Not waited for: what a stream used may be known only when the caller has read it.
				void Promise.resolve(reported).then(ended, (thrown: unknown) => ended(undefined, thrown));
			},
		});
	};
	const isGenerator = Object.prototype.toString.call(run) === "[object AsyncGeneratorFunction]";
	return ((given: unknown = {}, overrides: CallOverrides = {}) => {
		const out = guarded(given, overrides);
		// Nothing else may look like one: frameworks iterate whatever can be iterated.
		return isGenerator ? iterable(out) : out;
	}) as unknown as Guarded<Args, Out>;
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

/** A promise of a generator that can be iterated as the generator itself. */
function iterable<Out>(promise: Promise<Out>): Promise<Out> {
	return Object.assign(promise, {
		async *[Symbol.asyncIterator](): AsyncGenerator<unknown, unknown, unknown> {
			return yield* (await promise) as AsyncGenerator<unknown, unknown, unknown>;
		},
	});
}
