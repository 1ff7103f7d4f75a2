/** One partition, looked at as an auditor would: does it fold, and do its digests and its last checkpoint come out again? */

import { AssentError, type Problem } from "../../core/base/errors.ts";
import { layoutDifference } from "../../core/ledger/fold.ts";
import { SEMANTICS } from "../../core/model/entries.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { CheckpointCreated } from "../../core/model/records.ts";
import { AHEAD_MAX_MS, type DurationMs, type EpochMs, type Offset } from "../../core/model/units.ts";
import { DIGEST_EVERY } from "../../core/state/digest.ts";
import { NO_POLICY, type PolicyInForce } from "../../core/state/head.ts";
import { overdueKeys } from "../../core/state/slice.ts";
import type { State } from "../../core/state/state.ts";
import { type Log, TOPICS } from "../../ports/log/log.ts";
import { activationsOn, type PastActivation } from "../../reading/activations.ts";
import { ledgerOf, readState } from "../../reading/partition-view.ts";
import { publishedOf } from "../../reading/published.ts";
import { refusedActivation } from "../policy-standing.ts";
import { askedState } from "../questions.ts";
import { inputEnds, type Loss, undecided } from "./input-findings.ts";
import type { StockAvro } from "./stock-avro.ts";

/** What a recomputation said of a claimed digest or root. */
type Recomputed =
	/** Nothing is claimed yet, or the claimed part is before the first entry that is left. */
	| { readonly kind: "unchecked" }
	| { readonly kind: "agrees"; readonly size: number }
	| { readonly kind: "differs"; readonly size: number; readonly what: "root" | "state digest" }
	/** A checkpoint covers more entries than there are: the ledger has lost its end. */
	| { readonly kind: "ahead"; readonly size: number };

export interface PartitionReport {
	readonly partition: number;
	/** Why the ledger does not fold to its end; all figures are then those up to there. */
	readonly problem: Problem | null;
	readonly entries: number;
	readonly voids: number;
	readonly claims: number;
	/** Highest semantics of the entries that were read; 0 when there was none. */
	readonly semantics: number;
	/** Entries of an older version: what they say of the state's digest is not ours to check, for it was another state's form. */
	readonly older: number;
	/** How a claim's layout differs from the deployment's; null when all agree. */
	readonly layoutDifference: string | null;
	readonly policy: PolicyInForce;
	/** The last activation that was read, where nothing came of it. */
	readonly refused: PastActivation | null;
	/** How far the log's own time has run ahead of the clock, where it has, by more than records may be; else 0. */
	readonly aheadMs: DurationMs;
	readonly digests: Recomputed;
	readonly checkpoint: Recomputed;
	/** How many entries a stock Avro library has read, too, and the first that it reads otherwise. */
	readonly stockAvro: Pick<StockAvro, "compared" | "differsAt">;
	/** Inputs that were on the log before reading began and have no entry. */
	readonly lag: number;
	/** Inputs that are gone and have none. */
	readonly losses: readonly Loss[];
	readonly holds: number;
	/** Items that are due and have no effect written, and since when the oldest is. */
	readonly overdue: number;
	readonly overdueSince: EpochMs;
	readonly halts: number;
	readonly deadLetters: number;
	/** Next offset of `decisions/p`. */
	readonly next: Offset;
}

export async function checkPartition(
	log: Log,
	layout: Layout,
	partition: number,
	options: {
		readonly now: EpochMs;
		/** False: what a running processor says of it, or the last snapshot and the entries after it. Default: from its beginning. */
		readonly isFull?: boolean;
		readonly onProgress?: (records: number) => void;
		readonly signal?: AbortSignal;
	},
): Promise<PartitionReport> {
	const ends = await inputEnds(log, partition);
	const dead = await log.bounds({ topic: TOPICS.deadLetters, partition });
	// Loaded here: no other command than the one that looks at a ledger needs the library.
	const { StockAvro } = await import("./stock-avro.ts");
	const findings = new LedgerFindings(layout, (await publishedOf(log, partition)).checkpoint, new StockAvro());
	const { isFull = true } = options;
	const reading = {
		from: isFull ? "beginning" : "snapshot",
		onFolded: findings.take,
		...(options.onProgress ? { onProgress: options.onProgress } : {}),
		...(options.signal ? { signal: options.signal } : {}),
	} as const;
	try {
		const told = isFull ? null : await askedState(log, layout, partition, { held: true, dueAt: options.now });
		const { state, next, voids } = told === null ? await readSeen() : { ...told, voids: 0 };
		const held = [...state.heldBySession.values()].reduce((sum, keys) => sum + keys.size, 0);
		const late = [...overdueKeys(state, options.now)].map((key) => state.calls.get(key)?.dueAt ?? options.now);
		return {
			...findings.report(state.nextSeq),
			partition,
			problem: null,
			entries: state.nextSeq,
			voids,
			policy: state.policy,
			refused: await lastRefused(log, state),
			aheadMs: state.streamTime > options.now + AHEAD_MAX_MS ? state.streamTime - options.now : 0,
			...(await undecided(log, state, ends)),
			holds: held,
			overdue: late.length,
			overdueSince: late.reduce((first, dueAt) => Math.min(first, dueAt), options.now),
			halts: state.halts.size,
			deadLetters: dead.end - dead.begin,
			next,
		};
	} catch (thrown) {
		if (!(thrown instanceof AssentError) || !ABOUT_THE_LEDGER.has(thrown.code)) throw thrown;
		return {
			...findings.report(null),
			partition,
			problem: thrown.problem,
			voids: 0,
			policy: NO_POLICY,
			refused: null,
			aheadMs: 0,
			lag: 0,
			losses: [],
			holds: 0,
			overdue: 0,
			overdueSince: options.now,
			halts: 0,
			deadLetters: dead.end - dead.begin,
			next: (await log.bounds(ledgerOf(partition))).end,
		};
	}

	async function readSeen() {
		const { folded, next } = await readState(log, layout, partition, reading);
		return { state: folded.state, next, voids: folded.voids };
	}
}

