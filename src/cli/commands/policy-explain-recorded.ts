/** What was decided on a call that is on a log: by which rules of which files, and what came of it. */
import { rulesOf } from "../../core/analysis/cases/coverage.ts";
import type { RecordedCall, RecordedOutcome, RecordedVote } from "../../core/analysis/cases/recorded.ts";
import { type Place, placeText } from "../../core/base/errors.ts";
import { visible } from "../../core/base/safe-text.ts";
import { explain } from "../../core/engine/explain.ts";
import { callKey } from "../../core/model/ids.ts";
import { instantText } from "../../core/model/instant.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { CompiledPolicySet } from "../../core/policy/compiled.ts";
import { recordedSteps } from "../../operations/recorded.ts";
import { type Beginning, beginningsOf } from "../../operations/sequence-beginnings.ts";
import type { Log } from "../../ports/log/log.ts";
import { compileBundle, readBundles } from "../../reading/bundles.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { type CallReading, readCall, readingLines } from "../output/call-reading.ts";
import { obligationLines } from "../output/obligations.ts";
import { whileReading } from "../output/progress.ts";

interface RecordedOptions extends GlobalOptions, PrincipalFilter {
	readonly tool?: string;
	readonly json?: boolean;
	readonly all?: boolean;
}

/** Throws ASSENT_USAGE where no call has this id, or several have it. */
export async function explainRecorded(
	context: Context,
	id: string,
	{ paths, options }: { readonly paths: readonly string[]; readonly options: RecordedOptions },
): Promise<void> {
	if (paths.length > 0 || options.tool !== undefined) {
		throw usage(
			"`--decision` explains what was decided, with the policies that were in force then",
			"leave files and `--tool` out",
		);
	}
	await context.reading(options, async (log, layout) => {
		const { tenant, agent, session } = options;
		const filter: PrincipalFilter = {
			...(tenant === undefined ? {} : { tenant }),
			...(agent === undefined ? {} : { agent }),
			...(session === undefined ? {} : { session }),
		};
		const steps = await whileReading(context, (reading) =>
			recordedSteps(log, layout, { filter, id, from: null, to: null, limit: 2, reading }),
		);
		const [call, other] = steps.filter((step) => step.kind === "call");
		if (call === undefined) throw usage(`there is no decision on a call \`${id}\``, "see `assent tail decisions`");
		if (other !== undefined && callKey(other.call) !== callKey(call.call)) {
			throw usage(`several agents have a call \`${id}\``, "say whose: `--tenant`, `--agent`");
		}
		const after = steps.filter((step) => step.kind !== "call");
		const policies = await policiesOf(log, layout, call);
		const beginnings = await whileReading(context, (reading) => beginningsOf(log, layout, { decided: call, reading }));
		const told: Told = {
			after,
			beginnings,
			rules: placesOf(call, policies),
			reading: readingOf(call, policies, options.all === true),
		};
		if (options.json === true) context.json(jsonOf(call, told));
		else for (const line of linesOf(call, told)) context.print(visible(line));
	});
}

interface PlacedRule {
	readonly policy: string;
	readonly rule: string;
	/** Null: the policies of then are not on the log, or have no such rule. */
	readonly place: Place | null;
}

/** The policies that decided; null: they are not on the log, or none were in force. */
async function policiesOf(log: Log, layout: Layout, call: RecordedCall): Promise<CompiledPolicySet | null> {
	if (call.classifier === "" && call.reasons.every(({ policy }) => policy === "")) return null;
	const bundle = compileBundle(await readBundles(log), call.policyDigest, layout.budgetRoot);
	return bundle.ok ? bundle.value : null;
}

/** Where the rules that the decision names are written, in the files that were put into force. */
function placesOf({ reasons }: RecordedCall, policies: CompiledPolicySet | null): readonly PlacedRule[] {
	const named = new Map(
		reasons.flatMap(({ policy, rule }) => (policy === "" ? [] : [[`${policy}/${rule}`, { policy, rule }] as const])),
	);
	const known = policies?.policies.flatMap(rulesOf) ?? [];
	return [...named.values()].map(({ policy, rule }) => {
		const found = known.find((each) => each.policy === policy && each.rule === rule);
		return { policy, rule, place: found?.place ?? null };
	});
}

