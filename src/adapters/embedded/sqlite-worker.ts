/** The log's own thread: hands messages to the engine, everything that has arrived at a time. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Engine } from "./engine.ts";
import { type Request, thrownError } from "./messages.ts";
import { LogWriter } from "./writer.ts";

/** Most messages in one group, and about the most bytes. */
const REQUESTS_MAX = 2_000;
const GROUP_BYTES = 4 * 1024 * 1024;

const port = parentPort;
if (port !== null) {
	try {
		const path = String(workerData);
		const engine = new Engine(path, new LogWriter(path), (answer) => port.postMessage(answer));
		port.on("message", (first: Request) => {
			const requests = [first];
			let bytes = sizeOf(first);
			while (requests.length < REQUESTS_MAX && bytes < GROUP_BYTES) {
				const next: { message: Request } | undefined = receiveMessageOnPort(port);
				if (next === undefined) break;
				requests.push(next.message);
				bytes += sizeOf(next.message);
			}
			engine.handle(requests);
			const last = requests.at(-1);
			if (last?.kind === "call" && last.call.kind === "close") port.close();
		});
		port.postMessage({ kind: "ready" });
	} catch (thrown) {
		port.postMessage({ kind: "refused", thrown: thrownError(thrown) });
		port.close();
	}
}

function sizeOf(request: Request): number {
	return request.kind === "append" ? request.frame.byteLength : 0;
}
