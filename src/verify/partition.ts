/**
 * One partition of a log verified, in one walk along its ledger: what was signed, whether it folds, whether each entry comes out again from
 * its input, and what must have been published of it.
 *
 * V1  What is no longer there to be shown, by retention, by erasure or because other code decided it, is unverifiable, and never wrong.
 * V2  What is still on its way on a live log, entries and what follows from them, is pending, and never wrong.
 * V3  Whatever the records hold, the rest is looked at as far as it can be.
 */
import { consequenceOf, nameOf } from "../core/audit/derived.ts";
import type { Finding, FindingCode } from "../core/audit/finding.ts";
import { LedgerChecks } from "../core/audit/ledger-checks.ts";
import { AssentError } from "../core/base/errors.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import { layoutDifference } from "../core/ledger/fold.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import { CompactRange } from "../core/merkle/compact-range.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DerivedRecord } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { VerifierOf } from "../ports/signer.ts";
import { type Recomputed, recomputed } from "../replay/recompute.ts";
import { type Walked, walk } from "../replay/walk.ts";
import { differenceOf } from "./difference.ts";
import { FoundList } from "./found-list.ts";
import type { NoteKeys } from "./notes.ts";
import { type FoundNote, signedOnLog } from "./signed-on-log.ts";
import { SignedRoots } from "./signed-roots.ts";
import { type TolerantLog, tolerantLog } from "./tolerant-log.ts";

export interface PartitionOptions {
	readonly layout: Layout;
	readonly catalogue: PolicyCatalogue;
	readonly verifierOf: VerifierOf;
	readonly keys: NoteKeys;
	/** Checkpoints of this partition that are not on the log: in a folder, or kept by the auditor. */
	readonly notes: readonly FoundNote[];
	readonly onProgress?: (records: number) => void;
	readonly signal?: AbortSignal;
}

export type WhyUnverifiable = Extract<Recomputed, { kind: "unverifiable" }>["why"];

export interface VerifiedPartition {
	readonly partition: number;
	readonly findings: readonly Finding[];
	/** With those that were not kept. */
	readonly findingCount: number;
	readonly entries: number;
	readonly claims: number;
	/** Records of the ledger that count for nobody, by the validity rule. */
	readonly voids: number;
	/** Calls that were let through or held. */
	readonly admissions: number;
	/** Entries that came out again, byte for byte. */
	readonly recomputed: number;
	readonly unverifiable: Readonly<Record<WhyUnverifiable, number>>;
	readonly tree: TreeHead;
	/** Entries below the largest signed checkpoint that is right; null: there is none. */
	readonly signed: number | null;
	/** When the log took the input of the last entry that the largest checkpoint on the log holds; null: it holds none, or it is not there. */
	readonly signedAt: EpochMs | null;
	/** The time of the last entry; 0: there is none. */
	readonly until: EpochMs;
	/** Signed checkpoints of this partition that were held against the ledger. */
	readonly checkpoints: number;
	/** Inputs that have no entry yet, and records that follow from entries and were not published yet. */
	readonly pending: { readonly inputs: number; readonly derived: number };
	/** All signed checkpoints on the log, the anchor's among them. */
	readonly notes: readonly FoundNote[];
}

/** Throws what reading throws where it says nothing of a record, ASSENT_LEDGER_VERSION, and ASSENT_STOPPED. */
export async function verifyPartition(
	log: Log,
	partition: number,
	options: PartitionOptions,
): Promise<VerifiedPartition> {
	return new PartitionAudit(tolerantLog(log), partition, options).run();
}

const DERIVED_TOPICS = [TOPICS.violations, TOPICS.checkpoints, TOPICS.deadLetters] as const;

