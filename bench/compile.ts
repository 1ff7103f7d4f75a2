/**
 * How long nothing else has its turn while a set of policies is compiled: in place, and on a thread of its own as processors do it.
 * The longest gap between two turns of the event loop, the least of some rounds.
 */
import { threadCompiler } from "../src/adapters/threads/compile-thread.ts";
import { compilePolicies } from "../src/core/policy/compile.ts";
import type { PolicyCompiler } from "../src/ports/policy-compiler.ts";
import type { BenchRow } from "./row.ts";

const ROUNDS = 4;

const inPlace: PolicyCompiler = {
	compile: (sources, budgetRoot) => Promise.resolve(compilePolicies(sources, { budgetRoot })),
};

export async function benchCompile(): Promise<BenchRow[]> {
	const rows: BenchRow[] = [];
	for (const count of [100, 1_000, 5_000]) {
		for (const [where, compiler] of [
			["in place", inPlace],
			["on a thread", threadCompiler],
		] as const) {
			let pause = Number.POSITIVE_INFINITY;
			let whole = Number.POSITIVE_INFINITY;
			for (let round = 0; round < ROUNDS; round++) {
				const startedAt = performance.now();
				pause = Math.min(pause, await longestPause(compiler, count));
				whole = Math.min(whole, performance.now() - startedAt);
			}
			rows.push({
				what: `${count} patterns and ${count} conditions ${where}, longest pause`,
				value: pause,
				unit: "ms",
			});
			rows.push({ what: `${count} patterns and ${count} conditions ${where}, as a whole`, value: whole, unit: "ms" });
		}
	}
	return rows;
}

async function longestPause(compiler: PolicyCompiler, count: number): Promise<number> {
	let longest = 0;
	let last = performance.now();
	let isOver = false;
	const look = (): void => {
		const now = performance.now();
		longest = Math.max(longest, now - last);
		last = now;
		if (!isOver) setImmediate(look);
	};
	look();
	const compiled = await compiler.compile([{ name: "p.yaml", text: textOf(count) }], "tenant");
	if (!compiled.ok) throw new Error(JSON.stringify(compiled.error[0]));
	await new Promise((resolve) => setImmediate(resolve));
	isOver = true;
	return longest;
}

function textOf(count: number): string {
	const lines = (write: (at: number) => string): string =>
		Array.from({ length: count }, (_, at) => write(at)).join("\n");
	return `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: all }
patterns:
${lines((at) => `  - { name: p${at}, regex: '\\b(?:word${at}|other${at})\\s+-\\w*f\\w*', in: args.command }`)}
conditions:
${lines((at) => `  - { name: c${at}, tools: [t${at}], when: { in: args.amount, number: '> ${at}' } }`)}
`;
}
