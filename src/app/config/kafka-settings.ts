/** The `kafka` section of the configuration as the adapter takes it: files read, the password fetched, contradictions refused. */
import { KAFKA_DEFAULTS, type KafkaSasl, type KafkaTls } from "../../adapters/kafka/options.ts";
import type { YamlPath } from "../../core/policy/yaml-source.ts";
import { readNamedText } from "../named-file.ts";
import type { KafkaSettings } from "../open-log.ts";
import { type ConfigFile, configFault, pathBeside } from "./config-file.ts";

type Section = NonNullable<ConfigFile["data"]["kafka"]>;

/** Throws ASSENT_CONFIG with the place; no message ever holds the password. */
export async function settingsOf(file: ConfigFile, env: NodeJS.ProcessEnv): Promise<KafkaSettings> {
	const section = file.data.kafka ?? {};
	const { replication, minInsync, sessionTimeout, heartbeat, requestTimeout, clientId } = section;
	checkNumbers(file, section);
	return {
		...(clientId === undefined ? {} : { clientId }),
		...(section.tls === undefined ? {} : { tls: await tlsOf(file, section.tls) }),
		...(section.sasl === undefined ? {} : { sasl: await saslOf(file, section.sasl, env) }),
		...(replication === undefined ? {} : { replication }),
		...(minInsync === undefined ? {} : { minInsync }),
		...(sessionTimeout === undefined ? {} : { sessionTimeoutMs: sessionTimeout }),
		...(heartbeat === undefined ? {} : { heartbeatMs: heartbeat }),
		...(requestTimeout === undefined ? {} : { requestTimeoutMs: requestTimeout }),
	};
}

function checkNumbers(file: ConfigFile, section: Section): void {
	const { replication, minInsync } = section;
	const { sessionTimeout = KAFKA_DEFAULTS.sessionTimeoutMs, heartbeat = KAFKA_DEFAULTS.heartbeatMs } = section;
	if (replication !== undefined && minInsync !== undefined && minInsync > replication) {
		const message = `${minInsync} copies cannot be in sync where there are ${replication}`;
		throw configFault(file, ["kafka", "minInsync"], message, "write at most `replication`, better one less");
	}
	for (const key of ["sessionTimeout", "heartbeat", "requestTimeout"] as const) {
		if (section[key] === 0) throw configFault(file, ["kafka", key], "it is zero", "leave it out");
	}
	if (heartbeat * 3 > sessionTimeout) {
		const key = section.heartbeat === undefined ? "sessionTimeout" : "heartbeat";
		const message = `a heartbeat each ${heartbeat} ms is too slow for a session timeout of ${sessionTimeout} ms`;
		throw configFault(
			file,
			["kafka", key],
			message,
			"a member that misses two heartbeats must not lose its partitions",
		);
	}
}

async function tlsOf(file: ConfigFile, tls: NonNullable<Section["tls"]>): Promise<KafkaTls> {
	const { ca, cert, key, serverName } = tls;
	if ((cert === undefined) !== (key === undefined)) {
		const [has, lacks] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
		throw configFault(file, ["kafka", "tls", has], `there is no \`${lacks}\` to it`, "name both, or neither");
	}
	const pem = async (name: "ca" | "cert" | "key", path: string): Promise<string> => {
		const at = ["kafka", "tls", name];
		const text = await textOf(file, at, path);
		if (text.includes("-----BEGIN ")) return text;
		throw configFault(file, at, `\`${path}\` is not a PEM file`, "convert it: it begins with `-----BEGIN`");
	};
	return {
		...(ca === undefined ? {} : { ca: await pem("ca", ca) }),
		...(cert === undefined ? {} : { cert: await pem("cert", cert) }),
		...(key === undefined ? {} : { key: await pem("key", key) }),
		...(serverName === undefined ? {} : { serverName }),
	};
}

async function saslOf(
	file: ConfigFile,
	sasl: NonNullable<Section["sasl"]>,
	env: NodeJS.ProcessEnv,
): Promise<KafkaSasl> {
	const { mechanism, username } = sasl;
	return { mechanism, username, password: await passwordOf(file, sasl, env) };
}

const SOURCES = ["password", "passwordFile", "passwordEnv"] as const;

async function passwordOf(
	file: ConfigFile,
	sasl: NonNullable<Section["sasl"]>,
	env: NodeJS.ProcessEnv,
): Promise<string> {
	const [source, another] = SOURCES.filter((each) => sasl[each] !== undefined);
	const help = "write one of `password`, `passwordFile`, `passwordEnv`";
	if (source === undefined) throw configFault(file, ["kafka", "sasl"], "no password is given", help);
	const at = ["kafka", "sasl", another ?? source];
	if (another !== undefined) throw configFault(file, at, "a password is given already", help);
	const named = sasl[source] as string;
	if (source === "password") return named;
	const secret = source === "passwordEnv" ? (env[named] ?? "") : await textOf(file, at, named);
	const password = source === "passwordFile" ? secret.replace(/\r?\n$/, "") : secret;
	if (password !== "") return password;
	throw source === "passwordEnv"
		? configFault(file, at, `the environment has no \`${named}\``, "set it where the command runs")
		: configFault(file, at, `the file \`${named}\` is empty`, "write the password into it");
}

/** A path is read from the folder of the configuration file. */
async function textOf(file: ConfigFile, at: YamlPath, path: string): Promise<string> {
	const read = await readNamedText(pathBeside(file, path));
	if (read.ok) return read.value;
	const help = "check the path, which begins at the configuration file's folder, and the file's permissions";
	throw configFault(file, at, `the file \`${path}\` cannot be read`, help);
}
