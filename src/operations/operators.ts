/** What operators say to a running deployment, as control records. Their answers are `answers.ts`. */
import { randomUUID } from "node:crypto";
import type { CallId } from "../core/model/ids.ts";
import {
	type ControlHead,
	type ControlRecord,
	type HaltScope,
	type InputTopic,
	type PayloadErased,
	type RoutedRecord,
	subjectOf,
} from "../core/model/inputs.ts";
import { type Layout, routeOf } from "../core/model/layout.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import type { Signer } from "../ports/signer.ts";
import { appendControl } from "../publishing/control.ts";
import { ledgerOf } from "../reading/partition-view.ts";
import { partitionsOf } from "../reading/principal-filter.ts";
import type { Activation } from "./activation.ts";
import { partitionsOfScope } from "./erasure.ts";
import { type LedgerPlace, placeOfLedger } from "./questions.ts";

/** Who acts, and when by the machine's clock. */
export interface Operator {
	readonly by: string;
	readonly now: EpochMs;
	/** Signs what is said in that name, where the policies name operators and approvers. */
	readonly signer?: Signer | null;
}

/** A control record on the log, and from where on its answer can lie. */
export interface SentControl {
	readonly partition: number;
	/** In `control/p`: the cause that the answer names. */
	readonly offset: Offset;
	/** The end that `decisions/p` had before it was sent. */
	readonly ledgerFrom: Offset;
	/** Where the ledger stood before it was sent, if somebody who decides there has said so. */
	readonly place?: LedgerPlace;
}

type Session = { readonly tenant: string; readonly agent: string; readonly session: string };

/** A vote on a held call, the one with this commitment. Safe to repeat: an approver counts once. */
export const sendVote = (
	log: Log,
	layout: Layout,
	options: Operator & {
		call: CallId;
		session: string;
		commitment: string;
		vote: "granted" | "rejected";
		comment: string;
	},
): Promise<SentControl> =>
	sendTo(log, layout, options, {
		type: options.vote === "granted" ? "approval.granted" : "approval.rejected",
		...headOf(options),
		call: options.call,
		session: options.session,
		commitment: options.commitment,
		comment: options.comment,
	});

/** A top-up or a reset of one limit for one scope key; parts that the scope does not have are empty. */
export const sendAdjustment = (
	log: Log,
	layout: Layout,
	adjustment: Operator & Session & { policy: string; limit: string; change: "topup" | "reset"; amount: number },
): Promise<SentControl> => {
	const { policy, limit, tenant, agent, session, change, amount } = adjustment;
	return sendTo(log, layout, adjustment, {
		type: "budget.adjusted",
		...headOf(adjustment),
		policy,
		limit,
		tenant,
		agent,
		session,
		change,
		amount,
	});
};

export const sendSessionEnd = (log: Log, layout: Layout, options: Operator & Session): Promise<SentControl> =>
	sendTo(log, layout, options, {
		type: "session.ended",
		...headOf(options),
		tenant: options.tenant,
		agent: options.agent,
		session: options.session,
	});

/** Lets a partition go on behind inputs that are gone: from where it stands to the first that is left. */
export async function sendSkip(
	log: Log,
	skip: Operator & { partition: number; topic: InputTopic; from: Offset; until: Offset; reason: string },
): Promise<SentControl> {
	const { partition, topic, from, until, reason } = skip;
	const record = { type: "inputs.skipped", ...headOf(skip), topic, from, until, reason } as const;
	return put(log, { partition, key: null }, record, skip);
}

/**
 * A halt, or its end, on every partition: the scope may have calls in any of them. Each is sent for itself, so that none waits
 * for another whose broker does not answer.
 */
export function sendHalt(
	log: Log,
	layout: Layout,
	halt: Operator & { change: "set" | "lifted"; scope: HaltScope; reason: string },
): readonly Promise<SentControl>[] {
	const type = halt.change === "set" ? "halt.set" : "halt.lifted";
	const record = { type, ...headOf(halt), scope: halt.scope, reason: halt.reason } as const;
	return partitionsOf(layout).map((partition) => put(log, { partition, key: null }, record, halt));
}

/** That the arguments of a scope are erased, wherever its intents can be. To be answered before their keys are destroyed. */
export function sendErasure(
	log: Log,
	layout: Layout,
	erasure: Operator & Pick<PayloadErased, "scope" | "intents" | "reason">,
): readonly Promise<SentControl>[] {
	const { scope, intents, reason } = erasure;
	const record = { type: "payload.erased", ...headOf(erasure), scope, intents, reason } as const;
	return partitionsOfScope(layout, scope).map((partition) => put(log, { partition, key: null }, record, erasure));
}

export const sentActivation = (
	{ controlOffsets, ledgerFrom }: Activation,
	places: readonly (LedgerPlace | null)[] = [],
): readonly SentControl[] =>
	controlOffsets.map((offset, partition) => ({
		partition,
		offset,
		ledgerFrom: ledgerFrom[partition] ?? 0,
		...placed(places[partition] ?? null),
	}));

const placed = (place: LedgerPlace | null): { readonly place?: LedgerPlace } => (place === null ? {} : { place });

/** The end of each ledger: to be asked before something is sent, so that its answer comes after it. */
export const placesOf = (log: Log, layout: Layout): Promise<(LedgerPlace | null)[]> =>
	Promise.all(partitionsOf(layout).map((partition) => placeOfLedger(log, partition)));

const headOf = ({ by, now }: Operator): ControlHead => ({ id: randomUUID(), issuedBy: by, issuedAt: now });

const sendTo = (log: Log, layout: Layout, by: Operator, record: RoutedControl): Promise<SentControl> =>
	put(log, routeOf(layout, subjectOf(record)), record, by);

type RoutedControl = Extract<ControlRecord, RoutedRecord>;

async function put(
	log: Log,
	to: { partition: number; key: string | null },
	record: ControlRecord,
	{ signer = null }: Operator,
): Promise<SentControl> {
	const { partition } = to;
	const { end: ledgerFrom } = await log.bounds(ledgerOf(partition));
	const place = await placeOfLedger(log, partition);
	const offset = await appendControl(log, to, record, signer);
	return { partition, offset, ledgerFrom, ...placed(place) };
}
