/** Re-audit: what a candidate would have made of the calls that a partition's ledger tells of. Nothing runs, and nothing is written. */
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import { type LedgerEntry, SEMANTICS } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import type { EpochMs } from "../core/model/units.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import type { Log } from "../ports/log/log.ts";
import { isWanted, type PrincipalFilter } from "../reading/principal-filter.ts";
import { Candidate, type HoldCounts } from "./candidate.ts";
import { type ShownArguments, shownArguments } from "./shown-arguments.ts";
import { type ReplayedCall, Tally, type TallyImage } from "./tally.ts";
import { type Ruling, rulingOf, transitionOf } from "./transition.ts";
import { type Walked, type WalkOptions, walk } from "./walk.ts";

export type ReAuditOptions = WalkOptions & ReAuditTerms;

export interface ReAuditTerms {
	readonly layout: Layout;
	readonly candidate: CompiledPolicySet;
	/** The candidate is in force from this time of the ledger on; null: from its beginning. */
	readonly from: EpochMs | null;
	/** Calls decided at or after this time are left out; null: none. */
	readonly to: EpochMs | null;
	/** Of which calls the report tells; the others are decided again, too: they use budgets. */
	readonly filter: PrincipalFilter;
	/** Where policies that were in force are, if reports are to show arguments of calls. */
	readonly argumentsBy?: PolicyCatalogue | undefined;
	/** Handed each call that comes out otherwise. */
	readonly onDifference?: (found: ReplayedCall) => void;
}

/** What came of one partition, or of several. */
export interface ReAudit {
	readonly tally: TallyImage;
	/** Calls that the candidate holds. */
	readonly holds: HoldCounts & { readonly waiting: number };
	readonly droppedOutcomes: number;
	/** Ledger time of the first and the last decision that was decided again; null where there was none. */
	readonly first: EpochMs | null;
	readonly last: EpochMs | null;
}

/** Throws as `walk`. */
export async function reAudit(log: Log, partition: number, options: ReAuditOptions): Promise<ReAudit> {
	const audit = new PartitionReAudit(partition, options);
	await walk(log, partition, { ...options, isDigested: false, isTreed: false }, (walked) => audit.visit(walked));
	return audit.result();
}

/** One partition, entry by entry in the order of its ledger. */
export class PartitionReAudit {
	readonly #partition: number;
	readonly #options: ReAuditTerms;
	readonly #candidate: Candidate;
	readonly #tally = new Tally();
	#first: EpochMs | null = null;
	#last: EpochMs | null = null;

	constructor(partition: number, options: ReAuditTerms) {
		this.#partition = partition;
		this.#options = options;
		this.#candidate = new Candidate(options.candidate, options.layout, partition);
	}

	/** False: what follows is not wanted. */
	visit(walked: Walked): boolean {
		const { entry } = walked;
		const { from, to } = this.#options;
		if (to !== null && entry.at >= to) return false;
		if (from !== null && entry.at < from) {
			this.#candidate.follow(entry);
			return true;
		}
		const decided = this.#candidate.decide(walked);
		if (entry.kind === "decision.made" || entry.kind === "decision.held") this.#compare(walked, entry, decided);
		return true;
	}

	result(): ReAudit {
		const { holds, waiting, droppedOutcomes } = this.#candidate;
		return {
			tally: this.#tally.image(),
			holds: { ...holds, waiting },
			droppedOutcomes,
			first: this.#first,
			last: this.#last,
		};
	}

	#compare(walked: Walked, entry: Decision, decided: LedgerEntry | null): void {
		const { call, at } = entry;
		if (!isWanted(this.#options.filter, call)) return;
		this.#first ??= at;
		this.#last = at;
		const recorded = rulingOf(entry) as Ruling;
		const { input } = walked;
		if (input === null || entry.semantics !== SEMANTICS) {
			this.#differs(walked, entry, { recorded, candidate: null, class: "unreplayable" });
			return;
		}
		// Where the candidate decides nothing it has rejected the intent, which lets nothing run.
		const candidate: Ruling = (decided === null ? null : rulingOf(decided)) ?? DENIED;
		const transition = transitionOf(recorded, candidate);
		if (transition === "unchanged") this.#tally.unchanged(call, at);
		else if (transition === "reason") this.#differs(walked, entry, { recorded, candidate, class: "reason" });
		else {
			const withBudgets = rulingOf(this.#candidate.decideOn(walked.before.state, input)) ?? DENIED;
			const isBudget = withBudgets.verdict === recorded.verdict;
			this.#differs(walked, entry, { recorded, candidate, class: isBudget ? "budget" : transition, transition });
		}
	}

	#differs(walked: Walked, entry: Decision, found: Found): void {
		const { input, missing } = walked;
		const { recorded, candidate, transition = null } = found;
		const { tenant, agent, session, id, tool } = entry.call;
		const estimate =
			input?.kind === "read" && input.record.type === "intent.submitted" ? input.record.estimate : NO_ESTIMATE;
		const call: ReplayedCall = {
			class: found.class,
			transition,
			call: { tenant, agent, session, id, tool },
			at: entry.at,
			partition: this.#partition,
			seq: entry.seq,
			offset: entry.cause.offset,
			recorded: { verdict: recorded.verdict, reason: recorded.reason },
			candidate: candidate === null ? null : { verdict: candidate.verdict, reason: candidate.reason },
			why: candidate === null ? (missing === null ? "semantics" : WHY[missing]) : null,
			estimate: { costMicros: estimate.costMicros, tokens: estimate.tokens },
			shown: this.#shown(walked, recorded),
		};
		this.#tally.differs(call);
		this.#options.onDifference?.(call);
	}

	#shown({ input, before }: Walked, { decision }: Ruling): ShownArguments | null {
		const { argumentsBy: catalogue, candidate } = this.#options;
		if (catalogue === undefined || input?.kind !== "read" || input.record.type !== "intent.submitted") return null;
		const inForce = before.state.policy.digest;
		return shownArguments(input.record, { inForce, catalogue, candidate, obligations: decision?.obligations });
	}
}

type Decision = Extract<LedgerEntry, { kind: "decision.made" | "decision.held" }>;

interface Found extends Pick<ReplayedCall, "class"> {
	readonly recorded: Ruling;
	readonly candidate: Ruling | null;
	readonly transition?: ReplayedCall["transition"];
}

const WHY = { input: "retention", sealed: "sealed", seal: "sealed", erased: "erased" } as const;

const DENIED: Ruling = { verdict: "deny", reason: null, decision: null };
const NO_ESTIMATE = { costMicros: 0, tokens: 0 };

/** Of several partitions, one after the other. */
export function together(parts: readonly ReAudit[]): ReAudit {
	const tally = new Tally();
	const holds = { answered: 0, unanswered: 0, waiting: 0 };
	let droppedOutcomes = 0;
	for (const part of parts) {
		tally.add(part.tally);
		for (const name of ["answered", "unanswered", "waiting"] as const) holds[name] += part.holds[name];
		droppedOutcomes += part.droppedOutcomes;
	}
	const times = parts.flatMap(({ first, last }) => (first === null || last === null ? [] : [first, last]));
	return {
		tally: tally.image(),
		holds,
		droppedOutcomes,
		first: times.length === 0 ? null : Math.min(...times),
		last: times.length === 0 ? null : Math.max(...times),
	};
}
