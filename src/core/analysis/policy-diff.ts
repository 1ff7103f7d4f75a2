/**
 * What changed between two sets of policies, in the terms of policies: rules added and removed, fields changed. Defaults are written
 * out, and the order of rules and of lists does not matter. What the changes mean is for the comparison to say.
 */
import { canonicalize } from "../base/canonical-json.ts";
import type { Place } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { ReadPolicy } from "../policy/parse.ts";
import type { ReadLists } from "../policy/policy-set.ts";
import type { ReadTrust } from "../policy/trust.ts";

export interface PolicyChange {
	/** Or a document of another kind, where the change is in a shared list or macro, or in whose keys are believed. */
	readonly policy: string;
	/** Such as `limits/mails`, `lists/desks` or `tools.allow`. */
	readonly subject: string;
	/** Of a rule that both have: which field, such as `max`; null: all of it. */
	readonly field: string | null;
	readonly kind: "added" | "removed" | "changed";
	readonly before: Json | null;
	readonly after: Json | null;
	/** In the file where it is now, or was. */
	readonly place: Place;
}

/** Documents of one kind. */
type ReadDocument = Pick<ReadPolicy | ReadLists | ReadTrust, "document" | "yaml">;

/** In the order of policies and sections. A policy of each set alone is the same policy, whatever it is called. */
export function diffPolicies(before: readonly ReadDocument[], after: readonly ReadDocument[]): readonly PolicyChange[] {
	const [one, other] = [before[0], after[0]];
	if (one !== undefined && other !== undefined && before.length === 1 && after.length === 1) return diffOf(one, other);
	const names = [...new Set([...before, ...after].map(nameOf))].sort();
	return names.flatMap((name) => {
		const [old, now] = [before, after].map((policies) => policies.find((policy) => nameOf(policy) === name));
		if (old !== undefined && now !== undefined) return diffOf(old, now);
		const kept = (old ?? now) as ReadDocument;
		const kind = old === undefined ? "added" : "removed";
		const place = kept.yaml.placeOf(["metadata", "name"]);
		const subject = SUBJECTS[kept.document.kind];
		return [{ policy: name, subject, field: null, kind, before: null, after: null, place } as const];
	});
}

const SUBJECTS = { Policy: "policy", Lists: "lists", Trust: "trust" } as const;

const nameOf = ({ document }: ReadDocument): string => document.metadata.name;

/** A part of a policy that can be added, removed or changed by itself. */
interface Part {
	readonly value: Json;
	readonly place: Place;
}

function diffOf(old: ReadDocument, now: ReadDocument): readonly PolicyChange[] {
	const [before, after] = [partsOf(old), partsOf(now)];
	const policy = nameOf(now);
	return [...new Set([...before.keys(), ...after.keys()])].flatMap((subject) => {
		const [was, is] = [before.get(subject), after.get(subject)];
		if (was !== undefined && is !== undefined) return fieldsOf(was, is, { policy, subject });
		const part = (was ?? is) as Part;
		const kind = was === undefined ? ("added" as const) : ("removed" as const);
		const [gone, come] = [was?.value ?? null, is?.value ?? null];
		return [{ policy, subject, field: null, kind, before: gone, after: come, place: part.place }];
	});
}

function fieldsOf(was: Part, is: Part, name: Pick<PolicyChange, "policy" | "subject">): readonly PolicyChange[] {
	if (isSame(was.value, is.value)) return [];
	const changed = (field: string | null, before: Json | null, after: Json | null): PolicyChange => ({
		...name,
		field,
		kind: before === null ? "added" : after === null ? "removed" : "changed",
		before,
		after,
		place: is.place,
	});
	const [old, now] = [membersOf(was.value), membersOf(is.value)];
	if (old === null || now === null) return [changed(null, was.value, is.value)];
	return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((field) => {
		const [before, after] = [old[field] ?? null, now[field] ?? null];
		return isSame(before, after) ? [] : [changed(field, before, after)];
	});
}

/** Sections that are maps of parts with names. */
const NAMED_MEMBERS: readonly string[] = ["approvals", "lists", "macros"];

/** Named rules by their names, entries of lists by themselves, everything else by its key. */
function partsOf({ document, yaml }: ReadDocument): ReadonlyMap<string, Part> {
	const parts = new Map<string, Part>();
	const add = (subject: string, value: unknown, path: readonly (string | number)[]): void => {
		if (value !== undefined) parts.set(subject, { value: value as Json, place: yaml.placeOf([...path]) });
	};
	const { apiVersion: _, kind: __, metadata, ...rest } = document;
	const { tools = {}, ...sections } = "tools" in rest ? rest : { ...rest, tools: {} };
	add("metadata", metadata, ["metadata"]);
	for (const [key, value] of Object.entries(tools)) addSection(`tools.${key}`, value, ["tools", key]);
	for (const [key, value] of Object.entries(sections)) addSection(key, value, [key]);
	return parts;

	function addSection(name: string, value: unknown, path: readonly (string | number)[]): void {
		if (!Array.isArray(value)) {
			const members = NAMED_MEMBERS.includes(name) ? Object.entries(value as object) : null;
			if (members === null) add(name, value, path);
			else for (const [key, entry] of members) add(`${name}/${key}`, entry, [...path, key]);
			return;
		}
		for (const [index, entry] of (value as readonly unknown[]).entries()) {
			const subject = `${name}/${entryName(entry)}`;
			// Of one name there may be two keys.
			add(parts.has(subject) ? `${subject}#${index + 1}` : subject, entry, [...path, index]);
		}
	}
}

function entryName(entry: unknown): string {
	if (typeof entry !== "object" || entry === null) return String(entry);
	return "name" in entry && typeof entry.name === "string" ? entry.name : JSON.stringify(entry);
}

const membersOf = (value: Json): { readonly [key: string]: Json } | null =>
	typeof value === "object" && value !== null && !Array.isArray(value)
		? (value as { readonly [key: string]: Json })
		: null;

/** Lists are sets here, and a list of one is that one. */
const isSame = (one: Json, other: Json): boolean => canonicalize(unordered(one)) === canonicalize(unordered(other));

function unordered(value: Json): Json {
	if (Array.isArray(value)) {
		const items = (value as readonly Json[]).map(unordered);
		const [only] = items;
		if (items.length === 1 && only !== undefined) return only;
		return items.map((item) => canonicalize(item)).sort();
	}
	const members = membersOf(value);
	if (members === null) return value;
	return Object.fromEntries(
		Object.entries(members).flatMap(([key, member]) => (member === undefined ? [] : [[key, unordered(member)]])),
	);
}
