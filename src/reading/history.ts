/**
 * Is this log the one that its own history tells of? Topics can be deleted and recreated, cut, or given back from an older
 * backup: then what was published of the ledger, or what the ledger has consumed, is not there. Nobody starts again on such a
 * log in silence: its history would have two versions.
 *
 * H1  A ledger without an entry is begun only where nothing was ever published of it.
 * H2  A ledger that is shorter than what was published of it, or has another root there, is another one.
 * H3  What the ledger consumed last of `intents` and `control` lies where the ledger says, unless retention has eaten it or an
 *     operator has passed it over.
 */

import { AssentError, problem } from "../core/base/errors.ts";
import type { Folded } from "../core/ledger/fold.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { Published } from "./published.ts";

const HELP =
	"put back what was deleted, cut or recreated, or begin a new deployment with new topics; the runbook describes how under `Another log`";

export const otherLog = (message: string): AssentError => new AssentError(problem("ASSENT_LOG_OTHER", message, HELP));

/** What only a ledger's owner writes: where one ends behind its beginning there was a ledger, whatever retention has left. */
const DERIVED = [TOPICS.checkpoints, TOPICS.violations, TOPICS.snapshots, TOPICS.deadLetters, TOPICS.replies] as const;

/** H1 as far as it can be seen without reading: asked before a claim is written. Throws ASSENT_LOG_OTHER. */
export async function assertBegun(log: Log, partition: number): Promise<void> {
	const { end } = await log.bounds({ topic: TOPICS.decisions, partition });
	if (end > 0) return;
	for (const topic of DERIVED) {
		const derived = await log.bounds({ topic, partition });
		if (derived.end > 0) throw emptyLedger(partition, topic);
	}
}

/** H1 of a whole deployment: no partition has a ledger, and something is left of one. Throws ASSENT_LOG_OTHER. */
export async function assertOwn(log: Log): Promise<void> {
	const topics = await log.admin().topics();
	const isUsed = (name: string): boolean =>
		topics.find((topic) => topic.name === name)?.end.some((end) => end > 0) ?? false;
	if (isUsed(TOPICS.decisions)) return;
	const left = DERIVED.find(isUsed);
	if (left === undefined) return;
	throw otherLog(`\`decisions\` of ${log.url} is empty, and \`${left}\` has records derived from it: it was recreated`);
}

export const emptyLedger = (partition: number, topic: string): AssentError =>
	otherLog(
		`the ledger of partition ${partition} has no entry, and \`${topic}\` has records derived from one: \`decisions\` was recreated`,
	);

/** H2, of a fold that has reached the ledger's end. Throws ASSENT_LOG_OTHER. */
export function assertReaches({ state }: Folded, { checkpoint, violation }: Published): void {
	const { partition, nextSeq } = state;
	const shorter = (topic: string, entries: number): AssentError =>
		nextSeq === 0
			? emptyLedger(partition, topic)
			: otherLog(
					`the ledger of partition ${partition} has ${nextSeq} entries, and \`${topic}\` tells of ${entries}: it has lost its end, or was recreated`,
				);
	if (checkpoint !== null && checkpoint.size > nextSeq) throw shorter(TOPICS.checkpoints, checkpoint.size);
	if (violation !== null && violation.seq >= nextSeq) throw shorter(TOPICS.violations, violation.seq + 1);
}

/** H2, of a fold that stands at the size of the last checkpoint. Throws ASSENT_LOG_OTHER. */
export function assertRoot({ state, tree }: Folded, { checkpoint }: Published): void {
	if (checkpoint === null || checkpoint.size !== state.nextSeq || checkpoint.root === tree.root()) return;
	throw otherLog(
		`the ledger of partition ${state.partition} has another root at size ${checkpoint.size} than its last checkpoint: it was recreated, or changed`,
	);
}

/** H3. Throws ASSENT_LOG_OTHER. */
export async function assertInputs(log: Log, folded: Folded): Promise<void> {
	for (const topic of ["intents", "control"] as const) await assertInput(log, folded, topic);
}

async function assertInput(log: Log, { state, causeTimes }: Folded, topic: InputTopic): Promise<void> {
	const { partition } = state;
	const consumed = state.inputs[topic];
	if (consumed === 0) return;
	const from = { topic, partition };
	const { begin, end } = await log.bounds(from);
	if (end < consumed) {
		throw otherLog(
			`\`${topic}/${partition}\` ends at offset ${end}, and the ledger has consumed ${consumed} of it: the topic was recreated, or has lost its end`,
		);
	}
	if (consumed - 1 < begin || causeTimes[topic] === -1) return;
	const [last] = await log.read(from, consumed - 1, { recordsMax: 1 });
	if (last === undefined || last.offset !== consumed - 1 || last.timestamp === causeTimes[topic]) return;
	throw otherLog(
		`\`${topic}/${partition}\` has another record at offset ${consumed - 1} than the one that the ledger has consumed there: the topic was recreated`,
	);
}
