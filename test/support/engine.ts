/**
 * Scenarios of the engine as sentences: `given(policy(…), charged(…)).when(intent({…})).then(denied("budget.exhausted"))`.
 *
 * An act publishes one record or moves the clock; an expectation looks at the last entry, or at the world.
 */
import { expect } from "vitest";
import type { LedgerEntry, Verdict } from "../../src/core/model/entries.ts";
import { type CallId, callKey } from "../../src/core/model/ids.ts";
import type { HaltScope, OutcomeStatus, PolicyActivated, ReplyAddress } from "../../src/core/model/inputs.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import { compiled, type IntentPart, intentOf, LAYOUT, type Marks, World } from "./engine-world.ts";

export type Act = (world: World) => void;
export type Expectation = (world: World) => void;

export interface Scenario {
	readonly world: World;
	when(...acts: readonly Act[]): Scenario;
	then(...expectations: readonly Expectation[]): Scenario;
}

/** A world with these things behind it. */
export const given = (...acts: readonly Act[]): Scenario => givenIn(LAYOUT, ...acts);

export function givenIn(layout: Layout, ...acts: readonly Act[]): Scenario {
	const world = new World(layout);
	const scenario: Scenario = {
		world,
		when: (...more) => {
			for (const act of more) {
				act(world);
				world.checkImage();
			}
			return scenario;
		},
		// biome-ignore lint/suspicious/noThenProperty: a scenario reads as given, when, then; nobody awaits one.
		then: (...expectations) => {
			for (const expectation of expectations) expectation(world);
			return scenario;
		},
	};
	return scenario.when(...acts);
}

// Policies

/** A policy's text from its sections; `tools: {allow: all}` where nothing else is said. */
export function policyText(name: string, sections = "", options: { mode?: string; tools?: string } = {}): string {
	return [
		"apiVersion: assent.dev/v1",
		"kind: Policy",
		`metadata: {name: ${name}}`,
		`mode: ${options.mode ?? "enforce"}`,
		`tools: ${options.tools ?? "{allow: all}"}`,
		sections,
	].join("\n");
}

/** Puts policies into force, each activation with the next generation. */
export function policies(...texts: readonly string[]): Act {
	return (world) => {
		const digest = world.know(compiled(texts, world.layout));
		const generation = world.state.policy.generation + 1;
		world.publish({ type: "policy.activated", ...control(world), generation, digest, needsReview: false });
	};
}

/** One policy in force, of the given sections. */
export const policy = (sections = "", options: { mode?: string; tools?: string } = {}): Act =>
	policies(policyText("guard", sections, options));

export const activation = ({
	marks,
	...part
}: Pick<PolicyActivated, "id" | "generation" | "digest"> & Partial<PolicyActivated> & { marks?: Marks }): Act => {
	return (world) => {
		const head = { issuedBy: "ops", issuedAt: world.now, needsReview: false };
		world.publish({ ...head, ...part, type: "policy.activated" }, marks);
	};
};

// Time

export const wait =
	(ms: number): Act =>
	(world) => {
		world.now += ms;
	};

export const tick = (): Act => (world) => void world.publish({ type: "clock.ticked", ...control(world) });

// The agent's side

export type IntentWords = Partial<IntentPart> & { readonly marks?: Marks };

/** Submits an intent; without an id, a fresh one. */
export const intent =
	({ marks, ...part }: IntentWords = {}): Act =>
	(world) => {
		const id = part.id ?? `call-${world.entries.length}`;
		world.publish(intentOf({ issuedAt: world.now, ...part, id }), marks ?? {});
	};

/** Submits the intent of an id once more, as it was. */
export const resent =
	(id: string, marks: Marks = {}): Act =>
	(world) => {
		const first = [...world.intents.values()].find((each) => each.id === id);
		if (first === undefined) throw new Error(`no intent ${id} was submitted`);
		world.publish(first, marks);
	};

export interface UsageWords {
	/** Nothing unless it is said; null is unknown. */
	readonly tokens?: number | null;
	readonly cost?: number | null;
	readonly ms?: number | null;
	readonly session?: string;
	/** Who reports it; the root agent, where nothing is said. */
	readonly actor?: readonly string[];
	/** `ok`, where nothing is said. */
	readonly status?: OutcomeStatus;
}

export const outcome =
	(id: string, used: UsageWords = {}, agent = "coder"): Act =>
	(world) => {
		world.publish({
			type: "outcome.reported",
			actor: used.actor ?? [],
			call: { tenant: "acme", agent, id },
			session: used.session ?? "run-1",
			status: used.status ?? "ok",
			sketch: "",
			usage: { tokens: said(used.tokens), costMicros: said(used.cost), executionMs: said(used.ms) },
		});
	};

const said = (amount: number | null | undefined): number | null => (amount === undefined ? 0 : amount);

export const abandoned =
	(id: string, agent = "coder", executor = "", actor: readonly string[] = []): Act =>
	(world) => {
		const call = { tenant: "acme", agent, id };
		world.publish({
			type: "intent.abandoned",
			actor,
			call,
			session: "run-1",
			reason: "the run was cancelled",
			executor,
		});
	};

// The operators' side

let controls = 0;

const control = (world: World, issuedBy = "ops") => {
	controls += 1;
	return { id: `control-${controls}`, issuedBy, issuedAt: world.now };
};

