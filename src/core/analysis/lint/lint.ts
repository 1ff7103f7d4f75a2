/** `policy lint`: what loads and may not mean what it says, in the order of the file. Also what `policy check` warns of. */
import type { Problem } from "../../base/errors.ts";
import { ok, type Result } from "../../base/result.ts";
import type { PolicySourceText } from "../../model/records.ts";
import type { EpochMs } from "../../model/units.ts";
import { type ReadFile, readFiles } from "../../policy/policy-set.ts";
import { compileRules } from "../../policy/rule-compiler.ts";
import { commentsIn } from "../../policy/yaml-comments.ts";
import { ACCEPTANCE, type Sorted, sortAccepted } from "./acceptances.ts";
import type { Finding, LintRule, Slip } from "./finding.ts";
import { LintedPolicy, type LintedSet } from "./linted-policy.ts";
import { LINT_RULES } from "./rules/all.ts";
import { unusedDefinition } from "./rules/unused-definition.ts";

export type Linted = Sorted;

/** A file of a set, and what is found in it. One that does not load has problems and no findings. */
export interface LintedFile {
	readonly source: PolicySourceText;
	readonly linted: Result<Linted, Problem[]>;
}

/**
 * Each for itself, and with what the others define and lift. `at` is now: exceptions may have expired. Of lists and macros that
 * files share, those that no policy uses.
 */
export function lintFiles(
	sources: readonly PolicySourceText[],
	{ at }: { readonly at: EpochMs },
): readonly LintedFile[] {
	const files = readFiles(sources);
	const set = setOf(files);
	return files.map(({ kind, source, read }) => {
		if (!read.ok) return { source, linted: read };
		if (kind === "trust") return { source, linted: ok(sorted([], source)) };
		const found =
			kind === "policy"
				? findingsIn(LINT_RULES, new LintedPolicy(read.value, { at, set }))
				: findingsIn([unusedDefinition], read.value);
		return { source, linted: ok(sorted(found, source)) };
	});
}

function setOf(files: readonly ReadFile[]): LintedSet {
	return {
		exceptions: files.flatMap(({ kind, read }) =>
			kind === "policy" && read.ok ? compileRules(read.value).exceptions : [],
		),
		unread: files.flatMap(({ source, read }) => (read.ok ? [] : [source.text])),
	};
}

const findingsIn = <Looked>(
	rules: readonly (Pick<LintRule, "id" | "certainty"> & { readonly find: (looked: Looked) => readonly Slip[] })[],
	looked: Looked,
): readonly Finding[] => {
	const found = rules.flatMap(({ id, certainty, find }) => find(looked).map((slip) => ({ ...slip, id, certainty })));
	// What is found of a list is found wherever it is used.
	return [...new Map(found.map((finding) => [JSON.stringify(finding), finding])).values()];
};

/** A comment is about its own file: what is found at the places of a shared list is not accepted here. */
function sorted(found: readonly Finding[], source: PolicySourceText): Linted {
	const ids = LINT_RULES.map(({ id }) => id).filter((id) => id !== ACCEPTANCE);
	const here = found.filter(({ place }) => place.file === source.name);
	const elsewhere = found.filter(({ place }) => place.file !== source.name);
	const { findings, accepted } = sortAccepted(here, commentsIn(source.name, source.text), source.text, ids);
	return { findings: [...findings.toSorted(byPlace), ...elsewhere], accepted: accepted.toSorted(byPlace) };
}

function byPlace({ place: a }: Finding, { place: b }: Finding): number {
	const lines = (a.line ?? 0) - (b.line ?? 0);
	return lines === 0 ? (a.column ?? 0) - (b.column ?? 0) : lines;
}
