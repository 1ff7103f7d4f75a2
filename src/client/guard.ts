/** The guard around one tool: a function that is decided, run and reported whenever it is called. */
import type { ReportedUsage } from "../core/codec/reported-usage.ts";
import type { CallRequest } from "./composer.ts";
import type { Executor, ToolContext } from "./executor.ts";
import { assertOptions, misuse, type OptionNames } from "./misuse.ts";

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

/** Each call is an executor of its own, and waits for a human or does not. */
export type CallOverrides = Omit<CallRequest, "tool" | "args" | "executor" | "holdMs">;

/** What `usageOf` is handed: the tool's result, of a generator what it returns at its end. */
export type ToolResult<Out> = [Out] extends [AsyncGenerator<unknown, infer Returned, never>] ? Returned : Awaited<Out>;

export interface GuardOptions<Out> {
	/**
	 * What the call used, from its result: `{tokens, cost}`, with `cost` in currency units. What it does not say, or says in a
	 * way that cannot be read, is unknown: it costs what was reserved, and `usage_unreported` tells. Time is measured. The
	 * result is handed out without waiting for a promise of usage.
	 */
	readonly usageOf?: (result: ToolResult<Out>) => ReportedUsage | undefined | PromiseLike<ReportedUsage | undefined>;
	/**
	 * The result as a text: a sketch of it, 128 bytes that can be compared and not read, goes with the outcome, by which
	 * `drift_detected` is told. Left out: no sketch. A result that it throws on has none.
	 */
	readonly outputOf?: (result: ToolResult<Out>) => string;
	/** Defaults for each call; an id is each call's own, and refused here. */
	readonly request?: Omit<CallOverrides, "id"> & { readonly id?: never };
}

/** An id is each call's own. */
const DEFAULTS: OptionNames<Omit<CallOverrides, "id">> = {
	tenant: true,
	agent: true,
	session: true,
	actor: true,
	onBehalfOf: true,
	askedBy: true,
	facts: true,
	estimate: true,
	caps: true,
	deadlineMs: true,
	trace: true,
	onHold: true,
	signal: true,
};

export function guardTool<Args extends object, Out>(
	executor: Executor,
	tool: string,
	run: ToolFunction<Args, Out>,
	options: GuardOptions<Out>,
): Guarded<Args, Out> {
	assertOptions<GuardOptions<Out>>("the options of `guard`", options, { usageOf: true, outputOf: true, request: true });
	assertOptions<Omit<CallOverrides, "id">>("the defaults of a guard's `request`", options.request, DEFAULTS);
	if (Object.prototype.toString.call(run) === "[object GeneratorFunction]") {
		throw misuse(`the function of \`${tool}\` is a \`function*\``, "write it as `async function*`: its end is awaited");
	}
	const { usageOf, outputOf } = options;
	const guarded = (given: unknown, overrides: CallOverrides | null): Promise<Awaited<Out>> =>
		executor.execute<Out>(
			{ ...options.request, ...overrides, tool, args: given as object },
			{
				run: (args, context) => run(args as Args, context),
				usageOf: usageOf === undefined ? null : (result) => usageOf(result as ToolResult<Out>),
				outputOf: outputOf === undefined ? null : (result) => outputOf(result as ToolResult<Out>),
			},
		);
	const isGenerator = Object.prototype.toString.call(run) === "[object AsyncGeneratorFunction]";
	return ((given: unknown = {}, overrides: CallOverrides = {}) => {
		const out = guarded(given, overrides);
		// Nothing else may look like one: frameworks iterate whatever can be iterated.
		return isGenerator ? iterable(out) : out;
	}) as unknown as Guarded<Args, Out>;
}

/** A promise of a generator that can be iterated as the generator itself. */
function iterable<Out>(promise: Promise<Out>): Promise<Out> {
	return Object.assign(promise, {
		async *[Symbol.asyncIterator](): AsyncGenerator<unknown, unknown, unknown> {
			return yield* (await promise) as AsyncGenerator<unknown, unknown, unknown>;
		},
	});
}
