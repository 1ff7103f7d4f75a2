/** Calls and histories tried on both sets of policies: nothing is called a witness that was not executed on both. */
import type { JsonObject } from "../../base/json.ts";
import type { Requirement, Verdict } from "../../model/entries.ts";
import type { SessionFacts } from "../../model/inputs.ts";
import type { EpochMs } from "../../model/units.ts";
import type { CompiledPolicySet, Evaluation } from "../../policy/compiled.ts";
import { type DecidedCall, DecideLoop, type DecisionLine, type VoteLine } from "../trial.ts";
import type { CellNames } from "./cells.ts";
import type { Side } from "./limit-inclusion.ts";
import { otherSide } from "./limit-inclusion.ts";
import { placedIn, type Slice } from "./slices.ts";

/** A person's grant of the last call of a witness. */
export interface WitnessVote {
	readonly by: string;
	readonly at: EpochMs;
}

/** Calls, one after the other, that the looser side admits, while the other does not admit the last one. */
export interface Witness {
	readonly calls: readonly DecidedCall[];
	/** Has none of the calls ended? */
	readonly isOpen: boolean;
	/** Of a call that both hold: grants that are enough for the looser side. */
	readonly votes: readonly WitnessVote[];
	/** What the sets say of the last call, in the order in which they were given. */
	readonly decisions: readonly [WitnessDecision, WitnessDecision];
}

export type WitnessDecision = Omit<DecisionLine, "verdict"> & { readonly verdict: VoteLine["verdict"] };

/** What is asked of a call, without regard to limits. */
export interface Asked {
	readonly level: number;
	readonly requirements: readonly Requirement[];
	readonly evaluation: Evaluation;
}

/** How much each verdict asks for. */
export const LEVEL: Readonly<Record<Verdict, number>> = { allow: 0, hold: 1, deny: 2 };

export class TrialPair {
	readonly #sets: readonly [CompiledPolicySet, CompiledPolicySet];
	readonly #slice: Slice | null;

	/** Everything is tried in sessions of the slice; null: in any. */
	constructor(sets: readonly [CompiledPolicySet, CompiledPolicySet], slice: Slice | null) {
		this.#sets = sets;
		this.#slice = slice;
	}

	/** The call in a session where it is tried. */
	placed(call: DecidedCall): DecidedCall {
		return this.#slice === null ? call : placedIn(call, this.#slice);
	}

	asked(side: Side, call: DecidedCall): Asked {
		const evaluation = this.#sets[side].evaluate({ ...this.placed(call), at: call.at ?? 0 });
		let level = evaluation.isEnforced && evaluation.applies.length > 0 ? 0 : 2;
		const requirements: Requirement[] = [];
		for (const { reason, requirement } of evaluation.fired) {
			if (reason.rule.mode === "audit") continue;
			level = Math.max(level, LEVEL[reason.rule.effect]);
			if (requirement !== null) requirements.push(requirement);
		}
		return { level, requirements, evaluation };
	}

	/** A new log for each set. */
	loops(): readonly [DecideLoop, DecideLoop] {
		return [new DecideLoop(this.#sets[0]), new DecideLoop(this.#sets[1])];
	}

	/** Null where `admitting` does not ask for less than the other side on the last call. */
	execute(tried: readonly DecidedCall[], admitting: Side, { isOpen = false } = {}): Witness | null {
		const calls = tried.map((call) => this.placed(call));
		const loops = this.loops();
		let last: readonly [DecisionLine, DecisionLine] | null = null;
		for (const [place, call] of calls.entries()) {
			last = [decided(loops[0], call, isOpen), decided(loops[1], call, isOpen)];
			// What the one does not run, or the other has refused before, is no history of calls that were executed.
			if (place < calls.length - 1 && last.some(({ verdict }) => verdict !== "allow")) return null;
		}
		if (last === null) return null;
		const [own, other] = [last[admitting], last[otherSide(admitting)]];
		const isLooser =
			LEVEL[own.verdict] < LEVEL[other.verdict] || (own.verdict === other.verdict && owesLess(own, other));
		return isLooser ? { calls, isOpen, votes: [], decisions: last } : null;
	}

	/** A call that both hold, granted by people until `admitting` lets it run: null where the other side does, too. */
	executeVotes(tried: DecidedCall, votes: readonly WitnessVote[], admitting: Side): Witness | null {
		const call = this.placed(tried);
		const loops = this.loops();
		let decisions: [WitnessDecision, WitnessDecision] = [loops[0].decide(call), loops[1].decide(call)];
		for (const { by, at } of votes) {
			// A side that is done takes no more votes.
			decisions = decisions.map((decision, side) =>
				decision.verdict === "hold" || decision.verdict === "pending" || decision.verdict === "refused"
					? (loops[side] as DecideLoop).vote({ call, vote: "granted", by, at })
					: decision,
			) as [WitnessDecision, WitnessDecision];
		}
		const isShown = decisions[admitting].verdict === "allow" && decisions[otherSide(admitting)].verdict !== "allow";
		return isShown ? { calls: [call], isOpen: true, votes, decisions } : null;
	}
}

/** Does an allowed call go on with less that must be done: a value that is not redacted, a longer deadline? */
function owesLess(own: DecisionLine, other: DecisionLine): boolean {
	if (own.verdict === "deny") return false;
	const { redact, callDeadlineMs } = own.obligations;
	const isRedacted = (pointer: string): boolean =>
		redact.some((each) => pointer === each || pointer.startsWith(`${each}/`));
	return !other.obligations.redact.every(isRedacted) || callDeadlineMs > other.obligations.callDeadlineMs;
}

/** `isOpen`: the call goes on, and nothing is reported of it. */
export const decided = (loop: DecideLoop, call: DecidedCall, isOpen: boolean): DecisionLine =>
	isOpen ? loop.ask(call) : loop.decide(call);

export const TRIED_SESSION = "s";

/** What the sessions of calls that are tried declare. */
export const TRIED_FACTS: SessionFacts = { workspace: "/repo", home: "/home/a" };

export interface CallParts {
	readonly args?: JsonObject;
	readonly tokens?: number;
	readonly costMicros?: number;
	readonly executionMs?: number;
	readonly at?: EpochMs;
}

/** A call of the cell; null where a name of it is not known. */
export function callOf(names: CellNames, id: string, parts: CallParts = {}): DecidedCall | null {
	const { tenant, agent, tool } = names;
	if (tenant === null || agent === null || tool === null) return null;
	const { args = {}, tokens = 0, costMicros = 0, executionMs = null, at = 0 } = parts;
	return {
		id,
		tenant,
		agent,
		session: TRIED_SESSION,
		onBehalfOf: null,
		tool,
		args,
		estimate: { tokens, costMicros },
		usage: { tokens: null, costMicros: null, executionMs },
		facts: TRIED_FACTS,
		at,
	};
}
