/**
 * Looks for what pattern rules fire on in the arguments of one call.
 *
 * R1  Each leaf is read once for all rules; after that only rules whose literals stand in it cost anything.
 * R2  The work for one call is bounded: what is left undecided then is `rule.failed`, by a count and not by a clock.
 * R3  A rule is done with its first leaf, in the order of the arguments, and the leftmost match in it.
 */
import type { PatternHit, PatternSet } from "../match/pattern-set.ts";
import { type Leaf, leafPointer, leavesOf, TOOL_POINTER } from "./argument-leaves.ts";
import { covers } from "./argument-path.ts";
import { type ArgumentReading, readArgument } from "./argument-reading.ts";
import type { CallView, Finding } from "./compiled.ts";
import type { CompiledPatternRule, Doubts } from "./rules.ts";

/** Operations that searches for one call may take at most, and what a single look counts on top. Less than half a second. */
const WORK_MAX = 400_000_000;
const LOOK_WORK = 2_000;

export class RuleSearch {
	readonly #set: PatternSet;
	readonly #rules: readonly CompiledPatternRule[];
	readonly #call: CallView;
	readonly #found = new Map<CompiledPatternRule, Finding>();
	readonly #readings = new Map<string, ArgumentReading>();
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
		const candidatesIn = this.#set.filter(candidates);
		for (const leaf of leavesOf(this.#call.args)) {
			const here = candidatesIn(leaf.text);
			if (here.length === 0) continue;
			this.#work += here.length * 50;
			for (const [rule, ids] of byRule(here, owners)) {
				if (this.#found.has(rule) || !isCovered(rule, leaf)) continue;
				this.#look(rule, ids, leaf, null);
			}
			if (this.#work > WORK_MAX) break;
		}
		if (this.#work > WORK_MAX) this.#giveUp(owners);
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
			const readings = doubts.selectors.map((selector) => this.#reading(selector));
			const isMissing =
				readings.every(({ isGiven }) => !isGiven) || readings.some(({ isGiven, hasGap }) => isGiven && hasGap);
			if (doubts.missing !== null && isMissing) return doubts.missing;
			if (doubts.unreadable === null) return null;
			const isReadable = readings.every(
				({ hasMap, odd, doubles }) =>
					!hasMap &&
					[...odd].every((text) => this.#isTextExempt(rule, text)) &&
					doubles.every((steps) => rule.paths.some((path) => covers(path.slice(0, steps.length), steps))),
			);
			if (this.#work > WORK_MAX) return failed(rule.finding, TOO_MUCH);
			return isReadable ? null : doubts.unreadable;
		} catch {
			return failed(rule.finding, "could not be evaluated");
		}
	}

	#reading({ text, path }: Doubts["selectors"][number]): ArgumentReading {
		const known = this.#readings.get(text);
		if (known !== undefined) return known;
		const reading = readArgument(path, this.#call.args);
		this.#readings.set(text, reading);
		return reading;
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
	rule.paths.some((path) => covers(path, leaf.isKey ? leaf.steps.slice(0, -1) : leaf.steps));

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
