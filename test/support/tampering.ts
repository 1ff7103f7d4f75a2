/** What is done to a recorded log, its folder and its export, and what an auditor who looks at it is told: the rows of docs/audit.md. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyFrom, signerOf } from "../../src/adapters/keys/ed25519.ts";
import { anchorOrigin } from "../../src/core/audit/checkpoint.ts";
import { bundleOf, readBundle } from "../../src/core/audit/tiles.ts";
import { type LedgerEntry, SEMANTICS } from "../../src/core/model/entries.ts";
import { publicKeyText } from "../../src/core/model/signing-keys.ts";
import type { Manifest } from "../../src/export/manifest.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { flipped, headOf, isOfLedger, LogEditor, type Place, type StoredRecord, signedNote } from "./log-editor.ts";

/** A copy that is a row's own. */
export interface Tampered {
	readonly editor: LogEditor;
	/** The log's key, for those who have it. */
	readonly signer: Signer;
	/** The folder that the notary publishes. */
	readonly published: string;
	readonly exported: string;
	/** A log that the same notary's key has signed, of another history. */
	readonly rewritten: string;
}

export type Who = "nobody has the log's key" | "with the log's key";

/** What is looked at. */
export type Looked = "log" | "folder" | "export" | "rewritten";

export interface Tampering {
	readonly title: string;
	/** What is found: a finding, or the code of an error where the export is refused. Null: nothing, without `needs`. */
	readonly code: string | null;
	readonly at?: Looked;
	/** Where nothing is found: what the report says that it has not shown. */
	readonly notShown?: string;
	/** What shows it beside the key, and what is found then. */
	readonly needs?: { readonly option: "--witness-key" | "--checkpoint"; readonly code: string };
	/** Where it has to be found. */
	readonly change: (of: Tampered) => Partial<Place> | undefined;
}

const isDenied = (entry: LedgerEntry): boolean => entry.kind === "decision.made" && entry.verdict === "deny";

/** In the middle of a ledger, and signed. */
const isAllowed = (entry: LedgerEntry): boolean =>
	entry.seq > 40 && entry.kind === "decision.made" && entry.verdict === "allow";

/** Without one of them. */
const without = <One extends { readonly offset: number }>(all: readonly One[], { offset }: One): readonly One[] =>
	all.filter((each) => each.offset !== offset);

const allowed = (entry: LedgerEntry): LedgerEntry => ({ ...entry, verdict: "allow" }) as LedgerEntry;

function claimPartitions(editor: LogEditor, partitions: number): void {
	for (let partition = 0; partition < editor.partitions; partition++)
		for (const { record, of } of editor.derived("decisions", partition, "claim"))
			editor.putDerived(record, { ...of, layout: { ...of.layout, partitions } });
}

