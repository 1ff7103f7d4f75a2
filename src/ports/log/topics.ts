/**
 * The topics of a deployment: names, cleanup and retention (docs/design/topics.md#topics). Every one has the layout's number
 * of partitions.
 */
import type { Layout } from "../../core/model/layout.ts";
import { HOUR } from "../../core/model/units.ts";
import { TOPICS, type TopicSpec } from "./log.ts";

/** Input topics are kept as long as the ledger: recomputing a decision needs its intent. */
export function topicSpecs({ partitions }: Layout): TopicSpec[] {
	return [
		{ name: TOPICS.intents, partitions, cleanup: "keep" },
		{ name: TOPICS.control, partitions, cleanup: "keep" },
		{ name: TOPICS.decisions, partitions, cleanup: "keep" },
		{ name: TOPICS.violations, partitions, cleanup: "keep" },
		{ name: TOPICS.checkpoints, partitions, cleanup: "keep" },
		{ name: TOPICS.deadLetters, partitions, cleanup: "keep" },
		{ name: TOPICS.snapshots, partitions, cleanup: "compact" },
		{ name: TOPICS.policies, partitions, cleanup: "compact" },
		{ name: TOPICS.replies, partitions, cleanup: "delete", retentionMs: HOUR },
	];
}

/** A gateway's own reply topic, `replies.NAME`. */
export const replySpec = (name: string, { partitions }: Layout): TopicSpec => ({
	name: `${TOPICS.replies}.${name}`,
	partitions,
	cleanup: "delete",
	retentionMs: HOUR,
});

/** What a replay publishes, `re-audit.NAME`: whoever made it deletes it. */
export const reAuditSpec = (name: string, { partitions }: Layout): TopicSpec => ({
	name: `re-audit.${name}`,
	partitions,
	cleanup: "keep",
});
