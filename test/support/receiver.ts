/** A receiver of webhooks, on loopback, that answers as a test says. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Received {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly id: string;
	readonly body: string;
}

export interface Receiver {
	readonly url: string;
	readonly received: readonly Received[];
	/** The answer to each message: its status, or nothing at all. */
	answer: (message: Received) => number | null | { readonly status: number; readonly headers: Record<string, string> };
}

export async function startReceiver(): Promise<Receiver> {
	const received: Received[] = [];
	const receiver: { -readonly [Key in keyof Receiver]: Receiver[Key] } = { url: "", received, answer: () => 204 };
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const { headers, url: path = "" } = request;
			const message = { path, headers, id: String(headers["webhook-id"]), body: Buffer.concat(chunks).toString() };
			received.push(message);
			const answer = receiver.answer(message);
			if (answer === null) return;
			if (typeof answer === "number") response.writeHead(answer).end();
			else response.writeHead(answer.status, answer.headers).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return receiver;
}
