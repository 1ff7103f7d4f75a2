/**
 * Histories that pass a limit: calls are made on the stricter side for as long as it admits them, and handed to the other one, until
 * that does not admit one of them.
 */
import type { CompiledLimit } from "../../policy/rules.ts";
import { widthOf } from "../../state/window.ts";
import type { DecidedCall } from "../trial.ts";
import type { Cell } from "./cells.ts";
import { otherSide, type Side } from "./limit-inclusion.ts";
import type { Samples } from "./samples.ts";
import { callOf, decided, LEVEL, type TrialPair, type Witness } from "./trial-pair.ts";

/** Calls that are made for one limit, in all histories. */
const CALLS_MAX = 15_000;
const CELLS_MAX = 8;

/** Where the next call goes when the stricter side refuses one. */
type Evasion = "later" | "session" | "agent";

export class LimitTrial {
	readonly #trials: TrialPair;
	readonly #samples: Samples;
	readonly #narrow: Side;
	#left = CALLS_MAX;

	constructor(trials: TrialPair, samples: Samples, narrow: Side) {
		this.#trials = trials;
		this.#samples = samples;
		this.#narrow = narrow;
	}

	/** Null: none was found. */
	search(limit: CompiledLimit, counted: readonly Cell[]): Witness | null {
		const cells = counted.slice(0, CELLS_MAX);
		const calls = cells.flatMap((cell) => this.#admittedIn(cell) ?? []);
		if (calls.length === 0) return null;
		const limits = cells.flatMap(({ sides }) => sides[this.#narrow].limits);
		const isVaried =
			limit.measure !== "identical_calls" &&
			cells.some(({ sides }) =>
				sides.flat().some((side) => side.limits.some(({ measure }) => measure === "identical_calls")),
			);
		const pauseMs = Math.min(
			...limits.flatMap(({ windowMs }) => (windowMs === 0 ? [] : [windowMs + widthOf(windowMs)])),
		);
		for (const parts of needsOf(limit, limits)) {
			for (const evasion of evasionsOf(limit)) {
				const witness = this.#passing(
					calls.map((call) => ({ ...call, ...parts })),
					{
						evasion,
						isVaried,
						pauseMs,
						isOpen: limit.measure === "concurrent_calls",
						callsMax: callsBeyond(limit, parts) * (limit.measure === "identical_calls" ? calls.length : 1),
					},
				);
				if (witness !== null) return witness;
			}
		}
		return null;
	}

	/** A call of the cell that rules of neither side stop. */
	#admittedIn(cell: Cell): DecidedCall | null {
		for (const args of this.#samples.argsOf(cell, [])) {
			const call = callOf(cell.names, "1", { args });
			if (call === null) return null;
			if (([0, 1] as const).every((side) => this.#trials.asked(side, call).level === LEVEL.allow)) return call;
		}
		return null;
	}

	#passing(
		calls: readonly DecidedCall[],
		options: {
			readonly evasion: Evasion;
			readonly isVaried: boolean;
			readonly pauseMs: number;
			readonly isOpen: boolean;
			readonly callsMax: number;
		},
	): Witness | null {
		const { evasion, isVaried, pauseMs, isOpen, callsMax } = options;
		const pair = this.#trials.loops();
		const history: DecidedCall[] = [];
		let [at, turn, refused] = [0, 0, 0];
		for (let made = 0; this.#left > 0; made++, this.#left--) {
			const call = calls[made % calls.length] as DecidedCall;
			const next = this.#trials.placed({
				...call,
				id: String(made + 1),
				at,
				session: evasion === "session" ? `s${turn}` : call.session,
				agent: evasion === "agent" && turn > 0 ? `${call.agent}${turn}` : call.agent,
				args: isVaried ? { ...call.args, [this.#samples.probe]: made } : call.args,
			});
			if (decided(pair[this.#narrow], next, isOpen).verdict !== "allow") {
				refused += 1;
				if (refused < calls.length) continue;
				if (refused > 2 * calls.length || (evasion === "later" && pauseMs === Number.POSITIVE_INFINITY)) return null;
				if (evasion === "later") at += pauseMs;
				else turn += 1;
				continue;
			}
			refused = 0;
			history.push(next);
			if (decided(pair[otherSide(this.#narrow)], next, isOpen).verdict === "allow") {
				if (history.length >= callsMax) return null;
				continue;
			}
			return this.#trials.execute(history, this.#narrow, { isOpen });
		}
		return null;
	}
}

/** What the limit counts together although the stricter side may not. */
function evasionsOf({ scope }: CompiledLimit): readonly Evasion[] {
	switch (scope) {
		case "session":
			return ["later"];
		case "agent":
			return ["later", "session"];
		case "tenant":
			return ["later", "session", "agent"];
	}
}

/**
 * As many calls as fill the limit, and as many again: what does not pass it by then goes on as it does, because the window has
 * forgotten the first of them.
 */
function callsBeyond({ max, reserve }: CompiledLimit, { estimate, usage }: Partial<DecidedCall>): number {
	const counts = estimate === undefined && usage === undefined;
	const amount = counts
		? 1
		: Math.max(reserve, estimate?.tokens ?? 0, estimate?.costMicros ?? 0, usage?.executionMs ?? 0);
	return 2 * (amount === 0 ? 1 : Math.ceil(max / amount)) + 2;
}

/** What each call needs or uses, so that few calls pass the limit. */
function needsOf(limit: CompiledLimit, own: readonly CompiledLimit[]): readonly Partial<DecidedCall>[] {
	const { measure, max } = limit;
	const unknown = { tokens: null, costMicros: null, executionMs: null };
	const none = { tokens: 0, costMicros: 0 };
	const amounts = [max + 1, ...own.filter((each) => each.measure === measure).map((each) => each.max), 1, 0].filter(
		(amount) => Number.isSafeInteger(amount),
	);
	switch (measure) {
		case "tool_calls":
		case "concurrent_calls":
		case "identical_calls":
			return [{}];
		case "tokens":
			return amounts.map((tokens) => ({ estimate: { ...none, tokens }, usage: unknown }));
		case "cost":
			return amounts.map((costMicros) => ({ estimate: { ...none, costMicros }, usage: unknown }));
		case "execution_time":
			return [...amounts, max].map((executionMs) => ({ usage: { ...unknown, executionMs } }));
	}
}
