/** A deployment on a test cluster: its configuration file, its topics, its policies, and handles on its log. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openConfigured, readConfig } from "../../src/app/config/config.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { type Layout, partitionFor } from "../../src/core/model/layout.ts";
import { activatePolicies } from "../../src/operations/activation.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import type { KafkaCluster } from "../support/kafka/cluster.ts";

const PARTITIONS = 12;
const AGENTS_EACH = 2;

export interface Deployment {
	/** Of topics, with the dot. */
	readonly prefix: string;
	/** Path of the configuration file of who comes in by this door, or by none. */
	config(door: string | null): string;
	readonly layout: Layout;
	/** Agents of every partition. */
	readonly agents: readonly (readonly string[])[];
	open(door?: string | null): Promise<Log>;
	/** Puts the policy into force once more, as an operator does: a control record on every partition. */
	activate(log: Log): Promise<void>;
}

/** Makes the topics and puts the policy into force. */
export async function deploy(of: {
	readonly folder: string;
	readonly cluster: Pick<KafkaCluster, "brokers" | "doors">;
	readonly prefix: string;
	readonly sessionMs: number;
	readonly snapshotEvery: number;
}): Promise<Deployment> {
	const { cluster } = of;
	const fileOf = (door: string | null): string => join(of.folder, `${door ?? of.prefix}.yaml`);
	for (const [door, { brokers }] of [[null, cluster] as const, ...cluster.doors])
		writeConfig(fileOf(door), brokers, of);
	const config = await readConfig({ file: fileOf(null), log: undefined, env: {} });
	const policies = await loadPolicies(
		[join(import.meta.dirname, "..", "kill-loop", "policy.yaml")],
		config.layout.budgetRoot,
	);
	if (!policies.ok) throw new Error(JSON.stringify(policies.error));
	const { sources, compiled } = policies.value;
	const { layout } = config;
	const deployment: Deployment = {
		prefix: `${of.prefix}.`,
		config: fileOf,
		layout,
		agents: agentsOf(layout),
		open: async (door = null) =>
			openConfigured(await readConfig({ file: fileOf(door), log: undefined, env: {} }), { create: true }),
		activate: async (log) => {
			await activatePolicies(log, { layout, sources, digest: compiled.digest, by: "chaos", now: Date.now() });
		},
	};
	const log = await deployment.open();
	try {
		await log.admin().createTopics(topicSpecs(layout));
		await deployment.activate(log);
	} finally {
		await log.close();
	}
	return deployment;
}

function writeConfig(
	file: string,
	brokers: readonly string[],
	of: { readonly prefix: string; readonly sessionMs: number; readonly snapshotEvery: number },
): void {
	writeFileSync(
		file,
		[
			`log: kafka://${brokers.join(",")}/${of.prefix}`,
			`layout: { partitions: ${PARTITIONS}, budgetRoot: tenant/agent, dedupe: 3m, session: 4m }`,
			`snapshotEvery: ${of.snapshotEvery}`,
			`kafka: { sessionTimeout: ${of.sessionMs / 1_000}s }`,
			"",
		].join("\n"),
	);
}

/** Names that fall to each partition, so that none is without work. */
function agentsOf(layout: Layout): readonly (readonly string[])[] {
	const found = Array.from({ length: layout.partitions }, (): string[] => []);
	for (let at = 0; found.some((names) => names.length < AGENTS_EACH); at++) {
		const agent = `agent-${at}`;
		const names = found[partitionFor(layout, { tenant: "acme", agent, session: "" })];
		if (names !== undefined && names.length < AGENTS_EACH) names.push(agent);
	}
	return found;
}
