/**
 * Looks for what pattern rules fire on in the arguments of one call.
 *
 * R1  Each leaf is read once for all rules; after that only rules whose literals stand in it cost anything.
 * R2  The work for one call is bounded, and leaves are in memory one at a time: what is left undecided then is `rule.failed`, by a count and not by a clock.
 * R3  A rule is done with its first leaf, in the order of the arguments, and the leftmost match in it.
 */

import { type Leaf, type LeafVisitor, leafPointer, TOOL_POINTER, visitLeaves } from "../arguments/leaves.ts";
import { ANY_STEP, covers } from "../arguments/path.ts";
import { type ArgumentReading, readArgument } from "../arguments/reading.ts";
import type { PatternHit, PatternSet } from "../match/pattern-set.ts";
import type { CallView, Finding } from "./compiled.ts";
import type { CompiledPatternRule, Doubts } from "./rules.ts";

/**
 * Operations that searches for one call may take at most, and what counts on top of them: a single look, a leaf that is read, a
 * rule that is asked about it. Less than half a second.
 */
const WORK_MAX = 400_000_000;
const LOOK_WORK = 2_000;
const LEAF_WORK = 200;
const ASK_WORK = 80;

export class RuleSearch {
	readonly #set: PatternSet;
	readonly #rules: readonly CompiledPatternRule[];
	readonly #call: CallView;
	readonly #found = new Map<CompiledPatternRule, Finding>();
	readonly #readings = new Map<string, readonly ArgumentReading[]>();
	#work = 0;

	constructor(set: PatternSet, rules: readonly CompiledPatternRule[], call: CallView) {
		this.#set = set;
		this.#rules = rules;
		this.#call = call;
	}

	/** What each rule that fires reports; `candidates` are the patterns that may match somewhere. */
	find(candidates: readonly number[]): ReadonlyMap<CompiledPatternRule, Finding> {
		if (candidates.length > 0) this.#searchTexts(candidates);
		for (const rule of this.#rules) {
			if (rule.doubts === null || this.#found.has(rule)) continue;
			const finding = this.#work > WORK_MAX ? failed(rule.finding, TOO_MUCH) : this.#doubt(rule, rule.doubts);
			if (finding !== null) this.#found.set(rule, finding);
		}
		return this.#found;
	}

	#searchTexts(candidates: readonly number[]): void {
		const possible = new Set(candidates);
		const owners = new Map<number, CompiledPatternRule>();
		const toolRules: CompiledPatternRule[] = [];
		for (const rule of this.#rules) {
			let isPossible = false;
			for (const id of rule.patterns) {
				if (!possible.has(id)) continue;
				owners.set(id, rule);
				isPossible = true;
			}
			if (isPossible && rule.inTool) toolRules.push(rule);
		}
		for (const rule of toolRules) {
			const ids = rule.patterns.filter((id) => possible.has(id));
			this.#look(rule, ids, { text: this.#call.tool, steps: [], isKey: false, parts: null }, TOOL_POINTER);
		}
		visitLeaves(this.#call.args, this.#visitors(candidates, owners));
		if (this.#work > WORK_MAX) this.#giveUp(owners);
	}

	/** Whoever looks at the leaves of a member asks only for the patterns of rules that look there. */
	#visitors(
		candidates: readonly number[],
		owners: ReadonlyMap<number, CompiledPatternRule>,
	): (member: string | null) => LeafVisitor | null {
		const rules = new Set(owners.values());
		const first = new Set([...rules].flatMap(({ paths }) => paths.map(([step]) => step)));
		const visitorOf = (member: string | null): LeafVisitor | null => {
			const ids = candidates.filter((id) => owners.get(id)?.paths.some((path) => beginsAt(path, member)));
			if (ids.length === 0) return null;
			const candidatesIn = this.#set.filter(ids);
			return (leaf) => {
				this.#work += LEAF_WORK + leaf.text.length;
				const here = candidatesIn(leaf.text);
				if (here.length > 0) this.#ask(here, owners, leaf);
				return this.#work <= WORK_MAX && this.#found.size < rules.size;
			};
		};
		const elsewhere = visitorOf(null);
		const visitors = new Map<string, LeafVisitor | null>();
		for (const step of first) if (typeof step === "string") visitors.set(step, visitorOf(step));
		return (member) => {
			this.#work += LEAF_WORK;
			const own = member === null ? undefined : visitors.get(member);
			return own === undefined ? elsewhere : own;
		};
	}

	#ask(here: readonly number[], owners: ReadonlyMap<number, CompiledPatternRule>, leaf: Leaf): void {
		this.#work += here.length * ASK_WORK;
		const asked = here.filter((id) => {
			const rule = owners.get(id) as CompiledPatternRule;
			return !this.#found.has(rule) && isCovered(rule, leaf);
		});
		if (asked.length === 0) return;
		for (const [rule, ids] of byRule(asked, owners)) this.#look(rule, ids, leaf, null);
	}

