/**
 * What the cluster and its topics say to a doctor. An error is what would break exactness or determinism: a processor does
 * not start over it. A warning is what a deployment should not have for long.
 */
import { counted } from "../../../core/base/count-text.ts";
import { DEFAULT_LAYOUT } from "../../../core/model/layout.ts";
import { error, ok, warning } from "../../../ports/log/findings.ts";
import { type LogFinding, TOPICS, type TopicSpec } from "../../../ports/log/log.ts";
import { topicSpecs } from "../../../ports/log/topics.ts";
import type { KafkaLogOptions } from "../options.ts";
import { cleanupOf, isDense, MESSAGE_BYTES_MAX } from "./settings.ts";

export interface Described {
	/** Without the deployment's prefix. */
	readonly topic: string;
	readonly partitions: readonly { readonly replicas: number; readonly inSync: number }[];
	readonly settings: ReadonlyMap<string, string>;
}

export function clusterFindings({ tls, sasl }: KafkaLogOptions, brokers: number): readonly LogFinding[] {
	return [
		brokers >= 3
			? ok("brokers", `${brokers} brokers`)
			: warning("brokers", `${brokers} of them: the loss of one disk can lose records`, "run at least three brokers"),
		tls !== undefined
			? ok("connection", sasl === undefined ? "TLS" : `TLS, ${sasl.mechanism}`)
			: warning(
					"connection",
					sasl === undefined
						? "plaintext, without a login: anyone who reaches the broker can act as an agent"
						: `${sasl.mechanism} without TLS: anyone on the network can read arguments`,
					"set `kafka.tls` (and `kafka.sasl`) in the configuration file",
				),
	];
}

/** A whole append with its headers; Kafka's own default. */
const APPEND_BYTES = 1_048_588;
/** What was derived, and is there to stay: replies may go. */
const CLEANUPS: ReadonlyMap<string, TopicSpec["cleanup"]> = new Map(
	topicSpecs(DEFAULT_LAYOUT)
		.filter(({ cleanup }) => cleanup !== "delete")
		.map(({ name, cleanup }) => [name, cleanup]),
);
const INPUTS: ReadonlySet<string> = new Set([TOPICS.intents, TOPICS.control]);

/** `name` is the broker's name of the topic, `broker` an address for the commands that fix it. */
export function topicFindings({ topic, partitions, settings }: Described, name: string, broker: string): LogFinding[] {
	const subject = `topic ${topic}`;
	const set = (setting: string): string =>
		`kafka-configs.sh --bootstrap-server ${broker} --alter --topic ${name} --add-config ${setting}`;
	const found: LogFinding[] = [];
	const is = (setting: string): string => settings.get(setting) ?? "";
	if (isDense(topic) && is("cleanup.policy").includes("compact"))
		found.push(
			error(
				subject,
				"is compacted: records vanish and offsets have gaps",
				set("cleanup.policy=delete,retention.ms=-1"),
			),
		);
	if (INPUTS.has(topic) && is("message.timestamp.type") === "")
		found.push(
			warning(
				subject,
				"does not say which time its records have",
				"it must be `message.timestamp.type=LogAppendTime`: ask the cluster's administrators",
			),
		);
	else if (INPUTS.has(topic) && is("message.timestamp.type") !== "LogAppendTime")
		found.push(
			error(
				subject,
				`has ${is("message.timestamp.type")}: publishers could choose the time that budgets are counted by`,
				`if \`assent audit import\` was not finished, run it again; else ${set("message.timestamp.type=LogAppendTime")}`,
			),
		);
	if (isDense(topic) && is("unclean.leader.election.enable") === "true")
		found.push(
			error(
				subject,
				"allows unclean leader election: an acknowledged record could be lost",
				set("unclean.leader.election.enable=false"),
			),
		);
	if (isDense(topic) && !is("cleanup.policy").includes("compact") && forgets(is("retention.ms"), is("retention.bytes")))
		found.push(
			warning(
				subject,
				"forgets old records: decisions cannot be recomputed, and a ledger without its head needs a snapshot",
				set("retention.ms=-1,retention.bytes=-1"),
			),
		);
	const { cleanup } = cleanupOf(settings);
	const wanted = isDense(topic) ? undefined : CLEANUPS.get(topic);
	if (wanted !== undefined && cleanup !== wanted)
		found.push(
			warning(
				subject,
				`is cleaned up by \`${cleanup}\`, it should be \`${wanted}\``,
				set(wanted === "compact" ? "cleanup.policy=compact" : "cleanup.policy=delete,retention.ms=-1"),
			),
		);
	const bytesMax = is("max.message.bytes");
	if (bytesMax !== "" && Number(bytesMax) < APPEND_BYTES)
		found.push(
			warning(
				subject,
				`takes no batch of more than ${bytesMax} bytes: larger batches are refused (RECORD_OVERSIZED)`,
				set(`max.message.bytes=${MESSAGE_BYTES_MAX}`),
			),
		);
	const replicas = Math.min(...partitions.map((each) => each.replicas));
	if (replicas < 3)
		found.push(
			warning(
				subject,
				`is kept ${replicas === 1 ? "once" : "twice"}: the loss of a disk can lose records`,
				`give it three replicas: kafka-reassign-partitions.sh --bootstrap-server ${broker} --reassignment-json-file FILE --execute`,
			),
		);
	else if (isDense(topic) && Number(is("min.insync.replicas")) < 2)
		found.push(
			warning(
				subject,
				"acknowledges records that only one broker has (min.insync.replicas=1)",
				set("min.insync.replicas=2"),
			),
		);
	const behind = partitions.filter((each) => each.inSync < each.replicas).length;
	if (behind > 0)
		found.push(
			warning(subject, `replicas of ${counted(behind, "partition")} are not in sync`, "look after the brokers"),
		);
	return found.length > 0 ? found : [ok(subject, `${counted(partitions.length, "partition")}, kept ${replicas} times`)];
}

/** What is said of several topics in the same words is said once, of all of them, in the place of the first. */
export function saidOnce(findings: readonly LogFinding[]): LogFinding[] {
	const alike = Map.groupBy(findings, ({ level, message, help }) => JSON.stringify([level, message, help]));
	return [...alike.values()].map((same) => {
		const [first] = same as [LogFinding, ...LogFinding[]];
		if (same.length === 1 || first.level === "ok") return first;
		const topics = same.map(({ subject }) => subject.replace(/^topic /, "")).join(", ");
		return { ...first, subject: "topics", message: `${topics}: each ${first.message}` };
	});
}

const forgets = (retentionMs: string, retentionBytes: string): boolean =>
	Number(retentionMs) >= 0 || Number(retentionBytes) >= 0;
