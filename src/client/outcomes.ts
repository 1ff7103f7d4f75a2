/**
 * What came of calls, on its way to the log. What nobody reports costs what was reserved, so whoever wired a tool hears of it:
 * listeners each time, the log of the program once for each way in which a tool's usage is unknown.
 */
import { type ReportedUsage, readUsage, UNKNOWN_USAGE } from "../core/codec/reported-usage.ts";
import { costText } from "../core/model/amounts.ts";
import { type CallId, callKey } from "../core/model/ids.ts";
import type { OutcomeReported, OutcomeStatus } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs } from "../core/model/units.ts";
import { usedOf } from "../core/model/usage.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { InputPublisher } from "../publishing/input-publisher.ts";
import { checkNames } from "./composer.ts";
import type { Decision } from "./decision.ts";
import type { Emitter } from "./emitter.ts";
import type { UsageEvent } from "./events.ts";
import type { BegunCall, EndedCall } from "./executor.ts";
import { assertOutcome } from "./misuse.ts";

/**
 * A call with the session that routes records about it. `actor`: the sub-agent that speaks, for its own calls and those below it;
 * left out, the root agent does, for all.
 */
export type RoutedCall = CallId & { readonly session: string; readonly actor?: readonly string[] };

export interface OutcomesParts {
	readonly publisher: InputPublisher;
	readonly layout: Layout;
	readonly telemetry: Telemetry;
	readonly emitter: Emitter;
	/** Throws when nothing can be published any more. */
	readonly assertUsable: () => void;
}

interface RunningCall extends BegunCall {
	/** By `performance.now()`. */
	readonly since: number;
}

/** Different lines about unknown usage: a tool whose faults differ each time must not fill memory. */
const TOLD_MAX = 1_000;

export class Outcomes {
	readonly #parts: OutcomesParts;
	/** What was told of usage that nobody reports. */
	readonly #told = new Set<string>();
	/** Calls whose tools have not ended, or whose usage is awaited. */
	readonly #running = new Map<string, RunningCall>();

	constructor(parts: OutcomesParts) {
		this.#parts = parts;
	}

	/** The tool of an allowed call begins to run. */
	began(begun: BegunCall): void {
		this.#running.set(callKey(begun.call), { ...begun, since: performance.now() });
	}

	/**
	 * Reports the end of every tool that is running still as unknown: after the client is closed nobody can say how it ended. Never
	 * rejects: what is not reported lapses at the call's deadline.
	 */
	async leave(): Promise<void> {
		const left = [...this.#running.values()];
		const [first] = left;
		if (first === undefined) return;
		const why = "their outcomes are reported as unknown: each settles in full, and keeps its slot until its lease ends";
		this.#parts.telemetry.warn("tools.running", { count: left.length, first: first.call.id, why });
		await Promise.all(left.map((call) => this.#leave(call)));
	}

	async #leave({ call, session, decision, since }: RunningCall): Promise<void> {
		// Forgotten by now: it would be the outcome of a call that nobody allowed.
		if (performance.now() - since >= rememberedMs(decision, this.#parts.layout)) return;
		try {
			await this.#publish({ ...call, session }, { status: "unknown", usage: UNKNOWN_USAGE, sketch: "" });
		} catch (thrown) {
			this.#parts.telemetry.warn("outcome.unreported", { id: call.id, tool: "", why: String(thrown) });
		}
	}

	/** By hand. Resolves when the report is on the log. */
	async report(call: RoutedCall, status: OutcomeStatus, reported: ReportedUsage, sketch: string): Promise<void> {
		this.#parts.assertUsable();
		const { tenant, agent, id, session } = call;
		checkNames({ tenant, agent, id, session });
		assertOutcome(status, sketch);
		const { usage, faults } = readUsage(reported);
		this.#tell({ call: { tenant, agent, id }, session, tool: "", faults, limits: [] });
		await this.#publish(call, { status, usage, sketch });
	}

	/** Of a guarded tool. Never rejects: the call has run, and its reservation settles in full where the report fails. */
	async ended({ call, session, tool, end, usage, faults, sketch, decision }: EndedCall): Promise<void> {
		const { telemetry, layout } = this.#parts;
		this.#running.delete(callKey(call));
		const { status, isLate, ms } = end;
		if (isLate) telemetry.warn("tool.ended_late", { id: call.id, tool, status, ms });
		const limits = decision.budgets.flatMap(({ policy, limit, measure, before, after }) =>
			usedOf(measure, usage) === null ? [{ policy, limit, measure, reserved: after - before }] : [],
		);
		this.#tell({ call, session, tool, faults, limits });
		const unreported = (why: string): void => telemetry.warn("outcome.unreported", { id: call.id, tool, why });
		if (ms >= rememberedMs(decision, layout)) {
			unreported("the call ended after it was forgotten; it was settled in full");
			return;
		}
		try {
			this.#parts.assertUsable();
			await this.#publish({ ...call, session }, { status, usage, sketch });
		} catch (thrown) {
			unreported(String(thrown));
		}
	}

	async #publish(
		call: RoutedCall,
		{ status, usage, sketch }: Pick<OutcomeReported, "status" | "usage" | "sketch">,
	): Promise<void> {
		const { tenant, agent, id, session, actor = [] } = call;
		await this.#parts.publisher.publish({
			type: "outcome.reported",
			call: { tenant, agent, id },
			session,
			actor,
			status,
			usage,
			sketch,
		});
	}

	#tell(event: UsageEvent): void {
		const { call, tool, faults, limits } = event;
		if (faults.length === 0 && limits.length === 0) return;
		this.#parts.emitter.emit("usage_unreported", event);
		const why = [...faults.map(({ member, why: fault }) => `\`${member}\` ${fault}`), ...limits.map(costInstead)].join(
			"; ",
		);
		const key = `${tool} ${why}`;
		if (this.#told.has(key) || this.#told.size >= TOLD_MAX) return;
		this.#told.add(key);
		this.#parts.telemetry.warn("outcome.incomplete", { id: call.id, tool, why });
	}
}

function costInstead({ limit, measure, reserved }: UsageEvent["limits"][number]): string {
	const amount = measure === "cost" ? costText(reserved) : reserved;
	const help = reserved === 0 ? ": give it a `reserve`" : "";
	return `limit \`${limit}\` counts ${measure}, and takes the ${amount} reserved${help}`;
}

/** How long after its decision an outcome is that of a call; later it would be one of a call that nobody allowed. */
function rememberedMs({ obligations, budgets }: Decision, { dedupeMs }: Layout): DurationMs {
	const hasSlot = budgets.some(({ measure }) => measure === "concurrent_calls");
	return Math.max(dedupeMs, obligations.callDeadlineMs, hasSlot ? obligations.leaseMs : 0);
}