	#look(rule: CompiledPatternRule, ids: readonly number[], leaf: Leaf, pointer: string | null): void {
		try {
			// What a pattern costs on a long text is work to find out, too: not once all is used up.
			for (const id of ids) {
				if (this.#work > WORK_MAX) return;
				this.#work += this.#set.costOf(leaf.text, id) + LOOK_WORK;
			}
			if (this.#work > WORK_MAX) return;
			if (!ids.some((id) => this.#set.matches(leaf.text, id)) || this.#isExempt(rule, leaf)) return;
			const hit = this.#leftmost(leaf.text, ids);
			if (hit === null) return;
			const span = { pointer: pointer ?? leafPointer(leaf), start: hit.start, end: hit.end };
			this.#found.set(rule, { ...rule.finding, reason: { ...rule.finding.reason, span } });
		} catch {
			this.#found.set(rule, failed(rule.finding, "could not be evaluated"));
		}
	}

	#leftmost(text: string, ids: readonly number[]): PatternHit | null {
		let first: PatternHit | null = null;
		for (const id of ids) {
			const hit = this.#set.find(text, id);
			if (hit !== null && (first === null || hit.start < first.start)) first = hit;
		}
		return first;
	}

	/** A joined text passes as a whole, or because each of its parts does. */
	#isExempt(rule: CompiledPatternRule, { text, parts }: Leaf): boolean {
		if (rule.unless.length === 0) return false;
		if (this.#isTextExempt(rule, text)) return true;
		return parts?.every((part) => this.#isTextExempt(rule, part)) ?? false;
	}

	/** Where backslashes separate folders, `/srv/repo/..\..\etc` is not below `/srv/repo`: both readings must pass. */
	#isTextExempt(rule: CompiledPatternRule, text: string): boolean {
		for (const id of rule.unless) this.#work += this.#set.costOf(text, id) + LOOK_WORK;
		if (!this.#set.matchesAny(text, rule.unless)) return false;
		if (!rule.unlessReadsPaths || !text.includes("\\")) return true;
		return this.#set.matchesAny(text.replaceAll("\\", "/"), rule.unless);
	}

	#doubt(rule: CompiledPatternRule, doubts: Doubts): Finding | null {
		try {
			const readings = this.#readingsOf(doubts, rule);
			if (this.#work > WORK_MAX) return failed(rule.finding, TOO_MUCH);
			const isMissing =
				readings.every(({ isGiven }) => !isGiven) || readings.some(({ isGiven, hasGap }) => isGiven && hasGap);
			if (doubts.missing !== null && isMissing) return doubts.missing;
			if (doubts.unreadable === null) return null;
			const isReadable = readings.every(
				({ hasMap, odd, hasDouble }) => !hasMap && !hasDouble && this.#areExempt(rule, odd),
			);
			if (this.#work > WORK_MAX) return failed(rule.finding, TOO_MUCH);
			return isReadable ? null : doubts.unreadable;
		} catch {
			return failed(rule.finding, "could not be evaluated");
		}
	}

	/** False also where too much work is done to tell. */
	#areExempt(rule: CompiledPatternRule, texts: ReadonlySet<string>): boolean {
		for (const text of texts) if (this.#work > WORK_MAX || !this.#isTextExempt(rule, text)) return false;
		return true;
	}

	/** One for each argument that the rule names; rules that name the same ones share them. */
	#readingsOf({ selectors }: Doubts, { paths }: CompiledPatternRule): readonly ArgumentReading[] {
		const name = selectors.map(({ text }) => text).join("\n");
		const known = this.#readings.get(name);
		if (known !== undefined) return known;
		const readings: ArgumentReading[] = [];
		for (const { path } of selectors) {
			if (this.#work > WORK_MAX) break;
			const reading = readArgument(path, this.#call.args, paths);
			this.#work += reading.visited * LEAF_WORK;
			readings.push(reading);
		}
		this.#readings.set(name, readings);
		return readings;
	}

	#giveUp(owners: ReadonlyMap<number, CompiledPatternRule>): void {
		for (const rule of owners.values()) {
			if (!this.#found.has(rule)) this.#found.set(rule, failed(rule.finding, TOO_MUCH));
		}
	}
}

function byRule(
	ids: readonly number[],
	owners: ReadonlyMap<number, CompiledPatternRule>,
): ReadonlyMap<CompiledPatternRule, readonly number[]> {
	const groups = new Map<CompiledPatternRule, number[]>();
	for (const id of ids) {
		const rule = owners.get(id) as CompiledPatternRule;
		const group = groups.get(rule);
		if (group === undefined) groups.set(rule, [id]);
		else group.push(id);
	}
	return groups;
}

/** A key belongs to the member that it names: it is below the path only if that member is. */
const isCovered = (rule: CompiledPatternRule, leaf: Leaf): boolean =>
	rule.paths.some((path) => covers(path, leaf.steps, leaf.isKey ? leaf.steps.length - 1 : leaf.steps.length));

/** Can the path lead to the member, or below it; or to what joins several (null)? */
const beginsAt = ([step]: CompiledPatternRule["paths"][number], member: string | null): boolean =>
	step === undefined || step === ANY_STEP || step === member;

const TOO_MUCH = "could not be evaluated: the arguments hold too many texts to look at";

/** Doubt denies, at the rule's own mode and severity. */
const failed = (finding: Finding, why: string): Finding => ({
	reason: {
		...finding.reason,
		code: "rule.failed",
		effect: "deny",
		message: `the rule \`${finding.reason.rule}\` ${why}`,
	},
	requirement: null,
});
