/** What a receipt proves, and what not, in words. */
import { visible } from "../../core/base/safe-text.ts";
import { explain } from "../../core/engine/explain.ts";
import { callSteps } from "../../core/ledger/call-steps.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import { callIdOf } from "../../core/model/ids.ts";
import { instantText } from "../../core/model/instant.ts";
import { decisionReading, entryReading } from "../../core/model/readings.ts";
import type { CheckedAnchor } from "../../verify/check-anchored.ts";
import type { CheckedReceipt } from "../../verify/check-receipt.ts";

/** What the entry says: each call that it decides, and why. */
function entryLines({ partition, seq, entry }: Pick<CheckedReceipt, "partition" | "seq" | "entry">): readonly string[] {
	const place = `entry ${seq} of partition ${partition} (decision ${partition}-${seq})`;
	if (entry === null) return [`${place}: of a newer version, which this one cannot read`];
	const steps = callSteps(entry).map(({ call, what }) => `${call.id}  ${call.tenant}/${call.agent}  ${what}`);
	return [`${place}: ${entry.kind} at ${instantText(entry.at)}`, ...steps.map(visible), ...reasonLines(entry)];
}

function reasonLines(entry: LedgerEntry): readonly string[] {
	if (!("decision" in entry) || entry.decision === null) return [];
	const verdict =
		entry.kind === "decision.held" ? "hold" : entry.kind === "decision.made" ? entry.verdict : entry.result;
	if (verdict === "pending") return [];
	const { tool, session } = entry.call;
	const told = explain({ verdict, ...decisionReading(entry.decision, entry.call) });
	return [`tool ${tool}, session ${session}`, ...told].map(visible);
}

/** The second step, and the file that has it. */
export interface SecondStep extends CheckedAnchor {
	readonly file: string;
}

export function receiptLines(
	checked: CheckedReceipt,
	signer: string | null,
	second: SecondStep | null,
): readonly string[] {
	const { origin, size, root } = checked.checkpoint;
	const signed =
		signer === null
			? [`whose signature was not checked (name the key: \`--key\`): until it is, it proves nothing.`]
			: [`and \`${signer}\` has signed that tree.`];
	return [
		...entryLines(checked),
		"",
		"What the receipt proves:",
		`  this entry, byte for byte, is leaf ${checked.seq} of the first ${size} of \`${origin}\`, whose root is`,
		`  ${root}, ${signed[0]}`,
		"  It was there when that was signed, and cannot be changed or left out without contradicting the signature.",
		...(second === null ? [] : secondLines(second)),
		"What it does not prove:",
		...notProven(second).map((line) => `  - ${line}`),
	];
}

function secondLines({ file, index, checkpoint, cosigned }: SecondStep): readonly string[] {
	const witnesses = cosigned.map((name) => `\`${visible(name)}\``).join(", ");
	return [
		`  The checkpoint of that tree is leaf ${index} of the first ${checkpoint.size} of \`${checkpoint.origin}\` (${visible(file)}).`,
		...(witnesses === "" ? [] : [`  ${witnesses} cosigned that: no history but one with this entry leads there.`]),
	];
}

const notProven = (second: SecondStep | null): readonly string[] => [
	"what the arguments were: the entry has a salted digest of tool and arguments, which whoever has the intent can compare",
	"that the policies demand this verdict: for that the decision is recomputed, from the log or an export",
	...((second?.cosigned.length ?? 0) > 0 ? [] : [sameTreeText(second)]),
	"the time: it is the log's own word",
];

function sameTreeText(second: SecondStep | null): string {
	const said = "that everybody was shown the same tree: a witness, or a checkpoint that was kept elsewhere, shows that";
	const names = (second?.unchecked ?? []).map((name) => `\`${visible(name)}\``).join(", ");
	return names === "" ? said : `${said} (signed by ${names}, too, which is not checked: \`--witness-key\`)`;
}

/** The same for programs. */
export function receiptJson({ checkpoint, partition, seq, entry }: CheckedReceipt, second: SecondStep | null): object {
	const steps = entry === null ? [] : callSteps(entry);
	return {
		decision: `${partition}-${seq}`,
		...{ partition, seq, at: entry?.at ?? null, kind: entry?.kind ?? null },
		calls: steps.map(({ call, verdict, what }) => ({ ...callIdOf(call), verdict, what })),
		...{ origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root },
		anchor: second === null ? null : anchorJson(second),
		entry: entry === null ? null : entryReading(entry),
	};
}

const anchorJson = ({ file, index, checkpoint, cosigned, unchecked }: SecondStep): object => ({
	...{ file, index, origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root, cosigned, unchecked },
});
