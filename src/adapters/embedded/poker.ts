/** Tells other processes of new records: a line to each socket that is registered in the file, right after the commit. */
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Touched } from "./messages.ts";
import { isWakeSocket, mayBeWakeSocket } from "./sockets.ts";
import type { Listener } from "./writer.ts";

/** A listener that reads nothing is not written to beyond this; it finds the records by polling. */
const UNREAD_MAX = 16 * 1024;

export const MEMBERS_LINE = "m\n";

/** `r <partition> <end> <topic>` for each partition that grew. */
export const touchedLines = (touched: readonly Touched[]): string =>
	touched.map(({ topic, partition, end }) => `r ${partition} ${end} ${topic}\n`).join("");

export class Poker {
	readonly #logPath: string;
	readonly #onDead: (listener: Listener) => void;
	readonly #sockets = new Map<number, Socket>();

	/** `onDead` hears of a listener behind whose socket nobody is left. */
	constructor(logPath: string, onDead: (listener: Listener) => void) {
		this.#logPath = logPath;
		this.#onDead = onDead;
	}

	/** Writes `lines` to all but the process's own socket `own`. Never throws, never waits. */
	poke(listeners: readonly Listener[], lines: string, own: string | null): void {
		if (lines === "") return;
		for (const listener of listeners) {
			if (listener.path === own) continue;
			if (!mayBeWakeSocket(listener.path)) {
				this.#onDead(listener);
				continue;
			}
			const socket = this.#sockets.get(listener.id) ?? this.#connect(listener);
			if (socket.writableLength < UNREAD_MAX) socket.write(lines);
		}
		if (this.#sockets.size > listeners.length) this.#dropUnregistered(listeners);
	}

	/** Bytes that listeners have not taken yet. */
	get unsent(): number {
		return [...this.#sockets.values()].reduce((sum, socket) => sum + socket.writableLength, 0);
	}

	close(): void {
		for (const socket of this.#sockets.values()) socket.destroy();
		this.#sockets.clear();
	}

	#connect(listener: Listener): Socket {
		const socket = connect(listener.path);
		socket.unref();
		this.#sockets.set(listener.id, socket);
		socket.on("error", (error) => {
			const code = "code" in error ? error.code : "";
			// A killed process leaves its socket's file; nobody accepts there any more.
			if (code === "ECONNREFUSED" && isWakeSocket(listener.path, this.#logPath)) rmSync(listener.path, { force: true });
			if (code === "ECONNREFUSED" || code === "ENOENT") this.#onDead(listener);
		});
		socket.on("close", () => {
			if (this.#sockets.get(listener.id) === socket) this.#sockets.delete(listener.id);
		});
		return socket;
	}

	#dropUnregistered(listeners: readonly Listener[]): void {
		const registered = new Set(listeners.map((listener) => listener.id));
		for (const [id, socket] of [...this.#sockets]) {
			if (registered.has(id)) continue;
			this.#sockets.delete(id);
			socket.destroy();
		}
	}
}
