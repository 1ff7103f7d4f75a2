/** Whose keys a set of policies believes: a document of the kind `Trust`, read, checked and compiled. */
import type { Place, Problem } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { readNameGlob } from "../match/name-globs.ts";
import { type PublicKey, readPublicKey } from "../model/signing-keys.ts";
import { CheckReport } from "./check-report.ts";
import { inOrder, type SharedDefinitions } from "./parse.ts";
import { checkGlobs } from "./pattern-text-checks.ts";
import { References } from "./references.ts";
import type { PlacedNames } from "./rules.ts";
import { schemaProblems, TRUST_FORM } from "./schema-problems.ts";
import { type TrustDocument, trustSchema } from "./trust-form.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

/** Somebody whose signature is believed. */
export interface TrustedKey {
	readonly name: string;
	readonly key: PublicKey;
	readonly place: Place;
}

/** Who may publish, and for whom. */
export interface TrustedPublisher extends TrustedKey {
	readonly tenants: PlacedNames;
	readonly agents: PlacedNames;
}

/** Null where the document does not say: everybody is believed. A name with two keys has two entries. */
export interface CompiledTrust {
	readonly name: string;
	readonly place: Place;
	readonly publishers: readonly TrustedPublisher[] | null;
	readonly operators: readonly TrustedKey[] | null;
	readonly approvers: readonly TrustedKey[] | null;
}

export interface ReadTrust {
	readonly document: TrustDocument;
	/** As written, lists put in, without defaults: what the digest is made of. */
	readonly data: JsonObject;
	readonly yaml: YamlSource;
}

const SECTIONS = ["publishers", "operators", "approvers"] as const;

/** Every problem has a place; they come in the order of the file. */
export function readTrustDocument(
	written: YamlSource,
	{ definitions, used }: SharedDefinitions,
): Result<ReadTrust, Problem[]> {
	const references = new References(definitions, used);
	const yaml = references.resolve(written);
	const parsed = trustSchema.safeParse(yaml.data);
	const problems = parsed.success
		? checkTrust(parsed.data, yaml)
		: schemaProblems(parsed.error.issues, yaml, TRUST_FORM);
	if (!parsed.success || problems.length + references.problems.length > 0)
		return err(inOrder([...references.problems, ...problems]));
	return ok({ document: parsed.data, data: yaml.data as JsonObject, yaml });
}

function checkTrust(document: TrustDocument, yaml: YamlSource): readonly Problem[] {
	const report = new CheckReport(yaml, [], () => false);
	if (SECTIONS.every((section) => document[section] === undefined)) {
		const help = "list whose keys are believed: `publishers`, `operators` or `approvers`";
		report.add("POLICY_SCHEMA", "the document names nobody", help, yaml.placeOf([]));
	}
	for (const section of SECTIONS) {
		const seen = new Set<string>();
		for (const [index, { name, key: text }] of (document[section] ?? []).entries()) {
			const path = [section, index];
			const key = readPublicKey(text);
			if (!key.ok) report.add("POLICY_SCHEMA", ...keyFault(text, key.error), yaml.placeOf([...path, "key"]));
			else if (seen.has(`${name}\n${hexOf(key.value)}`)) {
				const message = `\`${name}\` is already listed with this key`;
				report.add("POLICY_DUPLICATE", message, "remove one of the two", yaml.placeOf([...path, "name"]));
			} else seen.add(`${name}\n${hexOf(key.value)}`);
		}
	}
	for (const [index, { tenants, agents }] of (document.publishers ?? []).entries()) {
		checkGlobs(report, tenants, ["publishers", index, "tenants"]);
		checkGlobs(report, agents, ["publishers", index, "agents"]);
	}
	return report.problems;
}

/** What a key says is never told: it may be a private one. */
function keyFault(text: string, why: string): [message: string, help: string] {
	if (text.startsWith("PRIVATE+")) {
		const help =
			"whoever reads it can sign: make another one (`assent keys create NAME --out FILE`), and write here what that prints";
		return ["`key` is a private key", help];
	}
	return [`\`key\` is no public key: ${why}`, "write what `assent keys create NAME --out FILE` printed"];
}

/** Tells keys apart, whatever name their texts give. */
export const hexOf = ({ bytes }: PublicKey): string => Buffer.from(bytes).toString("hex");

/** `read` has passed every check. */
export function compileTrust({ document, yaml }: ReadTrust): CompiledTrust {
	const key = ({ name, key: text }: { name: string; key: string }, path: YamlPath): TrustedKey => {
		const read = readPublicKey(text);
		if (!read.ok) throw new Error(`a checked key cannot be read: ${read.error}`);
		return { name, key: read.value, place: yaml.placeOf(path) };
	};
	const names = (globs: readonly string[], path: YamlPath): PlacedNames => ({
		caseSensitive: true,
		globs: globs.map((text, index) => {
			const glob = readNameGlob(text, true);
			if (glob === null) throw new Error(`a checked glob cannot be read: ${text}`);
			return { ...glob, place: yaml.placeOf([...path, index]) };
		}),
	});
	const people = (section: "operators" | "approvers") =>
		document[section]?.map((entry, index) => key(entry, [section, index])) ?? null;
	return {
		name: document.metadata.name,
		place: yaml.placeOf(["metadata", "name"]),
		publishers:
			document.publishers?.map((entry, index) => ({
				...key(entry, ["publishers", index]),
				tenants: names(entry.tenants, ["publishers", index, "tenants"]),
				agents: names(entry.agents, ["publishers", index, "agents"]),
			})) ?? null,
		operators: people("operators"),
		approvers: people("approvers"),
	};
}
