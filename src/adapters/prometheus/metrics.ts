/**
 * A processor's figures as Prometheus reads them: counters and histograms as a `Meter`, gauges asked for at each scrape, and
 * the process's own metrics under their usual names (`process_…`, `nodejs_…`). Labels are verdicts, phases, topics,
 * partitions and kinds of loss: never a tenant, an agent or a tool.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Verdict } from "../../core/model/entries.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { CLAIM_LOSSES, type Meter, REPORTED_MEASURES } from "../../ports/meter.ts";
import type { Lag } from "../../processor/lag.ts";
import { PHASES, type ProcessorStatus } from "../../processor/status.ts";

export interface PrometheusMetrics extends Meter {
	/** What the text is, for the header of a response. */
	readonly contentType: string;
	/** All metrics in the text format, gauges as they are now. */
	text(): Promise<string>;
	/** Forgets every metric. */
	close(): void;
}

export interface MetricsOptions {
	/** Asked at each scrape, never before the first. */
	readonly status: () => ProcessorStatus;
	/** Asked at each scrape; one that fails or takes more than 2 s leaves `assent_lag_records` out, and is counted. */
	readonly lag?: () => Promise<readonly Lag[]>;
	/** Name of the process: the label of `assent_instance_info`. */
	readonly instance: string;
}

/** Upper bounds in seconds: 0.5 ms to 10 s. */
const LATENCY = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Upper bounds in seconds: 1 ms, when there is next to nothing to read or write, to 5 min. */
const LONG = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];
const LAG_WAIT_MS: DurationMs = 2_000;
const VERDICTS: readonly Verdict[] = ["allow", "deny", "hold"];

export function openMetrics(options: MetricsOptions): PrometheusMetrics {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	registerGauges(registry, options);
	return { ...meterOf(registry), ...textOf(registry) };
}

const textOf = (registry: Registry) => ({
	contentType: registry.contentType,
	text: () => registry.metrics(),
	close: () => registry.clear(),
});

function meterOf(registry: Registry): Meter {
	const registers = [registry];
	const counter = (name: string, help: string) => counterOf(registry, { name, help });
	const seconds = (name: string, help: string, buckets = LATENCY) => new Histogram({ name, help, registers, buckets });

	const decided = countersOf(registry, VERDICTS, {
		name: "assent_decisions_total",
		help: "Verdicts given: at a call's submission, or finally after a hold.",
		label: "verdict",
	});
	const lost = countersOf(registry, CLAIM_LOSSES, {
		name: "assent_claims_lost_total",
		help: "Claims to a partition that ended unasked, by the reason.",
		label: "why",
	});
	const unreported = countersOf(registry, REPORTED_MEASURES, {
		name: "assent_usage_unreported_total",
		help: "Settlements of a limit whose tokens, cost or time no outcome reported: they cost what was reserved.",
		label: "measure",
	});
	const expired = counter(
		"assent_reservations_expired_total",
		"Allowed calls whose deadline passed without an outcome: settled at what was reserved.",
	);
	const budgets = counter("assent_budget_rejections_total", "Calls denied with an enforced limit among the reasons.");
	const unknown = counter(
		"assent_outcomes_unknown_total",
		"Allowed calls of which an outcome said that nobody saw their end: settled at what was reserved, or more.",
	);
	const ungoverned = counter(
		"assent_calls_ungoverned_total",
		"Outcomes of calls that were denied, held, abandoned or never asked for: they ran although nothing allowed it.",
	);
	const rejected = counter("assent_inputs_rejected_total", "Inputs without effect: repeated, misrouted, unreadable.");
	const letters = counter("assent_dead_letters_total", "Inputs that could not be read.");
	const entries = counter("assent_entries_total", "Entries written to the ledger.");
	const append = seconds("assent_append_seconds", "From sending an append of entries to its acknowledgement.");
	const latency = seconds(
		"assent_decision_latency_seconds",
		"From the log's timestamp of an intent until its decision was published.",
	);
	const undelivered = counter(
		"assent_reply_undelivered_total",
		"Replies given up, because their topic is missing, slow or has too many waiting; their clients ask again.",
	);
	const restores = counter("assent_restores_total", "Ledgers read before deciding.");
	const fromSnapshot = counter("assent_restores_from_snapshot_total", "Restores that began at a snapshot.");
	const restore = seconds("assent_restore_seconds", "From claiming a partition until its state was restored.", LONG);
	const voids = counter(
		"assent_void_entries_total",
		"Records of ledgers that do not count, because they were written under a claim that was superseded.",
	);
	const snapshot = seconds("assent_snapshot_seconds", "Writing a snapshot.", LONG);
	const unwritten = counter("assent_snapshots_unwritten_total", "Snapshots that could not be written whole.");

	return {
		decided: (verdict) => decided(verdict),
		budgetRejected: () => budgets(1),
		usageUnreported: (measure) => unreported(measure),
		reservationExpired: () => expired(1),
		outcomeUnknown: () => unknown(1),
		callUngoverned: () => ungoverned(1),
		inputRejected: () => rejected(1),
		deadLettered: () => letters(1),
		appended: (count, ms) => {
			entries(count);
			append.observe(ms / 1_000);
		},
		released: (ms) => latency.observe(ms / 1_000),
		repliesUndelivered: (count) => undelivered(count),
		restored: ({ ms, isFromSnapshot }) => {
			restores(1);
			if (isFromSnapshot) fromSnapshot(1);
			restore.observe(ms / 1_000);
		},
		claimLost: (why) => lost(why),
		voidsSeen: (count) => voids(count),
		snapshotWritten: (ms) => snapshot.observe(ms / 1_000),
		snapshotUnwritten: () => unwritten(1),
	};
}

