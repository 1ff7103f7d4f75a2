/** Where partitions stand with policies: what their ledgers say, and what activations will make of it that they have not read yet. */
import type { Layout } from "../core/model/layout.ts";
import type { PolicyInForce } from "../core/state/head.ts";
import type { Log } from "../ports/log/log.ts";
import { activationsOn, type PastActivation } from "../reading/activations.ts";
import type { ReadStateOptions } from "../reading/partition-view.ts";
import { lookAtCommands } from "./questions.ts";

export interface PolicyStanding {
	readonly policy: PolicyInForce;
	/** The last activation that the partition has read; null where there was none. */
	readonly lastRead: PastActivation | null;
	/** Those that it has not read yet, in their order. */
	readonly waiting: readonly PastActivation[];
}

export async function policyStanding(
	log: Log,
	layout: Layout,
	partition: number,
	reading?: ReadStateOptions,
): Promise<PolicyStanding> {
	const activations = await activationsOn(log, partition);
	const { policy, inputs } = await lookAtCommands(log, layout, partition, reading);
	return {
		policy,
		lastRead: activations.findLast(({ offset }) => offset < inputs.control) ?? null,
		waiting: activations.filter(({ offset }) => offset >= inputs.control),
	};
}

/** What will be in force once all is read that waits: a set comes into force unless its record asks for a second operator. */
export function policyAhead({
	policy,
	waiting,
}: PolicyStanding): Pick<PolicyInForce, "digest" | "generation" | "before"> {
	let ahead: Pick<PolicyInForce, "digest" | "generation" | "before"> = policy;
	for (const { digest, generation, needsReview } of waiting) {
		if (needsReview) continue;
		ahead = { digest, generation, before: digest === ahead.digest ? ahead.before : ahead.digest };
	}
	return ahead;
}

/** The last activation that the partition has read, where nothing came of it; null where something did. */
export function refusedActivation({
	policy: { digest, proposed },
	lastRead,
}: Pick<PolicyStanding, "policy" | "lastRead">): PastActivation | null {
	if (lastRead === null || lastRead.digest === digest || lastRead.id === proposed?.activationId) return null;
	return lastRead;
}
