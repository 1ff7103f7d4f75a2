/** The form of a document of the kind `Trust`: whose keys a set of policies believes. Strict, as policies are. */
import { z } from "zod";
import { NAME_LENGTH_MAX } from "../model/bounds.ts";
import { apiVersion, kind, metadata } from "./document.ts";
import { globs, name } from "./forms.ts";

const key = z
	.string()
	.min(1)
	.max(500)
	.meta({ title: "public key", description: "A public key, as `assent keys create` prints it." });

const person = z
	.string()
	.max(NAME_LENGTH_MAX)
	.regex(/^[^\p{Cc}\s](?:[^\p{Cc}]*[^\p{Cc}\s])?$/u, "a name is on one line, without space around it")
	.meta({ title: "name", description: "As it is recorded: the name that the control record gives as its issuer." });

const publisher = z.strictObject({
	name: name.meta({ description: "As records name their publisher, in the header `assent-publisher`." }),
	key,
	tenants: globs.meta({ description: "The tenants that it may speak for: globs, case-sensitive." }),
	agents: globs.default(["*"]).meta({ description: "The agents that it may speak for: globs, case-sensitive." }),
});

const people = (description: string) =>
	z
		.array(z.strictObject({ name: person, key }))
		.min(1)
		.max(1_000)
		.optional()
		.meta({ description });

export const trustSchema = z.strictObject({
	apiVersion,
	kind: kind("Trust"),
	metadata: metadata("Names the document in messages. A set of policies has one at most."),
	publishers: z.array(publisher).min(1).max(1_000).optional().meta({
		description:
			"Who may publish intents, outcomes and abandonments, and for whom; each record is signed. Without it every publisher is trusted.",
	}),
	operators: people(
		"Who may halt, adjust budgets, end sessions, skip inputs and put policies into force; each record is signed. Without it everybody may who can write to `control`.",
	),
	approvers: people(
		"Whose votes count, as far as policies name them; each vote is signed. Without it everybody may vote who can write to `control`.",
	),
});

/** With every default filled in. */
export type TrustDocument = z.output<typeof trustSchema>;
