/** Forms that several routes share: names, durations, decisions as they are answered. */
import { z } from "zod";
import { isFolder } from "../../../core/arguments/session-facts.ts";
import { readNameGlob } from "../../../core/match/name-globs.ts";
import { nameFault } from "../../../core/model/bounds.ts";
import { parseDuration } from "../../../core/model/duration.ts";
import type { DurationMs } from "../../../core/model/units.ts";

/** Code units of a name. */
const NAME = { minLength: 1, maxLength: 256 };

/** An id, a tool, an agent: 1 to 256 characters, none of them a control. */
export const name = z
	.string()
	.superRefine((text, context) => {
		const fault = nameFault(text);
		if (fault !== null) context.addIssue({ code: "custom", message: `it ${fault}` });
	})
	.meta({ ...NAME, pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]+$" });

export const glob = name
	.refine((text) => readNameGlob(text, true) !== null, "it is no glob that is accepted")
	.meta({ ...NAME, description: "A name, or a glob over names: `*`, `read.*`, `{a,b}`." });

/** From `min` to `max`; as it is written: `500ms`, `5s`. */
export const duration = ({ min, max }: { readonly min: DurationMs; readonly max: DurationMs }) =>
	z
		.string()
		.transform((text, context) => {
			const ms = parseDuration(text);
			if (ms !== null && ms >= min && ms <= max) return ms;
			const message = `a duration from ${min} ms to ${max} ms is expected, such as \`5s\` or \`500ms\``;
			context.addIssue({ code: "custom", message });
			return z.NEVER;
		})
		.meta({ pattern: "^(?:0|[1-9][0-9]{0,11})(?:ms|s|m|h|d)$" });

/** A whole number from 0 on that every reader holds exactly. */
export const count = z
	.int()
	.min(0)
	.max(Number.MAX_SAFE_INTEGER - 1);

/** In currency units: at most what millionths of it hold exactly. */
export const cost = z.number().min(0).max(9_007_199_254).meta({ description: "In currency units, such as 0.25." });

const folder = z
	.string()
	.refine(isFolder, "it is no absolute path without `..`")
	.meta({ pattern: "^(?:/|[A-Za-z]:[\\\\/])", description: "An absolute path on the machine where the tools run." });

/** What a session declares of the machine where its tools run. */
export const facts = z
	.strictObject({ workspace: folder.nullish(), home: folder.nullish() })
	.transform(({ workspace = null, home = null }) => ({ workspace, home }))
	.meta({ description: "What the session declares, for policies on paths. Its first call declares for all of them." });

/** The JSON object of a call's arguments: kept as it was read, key by key. */
export const args = z
	.custom<object>(
		(value) => typeof value === "object" && value !== null && !Array.isArray(value),
		"a JSON object is expected",
	)
	.meta({ type: "object", additionalProperties: true, description: "The arguments of the call: a JSON object." });

export const reason = z.object({
	code: z.string(),
	policy: z.string(),
	rule: z.string(),
	effect: z.enum(["deny", "hold"]),
	mode: z.enum(["enforce", "audit"]),
	severity: z.enum(["low", "medium", "high", "critical"]),
	span: z.object({ pointer: z.string(), start: z.int(), end: z.int() }).nullable(),
	message: z.string(),
	tags: z.array(z.string()),
});

export const obligations = z.object({
	redact: z.array(z.string()),
	callDeadlineMs: z.int(),
	leaseMs: z.int(),
	messages: z.array(z.string()),
});

export const measure = z.enum([
	"tool_calls",
	"tokens",
	"cost",
	"execution_time",
	"concurrent_calls",
	"identical_calls",
]);

export const budget = z.object({
	policy: z.string(),
	limit: z.string(),
	measure,
	windowMs: z.int(),
	scopeKey: z.string(),
	max: z.int(),
	before: z.int(),
	after: z.int(),
});

export const sequence = z.object({
	policy: z.string(),
	sequence: z.string(),
	scope: z.enum(["session", "agent"]),
	withinMs: z.int(),
});

export const decision = z
	.object({
		id: z.string(),
		verdict: z.enum(["allow", "deny", "hold"]),
		status: z
			.enum(["open", "held", "granted", "taken", "closed", "halted"])
			.meta({ description: "Of an allow only `open` may run: it is this executor's." }),
		mayRun: z.boolean(),
		executor: z.string(),
		args: args.nullable().meta({ description: "What may run, redactions applied; null for what must not run." }),
		source: z.enum(["reply", "timeout", "closed"]),
		reasons: z.array(reason),
		obligations,
		budgets: z.array(budget),
		begins: z.array(sequence),
		policyDigest: z.string(),
		expiresAt: z.int().meta({ description: "While held: when the hold expires (ms since 1970); else 0." }),
		partition: z.int(),
		seq: z.int(),
		token: z.string().meta({ description: "What an executor verifies and consumes; empty where there is none." }),
	})
	.meta({ id: "Decision" });
