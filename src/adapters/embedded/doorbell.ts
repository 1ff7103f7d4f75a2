/**
 * The socket on which this process hears of other processes' commits, and small records with them. Only the log's own user
 * can connect to it, who can write the file as well: what is heard is believed.
 */
import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { isMainThread } from "node:worker_threads";
import type { Offset } from "../../core/model/units.ts";
import type { Touched } from "./messages.ts";

export interface DoorbellListener {
	onTouched(touched: Touched): void;
	/** Records from `base` on came along, as `CarriedRecords`; the partition ends behind them. */
	onCarried(touched: Touched, base: Offset, carried: string): void;
	/** The members of a group may have changed. */
	onMembers(): void;
}

/** Longest line that is waited for; records that are carried are shorter. */
const LINE_MAX = 64 * 1024;

export class Doorbell {
	readonly #listener: DoorbellListener;
	readonly #callers = new Set<Socket>();
	#server: Server | null = null;

	constructor(listener: DoorbellListener) {
		this.#listener = listener;
	}

	/** Processes that are connected now. */
	get callers(): number {
		return this.#callers.size;
	}

	/** False if no socket can be had there: records are then found by polling alone. */
	open(path: string): Promise<boolean> {
		const server = createServer((caller) => this.#admit(caller));
		this.#server = server;
		return new Promise((resolve) => {
			server.once("error", () => resolve(false));
			listenPrivately(server, path, () => {
				// Whoever may not read the log has nothing to say to its processes either; pipes of Windows have no modes.
				if (process.platform !== "win32") chmodSync(path, 0o600);
				server.removeAllListeners("error");
				server.on("error", () => {});
				server.unref();
				resolve(true);
			});
		});
	}

	/** Closes the socket and removes its file. */
	async close(): Promise<void> {
		for (const caller of this.#callers) caller.destroy();
		const server = this.#server;
		if (server === null || !server.listening) return;
		await new Promise<void>((resolve) => server.close(() => resolve()));
	}

	#admit(caller: Socket): void {
		this.#callers.add(caller);
		caller.unref();
		caller.setEncoding("utf8");
		let rest = "";
		caller.on("data", (chunk) => {
			const lines = (rest + String(chunk)).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines) this.#hear(line);
			if (rest.length > LINE_MAX) caller.destroy();
		});
		caller.on("error", () => {});
		caller.on("close", () => this.#callers.delete(caller));
	}

	#hear(line: string): void {
		if (line === "m") this.#listener.onMembers();
		if (line.startsWith("w ")) this.#hearCarried(line);
		const [, partition, end, topic] = /^r (\d{1,10}) (\d{1,16}) (.+)$/.exec(line) ?? [];
		if (topic === undefined) return;
		this.#listener.onTouched({ topic, partition: Number(partition), end: Number(end) });
	}

	#hearCarried(line: string): void {
		const [head, partition, base, count, length] = /^w (\d{1,10}) (\d{1,16}) (\d{1,6}) (\d{1,4}) /.exec(line) ?? [];
		if (head === undefined) return;
		const topicEnd = head.length + Number(length);
		const topic = line.slice(head.length, topicEnd);
		const touched = { topic, partition: Number(partition), end: Number(base) + Number(count) };
		this.#listener.onCarried(touched, Number(base), line.slice(topicEnd + 1));
	}
}

/** A socket is for its owner alone from its first moment on; threads other than the main one cannot see to that, and `open` does so later. */
function listenPrivately(server: Server, path: string, onListening: () => void): void {
	if (process.platform === "win32" || !isMainThread) {
		server.listen(path, onListening);
		return;
	}
	const mask = process.umask(0o177);
	try {
		server.listen(path, onListening);
	} finally {
		process.umask(mask);
	}
}
