/**
 * Puts lists and macros where a document names them, so that nobody who reads the document knows of names.
 *
 * `$name` is a list wherever globs or texts are listed, alone or as an entry; `$$name` is the text `$name`. `{ use: name }` is a
 * macro's test, or tests, in `when` and `require`. A name that leads nowhere is told of once and stands for something harmless.
 */
import { type Problem, problem } from "../base/errors.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { suggest } from "../base/suggestion.ts";
import type { Definition, DefinitionKind, Definitions } from "./definitions.ts";
import { type Moved, type Origin, ResolvedSource } from "./resolved-source.ts";
import type { YamlSource } from "./yaml-source.ts";

/** Keys whose values are globs or texts, one or a list of them. */
export const TAKES_LIST: ReadonlySet<string> = new Set([
	"tools",
	"except",
	"allow",
	"deny",
	"hold",
	"tenants",
	"agents",
	"approvers",
	"regex",
	"substring",
	"glob",
	"path",
	"email",
	"oneOf",
	"hosts",
	"schemes",
]);
/** Keys of maps of which each value is a list of texts. */
const ATTRIBUTES: ReadonlySet<string> = new Set(["has", "all", "none"]);
const TESTS: ReadonlySet<string> = new Set(["when", "require"]);

const REFERENCE = /^\$([a-z][a-z0-9-]{0,62})$/;
const ESCAPED = /^\$\$[a-z][a-z0-9-]{0,62}$/;

/** Entries that lists may put into one document, all uses together. */
const ENTRIES_MAX = 100_000;

/** Harmless in place of a macro that is not there. */
const STAND_IN: Json = { in: "args.stand-in", present: true };

/** A value with everything put in. */
interface Resolved {
	readonly data: Json;
	/** Null: all of it is written in place. */
	readonly moved: Moved | null;
}

/** What a name stands for. */
interface Part extends Resolved {
	readonly origin: Origin;
}

export class References {
	readonly problems: Problem[] = [];
	/** What has been used so far. */
	readonly used: Set<Definition>;
	/** What each definition stands for. */
	readonly #parts = new Map<Definition, readonly Part[]>();
	/** Definitions that are being looked up, each used by the one before. */
	readonly #open: Definition[] = [];
	#scope: Definitions;
	#entries = 0;

	constructor(scope: Definitions, used: Set<Definition>) {
		this.#scope = scope;
		this.used = used;
	}

