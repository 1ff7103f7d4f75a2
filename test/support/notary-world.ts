/**
 * A notary's surroundings in memory: a log that can be cut and written anew, a folder and a state that can be put back, and faults that
 * kill whoever uses them. Everything that a notary has signed and let out is kept by the checker.
 */
import { keyFrom, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { readCheckpoint } from "../../src/core/audit/checkpoint.ts";
import { readNote } from "../../src/core/audit/note.ts";
import { readBundle, tilePath } from "../../src/core/audit/tiles.ts";
import { problem } from "../../src/core/base/errors.ts";
import { decodeDerived } from "../../src/core/codec/decode.ts";
import { claimHeaders, ledgerHeaders } from "../../src/core/ledger/validity.ts";
import { CompactRange } from "../../src/core/merkle/compact-range.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { Notary } from "../../src/notary/notary.ts";
import type { Log, LogRecord, OutRecord, TopicPartition } from "../../src/ports/log/log.ts";
import { rewound } from "../../src/ports/log/problems.ts";
import { noNotaryMeter } from "../../src/ports/notary-meter.ts";
import type { PublicFolder } from "../../src/ports/public-folder.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import type { VersionedText } from "../../src/ports/versioned-text.ts";
import type { Witness } from "../../src/ports/witness.ts";

export const NAME = "log.example.com";

const seed = new Uint8Array(32).fill(7);
export const notarySigner = signerOf(keyFrom(NAME, seed)) as Signer;

/** Thrown in place of what a process would have done had it not been killed. */
export class Killed extends Error {}

/** Asked before and after each thing that survives a process: throws where the process dies, and lets others have their turn. */
export type Danger = (place: string) => Promise<void>;

export const noDanger: Danger = async () => {};

interface LogOptions {
	/** Whether it takes no append for now. */
	readonly isOut?: () => boolean;
	/** Called when somebody waits for records, who then gets those that there are, at once. */
	readonly onWait?: (timeoutMs: number) => void;
}

/** The log: `decisions` and `checkpoints`, as much of the port as a notary uses. */
export class CutLog {
	/** What records are stamped with. */
	now = 0;
	readonly records = new Map<string, LogRecord[]>();
	/** Every sequence of leaves that a partition ever had. */
	readonly #claims = new Map<number, number>();
	#drawn = 0;

	of({ topic, partition }: TopicPartition): LogRecord[] {
		const name = `${topic}/${partition}`;
		const known = this.records.get(name) ?? [];
		this.records.set(name, known);
		return known;
	}

	/** A processor claims the partition, and appends entries under its claim; `isVoid`: under the one before. */
	appendEntries(partition: number, values: readonly Uint8Array[], isVoid = false): void {
		const at = { topic: "decisions", partition };
		const claims = this.#claims.get(partition) ?? 0;
		const claim = (of: number): string => (of * 1_000 + partition).toString(16).padStart(32, "0");
		if (!isVoid) {
			this.#claims.set(partition, ++this.#drawn);
			this.#put(at, { key: null, value: new Uint8Array(), headers: claimHeaders(claim(this.#drawn)) });
		}
		const first = this.leaves(partition).length;
		const by = isVoid ? claims - 1 : this.#drawn;
		for (const [index, value] of values.entries())
			this.#put(at, { key: null, value, headers: ledgerHeaders({ claim: claim(by), seq: first + index, first }) });
	}

	/** Valid entries: those written under the claim that was the latest. Kept beside the rule that is tested. */
	entries(partition: number): readonly LogRecord[] {
		let claim = "";
		const entries: LogRecord[] = [];
		for (const record of this.of({ topic: "decisions", partition })) {
			const { headers } = record;
			if (headers["assent-kind"] === "claim") claim = headers["assent-claim"] as string;
			else if (headers["assent-claim"] === claim) entries.push(record);
		}
		return entries;
	}

	leaves(partition: number): readonly Uint8Array[] {
		return this.entries(partition).map(({ value }) => value);
	}

	cut(partition: number, end: number): void {
		this.of({ topic: "decisions", partition }).splice(end);
	}

	#put(at: TopicPartition, record: OutRecord): void {
		const records = this.of(at);
		records.push({ ...at, ...record, offset: records.length, timestamp: this.now });
	}

	/** As a process has it. */
	open(danger: Danger, { isOut = () => false, onWait = () => {} }: LogOptions = {}): Log {
		const log = {
			url: "memory:",
			read: async (at: TopicPartition, offset: number) => {
				await danger("read");
				const records = this.of(at);
				if (offset > records.length) throw rewound(at, offset, records.length);
				return records.slice(offset, offset + 50);
			},
			waitFor: async (
				positions: readonly (TopicPartition & { offset: number })[],
				{ timeoutMs }: { readonly timeoutMs: number },
			) => {
				onWait(timeoutMs);
				return positions.filter((at) => this.of(at).length > at.offset);
			},
			bounds: async (at: TopicPartition) => ({ begin: 0, end: this.of(at).length }),
			append: async (at: TopicPartition, records: readonly OutRecord[]) => {
				await danger("before append");
				if (isOut()) return { kind: "failed", problem: problem("ASSENT_LOG_UNAVAILABLE", "the broker is away") };
				const base = this.of(at).length;
				for (const record of records) this.#put(at, record);
				await danger("after append");
				return { kind: "appended", base, timestamp: this.now };
			},
		};
		return log as unknown as Log;
	}
}

