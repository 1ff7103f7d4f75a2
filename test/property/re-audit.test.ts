import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginFold, foldEntry } from "../../src/core/ledger/fold.ts";
import { type LedgerEntry, SEMANTICS } from "../../src/core/model/entries.ts";
import { HOUR } from "../../src/core/model/units.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { PartitionReAudit, type ReAudit } from "../../src/replay/re-audit.ts";
import type { ClassCounts, NamedCounts } from "../../src/replay/tally.ts";
import { REPLAY_CLASSES, type ReplayClass } from "../../src/replay/transition.ts";
import { policyText } from "../support/engine.ts";
import { beginning, type Happening, happen, histories, policySets } from "../support/engine-history.ts";
import { compiled, intentOf, LAYOUT, World } from "../support/engine-world.ts";

/** The first set of the histories is in force all along. */
const steady = (history: readonly Happening[]): readonly Happening[] =>
	history.filter(({ event }) => event.do !== "policy");

function audited(world: World, candidate: CompiledPolicySet, from: number | null = null): ReAudit {
	const audit = new PartitionReAudit(0, { layout: world.layout, candidate, from, to: null, filter: {} });
	const before = beginFold(world.layout, 0);
	for (const [at, entry] of world.entries.entries()) {
		const value = world.leaves[at] as Uint8Array;
		audit.visit({ before, lead: entry, entry, offset: at, value, input: world.inputs[at] ?? null, missing: null });
		foldEntry(before, entry, value);
	}
	return audit.result();
}

type Counts = Partial<Record<ReplayClass, number>>;

const some = (of: ClassCounts): Counts =>
	Object.fromEntries(REPLAY_CLASSES.flatMap((name) => (of[name] === 0 ? [] : [[name, of[name]]])));

const counts = ({ tally }: ReAudit): Counts => some(tally.counts);

const shown = (of: NamedCounts): ReadonlyMap<string | null, Counts> =>
	new Map([...of].map(([name, each]) => [name, some(each)]));

/** The same of calls, one by one. */
function countedBy<Call extends { readonly name: ReplayClass }>(
	calls: readonly Call[],
	nameOf: (call: Call) => string,
): ReadonlyMap<string | null, Counts> {
	const found = new Map<string, Counts>();
	for (const call of calls) {
		const own = found.get(nameOf(call)) ?? {};
		own[call.name] = (own[call.name] ?? 0) + 1;
		found.set(nameOf(call), own);
	}
	return found;
}

const isDecision = ({ kind }: LedgerEntry): boolean => kind === "decision.made" || kind === "decision.held";

