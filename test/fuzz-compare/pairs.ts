/** Pairs of sets of policies to compare: most of them a set, and the same after a small edit. */
import fc from "fast-check";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import type { PolicySourceText } from "../../src/core/model/records.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { document } from "./documents.ts";
import { type EditChoice, edited, NAMED_SECTIONS } from "./edits.ts";

export interface PolicyPair {
	/** What was edited, or how the two came about. */
	readonly label: string;
	readonly sources: readonly [Sources, Sources];
	/** Is the first a layer more on top of the second? Then it loads only if it is at least as strict. */
	readonly isLayered: boolean;
}

type Sources = readonly PolicySourceText[];

/** How lists and tests are written: in place, or under a name. */
const STYLES = ["plain", "plain", "plain", "lists", "macros", "shared"] as const;
type Style = (typeof STYLES)[number];
const style = fc.constantFrom(...STYLES);

const choice: fc.Arbitrary<EditChoice> = fc.record({ kind: fc.nat(), which: fc.nat(), donor: document });

const SECTIONS = ["appliesTo", "mode", "stage", "tools", ...NAMED_SECTIONS, "approvals"] as const;

const editedPair = fc
	.record({
		base: fc.oneof(
			{ weight: 3, arbitrary: fc.array(document, { minLength: 1, maxLength: 1 }) },
			fc.array(document, { minLength: 2, maxLength: 2 }),
		),
		edits: fc.oneof(
			{ weight: 4, arbitrary: fc.array(choice, { minLength: 1, maxLength: 1 }) },
			fc.array(choice, { minLength: 2, maxLength: 3 }),
		),
		isEditedFirst: fc.boolean(),
		styles: fc.tuple(style, style),
	})
	.map(({ base, edits, isEditedFirst, styles }): PolicyPair => {
		let [first, ...others] = base as [JsonObject, ...JsonObject[]];
		const labels: string[] = [];
		for (const edit of edits) {
			const { label, document } = edited(first, edit);
			labels.push(label);
			first = document;
		}
		const sets = [base, [first, ...others]];
		const [one, other] = isEditedFirst ? sets.reverse() : sets;
		return {
			label: labels.length === 1 ? (labels[0] as string) : "several edits",
			sources: [written(one as JsonObject[], styles[0]), written(other as JsonObject[], styles[1])],
			isLayered: false,
		};
	});

const replacedPair = fc
	.record({
		one: document,
		other: document,
		sections: fc.uniqueArray(fc.constantFrom(...SECTIONS), { minLength: 1, maxLength: 2 }),
	})
	.map(({ one, other, sections }): PolicyPair => {
		const replaced = {
			...one,
			...Object.fromEntries(sections.map((section) => [section, other[section]])),
		} as JsonObject;
		return {
			label: "whole sections",
			sources: [written([one], "plain"), written([replaced], "plain")],
			isLayered: false,
		};
	});

const documents = fc.array(document, { minLength: 1, maxLength: 2 });
const unrelatedPair = fc.record({ one: documents, other: documents, styles: fc.tuple(style, style) }).map(
	({ one, other, styles }): PolicyPair => ({
		label: "unrelated sets",
		sources: [written(one, styles[0]), written(other, styles[1])],
		isLayered: false,
	}),
);

const layeredPair = fc.record({ base: document, layer: document, isLayered: fc.boolean() }).map(
	({ base, layer, isLayered }): PolicyPair => ({
		label: isLayered ? "a layer more" : "a policy more",
		sources: [written([base, isLayered ? { ...layer, extends: "p0" } : layer], "plain"), written([base], "plain")],
		isLayered,
	}),
);

export const pair: fc.Arbitrary<PolicyPair> = fc.oneof(
	{ weight: 14, arbitrary: editedPair },
	{ weight: 2, arbitrary: replacedPair },
	{ weight: 2, arbitrary: unrelatedPair },
	{ weight: 2, arbitrary: layeredPair },
);

/** Null: the loader refuses it, such as a rule that can never fire. */
export function compiled(sources: Sources): CompiledPolicySet | null {
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	return set.ok ? set.value : null;
}

/** The policies `p0`, `p1` and so on as files. */
export function written(documents: readonly JsonObject[], style: Style = "plain"): Sources {
	const policies = documents.map((document, place) => {
		const { document: body, ...definitions } = defined(document, `n${place}-`, style);
		return { place, body, definitions };
	});
	const isShared = style === "shared";
	const shared = policies.map(({ definitions }) => definitions);
	const file = (name: string, body: JsonObject): PolicySourceText => ({ name, text: JSON.stringify(body) });
	return [
		...(isShared
			? [
					file("lists.yaml", {
						apiVersion: "assent.dev/v1",
						kind: "Lists",
						metadata: { name: "shared" },
						lists: Object.assign({}, ...shared.map(({ lists }) => lists)),
						macros: Object.assign({}, ...shared.map(({ macros }) => macros)),
					}),
				]
			: []),
		...policies.map(({ place, body, definitions }) =>
			file(`${place}.yaml`, {
				apiVersion: "assent.dev/v1",
				kind: "Policy",
				metadata: { name: `p${place}` },
				...(isShared ? {} : definitions),
				...body,
			}),
		),
	];
}

/** Keys whose lists may be written `$name`. */
const LISTS = new Set([
	"tools",
	"except",
	"allow",
	"regex",
	"substring",
	"glob",
	"path",
	"email",
	"oneOf",
	"hosts",
	"approvers",
]);

interface Defined {
	readonly document: JsonObject;
	readonly lists: JsonObject;
	readonly macros: JsonObject;
}

function defined(document: JsonObject, prefix: string, style: Style): Defined {
	const lists: Record<string, Json> = {};
	const macros: Record<string, Json> = {};
	const visit = (value: Json, key: string): Json => {
		if (Array.isArray(value)) {
			const isList = LISTS.has(key) && value.length > 0 && value.every((item) => typeof item !== "object");
			if (isList && style !== "macros") {
				const name = `${prefix}l${Object.keys(lists).length}`;
				lists[name] = value as Json;
				return `$${name}`;
			}
			return (value as readonly Json[]).map((item) => visit(item, key));
		}
		if (typeof value !== "object" || value === null) return value;
		const body = Object.fromEntries(
			Object.entries(value as JsonObject).map(([name, member]) => [name, visit(member, name)]),
		);
		if ((key !== "when" && key !== "require") || style === "lists") return body;
		const name = `${prefix}m${Object.keys(macros).length}`;
		macros[name] = body;
		return { use: name };
	};
	return { document: style === "plain" ? document : (visit(document, "") as JsonObject), lists, macros };
}
