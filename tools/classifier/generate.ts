/** The rule pack's YAML files as one TypeScript file: lists put in, strictly checked, one entry to a line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { err, ok, type Result } from "../../src/core/base/result.ts";
import { CATEGORIES } from "../../src/core/classify/category.ts";
import { FACT_KINDS } from "../../src/core/classify/fact.ts";
import { TAGS_FILE } from "./tags.ts";

const FOLDER = "src/core/classify/pack";
const ROOT = join(import.meta.dirname, "../..");

const names = z.array(z.coerce.string().min(1));
const scoreKey = z
	.string()
	.regex(new RegExp(`^(?:${CATEGORIES.join("|")}) (?:[1-9][0-9]?|100)$`), "not a category and a confidence (1 to 100)");
const lines = z.record(scoreKey, names);
/** Words and flags of a program: `...`, `*`, `stash list`, `list-*`, `-rf`, `--delete *`. */
const usage = z
	.string()
	.regex(
		/^(?:\.{3}|\*|-{1,2}\w[\w-]*|\w[\w:-]*\*?)(?: (?:\.{3}|\*|-{1,2}\w[\w-]*|\w[\w:-]*\*?))*$/,
		"not words and flags of a program",
	);
const usages = z.record(scoreKey, z.array(z.preprocess(String, usage)));
const wanted = z.record(z.string().regex(/^[a-z]+$/), names.min(1));

const rule = z.strictObject({
	name: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
	on: z.enum(FACT_KINDS),
	has: wanted.optional(),
	all: wanted.optional(),
	none: wanted.optional(),
	is: z.partialRecord(z.enum(CATEGORIES), z.int().min(1).max(100)),
	adds: z.boolean().optional(),
	unknown: z.boolean().optional(),
	named: z.boolean().optional(),
	alone: z.union([z.boolean(), z.literal("always")]).optional(),
});

const file = z.strictObject({
	lists: z.record(z.string().regex(/^[a-z][a-z-]*$/), names).default({}),
	programs: lines.default({}),
	subcommands: z.record(z.string(), usages).default({}),
	verbs: lines.default({}),
	rules: z.array(rule).default([]),
});

type File = z.infer<typeof file>;

/** The generated file, or what is wrong with the pack's files, each with its name. */
export function generatedRules(): Result<{ readonly path: string; readonly text: string }, readonly string[]> {
	const faults: string[] = [];
	const files: [name: string, file: File][] = [];
	const paths = readdirSync(join(ROOT, FOLDER)).filter((path) => path.endsWith(".yaml") && path !== TAGS_FILE);
	for (const path of paths.sort()) {
		const read = readFile(path);
		if (read.ok) files.push([path.replace(".yaml", ""), read.value]);
		else faults.push(...read.error.map((fault) => `${FOLDER}/${path}: ${fault}`));
	}
	faults.push(...repeatedNames(files));
	return faults.length > 0 ? err(faults) : ok({ path: `${FOLDER}/rules.generated.ts`, text: textOf(files) });
}

function readFile(path: string): Result<File, readonly string[]> {
	const document = parseDocument(readFileSync(join(ROOT, FOLDER, path), "utf8"), { uniqueKeys: true });
	if (document.errors.length > 0) return err(document.errors.map(({ message }) => message));
	const read = file.safeParse(document.toJS() ?? {});
	if (!read.success) return err(read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
	const faults: string[] = [];
	const value = withLists(read.data, faults);
	return faults.length > 0 ? err(faults) : ok(value);
}

/** Puts the values of `$name` where it stands. */
function withLists(of: File, faults: string[]): File {
	const put = (values: readonly string[]): string[] =>
		values.flatMap((value) => {
			if (!/^\$[a-z]/.test(value)) return [value];
			const list = of.lists[value.slice(1)];
			if (list === undefined) faults.push(`there is no list \`${value}\``);
			return list === undefined ? [] : put(list);
		});
	const each = <Values extends Record<string, string[]>>(of: Values): Record<string, string[]> =>
		Object.fromEntries(Object.entries(of).map(([name, values]) => [name, put(values)]));
	return {
		lists: {},
		programs: each(of.programs),
		subcommands: Object.fromEntries(Object.entries(of.subcommands).map(([name, of]) => [name, each(of)])),
		verbs: each(of.verbs),
		rules: of.rules.map((one) => ({
			...one,
			...(one.has === undefined ? {} : { has: each(one.has) }),
			...(one.all === undefined ? {} : { all: each(one.all) }),
			...(one.none === undefined ? {} : { none: each(one.none) }),
		})),
	};
}

function repeatedNames(files: readonly (readonly [string, File])[]): readonly string[] {
	const seen = new Map<string, string>();
	return files.flatMap(([path, { rules }]) =>
		rules.flatMap(({ name }) => {
			const first = seen.get(name);
			seen.set(name, path);
			return first === undefined ? [] : [`${FOLDER}/${path}.yaml: the rule \`${name}\` is in ${first}.yaml already`];
		}),
	);
}

/** One entry to a line: changes of several people to several entries do not meet. */
function textOf(files: readonly (readonly [name: string, file: File])[]): string {
	const parts = files.map(([name, { programs, subcommands, verbs, rules }]) => {
		const entries = (of: object): string =>
			Object.entries(of)
				.map(([key, value]) => `\n\t\t\t${JSON.stringify(key)}: ${JSON.stringify(value)},`)
				.join("");
		return `\t{
		file: ${JSON.stringify(name)},
		programs: {${entries(programs)}
		},
		subcommands: {${entries(subcommands)}
		},
		verbs: {${entries(verbs)}
		},
		rules: [${rules.map((one) => `\n\t\t\t${JSON.stringify(one)},`).join("")}
		],
	},`;
	});
	return `/** Written by \`npm run classifier\` from the YAML files beside it: change those. */
import type { RuleFile } from "../rules.ts";

export const RULE_FILES: readonly RuleFile[] = [
${parts.join("\n")}
];
`;
}
