/** Checking policy files: each for itself, so that every file's problems are told, and all together, as they would be in force. */
import type { Finding } from "../core/analysis/lint/finding.ts";
import { lintFiles } from "../core/analysis/lint/lint.ts";
import type { Problem } from "../core/base/errors.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import { type ReadFile, readFiles } from "../core/policy/policy-set.ts";
import { systemClock } from "../ports/clock.ts";
import { readPolicyFiles } from "./policy-files.ts";

export interface CheckedFile {
	readonly file: string;
	readonly ok: boolean;
	/** Name of the document; null where it cannot be read. */
	readonly name: string | null;
	/** Digest of a set of this policy alone, with the lists of the other files; null for a file that is no policy, or needs another one. */
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

/** Nothing is waited for after `onRead`. */
export async function checkFiles(
	paths: readonly string[],
	budgetRoot: BudgetRoot,
	onRead: () => void = () => {},
): Promise<CheckedPolicies> {
	const { sources, problems } = await readPolicyFiles(paths);
	onRead();
	const read = readFiles(sources);
	const lists = read.filter(({ kind }) => kind === "lists");
	const linted = new Map(lintFiles(sources, { at: systemClock.now() }).map((file) => [file.source, file.linted]));
	const together = compilePolicies(sources, { budgetRoot });
	const amongOthers = new Set(together.ok ? [] : together.error.map((problem) => JSON.stringify(problem)));
	const files = read.map((file) => {
		const found = linted.get(file.source);
		return check(file, lists, { budgetRoot, findings: found?.ok ? found.value.findings : [], amongOthers });
	});
	if (problems.length > 0 || files.some(({ ok }) => !ok)) return { files, digest: null, problems };
	return together.ok
		? { files, digest: together.value.digest, problems: [] }
		: { files, digest: null, problems: together.error };
}

function check(
	{ kind, source, read }: ReadFile,
	lists: readonly ReadFile[],
	{
		budgetRoot,
		findings,
		amongOthers,
	}: {
		readonly budgetRoot: BudgetRoot;
		readonly findings: readonly Finding[];
		/** What is wrong with all files together. */
		readonly amongOthers: ReadonlySet<string>;
	},
): CheckedFile {
	const failed = (problems: readonly Problem[]): CheckedFile => ({
		file: source.name,
		ok: false,
		name: null,
		digest: null,
		problems,
		findings: [],
	});
	if (!read.ok) return failed(read.error);
	const sound = { file: source.name, ok: true, problems: [], findings };
	if (kind === "lists") return { ...sound, name: read.value.name, digest: null };
	if (kind === "trust") return { ...sound, name: read.value.document.metadata.name, digest: null };
	// What is wrong with the lists is told of their files.
	const usable = lists.filter((file) => file.read.ok).map((file) => file.source);
	const compiled = compilePolicies([source, ...usable], { budgetRoot });
	const { name } = read.value.document.metadata;
	if (compiled.ok) return { ...sound, name, digest: compiled.value.digest };
	// A layer, or an exception for a rule of another policy, is right or wrong beside the others alone.
	const wrong = compiled.error.filter((problem) => amongOthers.has(JSON.stringify(problem)));
	return wrong.length > 0 ? failed(wrong) : { ...sound, name, digest: null };
}
