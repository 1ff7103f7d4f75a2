/** The files of a set of policies, read together: what one of them defines, the others use. */
import type { Problem } from "../base/errors.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { PolicySourceText } from "../model/records.ts";
import type { Definition } from "./definitions.ts";
import { type ListsDocument, listsSchema } from "./document.ts";
import { inOrder, nothingShared, type ReadPolicy, readPolicyDocument, type SharedDefinitions } from "./parse.ts";
import { References } from "./references.ts";
import { LISTS_FORM, schemaProblems } from "./schema-problems.ts";
import { type ReadTrust, readTrustDocument } from "./trust.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/** A document that only defines. */
export interface ReadLists {
	readonly name: string;
	readonly document: ListsDocument;
	readonly yaml: YamlSource;
	/** What no policy of the set uses; none where the set has no policy, or one that cannot be read. */
	readonly unused: readonly Definition[];
}

/** A file of the set, and what it holds or what is wrong with it. */
export type ReadFile =
	| { readonly kind: "policy"; readonly source: PolicySourceText; readonly read: Result<ReadPolicy, Problem[]> }
	| { readonly kind: "lists"; readonly source: PolicySourceText; readonly read: Result<ReadLists, Problem[]> }
	| { readonly kind: "trust"; readonly source: PolicySourceText; readonly read: Result<ReadTrust, Problem[]> };

/** In the order given. */
export function readFiles(sources: readonly PolicySourceText[]): readonly ReadFile[] {
	const shared = nothingShared();
	const documents = sources.map((source) => {
		const yaml = readYaml(source.name, source.text);
		const lists =
			yaml.ok && isOfKind(yaml.value, "Lists")
				? { yaml: yaml.value, twice: shared.definitions.define(yaml.value) }
				: null;
		return { source, yaml, lists };
	});
	const trusts = documents.map(({ yaml }) =>
		yaml.ok && isOfKind(yaml.value, "Trust") ? readTrustDocument(yaml.value, shared) : null,
	);
	const policies = documents.map(({ yaml, lists }, index) => {
		if (lists !== null || trusts[index] !== null) return null;
		return yaml.ok ? readPolicyDocument(yaml.value, shared) : err(inOrder(yaml.error));
	});
	const read = policies.filter((policy) => policy !== null);
	const isUsable = read.length > 0 && read.every(({ ok: isRead }) => isRead);
	return documents.map(({ source, lists }, index): ReadFile => {
		const trust = trusts[index] ?? null;
		if (trust !== null) return { kind: "trust", source, read: trust };
		if (lists === null) return { kind: "policy", source, read: policies[index] as Result<ReadPolicy, Problem[]> };
		const own = readLists(lists.yaml, shared, isUsable);
		if (lists.twice.length === 0) return { kind: "lists", source, read: own };
		return { kind: "lists", source, read: err(inOrder([...lists.twice, ...(own.ok ? [] : own.error)])) };
	});
}

function readLists(
	yaml: YamlSource,
	{ definitions, used }: SharedDefinitions,
	isUsable: boolean,
): Result<ReadLists, Problem[]> {
	const own = definitions.own.filter((definition) => definition.yaml === yaml);
	const references = new References(definitions, new Set());
	references.lookUp(own);
	const resolved = references.resolve(yaml);
	const parsed = listsSchema.safeParse(resolved.data);
	const problems = parsed.success ? [] : schemaProblems(parsed.error.issues, resolved, LISTS_FORM);
	if (problems.length + references.problems.length > 0) return err(inOrder([...references.problems, ...problems]));
	const document = parsed.data as ListsDocument;
	return ok({
		name: document.metadata.name,
		document,
		yaml,
		unused: isUsable ? own.filter((definition) => !used.has(definition)) : [],
	});
}

const isOfKind = ({ data }: YamlSource, kind: "Lists" | "Trust"): boolean =>
	(data as { readonly kind?: unknown } | null)?.kind === kind;

/** The policies of files that are known to be without problems. */
export const readPolicies = (sources: readonly PolicySourceText[]): readonly ReadPolicy[] =>
	readFiles(sources).flatMap(({ kind, read }) => (kind === "policy" && read.ok ? [read.value] : []));

/** The documents that only define, of files that are known to be without problems. */
export const readSharedLists = (sources: readonly PolicySourceText[]): readonly ReadLists[] =>
	readFiles(sources).flatMap(({ kind, read }) => (kind === "lists" && read.ok ? [read.value] : []));

/** The documents that say whose keys are believed, of files that are known to be without problems: one at most. */
export const readTrusts = (sources: readonly PolicySourceText[]): readonly ReadTrust[] =>
	readFiles(sources).flatMap(({ kind, read }) => (kind === "trust" && read.ok ? [read.value] : []));
