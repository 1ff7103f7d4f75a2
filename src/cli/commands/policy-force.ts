/** `assent policy activate` and `rollback`: putting bundles into force, and back. */
import { Command } from "commander";
import { loadPolicies } from "../../app/policies.ts";
import { readSignature } from "../../app/signing-keys.ts";
import { type Review, reviewOf } from "../../core/analysis/review.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { PolicySourceText } from "../../core/model/records.ts";
import type { CompiledPolicySet } from "../../core/policy/compiled.ts";
import { activatePolicies } from "../../operations/activation.ts";
import { lockoutProblem } from "../../operations/activation-signer.ts";
import { answersTo } from "../../operations/answers.ts";
import { baselinePath } from "../../operations/baseline.ts";
import { type Operator, placesOf, sentActivation } from "../../operations/operators.ts";
import { type PolicyStanding, policyAhead, policyStanding } from "../../operations/policy-standing.ts";
import type { Log } from "../../ports/log/log.ts";
import { activationsOn, type PastActivation } from "../../reading/activations.ts";
import { changesBetween } from "../../reading/bundle-changes.ts";
import { signatureFault } from "../../reading/bundle-signature.ts";
import { type Bundles, compileBundle, readBundles } from "../../reading/bundles.ts";
import { partitionsOf } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { type OperatorOptions, operatorOf, operatorOptions } from "../options/operator-options.ts";
import {
	type ActivationOutcome,
	needsSecondOperator,
	outcomeJson,
	outcomeOf,
	printOutcome,
	short,
} from "../output/activation.ts";
import { refused, sending } from "../output/answers.ts";
import { whileReading, whileWaiting } from "../output/progress.ts";

interface ForceOptions extends GlobalOptions, OperatorOptions {
	readonly strict?: boolean;
	readonly force?: boolean;
	readonly requireReview?: boolean;
	readonly signature?: string;
	readonly to?: string;
	readonly json?: boolean;
}

const UNANSWERED =
	"Where not every partition has answered in time, because no processor runs or one still compares, it is not known yet what comes of the activation, and the command exits with 4, or with 3 under --strict; `--wait 0s` asks for no answer and exits with 0. Exits with 1 when a processor refused it, and when it needs a second operator: then what was in force stays.";

/** A processor that compares two large sets takes seconds. */
const WAIT = { ms: 30_000, text: "30s" };

/** `--strict`, `--json`, `--require-review` and what all operators' commands have. */
const forceOptions = (command: Command): Command =>
	logOptions(operatorOptions(command, WAIT))
		.option(
			"--require-review",
			"ask for a second operator unless the policies are proven to be as strict as those in force, and go on with their counts; `requireReview` of the configuration does so always",
		)
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
			const operator = await operatorOf(context, options);
			const loaded = await loadPolicies(paths, layout.budgetRoot, context.compute);
			if (!loaded.ok) {
				context.fail(loaded.error);
				return;
			}
			const { sources, compiled } = loaded.value;
			const signature = options.signature === undefined ? "" : await readSignature(options.signature);
			await assertSigned(context, options, { digest: compiled.digest, signature });
			const command = `assent policy activate ${paths.join(" ")} --by NAME`;
			await putIntoForce(context, { log, layout, operator, sources, signature, compiled, options, command });
		}),
	);
}

/** Throws POLICY_UNSIGNED: what processors would refuse is not written. */
async function assertSigned(
	context: Context,
	options: ForceOptions,
	bundle: { readonly digest: string; readonly signature: string },
): Promise<void> {
	const why = signatureFault(bundle, (await context.config(options)).policyKeys);
	if (why === null) return;
	const help =
		"`assent policy sign FILE --key KEY --out SIGNATURE`, then activate the files with `--signature SIGNATURE`";
	throw new AssentError(
		problem("POLICY_UNSIGNED", `the bundle ${bundle.digest.slice(0, 12)} is refused: ${why}`, help),
	);
}

interface Wanted {
	readonly log: Log;
	readonly layout: Layout;
	readonly operator: Operator;
	readonly sources: readonly PolicySourceText[];
	/** A signed note, or empty. */
	readonly signature: string;
	readonly compiled: CompiledPolicySet;
	readonly options: ForceOptions;
	/** What a second operator would run. */
	readonly command: string;
}

async function putIntoForce(context: Context, wanted: Wanted): Promise<void> {
	const { log, layout, compiled, options, operator } = wanted;
	const lockout = lockoutProblem(compiled.trust, operator);
	if (lockout !== null) throw new AssentError(lockout);
	const isReviewed = options.requireReview === true || (await context.config(options)).requireReview;
	const latest = await Promise.all(partitionsOf(layout).map((partition) => activationsOn(log, partition)));
	const isSent = latest.every((activations) => activations.at(-1)?.digest === compiled.digest);
	const standings = await whileReading(context, async (reading) => {
		const found: PolicyStanding[] = [];
		for (const partition of isSent || isReviewed ? partitionsOf(layout) : [0]) {
			found.push(await policyStanding(log, layout, partition, reading));
		}
		return found;
	});
	const isDone = isSent && standings.every((standing) => needsNothing(standing, compiled.digest, isReviewed));
	if (isDone && options.force !== true) reportInForce(context, standings, compiled.digest, options);
	else await activate(context, wanted, { standings, isReviewed });
}

/** Is the set in force, or about to be? One that was refused, or that a second operator may put into force, is sent again. */
function needsNothing({ policy, waiting }: PolicyStanding, digest: string, isReviewed: boolean): boolean {
	const last = waiting.at(-1);
	if (last !== undefined) return !isReviewed && !last.needsReview;
	return policy.digest === digest && policy.proposed === null;
}

