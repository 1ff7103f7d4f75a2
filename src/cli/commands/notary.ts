/** `assent notary`: signs what was recorded, so that nobody can change it without being found out. */
import { Command } from "commander";
import { logger } from "../../adapters/pino/logger.ts";
import { metricsAddress } from "../../app/config/metrics-address.ts";
import { type NotaryConfig, WITNESS_HELP, witnessOf } from "../../app/config/notary-settings.ts";
import { startNotary } from "../../app/notary.ts";
import { watchRole } from "../../app/role-watch.ts";
import { readSigner } from "../../app/signing-keys.ts";
import { counted } from "../../core/base/count-text.ts";
import { publicKeyText } from "../../core/model/signing-keys.ts";
import { systemClock } from "../../ports/clock.ts";
import { noNotaryMeter } from "../../ports/notary-meter.ts";
import type { Witness } from "../../ports/witness.ts";
import { type Context, type GlobalOptions, serving, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { logLevelOption, metricsPortOption } from "../options/watch-options.ts";

interface NotaryCommandOptions extends GlobalOptions {
	readonly key?: string;
	readonly out?: string;
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
		.option(
			"--key <file>",
			"the key that signs, of `assent keys create NAME --out FILE`: its name names the log (default: `notary.key` of the configuration file)",
		)
		.option(
			"--out <dir>",
			"the folder: tiles, checkpoints and the public key to be published, and below `state` what was signed last, which must not be lost (default: `notary.out`)",
		)
		.option(
			"--witness <url...>",
			"services that cosign the anchor's checkpoints (C2SP tlog-witness), each with a `--witness-key` (default: `notary.witnesses`)",
			[],
		)
		.option("--witness-key <vkey...>", "the keys of these witnesses, in the same order", [])
		.option("--json", "print events as JSON lines: ready, stopped")
		.addHelpText(
			"after",
			"\nExample:\n  assent keys create log.example.com --out notary.key\n  assent notary --key notary.key --out audit\n",
		);
	return logOptions(logLevelOption(metricsPortOption(command, "notary.metrics"))).action(
		(options: NotaryCommandOptions) => runNotary(context, options),
	);
}

async function runNotary(context: Context, options: NotaryCommandOptions): Promise<void> {
	const { notary: configured } = await context.config(options);
	const witnesses = witnessesOf(options, configured);
	const file = options.key ?? configured.keyFile;
	const folder = options.out ?? configured.folder;
	if (file === undefined || folder === undefined)
		throw usage(
			file === undefined ? "no key is named" : "no folder is named",
			"name both: `--key FILE --out DIR`, or `notary: { key: FILE, out: DIR }` in the configuration file",
		);
	const signer = await readSigner(file);
	await context.withLog(options, async (log, layout) => {
		const names = witnesses.map(({ verifier }) => verifier.key.name);
		const watch = await watchRole(metricsAddress(configured.metrics, options.metricsPort), {
			open: async () => {
				const { openNotaryMetrics } = await import("../../adapters/prometheus/notary-metrics.ts");
				return openNotaryMetrics(names, systemClock);
			},
			facts: { witnesses: names },
			stop: context.stop,
		});
		try {
			const telemetry = logger(options.logLevel);
			const meter = watch?.metrics ?? noNotaryMeter;
			const notary = await startNotary({ log, layout, signer, folder, witnesses, telemetry, meter });
			serving(context);
			context.undone = "what is not signed yet is signed by the next start";
			watch?.ready();
			const metrics = watch?.address ?? null;
			const facts = { log: log.url, folder, key: publicKeyText(signer.key), pid: process.pid, metrics };
			if (options.json === true) context.json({ event: "ready", ...facts });
			else {
				context.print(`assent notary  ${log.url}  ${counted(layout.partitions, "partition")}  into ${folder}`);
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

/** Those of the options, else those of the configuration. */
function witnessesOf({ witness, witnessKey }: NotaryCommandOptions, configured: NotaryConfig): readonly Witness[] {
	if (witness.length !== witnessKey.length)
		throw usage(
			`there are ${counted(witness.length, "witness", "witnesses")} and ${counted(witnessKey.length, "key")} of witnesses`,
			"name a key for each witness, in the same order",
		);
	if (witness.length === 0) return configured.witnesses;
	return witness.map((url, index) => {
		const named = witnessOf({ url, key: witnessKey[index] as string });
		if (named.ok) return named.value;
		const { part, message } = named.error;
		throw usage(part === "url" ? message : `\`--witness-key\`: ${message}`, WITNESS_HELP[part]);
	});
}