/** Counting is an addition, handed over to the counter at each scrape: it happens for every decision. */
function counterOf(registry: Registry, { name, help }: { name: string; help: string }): (count: number) => void {
	let pending = 0;
	new Counter({
		name,
		help,
		registers: [registry],
		collect() {
			this.inc(pending);
			pending = 0;
		},
	});
	return (count) => {
		pending += count;
	};
}

/** A counter with one label of few values, all of which are exported from the beginning. */
function countersOf<Value extends string>(
	registry: Registry,
	values: readonly Value[],
	{ name, help, label }: { name: string; help: string; label: string },
): (value: Value) => void {
	const pending = Object.fromEntries(values.map((value) => [value, 0])) as Record<Value, number>;
	new Counter({
		name,
		help,
		labelNames: [label],
		registers: [registry],
		collect() {
			for (const value of values) {
				this.inc({ [label]: value }, pending[value]);
				pending[value] = 0;
			}
		},
	});
	return (value) => {
		pending[value] += 1;
	};
}

function registerGauges(registry: Registry, { status, lag, instance }: MetricsOptions): void {
	const registers = [registry];
	new Gauge({
		name: "assent_instance_info",
		help: "The name of this process; always 1.",
		labelNames: ["instance_name"],
		registers,
	}).set({ instance_name: instance }, 1);
	new Gauge({
		name: "assent_member",
		help: "1 while the group of processors counts this process as a member.",
		registers,
		collect() {
			this.set(status().isMember ? 1 : 0);
		},
	});
	new Gauge({
		name: "assent_partitions",
		help: "Partitions assigned to this process, by phase.",
		labelNames: ["phase"],
		registers,
		collect() {
			const { partitions } = status();
			for (const phase of PHASES) this.set({ phase }, partitions.filter((one) => one.phase === phase).length);
		},
	});
	new Gauge({
		name: "assent_ledger_entries",
		help: "Entries that the ledger of an assigned partition has.",
		labelNames: ["partition"],
		registers,
		collect() {
			this.reset();
			for (const { partition, entries } of status().partitions) this.set({ partition }, entries);
		},
	});
	new Gauge({
		name: "assent_state_rows",
		help: "What an assigned partition remembers: calls, sessions, accounts, halts, ids of control records.",
		labelNames: ["table", "partition"],
		registers,
		collect() {
			this.reset();
			for (const { partition, rows } of status().partitions) {
				for (const [table, count] of Object.entries(rows)) this.set({ table, partition }, count);
			}
		},
	});
	if (lag !== undefined) registerLag(registry, lag);
}

function registerLag(registry: Registry, lag: () => Promise<readonly Lag[]>): void {
	const registers = [registry];
	const failures = counterOf(registry, {
		name: "assent_lag_failures_total",
		help: "Scrapes at which the log did not say how much there is to consume.",
	});
	new Gauge({
		name: "assent_lag_records",
		help: "Records of an input topic that are there and not consumed.",
		labelNames: ["topic", "partition"],
		registers,
		async collect() {
			// No figure rather than an old one.
			this.reset();
			const found = await inTime(lag);
			if (found === null) failures(1);
			for (const { topic, partition, records } of found ?? []) this.set({ topic, partition }, records);
		},
	});
}

/** Null when the answer is an error or takes too long: a scrape must not hang on a log that does not answer. */
async function inTime<Value>(ask: () => Promise<Value>): Promise<Value | null> {
	const { promise: late, resolve } = Promise.withResolvers<null>();
	const timer = setTimeout(() => resolve(null), LAG_WAIT_MS);
	try {
		return await Promise.race([ask(), late]);
	} catch {
		return null;
	} finally {
		clearTimeout(timer);
	}
}
