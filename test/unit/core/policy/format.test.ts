/** How formatted policies look, rule by rule. */
import { describe, expect, it } from "vitest";
import { formatSources } from "../../../../src/core/analysis/formatting.ts";

function formatSource(source: { readonly name: string; readonly text: string }) {
	const [file] = formatSources([source]);
	if (file === undefined) throw new Error("the file is not there");
	return file.formatted;
}

function formatted(text: string): string {
	const result = formatSource({ name: "a.yaml", text });
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: a }\n";

/** What comes of a part behind the head. */
const part = (text: string): string => formatted(HEAD + text).slice(HEAD.length);

describe("a formatted policy", () => {
	it("has its sections, and the keys of rules, in the order of the reference", () => {
		const text = `kind: Policy
tools: {deny: [rm], allow: all}
patterns: [{in: args.c, severity: high, substring: x, name: one}]
metadata: {description: mine, name: a}
apiVersion: assent.dev/v1
`;
		expect(formatted(text)).toBe(`apiVersion: assent.dev/v1
kind: Policy
metadata: { name: a, description: mine }
tools: { allow: all, deny: [rm] }
patterns: [{ name: one, substring: x, in: args.c, severity: high }]
`);
	});

	it("keeps the order of lists, and of names that people choose", () => {
		const text = "tools: { allow: [z, a, m] }\napprovals:\n  zed: { approvers: [b, a] }\n  ann: { approvers: [c] }\n";
		expect(part(text)).toBe(text);
	});

	it("has single quotes, but where a text needs the double ones", () => {
		expect(part(`tools: { allow: ["fs.*", 'bash', "it's", plain, "7", "true"] }\n`)).toBe(
			`tools: { allow: ['fs.*', 'bash', "it's", plain, '7', 'true'] }\n`,
		);
		const tabbed = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: a, description: "a\\tb" }\ntools: { allow: all }\n`;
		expect(formatted(tabbed)).toBe(tabbed);
	});

	it("has lists line by line where they do not fit on a line, and else as their author wrote them", () => {
		const names = Array.from({ length: 20 }, (_, at) => `tool_${at}`);
		expect(part(`tools: { allow: [${names.join(", ")}], deny: [rm] }\n`)).toBe(
			`tools:\n  allow:\n${names.map((name) => `    - ${name}\n`).join("")}  deny: [rm]\n`,
		);
		expect(part("tools:\n    allow:\n        - a\n        - b\n    deny: [\n      c,\n      d\n    ]\n")).toBe(
			"tools:\n  allow:\n    - a\n    - b\n  deny: [c, d]\n",
		);
	});

	it("has every comment beside what it is about", () => {
		const text = `# The file.
# Of two lines.

# Which tools?
tools:
  # All but one.
  allow: all # really
  deny:
    # Nobody needs it.
    - rm

# ---- rules
patterns:
  # About the first rule.
  - name: one # its name
    # What it looks for.
    substring: x

  # About the second.
  - name: two
    in: [
      # the command
      args.command, # or
      args.cmd
    ]
    substring: y
# The end.
`;
		expect(formatted(text.replace("# Which", `${HEAD.trimEnd()}\n# Which`))).toBe(
			`# The file.
# Of two lines.

${HEAD}# Which tools?
tools:
  # All but one.
  allow: all # really
  deny:
    # Nobody needs it.
    - rm

# ---- rules
patterns:
  # About the first rule.
  - name: one # its name
    # What it looks for.
    substring: x

  # About the second.
  - name: two
    substring: y
    in:
      # the command
      - args.command # or
      - args.cmd

# The end.
`,
		);
	});

	it("takes comments along with the keys that move", () => {
		expect(part("tools:\n  # Not this.\n  deny: [rm]\n  # All else.\n  allow: all\n")).toBe(
			"tools:\n  # All else.\n  allow: all\n  # Not this.\n  deny: [rm]\n",
		);
		expect(
			part("tools: { allow: all }\npatterns:\n  # The rule.\n  - substring: x\n    # Its name.\n    name: one\n"),
		).toBe("tools: { allow: all }\npatterns:\n  # The rule.\n  # Its name.\n  - name: one\n    substring: x\n");
	});

	it("has the comment behind a whole file in brackets at its end", () => {
		const inBrackets = (name: string) =>
			`{ apiVersion: assent.dev/v1, kind: Policy, metadata: { name: ${name} }, tools: { allow: all } } # ours\n`;
		expect(formatted(inBrackets("a"))).toBe(inBrackets("a"));
		const long = "a".repeat(60);
		const lines = `${HEAD.replace("a }", `${long} }`)}tools: { allow: all }\n\n# ours\n`;
		expect(formatted(inBrackets(long))).toBe(lines);
		expect(formatted(lines)).toBe(lines);
	});

	it("keeps numbers and long texts as they are written", () => {
		const long = "a long text of many words ".repeat(12).trim();
		const text = `tools: { allow: all }
limits:
  - name: money
    measure: cost
    scope: session
    max: 25.00
    message: >-
      ${long}
  - { name: more, measure: tokens, scope: session, max: 400000, message: |-
      two
      lines
    }
`;
		const plain = text.replace(
			/ {2}- \{ name: more[\s\S]*$/,
			`  - name: calls\n    measure: tool_calls\n    scope: session\n    max: 5\n    message: |-\n      two\n      lines\n`,
		);
		expect(part(plain)).toBe(plain);
	});

	it("keeps a byte order mark and the line ends of the first line, and has no document marks", () => {
		const text = `${HEAD}tools: { allow: all }\n`;
		const crLf = text.replaceAll("\n", "\r\n");
		expect(formatted(`\uFEFF---\r\n${crLf}...\r\n`)).toBe(`\uFEFF${crLf}`);
		expect(formatted(`# a\n${crLf}`)).toBe(`# a\n${text}`);
	});

	it("shows a text of several lines as one, never folded", () => {
		const inRule = (message: string): string =>
			part(`tools:\n  allow: all\n  deny:\n    - name: a\n      tools: [b]\n      message: ${message}\n`);
		const indent = "\n        ";
		const long = "a line that is longer than forty characters are";
		const quoted = `"${long}\\nand another line"`;
		for (const folded of [quoted, `'${long}\n${indent}and another line'`, `${long}\n${indent}and another line`])
			expect(inRule(folded)).toContain(`      message: ${quoted}\n`);
		const literal = `|-${indent}${long}${indent}and another line`;
		expect(inRule(literal)).toContain(literal);
		expect(inRule(`>-${indent}${long}\n${indent}and another line`)).toContain(literal);
		expect(inRule(`>-${indent}${long}${indent}and the rest`)).toContain(`>-${indent}${long} and the rest`);
		expect(part(`tools: { allow: all, deny: [{ name: a, tools: [b], message: 'x\n\n  y' }] }\n`)).toContain(
			'message: "x\\ny"',
		);
	});
});

describe("a file of a set", () => {
	it("may use what another defines, and be a document of lists itself", () => {
		const text = `${HEAD}tools: { deny: [$shells], allow: all }\n`;
		expect(formatted(text)).toBe(`${HEAD}tools: { allow: all, deny: [$shells] }\n`);
		expect(
			formatted('lists: { shells: ["bash"] }\nmetadata: { name: a }\nkind: Lists\napiVersion: assent.dev/v1\n'),
		).toBe("apiVersion: assent.dev/v1\nkind: Lists\nmetadata: { name: a }\nlists: { shells: ['bash'] }\n");
	});
});

describe("a file with a slip", () => {
	it("is not formatted", () => {
		const result = formatSource({ name: "a.yaml", text: `${HEAD}tools: { alow: all }\n` });
		expect(result.ok ? [] : result.error.map(({ code }) => code)).toEqual(["POLICY_UNKNOWN_KEY"]);
		const test = formatSource({
			name: "a.test.yaml",
			text: "apiVersion: assent.dev/v1\nkind: PolicyTest\ncalls: [{ tol: a }]\n",
		});
		expect(test.ok ? [] : test.error.map(({ code }) => code)).toEqual(["POLICY_UNKNOWN_KEY"]);
	});
});
