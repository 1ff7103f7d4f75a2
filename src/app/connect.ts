/** One call to a client: on a log that another process owns, or with a processor of its own in this process. */
import type { AssentClient } from "../client/client.ts";
import { holding } from "../client/hold.ts";
import { assertOptions, type OptionNames } from "../client/misuse.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { isKafkaUrl, logOf } from "../operations/log-url.ts";
import {
	assertRuntime,
	CLIENT_OPTIONS,
	type ClientConnectOptions,
	connectClient,
	openClient,
} from "./client-connection.ts";

export interface ConnectOptions extends ClientConnectOptions {
	/**
	 * `file:PATH`, `memory:` or `kafka://host:port,host:port[/prefix]`; default `ASSENT_LOG`, else `file:.assent/log.db`, and
	 * with `policies` `memory:`.
	 */
	readonly log?: string;
	/**
	 * A policy file or folder, or several: a processor then runs in this process and decides by them. Needed for `memory:`,
	 * refused for Kafka, and for a log file on which another process decides.
	 */
	readonly policies?: string | readonly string[];
}

const OPTIONS: OptionNames<ConnectOptions> = { ...CLIENT_OPTIONS, policies: true };

/**
 * Opens a log and a client on it. Without `policies` the decisions come from a processor in another process; with them from
 * one in this process, which is loaded then. Throws as `connectClient` does, and the problems of the policies.
 */
export function connect(options: ConnectOptions = {}): Promise<AssentClient> {
	return holding(begun(options));
}

async function begun(options: ConnectOptions): Promise<AssentClient> {
	assertOptions<ConnectOptions>("the options of `connect`", options, OPTIONS);
	const { policies, ...rest } = options;
	if (policies === undefined) return connectClient(rest);
	assertRuntime();
	// What an agent brings along decides for that agent alone, unless it names a log that others may share.
	const url = options.log ?? logOf(process.env) ?? "memory:";
	if (isKafkaUrl(url)) throw noProcessorHere(url);
	const paths = typeof policies === "string" ? [policies] : policies;
	return openClient(url, rest, async (parts) => {
		// Whoever only asks never loads what decides.
		const { startOwnProcessor } = await import("./own-processor.ts");
		return startOwnProcessor(paths, parts);
	});
}

/** Every agent would decide for all others, by whatever policies it brings along. */
const noProcessorHere = (url: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`\`policies\` are for a processor in this process, and the log at ${url} is shared`,
			"leave `policies` out; run `assent processor`, and put policies into force with `assent policy activate`",
		),
	);