/** What is read in the call where the classifier was asked, or why it cannot be told; null: it was not asked. */
function readingOf(
	decided: RecordedCall,
	policies: CompiledPolicySet | null,
	all: boolean,
): CallReading | string | null {
	const { call, intent, facts, obligations, classifier } = decided;
	if (classifier === "") return null;
	if (intent === null) return "the arguments can no longer be read";
	if (policies === null) return "the policies of then are not on the log, and so is not what they redact";
	const { tool, tenant, agent, session } = call;
	const { args } = intent;
	// A denied call has no obligations, and still holds what policies redact.
	const { redact } = policies.evaluate({ tenant, agent, session, facts, tool, args }).obligations;
	return readCall({ tool, args }, { classifier, redact: [...obligations.redact, ...redact], all });
}

interface Told {
	readonly after: readonly After[];
	/** Calls that began the sequences that stopped it. */
	readonly beginnings: readonly Beginning[];
	readonly rules: readonly PlacedRule[];
	readonly reading: CallReading | string | null;
}

type After = RecordedOutcome | RecordedVote;

function linesOf(decided: RecordedCall, { after, beginnings, rules, reading }: Told): string[] {
	const { call, at } = decided;
	const human = call.onBehalfOf === null ? "" : ` on behalf of ${call.onBehalfOf}`;
	const asked = call.askedBy === null ? "" : ` asked by ${call.askedBy}`;
	return [
		`${call.id}  ${call.tool}  ${call.tenant}/${call.agent}/${call.session}${human}${asked}  at ${instantText(at)}`,
		...explain(decided),
		...rules.flatMap(({ policy, rule, place }) =>
			place === null ? [] : [`  ${policy}/${rule} is at ${placeText(place)}`],
		),
		...beginnings.map(beginningLine),
		...(reading === null
			? []
			: typeof reading === "string"
				? [`  what was read cannot be told: ${reading}`]
				: readingLines(reading)),
		...obligationLines(decided),
		...after.map(afterLine),
	];
}

const beginningLine = ({ sequence: { policy, sequence }, call, at }: Beginning): string =>
	`  ${policy}/${sequence} began with ${call.id}  ${call.tool}  at ${instantText(at)}`;

function afterLine(step: After): string {
	const time = instantText(step.at);
	if (step.kind === "vote") return `${step.vote} by ${step.by} at ${time}: ${step.result}`;
	const used = Object.entries(step.usage).flatMap(([name, amount]) => (amount === null ? [] : [`${name} ${amount}`]));
	return `ended ${step.status} at ${time}${used.length === 0 ? "" : `: ${used.join(", ")}`}`;
}

function jsonOf(decided: RecordedCall, { after, beginnings, rules, reading }: Told): object {
	const { call, at, verdict, reasons, obligations, budgets, policyDigest } = decided;
	const { id, tenant, agent, session, onBehalfOf, askedBy, tool } = call;
	const votes = after.filter((step) => step.kind === "vote");
	return {
		id,
		tenant,
		agent,
		session,
		onBehalfOf,
		askedBy,
		tool,
		at,
		verdict,
		rules: reasons.map((reason) => ({
			...reason,
			place: rules.find(({ policy, rule }) => policy === reason.policy && rule === reason.rule)?.place ?? null,
		})),
		obligations,
		budgets,
		policy: policyDigest,
		...(beginnings.length === 0
			? {}
			: {
					beganWith: beginnings.map(
						({ sequence: { policy, sequence }, call: { id: began, tool: by }, at: beganAt }) => ({
							policy,
							sequence,
							id: began,
							tool: by,
							at: beganAt,
						}),
					),
				}),
		...(reading === null ? {} : { reading: typeof reading === "string" ? { missing: reading } : reading }),
		votes: votes.map(({ vote, by, at: votedAt, result }) => ({ vote, by, at: votedAt, result })),
		outcomes: after.flatMap((step) =>
			step.kind === "outcome" ? [{ at: step.at, status: step.status, usage: step.usage }] : [],
		),
	};
}
