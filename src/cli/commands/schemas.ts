/** `assent schemas write`: the published schemas, for those who work on assent. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { casesJsonSchema } from "../../core/analysis/cases/case-form.ts";
import { schemaFiles } from "../../core/codec/schema-files.ts";
import { listsJsonSchema, policyJsonSchema, trustJsonSchema } from "../../core/policy/json-schema.ts";
import type { Context } from "../context.ts";

/** Every published schema, by its path from the project's root. */
export const publishedSchemas = (): readonly { readonly path: string; readonly text: string }[] => [
	...schemaFiles(),
	{ path: "schemas/policy.schema.json", text: policyJsonSchema() },
	{ path: "schemas/policy-test.schema.json", text: casesJsonSchema() },
	{ path: "schemas/lists.schema.json", text: listsJsonSchema() },
	{ path: "schemas/trust.schema.json", text: trustJsonSchema() },
];

export function schemasCommand(context: Context): Command {
	const write = new Command("write")
		.summary("regenerate schemas/")
		.description("Writes schemas/*.avsc, schemas/fingerprints.json and schemas/*.schema.json where they differ.")
		.option("--root <folder>", "the project's root", ".")
		.action(async ({ root }: { readonly root: string }) => {
			let written = 0;
			const files = publishedSchemas();
			for (const { path, text } of files) {
				const file = join(root, path);
				if ((await readFile(file, "utf8").catch(() => null)) === text) continue;
				await mkdir(dirname(file), { recursive: true });
				await writeFile(file, text);
				context.print(path);
				written += 1;
			}
			context.note(`${written} of ${files.length} files were written, the others were up to date`);
		});
	return new Command("schemas").description("The published schemas of records and policies.").addCommand(write);
}
