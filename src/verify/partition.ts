/**
 * One partition of a log verified, in one walk along its ledger: what was signed, whether it folds, whether each entry comes out again from
 * its input, and what must have been published of it.
 *
 * V1  What is no longer there to be shown, by retention, by erasure or because other code decided it, is unverifiable, and never wrong.
 * V2  What is still on its way on a live log, entries and what follows from them, is pending, and never wrong.
 * V3  Whatever the records hold, the rest is looked at as far as it can be.
 */
import type { Finding, FindingCode } from "../core/audit/finding.ts";
import { LedgerChecks } from "../core/audit/ledger-checks.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import { layoutDifference } from "../core/ledger/fold.ts";
import type { CompactRange } from "../core/merkle/compact-range.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, TOPICS } from "../ports/log/log.ts";
import type { VerifierOf } from "../ports/signer.ts";
import { type Recomputed, recomputed } from "../replay/recompute.ts";
import { type Walked, type WalkOptions, walk } from "../replay/walk.ts";
import { differenceOf } from "./difference.ts";
import { FoundList } from "./found-list.ts";
import type { NoteKeys } from "./notes.ts";
import { derivedEnds, verifyPublished } from "./published.ts";
import { type FoundNote, signedOnLog } from "./signed-on-log.ts";
import { SignedRoots } from "./signed-roots.ts";
import { type TolerantLog, tolerantLog } from "./tolerant-log.ts";
import { verifyUnanswered } from "./unanswered.ts";
import { Uncounted } from "./uncounted.ts";
import { type Broken, followLeaves, whyBroken } from "./unread-rest.ts";

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

export type WhyUnverifiable = Exclude<Extract<Recomputed, { kind: "unverifiable" }>["why"], "seal">;

export interface VerifiedPartition {
	readonly partition: number;
	readonly findings: readonly Finding[];
	/** With those that were not kept. */
	readonly findingCount: number;
	/** False: the ledger cannot be followed to its end. */
	readonly isWhole: boolean;
	/** Id of the first claim, which names the ledger; null: there is none. */
	readonly origin: string | null;
	readonly entries: number;
	readonly claims: number;
	/** Records of the ledger that count for nobody, by the validity rule. */
	readonly voids: number;
	/** Calls that were let through or held. */
	readonly admissions: number;
	/** Entries that came out again, byte for byte. */
	readonly recomputed: number;
	readonly unverifiable: Readonly<Record<WhyUnverifiable, number>>;
	/** Why the ledger could not be read to its end, where a newer version has written the rest: a sentence. */
	readonly newer: string | null;
	readonly tree: TreeHead;
	/** Entries below the largest signed checkpoint that is right; null: there is none. */
	readonly signed: number | null;
	/** When the log took the input of the last entry that the largest checkpoint on the log holds; null: it holds none, or it is not there. */
	readonly signedAt: EpochMs | null;
	/** The time of the last entry; 0: there is none. */
	readonly until: EpochMs;
	/** Signed checkpoints of this partition that were held against the ledger. */
	readonly checkpoints: number;
	/** Inputs that were lost before they were decided, as an operator has said. */
	readonly skips: readonly { readonly topic: InputTopic; readonly from: Offset; readonly until: Offset }[];
	/** Inputs that have no entry yet, and records that follow from entries and were not published yet. */
	readonly pending: { readonly inputs: number; readonly derived: number };
	/** All signed checkpoints on the log, the anchor's among them. */
	readonly notes: readonly FoundNote[];
}

