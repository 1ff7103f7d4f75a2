/** Findings as they are gathered: the first of each kind are kept, for one fault often leads to many. */
import type { Finding, FindingCode } from "../core/audit/finding.ts";

/** Of each kind, in each partition. */
const KEPT_MAX = 20;

export class FoundList {
	readonly kept: Finding[] = [];
	count = 0;
	readonly #counts = new Map<FindingCode, number>();

	readonly add = (finding: Finding): void => {
		this.count += 1;
		const before = this.#counts.get(finding.code) ?? 0;
		this.#counts.set(finding.code, before + 1);
		if (before < KEPT_MAX) this.kept.push(finding);
	};
}
