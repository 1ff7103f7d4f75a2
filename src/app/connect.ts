/** One call to a client: on a log that another process owns, or with a processor of its own in this process. */
import { AssentClient, type ClientOptions } from "../client/client.ts";
import { AssentError, formatProblem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/records.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import { startDev } from "./dev.ts";
import { layoutOf } from "./layout.ts";
import { DEFAULT_LOG_URL, openLog } from "./open-log.ts";
import { loadPolicies } from "./policies.ts";
import { DEFAULT_LAYOUT } from "./topics.ts";

export interface ConnectOptions extends Omit<ClientOptions, "log" | "layout" | "onClose"> {
	/** `file:PATH` or `memory:`; default `ASSENT_LOG`, or `file:.assent/log.db`. */
	readonly log?: string;
	/** The layout, where the ledger does not say it yet. */
	readonly layout?: Layout;
	/** Policy files or folders: a processor then runs in this process and decides by them. Needed for `memory:`. */
	readonly policies?: readonly string[];
	readonly telemetry?: Telemetry;
}

/**
 * Opens a log and a client on it. Without `policies` the decisions come from a processor in another process
 * (`assent dev`). Throws ASSENT_LOG_UNAVAILABLE where there is no log, and the problems of the policies.
 */
export async function connect(options: ConnectOptions = {}): Promise<AssentClient> {
	const {
		log: url = process.env["ASSENT_LOG"] ?? DEFAULT_LOG_URL,
		policies,
		telemetry = silentTelemetry,
		...rest
	} = options;
	const log = await openLog(url, { create: policies !== undefined });
	try {
		const layout = (await layoutOf(log)) ?? options.layout ?? DEFAULT_LAYOUT;
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
