/** `assent processor`: one of the processors that share a log. */
import { Command } from "commander";
import { logger } from "../../adapters/pino/logger.ts";
import { openConfigured } from "../../app/config/config.ts";
import { metricsAddress } from "../../app/config/metrics-address.ts";
import { assertFit, ensureActive, Node, newInstance, refuseOwnPolicies } from "../../app/node.ts";
import { loadPolicies } from "../../app/policies.ts";
import { counted } from "../../core/base/count-text.ts";
import { baselinePath } from "../../operations/baseline.ts";
import { trustTexts } from "../../operations/trust-text.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { type Context, type GlobalOptions, serving } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { nameOf } from "../options/operator-options.ts";
import { logLevelOption, metricsPortOption } from "../options/watch-options.ts";
import { untilReady } from "../output/readiness.ts";

interface ProcessorCommandOptions extends GlobalOptions {
	readonly policy?: readonly string[];
	readonly instance?: string;
	readonly metricsPort?: number;
	readonly logLevel: string;
	readonly json?: boolean;
}

export function processorCommand(context: Context): Command {
	const command = new Command("processor")
		.summary("decide on a shared log, together with other processors")
		.description(
			"Joins the processors of a log and decides on the partitions that fall to it. On Kafka any number share the partitions, and take over from one another; on a log file the newest decides and an older one exits with 3. Creates nothing: `assent topics create` makes the topics, also in a file. Refuses to start where the topics, their settings or the ledger's layout would break a promise, and names the command that fixes it. Watches no policy files: policies come by `assent policy activate`. On SIGINT and SIGTERM it finishes what is in flight, hands its partitions over and exits with 0; a second signal ends it at once.",
		)
		.option(
			"-p, --policy <file...>",
			"put these policies into force at the start, unless they are already; every start does it again, so leave it out where operators activate policies",
		)
		.option(
			"--instance <name>",
			"its name in the ledger's claims, unlike any other's (default: host, process and a random part)",
		)
		.option("--json", "print events as JSON lines: ready, assigned, lost, stopped")
		.addHelpText(
			"after",
			`\nExamples:\n  assent processor --log kafka://broker-1:9092,broker-2:9092 --config assent.yaml\n  assent topics create && assent processor --policy ${baselinePath()}\n`,
		);
	return logOptions(logLevelOption(metricsPortOption(command, "metrics"))).action((options: ProcessorCommandOptions) =>
		runProcessor(context, options),
	);
}

async function runProcessor(context: Context, options: ProcessorCommandOptions): Promise<void> {
	const config = await context.config(options);
	const { layout, snapshotEvery, policyKeys, requireReview } = config;
	if (options.policy !== undefined) refuseOwnPolicies(config);
	const instance = options.instance === undefined ? newInstance() : nameOf("--instance", options.instance);
	const policies =
		options.policy === undefined ? null : await loadPolicies(options.policy, layout.budgetRoot, context.compute);
	if (policies?.ok === false) {
		context.fail(policies.error);
		return;
	}
	const tokenSigner = await config.tokenSigner();
	const operatorSigner = await config.operatorSigner();
	const telemetry = logger(options.logLevel);
	const say = (event: string, text: string, facts: object): void =>
		options.json === true ? context.json({ event, ...facts }) : context.print(text);
	const telemetryShown = options.json === true ? shown(context, telemetry) : telemetry;
	context.undone = "it had not begun to decide";
	const log = await openConfigured(config, { create: false });
	try {
		await assertFit(log, layout, telemetry);
		const metrics = metricsAddress(config.metrics, options.metricsPort);
		const node = await Node.make({
			log,
			layout,
			instance,
			snapshotEvery,
			source: { log: options.log, config: options.config },
			policyKeys,
			requireReview,
			tokenSigner,
			operatorSigner,
			telemetry: telemetryShown,
			metrics,
		});
		try {
			if (policies !== null) {
				const signer = operatorSigner;
				await ensureActive(log, { layout, policies: policies.value, by: "assent processor", signer });
			}
			await live(context, node, async () => {
				const trust = await node.processor.trust();
				const at = node.metricsAddress;
				const lines = [
					`assent processor  ${log.url}  ${counted(layout.partitions, "partition")}`,
					...(at === null ? [] : [`metrics and health at ${at}`]),
					...(trust === undefined ? [] : trustTexts(trust)),
					`ready as ${instance}`,
				];
				const facts = {
					log: log.url,
					partitions: layout.partitions,
					instance,
					pid: process.pid,
					metrics: at,
					trust: trust?.name ?? null,
				};
				say("ready", lines.join("\n"), facts);
			});
		} finally {
			await node.stop();
		}
		say("stopped", "stopped: what was in flight is finished, the partitions are handed over", {});
	} finally {
		await log.close();
	}
}

/** Until it is told to stop, also while it joins. Ready is who decides everything that fell to it. Throws why it ended by itself. */
async function live(context: Context, { processor }: Node, onReady: () => Promise<void>): Promise<void> {
	const stopped = context.stopped();
	await Promise.race([processor.start(), stopped]);
	serving(context);
	if (await untilReady(context, processor)) await onReady();
	const ended = await Promise.race([processor.ended, stopped]);
	if (ended !== null) throw ended;
}

/** Events of the group as JSON lines, beside what the log lines say. */
function shown(context: Context, telemetry: Telemetry): Telemetry {
	const events: Readonly<Record<string, string>> = {
		"processor.assigned": "assigned",
		"processor.handed_over": "lost",
		"processor.lost": "lost",
	};
	return {
		...telemetry,
		info: (event, facts) => {
			const name = events[event];
			if (name !== undefined) context.json({ event: name, ...facts });
			telemetry.info(event, facts);
		},
		warn: (event, facts) => {
			const name = events[event];
			if (name !== undefined) context.json({ event: name, ...facts });
			telemetry.warn(event, facts);
		},
	};
}
