/** Rules of `conditions`: one predicate for each test, and predicates that can be read and mean something. */
import { parseNumberRange } from "../arguments/number-range.ts";
import { readRecipientGlob } from "../arguments/recipients.ts";
import { parseSelector } from "../arguments/selector.ts";
import { parseHostPattern } from "../arguments/url-test.ts";
import { suggest } from "../base/suggestion.ts";
import { PLACEHOLDERS, sampleOf } from "../match/path-globs.ts";
import type { CheckReport } from "./check-report.ts";
import { type ConditionTest, type PredicateKey, predicatesOf, testsOf } from "./condition-form.ts";
import type { ConditionRule } from "./document.ts";
import { checkKindTexts } from "./pattern-rule-checks.ts";
import { checkPatternText } from "./pattern-text-checks.ts";
import { nameOf } from "./schema-problems.ts";
import { checkAbout } from "./tool-checks.ts";
import { writtenSelectors } from "./written-selectors.ts";
import type { YamlPath } from "./yaml-source.ts";

export function checkConditionRule(report: CheckReport, rule: ConditionRule, path: YamlPath): void {
	checkAbout(report, rule, path);
	report.approval(rule, path);
	if (rule.when === undefined && rule.require === undefined && !report.hasOtherKeys(rule, path)) {
		const help = "add `when`, what it fires on, or `require`, what must be so";
		report.add("POLICY_SCHEMA", `${nameOf(path)} has no test`, help, report.yaml.placeOf(path));
	}
	checkTests(report, rule.when, [...path, "when"], "when");
	checkTests(report, rule.require, [...path, "require"], "require");
}

export function checkTests(
	report: CheckReport,
	tests: Parameters<typeof testsOf>[0],
	path: YamlPath,
	part: TestPart,
): void {
	for (const [index, test] of testsOf(tests).entries()) {
		checkTest(report, test, Array.isArray(tests) ? [...path, index] : path, part);
	}
}

/** Where a test is written: what `when` finds may stop a call, what the others find lets it pass. */
type TestPart = "when" | "require" | "exceptions";

export function checkTest(report: CheckReport, test: ConditionTest, path: YamlPath, part: TestPart): void {
	new TestCheck(report, test, path, part).check();
}

/** Keys that some predicates have no use for. */
const TAKES_CASE: ReadonlySet<PredicateKey> = new Set(["oneOf", "sameAs", "path", "regex", "substring", "glob"]);

class TestCheck {
	readonly #report: CheckReport;
	readonly #test: ConditionTest;
	readonly #path: YamlPath;
	readonly #part: TestPart;

	constructor(report: CheckReport, test: ConditionTest, path: YamlPath, part: TestPart) {
		this.#report = report;
		this.#test = test;
		this.#path = path;
		this.#part = part;
	}

