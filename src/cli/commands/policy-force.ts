/** `assent policy activate`, `rollback` and `history`: putting bundles into force, and back. */
import { Command } from "commander";
import { loadPolicies } from "../../app/policies.ts";
import { readSignature } from "../../app/signing-keys.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { PolicySourceText } from "../../core/model/records.ts";
import { activatePolicies } from "../../operations/activation.ts";
import { answersTo } from "../../operations/answers.ts";
import { baselinePath } from "../../operations/baseline.ts";
import { type Operator, placesOf, sentActivation } from "../../operations/operators.ts";
import { lookAt } from "../../operations/questions.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log/log.ts";
import { activationsOn, type PastActivation } from "../../reading/activations.ts";
import { changesBetween, namesOf } from "../../reading/bundle-changes.ts";
import { signatureFault } from "../../reading/bundle-signature.ts";
import { type Bundles, compileBundle, readBundles } from "../../reading/bundles.ts";
import { partitionsOf } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { type OperatorOptions, operatorOf, operatorOptions } from "../options/operator-options.ts";
import { refused, sending } from "../output/answers.ts";
import { whileReading } from "../output/progress.ts";
import { relative } from "../output/relative-time.ts";
import { renderTable } from "../output/table.ts";

interface ForceOptions extends GlobalOptions, OperatorOptions {
	readonly strict?: boolean;
	readonly force?: boolean;
	readonly signature?: string;
	readonly to?: string;
	readonly json?: boolean;
}

const UNANSWERED =
	"Without a running processor the activation waits on the log and the command exits with 0, or with 3 under --strict. Exits with 1 when a processor refused it.";

/** `--strict`, `--json` and what all operators' commands have. */
const forceOptions = (command: Command): Command =>
	logOptions(operatorOptions(command))
		.option("--strict", "exit with 3 unless every partition has answered in time")
		.option("--json", "print the outcome as one JSON object");

export function activateCommand(context: Context): Command {
	const command = new Command("activate")
		.summary("put policy files into force")
		.description(
			`Compiles the files, writes them to the log as one bundle, puts it into force on every partition in place of what was in force, and waits until the processors have recorded that. A bundle that is in force already is left alone. ${UNANSWERED}`,
		)
		.argument("<file...>", "policy files, or folders of them: all that is to be in force")
		.option("--signature <file>", "what `policy sign` wrote; needed where the configuration has `policyKeys`")
		.option("--force", "activate again even if it is in force already")
		.addHelpText("after", `\nExample:\n  assent policy activate ${baselinePath()} --by ops-ann\n`);
	return forceOptions(command).action((paths: readonly string[], options: ForceOptions) =>
		context.withLog(options, async (log, layout) => {
			const operator = operatorOf(context, options);
			const loaded = await loadPolicies(paths, layout.budgetRoot);
			if (!loaded.ok) {
				context.fail(loaded.error);
				return;
			}
			const { sources, compiled } = loaded.value;
			const signature = options.signature === undefined ? "" : await readSignature(options.signature);
			await assertSigned(context, options, { digest: compiled.digest, signature });
			const isAsked = options.force !== true && (await isLatestEverywhere(log, layout, compiled.digest));
			if (isAsked) await reportInForce(context, log, layout, compiled.digest, options);
			else await activate(context, { log, layout, operator, sources, signature, digest: compiled.digest, options });
		}),
	);
}

/** Throws POLICY_UNSIGNED: what processors would refuse is not written. */
async function assertSigned(
	context: Context,
	options: ForceOptions,
	bundle: { readonly digest: string; readonly signature: string },
): Promise<void> {
	const why = signatureFault(bundle, (await context.config(options)).trust);
	if (why === null) return;
	const help =
		"`assent policy sign FILE --key KEY --out SIGNATURE`, then activate the files with `--signature SIGNATURE`";
	throw new AssentError(
		problem("POLICY_UNSIGNED", `the bundle ${bundle.digest.slice(0, 12)} is refused: ${why}`, help),
	);
}

/** An activation that reached only some partitions is not enough: it is repeated. */
async function isLatestEverywhere(log: Log, layout: Layout, digest: string): Promise<boolean> {
	const latest = await Promise.all(partitionsOf(layout).map((partition) => activationsOn(log, partition)));
	return latest.every((activations) => activations.at(-1)?.digest === digest);
}

async function reportInForce(
	context: Context,
	log: Log,
	layout: Layout,
	digest: string,
	options: ForceOptions,
): Promise<void> {
	const adopted = await whileReading(context, async (reading) => {
		let partitions = 0;
		for (const partition of partitionsOf(layout)) {
			const { policy } = await lookAt(log, layout, partition, { wanted: {}, reading });
			if (policy.digest === digest) partitions += 1;
		}
		return partitions;
	});
	const { partitions } = layout;
	const outcome = { digest, isChanged: false, partitions, answered: adopted, adopted };
	if (options.json === true) context.json(outcome);
	else if (adopted === partitions) context.print(`${digest.slice(0, 12)} is in force already; nothing was changed`);
	else
		context.print(
			`${digest.slice(0, 12)} is activated already, and in force on ${adopted} of ${partitions} partitions`,
		);
	if (adopted < partitions) waits(context, options);
}

