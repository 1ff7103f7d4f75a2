/** `assent gateway`: where agents of any language ask, over HTTP. */

import { dirname, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { pinoLogger, telemetryOf } from "../../adapters/pino/logger.ts";
import { KEYS_FILE, KeyFile, readKeys } from "../../app/bearer-keys.ts";
import type { GatewayConfig } from "../../app/config/gateway-settings.ts";
import { GATEWAY_HOST, GATEWAY_PORT, startGateway } from "../../app/gateway.ts";
import { readNamedText } from "../../app/named-file.ts";
import { namedSecret, publisherSecret } from "../../app/publisher-secret.ts";
import { sealingOf } from "../../app/sealing.ts";
import { AssentError } from "../../core/base/errors.ts";
import { parseDuration } from "../../core/model/duration.ts";
import { type DurationMs, MINUTE } from "../../core/model/units.ts";
import { pathOf } from "../../operations/log-url.ts";
import { type Context, type GlobalOptions, serving, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { logLevelOption } from "../options/watch-options.ts";
import { wholeNumber } from "../options/whole-number.ts";

interface GatewayCommandOptions extends GlobalOptions {
	readonly host?: string;
	readonly port?: number;
	readonly keys?: string;
	readonly tlsCert?: string;
	readonly tlsKey?: string;
	readonly behindProxy?: boolean;
	readonly drain?: DurationMs;
	readonly logLevel: string;
	readonly json?: boolean;
}

const DRAIN_MS: DurationMs = 10_000;
/** Beyond the drain: for the client's and the log's own end. */
const END_MS: DurationMs = 3_000;

export function gatewayCommand(context: Context): Command {
	const command = new Command("gateway")
		.summary("let agents ask over HTTP")
		.description(
			"Listens for agents that ask over HTTP, publishes their calls on the log and answers with the decisions of the processors there. Who asks is known by a bearer key (`assent keys issue`), on loopback too. Listens on loopback unless it is told otherwise, and elsewhere only with TLS or behind a proxy. Its documentation is at /openapi.json. On SIGINT and SIGTERM it takes no new requests, answers those that wait and exits with 0.",
		)
		.option("--host <address>", `the address to listen at (default: the configuration's, else ${GATEWAY_HOST})`)
		.option(
			"--port <port>",
			`the port to listen at; 0 takes any that is free (default: the configuration's, else ${GATEWAY_PORT})`,
			wholeNumber({ min: 0, max: 65_535 }),
		)
		.option(
			"--keys <file>",
			`the file of keys that \`assent keys issue\` writes (default: the configuration's, else ${KEYS_FILE})`,
		)
		.option("--tls-cert <file>", "certificate chain (PEM); with `--tls-key`")
		.option("--tls-key <file>", "the certificate's private key (PEM)")
		.option("--behind-proxy", "a proxy in front ends TLS: listen without it")
		.option(
			"--drain <duration>",
			"how long requests that wait may still be answered at the end (default: the configuration's, else 10s)",
			drainOf,
		)
		.option("--json", "print events as JSON lines: ready, stopped")
		.addHelpText(
			"after",
			"\nExample:\n  assent keys issue --role agent --tenant acme --agent 'coder*'\n  assent gateway --log kafka://broker-1:9092 --config assent.yaml\n",
		);
	return logOptions(logLevelOption(command)).action((options: GatewayCommandOptions) => runGateway(context, options));
}

async function runGateway(context: Context, options: GatewayCommandOptions): Promise<void> {
	const config = await context.config(options);
	const { gateway: configured, logUrl } = config;
	const httpLog = pinoLogger(options.logLevel);
	const telemetry = telemetryOf(httpLog);
	const keysFile = options.keys ?? configured.keysFile ?? KEYS_FILE;
	const drainMs = options.drain ?? configured.drainMs ?? DRAIN_MS;
	// Whoever has no keys yet is told now, and not by the first agent.
	await readKeys(keysFile);
	const { secretFile, limits, replyTopic, tokenStore = tokenStoreBeside(logUrl) } = configured;
	const parts = {
		...{ telemetry, httpLog, limits, replyTopic, tokenStore, keys: new KeyFile(keysFile, telemetry) },
		host: options.host ?? configured.host ?? GATEWAY_HOST,
		port: options.port ?? configured.port ?? GATEWAY_PORT,
		tls: await tlsOf(options, configured),
		isBehindProxy: options.behindProxy ?? configured.isBehindProxy,
		issuers: await configured.issuers(),
		publisher: await config.publisher(),
		operatorSigner: await config.operatorSigner(),
		secret: await (secretFile === undefined ? publisherSecret(logUrl) : namedSecret(secretFile)),
	};
	await context.withLog(options, async (log, layout) => {
		const gateway = await startGateway({ ...parts, sealing: sealingOf(config.privacy, log), log, layout });
		serving(context);
		context.endWithinMs = drainMs + END_MS;
		if (options.json === true) {
			context.json({ event: "ready", gateway: gateway.address, log: log.url, pid: process.pid });
		} else {
			context.print(`assent gateway  ${gateway.address}  on ${log.url}\nkeys from ${keysFile}`);
		}
		await context.stopped();
		await gateway.stop(drainMs);
		if (options.json === true) context.json({ event: "stopped" });
		else context.print("stopped: what waited is answered");
	});
}

/** None beside a log that is no file. */
function tokenStoreBeside(logUrl: string): string | undefined {
	const file = pathOf(logUrl);
	return file === null ? undefined : join(dirname(file), "tokens.db");
}

async function tlsOf(
	{ tlsCert, tlsKey }: GatewayCommandOptions,
	{ tls }: GatewayConfig,
): Promise<{ cert: string; key: string } | null> {
	const [cert, key] = [tlsCert ?? tls?.certFile, tlsKey ?? tls?.keyFile];
	if (cert === undefined && key === undefined) return null;
	if (cert === undefined || key === undefined) {
		throw usage("`--tls-cert` and `--tls-key` need each other", "name both files");
	}
	return { cert: await textOf(cert), key: await textOf(key) };
}

async function textOf(file: string): Promise<string> {
	const read = await readNamedText(file);
	if (read.ok) return read.value;
	throw new AssentError(read.error);
}

function drainOf(text: string): DurationMs {
	const ms = parseDuration(text);
	if (ms !== null && ms <= 10 * MINUTE) return ms;
	throw new InvalidArgumentError("a duration up to 10m is expected, such as `10s`.");
}
