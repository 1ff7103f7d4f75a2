import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCap } from "../../src/core/model/counters.ts";
import type { LedgerEntry, Verdict } from "../../src/core/model/entries.ts";
import { policyText } from "../support/engine.ts";
import { type Happening, happen, histories } from "../support/engine-history.ts";
import { compiled, World } from "../support/engine-world.ts";

const APPROVALS = "approvals: {default: {approvers: [alice, bob], quorum: 2, expires: 20m}}";
const RULES = `
  - {name: life-calls, measure: tool_calls, scope: agent, max: 12}
  - {name: tokens, measure: tokens, scope: tenant, max: 200, per: 10m, reserve: 10}
  - {name: cost, measure: cost, scope: session, max: 0.0003, effect: hold}
  - {name: slots, measure: concurrent_calls, scope: agent, max: 3}
  - {name: same, measure: identical_calls, scope: session, max: 3, per: 1h}`;

/** One of the two agents is governed; the other is nobody's. */
const guard = (limits = "", patterns = "") =>
	policyText(
		"guard",
		`appliesTo: {agents: [agent-0]}
${APPROVALS}
obligations: [{tools: [db.*], deadline: 1m, message: be brief, redact: [args.query]}]
patterns: [{name: wide, substring: everything}${patterns}]
limits:${RULES}${limits}`,
		{ tools: "{allow: [shell.*, db.*, model.*], hold: [model.*]}" },
	);

const MEASURES = ["tool_calls", "tokens", "cost", "concurrent_calls", "identical_calls"];
const watching = (name: string, more: string) =>
	MEASURES.map((measure, at) => `\n  - {name: ${name}-${at}, measure: ${measure}, scope: session, max: 1${more}}`).join(
		"",
	);

const WATCHES = {
	strict: policyText(
		"watch",
		`approvals: {default: {approvers: [nobody], expires: 1s}}
obligations: [{deadline: 1s, message: hurry, redact: [args.command]}]
patterns: [{name: all, substring: [l, e, a]}, {name: held, substring: [l, e, a], effect: hold}]
limits:${watching("w", "")}${watching("h", ", effect: hold")}`,
		{ mode: "audit", tools: "{allow: none, deny: ['*'], hold: ['*']}" },
	),
	open: policyText("watch", "", { mode: "audit" }),
	many: policyText(
		"watch",
		`limits:${Array.from({ length: 60 }, (_, at) => watching(`a-name-as-long-as-names-may-be-${at}`, "")).join("")}
patterns: [${Array.from({ length: 300 }, (_, at) => `{name: p${at}, substring: [l, e], message: ${"m".repeat(400)}}`).join(", ")}]`,
		{ mode: "audit" },
	),
};

const isWatch = (of: { readonly policy: string; readonly rule?: string; readonly limit?: string }): boolean =>
	of.policy === "watch" || (of.rule ?? of.limit ?? "").startsWith("w-");

/** What has force in an entry: nothing in it may depend on what only records. */
function force(entry: LedgerEntry): unknown {
	switch (entry.kind) {
		case "decision.made":
		case "decision.held":
		case "approval.recorded": {
			const { decision } = entry;
			const verdict: Verdict | "pending" =
				entry.kind === "decision.made" ? entry.verdict : entry.kind === "decision.held" ? "hold" : entry.result;
			return {
				verdict,
				requirements: entry.kind === "decision.made" ? [] : entry.requirements,
				rules: decision?.reasons
					.filter(({ rule }) => rule.mode === "enforce")
					.map(({ rule }) => [rule.code, rule.policy, rule.name]),
				obligations: decision?.obligations,
				// What a credential has left is read where any policy applies, also one that only records.
				uses: decision?.uses.filter(({ counter, kind }) => !isWatch(counter) && !(isCap(counter) && kind === "none")),
				effects: entry.effects,
			};
		}
		case "usage.settled":
			return { settlements: entry.settlements.filter(({ counter }) => !isWatch(counter)), effects: entry.effects };
		default:
			return { kind: entry.kind, code: "code" in entry ? entry.code : "", effects: entry.effects };
	}
}

function lived(history: readonly Happening[], texts: readonly string[]): World {
	const world = new World();
	const digest = world.know(compiled(texts));
	const head = { id: "a", issuedBy: "ops", issuedAt: world.now };
	world.publish({ type: "policy.activated", ...head, generation: 1, digest, needsReview: false });
	for (const each of history) happen(world, each.event.do === "policy" ? { ...each, event: { do: "tick" } } : each);
	return world;
}

describe("what only records", () => {
	const audited: readonly (readonly [string, readonly string[]])[] = [
		["a policy that would deny and hold everything", [guard(), WATCHES.strict]],
		["a policy that would admit everything", [guard(), WATCHES.open]],
		["a policy that counts and says more than an entry holds", [guard(), WATCHES.many]],
		[
			"rules in a policy that enforces",
			[guard(watching("w", ", mode: audit"), ", {name: w-p, substring: [l, e], mode: audit}")],
		],
	];
	for (const [name, texts] of audited) {
		it(`changes no verdict, obligation or charge: ${name}`, () => {
			let decided = 0;
			fc.assert(
				fc.property(histories(), (history) => {
					const without = lived(history, [guard()]);
					const withWatch = lived(history, texts);
					expect(withWatch.entries.map(force)).toEqual(without.entries.map(force));
					decided += without.entries.filter(({ kind }) => kind === "decision.made").length;
				}),
				{ numRuns: 40 },
			);
			expect(decided).toBeGreaterThan(100);
		});
	}
});
