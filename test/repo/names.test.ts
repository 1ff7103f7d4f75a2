/** Codes, metrics, events and kinds that pages name are those that the program has. */
import { describe, expect, it } from "vitest";
import { FINDING_MEANINGS } from "../../src/core/audit/finding.ts";
import { ERROR_CODES } from "../../src/core/base/errors.ts";
import { REGISTRY } from "../../src/core/codec/registry.ts";
import { ENGINE_REASONS, REJECTIONS } from "../../src/core/engine/reasons.ts";
import { POLICY_REASONS } from "../../src/core/policy/reason-codes.ts";
import { EVENTS } from "../../src/ports/events.ts";
import { referencePages } from "../../tools/reference/pages.ts";
import { filesBelow, textOf } from "../support/repository.ts";

const generated = await referencePages();
const metricsPage = generated.find(({ path }) => path.endsWith("metrics.md"))?.text ?? "";
const PAGES = filesBelow("").filter(
	(path) => path.endsWith(".md") && generated.every(({ path: other }) => other !== path),
);

/** Every match of the pattern's first group in pages, with its place. */
const named = (pattern: RegExp): { readonly where: string; readonly name: string }[] =>
	PAGES.flatMap((path) =>
		textOf(path)
			.split("\n")
			.flatMap((line, at) =>
				[...line.matchAll(pattern)].map(([, name = ""]) => ({ where: `${path}:${at + 1}`, name })),
			),
	);

const unknown = (pattern: RegExp, known: ReadonlySet<string>): string[] =>
	named(pattern)
		.filter(({ name }) => !known.has(name))
		.map(({ where, name }) => `${where}: ${name}`);

/** Not codes: what the environment may say. */
const VARIABLES = [
	"ASSENT_KEY",
	"ASSENT_LOG",
	"ASSENT_OPERATOR_KEY",
	"ASSENT_REQUIRE_BROWSER",
	"ASSENT_REQUIRE_KAFKA",
	"ASSENT_REQUIRE_PYTHON",
	"ASSENT_SEED",
	"ASSENT_URL",
];

/** Not names of that kind: files, and a key of policies. */
const OTHERS = /\.(?:ts|db|secret|vkey)$|^tools\.(?:allow|default)$/;

describe("names in pages", () => {
	it("of errors are in the one table", () => {
		const known = new Set([...Object.keys(ERROR_CODES), ...VARIABLES]);
		expect(unknown(/\b((?:ASSENT|POLICY|RECORD)_[A-Z_]+)\b/g, known)).toEqual([]);
		expect(named(/\b(ASSENT_LOG_[A-Z]+)\b/g).length).toBeGreaterThan(10);
	});

	it("of metrics are served", () => {
		const known = new Set([...metricsPage.matchAll(/`(assent_[a-z_]+)`/g)].map(([, name = ""]) => name));
		expect(unknown(/`(assent_[a-z_]+)(?=[`{])/g, known)).toEqual([]);
		expect(named(/`(assent_[a-z_]+)/g).length).toBeGreaterThan(10);
	});

	it("of events, entries, records, reasons and findings exist", () => {
		const known = new Set([
			...[EVENTS, ENGINE_REASONS, REJECTIONS, POLICY_REASONS, FINDING_MEANINGS].flatMap(Object.keys),
			...REGISTRY.schemas.flatMap(({ definition }) => definition.types),
		]);
		const families = new Set([...known].map((name) => name.split(".")[0]));
		const wrong = named(/`([a-z]+\.[a-z]+(?:_[a-z]+)*)`/g).filter(
			({ name }) => !OTHERS.test(name) && families.has(name.split(".")[0]) && !known.has(name),
		);
		expect(wrong.map(({ where, name }) => `${where}: ${name}`)).toEqual([]);
	});
});
