/**
 * What the classifier reads in a call: its categories, and the facts with their places. Long values are cut, and what is redacted is not read.
 * Passwords and keys that the classifier finds are replaced.
 */
import { LeafWalk, leafPointer, TOOL_POINTER } from "../../core/arguments/leaves.ts";
import { redacted } from "../../core/arguments/redaction.ts";
import { visibleText } from "../../core/arguments/visible.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { classifierDigest, classify } from "../../core/classify/classify.ts";
import type { Fact } from "../../core/classify/fact.ts";
import type { JudgedCategory } from "../../core/classify/judge.ts";
import { type Telling, tellingOf } from "./told-facts.ts";

export interface CallReading {
	/** The decision was made by another version of the classifier, which may have read something else. */
	readonly isOther: boolean;
	/** Policies redact some of the arguments: what would be read in it is missing. */
	readonly isRedacted: boolean;
	readonly categories: readonly Omit<JudgedCategory, "fact">[];
	readonly facts: readonly ShownFact[];
	/** How many facts there are beyond those. */
	readonly factsLeftOut: number;
}

export interface ShownFact extends Fact {
	/** The place's text in the arguments; null where it is no text of them by itself. */
	readonly text: string | null;
}

const FACTS_MAX = 20;
const VALUES_MAX = 8;
const VALUE_LENGTH = 80;

export interface ReadingOptions {
	/** The digest in the decision. */
	readonly classifier: string;
	/** Pointers of what may not be shown. */
	readonly redact: readonly string[];
	/** Every fact, also behind the first 20. */
	readonly all: boolean;
}

export function readCall(
	{ tool, args }: { readonly tool: string; readonly args: JsonObject },
	{ classifier, redact, all }: ReadingOptions,
): CallReading {
	const shown = redacted(args, redact);
	const { categories, facts } = classify({ tool, args: shown });
	const texts = textsOf(tool, shown);
	const telling = tellingOf(facts, ({ pointer, span }) => texts.get(pointer)?.slice(...span));
	const factsMax = all ? facts.length : FACTS_MAX;
	return {
		isOther: classifier !== classifierDigest(),
		isRedacted: redact.length > 0,
		categories: categories.map(({ category, confidence, rules }) => ({ category, confidence, rules })),
		facts: facts.slice(0, factsMax).map((fact) => shownFact(fact, texts, telling)),
		factsLeftOut: Math.max(0, facts.length - factsMax),
	};
}

/** As lines of a terminal, indented. */
export function readingLines({ isOther, isRedacted, categories, facts, factsLeftOut }: CallReading): readonly string[] {
	return [
		"  the classifier reads:",
		...(isOther ? ["    another version of it read the call for the decision: it may have read something else"] : []),
		...(isRedacted ? ["    without what policies redact"] : []),
		...categories.map(({ category, confidence, rules }) => `    ${category} ${confidence}  ${rules.join(", ")}`),
		...facts.flatMap(factLines),
		...(factsLeftOut === 0 ? [] : [`    and ${factsLeftOut} more facts; --all shows them`]),
	];
}

function factLines({ kind, has, pointer, span: [start, end], via, decoded, text }: ShownFact): readonly string[] {
	const attributes = Object.entries(has)
		.filter(([, values]) => values.length > 0)
		.map(([name, values]) => `  ${name} ${values.map(visibleText).join(" ")}`);
	const way = via.length === 0 ? "" : `  via ${via.map(visibleText).join(" ")}`;
	const place = text === null ? "" : ` ${visibleText(text)}`;
	return [
		`    ${kind}  at ${pointer || "/"}[${start}..${end}]${place}${way}`,
		...(attributes.length === 0 ? [] : [`     ${attributes.join("")}`]),
		...(decoded === undefined ? [] : [`      decoded ${visibleText(decoded)}`]),
	];
}

function shownFact(
	{ kind, has, pointer, span, via, decoded }: Fact,
	texts: ReadonlyMap<string, string>,
	{ told, toldPlace }: Telling,
): ShownFact {
	const text = texts.get(pointer)?.slice(...span);
	const shown = (value: string): string => cut(told(value));
	return {
		kind,
		has: Object.fromEntries(
			Object.entries(has).map(([name, values]) => [name, values.slice(0, VALUES_MAX).map(shown)] as const),
		),
		pointer,
		span,
		via: via.slice(0, VALUES_MAX).map(shown),
		...(decoded === undefined ? {} : { decoded: shown(decoded) }),
		text: text === undefined ? null : cut(toldPlace(text, pointer, span) ?? "[secret]"),
	};
}

const cut = (text: string): string => (text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH)}…`);

/** By pointer, the texts that stand in a call by themselves; what several values say together is at a pointer without one. */
function textsOf(tool: string, args: JsonObject): ReadonlyMap<string, string> {
	const texts = new Map([[TOOL_POINTER, tool]]);
	new LeafWalk({
		wants: () => true,
		read: (leaf) => {
			if (leaf.parts === null) texts.set(leafPointer(leaf), leaf.text);
			return true;
		},
	}).walk(args);
	return texts;
}
