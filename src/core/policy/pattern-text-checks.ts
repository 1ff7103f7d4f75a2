/** The texts of patterns and globs: that they can be read, and mean what they say. */

import type { ErrorCode } from "../base/errors.ts";
import type { PatternFault } from "../language/pattern-fault.ts";
import { type PatternKind, type PatternSource, readPattern } from "../match/pattern.ts";
import type { CheckReport } from "./check-report.ts";
import { type PatternSlip, patternSlip } from "./pattern-slips.ts";
import type { YamlPath } from "./yaml-source.ts";

export function checkGlobs(report: CheckReport, globs: readonly string[], path: YamlPath): void {
	for (const [index, glob] of globs.entries()) checkGlob(report, glob, [...path, index]);
}

export function checkGlob(report: CheckReport, glob: string, path: YamlPath): void {
	if (glob.startsWith("!")) {
		const instead = path.includes("tools")
			? `list beside \`tools\` what is not meant, \`except: ['${glob.slice(1)}']\``
			: "list the names that are meant; a list has no exceptions";
		const help = `${instead}; \`'\\${glob}'\` is a name that begins with \`!\``;
		report.add("POLICY_GLOB", "a leading `!` would match everything else", help, report.yaml.placeOf(path));
		return;
	}
	if (/^\w+\(.*\)$/.test(glob)) {
		const help = `name the tool alone (\`${glob.slice(0, glob.indexOf("("))}\`), and look at its arguments with a rule in \`patterns\`: \`in: args.NAME\``;
		report.add("POLICY_GLOB", "only a tool's name goes here, without arguments", help, report.yaml.placeOf(path));
		return;
	}
	checkPatternText(report, { kind: "glob", text: glob, style: "text", caseSensitive: true }, path);
}

/** False where the pattern cannot be read, or cannot mean what is written. */
export function checkPatternText(report: CheckReport, source: PatternSource, path: YamlPath): boolean {
	const { kind, text } = source;
	const slip = patternSlip(source);
	if (slip !== null) {
		reportSlip(report, slip, kind, path);
		return false;
	}
	const read = readPattern(source);
	if (read.ok) return true;
	const { offset, message, help } = read.error;
	if (report.yaml.isBlock(path) && /[\n\r]/.test(text.charAt(offset))) {
		reportFault(report, source, path, {
			offset,
			message: "the block ends with a line break, which would be looked for",
			help: "write the pattern on one line in single quotes, or begin the block with `|-` or `>-`",
		});
	} else reportFault(report, source, path, { offset, message, help });
	return false;
}

export function reportSlip(report: CheckReport, slip: PatternSlip, kind: PatternKind, path: YamlPath): void {
	const { offset, message, help } = slip;
	report.add(codeOf(kind), message, help, report.yaml.placeInText(path, offset));
}

function reportFault(report: CheckReport, { kind, text }: PatternSource, path: YamlPath, fault: PatternFault): void {
	const position = text.length > 1 ? ` (at character ${fault.offset + 1} of the pattern)` : "";
	const place = report.yaml.placeInText(path, fault.offset);
	// Tests of conditions have no `unless`.
	const help =
		path[0] === "patterns" || !fault.help.includes("`unless:`")
			? fault.help
			: "say what must be so in `require`, and what must not be so in `when`";
	report.add(codeOf(kind), `${fault.message}${position}`, help, place);
}

const codeOf = (kind: PatternKind): ErrorCode => (kind === "glob" ? "POLICY_GLOB" : "POLICY_PATTERN");
