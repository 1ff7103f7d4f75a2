/** What two sets of policies admit, found out by trying: calls one by one, with votes, and random histories. */
import { type DecidedCall, DecideLoop, type DecisionLine } from "../../src/core/analysis/trial.ts";
import { nameTest } from "../../src/core/match/name-globs.ts";
import type { Obligations, Requirement } from "../../src/core/model/entries.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { AGENTS, Chance, callOf, callsFor, randomArgs, sessionOf, TOOLS } from "./universe.ts";

/** Who may have voted. */
const VOTERS: readonly (readonly string[])[] = [[], ["ann"], ["bob"], ["amy"], ["ann", "bob"], ["amy", "bob"]];
const ON_BEHALF_OF: readonly (string | null)[] = [null, "ann"];
/** Before holds of ten minutes end, and after. */
const WAITS_MS = [0, 900_000];

const HISTORIES = 6;
const HISTORY_CALLS = 40;

/** What is said of one call, whatever was called before. */
interface Said {
	readonly isDenied: boolean;
	/** By who votes, for whom the call is made, and how long it waits: is all granted? Null: nothing need be. */
	readonly granted: readonly boolean[] | null;
	readonly obligations: Obligations;
}

export class BruteForce {
	readonly #sets: readonly [CompiledPolicySet, CompiledPolicySet];
	readonly #seed: number;
	readonly #calls: readonly DecidedCall[];
	readonly #said: [readonly Said[] | null, readonly Said[] | null] = [null, null];
	readonly #isStaged: boolean;
	readonly #isRemembering: boolean;