/** Without the log's key. */
const FILE_ROWS: readonly Tampering[] = [
	{
		title: "a bit of an entry flips on the disk",
		code: "record.lost",
		change: ({ editor }) => {
			const { record } = editor.entry(isAllowed);
			editor.rot(record, 60);
			return { topic: "decisions", partition: record.partition, offset: record.offset };
		},
	},
	{
		title: "a verdict is changed from deny to allow",
		code: "decision.differs",
		change: ({ editor }) => {
			const { record, entry, place } = editor.entry(isDenied);
			editor.putEntry(record, allowed(entry));
			return place;
		},
	},
	{
		title: "a verdict is changed after it was signed",
		code: "checkpoint.root",
		change: ({ editor }) => {
			const { record, entry } = editor.entry(isDenied);
			editor.putEntry(record, allowed(entry));
			return { topic: "checkpoints", partition: record.partition };
		},
	},
	{
		title: "the reason of a denial is changed",
		code: "decision.differs",
		change: ({ editor }) => {
			const { record, entry, place } = editor.entry(isDenied);
			if (entry.kind !== "decision.made") throw new Error(entry.kind);
			const reasons = entry.decision.reasons.map((reason) => ({
				...reason,
				rule: { ...reason.rule, name: "somebody-else" },
			}));
			editor.putEntry(record, { ...entry, decision: { ...entry.decision, reasons } });
			return place;
		},
	},
	{
		title: "an entry is made one of another version",
		code: "ledger.invalid",
		change: ({ editor }) => {
			const { record } = editor.entry(isAllowed);
			editor.put({ ...record, value: flipped(record.value, 7) });
			return { topic: "decisions", partition: record.partition, offset: record.offset };
		},
	},
	{
		title: "what a call has reserved is changed to nothing",
		code: "decision.differs",
		change: ({ editor }) => {
			const { record, entry, place } = editor.entry(({ kind, seq }) => seq > 40 && kind === "decision.made");
			if (entry.kind !== "decision.made") throw new Error(entry.kind);
			const uses = entry.decision.uses.map((use) => (use.kind === "none" ? use : { ...use, amount: 0 }));
			editor.putEntry(record, { ...entry, decision: { ...entry.decision, uses } });
			return place;
		},
	},
	{
		title: "an entry is taken out",
		code: "record.lost",
		change: ({ editor }) => {
			const { record } = editor.entry(isAllowed);
			editor.remove(record);
			return { topic: "decisions", partition: record.partition, offset: record.offset };
		},
	},
	{
		title: "an entry is taken out, and those behind it move up",
		code: "ledger.cut",
		change: ({ editor }) => {
			const { record } = editor.entry(isAllowed);
			const { partition } = record;
			editor.replace("decisions", partition, without(editor.records("decisions", partition), record));
			return { topic: "decisions", partition, offset: record.offset };
		},
	},
	{
		title: "an entry is taken out, and those behind it take its number, too",
		code: "input.unanswered",
		change: ({ editor }) => {
			const found = editor.entry(isAllowed);
			const { record, entry } = found;
			const { partition } = record;
			const moved = editor.ledger(partition).filter(({ entry: { seq } }) => seq > entry.seq);
			for (const each of moved) {
				const seq = each.entry.seq - 1;
				const first = Math.min(Number(each.record.headers["assent-first"]), seq);
				const headers = { ...each.record.headers, "assent-seq": String(seq), "assent-first": String(first) };
				editor.putEntry({ ...each.record, headers }, { ...each.entry, seq });
			}
			editor.replace("decisions", partition, without(editor.records("decisions", partition), record));
			return { topic: "decisions", partition, offset: record.offset, seq: entry.seq };
		},
	},
	{
		title: "an entry is there twice",
		code: "ledger.cut",
		change: ({ editor }) => {
			const { record } = editor.entry(isAllowed);
			const { partition, offset } = record;
			const records = editor.records("decisions", partition);
			editor.replace("decisions", partition, [...records.slice(0, offset + 1), ...records.slice(offset)]);
			return { topic: "decisions", partition, offset: offset + 1 };
		},
	},
	{
		title: "two entries change places",
		code: "ledger.cut",
		change: ({ editor }) => {
			const { record } = editor.entry(isAllowed);
			const { partition, offset } = record;
			const records = [...editor.records("decisions", partition)];
			records.splice(offset, 2, records[offset + 1] as (typeof records)[0], records[offset] as (typeof records)[0]);
			editor.replace("decisions", partition, records);
			return { topic: "decisions", partition, offset };
		},
	},
	{
		title: "two entries change places, with their numbers",
		code: "input.order",
		change: ({ editor }) => {
			const { record, entry, place } = editor.entry(isAllowed);
			const next = editor.ledger(record.partition)[entry.seq + 1];
			if (next === undefined) throw new Error("the entry is the last one");
			const seq = entry.seq + 1;
			editor.putEntry(record, { ...next.entry, seq: entry.seq, stateDigest: entry.stateDigest });
			editor.putEntry(next.record, { ...entry, seq, stateDigest: next.entry.stateDigest });
			return { ...place, seq: entry.seq + 1, offset: next.record.offset };
		},
	},
	{
		title: "a ledger loses its end",
		code: "checkpoint.beyond",
		change: ({ editor }) => {
			const { record, place } = editor.entry(isAllowed);
			for (const each of editor.records("decisions", record.partition))
				if (each.offset >= record.offset) editor.remove(each);
			return { topic: "checkpoints", partition: place.partition };
		},
	},
	{
		title: "a claim is exchanged for another",
		code: "ledger.claim",
		change: ({ editor }) => {
			const [claim] = editor.records("decisions", 0);
			if (claim === undefined) throw new Error("no claim");
			editor.put({ ...claim, headers: { ...claim.headers, "assent-claim": "0".repeat(32) } });
			return { topic: "decisions", partition: 0, offset: 1 };
		},
	},
	{
		title: "the layout in a claim is changed",
		code: "ledger.layout",
		change: ({ editor }) => {
			const [claim] = editor.derived("decisions", 1, "claim");
			if (claim === undefined) throw new Error("no claim");
			editor.putDerived(claim.record, { ...claim.of, layout: { ...claim.of.layout, dedupeMs: 1 } });
			return { topic: "decisions", partition: 1, offset: 0 };
		},
	},
	{
		title: "every claim says that there are a billion partitions",
		code: "ledger.layout",
		change: ({ editor }) => {
			claimPartitions(editor, 1_000_000_000);
			return { topic: "decisions", partition: 1, offset: 0 };
		},
	},
	{
		title: "every claim says that there is a partition less",
		code: "log.topics",
		change: ({ editor }) => {
			claimPartitions(editor, 1);
			return { topic: "intents" };
		},
	},
	{
		title: "a topic is said to have a billion partitions",
		code: "log.damaged",
		change: ({ editor }) => {
			editor.run("UPDATE topics SET partitions = 1000000000 WHERE name = 'decisions'");
			return {};
		},
	},
	{
		title: "a topic is said to have a partition more",
		code: "log.topics",
		change: ({ editor }) => {
			editor.run("UPDATE topics SET partitions = partitions + 1 WHERE name = 'control'");
			return { topic: "control" };
		},
	},
	{
		title: "every topic is said to have a partition less",
		code: "ledger.layout",
		change: ({ editor }) => {
			editor.run("UPDATE topics SET partitions = partitions - 1");
			return { topic: "decisions", partition: 0, offset: 0 };
		},
	},
	{
		title: "a topic is taken out",
		code: "log.topics",
		change: ({ editor }) => {
			editor.run("DELETE FROM topics WHERE name = 'violations'");
			return { topic: "violations" };
		},
	},
	{
		title: "a table of the log file is taken out",
		code: "log.damaged",
		change: ({ editor }) => {
			editor.run("DROP TABLE begins");
			return {};
		},
	},
	{
		title: "a state digest is changed",
		code: "ledger.digest",
		change: ({ editor }) => {
			const { record, entry, place } = editor.entry(({ seq }) => seq === 64);
			editor.putEntry(record, { ...entry, stateDigest: "0".repeat(64) });
			return place;
		},
	},
	{
		title: "the arguments of an intent are changed",
		code: "decision.differs",
		change: ({ editor }) => {
			const found = editor.entry(isAllowed);
			const { record, input } = editor.inputOf(found);
			if (input.type !== "intent.submitted") throw new Error(input.type);
			const argsText = '{"path":"elsewhere.txt"}' as typeof input.argsText;
			editor.putInput(record, { ...input, argsText });
			return found.place;
		},
	},
	{
		title: "the time at which the log took an intent is changed",
		code: "decision.differs",
		change: ({ editor }) => {
			const found = editor.entry(isAllowed);
			const { record } = editor.inputOf(found);
			editor.put({ ...record, timestamp: record.timestamp + 60_000 });
			return found.place;
		},
	},
	{
		title: "intents are put in behind the last one decided, and one of them is taken out",
		code: "record.lost",
		change: ({ editor }) => {
			const intents = editor.records("intents", 1);
			editor.replace("intents", 1, [...intents, ...intents.slice(0, 3)]);
			const added = editor.records("intents", 1)[intents.length + 1] as StoredRecord;
			editor.remove(added);
			return { topic: "intents", partition: 1, offset: added.offset };
		},
	},
	{
		title: "the time at which the log took an intent is made one before 1970",
		code: "record.lost",
		change: ({ editor }) => {
			const { record } = editor.inputOf(editor.entry(isAllowed));
			editor.put({ ...record, timestamp: -5 });
			return { topic: "intents", partition: record.partition, offset: record.offset };
		},
	},
	{
		title: "an intent is taken out",
		code: "input.missing",
		change: ({ editor }) => {
			const found = editor.entry(isAllowed);
			editor.remove(editor.inputOf(found).record);
			return found.place;
		},
	},
	{
		title: "an intent is taken out, and those behind it move up",
		code: "decision.differs",
		change: ({ editor }) => {
			const found = editor.entry(isAllowed);
			const { record } = editor.inputOf(found);
			editor.replace("intents", record.partition, without(editor.records("intents", record.partition), record));
			return found.place;
		},
	},
	{
		title: "intents are taken out from the first one on, as if retention had eaten them",
		code: "record.lost",
		change: ({ editor }) => {
			const found = editor.entry(isAllowed);
			const { record } = editor.inputOf(found);
			editor.begin("intents", record.partition, record.offset + 1);
			return { topic: "intents", partition: record.partition, offset: 0 };
		},
	},
	{
		title: "checkpoints are taken out from the first one on, as if retention had eaten them",
		code: "record.lost",
		change: ({ editor }) => {
			editor.begin("checkpoints", 1, 1);
			return { topic: "checkpoints", partition: 1, offset: 0 };
		},
	},
	{
		title: "the reason of a halt is changed",
		code: "decision.differs",
		change: ({ editor }) => {
			const found = editor.entry(({ kind }) => kind === "halt.set");
			const { record, input } = editor.inputOf(found);
			if (input.type !== "halt.set") throw new Error(input.type);
			editor.putInput(record, { ...input, reason: "none" });
			return found.place;
		},
	},
	{
		title: "the text of the policies is exchanged",
		code: "policy.bundle",
		change: ({ editor }) => {
			const [bundle] = editor.derived("policies", 0, "policy.bundle");
			if (bundle === undefined) throw new Error("no bundle");
			const sources = bundle.of.sources.map(({ name, text }) => ({ name, text: text.replace("[wipe]", "[wash]") }));
			editor.putDerived(bundle.record, { ...bundle.of, sources });
			return {};
		},
	},
	{
		title: "other policies are said to have been activated",
		code: "decision.differs",
		change: ({ editor }) => {
			const { record, entry, place } = editor.entry(({ kind }) => kind === "policy.activated");
			editor.putEntry(record, { ...entry, digest: "0".repeat(64) } as LedgerEntry);
			return place;
		},
	},
	{
		title: "a violation is taken out",
		code: "derived.missing",
		change: ({ editor }) => {
			const { record, place } = editor.entry(isDenied);
			const [first, ...others] = editor.records("violations", record.partition);
			if (first === undefined) throw new Error("no violation");
			editor.replace("violations", record.partition, others);
			return { partition: record.partition, seq: place.seq as number };
		},
	},
	{
		title: "a violation is changed",
		code: "derived.differs",
		change: ({ editor }) => {
			const { record } = editor.entry(isDenied);
			const [violation] = editor.derived("violations", record.partition, "violation.detected");
			if (violation === undefined) throw new Error("no violation");
			editor.putDerived(violation.record, { ...violation.of, tool: "read_file" });
			return { topic: "violations", partition: record.partition, offset: violation.record.offset };
		},
	},
	{
		title: "a violation is put among the dead letters, too",
		code: "derived.unfounded",
		change: ({ editor }) => {
			const { partition } = editor.entry(isDenied).record;
			editor.replace("dead-letters", partition, editor.records("violations", partition));
			return { topic: "dead-letters", partition, offset: 0 };
		},
	},
	{
		title: "the topics of violations and of dead letters exchange their names",
		code: "derived.missing",
		change: ({ editor }) => {
			for (const [from, to] of [
				["violations", "x"],
				["dead-letters", "violations"],
				["x", "dead-letters"],
			])
				editor.run(`UPDATE topics SET name = '${to}' WHERE name = '${from}'`);
			return {};
		},
	},
	{
		title: "a violation is put in",
		code: "derived.unfounded",
		change: ({ editor }) => {
			const { record, place } = editor.entry(isDenied);
			const { partition } = record;
			const [violation] = editor.derived("violations", partition, "violation.detected");
			if (violation === undefined) throw new Error("no violation");
			const records = editor.records("violations", partition);
			editor.replace("violations", partition, [...records, violation.record]);
			const [added] = editor.derived("violations", partition, "violation.detected").slice(-1);
			const seq = (place.seq as number) - 1;
			if (added !== undefined) editor.putDerived(added.record, { ...added.of, seq, id: `${partition}-${seq}-0` });
			return { topic: "violations", partition, offset: records.length };
		},
	},
	{
		title: "a checkpoint that the processor has written is taken out",
		code: "derived.missing",
		change: ({ editor }) => {
			const [created] = editor.derived("checkpoints", 0, "checkpoint.created");
			if (created === undefined) throw new Error("no checkpoint");
			editor.replace("checkpoints", 0, without(editor.records("checkpoints", 0), created.record));
			return { partition: 0, seq: created.of.size };
		},
	},
	{
		title: "a signed checkpoint is taken out",
		code: "anchor.root",
		change: ({ editor, signer }) => {
			const signed = editor.derived("checkpoints", 1, "checkpoint.signed").find(({ of }) => isOfLedger(of, signer, 1));
			if (signed === undefined) throw new Error("no checkpoint");
			editor.replace("checkpoints", 1, without(editor.records("checkpoints", 1), signed.record));
			return { topic: "checkpoints" };
		},
	},
	{
		title: "all checkpoints of the anchor are taken out, and the others stay",
		code: "anchor.missing",
		change: ({ editor, signer }) => {
			for (let partition = 0; partition < editor.partitions; partition++) {
				const anchors = editor
					.derived("checkpoints", partition, "checkpoint.signed")
					.filter(({ of }) => of.origin === anchorOrigin(signer.key.name));
				for (const { record } of anchors) editor.remove(record);
				editor.replace("checkpoints", partition, editor.records("checkpoints", partition));
			}
			return { topic: "checkpoints", partition: 1 };
		},
	},
	{
		title: "one ledger is cut back to what was signed earlier, with all that came of the rest, and the others stay",
		code: "anchor.missing",
		change: ({ editor, signer }) => {
			cutBack(editor, signer, [1]);
			return { topic: "checkpoints", partition: 0 };
		},
	},
	{
		title: "the log is cut back to what was signed earlier, with all that came of the rest",
		code: null,
		notShown: "whether the end of the log is missing",
		needs: { option: "--checkpoint", code: "checkpoint.beyond" },
		change: ({ editor, signer }) => {
			cutBack(editor, signer, [0, 1]);
			return {};
		},
	},
	{
		title: "all signed checkpoints are taken out",
		code: "checkpoint.none",
		change: ({ editor }) => {
			for (let partition = 0; partition < editor.partitions; partition++) {
				const created = editor.derived("checkpoints", partition, "checkpoint.created");
				editor.replace(
					"checkpoints",
					partition,
					created.map(({ record }) => record),
				);
			}
			return {};
		},
	},
	{
		title: "the size in a signed checkpoint is changed",
		code: "checkpoint.signature",
		change: ({ editor, signer }) =>
			changeNote(editor, signer, (note, { size }) => note.replace(`\n${size}\n`, `\n${size - 1}\n`)),
	},
	{
		title: "a signed checkpoint is cut off",
		code: "checkpoint.unreadable",
		change: ({ editor, signer }) => changeNote(editor, signer, (note) => note.slice(0, -3)),
	},
	{
		title: "a checkpoint is signed with another key of the same name",
		code: "checkpoint.foreign",
		change: ({ editor, signer }) =>
			changeNote(editor, signer, (_, head) => signedNote(otherKey(signer.key.name), head)),
	},
];

