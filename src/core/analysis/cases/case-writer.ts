/**
 * Cases from what was recorded: the same text for the same records. Where policies count, or look at what came before, calls that
 * share an account become one history, with their outcomes and votes; else each is a case of its own.
 *
 * W1  What policies redact is not in the text: neither what they do now, nor what they did then.
 * W2  What no policy decided (a halt, an ended session, a resent id) is left out, and counted.
 */
import { redacted } from "../../arguments/redaction.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { durationText } from "../../model/duration.ts";
import { callKey, type Scope } from "../../model/ids.ts";
import { instantText } from "../../model/instant.ts";
import type { ReasonReading } from "../../model/readings.ts";
import type { EpochMs } from "../../model/units.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import { isExceptionUse, isRule } from "./comparison.ts";
import { rulesOf } from "./coverage.ts";
import type { RecordedCall, RecordedStep } from "./recorded.ts";

export interface CasesWriting {
	/** The policies that the cases are about, */
	readonly set: CompiledPolicySet;
	/** and their paths, as they are to be in the file. */
	readonly policies: readonly string[];
	/** Only this call, with those before it where its decision may depend on them; null: all. */
	readonly ending: RecordedCall | null;
}

export interface WrittenCases {
	readonly document: JsonObject;
	readonly calls: number;
	/** Decisions whose arguments are gone from the log. */
	readonly gone: number;
	/** Decisions that no policy made. */
	readonly leftOut: number;
	/** When the first and the last of the steps were. */
	readonly first: EpochMs;
	readonly last: EpochMs;
}

export function writeCases(steps: readonly RecordedStep[], { set, policies, ending }: CasesWriting): WrittenCases {
	const wanted = ending === null ? steps : steps.slice(0, steps.indexOf(ending) + 1);
	const kept = wanted.filter((step) => step.kind !== "call" || step.intent !== null);
	const told = kept.filter((step) => step.kind !== "call" || isOfPolicies(step));
	const writer = new CaseWriter(set);
	const groups = writer.groups(told).filter((group) => ending === null || group.includes(ending));
	const written = groups.map((group) => (ending === null || isDependent(ending) ? group : [ending]));
	const { single, histories } = writer.write(written);
	const document: JsonObject = {
		apiVersion: "assent.dev/v1",
		kind: "PolicyTest",
		policies,
		...(single.length === 0 ? {} : { calls: single }),
		...(histories.length === 0 ? {} : { histories }),
	};
	const all = written.flat();
	const times = all.map(({ at }) => at).sort((a, b) => a - b);
	return {
		document,
		calls: all.filter(({ kind }) => kind === "call").length,
		gone: wanted.length - kept.length,
		leftOut: kept.length - told.length,
		first: times[0] ?? 0,
		last: times.at(-1) ?? 0,
	};
}

/** Codes of rules that look at what came before. */
const DEPENDENT: readonly string[] = ["budget.exhausted", "credential.budget", "sequence.completed"];

const isDependent = ({ reasons }: RecordedCall): boolean => reasons.some(({ code }) => DEPENDENT.includes(code));

/** Codes of the step itself that policies, and what a session declares, lead to. */
const OF_POLICIES: readonly string[] = ["policy.none", "session.facts"];

const isOfPolicies = ({ reasons }: RecordedCall): boolean =>
	reasons.every(({ policy, code }) => policy !== "" || OF_POLICIES.includes(code));

const WIDTH: Readonly<Record<Scope, number>> = { session: 0, agent: 1, tenant: 2 };

class CaseWriter {
	readonly #set: CompiledPolicySet;
	/** How far calls can bear on each other; null: not at all. */
	readonly #scope: Scope | null;
	readonly #areTimed: boolean;

	constructor(set: CompiledPolicySet) {
		this.#set = set;
		const scopes = set.policies.flatMap(({ limits, sequences }) => [
			...limits.map(({ scope }) => scope),
			...sequences.map(({ sequence }) => sequence.scope),
		]);
		this.#scope = scopes.sort((a, b) => WIDTH[b] - WIDTH[a])[0] ?? null;
		this.#areTimed = set.policies.some(({ exceptions }) => exceptions.length > 0);
	}

