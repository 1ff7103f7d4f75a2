/** `policy lint`: what loads and may not mean what it says, in the order of the file. Also what `policy check` warns of. */
import type { Problem } from "../../base/errors.ts";
import { ok, type Result } from "../../base/result.ts";
import type { PolicySourceText } from "../../model/records.ts";
import { readPolicy } from "../../policy/parse.ts";
import { commentsIn } from "../../policy/yaml-comments.ts";
import { ACCEPTANCE, type Sorted, sortAccepted } from "./acceptances.ts";
import type { Finding, LintRule } from "./finding.ts";
import { LintedPolicy } from "./linted-policy.ts";
import { LINT_RULES } from "./rules/all.ts";

export type Linted = Sorted;

/** A policy that does not load has problems and no findings. */
export function lintPolicy(source: PolicySourceText): Result<Linted, Problem[]> {
	const read = readPolicy(source);
	if (!read.ok) return read;
	const policy = new LintedPolicy(read.value);
	const found = LINT_RULES.flatMap((rule) => findingsOf(rule, policy));
	const ids = LINT_RULES.map(({ id }) => id).filter((id) => id !== ACCEPTANCE);
	const sorted = sortAccepted(found, commentsIn(source.name, source.text), source.text, ids);
	return ok({ findings: sorted.findings.toSorted(byPlace), accepted: sorted.accepted.toSorted(byPlace) });
}

const findingsOf = ({ id, certainty, find }: LintRule, policy: LintedPolicy): readonly Finding[] =>
	find(policy).map((slip) => ({ ...slip, id, certainty }));

function byPlace({ place: a }: Finding, { place: b }: Finding): number {
	const lines = (a.line ?? 0) - (b.line ?? 0);
	return lines === 0 ? (a.column ?? 0) - (b.column ?? 0) : lines;
}
