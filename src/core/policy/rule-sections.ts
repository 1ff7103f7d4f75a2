/** The sections of a policy whose entries are rules that deny or hold, in the order in which they are reported. */
import type { PolicyDocument } from "./document.ts";

interface Stopping {
	readonly name: string;
	readonly effect: "deny" | "hold";
}

export type RuleSection = {
	[Key in keyof PolicyDocument]-?: PolicyDocument[Key] extends readonly Stopping[] ? Key : never;
}[keyof PolicyDocument];

/** A section that the document has and this has not does not compile. */
const SECTIONS: Readonly<Record<RuleSection, true>> = {
	patterns: true,
	conditions: true,
	intents: true,
	facts: true,
	commands: true,
	sequences: true,
	limits: true,
};

export const RULE_SECTIONS = Object.keys(SECTIONS) as readonly RuleSection[];
