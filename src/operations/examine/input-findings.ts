/** Whether the inputs can be read on from where the ledger has consumed them: what is gone before it was decided is a loss. */
import { AssentError, type Problem } from "../../core/base/errors.ts";
import type { InputTopic } from "../../core/model/inputs.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { Offset } from "../../core/model/units.ts";
import type { State } from "../../core/state/state.ts";
import { error } from "../../ports/log/findings.ts";
import type { Log, LogFinding } from "../../ports/log/log.ts";
import { waitingAt } from "../../ports/log/waiting.ts";
import { partitionsOf } from "../../reading/principal-filter.ts";
import { lookAt } from "../questions.ts";
import { broken } from "./finding.ts";

const INPUTS = ["intents", "control"] as const;

/** What of a partition's inputs is gone and was not decided. */
export interface Loss {
	readonly topic: InputTopic;
	readonly partition: number;
	/** Where the ledger stands. */
	readonly from: Offset;
	/** The first offset that is left; null when the log ends before `from`. */
	readonly until: Offset | null;
	readonly problem: Problem;
}

/** Where the inputs of a partition end now. */
export async function inputEnds(log: Log, partition: number): Promise<Readonly<Record<InputTopic, Offset>>> {
	const [intents, control] = await Promise.all(INPUTS.map((topic) => log.bounds({ topic, partition })));
	return { intents: intents?.end ?? 0, control: control?.end ?? 0 };
}

/** The inputs before `ends` without an entry, and those that are gone. */
export async function undecided(
	log: Log,
	{ partition, inputs }: Pick<State, "partition" | "inputs">,
	ends: Readonly<Record<InputTopic, Offset>>,
): Promise<{ readonly lag: number; readonly losses: readonly Loss[] }> {
	const losses: Loss[] = [];
	let lag = 0;
	for (const topic of INPUTS) {
		const from = inputs[topic];
		const { records, lost } = await waitingAt(log, { topic, partition }, from, ends[topic]);
		if (lost === null) lag += records;
		else losses.push({ topic, partition, from, until: lost.begin, problem: lost.problem });
	}
	return { lag, losses };
}

/** What is gone of a partition's inputs now. Throws what reading its ledger throws. */
export async function lossesOf(log: Log, layout: Layout, partition: number): Promise<readonly Loss[]> {
	const state = await lookAt(log, layout, partition, { wanted: {} });
	return (await undecided(log, state, await inputEnds(log, partition))).losses;
}

/** Nothing where all is well. A ledger that cannot be read is a finding, too. */
export async function inputFindings(log: Log, layout: Layout): Promise<readonly LogFinding[]> {
	const ofPartition = async (partition: number): Promise<readonly LogFinding[]> => {
		try {
			return (await lossesOf(log, layout, partition)).map(lossFinding);
		} catch (thrown) {
			if (!(thrown instanceof AssentError)) throw thrown;
			return [broken(`partition ${partition}`, thrown.problem)];
		}
	};
	return (await Promise.all(partitionsOf(layout).map(ofPartition))).flat();
}

/** An error, with the way out where there is one. */
export const lossFinding = ({ topic, partition, until, problem: { code, message, help } }: Loss): LogFinding =>
	error(
		"inputs",
		`${code}  ${message}`,
		until === null
			? help
			: `if they cannot be brought back: \`assent topics skip --topic ${topic} --partition ${partition} --reason TEXT\` lets it go on without them`,
	);
