/** What a log's URL says before anything is opened: which kind of log it is, and which commands make one and decide on it. */

export const DEFAULT_LOG_URL = "file:.assent/log.db";

/** Shared by several processors; what is no Kafka is a log of one machine. */
export const isKafkaUrl = (url: string): boolean => url.startsWith("kafka:");

/** The path of a `file:` URL as it was written; null for any other. */
export const pathOf = (url: string): string | null =>
	url.startsWith("file:") ? url.slice("file:".length).replace(/^\/\/(?=\/)/, "") : null;

/** The option that names the log, with a blank before it; nothing where it is the default. */
export const logOption = (url: string): string => (url === DEFAULT_LOG_URL ? "" : ` --log ${url}`);

/** The command after which somebody decides on the log. */
export const startCommand = (url: string): string =>
	isKafkaUrl(url) ? `assent processor${logOption(url)}` : `assent dev${logOption(url)}`;

/** What makes the log's topics. */
export const createHelp = (url: string): string =>
	isKafkaUrl(url)
		? `create them: \`assent topics create${logOption(url)}\``
		: `\`assent dev --policy policies/baseline.yaml${logOption(url)}\` creates the log and starts a processor`;
