/** `npm run kafka`: a real Kafka for a developer, until Ctrl-C. Options: `--nodes 3`, `--port 9092`. */
import { parseArgs } from "node:util";
import { startKafka } from "./cluster.ts";
import { whatIsMissing } from "./installation.ts";
import { isFree } from "./ports.ts";

const PORT = 9092;

const USAGE = `npm run kafka -- [--nodes 1|3] [--port ${PORT}]

Runs a real Kafka on this machine until Ctrl-C, and removes what it held.
  --nodes   brokers: 1 (default) or 3
  --port    of the first broker (default ${PORT}, or a free one where that is taken)`;

const values = optionsOf();
if (values.help) {
	console.log(USAGE);
	process.exit(0);
}
const nodes = values.nodes === "3" ? 3 : 1;
if (values.nodes !== String(nodes)) fail(`--nodes is 1 or 3, not \`${values.nodes}\``);
const first = Number(values.port ?? PORT);
if (!Number.isInteger(first) || first < 1 || first + nodes > 65_536) fail(`--port is not a port: \`${values.port}\``);
const missing = whatIsMissing();
if (missing !== null) fail(`a broker needs ${missing}`);

const wanted = Array.from({ length: nodes }, (_, at) => first + at);
const areFree = (await Promise.all(wanted.map(isFree))).every(Boolean);
if (!areFree && values.port !== undefined) fail(`port ${wanted.join(" or ")} is taken`);
if (!areFree) console.error(`port ${wanted.join(" or ")} is taken; taking free ones`);

const interrupted = new Promise<void>((resolve) => {
	process.once("SIGINT", resolve).once("SIGTERM", resolve);
});
console.error(`starting Kafka with ${nodes === 1 ? "one broker" : "three brokers"}; the first time it is fetched`);
const starting = startKafka({ nodes, ...(areFree ? { ports: wanted } : {}) });
// Interrupted while starting: what was started ends with this process.
const cluster = await Promise.race([starting, interrupted]);
if (cluster === undefined) process.exit(130);
console.log(`Kafka answers at ${cluster.address}; Ctrl-C stops it and removes what it holds`);
console.log(`export ASSENT_LOG=kafka://${cluster.address}`);
await interrupted;
await cluster.stop();
process.exit(0);

function optionsOf() {
	const options = {
		nodes: { type: "string", default: "1" },
		port: { type: "string" },
		help: { type: "boolean", short: "h", default: false },
	} as const;
	try {
		return parseArgs({ options }).values;
	} catch (thrown) {
		return fail(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${USAGE}`);
	}
}

function fail(message: string): never {
	console.error(message);
	process.exit(2);
}
