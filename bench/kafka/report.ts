/**
 * The page about what a decision over Kafka costs: `docs/kafka-cost.md` with its picture. `node bench/kafka/report.ts` writes
 * both from the results of the last run.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "../machine.ts";
import { chartsOf, type Panel } from "./chart.ts";
import { type Answering, ASSENT, COMPARED_AT, type Costs, goalsOf } from "./costs.ts";

const root = join(import.meta.dirname, "../..");
export const RESULTS = join(root, "bench/results/kafka-cost.json");
const PAGE = join(root, "docs/kafka-cost.md");
const PICTURE = join(root, "docs/kafka-cost.svg");
/** Load grows up to ten times the smallest. */
const GROWTH = 10;

type Measured = Machine & Costs;

export async function writeReport(of: Measured): Promise<void> {
	const byRate = growingLoad(of);
	const byPartitions = growingPartitions(of);
	await writeFile(PICTURE, chartsOf([ratePanel(byRate), partitionPanel(byPartitions)]));
	await writeFile(PAGE, pageOf(of, byRate, byPartitions));
}

const growingLoad = ({ answering }: Costs): readonly Answering[] => {
	const ours = answering.filter(({ peer }) => peer === ASSENT);
	const partitions = ours[0]?.partitions;
	const smallest = Math.min(...ours.map(({ perSecond }) => perSecond));
	return ours
		.filter((each) => each.partitions === partitions && each.perSecond <= smallest * GROWTH)
		.sort((a, b) => a.perSecond - b.perSecond);
};

const growingPartitions = ({ answering }: Costs): readonly Answering[] =>
	answering
		.filter(({ peer, perSecond }) => peer === ASSENT && perSecond === COMPARED_AT)
		.sort((a, b) => a.partitions - b.partitions);

const lines = (of: readonly Answering[], x: (each: Answering) => number): Panel["lines"] => [
	{ name: "p50", points: of.map((each) => [x(each), each.p50]) },
	{ name: "p99", points: of.map((each) => [x(each), each.p99]) },
];

const ratePanel = (of: readonly Answering[]): Panel => ({
	title: `Load, ${of[0]?.partitions ?? 0} partitions`,
	xLabel: "requests per second",
	yLabel: "request → decision, ms",
	lines: lines(of, ({ perSecond }) => perSecond),
});

const partitionPanel = (of: readonly Answering[]): Panel => ({
	title: `Partitions, ${COMPARED_AT.toLocaleString("en")} requests/s`,
	xLabel: "partitions",
	yLabel: "request → decision, ms",
	lines: lines(of, ({ partitions }) => partitions),
});

function pageOf(of: Measured, byRate: readonly Answering[], byPartitions: readonly Answering[]): string {
	return `# What a decision over Kafka costs

Written by \`npm run bench -- kafka${of.isQuick ? " --quick" : ""}\` at ${of.commit} on ${of.date}: ${of.machine}, Node ${of.node}; one Apache Kafka
4.1.1 broker, the processors and the load share that machine. ${of.isQuick ? "**A quick run: few seconds for each figure.** " : ""}Compare figures of one run with each other: p50 carries
meaning on a shared machine, p99 is an upper bound. Every peer ran alone, on topics of its own. Assent makes full decisions by
the baseline policy, exactly once, and writes a ledger entry and a reply; the peers count by key and pass the record on.

${goalTable(of)}## Request → answer

From when a request was due to when another process saw its answer, p50 / p99 in ms; an open loop, 500-byte values, 12 partitions.

${answerTable(of)}
## Draining a backlog

Records a second by the broker's own times, from the first answer to the last. "Two records" are a ledger entry and an answer
as long as Assent's; Streams then keeps its counters without a changelog, so that both write the same.

${drainTable(of)}
## As load and partitions grow

![p50 and p99 as load and partitions grow](kafka-cost.svg)

${growthTable("requests/s", byRate, ({ perSecond }) => perSecond)}
${growthTable("partitions", byPartitions, ({ partitions }) => partitions)}`;
}

function goalTable(of: Costs): string {
	const rows = goalsOf(of).map(({ what, asked, found, unit, isMet }) => [
		what,
		asked,
		`${round(found)} ${unit}`,
		isMet ? "yes" : "no",
	]);
	return `${table([`at ${COMPARED_AT.toLocaleString("en")}/s`, "target", "measured", "met"], rows)}\n`;
}

function answerTable({ answering }: Costs): string {
	const [first] = answering;
	const compared = answering.filter(({ partitions }) => partitions === first?.partitions);
	const rates = [...new Set(compared.filter(({ peer }) => peer === first?.peer).map(({ perSecond }) => perSecond))];
	const peers = [...new Set(compared.map(({ peer }) => peer))];
	const rows = peers.map((name) => [
		name,
		...rates.map((rate) => {
			const found = compared.find(({ peer, perSecond }) => peer === name && perSecond === rate);
			return found === undefined ? "–" : pair(found);
		}),
		cpu(compared.find(({ peer, perSecond }) => peer === name && perSecond === COMPARED_AT)),
	]);
	const cpuAt = `CPU s for 1,000, at ${COMPARED_AT.toLocaleString("en")}/s`;
	return table(["", ...rates.map((rate) => `${rate.toLocaleString("en")}/s`), cpuAt], rows);
}

function drainTable({ draining }: Costs): string {
	const rows = draining.map(({ peer, written, bytes, records, perSecond, secondHalfPerSecond }) => [
		peer,
		records.toLocaleString("en"),
		`${written}`,
		`${bytes}`,
		round(perSecond),
		round(secondHalfPerSecond),
	]);
	const heads = ["", "queued", "records written for each", "bytes of an answer", "records/s", "second half"];
	return table(heads, rows);
}

const growthTable = (what: string, of: readonly Answering[], x: (each: Answering) => number): string =>
	table(
		[what, "p50 ms", "p99 ms", "CPU s of the processor for 1,000 decisions", "asked", "answered"],
		of.map((each) => [
			x(each).toLocaleString("en"),
			round(each.p50),
			round(each.p99),
			cpu(each),
			each.sent.toLocaleString("en"),
			each.answered.toLocaleString("en"),
		]),
	);

/** Whoever left requests without an answer says so beside the figures of the rest. */
const pair = ({ p50, p99, sent, answered }: Answering): string =>
	`${round(p50)} / ${round(p99)}${answered < sent ? ` (${sent - answered} of ${sent} never)` : ""}`;

const cpu = (of: Answering | undefined): string =>
	of === undefined || of.cpuSeconds === null ? "–" : of.cpuSeconds.toFixed(2);

const round = (value: number): string =>
	value >= 100
		? Math.round(value).toLocaleString("en")
		: value >= 10
			? value.toFixed(0)
			: value.toFixed(value >= 1 ? 1 : 2);

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
	return line(heads) + line(heads.map((_, index) => (index === 0 ? "---" : "---:"))) + rows.map(line).join("");
}

if (import.meta.main) await writeReport(JSON.parse(await readFile(RESULTS, "utf8")) as Measured);
