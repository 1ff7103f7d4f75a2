/** The pages of error codes, exit codes and reasons: everything that a program may compare a text with. */
import { EXIT_CODES } from "../../src/cli/context.ts";
import { ERROR_CODES, type ErrorCode } from "../../src/core/base/errors.ts";
import { ENGINE_REASONS, REJECTIONS } from "../../src/core/engine/reasons.ts";
import { POLICY_REASONS } from "../../src/core/policy/reason-codes.ts";
import { code, page, table } from "./markdown.ts";

const CODES = Object.entries(ERROR_CODES) as [ErrorCode, { exit: number; title: string }][];

/** In the order of the table of codes. */
const FAMILIES = [
	{ title: "Log", begins: /^ASSENT_(?:LOG|LEDGER|LAYOUT|SUPERSEDED|TIMEOUT)/ },
	{ title: "Command and program", begins: /^ASSENT_/ },
	{ title: "Gateway", begins: /^GATEWAY_/ },
	{ title: "Policies", begins: /^POLICY_/ },
	{ title: "Records", begins: /^RECORD_/ },
] as const;

export function errorsPage(): string {
	const familyOf = (name: string) => FAMILIES.find(({ begins }) => begins.test(name));
	const sections = FAMILIES.flatMap((family) => [
		`## ${family.title}`,
		table(
			["code", "means", "exit"],
			CODES.filter(([name]) => familyOf(name) === family).map(([name, { exit, title }]) => [
				code(name),
				title,
				String(exit),
			]),
		),
	]);
	return page({
		title: "Error codes",
		from: "src/core/base/errors.ts",
		parts: [
			"An error is printed on stderr as `file:line:col  CODE  message` with a line `help:` that says what to do next. The client library\nthrows `AssentError` with the same `code`. [Exit codes](exit-codes.md) follow from the code.",
			...sections,
		],
	});
}

export function exitCodesPage(): string {
	const rows = Object.entries(EXIT_CODES).map(([exit, means]) => [
		exit,
		means,
		CODES.filter(([, { exit: of }]) => String(of) === exit)
			.map(([name]) => code(name))
			.join(" "),
	]);
	return page({
		title: "Exit codes",
		from: "src/cli/context.ts and src/core/base/errors.ts",
		parts: [table(["code", "means", "errors that lead to it"], rows)],
	});
}

export function reasonsPage(): string {
	return page({
		title: "Reason codes",
		from: "src/core/policy/reason-codes.ts and src/core/engine/reasons.ts",
		parts: [
			"A decision names each of its reasons by a code. A policy's own `message` takes the place of the words here.",
			"## Rules of a policy",
			table(
				["code", "means"],
				Object.entries(POLICY_REASONS).map(([name, means]) => [code(name), means]),
			),
			"## The step itself",
			"The call is denied, whatever its policies say.",
			table(
				["code", "severity", "means"],
				Object.entries(ENGINE_REASONS).map(([name, { severity, message }]) => [code(name), severity, message]),
			),
			"## Inputs without effect",
			"An `input.rejected` entry with this code. A submission that waits for an answer is denied with it.",
			table(
				["code", "severity", "means"],
				Object.entries(REJECTIONS).map(([name, { severity, detail }]) => [code(name), severity, detail]),
			),
		],
	});
}
