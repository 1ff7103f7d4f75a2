/**
 * What policies say of a call, read off their rules one by one: the specification that the evaluator's indexes are held to.
 *
 * Nothing is remembered, looked up or left out: each rule's lists of names are tried, each leaf of the arguments is searched
 * for each of its patterns by a second engine (re2js). Slow, and without a bound on work.
 */
import { RE2JS } from "re2js";
import { covers, resolvePath } from "../../src/core/arguments/path.ts";
import { pathTexts } from "../../src/core/arguments/path-reading.ts";
import { readArgument } from "../../src/core/arguments/reading.ts";
import { argumentVectors, joinedWords } from "../../src/core/arguments/vector.ts";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { pointerOf } from "../../src/core/base/json-pointer.ts";
import { visibleName } from "../../src/core/base/unseen.ts";
import { type Classification, classifierDigest, classify } from "../../src/core/classify/classify.ts";
import type { Fact, Place } from "../../src/core/classify/fact.ts";
import { foldText } from "../../src/core/language/folding.ts";
import { isPlainName } from "../../src/core/language/glob-reader.ts";
import { normalizePath } from "../../src/core/language/path-text.ts";
import type { SyntaxNode } from "../../src/core/language/syntax.ts";
import type { Pattern } from "../../src/core/match/pattern.ts";
import type { Obligations } from "../../src/core/model/entries.ts";
import type { CallView, Evaluation } from "../../src/core/policy/compiled.ts";
import type {
	CallKind,
	CompiledPatternRule,
	CompiledPolicy,
	CompiledTest,
	FiredRule,
	PlacedNames,
	ReadingTest,
	ToolSet,
} from "../../src/core/policy/rules.ts";
import { toRe2 } from "./re2-syntax.ts";

export function readRules(policies: readonly CompiledPolicy[], call: CallView): Evaluation {
	const applying = policies.filter((policy) => holds(policy.tenants, call.tenant) && holds(policy.agents, call.agent));
	const read = classify(call);
	const fired = applying.flatMap(({ toolRules, patternRules, readingRules }) => [
		...toolRules
			.filter((rule) => rule.tools.some((set) => isAbout(set, call.tool)) === (rule.firesOn === "listed"))
			.map(({ fired }) => fired),
		...patternRules.filter((rule) => isAbout(rule.tools, call.tool)).flatMap((rule) => patternFired(rule, call) ?? []),
		...readingRules
			.filter((rule) => isAbout(rule.tools, call.tool))
			.flatMap(({ looksFor, fired }) => {
				const place = placeFound(looksFor, read);
				return place === null ? [] : [toldAt(fired, place)];
			}),
	]);
	const owed = applying.flatMap(({ obligations }) => obligations.filter(({ tools }) => isAbout(tools, call.tool)));
	const pointers = owed.flatMap(({ redact }) => redact.flatMap((path) => resolvePath(path, call.args, 1_000) ?? []));
	const deadlines = owed.flatMap(({ deadlineMs }) => deadlineMs ?? []);
	const callDeadlineMs = deadlines.length === 0 ? 600_000 : Math.min(...deadlines);
	const leases = owed.flatMap(({ leaseMs }) => leaseMs ?? []);
	const obligations: Obligations = {
		redact: [...new Set(pointers)].filter((one) => !pointers.some((other) => one.startsWith(`${other}/`))),
		callDeadlineMs,
		leaseMs: leases.length === 0 ? Math.max(600_000, 6 * callDeadlineMs) : Math.max(callDeadlineMs, ...leases),
		messages: [...new Set(owed.flatMap(({ message }) => message ?? []))],
	};
	return {
		applies: applying.map(({ name }) => name),
		isEnforced: applying.some(({ mode }) => mode === "enforce"),
		fired: fired.map((one) => lifted(one, applying, call)),
		begins: applying.flatMap(({ sequences }) =>
			sequences.filter(({ after }) => isOf(after, call, read)).map(({ sequence }) => sequence),
		),
		completes: applying.flatMap(({ sequences }) =>
			sequences
				.filter(({ completedBy }) => isOf(completedBy, call, read))
				.map(({ sequence, completedBy: { readings }, fired }) => {
					const place = readings[0] === undefined ? null : placeFound(readings[0], read);
					return { sequence, fired: lifted(place === null ? fired : toldAt(fired, place), applying, call) };
				}),
		),
		limits: applying.flatMap(({ limits }) => limits.filter(({ tools }) => isAbout(tools, call.tool))),
		obligations,
		classifier: applying.some((policy) => asksForReading(policy, call.tool)) ? classifierDigest() : "",
	};
}

