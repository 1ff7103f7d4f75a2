/** The form of `exceptions`. What their names refer to is checked in `exception-checks.ts`. */
import { z } from "zod";
import { INSTANT_PATTERN } from "../model/instant.ts";
import { tests } from "./condition-form.ts";
import { appliesTo, globs, ruleName } from "./forms.ts";

const words = (lengthMax: number) => z.string().min(1).max(lengthMax);

export const exceptionRule = z.strictObject({
	name: ruleName,
	rules: z
		.array(z.string().min(1).max(400).meta({ title: "rule" }))
		.min(1)
		.max(100)
		.meta({
			description:
				"The rules that do not count, by the names that decisions give them: `no-shell`, `tools.allow`, `tools.deny[bash]`; `POLICY/RULE` for one of another policy. Limits cannot be lifted.",
		}),
	appliesTo: appliesTo.meta({
		description: "For whom, of those that the policy governs; globs, case-sensitive. Default: all of them.",
	}),
	tools: globs.default(["*"]).meta({ description: "For calls of which tools: globs, case-sensitive." }),
	except: globs
		.optional()
		.meta({ description: "Tools that `tools` does not mean, though it names them; globs, ignoring case." }),
	when: tests.optional().meta({
		description:
			"For which calls: those for which each of these tests holds for every value, and for certain, as in `require`.",
	}),
	owner: words(256).meta({ description: "Who answers for it. Told with each use." }),
	reason: words(300).meta({ description: "Why it is needed. Told with each use." }),
	expires: z
		.string()
		.regex(INSTANT_PATTERN, "a moment is a day, a time and an offset from UTC, such as `2026-12-31T00:00:00Z`")
		.meta({
			title: "time",
			description: "From when on it does not apply any more, by the time at which a call is recorded.",
		}),
});

export type ExceptionRule = z.output<typeof exceptionRule>;