describe("a re-audit under the policies that were in force", () => {
	it("finds no difference in any history", { timeout: 240_000 }, () => {
		fc.assert(
			fc.property(histories({ days: true }), fc.nat(100), (history, part) => {
				const world = beginning();
				for (const each of steady(history)) happen(world, each);
				const [set] = policySets();
				const from = part < 50 ? null : (world.entries[Math.floor((world.entries.length * part) / 101)]?.at ?? null);
				const result = audited(world, set as CompiledPolicySet, from);
				const wanted = world.entries.filter((entry) => isDecision(entry) && entry.at >= (from ?? 0)).length;
				expect(counts(result)).toEqual(wanted === 0 ? {} : { unchanged: wanted });
				expect(result.droppedOutcomes).toBe(0);
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe("a re-audit under other policies", () => {
	const tools = ["shell.run", "mail.send", "db.query"] as const;
	const policy = (rules: readonly string[]): CompiledPolicySet =>
		compiled([policyText("p", rules.join("\n"), { tools: "{allow: all}" })]);
	const denials = (names: readonly number[]): CompiledPolicySet =>
		names.length === 0
			? policy([])
			: policy(["patterns:", ...names.map((at) => `  - {name: no-${at}, substring: word-${at}}`)]);

	it("counts what a decision on each call alone says, where budgets play no part", () => {
		fc.assert(
			fc.property(
				fc.uniqueArray(fc.nat(5), { maxLength: 5 }),
				fc.uniqueArray(fc.nat(5), { maxLength: 5 }),
				fc.array(fc.tuple(fc.nat(2), fc.nat(5), fc.boolean(), fc.nat(2), fc.nat(20)), { minLength: 1, maxLength: 60 }),
				(before, after, calls) => {
					const [recorded, candidate] = [denials(before), denials(after)];
					const world = new World(LAYOUT);
					activate(world, recorded);
					const days: string[] = [];
					for (const [at, [tool, word, isReported, who, hours]] of calls.entries()) {
						world.now += hours * HOUR;
						const intent = intentOf({
							id: `c-${at}`,
							agent: `agent-${who}`,
							tool: tools[tool] ?? "",
							args: { text: `word-${word}` },
							issuedAt: world.now,
						});
						const entry = world.publish(intent);
						days.push(new Date(entry.at).toISOString().slice(0, 10));
						if (!isReported || entry.kind !== "decision.made" || entry.verdict !== "allow") continue;
						const { tenant, agent, session, id } = entry.call;
						const usage = { tokens: 1, costMicros: 1, executionMs: 1 };
						world.publish({
							type: "outcome.reported",
							call: { tenant, agent, id },
							session,
							actor: [],
							status: "ok",
							usage,
							sketch: "",
						});
					}
					const all = calls.map(([tool, word, , agent], at) => {
						const was = before.includes(word) ? "deny" : "allow";
						const is = after.includes(word) ? "deny" : "allow";
						const name = was === is ? "unchanged" : (`${was}-to-${is}` as ReplayClass);
						return {
							name,
							agent: `acme/agent-${agent}`,
							tool: tools[tool] ?? "",
							day: days[at] ?? "",
							rule: `p/no-${word}`,
						};
					});
					const found = audited(world, candidate);
					expect(counts(found)).toEqual(countedBy(all, () => "all").get("all"));
					const { agents, tools: byTool, days: byDay, rules } = found.tally;
					expect(shown(agents)).toEqual(countedBy(all, ({ agent }) => agent));
					expect(shown(byTool)).toEqual(countedBy(all, ({ tool }) => tool));
					expect(shown(byDay)).toEqual(countedBy(all, ({ day }) => day));
					const others = all.filter(({ name }) => name !== "unchanged");
					expect(shown(rules)).toEqual(countedBy(others, ({ rule }) => rule));
				},
			),
			{ numRuns: 200 },
		);
	});

	it("does not decide again what other code decided", () => {
		const world = beginning();
		const [set] = policySets() as [CompiledPolicySet];
		world.publish(intentOf({ id: "c-1", tool: "shell.run", args: {}, issuedAt: world.now }));
		const audit = new PartitionReAudit(0, { layout: world.layout, candidate: set, from: null, to: null, filter: {} });
		const before = beginFold(world.layout, 0);
		for (const [at, entry] of world.entries.entries()) {
			const value = world.leaves[at] as Uint8Array;
			const input = world.inputs[at] ?? null;
			const other = { ...entry, semantics: SEMANTICS - 1 };
			audit.visit({ before, lead: other, entry: other, offset: at, value, input, missing: null });
			foldEntry(before, entry, value);
		}
		const result = audit.result();
		expect(counts(result)).toEqual({ unreplayable: 1 });
		expect(result.tally.first.get("unreplayable")).toMatchObject([{ why: "semantics", candidate: null }]);
	});

	it("never counts a call twice, and none that was not decided", () => {
		fc.assert(
			fc.property(histories({ days: true }), fc.nat(2), (history, which) => {
				const world = beginning();
				for (const each of history) happen(world, each);
				const result = audited(world, policySets()[which] as CompiledPolicySet);
				const total = Object.values(result.tally.counts).reduce((sum, each) => sum + each, 0);
				expect(total).toBe(world.entries.filter(isDecision).length);
			}),
			{ numRuns: 200 },
		);
	});
});

function activate(world: World, set: CompiledPolicySet): void {
	const digest = world.know(set);
	world.publish({
		type: "policy.activated",
		id: "a",
		issuedBy: "ops",
		issuedAt: world.now,
		generation: 1,
		digest,
		needsReview: false,
	});
}
