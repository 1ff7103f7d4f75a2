/** Policies as a program sends them: Assent's own, or a GovernancePolicy of Agent-OS, which is translated. */
import { z } from "zod";
import { AssentError, type Problem } from "../../../core/base/errors.ts";
import { SOURCE_LENGTH_MAX } from "../../../core/model/bounds.ts";
import type { Layout } from "../../../core/model/layout.ts";
import type { PolicySourceText } from "../../../core/model/records.ts";
import { importAgentOs } from "../../../core/policy/import/agent-os-import.ts";
import { policyAhead, policyStanding } from "../../../operations/policy-standing.ts";
import type { Log } from "../../../ports/log/log.ts";
import {
	ComparisonUnfinished,
	type PolicyComparer,
	type PolicyPair,
	type PolicyRelation,
} from "../../../ports/policy-comparer.ts";
import { readBundles } from "../../../reading/bundles.ts";
import { conflict, refused } from "./problems.ts";
import type { GatewayParts } from "./route.ts";
import { name } from "./schemas.ts";

export const source = z.strictObject({ name, text: z.string().max(SOURCE_LENGTH_MAX) });

export const SOURCE_EXAMPLE: z.input<typeof source> = {
	name: "no-sudo.yaml",
	text: "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: no-sudo }\ntools: { allow: all, deny: [shell.sudo] }\n",
};

export const sentPolicies = z.strictObject({
	sources: z
		.array(source)
		.min(1)
		.max(100)
		.meta({ description: "Without `apiVersion`: a GovernancePolicy of Agent-OS." }),
	besides: z
		.array(name)
		.max(20)
		.default([])
		.meta({ description: "Calls of the agent's host that a GovernancePolicy has no word for." }),
});

export interface ReadPolicies {
	readonly sources: readonly PolicySourceText[];
	/** What a translated GovernancePolicy says otherwise. */
	readonly differences: readonly { readonly field: string; readonly admits: string; readonly reason: string }[];
}

/** Compiles nothing, which may take long. Throws the problems of a GovernancePolicy that cannot be read. */
export function translateSent({ sources, besides }: z.output<typeof sentPolicies>): ReadPolicies {
	const length = sources.reduce((sum, { text }) => sum + (isOwn(text) ? 0 : text.length), 0);
	if (length > TRANSLATED_LENGTH_MAX) {
		throw refused(
			`a GovernancePolicy of more than ${TRANSLATED_LENGTH_MAX} characters is not translated here`,
			"translate it with `assent policy import agent-os`, and send that",
		);
	}
	const read = sources.map((each) => translatedOf(each, besides));
	return {
		sources: read.flatMap((each) => each.sources),
		differences: read.flatMap(({ differences }) => differences),
	};
}

/** Beside what is asked meanwhile. Throws the problems of policies that do not compile. */
export async function digestOf(
	sources: readonly PolicySourceText[],
	{ compiler, layout }: Pick<GatewayParts, "compiler" | "layout">,
): Promise<string> {
	const compiled = await compiler.compile(sources, layout.budgetRoot);
	if (!compiled.ok) throw faulty(compiled.error);
	return compiled.value.digest;
}

/** Throws GATEWAY_REQUEST where there is no answer within what one comparison may take, and what is wrong with the second set. */
export async function comparedOrThrow(comparer: PolicyComparer, pair: PolicyPair): Promise<PolicyRelation> {
	const compared = await comparer.compare(pair).catch((thrown: unknown) => {
		if (!(thrown instanceof ComparisonUnfinished)) throw thrown;
		throw refused(
			`it cannot be told how these policies relate to those in force: ${thrown.message}`,
			"send fewer rules, or simpler patterns: short counted repetitions, few `.*`",
		);
	});
	if (!compared.ok) throw faulty(compared.error);
	return compared.value;
}

export interface ActivePolicies {
	readonly digest: string;
	readonly sources: readonly PolicySourceText[];
}

/**
 * Those that decide once the first partition has read what waits for it; every partition gets the same. What was refused, or waits for a
 * second operator, is not among them. Throws GATEWAY_CONFLICT where none are in force.
 */
export async function activePolicies(log: Log, layout: Layout): Promise<ActivePolicies> {
	const { digest } = policyAhead(await policyStanding(log, layout, 0));
	const bundle = (await readBundles(log)).get(digest);
	if (bundle === undefined) throw conflict("no policies are in force", "activate some: `assent policy activate FILE`");
	return { digest, sources: bundle.sources };
}

/** Everybody waits while one is read. */
const TRANSLATED_LENGTH_MAX = 32_768;

const isOwn = (text: string): boolean => /^["']?apiVersion["']?\s*:/m.test(text);

function translatedOf({ name, text }: PolicySourceText, besides: readonly string[]): ReadPolicies {
	if (isOwn(text)) return { sources: [{ name, text }], differences: [] };
	const read = importAgentOs(name, text, { approvers: ["*"], besides });
	if (!read.ok) throw faulty(read.error);
	const differences = read.value.differences.map(({ field, admits, reason }) => ({ field, admits, reason }));
	return { sources: [{ name, text: read.value.text }], differences };
}

function faulty([first, ...others]: readonly Problem[]): AssentError {
	if (first === undefined) throw new Error("no problem was given");
	return new AssentError(first, {}, others);
}
