/** Tells other processes of new records: a line to each socket that is registered in the file, right after the commit. */
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { EpochMs } from "../../core/model/units.ts";
import type { Touched } from "./messages.ts";
import { isOwnSocket, isWakeSocket, mayBeWakeSocket } from "./sockets.ts";
import type { GroupAnswer, Listener } from "./writer.ts";

/** A listener that reads nothing is not written to beyond this; it finds the records by polling. */
const UNREAD_MAX = 16 * 1024;

/** Records that weigh more than this are not sent along: reading them from the file is no longer the slow part. */
const CARRIED_BYTES_MAX = 16 * 1024;

export const MEMBERS_LINE = "m\n";

/** `r <partition> <end> <topic>` for each partition that grew. */
export const touchedLines = (touched: readonly Touched[]): string =>
	touched.map(({ topic, partition, end }) => `r ${partition} ${end} ${topic}\n`).join("");

/**
 * The records themselves, so that a process that waits for them need not ask the file: for each append
 * `w <partition> <base> <records> <length of topic> <topic> <JSON of CarriedRecords>`, in place of `touchedLines`, which still
 * tell of what cannot be carried, and of the ledger: who follows that is in no hurry. Null: the records are too large.
 */
export function writtenLines({ touched, written }: Pick<GroupAnswer, "touched" | "written">): string | null {
	let bytes = 0;
	const places = new Set<string>();
	const awaited = written.filter(({ records }) => records.every(({ index }) => index === null));
	for (const { topic, partition, records } of awaited) {
		places.add(`${partition}/${topic}`);
		for (const { value, headers } of records) bytes += value.length + headers.length;
	}
	if (bytes > CARRIED_BYTES_MAX) return null;
	const others = touched.filter(({ topic, partition }) => !places.has(`${partition}/${topic}`));
	return (
		touchedLines(others) +
		awaited
			.map(({ topic, partition, base, timestamp, records }) => {
				const carried: CarriedRecords = {
					timestamp,
					records: records.map(({ key, headers, value }) => [
						key === null ? null : textOf(key).toWellFormed(),
						textOf(headers),
						base64Of(value),
					]),
				};
				return `w ${partition} ${base} ${records.length} ${topic.length} ${topic} ${JSON.stringify(carried)}\n`;
			})
			.join("")
	);
}

/** Key, headers as JSON and value in base64 of each record. */
export interface CarriedRecords {
	readonly timestamp: EpochMs;
	readonly records: readonly (readonly [string | null, string, string])[];
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const textOf = (text: string | Uint8Array): string =>
	typeof text === "string" ? text : bufferOf(text).toString("utf8");
const base64Of = (bytes: Uint8Array): string => bufferOf(bytes).toString("base64");

export class Poker {
	readonly #logPath: string;
	readonly #onDead: (listener: Listener) => void;
	readonly #sockets = new Map<number, Socket>();
	/** Connected, and to be told of records themselves. */
	readonly #trusted = new WeakSet<Socket>();

	/** `onDead` hears of a listener behind whose socket nobody is left. */
	constructor(logPath: string, onDead: (listener: Listener) => void) {
		this.#logPath = logPath;
		this.#onDead = onDead;
	}

	/** Tells of what a group wrote, with the records where the listener is of this user and keeps up. */
	tell(group: GroupAnswer, own: string | null): void {
		let carrying: string | null | undefined;
		this.poke(group.listeners, touchedLines(group.touched), own, () => {
			if (carrying === undefined) carrying = writtenLines(group);
			return carrying;
		});
	}

	/**
	 * Writes `lines` to all but the process's own socket `own`, or what `instead` gives to those that have read all before.
	 * Never throws, never waits.
	 */
	poke(
		listeners: readonly Listener[],
		lines: string,
		own: string | null,
		instead: () => string | null = () => null,
	): void {
		if (lines === "") return;
		for (const listener of listeners) {
			if (listener.path === own) continue;
			if (!mayBeWakeSocket(listener.path)) {
				this.#onDead(listener);
				continue;
			}
			const socket = this.#sockets.get(listener.id) ?? this.#connect(listener);
			const unread = socket.writableLength;
			if (unread < UNREAD_MAX) socket.write((unread === 0 && this.#trusted.has(socket) ? instead() : null) ?? lines);
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
		socket.on("connect", () => {
			if (isOwnSocket(listener.path)) this.#trusted.add(socket);
		});
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
