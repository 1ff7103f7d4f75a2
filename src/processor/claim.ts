/**
 * Taking a partition: the claim is a record in its ledger, with an id drawn afresh for every send. Its acknowledged offset is
 * the last thing to read before deciding; the next append must get the offset after it (docs/design/ownership.md#the-rule).
 */
import { randomBytes } from "node:crypto";
import { err, ok, type Result } from "../core/base/result.ts";
import { derivedEvent } from "../core/codec/event.ts";
import { claimHeaders } from "../core/ledger/validity.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Claim } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { ClaimLoss } from "../ports/meter.ts";

export interface Claimed {
	readonly id: string;
	/** Where the claim is in `decisions/p`. */
	readonly offset: Offset;
}

/** Why a claim ended: its kind for counting, words for readers. */
export interface Loss {
	readonly kind: ClaimLoss;
	readonly why: string;
}

/** Appends a claim. An error says why it may or may not have been written: then claim again, under a new id. */
export async function claim(
	log: Log,
	claimant: { partition: number; instance: string; layout: Layout; now: EpochMs },
): Promise<Result<Claimed, string>> {
	const id = randomBytes(16).toString("hex");
	const record: Claim = { type: "claim", claimId: id, instance: claimant.instance, layout: claimant.layout };
	const { value, headers } = derivedEvent(record, {
		id,
		source: `assent/processor/${claimant.instance}`,
		time: claimant.now,
	});
	const appended = await log.append({ topic: TOPICS.decisions, partition: claimant.partition }, [
		{ key: null, value, headers: { ...headers, ...claimHeaders(id) } },
	]);
	switch (appended.kind) {
		case "appended":
			return ok({ id, offset: appended.base });
		case "superseded":
		case "withheld":
			return err(appended.kind);
		case "unknown":
			return err(appended.why);
		case "failed":
			return err(`${appended.problem.code}: ${appended.problem.message}`);
	}
}
