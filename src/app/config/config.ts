/** The configuration: a YAML file, in which everything can be left out; `--log` and `ASSENT_LOG` win over it. */

import { DEFAULT_LAYOUT, type Layout } from "../../core/model/layout.ts";
import { DEFAULT_LOG_URL, exportOf, isKafkaUrl, logOf, pathOf, refuseSecrets } from "../../operations/log-url.ts";
import type { Log } from "../../ports/log/log.ts";
import type { Signer } from "../../ports/signer.ts";
import type { Publisher } from "../../publishing/input-publisher.ts";
import type { PolicyKeys } from "../../reading/bundle-signature.ts";
import type { OpenExportOptions } from "../open-export.ts";
import { type KafkaSettings, type OpenLogOptions, openLog, withKeys } from "../open-log.ts";
import type { Privacy } from "../sealing.ts";
import { readSigner } from "../signing-keys.ts";
import { type ConfigFile, pathBeside, readConfigFile } from "./config-file.ts";
import { SNAPSHOT_EVERY } from "./config-schema.ts";
import { type GatewayConfig, gatewayConfigOf } from "./gateway-settings.ts";
import { settingsOf } from "./kafka-settings.ts";
import { type MetricsAddress, metricsAddress } from "./metrics-address.ts";
import { type NotaryConfig, notaryConfigOf } from "./notary-settings.ts";
import { type NotifyConfig, notifyConfigOf } from "./notify-settings.ts";
import { policyKeysOf } from "./policy-keys.ts";

export interface Config {
	readonly logUrl: string;
	/** Policy files that `dev` puts into force when none are named. */
	readonly policies: readonly string[];
	/** One of these must have signed what is put into force; empty: nobody need have. */
	readonly policyKeys: PolicyKeys;
	/** Signs the tokens of allows; null: none is named. Throws as `readSigner`. */
	tokenSigner(): Promise<Signer | null>;
	/**
	 * Who signs what is published; null where nobody does. The key is read only now. Throws ASSENT_FILE_MISSING, ASSENT_FILE_UNREADABLE
	 * and ASSENT_USAGE.
	 */
	publisher(): Promise<Publisher | null>;
	/** Signs what operators say; null: none is named. `ASSENT_OPERATOR_KEY` wins over the file. Throws as `readSigner`. */
	operatorSigner(): Promise<Signer | null>;
	/** Whether what is published is sealed, and where the keys are. */
	readonly privacy: Privacy;
	/** Policies that are not proven to be as strict as those in force need a second operator. */
	readonly requireReview: boolean;
	readonly layout: Layout;
	/** Whether the file says the number of partitions; else a log that exists says it. */
	readonly isPartitionCountGiven: boolean;
	readonly snapshotEvery: number;
	readonly gateway: GatewayConfig;
	readonly notary: NotaryConfig;
	readonly notify: NotifyConfig;
	/** Null: off. */
	readonly metrics: MetricsAddress | null;
	/**
	 * The `kafka` section with the files and the password that it names, which are read only now: who opens no log on Kafka
	 * needs no secrets. Throws ASSENT_CONFIG with the place.
	 */
	kafka(): Promise<KafkaSettings>;
}

/** Reads the file (if one is named) and what overrides it. Throws ASSENT_CONFIG with the place of the fault. */
export async function readConfig(options: {
	file: string | undefined;
	log: string | undefined;
	env: NodeJS.ProcessEnv;
}): Promise<Config> {
	const read: ConfigFile = options.file === undefined ? { data: {} } : await readConfigFile(options.file);
	const { layout = {}, metrics, ...data } = read.data;
	const logUrl =
		options.log ?? logOf(options.env) ?? (data.log === undefined ? DEFAULT_LOG_URL : urlBeside(read, data.log));
	refuseSecrets(logUrl);
	return {
		logUrl,
		policies: (data.policies ?? []).map((path) => pathBeside(read, path)),
		policyKeys: policyKeysOf(read),
		tokenSigner: async () => (data.tokenKey === undefined ? null : readSigner(pathBeside(read, data.tokenKey))),
		publisher: async () =>
			data.publisher === undefined
				? null
				: { name: data.publisher.name, signer: await readSigner(pathBeside(read, data.publisher.keyFile)) },
		operatorSigner: async () => {
			const named = options.env["ASSENT_OPERATOR_KEY"] ?? "";
			if (named !== "") return readSigner(named);
			return data.operatorKey === undefined ? null : readSigner(pathBeside(read, data.operatorKey));
		},
		requireReview: data.requireReview ?? false,
		privacy: {
			mode: data.privacy?.mode ?? "clear",
			keys: data.privacy?.keys === undefined ? undefined : pathBeside(read, data.privacy.keys),
		},
		layout: {
			partitions: layout.partitions ?? DEFAULT_LAYOUT.partitions,
			budgetRoot: layout.budgetRoot ?? DEFAULT_LAYOUT.budgetRoot,
			dedupeMs: layout.dedupe ?? DEFAULT_LAYOUT.dedupeMs,
			sessionMs: layout.session ?? DEFAULT_LAYOUT.sessionMs,
		},
		isPartitionCountGiven: layout.partitions !== undefined,
		snapshotEvery: data.snapshotEvery ?? SNAPSHOT_EVERY,
		gateway: gatewayConfigOf(read),
		notary: notaryConfigOf(read),
		notify: notifyConfigOf(read),
		metrics: metricsAddress(metrics),
		kafka: () => settingsOf(read, options.env),
	};
}

/** A log on disk that the file names is beside it, like every path in it. */
function urlBeside(file: ConfigFile, url: string): string {
	const path = pathOf(url);
	const folder = exportOf(url);
	if (folder !== null) return `export:${pathBeside(file, folder)}`;
	return path === null ? url : `file:${pathBeside(file, path)}`;
}

/** The log that a configuration names; for reading it may be an export. Throws what `openLog`, `openExport` and `Config.kafka` throw. */
export async function openConfigured(
	config: Config,
	options: Pick<OpenLogOptions, "create" | "readOnly"> & { readonly exports?: OpenExportOptions },
): Promise<Log> {
	const folder = exportOf(config.logUrl);
	if (folder !== null && options.readOnly === true) {
		// Only who opens one pays for it.
		const { openExport } = await import("../open-export.ts");
		const log = await openExport(folder, options.exports);
		return config.privacy.keys === undefined ? log : withKeys(log, config.privacy.keys);
	}
	return openLog(config.logUrl, { ...options, kafka: await kafkaOf(config), payloadKeys: config.privacy.keys });
}

/** Nothing for a log of another kind. */
export const kafkaOf = async (config: Config): Promise<KafkaSettings> =>
	isKafkaUrl(config.logUrl) ? config.kafka() : {};
