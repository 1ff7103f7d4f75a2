/** From the texts of policies to a set that decides: parse, check them against each other and the layout, compile. */
import { canonicalize } from "../base/canonical-json.ts";
import { byCodeUnits } from "../base/code-units.ts";
import { taggedDigest } from "../base/digest.ts";
import { type Place, type Problem, problem } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { BudgetRoot, Scope } from "../model/ids.ts";
import type { PolicySourceText } from "../model/records.ts";
import type { CompiledPolicySet } from "./compiled.ts";
import { PolicyEvaluator } from "./evaluator.ts";
import { strayExceptions } from "./exception-checks.ts";
import { strayLayers, wideLayers } from "./layers.ts";
import { eachOnce, type ReadPolicy } from "./parse.ts";
import { readFiles } from "./policy-set.ts";
import { compileRules } from "./rule-compiler.ts";
import type { CompiledPolicy } from "./rules.ts";
import { StagedPolicies, scaleOf } from "./staged-policies.ts";
import { type CompiledTrust, compileTrust, type ReadTrust } from "./trust.ts";
import { currencyOf } from "./written-amounts.ts";

/**
 * All problems of all sources, in the order given. An empty list compiles to a set in which no policy applies to anybody:
 * the engine denies everything as `policy.none`.
 */
export function compilePolicies(
	sources: readonly PolicySourceText[],
	options: { readonly budgetRoot: BudgetRoot },
): Result<CompiledPolicySet, Problem[]> {
	const compiled = compileRuleSet(sources, options);
	return compiled.ok ? ok(setOf(compiled.value)) : compiled;
}

/** A set of policies as data: what can go from one thread to another. */
export interface RuleSet {
	readonly digest: string;
	/** In the order of their names. */
	readonly policies: readonly CompiledPolicy[];
	/** Null: the set names no keys, and everybody is believed. */
	readonly trust: CompiledTrust | null;
}

/** Makes the indexes that a set decides with. */
export const setOf = (rules: RuleSet): CompiledPolicySet =>
	rules.policies.some(({ stages }) => stages.length > 0) ? new StagedPolicies(rules) : new PolicyEvaluator(rules);

/** The same problems as `compilePolicies`. */
export function compileRuleSet(
	sources: readonly PolicySourceText[],
	options: { readonly budgetRoot: BudgetRoot },
): Result<RuleSet, Problem[]> {
	const problems: Problem[] = [];
	const byName = new Map<string, ReadPolicy>();
	let trust: ReadTrust | null = null;
	for (const { kind, read } of readFiles(sources)) {
		if (!read.ok) problems.push(...read.error);
		else if (kind === "trust") {
			if (trust !== null) problems.push(secondTrust(read.value, trust));
			trust ??= read.value;
		} else if (kind === "policy") {
			problems.push(...nameProblems(read.value, byName), ...scopeProblems(read.value, options.budgetRoot));
			byName.set(read.value.document.metadata.name, read.value);
		}
	}
	problems.push(...currencyProblems([...byName.values()]));
	// Of a policy that cannot be read nobody knows the rules.
	if (problems.length === 0) problems.push(...strayExceptions(byName), ...strayLayers(byName));
	if (problems.length > 0) return err(eachOnce(problems));
	const names = [...byName.keys()].sort(byCodeUnits);
	const policies = names.map((name) => compileRules(byName.get(name) as ReadPolicy));
	const wide = wideLayers(byName, policies);
	if (wide.length > 0) return err(wide);
	const crowded = stageProblem(policies);
	if (crowded !== null) return err([crowded]);
	const data: JsonObject = Object.fromEntries([
		...names.map((name) => [name, (byName.get(name) as ReadPolicy).data]),
		...(trust === null ? [] : [[TRUST, trust.data]]),
	]);
	const digest = taggedDigest("assent.policy.v1", canonicalize(data));
	return ok({ digest, policies, trust: trust === null ? null : compileTrust(trust) });
}