function reportInForce(
	context: Context,
	standings: readonly PolicyStanding[],
	digest: string,
	options: ForceOptions,
): void {
	const partitions = standings.length;
	const adopted = standings.filter(({ policy }) => policy.digest === digest).length;
	const outcome = { digest, isChanged: false, partitions, answered: adopted, adopted };
	if (options.json === true) context.json(outcome);
	else if (adopted === partitions) context.print(`${short(digest)} is in force already; nothing was changed`);
	else context.print(`${short(digest)} is on the log already, and in force on ${adopted} of ${partitions} partitions`);
	if (adopted < partitions) waits(context, options);
}

async function activate(
	context: Context,
	wanted: Wanted,
	{ standings, isReviewed }: { readonly standings: readonly PolicyStanding[]; readonly isReviewed: boolean },
): Promise<void> {
	const { log, layout, operator, sources, signature, compiled, options, command } = wanted;
	const { digest } = compiled;
	const standing = standings[0] as PolicyStanding;
	const ahead = policyAhead(standing);
	const bundles = await readBundles(log);
	// Partitions may be of two minds: a review that one of them needs is asked for on all.
	const others = [...new Set(standings.map((each) => policyAhead(each).digest))].filter(
		(each) => each !== "" && each !== digest,
	);
	const reviews = isReviewed
		? context.compute(() => others.map((each) => reviewWith(bundles, each, compiled, layout)))
		: [];
	const needsReview = reviews.some((review) => review?.isNeeded !== false);
	const [review = null] = reviews.toSorted((one, other) => Number(other?.isNeeded) - Number(one?.isNeeded));
	const places = await placesOf(log, layout);
	const activation = await sending(context, "the activation", () =>
		activatePolicies(log, { layout, sources, signature, digest, needsReview, ...operator }),
	);
	const sent = sentActivation(activation, places);
	const answers = await whileWaiting(context, sent.length, (onAnswers) =>
		answersTo(log, layout, sent, { waitMs: options.wait, signal: context.stop, onAnswers }),
	);
	const answered = outcomeOf(answers);
	const { proposed: open } = standing.policy;
	const isReplaced = open !== null && open.digest !== digest && answered.adopted + answered.proposed > 0;
	// Processors may have found so by themselves: then the operator wants to know what it is about, too.
	const isExplained = others[0] !== undefined && answered.proposed > 0;
	const outcome: ActivationOutcome = {
		digest,
		generation: activation.generation,
		before: ahead.digest === "" ? null : { digest: ahead.digest, generation: ahead.generation },
		changes: changesBetween(bundles.get(ahead.digest)?.sources ?? [], sources, layout.budgetRoot),
		partitions: sent.length,
		...answered,
		replaced: isReplaced ? { digest: open.digest, by: open.by } : null,
		review: review ?? (isExplained ? reviewWith(bundles, others[0] as string, compiled, layout) : null),
	};
	if (options.json === true) context.json(outcomeJson(outcome));
	else printOutcome(context, outcome);
	if (outcome.proposed > 0) needsSecondOperator(context, outcome, command);
	if (outcome.refusal !== null) refused(context, outcome.refusal);
	else if (outcome.answered < outcome.partitions) waits(context, options);
}

/** What putting the set in place of one of the log takes; null where that one cannot be compiled. */
function reviewWith(bundles: Bundles, digest: string, next: CompiledPolicySet, layout: Layout): Review | null {
	const inForce = compileBundle(bundles, digest, layout.budgetRoot);
	return inForce.ok ? reviewOf(inForce.value, next) : null;
}

function waits(context: Context, options: ForceOptions): void {
	if (context.stop.aborted) {
		context.interrupted();
		return;
	}
	if (options.wait === 0) context.note("the activation is written; no answer was waited for");
	else {
		context.note(
			"not every partition has answered in time: it is not known yet whether the policies come into force. A processor that runs may still compare them; without one the activation waits on the log",
		);
		context.note("help: `assent policy history` says what came of it, `assent doctor` whether a processor runs");
		if (context.exitCode === 0) context.exitCode = 4;
	}
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
			const operator = await operatorOf(context, options);
			const standing = await whileReading(context, (reading) => policyStanding(log, layout, 0, reading));
			const digest = targetOf(await activationsOn(log, 0), policyAhead(standing), options.to);
			const bundles = await readBundles(log);
			const compiled = context.compute(() => compileBundle(bundles, digest, layout.budgetRoot));
			if (!compiled.ok) {
				context.fail(compiled.error);
				return;
			}
			const { sources = [], signature = "" } = bundles.get(digest) ?? {};
			await assertSigned(context, options, { digest, signature });
			const command = `assent policy rollback --to ${short(digest)} --by NAME`;
			const parts = { log, layout, operator, sources, signature, compiled: compiled.value, options, command };
			await putIntoForce(context, parts);
		}),
	);
}

/** The digest to go back to. Throws ASSENT_USAGE. */
function targetOf(
	history: readonly PastActivation[],
	{ digest: inForce, before }: ReturnType<typeof policyAhead>,
	to: string | undefined,
): string {
	if (history.length === 0) throw usage("no policies were ever activated here", "`assent policy activate FILE`");
	if (to === undefined) {
		if (before !== "") return before;
		const help = inForce === "" ? "nothing was ever in force" : "only one bundle was ever in force";
		throw usage("there is nothing to go back to", `${help}: \`assent policy history\``);
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
		digests.size > 1 ? `\`${to}\` is more than one bundle` : `\`${to}\` was never activated`,
		"`assent policy history` lists generations and digests",
	);
}