/** Is there a rule about the tool that asks what is read? */
const asksForReading = ({ readingRules, sequences }: CompiledPolicy, tool: string): boolean =>
	readingRules.some(({ tools }) => isAbout(tools, tool)) ||
	sequences.some(({ after, completedBy }) =>
		[after, completedBy].some(({ tools, readings }) => readings.length > 0 && isAbout(tools, tool)),
	);

/** Where the first thing is that is looked for, each fact asked for each value. */
function placeFound(test: ReadingTest, { categories, facts }: Classification): Place | null {
	switch (test.section) {
		case "intents": {
			const [first] = categories.filter(
				({ category, confidence }) => test.categories.includes(category) && confidence >= test.confidence,
			);
			return first === undefined ? null : (facts[first.fact] ?? null);
		}
		case "facts":
			return facts.find((fact) => fact.kind === test.kind && hasAsked(test, fact)) ?? null;
		case "commands":
			return facts.find((fact) => isOff(test.only, fact)) ?? null;
	}
}

type AskedFact = ReadingTest & { readonly section: "facts" };

function hasAsked({ kind, has, all, none }: AskedFact, fact: Fact): boolean {
	const ignoresCase = !["command", "call", "import"].includes(kind) || fact.has["os"]?.[0] === "windows";
	const textsOf = (name: string): readonly string[] => (name === "via" ? fact.via : (fact.has[name] ?? []));
	const isSaid = (name: string, value: string): boolean => {
		const parts = value.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|/-]/g, "\\$&"));
		const pattern = new RegExp(`^${parts.join("[^]*")}$`, ignoresCase && name !== "via" ? "i" : "");
		return textsOf(name).some((text) => pattern.test(text));
	};
	const every = (wanted: AskedFact["has"], holds: (name: string, values: readonly string[]) => boolean): boolean =>
		Object.entries(wanted).every(([name, values]) => holds(name, values));
	return (
		every(has, (name, values) => values.some((value) => isSaid(name, value))) &&
		every(all, (name, values) => values.every((value) => isSaid(name, value))) &&
		every(none, (name, values) => !values.some((value) => isSaid(name, value)))
	);
}

