/** One key that sends one request as often as it is told to, or as fast as it is answered: a thread of its own, beside those who wait. */
import { connect, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

export interface BusyKey {
	readonly url: string;
	readonly key: string;
	readonly body: string;
	readonly connections: number;
	/** Of all connections; null: each sends again as soon as it is answered. */
	readonly perSecond: number | null;
}

/** What it was answered, by status. */
export type Answers = Readonly<Record<string, number>>;

const { url, key, body, connections, perSecond } = workerData as BusyKey;
const { hostname, port } = new URL(url);
const bytes = Buffer.from(body);
const request = Buffer.concat([
	Buffer.from(
		`POST /v1/intents HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`,
	),
	bytes,
]);
const answers: Record<string, number> = {};
const startedAt = performance.now();
let sent = 0;
let isEnding = false;

function open(): Socket {
	const socket = connect({ host: hostname, port: Number(port) });
	socket.setNoDelay(true);
	socket.on("connect", () => next(socket));
	socket.on("data", (chunk) => {
		for (const [, status = ""] of String(chunk).matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
			answers[status] = (answers[status] ?? 0) + 1;
			next(socket);
		}
	});
	socket.on("error", () => {});
	socket.on("close", () => {
		sockets.delete(socket);
		if (!isEnding) sockets.add(open());
	});
	return socket;
}

/** When its turn has come. */
function next(socket: Socket): void {
	if (isEnding || socket.destroyed) return;
	const due = perSecond === null ? 0 : startedAt + (sent++ * 1_000) / perSecond - performance.now();
	if (due < 1) socket.write(request);
	else setTimeout(() => socket.destroyed || socket.write(request), due);
}

const sockets = new Set<Socket>();
for (let each = 0; each < connections; each++) sockets.add(open());

parentPort?.once("message", () => {
	isEnding = true;
	for (const socket of sockets) socket.destroy();
	parentPort?.postMessage(answers);
});
