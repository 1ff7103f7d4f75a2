/** What came of all partitions together: what is wrong, what was shown, and what was not. */
import type { Finding } from "../core/audit/finding.ts";
import { counted, grouped } from "../core/base/count-text.ts";
import { type VerifiedAnchor, verifyAnchor } from "./anchor.ts";
import { FoundList } from "./found-list.ts";
import type { NoteKeys } from "./notes.ts";
import type { VerifiedPartition, WhyUnverifiable } from "./partition.ts";
import type { FoundNote } from "./signed-on-log.ts";

export interface ConclusionParts {
	readonly partitions: readonly VerifiedPartition[];
	readonly keys: NoteKeys;
	/** Checkpoints of the anchor that are not on the log. */
	readonly anchors: readonly FoundNote[];
	/** Checkpoints that the auditor has kept. */
	readonly kept: readonly FoundNote[];
	/** By partition, the end of `checkpoints` before anything was read: what came later may be of what was not read. */
	readonly ends: readonly number[];
	/** Of what is looked at for the log as a whole. */
	readonly findings: readonly Finding[];
}

export interface Conclusion {
	readonly findings: readonly Finding[];
	/** With those that are not told one by one. */
	readonly findingCount: number;
	readonly unverifiable: number;
	readonly anchor: VerifiedAnchor | null;
	/** The largest anchor that each witness has cosigned; null: none. */
	readonly witnessed: readonly { readonly name: string; readonly size: number | null }[];
	readonly shown: readonly string[];
	readonly notShown: readonly string[];
}

export function conclude(parts: ConclusionParts): Conclusion {
	const { partitions, keys, anchors, ends } = parts;
	const found = new FoundList();
	for (const finding of parts.findings) found.add(finding);
	const isRead = ({ of, place }: FoundNote): boolean =>
		of !== null || place === null || place.offset < (ends[place.partition] ?? 0);
	const notes = partitions.map((each) => each.notes.filter(isRead));
	const isSigned = notes.some((each) => each.length > 0) || anchors.length > 0;
	if (keys.log !== null && !isSigned)
		found.add(general("checkpoint.none", `no checkpoint that \`${keys.log.name}\` has signed is on the log`));
	const anchor = verifyAnchor({ notes, others: anchors, found: found.add });
	const witnessed = keys.witnesses.map(({ name }) => {
		const sizes = [...notes.flat(), ...anchors].flatMap(({ cosigned, size }) =>
			cosigned.includes(name) ? [size] : [],
		);
		if (sizes.length === 0)
			found.add(general("witness.none", `no checkpoint on the log is cosigned by the witness \`${name}\``));
		return { name, size: sizes.length === 0 ? null : Math.max(...sizes) };
	});
	const of = partitions.reduce((sum, each) => sum + each.findingCount, 0);
	const findings = unique([...found.kept, ...partitions.flatMap((each) => each.findings)]);
	const findingCount = Math.max(findings.length, of + found.count);
	const unverifiable = totalOf(partitions, ({ unverifiable: of }) =>
		Object.values(of).reduce((sum, one) => sum + one, 0),
	);
	const facts = { ...parts, anchor, witnessed, findingCount };
	return { findings, findingCount, unverifiable, anchor, witnessed, shown: shown(facts), notShown: notShown(facts) };
}

/** What several partitions have met is one finding. */
function unique(findings: readonly Finding[]): readonly Finding[] {
	return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

const general = (code: Finding["code"], message: string): Finding => ({
	code,
	partition: null,
	topic: null,
	offset: null,
	seq: null,
	message,
});

const totalOf = (partitions: readonly VerifiedPartition[], of: (one: VerifiedPartition) => number): number =>
	partitions.reduce((sum, one) => sum + of(one), 0);

type Facts = ConclusionParts & Pick<Conclusion, "anchor" | "witnessed" | "findingCount">;

function shown({ partitions, keys, anchor, witnessed, kept, findingCount }: Facts): readonly string[] {
	if (findingCount > 0) return [];
	const entries = totalOf(partitions, (one) => one.entries);
	const recomputed = totalOf(partitions, (one) => one.recomputed);
	const signed = totalOf(partitions, (one) => one.signed ?? 0);
	const checkpoints = totalOf(partitions, (one) => one.checkpoints);
	return [
		`${grouped(recomputed)} of ${counted(entries, "entry", "entries")} come out again, byte for byte, from their input, the policies in force and the entries before them`,
		"every input up to the last one decided has one entry, in its order; no budget was overspent; what follows from the entries was published as it does",
		...(keys.log === null || checkpoints === 0
			? []
			: [
					`the first ${grouped(signed)} entries are those of ${counted(checkpoints, "checkpoint")} that \`${keys.log.name}\` has signed, each of which continues the one before`,
				]),
		...(anchor === null || keys.log === null
			? []
			: [`the anchor holds these checkpoints, ${grouped(anchor.size)} of them`]),
		...witnessed.flatMap(({ name, size }) =>
			size === null
				? []
				: [
						`the witness \`${name}\` has seen the anchor with ${counted(size, "checkpoint")}: no history but this leads there`,
					],
		),
		...kept.map(({ where, size }) => `the log begins with the ${counted(size, "leaf", "leaves")} of ${where}`),
	];
}

function notShown({ partitions, keys, witnessed, kept }: Facts): readonly string[] {
	const entries = totalOf(partitions, (one) => one.entries);
	const signed = totalOf(partitions, (one) => one.signed ?? 0);
	const inputs = totalOf(partitions, (one) => one.pending.inputs);
	const derived = totalOf(partitions, (one) => one.pending.derived);
	const gone = (why: WhyUnverifiable): number => totalOf(partitions, (one) => one.unverifiable[why]);
	const unverifiable = [
		[gone("input"), "the input is no longer on the log"],
		[gone("erased"), "what the input says was erased"],
		[gone("sealed"), "what the input says is sealed, and its key is not at hand"],
		[gone("semantics"), "other code decided it, which this version does not have"],
		[gone("policy"), "the text of the policies is no longer on the log"],
	] as const;
	const isWitnessed = witnessed.some(({ size }) => size !== null) || kept.length > 0;
	return [
		...unverifiable.flatMap(([count, why]) =>
			count === 0 ? [] : [`whether ${counted(count, "entry", "entries")} would come out again: ${why}`],
		),
		...(keys.log === null
			? ["whether anything was signed: `--unsigned` leaves signatures out"]
			: entries > signed
				? [
						`whether the last ${counted(entries - signed, "entry", "entries")} stay as they are: no signed checkpoint covers them yet`,
					]
				: []),
		...(inputs > 0 ? [`what becomes of ${counted(inputs, "input")} behind the last one that has an entry`] : []),
		...(derived > 0
			? [
					`whether ${counted(derived, "record")} that follow from the last entries will be published: they are not there yet`,
				]
			: []),
		...(isWitnessed
			? []
			: [
					"whether the whole history was written again by whoever holds the log's key: that takes a witness (`--witness-key`) or a checkpoint from another day (`--checkpoint`)",
				]),
		"that the agents asked for everything that they did: what was never submitted is on no log",
	];
}