	resolve(yaml: YamlSource): YamlSource {
		const { data } = yaml;
		if (!isMap(data)) return yaml;
		const { data: resolved, moved } = this.#members(data, { yaml, path: [] }, (value, at, key) => {
			if (key === "lists") return { data: value, moved: null };
			if (key === "macros" && isMap(value)) return this.#members(value, at, (tests, from) => this.#tests(tests, from));
			return this.#value(value, at, key);
		});
		return moved === null && resolved === data ? yaml : new ResolvedSource(yaml, resolved, moved ?? IN_PLACE);
	}

	/** Looks up all of them, used or not, so that what is wrong with one is told. */
	lookUp(definitions: readonly Definition[]): void {
		for (const { kind, name, yaml, path } of definitions) {
			if (kind === "list") this.#entry(`$${name}`, { yaml, path });
			else this.#test({ use: name }, { yaml, path });
		}
	}

	#value(value: Json, at: Origin, key: string | null): Resolved {
		if (key !== null && TESTS.has(key)) return this.#tests(value, at);
		if (key !== null && TAKES_LIST.has(key) && (typeof value === "string" || Array.isArray(value)))
			return this.#list(value, at);
		if (key !== null && ATTRIBUTES.has(key) && isMap(value))
			return this.#members(value, at, (values, from) =>
				Array.isArray(values) ? this.#list(values, from) : { data: values, moved: null },
			);
		if (Array.isArray(value))
			return joined(
				(value as readonly Json[]).map((item, index) => this.#item(item, below(at, index))),
				null,
			);
		if (isMap(value)) return this.#members(value, at, (member, from, name) => this.#value(member, from, name));
		return { data: value, moved: null };
	}

	#members(map: JsonObject, at: Origin, read: (value: Json, at: Origin, key: string) => Resolved): Resolved {
		const data: [string, Json][] = [];
		const parts = new Map<string, Moved>();
		let isChanged = false;
		for (const [key, value] of Object.entries(map)) {
			const member = read(value, below(at, key), key);
			data.push([key, member.data]);
			isChanged ||= member.data !== value;
			if (member.moved !== null) parts.set(key, member.moved);
		}
		const moved = parts.size === 0 ? null : { origin: null, parts };
		return { data: isChanged ? Object.fromEntries(data) : map, moved };
	}

	#item(value: Json, origin: Origin): Part {
		return { ...this.#value(value, origin, null), origin };
	}

	#list(value: Json, at: Origin): Resolved {
		if (typeof value === "string") {
			const parts = this.#entry(value, at);
			return REFERENCE.test(value) ? joined(parts, parts) : { data: parts[0]?.data ?? value, moved: null };
		}
		const items = value as readonly Json[];
		const parts = items.flatMap((item, index) => this.#entry(item, below(at, index)));
		const isMoved = items.some((item) => typeof item === "string" && REFERENCE.test(item));
		return parts.every(({ data }, index) => data === items[index]) && !isMoved
			? { data: value, moved: null }
			: joined(parts, isMoved ? parts : null);
	}

	/** What an entry of a list stands for. */
	#entry(entry: Json, origin: Origin): readonly Part[] {
		if (typeof entry !== "string") return [this.#item(entry, origin)];
		const [, name] = REFERENCE.exec(entry) ?? [];
		if (name === undefined) {
			return [{ data: ESCAPED.test(entry) ? entry.slice(1) : entry, moved: null, origin }];
		}
		const parts = this.#look("list", name, origin, ({ value, yaml, path }) =>
			Array.isArray(value)
				? (value as readonly Json[]).flatMap((item, index) => this.#entry(item, { yaml, path: [...path, index] }))
				: this.#entry(value, { yaml, path }),
		);
		this.#entries += parts?.length ?? 0;
		if (parts === null || this.#entries > ENTRIES_MAX) {
			if (parts !== null && this.#entries - parts.length <= ENTRIES_MAX) this.#tooMany(origin);
			return [{ data: entry, moved: null, origin }];
		}
		return parts;
	}

	#tests(value: Json, at: Origin): Resolved {
		if (Array.isArray(value)) {
			const items = value as readonly Json[];
			const parts = items.flatMap((item, index) => this.#test(item, below(at, index)));
			return joined(parts, items.some(isUse) ? parts : null);
		}
		const parts = this.#test(value, at);
		const [only] = parts;
		if (!isUse(value) || parts.length !== 1 || only === undefined) {
			return isUse(value) ? joined(parts, parts) : (only ?? { data: value, moved: null });
		}
		return { data: only.data, moved: { origin: only.origin, parts: only.moved?.parts ?? new Map() } };
	}

	#test(test: Json, origin: Origin): readonly Part[] {
		if (!isUse(test)) return [this.#item(test, origin)];
		const { yaml, path } = origin;
		const standIn: readonly Part[] = [{ data: STAND_IN, moved: null, origin }];
		const [other] = Object.keys(test).filter((key) => key !== "use");
		if (other !== undefined) {
			const help = "remove one of the two; a list of tests holds where all of them do";
			this.problems.push(
				problem("POLICY_SCHEMA", `\`${other}\` has no meaning beside \`use\``, help, yaml.placeOfKey([...path, other])),
			);
			return standIn;
		}
		const { use: name } = test;
		if (typeof name !== "string") {
			const help = "write the name of one of `macros`: `{ use: NAME }`";
			this.problems.push(problem("POLICY_SCHEMA", "`use` must be a name", help, yaml.placeOf([...path, "use"])));
			return standIn;
		}
		const parts = this.#look("macro", name, { yaml, path: [...path, "use"] }, (macro) => {
			const from = { yaml: macro.yaml, path: macro.path };
			return Array.isArray(macro.value)
				? (macro.value as readonly Json[]).flatMap((item, index) => this.#test(item, below(from, index)))
				: this.#test(macro.value, from);
		});
		this.#entries += parts?.length ?? 0;
		if (parts !== null && this.#entries > ENTRIES_MAX) this.#tooMany(origin);
		return parts === null || this.#entries > ENTRIES_MAX ? standIn : parts;
	}

	/** Null, and told, where the name leads nowhere, or back to itself. */
	#look(
		kind: DefinitionKind,
		name: string,
		{ yaml, path }: Origin,
		read: (definition: Definition) => readonly Part[],
	): readonly Part[] | null {
		const definition = this.#scope.find(kind, name);
		if (definition === undefined) {
			const known = this.#scope.namesOf(kind);
			const own = kind === "list" ? `; \`$$${name}\` is the text itself` : "";
			const help = known.length === 0 ? `define it: \`${kind}s: { ${name}: … }\`` : suggest(name, known);
			this.problems.push(
				problem("POLICY_REFERENCE", `there is no ${kind} \`${name}\``, `${help}${own}`, yaml.placeOf(path)),
			);
			return null;
		}
		const first = this.#open.indexOf(definition);
		if (first >= 0) {
			const round = [...this.#open.slice(first), definition].map((each) => `\`${each.name}\``).join(" → ");
			const message = `the ${kind} \`${name}\` holds itself: ${round}`;
			this.problems.push(problem("POLICY_REFERENCE", message, "take one of them out", yaml.placeOf(path)));
			return null;
		}
		this.used.add(definition);
		const known = this.#parts.get(definition);
		if (known !== undefined) return known;
		const scope = this.#scope;
		this.#scope = definition.scope;
		this.#open.push(definition);
		const parts = read(definition);
		this.#open.pop();
		this.#scope = scope;
		this.#parts.set(definition, parts);
		return parts;
	}

	#tooMany({ yaml, path }: Origin): void {
		const message = `lists and macros put more than ${ENTRIES_MAX} entries into this document`;
		this.problems.push(problem("POLICY_LIMITS", message, "use shorter lists, or fewer rules", yaml.placeOf(path)));
	}
}

/** Parts as a list; those of `moved` say where they are written. */
function joined(parts: readonly Part[], moved: readonly Part[] | null): Resolved {
	const places = new Map<number, Moved>();
	for (const [index, { moved: inside, origin }] of parts.entries()) {
		if (moved !== null) places.set(index, { origin, parts: inside?.parts ?? new Map() });
		else if (inside !== null) places.set(index, inside);
	}
	return { data: parts.map(({ data }) => data), moved: places.size === 0 ? null : { origin: null, parts: places } };
}

const IN_PLACE: Moved = { origin: null, parts: new Map() };

const below = ({ yaml, path }: Origin, step: string | number): Origin => ({ yaml, path: [...path, step] });

const isMap = (value: Json | undefined): value is JsonObject =>
	value !== null && typeof value === "object" && !Array.isArray(value);

const isUse = (value: Json): value is JsonObject => isMap(value) && Object.hasOwn(value, "use");
