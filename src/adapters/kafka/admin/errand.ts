/** What is asked of any broker for a person: done whole or not, and never in the way of a decision. */
import { AssentError, problem } from "../../../core/base/errors.ts";
import type { Answers } from "../network/answers.ts";
import { denied, isPassing, KAFKA, nameOf, unreachable, whyOf } from "../network/faults.ts";
import type { Wire } from "../network/wire.ts";

/** ConfigResource.Type of the protocol. */
export const TOPIC_RESOURCE = 2;

type Errand = "CreateTopics" | "DescribeConfigs" | "AlterConfigs" | "DeleteRecords";

/** Every topic's error is read by `check`. `node`: this broker alone can tell. Throws ASSENT_LOG_UNAVAILABLE. */
export async function ask<Name extends Errand>(
	wire: Wire,
	what: string,
	name: Name,
	args: object,
	node?: number,
): Promise<Answers[Name]> {
	try {
		const broker = node === undefined ? await wire.anyBroker() : await wire.broker("ask", node);
		return await wire.request(broker, name, args);
	} catch (thrown) {
		if (thrown instanceof AssentError) throw thrown;
		throw unreachable(what, whyOf(thrown));
	}
}

/** Throws what an error of the broker means for an errand. */
export function check(what: string, code: number, why: string): void {
	if (code === KAFKA.none) return;
	if (code === KAFKA.topicDenied || code === KAFKA.clusterDenied) throw new AssentError(denied(what));
	if (isPassing(code)) throw unreachable(what, nameOf(code));
	throw new AssentError(problem("ASSENT_LOG_SETTINGS", `${what}: ${why}`, "the broker's log may say more"));
}
