/** From the text of a policy file to a checked document, or to everything that is wrong with it. */
import type { Problem } from "../base/errors.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { checkMacros, checkPolicy } from "./checks.ts";
import { type Definition, Definitions } from "./definitions.ts";
import { type PolicyDocument, policySchema } from "./document.ts";
import { References } from "./references.ts";
import { repaired } from "./repair.ts";
import { PROBLEMS_MAX, schemaProblems } from "./schema-problems.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/** A policy that was read, with what its digest and its messages need. */
export interface ReadPolicy {
	/** With its lists and macros put in where they are used. */
	readonly document: PolicyDocument;
	/** The document as written, lists and macros put in, without defaults: what the digest is made of. */
	readonly data: JsonObject;
	/** Places of `document`. */
	readonly yaml: YamlSource;
	/** The file itself. */
	readonly written: YamlSource;
	/** Lists and macros that nothing in it uses. */
	readonly unused: readonly Definition[];
}

/** What other files of the set define, and which of it the policies that were read so far use. */
export interface SharedDefinitions {
	readonly definitions: Definitions;
	readonly used: Set<Definition>;
}

export const nothingShared = (): SharedDefinitions => ({ definitions: new Definitions(null), used: new Set() });

/** Every problem has a place; they come in the order of the file. */
export function readPolicy(
	source: { readonly name: string; readonly text: string },
	shared: SharedDefinitions = nothingShared(),
): Result<ReadPolicy, Problem[]> {
	const read = readYaml(source.name, source.text);
	return read.ok ? readPolicyDocument(read.value, shared) : err(inOrder(read.error));
}

export function readPolicyDocument(written: YamlSource, shared: SharedDefinitions): Result<ReadPolicy, Problem[]> {
	const own = new Definitions(shared.definitions);
	const twice = own.define(written);
	const references = new References(own, shared.used);
	const yaml = references.resolve(written);
	const unused = own.own.filter((definition) => !shared.used.has(definition));
	references.lookUp(own.own);
	const named = [...twice, ...references.problems];
	const parsed = policySchema.safeParse(yaml.data);
	if (parsed.success) {
		const macros = unused.flatMap(({ kind, name }) => (kind === "macro" ? [name] : []));
		const problems = [...checkPolicy(parsed.data, yaml), ...checkMacros(parsed.data, yaml, macros)];
		if (problems.length + named.length > 0) return err(inOrder([...named, ...problems]));
		return ok({ document: parsed.data, data: withoutDefinitions(yaml.data as JsonObject), yaml, written, unused });
	}
	// What is wrong with the form must not hide what else is wrong.
	const rest = repaired(yaml.data);
	const beyond = rest === null ? [] : checkPolicy(rest.document, yaml, rest.isRepaired);
	return err(inOrder([...named, ...schemaProblems(parsed.error.issues, yaml), ...beyond]));
}

/** What is defined counts where it is used. */
const withoutDefinitions = ({ lists, macros, ...rest }: JsonObject): JsonObject =>
	rest as { readonly [key: string]: Json };

/** In the order of the file, each once, and not too many. */
export function inOrder(problems: readonly Problem[]): Problem[] {
	const rank = ({ place }: Problem): number => (place?.line ?? 0) * 1_000_000 + (place?.column ?? 0);
	return eachOnce(problems)
		.sort((a, b) => rank(a) - rank(b))
		.slice(0, PROBLEMS_MAX);
}

/** What is wrong with a list is found wherever it is used. */
export const eachOnce = (problems: readonly Problem[]): Problem[] => [
	...new Map(problems.map((each) => [JSON.stringify(each), each])).values(),
];