	constructor(sets: readonly [CompiledPolicySet, CompiledPolicySet], seed: number) {
		const policies = sets.flatMap((set) => set.policies);
		this.#sets = sets;
		this.#seed = seed;
		this.#isStaged = policies.some(({ stages }) => stages.length > 0);
		this.#isRemembering = policies.some(({ limits, sequences }) => limits.length + sequences.length > 0);
		this.#calls = callsFor(new Chance(seed), {
			isTimed: policies.some(({ exceptions }) => exceptions.length > 0),
			isStaged: this.#isStaged,
		});
	}

	/** Something that the set at `narrow` admits, and the other one does not; null: nothing was found. */
	beyond(narrow: 0 | 1): string | null {
		const wide = narrow === 0 ? 1 : 0;
		const [own, other] = [this.#saidBy(narrow), this.#saidBy(wide)];
		for (const [place, said] of own.entries()) {
			const why = admittedBeyond(said, other[place] as Said);
			if (why !== null) return `${why}: ${JSON.stringify(this.#calls[place])}`;
		}
		const histories = this.#isRemembering ? HISTORIES : 1;
		for (let turn = 0; turn < histories; turn++) {
			const why = this.#historyBeyond(narrow, this.#seed * HISTORIES + turn);
			if (why !== null) return why;
		}
		return null;
	}

	#saidBy(side: 0 | 1): readonly Said[] {
		const known = this.#said[side];
		if (known !== null) return known;
		const set = this.#sets[side];
		const said = this.#calls.map((call) => saidOf(set, call));
		this.#said[side] = said;
		return said;
	}

	/** One random history: what the one executes, the other does. */
	#historyBeyond(narrow: 0 | 1, seed: number): string | null {
		const chance = new Chance(seed);
		const own = new DecideLoop(this.#sets[narrow]);
		const other = new DecideLoop(this.#sets[narrow === 0 ? 1 : 0]);
		const openShare = chance.pick([0, 0, 0.5, 1]);
		const open: DecidedCall[] = [];
		const voters = chance.pick([[], ["ann"], ["bob", "ann"]]);
		const tools = [chance.pick(TOOLS), chance.pick(TOOLS)];
		const args = [randomArgs(chance), chance.pick([{}, { command: "rm" }, { command: "x" }])];
		const pace = chance.pick([0, 1, 20, 1_000, 30_000]);
		const spread = chance.pick([0, 0.2, 0.6]);
		const executed: DecidedCall[] = [];
		let at = 0;
		for (let made = 0; made < HISTORY_CALLS; made++) {
			at += Math.floor(chance.next() * 2 * pace);
			const place = chance.next() < spread ? Math.floor(chance.next() * AGENTS.length) : 0;
			const [tenant, agent] = AGENTS[place] as (typeof AGENTS)[number];
			if (openShare < 1 && open.length > 0 && chance.next() < 0.3) {
				const [call] = open.splice(Math.floor(chance.next() * open.length), 1) as [DecidedCall];
				for (const loop of [own, other]) loop.report({ call, status: "ok", usage: call.usage, at });
			}
			const isOpen = chance.next() < openShare;
			const tokens = chance.pick([0, 0, 1, 4]);
			const call = callOf({
				id: String(made),
				tenant,
				agent,
				session: sessionOf(chance, place, this.#isStaged),
				tool: chance.pick(tools),
				args: chance.pick(args),
				estimate: { tokens, costMicros: tokens },
				usage: {
					tokens: chance.pick([null, 0, 3, 9]),
					costMicros: chance.pick([null, 2, 9]),
					executionMs: chance.pick([null, 10, 2_000]),
				},
				at,
			});
			if (!isAdmitted(own, call, voters, isOpen)) continue;
			executed.push(call);
			if (isOpen) open.push(call);
			if (!isAdmitted(other, call, voters, isOpen)) return `after ${JSON.stringify({ openShare, voters, executed })}`;
		}
		return null;
	}
}

/** Nobody waits: what is held is granted at once, or never. */
export function isAdmitted(loop: DecideLoop, call: DecidedCall, voters: readonly string[], isOpen: boolean): boolean {
	let { verdict }: { verdict: DecisionLine["verdict"] | "pending" | "refused" } = isOpen
		? loop.ask(call)
		: loop.decide(call);
	if (verdict !== "hold") return verdict === "allow";
	for (const by of voters) {
		if (verdict === "allow" || verdict === "deny") break;
		verdict = loop.vote({ call, vote: "granted", by, at: call.at }).verdict;
	}
	if (verdict === "allow" && !isOpen) loop.report({ call, status: "ok", usage: call.usage, at: call.at });
	return verdict === "allow";
}

function admittedBeyond(own: Said, other: Said): string | null {
	const isAdmitted = !own.isDenied && (own.granted === null || own.granted.includes(true));
	if (!isAdmitted) return null;
	if (other.isDenied) return "denied by the other";
	if (other.granted !== null) {
		const isShort = other.granted.some((isEnough, place) => !isEnough && own.granted?.[place] !== false);
		if (isShort) return "votes are not enough for the other";
	}
	const { redact, callDeadlineMs } = own.obligations;
	if (callDeadlineMs > other.obligations.callDeadlineMs) return "the other gives less time";
	const isBare = (pointer: string): boolean =>
		!redact.some((each) => pointer === each || pointer.startsWith(`${each}/`));
	return other.obligations.redact.some(isBare) ? "the other redacts more" : null;
}

function saidOf(set: CompiledPolicySet, call: DecidedCall): Said {
	const { applies, isEnforced, fired, limits, obligations } = set.evaluate({ ...call, at: call.at ?? 0 });
	// A limit of nothing denies the first call.
	const isNothingLeft = limits.some(({ max, mode, effect }) => max === 0 && mode === "enforce" && effect === "deny");
	let isDenied = applies.length === 0 || !isEnforced || isNothingLeft;
	const asks: Requirement[] = [];
	for (const { reason, requirement } of fired) {
		if (reason.rule.mode === "audit") continue;
		if (reason.rule.effect === "deny") isDenied = true;
		if (requirement !== null) asks.push(requirement);
	}
	return { isDenied, granted: asks.length === 0 ? null : grantsOf(asks), obligations };
}

function grantsOf(asks: readonly Requirement[]): readonly boolean[] {
	const each = asks.map(grantsOfOne);
	return (each[0] as readonly boolean[]).map((_, place) => each.every((grants) => grants[place]));
}

const known = new WeakMap<Requirement, readonly boolean[]>();

function grantsOfOne(asked: Requirement): readonly boolean[] {
	const before = known.get(asked);
	if (before !== undefined) return before;
	const { approvers, quorum, selfAllowed, expiresAfterMs } = asked;
	const isNamed = nameTest(approvers, false);
	const grants = WAITS_MS.flatMap((waitMs) =>
		ON_BEHALF_OF.flatMap((behalf) =>
			VOTERS.map((voters) => {
				const counting = voters.filter((by) => isNamed(by) && (selfAllowed || by !== behalf));
				return waitMs < expiresAfterMs && counting.length >= quorum;
			}),
		),
	);
	known.set(asked, grants);
	return grants;
}