/** What an approver was shown of the call. */
const seen = (world: World, call: CallId) => ({
	commitment: world.state.calls.get(callKey(call))?.commitment ?? "0".repeat(64),
});

export const granted =
	(id: string, by = "alice", controlId?: string): Act =>
	(world) => {
		const head = { ...control(world, by), ...(controlId === undefined ? {} : { id: controlId }) };
		const call = { tenant: "acme", agent: "coder", id };
		world.publish({ type: "approval.granted", ...head, call, session: "run-1", ...seen(world, call), comment: "" });
	};

export const refused =
	(id: string, by = "alice"): Act =>
	(world) => {
		const call = { tenant: "acme", agent: "coder", id };
		world.publish({
			type: "approval.rejected",
			...control(world, by),
			call,
			session: "run-1",
			...seen(world, call),
			comment: "no",
		});
	};

const whole = (scope: Partial<HaltScope>): HaltScope => ({ tenant: null, agent: null, session: null, ...scope });

export const halted =
	(scope: Partial<HaltScope> = {}, reason = "incident", id?: string): Act =>
	(world) => {
		const head = { ...control(world), ...(id === undefined ? {} : { id }) };
		world.publish({ type: "halt.set", ...head, scope: whole(scope), reason });
	};

export const lifted =
	(scope: Partial<HaltScope> = {}): Act =>
	(world) => {
		world.publish({ type: "halt.lifted", ...control(world), scope: whole(scope), reason: "over" });
	};

export const sessionEnded =
	(session = "run-1"): Act =>
	(world) => {
		world.publish({ type: "session.ended", ...control(world), tenant: "acme", agent: "coder", session });
	};

export const toppedUp =
	(limit: string, amount: number, session = "run-1"): Act =>
	(world) =>
		adjust(world, { limit, change: "topup", amount, session });

export const budgetReset =
	(limit: string, session = "run-1"): Act =>
	(world) =>
		adjust(world, { limit, change: "reset", amount: 0, session });

const adjust = (
	world: World,
	of: { limit: string; change: "topup" | "reset"; amount: number; session: string },
): void => {
	const who = { tenant: "acme", agent: "coder" };
	world.publish({ type: "budget.adjusted", ...control(world), policy: "guard", ...who, ...of });
};

// Expectations

const kindOf = <K extends LedgerEntry["kind"]>(world: World, kind: K): Extract<LedgerEntry, { kind: K }> => {
	expect(world.last).toMatchObject({ kind });
	return world.last as Extract<LedgerEntry, { kind: K }>;
};

/** The verdict of the last entry: a first decision, a vote or a repetition. */
const verdictOf = (entry: LedgerEntry): Verdict | "pending" | null => {
	switch (entry.kind) {
		case "decision.made":
		case "decision.repeated":
			return entry.verdict;
		case "decision.held":
			return "hold";
		case "approval.recorded":
			return entry.result;
		default:
			return null;
	}
};

const reasonsOf = (entry: LedgerEntry) => ("decision" in entry ? (entry.decision?.reasons ?? []) : []);

const decided =
	(verdict: Verdict, codes: readonly string[]): Expectation =>
	(world) => {
		expect({ verdict: verdictOf(world.last), reasons: reasonsOf(world.last).map(({ rule }) => rule.code) }).toEqual({
			verdict,
			reasons: codes,
		});
	};

/** Allowed, with these audit findings. */
export const allowed = (...codes: readonly string[]): Expectation => decided("allow", codes);
export const denied = (...codes: readonly string[]): Expectation => decided("deny", codes);
export const held = (...codes: readonly string[]): Expectation => decided("hold", codes);

export const pending = (): Expectation => (world) => {
	expect(kindOf(world, "approval.recorded")).toMatchObject({ result: "pending", decision: null });
};

export const rejected =
	(code: string): Expectation =>
	(world) => {
		expect(kindOf(world, "input.rejected").code).toBe(code);
	};

export const repeated =
	(verdict: Verdict, status: string, reason: string | null = null): Expectation =>
	(world) => {
		const entry = kindOf(world, "decision.repeated");
		expect({ verdict: entry.verdict, status: entry.status, reason: entry.firstReason?.rule.code ?? null }).toEqual({
			verdict,
			status,
			reason,
		});
	};

/** `policy/rule` of every reason, in order. */
export const byRules =
	(...rules: readonly string[]): Expectation =>
	(world) => {
		expect(reasonsOf(world.last).map(({ rule }) => `${rule.policy}/${rule.name}`)).toEqual(rules);
	};

/** Kinds and ids of the last entry's effects. */
export const effects =
	(...expected: readonly string[]): Expectation =>
	(world) => {
		expect(world.last.effects.map((effect) => `${effect.kind} ${effect.call.id}`)).toEqual(expected);
	};

/** What stands in a counter: reserved, and settled for life. */
export const counts =
	(
		limit: string,
		expected: { reserved?: number; settled?: number; toppedUp?: number },
		scopeKey?: string,
	): Expectation =>
	(world) => {
		expect(world.counter(limit, scopeKey)).toMatchObject(expected);
	};

export const addressed = (replyId: string): ReplyAddress => ({ topic: "replies", replyId });
