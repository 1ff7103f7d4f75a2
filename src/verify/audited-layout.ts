/** How many partitions are looked at, whatever claims and topics say, and where the two say otherwise. */
import type { Finding } from "../core/audit/finding.ts";
import { counted } from "../core/base/count-text.ts";
import type { Layout } from "../core/model/layout.ts";
import { type Log, TOPICS, type TopicSpec } from "../ports/log/log.ts";
import { noTopic } from "../ports/log/problems.ts";
import { type ConfiguredLayout, deployedLayout, layoutOf } from "../reading/layout.ts";
import { KEPT } from "./beginnings.ts";
import { tolerantLog } from "./tolerant-log.ts";

/** What a deployment cannot be without. */
const NEEDED: readonly string[] = [...KEPT, TOPICS.policies];

export interface AuditedLayout {
	/** By which entries are decided again: what the first claim says, with no more partitions than there are. */
	readonly layout: Layout;
	/** Partitions that are looked at: all that any topic has. */
	readonly partitions: number;
	/** Topics that are not as the layout has them. */
	readonly findings: readonly Finding[];
}

/**
 * Throws what the log throws, and ASSENT_LOG_TOPIC for a topic that is missing on Kafka, where this user may not be let see it. A log on
 * which nobody has decided has the configured layout.
 */
export async function auditedLayout(log: Log, configured: ConfiguredLayout): Promise<AuditedLayout> {
	const claimed = await layoutOf(tolerantLog(log));
	const shapes = await log.admin().shapes();
	const ledgers = shapes.find(({ name }) => name === TOPICS.decisions)?.partitions ?? 0;
	const layout =
		claimed === null
			? await deployedLayout(log, configured)
			: { ...claimed, partitions: Math.min(Math.max(1, claimed.partitions), Math.max(1, ledgers)) };
	const kept = shapes.filter(({ name }) => NEEDED.includes(name));
	if (kept.length === 0) return { layout, partitions: layout.partitions, findings: [] };
	return {
		layout,
		partitions: Math.max(layout.partitions, ...kept.map(({ partitions }) => partitions)),
		findings: NEEDED.flatMap((topic) => topicFinding(log, topic, kept, layout)),
	};
}

function topicFinding(log: Log, topic: string, kept: readonly TopicSpec[], layout: Layout): readonly Finding[] {
	const shape = kept.find(({ name }) => name === topic);
	const isFile = log.url.startsWith("file:") || log.url.startsWith("export:");
	if (shape === undefined && !isFile) throw noTopic({ topic, partition: 0 }, null);
	const due = counted(layout.partitions, "partition");
	if (shape?.partitions === layout.partitions) return [];
	const message =
		shape === undefined
			? `there is no topic \`${topic}\``
			: `the topic \`${topic}\` has ${counted(shape.partitions, "partition")}, where the layout has ${due}`;
	return [{ code: "log.topics", partition: null, topic, offset: null, seq: null, message }];
}
