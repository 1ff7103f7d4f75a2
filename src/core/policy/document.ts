/**
 * The form of a policy document, version `assent.dev/v1`: the one source of the loader's checks and of
 * `schemas/policy.schema.json`. Strict everywhere: a key that is not listed here is an error, never ignored.
 *
 * What one key alone cannot show (references, patterns, combinations of keys) is checked in `checks.ts`.
 */
import { z } from "zod";
import { conditionRule, tests } from "./condition-form.ts";
import { exceptionRule } from "./exception-form.ts";
import {
	aboutTools,
	appliesTo,
	approval,
	definedName,
	duration,
	except,
	glob,
	globs,
	kinds,
	letterCase,
	message,
	mode,
	name,
	ONE_KIND,
	ruleName,
	selector,
	stage,
	stops,
	tools,
	voice,
} from "./forms.ts";
import { commandsRule, factRule, intentRule } from "./reading-form.ts";
import { sequenceRule } from "./sequence-form.ts";

const allowEntry = z.union([
	glob,
	z.strictObject({
		tools: globs.meta({ description: "Globs over tool names, case-sensitive." }),
		except: globs
			.optional()
			.meta({ description: "Tools that `tools` does not mean, though it names them; globs, ignoring case." }),
	}),
]);
const denyEntry = z.union([glob, z.strictObject({ name: ruleName, tools, except, ...voice })]);
const holdEntry = z.union([
	glob,
	z.strictObject({ name: ruleName, tools, except, approval: approval.default("default"), ...voice }),
]);

const toolsSection = z
	.strictObject({
		default: z.enum(["allow", "deny", "hold"]).optional().meta({
			description:
				"What becomes of tools that neither `allow` nor `deny` nor `hold` names. Without it `allow` is all that may be called.",
		}),
		approval: approval
			.optional()
			.meta({ description: "For `default: hold`: the entry of `approvals` that says who may release such a call." }),
		allow: z
			.union([z.enum(["all", "none"]), z.array(allowEntry).max(1_000)])
			.optional()
			.meta({
				description:
					"Tools that may be called: globs (case-sensitive), or `all`, or `none`. An empty list admits none.",
			}),
		deny: z
			.array(denyEntry)
			.max(1_000)
			.default([])
			.meta({ description: "Tools that are refused whatever `allow` says." }),
		hold: z.array(holdEntry).max(1_000).default([]).meta({ description: "Tools whose calls need approval." }),
	})
	.meta({ allOf: [{ anyOf: [{ required: ["default"] }, { required: ["allow"] }] }] });

const patternRule = z
	.strictObject({
		name: ruleName,
		...kinds,
		in: z
			.union([selector, z.array(selector).min(1).max(100)])
			.default("args")
			.meta({
				description:
					"Where to look: `args` (every value, key, and list of scalars joined by spaces), `args.command`, `args.*.path` (`*` is one key or index; what is below counts), `tool`, or several: a list, or `args.path | args.file_path`.",
			}),
		...aboutTools,
		case: letterCase.default("insensitive").meta({
			description:
				"Whether `a` is `A` to the rule's own patterns. Only ASCII letters have two cases here: `ä` is not `Ä`.",
		}),
		unless: z
			.strictObject({
				...kinds,
				case: letterCase.default("sensitive").meta({
					description: "Whether exemptions ignore case; by default they do not.",
				}),
			})
			.meta({
				...ONE_KIND,
				description:
					"What the rule lets pass: a text that one of these matches. A list passes when each member does; a map never does.",
			})
			.optional(),
		missing: z.enum(["ignore", "match"]).optional().meta({
			description:
				"What the rule does where every argument that `in` names is absent or empty (null, an empty text, list or map). `match`: it fires, and its reason names the argument; the default of a rule with `unless`. `ignore`: it does not; the default of others. `in: args` is absent when a call has no arguments, and counts for patterns that match any text.",
		}),
		...stops,
	})
	.meta(ONE_KIND);

// What forms a measure takes is said in limit-checks.ts, with what to write instead.
const amount = z.union([z.number().min(0), z.string().min(1).max(60)]);

const limitRule = z.strictObject({
	name: ruleName,
	measure: z
		.enum(["tool_calls", "tokens", "cost", "execution_time", "concurrent_calls", "identical_calls"])
		.meta({ description: "What is counted." }),
	scope: z.enum(["session", "agent", "tenant"]).meta({ description: "The scope that calls are counted in." }),
	max: amount.meta({
		description:
			"Whole calls or tokens; for cost, currency units with up to six decimals, such as `25`, `0.25` or `25 USD`; for execution_time a duration, such as `90s`.",
	}),
	per: duration.optional().meta({ description: "Length of the sliding window; without it the limit is for life." }),
	reserve: amount.optional().meta({
		description:
			"What each call reserves at least until its outcome is known: tokens, cost, execution_time; written as `max` is. Without it calls that run side by side are not bounded.",
	}),
	...aboutTools,
	...stops,
});

const approvalEntry = z.strictObject({
	approvers: globs.meta({ description: "Globs over the names of those who may approve, ignoring case." }),
	quorum: z.int().min(1).max(100).default(1).meta({ description: "How many different people must grant." }),
	self: z.enum(["refused", "allowed"]).default("refused").meta({
		description:
			"Whether the human that a call is made for (`onBehalfOf`), or whose credential asked for it, may approve it, if `approvers` names them. An agent never approves its own call.",
	}),
	expires: duration.default("30m").meta({ description: "How long a held call waits; then it is denied." }),
});

