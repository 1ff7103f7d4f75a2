/** The configuration file as it is written: its keys, and what is wrong with one, as strict as policies and with its place. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { AssentError, type Problem, problem } from "../../core/base/errors.ts";
import { parseDuration } from "../../core/model/duration.ts";
import { inOrder } from "../../core/policy/parse.ts";
import { type DocumentForm, schemaProblems } from "../../core/policy/schema-problems.ts";
import { readYaml, type YamlKind, type YamlPath, type YamlSource } from "../../core/policy/yaml-source.ts";

const duration = z.string().transform((text, context) => {
	const ms = parseDuration(text);
	if (ms !== null) return ms;
	context.addIssue({ code: "custom", message: "it is no duration" });
	return z.NEVER;
});

const text = z.string().min(1);

const layout = z.strictObject({
	partitions: z.int().min(1).max(1_024).optional(),
	budgetRoot: z.enum(["tenant", "tenant/agent", "tenant/agent/session"]).optional(),
	dedupe: duration.optional(),
	session: duration.optional(),
});

/** Certificates and keys are paths of PEM files. */
const tls = z.strictObject({
	ca: text.optional(),
	cert: text.optional(),
	key: text.optional(),
	serverName: text.optional(),
});

const sasl = z.strictObject({
	mechanism: z.enum(["plain", "scram-sha-256", "scram-sha-512"]),
	username: text,
	password: text.optional(),
	passwordFile: text.optional(),
	passwordEnv: text.optional(),
});

const kafka = z.strictObject({
	// `true` stands for TLS with the system's authorities.
	tls: z.preprocess((value) => (value === true ? {} : value), tls).optional(),
	sasl: sasl.optional(),
	replication: z.int().min(1).max(32_767).optional(),
	minInsync: z.int().min(1).max(32_767).optional(),
	sessionTimeout: duration.optional(),
	heartbeat: duration.optional(),
	requestTimeout: duration.optional(),
	clientId: text.optional(),
});

const metrics = z.strictObject({
	host: text.optional(),
	port: z.int().min(0).max(65_535),
});

const schema = z.strictObject({
	log: z.string().optional(),
	policies: z.array(z.string()).optional(),
	layout: layout.optional(),
	snapshotEvery: z.int().min(100).optional(),
	kafka: kafka.optional(),
	metrics: metrics.optional(),
});

const FORM: DocumentForm = {
	schema,
	schemaCode: "ASSENT_CONFIG",
	unknownKeyCode: "ASSENT_CONFIG",
	later: [],
	required: {},
	reference: "see the configuration section of docs/operations.md",
	secrets: ["password"],
};

const KIND: YamlKind = { noun: "configuration", begin: "leave `--config` out, or write for instance `log: file:PATH`" };

export interface ConfigFile {
	readonly data: z.output<typeof schema>;
	/** Where it was read from; missing where there is no file. */
	readonly source?: { readonly file: string; readonly yaml: YamlSource };
}

/** Throws ASSENT_FILE_MISSING, and ASSENT_CONFIG with the place of the fault. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
	let written: string;
	try {
		written = await readFile(file, "utf8");
	} catch {
		throw new AssentError(
			problem("ASSENT_FILE_MISSING", `there is no configuration file \`${file}\``, "check `--config`", { file }),
		);
	}
	const yaml = readYaml(file, written, KIND);
	if (!yaml.ok)
		throw faulty(
			yaml.error.map((fault) => yamlFault(fault, file, written)),
			file,
		);
	const parsed = schema.safeParse(yaml.value.data);
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
	const help = "see the configuration section of docs/operations.md";
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
