/** The forms of rules on what the classifier reads in a call. */
import { z } from "zod";
import { CATEGORIES, DANGEROUS_FROM } from "../classify/category.ts";
import { aboutTools, approval, effect, ruleName, voice } from "./forms.ts";

export const intentRule = z.strictObject({
	name: ruleName,
	categories: z
		.array(z.enum([...CATEGORIES, "dangerous"]))
		.min(1)
		.max(CATEGORIES.length)
		.meta({
			description:
				"The rule fires on a call of one of these threat categories. `dangerous`: `destructive_data`, `data_exfiltration`, `privilege_escalation`, `system_modification`, `code_execution`.",
		}),
	confidence: z.int().min(1).max(100).default(DANGEROUS_FROM).meta({
		description: "How sure the classifier must be of the category at least: a whole number from 1 to 100.",
	}),
	...aboutTools,
	effect: effect.default("deny"),
	approval: approval.optional(),
	...voice,
});

export type IntentRule = z.output<typeof intentRule>;
