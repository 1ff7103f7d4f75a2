/** The mapping of categories and rules to catalogues of threats, strictly checked, as code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { err, ok, type Result } from "../../src/core/base/result.ts";
import { CATEGORIES } from "../../src/core/classify/category.ts";
import { RULE_FILES } from "../../src/core/classify/pack/rules.generated.ts";

const FOLDER = "src/core/classify/pack";
export const TAGS_FILE = "tags.yaml";

/** Tactics and techniques of ATT&CK and ATLAS, risks of OWASP's list for agents, controls of AIUC-1. */
const tag = z
	.string()
	.regex(/^(?:TA\d{4}|(?:AML\.)?T\d{4}(?:\.\d{3})?|ASI(?:0[1-9]|10)|[A-F]\d{3}(?:\.\d)?)$/, "not an id");
const tagFile = z.strictObject({
	version: z.int().min(1),
	sources: z.record(z.string(), z.string().regex(/, https:\/\/\S+$/)),
	categories: z.record(z.enum(CATEGORIES), z.array(tag).min(1)),
	rules: z.record(tag, z.array(z.string()).min(1)),
});

/** The generated file, or what is wrong; rules must be of the pack as it was last generated. */
export function generatedTags(): Result<{ readonly path: string; readonly text: string }, readonly string[]> {
	const path = `${FOLDER}/${TAGS_FILE}`;
	const read = tagFile.safeParse(parse(readFileSync(join(import.meta.dirname, "../..", path), "utf8")));
	if (!read.success) return err(read.error.issues.map((issue) => `${path}: ${issue.path.join(".")}: ${issue.message}`));
	const { categories, rules } = read.data;
	const known = new Set(RULE_FILES.flatMap((file) => file.rules.map(({ name }) => name)));
	const byRule: Record<string, string[]> = {};
	for (const [tag, names] of Object.entries(rules)) {
		for (const name of names) {
			byRule[name] ??= [];
			byRule[name].push(tag);
		}
	}
	const strange = Object.keys(byRule).filter((name) => !known.has(name));
	if (strange.length > 0) return err(strange.map((name) => `${path}: there is no rule \`${name}\``));
	const lines = (of: object): string =>
		Object.entries(of)
			.map(([key, value]) => `\n\t${JSON.stringify(key)}: ${JSON.stringify(value)},`)
			.join("");
	return ok({
		path: `${FOLDER}/tags.generated.ts`,
		text: `/** Written by \`npm run classifier\` from tags.yaml: change that. */
import type { Category } from "../category.ts";

export const CATEGORY_TAGS: Readonly<Record<Category, readonly string[]>> = {${lines(categories)}
};

export const RULE_TAGS: Readonly<Record<string, readonly string[]>> = {${lines(byRule)}
};
`,
	});
}
