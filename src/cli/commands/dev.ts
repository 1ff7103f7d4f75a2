/** `assent dev`: everything in one process, with policies that are put into force as they are edited. */

import { Command, Option } from "commander";
import { pinoLogger, telemetryOf } from "../../adapters/pino/logger.ts";
import { activateEdit, devSigner, startDev } from "../../app/dev.ts";
import { startDevGateway } from "../../app/dev-gateway.ts";
import { type DevNotarySettings, devNotarySettings, startDevNotary } from "../../app/dev-notary.ts";
import { assertLayout, refuseOwnPolicies } from "../../app/node.ts";
import { openLog } from "../../app/open-log.ts";
import { loadPolicies } from "../../app/policies.ts";
import { unwatchable, type WatchedPolicies, watchPolicies } from "../../app/policy-watch.ts";
import { sealingOf } from "../../app/sealing.ts";
import { counted } from "../../core/base/count-text.ts";
import { formatProblem } from "../../core/base/errors.ts";
import type { ViolationDetected } from "../../core/model/records.ts";
import { watchActivity } from "../../operations/activity.ts";
import { baselinePath } from "../../operations/baseline.ts";
import { isKafkaUrl } from "../../operations/log-url.ts";
import { systemClock } from "../../ports/clock.ts";
import { noNotaryMeter } from "../../ports/notary-meter.ts";
import { type Context, type GlobalOptions, serving, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { logLevelOption } from "../options/watch-options.ts";
import { wholeNumber } from "../options/whole-number.ts";
import { untilReady } from "../output/readiness.ts";
import { Tally } from "../output/tally.ts";

interface DevCommandOptions extends GlobalOptions {
	readonly policy?: readonly string[];
	readonly gatewayPort?: number | "off";
	readonly notaryKey?: string;
	readonly logLevel: string;
	readonly json?: boolean;
	readonly quiet?: boolean;
}

const STATUS_EVERY_MS = 1_000;
/** How long requests that wait may still be answered at the end. */
const GATEWAY_DRAIN_MS = 2_000;

export function devCommand(context: Context): Command {
	const command = new Command("dev")
		.summary("run everything in one process on an embedded log")
		.description(
			"Runs the processor and a gateway on an embedded log, puts the policies into force and follows their files: a good edit is put into force, mostly within half a second and where reading the files is slow after a second and two readings; a bad one, or one that cannot be put into force, is reported with its place and tried again within a second while the last good policies stay. Stops on SIGINT and SIGTERM after finishing what is in flight; exits with 3 when a newer process has taken over, and with 4 when its notary refuses to sign.",
		)
		.option(
			"-p, --policy <file...>",
			"policy files, or folders of them with their subfolders (default: `policies` of the configuration file)",
		)
		.addOption(
			new Option(
				"--gateway-port <port>",
				"where agents ask over HTTP, on loopback; `off`: nowhere (default: 8722, or any that is free where that is taken)",
			).argParser(gatewayPort),
		)
		.option(
			"--notary-key <file>",
			"sign what is decided, with this key of `assent keys create`, into `audit` beside the log file (default: the `notary` section of the configuration file, else nothing is signed)",
		)
		.option("--json", "print events as JSON lines: ready, activated, refused, good, stopped")
		.option("-q, --quiet", "print nothing about single violations")
		.addHelpText("after", `\nExample:\n  assent dev --policy ${baselinePath()}\n`);
	return logOptions(logLevelOption(command)).action((options: DevCommandOptions) => runDev(context, options));
}

async function runDev(context: Context, options: DevCommandOptions): Promise<void> {
	const config = await context.config(options);
	if (isKafkaUrl(config.logUrl)) {
		throw usage(
			`\`dev\` runs on an embedded log, and ${config.logUrl} is shared`,
			"run `assent topics create`, then `assent processor --policy FILE`, or name a file: `--log file:PATH`",
		);
	}
	refuseOwnPolicies(config);
	const signing = await devNotarySettings(config, options.notaryKey);
	const paths = options.policy ?? config.policies;
	const policies = await loadPolicies(paths, config.layout.budgetRoot, context.compute);
	if (!policies.ok) {
		context.fail(policies.error);
		return;
	}
	context.undone = "it had not begun to decide";
	const log = await openLog(config.logUrl, { create: true, payloadKeys: config.privacy.keys });
	try {
		await assertLayout(log, config.layout);
		const { layout, snapshotEvery } = config;
		const tokenSigner = (await config.tokenSigner()) ?? (await devSigner(config.logUrl));
		const operatorSigner = await config.operatorSigner();
		const httpLog = pinoLogger(options.logLevel);
		const telemetry = telemetryOf(httpLog);
		const notaryMetrics = signing === null || config.metrics === null ? null : await measured(signing);
		const node = await startDev({
			log,
			layout,
			policies: policies.value,
			snapshotEvery,
			telemetry,
			source: config.logUrl === "memory:" ? null : { log: options.log, config: options.config },
			metrics: config.metrics,
			alsoShown: notaryMetrics,
			tokenSigner,
			operatorSigner,
		});
		const say = (event: string, text: string, facts: object): void =>
			options.json === true ? context.json({ event, ...facts }) : context.print(text);
		serving(context);
		if (!(await untilReady(context, node.processor))) {
			await node.stop();
			const failure = await node.ended;
			if (failure !== null) throw failure;
			say("stopped", "stopped before it was ready", {});
			return;
		}
		const gateway =
			options.gatewayPort === "off"
				? null
				: await startDevGateway({
						...{ log, layout, logUrl: config.logUrl, telemetry, httpLog },
						...{ publisher: await config.publisher(), operatorSigner, sealing: sealingOf(config.privacy, log) },
						port: options.gatewayPort,
					}).catch(async (thrown: unknown) => {
						await node.stop();
						throw thrown;
					});
		const notary =
			signing === null
				? null
				: await startDevNotary({
						...{ log, layout, telemetry, meter: notaryMetrics ?? noNotaryMeter },
						...{ signer: signing.signer, folder: signing.folder, witnesses: signing.witnesses },
					}).catch(async (thrown: unknown) => {
						await gateway?.stop(GATEWAY_DRAIN_MS);
						await node.stop();
						throw thrown;
					});
		const watching = new AbortController();
		const watched = watch({ paths, budgetRoot: layout.budgetRoot, inForce: policies.value, signal: watching.signal });
		const { digest } = policies.value.compiled;
		say(
			"ready",
			[
				`assent dev  ${log.url}  ${counted(layout.partitions, "partition")}`,
				`policies ${digest.slice(0, 12)} ${node.isActivated ? "put into force" : "in force already"}: ${policies.value.files.join(", ")}`,
				...(gateway === null ? [] : [`agents ask at ${gateway.address}; the key is in ${gateway.file}`]),
				...(signing === null ? [] : [`signs into ${signing.folder} as ${signing.publicKey}`]),
				...(node.metricsAddress === null ? [] : [`metrics and health at ${node.metricsAddress}`]),
				`ready; submit calls with \`npx assent submit${config.logUrl === "file:.assent/log.db" ? "" : ` --log ${config.logUrl}`}\``,
			].join("\n"),
			{
				log: log.url,
				partitions: layout.partitions,
				policy: digest,
				instance: node.instance,
				pid: process.pid,
				metrics: node.metricsAddress,
				gateway: gateway?.address ?? null,
				notary: signing === null ? null : { folder: signing.folder, key: signing.publicKey },
			},
		);
		const unwatch = await watchLive(context, log, layout, options);
		const superseded = await Promise.race([node.ended, context.stopped(), ...(notary === null ? [] : [notary.ended])]);
		watching.abort();
		await watched;
		await gateway?.stop(GATEWAY_DRAIN_MS);
		await node.stop();
		// After the last decision, which it signs.
		await notary?.stop();
		await unwatch();
		if (superseded !== null) throw superseded;
		say("stopped", "stopped: what was in flight is finished", {});

		async function watch(watched: WatchedPolicies): Promise<void> {
			const once = await unwatchable(watched.paths);
			if (once !== null) {
				context.note(`\`${once}\` is not a regular file: the policies are read once, and edits are not followed`);
				return;
			}
			await watchPolicies(watched, {
				activate: (edited) => activateEdit(log, layout, edited, operatorSigner),
				onActivated: ({ compiled }) =>
					say("activated", `policies ${compiled.digest.slice(0, 12)} put into force`, { policy: compiled.digest }),
				onRefused: (problems) => {
					for (const each of problems) context.note(formatProblem(each));
					say("refused", "the edit was not put into force; the last good policies stay", { problems });
				},
				onGood: ({ compiled }) => {
					const { digest } = compiled;
					say("good", `the policies are good again: ${digest.slice(0, 12)} is in force`, { policy: digest });
				},
			});
		}
	} finally {
		await log.close();
	}
}

async function measured({ witnesses }: DevNotarySettings) {
	const { openNotaryMetrics } = await import("../../adapters/prometheus/notary-metrics.ts");
	return openNotaryMetrics(
		witnesses.map(({ verifier }) => verifier.key.name),
		systemClock,
		{ isAlone: false },
	);
}

type WatchArguments = Parameters<typeof watchActivity>;

/** Live counts on a terminal, a line for each violation; nothing of it costs anything when nobody looks. */
async function watchLive(
	context: Context,
	log: WatchArguments[0],
	layout: WatchArguments[1],
	options: DevCommandOptions,
): Promise<() => Promise<void>> {
	if (options.json === true || options.quiet === true) return async () => {};
	const tally = new Tally();
	let shown = 0;
	const stop = await watchActivity(log, layout, {
		onDecision: (verdict, rules) => tally.add({ verdict, rules }),
		onViolation: (violation) => context.print(violationLine(violation)),
	});
	const timer = setInterval(() => {
		if (tally.total === shown) return;
		shown = tally.total;
		context.progress(tally.line());
	}, STATUS_EVERY_MS);
	return async () => {
		clearInterval(timer);
		// What was counted stays on the terminal.
		if (context.isTerminal && shown > 0) context.note(tally.line());
		await stop();
	};
}

/** `deny  acme/coder/coder-07  shell  baseline/no-rm-root  high  message`. */
export function violationLine(violation: ViolationDetected): string {
	const verdict = violation.mode === "audit" ? "audit" : violation.verdict;
	const who = [violation.call.tenant, violation.call.agent, violation.session].filter((part) => part !== "").join("/");
	const rule = violation.policy === "" ? violation.code : `${violation.policy}/${violation.rule}`;
	return [verdict, who, violation.tool, rule, violation.severity, violation.message]
		.filter((part) => part !== "")
		.join("  ");
}

const anyPort = wholeNumber({ min: 0, max: 65_535 });

const gatewayPort = (text: string): number | "off" => (text === "off" ? text : anyPort(text));
