/** Ports that nobody listens on. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that systems hand out for outgoing connections: a client that knocks at a killed broker's port must not
 * be given that very port as its own, or it connects to itself and the broker cannot come back.
 */
const LOWEST = 12_000;
/** Ports of one test process: two that look at the same time do not find the same one. */
const SHARE = 1_500;
const FIRST = LOWEST + SHARE * (Number(process.env["VITEST_POOL_ID"] ?? 0) % 12);

/** `count` different free ports on 127.0.0.1. */
export async function freePorts(count: number): Promise<readonly number[]> {
	const found = new Set<number>();
	for (let tried = 0; found.size < count; tried++) {
		if (tried > 1_000) throw new Error(`found ${found.size} of ${count} free ports after ${tried} tries`);
		const port = randomInt(FIRST, FIRST + SHARE);
		if (await isFree(port)) found.add(port);
	}
	return [...found];
}

/** Whether one can listen on 127.0.0.1:`port`. */
export function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
	});
}