async function activate(
	context: Context,
	parts: {
		readonly log: Log;
		readonly layout: Layout;
		readonly operator: Operator;
		readonly sources: readonly PolicySourceText[];
		/** A signed note, or empty. */
		readonly signature: string;
		readonly digest: string;
		readonly options: ForceOptions;
	},
): Promise<void> {
	const { log, layout, operator, sources, signature, digest, options } = parts;
	const before = (await activationsOn(log, 0)).at(-1) ?? null;
	const old = before === null ? undefined : (await readBundles(log)).get(before.digest)?.sources;
	const places = await placesOf(log, layout);
	const activation = await sending(context, "the activation", () =>
		activatePolicies(log, { layout, sources, signature, digest, ...operator }),
	);
	const sent = sentActivation(activation, places);
	const answers = await answersTo(log, layout, sent, { waitMs: options.wait, signal: context.stop });
	const adopted = [...answers.values()].filter(({ kind }) => kind === "policy.activated").length;
	const changes = changesBetween(old ?? [], sources, layout.budgetRoot);
	if (options.json === true) {
		context.json({
			digest,
			generation: activation.generation,
			isChanged: true,
			before: before === null ? null : { digest: before.digest, generation: before.generation },
			changes,
			partitions: sent.length,
			answered: answers.size,
			adopted,
		});
	} else {
		const was = before === null ? "nothing was in force before" : `in place of ${before.digest.slice(0, 12)}`;
		const word = adopted === sent.length ? "in force" : "activated";
		context.print(`${digest.slice(0, 12)} is ${word} as generation ${activation.generation}, ${was}`);
		for (const name of changes.added) context.print(`  + ${name}`);
		for (const name of changes.changed) context.print(`  ~ ${name}`);
		for (const name of changes.removed) context.print(`  - ${name}`);
	}
	const refusal = [...answers.values()].find(isRefusal);
	if (refusal !== undefined) refused(context, refusal);
	else if (answers.size < sent.length) waits(context, options);
}

const isRefusal = (entry: LedgerEntry): entry is Extract<LedgerEntry, { kind: "input.rejected" }> =>
	entry.kind === "input.rejected";

function waits(context: Context, options: ForceOptions): void {
	if (context.stop.aborted) {
		context.interrupted();
		return;
	}
	context.note(
		options.wait === 0
			? "the activation is written; no answer was waited for"
			: "no processor has answered on every partition in time: the activation waits on the log until one runs; see `assent doctor`",
	);
	if (options.strict === true) context.exitCode = 3;
}

export function rollbackCommand(context: Context): Command {
	const command = new Command("rollback")
		.summary("put the bundle that was in force before into force again")
		.description(
			`Puts an earlier bundle into force as a new generation: the one before the latest, or the one named. Rolling back twice comes back to where it began. ${UNANSWERED}`,
		)
		.option("--to <bundle>", "a generation of `policy history`, or the beginning of a digest (7 digits or more)")
		.addHelpText("after", "\nExample:\n  assent policy rollback --to 3\n");
	return forceOptions(command).action((options: ForceOptions) =>
		context.withLog(options, async (log, layout) => {
			const operator = operatorOf(context, options);
			const digest = targetOf(await activationsOn(log, 0), options.to);
			const bundles = await readBundles(log);
			const compiled = compileBundle(bundles, digest, layout.budgetRoot);
			if (!compiled.ok) {
				context.fail(compiled.error);
				return;
			}
			const { sources = [], signature = "" } = bundles.get(digest) ?? {};
			await assertSigned(context, options, { digest, signature });
			const isAsked = await isLatestEverywhere(log, layout, digest);
			if (isAsked) await reportInForce(context, log, layout, digest, options);
			else await activate(context, { log, layout, operator, sources, signature, digest, options });
		}),
	);
}

/** The digest to go back to. Throws ASSENT_USAGE. */
function targetOf(history: readonly PastActivation[], to: string | undefined): string {
	const latest = history.at(-1);
	if (latest === undefined) throw usage("no policies were ever activated here", "`assent policy activate FILE`");
	if (to === undefined) {
		const before = history.findLast(({ digest }) => digest !== latest.digest);
		if (before !== undefined) return before.digest;
		throw usage("there is nothing to go back to", "only one bundle was ever in force: `assent policy history`");
	}
	const matches = /^\d{1,6}$/.test(to)
		? history.filter(({ generation }) => generation === Number(to))
		: /^[0-9a-f]{7,64}$/.test(to)
			? history.filter(({ digest }) => digest.startsWith(to))
			: [];
	const digests = new Set(matches.map(({ digest }) => digest));
	const [digest] = digests;
	if (digest !== undefined && digests.size === 1) return digest;
	throw usage(
		digests.size > 1 ? `\`${to}\` is more than one bundle` : `\`${to}\` was never in force`,
		"`assent policy history` lists generations and digests",
	);
}

export function historyCommand(context: Context): Command {
	const command = new Command("history")
		.summary("past activations, with time and operator")
		.description("Prints every activation, the latest first.")
		.option("--json", "print one JSON object: {activations: […]}")
		.addHelpText("after", "\nExample:\n  assent policy history\n");
	return logOptions(command).action((options: GlobalOptions & { readonly json?: boolean }) =>
		context.reading(options, async (log) => {
			const bundles = await readBundles(log);
			const activations = (await activationsOn(log, 0)).toReversed();
			if (options.json === true) {
				context.json({ activations: activations.map((each) => ({ ...each, policies: policiesOf(bundles, each) })) });
				return;
			}
			if (activations.length === 0) {
				context.print("no policies were ever activated here");
				return;
			}
			const now = systemClock.now();
			const rows = activations.map((each) => [
				String(each.generation),
				each.digest.slice(0, 12),
				relative(each.at, now),
				each.by,
				policiesOf(bundles, each).join(", "),
			]);
			const titles = ["generation", "digest", "activated", "by", "policies"];
			context.print(renderTable(titles, rows, { colors: context.colors }));
		}),
	);
}

const policiesOf = (bundles: Bundles, { digest }: PastActivation): string[] =>
	namesOf(bundles.get(digest)?.sources ?? []);
