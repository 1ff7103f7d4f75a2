/**
 * The configuration file: YAML, as strict as policies. Everything in it can be left out; `--log` and `ASSENT_LOG` win over it.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/records.ts";
import { parseDuration } from "../core/policy/duration.ts";
import { suggest } from "../core/policy/suggestion.ts";
import { readYaml, type YamlPath, type YamlSource } from "../core/policy/yaml-source.ts";
import { DEFAULT_LOG_URL } from "./open-log.ts";
import { DEFAULT_LAYOUT } from "./topics.ts";

const duration = z.string().transform((text, context) => {
	const ms = parseDuration(text);
	if (ms !== null) return ms;
	context.addIssue({ code: "custom", message: "not a duration such as `30s`, `15m`, `1h`, `7d`" });
	return z.NEVER;
});

const schema = z.strictObject({
	log: z.string().optional(),
	policies: z.array(z.string()).optional(),
	layout: z
		.strictObject({
			partitions: z.int().min(1).max(1_024).optional(),
			budgetRoot: z.enum(["tenant", "tenant/agent", "tenant/agent/session"]).optional(),
			dedupe: duration.optional(),
			session: duration.optional(),
		})
		.optional(),
	snapshotEvery: z.int().min(100).optional(),
});

export interface Config {
	readonly logUrl: string;
	/** Policy files that `dev` puts into force when none are named. */
	readonly policies: readonly string[];
	readonly layout: Layout;
	readonly snapshotEvery: number;
}

/** Reads the file (if one is named) and what overrides it. Throws ASSENT_CONFIG with the place of the fault. */
export async function readConfig(of: {
	file: string | undefined;
	log: string | undefined;
	env: NodeJS.ProcessEnv;
}): Promise<Config> {
	const read = of.file === undefined ? {} : await parseFile(of.file);
	const layout = read.layout ?? {};
	return {
		logUrl: of.log ?? of.env["ASSENT_LOG"] ?? read.log ?? DEFAULT_LOG_URL,
		policies: read.policies ?? [],
		layout: {
			partitions: layout.partitions ?? DEFAULT_LAYOUT.partitions,
			budgetRoot: layout.budgetRoot ?? DEFAULT_LAYOUT.budgetRoot,
			dedupeMs: layout.dedupe ?? DEFAULT_LAYOUT.dedupeMs,
			sessionMs: layout.session ?? DEFAULT_LAYOUT.sessionMs,
		},
		snapshotEvery: read.snapshotEvery ?? 100_000,
	};
}

async function parseFile(file: string): Promise<z.output<typeof schema>> {
	let text: string;
	try {
		text = await readFile(file, "utf8");
	} catch {
		throw new AssentError(
			problem("ASSENT_FILE_MISSING", `there is no configuration file \`${file}\``, "check `--config`", { file }),
		);
	}
	const yaml = readYaml(file, text);
	if (!yaml.ok) {
		const first = yaml.error[0];
		throw new AssentError(
			problem("ASSENT_CONFIG", first?.message ?? "not acceptable YAML", first?.help, first?.place ?? { file }),
		);
	}
	const parsed = schema.safeParse(yaml.value.data);
	if (parsed.success) return parsed.data;
	throw new AssentError(faultOf(parsed.error.issues[0], yaml.value, file));
}

function faultOf(issue: z.core.$ZodIssue | undefined, yaml: YamlSource, file: string): Problem {
	if (issue === undefined)
		return problem("ASSENT_CONFIG", "the file does not have the form of a configuration", "", { file });
	const path = issue.path as YamlPath;
	if (issue.code === "unrecognized_keys") {
		const key = issue.keys[0] ?? "";
		const known = path.length === 0 ? Object.keys(schema.shape) : ["partitions", "budgetRoot", "dedupe", "session"];
		return problem("ASSENT_CONFIG", `unknown key \`${key}\``, suggest(key, known), yaml.placeOfKey([...path, key]));
	}
	return problem(
		"ASSENT_CONFIG",
		`${path.join(".")}: ${issue.message}`,
		"see the configuration section of docs/operations.md",
		yaml.placeOf(path),
	);
}
