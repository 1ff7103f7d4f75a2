/** The form of `conditions`. Which keys of a test go together is checked in `condition-checks.ts`. */
import { z } from "zod";
import { ADDRESS_CLASSES } from "../arguments/address-class.ts";
import { aboutTools, kinds, letterCase, patternTexts, ruleName, selector, stops } from "./forms.ts";

const range = z.union([z.string().min(1).max(200).meta({ title: "range" }), z.number()]);

const url = z.strictObject({
	hosts: z
		.array(z.string().min(1).max(300).meta({ title: "host" }))
		.min(1)
		.max(1_000)
		.optional()
		.meta({
			description: "`api.github.com`; `*.example.com`, which is every name below it; either with a port, `x.org:8443`.",
		}),
	schemes: z
		.array(z.string().min(1).max(60).meta({ title: "scheme" }))
		.min(1)
		.max(100)
		.optional()
		.meta({ description: "Such as `https`, without `:`." }),
	ports: z
		.array(z.int().min(1).max(65_535))
		.min(1)
		.max(1_000)
		.optional()
		.meta({ description: "The port of the scheme, where a URL names none." }),
	classes: z
		.array(z.enum(ADDRESS_CLASSES).meta({ title: "address kind" }))
		.min(1)
		.optional()
		.meta({
			description:
				"`loopback`: this machine. `private`: its network. `link-local`: its link. `metadata`: where a cloud hands out credentials. `unspecified`: no address in particular. In every spelling; names are not looked up.",
		}),
});

const PREDICATES = [
	"number",
	"oneOf",
	"boolean",
	"present",
	"length",
	"count",
	"sameAs",
	"url",
	"path",
	"email",
	"regex",
	"substring",
	"glob",
] as const;

const test = z
	.strictObject({
		in: z.union([selector, z.array(selector).min(1).max(100)]).meta({
			description:
				"The values that the test is about: `args.amount`, `args.items.*.price` (`*` is one key or index), `args.headers.*#key` (the keys), or alternatives, as a list or as `args.path | args.file_path`. Of a list each member is a value.",
		}),
		number: range.optional().meta({
			description:
				"`'> 100'`, `'>= 1, < 5'`, `1..100`, or the number itself. Exact, and of a text the number that it spells.",
		}),
		oneOf: z
			.array(z.union([z.string().max(1_000), z.number(), z.boolean()]))
			.min(1)
			.max(1_000)
			.optional()
			.meta({ description: "Texts, numbers or booleans, one of which it is." }),
		boolean: z.boolean().optional().meta({ description: "Which of the two it is." }),
		present: z.boolean().optional().meta({ description: "Whether anything is there that is not empty." }),
		length: range.optional().meta({ description: "How many characters (code points) the text has, as `number`." }),
		count: range.optional().meta({ description: "How many items the list has, as `number`; any other value is one." }),
		sameAs: selector.optional().meta({ description: "Another argument, which has the same value." }),
		url: url
			.optional()
			.meta({ description: "Where the URL leads: all that is said must hold, and of each list one entry." }),
		path: patternTexts.optional().meta({
			description:
				"Globs over the file that the text names, `..`, `~`, percent signs and backslashes read; with `{workspace}`, `{home}`, `{tenant}`, `{agent}`, `{session}`.",
		}),
		email: patternTexts.optional().meta({
			description: "Globs over the address of each recipient that the text names, such as `'*@example.com'`.",
		}),
		...kinds,
		case: letterCase.optional().meta({
			description:
				"Whether `a` is `A`: by default for the patterns and paths of `when`, and nowhere else. Hosts and e-mail addresses never tell the two apart.",
		}),
		missing: z.enum(["ignore", "match"]).optional().meta({
			description:
				"What the rule makes of a call where nothing is there, or a part is missing. `match`: as far as this test goes, it fires; the default in `require`. `ignore`: it does not; the default in `when`.",
		}),
	})
	.meta({ id: "test", oneOf: PREDICATES.map((key) => ({ required: [key] })) });

export const tests = z.union([test, z.array(test).min(1).max(100)]);

export const conditionRule = z
	.strictObject({
		name: ruleName,
		...aboutTools,
		when: tests.optional().meta({
			description: "The rule fires where each of these tests holds for some value, or nobody can tell.",
		}),
		require: tests.optional().meta({
			description: "The rule fires unless each of these tests holds for every value, and for certain.",
		}),
		...stops,
	})
	.meta({ allOf: [{ anyOf: [{ required: ["when"] }, { required: ["require"] }] }] });

export type ConditionTest = z.output<typeof test>;

export type PredicateKey = (typeof PREDICATES)[number];

/** The keys of a test that are predicates, in the order of the reference. */
export const predicatesOf = (test: ConditionTest): readonly PredicateKey[] =>
	PREDICATES.filter((key) => test[key] !== undefined);

export const testsOf = (tests: ConditionTest | readonly ConditionTest[] | undefined): readonly ConditionTest[] =>
	tests === undefined ? [] : "in" in tests ? [tests] : tests;
