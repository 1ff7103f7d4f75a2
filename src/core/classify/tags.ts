/** What a classification is called in catalogues of threats: ATT&CK, ATLAS, OWASP's list for agents, AIUC-1. */
import { DANGEROUS_FROM } from "./category.ts";
import type { JudgedCategory } from "./judge.ts";
import { CATEGORY_TAGS, RULE_TAGS } from "./pack/tags.generated.ts";

/** Of the categories that are sure enough, and of the rules that say so; each once, in their order. */
export function tagsOf(categories: readonly JudgedCategory[]): readonly string[] {
	const tags = new Set<string>();
	for (const { category, confidence, rules } of categories) {
		if (confidence < DANGEROUS_FROM) continue;
		for (const tag of CATEGORY_TAGS[category]) tags.add(tag);
		for (const rule of rules)
			if (Object.hasOwn(RULE_TAGS, rule)) for (const tag of RULE_TAGS[rule] ?? []) tags.add(tag);
	}
	return [...tags];
}
