/** One call to a client: on a log that another process owns, or with a processor of its own in this process. */
import { AssentClient, type ClientOptions } from "../client/client.ts";
import { holding } from "../client/hold.ts";
import { assertOptions, assertSecret, type OptionNames } from "../client/misuse.ts";
import { AssentError, formatProblem, type Problem, placeText, problem } from "../core/base/errors.ts";
import { DEFAULT_LAYOUT, type Layout } from "../core/model/layout.ts";
import { DEFAULT_LOG_URL, isKafkaUrl, logOf, pathOf } from "../operations/log-url.ts";
import { placeOfLedger } from "../operations/questions.ts";
import type { Log } from "../ports/log/log.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import { deployedLayout } from "../reading/layout.ts";
import { type DevNode, startDev } from "./dev.ts";
import { type KafkaSettings, openLog } from "./open-log.ts";
import { loadPolicies } from "./policies.ts";
import { publisherSecret } from "./publisher-secret.ts";
import { isSupported, unsupported } from "./runtime.ts";
import { stderrTelemetry } from "./warnings.ts";

export interface ConnectOptions extends Omit<ClientOptions, "log" | "layout" | "onClose" | "telemetry"> {
	/**
	 * `file:PATH`, `memory:` or `kafka://host:port,host:port[/prefix]`; default `ASSENT_LOG`, else `file:.assent/log.db`, and
	 * with `policies` `memory:`.
	 */
	readonly log?: string;
	/** How Kafka is reached: TLS, SASL, time limits. Certificates are PEM texts. */
	readonly kafka?: KafkaSettings;
	/** The layout, where the ledger does not say it yet, or where this user may not read the ledger. */
	readonly layout?: Layout;
	/**
	 * A policy file or folder, or several: a processor then runs in this process and decides by them. Needed for `memory:`,
	 * refused for Kafka, and for a log file on which another process decides.
	 */
	readonly policies?: string | readonly string[];
	/** Who hears of what goes wrong unseen: warnings and errors on stderr by default; `silent` for nobody. */
	readonly telemetry?: Telemetry | "silent";
}

const OPTIONS: OptionNames<ConnectOptions> = {
	log: true,
	kafka: true,
	layout: true,
	policies: true,
	telemetry: true,
	principal: true,
	deadlineMs: true,
	replyTopic: true,
	secret: true,
	clock: true,
};

/**
 * Opens a log and a client on it. Without `policies` the decisions come from a processor in another process
 * (`assent dev`, `assent processor`). `close` it, or declare it with `await using`: a log on Kafka holds the process until
 * then. On a log file `secret` is by default the one that lies beside it, `publisher.secret`, which `assent submit` uses, too.
 * Throws ASSENT_USAGE for options that do not fit, ASSENT_RUNTIME on a Node that is too old, ASSENT_FILE_MISSING, ASSENT_FILE_UNREADABLE, ASSENT_LOG_UNAVAILABLE or ASSENT_LOG_TOPIC where there is
 * no log, ASSENT_LAYOUT for another number of partitions than the log has, and the problems of the policies.
 */
export function connect(options: ConnectOptions = {}): Promise<AssentClient> {
	return holding(begun(options));
}

async function begun(options: ConnectOptions): Promise<AssentClient> {
	assertOptions<ConnectOptions>("the options of `connect`", options, OPTIONS);
	assertSecret(options.secret);
	const { log: named = logOf(process.env), kafka = {}, ...rest } = options;
	if (!isSupported(process.versions.node)) throw tooOld(process.versions.node);
	const telemetry = telemetryOf(options.telemetry);
	const policies = typeof options.policies === "string" ? [options.policies] : options.policies;
	// What an agent brings along decides for that agent alone, unless it names a log that others may share.
	const url = named ?? (policies === undefined ? DEFAULT_LOG_URL : "memory:");
	if (policies !== undefined && isKafkaUrl(url)) throw noProcessorHere(url);
	if (policies === undefined && url === "memory:") throw nobodyDecides();
	const log = await openLog(url, { create: policies !== undefined, kafka });
	let node: DevNode | null = null;
	try {
		const layout = await deployedLayout(log, {
			layout: options.layout ?? DEFAULT_LAYOUT,
			isPartitionCountGiven: options.layout !== undefined,
		});
		if (policies !== undefined && (await isDecided(log, layout))) throw othersDecide(url);
		node = policies === undefined ? null : await ownProcessor(policies);
		const own = node;
		return await new AssentClient({
			...rest,
			...(await secretFor(url, options.secret)),
			log,
			layout,
			telemetry,
			onClose: async () => {
				await own?.stop();
				await log.close();
			},
		}).start();

		async function ownProcessor(paths: readonly string[]) {
			const loaded = await loadPolicies(paths, layout.budgetRoot);
			if (!loaded.ok) {
				const [first] = loaded.error;
				if (first === undefined) throw new Error("policies were refused without a reason");
				// One problem says itself with its help; several are a text in which each has its own.
				if (loaded.error.length === 1) throw new AssentError(placed(first));
				throw new AssentError({ ...first, message: loaded.error.map(formatProblem).join("\n"), help: "" });
			}
			return startDev({ log, layout, policies: loaded.value, snapshotEvery: 100_000, telemetry });
		}
	} catch (thrown) {
		await node?.stop();
		await log.close();
		throw thrown;
	}
}

/** Nothing where the client may draw its own. */
async function secretFor(url: string, given: Uint8Array | undefined): Promise<Pick<ClientOptions, "secret">> {
	if (given !== undefined) return { secret: given };
	return pathOf(url) === null ? {} : { secret: await publisherSecret(url) };
}

/** Does another process answer for a partition of this log file? */
async function isDecided(log: Log, { partitions }: Layout): Promise<boolean> {
	const places = await Promise.all(Array.from({ length: partitions }, (_, each) => placeOfLedger(log, each)));
	return places.some((place) => place !== null);
}

/** A message stands alone in a stack trace: it says where. */
const placed = (of: Problem): Problem =>
	of.place?.line === undefined ? of : { ...of, message: `${placeText(of.place)}: ${of.message}` };

function telemetryOf(given: ConnectOptions["telemetry"]): Telemetry {
	if (given === "silent") return silentTelemetry;
	return given ?? stderrTelemetry();
}

const tooOld = (version: string): AssentError =>
	new AssentError(problem("ASSENT_RUNTIME", unsupported(version), "install a newer node"));

const nobodyDecides = (): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			"`memory:` is a log of this process alone, and no processor runs in it",
			'name the policies to decide by, as in `connect({ log: "memory:", policies: "policy.yaml" })`, or a log that others share',
		),
	);

const othersDecide = (url: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`another process decides on ${url}, and \`policies\` would take its place`,
			"leave `policies` out, so that its policies decide, or name a log of your own, as `memory:`",
		),
	);

/** Every agent would decide for all others, by whatever policies it brings along. */
const noProcessorHere = (url: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`\`policies\` are for a processor in this process, and the log at ${url} is shared`,
			"leave `policies` out; run `assent processor`, and put policies into force with `assent policy activate`",
		),
	);