	write(groups: readonly (readonly RecordedStep[])[]): {
		readonly single: JsonObject[];
		readonly histories: JsonObject[];
	} {
		const single: JsonObject[] = [];
		const histories: JsonObject[] = [];
		for (const group of groups) {
			const [only] = group;
			if (group.length > 1) histories.push({ steps: this.#history(group) });
			else if (only?.kind === "call") single.push(this.#single(only));
		}
		return { single, histories };
	}

	/** Steps that bear on each other, in their order. */
	groups(steps: readonly RecordedStep[]): readonly (readonly RecordedStep[])[] {
		if (this.#scope === null) return steps.filter(({ kind }) => kind === "call").map((step) => [step]);
		const groups = new Map<string, RecordedStep[]>();
		const groupOf = new Map<string, RecordedStep[]>();
		for (const step of steps) {
			if (step.kind !== "call") {
				groupOf.get(callKey(step.call))?.push(step);
				continue;
			}
			const { tenant, agent, session } = step.call;
			const account = { tenant: [tenant], agent: [tenant, agent], session: [tenant, agent, session] }[this.#scope];
			const group = groups.get(JSON.stringify(account)) ?? [];
			groups.set(JSON.stringify(account), group);
			groupOf.set(callKey(step.call), group);
			group.push(step);
		}
		return [...groups.values()];
	}

	#single(call: RecordedCall): JsonObject {
		const at = this.#areTimed ? { at: instantText(call.at) } : {};
		return { ...at, ...this.#asked(call, true), expect: this.#expected(call.verdict, call.reasons) };
	}

	#history(steps: readonly RecordedStep[]): readonly JsonObject[] {
		const named = new Set(steps.flatMap((step) => (step.kind === "call" ? [] : [callKey(step.call)])));
		const ids = new Map<string, string>();
		const sessions = new Set<string>();
		const start = steps[0]?.at ?? 0;
		return steps.map((step, index): JsonObject => {
			const at = timeText(step.at, index === 0 ? null : start);
			if (step.kind === "outcome") {
				const outcome = ids.get(callKey(step.call)) ?? "";
				const usage = amounts({ ...step.usage });
				return { at, outcome, ...(step.status === "ok" ? {} : { status: step.status }), ...usage };
			}
			if (step.kind === "vote") {
				const key = step.vote === "granted" ? "grant" : "reject";
				const id = ids.get(callKey(step.call)) ?? "";
				return { at, [key]: id, by: step.by, expect: this.#expected(step.result, step.reasons) };
			}
			const key = callKey(step.call);
			if (named.has(key)) ids.set(key, `c${ids.size + 1}`);
			const { tenant, agent, session } = step.call;
			const isFirst = !sessions.has(JSON.stringify([tenant, agent, session]));
			sessions.add(JSON.stringify([tenant, agent, session]));
			return {
				at,
				...(named.has(key) ? { id: ids.get(key) ?? "" } : {}),
				...this.#asked(step, isFirst),
				...(step.verdict === "allow" ? { open: true } : {}),
				expect: this.#expected(step.verdict, step.reasons),
			};
		});
	}

	#asked({ call, intent, facts, obligations }: RecordedCall, isFirst: boolean): JsonObject {
		const { tool, tenant, agent, session, onBehalfOf } = call;
		const { args, estimate } = intent ?? { args: {}, estimate: {} };
		const now = this.#set.evaluate({ tenant, agent, session, facts, tool, args }).obligations.redact;
		const shown = redacted(args, [...obligations.redact, ...now]);
		const declared = Object.fromEntries(Object.entries(facts ?? {}).filter(([, folder]) => folder !== null));
		const estimated = Object.fromEntries(Object.entries(estimate).filter(([, amount]) => amount > 0));
		return {
			tool,
			...(Object.keys(shown).length === 0 ? {} : { args: shown }),
			...(tenant === "default" ? {} : { tenant }),
			...(agent === "default" ? {} : { agent }),
			...(session === "default" ? {} : { session }),
			...(onBehalfOf === null ? {} : { onBehalfOf }),
			...(isFirst && Object.keys(declared).length > 0 ? { facts: declared } : {}),
			...(Object.keys(estimated).length === 0 ? {} : { estimate: estimated }),
		};
	}

	/** By the names of rules that these policies have. */
	#expected(verdict: string, reasons: readonly ReasonReading[]): Json {
		const names = (wanted: readonly ReasonReading[]): readonly string[] => [
			...new Set(wanted.flatMap((reason) => this.#nameOf(reason) ?? [])),
		];
		const determining = reasons.filter(({ mode }) => mode === "enforce");
		const rules = names(determining);
		const audited = names(reasons.filter((reason) => reason.mode === "audit" && !isExceptionUse(reason)));
		const exceptions = names(reasons.filter(isExceptionUse));
		const [code] = determining.flatMap(({ policy, code }) => (policy === "" ? [code] : []));
		const more = {
			...(rules.length === 0 || rules.length < new Set(determining.map(ruleKey)).size ? {} : { rules }),
			...(audited.length === 0 ? {} : { audited }),
			...(exceptions.length === 0 ? {} : { exceptions }),
			...(code === undefined ? {} : { reason: code }),
		};
		return Object.keys(more).length === 0 ? verdict : { verdict, ...more };
	}

	/** Null: these policies have no such rule. */
	#nameOf({ policy, rule }: ReasonReading): string | null {
		const all = this.#set.policies.flatMap(rulesOf);
		if (!all.some((each) => each.policy === policy && each.rule === rule)) return null;
		const isAlone = all.filter((each) => isRule({ text: rule }, each)).length === 1;
		return isAlone ? rule : `${policy}/${rule}`;
	}
}

const ruleKey = ({ policy, rule }: ReasonReading): string => `${policy}/${rule}`;

const timeText = (at: EpochMs, start: EpochMs | null): string =>
	start === null ? instantText(at) : durationText(Math.max(0, at - start));

function amounts(usage: Readonly<Record<string, number | null>>): JsonObject {
	const known = Object.entries(usage).filter((entry): entry is [string, number] => entry[1] !== null);
	return known.length === 0 ? {} : { usage: Object.fromEntries(known) };
}
