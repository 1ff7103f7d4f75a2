/**
 * What policy files give a name to use it in several places: lists of texts, used as `$name`, and macros, tests used as
 * `{ use: name }`. Those of a document of the kind `Lists` are shared by all policies of a set.
 */
import { type Problem, problem } from "../base/errors.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

export type DefinitionKind = "list" | "macro";

export interface Definition {
	readonly kind: DefinitionKind;
	readonly name: string;
	readonly value: Json;
	/** Where it is written. */
	readonly yaml: YamlSource;
	readonly path: YamlPath;
	/** Where the names that it uses are looked up. */
	readonly scope: Definitions;
}

const SECTIONS = { list: "lists", macro: "macros" } as const;

export class Definitions {
	readonly #shared: Definitions | null;
	readonly #byName = new Map<string, Definition>();

	constructor(shared: Definitions | null) {
		this.#shared = shared;
	}

	/** Adds those of a document; what has not the form of one is told of by the document's schema. */
	define(yaml: YamlSource): readonly Problem[] {
		return (["list", "macro"] as const).flatMap((kind) => {
			const section = isMap(yaml.data) ? yaml.data[SECTIONS[kind]] : undefined;
			if (!isMap(section)) return [];
			return Object.entries(section).flatMap(([name, value]) => {
				const path = [SECTIONS[kind], name];
				const other = this.find(kind, name);
				if (other !== undefined) return [alreadyDefined(other, yaml, path)];
				this.#byName.set(keyOf(kind, name), { kind, name, value, yaml, path, scope: this });
				return [];
			});
		});
	}

	find(kind: DefinitionKind, name: string): Definition | undefined {
		return this.#byName.get(keyOf(kind, name)) ?? this.#shared?.find(kind, name);
	}

	/** All that can be used here. */
	namesOf(kind: DefinitionKind): readonly string[] {
		const own = this.own.flatMap((definition) => (definition.kind === kind ? [definition.name] : []));
		return [...own, ...(this.#shared?.namesOf(kind) ?? [])];
	}

	get own(): readonly Definition[] {
		return [...this.#byName.values()];
	}
}

function alreadyDefined(
	{ kind, name, yaml: first, path: firstPath }: Definition,
	yaml: YamlSource,
	path: YamlPath,
): Problem {
	const { file, line } = first.placeOfKey(firstPath);
	const message = `the ${kind} \`${name}\` is already defined in ${file}:${line}`;
	return problem("POLICY_DUPLICATE", message, "choose another name, or remove one of the two", yaml.placeOfKey(path));
}

const keyOf = (kind: DefinitionKind, name: string): string => `${kind} ${name}`;

const isMap = (value: Json | undefined): value is JsonObject =>
	value !== null && typeof value === "object" && !Array.isArray(value);
