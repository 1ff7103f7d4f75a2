/** Which policies are in force on the partitions, and whether a processor could decide with them. */
import { problem } from "../../core/base/errors.ts";
import type { Layout } from "../../core/model/layout.ts";
import { ok, warning } from "../../ports/log/findings.ts";
import type { Log, LogFinding } from "../../ports/log/log.ts";
import { type PolicyKeys, signatureFault } from "../../reading/bundle-signature.ts";
import { compileBundle, readBundles } from "../../reading/bundles.ts";
import { trustTexts } from "../trust-text.ts";
import { broken } from "./finding.ts";
import type { PartitionReport } from "./ledger-check.ts";

export async function policyFindings(
	log: Log,
	options: {
		readonly layout: Layout;
		readonly reports: readonly PartitionReport[];
		readonly starts: string;
		readonly policyKeys?: PolicyKeys;
	},
): Promise<LogFinding[]> {
	const { layout, reports, policyKeys = [] } = options;
	const folded = reports.filter(({ problem, entries }) => problem === null && entries > 0);
	const digests = new Map<string, number[]>();
	for (const { policy, partition } of folded) {
		digests.set(policy.digest, [...(digests.get(policy.digest) ?? []), partition]);
	}
	const bundles = await readBundles(log);
	const waiting = [...proposalFindings(folded), ...refusalFindings(folded)];
	const activate = "put policies into force: `assent policy activate FILE`";
	if (folded.length === 0 || (digests.size === 1 && digests.has(""))) {
		return [warning("policies", "none are in force: every call is denied as `policy.none`", activate), ...waiting];
	}
	const findings = [...digests].flatMap(([digest, partitions]): LogFinding[] => {
		const where = digests.size === 1 ? "" : ` on partitions ${partitions.join(", ")}`;
		if (digest === "") return [warning("policies", `none are in force${where}`, activate)];
		const compiled = compileBundle(bundles, digest, layout.budgetRoot);
		if (!compiled.ok) return compiled.error.slice(0, 1).map((each) => broken("policies", each));
		const why = signatureFault({ digest, signature: bundles.get(digest)?.signature ?? "" }, policyKeys);
		if (why !== null) {
			const help = "sign it and activate it again: `assent policy sign`, `assent policy activate --signature`";
			const message = `${digest.slice(0, 12)} is in force${where}, but ${why}`;
			return [broken("policies", problem("POLICY_UNSIGNED", message, help))];
		}
		return [
			ok("policies", `${digest.slice(0, 12)} is in force${where}; its bundle is on the log and compiles`),
			...trustTexts(compiled.value.trust).map((text) => ok("trust", `${text}${where}`)),
		];
	});
	if (digests.size > 1) {
		const help = `an activation has not reached every partition, or needed a second operator on some only: ${options.starts}; else activate one of these sets again, and have a second operator do so, too, where one is asked for`;
		findings.push(warning("policies", "the partitions do not have the same policies in force", help));
	}
	return [...findings, ...waiting];
}

function proposalFindings(reports: readonly PartitionReport[]): LogFinding[] {
	const texts = reports.flatMap(({ policy: { proposed } }) =>
		proposed === null
			? []
			: [`${proposed.digest.slice(0, 12)} is proposed by ${proposed.by} and waits for a second operator`],
	);
	return [...new Set(texts)].map((text) => ok("policies", text));
}

function refusalFindings(reports: readonly PartitionReport[]): LogFinding[] {
	const texts = reports.flatMap(({ refused }) =>
		refused === null ? [] : [`${refused.digest.slice(0, 12)} of ${refused.by} was refused: what was in force stays`],
	);
	const help = "`assent policy history` says why: fix that and activate the policies again, or activate those in force";
	return [...new Set(texts)].map((text) => warning("policies", text, help));
}
