/** `assent notify`: tells others what happens, by signed webhooks. */
import { Command, Option } from "commander";
import { BODY_FORMS, type BodyForm, NOTICE_TYPES, type NoticeType } from "../../adapters/http/webhooks/bodies.ts";
import { parseSecret } from "../../adapters/http/webhooks/signature.ts";
import { logger } from "../../adapters/pino/logger.ts";
import { metricsAddress } from "../../app/config/metrics-address.ts";
import { NOTIFY_DEFAULTS } from "../../app/config/notify-schema.ts";
import { SECRET_HELP, URL_HELP, webhookUrl } from "../../app/config/notify-settings.ts";
import { readNamedText } from "../../app/named-file.ts";
import { notify } from "../../app/notify.ts";
import type { NotifyTarget } from "../../app/notify-target.ts";
import { watchRole } from "../../app/role-watch.ts";
import { counted } from "../../core/base/count-text.ts";
import { AssentError } from "../../core/base/errors.ts";
import type { Severity } from "../../core/model/entries.ts";
import { SECOND } from "../../core/model/units.ts";
import { systemClock } from "../../ports/clock.ts";
import { type Context, type GlobalOptions, serving, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { logLevelOption, metricsPortOption } from "../options/watch-options.ts";

interface NotifyCommandOptions extends GlobalOptions {
	readonly url?: string;
	readonly body: BodyForm;
	readonly secretFile?: string;
	readonly type?: readonly NoticeType[];
	readonly severity: Severity;
	readonly from: "start" | "end";
	readonly places?: string;
	readonly deadLetters?: string;
	readonly metricsPort?: number;
	readonly logLevel: string;
	readonly json?: boolean;
}

export function notifyCommand(context: Context): Command {
	const command = new Command("notify")
		.summary("post held calls and violations to webhooks")
		.description(
			"Follows the log and posts what the targets of the configuration (`notify`), or `--url`, want to be told: calls that wait for approval, violations, blocked calls, checkpoints, drift. Messages are signed as Standard Webhooks has it, and sent again with pauses of 1 s up to 1 h, for two hours; then they go to the file of dead letters. How far each target has come is kept in a file, so that a restart misses nothing; a message can come twice, with the same id. Arguments of calls are never sent. On SIGINT and SIGTERM it says how many were sent and exits with 0, or with 1 when some were given up.",
		)
		.option("--url <url>", "a target beside those of the configuration, under the name `cli`")
		.addOption(new Option("--body <form>", "what the target of `--url` reads").choices(BODY_FORMS).default("assent"))
		.option(
			"--secret-file <file>",
			"file with the secret that messages to `--url` are signed with: `whsec_` and base64",
		)
		.addOption(
			new Option("--type <type...>", `what \`--url\` is told (default: ${NOTIFY_DEFAULTS.types.join(", ")})`).choices(
				NOTICE_TYPES,
			),
		)
		.addOption(
			new Option("--severity <rank>", "of violations and blocked calls, what `--url` is told: this rank and above")
				.choices(["low", "medium", "high", "critical"])
				.default("low"),
		)
		.addOption(
			new Option("--from <place>", "where a target begins that has no place yet")
				.choices(["start", "end"])
				.default("end"),
		)
		.option(
			"--places <file>",
			`the file that keeps how far targets have come (default: the configuration's, else ${NOTIFY_DEFAULTS.places})`,
		)
		.option(
			"--dead-letters <file>",
			`the file of messages that were given up (default: the configuration's, else ${NOTIFY_DEFAULTS.deadLetters})`,
		)
		.option("--json", "print events as JSON lines: ready, stopped")
		.addHelpText(
			"after",
			"\nExamples:\n  assent notify --config assent.yaml\n  assent notify --url https://alerts.example.com/assent --secret-file webhook.secret --severity high\n",
		);
	return logOptions(logLevelOption(metricsPortOption(command, "notify.metrics"))).action(
		(options: NotifyCommandOptions) => runNotify(context, options),
	);
}

async function runNotify(context: Context, options: NotifyCommandOptions): Promise<void> {
	const { notify: configured } = await context.config(options);
	const targets = [...(await configured.targets()), ...(await targetOfFlags(options))];
	if (targets.length === 0) {
		throw usage("nobody is to be told", "name a target: `notify` in the configuration file, or `--url URL`");
	}
	if (targets.filter(({ name }) => name === CLI_NAME).length > 1) {
		throw usage("a target of the configuration is named `cli`", "`--url` has that name: name the other one otherwise");
	}
	const files = {
		placesFile: options.places ?? configured.placesFile ?? NOTIFY_DEFAULTS.places,
		deadLettersFile: options.deadLetters ?? configured.deadLettersFile ?? NOTIFY_DEFAULTS.deadLetters,
	};
	await context.reading(options, async (log, layout) => {
		serving(context);
		const names = targets.map(({ name }) => name);
		const watch = await watchRole(metricsAddress(configured.metrics, options.metricsPort), {
			open: async () => {
				const { openNotifyMetrics } = await import("../../adapters/prometheus/notify-metrics.ts");
				return openNotifyMetrics(names, systemClock);
			},
			facts: { targets: names },
			stop: context.stop,
		});
		const at = watch?.address ?? null;
		const onReady = (): void => {
			watch?.ready();
			if (options.json === true) {
				context.json({ event: "ready", targets: names, log: log.url, pid: process.pid, metrics: at });
				return;
			}
			context.print(`assent notify  ${counted(targets.length, "target")}: ${names.join(", ")}  on ${log.url}`);
			if (at !== null) context.print(`metrics and health at ${at}`);
		};
		const telemetry = logger(options.logLevel);
		const parts = { log, layout, targets, from: options.from, ...files, telemetry, signal: context.stop, onReady };
		const counts = await notify(watch === null ? parts : { ...parts, meter: watch.metrics }).finally(() =>
			watch?.close(),
		);
		if (options.json === true) context.json({ event: "stopped", ...counts });
		else {
			const dead = counts.dead === 0 ? "" : `, ${counts.dead} given up: see ${files.deadLettersFile}`;
			context.print(`stopped: ${counted(counts.sent, "message")} sent, ${counts.retried} tried again${dead}`);
		}
		if (counts.dead > 0) context.exitCode = 1;
	});
}

const CLI_NAME = "cli";

async function targetOfFlags(options: NotifyCommandOptions): Promise<readonly NotifyTarget[]> {
	const { url, body, secretFile, type, severity } = options;
	if (url === undefined) {
		if (secretFile === undefined && type === undefined) return [];
		throw usage("`--secret-file` and `--type` are of the target that `--url` names", "give `--url URL`");
	}
	const checked = webhookUrl(url);
	if (!checked.ok) throw usage(`\`--url\`: ${checked.error}`, URL_HELP);
	const secret = secretFile === undefined ? null : await secretOf(secretFile);
	const types = new Set<NoticeType>(type ?? NOTIFY_DEFAULTS.types);
	const everybody = { tenants: ["*"], agents: ["*"] };
	return [{ name: CLI_NAME, url: checked.value, body, secret, types, severity, ...everybody, timeoutMs: 10 * SECOND }];
}

async function secretOf(file: string): Promise<Uint8Array> {
	const read = await readNamedText(file);
	if (!read.ok) throw new AssentError(read.error);
	const secret = parseSecret(read.value);
	if (secret === null) throw usage(`\`${file}\` does not hold a secret for webhooks`, SECRET_HELP);
	return secret;
}
