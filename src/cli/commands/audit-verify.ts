/** `assent audit verify`: whether a log is what was signed, and whether what it says was decided follows from what was asked. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { Config } from "../../app/config/config.ts";
import { readVerifier, readWitness } from "../../app/public-keys.ts";
import { nothingRead, type Verified, verifyAll } from "../../app/verify.ts";
import type { KeyTexts } from "../../app/verify-work.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import { COSIGNATURE, publicKeyText } from "../../core/model/signing-keys.ts";
import { AUDIT_FOLDER } from "../../export/manifest.ts";
import { exportOf } from "../../operations/log-url.ts";
import { type Log, TOPICS } from "../../ports/log/log.ts";
import { type AuditedLayout, auditedLayout } from "../../verify/audited-layout.ts";
import { tolerantLog } from "../../verify/tolerant-log.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { whileCounting } from "../output/progress.ts";
import { verifyJson, verifyLines } from "../output/verify-report.ts";

/** Records of ledgers. */
const SMALL = 10_000;

const EXIT_CODES = { findings: 1, unverifiable: 4, sound: 0 } as const;

interface VerifyCommandOptions extends GlobalOptions {
	readonly key?: string;
	readonly unsigned?: boolean;
	readonly witnessKey: readonly string[];
	readonly checkpoint: readonly string[];
	readonly folder?: string;
	readonly json?: boolean;
}

export function auditVerifyCommand(context: Context): Command {
	const command = new Command("verify")
		.summary("whether a log is what was signed, and follows from its inputs")
		.description(
			"Reads a log, or an export of one, from its beginning, and holds it against the public key of its notary: every signed checkpoint, every entry, each of which is decided again from its input, the policies in force and the entries before it, every budget, and all that was published. Says what is wrong and where, what was shown, and what was not. Nothing is written, and nothing but the log and the key is believed. Exits with 1 when something is wrong, and with 4 when entries cannot be decided again, because their input is no longer there or other code decided them.",
		)
		.option("--key <key>", "the notary's public key, from somebody whom you believe, as a file or as `NAME+ID+KEY`")
		.addOption(new Option("--unsigned", "check no signatures: there is no notary, or no key").conflicts("key"))
		.option(
			"--witness-key <key...>",
			"keys of witnesses, as files or as `NAME+ID+KEY`: each must have cosigned the anchor",
			[],
		)
		.option(
			"--checkpoint <file...>",
			"checkpoints that you have kept, or that somebody else has seen: the log must begin with what they say",
			[],
		)
		.option("--folder <dir>", "a notary's folder of static tiles, which is checked, too (of an export: its own)")
		.option("--json", "print one JSON object: {log, findings, shown, notShown, partitions, anchor, …}")
		.addHelpText(
			"after",
			"\nExamples:\n  assent audit verify --log export:march --key log.vkey\n  assent audit verify --log file:.assent/log.db --key log.vkey --folder audit --checkpoint monday.note\n",
		);
	return logOptions(command).action((options: VerifyCommandOptions) => verify(context, options));
}

async function verify(context: Context, options: VerifyCommandOptions): Promise<void> {
	if (options.key === undefined && options.unsigned !== true)
		throw usage(
			"no key says whose signatures are to be believed",
			"give the notary's public key with `--key`, or leave signatures out with `--unsigned`",
		);
	const key = options.key === undefined ? null : (await readVerifier(options.key)).key;
	const witnesses = await Promise.all(options.witnessKey.map(async (named) => (await readWitness(named)).key));
	const config = await context.config(options);
	const keys = {
		log: key === null ? null : publicKeyText(key),
		witnesses: witnesses.map((witness) => publicKeyText(witness, COSIGNATURE)),
	};
	const { url, verified } = await verifiedOn(context, config, { options, keys }).catch((thrown) =>
		damaged(thrown, config),
	);
	const report = { log: url, key, verified };
	if (options.json === true) context.json(verifyJson(report));
	else for (const line of verifyLines(report)) context.print(line);
	context.exitCode = EXIT_CODES[verified.result];
}

interface VerifiedLog {
	readonly url: string;
	readonly verified: Verified;
}

async function verifiedOn(
	context: Context,
	config: Config,
	{ options, keys }: { readonly options: VerifyCommandOptions; readonly keys: KeyTexts },
): Promise<VerifiedLog> {
	const log = await context.open(config, { readOnly: true });
	try {
		const audited = await auditedLayout(log, config);
		const total = await recordsIn(tolerantLog(log), audited);
		const verified = await whileCounting(context, total, ({ onProgress, signal }) =>
			verifyAll(log, {
				log: options.log,
				config: options.config,
				...audited,
				keys,
				folder: options.folder ?? folderOf(config.logUrl),
				exported: exportOf(config.logUrl),
				kept: options.checkpoint,
				// A thread takes longer to begin than it takes to read a log as small as this.
				...(total < SMALL ? { threads: 0 } : {}),
				onProgress,
				signal,
			}),
		);
		if (isNothing(verified)) throw nothingThere(log.url);
		return { url: log.url, verified };
	} finally {
		await log.close();
	}
}

/** A file that is too damaged for its records to be looked at is what was found. Throws what says anything else. */
function damaged(thrown: unknown, { logUrl }: Config): VerifiedLog {
	if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_CORRUPT") throw thrown;
	return { url: logUrl, verified: nothingRead(thrown.problem.message) };
}

/** The tiles of an export. */
function folderOf(url: string): string | null {
	const folder = exportOf(url);
	const audit = folder === null ? null : join(folder, AUDIT_FOLDER);
	return audit !== null && existsSync(audit) ? audit : null;
}

async function recordsIn(log: Log, { partitions }: AuditedLayout): Promise<number> {
	const bounds = Array.from({ length: partitions }, (_, partition) =>
		log.bounds({ topic: TOPICS.decisions, partition }),
	);
	return (await Promise.all(bounds)).reduce((sum, { begin, end }) => sum + end - begin, 0);
}

/** Nobody ever decided here, and nothing says that somebody had. */
const isNothing = ({ partitions, findings }: Verified): boolean =>
	partitions.every(({ claims, entries, notes }) => claims + entries + notes.length === 0) &&
	findings.every(({ code }) => code === "checkpoint.none");

const nothingThere = (url: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`${url} has no ledger: nobody has decided on it`,
			"name the log with `--log`, or an export",
		),
	);
