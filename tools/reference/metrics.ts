/** The page of metrics, read from what processors, gateways, notifiers and notaries serve to Prometheus. */
import { openGatewayMetrics } from "../../src/adapters/prometheus/gateway-metrics.ts";
import { openMetrics } from "../../src/adapters/prometheus/metrics.ts";
import { openNotaryMetrics } from "../../src/adapters/prometheus/notary-metrics.ts";
import { openNotifyMetrics } from "../../src/adapters/prometheus/notify-metrics.ts";
import { code, page, table } from "./markdown.ts";

interface Metric {
	readonly name: string;
	readonly kind: string;
	readonly help: string;
	readonly labels: readonly Label[];
}

interface Label {
	readonly name: string;
	readonly values: readonly string[];
}

export async function metricsPage(): Promise<string> {
	const sections = [
		"## A processor's",
		tableOf(await processorMetrics()),
		"## A gateway's",
		"Served by the gateway itself, at the address where agents ask.",
		tableOf(await gatewayMetrics()),
		"## A notifier's",
		"Served where [`notify.metrics`](../notify.md#watching) says. A target has the name that the configuration gives it.",
		tableOf(await notifyMetrics()),
		"## A notary's",
		"Served where [`--metrics-port`](../audit.md#watching) says. A witness has the name of its key.",
		tableOf(await notaryMetrics()),
	];
	return page({
		title: "Metrics",
		from: "src/adapters/prometheus",
		parts: [
			"`/metrics` in Prometheus' text format, of a processor where the configuration has [`metrics`](../operations.md#health-and-metrics). Histograms are in\nseconds. The process's own `process_…` and `nodejs_…` are there as usual. No label names a tenant, an agent or a tool.",
			...sections,
		],
	});
}

function tableOf(metrics: readonly Metric[]): string {
	const rows = metrics.map(({ name, kind, help, labels }) => [
		code(name),
		kind,
		labels.map(labelText).join("; "),
		help,
	]);
	return table(["metric", "type", "labels", "says"], rows);
}

/** Assent's own, in the order in which they are served. A metric has the labels that its samples have. */
async function processorMetrics(): Promise<readonly Metric[]> {
	const served = openMetrics({
		instance: "one",
		status: () => ({ partitions: [PARTITION], isMember: true, isDraining: false, isEnded: false }),
		lag: async () => INPUTS.map((topic) => ({ topic, partition: 0, records: 0 })),
	});
	const text = await served.text();
	served.close();
	return metricsIn(text);
}

async function gatewayMetrics(): Promise<readonly Metric[]> {
	const served = openGatewayMetrics();
	served.answered("/v1/intents", 200, 1);
	const text = await served.text();
	served.close();
	return metricsIn(text);
}

async function notifyMetrics(): Promise<readonly Metric[]> {
	const served = openNotifyMetrics(["oncall"], { now: () => 0 });
	const text = await served.text();
	served.close();
	return metricsIn(text);
}

async function notaryMetrics(): Promise<readonly Metric[]> {
	const served = openNotaryMetrics(["witness.example.com/w1"], { now: () => 0 });
	const text = await served.text();
	served.close();
	return metricsIn(text);
}

function metricsIn(text: string): readonly Metric[] {
	return [...text.matchAll(/^# HELP (assent_\S+) (.+)\n# TYPE \S+ (\w+)\n((?:(?!#).+\n?)*)/gm)].map(
		([, name = "", help = "", kind = "", samples = ""]) => ({ name, help, kind, labels: labelsOf(samples) }),
	);
}

const INPUTS = ["intents", "control"] as const;

const PARTITION = {
	partition: 0,
	phase: "deciding",
	since: 0,
	consumed: { intents: 0, control: 0 },
	entries: 0,
	rows: { calls: 0, sessions: 0, accounts: 0, halts: 0, controls: 0 },
} as const;

/** A label of few values comes with them. */
const labelText = ({ name, values }: Label): string =>
	values.length < 2 ? code(name) : `${code(name)}: ${values.map(code).join(", ")}`;

/** `le` is a histogram's own. */
function labelsOf(samples: string): readonly Label[] {
	const values = new Map<string, Set<string>>();
	for (const [, name = "", value = ""] of samples.matchAll(/[{,](\w+)="([^"]*)"/g)) {
		if (name !== "le") values.set(name, (values.get(name) ?? new Set()).add(value));
	}
	return [...values].map(([name, of]) => ({ name, values: [...of] }));
}
