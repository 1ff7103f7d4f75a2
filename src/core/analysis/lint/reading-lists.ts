/** Lists in rules on what the classifier reads of which one entry is enough: values of facts, and commands. */
import type { Place } from "../../base/errors.ts";
import { areWithin, factValues } from "../../policy/fact-values.ts";
import { commandWords } from "../../policy/reading-checks.ts";
import type { FactRule } from "../../policy/reading-form.ts";
import type { YamlPath } from "../../policy/yaml-source.ts";
import { isListedWith } from "../comparison/reading-inclusion.ts";
import type { LintedPolicy } from "./linted-policy.ts";

interface ReadingEntry {
	readonly text: string;
	readonly place: Place;
	/** Is this entry enough where the other one is? */
	readonly covers: (other: ReadingEntry) => boolean;
}

export function readingLists(policy: LintedPolicy): readonly (readonly ReadingEntry[])[] {
	const { facts, commands, sequences } = policy.document;
	const kinds = sequences.flatMap((rule, at) =>
		(["after", "then"] as const).flatMap((part) => {
			const asked = rule[part].facts;
			return asked === undefined ? [] : valuesOf(policy, asked, ["sequences", at, part, "facts"]);
		}),
	);
	return [
		...facts.flatMap((rule, at) => valuesOf(policy, rule, ["facts", at])),
		...commands.map(({ only }, at) =>
			only.map((text, index) => ({
				text,
				place: policy.placeOf(["commands", at, "only", index]),
				covers: (other: ReadingEntry) => isListedWith(commandWords(other.text), commandWords(text)),
			})),
		),
		...kinds,
	];
}

/** Of `all` every value counts. */
const valuesOf = (policy: LintedPolicy, asked: Pick<FactRule, "fact" | "has" | "none">, path: YamlPath) =>
	(["has", "none"] as const).flatMap((part) =>
		Object.entries(asked[part] ?? {}).map(([name, values]) => {
			const read = (text: string): readonly string[] => factValues(asked.fact, { [name]: [text] })[name] ?? [];
			return values.map((text, index) => ({
				text,
				place: policy.placeOf([...path, part, name, index]),
				covers: (other: ReadingEntry) => areWithin(read(other.text), read(text)),
			}));
		}),
	);
