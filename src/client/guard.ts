/** The guard around one tool: decide → run → report the outcome. */
import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "../core/base/json.ts";
import { frozen } from "../core/base/plain-json.ts";
import type { ReportedUsage } from "../core/codec/reported-usage.ts";
import type { AssentClient } from "./client.ts";
import { argumentsOf, type CallRequest } from "./composer.ts";
import { mayRun, ToolCallDenied, ToolCallTimedOut } from "./decision.ts";

export interface ToolContext {
	/** Aborted when the call's deadline has passed. */
	readonly signal: AbortSignal;
	/** The intent's id. */
	readonly id: string;
	/** Words that the policy attaches for the model. */
	readonly messages: readonly string[];
}

/**
 * The guarded function is handed the arguments as they may run: not the caller's object but the frozen parse of the JSON text
 * that was decided, with the fields that the policy redacts replaced.
 */
export type ToolFunction<Args extends JsonObject, Out> = (args: Args, context: ToolContext) => Promise<Out>;

export type Guarded<Args extends JsonObject, Out> = (args: Args, request?: CallOverrides) => Promise<Out>;

export type CallOverrides = Omit<CallRequest, "tool" | "args">;

export interface GuardOptions<Out> {
	/** What the call used, from its result. What it does not say is unknown, and costs what was reserved. Time is measured. */
	readonly usageOf?: (out: Out) => ReportedUsage;
	/** Defaults for each call. */
	readonly request?: CallOverrides;
}

export function guardTool<Args extends JsonObject, Out>(
	client: AssentClient,
	tool: string,
	run: ToolFunction<Args, Out>,
	options: GuardOptions<Out>,
	onUnreported: (id: string, why: unknown) => void,
): Guarded<Args, Out> {
	return async (given, overrides = {}) => {
		const { args } = argumentsOf(tool, given);
		const request: CallRequest = { ...options.request, ...overrides, tool, args, id: overrides.id ?? randomUUID() };
		const decision = await client.decide(request);
		if (!mayRun(decision)) throw new ToolCallDenied(tool, decision);

		const call = { ...client.principalOf(request), id: decision.id };
		const { redact, callDeadlineMs, messages } = decision.obligations;
		const startedAt = performance.now();
		// The call has run: that its report fails must not hide what came of it. The reservation then settles in full.
		const report = async (status: "ok" | "error", used: () => ReportedUsage): Promise<void> => {
			const executionMs = Math.max(0, Math.round(performance.now() - startedAt));
			try {
				await client.report(call, status, { executionMs, ...used() });
			} catch (thrown) {
				onUnreported(decision.id, thrown);
			}
		};
		let out: Out;
		try {
			out = await withDeadline(tool, callDeadlineMs, (signal) =>
				run(frozen(redacted(args, redact)) as Args, { signal, id: decision.id, messages }),
			);
		} catch (thrown) {
			await report("error", () => ({}));
			throw thrown;
		}
		await report("ok", () => options.usageOf?.(out) ?? {});
		return out;
	};
}

/** Rejects at the deadline whether or not the tool listens to its signal. */
async function withDeadline<Out>(
	tool: string,
	deadlineMs: number,
	run: (signal: AbortSignal) => Promise<Out>,
): Promise<Out> {
	const abort = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(
			() => {
				const timedOut = new ToolCallTimedOut(tool, deadlineMs);
				// First, so that what the tool throws on its signal does not take this one's place.
				reject(timedOut);
				abort.abort(timedOut);
			},
			Math.min(deadlineMs, TIMER_MAX_MS),
		);
	});
	try {
		return await Promise.race([run(abort.signal), late]);
	} finally {
		clearTimeout(timer);
	}
}

/** Timers of the platform hold 31 bits. */
const TIMER_MAX_MS = 2_147_483_647;

const REDACTED = "[redacted]";

/** The arguments with the values at these JSON pointers replaced; pointers to nothing are passed over. */
export function redacted(args: JsonObject, pointers: readonly string[]): JsonObject {
	return pointers.reduce<Json>((value, pointer) => {
		const path = pointer
			.split("/")
			.slice(1)
			.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
		return path.length === 0 ? value : replaceAt(value, path);
	}, args) as JsonObject;
}

function replaceAt(value: Json, path: readonly string[]): Json {
	const [head, ...rest] = path;
	if (head === undefined) return REDACTED;
	if (value === null || typeof value !== "object") return value;
	if (Array.isArray(value)) {
		const index = Number(head);
		return index in value ? value.with(index, replaceAt(value[index] as Json, rest)) : value;
	}
	const members = value as JsonObject;
	return Object.hasOwn(members, head) ? { ...members, [head]: replaceAt(members[head] as Json, rest) } : value;
}
