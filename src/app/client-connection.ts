/**
 * A client on a log: opened, its layout read, its secret kept. Imports nothing that decides, so that a program that only asks
 * loads neither engine nor policy language (`assent/client`).
 */
import { AssentClient, type ClientOptions } from "../client/client.ts";
import { holding } from "../client/hold.ts";
import { assertOptions, assertSecret, misuse, type OptionNames } from "../client/misuse.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { nameFault } from "../core/model/bounds.ts";
import { DEFAULT_LAYOUT, type Layout } from "../core/model/layout.ts";
import { DEFAULT_LOG_URL, logOf, pathOf } from "../operations/log-url.ts";
import type { Log } from "../ports/log/log.ts";
import { silentTelemetry, type Telemetry } from "../ports/telemetry.ts";
import { deployedLayout } from "../reading/layout.ts";
import { type TokenOptions, tokenGateOf } from "./executor-tokens.ts";
import { type KafkaSettings, openLog } from "./open-log.ts";
import { publisherSecret } from "./publisher-secret.ts";
import { isSupported, unsupported } from "./runtime.ts";
import { type Privacy, sealingOf } from "./sealing.ts";
import { signerFrom } from "./signing-keys.ts";
import { stderrTelemetry } from "./warnings.ts";

export interface ClientConnectOptions
	extends Omit<ClientOptions, "log" | "layout" | "onClose" | "telemetry" | "publisher" | "tokens" | "sealing">,
		TokenOptions {
	/** `file:PATH` or `kafka://host:port,host:port[/prefix]`; default `ASSENT_LOG`, else `file:.assent/log.db`. */
	readonly log?: string;
	/** How Kafka is reached: TLS, SASL, time limits. Certificates are PEM texts. */
	readonly kafka?: KafkaSettings;
	/**
	 * Signs every record that is published, where the policies name publishers: as they name it, and the text of its private key, as
	 * `assent keys create` wrote it.
	 */
	readonly publisher?: { readonly name: string; readonly key: string };
	/** `{ mode: "sealed" }`: arguments are on the log under keys that are kept outside it (docs/privacy.md). Default: in the clear. */
	readonly privacy?: Privacy;
	/** The layout, where the ledger does not say it yet, or where this user may not read the ledger. */
	readonly layout?: Layout;
	/** Where warnings and errors go that no caller sees: stderr by default; `silent` for nowhere. */
	readonly telemetry?: Telemetry | "silent";
}

export const CLIENT_OPTIONS: OptionNames<ClientConnectOptions> = {
	log: true,
	kafka: true,
	layout: true,
	telemetry: true,
	principal: true,
	deadlineMs: true,
	replyTopic: true,
	facts: true,
	secret: true,
	publisher: true,
	privacy: true,
	clock: true,
	tokens: true,
	tokenKeys: true,
	tokenStore: true,
	tokenSkewMs: true,
};

/**
 * Opens a log on which another process decides (`assent dev`, `assent processor`), and a client on it. `close` it, or declare
 * it with `await using`: a log on Kafka holds the process until then. On a log file `secret` is by default the one that is kept
 * beside it, `publisher.secret`, which `assent submit` uses, too.
 * Throws ASSENT_USAGE for options that do not fit, ASSENT_RUNTIME on a Node that is too old, ASSENT_FILE_MISSING,
 * ASSENT_FILE_UNREADABLE, ASSENT_LOG_UNAVAILABLE or ASSENT_LOG_TOPIC where there is no log, and ASSENT_LAYOUT for another
 * number of partitions than the log has.
 */
export function connectClient(options: ClientConnectOptions = {}): Promise<AssentClient> {
	return holding(begun(options));
}

async function begun(options: ClientConnectOptions): Promise<AssentClient> {
	if (typeof options === "object" && options !== null && "policies" in options) {
		throw misuse(
			"`policies` are for a processor in this process, and `assent/client` has none",
			'import `connect` from "assent"',
		);
	}
	assertOptions<ClientConnectOptions>("the options of `connect`", options, CLIENT_OPTIONS);
	assertRuntime();
	return openClient(options.log ?? logOf(process.env) ?? DEFAULT_LOG_URL, options, null);
}

