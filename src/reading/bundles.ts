/** What stands on the log about policies: the bundles, and the activations that put them into force. */
import { type Problem, problem } from "../core/base/errors.ts";
import { err, type Result } from "../core/base/result.ts";
import { decodeDerived, decodeInput } from "../core/codec/decode.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import { readPolicy } from "../core/policy/parse.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import { POLICIES_AT } from "./catalogue.ts";

export type Bundles = ReadonlyMap<string, readonly PolicySourceText[]>;

/** Every bundle on the log, by digest. They are few: one for each version that was ever activated. */
export async function readBundles(log: Log): Promise<Bundles> {
	const bundles = new Map<string, readonly PolicySourceText[]>();
	const { begin } = await log.bounds(POLICIES_AT);
	for await (const records of readToEnd(log, POLICIES_AT, begin)) {
		for (const record of records) {
			const read = decodeDerived(record.value);
			if (read.ok && read.value.type === "policy.bundle") bundles.set(read.value.digest, read.value.sources);
		}
	}
	return bundles;
}

/** The compiled bundle of a digest, or why a processor could not decide with it. */
export function compileBundle(
	bundles: Bundles,
	digest: string,
	budgetRoot: BudgetRoot,
): Result<CompiledPolicySet, readonly Problem[]> {
	const sources = bundles.get(digest);
	const name = digest.slice(0, 12);
	if (sources === undefined) {
		return err([
			problem(
				"POLICY_UNAVAILABLE",
				`the bundle ${name} is not on the log`,
				"activate the policies again from their files: `assent policy activate FILE`",
			),
		]);
	}
	const compiled = compilePolicies(sources, { budgetRoot });
	if (!compiled.ok || compiled.value.digest === digest) return compiled;
	return err([
		problem(
			"POLICY_UNAVAILABLE",
			`the bundle that is filed under ${name} has the digest ${compiled.value.digest.slice(0, 12)}`,
			"activate the policies again from their files: `assent policy activate FILE`",
		),
	]);
}

/** An activation that counts: greater than all before it. */
export interface PastActivation {
	readonly id: string;
	readonly generation: number;
	readonly digest: string;
	readonly by: string;
	/** The log's time of the control record. */
	readonly at: EpochMs;
}

/** The activations of a partition in the order in which they are adopted; late repetitions are left out. */
export async function activationsOn(log: Log, partition: number): Promise<readonly PastActivation[]> {
	const from = { topic: TOPICS.control, partition };
	const { begin } = await log.bounds(from);
	const found: PastActivation[] = [];
	for await (const records of readToEnd(log, from, begin)) {
		for (const record of records) {
			const read = decodeInput(record.value, "control");
			if (!read.ok || read.value.type !== "policy.activated") continue;
			const { id, generation, digest, issuedBy } = read.value;
			const last = found.at(-1);
			const isGreater =
				last === undefined || generation > last.generation || (generation === last.generation && id > last.id);
			if (isGreater) found.push({ id, generation, digest, by: issuedBy, at: record.timestamp });
		}
	}
	return found;
}

export interface PolicyChanges {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	readonly changed: readonly string[];
}

/** Which policies differ, by name and by what they say; comments and layout are no difference. */
export function changesBetween(
	before: readonly PolicySourceText[],
	after: readonly PolicySourceText[],
	budgetRoot: BudgetRoot,
): PolicyChanges {
	const old = digestsByName(before, budgetRoot);
	const now = digestsByName(after, budgetRoot);
	return {
		added: [...now.keys()].filter((name) => !old.has(name)),
		removed: [...old.keys()].filter((name) => !now.has(name)),
		changed: [...now].filter(([name, digest]) => old.has(name) && old.get(name) !== digest).map(([name]) => name),
	};
}

export const namesOf = (sources: readonly PolicySourceText[]): string[] =>
	sources.map((source) => policyName(source)).sort();

export function policyName(source: PolicySourceText): string {
	const read = readPolicy(source);
	return read.ok ? read.value.document.metadata.name : source.name;
}

function digestsByName(sources: readonly PolicySourceText[], budgetRoot: BudgetRoot): ReadonlyMap<string, string> {
	return new Map(
		sources
			.map((source): [string, string] => {
				const compiled = compilePolicies([source], { budgetRoot });
				return [policyName(source), compiled.ok ? compiled.value.digest : source.text];
			})
			.sort(([a], [b]) => (a < b ? -1 : 1)),
	);
}