/** Of lists of programs and first words alone: is it on none of them, or not plain? */
function isOff(only: readonly (readonly string[])[], { kind, has }: Fact): boolean {
	if (kind === "redirect") {
		const isInside = (path: string): boolean =>
			path === "/dev/null" || !(/^[/~\\]|^[a-z]:|[$`*?]/i.test(path) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path));
		return has["mode"]?.every((mode) => mode === "read") !== true && has["path"]?.every(isInside) !== true;
	}
	if (kind !== "command") return ["encoding", "opaque", "truncated"].includes(kind);
	const line = [...(has["program"] ?? [""]), ...(has["words"] ?? [])];
	const isListed = only.some((words) => words.every((word, index) => line[index] === word));
	const isOfSystem = (path: string): boolean => /^(?:\/usr)?(?:\/local)?\/s?bin\/[^/]+$/.test(path);
	const isPlain = has["shape"]?.[0] === "plain" && has["env"] === undefined && (has["path"] ?? []).every(isOfSystem);
	return !isListed || !isPlain;
}

const toldAt = (fired: FiredRule, { pointer, span: [start, end] }: Place): FiredRule => ({
	...fired,
	reason: { ...fired.reason, span: { pointer, start, end } },
});

/** The rule that fired, or the use of the first exception that lifts it. */
function lifted(fired: FiredRule, applying: readonly CompiledPolicy[], call: CallView): FiredRule {
	const { rule, span } = fired.reason;
	const exception = applying
		.flatMap(({ exceptions }) => exceptions)
		.find(
			({ rules, tenants, agents, tools, when, expiresAt }) =>
				rules.some((one) => one.policy === rule.policy && one.rule === rule.name) &&
				holds(tenants, call.tenant) &&
				holds(agents, call.agent) &&
				isAbout(tools, call.tool) &&
				call.at !== undefined &&
				call.at < expiresAt &&
				when.every((test) => isSurelyOneOf(test, call.args)),
		);
	if (exception === undefined || rule.code === "rule.failed") return fired;
	const { policy, name, owner, reason, expiresAt } = exception;
	const of = rule.policy === policy ? rule.name : `${rule.policy}/${rule.name}`;
	const until = new Date(expiresAt).toISOString().replace(".000Z", "Z");
	const message = `lifts \`${of}\` until ${until} for ${owner}: ${reason}`;
	return {
		reason: { rule: { ...rule, code: "exception.used", policy, name, mode: "audit", message }, span },
		requirement: null,
	};
}

/** Of tests for one of several texts in one member of the arguments, and no others. */
function isSurelyOneOf({ predicate, selectors }: CompiledTest, args: JsonObject): boolean {
	const [step] = selectors[0]?.path ?? [];
	if (predicate.kind !== "oneOf" || selectors.length !== 1 || typeof step !== "string") {
		throw new Error("no other test can be read here");
	}
	const spelt = (key: string): string => key.toLowerCase().replace(/s$/, "");
	const spellings = Object.keys(args).filter((key) => spelt(key) === spelt(step));
	const isOne = (value: Json): boolean =>
		Array.isArray(value)
			? value.length > 0 && value.every(isOne)
			: typeof value === "string" && value !== "" && predicate.values.includes(value);
	return spellings.length === 1 && isOne(args[step] ?? null);
}

const isAbout = ({ names, except }: ToolSet, tool: string): boolean =>
	holds(names, tool) && (except === null || !holds(except, tool));

/** Tests of arguments are held to their own specification. */
function isOf({ tools, when, require, readings }: CallKind, call: CallView, read: Classification): boolean {
	if (when.length + require.length > 0) throw new Error("a kind of calls with tests is not read here");
	return isAbout(tools, call.tool) && readings.every((test) => placeFound(test, read) !== null);
}

function holds({ globs, caseSensitive }: PlacedNames, name: string): boolean {
	const seen = (text: string): string => (caseSensitive ? text : foldText(visibleName(text)));
	return globs.some(({ text, tree }) =>
		isPlainName(text)
			? seen(text) === seen(name)
			: searched(tree, name) !== null || searched(tree, seen(name)) !== null,
	);
}

type Span = readonly [start: number, end: number];

const engines = new Map<SyntaxNode, RE2JS>();

function searched(tree: SyntaxNode, text: string): Span | null {
	const engine = engines.get(tree) ?? RE2JS.compile(toRe2(tree), RE2JS.DOTALL);
	engines.set(tree, engine);
	const matcher = engine.matcher(text);
	return matcher.find() ? [matcher.start(), matcher.end()] : null;
}

function found(pattern: Pattern, text: string): Span | null {
	switch (pattern.kind) {
		case "substring": {
			const fold = pattern.caseSensitive ? (of: string): string => of : foldText;
			const start = fold(text).indexOf(fold(pattern.text));
			return start < 0 ? null : [start, start + pattern.text.length];
		}
		case "regex":
			return searched(pattern.tree, text);
		case "glob":
			return searched(pattern.tree, pattern.style === "path" ? normalizePath(text) : text) && [0, text.length];
	}
}

/** A text that a pattern may match, and where it is. */
interface Leaf {
	readonly text: string;
	readonly parts: readonly string[];
	readonly steps: readonly string[];
	readonly isKey: boolean;
}

function patternFired(rule: CompiledPatternRule, call: CallView): FiredRule | null {
	const { fired, doubts } = rule;
	const told = (pointer: string, [start, end]: Span): FiredRule => ({
		...fired,
		reason: { ...fired.reason, span: { pointer, start, end } },
	});
	if (rule.inTool) {
		const span = spanIn(rule, { text: call.tool, parts: [], steps: [], isKey: false });
		if (span !== null) return told("#tool", span);
	}
	const paths = rule.arguments.map(({ path }) => path);
	for (const leaf of leavesOf(call.args, [])) {
		const place = leaf.isKey ? leaf.steps.slice(0, -1) : leaf.steps;
		if (!paths.some((path) => covers(path, leaf.steps, place.length))) continue;
		const span = spanIn(rule, leaf);
		if (span !== null) return told(`${leaf.isKey ? "#key" : ""}${pointerOf(leaf.steps)}`, span);
	}
	if (doubts === null) return null;
	const readings = paths.map((path) => readArgument(path, call.args, paths));
	const isMissing =
		readings.every(({ isGiven }) => !isGiven) || readings.some(({ isGiven, hasGap }) => isGiven && hasGap);
	if (isMissing && doubts.missing !== null) return doubts.missing;
	const isDoubtful = readings.some(
		({ hasMap, hasDouble, odd }) => hasMap || hasDouble || [...odd].some((text) => !isExempt(rule, text)),
	);
	return isDoubtful ? doubts.unreadable : null;
}

/** The leftmost match, of those that begin there that of the pattern that was written first. */
function spanIn(rule: CompiledPatternRule, { text, parts }: Leaf): Span | null {
	const spans = rule.patterns.flatMap((pattern) => {
		const span = found(pattern, text);
		return span === null ? [] : [span];
	});
	const [first] = spans.toSorted((a, b) => a[0] - b[0]);
	const passes = isExempt(rule, text) || (parts.length > 0 && parts.every((part) => isExempt(rule, part)));
	if (passes) return null;
	if (first !== undefined) return first;
	const globs = rule.patterns.filter(({ kind, style }) => kind === "glob" && style === "path");
	const isOtherPath = (other: string): boolean =>
		globs.some((glob) => found(glob, other) !== null) && !isExempt(rule, other);
	return globs.length > 0 && pathTexts(text)?.some(isOtherPath) ? [0, text.length] : null;
}

function isExempt({ unless }: CompiledPatternRule, text: string): boolean {
	const matches = (of: string): boolean => unless.some((pattern) => found(pattern, of) !== null);
	const readsPaths = unless.some(({ kind, style }) => kind === "glob" && style === "path");
	return matches(text) && (!readsPaths || pathTexts(text)?.every(matches) === true);
}

const textOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
const isScalar = (value: Json): boolean => value === null || typeof value !== "object";
const leafOf = (text: string, steps: readonly string[], parts: readonly string[] = [], isKey = false): Leaf => ({
	text,
	parts,
	steps,
	isKey,
});

function leavesOf(value: Json, steps: readonly string[]): readonly Leaf[] {
	if (isScalar(value)) return [leafOf(textOf(value), steps)];
	if (Array.isArray(value)) {
		const items = value as readonly Json[];
		const joined = joinedWords(items).map((parts) => leafOf(parts.join(" "), steps, parts));
		return [...joined, ...items.flatMap((item, index) => leavesOf(item, [...steps, String(index)]))];
	}
	const members = value as JsonObject;
	const vectors = argumentVectors(members, Object.keys(members));
	return [
		...vectors.map((vector) => leafOf(vector.join(" "), steps, vector)),
		...Object.entries(members).flatMap(([key, member]) => [
			leafOf(key, [...steps, key], [], true),
			...leavesOf(member, [...steps, key]),
		]),
	];
}
