/** `assent notary`: signs what was recorded, so that nobody can change it without being found out. */
import { Command, Option } from "commander";
import { httpWitness } from "../../adapters/http/witness/add-checkpoint.ts";
import { verifierOf } from "../../adapters/keys/ed25519.ts";
import { logger } from "../../adapters/pino/logger.ts";
import { type MetricsAddress, metricsAddress } from "../../app/config/metrics-address.ts";
import { startNotary } from "../../app/notary.ts";
import { readSigner } from "../../app/signing-keys.ts";
import { counted } from "../../core/base/count-text.ts";
import { COSIGNATURE, publicKeyText, readPublicKey } from "../../core/model/signing-keys.ts";
import { systemClock } from "../../ports/clock.ts";
import { type NotaryMeter, noNotaryMeter } from "../../ports/notary-meter.ts";
import type { Witness } from "../../ports/witness.ts";
import { type Context, type GlobalOptions, serving, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { wholeNumber } from "../options/whole-number.ts";

interface NotaryCommandOptions extends GlobalOptions {
	readonly key: string;
	readonly out: string;
	readonly witness: readonly string[];
	readonly witnessKey: readonly string[];
	readonly metricsPort?: number;
	readonly logLevel: string;
	readonly json?: boolean;
}

export function notaryCommand(context: Context): Command {
	const command = new Command("notary")
		.summary("sign what was recorded")
		.description(
			"Follows the ledgers and signs, within a second, what their Merkle trees are: checkpoints that anybody can check with the tools of transparency logs (C2SP), in a folder that any web server can hand out and on the topic `checkpoints`. Before it signs anything it makes sure that the log continues what it signed last, and where it does not, it refuses and ends with exit code 4. Run one for a folder; a second one on the same folder ends by itself.",
		)
		.requiredOption(
			"--key <file>",
			"the key that signs, of `assent keys create NAME --out FILE`: its name names the log",
		)
		.requiredOption(
			"--out <dir>",
			"the folder: tiles, checkpoints and the public key to be published, and below `state` what was signed last, which must not be lost",
		)
		.option(
			"--witness <url...>",
			"services that cosign the anchor's checkpoints (C2SP tlog-witness), each with a `--witness-key`",
			[],
		)
		.option("--witness-key <vkey...>", "the keys of these witnesses, in the same order", [])
		.option(
			"--metrics-port <port>",
			"serve metrics and health on this port of 127.0.0.1 (default: none)",
			wholeNumber({ min: 0, max: 65_535 }),
		)
		.addOption(
			new Option("--log-level <level>", "structured log lines on stderr")
				.choices(["info", "warn", "error", "silent"])
				.default("warn"),
		)
		.option("--json", "print events as JSON lines: ready, stopped")
		.addHelpText(
			"after",
			"\nExample:\n  assent keys create log.example.com --out notary.key\n  assent notary --key notary.key --out audit\n",
		);
	return logOptions(command).action((options: NotaryCommandOptions) => runNotary(context, options));
}

async function runNotary(context: Context, options: NotaryCommandOptions): Promise<void> {
	const signer = await readSigner(options.key);
	const witnesses = witnessesOf(options);
	await context.withLog(options, async (log, layout) => {
		const watch = await watched(metricsAddress(null, options.metricsPort), witnesses, context.stop);
		try {
			const telemetry = logger(options.logLevel);
			const meter = watch?.meter ?? noNotaryMeter;
			const notary = await startNotary({ log, layout, signer, folder: options.out, witnesses, telemetry, meter });
			serving(context);
			context.undone = "what is not signed yet is signed by the next start";
			watch?.ready();
			const metrics = watch?.address ?? null;
			const facts = { log: log.url, folder: options.out, key: publicKeyText(signer.key), pid: process.pid, metrics };
			if (options.json === true) context.json({ event: "ready", ...facts });
			else {
				context.print(`assent notary  ${log.url}  ${counted(layout.partitions, "partition")}  into ${options.out}`);
				context.print(`signs as ${facts.key}`);
				if (metrics !== null) context.print(`metrics and health at ${metrics}`);
			}
			await notary.run(context.stop);
		} finally {
			await watch?.close();
		}
		if (options.json === true) context.json({ event: "stopped" });
		else context.print("stopped: what was read is signed");
	});
}

function witnessesOf({ witness, witnessKey }: NotaryCommandOptions): readonly Witness[] {
	if (witness.length !== witnessKey.length)
		throw usage(
			`there are ${counted(witness.length, "witness", "witnesses")} and ${counted(witnessKey.length, "key")} of witnesses`,
			"name a key for each witness, in the same order",
		);
	return witness.map((url, index) => {
		if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
			throw usage(`\`${url}\` is no address of a witness`, "write `https://…`");
		const key = readPublicKey(witnessKey[index] as string, COSIGNATURE);
		if (!key.ok)
			throw usage(
				`\`--witness-key\`: ${key.error}`,
				"its operator tells it: `NAME+ID+KEY`, with a key for cosignatures",
			);
		return httpWitness(url, verifierOf(key.value));
	});
}

interface Watch {
	readonly address: string;
	readonly meter: NotaryMeter;
	ready(): void;
	close(): Promise<void>;
}

/** `/metrics`, `/livez` and `/readyz`; only who is watched pays for them. Throws ASSENT_USAGE where the port cannot be had. */
async function watched(
	at: MetricsAddress | null,
	witnesses: readonly Witness[],
	stop: AbortSignal,
): Promise<Watch | null> {
	if (at === null) return null;
	const { openNotaryMetrics } = await import("../../adapters/prometheus/notary-metrics.ts");
	const { serveHealth } = await import("../../adapters/http/probes.ts");
	const names = witnesses.map(({ verifier }) => verifier.key.name);
	const metrics = openNotaryMetrics(names, systemClock);
	let isSigning = false;
	const status = () => ({ isEnded: false, isReady: isSigning && !stop.aborted, facts: { witnesses: names } });
	const health = await serveHealth({ ...at, metrics, status });
	return {
		address: health.address,
		meter: metrics,
		ready: () => {
			isSigning = true;
		},
		close: async () => {
			await health.close();
			metrics.close();
		},
	};
}
