/** The form of `sequences`: two kinds of calls, told by their tools, by the tests of `conditions`, and by what the classifier reads in them. */
import { z } from "zod";
import { tests } from "./condition-form.ts";
import { aboutTools, duration, ruleName, stops } from "./forms.ts";
import { factAsked, intentAsked } from "./reading-form.ts";

const callKind = z.strictObject({
	...aboutTools,
	when: tests.optional().meta({
		description: "Of those the calls of which each of these tests holds for some value, or nobody can tell.",
	}),
	require: tests.optional().meta({
		description: "And of those all but the calls of which each of these tests holds for every value, and for certain.",
	}),
	intents: z.strictObject(intentAsked).optional().meta({
		description: "And of those the calls of one of these threat categories.",
	}),
	facts: z.strictObject(factAsked).optional().meta({
		description: "And of those the calls in which one such thing is read.",
	}),
});

export const sequenceRule = z.strictObject({
	name: ruleName,
	after: callKind.meta({ description: "The calls that begin the sequence, once they are admitted." }),
	within: duration.optional().meta({
		description:
			"How long such a call counts, from its admission on; without it as long as the session, or the agent, is known.",
	}),
	scope: z.enum(["session", "agent"]).default("session").meta({
		description: "Whether both calls are of one session, or of one agent, whatever their sessions are.",
	}),
	// biome-ignore lint/suspicious/noThenProperty: the key of a policy, which nobody takes for a promise.
	then: callKind.meta({ description: "The calls that are denied or held from then on." }),
	...stops,
});

export type SequenceRule = z.output<typeof sequenceRule>;
