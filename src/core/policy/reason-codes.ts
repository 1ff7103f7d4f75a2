/** The closed list of reason codes that compiled policies produce; the engine adds those of the step itself. */

export const POLICY_REASONS = {
	"tool.not_allowed": "`tools.allow` does not admit the tool, or `tools.default` denies those that no list names",
	"tool.denied": "an entry of `tools.deny` names the tool",
	"tool.held": "an entry of `tools.hold` names the tool, or `tools.default` holds those that no list names",
	"pattern.matched": "a pattern matched in the arguments",
	"condition.met": "the arguments are what an entry of `conditions` stops, or not what it requires",
	"category.found": "the classifier finds a threat category of an entry of `intents` in the call",
	"fact.found": "the classifier reads in the call what an entry of `facts` stops",
	"command.not_listed":
		"a shell is given a command that an entry of `commands` does not list, or one that is not plain",
	"sequence.completed": "the call follows one after which an entry of `sequences` stops it",
	"argument.missing": "an argument that a rule must see is absent or empty",
	"argument.unreadable": "an argument holds something that a rule cannot read for certain",
	"exception.used": "an entry of `exceptions` lifts a rule that fired",
	"rule.failed": "a rule could not be evaluated",
} as const;

/** Of the use of an exception, which has no force and breaks nothing. */
export const EXCEPTION_USED = "exception.used" satisfies PolicyReasonCode;

export type PolicyReasonCode = keyof typeof POLICY_REASONS;
