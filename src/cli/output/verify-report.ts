/** The report of a verification: for a person, and as data. */
import type { Verified } from "../../app/verify.ts";
import { FINDING_MEANINGS, type Finding } from "../../core/audit/finding.ts";
import { counted, grouped } from "../../core/base/count-text.ts";
import { type PublicKey, publicKeyText } from "../../core/model/signing-keys.ts";

export interface VerifyReport {
	readonly log: string;
	/** Null: signatures were left out. */
	readonly key: PublicKey | null;
	readonly verified: Verified;
}

export function verifyJson({ log, key, verified }: VerifyReport): unknown {
	const { result, findings, findingCount, unverifiable, anchor, unanchored } = verified;
	const { witnessed, kept, shown, notShown, partitions } = verified;
	return {
		log,
		key: key === null ? null : publicKeyText(key),
		result,
		findingCount,
		findings: findings.map((finding) => ({ ...finding, meaning: FINDING_MEANINGS[finding.code] })),
		unverifiable,
		shown,
		notShown,
		anchor: anchor === null ? null : { size: anchor.size, root: anchor.root, checkpoints: anchor.checkpoints },
		unanchored,
		witnesses: witnessed,
		kept: kept.map(({ where, origin, size, root }) => ({ where, origin, size, root })),
		partitions: partitions.map(({ findings: _, notes: __, ...partition }) => partition),
	};
}

export function verifyLines({ log, verified }: VerifyReport): readonly string[] {
	const { result, findings, findingCount, shown, notShown, partitions } = verified;
	const entries = partitions.reduce((sum, one) => sum + one.entries, 0);
	const more = findingCount - findings.length;
	const said = {
		findings: `${counted(findingCount, "finding")} in`,
		unverifiable: "nothing wrong was found in",
		sound: "all is as it was recorded in",
	}[result];
	return [
		...findings.flatMap(findingLines),
		...(more > 0 ? [`${grouped(more)} more are not told one by one`, ""] : []),
		`${said} ${counted(entries, "entry", "entries")} of ${counted(partitions.length, "partition")} of ${log}`,
		...part("shown", shown),
		...part("not shown", notShown),
	];
}

const part = (title: string, lines: readonly string[]): readonly string[] =>
	lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  - ${line}`)];

function findingLines(finding: Finding): readonly string[] {
	return [`${finding.code}  ${placeText(finding)}`, `  ${finding.message}`, `  ${FINDING_MEANINGS[finding.code]}`, ""];
}

function placeText({ partition, topic, offset, seq }: Finding): string {
	const parts = [
		topic === null ? (partition === null ? "the log" : `partition ${partition}`) : `${topic}/${partition}`,
		...(offset === null ? [] : [`offset ${offset}`]),
		...(seq === null ? [] : [`seq ${seq}`]),
	];
	return parts.join(", ");
}
