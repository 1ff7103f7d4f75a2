/** Brokers whose answers have lengths that cannot be: an error of the log, and nothing else. */
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openKafkaLog } from "../../../../../src/adapters/kafka/open.ts";

const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) server.close();
});

/** Answers whatever it is asked with the same bytes; its address. */
async function brokerThatSays(bytes: Buffer): Promise<string> {
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.on("data", () => socket.write(bytes));
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	return `127.0.0.1:${address.port}`;
}

const framed = (length: number, rest: Buffer = Buffer.alloc(64, 1)): Buffer => {
	const head = Buffer.alloc(4);
	head.writeInt32BE(length);
	return Buffer.concat([head, rest]);
};

describe("a broker that answers with", () => {
	it.each([
		["an answer too short for its number", framed(2)],
		["a negative length", framed(-4)],
		["a length that goes back before the answer", framed(-2_147_483_648)],
		["a length of two gigabytes", framed(2_147_483_647)],
		["an answer to nobody", framed(12)],
		["zeros", Buffer.alloc(4_096)],
		["an HTTP error", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
	])("%s is one that cannot be reached", async (_, bytes) => {
		for (const sasl of [undefined, { mechanism: "plain", username: "u", password: "p" } as const]) {
			const opened = openKafkaLog({
				brokers: [await brokerThatSays(bytes)],
				prefix: "p.",
				requestTimeoutMs: 1_000,
				connectTimeoutMs: 1_000,
				...(sasl === undefined ? {} : { sasl }),
			});
			await expect(opened).rejects.toMatchObject({ code: expect.stringMatching(/^ASSENT_LOG_(UNAVAILABLE|DENIED)$/) });
		}
	});
});
