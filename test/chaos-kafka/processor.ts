/**
 * A processor with a planted bug: `node processor.ts --config FILE --instance NAME --plant dense|short|dedupe`. Behaves as
 * `assent processor --json` does otherwise: says `ready`, drains on SIGTERM, exits with 0; with 3 when it ends by itself.
 */

import { parseArgs } from "node:util";
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { logger } from "../../src/adapters/pino/logger.ts";
import { openConfigured, readConfig } from "../../src/app/config/config.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { Processor } from "../../src/processor/processor.ts";
import { PLANTS, planted } from "./plants.ts";

const { values } = parseArgs({
	options: { config: { type: "string" }, instance: { type: "string" }, plant: { type: "string" } },
});
const plant = PLANTS.find((name) => name === values.plant);
if (plant === undefined || values.instance === undefined)
	throw new Error("name an --instance, and a --plant of plants.ts");

const config = await readConfig({ file: values.config, log: undefined, env: {} });
const log = await openConfigured(config, { create: false });
const processor = new Processor({
	verifierOf,
	log: planted(plant, log),
	instance: values.instance,
	layout: config.layout,
	clock: systemClock,
	telemetry: logger("warn"),
	snapshotEvery: config.snapshotEvery,
});
process.on("SIGTERM", () => void processor.drain());
await processor.start();
process.stdout.write(`${JSON.stringify({ event: "ready" })}\n`);
// Waiting for a broker that is away holds no process.
setInterval(() => {}, 60_000);
const failure = await processor.ended;
await log.close();
if (failure !== null) process.stderr.write(`${failure.code}: ${failure.message}\n`);
process.exit(failure === null ? 0 : 3);
