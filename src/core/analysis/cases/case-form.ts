/**
 * The form of a file of test cases, `kind: PolicyTest`: what policies are to say of calls. Strict as policies are. What one key
 * alone cannot show (steps that name calls, tables whose rows fit their columns) is checked in `case-reader.ts`.
 */
import { z } from "zod";
import { NAME_LENGTH_MAX } from "../../model/bounds.ts";
import { duration } from "../../policy/forms.ts";
import type { DocumentForm } from "../../policy/schema-problems.ts";

const text = z.string().min(1).max(NAME_LENGTH_MAX);
const count = z.int().min(0);
const amount = z.union([z.number().min(0), z.string().min(1).max(60)]);

const VERDICTS = ["allow", "deny", "hold", "pending", "refused"] as const;

const verdict = z.enum(VERDICTS).meta({
	description:
		"What is decided. Of a vote also `pending`: the call stays held until others grant it, and `refused`: the vote does not count.",
});

const rules = z.array(text).max(1_000);
const oneOrMore = z.union([text, rules.min(1)]);

const expectation = z.strictObject({
	verdict: verdict.optional(),
	rule: oneOrMore.optional().meta({
		description: "A rule that determines the verdict, or several: `NAME`, or `POLICY/NAME`. Others may as well.",
	}),
	rules: rules.optional().meta({ description: "Exactly the rules that determine the verdict." }),
	audited: rules.optional().meta({ description: "Exactly the rules in mode `audit` that fire." }),
	exceptions: rules.optional().meta({ description: "Exactly the exceptions that are used." }),
	reason: oneOrMore.optional().meta({
		description:
			"The code of a reason for the verdict, or several, such as `argument.missing`; of `rule`, if that is one.",
	}),
	obligations: z
		.strictObject({
			redact: z.array(z.string().max(500)).max(1_024).optional().meta({
				description: "JSON pointers into the arguments, such as `/password`.",
			}),
			deadline: duration.optional().meta({ description: "How long the call may take." }),
			lease: duration.optional().meta({ description: "How long its slot stays taken." }),
			messages: z.array(z.string().max(512)).max(1_024).optional().meta({ description: "What the model is told." }),
		})
		.optional()
		.meta({ description: "What goes along with the call; what is left out is not compared." }),
	budgets: z
		.record(
			text,
			z.strictObject({
				before: amount.optional().meta({ description: "What was taken before the call." }),
				after: amount.optional().meta({ description: "What is taken with it." }),
				max: amount.optional().meta({ description: "How much there is." }),
			}),
		)
		.optional()
		.meta({ description: "By the limit's name: budgets that count the call, in the unit of the limit's `max`." }),
});

const at = z.string().min(1).max(60).meta({
	description:
		"When: a time such as `2026-12-24T09:00:00Z`, or how long after the first step, such as `5m`. Without it as the step before.",
});

const usage = z
	.strictObject({
		tokens: count.optional(),
		cost: z.number().min(0).optional(),
		costMicros: count.optional(),
		executionMs: count.optional(),
	})
	.meta({ description: "What it used; what is left out costs what was reserved." });

/** What calls may have in common. */
const shared = {
	tool: text.optional().meta({ description: "The tool that is called." }),
	args: z
		.record(z.string(), z.json())
		.optional()
		.meta({ description: "Its arguments. Those of `defaults` are added, key by key." }),
	tenant: text.optional().meta({ description: "Who asks: the tenant; `default` where nobody says." }),
	agent: text.optional().meta({ description: "The root agent; `default` where nobody says." }),
	session: text.optional().meta({ description: "The session; `default` where nobody says." }),
	onBehalfOf: text.optional().meta({ description: "The human that the agent works for." }),
	facts: z
		.strictObject({ workspace: text.optional(), home: text.optional() })
		.optional()
		.meta({ description: "What the session declares with the call." }),
	estimate: z
		.strictObject({ tokens: count.optional(), cost: z.number().min(0).optional(), costMicros: count.optional() })
		.optional()
		.meta({ description: "What the call is expected to use." }),
	usage: usage.optional(),
	expect: z
		.union([verdict, expectation])
		.optional()
		.meta({ description: "What is to be decided: a verdict, or more." }),
};

