/** What a re-audit counts: calls by class, and by rule, agent, tool and day, with the first and the costliest of each class. */
import type { CallRef, Reason, Verdict } from "../core/model/entries.ts";
import type { CostMicros, EpochMs, Offset } from "../core/model/units.ts";
import type { ShownArguments } from "./shown-arguments.ts";
import { REPLAY_CLASSES, type ReplayClass, type Transition } from "./transition.ts";

/** One call that comes out otherwise, or cannot be decided again. */
export interface ReplayedCall {
	readonly class: Exclude<ReplayClass, "unchanged">;
	/** Of a class that is none: how the verdicts differ; null where they do not, or nothing came out. */
	readonly transition: Transition | null;
	readonly call: Pick<CallRef, "tenant" | "agent" | "session" | "id" | "tool">;
	/** Ledger time of its decision. */
	readonly at: EpochMs;
	readonly partition: number;
	/** Of the entry in the ledger, and of the intent in `intents`. */
	readonly seq: number;
	readonly offset: Offset;
	readonly recorded: ReplayedRuling;
	/** Null: it cannot be decided again. */
	readonly candidate: ReplayedRuling | null;
	/** Why it cannot be decided again; null where it can. */
	readonly why: "retention" | "sealed" | "erased" | "semantics" | null;
	/** What the call was estimated to cost: microdollars, and tokens. */
	readonly estimate: { readonly costMicros: CostMicros; readonly tokens: number };
	/** Null where they are not asked for, or may not be shown. */
	readonly shown: ShownArguments | null;
}

export interface ReplayedRuling {
	readonly verdict: Verdict;
	readonly reason: Reason | null;
}

export type ClassCounts = Readonly<Record<ReplayClass, number>>;

/** Counts under names. What is beyond the most that are kept counts under null. */
export type NamedCounts = ReadonlyMap<string | null, ClassCounts>;

/** Names that are kept of each: the memory of a re-audit does not grow with the log. */
const NAMES_MAX = 10_000;
/** Calls that are kept of each class, first and costliest apart. */
const SAMPLES_MAX = 10;

const DAY_MS = 86_400_000;

export class Tally {
	readonly counts: Record<ReplayClass, number> = noCounts();
	readonly rules = new Counted();
	readonly agents = new Counted();
	readonly tools = new Counted();
	readonly days = new Counted();
	/** The earliest first. */
	readonly first = new Map<ReplayClass, ReplayedCall[]>();
	/** The costliest first. */
	readonly costliest = new Map<ReplayClass, ReplayedCall[]>();
	#day = { at: -1, text: "" };

	unchanged(call: ReplayedCall["call"], at: EpochMs): void {
		this.#count("unchanged", call, at);
	}

	differs(found: ReplayedCall): void {
		this.#count(found.class, found.call, found.at);
		this.rules.count(ruleOf(found), found.class);
		keep(this.first, found.class, (kept) => {
			if (kept.length < SAMPLES_MAX) kept.push(found);
		});
		keep(this.costliest, found.class, (kept) => insert(kept, found));
	}

	#count(what: ReplayClass, { tenant, agent, tool }: ReplayedCall["call"], at: EpochMs): void {
		this.counts[what] += 1;
		this.agents.count(`${tenant}/${agent}`, what);
		this.tools.count(tool, what);
		this.days.count(this.#dayOf(at), what);
	}

	/** Calls come in the order of time. */
	#dayOf(at: EpochMs): string {
		const day = Math.floor(at / DAY_MS);
		if (day !== this.#day.at) this.#day = { at: day, text: new Date(at).toISOString().slice(0, 10) };
		return this.#day.text;
	}

	/** Takes in what another partition counted, after its own. */
	add(other: TallyImage): void {
		for (const name of REPLAY_CLASSES) this.counts[name] += other.counts[name];
		for (const name of ["rules", "agents", "tools", "days"] as const) this[name].add(other[name]);
		for (const [name, calls] of other.first) {
			keep(this.first, name, (kept) => {
				kept.push(...calls);
				kept.sort((one, next) => one.at - next.at);
				kept.length = Math.min(kept.length, SAMPLES_MAX);
			});
		}
		for (const [name, calls] of other.costliest) {
			keep(this.costliest, name, (kept) => {
				for (const call of calls) insert(kept, call);
			});
		}
	}

	/** As data, which threads hand to one another. */
	image(): TallyImage {
		return {
			counts: { ...this.counts },
			rules: this.rules.image(),
			agents: this.agents.image(),
			tools: this.tools.image(),
			days: this.days.image(),
			first: this.first,
			costliest: this.costliest,
		};
	}
}

export interface TallyImage {
	readonly counts: ClassCounts;
	readonly rules: NamedCounts;
	readonly agents: NamedCounts;
	readonly tools: NamedCounts;
	readonly days: NamedCounts;
	readonly first: ReadonlyMap<ReplayClass, readonly ReplayedCall[]>;
	readonly costliest: ReadonlyMap<ReplayClass, readonly ReplayedCall[]>;
}

/** Counts by name, of the names that came first. */
class Counted {
	readonly #counts = new Map<string | null, Record<ReplayClass, number>>();

	count(name: string, what: ReplayClass): void {
		this.#of(name)[what] += 1;
	}

	add(others: NamedCounts): void {
		for (const [name, counts] of others) {
			const own = this.#of(name);
			for (const each of REPLAY_CLASSES) own[each] += counts[each];
		}
	}

	image(): NamedCounts {
		return this.#counts;
	}

	#of(name: string | null): Record<ReplayClass, number> {
		const known = this.#counts.get(name);
		if (known !== undefined) return known;
		const key = this.#counts.size < NAMES_MAX ? name : null;
		const counts = this.#counts.get(key) ?? noCounts();
		this.#counts.set(key, counts);
		return counts;
	}
}

const noCounts = (): Record<ReplayClass, number> =>
	Object.fromEntries(REPLAY_CLASSES.map((name) => [name, 0])) as Record<ReplayClass, number>;

/** The rule that a difference is counted under: the one that now stops the call, else the one that did. */
export function ruleOf({ candidate, recorded, why }: ReplayedCall): string {
	if (why !== null) return why;
	const rule = (candidate?.reason ?? recorded.reason)?.rule;
	// Nothing stops the call before or after: what it owes is another.
	if (rule === undefined) return "obligations";
	return rule.policy === "" ? rule.code : `${rule.policy}/${rule.name}`;
}

function keep<Item>(of: Map<ReplayClass, Item[]>, name: ReplayClass, use: (kept: Item[]) => void): void {
	const kept = of.get(name) ?? [];
	use(kept);
	of.set(name, kept);
}

/** The costliest first, of equal ones the earlier; a call that costs nothing is nobody's example. */
function insert(kept: ReplayedCall[], found: ReplayedCall): void {
	if (weight(found) === 0) return;
	const place = kept.findIndex(
		(call) => weight(call) < weight(found) || (weight(call) === weight(found) && call.at > found.at),
	);
	if (place >= 0) kept.splice(place, 0, found);
	else kept.push(found);
	if (kept.length > SAMPLES_MAX) kept.pop();
}

/** Money first; tokens count where nobody has said what they cost. */
const weight = ({ estimate: { costMicros, tokens } }: ReplayedCall): number => costMicros + tokens / 1e9;
