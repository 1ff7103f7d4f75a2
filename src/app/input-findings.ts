/** Whether the inputs can be read on from where the ledger has consumed them: what is gone before it was decided is a loss. */
import { AssentError } from "../core/base/errors.ts";
import type { Layout } from "../core/model/records.ts";
import type { Log } from "../ports/log.ts";
import { waitingAt } from "../ports/waiting.ts";
import { broken, type Finding } from "./finding.ts";
import { partitionsOf, readState } from "./views.ts";

/** Nothing where all is well. A ledger that cannot be read is a finding, too. */
export async function inputFindings(log: Log, layout: Layout): Promise<readonly Finding[]> {
	const findings = await Promise.all(partitionsOf(layout).map((partition) => ofPartition(log, layout, partition)));
	return findings.flat();
}

async function ofPartition(log: Log, layout: Layout, partition: number): Promise<readonly Finding[]> {
	try {
		const { inputs } = (await readState(log, layout, partition)).folded.state;
		const waiting = await Promise.all(
			(["intents", "control"] as const).map((topic) => waitingAt(log, { topic, partition }, inputs[topic])),
		);
		return waiting.flatMap(({ lost }) => (lost === null ? [] : [broken("inputs", lost)]));
	} catch (thrown) {
		if (!(thrown instanceof AssentError)) throw thrown;
		return [broken(`partition ${partition}`, thrown.problem)];
	}
}
