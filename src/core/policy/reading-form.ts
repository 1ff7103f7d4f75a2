/** The forms of rules on what the classifier reads in a call. */
import { z } from "zod";
import { CATEGORIES, DANGEROUS_FROM } from "../classify/category.ts";
import { FACT_KINDS } from "../classify/fact.ts";
import { aboutTools, ruleName, stops } from "./forms.ts";

/** What is asked of a call's threat categories, by rules and by kinds of calls. */
export const intentAsked = {
	categories: z
		.array(z.enum([...CATEGORIES, "dangerous"]))
		.min(1)
		.max(CATEGORIES.length)
		.meta({
			description:
				"The rule is about calls of one of these threat categories. `dangerous`: `destructive_data`, `data_exfiltration`, `privilege_escalation`, `system_modification`, `code_execution`.",
		}),
	confidence: z.int().min(1).max(100).default(DANGEROUS_FROM).meta({
		description: "How sure the classifier must be of the category at least: a whole number from 1 to 100.",
	}),
};

export const intentRule = z.strictObject({
	name: ruleName,
	...intentAsked,
	...aboutTools,
	...stops,
});

const texts = z
	.array(z.string().min(1).max(300).meta({ title: "value" }))
	.min(1)
	.max(1_000);
const wanted = z.record(z.string().min(1).max(60).meta({ title: "attribute" }), texts);

/** What is asked of one fact, by rules and by kinds of calls. */
export const factAsked = {
	fact: z.enum(FACT_KINDS).meta({
		description: "The kind of thing that the rule is about: calls in which one is read that has what is asked.",
	}),
	has: wanted.optional().meta({
		description:
			"Of each attribute named, one of the values: `{ program: [rm, shred], flags: [r, recursive] }`. `*` in a value is any text.",
	}),
	all: wanted.optional().meta({ description: "Of each attribute named, all of the values." }),
	none: wanted.optional().meta({ description: "Of each attribute named, none of the values." }),
};

export const factRule = z.strictObject({
	name: ruleName,
	...factAsked,
	...aboutTools,
	...stops,
});

export const commandsRule = z.strictObject({
	name: ruleName,
	only: texts.meta({
		description:
			"What commands may begin with: a program, its first words after it, and flags that must be there: `ls`, `git status`, `tail -n`. The rule fires on a call with any other command, or with one that is not plain.",
	}),
	...aboutTools,
	...stops,
});

export type FactRule = z.output<typeof factRule>;

export type CommandsRule = z.output<typeof commandsRule>;

export type IntentRule = z.output<typeof intentRule>;
