/**
 * Looks for what pattern rules fire on in the arguments of one call.
 *
 * R1  Each leaf is read once for all rules; after that only rules whose literals are in it cost anything.
 * R2  The work for one call is bounded, and leaves are in memory one at a time: what is left undecided then is `rule.failed`, by a count and not by a clock.
 *     To find out which rules are left undecided is bounded as well: after that all of them are.
 * R3  A rule is done with its first leaf, in the order of the arguments, and the leftmost match in it; of matches that begin at one place, that of the pattern that was written first.
 */

import { type Leaf, type LeafReader, LeafWalk, leafPointer, TOOL_POINTER } from "../arguments/leaves.ts";
import { type ArgumentPath, covers } from "../arguments/path.ts";
import { hasOtherPaths, isPlainPath, pathTexts } from "../arguments/path-reading.ts";
import { type ArgumentReading, readArgument } from "../arguments/reading.ts";
import type { Candidates } from "../match/literal-scan.ts";
import type { IdRange, PatternHit, PatternSet } from "../match/pattern-set.ts";
import { LEAF_WORK, LOOK_WORK, READ_WORK, TOO_MUCH, WORK_MAX } from "./call-work.ts";
import type { CallView } from "./compiled.ts";
import type { LookingRules } from "./looking-rules.ts";
import type { IndexedRule, RuleIndex } from "./rule-index.ts";
import type { Doubts, FiredRule } from "./rules.ts";

/** From here on leaves are not even read for what may match in them. */
const READ_WORK_MAX = 2 * WORK_MAX;
const ASK_WORK = 80;

/** A rule that fired on a call. */
export interface Firing {
	readonly rule: IndexedRule;
	readonly fired: FiredRule;
}

const NOTHING_FIRED: readonly Firing[] = [];

export class RuleSearch implements LeafReader {
	readonly #index: RuleIndex;
	readonly #patterns: PatternSet;
	/** By rule: the call in which it fired last, or was left undecided, so that nothing is cleared between calls. */
	readonly #firedIn: Uint32Array;
	readonly #undecidedIn: Uint32Array;
	readonly #walk = new LeafWalk(this);
	/** Patterns that are asked for in one leaf, by id. */
	readonly #asked: number[] = [];
	#call = 0;
	#looking: LookingRules | null = null;
	#isLooking: Uint8Array = new Uint8Array(0);
	#fired: Firing[] = [];
	#work = 0;

	/** `patterns` are those of the index, or replace them. */
	constructor(index: RuleIndex, patterns: PatternSet = index.patterns) {
		this.#index = index;
		this.#patterns = patterns;
		this.#firedIn = new Uint32Array(index.rules.length);
		this.#undecidedIn = new Uint32Array(index.rules.length);
	}

