import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Doorbell } from "../../../../src/adapters/embedded/doorbell.ts";
import { Membership } from "../../../../src/adapters/embedded/membership.ts";
import type { Touched } from "../../../../src/adapters/embedded/messages.ts";
import { MEMBERS_LINE, Poker, touchedLines } from "../../../../src/adapters/embedded/poker.ts";
import { isOwnSocket, isWakeSocket, wakeSocketPath } from "../../../../src/adapters/embedded/sockets.ts";
import type { GroupAnswer, Listener } from "../../../../src/adapters/embedded/writer.ts";

let folder = "";
let logPath = "";
const closers: (() => unknown)[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-wake-"));
	logPath = join(folder, "log.db");
});
afterEach(async () => {
	for (const close of closers.splice(0)) await close();
	rmSync(folder, { recursive: true, force: true });
});

describe("a poke", () => {
	it("tells a listening process which partitions grew, over one lasting connection", async () => {
		const { heard, listener, path } = await doorbell();
		const { poker, dead } = pokerOn();
		poker.poke([{ id: 1, path }], touchedLines([{ topic: "intents", partition: 3, end: 7 }]), null);
		poker.poke([{ id: 1, path }], touchedLines([{ topic: "a b", partition: 0, end: 1 }]) + MEMBERS_LINE, null);
		await until(() => heard.length === 3);
		expect(heard).toEqual([
			{ topic: "intents", partition: 3, end: 7 },
			{ topic: "a b", partition: 0, end: 1 },
			"members",
		]);
		expect(listener.callers).toBe(1);
		expect(dead).toEqual([]);
	});

	it("brings small records along to a listener of the same user, once it is connected", async () => {
		const { heard, path } = await doorbell();
		const { poker } = pokerOn();
		const records = [{ key: "k", headers: "{}", value: Buffer.from("a"), index: null }];
		const group: GroupAnswer = {
			answers: [],
			touched: [{ topic: "a b", partition: 3, end: 8 }],
			written: [{ topic: "a b", partition: 3, base: 7, timestamp: 5, records }],
			listeners: [{ id: 1, path }],
			failure: null,
			isBusy: false,
		};
		// Whose socket it is shows once it is connected.
		poker.tell(group, null);
		await until(() => heard.length === 1);
		poker.tell(group, null);
		poker.tell({ ...group, touched: [...group.touched, { topic: "compacted", partition: 0, end: 1 }] }, null);
		await until(() => heard.length === 4);
		const compacted = { topic: "compacted", partition: 0, end: 1 };
		const touched = { topic: "a b", partition: 3, end: 8 };
		const carried = { touched, base: 7, carried: '{"timestamp":5,"records":[["k","{}","YQ=="]]}' };
		expect(heard).toEqual([touched, carried, compacted, carried]);
	});

	it("is not sent to the process's own socket, nor when nothing grew", async () => {
		const { heard, path } = await doorbell();
		const { poker } = pokerOn();
		poker.poke([{ id: 1, path }], MEMBERS_LINE, path);
		poker.poke([{ id: 1, path }], touchedLines([]), null);
		poker.poke([{ id: 1, path }], touchedLines([{ topic: "t", partition: 0, end: 1 }]), null);
		await until(() => heard.length > 0);
		expect(heard).toEqual([{ topic: "t", partition: 0, end: 1 }]);
	});

	it("finds a socket that is gone, and one behind which nobody is left; the latter's file is removed", async () => {
		const { poker, dead } = pokerOn();
		const left = `${logPath}.0123456789ab.sock`;
		await leaveBehind(left);
		const listeners = [
			{ id: 1, path: `${logPath}.0123456789ac.sock` },
			{ id: 2, path: left },
		];
		poker.poke(listeners, MEMBERS_LINE, null);
		await until(() => dead.length === 2);
		expect(dead.toSorted((a, b) => a.id - b.id)).toEqual(listeners);
		expect(existsSync(left)).toBe(false);
	});

	it("never removes a file whose name is not a wake-up socket's", async () => {
		const { poker, dead } = pokerOn();
		const file = join(folder, "precious.txt");
		writeFileSync(file, "data");
		poker.poke([{ id: 1, path: file }], MEMBERS_LINE, null);
		await until(() => dead.length === 1);
		expect(existsSync(file)).toBe(true);
	});

	it("is not sent to another program's socket that a file names", async () => {
		const path = join(folder, "docker.sock");
		const heard: string[] = [];
		await listening(
			createServer((socket) => socket.on("data", (chunk) => heard.push(String(chunk)))),
			path,
		);
		const { poker, dead } = pokerOn();
		poker.poke([{ id: 1, path }], MEMBERS_LINE, null);
		await until(() => dead.length > 0);
		expect(heard).toEqual([]);
		expect(dead).toEqual([{ id: 1, path }]);
	});

	it("drops connections of listeners that are registered no more", async () => {
		const { listener, path } = await doorbell();
		const other = await doorbell();
		const { poker } = pokerOn();
		const both = [
			{ id: 1, path },
			{ id: 2, path: other.path },
		];
		poker.poke(both, MEMBERS_LINE, null);
		await until(() => listener.callers === 1 && other.listener.callers === 1);
		poker.poke([{ id: 2, path: other.path }], MEMBERS_LINE, null);
		await until(() => listener.callers === 0);
		expect(other.listener.callers).toBe(1);
	});

	it("does not pile up before a listener that reads nothing", async () => {
		const path = `${logPath}.0123456789ab.sock`;
		const server = createServer((socket) => socket.pause());
		await listening(server, path);
		const { poker } = pokerOn();
		const line = touchedLines([{ topic: "t".repeat(1_000), partition: 0, end: 1 }]);
		for (let sent = 0; sent < 2_000; sent++) {
			poker.poke([{ id: 1, path }], line, null);
			if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		expect(poker.unsent).toBeLessThan(64 * 1_024);
	});
});

describe("the doorbell", () => {
	it("ignores what is no poke, and hangs up on endless lines", async () => {
		const { heard, path } = await doorbell();
		const caller = connect(path);
		closers.push(() => caller.destroy());
		caller.on("error", () => {});
		caller.write("hello\nw 1 x 1 1 t {}\nr x 1 t\nr 1 99999999999999999999 t\nr 1 2 \n\nr 1 2 split");
		await new Promise((resolve) => setTimeout(resolve, 20));
		caller.write("-topic\n");
		await until(() => heard.length > 0);
		expect(heard).toEqual([{ topic: "split-topic", partition: 1, end: 2 }]);
		const closed = new Promise((resolve) => caller.once("close", resolve));
		caller.write("x".repeat(100_000));
		await closed;
	});

	it.skipIf(process.platform === "win32")("is there for the log's own user alone", async () => {
		const { path } = await doorbell();
		expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
	});

	it("says when there can be no socket, so that polling must do", async () => {
		const bell = new Doorbell({ onTouched: () => {}, onCarried: () => {}, onMembers: () => {} });
		expect(await bell.open(join(folder, "no-such-folder", "x.sock"))).toBe(false);
		await bell.close();
	});
});

describe("a wake-up socket's name", () => {
	it("lies beside the log, or in the folder for temporary files where that would be too long", () => {
		const near = wakeSocketPath("/data/log.db", "/tmp") ?? "";
		expect(near).toMatch(/^\/data\/log\.db\.[0-9a-f]{12}\.sock$/);
		const far = `/data/${"deep/".repeat(30)}log.db`;
		const short = wakeSocketPath(far, "/tmp") ?? "";
		expect(short).toMatch(/^\/tmp\/assent-[0-9a-f]{8}-[0-9a-f]{12}\.sock$/);
		expect(wakeSocketPath(far, `/${"tmp".repeat(40)}`)).toBeNull();
		expect(isWakeSocket(near, "/data/log.db", "/tmp")).toBe(true);
		expect(isWakeSocket(short, far, "/tmp")).toBe(true);
	});

	it.skipIf(process.platform === "win32")("is sent records only where the socket is this user's own", async () => {
		const { path } = await doorbell();
		const uid = process.getuid?.() ?? 0;
		expect(isOwnSocket(path)).toBe(true);
		expect(isOwnSocket(path, uid + 1)).toBe(false);
		expect(isOwnSocket(`${path}.gone`)).toBe(false);
	});

	it("is told from other names", () => {
		const names = ["/data/log.db", "/data/log.db-wal", "/data/log.db.x.sock", "/data/log.db.0123456789ab.sock.txt"];
		const others = [...names, "/etc/log.db.0123456789ab.sock", "/tmp/assent-00000000-0123456789ab.sock"];
		for (const name of others) expect(isWakeSocket(name, "/data/log.db", "/tmp"), name).toBe(false);
	});
});

describe("a member of a group", () => {
	it("owns everything while it is the newest, and is told by whom it was superseded", () => {
		const told: unknown[] = [];
		const membership = new Membership({
			group: "g",
			number: 5,
			partitions: [0, 1],
			listener: {
				onAssigned: (partitions) => told.push(partitions),
				onLost: (partitions, why) => void told.push([partitions, why]),
			},
		});
		const own = { id: 5, member: "own" };
		membership.observe([{ id: 3, member: "old" }, own]);
		membership.observe([own]);
		membership.observe([own, { id: 9, member: "newer" }]);
		membership.observe([own, { id: 9, member: "newer" }, { id: 10, member: "newest" }]);
		membership.observe([own]);
		membership.observe([]);
		expect(told).toEqual([
			[0, 1],
			[[0, 1], "superseded by newer"],
			[0, 1],
			[[0, 1], "its registration was removed"],
		]);
	});
});

async function doorbell() {
	const heard: (
		| Touched
		| "members"
		| { readonly touched: Touched; readonly base: number; readonly carried: string }
	)[] = [];
	const bell = new Doorbell({
		onTouched: (touched) => heard.push(touched),
		onCarried: (touched, base, carried) => heard.push({ touched, base, carried }),
		onMembers: () => heard.push("members"),
	});
	const path = wakeSocketPath(logPath) ?? "";
	expect(await bell.open(path)).toBe(true);
	closers.push(() => bell.close());
	return { heard, path, listener: bell };
}

function pokerOn() {
	const dead: Listener[] = [];
	const poker = new Poker(logPath, (listener) => dead.push(listener));
	closers.push(() => poker.close());
	return { poker, dead };
}

/** A socket's file as a killed process leaves it. */
async function leaveBehind(path: string): Promise<void> {
	const { spawnSync } = await import("node:child_process");
	const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
	spawnSync(process.execPath, ["-e", script]);
	expect(existsSync(path)).toBe(true);
}

async function listening(server: Server, path: string): Promise<void> {
	closers.push(() => server.close());
	await new Promise<void>((resolve) => server.listen(path, resolve));
}

async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
