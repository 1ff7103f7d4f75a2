/** The form of a coding agent's settings, as far as they are about permissions. */
import { z } from "zod";
import { type Problem, problem } from "../../base/errors.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { syntaxFaultAt } from "../../base/json-syntax.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { nearest } from "../../base/suggestion.ts";
import { inOrder } from "../parse.ts";
import { type DocumentForm, schemaProblems } from "../schema-problems.ts";
import { readYaml, type YamlKind, type YamlSource } from "../yaml-source.ts";

const rules = z.array(z.string().min(1).max(500)).max(1_000).default([]);

const permissions = z.strictObject({
	allow: rules,
	ask: rules,
	deny: rules,
	additionalDirectories: z.array(z.string().min(1).max(500)).max(100).default([]),
	defaultMode: z
		.enum(["default", "manual", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"])
		.default("default"),
	disableBypassPermissionsMode: z.literal("disable").optional(),
	disableAutoMode: z.literal("disable").optional(),
});

const settings = z.looseObject({ permissions });

export type Permissions = z.output<typeof permissions>;

const KIND: YamlKind = { noun: "settings", begin: 'it has for instance `{"permissions": {"deny": ["Bash(rm *)"]}}`' };

const FORM: DocumentForm = {
	schema: settings,
	schemaCode: "POLICY_SCHEMA",
	unknownKeyCode: "POLICY_UNKNOWN_KEY",
	required: { permissions: "only permissions are read: there is nothing to import" },
	reference: "see docs/policies/import.md",
	// What settings hold beside permissions is never shown.
	secrets: [],
};

export interface ReadSettings {
	readonly permissions: Permissions;
	/** Keys that the file has. */
	readonly written: readonly string[];
	readonly yaml: YamlSource;
}

export function readSettings(file: string, source: string): Result<ReadSettings, Problem[]> {
	const fault = syntaxFaultAt(source);
	if (fault !== null) return err([noJson(file, source, fault)]);
	// JSON is YAML: so everything has its place.
	const read = readYaml(file, source, KIND);
	if (!read.ok) return err(inOrder(read.error));
	const yaml = read.value;
	const written = isMap(yaml.data) ? Object.keys(yaml.data) : [];
	const slip = written.find((key) => key !== "permissions" && nearest(key, ["permissions"]) !== null);
	if (slip !== undefined) {
		const help = "did you mean `permissions`?";
		return err([problem("POLICY_UNKNOWN_KEY", `unknown key \`${slip}\``, help, yaml.placeOfKey([slip]))]);
	}
	const parsed = settings.safeParse(yaml.data);
	if (!parsed.success) return err(inOrder(schemaProblems(parsed.error.issues, yaml, FORM)));
	return ok({ permissions: parsed.data.permissions, written, yaml });
}

const isMap = (data: Json): data is JsonObject => data !== null && typeof data === "object" && !Array.isArray(data);

function noJson(file: string, source: string, offset: number): Problem {
	const before = source.slice(0, offset).split("\n");
	const place = { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
	const message = offset >= source.length ? "the JSON ends too early" : "this is not JSON";
	return problem("POLICY_SCHEMA", message, "JSON has no comments and no comma before a closing bracket", place);
}
