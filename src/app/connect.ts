/** One call to a client: on a log that another process owns, or with a processor of its own in this process. */
import { AssentClient, type ClientOptions } from "../client/client.ts";
import { AssentError, formatProblem, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/records.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import { startDev } from "./dev.ts";
import { deployedLayout } from "./layout.ts";
import { DEFAULT_LOG_URL, isKafkaUrl } from "./log-url.ts";
import { type KafkaSettings, openLog } from "./open-log.ts";
import { loadPolicies } from "./policies.ts";
import { DEFAULT_LAYOUT } from "./topics.ts";

export interface ConnectOptions extends Omit<ClientOptions, "log" | "layout" | "onClose"> {
	/** `file:PATH`, `memory:` or `kafka://host:port,host:port[/prefix]`; default `ASSENT_LOG`, or `file:.assent/log.db`. */
	readonly log?: string;
	/** How Kafka is reached: TLS, SASL, time limits. Certificates are PEM texts. */
	readonly kafka?: KafkaSettings;
	/** The layout, where the ledger does not say it yet, or where this user may not read the ledger. */
	readonly layout?: Layout;
	/** Policy files or folders: a processor then runs in this process and decides by them. Needed for `memory:`, refused for Kafka. */
	readonly policies?: readonly string[];
	readonly telemetry?: Telemetry;
}

/**
 * Opens a log and a client on it. Without `policies` the decisions come from a processor in another process
 * (`assent dev`, `assent processor`). Throws ASSENT_FILE_MISSING, ASSENT_LOG_UNAVAILABLE or ASSENT_LOG_TOPIC where there is
 * no log, ASSENT_LAYOUT for another number of partitions than the log has, and the problems of the policies.
 */
export async function connect(options: ConnectOptions = {}): Promise<AssentClient> {
	const {
		log: url = process.env["ASSENT_LOG"] ?? DEFAULT_LOG_URL,
		kafka = {},
		policies,
		telemetry = silentTelemetry,
		...rest
	} = options;
	if (policies !== undefined && isKafkaUrl(url)) throw noProcessorHere(url);
	const log = await openLog(url, { create: policies !== undefined, kafka });
	try {
		const layout = await deployedLayout(log, {
			layout: options.layout ?? DEFAULT_LAYOUT,
			isPartitionCountGiven: options.layout !== undefined,
		});
		const node = policies === undefined ? null : await ownProcessor(policies);
		return await new AssentClient({
			...rest,
			log,
			layout,
			telemetry,
			onClose: async () => {
				await node?.stop();
				await log.close();
			},
		}).start();

		async function ownProcessor(paths: readonly string[]) {
			const loaded = await loadPolicies(paths, layout.budgetRoot);
			if (!loaded.ok) {
				const [first] = loaded.error;
				if (first === undefined) throw new Error("policies were refused without a reason");
				throw new AssentError({ ...first, message: loaded.error.map(formatProblem).join("\n") });
			}
			return startDev({ log, layout, policies: loaded.value, snapshotEvery: 100_000, telemetry });
		}
	} catch (thrown) {
		await log.close();
		throw thrown;
	}
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
