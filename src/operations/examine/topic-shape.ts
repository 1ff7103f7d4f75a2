/** Whether a log has the topics of its layout, in the shape that they need. */

import { counted } from "../../core/base/count-text.ts";
import { AssentError, type Problem, problem } from "../../core/base/errors.ts";
import type { Layout } from "../../core/model/layout.ts";
import { error, ok, warning } from "../../ports/log/findings.ts";
import { type Log, type LogFinding, TOPICS, type TopicState } from "../../ports/log/log.ts";
import { topicSpecs } from "../../ports/log/topics.ts";
import { createHelp, isKafkaUrl } from "../log-url.ts";
import { diagnosed } from "./finding.ts";

/** Everything that is to say about the topics of `layout`: of their shape and, on Kafka, of the settings that operators make. */
export async function topicFindings(log: Log, layout: Layout): Promise<readonly LogFinding[]> {
	const shape = shapeFindings(await log.admin().topics(), layout, log.url);
	return isKafkaUrl(log.url) ? [...shape, ...(await diagnosed(log))] : shape;
}

/** The topics' number and shape against the layout's. */
export function shapeFindings(found: readonly TopicState[], layout: Layout, url: string): LogFinding[] {
	if (found.length === 0) return [error("topics", "the log has no topics yet", createHelp(url))];
	const specs = topicSpecs(layout);
	const wrong = specs.flatMap(({ name, partitions, cleanup }): LogFinding[] => {
		const topic = found.find((each) => each.name === name);
		if (topic === undefined) {
			const hidden = isKafkaUrl(url) ? ", or this user may not see it" : "";
			return [error("topics", `the topic \`${name}\` is missing${hidden}`, createHelp(url))];
		}
		if (topic.partitions !== partitions) {
			const message = `\`${name}\` has ${counted(topic.partitions, "partition")}, the layout has ${partitions}`;
			const isAlike = found.every((each) => each.partitions === topic.partitions || each.name.startsWith("replies."));
			const help = isAlike
				? "write the log's number of partitions into the configuration (`layout.partitions`)"
				: "it was altered, which cannot be undone: begin a new deployment (docs/runbook.md, growing partitions)";
			return [error("topics", message, help)];
		}
		// A log on Kafka itself says how its topics are cleaned up, with the command that fixes it.
		if (topic.cleanup === cleanup || cleanup === "delete" || isKafkaUrl(url)) return [];
		const message = `\`${name}\` is cleaned up by \`${topic.cleanup}\`, it should be \`${cleanup}\``;
		const help = "records that are needed to restore or to recompute would be lost: change it";
		return [warning("topics", message, help)];
	});
	// A gateway's own replies are as many as the layout's partitions, or some of them go nowhere.
	for (const { name, partitions } of found) {
		if (!name.startsWith("replies.") || partitions === layout.partitions) continue;
		const message = `\`${name}\` has ${counted(partitions, "partition")}, the layout has ${layout.partitions}`;
		wrong.push(error("topics", message, "delete it, and create it again: `assent topics create --replies NAME`"));
	}
	if (wrong.length > 0) return wrong;
	const records = found.flatMap(({ begin, end }) => end.map((at, partition) => at - (begin[partition] ?? 0)));
	const total = records.reduce((sum, each) => sum + each, 0);
	return [
		ok(
			"topics",
			`${counted(found.length, "topic")} of ${counted(layout.partitions, "partition")}, ${counted(total, "record")}`,
		),
	];
}

/** Without one of these there is no deployment; what is derived from them outlives them when they are deleted. */
const ROOTS: readonly string[] = [TOPICS.intents, TOPICS.control, TOPICS.decisions];

/**
 * Why topics that are missing must not simply be made: others of the deployment hold records, so that the history would
 * begin twice. Null when nothing speaks against it. Policies may be there before anything else.
 */
export function historyFault(found: readonly TopicState[]): Problem | null {
	const missing = ROOTS.filter((root) => !found.some(({ name }) => name === root));
	const telling = found.find(({ name, end }) => name !== TOPICS.policies && end.some((each) => each > 0));
	if (missing.length === 0 || telling === undefined) return null;
	const names = missing.map((name) => `\`${name}\``).join(", ");
	return problem(
		"ASSENT_LOG_OTHER",
		`${names} ${missing.length === 1 ? "is" : "are"} missing, or this user may not see them, and \`${telling.name}\` has records of this deployment: created again, its history would begin twice`,
		"bring the topics back, or begin a separate deployment under another prefix (docs/runbook.md, another log); `--force` creates them anyway",
	);
}

/** Throws ASSENT_LOG_TOPIC or ASSENT_LOG_SETTINGS with everything on which no processor may start. The rest is returned. */
export async function assertTopics(log: Log, layout: Layout): Promise<readonly LogFinding[]> {
	const findings = await topicFindings(log, layout);
	const wrong = findings.filter(({ level }) => level === "error");
	const [first] = wrong;
	if (first === undefined) return findings.filter(({ level }) => level === "warning");
	const code = first.subject === "topics" ? "ASSENT_LOG_TOPIC" : "ASSENT_LOG_SETTINGS";
	const others = wrong.length === 1 ? "" : `; and ${wrong.length - 1} more: \`assent topics check --log ${log.url}\``;
	// What is said of settings does not name its topic: the subject does.
	const what = first.subject === "topics" ? first.message : `${first.subject} ${first.message}`;
	throw new AssentError(problem(code, `${log.url}: ${what}${others}`, first.help));
}