/** Among the names of policies, none of which has a capital. */
const TRUST = "Trust";

/** Who is believed is said in one place. */
function secondTrust({ yaml }: ReadTrust, first: ReadTrust): Problem {
	const { file, line } = first.yaml.placeOf(["metadata", "name"]);
	const message = `the set already has a document of kind \`Trust\`: ${file}:${line}`;
	const help = "list all keys in one of them, and remove the other";
	return problem("POLICY_DUPLICATE", message, help, yaml.placeOf(["kind"]));
}

/** Each stage makes another evaluator. */
const STAGES_MAX = 8;

function stageProblem(policies: readonly CompiledPolicy[]): Problem | null {
	const staged = policies.find(({ stages }) => stages.length > 0);
	if (staged === undefined || scaleOf(policies).length <= STAGES_MAX + 1) return null;
	const message = `the policies have more than ${STAGES_MAX} different stages`;
	return problem("POLICY_LIMITS", message, "use the same shares for several rules", staged.place);
}

function nameProblems(read: ReadPolicy, others: ReadonlyMap<string, ReadPolicy>): Problem[] {
	const { name } = read.document.metadata;
	const other = others.get(name);
	if (other === undefined) return [];
	const first = other.yaml.placeOf(["metadata", "name"]);
	const message = `the policy \`${name}\` is already defined in ${first.file}:${first.line}`;
	const place = read.yaml.placeOf(["metadata", "name"]);
	return [
		problem("POLICY_DUPLICATE", message, "decisions and budgets are filed under the name: choose another", place),
	];
}

/** Costs are added up and compared; a label says in what, and nothing converts. One deployment has one currency. */
function currencyProblems(policies: readonly ReadPolicy[]): Problem[] {
	let first: { readonly currency: string; readonly place: Place } | null = null;
	const problems: Problem[] = [];
	for (const { document, yaml } of policies) {
		for (const [index, limit] of document.limits.entries()) {
			if (limit.measure !== "cost") continue;
			for (const key of ["max", "reserve"] as const) {
				const currency = currencyOf(limit[key] ?? 0);
				if (currency === null) continue;
				const place = yaml.placeOf(["limits", index, key]);
				first ??= { currency, place };
				if (currency === first.currency) continue;
				const message = `\`${key}\` is in ${currency}, but ${first.place.file}:${first.place.line} counts in ${first.currency}`;
				const help = "one deployment has one currency, and nothing converts: write all costs in it";
				problems.push(problem("POLICY_SCHEMA", message, help, place));
			}
		}
	}
	return problems;
}

const WIDTH: Readonly<Record<Scope, number>> = { session: 0, agent: 1, tenant: 2 };
const ROOT_WIDTH: Readonly<Record<BudgetRoot, number>> = { "tenant/agent/session": 0, "tenant/agent": 1, tenant: 2 };

/** An account lives in one partition; what is looked at together must be keyed together. */
function scopeProblems({ document, yaml }: ReadPolicy, root: BudgetRoot): Problem[] {
	const fault = (
		rule: { readonly name: string; readonly scope: Scope },
		section: "limits" | "sequences",
		index: number,
	) => {
		const { name, scope } = rule;
		if (WIDTH[scope] <= ROOT_WIDTH[root]) return [];
		const what = section === "limits" ? `the limit \`${name}\` counts` : `the sequence \`${name}\` looks at calls`;
		const message = `${what} per ${scope}, but this log is keyed by \`${root}\`: no partition sees all calls of one ${scope}, so the ${section === "limits" ? "limit" : "sequence"} could not be exact`;
		const help = `use a narrower \`scope\`, or a log whose budget root is \`${scope === "tenant" ? "tenant" : "tenant/agent"}\``;
		return [problem("POLICY_SCOPE", message, help, yaml.placeOf([section, index, "scope"]))];
	};
	return [
		...document.sequences.flatMap((rule, index) => fault(rule, "sequences", index)),
		...document.limits.flatMap((rule, index) => fault(rule, "limits", index)),
	];
}