/** Throws what reading throws where it says nothing of a record, and ASSENT_STOPPED. */
export async function verifyPartition(
	log: Log,
	partition: number,
	options: PartitionOptions,
): Promise<VerifiedPartition> {
	return new PartitionAudit(tolerantLog(log), partition, options).run();
}

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
		classifier: 0,
	};
	/** Policies whose text is not what their digest says. */
	readonly #badBundles = new Set<string>();
	readonly #uncounted: Uncounted;
	#checks: LedgerChecks | null = null;
	#begins: Readonly<Record<InputTopic, Offset>> = { intents: 0, control: 0 };
	#tree: TreeHead = { size: 0, root: "" };
	/** Of the entry that was met last. */
	#offset: Offset = 0;
	#until: EpochMs = 0;
	/** `seq` of the last entry that the largest checkpoint on the log holds, and when its input came. */
	#lastSigned = -1;
	#signedAt: EpochMs | null = null;
	#entries = 0;
	#claims = 0;
	#voids = 0;
	#recomputed = 0;
	#newer: string | null = null;
	#origin: string | null = null;
	readonly #skips: VerifiedPartition["skips"][number][] = [];

	constructor(log: TolerantLog, partition: number, options: PartitionOptions) {
		this.#log = log;
		this.#partition = partition;
		this.#of = options;
		this.#uncounted = new Uncounted(log.url, (code, of) => this.#tell(code, of));
	}

	async run(): Promise<VerifiedPartition> {
		const ends = await derivedEnds(this.#log, this.#partition);
		const notes = await signedOnLog(this.#log, this.#partition, this.#of.keys, this.#found.add);
		for (const { of, size } of notes)
			if (of === this.#partition) this.#lastSigned = Math.max(this.#lastSigned, size - 1);
		const own = [...this.#of.notes, ...notes].filter(({ of }) => of === this.#partition);
		const roots = new SignedRoots(own, this.#partition, this.#found.add);
		const [intents, control] = await Promise.all([this.#begin("intents"), this.#begin("control")]);
		this.#begins = { intents, control };
		const isWhole = await this.#walk(roots);
		roots.end(this.#tree.size);
		const of = {
			log: this.#log,
			partition: this.#partition,
			tell: (code: FindingCode, finding: Partial<Finding> & Pick<Finding, "message">) => this.#tell(code, finding),
		};
		const { derived = null, inputs: order = null, passedOver = [] } = this.#checks ?? {};
		const unpublished = await verifyPublished({ ...of, derived, isWhole }, ends);
		this.#uncounted.end(this.#found.count > 0);
		const inputs = isWhole ? await verifyUnanswered({ ...of, order, passedOver }) : 0;
		for (const finding of this.#log.lost) this.#found.add(finding);
		return {
			partition: this.#partition,
			findings: this.#found.kept,
			findingCount: this.#found.count,
			isWhole,
			origin: this.#origin,
			entries: this.#entries,
			claims: this.#claims,
			voids: this.#voids,
			admissions: this.#checks?.admissions ?? 0,
			recomputed: this.#recomputed,
			unverifiable: this.#unverifiable,
			newer: this.#newer,
			tree: this.#tree,
			signed: roots.covered < 0 ? null : roots.covered,
			signedAt: this.#signedAt,
			until: this.#until,
			checkpoints: roots.checked,
			skips: this.#skips,
			pending: { inputs, derived: unpublished },
			notes,
		};
	}

	/** False: the ledger does not fold to its end. */
	async #walk(roots: SignedRoots): Promise<boolean> {
		const { layout, catalogue, verifierOf, onProgress, signal } = this.#of;
		const onClaim = (theirs: Layout, record: LogRecord): void => {
			const { offset, headers } = record;
			this.#claims += 1;
			this.#origin ??= headers["assent-claim"] ?? null;
			this.#uncounted.claim(record);
			this.#checks?.claim();
			const difference = layoutDifference(layout, theirs);
			if (difference !== null)
				this.#tell("ledger.layout", { offset, message: `the claim at offset ${offset} says otherwise: ${difference}` });
		};
		const onVoid: NonNullable<WalkOptions["onVoid"]> = (...of) => this.#uncounted.take(...of);
		try {
			const folded = await walk(
				this.#log,
				this.#partition,
				{ layout, catalogue, verifierOf, onClaim, onVoid, onProgress, signal },
				(walked) => {
					this.#uncounted.pass();
					this.#voids = walked.before.voids;
					roots.take(walked.before.tree);
					this.#visit(walked);
					return true;
				},
			);
			this.#tree = headOf(folded.tree);
			this.#voids = folded.voids;
			roots.take(folded.tree);
			return true;
		} catch (thrown) {
			await this.#breakOff(whyBroken(thrown), roots);
			return false;
		}
	}

	/**
	 * A ledger of a newer version is not wrong, unless it is not what was signed, or one that this version knows has written it: what names a
	 * version may have been changed, too. Throws what says nothing of the ledger.
	 */
	async #breakOff(broken: Broken, roots: SignedRoots): Promise<void> {
		const before = this.#found.count;
		// State of a wrong entry may be one that never is: it was told of when it was met.
		if (broken.kind === "fold" && before === 0) throw broken.thrown;
		const { tree, notNewer } = await followLeaves(this.#log, this.#partition, (grown) => roots.take(grown));
		this.#tree = headOf(tree);
		if (broken.kind === "newer" && notNewer === null && this.#found.count === before) {
			this.#newer = broken.message;
			this.#unverifiable.semantics += tree.size - this.#entries;
			this.#entries = tree.size;
			return;
		}
		const message =
			broken.kind === "fold"
				? `the ledger cannot be followed behind offset ${this.#offset}: ${broken.message}`
				: broken.message;
		const [, offset] = /offset (\d+)/.exec(message) ?? [];
		this.#tell("ledger.invalid", { offset: offset === undefined ? null : Number(offset), message });
		if (broken.kind !== "newer" || notNewer === null) return;
		const { offset: at, seq, what } = notNewer;
		this.#tell("ledger.semantics", { offset: at, seq, message: `the record at offset ${at} ${what}` });
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
		if (entry.kind === "inputs.skipped") this.#skips.push({ topic: entry.topic, from: entry.from, until: entry.until });
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
				if (again.why === "seal") {
					this.#tellOf("input.seal", entry, offset, `answers ${topic} ${of}, which does not open with the key at hand`);
					return;
				}
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

const headOf = (tree: CompactRange): TreeHead => ({ size: tree.size, root: tree.root() });
