/**
 * A broker that answers who it is, which topics there are and who coordinates, and treats all else as it is told: for errors of
 * the network that a real one does not make when asked to.
 */
import { createServer, type Server, type Socket } from "node:net";
import { Writer } from "../../../src/adapters/kafka/protocol/writer.ts";

/** What becomes of a request. `half`: its answer ends in the midst, and the connection with it. `noise`: bytes that are no answer. */
export const FATES = ["silence", "close", "reset", "half", "noise", "short"] as const;
export type Fate = (typeof FATES)[number];

const PARTITIONS = 2;
/** Numbers of the protocol, with the newest version that is answered or would be. */
const API = {
	Produce: [0, 7],
	Fetch: [1, 11],
	ListOffsets: [2, 3],
	Metadata: [3, 6],
	OffsetCommit: [8, 5],
	FindCoordinator: [10, 2],
	JoinGroup: [11, 5],
	Heartbeat: [12, 3],
	LeaveGroup: [13, 3],
	SyncGroup: [14, 3],
	DescribeGroups: [15, 2],
	ApiVersions: [18, 2],
	CreateTopics: [19, 3],
	DeleteRecords: [21, 1],
	DescribeConfigs: [32, 2],
} as const;
export type ApiName = keyof typeof API;

const nameOf = (key: number): ApiName | undefined =>
	(Object.keys(API) as ApiName[]).find((name) => API[name][0] === key);

export class FakeBroker {
	/** Requests that get no proper answer. */
	fate: (name: ApiName) => Fate | null = () => null;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	readonly #topics: readonly string[];
	#port = 0;

	private constructor(topics: readonly string[]) {
		this.#topics = topics;
		this.#server = createServer((socket) => {
			this.#sockets.add(socket);
			socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
			let left = Buffer.alloc(0);
			socket.on("data", (bytes) => {
				left = Buffer.concat([left, bytes]);
				while (left.length >= 4 && left.length >= 4 + left.readInt32BE(0)) {
					const request = left.subarray(4, 4 + left.readInt32BE(0));
					left = left.subarray(4 + request.length);
					this.#answer(socket, request);
				}
			});
		});
	}

	/** `topics`: by the broker's names. */
	static async open(topics: readonly string[]): Promise<FakeBroker> {
		const broker = new FakeBroker(topics);
		await new Promise<void>((resolve) => broker.#server.listen(0, "127.0.0.1", resolve));
		const address = broker.#server.address();
		if (address === null || typeof address === "string") throw new Error("no port");
		broker.#port = address.port;
		return broker;
	}

	get address(): string {
		return `127.0.0.1:${this.#port}`;
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	#answer(socket: Socket, request: Buffer): void {
		const name = nameOf(request.readInt16BE(0));
		const correlation = request.readInt32BE(4);
		const answer = name === undefined ? null : this.#properAnswer(name);
		const fate = name === undefined ? "close" : (this.fate(name) ?? (answer === null ? "silence" : null));
		const framed = (body: Buffer): Buffer => {
			const head = Buffer.alloc(8);
			head.writeInt32BE(4 + body.length, 0);
			head.writeInt32BE(correlation, 4);
			return Buffer.concat([head, body]);
		};
		const proper = framed(answer ?? Buffer.alloc(32));
		switch (fate) {
			case null:
				socket.write(proper);
				return;
			case "silence":
				return;
			case "close":
				socket.end();
				return;
			case "reset":
				socket.resetAndDestroy();
				return;
			case "half":
				socket.end(proper.subarray(0, Math.floor(proper.length / 2)));
				return;
			case "noise":
				socket.write(framed(Buffer.from(Array.from({ length: 64 }, (_, at) => (at * 37 + 11) % 256))));
				return;
			case "short":
				socket.write(framed(Buffer.alloc(1, 0x7f)));
				return;
		}
	}

	#properAnswer(name: ApiName): Buffer | null {
		const to = new Writer(1_024);
		if (name === "ApiVersions") {
			to.int16(0);
			to.int32(Object.keys(API).length);
			for (const [key, max] of Object.values(API)) for (const value of [key, 0, max]) to.int16(value);
			to.int32(0);
		} else if (name === "FindCoordinator") {
			to.int32(0);
			for (const value of [0, -1]) to.int16(value);
			this.#writeSelf(to);
		} else if (name === "Metadata") {
			for (const value of [0, 1]) to.int32(value);
			this.#writeSelf(to);
			// No rack, no name of the cluster.
			for (const value of [-1, -1]) to.int16(value);
			for (const value of [1, this.#topics.length]) to.int32(value);
			for (const topic of this.#topics) {
				to.int16(0);
				to.string(topic);
				to.int8(0);
				to.int32(PARTITIONS);
				for (let partition = 0; partition < PARTITIONS; partition++) {
					to.int16(0);
					// Partition, leader; one replica, in sync, none that is away.
					for (const value of [partition, 1, 1, 1, 1, 1, 0]) to.int32(value);
				}
			}
		} else return null;
		return Buffer.from(to.bytes());
	}

	#writeSelf(to: Writer): void {
		to.int32(1);
		to.string("127.0.0.1");
		to.int32(this.#port);
	}
}
