/** Where the engine runs: on a thread of its own, or on the caller's (short commands, tests). */
import { Worker } from "node:worker_threads";
import { threadFile } from "../thread-file.ts";
import { Engine } from "./engine.ts";
import { type Answer, asError, type Request } from "./messages.ts";
import { LogWriter } from "./writer.ts";

export interface EngineThread {
	post(request: Request): void;
	/** Whether the process stays alive for this thread: only while an answer is awaited. */
	keepAlive(isNeeded: boolean): void;
	stop(): Promise<void>;
}

export interface ThreadListener {
	onAnswer(answer: Answer): void;
	/** The thread died; nobody can tell what became of its requests. */
	onDied(why: string): void;
}

/** Resolves when the file is open; throws what opening it throws. */
export function startWorker(path: string, listener: ThreadListener): Promise<EngineThread> {
	const worker = new Worker(threadFile("sqlite", import.meta), { workerData: path, name: "assent-log" });
	const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
	let isStopping = false;
	return new Promise((resolve, reject) => {
		worker.on("message", (answer: Answer) => {
			if (answer.kind === "ready") {
				worker.unref();
				resolve({
					post: (request) => {
						if (request.kind === "call" && request.call.kind === "close") isStopping = true;
						worker.postMessage(request, request.kind === "append" ? [request.frame.buffer as ArrayBuffer] : []);
					},
					keepAlive: (isNeeded) => (isNeeded ? worker.ref() : worker.unref()),
					stop: async () => {
						if (!isStopping) await worker.terminate();
						worker.ref();
						await exited;
					},
				});
			} else if (answer.kind === "refused") {
				isStopping = true;
				reject(asError(answer.thrown));
			} else listener.onAnswer(answer);
		});
		worker.on("error", (error) => {
			reject(error);
			if (!isStopping) listener.onDied(error instanceof Error ? error.message : String(error));
		});
		worker.on("exit", (code) => {
			if (!isStopping) listener.onDied(`the log's thread ended with code ${code}`);
		});
	});
}

/** The engine on this thread; requests are taken up at the end of the current turn, together. */
export async function startInline(
	path: string,
	listener: ThreadListener,
	writer = new LogWriter(path),
): Promise<EngineThread> {
	const engine = new Engine(path, writer, (answer) => listener.onAnswer(answer));
	let queue: Request[] = [];
	return {
		post: (request) => {
			queue.push(request);
			if (queue.length > 1) return;
			setImmediate(() => {
				const requests = queue;
				queue = [];
				engine.handle(requests);
			});
		},
		keepAlive: () => {},
		stop: async () => engine.close(),
	};
}
