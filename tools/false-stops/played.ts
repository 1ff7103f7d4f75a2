/** Sessions played through policies, and which of their calls nothing but sequences stopped. */
import { type DecidedCall, DecideLoop, type DecisionLine } from "../../src/core/analysis/trial.ts";
import { UNKNOWN_USAGE } from "../../src/core/codec/reported-usage.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import type { ToolCall } from "./sessions.ts";

/** What sequences did to one session. */
export interface PlayedSession {
	/** Names of rules that its calls began. */
	readonly begun: ReadonlySet<string>;
	/** By name of a rule, the first call that it stopped and that would have been allowed without sequences. */
	readonly stopped: ReadonlyMap<string, StoppedCall>;
}

export interface StoppedCall extends ToolCall {
	/** From 0 on, in its session. */
	readonly index: number;
}

/** Of each kind of approver that the shipped policies name. */
const APPROVERS = ["ann", "finance-1", "ops-1", "dev-1", "support-lead-1", "data-owner-1"];

/**
 * Each session is an agent's of its own, with nothing spent. What is held is granted at once, so that it begins what it can begin:
 * people let pass what they know.
 */
export function playSession(policies: CompiledPolicySet, agent: string, calls: readonly ToolCall[]): PlayedSession {
	const loop = new DecideLoop(policies);
	const begun = new Set<string>();
	const stopped = new Map<string, StoppedCall>();
	for (const [index, { tool, args }] of calls.entries()) {
		const call = askedBy(agent, index, { tool, args });
		let line = loop.decide(call);
		for (const rule of sequencesAlone(line)) {
			if (!stopped.has(rule)) stopped.set(rule, { index, tool, args });
		}
		if (line.verdict === "hold") line = granted(loop, call) ?? line;
		for (const { sequence } of line.begins) begun.add(sequence);
	}
	return { begun, stopped };
}

/** The rules that stopped the call, where all of them are sequences. */
function sequencesAlone({ verdict, rules }: DecisionLine): readonly string[] {
	const determining = rules.filter(({ mode }) => mode === "enforce");
	return verdict !== "allow" && determining.every(({ code }) => code === "sequence.completed")
		? determining.map(({ rule }) => rule)
		: [];
}

function granted(loop: DecideLoop, call: DecidedCall): DecisionLine | null {
	for (const by of APPROVERS) {
		const { verdict, ...said } = loop.vote({ call, vote: "granted", by, at: null });
		if (verdict !== "allow") continue;
		loop.report({ call, status: "ok", usage: UNKNOWN_USAGE, at: null });
		return { ...said, verdict };
	}
	return null;
}

const askedBy = (agent: string, index: number, { tool, args }: ToolCall): DecidedCall => ({
	id: `${agent}-${index}`,
	tenant: "acme",
	agent,
	session: agent,
	onBehalfOf: null,
	tool,
	args,
	estimate: { tokens: 0, costMicros: 0 },
	usage: UNKNOWN_USAGE,
	facts: null,
	// A call a minute.
	at: index * 60_000,
});
