/** Processors of a test file: each that was started is drained after its test, unless the test stopped it. */
import { afterEach } from "vitest";
import type { Processor } from "../../src/processor/processor.ts";
import { type LogWorld, startProcessor } from "./world.ts";

const running: Processor[] = [];

export async function start(world: LogWorld, options: Parameters<typeof startProcessor>[1] = {}) {
	const started = await startProcessor(world, options);
	running.push(started.processor);
	return started;
}

export const stop = async (): Promise<void> => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
};

afterEach(stop);