	check(): void {
		this.#selectors("in", this.#test.in);
		const [predicate, other] = predicatesOf(this.#test);
		if (predicate === undefined) {
			if (this.#report.hasOtherKeys(this.#test, this.#path)) return;
			const help = "add one, such as `number: '> 100'`, `oneOf: [...]`, `url`, `path`, `email` or `regex`";
			this.#add([], `${nameOf(this.#path)} says nothing of what \`in\` names`, help);
			return;
		}
		if (other !== undefined) {
			const message = `${nameOf(this.#path)} has both \`${predicate}\` and \`${other}\``;
			const help = "a test says one thing: make a list of two tests, which must both hold";
			this.#report.add("POLICY_SCHEMA", message, help, this.#report.yaml.placeOfKey([...this.#path, other]));
		}
		this.#options(predicate);
		this.#predicate(predicate);
	}

	#options(predicate: PredicateKey): void {
		if (this.#test.style !== undefined && predicate !== "glob") this.#idle("style", "has a meaning for `glob` only");
		if (this.#test.case !== undefined && !TAKES_CASE.has(predicate)) {
			this.#idle("case", `has no meaning for \`${predicate}\``);
		}
		if (this.#test.missing !== undefined && predicate === "present") {
			this.#idle("missing", "has no meaning where `present` says it");
		}
	}

	#idle(key: string, why: string): void {
		const place = this.#report.yaml.placeOfKey([...this.#path, key]);
		this.#report.add("POLICY_SCHEMA", `\`${key}\` ${why}`, "remove it", place);
	}

	#predicate(predicate: PredicateKey): void {
		const { number, length, count, sameAs, url, path, email, glob, style } = this.#test;
		switch (predicate) {
			case "number":
				this.#range(number ?? 0, "number");
				return;
			case "length":
				this.#range(length ?? 0, "length");
				return;
			case "count":
				this.#range(count ?? 0, "count");
				return;
			case "sameAs":
				this.#selectors("sameAs", sameAs ?? "");
				return;
			case "url":
				this.#url(url ?? {});
				return;
			case "path":
				this.#texts(path ?? [], "path", (text, at) => this.#pathGlob(text, at));
				return;
			case "email":
				this.#texts(email ?? [], "email", (text, at) => this.#recipientGlob(text, at));
				return;
			case "regex":
			case "substring":
			case "glob":
				if (glob !== undefined && style === undefined && this.#part !== "when") {
					const help =
						"`style: path` stops `*` at `/` and resolves `..`; `style: text` lets `*` cross everything; files are better told by `path`";
					const place = this.#report.yaml.placeOfKey([...this.#path, "glob"]);
					this.#report.add("POLICY_SCHEMA", `a glob in \`${this.#part}\` must say its style`, help, place);
				}
				checkKindTexts(this.#report, this.#test, this.#path, {
					caseSensitive: this.#test.case === "sensitive",
					isExempting: this.#part !== "when",
				});
				return;
			case "oneOf":
			case "boolean":
			case "present":
				return;
		}
	}

	#selectors(key: "in" | "sameAs", written: string | readonly string[]): void {
		for (const { text, place } of writtenSelectors(written, [...this.#path, key], this.#report.yaml)) {
			const parsed = parseSelector(text);
			if (!parsed.ok) this.#report.add("POLICY_SCHEMA", parsed.error.message, parsed.error.help, place);
		}
	}

	#range(written: string | number, key: "number" | "length" | "count"): void {
		const parsed = parseNumberRange(written);
		if (!parsed.ok) {
			const { message, help, offset } = parsed.error;
			this.#report.add("POLICY_SCHEMA", message, help, this.#report.yaml.placeInText([...this.#path, key], offset));
			return;
		}
		const isWhole = parsed.value.every(({ than }) => than.sign >= 0 && than.digits.length <= than.magnitude);
		if (key === "number" || isWhole) return;
		this.#add([key], `\`${key}\` is counted in whole numbers, from 0 on`, "write a whole number");
	}

	#url(url: NonNullable<ConditionTest["url"]>): void {
		if (Object.keys(url).length === 0 && !this.#report.hasOtherKeys(url, [...this.#path, "url"])) {
			this.#add(["url"], "`url` says nothing", "add `hosts`, `schemes`, `ports` or `classes`");
		}
		for (const [index, text] of (url.hosts ?? []).entries()) {
			const parsed = parseHostPattern(text);
			const at = [...this.#path, "url", "hosts", index];
			if (!parsed.ok) this.#addInText(at, 0, parsed.error.message, parsed.error.help);
		}
		for (const [index, text] of (url.schemes ?? []).entries()) {
			if (/^[A-Za-z][A-Za-z0-9+.-]*$/.test(text)) continue;
			const [name = "https"] = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(text) ?? [];
			this.#add(["url", "schemes", index], `\`${text}\` is not a scheme`, `write \`${name.toLowerCase()}\``);
		}
	}

	#pathGlob(text: string, at: YamlPath): void {
		if (text.startsWith("!")) {
			const help =
				this.#part === "exceptions"
					? "list the paths that are meant"
					: "say what must be so in `require`, and what must not be in `when`";
			this.#addInText(at, 0, "a leading `!` would match everything else", help);
			return;
		}
		const variable = /^(?:\$\{?[A-Z_]+\}?|%\w+%)/.exec(text)?.[0];
		if (variable !== undefined) {
			const help = "write `{home}`, `{workspace}` or the path itself";
			this.#addInText(at, 0, `variables such as \`${variable}\` are not read`, help);
			return;
		}
		let isKnown = true;
		const odd = /(?<!\\)\{([A-Za-z_][\w-]*)\}/g;
		for (const { 0: place, 1: name = "", index } of text.matchAll(odd)) {
			if (isPlaceholder(name)) {
				if (index === 0 || (name !== "workspace" && name !== "home")) continue;
				const message = `\`${place}\` is a whole path, so nothing can be before it`;
				this.#addInText(at, index, message, `begin the glob with \`${place}\``);
				continue;
			}
			isKnown = false;
			this.#addInText(at, index, `nothing is known by the name \`${place}\``, suggest(name, PLACEHOLDERS));
		}
		const sample = sampleOf(text);
		if (isKnown) checkPatternText(this.#report, { kind: "glob", text: sample, style: "path", caseSensitive: true }, at);
	}

	#recipientGlob(text: string, at: YamlPath): void {
		const read = readRecipientGlob(text);
		if (read.ok) checkPatternText(this.#report, { kind: "glob", text, style: "text", caseSensitive: true }, at);
		else this.#report.add("POLICY_GLOB", read.error.message, read.error.help, this.#report.yaml.placeOf(at));
	}

	#texts(texts: string | readonly string[], key: string, check: (text: string, at: YamlPath) => void): void {
		if (typeof texts === "string") check(texts, [...this.#path, key]);
		else for (const [index, text] of texts.entries()) check(text, [...this.#path, key, index]);
	}

	#addInText(at: YamlPath, offset: number, message: string, help: string): void {
		this.#report.add("POLICY_GLOB", message, help, this.#report.yaml.placeInText(at, offset));
	}

	#add(at: YamlPath, message: string, help: string): void {
		this.#report.add("POLICY_SCHEMA", message, help, this.#report.yaml.placeOf([...this.#path, ...at]));
	}
}

const isPlaceholder = (name: string): boolean => (PLACEHOLDERS as readonly string[]).includes(name);
