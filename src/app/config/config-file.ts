/** The configuration file as it is read: what is wrong with one, as strict as policies and with its place. */
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { AssentError, type Problem, problem } from "../../core/base/errors.ts";
import { inOrder } from "../../core/policy/parse.ts";
import { type DocumentForm, schemaProblems } from "../../core/policy/schema-problems.ts";
import { readYaml, type YamlKind, type YamlPath, type YamlSource } from "../../core/policy/yaml-source.ts";
import { readNamedText } from "../named-file.ts";
import { configSchema } from "./config-schema.ts";

const FORM: DocumentForm = {
	schema: configSchema,
	schemaCode: "ASSENT_CONFIG",
	unknownKeyCode: "ASSENT_CONFIG",
	required: {},
	reference: "see docs/reference/configuration.md",
	secrets: ["password"],
};

const KIND: YamlKind = { noun: "configuration", begin: "leave `--config` out, or write for instance `log: file:PATH`" };

export interface ConfigFile {
	readonly data: z.output<typeof configSchema>;
	/** Where it was read from; missing where there is no file. */
	readonly source?: { readonly file: string; readonly yaml: YamlSource };
}

/** Throws ASSENT_FILE_MISSING, ASSENT_FILE_UNREADABLE, and ASSENT_CONFIG with the place of the fault. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
	const read = await readNamedText(file);
	if (!read.ok) {
		throw new AssentError(
			read.error.code === "ASSENT_FILE_MISSING"
				? { ...read.error, message: `there is no configuration file \`${file}\``, help: "check `--config`" }
				: read.error,
		);
	}
	const written = read.value;
	const yaml = readYaml(file, written, KIND);
	if (!yaml.ok)
		throw faulty(
			yaml.error.map((fault) => yamlFault(fault, file, written)),
			file,
		);
	const parsed = configSchema.safeParse(yaml.value.data);
	if (!parsed.success) throw faulty(schemaProblems(parsed.error.issues, yaml.value, FORM), file);
	return { data: parsed.data, source: { file, yaml: yaml.value } };
}

/** The fault of a part that reads well and cannot be used. */
export function configFault(of: ConfigFile, path: YamlPath, message: string, help: string): AssentError {
	const place = of.source?.yaml.placeOf(path) ?? null;
	return new AssentError(problem("ASSENT_CONFIG", `${path.join(".")}: ${message}`, help, place));
}

/** All that is wrong, in the order of the file. */
function faulty(problems: readonly Problem[], file: string): AssentError {
	const help = "see docs/reference/configuration.md";
	const unknown = problem("ASSENT_CONFIG", "the file does not have the form of a configuration", help, { file });
	const [first = unknown, ...others] = inOrder(problems);
	return new AssentError(first, {}, others);
}

/** A message may quote what it complains about: never where that is a password. */
function yamlFault({ message, help, place }: Problem, file: string, written: string): Problem {
	const line = written.split("\n")[(place?.line ?? 1) - 1] ?? "";
	return /\bpassword["']?\s*:/.test(line)
		? problem("ASSENT_CONFIG", "this line is not acceptable YAML", "put the password in quotes", place ?? { file })
		: problem("ASSENT_CONFIG", message, help, place ?? { file });
}

/** A path in the file begins at the file's folder. */
export const pathBeside = (file: ConfigFile, path: string): string =>
	file.source === undefined ? path : resolve(dirname(file.source.file), path);
