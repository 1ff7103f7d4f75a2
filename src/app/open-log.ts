/** From a log's URL to an open log: `file:PATH` (embedded), `kafka://…` (shared), `memory:` (this process only). */
import { dirname, resolve } from "node:path";
import { type KafkaLogOptions, parseKafkaUrl } from "../adapters/kafka/options.ts";
import { openMemoryLog } from "../adapters/memory/log.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { createHelp, exportOf, isKafkaUrl, pathOf, refuseSecrets } from "../operations/log-url.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import { makeFolder } from "./make-folder.ts";

/** What a Kafka log's URL does not say. Certificates are PEM texts. */
export type KafkaSettings = Omit<KafkaLogOptions, "brokers" | "prefix">;

export interface OpenLogOptions {
	/** Whether a file that is not there is made; on Kafka, whether the topics may be missing, because the caller makes them. */
	readonly create: boolean;
	/** A log file is then opened without the right to write, and appends are refused; of no effect on other logs. */
	readonly readOnly?: boolean;
	/** Of no effect on other logs. */
	readonly kafka?: KafkaSettings;
}

/**
 * Throws ASSENT_USAGE for a URL that it does not know, and for an export, which is not for whoever writes; ASSENT_LOG_TOPIC for a Kafka
 * cluster without the deployment's topics, and what the adapter throws.
 */
export async function openLog(url: string, { create, readOnly = false, kafka = {} }: OpenLogOptions): Promise<Log> {
	refuseSecrets(url);
	const path = pathOf(url);
	if (path !== null) {
		const file = resolve(path);
		if (create) await makeFolder(dirname(file));
		// Only who opens a log file pays for SQLite, and only who opens Kafka for its client.
		const { openEmbeddedLog } = await import("../adapters/embedded/open.ts");
		return openEmbeddedLog({ path: file, create, readOnly });
	}
	if (exportOf(url) !== null) throw exportIsRead(url);
	if (url === "memory:") return openMemoryLog();
	if (isKafkaUrl(url)) {
		const named = parseKafkaUrl(url);
		const { openKafkaLog } = await import("../adapters/kafka/open.ts");
		const log = await openKafkaLog({ ...kafka, ...named });
		return create ? log : deployed(log);
	}
	throw new AssentError(
		problem(
			"ASSENT_USAGE",
			`\`${url}\` is not the URL of a log`,
			"write `file:PATH`, for instance `file:.assent/log.db`, or `kafka://host:port,host:port/prefix`; a log that is only read may be `export:DIR`",
		),
	);
}

const exportIsRead = (url: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`\`${url}\` is an export, which is only read: nothing is published to it, decided on it or taken from it`,
			`\`assent audit import ${exportOf(url)} --log URL\` makes a log of it that goes on`,
		),
	);

async function deployed(log: Log): Promise<Log> {
	try {
		if (await hasTopics(log)) return log;
		throw new AssentError(
			problem(
				"ASSENT_LOG_TOPIC",
				`${log.url} has no topics of Assent, or none that this user may see`,
				`${createHelp(log.url)}; or look at the prefix in the URL, and at the user's rights with \`assent topics acl --print\``,
			),
		);
	} catch (thrown) {
		await log.close();
		throw thrown;
	}
}

/** A user sees only the topics that it may describe: one of the deployment's is enough to know that it is there. */
async function hasTopics(log: Log): Promise<boolean> {
	const names = new Set<string>(Object.values(TOPICS));
	try {
		return (await log.admin().shapes()).some(({ name }) => names.has(name));
	} catch (thrown) {
		// It sees topics, and may not see how they are set.
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_DENIED") return true;
		throw thrown;
	}
}