async function lastRefused(log: Log, { partition, policy, inputs }: State): Promise<PastActivation | null> {
	const { end } = await log.bounds({ topic: TOPICS.control, partition });
	const activations = await activationsOn(log, partition, { from: Math.max(0, end - LOOKED_THROUGH) });
	return refusedActivation({ policy, lastRead: activations.findLast(({ offset }) => offset < inputs.control) ?? null });
}

/** Control records in which a refused activation is looked for: an older one is no news. */
const LOOKED_THROUGH = 50_000;

const ABOUT_THE_LEDGER: ReadonlySet<string> = new Set([
	"ASSENT_LEDGER_INVALID",
	"ASSENT_LEDGER_VERSION",
	"ASSENT_LOG_OFFSET_GONE",
]);

/** Collects while the ledger is folded. */
class LedgerFindings {
	readonly #layout: Layout;
	readonly #published: CheckpointCreated | null;
	#entries = 0;
	#claims = 0;
	#semantics = 0;
	#older = 0;
	#layoutDifference: string | null = null;
	#digests: Recomputed = { kind: "unchecked" };
	#checkpoint: Recomputed = { kind: "unchecked" };
	#isRootRight = false;
	readonly #stockAvro: StockAvro;
	/** What the next entry is to carry, by the fold. */
	#due: { readonly seq: number; readonly digest: string } | null = null;

	constructor(layout: Layout, published: CheckpointCreated | null, stockAvro: StockAvro) {
		this.#layout = layout;
		this.#published = published;
		this.#stockAvro = stockAvro;
	}

	/** For `ReadStateOptions.onFolded`. */
	readonly take: NonNullable<NonNullable<Parameters<typeof readState>[3]>["onFolded"]> = (read, folded, { value }) => {
		if (read.kind === "claim") {
			this.#claims += 1;
			this.#layoutDifference ??= layoutDifference(this.#layout, read.layout);
		}
		if (read.kind !== "entry") return;
		const { seq, semantics, stateDigest: said } = read.entry;
		this.#entries = seq + 1;
		this.#semantics = Math.max(this.#semantics, semantics);
		const isOlder = semantics < SEMANTICS;
		if (isOlder) this.#older += 1;
		else this.#stockAvro.take(read.entry, value);
		// Of a checkpoint that an older version made the root alone can be checked.
		if (isOlder && this.#checkpoint.kind === "differs" && this.#checkpoint.size === seq && this.#isRootRight) {
			this.#checkpoint = { kind: "agrees", size: seq };
		}
		if (this.#due?.seq === seq && this.#digests.kind !== "differs" && !isOlder) {
			this.#digests =
				said === this.#due.digest
					? { kind: "agrees", size: seq }
					: { kind: "differs", size: seq, what: "state digest" };
		}
		const { nextSeq } = folded.state;
		if (nextSeq % DIGEST_EVERY !== 0) return;
		this.#due = { seq: nextSeq, digest: folded.state.digests.next(folded.state) };
		if (this.#published?.size === nextSeq) {
			this.#checkpoint = compare(this.#published, folded.tree.root(), this.#due.digest);
			this.#isRootRight = this.#checkpoint.kind !== "differs" || this.#checkpoint.what !== "root";
		}
	};

	/** `nextSeq` is null when the fold broke off. */
	report(nextSeq: number | null) {
		const size = this.#published?.size ?? 0;
		return {
			entries: this.#entries,
			claims: this.#claims,
			semantics: this.#semantics,
			older: this.#older,
			layoutDifference: this.#layoutDifference,
			digests: this.#digests,
			stockAvro: this.#stockAvro,
			checkpoint: nextSeq !== null && size > nextSeq ? ({ kind: "ahead", size } as const) : this.#checkpoint,
		};
	}
}

function compare(
	{ size, root, stateDigest: digest }: CheckpointCreated,
	ourRoot: string,
	ourDigest: string,
): Recomputed {
	if (root !== ourRoot) return { kind: "differs", size, what: "root" };
	return digest === ourDigest ? { kind: "agrees", size } : { kind: "differs", size, what: "state digest" };
}