	/** What rules that look at a tool's name find there: the same for all its calls. */
	inTool(tool: string, rules: readonly IndexedRule[]): readonly Firing[] {
		this.#begin();
		const { count, ids } = this.#patterns.candidates(tool);
		const possible = new Set([...this.#patterns.always, ...ids.subarray(0, count)]);
		const leaf: Leaf = { text: tool, steps: [], isKey: false, parts: null };
		for (const rule of rules) {
			const { from, to } = rule.patterns;
			this.#asked.length = 0;
			for (let id = from; id < to; id++) if (possible.has(id)) this.#asked.push(id);
			if (this.#asked.length === 0) continue;
			this.#look(rule, { from: 0, to: this.#asked.length }, leaf, TOOL_POINTER);
			if (this.#work > WORK_MAX && !this.#hasFired(rule)) this.#fire(rule, failed(rule, TOO_MUCH));
		}
		return this.#fired;
	}

	/** Every rule that fires on the arguments, in no order. */
	inArguments(looking: LookingRules, args: CallView["args"]): readonly Firing[] {
		this.#begin();
		this.#looking = looking;
		this.#isLooking = looking.isLooking;
		this.#walk.walk(args);
		if (this.#work > WORK_MAX) this.#giveUp();
		if (looking.doubting.length > 0) this.#doubtAll(looking.doubting, args);
		return this.#fired;
	}

	wants(member: string | null): boolean {
		this.#work += LEAF_WORK;
		const { lookAtAll, members } = this.#looking as LookingRules;
		return member === null ? lookAtAll : members === null || members.has(member);
	}

	read(leaf: Leaf): boolean {
		this.#work += LEAF_WORK + leaf.text.length;
		const candidates = this.#patterns.candidates(leaf.text);
		const { always } = this.#looking as LookingRules;
		if (candidates.count + always.length > 0) this.#ask(leaf, candidates, always);
		if (this.#looking?.lookForPaths && hasOtherPaths(leaf.text)) this.#readAsPaths(leaf);
		return this.#work <= READ_WORK_MAX;
	}

	#begin(): void {
		this.#call = this.#call === 0xffff_ffff ? this.#restart() : this.#call + 1;
		this.#fired = NOTHING_FIRED as Firing[];
		this.#work = 0;
	}

	#restart(): number {
		this.#firedIn.fill(0);
		this.#undecidedIn.fill(0);
		return 1;
	}

	#hasFired({ index }: IndexedRule): boolean {
		return this.#firedIn[index] === this.#call;
	}

	#fire(rule: IndexedRule, fired: FiredRule): void {
		this.#firedIn[rule.index] = this.#call;
		if (this.#fired.length === 0) this.#fired = [];
		this.#fired.push({ rule, fired });
	}

	/** What globs over paths find in the other texts that may be meant; where nobody can say, they have the text as it is. */
	#readAsPaths(leaf: Leaf): void {
		this.#work += leaf.text.length * READ_WORK;
		const { always } = this.#looking as LookingRules;
		for (const text of pathTexts(leaf.text) ?? []) {
			if (text === leaf.text || this.#work > READ_WORK_MAX) continue;
			const { steps, isKey } = leaf;
			this.#ask({ text, steps, isKey, parts: null }, this.#patterns.candidates(text), always, leaf);
		}
	}

	/** Asks each rule that looks here and has not fired yet for those of its patterns that may match: of one that is `written` in another way, for its globs over paths. */
	#ask(leaf: Leaf, { count, ids }: Candidates, always: readonly number[], written = leaf): void {
		const asked = this.#asked;
		asked.length = 0;
		this.#work += count;
		const isAsked = (id: number): boolean => written === leaf || this.#index.isPathGlob(id);
		for (const id of always) if (isAsked(id)) asked.push(id);
		for (let index = 0; index < count; index++) {
			const id = ids[index] as number;
			const rule = this.#index.firing(id);
			if (rule !== undefined && this.#isLooking[rule.index] === 1 && isAsked(id)) asked.push(id);
		}
		if (asked.length === 0) return;
		this.#work += asked.length * ASK_WORK;
		if (this.#work > WORK_MAX) {
			this.#leaveUndecided(leaf);
			return;
		}
		if (asked.length > 1) asked.sort(ascending);
		this.#patterns.focus(leaf.text, asked);
		for (let from = 0, to = 0; from < asked.length; from = to) {
			const rule = this.#index.firing(asked[from] as number) as IndexedRule;
			to = from + 1;
			while (to < asked.length && (asked[to] as number) < rule.patterns.to) to += 1;
			if (!this.#hasFired(rule) && isCovered(rule.paths, leaf)) this.#look(rule, { from, to }, leaf, null, written);
		}
	}

	/** The rules of all patterns that are asked for. */
	#leaveUndecided(leaf: Leaf): void {
		for (const id of this.#asked) {
			const rule = this.#index.firing(id) as IndexedRule;
			if (isCovered(rule.paths, leaf)) this.#undecidedIn[rule.index] = this.#call;
		}
	}

	/** Looks for the patterns in one part of those that are asked for. */
	#look(rule: IndexedRule, part: IdRange, leaf: Leaf, pointer: string | null, written = leaf): void {
		try {
			// What a pattern costs on a long text is work to find out, too: not once all is used up.
			for (let index = part.from; index < part.to && this.#work <= WORK_MAX; index++) {
				this.#work += this.#patterns.costOf(leaf.text, this.#asked[index] as number) + LOOK_WORK;
			}
			if (this.#work > WORK_MAX) {
				this.#undecidedIn[rule.index] = this.#call;
				return;
			}
			const hit = this.#leftmost(leaf.text, part);
			if (hit === null || this.#isExempt(rule, leaf) || (written !== leaf && this.#isExempt(rule, written))) return;
			const { fired } = rule.rule;
			const [start, end] = written === leaf ? [hit.start, hit.end] : [0, written.text.length];
			const span = { pointer: pointer ?? leafPointer(leaf), start, end };
			this.#fire(rule, { ...fired, reason: { rule: fired.reason.rule, span } });
		} catch {
			this.#fire(rule, failed(rule, "could not be evaluated"));
		}
	}

	#leftmost(text: string, { from, to }: IdRange): PatternHit | null {
		let first: PatternHit | null = null;
		for (let index = from; index < to; index++) {
			const hit = this.#patterns.find(text, this.#asked[index] as number);
			if (hit !== null && (first === null || hit.start < first.start)) first = hit;
		}
		return first;
	}

	/** A joined text passes as a whole, or because each of its parts does. */
	#isExempt(rule: IndexedRule, { text, parts }: Leaf): boolean {
		if (rule.unless.from === rule.unless.to) return false;
		if (this.#isTextExempt(rule, text)) return true;
		return parts?.every((part) => this.#isTextExempt(rule, part)) ?? false;
	}

	/** Where backslashes separate folders, `/srv/repo/..\..\etc` is not below `/srv/repo`: each path that may be meant must pass. */
	#isTextExempt({ unless, unlessReadsPaths }: IndexedRule, text: string): boolean {
		for (let id = unless.from; id < unless.to; id++) this.#work += this.#patterns.costOf(text, id) + LOOK_WORK;
		if (!this.#patterns.matchesAny(text, unless)) return false;
		if (!unlessReadsPaths || isPlainPath(text)) return true;
		this.#work += text.length * READ_WORK;
		return pathTexts(text)?.every((each) => this.#patterns.matchesAny(each, unless)) ?? false;
	}

	/** What was left undecided is denied. */
	#giveUp(): void {
		const isAnyUnread = this.#work > READ_WORK_MAX;
		for (const rule of this.#index.rules) {
			const isUndecided =
				this.#undecidedIn[rule.index] === this.#call || (isAnyUnread && this.#isLooking[rule.index] === 1);
			if (isUndecided && !this.#hasFired(rule)) this.#fire(rule, failed(rule, TOO_MUCH));
		}
	}

	#doubtAll(rules: readonly IndexedRule[], args: CallView["args"]): void {
		const readings: (readonly ArgumentReading[] | undefined)[] = [];
		for (const rule of rules) {
			const { doubts } = rule.rule;
			if (doubts === null || this.#hasFired(rule)) continue;
			try {
				if (this.#work <= WORK_MAX) readings[rule.selection] ??= this.#readingsOf(rule, args);
				const doubt = this.#doubt(rule, doubts, readings[rule.selection] ?? []);
				const fired = this.#work > WORK_MAX ? failed(rule, TOO_MUCH) : doubt;
				if (fired !== null) this.#fire(rule, fired);
			} catch {
				this.#fire(rule, failed(rule, "could not be evaluated"));
			}
		}
	}

	#doubt(rule: IndexedRule, doubts: Doubts, readings: readonly ArgumentReading[]): FiredRule | null {
		const isMissing =
			readings.every(({ isGiven }) => !isGiven) || readings.some(({ isGiven, hasGap }) => isGiven && hasGap);
		if (doubts.missing !== null && isMissing) return doubts.missing;
		if (doubts.unreadable === null) return null;
		const isReadable = readings.every(
			({ hasMap, odd, hasDouble }) => !hasMap && !hasDouble && this.#areExempt(rule, odd),
		);
		return isReadable ? null : doubts.unreadable;
	}

	/** False also where too much work is done to tell. */
	#areExempt(rule: IndexedRule, texts: ReadonlySet<string>): boolean {
		for (const text of texts) if (this.#work > WORK_MAX || !this.#isTextExempt(rule, text)) return false;
		return true;
	}

	/** One for each argument that the rule names. */
	#readingsOf({ paths }: IndexedRule, args: CallView["args"]): readonly ArgumentReading[] {
		const readings: ArgumentReading[] = [];
		for (const path of paths) {
			if (this.#work > WORK_MAX) break;
			const reading = readArgument(path, args, paths);
			this.#work += reading.visited * LEAF_WORK;
			readings.push(reading);
		}
		return readings;
	}
}

const ascending = (a: number, b: number): number => a - b;

/** A key belongs to the member that it names: it is below the path only if that member is. */
function isCovered(paths: readonly ArgumentPath[], { steps, isKey }: Leaf): boolean {
	const depth = isKey ? steps.length - 1 : steps.length;
	for (const path of paths) if (covers(path, steps, depth)) return true;
	return false;
}

/** Doubt denies, at the rule's own mode and severity. */
export function failed({ rule: { fired } }: { readonly rule: { readonly fired: FiredRule } }, why: string): FiredRule {
	const { rule } = fired.reason;
	const message = `the rule \`${rule.name}\` ${why}`;
	return { reason: { rule: { ...rule, code: "rule.failed", effect: "deny", message }, span: null }, requirement: null };
}
