/** Damaged ledgers and snapshots: what a processor restores from, on a log that others can write to. */
import { openMemoryLog } from "../../src/adapters/memory/log.ts";
import { MemoryStore } from "../../src/adapters/memory/store.ts";
import { sha256Hex } from "../../src/core/base/digest.ts";
import { decodeDerived, decodeEntry } from "../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry } from "../../src/core/codec/encode.ts";
import { beginFold, foldRecord } from "../../src/core/ledger/fold.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import { type LogRecord, TOPICS } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { searchSnapshot } from "../../src/reading/snapshot-reader.ts";
import type { Dice } from "../kill-loop/dice.ts";
import { LogWorld, startProcessor, TEST_LAYOUT, TEST_POLICY } from "../support/world.ts";
import { damage, damageText } from "./mutate.ts";
import type { Target } from "./target.ts";

export interface Stored {
	readonly ledger: readonly LogRecord[];
	readonly snapshots: readonly LogRecord[];
}

const LEDGER = { topic: TOPICS.decisions, partition: 0 };
const SNAPSHOTS = { topic: TOPICS.snapshots, partition: 0 };

/** A ledger of some forty entries, with snapshots in both slots. */
export async function livedOnce(): Promise<Stored> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const { processor } = await startProcessor(world, { snapshotEvery: 10 });
	for (let at = 0; at < 40; at++) {
		await world.submit({ id: `n-${at}`, tool: at % 5 === 0 ? "pay.send" : "shell.run" });
		if (at % 4 === 0) await world.consumed();
	}
	await world.consumed();
	await processor.drain();
	const ledger = await world.log.read(LEDGER, 0, { recordsMax: 10_000 });
	const snapshots = await world.log.read(SNAPSHOTS, 0, { recordsMax: 10_000 });
	if (ledger.length < 40 || snapshots.length < 4) throw new Error("the world wrote less than it should");
	return { ledger, snapshots };
}

/** A ledger with damaged values and headers folds up to where it says what is wrong. */
export function ledgers({ ledger }: Stored): Target {
	return {
		name: "ledgers",
		longestMs: 5_000,
		draw: (dice) => {
			const records = ledger.map((record) => damagedRecord(dice, record, ledger));
			return {
				input: records.map(({ headers, value }) => [headers, Buffer.from(value).toString("hex")]),
				read: () => fold(records),
			};
		},
	};
}

function damagedRecord(dice: Dice, record: LogRecord, all: readonly LogRecord[]): LogRecord {
	if (!dice.chance(0.08)) return record;
	const other = all[dice.upTo(all.length)] as LogRecord;
	switch (dice.upTo(4)) {
		case 0:
			return { ...record, value: damage(dice, record.value, other.value) };
		case 1:
			// Another's body under this place: valid by headers and seq, and it follows from nothing before it.
			return { ...record, value: inPlaceOf(record, other) };
		case 2:
			return { ...record, headers: other.headers };
		default:
			return {
				...record,
				headers: Object.fromEntries(
					Object.entries(record.headers).map(([name, value]) => [name, damageText(dice, value, "0123456789")]),
				),
			};
	}
}

function inPlaceOf(record: LogRecord, other: LogRecord): Uint8Array {
	const mine = decodeEntry(record.value);
	const theirs = decodeEntry(other.value);
	return mine.ok && theirs.ok ? encodeEntry({ ...theirs.value, seq: mine.value.seq }) : other.value;
}

function fold(records: readonly LogRecord[]): void {
	const folded = beginFold(TEST_LAYOUT, 0);
	for (const record of records) {
		const read = foldRecord(folded, record);
		if (read.ok) continue;
		if (read.error.message === "" || read.error.help === "") throw new Error("it ends without words");
		return;
	}
	if (folded.tree.size !== folded.state.nextSeq) throw new Error("tree and state have not seen the same entries");
}

/** Of damaged snapshots one is used only if it holds what its manifest promises and the ledger has its entry. */
export function snapshots(stored: Stored): Target {
	return {
		name: "snapshots",
		longestMs: 5_000,
		draw: (dice) => {
			const records = stored.snapshots.map((record) => damagedSnapshot(dice, record, stored.snapshots));
			return {
				input: records.map(({ key, value }) => [key, Buffer.from(value).toString("hex")]),
				read: () => search(stored.ledger, records),
			};
		},
	};
}

function damagedSnapshot(dice: Dice, record: LogRecord, all: readonly LogRecord[]): LogRecord {
	if (!dice.chance(0.3)) return record;
	const other = all[dice.upTo(all.length)] as LogRecord;
	if (dice.chance(0.5)) return { ...record, value: damage(dice, record.value, other.value) };
	// Whoever can write the topic can make records that decode: what they hold is damaged instead.
	const read = decodeDerived(record.value);
	if (!read.ok) return record;
	switch (read.value.type) {
		case "snapshot.chunk": {
			const { bytes: whole, index } = read.value;
			const text = Buffer.from(whole).toString("utf8");
			const bytes =
				index === 0
					? Buffer.from(damageText(dice, text, text).toWellFormed())
					: Buffer.from(damage(dice, whole, whole));
			return { ...record, value: encodeDerived({ ...read.value, bytes }) };
		}
		case "snapshot.manifest": {
			const numbers = {
				seq: dice.upTo(60),
				ledgerOffset: dice.upTo(60),
				chunks: dice.upTo(10),
				semantics: dice.upTo(4),
			};
			const some = Object.fromEntries(Object.entries(numbers).filter(() => dice.chance(0.3)));
			const bytesDigest = dice.chance(0.5) ? wholeDigest(all, read.value.snapshotId) : read.value.bytesDigest;
			return { ...record, value: encodeDerived({ ...read.value, ...some, bytesDigest }) };
		}
		default:
			return record;
	}
}

function wholeDigest(all: readonly LogRecord[], snapshotId: string): string {
	const parts = all.flatMap(({ value }) => {
		const read = decodeDerived(value);
		return read.ok && read.value.type === "snapshot.chunk" && read.value.snapshotId === snapshotId
			? [read.value.bytes]
			: [];
	});
	return sha256Hex(Buffer.concat(parts));
}

async function search(ledger: readonly LogRecord[], records: readonly LogRecord[]): Promise<void> {
	const store = new MemoryStore();
	store.createTopics(topicSpecs(TEST_LAYOUT));
	const log = openMemoryLog({ store });
	await log.append(
		LEDGER,
		ledger.map(({ key, value, headers }) => ({ key, value, headers })),
	);
	await log.append(
		SNAPSHOTS,
		records.map(({ key, value, headers }) => ({ key, value, headers })),
	);
	const { found } = await searchSnapshot(log, 0, TEST_LAYOUT);
	await log.close();
	if (found === null) return;
	const { manifest, folded } = found;
	if (stateDigest(folded.state) !== manifest.stateDigest)
		throw new Error("the state is not what its manifest promises");
	if (folded.state.nextSeq !== manifest.seq || folded.tree.size !== manifest.seq)
		throw new Error("it stands elsewhere");
}
