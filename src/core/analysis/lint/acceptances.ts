/**
 * Findings that the author accepts, by a comment with a reason: `# assent-lint: accept ID reason`. Behind something it is
 * about that line; on a line of its own about what is written below it, as far as that is indented, and about the whole file
 * where nothing is before it.
 */
import type { Place } from "../../base/errors.ts";
import { suggest } from "../../base/suggestion.ts";
import type { YamlComment } from "../../policy/yaml-comments.ts";
import type { Finding, Slip } from "./finding.ts";

/** The id of what is wrong with such comments. */
export const ACCEPTANCE = "acceptance";

export interface AcceptedFinding extends Finding {
	readonly reason: string;
}

interface Acceptance {
	readonly id: string;
	readonly reason: string;
	readonly place: Place;
	/** Lines, the last one included. */
	readonly from: number;
	readonly to: number;
}

export interface Sorted {
	readonly findings: readonly Finding[];
	readonly accepted: readonly AcceptedFinding[];
}

/** `ids` are those of the rules. Comments that accept nothing are findings themselves. */
export function sortAccepted(
	found: readonly Finding[],
	comments: readonly YamlComment[],
	text: string,
	ids: readonly string[],
): Sorted {
	const lines = text.split(/\r\n|\n|\r/);
	const read = comments
		.filter(({ text: comment }) => MARK.test(comment))
		.map((comment) => readAcceptance(comment, lines, ids));
	const acceptances = read.flatMap((one) => ("slip" in one ? [] : [one.acceptance]));
	const findings: Finding[] = [];
	const accepted: AcceptedFinding[] = [];
	const used = new Set<Acceptance>();
	for (const finding of found) {
		const fit = acceptances.filter(
			({ id, from, to }) => id === finding.id && from <= (finding.place.line ?? 0) && (finding.place.line ?? 0) <= to,
		);
		for (const each of fit) used.add(each);
		const [first] = fit;
		if (first === undefined) findings.push(finding);
		else accepted.push({ ...finding, reason: first.reason });
	}
	const slips: Slip[] = [
		...read.flatMap((one) => ("slip" in one ? [one.slip] : [])),
		...acceptances
			.filter((each) => !used.has(each))
			.map(({ id, place }) => ({
				place,
				message: `\`${id}\` is accepted where nothing of that kind is found`,
				help: "remove the comment; it stands on the line of a finding, or above the entry that holds it",
			})),
	];
	for (const slip of slips) findings.push({ ...slip, id: ACCEPTANCE, certainty: "proven" });
	return { findings, accepted };
}

const MARK = /^#\s*assent-lint\b/;
const WRITTEN = /^#\s*assent-lint:\s*accept\s+(\S+?)(?:[\s:]+(.*))?$/;

function readAcceptance(
	{ text, place, isAlone }: YamlComment,
	lines: readonly string[],
	ids: readonly string[],
): { readonly acceptance: Acceptance } | { readonly slip: Slip } {
	const [, id, reason = ""] = WRITTEN.exec(text) ?? [];
	if (id === undefined) {
		const help = "write `# assent-lint: accept ID reason`, with the id that the finding names";
		return { slip: { place, message: "this comment accepts nothing", help } };
	}
	if (!ids.includes(id)) {
		return { slip: { place, message: `no finding is called \`${id}\``, help: suggestId(id, ids) } };
	}
	if (reason.trim() === "") {
		const help = `write \`# assent-lint: accept ${id} reason\`, so that whoever reads it next knows why`;
		return { slip: { place, message: `\`${id}\` is accepted without a reason`, help } };
	}
	const line = place.line ?? 1;
	const [from, to] = isAlone ? linesBelow(line, lines) : [line, line];
	return { acceptance: { id, reason: reason.trim(), place, from, to } };
}

const suggestId = (id: string, ids: readonly string[]): string => {
	const help = suggest(id, ids);
	return help.startsWith("did you mean") ? help : "the ids are in docs/policies/lint.md";
};

/** The lines of the entry below a comment: up to the next one that is indented no deeper. Lines count from 1. */
function linesBelow(comment: number, lines: readonly string[]): readonly [from: number, to: number] {
	const first = lines.findIndex(isContent) + 1;
	const from = lines.findIndex((text, index) => index >= comment && isContent(text)) + 1;
	if (from === 0) return [comment, comment];
	if (from === first) return [1, lines.length];
	const depth = indentOf(lines[from - 1] ?? "");
	const isItem = ITEM.test(lines[from - 1] ?? "");
	const next = lines.findIndex(
		(text, index) =>
			index >= from &&
			isContent(text) &&
			indentOf(text) <= depth &&
			(isItem || indentOf(text) < depth || !ITEM.test(text)),
	);
	return [from, next < 0 ? lines.length : next];
}

const ITEM = /^\s*-(?:\s|$)/;
const isContent = (text: string): boolean => !/^\s*(?:#|$|---(?:\s|$))/.test(text);
const indentOf = (text: string): number => text.length - text.trimStart().length;
