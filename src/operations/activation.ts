/** Activations: which policies are in force by the log, and putting others into force. */
import { randomUUID } from "node:crypto";
import { decodeInput } from "../core/codec/decode.ts";
import { derivedEvent } from "../core/codec/event.ts";
import type { PolicyActivated } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import { appendOrThrow, broadcast, ledgerEnds, OPERATOR } from "../publishing/control.ts";
import { POLICIES_AT } from "../reading/catalogue.ts";

/** The activation with the greatest (generation, id) on the log; null when there was none. */
export async function latestActivation(log: Log): Promise<PolicyActivated | null> {
	const from = { topic: TOPICS.control, partition: 0 };
	const { begin } = await log.bounds(from);
	let latest: PolicyActivated | null = null;
	for await (const records of readToEnd(log, from, begin)) {
		for (const record of records) {
			const read = decodeInput(record.value, "control");
			if (!read.ok || read.value.type !== "policy.activated") continue;
			if (latest === null || isLater(read.value, latest)) latest = read.value;
		}
	}
	return latest;
}

const isLater = (a: PolicyActivated, b: PolicyActivated): boolean =>
	a.generation > b.generation || (a.generation === b.generation && a.id > b.id);

export interface Activation {
	readonly id: string;
	readonly generation: number;
	readonly digest: string;
	/** Where to look for each partition's acknowledgement. */
	readonly ledgerFrom: readonly Offset[];
	/** Where the activation lies in `control`, by partition. */
	readonly controlAt: readonly Offset[];
}

/** Puts a bundle into force: the bundle, then the activation on every partition (docs/design/step.md#policy-activation). */
export async function activatePolicies(
	log: Log,
	of: { layout: Layout; sources: readonly PolicySourceText[]; digest: string; by: string; now: EpochMs },
): Promise<Activation> {
	const bundle = derivedEvent(
		{ type: "policy.bundle", digest: of.digest, sources: of.sources },
		{ id: of.digest, source: OPERATOR, time: of.now },
	);
	await appendOrThrow(log, POLICIES_AT, { key: of.digest, ...bundle });
	const generation = ((await latestActivation(log))?.generation ?? 0) + 1;
	const record: PolicyActivated = {
		type: "policy.activated",
		id: randomUUID(),
		issuedBy: of.by,
		issuedAt: of.now,
		generation,
		digest: of.digest,
	};
	const ledgerFrom = await ledgerEnds(log, of.layout);
	const controlAt = await broadcast(log, of.layout, record);
	return { id: record.id, generation, digest: of.digest, ledgerFrom, controlAt };
}
