/** What rules and kinds of calls ask of the classifier's reading, as data. */
import { CATEGORIES, isDangerous } from "../classify/category.ts";
import { factValues } from "./fact-values.ts";
import { commandWords } from "./reading-checks.ts";
import type { CommandsRule, FactRule, IntentRule } from "./reading-form.ts";
import type { ReadingTest } from "./rules.ts";

/** `dangerous` stands for the five of them. */
export const intentsLookedFor = ({
	categories,
	confidence,
}: Pick<IntentRule, "categories" | "confidence">): ReadingTest => ({
	section: "intents",
	categories: CATEGORIES.filter(
		(category) => categories.includes(category) || (isDangerous(category) && categories.includes("dangerous")),
	),
	confidence,
});

export const factsLookedFor = ({
	fact: kind,
	has = {},
	all = {},
	none = {},
}: Pick<FactRule, "fact" | "has" | "all" | "none">): ReadingTest => ({
	section: "facts",
	kind,
	has: factValues(kind, has),
	all: factValues(kind, all),
	none: factValues(kind, none),
});

export const commandsLookedFor = ({ only }: CommandsRule): ReadingTest => ({
	section: "commands",
	only: only.map(commandWords),
});
