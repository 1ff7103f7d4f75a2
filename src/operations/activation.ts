/** Putting policies into force. */

import { randomUUID } from "node:crypto";
import { derivedEvent } from "../core/codec/event.ts";
import type { PolicyActivated } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, POLICIES_AT } from "../ports/log/log.ts";
import type { Signer } from "../ports/signer.ts";
import { appendOrThrow, broadcast, ledgerEnds, OPERATOR } from "../publishing/control.ts";
import { latestActivation } from "../reading/activations.ts";

export interface Activation {
	readonly id: string;
	readonly generation: number;
	readonly digest: string;
	/** Where to look for each partition's acknowledgement. */
	readonly ledgerFrom: readonly Offset[];
	/** Where the activation is in `control`, by partition. */
	readonly controlOffsets: readonly Offset[];
}

/** Puts a bundle into force: the bundle, then the activation on every partition (docs/design/step.md#policy-activation). */
export async function activatePolicies(
	log: Log,
	options: {
		layout: Layout;
		sources: readonly PolicySourceText[];
		digest: string;
		signature?: string;
		by: string;
		now: EpochMs;
		/** Signs the activation in the name of `by`. */
		signer?: Signer | null;
		/** Ask for a second operator. Processors that are told to ask for one do so by themselves. */
		needsReview?: boolean;
	},
): Promise<Activation> {
	const bundle = derivedEvent(
		{ type: "policy.bundle", digest: options.digest, sources: options.sources, signature: options.signature ?? "" },
		{ id: options.digest, source: OPERATOR, time: options.now },
	);
	await appendOrThrow(log, POLICIES_AT, { key: options.digest, ...bundle });
	const generation = ((await latestActivation(log))?.generation ?? 0) + 1;
	const record: PolicyActivated = {
		type: "policy.activated",
		id: randomUUID(),
		issuedBy: options.by,
		issuedAt: options.now,
		generation,
		digest: options.digest,
		needsReview: options.needsReview ?? false,
	};
	const ledgerFrom = await ledgerEnds(log, options.layout);
	const controlOffsets = await broadcast(log, options.layout, record, options.signer ?? null);
	return { id: record.id, generation, digest: options.digest, ledgerFrom, controlOffsets };
}
