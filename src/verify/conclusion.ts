/** What came of all partitions together: what is wrong, what was shown, and what was not. */
import type { Finding } from "../core/audit/finding.ts";
import { counted, grouped } from "../core/base/count-text.ts";
import { durationText } from "../core/model/duration.ts";
import { type DurationMs, MINUTE } from "../core/model/units.ts";
import { type VerifiedAnchor, verifyAnchor } from "./anchor.ts";
import { FoundList } from "./found-list.ts";
import type { NoteKeys } from "./notes.ts";
import type { VerifiedPartition, WhyUnverifiable } from "./partition.ts";
import { seenElsewhere } from "./seen-elsewhere.ts";
import type { FoundNote } from "./signed-on-log.ts";
import { type Unanchored, verifyUnanchored } from "./unanchored.ts";

export interface ConclusionParts {
	readonly partitions: readonly VerifiedPartition[];
	readonly keys: NoteKeys;
	/** Checkpoints of the anchor that are not on the log. */
	readonly anchors: readonly FoundNote[];
	/** Checkpoints that the auditor has kept. */
	readonly kept: readonly FoundNote[];
	/** By partition, the end of `checkpoints` at one moment before anything was read: what came later may be of what was not read. */
	readonly ends: readonly number[];
	/** How far the clocks may be apart that partitions have their times from. */
	readonly clocksApartMs: DurationMs;
	/** Of static tiles, and how many trees with a signed checkpoint it has; null: none was looked at. */
	readonly folder: { readonly name: string; readonly trees: number } | null;
	readonly kind: "file" | "export" | "other";
	/** Of what is looked at for the log as a whole. */
	readonly findings: readonly Finding[];
}

export interface Conclusion {
	readonly result: "sound" | "findings" | "unverifiable";
	readonly findings: readonly Finding[];
	/** With those that are not told one by one. */
	readonly findingCount: number;
	readonly unverifiable: number;
	readonly anchor: VerifiedAnchor | null;
	/** Signed checkpoints that may wait for the anchor; null: none does. */
	readonly unanchored: Unanchored | null;
	/** The largest anchor that each witness has cosigned; null: none. */
	readonly witnessed: readonly { readonly name: string; readonly size: number | null }[];
	readonly shown: readonly string[];
	readonly notShown: readonly string[];
}

