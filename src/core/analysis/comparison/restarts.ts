/** What a set of policies does not go on counting when it comes into force in place of another one. */
import { isSameCounter } from "../../model/counters.ts";
import { isSameSequence } from "../../model/sequences.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import type { CompiledLimit, CompiledPolicy, CompiledSequence, PlacedNames, ToolSet } from "../../policy/rules.ts";
import { SHARE_MAX, type Share } from "../../policy/stages.ts";
import { Asker } from "./asker.ts";
import { coversForce, isEnforced } from "./force.ts";
import { countsNoLess, isAsForceful } from "./limit-inclusion.ts";
import { languageOfList, languageOfTools } from "./names.ts";
import { holdsKind, lastsAsLong } from "./sequence-inclusion.ts";
import { liftingSpellings } from "./shared-rules.ts";
import { spelled } from "./spelling.ts";

/** A limit or a sequence of the set in force. */
export interface Restart {
	readonly kind: "limit" | "sequence";
	readonly policy: string;
	readonly name: string;
	/** What the next set has in its place: nothing that goes on with its count, or what stops less than it did with the same count. */
	readonly next: "nothing" | "less";
}

/** Some two seconds for all questions: what is not known then does not go on. */
const BOUNDS = { stepsPerQuestion: 1_000_000, stepsMax: 20_000_000, kindsMax: 0 };

/**
 * The limits and sequences of `inForce` whose counts, and calls that began them, do not go on stopping under `next` what they stop
 * now. One goes on only in what has the same policy and name (of a limit also the measure, the window and the scope), and that
 * alone must stop all that the old one stops: what another rule of `next` does beside it begins from nothing. What only records
 * has no force that could be lost. `compare` says nothing of this: the histories that it is about begin under one set.
 */
export function restartsOf(inForce: CompiledPolicySet, next: CompiledPolicySet): readonly Restart[] {
	const continuation = new Continuation(inForce.policies, next.policies);
	return inForce.policies.flatMap((policy): Restart[] => [
		...policy.limits
			.filter(({ mode }) => mode === "enforce")
			.flatMap((limit) => {
				const left = continuation.ofLimit(policy, limit);
				return left === null ? [] : [{ kind: "limit" as const, policy: policy.name, name: limit.name, next: left }];
			}),
		...policy.sequences
			.filter(({ fired }) => isEnforced(fired))
			.flatMap((sequence) => {
				const left = continuation.ofSequence(policy, sequence);
				const name = sequence.sequence.sequence;
				return left === null ? [] : [{ kind: "sequence" as const, policy: policy.name, name, next: left }];
			}),
	]);
}

type Policies = readonly CompiledPolicy[];

class Continuation {
	readonly #asker = new Asker(BOUNDS);
	readonly #next: Policies;
	/** What lifts a rule of the one set, and of the other. */
	readonly #lifts: readonly [LiftsOf, LiftsOf];

	constructor(inForce: Policies, next: Policies) {
		this.#next = next;
		this.#lifts = [liftingSpellings(inForce), liftingSpellings(next)];
	}

	/** Null: it goes on as a whole. */
	ofLimit(policy: CompiledPolicy, limit: CompiledLimit): Restart["next"] | null {
		for (const own of this.#next) {
			const kept = own.limits.find(({ counter }) => isSameCounter(counter, limit.counter));
			if (kept === undefined) continue;
			const isWhole =
				kept.mode === "enforce" &&
				countsNoLess(kept, limit) &&
				isAsForceful(kept, limit, this.#asker) &&
				this.#isForAll(own, policy, limit.name) &&
				this.#holdsAll(kept.tools, limit.tools);
			return isWhole ? null : "less";
		}
		return "nothing";
	}

	/** Null: it goes on as a whole. */
	ofSequence(policy: CompiledPolicy, sequence: CompiledSequence): Restart["next"] | null {
		const { sequence: key, after, completedBy, fired } = sequence;
		for (const own of this.#next) {
			const kept = own.sequences.find((each) => isSameSequence(each.sequence, key));
			// It is kept in the account of its scope.
			if (kept === undefined || kept.sequence.scope !== key.scope) continue;
			const isWhole =
				lastsAsLong(kept, sequence) &&
				coversForce(kept.fired, fired, this.#asker) &&
				this.#isForAll(own, policy, key.sequence) &&
				this.#isLiftedNoMore(policy.name, key.sequence) &&
				this.#holdsAll(kept.after.tools, after.tools) &&
				this.#holdsAll(kept.completedBy.tools, completedBy.tools) &&
				holdsKind(kept.after, after, this.#asker) &&
				holdsKind(kept.completedBy, completedBy, this.#asker);
			return isWhole ? null : "less";
		}
		return "nothing";
	}

	/** Is the rule of the next policy in force for every principal, and every session, for which that of the old one is? */
	#isForAll(next: CompiledPolicy, old: CompiledPolicy, rule: string): boolean {
		return (
			shareOf(next, rule) >= shareOf(old, rule) &&
			this.#namesAll(next.tenants, old.tenants) &&
			this.#namesAll(next.agents, old.agents)
		);
	}

	/** Is each exception for the rule one that it had? */
	#isLiftedNoMore(policy: string, rule: string): boolean {
		const [had, has] = this.#lifts.map((liftsOf) => liftsOf(policy, rule));
		return has?.every((lift) => had?.includes(lift)) === true;
	}

	#namesAll(list: PlacedNames, old: PlacedNames): boolean {
		return this.#asker.inclusion(languageOfList(old), languageOfList(list)).is === "included";
	}

	#holdsAll(tools: ToolSet, old: ToolSet): boolean {
		if (spelled([tools]) === spelled([old])) return true;
		return this.#asker.inclusion(languageOfTools([old]), languageOfTools([tools])).is === "included";
	}
}

type LiftsOf = ReturnType<typeof liftingSpellings>;

/** Sessions below it are those for which the rule is in force. */
const shareOf = ({ stages }: CompiledPolicy, name: string): Share =>
	Math.min(SHARE_MAX, ...stages.filter(({ rule }) => rule === null || rule === name).map(({ below }) => below));
