/** The forms that several sections of a policy document share. */
import { z } from "zod";
import { MESSAGE_LENGTH_MAX, TAGS_MAX } from "../model/bounds.ts";
import { DURATION_PATTERN } from "../model/duration.ts";
import { STAGE_PATTERN } from "./stages.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const name = z
	.string()
	.regex(NAME, "a name has lower-case letters, digits and `-`, begins with a letter or digit, at most 63 characters")
	.meta({ title: "name" });

export const definedName = z
	.string()
	.regex(
		/^[a-z][a-z0-9-]{0,62}$/,
		"a name has lower-case letters, digits and `-`, begins with a letter, at most 63 characters",
	)
	.meta({ title: "name" });

export const glob = z.string().min(1).max(256).meta({ title: "glob" });
export const globs = z.array(glob).min(1).max(1_000);
export const duration = z
	.string()
	.regex(DURATION_PATTERN, "a duration is a whole number and a unit, such as `250ms`, `30s`, `15m`, `1h` or `7d`")
	.meta({ title: "duration" });
export const mode = z.enum(["enforce", "audit"]).meta({
	description: "`enforce`: the rule decides. `audit`: it is evaluated and recorded in the same way, without force.",
});
const severity = z
	.enum(["low", "medium", "high", "critical"])
	.meta({ description: "How grave a violation is; for alerts, without influence on the verdict." });
export const message = z
	.string()
	.min(1)
	.max(MESSAGE_LENGTH_MAX)
	.meta({ description: "What the agent and the log are told. Never put secrets here." });
export const approval = name.meta({ description: "The entry of `approvals` that says who may release a held call." });
export const tools = globs.meta({ description: "Globs over tool names, ignoring case." });
export const except = globs
	.optional()
	.meta({ description: "Tools that `tools` does not mean, though it names them; globs, case-sensitive." });

/** The tools that a rule is about; all, where it does not say. */
export const aboutTools = { tools: tools.default(["*"]), except };

/** Principals, by globs over both of their names. */
export const appliesTo = z
	.strictObject({
		tenants: globs.default(["*"]).meta({ description: "Globs over tenants." }),
		agents: globs.default(["*"]).meta({ description: "Globs over agents." }),
	})
	.default({ tenants: ["*"], agents: ["*"] });

const tags = z
	.array(
		z
			.string()
			.regex(
				/^[^\p{Cc}\s](?:[^\p{Cc}]{0,58}[^\p{Cc}\s])?$/u,
				"a tag has 1 to 60 characters on one line, without space around them",
			)
			.meta({ title: "tag" }),
	)
	.max(TAGS_MAX)
	.meta({
		description:
			"What the rule is filed under, in decisions and violations: `ASI02` (OWASP), `T1485` (ATT&CK), or words of your own. Without influence on the verdict.",
	});

export const stage = z
	.string()
	.regex(STAGE_PATTERN, "a stage is a share of the sessions, such as `10%` or `0.5%`")
	.meta({
		title: "share",
		description:
			"The share of sessions for which it is enforced, such as `10%`; for others it is in audit mode. Which ones follows from their names; a larger share keeps those of a smaller one.",
	})
	.optional();

/** What every rule may say about itself. */
export const voice = {
	tags: tags.default([]),
	severity: severity.default("medium"),
	message: message.optional(),
	mode: mode.default("enforce"),
	stage,
};

export const ruleName = name.meta({ description: "Named in decisions and violations; once in a policy." });

const patternText = z.string().min(1).max(1_000).meta({ title: "pattern" });
export const patternTexts = z.union([patternText, z.array(patternText).min(1).max(1_000)]);
const style = z.enum(["path", "text"]).meta({
	description:
		"For globs. `text`: `*` crosses everything. `path`: the path is normalised, `*` stops at `/`, `**` crosses it.",
});
export const kinds = {
	regex: patternTexts
		.meta({ description: "JavaScript syntax without lookaround and backreferences; `.` matches newlines." })
		.optional(),
	substring: patternTexts.meta({ description: "Found anywhere in a text, as it is written." }).optional(),
	glob: patternTexts.meta({ description: "Matches a whole value. `* ** ? [..] [!..] {a,b}`." }).optional(),
	style: style.optional(),
};
export const ONE_KIND = { oneOf: ["regex", "substring", "glob"].map((kind) => ({ required: [kind] })) };

export const letterCase = z.enum(["insensitive", "sensitive"]);

export const selector = z.string().min(1).max(500).meta({ title: "path" });

const effect = z.enum(["deny", "hold"]).meta({ description: "What the rule does when it fires." });

/** What every rule that denies or holds ends with. */
export const stops = { effect: effect.default("deny"), approval: approval.optional(), ...voice };

/** The key that names the kind of a pattern, and its texts as a list. */
export function patternTextsOf(rule: {
	readonly regex?: string | string[] | undefined;
	readonly substring?: string | string[] | undefined;
	readonly glob?: string | string[] | undefined;
}): readonly { readonly kind: "regex" | "substring" | "glob"; readonly texts: readonly string[] }[] {
	const given = [];
	for (const kind of ["regex", "substring", "glob"] as const) {
		const texts = rule[kind];
		if (texts !== undefined) given.push({ kind, texts: typeof texts === "string" ? [texts] : texts });
	}
	return given;
}