export function conclude(parts: ConclusionParts): Conclusion {
	const { partitions, keys, anchors, ends } = parts;
	const found = new FoundList();
	for (const finding of parts.findings) found.add(finding);
	const isRead = ({ place }: FoundNote): boolean => place === null || place.offset < (ends[place.partition] ?? 0);
	const notes = partitions.map((each) => each.notes.filter(isRead));
	const isSigned = notes.some((each) => each.length > 0) || anchors.length > 0;
	if (keys.log !== null && !isSigned)
		found.add(general("checkpoint.none", `no checkpoint that \`${keys.log.name}\` has signed is on the log`));
	const { anchor, rest } = verifyAnchor({ notes, others: anchors, found: found.add });
	const unanchored = verifyUnanchored({
		notes: rest ?? [],
		signedAt: partitions.map((each) => each.signedAt),
		until: partitions.reduce((latest, each) => Math.max(latest, each.until), 0),
		clocksApartMs: parts.clocksApartMs,
		found: found.add,
	});
	const witnessed = keys.witnesses.map(({ name, id }) => {
		const sizes = [...notes.flat(), ...anchors].flatMap(({ cosigned, size }) =>
			cosigned.includes(name) ? [size] : [],
		);
		if (sizes.length === 0)
			found.add(
				general("witness.none", `no checkpoint on the log is cosigned with the witness's key \`${name}+${id}\``),
			);
		return { name, size: sizes.length === 0 ? null : sizes.reduce((most, size) => Math.max(most, size)) };
	});
	const of = partitions.reduce((sum, each) => sum + each.findingCount, 0);
	const findings = unique([...found.kept, ...partitions.flatMap((each) => each.findings)]);
	const findingCount = Math.max(findings.length, of + found.count);
	const unverifiable = totalOf(partitions, ({ unverifiable: of }) =>
		Object.values(of).reduce((sum, one) => sum + one, 0),
	);
	const facts = { ...parts, anchor, unanchored, witnessed, findingCount };
	const isOpen = unverifiable > 0 || unanchored?.isOverdue === true;
	const result = findingCount > 0 ? "findings" : isOpen ? "unverifiable" : "sound";
	const said = { shown: shown(facts), notShown: notShown(facts) };
	return { result, findings, findingCount, unverifiable, anchor, unanchored, witnessed, ...said };
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

type Facts = ConclusionParts & Pick<Conclusion, "anchor" | "unanchored" | "witnessed" | "findingCount">;

function shown({ partitions, keys, anchor, witnessed, kept, folder, kind, findingCount }: Facts): readonly string[] {
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
		...(folder === null || folder.trees === 0
			? []
			: [
					`the static tiles in \`${folder.name}\` are those of the log, up to ${counted(folder.trees, "checkpoint")} there`,
				]),
		...(kind === "export" ? ["the manifest says of ledgers, topics and checkpoints what is in the export"] : []),
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

function notShown(facts: Facts): readonly string[] {
	const { partitions, keys, unanchored } = facts;
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
		[gone("classifier"), "another version of the classifier read the call, and read something else in it"],
		[gone("policy"), "the text of the policies is no longer on the log"],
	] as const;
	return [
		...unverifiable.flatMap(([count, why]) =>
			count === 0 ? [] : [`whether ${counted(count, "entry", "entries")} would come out again: ${why}`],
		),
		...partitions.flatMap(({ partition, newer }) =>
			newer === null ? [] : [`what partition ${partition} goes on with: ${newer}`],
		),
		...(keys.log !== null && entries > signed
			? [
					`whether the last ${counted(entries - signed, "entry", "entries")} stay as they are: no signed checkpoint covers them yet`,
				]
			: []),
		...(unanchored === null ? [] : [unanchoredText(unanchored)]),
		...(inputs > 0 ? [`what becomes of ${counted(inputs, "input")} behind the last one that has an entry`] : []),
		...(derived > 0
			? [
					`whether ${counted(derived, "record")} that follow from the last entries will be published: they are not there yet`,
				]
			: []),
		...rewrittenTexts(facts, entries),
		...besideTexts(facts),
		"that the agents asked for everything that they did: what was never submitted is on no log",
	];
}

function unanchoredText({ count, waitingMs, isOverdue }: Unanchored): string {
	const what = `whether anything is missing behind ${counted(count, "signed checkpoint")} that no checkpoint of the anchor holds`;
	return isOverdue
		? `${what}, though the log goes on for ${durationText(waitingMs - (waitingMs % MINUTE))}: the notary ended in between and was not begun again, or its later checkpoints were taken out`
		: `${what}: a notary signs it within a second, and may have been at work`;
}

/** What lies beside the ledger, and was not held against it. */
function besideTexts({ folder, kind }: Facts): readonly string[] {
	const tiles = "whether the static tiles that others read are those of the log";
	const noTiles =
		kind === "export" ? `${tiles}: the export has none` : `${tiles}: no folder of them was named (\`--folder\`)`;
	return [
		...(folder === null || folder.trees === 0 ? [noTiles] : []),
		...(kind === "other"
			? []
			: [
					"whether the table `decisions_index` of the log file, which is for SQL tools, says what the entries say: nothing is read from it here",
				]),
		...(kind === "export"
			? ["when the export was made, and by which version: the manifest says that, which nobody has signed"]
			: []),
	];
}

/** What no signature of the log's own key says. */
function rewrittenTexts({ keys, anchor, kept, witnessed }: Facts, entries: number): readonly string[] {
	if (keys.log === null)
		return [
			"whether anything was signed: `--unsigned` leaves signatures out, and whoever can write the log may have written it again, or have cut off its end",
		];
	const seen = seenElsewhere({ anchor, kept, witnessed: witnessed.flatMap(({ size }) => size ?? []) });
	const cut =
		"whether the end of the log is missing: whoever can write it can cut it back to what was signed earlier, and needs no key for that";
	const later =
		"a later checkpoint that was kept elsewhere (`--checkpoint`), the notary's own folder (`--folder`) or what a witness has seen last shows it";
	if (seen === 0)
		return [
			"whether the whole history was written again by whoever holds the log's key: that takes a witness (`--witness-key`) or a checkpoint from another day (`--checkpoint`)",
			`${cut}; ${later}`,
		];
	const rest =
		seen < entries
			? [
					`whether ${counted(entries - seen, "entry was", "entries were")} written again by whoever holds the log's key: kept checkpoints and witnesses have seen the other ${grouped(seen)}`,
				]
			: [];
	return [...rest, `${cut}, as far as nobody else has seen it; ${later}`];
}
