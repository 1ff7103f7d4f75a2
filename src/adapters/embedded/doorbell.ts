/** The socket on which this process hears of other processes' commits. What it hears is a hint: the file has the truth. */
import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Touched } from "./messages.ts";

export interface DoorbellListener {
	onTouched(touched: Touched): void;
	/** The members of a group may have changed. */
	onMembers(): void;
}

/** Longest line that is waited for; topic names are far shorter. */
const LINE_MAX = 4 * 1024;

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
			server.listen(path, () => {
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
		const [, partition, end, topic] = /^r (\d{1,10}) (\d{1,16}) (.+)$/.exec(line) ?? [];
		if (topic === undefined) return;
		this.#listener.onTouched({ topic, partition: Number(partition), end: Number(end) });
	}
}
