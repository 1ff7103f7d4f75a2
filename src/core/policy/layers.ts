/**
 * Layers: a policy that `extends` another adds to it, from the organisation to the team to the agent.
 *
 * All policies that apply to a call are in force together, and the strictest verdict wins: a rule, a limit or an obligation more can only
 * stop more. Four things could admit what the layer above stops, and none of them loads: governing agents that the layer above does
 * not govern, standing in for one that is not in force, an exception for one of its rules, and more time for a call than it has
 * above. That nothing else can is tried by random layers and calls (test/property/policy-comparison.test.ts). What a call holds of a
 * limit while it is open comes back sooner where a layer gives it less time.
 */
import { type Problem, problem } from "../base/errors.ts";
import { difference, type Language } from "../language/language.ts";
import { inclusionOf } from "../language/questions.ts";
import { languageOfNames } from "../language/readings.ts";
import { durationText } from "../model/duration.ts";
import { CALL_DEADLINE_DEFAULT_MS } from "../model/obligations.ts";
import type { PolicyDocument } from "./document.ts";
import { suggestedPolicy } from "./exception-checks.ts";
import type { ReadPolicy } from "./parse.ts";
import { ruleNamed } from "./rule-names.ts";
import type { CompiledObligation, CompiledPolicy, PlacedNames } from "./rules.ts";

type Policies = ReadonlyMap<string, ReadPolicy>;

/** Layers that are not there, or go round in a circle, and exceptions for rules of a layer above. */
export function strayLayers(policies: Policies): Problem[] {
	return [...policies.values()].flatMap(({ document, yaml }) => {
		const own = document.metadata.name;
		const above = layersAbove(own, policies);
		const place = yaml.placeOf(["extends"]);
		if (above === "circle") {
			const help = "a layer extends the one above it: leave out `extends` in the uppermost";
			return [problem("POLICY_REFERENCE", `the policy \`${own}\` extends itself, by way of the others`, help, place)];
		}
		const missing = above.find((name) => !policies.has(name));
		if (missing !== undefined && missing === document.extends) {
			const help = suggestedPolicy(missing, policies, "layers");
			return [problem("POLICY_REFERENCE", `no policy \`${missing}\` is loaded beside this one`, help, place)];
		}
		const weak = above.find((name) => isWithoutForce(policies.get(name)?.document));
		if (weak !== undefined && document.mode === "enforce") {
			const message = `\`${own}\` extends \`${weak}\`, which is not in force for everybody, and would admit calls in its place`;
			const help = `put \`${weak}\` in force first, or this policy in \`mode: audit\``;
			return [problem("POLICY_LAYER", message, help, place)];
		}
		return document.exceptions.flatMap(({ rules }, index) =>
			rules.flatMap((text, at) => {
				const { policy } = ruleNamed(text, own);
				if (!above.includes(policy)) return [];
				const message = `\`${own}\` extends \`${policy}\`, and may only tighten it: it cannot lift \`${text}\``;
				const help = `write the exception in \`${policy}\`, whose owners decide on it`;
				return [problem("POLICY_LAYER", message, help, yaml.placeOf(["exceptions", index, "rules", at]))];
			}),
		);
	});
}

/** Where no policy is in force, every call is denied: a layer in force would then admit some. */
const isWithoutForce = (document: PolicyDocument | undefined): boolean =>
	document !== undefined && (document.mode === "audit" || document.stage !== undefined);

/** The nearest first. */
function layersAbove(name: string, policies: Policies): readonly string[] | "circle" {
	const above: string[] = [];
	for (let next = policies.get(name)?.document.extends; next !== undefined; ) {
		if (next === name || above.includes(next)) return next === name ? "circle" : above;
		above.push(next);
		next = policies.get(next)?.document.extends;
	}
	return above;
}

/** Layers that govern principals whom the layer above does not govern, or give calls more time. */
export function wideLayers(policies: Policies, compiled: readonly CompiledPolicy[]): Problem[] {
	const byName = new Map(compiled.map((policy) => [policy.name, policy]));
	return compiled.flatMap((own) => {
		const read = policies.get(own.name);
		const above = byName.get(read?.document.extends ?? "");
		if (read === undefined || above === undefined) return [];
		const layers = layersAbove(own.name, policies);
		const limiting = layers === "circle" ? [] : layers.flatMap((name) => byName.get(name)?.obligations ?? []);
		const long = own.obligations.filter(
			(obligation) => isLong(obligation) && !limiting.some((each) => limitsAll(each, obligation)),
		);
		const slow = long.map(({ deadlineMs, place }) => {
			const message = `\`${own.name}\` extends \`${above.name}\`, and may only tighten it: with a deadline of ${durationText(deadlineMs ?? 0)} calls may take longer than the ${durationText(CALL_DEADLINE_DEFAULT_MS)} that they have without it`;
			const help = `write the deadline in \`${above.name}\`, whose owners decide on it`;
			return problem("POLICY_LAYER", message, help, place);
		});
		const wide = (["tenants", "agents"] as const).flatMap((list) => {
			const beyond = nameBeyond(own[list], above[list]);
			if (beyond === null) return [];
			const message = `\`${own.name}\` governs ${list} that \`${above.name}\`, which it extends, does not${beyond}`;
			const help = `narrow \`appliesTo.${list}\` to what \`${above.name}\` governs, or leave out \`extends\``;
			return [problem("POLICY_LAYER", message, help, read.yaml.placeOf(["extends"]))];
		});
		return [...wide, ...slow];
	});
}

const isLong = ({ deadlineMs }: CompiledObligation): boolean =>
	deadlineMs !== null && deadlineMs > CALL_DEADLINE_DEFAULT_MS;

/** Does the one say how long each call may take that the other is about? Of several deadlines the shortest counts. */
const limitsAll = (one: CompiledObligation, other: CompiledObligation): boolean =>
	one.deadlineMs !== null &&
	inclusionOf(languageOfTools(other), languageOfTools(one), { stepsMax: STEPS_MAX }).is === "included";

const languageOfTools = ({ tools: { names, except } }: CompiledObligation): Language =>
	except === null ? languageOfNames(names) : difference(languageOfNames(names), languageOfNames(except));

/** Edges of automata that are followed for one question. */
const STEPS_MAX = 500_000;

/** What to say of a name of the one list that is not in the other; null: there is none. */
function nameBeyond(names: PlacedNames, above: PlacedNames): string | null {
	if (above.globs.some(({ text }) => text === "*")) return null;
	const found = inclusionOf(languageOfNames(names), languageOfNames(above), { stepsMax: STEPS_MAX });
	switch (found.is) {
		case "included":
			return null;
		case "not-included":
			return `, such as \`${found.witness}\``;
		case "unknown":
			return `, as far as can be told: ${found.why}`;
	}
}
