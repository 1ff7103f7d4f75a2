/**
 * Where the suites get their Kafka from, in this order: brokers that `KAFKA_BROKERS` names, the service `kafka` of the
 * project's `docker-compose.yml` when a Docker engine runs, or Apache Kafka's own jars on this machine's Java.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { KafkaCluster } from "./cluster.ts";
import { whatIsMissing } from "./installation.ts";

export type KafkaSource = "given" | "docker" | "maven";

/** `any`: some broker. `own`: brokers that a suite starts for itself, to break or to configure them. */
export type KafkaNeed = "any" | "own";

const PROJECT = resolve(import.meta.dirname, "../../..");
const COMPOSED = "127.0.0.1:9092";
/** Pulling the image takes what it takes. */
const COMPOSE_MS = 600_000;

/** Where a broker would come from; null when there is nowhere. Asks the machine anew each time, for up to seconds. */
export function kafkaSource(): KafkaSource | null {
	if (givenBrokers().length > 0) return "given";
	if (hasDocker()) return "docker";
	return whatIsMissing() === null ? "maven" : null;
}

/** What is needed and not there, as a sentence for people; null when nothing is. */
export function whyNoKafka(need: KafkaNeed): string | null {
	const missing = whatIsMissing();
	if (missing === null || (need === "any" && kafkaSource() !== null)) return null;
	const own = `install ${missing}`;
	return need === "own" ? own : `${own}, or start a Docker engine, or name brokers in KAFKA_BROKERS`;
}

/** The cluster of `KAFKA_BROKERS` or of Docker, which stays up. Throws what Docker says. */
export function foreignKafka(source: "given" | "docker"): KafkaCluster {
	if (source === "docker") composeUp();
	const brokers = source === "docker" ? [COMPOSED] : givenBrokers();
	return {
		brokers,
		address: brokers.join(","),
		access: { kind: "plaintext" },
		nodes: [],
		doors: new Map(),
		stop: () => Promise.resolve(),
	};
}

const givenBrokers = (): readonly string[] =>
	(process.env["KAFKA_BROKERS"] ?? "")
		.split(",")
		.map((each) => each.trim())
		.filter((each) => each !== "");

function hasDocker(): boolean {
	if (!existsSync(join(PROJECT, "docker-compose.yml"))) return false;
	return [["info"], ["compose", "version"]].every(
		(args) => spawnSync("docker", args, { stdio: "ignore", timeout: 10_000 }).status === 0,
	);
}

function composeUp(): void {
	const up = spawnSync("docker", ["compose", "up", "-d", "--wait", "kafka"], {
		cwd: PROJECT,
		encoding: "utf8",
		timeout: COMPOSE_MS,
	});
	if (up.status !== 0) throw new Error(`\`docker compose up -d --wait kafka\` failed:\n${up.stderr || up.error}`);
}
