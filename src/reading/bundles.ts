/** Policy bundles on the log: where they are, which of them a record is, and what a processor makes of it. */
import { type Problem, problem } from "../core/base/errors.ts";
import { err, type Result } from "../core/base/result.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicyBundle, PolicySourceText } from "../core/model/records.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import { type Log, POLICIES_AT, readToEnd } from "../ports/log/log.ts";

/** The bundle that a record of the topic is; null for anything else. */
export function bundleOf(value: Uint8Array): PolicyBundle | null {
	const read = decodeDerived(value);
	return read.ok && read.value.type === "policy.bundle" ? read.value : null;
}

export type Bundles = ReadonlyMap<string, Pick<PolicyBundle, "sources" | "signature">>;

/** Every bundle on the log, by digest. They are few: one for each version that was ever activated. */
export async function readBundles(log: Log): Promise<Bundles> {
	const bundles = new Map<string, Pick<PolicyBundle, "sources" | "signature">>();
	const { begin } = await log.bounds(POLICIES_AT);
	for await (const records of readToEnd(log, POLICIES_AT, begin)) {
		for (const record of records) {
			const bundle = bundleOf(record.value);
			// One that is signed is not taken away by one that is not.
			if (bundle === null || (bundle.signature === "" && isSigned(bundles.get(bundle.digest)))) continue;
			bundles.set(bundle.digest, bundle);
		}
	}
	return bundles;
}

const isSigned = (bundle: Pick<PolicyBundle, "signature"> | undefined): boolean => (bundle?.signature ?? "") !== "";

const AGAIN = "activate the policies again from their files: `assent policy activate FILE`";

/** The compiled bundle of a digest, or why a processor could not decide with it. */
export function compileBundle(
	bundles: Bundles,
	digest: string,
	budgetRoot: BudgetRoot,
): Result<CompiledPolicySet, readonly Problem[]> {
	const bundle = bundles.get(digest);
	if (bundle !== undefined) return compileSources(bundle.sources, digest, budgetRoot);
	return err([problem("POLICY_UNAVAILABLE", `the bundle ${digest.slice(0, 12)} is not on the log`, AGAIN)]);
}

/** Sources compile to the policies of the digest that they claim, or to none. */
export function compileSources(
	sources: readonly PolicySourceText[],
	digest: string,
	budgetRoot: BudgetRoot,
): Result<CompiledPolicySet, readonly Problem[]> {
	return claimedBy(compilePolicies(sources, { budgetRoot }), digest);
}

/** What was compiled, if it has the digest under which it is filed. */
export function claimedBy(
	compiled: Result<CompiledPolicySet, readonly Problem[]>,
	digest: string,
): Result<CompiledPolicySet, readonly Problem[]> {
	if (!compiled.ok || compiled.value.digest === digest) return compiled;
	const message = `the bundle that is filed under ${digest.slice(0, 12)} has the digest ${compiled.value.digest.slice(0, 12)}`;
	return err([problem("POLICY_UNAVAILABLE", message, AGAIN)]);
}
