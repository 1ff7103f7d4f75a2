/**
 * The adapter's suites on the oldest and the newest Apache Kafka that docs/kafka.md names, each started from its own jars:
 * `npm run kafka-versions`, or with other versions as arguments.
 */
import { spawnSync } from "node:child_process";

const OLDEST_AND_NEWEST = ["3.6.2", "4.4.0"];
const SUITES = [
	"test/contract/kafka-log.test.ts",
	"test/integration/kafka-anew.test.ts",
	"test/integration/kafka-bad-input.test.ts",
	"test/integration/kafka-producers.test.ts",
];

const named = process.argv.slice(2);
const failed = (named.length === 0 ? OLDEST_AND_NEWEST : named).filter((version) => {
	process.stdout.write(`Apache Kafka ${version}\n`);
	const env = { ...process.env, ASSENT_KAFKA_VERSION: version, KAFKA_BROKERS: "" };
	return spawnSync("npx", ["vitest", "run", ...SUITES], { env, stdio: "inherit" }).status !== 0;
});
if (failed.length > 0) {
	process.stderr.write(`failed on Apache Kafka ${failed.join(", ")}\n`);
	process.exitCode = 1;
}