export interface CompanionParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly telemetry: Telemetry;
}

/** What runs beside the client, on the same log, and ends with it. */
interface Companion {
	stop(): Promise<void>;
}

/** With a companion, a log file that is not there is made. Throws as `connectClient`, and what `begin` throws. */
export async function openClient(
	url: string,
	options: ClientConnectOptions,
	begin: ((parts: CompanionParts) => Promise<Companion>) | null,
): Promise<AssentClient> {
	const {
		log: _,
		kafka = {},
		publisher,
		privacy = { mode: "clear" },
		tokens: _1,
		tokenKeys: _2,
		tokenStore: _3,
		tokenSkewMs: _4,
		...rest
	} = options;
	assertSecret(options.secret);
	const signing = publisherOf(publisher);
	assertPrivacy(privacy);
	if (begin === null && url === "memory:") throw nobodyDecides();
	const telemetry = telemetryOf(options.telemetry);
	const log = await openLog(url, { create: begin !== null, kafka, payloadKeys: privacy.keys });
	let companion: Companion | null = null;
	try {
		const layout = await deployedLayout(log, {
			layout: options.layout ?? DEFAULT_LAYOUT,
			isPartitionCountGiven: options.layout !== undefined,
		});
		if (begin !== null) companion = await begin({ log, layout, telemetry });
		const own = companion;
		return await new AssentClient({
			...rest,
			...(await secretFor(url, options.secret)),
			...signing,
			sealing: sealingOf(privacy, log),
			log,
			layout,
			telemetry,
			tokens: await tokenGateOf(options, { log, layout, telemetry, clock: options.clock }),
			onClose: async () => {
				await own?.stop();
				await log.close();
			},
		}).start();
	} catch (thrown) {
		await companion?.stop();
		await log.close();
		throw thrown;
	}
}

/** Nothing where the client may draw its own. */
async function secretFor(url: string, given: Uint8Array | undefined): Promise<Pick<ClientOptions, "secret">> {
	if (given !== undefined) return { secret: given };
	return pathOf(url) === null ? {} : { secret: await publisherSecret(url) };
}

/** Throws ASSENT_USAGE; the key is never told. */
function publisherOf(given: ClientConnectOptions["publisher"]): Pick<ClientOptions, "publisher"> {
	if (given === undefined) return {};
	assertOptions<NonNullable<ClientConnectOptions["publisher"]>>("the options of `publisher`", given, PUBLISHER);
	const { name, key } = given;
	if (nameFault(name) !== null || typeof key !== "string") {
		throw misuse("`publisher` has no name or no key", 'give `{ name: "gateway-1", key }`, the key as its file has it');
	}
	return { publisher: { name, signer: signerFrom(key, "`publisher.key` is") } };
}

const PUBLISHER: OptionNames<NonNullable<ClientConnectOptions["publisher"]>> = { name: true, key: true };

/** Throws ASSENT_USAGE. */
function assertPrivacy(given: Privacy): void {
	assertOptions<Privacy>("the options of `privacy`", given, PRIVACY);
	const { mode, keys } = given;
	const isMode = mode === "clear" || mode === "sealed";
	if (isMode && (keys === undefined || (typeof keys === "string" && keys !== ""))) return;
	throw misuse(
		"`privacy` has no mode, or a path that is none",
		'give `{ mode: "sealed" }`, or `{ mode: "sealed", keys: PATH }`',
	);
}

const PRIVACY: OptionNames<Privacy> = { mode: true, keys: true };

function telemetryOf(given: ClientConnectOptions["telemetry"]): Telemetry {
	if (given === "silent") return silentTelemetry;
	return given ?? stderrTelemetry();
}

/** Throws ASSENT_RUNTIME. */
export function assertRuntime(): void {
	const { node } = process.versions;
	if (!isSupported(node)) throw new AssentError(problem("ASSENT_RUNTIME", unsupported(node), "install a newer node"));
}

const nobodyDecides = (): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			"`memory:` is a log of this process alone, and no processor runs in it",
			'name the policies to decide by, as in `connect({ log: "memory:", policies: "policy.yaml" })` of `assent`, or a log that others share',
		),
	);
