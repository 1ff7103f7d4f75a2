/** Checking policy files: each for itself, so that every file's problems are told, and all together, as they would be in force. */
import type { Finding } from "../core/analysis/lint/finding.ts";
import { lintPolicy } from "../core/analysis/lint/lint.ts";
import type { Problem } from "../core/base/errors.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import { policyName } from "../reading/bundle-changes.ts";
import { readPolicyFiles } from "./policy-files.ts";

export interface CheckedFile {
	readonly file: string;
	readonly ok: boolean;
	/** Name of the policy; null where it cannot be read. */
	readonly name: string | null;
	/** Digest of a set of this policy alone. */
	readonly digest: string | null;
	readonly problems: readonly Problem[];
	/** What `policy lint` finds in it, without what its author accepts. */
	readonly findings: readonly Finding[];
}

export interface CheckedPolicies {
	readonly files: readonly CheckedFile[];
	/** Of all of them together: what `policy activate` would put into force. Null when something is wrong. */
	readonly digest: string | null;
	/** What is wrong with them together, such as two policies of one name, and paths that lead nowhere. */
	readonly problems: readonly Problem[];
}

export async function checkFiles(paths: readonly string[], budgetRoot: BudgetRoot): Promise<CheckedPolicies> {
	const { sources, problems } = await readPolicyFiles(paths);
	const files = sources.map((source) => check(source, budgetRoot));
	if (problems.length > 0 || files.some(({ ok }) => !ok)) return { files, digest: null, problems };
	const together = compilePolicies(sources, { budgetRoot });
	return together.ok
		? { files, digest: together.value.digest, problems: [] }
		: { files, digest: null, problems: together.error };
}

function check(source: PolicySourceText, budgetRoot: BudgetRoot): CheckedFile {
	const compiled = compilePolicies([source], { budgetRoot });
	if (!compiled.ok) {
		return { file: source.name, ok: false, name: null, digest: null, problems: compiled.error, findings: [] };
	}
	const linted = lintPolicy(source);
	const findings = linted.ok ? linted.value.findings : [];
	const { digest } = compiled.value;
	return { file: source.name, ok: true, name: policyName(source), digest, problems: [], findings };
}
