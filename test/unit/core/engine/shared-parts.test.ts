/** What many entries share is one frozen object, as the codec needs it to write it once (core/codec/fragments). */

import { describe, expect, it } from "vitest";
import { decide } from "../../../../src/core/engine/decide/decide.ts";
import { evolve } from "../../../../src/core/engine/evolve/evolve.ts";
import type { LedgerEntry } from "../../../../src/core/model/entries.ts";
import type { InputRecord } from "../../../../src/core/model/inputs.ts";
import { NO_POLICY } from "../../../../src/core/state/head.ts";
import { policyText } from "../../../support/engine.ts";
import { compiled, intentOf, START, World } from "../../../support/engine-world.ts";

const POLICY = policyText(
	"shared",
	`
limits:
  - { name: calls, measure: tool_calls, scope: agent, max: 100 }
  - { name: tokens, measure: tokens, scope: session, max: 1000, per: 1h }
obligations:
  - { message: be brief }
`,
	{ tools: "{ allow: all, deny: [{ name: wipes, tools: [wipe] }] }" },
);

/** The entries that `decide` makes, which no codec has read. */
function entriesOf(records: readonly InputRecord[]): readonly LedgerEntry[] {
	const world = new World();
	world.state.policy = { ...NO_POLICY, digest: world.know(compiled([POLICY])), generation: 1, activationId: "a" };
	return records.map((record, offset) => {
		const cause = { topic: "intents" as const, partition: 0, offset };
		const marks = { late: false, ahead: false, address: null };
		const entry = decide(world.state, { kind: "read", cause, causeTime: START, ...marks, record }, world.catalogue);
		evolve(world.state, entry);
		return entry;
	});
}

const call = (id: string, tool: string): InputRecord => intentOf({ id, tool, issuedAt: START, tokens: 5 });
const report = (id: string): InputRecord => ({
	type: "outcome.reported",
	actor: [],
	call: { tenant: "acme", agent: "coder", id },
	session: "run-1",
	status: "ok",
	sketch: "",
	usage: { tokens: 7, costMicros: null, executionMs: null },
});

function isFrozen(value: unknown): boolean {
	if (typeof value !== "object" || value === null) return true;
	return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

describe("what decisions and settlements share", () => {
	const entries = entriesOf([
		call("a", "shell.run"),
		report("a"),
		call("b", "shell.run"),
		report("b"),
		call("c", "wipe"),
		call("d", "wipe"),
	]);
	const decisions = entries.flatMap((entry) => (entry.kind === "decision.made" ? [entry.decision] : []));
	const settlements = entries.flatMap((entry) => (entry.kind === "usage.settled" ? entry.settlements : []));

	it("is one counter for each limit", () => {
		const counters = [...decisions.flatMap(({ uses }) => uses), ...settlements].map(({ counter }) => counter);
		expect(counters.length).toBeGreaterThan(8);
		expect(new Set(counters).size).toBe(2);
		expect(counters.every(isFrozen)).toBe(true);
	});

	it("is one rule for all calls on which it fires", () => {
		const rules = decisions.flatMap(({ reasons }) => reasons.map(({ rule }) => rule));
		expect(rules.map(({ name }) => name)).toEqual(["wipes", "wipes"]);
		expect(new Set(rules).size).toBe(1);
		expect(rules.every(isFrozen)).toBe(true);
	});

	it("is one object for what the same plan obliges to", () => {
		const [first, second] = decisions.map(({ obligations }) => obligations);
		expect(first?.messages).toEqual(["be brief"]);
		expect(second).toBe(first);
		expect(decisions.every(({ obligations }) => isFrozen(obligations))).toBe(true);
	});
});