const call = {
	name: z.string().min(1).max(200).optional().meta({ description: "What the case is about, for people." }),
	at: at.optional(),
	...shared,
};

/** A call that is decided by itself. */
export const callSchema = z.strictObject(call);

const { expect, ...asked } = shared;

const step = z.strictObject({
	name: call.name,
	at: at.optional(),
	times: z
		.int()
		.min(1)
		.max(100_000)
		.optional()
		.meta({ description: "How often the call is made; `{n}` in its `args` and `session` is then 1, 2 and so on." }),
	id: text.optional().meta({ description: "By which later steps name the call." }),
	again: text.optional().meta({ description: "Asks once more for the call of this id." }),
	outcome: text.optional().meta({ description: "The open call of this id ends, with `status` and `usage`." }),
	grant: text.optional().meta({ description: "Somebody (`by`) grants the held call of this id." }),
	reject: text.optional().meta({ description: "Somebody (`by`) rejects the held call of this id." }),
	by: text.optional().meta({ description: "Who votes." }),
	status: z.enum(["ok", "error", "unknown"]).optional().meta({
		description: "How an outcome's call ended; `unknown`: nobody saw it. Default `ok`.",
	}),
	...asked,
	open: z
		.boolean()
		.optional()
		.meta({ description: "Whether an allowed call goes on until a step reports its outcome; else it ends at once." }),
	expect,
});

const defaults = z.strictObject(shared).meta({ description: "What calls say that do not say it themselves." });

const table = z.strictObject({
	name: call.name,
	defaults: defaults.optional(),
	columns: z.array(text).min(1).max(100).meta({
		description:
			"What the cells of a row are: keys of a call, or of a part of one, such as `tool`, `args.command`, `expect`, `expect.rule`.",
	}),
	rows: z
		.array(z.array(z.json()).max(100))
		.min(1)
		.max(10_000)
		.meta({ description: "One call each, decided by itself. An empty cell says nothing." }),
});

const history = z.strictObject({
	name: call.name,
	defaults: defaults.optional(),
	steps: z.array(step).min(1).max(10_000).meta({
		description:
			"Calls, outcomes and votes, one after the other: a step has one of `tool`, `again`, `outcome`, `grant`, `reject`.",
	}),
});

export const casesSchema = z.strictObject({
	apiVersion: z.literal("assent.dev/v1").meta({ description: "The version of this language." }),
	kind: z.literal("PolicyTest").meta({ description: "What the document is." }),
	policies: z
		.array(z.string().min(1).max(1_000).meta({ title: "path" }))
		.min(1)
		.max(1_000)
		.optional()
		.meta({
			description:
				"The policies that decide, as paths from the folder of this file. Default: the file of the same name without `.test`.",
		}),
	defaults: defaults.optional(),
	calls: z
		.array(callSchema)
		.max(10_000)
		.default([])
		.meta({ description: "Calls, each decided as the first of its session, with nothing spent." }),
	tables: z.array(table).max(1_000).default([]).meta({ description: "The same, one call a row." }),
	histories: z
		.array(history)
		.max(1_000)
		.default([])
		.meta({ description: "Calls that follow each other: budgets, holds, sequences." }),
});

export type CasesDocument = z.output<typeof casesSchema>;
export type WrittenCall = z.output<typeof callSchema>;
export type WrittenStep = z.output<typeof step>;
export type WrittenExpectation = z.output<typeof expectation>;

export const CALL_KEYS: readonly string[] = Object.keys(call);

/** How the messages about such a file are written. */
export const CASES_FORM: DocumentForm = {
	schema: casesSchema,
	schemaCode: "POLICY_SCHEMA",
	unknownKeyCode: "POLICY_UNKNOWN_KEY",
	required: {},
	reference: "see schemas/policy-test.schema.json",
	secrets: [],
};

/** The file's text for editors, with a final newline. Regenerate `schemas/policy-test.schema.json` with `npm run schemas`. */
export function casesJsonSchema(): string {
	const { $schema, ...rest } = z.toJSONSchema(casesSchema, { io: "input" });
	const titled = { $schema, title: "Assent test of policies, assent.dev/v1", ...rest };
	return `${JSON.stringify(titled, null, "\t")}\n`;
}
