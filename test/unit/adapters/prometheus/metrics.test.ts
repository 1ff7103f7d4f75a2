import { afterEach, describe, expect, it } from "vitest";
import {
	type MetricsOptions,
	openMetrics,
	type PrometheusMetrics,
} from "../../../../src/adapters/prometheus/metrics.ts";
import type { ProcessorStatus } from "../../../../src/processor/status.ts";

const open: PrometheusMetrics[] = [];

afterEach(() => {
	for (const metrics of open.splice(0)) metrics.close();
});

const nobody: ProcessorStatus = { partitions: [], isMember: false, isDraining: false, isEnded: false };

function opened(of: Partial<MetricsOptions> = {}): PrometheusMetrics {
	const metrics = openMetrics({ status: () => nobody, instance: "p1", ...of });
	open.push(metrics);
	return metrics;
}

const standing = (partition: number, phase: ProcessorStatus["partitions"][number]["phase"], entries = 0) => ({
	partition,
	phase,
	since: 0,
	consumed: { intents: 0, control: 0 },
	entries,
	rows: { calls: 3, sessions: 2, accounts: 4, halts: 0, controls: 1 },
});

/** The lines of one metric, without its help and type. */
const lines = async (metrics: PrometheusMetrics, name: string): Promise<string[]> =>
	(await metrics.text()).split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe("metrics", () => {
	it("count what the meter is told", async () => {
		const metrics = opened();
		metrics.decided("allow");
		metrics.decided("allow");
		metrics.decided("deny");
		metrics.budgetRejected();
		metrics.inputRejected();
		metrics.outcomeUnknown();
		metrics.callUngoverned();
		metrics.callUngoverned();
		metrics.deadLettered();
		metrics.repliesUndelivered(3);
		metrics.claimLost("superseded");
		metrics.voidsSeen(4);
		metrics.snapshotUnwritten();
		metrics.appended(7, 2);
		metrics.restored({ entries: 9, ms: 20, isFromSnapshot: true });
		metrics.restored({ entries: 9, ms: 20, isFromSnapshot: false });
		expect(await lines(metrics, "assent_decisions_total")).toEqual([
			'assent_decisions_total{verdict="allow"} 2',
			'assent_decisions_total{verdict="deny"} 1',
			'assent_decisions_total{verdict="hold"} 0',
		]);
		expect(await lines(metrics, "assent_claims_lost_total")).toContain('assent_claims_lost_total{why="superseded"} 1');
		const counts = {
			assent_budget_rejections_total: 1,
			assent_inputs_rejected_total: 1,
			assent_outcomes_unknown_total: 1,
			assent_calls_ungoverned_total: 2,
			assent_dead_letters_total: 1,
			assent_reply_undelivered_total: 3,
			assent_void_entries_total: 4,
			assent_snapshots_unwritten_total: 1,
			assent_entries_total: 7,
			assent_restores_total: 2,
			assent_restores_from_snapshot_total: 1,
		};
		for (const [name, count] of Object.entries(counts)) {
			expect(await lines(metrics, name)).toEqual([`${name} ${count}`]);
		}
	});

	it("have every verdict and every kind of loss at 0 before anything happens", async () => {
		const metrics = opened();
		expect(await lines(metrics, "assent_decisions_total")).toHaveLength(3);
		const losses = await lines(metrics, "assent_claims_lost_total");
		expect(losses).toHaveLength(7);
		expect(losses.every((line) => line.endsWith(" 0"))).toBe(true);
	});

	it("are in seconds, from half a millisecond to ten seconds", async () => {
		const metrics = opened();
		for (const ms of [0, 3, 250, 60_000]) metrics.released(ms);
		const buckets = await lines(metrics, "assent_decision_latency_seconds_bucket");
		expect(buckets[0]).toBe('assent_decision_latency_seconds_bucket{le="0.0005"} 1');
		expect(buckets).toContain('assent_decision_latency_seconds_bucket{le="0.005"} 2');
		expect(buckets).toContain('assent_decision_latency_seconds_bucket{le="0.25"} 3');
		expect(buckets.at(-2)).toBe('assent_decision_latency_seconds_bucket{le="10"} 3');
		expect(buckets.at(-1)).toBe('assent_decision_latency_seconds_bucket{le="+Inf"} 4');
		expect(await lines(metrics, "assent_decision_latency_seconds_sum")).toEqual([
			"assent_decision_latency_seconds_sum 60.253",
		]);
		metrics.appended(1, 40);
		metrics.restored({ entries: 1, ms: 2_000, isFromSnapshot: false });
		metrics.snapshotWritten(100);
		for (const [name, sum] of [
			["append", 0.04],
			["restore", 2],
			["snapshot", 0.1],
		]) {
			expect(await lines(metrics, `assent_${name}_seconds_sum`)).toEqual([`assent_${name}_seconds_sum ${sum}`]);
		}
	});

	it("tell where the partitions stand at the time of the scrape", async () => {
		let status = nobody;
		const metrics = opened({ status: () => status });
		status = { ...nobody, isMember: true, partitions: [standing(0, "deciding", 12), standing(2, "failed", 3)] };
		expect(await lines(metrics, "assent_partitions")).toEqual([
			'assent_partitions{phase="claiming"} 0',
			'assent_partitions{phase="restoring"} 0',
			'assent_partitions{phase="deciding"} 1',
			'assent_partitions{phase="paused"} 0',
			'assent_partitions{phase="failed"} 1',
		]);
		expect(await lines(metrics, "assent_member")).toEqual(["assent_member 1"]);
		expect(await lines(metrics, "assent_ledger_entries")).toEqual([
			'assent_ledger_entries{partition="0"} 12',
			'assent_ledger_entries{partition="2"} 3',
		]);
		status = { ...status, partitions: [standing(2, "deciding", 4)] };
		expect(await lines(metrics, "assent_ledger_entries")).toEqual(['assent_ledger_entries{partition="2"} 4']);
		expect(await lines(metrics, "assent_state_rows")).toEqual([
			'assent_state_rows{table="calls",partition="2"} 3',
			'assent_state_rows{table="sessions",partition="2"} 2',
			'assent_state_rows{table="accounts",partition="2"} 4',
			'assent_state_rows{table="halts",partition="2"} 0',
			'assent_state_rows{table="controls",partition="2"} 1',
		]);
	});

	it("tell the lag, or leave it out when the log does not answer", async () => {
		let isBroken = false;
		const lag = async () => {
			if (isBroken) throw new Error("out of reach");
			return [{ topic: "intents", partition: 1, records: 5 } as const];
		};
		const metrics = opened({ lag });
		expect(await lines(metrics, "assent_lag_records")).toEqual(['assent_lag_records{topic="intents",partition="1"} 5']);
		isBroken = true;
		expect(await lines(metrics, "assent_lag_records")).toEqual([]);
		expect(await lines(metrics, "assent_lag_failures_total")).toEqual(["assent_lag_failures_total 1"]);
	});

	it("do not hang on a log that never answers", async () => {
		const metrics = opened({ lag: () => new Promise(() => {}) });
		const text = await metrics.text();
		expect(text).not.toContain("assent_lag_records{");
		expect(text).toContain("assent_decisions_total{");
	});

	it("come with those of the process, in a registry of their own", async () => {
		const first = opened();
		const second = opened({ instance: "p2" });
		first.decided("allow");
		expect(await lines(second, "assent_decisions_total")).toContain('assent_decisions_total{verdict="allow"} 0');
		expect(await lines(second, "assent_instance_info")).toEqual(['assent_instance_info{instance_name="p2"} 1']);
		expect(await lines(second, "process_cpu_seconds_total")).toHaveLength(1);
		expect(await lines(second, "process_resident_memory_bytes")).toHaveLength(1);
	});

	it("have a help and a unit in the name of everything that has one", async () => {
		const text = await opened({ lag: async () => [] }).text();
		const typed = [...text.matchAll(/^# TYPE (assent_\w+) (\w+)$/gm)];
		expect(typed.length).toBeGreaterThan(15);
		for (const [, name = "", type] of typed) {
			expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\.$`, "m"));
			if (type === "counter") expect(name).toMatch(/_total$/);
			if (type === "histogram") expect(name).toMatch(/_seconds$/);
		}
	});
});
