/** From a log's URL to an open log: `file:PATH` (embedded), `kafka://…` (shared), `memory:` (this process only). */
import { dirname, join, resolve } from "node:path";
import { type KafkaLogOptions, parseKafkaUrl } from "../adapters/kafka/options.ts";
import { openMemoryLog } from "../adapters/memory/log.ts";
import { MemoryPayloadKeys } from "../adapters/memory/payload-keys.ts";
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
	/** Path of the file with the keys of sealed arguments; by default beside a log file, and on Kafka none. */
	readonly payloadKeys?: string | undefined;
}

/** Beside a log file, unless another is named. */
const PAYLOAD_KEYS = "payload-keys.db";

/**
 * Throws ASSENT_USAGE for a URL that it does not know, for an export, which is not for whoever writes, and for `memory:` where nothing is
 * made; ASSENT_LOG_TOPIC for a Kafka
 * cluster without the deployment's topics, and what the adapter throws.
 */
export async function openLog(url: string, options: OpenLogOptions): Promise<Log> {
	const { create, readOnly = false, kafka = {}, payloadKeys } = options;
	refuseSecrets(url);
	const path = pathOf(url);
	if (path !== null) {
		const file = resolve(path);
		if (create) await makeFolder(dirname(file));
		// Only who opens a log file pays for SQLite, and only who opens Kafka for its client.
		const { openEmbeddedLog } = await import("../adapters/embedded/open.ts");
		return withKeys(
			await openEmbeddedLog({ path: file, create, readOnly }),
			payloadKeys ?? join(dirname(file), PAYLOAD_KEYS),
		);
	}
	if (exportOf(url) !== null) throw exportIsRead(url);
	if (url === "memory:" && !create) throw memoryIsEmpty();
	if (url === "memory:") return Object.assign(openMemoryLog(), { payloads: new MemoryPayloadKeys() });
	if (isKafkaUrl(url)) {
		const named = parseKafkaUrl(url);
		const { openKafkaLog } = await import("../adapters/kafka/open.ts");
		const log = await openKafkaLog({ ...kafka, ...named });
		const found = create ? log : await deployed(log);
		return payloadKeys === undefined ? found : withKeys(found, payloadKeys);
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

const memoryIsEmpty = (): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			"`memory:` is a log of one process, and ends with it: nothing is on it here",
			"name a log that others share: `file:PATH` or `kafka://host:port/prefix`",
		),
	);

/** The log with a file of keys, closed with it. The file need not be there: it is made with the first call that is sealed. */
export async function withKeys(log: Log, path: string): Promise<Log> {
	const { SqlitePayloadKeys } = await import("../adapters/embedded/payload-keys.ts");
	const payloads = new SqlitePayloadKeys(path);
	const close = log.close.bind(log);
	return Object.assign(log, {
		payloads,
		close: async (): Promise<void> => {
			await close();
			payloads.close();
		},
	});
}

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
