/** The pages of what people write: configuration and policies, from the schemas that their loaders use. */
import { z } from "zod";
import { configSchema } from "../../src/app/config/config-schema.ts";
import { policyJsonSchema, trustJsonSchema } from "../../src/core/policy/json-schema.ts";
import { type JsonSchema, keyTable } from "./keys.ts";
import { page } from "./markdown.ts";

export const configurationPage = (): string =>
	page({
		title: "Configuration keys",
		from: "src/app/config/config-schema.ts",
		parts: [
			"The file that `--config` names. Every key can be left out, but for those that a section of theirs requires; `--log` and `ASSENT_LOG` win\nover the file. Paths begin at the file's folder. A duration is a whole number and a unit: `250ms`, `30s`, `15m`, `1h`, `7d`. What\na deployment needs of them is in [operations.md](../operations.md#configuration) and [kafka.md](../kafka.md#configuration).",
			keyTable(z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema),
		],
	});

const policy = JSON.parse(policyJsonSchema()) as JsonSchema;
const trust = JSON.parse(trustJsonSchema()) as JsonSchema;

export const policyLanguagePage = (): string =>
	page({
		title: "Policy language",
		from: "src/core/policy/document.ts",
		parts: [
			"Every key of a policy document, as [policy.schema.json](../../schemas/policy.schema.json) has it for editors. `[]` is a member of a\nlist, `NAME` a name that you choose. What patterns, exceptions, limits and approvals mean exactly is in\n[policies](../policies/README.md).",
			keyTable(policy),
			"A `test` of `conditions` has `in` and exactly one of the keys from `number` to `glob`:",
			keyTable(policy.$defs?.["test"] ?? {}),
			"A document of `kind: Trust` among them says whose keys are believed ([trust](../policies/trust.md)), as\n[trust.schema.json](../../schemas/trust.schema.json) has it:",
			keyTable(trust),
		],
	});
