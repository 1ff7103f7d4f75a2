/** The tool calls of this benchmark, and how long the records are that come of one. */
import { join } from "node:path";
import { openMemoryLog } from "../../src/adapters/memory/log.ts";
import { startDev } from "../../src/app/dev.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { AssentClient, type CallRequest } from "../../src/client/client.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { type LogRecord, TOPICS } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";

export const POLICY = join(import.meta.dirname, "../../policies/baseline.yaml");
export const TENANT = "bench";

/** Below the 32 calls at a time that the baseline policy allows an agent: these calls never report an outcome. */
const CALLS_PER_AGENT = 20;
/** Makes the encoded intent 500 bytes long, as the records of the peers. */
const TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(7).slice(0, 284);

/** Call `index` of the `total` of a run: an allowed write to a file, of an agent that makes few calls in one session. */
export function callOf({ run, index, total }: { run: string; index: number; total: number }): CallRequest {
	const agent = `agent-${run}-${index % Math.max(500, Math.ceil(total / CALLS_PER_AGENT))}`;
	return {
		tool: "fs.write",
		args: { path: `/srv/data/${index}.txt`, text: TEXT },
		agent,
		session: `run-${agent}`,
		onHold: "return",
	};
}

/** Bytes of key, value and headers. */
export interface RecordBytes {
	readonly intent: number;
	readonly entry: number;
	readonly reply: number;
	/** Of the intent's value alone. */
	readonly intentValue: number;
}

/** Mean lengths of the records of an allowed call under the baseline policy, from a run in memory. */
export async function recordBytes(): Promise<RecordBytes> {
	const log = openMemoryLog();
	const layout = { ...DEFAULT_LAYOUT, partitions: 1 };
	const policies = await loadPolicies([POLICY], layout.budgetRoot);
	if (!policies.ok) throw new Error(`${POLICY} cannot be loaded`);
	const node = await startDev({
		log,
		layout,
		policies: policies.value,
		snapshotEvery: 100_000,
		telemetry: silentTelemetry,
	});
	const client = await new AssentClient({ log, layout, principal: { tenant: TENANT } }).start();
	const calls = 1_000;
	for (let from = 0; from < calls; from += 100) {
		const decisions = await Promise.all(
			Array.from({ length: 100 }, (_, index) =>
				client.decide(callOf({ run: "size", index: from + index, total: calls })),
			),
		);
		const other = decisions.find(({ verdict }) => verdict !== "allow");
		if (other !== undefined)
			throw new Error(`a call of the benchmark was not allowed: ${JSON.stringify(other.reasons)}`);
	}
	const intents = await mean(TOPICS.intents);
	const sizes = {
		intent: intents.bytes,
		intentValue: intents.valueBytes,
		entry: (await mean(TOPICS.decisions)).bytes,
		reply: (await mean(TOPICS.replies)).bytes,
	};
	await client.close();
	await node.stop();
	await log.close();
	return sizes;

	async function mean(topic: string): Promise<{ bytes: number; valueBytes: number }> {
		const records: LogRecord[] = [];
		for (;;) {
			const more = await log.read({ topic, partition: 0 }, (records.at(-1)?.offset ?? -1) + 1);
			if (more.length === 0) break;
			records.push(...more);
		}
		const of = (length: (record: LogRecord) => number): number =>
			Math.round(records.reduce((sum, record) => sum + length(record), 0) / records.length);
		return { bytes: of(bytesOf), valueBytes: of(({ value }) => value.length) };
	}
}

const bytesOf = ({ key, value, headers }: LogRecord): number =>
	Buffer.byteLength(key ?? "") +
	value.length +
	Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + Buffer.byteLength(text), 0);
