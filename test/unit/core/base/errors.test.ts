import { describe, expect, it } from "vitest";
import { AssentError, ERROR_CODES, formatProblem, problem } from "../../../../src/core/base/errors.ts";

describe("the table of error codes", () => {
	it("names every code in capitals and gives it a lower-case title without a full stop", () => {
		for (const [code, { title }] of Object.entries(ERROR_CODES)) {
			expect(code).toMatch(/^(ASSENT|POLICY|RECORD|TOKEN|GATEWAY)(_[A-Z]+)+$/);
			expect(title).toMatch(/^[a-z][^\n]*[^.\n]$/);
		}
	});
});

describe("formatProblem", () => {
	const place = { file: "policies/payments.yaml", line: 14, column: 9 };

	it("puts place, code and message on one line and the help below it", () => {
		expect(formatProblem(problem("POLICY_UNKNOWN_KEY", "unknown key `amout`", "did you mean `amount`?", place))).toBe(
			"policies/payments.yaml:14:9  POLICY_UNKNOWN_KEY  unknown key `amout`\nhelp: did you mean `amount`?",
		);
	});

	it("leaves out what is not known", () => {
		const { file, line } = place;
		expect(formatProblem(problem("POLICY_EMPTY", "no policy was given"))).toBe("POLICY_EMPTY  no policy was given");
		expect(formatProblem(problem("POLICY_YAML", "m", "", { file }))).toBe("policies/payments.yaml  POLICY_YAML  m");
		expect(formatProblem(problem("POLICY_YAML", "m", "", { file, line }))).toBe(
			"policies/payments.yaml:14  POLICY_YAML  m",
		);
	});

	it("shows control characters of a user's text instead of sending them to the terminal", () => {
		const text = formatProblem(problem("POLICY_GLOB", "`\u001b[2J\u0007\u009b`", "a\u007fb\nnext line"));
		expect(text).toBe("POLICY_GLOB  `\\u001b[2J\\u0007\\u009b`\nhelp: a\\u007fb\nnext line");
	});
});

describe("AssentError", () => {
	it("carries its problem, its code and facts for programs", () => {
		const thrown = new AssentError(problem("ASSENT_LOG_OFFSET_GONE", "offset 3 is gone", "begin at 7"), { begin: 7 });
		expect(thrown).toBeInstanceOf(Error);
		expect(thrown.name).toBe("AssentError");
		expect(thrown.code).toBe("ASSENT_LOG_OFFSET_GONE");
		expect(thrown.message).toBe("offset 3 is gone (begin at 7)");
		expect(thrown.facts).toEqual({ begin: 7 });
		expect(new AssentError(problem("ASSENT_INTERNAL", "why")).message).toBe("why");
	});
});
