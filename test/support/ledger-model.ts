/**
 * A model of owners who share one partition of the ledger through a bad network, and the checker of what readers may see.
 *
 * Every command is one step of one owner or of the network; the same commands give the same history. The log only
 * appends, as Kafka does: it refuses nothing, and whoever was superseded learns it from the acknowledged offset.
 */
import fc from "fast-check";
import { claimHeaders, emptyHead, type judgeRecord, ledgerHeaders } from "../../src/core/ledger/validity.ts";

export type Judge = typeof judgeRecord;

/** `slow`: the sender waits, and others act before it lands. `late`: the sender has given up when it lands. */
type Fate = "acked" | "acknowledgement lost" | "slow" | "late" | "lost" | "twice";

export type Command =
	| { readonly kind: "claim"; readonly owner: number; readonly fate: Fate }
	| { readonly kind: "append"; readonly owner: number; readonly count: number; readonly fate: Fate }
	| { readonly kind: "crash"; readonly owner: number }
	| { readonly kind: "deliver"; readonly index: number };

/** What an entry says: which one it is, and the last valid entry of the history it was decided from. */
interface Decided {
	readonly id: number;
	readonly parent: number | null;
}

interface ModelRecord {
	readonly headers: Readonly<Record<string, string>>;
	/** Null for a claim. */
	readonly decided: Decided | null;
	/** Which arrival wrote it: the records of one arrival lie side by side. */
	readonly arrival: number;
}

type Message = readonly Pick<ModelRecord, "headers" | "decided">[];

type Owner =
	| { readonly kind: "idle" }
	| { readonly kind: "claiming"; readonly claim: string; readonly message: Message }
	| {
			readonly kind: "owning";
			readonly claim: string;
			readonly seq: number;
			readonly last: number | null;
			readonly next: number;
	  }
	| { readonly kind: "appending"; readonly from: Owner & { kind: "owning" }; readonly message: Message };

export interface History {
	readonly log: readonly ModelRecord[];
	/** Ids of entries whose owner believes them valid, in the order of release. */
	readonly released: readonly number[];
}

/** How the owners go wrong, for planted bugs. */
export interface Faults {
	readonly judge: Judge;
	/** An owner claims with the same id every time. */
	readonly isClaimIdReused?: boolean;
	/** An owner takes any acknowledgement for a dense one. */
	readonly isDenseCheckOff?: boolean;
}

const OWNERS = 3;

const fate = fc.oneof(
	{ weight: 4, arbitrary: fc.constant<Fate>("acked") },
	{ weight: 4, arbitrary: fc.constantFrom<Fate>("acknowledgement lost", "slow", "late", "lost", "twice") },
);
const owner = fc.nat({ max: OWNERS - 1 });

/** Up to sixty steps of up to three owners and the network. */
export const commands: fc.Arbitrary<readonly Command[]> = fc.array(
	fc.oneof(
		{ weight: 3, arbitrary: fc.record({ kind: fc.constant("claim" as const), owner, fate }) },
		{
			weight: 6,
			arbitrary: fc.record({
				kind: fc.constant("append" as const),
				owner,
				count: fc.integer({ min: 1, max: 3 }),
				fate,
			}),
		},
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), owner }) },
		{ weight: 4, arbitrary: fc.record({ kind: fc.constant("deliver" as const), index: fc.nat({ max: 5 }) }) },
	),
	{ maxLength: 60, size: "max" },
);

