/** The JSON Schema of policy documents, for editors; `schemas/policy.schema.json` holds it. */
import { z } from "zod";
import { policySchema } from "./document.ts";

/** The file's text, with a final newline. Regenerate the file with `npm run schemas`. */
export function policyJsonSchema(): string {
	const schema = z.toJSONSchema(policySchema, { io: "input" });
	const { $schema, ...rest } = schema;
	const titled = { $schema, title: "Assent policy, assent.dev/v1", ...rest };
	return `${JSON.stringify(titled, null, "\t")}\n`;
}