/** Of the folder of tiles, and of an export. */
const FOLDER_ROWS: readonly Tampering[] = [
	{
		title: "a byte of a tile is changed in the notary's folder",
		code: "folder.differs",
		at: "folder",
		change: ({ published }) => {
			change(tileOf(join(published, "p/0/tile/0")), (bytes) => flipped(bytes, 33));
			return { partition: 0 };
		},
	},
	{
		title: "a byte of a bundle of entries is changed in the notary's folder",
		code: "folder.differs",
		at: "folder",
		change: ({ published }) => {
			change(tileOf(join(published, "p/1/tile/entries")), (bytes) => flipped(bytes, 33));
			return { partition: 1 };
		},
	},
	{
		title: "a tile is taken out of the notary's folder",
		code: "folder.missing",
		at: "folder",
		change: ({ published }) => {
			rmSync(join(published, "p/1/tile/entries"), { recursive: true });
			return { partition: 1 };
		},
	},
	{
		title: "a leaf of the anchor is exchanged in the notary's folder",
		code: "anchor.leaf",
		at: "folder",
		change: ({ published }) => {
			change(tileOf(join(published, "anchor/tile/entries")), (bytes) => {
				const leaves = readBundle(bytes) ?? [];
				return bundleOf([leaves[1] as Uint8Array, ...leaves.slice(1).map((leaf) => flipped(leaf, 40))]);
			});
			return {};
		},
	},
	{
		title: "a checkpoint in the notary's folder is exchanged for a folder",
		code: "folder.missing",
		at: "folder",
		change: ({ published }) => {
			rmSync(join(published, "anchor/checkpoint"));
			mkdirSync(join(published, "anchor/checkpoint"));
			return {};
		},
	},
	{
		title: "a checkpoint in the notary's folder is changed",
		code: "checkpoint.signature",
		at: "folder",
		change: ({ published }) => {
			change(join(published, "p/0/checkpoint"), (bytes) =>
				Buffer.from(
					Buffer.from(bytes)
						.toString()
						.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) + 1}\n`),
				),
			);
			return { partition: 0 };
		},
	},
	{
		title: "a byte of any file of an export is changed",
		code: "ASSENT_EXPORT",
		at: "export",
		change: ({ exported }) => {
			change(tileOf(join(exported, "audit/p/0/tile/0")), (bytes) => flipped(bytes, 33));
			return undefined;
		},
	},
	{
		title: "a file is missing from an export",
		code: "ASSENT_EXPORT",
		at: "export",
		change: ({ exported }) => {
			rmSync(join(exported, "audit/anchor/checkpoint"));
			return undefined;
		},
	},
	{
		title: "a tile of an export is changed, and its manifest made to fit",
		code: "folder.differs",
		at: "export",
		change: ({ exported }) => {
			change(tileOf(join(exported, "audit/p/0/tile/0")), (bytes) => flipped(bytes, 33));
			fitManifest(exported);
			return { partition: 0 };
		},
	},
	{
		title: "a verdict in an export is changed, and its manifest made to fit",
		code: "decision.differs",
		at: "export",
		change: ({ exported }) => {
			const editor = new LogEditor(join(exported, "log.db"));
			const { record, entry, place } = editor.entry(isDenied);
			editor.putEntry(record, allowed(entry));
			editor.close();
			fitManifest(exported);
			return place;
		},
	},
];

export function changeManifest(exported: string, to: (manifest: Manifest) => object): Record<string, never> {
	const file = join(exported, "manifest.json");
	writeFileSync(file, JSON.stringify(to(JSON.parse(readFileSync(file, "utf8")) as Manifest)));
	return {};
}

/** Of what an export says of itself. */
const MANIFEST_ROWS: readonly Tampering[] = [
	{
		title: "a file is put into an export",
		code: "ASSENT_EXPORT",
		at: "export",
		change: ({ exported }) => {
			writeFileSync(join(exported, "log.db-wal"), "");
			return undefined;
		},
	},
	{
		title: "a file is put into an export, and into its manifest",
		code: "export.differs",
		at: "export",
		change: ({ exported }) => {
			writeFileSync(join(exported, "log.db-wal"), "");
			changeManifest(exported, (manifest) => ({ ...manifest, files: [...manifest.files, { path: "log.db-wal" }] }));
			fitManifest(exported);
			return {};
		},
	},
	{
		title: "a tile beyond what was signed is put into an export, and into its manifest",
		code: "export.differs",
		at: "export",
		change: ({ exported }) => {
			const path = "audit/p/0/tile/0/001";
			writeFileSync(join(exported, path), Buffer.alloc(8_192));
			changeManifest(exported, (manifest) => ({ ...manifest, files: [...manifest.files, { path }] }));
			fitManifest(exported);
			return {};
		},
	},
	{
		title: "an export's manifest tells of holes that are not there",
		code: "export.differs",
		at: "export",
		change: ({ exported }) =>
			changeManifest(exported, (manifest) => ({
				...manifest,
				topics: manifest.topics.map((topic) => ({
					...topic,
					partitions: topic.partitions.map((one) =>
						topic.name === "violations" ? { ...one, records: 0, gaps: [{ from: 0, to: one.records }] } : one,
					),
				})),
			})),
	},
	{
		title: "the root of a ledger in an export's manifest is changed",
		code: "export.differs",
		at: "export",
		change: ({ exported }) =>
			changeManifest(exported, ({ ledgers, ...of }) => ({
				...of,
				ledgers: ledgers.map((each) => ({ ...each, tree: { size: each.tree?.size, root: "0".repeat(64) } })),
			})),
	},
	{
		title: "the layout in an export's manifest is changed",
		code: "export.differs",
		at: "export",
		change: ({ exported }) =>
			changeManifest(exported, (of) => ({ ...of, layout: { ...of.layout, partitions: 1_000 } })),
	},
	{
		title: "topics are left out of an export's manifest",
		code: "export.differs",
		at: "export",
		change: ({ exported }) => changeManifest(exported, (of) => ({ ...of, topics: [] })),
	},
	{
		title: "an export's manifest says that nothing was signed",
		code: "export.differs",
		at: "export",
		change: ({ exported }) => changeManifest(exported, (of) => ({ ...of, signed: null })),
	},
	{
		title: "the folder of trees is taken out of an export, and out of the files in its manifest",
		code: "export.differs",
		at: "export",
		change: ({ exported }) => {
			rmSync(join(exported, "audit"), { recursive: true });
			return changeManifest(exported, ({ files, ...of }) => ({
				...of,
				files: files.filter(({ path }) => !path.startsWith("audit/")),
			}));
		},
	},
	{
		title: "the public key in an export is exchanged, and its manifest made to fit",
		code: "folder.differs",
		at: "export",
		change: ({ exported, signer }) => {
			writeFileSync(join(exported, "audit/log.vkey"), `${publicKeyText(otherKey(signer.key.name).key)}\n`);
			fitManifest(exported);
			return {};
		},
	},
	{
		title: "an export's manifest says something twice",
		code: "ASSENT_EXPORT",
		at: "export",
		change: ({ exported }) => {
			const file = join(exported, "manifest.json");
			writeFileSync(file, readFileSync(file, "utf8").replace("{", '{ "signed": null, '));
			return undefined;
		},
	},
	{
		title: "an export's manifest says something that it has no word for",
		code: "ASSENT_EXPORT",
		at: "export",
		change: ({ exported }) => {
			changeManifest(exported, (of) => ({ ...of, isSound: true }));
			return undefined;
		},
	},
];

/** By whoever has the log's key. */
const KEY_ROWS: readonly Tampering[] = [
	{
		title: "a verdict is changed, and everything signed again",
		code: "decision.differs",
		change: ({ editor, signer }) => {
			const { record, entry, place } = editor.entry(isDenied);
			editor.putEntry(record, allowed(entry));
			editor.signAgain(signer);
			return place;
		},
	},
	{
		title: "what a call has used is changed to less, and everything signed again",
		code: "decision.differs",
		change: ({ editor, signer }) => {
			const { record, entry, place } = editor.entry(({ kind, seq }) => seq > 40 && kind === "usage.settled");
			if (entry.kind !== "usage.settled") throw new Error(entry.kind);
			const settlements = entry.settlements.map((each) => ({ ...each, settled: 0 }));
			editor.putEntry(record, { ...entry, settlements });
			editor.signAgain(signer);
			return place;
		},
	},
	{
		title: "an entry whose verdict is changed is made one of an older version, and everything signed again",
		code: "ledger.semantics",
		change: ({ editor, signer }) => {
			const { record, entry, place } = editor.entry(isDenied);
			editor.putEntry(record, { ...allowed(entry), semantics: SEMANTICS - 1 });
			editor.signAgain(signer);
			return place;
		},
	},
	{
		title: "an entry whose verdict is changed is made one of a newer version, and everything signed again",
		code: "ledger.semantics",
		change: ({ editor, signer }) => {
			const { record, entry, place } = editor.entry(isDenied);
			editor.putEntry(record, { ...allowed(entry), semantics: SEMANTICS + 1 });
			editor.signAgain(signer);
			return place;
		},
	},
	{
		title: "two histories of one size are signed, and both are on the log",
		code: "checkpoint.fork",
		change: ({ editor, signer }) => {
			const { partition } = editor.entry(isDenied).place;
			const [signed] = editor
				.derived("checkpoints", partition, "checkpoint.signed")
				.filter(({ of }) => isOfLedger(of, signer, partition));
			if (signed === undefined) throw new Error("no checkpoint");
			const records = editor.records("checkpoints", partition);
			editor.replace("checkpoints", partition, [...records, signed.record]);
			const [added] = editor.derived("checkpoints", partition, "checkpoint.signed").slice(-1);
			const head = { origin: signed.of.origin, size: signed.of.size, root: "0".repeat(64) };
			if (added !== undefined)
				editor.putDerived(added.record, { type: "checkpoint.signed", ...head, note: signedNote(signer, head) });
			return { topic: "checkpoints", partition, offset: records.length };
		},
	},
	{
		title: "a checkpoint is signed that says another root",
		code: "checkpoint.root",
		change: ({ editor, signer }) =>
			changeNote(editor, signer, (_, head) => signedNote(signer, { ...head, root: "0".repeat(64) }), true),
	},
	{
		title: "a checkpoint of another tree is put in the place of one",
		code: "checkpoint.foreign",
		change: ({ editor, signer }) =>
			changeNote(editor, signer, (_, head) => signedNote(signer, { ...head, origin: "log.example.com/elsewhere" })),
	},
	{
		title: "the whole log is written again, other calls in the place of those that were made",
		code: null,
		notShown: "whether the whole history was written again",
		at: "rewritten",
		needs: { option: "--witness-key", code: "witness.none" },
		change: () => ({}),
	},
	{
		title: "the whole log is written again, and the auditor has kept a checkpoint",
		code: null,
		notShown: "whether the whole history was written again",
		at: "rewritten",
		needs: { option: "--checkpoint", code: "checkpoint.root" },
		change: () => ({}),
	},
	{
		title: "the whole log is written again, and keeps the checkpoint that the witness has cosigned",
		code: "checkpoint.fork",
		at: "rewritten",
		change: ({ editor, rewritten, signer }) => {
			const origin = anchorOrigin(signer.key.name);
			const cosigned = editor
				.derived("checkpoints", 0, "checkpoint.signed")
				.find(({ of }) => isCosigned(of.note, origin));
			if (cosigned === undefined) throw new Error("nothing is cosigned");
			const other = new LogEditor(rewritten);
			const records = other.records("checkpoints", 0);
			other.replace("checkpoints", 0, [...records, cosigned.record]);
			other.close();
			return { topic: "checkpoints" };
		},
	},
];

export const TAMPERINGS: Readonly<Record<Who, readonly Tampering[]>> = {
	"nobody has the log's key": [...FILE_ROWS, ...FOLDER_ROWS, ...MANIFEST_ROWS],
	"with the log's key": KEY_ROWS,
};

const otherKey = (name: string): Signer => signerOf(keyFrom(name, new Uint8Array(32).fill(1))) as Signer;

const isCosigned = (note: string, origin: string): boolean =>
	note.startsWith(`${origin}\n`) && note.split("\n\u2014").length > 2;

/** The note of the first checkpoint that was signed of partition 1. `isWhole`: what is said beside it, too. */
function changeNote(
	editor: LogEditor,
	signer: Signer,
	to: (note: string, head: ReturnType<typeof headOf>) => string,
	isWhole = false,
): Place {
	const signed = editor.derived("checkpoints", 1, "checkpoint.signed").find(({ of }) => isOfLedger(of, signer, 1));
	if (signed === undefined) throw new Error("no checkpoint");
	const note = to(signed.of.note, headOf(signed.of.note));
	editor.putDerived(signed.record, { ...signed.of, ...(isWhole ? headOf(note) : {}), note });
	return { topic: "checkpoints", partition: 1, offset: signed.record.offset };
}

/** These ledgers, to what their first checkpoints say, and the anchor to its first. */
function cutBack(editor: LogEditor, signer: Signer, partitions: readonly number[]): void {
	const origin = anchorOrigin(signer.key.name);
	for (let partition = 0; partition < editor.partitions; partition++) {
		const anchors = editor
			.derived("checkpoints", partition, "checkpoint.signed")
			.filter(({ of }) => of.origin === origin);
		for (const { record, of } of anchors) if (of.size > (anchors[0]?.of.size ?? 0)) editor.remove(record);
		editor.replace("checkpoints", partition, editor.records("checkpoints", partition));
	}
	for (const partition of partitions) {
		const signed = editor.derived("checkpoints", partition, "checkpoint.signed");
		const first = signed.find(({ of }) => isOfLedger(of, signer, partition));
		if (first === undefined) throw new Error("no checkpoint");
		const { size } = first.of;
		const gone = editor.ledger(partition).slice(size);
		const inputs = { intents: [] as number[], control: [] as number[] };
		for (const { record, entry } of gone) {
			editor.remove(record);
			inputs[entry.cause.topic].push(entry.cause.offset);
		}
		for (const topic of ["intents", "control"] as const)
			for (const record of editor.records(topic, partition))
				if (inputs[topic].includes(record.offset)) editor.remove(record);
		const violations = editor.derived("violations", partition, "violation.detected");
		for (const { record, of } of violations) if (of.seq >= size) editor.remove(record);
		for (const { record, of } of signed) if (of.origin !== origin && of.size !== size) editor.remove(record);
		for (const { record, of } of editor.derived("checkpoints", partition, "checkpoint.created"))
			if (of.size >= size) editor.remove(record);
		editor.replace("checkpoints", partition, editor.records("checkpoints", partition));
	}
}

/** A tile below a folder, the widest of them. */
function tileOf(folder: string): string {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
	const [widest] = files
		.map(({ parentPath, name }) => join(parentPath, name))
		.sort((one, next) => readFileSync(next).length - readFileSync(one).length);
	if (widest === undefined) throw new Error(`no tile in ${folder}`);
	return widest;
}

function change(file: string, to: (bytes: Uint8Array) => Uint8Array): void {
	writeFileSync(file, to(readFileSync(file)));
}

/** Its digests made those of the files that are there. */
export function fitManifest(exported: string): void {
	const file = join(exported, "manifest.json");
	const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
	const files = manifest.files.map(({ path }) => {
		const bytes = readFileSync(join(exported, path));
		return { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
	});
	writeFileSync(file, JSON.stringify({ ...manifest, files }));
}