class PartitionAudit {
	readonly #log: TolerantLog;
	readonly #partition: number;
	readonly #of: PartitionOptions;
	readonly #found = new FoundList();
	readonly #unverifiable: Record<WhyUnverifiable, number> = {
		input: 0,
		sealed: 0,
		erased: 0,
		semantics: 0,
		policy: 0,
	};
	/** Policies whose text is not what their digest says. */
	readonly #badBundles = new Set<string>();
	#checks: LedgerChecks | null = null;
	#begins: Readonly<Record<InputTopic, Offset>> = { intents: 0, control: 0 };
	#tree = new CompactRange();
	readonly #claimed = new Set<string>();
	/** Entries that name a claim which is not on the log. */
	#unclaimed: { readonly offset: Offset; readonly claim: string; count: number } | null = null;
	#cut: { readonly offset: Offset; readonly seq: string; readonly due: number; count: number } | null = null;
	/** Of the entry that was met last. */
	#offset: Offset = 0;
	#until: EpochMs = 0;
	/** `seq` of the last entry that the largest checkpoint on the log holds, and when its input came. */
	#lastSigned = -1;
	#signedAt: EpochMs | null = null;
	#pendingDerived = 0;
	#entries = 0;
	#claims = 0;
	#voids = 0;
	#recomputed = 0;

	constructor(log: TolerantLog, partition: number, options: PartitionOptions) {
		this.#log = log;
		this.#partition = partition;
		this.#of = options;
	}

	async run(): Promise<VerifiedPartition> {
		// The ends first: what is there by now follows from entries that are there by then.
		const ends = await Promise.all(DERIVED_TOPICS.map((topic) => this.#log.bounds(this.#at(topic))));
		const notes = await signedOnLog(this.#log, this.#partition, this.#of.keys, this.#found.add);
		const own = [...this.#of.notes, ...notes].filter(({ of }) => of === this.#partition);
		for (const { of, size } of notes)
			if (of === this.#partition) this.#lastSigned = Math.max(this.#lastSigned, size - 1);
		const roots = new SignedRoots(own, this.#partition, this.#found.add);
		const [intents, control] = await Promise.all([this.#begin("intents"), this.#begin("control")]);
		this.#begins = { intents, control };
		const isWhole = await this.#walk(roots);
		if (!isWhole) await this.#followLeaves(roots);
		roots.end(this.#tree.size);
		for (const [index, topic] of DERIVED_TOPICS.entries())
			await this.#readDerived(topic, ends[index]?.end ?? 0, isWhole);
		this.#findCut();
		if (isWhole) this.#findUnpublished();
		const inputs = isWhole ? await this.#readInputs() : 0;
		for (const finding of this.#log.lost) this.#found.add(finding);
		return {
			partition: this.#partition,
			findings: this.#found.kept,
			findingCount: this.#found.count,
			entries: this.#entries,
			claims: this.#claims,
			voids: this.#voids,
			admissions: this.#checks?.admissions ?? 0,
			recomputed: this.#recomputed,
			unverifiable: this.#unverifiable,
			tree: { size: this.#tree.size, root: this.#tree.root() },
			signed: roots.covered < 0 ? null : roots.covered,
			signedAt: this.#signedAt,
			until: this.#until,
			checkpoints: roots.checked,
			pending: { inputs, derived: this.#pendingDerived },
			notes,
		};
	}

	/** False: the ledger does not fold to its end. */
	async #walk(roots: SignedRoots): Promise<boolean> {
		const { layout, catalogue, verifierOf, onProgress, signal } = this.#of;
		const onClaim = (theirs: Layout, { headers, offset }: LogRecord): void => {
			this.#claims += 1;
			this.#claimed.add(headers["assent-claim"] ?? "");
			this.#passCut();
			const difference = layoutDifference(layout, theirs);
			if (difference !== null)
				this.#tell("ledger.layout", { offset, message: `the claim at offset ${offset} says otherwise: ${difference}` });
		};
		try {
			const folded = await walk(
				this.#log,
				this.#partition,
				{ layout, catalogue, verifierOf, onClaim, onVoid: (...of) => this.#void(...of), onProgress, signal },
				(walked) => {
					this.#passCut();
					this.#tree = walked.before.tree;
					this.#voids = walked.before.voids;
					roots.take(walked.before.tree);
					this.#visit(walked);
					return true;
				},
			);
			this.#tree = folded.tree;
			this.#voids = folded.voids;
			roots.take(folded.tree);
			return true;
		} catch (thrown) {
			if (await this.#isOfNewer(thrown)) throw thrown;
			const message = this.#whyInvalid(thrown);
			const [, offset] = /offset (\d+)/.exec(message) ?? [];
			this.#tell("ledger.invalid", { offset: offset === undefined ? null : Number(offset), message });
			return false;
		}
	}

	/** A ledger of a newer version is not wrong, unless it is not what was signed: what names a version may have been changed, too. */
	async #isOfNewer(thrown: unknown): Promise<boolean> {
		if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LEDGER_VERSION") return false;
		const { keys, notes } = this.#of;
		const onLog = await signedOnLog(this.#log, this.#partition, keys, () => {});
		let isSigned = true;
		const own = [...notes, ...onLog].filter(({ of }) => of === this.#partition);
		await this.#followLeaves(
			new SignedRoots(own, this.#partition, () => {
				isSigned = false;
			}),
		);
		return isSigned;
	}

	/** Throws what says nothing of the ledger. */
	#whyInvalid(thrown: unknown): string {
		if (thrown instanceof AssentError) {
			if (thrown.code !== "ASSENT_LEDGER_INVALID" && thrown.code !== "ASSENT_LEDGER_VERSION") throw thrown;
			return thrown.problem.message.replace(/^partition \d+: /, "");
		}
		// State of a wrong entry may be one that never is: it was told of when it was met.
		if (this.#found.count === 0 || !(thrown instanceof Error)) throw thrown;
		return `the ledger cannot be followed behind offset ${this.#offset}: ${thrown.message}`;
	}

	#visit(walked: Walked): void {
		const { before, offset } = walked;
		this.#checks ??= new LedgerChecks(before, this.#partition, this.#of.catalogue);
		// One that comes out again is at hand, and need not be read.
		const again = recomputed(walked, this.#of.catalogue);
		const { entry } = walked;
		this.#entries += 1;
		this.#offset = offset;
		this.#until = entry.at;
		if (entry.seq === this.#lastSigned) this.#signedAt = entry.causeTime;
		this.#judge(walked, again);
		this.#checks.take(entry, offset, (code, what) => this.#tellOf(code, entry, offset, what));
	}

	#judge(walked: Walked, again: Recomputed): void {
		const { entry, offset, missing } = walked;
		switch (again.kind) {
			case "same":
				this.#recomputed += 1;
				return;
			case "other":
				this.#differs(walked, again.entry);
				return;
			case "unverifiable": {
				const { topic, offset: of } = entry.cause;
				this.#unverifiable[again.why] += 1;
				if (again.why === "input" && missing === "input" && of >= this.#begins[topic])
					this.#tellOf("input.missing", entry, offset, `answers ${topic} ${of}, where no record is left`);
			}
		}
	}

	/** Which text the policies had nobody can tell, where it was exchanged: what they decided is not wrong. */
	#differs({ before, entry, offset }: Walked, again: LedgerEntry): void {
		const { digest } = before.state.policy;
		if (digest === "" || this.#of.catalogue.get(digest) !== "invalid") {
			this.#tellOf("decision.differs", entry, offset, differenceOf(entry, again));
			return;
		}
		this.#unverifiable.policy += 1;
		if (this.#badBundles.has(digest)) return;
		this.#badBundles.add(digest);
		const what = `was decided by the policies ${digest.slice(0, 12)}, and what is filed under this digest has another`;
		this.#tellOf("policy.bundle", entry, offset, what);
	}

	/** Leaf by leaf, where the entries are not looked into. */
	async #followLeaves(roots: SignedRoots): Promise<void> {
		this.#tree = new CompactRange();
		let head = emptyHead;
		roots.take(this.#tree);
		for await (const records of readToEnd(this.#log, this.#at(TOPICS.decisions), 0)) {
			for (const record of records) {
				const judged = judgeRecord(head, record.headers);
				head = judged.head;
				if (judged.kind !== "valid") continue;
				this.#tree.append(record.value);
				roots.take(this.#tree);
			}
		}
	}

	/** Records that name the claim in force and count for nobody, and behind which nothing counts; and those of a claim that nobody has made. */
	#findCut(): void {
		// On a log of several machines a processor may have lost an append in front of one that was taken, and have died.
		if (this.#found.count > 0) this.#tellCut();
		else this.#passCut();
		if (this.#unclaimed === null) return;
		const { offset, claim, count } = this.#unclaimed;
		const message = `the record at offset ${offset} names the claim ${claim}, which is not on the log: it and ${count - 1} more do not count`;
		this.#tell("ledger.claim", { offset, message });
	}

	/** Behind them another entry or claim counts. A log file never has any. */
	#passCut(): void {
		if (this.#log.url.startsWith("file:")) this.#tellCut();
		this.#cut = null;
	}

	#tellCut(): void {
		if (this.#cut === null) return;
		const { offset, seq, due, count } = this.#cut;
		const message = `the record at offset ${offset} says seq ${seq}, where ${due} is due: it and ${count - 1} behind it do not count`;
		this.#tell("ledger.cut", { offset, message });
	}

	#void({ headers, offset }: LogRecord, { claim, seq }: LedgerHead): void {
		if (headers["assent-kind"] !== "entry") return;
		const named = headers["assent-claim"] ?? "nothing";
		if (!this.#claimed.has(named)) {
			this.#unclaimed ??= { offset, claim: named, count: 0 };
			this.#unclaimed.count += 1;
		} else if (named !== claim) return;
		else if (this.#cut !== null) this.#cut.count += 1;
		else this.#cut = { offset, seq: headers["assent-seq"] ?? "nothing", due: seq + 1, count: 1 };
	}

	/** Of a ledger that breaks off nobody can tell what follows from its rest. */
	async #readDerived(topic: (typeof DERIVED_TOPICS)[number], end: Offset, isWhole: boolean): Promise<void> {
		const { begin } = await this.#log.bounds(this.#at(topic));
		for await (const records of readToEnd(this.#log, this.#at(topic), begin, end)) {
			for (const { value, offset } of records) {
				const where = `the record at offset ${offset} of ${topic}/${this.#partition}`;
				const tell = (code: FindingCode, what: string): void =>
					this.#tell(code, { topic, offset, message: `${where} ${what}` });
				const read = decodeDerived(value);
				if (!read.ok) tell("derived.unreadable", `cannot be read: ${read.error.message}`);
				else if (read.value.type !== "checkpoint.signed") this.#checkDerived(read.value, isWhole, tell);
			}
		}
	}

	#checkDerived(record: DerivedRecord, isWhole: boolean, tell: (code: FindingCode, what: string) => void): void {
		const derived = consequenceOf(record);
		if (derived === null) {
			tell("derived.unfounded", `is a ${record.type}`);
			return;
		}
		const fault = this.#checks === null ? "unfounded" : this.#checks.derived.fault(derived);
		if (fault === "differs") tell("derived.differs", `(${nameOf(derived)}) says what its entry does not`);
		else if (fault === "unfounded" && isWhole)
			tell("derived.unfounded", `(${nameOf(derived)}) belongs to no valid entry`);
	}

	#findUnpublished(): void {
		for (const { name, seq, isPending } of this.#checks?.derived.unpublished() ?? []) {
			if (isPending) this.#pendingDerived += 1;
			else this.#tell("derived.missing", { seq, message: `the ${name}, which follows from seq ${seq}, is not there` });
		}
	}

	/** How many inputs have no entry yet. */
	async #readInputs(): Promise<number> {
		const { inputs: order, passedOver = [] } = this.#checks ?? {};
		for (const { topic, from, until, seq, offset } of passedOver) {
			const first = await this.#firstFrom(topic, from);
			if (first === null || first >= until) continue;
			const message = `seq ${seq} answers ${topic} ${until}, and ${first}, which is before it, has no entry`;
			this.#tell("input.unanswered", { offset, seq, message });
		}
		let pending = 0;
		for (const topic of ["intents", "control"] as const) {
			const { begin, end } = await this.#log.bounds(this.#at(topic));
			pending += Math.max(0, end - Math.max(begin, order?.next[topic] ?? 0));
		}
		return pending;
	}

	/** Where the first input at or after an offset is; null where there is none. */
	async #firstFrom(topic: InputTopic, offset: Offset): Promise<Offset | null> {
		const { begin, end } = await this.#log.bounds(this.#at(topic));
		const from = Math.max(begin, offset);
		if (from >= end) return null;
		return (await this.#log.read(this.#at(topic), from, { recordsMax: 1 }))[0]?.offset ?? null;
	}

	async #begin(topic: InputTopic): Promise<Offset> {
		return (await this.#log.bounds(this.#at(topic))).begin;
	}

	#at(topic: string): { readonly topic: string; readonly partition: number } {
		return { topic, partition: this.#partition };
	}

	#tellOf(code: FindingCode, { seq, kind }: LedgerEntry, offset: Offset, what: string): void {
		this.#tell(code, { offset, seq, message: `seq ${seq} (${kind}) ${what}` });
	}

	#tell(code: FindingCode, of: Partial<Finding> & Pick<Finding, "message">): void {
		this.#found.add({ code, partition: this.#partition, topic: TOPICS.decisions, offset: null, seq: null, ...of });
	}
}
