/** The keys of the `notify` section. */
import { z } from "zod";
import { BODY_FORMS, NOTICE_TYPES } from "../../adapters/http/webhooks/bodies.ts";
import { duration, text } from "./forms.ts";
import { metricsSection } from "./metrics-address.ts";

export const NOTIFY_DEFAULTS = {
	places: ".assent/notify.json",
	deadLetters: ".assent/notify-dead-letters.jsonl",
	types: ["hold", "policy_violation"],
	timeout: "10s",
} as const;

const target = z.strictObject({
	name: text.meta({ description: "How far it has come is kept under this name." }),
	url: text.optional().meta({ description: "Where to post to. Exactly one of `url` and `urlFile` is given." }),
	urlFile: text
		.optional()
		.meta({ description: "Path of a file that holds it: the URL of a Slack webhook is a secret." }),
	body: z.enum(BODY_FORMS).meta({ description: "What the receiver reads." }),
	secretFile: text.optional().meta({
		description:
			"Path of a file that holds the secret messages are signed with, `whsec_` and base64 (Standard Webhooks). Not signed where it is left out.",
	}),
	types: z
		.array(z.enum(NOTICE_TYPES))
		.min(1)
		.optional()
		.meta({ description: "What it is told.", absent: NOTIFY_DEFAULTS.types.join(", ") }),
	severity: z
		.enum(["low", "medium", "high", "critical"])
		.optional()
		.meta({ description: "Of violations and blocked calls only this rank and above.", absent: "low" }),
	tenants: z.array(text).min(1).optional().meta({ description: "Globs over tenants.", absent: "`*`" }),
	agents: z.array(text).min(1).optional().meta({ description: "Globs over root agents.", absent: "`*`" }),
	timeout: duration.optional().meta({ description: "How long one try may take.", absent: NOTIFY_DEFAULTS.timeout }),
});

export const notify = z.strictObject({
	places: text.optional().meta({
		description: "Path of the file that keeps how far each target has come.",
		absent: NOTIFY_DEFAULTS.places,
	}),
	deadLetters: text.optional().meta({
		description: "Path of the file of messages that were given up, one JSON object a line.",
		absent: NOTIFY_DEFAULTS.deadLetters,
	}),
	metrics: metricsSection.optional().meta({ description: "Nothing is measured or served where it is left out." }),
	targets: z.array(target).min(1).max(100).meta({ description: "Who is told." }),
});

export type TargetSection = z.output<typeof target>;
