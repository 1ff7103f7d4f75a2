/** Which findings a comment accepts. */
import { describe, expect, it } from "vitest";
import { lintPolicy } from "../../../../support/lint.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";
const RULES = `tools:
  allow: [bash]
patterns:
  - name: one
    substring: '*.a'
    message: '# assent-lint: accept other-syntax this is a text'
  - name: two
    substring: '*.b'
`;

/** Lines of what is still found, and the reasons of what is accepted. */
function lint(text: string): { readonly found: readonly string[]; readonly reasons: readonly string[] } {
	const linted = lintPolicy({ name: "p.yaml", text });
	if (!linted.ok) throw new Error(linted.error[0]?.message);
	return {
		found: linted.value.findings.map(({ id, place }) => `${place.line} ${id}`),
		reasons: linted.value.accepted.map(({ place, reason }) => `${place.line} ${reason}`),
	};
}

const ACCEPT = "# assent-lint: accept other-syntax a star is meant";
const above = (line: string, indent: string): string => RULES.replace(line, `${indent}${ACCEPT}\n${line}`);

describe("a comment `assent-lint: accept`", () => {
	it("is not read in a text", () => {
		expect(lint(HEAD + RULES)).toEqual({ found: ["8 other-syntax", "11 other-syntax"], reasons: [] });
	});

	it.each([
		["behind the value", RULES.replace("'*.a'", `'*.a' ${ACCEPT}`), ["11 other-syntax"], ["8 a star is meant"]],
		["above its key", above("    substring: '*.a'", "    "), ["12 other-syntax"], ["9 a star is meant"]],
		["above the rule", above("  - name: one", "  "), ["12 other-syntax"], ["9 a star is meant"]],
		["above the last rule", above("  - name: two", "  "), ["8 other-syntax"], ["12 a star is meant"]],
		["above the section", above("patterns:", ""), [], ["9 a star is meant", "12 a star is meant"]],
		["above another section", above("tools:", ""), ["4 acceptance", "9 other-syntax", "12 other-syntax"], []],
		[
			"above a list that is not indented",
			above("patterns:", "").replaceAll(/^ {2}(- | {2})/gm, "$1"),
			[],
			["9 a star is meant", "12 a star is meant"],
		],
	])("%s accepts what is found there", (_, body, found, reasons) => {
		expect(lint(HEAD + body)).toEqual({ found, reasons });
	});

	it("above everything accepts in the whole file, whatever stands between", () => {
		const text = `---\n# A policy.\n${ACCEPT}\n\n# More.\n${HEAD}${RULES}`;
		expect(lint(text).found).toEqual([]);
		expect(lint(text).reasons).toHaveLength(2);
	});

	it("accepts findings of its id alone, and says so where there is none", () => {
		const text = HEAD + RULES.replace("'*.a'", "'*.a' # assent-lint: accept odd-name no");
		expect(lint(text).found).toEqual(["8 other-syntax", "8 acceptance", "11 other-syntax"]);
	});

	it("accepts with lines that end as on Windows", () => {
		expect(lint((HEAD + above("patterns:", "")).replaceAll("\n", "\r\n"))).toEqual({
			found: [],
			reasons: ["9 a star is meant", "12 a star is meant"],
		});
	});

	it("says what is wrong with it", () => {
		const help = (comment: string): string => {
			const linted = lintPolicy({ name: "p.yaml", text: `${HEAD}tools: { allow: [bash] }\n${comment}\n` });
			const [finding] = linted.ok ? linted.value.findings : [];
			return `${finding?.message}; ${finding?.help}`;
		};
		expect(help("# assent-lint: accept shadow-rule x")).toBe(
			"no finding is called `shadow-rule`; did you mean `shadowed-rule`?",
		);
		expect(help("# assent-lint: accept nonsense-of-mine x")).toContain("the ids are in docs/policies/lint.md");
		expect(help("# assent-lint: accept dead-rule:")).toContain(
			"without a reason; write `# assent-lint: accept dead-rule",
		);
		expect(help("# assent-lint disable")).toContain("write `# assent-lint: accept ID reason`");
	});
});
