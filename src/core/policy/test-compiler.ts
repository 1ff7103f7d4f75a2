/** From the tests of a checked rule of `conditions`, and from its patterns, to data. */
import { parseNumberRange } from "../arguments/number-range.ts";
import { readRecipientGlob } from "../arguments/recipients.ts";
import { parseSelector, type Selector } from "../arguments/selector.ts";
import { parseHostPattern } from "../arguments/url-test.ts";
import type { Result } from "../base/result.ts";
import { splitPathGlob } from "../match/path-globs.ts";
import { type Pattern, readPattern } from "../match/pattern.ts";
import { type ConditionTest, testsOf } from "./condition-form.ts";
import { patternTextsOf } from "./forms.ts";
import type { CompiledTest, Placed, Predicate } from "./rules.ts";
import { writtenSelectors } from "./written-selectors.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

export class TestCompiler {
	readonly #yaml: YamlSource;

	constructor(yaml: YamlSource) {
		this.#yaml = yaml;
	}

	/** `part` says on which side of doubt the tests are: those of an exception are required. */
	compile(
		tests: ConditionTest | readonly ConditionTest[] | undefined,
		path: YamlPath,
		part: "when" | "require",
	): readonly CompiledTest[] {
		const isList = Array.isArray(tests);
		return testsOf(tests).map((test, index) => this.#test(test, isList ? [...path, index] : path, part));
	}

	#test(test: ConditionTest, path: YamlPath, part: "when" | "require"): CompiledTest {
		return {
			place: this.#yaml.placeOf(path),
			selectors: this.#selectors(test.in, [...path, "in"]),
			predicate: this.#predicate(test, path, part),
			missing: test.missing ?? (part === "require" ? "match" : "ignore"),
		};
	}

	#selectors(written: string | readonly string[], path: YamlPath): readonly Placed<Selector>[] {
		return writtenSelectors(written, path, this.#yaml).map(({ text, place }) => ({
			...checked(parseSelector(text)),
			place,
		}));
	}

	#predicate(test: ConditionTest, path: YamlPath, part: "when" | "require"): Predicate {
		const { number, oneOf, boolean, present, length, count, sameAs, url, path: files, email } = test;
		const isWritten = test.case !== "insensitive";
		if (number !== undefined) return { kind: "number", range: checked(parseNumberRange(number)) };
		if (length !== undefined) return { kind: "length", range: checked(parseNumberRange(length)) };
		if (count !== undefined) return { kind: "count", range: checked(parseNumberRange(count)) };
		if (oneOf !== undefined) return { kind: "oneOf", values: oneOf, caseSensitive: isWritten };
		if (boolean !== undefined) return { kind: "boolean", wanted: boolean };
		if (present !== undefined) return { kind: "present", wanted: present };
		if (sameAs !== undefined) {
			return { kind: "sameAs", selectors: this.#selectors(sameAs, [...path, "sameAs"]), caseSensitive: isWritten };
		}
		if (url !== undefined) return { kind: "url", url: urlTest(url) };
		// What may stop a call ignores case, what lets it pass does not.
		const caseSensitive = test.case === undefined ? part === "require" : isWritten;
		if (files !== undefined) {
			const place = (at: YamlPath, text: string) => ({
				...splitPathGlob(text, caseSensitive),
				place: this.#yaml.placeOf(at),
			});
			return { kind: "path", globs: eachText(files, [...path, "path"], place) };
		}
		if (email !== undefined) {
			const pattern = (at: YamlPath, text: string) => {
				const source = {
					kind: "glob",
					text: checked(readRecipientGlob(text)),
					caseSensitive: false,
					style: "text",
				} as const;
				return { ...checked(readPattern(source)), place: this.#yaml.placeOf(at) };
			};
			return { kind: "email", patterns: eachText(email, [...path, "email"], pattern) };
		}
		return { kind: "text", patterns: compilePatterns(this.#yaml, test, path, caseSensitive) };
	}
}

function urlTest({ hosts, schemes, ports, classes }: NonNullable<ConditionTest["url"]>) {
	return {
		hosts: hosts?.map((text) => checked(parseHostPattern(text))) ?? null,
		schemes: schemes?.map((scheme) => scheme.toLowerCase()) ?? null,
		ports: ports ?? null,
		classes: classes ?? null,
	};
}

/** The patterns of a map with `regex`, `substring` or `glob`. */
export const compilePatterns = (
	yaml: YamlSource,
	rule: Parameters<typeof patternTextsOf>[0] & { readonly style?: "path" | "text" | undefined },
	path: YamlPath,
	caseSensitive: boolean,
): readonly Placed<Pattern>[] =>
	patternTextsOf(rule).flatMap(({ kind }) =>
		eachText(rule[kind] ?? [], [...path, kind], (at, text) => ({
			...checked(readPattern({ kind, text, caseSensitive, style: rule.style ?? "text" })),
			place: yaml.placeOf(at),
		})),
	);

const eachText = <Thing>(
	texts: string | readonly string[],
	path: YamlPath,
	read: (at: YamlPath, text: string) => Thing,
): readonly Thing[] =>
	typeof texts === "string" ? [read(path, texts)] : texts.map((text, index) => read([...path, index], text));

/** What the checks have read before. */
function checked<Thing>(read: Result<Thing, { readonly message: string }>): Thing {
	if (!read.ok) throw new Error(`what was checked cannot be read: ${read.error.message}`);
	return read.value;
}
