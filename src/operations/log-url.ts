/** What a log's URL says before anything is opened: which kind of log it is, and which commands make one and decide on it. */

import { AssentError, problem } from "../core/base/errors.ts";
import { baselinePath } from "./baseline.ts";

export const DEFAULT_LOG_URL = "file:.assent/log.db";

/**
 * Throws ASSENT_USAGE for a URL that may hold a password, without repeating it: messages are kept in logs. Called before a
 * URL is looked at in any other way.
 */
export function refuseSecrets(url: string): void {
	if (pathOf(url) !== null || exportOf(url) !== null || !/[@?]/.test(url)) return;
	const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? "";
	const help = "write them below `kafka.sasl` of the configuration file (`--config`), or of the options of `connect`";
	throw new AssentError(
		problem("ASSENT_USAGE", `a log's URL (\`${scheme}…\`) takes no user, password or options`, help),
	);
}

/** The log that `ASSENT_LOG` names; set to nothing it names none, as elsewhere. */
export const logOf = (env: NodeJS.ProcessEnv): string | undefined => env["ASSENT_LOG"] || undefined;

/** Shared by several processors; what is no Kafka is a log of one machine. */
export const isKafkaUrl = (url: string): boolean => url.startsWith("kafka:");

/** The folder of an `export:` URL as it was written; null for any other. */
export const exportOf = (url: string): string | null =>
	url.startsWith("export:") ? url.slice("export:".length).replace(/^\/\/(?=\/)/, "") : null;

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
		: `\`assent dev --policy ${baselinePath()}${logOption(url)}\` creates the log and starts a processor`;
