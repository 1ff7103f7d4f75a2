/**
 * What rules cost that do not fire: one evaluation with few and with many of them, and with a text of 500 KB that repeats the
 * words that patterns begin and end with. No budgets, no ledger.
 */
import { compilePolicies } from "../src/core/policy/compile.ts";
import type { CallView, CompiledPolicySet } from "../src/core/policy/compiled.ts";
import type { BenchRow } from "./row.ts";
import { hundredRules, intentsOf } from "./step/workload.ts";

const CALLS = 20_000;
const ROUNDS = 5;
const LONG_TEXT = 500_000;

export async function benchRules(): Promise<BenchRow[]> {
	const calls = intentsOf(2_000).map(({ principal: { tenant, agent }, tool, args }) => ({ tenant, agent, tool, args }));
	const { patterns } = hundredRules();
	const rows: BenchRow[] = [];
	for (const count of [8, 80, 800, 4_000]) {
		const set = setOf(Array.from({ length: count }, (_, index) => patternOf(patterns, index)));
		const us = best(() => evaluateAll(set, calls)) / CALLS;
		rows.push({ what: `evaluate, ${count} patterns`, value: us, unit: "µs/call" });
	}
	const set = setOf(patterns);
	for (const [name, unit] of [
		["ordinary words", "the quick brown fox jumps over it. "],
		["words of all 80 patterns", "rm ; dd ; nc ; git ; secret; --force; .example.com/evil -audit- "],
	] as const) {
		const command = unit.repeat(Math.ceil(LONG_TEXT / unit.length)).slice(0, LONG_TEXT);
		const call: CallView = { tenant: "acme", agent: "bench", tool: "shell", args: { command } };
		rows.push({
			what: `evaluate, 500 KB of ${name}`,
			value: best(() => set.evaluate(call)) / 1_000,
			unit: "ms/call",
		});
	}
	return rows;
}

/** The same kinds of patterns, each group about a word of its own. */
function patternOf(patterns: readonly string[], index: number): string {
	const group = Math.floor(index / patterns.length);
	const text = patterns[index % patterns.length] as string;
	return group === 0 ? text : text.replace(/(\\b|\)|^)([a-z]+)(?=\\b|\\s|-audit)/, `$1$2${group}`);
}

function setOf(patterns: readonly string[]): CompiledPolicySet {
	const rules = patterns.map((text, index) => `  - { name: p${index}, regex: '${text}' }\n`).join("");
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: bench }\ntools: { allow: all }\npatterns:\n${rules}`;
	const set = compilePolicies([{ name: "bench.yaml", text }], { budgetRoot: "tenant/agent" });
	if (!set.ok) throw new Error(JSON.stringify(set.error));
	return set.value;
}

function evaluateAll(set: CompiledPolicySet, calls: readonly CallView[]): void {
	for (let index = 0; index < CALLS; index++) set.evaluate(calls[index % calls.length] as CallView);
}

/** The shortest of some rounds, in microseconds. */
function best(work: () => void): number {
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < ROUNDS; round++) {
		const startedAt = performance.now();
		work();
		least = Math.min(least, (performance.now() - startedAt) * 1_000);
	}
	return least;
}