/** What survives a process: the folder and the versions of the state, as maps that can be copied and put back. */
export class Disk {
	files = new Map<string, Uint8Array>();
	versions = new Map<number, string>();
	/** Every checkpoint that was ever there to be read. */
	readonly seen: string[] = [];
	/** Called when one is written. */
	onCheckpoint: (path: string, text: string) => void = () => {};
	/** A state that does what it promised not to do: it takes a version that is there. */
	readonly #isBlind: boolean;

	constructor({ isBlind = false }: { readonly isBlind?: boolean } = {}) {
		this.#isBlind = isBlind;
	}

	copy(): Pick<Disk, "files" | "versions"> {
		return { files: new Map(this.files), versions: new Map(this.versions) };
	}

	folder(danger: Danger): PublicFolder {
		return {
			read: async (path) => {
				await danger("read file");
				return this.files.get(path) ?? null;
			},
			write: async (path, bytes) => {
				await danger("before write");
				this.files.set(path, bytes);
				if (path.endsWith("/checkpoint")) {
					const text = Buffer.from(bytes).toString();
					this.seen.push(text);
					this.onCheckpoint(path, text);
				}
				await danger("after write");
			},
			remove: async (path) => {
				await danger("before remove");
				for (const name of this.files.keys()) if (name.startsWith(`${path}/`)) this.files.delete(name);
			},
		};
	}

	state(danger: Danger): VersionedText {
		const latest = () => Math.max(0, ...this.versions.keys());
		return {
			latest: async () => {
				await danger("read state");
				const version = latest();
				return version === 0 ? null : { version, text: this.versions.get(version) as string };
			},
			add: async (version, text) => {
				await danger("before state");
				if (latest() >= version && !this.#isBlind) return false;
				this.versions.set(version, text);
				await danger("after state");
				return true;
			},
		};
	}
}

export const startNotary = (
	log: CutLog,
	disk: Disk,
	options: LogOptions & {
		readonly partitions: number;
		readonly danger?: Danger;
		readonly witnesses?: readonly Witness[];
		readonly now?: () => number;
	},
): Promise<Notary> => {
	const { partitions, danger = noDanger, witnesses = [], now = () => 0 } = options;
	return Notary.start({
		log: log.open(danger, options),
		layout: { ...DEFAULT_LAYOUT, partitions },
		signer: notarySigner,
		verifier: verifierOf(notarySigner.key),
		state: disk.state(danger),
		folder: disk.folder(danger),
		witnesses,
		clock: { now },
		telemetry: silentTelemetry,
		meter: noNotaryMeter,
	});
};

export interface Head {
	readonly origin: string;
	readonly size: number;
	readonly root: string;
}

/** Every checkpoint that anybody could have read: on the log, and in the folder at any time. */
export function signedHeads(log: CutLog, disk: Disk): readonly Head[] {
	const onLog = [...log.records].flatMap(([name, records]) =>
		name.startsWith("checkpoints/") ? records.map(({ value }) => noteIn(value)) : [],
	);
	return [...onLog, ...disk.seen].map(headIn);
}

export function headIn(text: string): Head {
	const note = readNote(text);
	const checkpoint = note === null ? null : readCheckpoint(note.text);
	if (checkpoint === null) throw new Error(`no checkpoint: ${text}`);
	return checkpoint;
}

export function noteIn(value: Uint8Array): string {
	const read = decodeDerived(value);
	if (!read.ok || read.value.type !== "checkpoint.signed") throw new Error("another record is on `checkpoints`");
	return read.value.note;
}

/** The leaves of a tree as its bundles in the folder have them. */
export function publishedLeaves(disk: Disk, prefix: string, size: number): readonly Uint8Array[] {
	const leaves: Uint8Array[] = [];
	for (let index = 0; index * 256 < size; index++) {
		const width = Math.min(256, size - index * 256);
		const file = (of: number) => disk.files.get(`${prefix}/${tilePath({ level: "entries", index, width: of })}`);
		const bundle = readBundle(file(width) ?? file(256) ?? new Uint8Array()) ?? [];
		leaves.push(...bundle.slice(0, width));
	}
	return leaves;
}

/** Roots of a sequence of leaves, by how many of them there are. */
export function rootsOf(leaves: readonly Uint8Array[]): readonly string[] {
	const range = new CompactRange();
	return [
		range.root(),
		...leaves.map((leaf) => {
			range.append(leaf);
			return range.root();
		}),
	];
}
