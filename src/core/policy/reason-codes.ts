/** The closed list of reason codes that compiled policies produce; the engine adds those of the step itself. */

export const POLICY_REASON_CODES = [
	/** `tools.allow` does not admit the tool. */
	"tool.not_allowed",
	/** An entry of `tools.deny` names the tool. */
	"tool.denied",
	/** An entry of `tools.hold` names the tool. */
	"tool.held",
	/** A pattern matched in the arguments. */
	"pattern.matched",
	/** An argument that a rule must see is absent or empty; doubt denies. */
	"argument.missing",
	/** An argument of a rule that permits by exception holds what is no text. */
	"argument.unreadable",
	/** A rule could not be evaluated; doubt denies. */
	"rule.failed",
] as const;

export type PolicyReasonCode = (typeof POLICY_REASON_CODES)[number];

/** Longest message of a reason, in UTF-16 code units. */
export const MESSAGE_MAX = 512;
