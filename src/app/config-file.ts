/** The configuration file as it is written: its keys, and what is wrong with one, as strict as policies and with its place. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { parseDuration } from "../core/policy/duration.ts";
import { suggest } from "../core/policy/suggestion.ts";
import { readYaml, type YamlPath, type YamlSource } from "../core/policy/yaml-source.ts";

const duration = z.string().transform((text, context) => {
	const ms = parseDuration(text);
	if (ms !== null) return ms;
	context.addIssue({ code: "custom", message: "not a duration such as `30s`, `15m`, `1h`, `7d`" });
	return z.NEVER;
});

const missing = { error: (issue: { input?: unknown }) => (issue.input === undefined ? "is missing" : undefined) };

const text = z.string(missing).min(1);

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
	mechanism: z.enum(["plain", "scram-sha-256", "scram-sha-512"], missing),
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
	port: z.int(missing).min(0).max(65_535),
});

const schema = z.strictObject({
	log: z.string().optional(),
	policies: z.array(z.string()).optional(),
	layout: layout.optional(),
	snapshotEvery: z.int().min(100).optional(),
	kafka: kafka.optional(),
	metrics: metrics.optional(),
});

/** What can be written where, to suggest what was meant. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
	"": Object.keys(schema.shape),
	layout: Object.keys(layout.shape),
	kafka: Object.keys(kafka.shape),
	"kafka.tls": Object.keys(tls.shape),
	"kafka.sasl": Object.keys(sasl.shape),
	metrics: Object.keys(metrics.shape),
};

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
	const yaml = readYaml(file, written);
	if (!yaml.ok) throw new AssentError(yamlFault(yaml.error[0], file, written));
	const parsed = schema.safeParse(yaml.value.data);
	if (!parsed.success) throw new AssentError(faultOf(parsed.error.issues[0], yaml.value, file));
	return { data: parsed.data, source: { file, yaml: yaml.value } };
}

/** The fault of a part that reads well and cannot be used. */
export function configFault(of: ConfigFile, path: YamlPath, message: string, help: string): AssentError {
	const place = of.source?.yaml.placeOf(path) ?? null;
	return new AssentError(problem("ASSENT_CONFIG", `${path.join(".")}: ${message}`, help, place));
}

/** A message may quote what it complains about: never where that is a password. */
function yamlFault(fault: Problem | undefined, file: string, written: string): Problem {
	const { message = "not acceptable YAML", help = "", place = null } = fault ?? {};
	const line = written.split("\n")[(place?.line ?? 1) - 1] ?? "";
	return /\bpassword["']?\s*:/.test(line)
		? problem("ASSENT_CONFIG", "this line is not acceptable YAML", "put the password in quotes", place ?? { file })
		: problem("ASSENT_CONFIG", message, help, place ?? { file });
}

function faultOf(issue: z.core.$ZodIssue | undefined, yaml: YamlSource, file: string): Problem {
	if (issue === undefined)
		return problem("ASSENT_CONFIG", "the file does not have the form of a configuration", "", { file });
	const path = issue.path as YamlPath;
	if (issue.code === "unrecognized_keys") {
		const key = issue.keys[0] ?? "";
		const known = KEYS[path.join(".")] ?? [];
		return problem("ASSENT_CONFIG", `unknown key \`${key}\``, suggest(key, known), yaml.placeOfKey([...path, key]));
	}
	return problem(
		"ASSENT_CONFIG",
		path.length === 0 ? issue.message : `${path.join(".")}: ${issue.message}`,
		"see the configuration section of docs/operations.md",
		yaml.placeOf(path),
	);
}
