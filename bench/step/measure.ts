/**
 * Measures each part of a step for itself, then the whole: time in the best of many short rounds, and bytes allocated in the
 * middle one. Few long rounds measure the compiler and whatever else runs: the first thousands of steps are interpreted, and
 * a round that lasts longer than its turn on a shared core is never undisturbed.
 */
import { percentile } from "../row.ts";
import type { StepParts } from "./parts.ts";
import { hundredRules, intentsOf, issuedAtOf, outcomeOf } from "./workload.ts";

const CALLS = 1_280;
const ROUNDS = 80;

export interface Measured {
	readonly part: string;
	/** Time of one, in microseconds. */
	readonly micros: number;
	/** Bytes allocated by one. */
	readonly bytes: number;
}

/** `gc` must be there (`--expose-gc`), and a young generation in which nothing is collected during a round. */
export function measure(parts: StepParts): Measured[] {
	const policy = parts.compile(hundredRules().policy);
	const intents = intentsOf(CALLS);
	const intentBytes = intents.map((intent) => parts.encodeInput(intent));
	const outcomeBytes = intents.map((intent) => parts.encodeInput(outcomeOf(intent)));
	const mixed = intentBytes.flatMap((bytes, index) => [bytes, outcomeBytes[index] as Uint8Array]);
	const decoded = intentBytes.map((bytes) => parts.decodeInput(bytes));
	const outcomes = outcomeBytes.map((bytes) => parts.decodeInput(bytes));
	const { decisions, settlements } = entriesOf(parts, policy, decoded, outcomes);
	const leaves = decisions.map((entry) => parts.encodeEntry(entry));
	const measured: Measured[] = [
		timed("decode an intent", CALLS, () => {
			for (const bytes of intentBytes) parts.decodeInput(bytes);
		}),
		timed("decode an outcome", CALLS, () => {
			for (const bytes of outcomeBytes) parts.decodeInput(bytes);
		}),
		timed("decide and fold, without digests", CALLS, () => {
			const world = parts.begin(policy, { isDigested: false });
			for (const [index, record] of decoded.entries()) world.evolve(world.decide(record, index, issuedAtOf(index)));
		}),
		timed("decide and fold, with digests", CALLS, () => {
			const world = parts.begin(policy, { isDigested: true });
			for (const [index, record] of decoded.entries()) world.evolve(world.decide(record, index, issuedAtOf(index)));
		}),
		timed("encode a decision", CALLS, () => {
			for (const entry of decisions) parts.encodeEntry(entry);
		}),
		timed("encode a settlement", CALLS, () => {
			for (const entry of settlements) parts.encodeEntry(entry);
		}),
		timed("Merkle leaf and nodes", CALLS, () => {
			const append = parts.tree();
			for (const leaf of leaves) append(leaf);
		}),
		timed("derive and encode a reply", CALLS, () => {
			for (const entry of decisions) parts.reply(entry);
		}),
		timed("whole step, decisions and settlements", mixed.length, () => {
			const world = parts.begin(policy, { isDigested: true });
			for (const [index, bytes] of mixed.entries()) world.step(bytes, index, issuedAtOf(index >> 1));
		}),
	];
	measured.push(...decideAlone(parts, policy, decoded));
	const sizeOf = (entries: readonly unknown[]): number =>
		entries.reduce<number>((sum, entry) => sum + parts.encodeEntry(entry).length, 0) / entries.length;
	measured.push({ part: "length of a decision's entry", micros: 0, bytes: sizeOf(decisions) });
	measured.push({ part: "length of a settlement's entry", micros: 0, bytes: sizeOf(settlements) });
	return measured;
}

/** A call's decision is followed by its settlement at once, as an agent's is. */
function entriesOf(
	parts: StepParts,
	policy: unknown,
	intents: readonly unknown[],
	outcomes: readonly unknown[],
): { readonly decisions: unknown[]; readonly settlements: unknown[] } {
	const world = parts.begin(policy, { isDigested: true });
	const decisions: unknown[] = [];
	const settlements: unknown[] = [];
	for (const [index, record] of intents.entries()) {
		const decision = world.decide(record, 2 * index, issuedAtOf(index));
		world.evolve(decision);
		decisions.push(decision);
		const settlement = world.decide(outcomes[index], 2 * index + 1, issuedAtOf(index));
		world.evolve(settlement);
		settlements.push(settlement);
	}
	return { decisions, settlements };
}

/** `decide` for itself, each call timed: its mean, and the time below which 99 of 100 are. */
function decideAlone(parts: StepParts, policy: unknown, decoded: readonly unknown[]): Measured[] {
	let best = { mean: Number.POSITIVE_INFINITY, p99: 0 };
	for (let round = 0; round < ROUNDS; round++) {
		const world = parts.begin(policy, { isDigested: true });
		const took: number[] = [];
		for (const [index, record] of decoded.entries()) {
			const before = performance.now();
			const entry = world.decide(record, index, issuedAtOf(index));
			took.push((performance.now() - before) * 1_000);
			world.evolve(entry);
		}
		const mean = took.reduce((sum, one) => sum + one, 0) / took.length;
		if (mean < best.mean) {
			best = {
				mean,
				p99: percentile(
					took.sort((a, b) => a - b),
					0.99,
				),
			};
		}
	}
	return [
		{ part: "decide", micros: best.mean, bytes: 0 },
		{ part: "decide, p99", micros: best.p99, bytes: 0 },
	];
}

function timed(part: string, count: number, work: () => void): Measured {
	let micros = Number.POSITIVE_INFINITY;
	const bytes: number[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		globalThis.gc?.({ type: "minor" });
		const heapBefore = process.memoryUsage().heapUsed;
		const startedAt = performance.now();
		work();
		const took = ((performance.now() - startedAt) * 1_000) / count;
		bytes.push((process.memoryUsage().heapUsed - heapBefore) / count);
		micros = Math.min(micros, took);
	}
	return {
		part,
		micros,
		bytes: percentile(
			bytes.sort((a, b) => a - b),
			0.5,
		),
	};
}
