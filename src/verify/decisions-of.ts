/** The entries that decided a call, found by its id, or by that of a decision (`<partition>-<seq>`, which tokens carry). */
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeEntry } from "../core/codec/decode.ts";
import { type CallStep, callSteps } from "../core/ledger/call-steps.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import { callKey } from "../core/model/ids.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Log } from "../ports/log/log.ts";
import { isWanted, type PrincipalFilter, partitionsOf } from "../reading/principal-filter.ts";
import { validEntries } from "../reading/valid-entries.ts";

export interface FoundEntry {
	readonly partition: number;
	readonly seq: number;
	/** As stored. */
	readonly leaf: Uint8Array;
	/** Null where this version does not know its schema. */
	readonly entry: LedgerEntry | null;
	/** What it decided on the call that was asked for; null for an entry that was asked for by its own id. */
	readonly step: CallStep | null;
}

export interface FoundDecisions {
	/** The one that counts: the last that decided the call, or the one that was named. */
	readonly decided: FoundEntry;
	/** The others of the same call, in the order of the ledger. */
	readonly others: readonly FoundEntry[];
}

interface Wanted {
	readonly id: string;
	/** The id is that of a decision, whatever calls are named. */
	readonly isDecision?: boolean;
	readonly filter: PrincipalFilter;
	readonly reading: { readonly onProgress?: (records: number) => void; readonly signal?: AbortSignal };
}

/** Throws ASSENT_USAGE where nothing has the id, or several have it, agents' calls or a call and a decision; and what reading throws. */
export async function decisionsOf(log: Log, layout: Layout, wanted: Wanted): Promise<FoundDecisions> {
	const named = placeIn(wanted.id, layout);
	const found: FoundEntry[] = [];
	let byPlace: FoundEntry | null = null;
	const partitions = new Set(partitionsOf(layout, wanted.filter));
	if (named !== null) partitions.add(named.partition);
	for (const partition of partitions) {
		for await (const { seq, value: leaf } of validEntries(log, partition, wanted.reading)) {
			if (partition === named?.partition && seq === named.seq)
				byPlace = { partition, seq, leaf, entry: entryOf(leaf), step: null };
			if (wanted.isDecision !== true) found.push(...stepsIn({ partition, seq, leaf }, wanted));
		}
	}
	const decided = found.findLast(({ step }) => step?.isAside !== true) ?? found.at(-1) ?? byPlace;
	if (decided === null) throw unknown(wanted);
	const calls = new Set(found.map(({ step }) => (step === null ? "" : callKey(step.call))));
	if (calls.size > 1) throw ambiguous(wanted.id);
	const isOfCall = found.some(({ partition, seq }) => partition === named?.partition && seq === named.seq);
	// Ids of calls are agents' words: none of them speaks for a decision that has another.
	if (byPlace !== null && found.length > 0 && !isOfCall && Object.keys(wanted.filter).length === 0)
		throw twice(decided);
	return { decided, others: found.filter((each) => each !== decided) };
}

/** Only what holds the id's bytes is decoded: a ledger has millions of others. */
function stepsIn(
	{ partition, seq, leaf }: Pick<FoundEntry, "partition" | "seq" | "leaf">,
	{ id, filter }: Wanted,
): readonly FoundEntry[] {
	if (!Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).includes(id, 0, "utf8")) return [];
	const entry = entryOf(leaf);
	if (entry === null) return [];
	return callSteps(entry).flatMap((step): readonly FoundEntry[] => {
		const session = "call" in entry && "session" in entry.call ? entry.call.session : (filter.session ?? "");
		const isCall = step.call.id === id && isWanted(filter, { ...step.call, session });
		return isCall ? [{ partition, seq, leaf, entry, step }] : [];
	});
}

function entryOf(leaf: Uint8Array): LedgerEntry | null {
	const read = decodeEntry(leaf);
	return read.ok ? read.value : null;
}

function placeIn(id: string, layout: Layout): { readonly partition: number; readonly seq: number } | null {
	const [, partition, seq] = /^(0|[1-9]\d{0,3})-(0|[1-9]\d{0,15})$/.exec(id) ?? [];
	if (partition === undefined || Number(partition) >= layout.partitions) return null;
	return { partition: Number(partition), seq: Number(seq) };
}

const unknown = ({ id, filter }: Wanted): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`no entry decides a call \`${id}\`${Object.keys(filter).length === 0 ? "" : " of this principal"}`,
			"look with `assent tail decisions`; what is not decided yet has no entry",
		),
	);

const twice = ({ step, partition, seq }: FoundEntry): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`\`${step?.call.id}\` is the id of a decision, and a call is named so, which decision ${partition}-${seq} decides`,
			"say which is meant: `--decision`, or whose call it is with `--tenant` and `--agent`",
		),
	);

const ambiguous = (id: string): AssentError =>
	new AssentError(problem("ASSENT_USAGE", `several agents have a call \`${id}\``, "say whose: `--tenant`, `--agent`"));