/** Runs the commands; those that make no sense at their moment are passed over. */
export function simulate(steps: readonly Command[], faults: Faults): History {
	const log: ModelRecord[] = [];
	const released: number[] = [];
	const owners: Owner[] = Array.from({ length: OWNERS }, () => ({ kind: "idle" }));
	const network: Message[] = [];
	let arrivals = 0;
	let ids = 0;

	const land = (message: Message): number => {
		const base = log.length;
		arrivals += 1;
		for (const record of message) log.push({ ...record, arrival: arrivals });
		return base;
	};

	const send = (who: number, message: Message, how: Fate): void => {
		switch (how) {
			case "twice":
				network.push(message);
				acknowledge(who, land(message));
				return;
			case "acked":
				acknowledge(who, land(message));
				return;
			case "acknowledgement lost":
				land(message);
				owners[who] = { kind: "idle" };
				return;
			case "slow":
				network.push(message);
				return;
			case "late":
				network.push(message);
				owners[who] = { kind: "idle" };
				return;
			case "lost":
				owners[who] = { kind: "idle" };
		}
	};

	/** The owner who waits for this message learns where it landed. */
	const acknowledge = (who: number, base: number): void => {
		const waiting = owners[who] as Owner;
		if (waiting.kind === "claiming") {
			owners[who] = restore(waiting.claim, log.slice(0, base + 1), faults.judge);
		} else if (waiting.kind === "appending") {
			const { from, message } = waiting;
			if (base !== from.next && faults.isDenseCheckOff !== true) {
				owners[who] = { kind: "idle" };
				return;
			}
			const decided = message.map((record) => (record.decided as Decided).id);
			released.push(...decided);
			owners[who] = {
				...from,
				seq: from.seq + decided.length,
				last: decided.at(-1) ?? null,
				next: base + decided.length,
			};
		}
	};

	for (const step of steps) {
		switch (step.kind) {
			case "claim": {
				ids += 1;
				const claim = (faults.isClaimIdReused === true ? step.owner + 1 : ids + OWNERS).toString(16).padStart(32, "0");
				const message: Message = [{ headers: claimHeaders(claim), decided: null }];
				owners[step.owner] = { kind: "claiming", claim, message };
				send(step.owner, message, step.fate);
				break;
			}
			case "append": {
				const from = owners[step.owner] as Owner;
				if (from.kind !== "owning") break;
				const message = Array.from({ length: step.count }, (_, index) => {
					ids += 1;
					const parent = index === 0 ? from.last : ids - 1;
					const headers = ledgerHeaders({ claim: from.claim, seq: from.seq + 1 + index, first: from.seq + 1 });
					return { headers, decided: { id: ids, parent } };
				});
				owners[step.owner] = { kind: "appending", from, message };
				send(step.owner, message, step.fate);
				break;
			}
			case "crash":
				owners[step.owner] = { kind: "idle" };
				break;
			case "deliver": {
				const [message] = network.splice(step.index, 1);
				if (message === undefined) break;
				const base = land(message);
				const who = owners.findIndex((other) => "message" in other && other.message === message);
				if (who >= 0) acknowledge(who, base);
			}
		}
	}
	return { log, released };
}

/** What an owner knows that has read the ledger up to its own claim. */
function restore(claim: string, log: readonly ModelRecord[], judge: Judge): Owner {
	let head = emptyHead;
	let last: number | null = null;
	for (const { headers, decided } of log) {
		const judged = judge(head, headers);
		if (judged.kind === "valid") last = decided?.id ?? null;
		head = judged.head;
	}
	return head.claim === claim ? { kind: "owning", claim, seq: head.seq, last, next: log.length } : { kind: "idle" };
}

/** Every promise that the history breaks, read with `judge`; empty when all hold. */
export function violations({ log, released }: History, judge: Judge): readonly string[] {
	const broken: string[] = [];
	const valid: number[] = [];
	const verdicts = new Map<number, Set<string>>();
	let head = emptyHead;
	let inForce: string | undefined;
	for (const [offset, { headers, decided, arrival }] of log.entries()) {
		const judged = judge(head, headers);
		head = judged.head;
		if (decided === null) {
			inForce = headers["assent-claim"];
			continue;
		}
		verdicts.set(arrival, (verdicts.get(arrival) ?? new Set()).add(judged.kind));
		if (judged.kind !== "valid") continue;
		if (headers["assent-seq"] !== String(valid.length)) broken.push(`${offset}: seq is not dense`);
		if (headers["assent-claim"] !== inForce) broken.push(`${offset}: a superseded owner's entry is valid`);
		if (decided.parent !== (valid.at(-1) ?? null)) broken.push(`${offset}: decided from another history`);
		if (valid.includes(decided.id)) broken.push(`${offset}: valid twice`);
		valid.push(decided.id);
	}
	for (const [arrival, kinds] of verdicts) if (kinds.size > 1) broken.push(`append ${arrival}: valid in part`);
	for (const id of released) if (!valid.includes(id)) broken.push(`${id}: released without a valid entry`);
	if (new Set(released).size !== released.length) broken.push("released twice");
	return broken;
}
