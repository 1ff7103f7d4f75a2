/** What is said to be asked of facts is what readers put: no other attributes, no other values where there are certain ones. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type ClassifiedCall, classify } from "../../../../src/core/classify/classify.ts";
import { FACT_ATTRIBUTES, FACT_VALUES } from "../../../../src/core/classify/fact-attributes.ts";
import { hasValue } from "../../../../src/core/classify/rules.ts";

const FOLDER = join(import.meta.dirname, "../../../cases/classify");

it("of the project's own calls", () => {
	const calls = readdirSync(FOLDER).flatMap((name) => readFileSync(join(FOLDER, name), "utf8").trim().split("\n"));
	const odd = new Set<string>();
	const met = new Set<string>();
	for (const line of calls) {
		for (const { kind, has } of classify(JSON.parse(line) as ClassifiedCall).facts) {
			for (const [attribute, texts] of Object.entries(has)) {
				if (!FACT_ATTRIBUTES[kind].includes(attribute)) odd.add(`${kind} ${attribute}`);
				const known = FACT_VALUES[kind]?.[attribute];
				if (known === undefined) continue;
				met.add(`${kind} ${attribute}`);
				for (const text of texts)
					if (!hasValue(known, kind === "request" ? text.toLowerCase() : text)) odd.add(`${kind} ${attribute} ${text}`);
			}
		}
	}
	expect([...odd].filter((each) => !each.startsWith("sql verb"))).toEqual([]);
	expect(met.size).toBeGreaterThan(15);
});

it("are attributes of their kinds", () => {
	for (const [kind, values] of Object.entries(FACT_VALUES)) {
		const known = FACT_ATTRIBUTES[kind as keyof typeof FACT_ATTRIBUTES];
		expect(Object.keys(values).filter((attribute) => !known.includes(attribute))).toEqual([]);
	}
});

it("are those of the classifier's page", () => {
	const page = readFileSync(join(import.meta.dirname, "../../../../docs/classifier.md"), "utf8");
	const names = (text: string): readonly string[] => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
	const rows = [...page.matchAll(/^\| (`[^|]*) \| (`[^|]*) \|$/gm)].flatMap(([, kinds = "", attributes = ""]) => {
		const groups = attributes.split(";").map(names);
		return names(kinds).map((kind, index) => [kind, groups[index] ?? groups[0]] as const);
	});
	for (const [kind, known] of Object.entries(FACT_ATTRIBUTES)) {
		const listed = rows.find(([of]) => of === kind)?.[1] ?? [];
		expect([...listed].toSorted(), `\`${kind}\` in docs/classifier.md`).toEqual([...known].toSorted());
	}
});

it("are told of a call as the classifier's page shows it", () => {
	const page = readFileSync(join(import.meta.dirname, "../../../../docs/classifier.md"), "utf8");
	const [, call = "", shown = ""] = /echo '(\{.*\})' \| npx assent classify\n(.*)/.exec(page) ?? [];
	const { id, ...asked } = JSON.parse(call) as ClassifiedCall & { readonly id: number };
	const { category, dangerous, categories } = classify(asked);
	const said = categories.map((one) => `${one.category} ${one.confidence}`).join(", ");
	expect(shown).toBe(`${id}  ${dangerous ? "dangerous" : "harmless"}  ${category}  (${said})`);
});
