/**
 * The load of Assent, in a process of its own: the schedule of `load.ts`, asked through the client that users have. Each
 * answer is a decision by the baseline policy, out of the ledger.
 */
import { connect } from "../../src/app/connect.ts";
import { partitionFor } from "../../src/core/model/layout.ts";
import { type Deployment, layoutFor, logUrl } from "./assent.ts";
import { callOf, TENANT } from "./calls.ts";
import { ask, received, tell } from "./child.ts";
import { type Latency, type Load, OpenLoop } from "./schedule.ts";

export interface AssentLoadOptions extends Load, Deployment {
	/** Names this run's agents: those of an earlier one have used up some of their budgets. */
	readonly run: string;
}

/** How long the processor may take until it answers in every partition. */
const READY_MS = 60_000;
const PING_DEADLINE_MS = 1_000;

/** Runs the load in another process. `onBegun` is called when what is counted begins. */
export const measureAssentLoad = (of: AssentLoadOptions, onBegun: () => void): Promise<Latency> =>
	ask<Latency>(import.meta.filename, of, onBegun);

async function load(of: AssentLoadOptions): Promise<Latency> {
	const layout = layoutFor(of);
	const client = await connect({ log: logUrl(of), layout, principal: { tenant: TENANT }, deadlineMs: 20_000 });
	const readyBy = performance.now() + READY_MS;
	const isReady = async (agent: string): Promise<void> => {
		for (let asked = 0; ; asked++) {
			const args = { path: `/srv/data/${asked}` };
			const request = { tool: "fs.read", args, agent, session: agent, deadlineMs: PING_DEADLINE_MS };
			if ((await client.decide(request)).source === "reply") return;
			if (performance.now() > readyBy) throw new Error(`no decision for ${agent}`);
		}
	};
	await Promise.all(onePerPartition(of).map(isReady));

	const loop = new OpenLoop(of);
	const total = loop.total;
	const others = new Map<string, number>();
	const latency = await loop.run(
		(indexes) => {
			for (const index of indexes) {
				const decided = client.decide(callOf({ run: of.run, index, total })).then(({ source, verdict, reasons }) => {
					if (source === "reply") loop.answered(index);
					if (verdict === "allow") return;
					const why = `${verdict} ${reasons[0]?.code ?? source}`;
					others.set(why, (others.get(why) ?? 0) + 1);
				});
				decided.catch((thrown: unknown) => {
					process.stderr.write(`a call could not be asked: ${String(thrown)}\n`);
					process.exit(1);
				});
			}
		},
		() => tell({ begun: true }),
	);
	await client.close();
	// A denial is another piece of work: figures with some among them would not be of full decisions.
	for (const [why, count] of others) process.stderr.write(`${count} of ${total} calls were not allowed: ${why}\n`);
	return latency;
}

/** An agent for each partition. */
function onePerPartition(of: AssentLoadOptions): readonly string[] {
	const agents = new Map<number, string>();
	for (let index = 0; agents.size < of.partitions; index++) {
		const agent = `ping-${of.run}-${index}`;
		const partition = partitionFor(layoutFor(of), { tenant: TENANT, agent, session: agent });
		if (!agents.has(partition)) agents.set(partition, agent);
	}
	return [...agents.values()];
}

if (import.meta.main) tell({ answer: await load(received<AssentLoadOptions>()) });
