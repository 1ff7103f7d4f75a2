/** What one run of the Kafka benchmark found, and the rows that are made of it. */
import type { BenchRow } from "../row.ts";
import type { Drained } from "./drain.ts";
import { BARE, EOS_AS_SHIPPED, EOS_EQUAL } from "./peers.ts";
import type { Latency } from "./schedule.ts";

export const ASSENT = "Assent";
/** The rate at which peers are compared, requests a second. */
export const COMPARED_AT = 1_000;

/** Request → answer of one peer at one rate. */
export interface Answering extends Latency {
	readonly peer: string;
	readonly perSecond: number;
	readonly partitions: number;
	/** Processor seconds of the answering process for 1,000 requests; null where the system does not tell. */
	readonly cpuSeconds: number | null;
}

export interface Draining extends Drained {
	readonly peer: string;
	/** Records written for each that was read, without those that Streams keeps its state in. */
	readonly written: number;
	/** Processor seconds of the process for 1,000 records, its start among them; null where the system does not tell. */
	readonly cpuSeconds: number | null;
}

export interface Costs {
	/** Fewer seconds and records: not to be quoted. */
	readonly isQuick: boolean;
	readonly answering: readonly Answering[];
	readonly draining: readonly Draining[];
}

/** Rows as every benchmark writes them, with a ratio against each named peer that was measured in the same run. */
export function rowsOf({ answering, draining }: Costs): BenchRow[] {
	return [...answering.flatMap(answeringRows), ...draining.flatMap(drainingRows), ...ratios(answering, draining)];
}

function answeringRows({ peer, perSecond, partitions, p50, p99, cpuSeconds, sent, answered }: Answering): BenchRow[] {
	const what = `${nameOf(peer)}, ${perSecond}/s, ${partitions} partitions`;
	const rows: BenchRow[] = [
		{ what: `${what}, p50`, value: p50, unit: "ms" },
		{ what: `${what}, p99`, value: p99, unit: "ms" },
	];
	if (cpuSeconds !== null) rows.push({ what: `${what}, CPU for 1,000`, value: cpuSeconds, unit: "s" });
	if (answered < sent) rows.push({ what: `${what}, never answered`, value: sent - answered, unit: "requests" });
	return rows;
}

function drainingRows({ peer, perSecond, secondHalfPerSecond, records, bytes, cpuSeconds }: Draining): BenchRow[] {
	const what = `${nameOf(peer)}, drain of ${records}`;
	return [
		...(cpuSeconds === null ? [] : [{ what: `${what}, CPU for 1,000`, value: cpuSeconds, unit: "s" }]),
		{ what, value: perSecond, unit: "records/s" },
		{ what: `${what}, second half`, value: secondHalfPerSecond, unit: "records/s" },
		{ what: `${what}, length of an answer`, value: bytes, unit: "bytes" },
	];
}

function ratios(answering: readonly Answering[], draining: readonly Draining[]): BenchRow[] {
	const ours = answering.find(({ peer, perSecond }) => peer === ASSENT && perSecond === COMPARED_AT);
	const rows = answering.flatMap(({ peer, perSecond, p50 }): BenchRow[] =>
		ours === undefined || perSecond !== COMPARED_AT || peer === ASSENT
			? []
			: [{ what: `p50 at ${COMPARED_AT}/s against ${peer}`, value: ours.p50 / p50, unit: "×" }],
	);
	const drained = draining.find(({ peer }) => peer === ASSENT);
	if (drained === undefined) return rows;
	for (const { peer, perSecond, secondHalfPerSecond } of draining) {
		if (peer === ASSENT) continue;
		rows.push({ what: `drain against ${peer}`, value: drained.perSecond / perSecond, unit: "×" });
		rows.push({
			what: `drain, second half, against ${peer}`,
			value: drained.secondHalfPerSecond / secondHalfPerSecond,
			unit: "×",
		});
	}
	return rows;
}

const nameOf = (peer: string): string => (peer === ASSENT ? peer : `peer: ${peer}`);

/** A figure that docs/design/numbers.md asks for, and what came of it in one run. */
export interface Goal {
	readonly what: string;
	readonly asked: string;
	readonly found: number;
	readonly unit: string;
	readonly isMet: boolean;
}

/** Empty when Assent was not measured. */
export function goalsOf({ answering, draining }: Costs): Goal[] {
	const at = (name: string): Answering | undefined =>
		answering.find(({ peer, perSecond }) => peer === name && perSecond === COMPARED_AT);
	const drainOf = (name: string): number => draining.find(({ peer }) => peer === name)?.perSecond ?? Number.NaN;
	const ours = at(ASSENT);
	if (ours === undefined) return [];
	const goal = (what: string, bound: "≤" | "≥" | "<", limit: number, found: number, unit: string): Goal => ({
		what,
		asked: `${bound} ${limit} ${unit}`,
		found,
		unit,
		isMet: bound === "≥" ? found >= limit : bound === "<" ? found < limit : found <= limit,
	});
	return [
		goal(`p50 against ${EOS_AS_SHIPPED}`, "≤", 0.2, ours.p50 / (at(EOS_AS_SHIPPED)?.p50 ?? Number.NaN), "×"),
		goal(`p50 against ${BARE}`, "≤", 2, ours.p50 / (at(BARE)?.p50 ?? Number.NaN), "×"),
		goal(`drain against ${EOS_EQUAL}`, "≥", 1, drainOf(ASSENT) / drainOf(EOS_EQUAL), "×"),
		goal("p50", "<", 7, ours.p50, "ms"),
		goal("p99", "<", 40, ours.p99, "ms"),
	];
}
