/** What every adapter of the log says in the same words: the errors of the port, whichever log is behind it. */
import { counted, grouped } from "../../core/base/count-text.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import { isPartitionCount, PARTITIONS_MAX } from "../../core/model/layout.ts";
import type { Offset } from "../../core/model/units.ts";
import type { TopicPartition } from "./log.ts";

export const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export const logClosed = (url: string, why = "it was closed"): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_CLOSED",
			`the log \`${url}\` cannot be used: ${why}`,
			"open it again: start the command, or make a new client",
		),
	);

export const noTopic = (of: TopicPartition, partitions: number | null): AssentError =>
	new AssentError(
		partitions === null
			? problem("ASSENT_LOG_TOPIC", `there is no topic \`${of.topic}\``, `create it first: \`${creating(of.topic)}\``)
			: problem(
					"ASSENT_LOG_TOPIC",
					`the topic \`${of.topic}\` has partitions 0 to ${partitions - 1}, not ${of.partition}`,
					"check the deployment's number of partitions",
				),
	);

function creating(topic: string): string {
	const [, name] = /^replies\.(.+)$/.exec(topic) ?? [];
	return `assent topics create${name === undefined ? "" : ` --replies ${name}`}`;
}

export const otherPartitionCount = (topic: string, has: number, wanted: number): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_TOPIC",
			`the topic \`${topic}\` has ${counted(has, "partition")}, not ${wanted}`,
			"the number of partitions never changes: use the one that the log was made with, or begin a new log",
		),
		{ partitions: has },
	);

/** Throws ASSENT_LOG_TOPIC for what is no number of partitions. */
export function assertPartitionCount(topic: string, partitions: number): void {
	if (isPartitionCount(partitions)) return;
	throw new AssentError(
		problem(
			"ASSENT_LOG_TOPIC",
			`the topic \`${topic}\` cannot be made with ${counted(partitions, "partition")}`,
			`give it 1 to ${grouped(PARTITIONS_MAX)}`,
		),
	);
}

/** Carries `begin`, the first offset that is left. */
export const offsetGone = (of: TopicPartition, offset: Offset, begin: Offset): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_OFFSET_GONE",
			`\`${placeOf(of)}\` begins at offset ${begin}; ${offset} was removed by retention`,
			`read from ${begin}, or restore from a snapshot`,
		),
		{ begin },
	);

/** Records are missing in the middle. Carries `begin`, the first offset after them. */
export const holed = (of: TopicPartition, offset: Offset, begin: Offset): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_OFFSET_GONE",
			`\`${placeOf(of)}\` has no offsets ${offset} to ${begin - 1}, and nothing in it says why: records were lost`,
			"is the topic compacted? It must not be",
		),
		{ begin },
	);

/** Carries `end`, where the log ends now. */
export const rewound = (of: TopicPartition, offset: Offset, end: Offset): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_REWOUND",
			`\`${placeOf(of)}\` ends at offset ${end}, before ${offset}, up to which it was read: it was recreated or has lost its end`,
			"bring the lost records back, or begin a deployment of its own with new topics",
		),
		{ end },
	);

export const nothingToAppend = (to: TopicPartition): AssentError =>
	new AssentError(problem("ASSENT_INTERNAL", `an append to \`${placeOf(to)}\` has no records`, "append at least one"));