const argumentPath = z.string().min(1).max(500).meta({ title: "path" });

const obligation = z.strictObject({
	...aboutTools,
	redact: z.array(argumentPath).min(1).max(100).optional().meta({
		description: "Paths such as `args.password` or `args.*.token`, whose values become `[redacted]` before the call.",
	}),
	deadline: duration.optional().meta({
		description:
			"How long an allowed call may take; default 10m. Then its signal is aborted and its reservation is settled in full. The shortest of all that apply counts.",
	}),
	lease: duration.optional().meta({
		description:
			"How long the slot of `concurrent_calls` stays taken without a report that the tool has ended: it may outrun its deadline. Default six deadlines, at least 10m. The longest of all that apply counts.",
	}),
	message: message.optional(),
});

export const apiVersion = z.literal("assent.dev/v1").meta({ description: "The version of this language." });
export const kind = <Kind extends string>(of: Kind) => z.literal(of).meta({ description: "What the document is." });
export const metadata = (names: string) =>
	z
		.strictObject({
			name: name.meta({ description: names }),
			description: z.string().max(2_000).optional().meta({ description: "For people." }),
		})
		.meta({ description: "What the document is called." });

const definitions = {
	lists: z
		.record(
			definedName,
			z
				.array(z.union([z.string().min(1).max(1_000), z.number(), z.boolean()]).meta({ title: "value" }))
				.min(1)
				.max(1_000),
		)
		.default({})
		.meta({
			description:
				"Globs or texts that are used in several places: `$NAME` wherever such are listed, alone or as an entry. `$$NAME` is the text `$NAME`.",
		}),
	macros: z
		.record(definedName, tests)
		.default({})
		.meta({ description: "Tests that are used in several places: `{ use: NAME }` in `when` and `require`." }),
};

/** A document that only defines, for all policies of a set. */
export const listsSchema = z.strictObject({
	apiVersion,
	kind: kind("Lists"),
	metadata: metadata("Names the document in messages; once in a set of policies."),
	...definitions,
});

export const policySchema = z.strictObject({
	apiVersion,
	kind: kind("Policy"),
	metadata: metadata("Names the policy in decisions; once in a set of policies."),
	appliesTo: appliesTo.meta({
		description: "The principals that the policy governs; globs, case-sensitive. Default: everybody.",
	}),
	extends: name.optional().meta({
		description:
			"The policy of the layer above, which this one adds to: it is loaded beside it, and nothing here may loosen it.",
	}),
	mode: mode.default("enforce"),
	stage,
	...definitions,
	tools: toolsSection.meta({ description: "Which tools may be called." }),
	patterns: z
		.array(patternRule)
		.max(5_000)
		.default([])
		.meta({ description: "Rules on what the arguments say; each has exactly one of `regex`, `substring`, `glob`." }),
	conditions: z
		.array(conditionRule)
		.max(5_000)
		.default([])
		.meta({ description: "Rules on what the arguments are: numbers, hosts, paths, recipients and more." }),
	intents: z
		.array(intentRule)
		.max(1_000)
		.default([])
		.meta({ description: "Rules on what a call would do: the threat categories that the classifier finds in it." }),
	facts: z.array(factRule).max(1_000).default([]).meta({
		description: "Rules on single things that are read in a call: commands, hosts, statements, calls of code and more.",
	}),
	commands: z.array(commandsRule).max(100).default([]).meta({
		description: "Lists of the commands that shells may be given: whatever else is in them fires the rule.",
	}),
	sequences: z.array(sequenceRule).max(500).default([]).meta({
		description: "Calls that are stopped after others: once a secret was read, nothing is sent.",
	}),
	exceptions: z.array(exceptionRule).max(1_000).default([]).meta({
		description: "Rules that do not count for some calls, until a day; each use is in the decision.",
	}),
	limits: z.array(limitRule).max(1_000).default([]).meta({ description: "Caps on what calls use." }),
	approvals: z
		.record(name, approvalEntry)
		.default({})
		.meta({ description: "Who may release held calls; rules name an entry, `default` where they name none." }),
	obligations: z
		.array(obligation)
		.max(1_000)
		.default([])
		.meta({ description: "What the executor of an allowed call must do." }),
});

export type ListsDocument = z.output<typeof listsSchema>;

/** A policy with every default filled in. */
export type PolicyDocument = z.output<typeof policySchema>;

export type PatternRule = PolicyDocument["patterns"][number];
export type ConditionRule = PolicyDocument["conditions"][number];
export type LimitRule = PolicyDocument["limits"][number];

/** What becomes of tools that no list of the policy names. */
export const effectOnOthers = ({ allow, default: written }: PolicyDocument["tools"]): "allow" | "deny" | "hold" =>
	written ?? (allow === "all" ? "allow" : "deny");

/** A rule that permits by exception fires on what it cannot see, unless it says otherwise. */
export const missingOf = (rule: PatternRule): "ignore" | "match" =>
	rule.missing ?? (rule.unless === undefined ? "ignore" : "match");
