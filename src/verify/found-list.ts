/** Findings as they are gathered: the first of them are kept, for one fault often leads to many. */
import type { Finding } from "../core/audit/finding.ts";

/** Of each partition. */
const KEPT_MAX = 100;

export class FoundList {
	readonly kept: Finding[] = [];
	count = 0;

	readonly add = (finding: Finding): void => {
		this.count += 1;
		if (this.kept.length < KEPT_MAX) this.kept.push(finding);
	};
}
