/** One call into its threat categories: what it would do, from its tool's name and its arguments alone. */

import { taggedDigest } from "../base/digest.ts";
import type { JsonObject } from "../base/json.ts";
import { once } from "../base/once.ts";
import { type Category, DANGEROUS_FROM, isDangerous } from "./category.ts";
import type { Fact } from "./fact.ts";
import { FactList } from "./findings.ts";
import { Judge, type JudgedCategory } from "./judge.ts";
import { RULE_FILES } from "./pack/rules.generated.ts";
import { walkCall } from "./walker.ts";

export interface ClassifiedCall {
	readonly tool: string;
	readonly args: JsonObject;
}

export interface Classification {
	/** The headline: the most severe of what is sure enough, else the surest. */
	readonly category: Category;
	/** Of the headline; 0 where nothing is said of the call. */
	readonly confidence: number;
	/** One of the first five categories is sure enough. */
	readonly dangerous: boolean;
	/** All that apply, in the order of severity. */
	readonly categories: readonly JudgedCategory[];
	readonly facts: readonly Fact[];
}

/** The rule pack that is part of this version. */
export const shippedRules = once(() => new Judge(RULE_FILES));

/** Raised when a reader reads differently: the same call may then be judged otherwise under the same rules. */
const READERS_VERSION = 3;

/** Of the rules and of how calls are read, 64 hex digits: under the same digest the same call is classified alike. */
export const classifierDigest = once(() =>
	taggedDigest("assent.classifier.v1", `${shippedRules().digest} ${READERS_VERSION}`),
);

/** Never throws on any arguments: what cannot be read is the fact `opaque` or `truncated`. */
export function classify(call: ClassifiedCall, rules: Judge = shippedRules()): Classification {
	const found = new FactList();
	walkCall(call, rules.programs, found);
	const categories = rules.judge(found.facts);
	const headline = headlineOf(categories);
	return {
		category: headline?.category ?? NOTHING_SAID,
		confidence: headline?.confidence ?? 0,
		dangerous: categories.some(({ category, confidence }) => confidence >= DANGEROUS_FROM && isDangerous(category)),
		categories,
		facts: found.facts,
	};
}

/** A call of which nothing is known is no harmless one; without confidence it stops nothing either. */
const NOTHING_SAID: Category = "data_read";

function headlineOf(categories: readonly JudgedCategory[]): JudgedCategory | null {
	const sure = categories.find(({ confidence }) => confidence >= DANGEROUS_FROM);
	if (sure !== undefined) return sure;
	return categories.reduce<JudgedCategory | null>(
		(best, each) => (best === null || each.confidence > best.confidence ? each : best),
		null,
	);
}
